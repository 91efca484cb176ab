"""UT1 follows the table: four-point Lagrange of UT1 - TAI, continuous over leap seconds, refused outside."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import erfa
import numpy as np
import pytest

from syzygy.astro.constants import ARCSECOND_RAD
from syzygy.astro.time import (
    EarthOrientation,
    earth_orientation_at,
    is_predicted,
    parse_utc,
    tai_from_ut1_julian_date,
    ut1_julian_date,
    ut1_minus_tai_s,
    ut1_minus_utc_s,
    utc_quasi_julian_date,
)
from syzygy.base.errors import CoverageError, InputError

UT1_TOLERANCE_S = 1e-9
"""The issue asks for 1 us; the interpolation itself is exact to rounding."""


def lagrange(times, values, at):
    total = Fraction(0)
    for j, own in enumerate(times):
        term = Fraction(float(values[j]))
        for k, other in enumerate(times):
            if k != j:
                term *= Fraction(int(at) - int(other), int(own) - int(other))
        total += term
    return float(total)


def random_instants(leap_seconds, count=200):
    rng = np.random.default_rng(3)
    first, last = parse_utc("1973-01-05", leap_seconds), parse_utc("2025-12-31", leap_seconds)
    near = [
        parse_utc(f"{day}T23:59:60.5", leap_seconds) for day in ("2016-12-31", "2015-06-30", "1997-06-30")
    ]
    return np.concatenate([rng.integers(first, last, count), near])


def test_every_quantity_is_the_four_point_lagrange_of_its_table(
    leap_seconds, observed_orientation, record_accuracy
):
    table = observed_orientation
    tai = random_instants(leap_seconds)
    values = earth_orientation_at(tai, leap_seconds, table)
    worst = dict.fromkeys(("ut1", "pole", "celestial"), 0.0)
    for index, instant in enumerate(tai):
        utc_day = int(np.floor((int(instant) / 1e9 - erfa.dat(*_calendar(instant), 0.0)) / 86_400))
        row = int(utc_day + 40_587 - table.mjd_utc[0])
        rows = np.arange(row - 1, row + 3)
        days = table.mjd_utc[rows] - 40_587
        offsets = [int(erfa.dat(*_calendar_day(day), 0.0)) for day in days]
        nodes = [
            int(day) * 86_400 * 10**9 + offset * 10**9 for day, offset in zip(days, offsets, strict=True)
        ]
        ut1 = table.ut1_minus_utc_s[rows] - offsets
        worst["ut1"] = max(
            worst["ut1"], abs(lagrange(nodes, ut1, instant) - float(values.ut1_minus_tai_s[index]))
        )
        pole = lagrange(nodes, table.pole_x_rad[rows], instant) - float(values.pole_x_rad[index])
        offset = lagrange(nodes, table.celestial_dy_rad[rows], instant) - float(
            values.celestial_dy_rad[index]
        )
        worst["pole"] = max(worst["pole"], abs(pole))
        worst["celestial"] = max(worst["celestial"], abs(offset))
    oracle = "exact Lagrange, fractions"
    record_accuracy("astro.time", "UT1 of the table", worst["ut1"], UT1_TOLERANCE_S, "s", oracle, tai.size)
    record_accuracy("astro.time", "pole of the table", worst["pole"], 1e-15, "rad", oracle, tai.size)
    assert worst["celestial"] < 1e-15


def _calendar(instant):
    return _calendar_day(int(instant) // (86_400 * 10**9))


def _calendar_day(day):
    date = np.datetime64(int(day), "D")
    month = date.astype("datetime64[M]")
    return int(str(date)[:4]), int(str(date)[5:7]), int((date - month).astype(int)) + 1


def test_ut1_agrees_with_erfa_given_the_same_difference(leap_seconds, observed_orientation):
    tai = random_instants(leap_seconds)
    difference = ut1_minus_utc_s(tai, leap_seconds, observed_orientation)
    theirs = erfa.utcut1(*utc_quasi_julian_date(tai, leap_seconds), difference)
    ours = ut1_julian_date(tai, leap_seconds, observed_orientation)
    seconds = ((theirs[0] - ours[0]) + (theirs[1] - ours[1])) * 86_400.0
    assert np.abs(seconds).max() < 1e-9


def test_ut1_minus_tai_does_not_jump_at_a_leap_second(leap_seconds, observed_orientation):
    midnight = parse_utc("2017-01-01", leap_seconds)
    around = midnight + np.arange(-5, 6) * 10**9
    steps = np.diff(ut1_minus_tai_s(around, leap_seconds, observed_orientation))
    assert np.abs(steps).max() < 1e-7


def test_ut1_julian_dates_return_to_the_same_nanosecond(leap_seconds, observed_orientation):
    tai = random_instants(leap_seconds)
    jd = ut1_julian_date(tai, leap_seconds, observed_orientation)
    assert np.abs(tai_from_ut1_julian_date(*jd, leap_seconds, observed_orientation) - tai).max() <= 1


@pytest.mark.slow
def test_the_length_of_day_follows_the_interpolated_ut1(leap_seconds, observed_orientation):
    table = observed_orientation
    rows = np.flatnonzero((table.mjd_utc > 50_000) & (table.mjd_utc < 61_000))
    tai = np.array(
        [parse_utc(str(np.datetime64(int(d) - 40_587, "D")), leap_seconds) for d in table.mjd_utc[rows]]
    )
    values = earth_orientation_at(tai, leap_seconds, table)
    assert np.percentile(np.abs(values.excess_lod_s - table.excess_lod_s[rows]), 99) < 60e-6


def test_outside_the_table_is_refused_with_its_span(leap_seconds, observed_orientation):
    late = parse_utc("2027-05-01", leap_seconds)
    with pytest.raises(CoverageError, match=r"outside the Earth orientation table.*allowed: 1972-01-01"):
        earth_orientation_at(late, leap_seconds, observed_orientation)


def test_the_predicted_part_is_refused_unless_asked_for_and_then_labelled(leap_seconds, finals_orientation):
    first_guess = int(finals_orientation.mjd_utc[finals_orientation.predicted][0])
    day = str(np.datetime64(first_guess - 40_587 + 20, "D"))
    late, early = parse_utc(day, leap_seconds), parse_utc("2025-01-01", leap_seconds)
    with pytest.raises(CoverageError, match="predicted part"):
        earth_orientation_at(late, leap_seconds, finals_orientation)
    values = earth_orientation_at([early, late], leap_seconds, finals_orientation.with_predictions())
    assert values.predicted.tolist() == [False, True]
    assert is_predicted([early, late], leap_seconds, finals_orientation).tolist() == [False, True]


def test_a_table_can_be_continued_by_another(leap_seconds, observed_orientation, finals_orientation):
    joined = observed_orientation.extended_by(finals_orientation)
    assert np.array_equal(np.diff(joined.mjd_utc), np.ones(joined.mjd_utc.size - 1))
    assert joined.mjd_utc[-1] == finals_orientation.mjd_utc[-1]
    tai = parse_utc("2020-03-04T05:06:07", leap_seconds)
    ours = ut1_minus_tai_s(tai, leap_seconds, joined)
    assert ours == ut1_minus_tai_s(tai, leap_seconds, observed_orientation)


@pytest.mark.parametrize(
    ("field", "factor"),
    [("ut1_minus_utc_s", 1e3), ("pole_x_rad", 1.0 / ARCSECOND_RAD), ("excess_lod_s", 1e3)],
)
def test_values_in_another_unit_are_refused(observed_orientation, field, factor):
    with pytest.raises(InputError, match="too large to be meant"):
        replace(observed_orientation, **{field: getattr(observed_orientation, field) * factor})


def test_a_value_that_is_not_a_number_is_refused(observed_orientation):
    pole = observed_orientation.pole_x_rad.copy()
    pole[100] = np.nan
    with pytest.raises(InputError, match="not finite"):
        replace(observed_orientation, pole_x_rad=pole)


def test_unsound_tables_are_refused():
    days, zero = np.arange(4), np.zeros(4)
    with pytest.raises(InputError, match="not sound"):
        EarthOrientation(days[::-1], zero, zero, zero, zero, zero, zero, zero > 1)
    with pytest.raises(InputError, match="another length"):
        EarthOrientation(days, zero[:3], zero, zero, zero, zero, zero, zero > 1)
