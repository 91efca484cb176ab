"""Python and numpy times: aware ones go round, naive ones and leap seconds are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.time import (
    LeapSeconds,
    TimeScale,
    as_instants,
    datetime64_from_tai,
    datetime_from_tai,
    format_time,
    parse_utc,
    tai_from_datetime,
    tai_from_datetime64,
    tai_from_datetimes,
    tai_from_utc_julian_date,
    tdb_seconds,
    tt_seconds,
    utc_julian_date,
)
from syzygy.base.errors import CoverageError, FormatError, InputError, TimeScaleError

FIRST, LAST = datetime(1972, 1, 3), datetime(2026, 1, 1)  # noqa: DTZ001 (hypothesis wants naive bounds)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))])


def test_a_naive_datetime_is_refused(leap_seconds):
    with pytest.raises(TimeScaleError, match=r"without a time zone.*tzinfo"):
        tai_from_datetime(datetime(2020, 1, 1), leap_seconds)  # noqa: DTZ001


@given(st.datetimes(FIRST, LAST, timezones=ZONES))
def test_aware_datetimes_return(leap_seconds, moment):
    assert datetime_from_tai(tai_from_datetime(moment, leap_seconds), leap_seconds) == moment


def test_datetimes_of_two_zones_are_one_instant(leap_seconds):
    moscow = datetime(2020, 6, 25, 15, tzinfo=timezone(timedelta(hours=3)))
    beijing = datetime(2020, 6, 25, 20, tzinfo=timezone(timedelta(hours=8)))
    tai = tai_from_datetimes([moscow, beijing], leap_seconds)
    assert tai.tolist() == [parse_utc("2020-06-25T12:00:00", leap_seconds)] * 2


@given(st.integers(63_158_400 * 10**9, 1_780_000_000 * 10**9))
def test_datetime64_returns_to_the_nanosecond(leap_seconds, utc_ns):
    moment = np.datetime64(utc_ns, "ns")
    assert datetime64_from_tai(tai_from_datetime64(moment, leap_seconds), leap_seconds) == moment


@pytest.mark.parametrize("unit", ["D", "h", "m", "s", "ms", "us", "ns"])
def test_every_unit_of_datetime64_is_understood(leap_seconds, unit):
    tai = tai_from_datetime64(np.array(["2020-06-25"], dtype=f"datetime64[{unit}]"), leap_seconds)
    assert tai.tolist() == [parse_utc("2020-06-25", leap_seconds)]


def test_not_a_time_and_other_types_are_refused(leap_seconds):
    with pytest.raises(FormatError, match="datetime64"):
        tai_from_datetime64(np.array(["2020-01-01", "NaT"], dtype="datetime64[s]"), leap_seconds)
    with pytest.raises(FormatError, match="datetime64"):
        tai_from_datetime64(np.array([5]), leap_seconds)


def test_far_datetime64_is_refused_not_wrapped(leap_seconds):
    with pytest.raises(CoverageError):
        tai_from_datetime64(np.array(["3000-01-01"], dtype="datetime64[D]"), leap_seconds)


def test_an_instant_inside_a_leap_second_is_refused(leap_seconds):
    tai = parse_utc("2016-12-31T23:59:60.5", leap_seconds)
    with pytest.raises(CoverageError, match="leap second"):
        datetime64_from_tai([tai], leap_seconds)
    with pytest.raises(CoverageError, match="leap second"):
        datetime_from_tai(tai, leap_seconds)


@given(st.integers(63_072_010 * 10**9, 1_800_000_000 * 10**9))
def test_utc_julian_dates_return_to_the_nanosecond(leap_seconds, tai):
    assert tai_from_utc_julian_date(*utc_julian_date(tai, leap_seconds), leap_seconds) == tai


@pytest.mark.parametrize("offset_ns", [-1, 0, 1, 999_999_999, 10**9])
def test_julian_dates_keep_the_leap_second_apart(leap_seconds, offset_ns):
    tai = parse_utc("2016-12-31T23:59:60", leap_seconds) + offset_ns
    assert tai_from_utc_julian_date(*utc_julian_date(tai, leap_seconds), leap_seconds) == tai


@given(st.floats(2_442_000.0, 2_460_000.0), st.floats(-1.0, 1.0))
def test_any_split_of_a_julian_date_means_the_same(leap_seconds, jd, fraction):
    whole = np.floor(jd - 0.5) + 0.5
    split = tai_from_utc_julian_date(whole, (jd - whole) + fraction, leap_seconds)
    # The parts are rounded on their own, each to half a nanosecond.
    assert abs(int(tai_from_utc_julian_date(jd, fraction, leap_seconds)) - int(split)) <= 12


@pytest.mark.parametrize("jd", [np.nan, np.inf, 0.0, 5e9])
def test_a_julian_date_that_is_no_date_is_refused(leap_seconds, jd):
    with pytest.raises(CoverageError):
        tai_from_utc_julian_date(jd, 0.0, leap_seconds)


def test_floats_and_datetimes_are_no_instants():
    for value in (1.5, np.array([1.0]), np.datetime64("2020-01-01"), "2020", None, 2**63):
        with pytest.raises(TimeScaleError, match="whole number"):
            as_instants(value)
    assert as_instants(np.int32(5)).dtype == np.int64


@pytest.mark.parametrize("tai", [-(2**63), 2**63 - 1])
def test_the_ends_of_64_bits_are_refused(leap_seconds, tai):
    for task in (tdb_seconds, tt_seconds, lambda value: format_time(value, TimeScale.TT)):
        with pytest.raises(CoverageError):
            task(tai)
    with pytest.raises(CoverageError, match="1710"):
        tdb_seconds(-9 * 10**18)
    assert tt_seconds(-9 * 10**18)[0] == -9 * 10**9 + 32 - 946_728_000


def test_unsound_leap_second_tables_are_refused():
    for days, offsets in (([], []), ([1, 2], [10]), ([2, 1], [10, 11]), ([1, 2], [10, 12])):
        with pytest.raises(InputError, match="not sound"):
            LeapSeconds(days, offsets, 0)


def test_a_second_can_also_be_left_out():
    table = LeapSeconds([730, 912], [10, 9], 10**18)
    before = parse_utc("1972-06-30T23:59:58.5", table)
    assert parse_utc("1972-07-01T00:00:00", table) - before == 500_000_000
    with pytest.raises(FormatError):
        parse_utc("1972-06-30T23:59:59.5", table)
