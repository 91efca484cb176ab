"""Free returns: flown by an independent integrator, symmetric, and within what the literature says."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.frames import geodetic_from_itrf, itrf_from_gcrf
from syzygy.astro.time import parse_utc
from syzygy.base.errors import InputError, MissingDataError, UnitError
from syzygy.data import build_almanac
from syzygy.exploration.free_return.messages import write_messages
from syzygy.exploration.free_return.picture import draw_returns
from syzygy.exploration.free_return.requests import FreeReturnRequest
from syzygy.exploration.free_return.rows import FREE
from syzygy.exploration.free_return.study import find_free_returns
from syzygy.exploration.lunar.days import NOT_SETTLED
from syzygy.exploration.lunar.launching import DAY_S, NS_PER_S
from syzygy.exploration.lunar.requests import MOON_RADIUS_M

sys.path.insert(0, str(Path(__file__).parent))
from independent_flight import fly_by_scipy

pytestmark = pytest.mark.slow
DEGREE = math.pi / 180.0


@pytest.fixture(scope="module")
def almanac():
    try:
        return build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))
    except MissingDataError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def request_(almanac):
    return FreeReturnRequest(
        departure_begin_tai_ns=parse_utc("2022-09-01", almanac.leap_seconds),
        departure_end_tai_ns=parse_utc("2022-09-01", almanac.leap_seconds),
        site_latitude_rad=28.6 * DEGREE,
        site_longitude_rad=-80.6 * DEGREE,
        families=("symmetric", "non-symmetric"),
    )


@pytest.fixture(scope="module")
def result(almanac, request_):
    return find_free_returns(request_, almanac)


def test_both_families_are_found_in_both_planes(result):
    assert [row.verdict for row in result.rows] == [FREE] * 4
    for row in result.rows:
        flight = row.flight
        if row.family == "symmetric":
            assert flight.perilune_m - MOON_RADIUS_M == pytest.approx(250e3, abs=10.0)
        else:
            outbound = (flight.perilune_tai_ns - flight.injection_tai_ns) / NS_PER_S
            assert outbound == pytest.approx(3.25 * DAY_S, abs=1.0)
        assert flight.perilune_moon_m[0] > 0.95 * flight.perilune_m  # over the far side
        assert row.launch_tai_ns < flight.injection_tai_ns


def test_entry_is_in_the_corridor_and_the_way_back_inclined_as_asked(result, record_accuracy):
    angles = [abs(row.flight.entry.angle_rad + 6.5 * DEGREE) / DEGREE for row in result.rows]
    record_accuracy(
        "exploration", "free return: angle at entry", max(angles), 1e-3, "deg", "what was asked", 4
    )
    for row in result.rows:
        entry = row.flight.entry
        assert entry.height_m == pytest.approx(121_900.0, abs=0.1)
        assert entry.inclination_rad == pytest.approx(row.ascent.inclination_rad, abs=1e-5)
        assert 10_950.0 < entry.speed_m_s < 11_100.0


def test_injection_is_where_the_literature_has_it(result):
    for row in result.rows:
        assert 3130.0 < row.injection_m_s < 3200.0
        assert 1e6 < abs(row.flight.perigee_shift_m) < 2e7  # thousands of km by 1 m/s
        place, speed = row.flight.state[:3], row.flight.state[3:]
        assert np.linalg.norm(place) == pytest.approx(result.request.parking_radius_m, abs=10.0)
        assert abs(place @ speed) / np.linalg.norm(place) / np.linalg.norm(speed) < 1e-8


def test_the_whole_flight_agrees_with_an_independent_integrator(result, almanac, record_accuracy):
    worst, angle = 0.0, 0.0
    for row in result.rows[:2]:
        flight = row.flight
        end = fly_by_scipy(
            flight.state, flight.injection_tai_ns, flight.entry.tai_ns, almanac.earth_orientation
        )
        ours = flight.trajectory.states(np.array([flight.entry.tai_ns])).position_m[0]
        worst = max(worst, float(np.linalg.norm(end[:3] - ours)))
        slope = math.asin(end[:3] @ end[3:] / np.linalg.norm(end[:3]) / np.linalg.norm(end[3:]))
        angle = max(angle, abs(slope - flight.entry.angle_rad) / DEGREE)
        fixed, _ = itrf_from_gcrf(end[:3], None, np.asarray(flight.entry.tai_ns), almanac)
        assert float(geodetic_from_itrf(fixed)[2]) == pytest.approx(121_900.0, abs=50.0)
    oracle = "SciPy DOP853 with its own forces (jplephem, ERFA)"
    record_accuracy("exploration", "free return: place at entry", worst, 50.0, "m", oracle, 2)
    record_accuracy("exploration", "free return: angle at entry, flown again", angle, 1e-3, "deg", oracle, 2)


def test_one_arc_and_two_legs_are_the_same_flight(result):
    for row in result.rows:
        flight, middle = row.flight, row.middle
        seen = flight.trajectory.states(np.array([middle.tai_ns]))
        moon, _ = result.almanac.ephemeris.state_m(*_moon_about_earth(), np.array([middle.tai_ns]))
        assert np.linalg.norm(seen.position_m[0] - moon[0] - middle.relative[:3]) < 1.0


def _moon_about_earth():
    from syzygy.astro.bodies import EARTH, MOON

    return MOON, EARTH


def test_sensitivity_is_that_of_a_disturbed_flight(result):
    from syzygy.astro.bodies import EARTH
    from syzygy.astro.frames import ICRF
    from syzygy.astro.propagation.propagator import propagate
    from syzygy.astro.states import States

    flight = result.rows[0].flight
    ahead = flight.state[3:] / np.linalg.norm(flight.state[3:])
    at = np.array([flight.entry.tai_ns])
    ends = []
    for extra in (-1e-6, 1e-6):
        speed = flight.state[3:] + extra * ahead
        first = States(flight.state[:3], speed, np.asarray(flight.injection_tai_ns), ICRF, EARTH)
        (moved,) = propagate(first, flight.entry.tai_ns, flight.trajectory.force, result.almanac)
        ends.append(moved.states(at).position_m[0])
    assert np.linalg.norm(ends[1] - ends[0]) / 2e-6 == pytest.approx(flight.entry_shift_m, rel=1e-3)


def test_a_time_too_short_for_a_free_return_says_so(almanac, request_):
    hasty = replace(
        request_, families=("non-symmetric",), outbound_flight_s=2.1 * DAY_S, planes=("ascending",)
    )
    (row,) = find_free_returns(hasty, almanac).rows
    assert row.verdict != FREE
    assert row.flight is None
    assert row.injection_m_s == 0.0
    assert NOT_SETTLED


def test_the_messages_and_the_picture_are_made(result):
    made = write_messages(result)
    assert made["free_return.oem"].startswith(b"CCSDS_OEM_VERS")
    assert draw_returns(result, "light") == draw_returns(result, "light")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"perilune_altitude_m": 250.0}, UnitError),
        ({"entry_angle_rad": -12.0 * DEGREE}, UnitError),
        ({"entry_angle_rad": -6.5}, UnitError),
        ({"families": ()}, InputError),
        ({"parking_altitude_m": 120e3}, UnitError),
    ],
)
def test_wrong_requests_are_refused(request_, change, error):
    with pytest.raises(error):
        replace(request_, **change)
