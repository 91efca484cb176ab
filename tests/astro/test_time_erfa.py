"""UTC, TAI and TT agree with ERFA to the nanosecond."""

from __future__ import annotations

import erfa
import numpy as np

from syzygy.astro.time import (
    NS_PER_DAY,
    format_utc_many,
    parse_utc,
    parse_utc_many,
    tai_from_tt_julian_date,
    tai_from_utc_day_and_ns,
    tai_julian_date,
    tai_minus_utc_s,
    tt_julian_date,
    tt_seconds,
    utc_quasi_julian_date,
)

EXACT_NS = 0
JD_1970 = 2_440_587.5


def random_instants(leap_seconds, count=20_000):
    rng = np.random.default_rng(20_260_101)
    first = int(leap_seconds.start_tai_ns[0])
    instants = rng.integers(first, leap_seconds.expires_tai_ns, count)
    near_leaps = (leap_seconds.start_tai_ns[1:, None] + rng.integers(-3 * 10**9, 10**9, (27, 200))).ravel()
    return np.concatenate([instants, near_leaps])


def nanoseconds(jd1, jd2):
    day = np.floor(jd1 - JD_1970)
    part = ((jd1 - JD_1970) - day) + jd2
    return day.astype(np.int64) * NS_PER_DAY + np.rint(part * NS_PER_DAY).astype(np.int64)


def test_utc_to_tai_agrees_with_erfa_to_the_nanosecond(leap_seconds, record_accuracy):
    instants = random_instants(leap_seconds)
    theirs = nanoseconds(*erfa.utctai(*utc_quasi_julian_date(instants, leap_seconds)))
    worst = int(np.abs(theirs - instants).max())
    record_accuracy("astro.time", "UTC to TAI", worst, EXACT_NS, "ns", "ERFA utctai", instants.size)


def test_tai_to_utc_agrees_with_erfa_to_the_nanosecond(leap_seconds, record_accuracy):
    instants = random_instants(leap_seconds)
    jd1, jd2 = erfa.taiutc(*tai_julian_date(instants))
    ours = utc_quasi_julian_date(instants, leap_seconds)
    difference = ((jd1 - ours[0]) + (jd2 - ours[1])) * NS_PER_DAY
    worst = int(np.rint(np.abs(difference)).max())
    record_accuracy("astro.time", "TAI to UTC", worst, EXACT_NS, "ns", "ERFA taiutc", instants.size)


def test_tt_agrees_with_erfa_to_the_nanosecond(leap_seconds, record_accuracy):
    instants = random_instants(leap_seconds)
    theirs = tai_from_tt_julian_date(*erfa.taitt(*tai_julian_date(instants)))
    worst = int(np.abs(theirs - instants).max())
    record_accuracy("astro.time", "TAI to TT", worst, EXACT_NS, "ns", "ERFA taitt", instants.size)


def test_two_part_julian_dates_keep_the_nanosecond(leap_seconds):
    instants = random_instants(leap_seconds)
    assert np.array_equal(tai_from_tt_julian_date(*tt_julian_date(instants)), instants)


def test_tt_seconds_are_whole_and_fraction(leap_seconds):
    whole, fraction = tt_seconds(random_instants(leap_seconds))
    assert np.array_equal(whole, np.floor(whole))
    assert fraction.min() >= 0.0
    assert fraction.max() < 1.0


def test_the_offset_agrees_with_erfa_on_every_day_since_1972(leap_seconds):
    day = np.arange(leap_seconds.start_utc_day[0], leap_seconds.start_utc_day[-1] + 3_000)
    date = day.astype("datetime64[D]")
    year = date.astype("datetime64[Y]").astype(int) + 1970
    month = date.astype("datetime64[M]").astype(int) % 12 + 1
    of_month = (date - date.astype("datetime64[M]")).astype(int) + 1
    noon = tai_from_utc_day_and_ns(day, NS_PER_DAY // 2, leap_seconds)
    assert np.array_equal(tai_minus_utc_s(noon, leap_seconds), erfa.dat(year, month, of_month, 0.5))


def test_text_agrees_with_erfa_in_both_directions(leap_seconds):
    instants = random_instants(leap_seconds, 3_000)
    year, month, day, clock = erfa.d2dtf("UTC", 9, *utc_quasi_julian_date(instants, leap_seconds))
    theirs = [
        f"{y:04d}-{m:02d}-{d:02d}T{c['h']:02d}:{c['m']:02d}:{c['s']:02d}.{c['f']:09d}Z"
        for y, m, d, c in zip(year, month, day, clock, strict=True)
    ]
    assert format_utc_many(instants, leap_seconds, 9).tolist() == theirs
    assert np.array_equal(parse_utc_many(theirs, leap_seconds), instants)


def test_a_leap_second_has_its_own_instants(leap_seconds):
    before = parse_utc("2016-12-31T23:59:59Z", leap_seconds)
    inside = parse_utc("2016-12-31T23:59:60Z", leap_seconds)
    after = parse_utc("2017-01-01T00:00:00Z", leap_seconds)
    assert (inside - before, after - inside) == (10**9, 10**9)
