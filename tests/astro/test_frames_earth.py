"""GCRF and ITRF: ERFA's own chain, derivatives, inverses, independence of the batch, other tools."""

from __future__ import annotations

import csv

import erfa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.almanac import Almanac
from syzygy.astro.constants import EARTH_ROTATION_RATE_RAD_S
from syzygy.astro.frames import earth_rotation_matrices, gcrf_from_itrf, itrf_from_gcrf
from syzygy.astro.time import (
    earth_orientation_at,
    parse_utc,
    tai_from_utc_julian_date,
    tt_julian_date,
    ut1_julian_date,
)
from syzygy.base.errors import CoverageError, InputError, MissingDataError, TimeScaleError

CHAIN_TOLERANCE_M = 1e-4
"""0.1 mm at 7 000 km, as the issue asks; measured below 1e-6 m."""
VELOCITY_TOLERANCE_M_S = 1e-7
ORBIT_RADIUS_M = 7e6


def states(count, seed=11, radius_m=ORBIT_RADIUS_M):
    rng = np.random.default_rng(seed)
    position, velocity = rng.normal(size=(2, count, 3))
    position *= radius_m / np.linalg.norm(position, axis=-1, keepdims=True)
    velocity *= 7_500.0 / np.linalg.norm(velocity, axis=-1, keepdims=True)
    return position, velocity


def instants(leap_seconds, count, seed=12):
    first, last = parse_utc("1973-01-05", leap_seconds), parse_utc("2026-06-01", leap_seconds)
    return np.random.default_rng(seed).integers(first, last, count)


def erfa_matrices(tai, almanac):
    values = earth_orientation_at(tai, almanac.leap_seconds, almanac.earth_orientation)
    tt = tt_julian_date(tai)
    ut1 = ut1_julian_date(tai, almanac.leap_seconds, almanac.earth_orientation)
    x, y, s = erfa.xys06a(*tt)
    celestial = erfa.c2ixys(x + values.celestial_dx_rad, y + values.celestial_dy_rad, s)
    pole = erfa.pom00(values.pole_x_rad, values.pole_y_rad, erfa.sp00(*tt))
    return erfa.c2tcio(celestial, erfa.era00(*ut1), pole)


def test_positions_agree_with_the_chain_of_erfa(earth_almanac, leap_seconds, record_accuracy):
    tai = instants(leap_seconds, 800)
    position, _ = states(tai.size)
    theirs = np.einsum("nij,nj->ni", erfa_matrices(tai, earth_almanac), position)
    ours, none = itrf_from_gcrf(position, None, tai, earth_almanac)
    assert none is None
    worst = float(np.linalg.norm(ours - theirs, axis=-1).max())
    oracle = "ERFA c2tcio(c2ixys, era00, pom00)"
    record_accuracy(
        "astro.frames", "GCRF to ITRF at 7000 km", worst, CHAIN_TOLERANCE_M, "m", oracle, tai.size
    )
    assert worst < 2e-6


def test_velocities_are_the_derivative_of_positions(earth_almanac, leap_seconds, record_accuracy):
    tai = instants(leap_seconds, 300)
    position, velocity = states(tai.size)
    _, ours = itrf_from_gcrf(position, velocity, tai, earth_almanac)

    def difference(step_s):
        ahead, _ = itrf_from_gcrf(position + velocity * step_s, None, tai + step_s * 10**9, earth_almanac)
        back, _ = itrf_from_gcrf(position - velocity * step_s, None, tai - step_s * 10**9, earth_almanac)
        return (ahead - back) / (2.0 * step_s)

    coarse, fine = difference(4), difference(2)
    worst = float(np.abs((4.0 * fine - coarse) / 3.0 - ours).max())
    oracle = "Richardson differences of positions"
    record_accuracy("astro.frames", "ITRF velocity", worst, VELOCITY_TOLERANCE_M_S, "m/s", oracle, tai.size)


def test_a_point_at_rest_in_space_moves_with_the_rotation_rate(earth_almanac, leap_seconds):
    tai = parse_utc("2024-05-06T07:08:09", leap_seconds)
    _, velocity = itrf_from_gcrf([4.2e7, 0.0, 0.0], [0.0, 0.0, 0.0], tai, earth_almanac)
    assert np.linalg.norm(velocity) == pytest.approx(4.2e7 * EARTH_ROTATION_RATE_RAD_S, rel=1e-5)


def test_there_and_back_is_the_same_state(earth_almanac, leap_seconds):
    tai = instants(leap_seconds, 500)
    position, velocity = states(tai.size, radius_m=4.2e7)
    back = gcrf_from_itrf(*itrf_from_gcrf(position, velocity, tai, earth_almanac), tai, earth_almanac)
    assert np.abs(back[0] - position).max() < 5e-8
    assert np.abs(back[1] - velocity).max() < 5e-11


def test_the_rotation_is_a_rotation_and_its_rate_a_turn(earth_almanac, leap_seconds):
    matrix, rate = earth_rotation_matrices(instants(leap_seconds, 200), earth_almanac)
    unit = np.einsum("nij,nkj->nik", matrix, matrix)
    assert np.abs(unit - np.eye(3)).max() < 1e-15
    assert np.allclose(np.linalg.det(matrix), 1.0, rtol=0, atol=1e-15)
    spin = np.einsum("nij,nkj->nik", rate, matrix)
    assert np.abs(spin + np.swapaxes(spin, 1, 2)).max() < 1e-16


@pytest.mark.slow
@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_one_instant_gives_the_bits_it_has_in_a_batch(earth_almanac, leap_seconds, seed, count):
    tai = instants(leap_seconds, 60, seed=99)
    position, velocity = states(60, seed)
    together = itrf_from_gcrf(position, velocity, tai, earth_almanac)
    for index in range(0, 60, count):
        alone = itrf_from_gcrf(position[index], velocity[index], int(tai[index]), earth_almanac)
        assert np.array_equal(alone[0], together[0][index])
        assert np.array_equal(alone[1], together[1][index])


@pytest.mark.slow
def test_one_instant_gives_the_bits_it_has_within_a_million(earth_almanac, leap_seconds):
    first = parse_utc("2024-01-01", leap_seconds)
    tai = first + np.arange(1_000_000) * 86_400_000
    position, velocity = states(1_000)
    position, velocity = np.tile(position, (1_000, 1)), np.tile(velocity, (1_000, 1))
    together = itrf_from_gcrf(position, velocity, tai, earth_almanac)
    for index in (0, 1, 32_767, 32_768, 500_000, 999_999):
        alone = itrf_from_gcrf(position[index], velocity[index], tai[index], earth_almanac)
        assert np.array_equal(alone[0], together[0][index])
        assert np.array_equal(alone[1], together[1][index])


def test_instants_broadcast_over_states(earth_almanac, leap_seconds):
    tai = instants(leap_seconds, 4)
    position, velocity = (value.reshape(3, 4, 3) for value in states(12))
    ours = itrf_from_gcrf(position, velocity, tai, earth_almanac)
    for row in range(3):
        each = itrf_from_gcrf(position[row], velocity[row], tai, earth_almanac)
        assert np.array_equal(ours[0][row], each[0])
        assert np.array_equal(ours[1][row], each[1])
    column = itrf_from_gcrf(position, velocity, tai[:3, None], earth_almanac)
    assert np.array_equal(column[0][1], itrf_from_gcrf(position[1], None, int(tai[1]), earth_almanac)[0])
    spread = itrf_from_gcrf(position[0, 0], None, tai, earth_almanac)[0]
    assert spread.shape == (4, 3)


def test_positions_and_velocities_agree_with_orekit(earth_almanac, leap_seconds, test_data, record_accuracy):
    lines = (test_data / "frames" / "frames_eci_ecef.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    jd = np.array([float(row["jd_utc"]) for row in rows])
    tai = tai_from_utc_julian_date(jd, 0.0, leap_seconds)
    position, velocity = (_columns(rows, name) for name in ("in_{}", "in_v{}"))
    ours = itrf_from_gcrf(position, velocity, tai, earth_almanac)
    distance = np.linalg.norm(position, axis=-1)
    error = np.linalg.norm(ours[0] - _columns(rows, "orekit_{}"), axis=-1) / distance * ORBIT_RADIUS_M
    record_accuracy(
        "astro.frames", "ITRF beside Orekit, at 7000 km", float(error.max()), 0.01, "m",
        "Orekit 13.1.5", len(rows),
    )  # fmt: skip
    speed = np.linalg.norm(ours[1] - _columns(rows, "orekit_v{}"), axis=-1)
    record_accuracy(
        "astro.frames",
        "ITRF velocity beside Orekit",
        float(speed.max()),
        2e-5,
        "m/s",
        "Orekit 13.1.5",
        len(rows),
    )


def _columns(rows, pattern):
    return np.array([[float(row[pattern.format(axis)]) for axis in "xyz"] for row in rows])


def test_outside_the_orientation_data_is_refused(earth_almanac, leap_seconds):
    late = parse_utc("2027-03-01", leap_seconds)
    with pytest.raises(CoverageError, match="outside the Earth orientation table"):
        itrf_from_gcrf([7e6, 0, 0], None, late, earth_almanac)


def test_predicted_orientation_is_refused_unless_allowed(leap_seconds, finals_orientation):
    late = parse_utc("2027-03-01", leap_seconds)
    strict = Almanac(leap_seconds=leap_seconds, earth_orientation=finals_orientation)
    with pytest.raises(CoverageError, match="predicted part"):
        itrf_from_gcrf([7e6, 0, 0], None, late, strict)
    loose = Almanac(leap_seconds=leap_seconds, earth_orientation=finals_orientation.with_predictions())
    assert itrf_from_gcrf([7e6, 0, 0], None, late, loose)[0].shape == (3,)


def test_an_almanac_without_orientation_is_refused(leap_seconds):
    with pytest.raises(MissingDataError):
        itrf_from_gcrf([7e6, 0, 0], None, 10**18, Almanac(leap_seconds=leap_seconds))


def test_bad_vectors_are_refused(earth_almanac, leap_seconds):
    tai = parse_utc("2024-01-01", leap_seconds)
    with pytest.raises(InputError, match="not finite"):
        itrf_from_gcrf([[7e6, 0, 0], [np.nan, 0, 0]], None, tai, earth_almanac)
    with pytest.raises(InputError, match="three components"):
        itrf_from_gcrf([7e6, 0], None, tai, earth_almanac)
    with pytest.raises(InputError, match="do not fit together"):
        itrf_from_gcrf(np.ones((4, 3)) * 7e6, None, np.array([tai] * 3), earth_almanac)
    with pytest.raises(TimeScaleError):
        itrf_from_gcrf([7e6, 0, 0], None, 2_459_025.5, earth_almanac)


def test_no_states_are_no_states(earth_almanac):
    position, velocity = itrf_from_gcrf(
        np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, dtype=int), earth_almanac
    )
    assert position.shape == velocity.shape == (0, 3)
