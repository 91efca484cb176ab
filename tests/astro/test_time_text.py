"""Times as text: round trips, rounding, leap seconds, and every malformed text explained."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.time import (
    TimeScale,
    format_time,
    format_time_many,
    format_utc,
    format_utc_many,
    parse_time,
    parse_time_many,
    parse_utc,
    parse_utc_many,
)
from syzygy.base.errors import CoverageError, FormatError, InputError, TimeScaleError

MALFORMED = [
    ("2020-13-01T00:00:00", "no such month"),
    ("2020-00-01T00:00:00", "no such month"),
    ("2021-04-31T00:00:00", "no such day in that month"),
    ("2021-02-29T00:00:00", "no such day in that month"),
    ("1900-02-29T00:00:00", "no such day in that month"),
    ("2021-06-00T00:00:00", "no such day in that month"),
    ("2021-366T00:00:00", "no such day of the year"),
    ("2021-000T00:00:00", "no such day of the year"),
    ("2020-06-25T24:00:00", "no such hour"),
    ("2020-06-25T12:60:00", "no such minute"),
    ("2020-06-25T12:00:61", "no such second"),
    ("2020-06-25T23:59:60", "second 60 where no leap second is"),
    ("2016-12-31T12:59:60", "second 60 where no leap second is"),
    ("2016-12-30T23:59:60", "second 60 where no leap second is"),
    ("", "blank"),
    ("   ", "blank"),
    ("2020/06/25T12:00:00", "not a calendar time"),
    ("2020-06-25_12:00:00", "not a calendar time"),
    ("2020-06-25T12-00-00", "not a calendar time"),
    ("2020-6-25T12:00:00", "not a calendar time"),
    ("20-06-25T12:00:00", "not a calendar time"),
    ("2020-06-25T12:00:00.", "not a calendar time"),
    ("2020-06-25T12:00:00+03:00", "not a calendar time"),
    (" 2020-06-25T12:00:00", "not a calendar time"),
    ("2020-06-25T12:00:00\n", "not a calendar time"),
    ("2020-06-25T1\uff12:00:00", "not a calendar time"),
    ("NaT", "not a calendar time"),
    ("2459025.5", "not a calendar time"),
]


@pytest.mark.parametrize(("text", "reason"), MALFORMED)
def test_a_malformed_text_is_explained_alone_and_in_a_batch(leap_seconds, text, reason):
    with pytest.raises(FormatError, match=reason) as alone:
        parse_utc(text, leap_seconds, where="line 7")
    assert "line 7" in alone.value.where
    assert alone.value.allowed
    good = ["2020-06-25T12:00:00"] * 3
    with pytest.raises(FormatError, match=reason) as batch:
        parse_utc_many([*good, text, *good], leap_seconds)
    assert "time 4 of 7" in batch.value.where


def test_before_1972_is_refused_with_the_reason(leap_seconds):
    with pytest.raises(CoverageError, match=r"not defined before.*another rate"):
        parse_utc("1971-12-31T23:59:59", leap_seconds)


def test_after_the_end_of_the_table_is_refused_or_labelled(leap_seconds):
    with pytest.raises(CoverageError, match="beyond the leap-second table"):
        parse_utc("2035-01-01T00:00:00", leap_seconds)
    predicted = leap_seconds.with_predictions()
    tai = parse_utc("2035-01-01T00:00:00", predicted)
    assert predicted.is_predicted(tai)
    assert format_utc(tai, predicted, 0) == "2035-01-01T00:00:00Z"
    with pytest.raises(CoverageError, match="beyond the leap-second table"):
        format_utc(tai, leap_seconds)


@pytest.mark.parametrize("year", ["0001", "1500", "2300", "9999"])
def test_years_beyond_the_nanosecond_count_are_refused(leap_seconds, year):
    with pytest.raises(CoverageError):
        parse_utc(f"{year}-01-01T00:00:00", leap_seconds)
    with pytest.raises(CoverageError):
        parse_utc_many([f"{year}-01-01T00:00:00"] * 2, leap_seconds)
    with pytest.raises(CoverageError, match="does not fit"):
        parse_time(f"{year}-01-01T00:00:00", TimeScale.TT)


@given(st.integers(63_072_010 * 10**9, 1_800_000_000 * 10**9), st.booleans())
def test_nine_decimals_survive_the_round_trip(leap_seconds, tai, day_of_year):
    text = format_utc(tai, leap_seconds, 9, day_of_year=day_of_year)
    assert parse_utc(text, leap_seconds) == tai


@given(st.sampled_from(range(1, 28)), st.integers(-2_000_000_000, 2_000_000_000), st.integers(0, 9))
def test_times_around_leap_seconds_round_correctly(leap_seconds, row, offset_ns, digits):
    tai = int(leap_seconds.start_tai_ns[row]) + offset_ns
    text = format_utc(tai, leap_seconds, digits)
    assert abs(parse_utc(text, leap_seconds) - tai) <= 10 ** (9 - digits) // 2


def test_all_leap_seconds_parse_print_and_survive(leap_seconds):
    texts = [
        f"{np.datetime64(int(day) - 1, 'D')}T23:59:60.123456789Z" for day in leap_seconds.start_utc_day[1:]
    ]
    assert len(texts) == 27
    tai = parse_utc_many(texts, leap_seconds)
    assert format_utc_many(tai, leap_seconds, 9).tolist() == texts


def test_rounding_carries_into_the_leap_second_and_the_next_year(leap_seconds):
    assert format_utc(parse_utc("2016-12-31T23:59:59.9996", leap_seconds), leap_seconds) == (
        "2016-12-31T23:59:60.000Z"
    )
    assert format_utc(parse_utc("2016-12-31T23:59:60.9996", leap_seconds), leap_seconds) == (
        "2017-01-01T00:00:00.000Z"
    )
    assert format_utc(parse_utc("2017-12-31T23:59:59.9996", leap_seconds), leap_seconds, 0) == (
        "2018-01-01T00:00:00Z"
    )


def test_decimals_beyond_the_nanosecond_are_rounded(leap_seconds):
    base = parse_utc("2020-06-25T12:00:00", leap_seconds)
    assert parse_utc("2020-06-25T12:00:00.0000000004999", leap_seconds) == base
    assert parse_utc("2020-06-25T12:00:00.0000000005", leap_seconds) == base + 1
    end = parse_utc("2020-06-26T00:00:00", leap_seconds)
    assert parse_utc("2020-06-25T23:59:59.9999999999", leap_seconds) == end


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2020-06-25", "2020-06-25T00:00:00Z"),
        ("2020-177", "2020-06-25T00:00:00Z"),
        ("2020-06-25T12:30", "2020-06-25T12:30:00Z"),
        ("2020-06-25 12:30:15.5", "2020-06-25T12:30:15.500Z"),
        ("2020-177T12:30:15.50Z", "2020-06-25T12:30:15.500000000Z"),
    ],
)
def test_the_allowed_forms_mean_the_same(leap_seconds, text, same):
    assert parse_utc(text, leap_seconds) == parse_utc(same, leap_seconds)
    assert parse_utc_many([text, same], leap_seconds).tolist() == [parse_utc(same, leap_seconds)] * 2


@pytest.mark.parametrize(
    "kind",
    [list, np.array, lambda texts: np.array(texts, dtype="S"), lambda texts: np.array(texts, dtype=object)],
)
def test_lists_and_arrays_of_text_are_read_alike(leap_seconds, kind):
    texts = ["2020-06-25T12:00:00.5Z", "2020-177T12:00:01Z", "2016-12-31T23:59:60", "1999-01-01"]
    assert parse_utc_many(kind(texts), leap_seconds).tolist() == [parse_utc(t, leap_seconds) for t in texts]


def test_no_times_are_no_times(leap_seconds):
    assert parse_utc_many([], leap_seconds).shape == (0,)
    assert format_utc_many(np.zeros(0, dtype=np.int64), leap_seconds).shape == (0,)


@pytest.mark.parametrize("value", [None, 5, 2459025.5, b"2020"])
def test_what_is_not_text_is_refused(leap_seconds, value):
    with pytest.raises(FormatError):
        parse_utc(value, leap_seconds)


def test_datetimes_in_a_list_of_texts_are_refused(leap_seconds):
    with pytest.raises(FormatError):
        parse_utc_many(np.array([np.datetime64("2020-01-01"), "2020-01-01"], dtype=object), leap_seconds)


@given(st.text(max_size=32))
def test_no_text_breaks_the_reader(leap_seconds, text):
    try:
        parse_utc_many([text, "2020-06-25T12:00:00.000Z"], leap_seconds)
    except (FormatError, CoverageError):
        return
    assert format_utc_many(parse_utc_many([text], leap_seconds), leap_seconds).size == 1


def test_floats_are_no_instants(leap_seconds):
    with pytest.raises(TimeScaleError, match="whole number"):
        format_utc_many(np.array([1.0e18]), leap_seconds)


def test_too_many_decimals_are_refused(leap_seconds):
    with pytest.raises(InputError, match="decimals"):
        format_utc(10**18, leap_seconds, 10)


@pytest.mark.parametrize("scale", list(TimeScale))
def test_every_scale_survives_the_round_trip_of_text(leap_seconds, observed_orientation, scale):
    tai = np.array(
        [parse_utc("2016-12-31T12:34:56.789", leap_seconds), parse_utc("2003-02-01", leap_seconds)]
    )
    tables = {"leap_seconds": leap_seconds, "earth_orientation": observed_orientation}
    texts = format_time_many(tai, scale, 9, **tables)
    assert np.abs(parse_time_many(texts, scale, **tables) - tai).max() <= 1


def test_a_z_marks_utc_and_nothing_else(leap_seconds):
    with pytest.raises(FormatError, match="Z marks UTC"):
        parse_time("2020-06-25T12:00:00Z", TimeScale.TT)
    with pytest.raises(FormatError, match="second 60"):
        parse_time("2016-12-31T23:59:60", TimeScale.TAI)


@pytest.mark.parametrize("scale", [TimeScale.UTC, TimeScale.GLONASS, TimeScale.UT1])
def test_scales_that_need_a_table_say_so(scale):
    with pytest.raises(TimeScaleError, match="needs"):
        format_time(10**18, scale)
    with pytest.raises(TimeScaleError, match="needs"):
        parse_time("2020-06-25T12:00:00", scale)
