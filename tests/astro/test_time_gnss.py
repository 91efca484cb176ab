"""GPS, Galileo, BeiDou and GLONASS counts: the oracle table, round trips and leap seconds."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.time import (
    GlonassTime,
    TimeScale,
    format_time,
    format_utc,
    glonass_from_tai,
    labels_from_tai,
    parse_time,
    parse_utc,
    tai_from_glonass,
    tai_from_labels,
    tai_from_week_and_ns,
    week_and_ns,
)
from syzygy.base.errors import FormatError, InputError, TimeScaleError

WEEKS = (TimeScale.GPS, TimeScale.BDT, TimeScale.GST)


@pytest.fixture(scope="module")
def rows(test_data):
    lines = (test_data / "time" / "time_scales.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def test_weeks_and_calendars_agree_with_the_oracle_table(rows, leap_seconds):
    assert len(rows) == 9
    for row in rows:
        tai = parse_utc(row["utc"], leap_seconds)
        assert format_time(tai, TimeScale.GPS, 0) == row["gpst"]
        assert format_time(tai, TimeScale.GLONASS, 0, leap_seconds=leap_seconds) == row["glonasst"]
        for name, scale in (("gps", TimeScale.GPS), ("bdt", TimeScale.BDT), ("gst", TimeScale.GST)):
            week, ns = week_and_ns(tai, scale)
            assert (int(week), int(ns)) == (int(row[f"{name}_week"]), int(row[f"{name}_sow"]) * 10**9)
        glonass = glonass_from_tai(tai, leap_seconds)
        assert (int(glonass.four_year_interval), int(glonass.day)) == (int(row["n4"]), int(row["nt"]))


@given(st.integers(100_000_000 * 10**9, 8_000_000_000 * 10**9), st.sampled_from(WEEKS))
def test_weeks_return_to_the_same_instant(tai, scale):
    week, ns = week_and_ns(tai, scale)
    assert 0 <= ns < 604_800 * 10**9
    assert tai_from_week_and_ns(week, ns, scale) == tai


@given(st.integers(820_454_400, 1_790_000_000), st.integers(0, 999_999_999))
def test_glonass_time_returns_to_the_same_instant(leap_seconds, seconds, ns):
    tai = seconds * 10**9 + ns
    assert tai_from_glonass(glonass_from_tai(tai, leap_seconds), leap_seconds) == tai


@pytest.mark.parametrize("offset_ns", [-(10**9), 0, 500_000_000, 10**9])
def test_glonass_time_keeps_the_leap_second_apart(leap_seconds, offset_ns):
    tai = parse_utc("2016-12-31T23:59:60", leap_seconds) + offset_ns
    glonass = glonass_from_tai(tai, leap_seconds)
    assert bool(glonass.in_leap_second) == (0 <= offset_ns < 10**9)
    assert tai_from_glonass(glonass, leap_seconds) == tai
    text = format_time(tai, TimeScale.GLONASS, 9, leap_seconds=leap_seconds)
    assert parse_time(text, TimeScale.GLONASS, leap_seconds=leap_seconds) == tai


def test_glonass_text_shows_the_leap_second_at_three_in_the_morning(leap_seconds):
    tai = parse_utc("2016-12-31T23:59:60.25", leap_seconds)
    assert format_time(tai, TimeScale.GLONASS, 2, leap_seconds=leap_seconds) == "2017-01-01T02:59:60.25"
    with pytest.raises(FormatError, match="second 60"):
        parse_time("2018-01-01T02:59:60", TimeScale.GLONASS, leap_seconds=leap_seconds)
    with pytest.raises(FormatError, match="second 60"):
        parse_time("2017-01-01T03:59:60", TimeScale.GLONASS, leap_seconds=leap_seconds)


@given(st.integers(-2 * 10**18, 4 * 10**18), st.sampled_from([TimeScale.TT, TimeScale.BDT, TimeScale.TAI]))
def test_labels_return_to_the_same_instant(tai, scale):
    assert tai_from_labels(labels_from_tai(tai, scale), scale) == tai


def test_gps_time_stood_at_utc_in_1980_and_beidou_in_2006(leap_seconds):
    assert (
        format_utc(int(tai_from_week_and_ns(0, 0, TimeScale.GPS)), leap_seconds, 0) == "1980-01-06T00:00:00Z"
    )
    assert (
        format_utc(int(tai_from_week_and_ns(0, 0, TimeScale.BDT)), leap_seconds, 0) == "2006-01-01T00:00:00Z"
    )


def test_seconds_of_week_given_as_nanoseconds_are_bounded():
    with pytest.raises(InputError, match="week"):
        tai_from_week_and_ns(2000, 604_800 * 10**9, TimeScale.GPS)


def test_scales_without_weeks_or_constant_offset_are_refused():
    with pytest.raises(TimeScaleError, match="weeks"):
        week_and_ns(0, TimeScale.TT)
    with pytest.raises(TimeScaleError, match="parallel"):
        labels_from_tai(0, TimeScale.UTC)


def test_a_glonass_day_beyond_four_years_is_refused(leap_seconds):
    time = GlonassTime(np.int64(6), np.int64(1_462), np.int64(0), np.bool_(False))
    with pytest.raises(InputError, match="GLONASS"):
        tai_from_glonass(time, leap_seconds)
