"""TDB agrees with ERFA's full Fairhead and Bretagnon model."""

from __future__ import annotations

import erfa
import numpy as np
import pytest

from syzygy.astro.time import (
    tai_from_tdb_julian_date,
    tai_from_tdb_seconds,
    tdb_julian_date,
    tdb_minus_tt_s,
    tdb_seconds,
    tt_julian_date,
)
from syzygy.base.errors import CoverageError

TDB_TOLERANCE_S = 1e-9
"""The issue asks for 10 us; the interpolation of the full model is 10 000 times better."""


def instants(count=4_000):
    return np.random.default_rng(7).integers(-600_000_000, 4_000_000_000, count) * 10**9 + 123_456_789


def test_tdb_minus_tt_agrees_with_erfa(record_accuracy):
    tai = instants()
    theirs = erfa.dtdb(*tt_julian_date(tai), 0.0, 0.0, 0.0, 0.0)
    worst = float(np.abs(tdb_minus_tt_s(tai) - theirs).max())
    record_accuracy("astro.time", "TDB - TT, 1950-2096", worst, TDB_TOLERANCE_S, "s", "ERFA dtdb", tai.size)


def test_tdb_minus_tt_stays_near_the_leading_term_of_moyer():
    tai = instants()
    t = (tt_julian_date(tai)[0] - 2_451_545.0 + tt_julian_date(tai)[1]) * 86_400.0
    g = 6.239996 + 1.99096871e-7 * t
    assert np.abs(tdb_minus_tt_s(tai) - 0.001657 * np.sin(g + 0.01671 * np.sin(g))).max() < 60e-6


def test_seconds_and_julian_dates_return_to_the_same_nanosecond():
    tai = instants()
    assert np.abs(tai_from_tdb_seconds(*tdb_seconds(tai)) - tai).max() <= 1
    assert np.abs(tai_from_tdb_julian_date(*tdb_julian_date(tai)) - tai).max() <= 1


def test_one_instant_gives_the_bits_it_has_in_a_batch():
    tai = instants(500)
    together = tdb_minus_tt_s(tai)
    assert [float(tdb_minus_tt_s(int(one))) for one in tai[:50]] == together[:50].tolist()


@pytest.mark.parametrize("seconds", [np.nan, np.inf, 1e12])
def test_seconds_that_are_no_date_are_refused(seconds):
    with pytest.raises(CoverageError, match="too far from J2000"):
        tai_from_tdb_seconds(seconds, 0.0)
