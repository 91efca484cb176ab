"""Earth to Moon: targeted flights against an independent integrator, conics, geometry of the launch."""

from __future__ import annotations

import math
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.conics import elements_from_state, state_from_elements
from syzygy.astro.forces import ForceModel, PointMass
from syzygy.astro.frames import gcrf_from_itrf, itrf_from_geodetic
from syzygy.astro.time import parse_utc
from syzygy.base.errors import CoverageError, InputError, MissingDataError, ProblemList, UnitError
from syzygy.base.execution import ProcessExecutor
from syzygy.data import build_almanac
from syzygy.exploration.lunar.approach import PeriluneGoal, osculating_hyperbola, reference_pole
from syzygy.exploration.lunar.conic_start import list_ascents, start_conic
from syzygy.exploration.lunar.days import NO_AZIMUTH
from syzygy.exploration.lunar.held_orientation import hold_orientation
from syzygy.exploration.lunar.launching import DAY_S, ascend, depart, departure_slopes, stand_on_site
from syzygy.exploration.lunar.messages import write_messages
from syzygy.exploration.lunar.picture import draw_transfers
from syzygy.exploration.lunar.requests import MOON_RADIUS_M, LunarTransferRequest
from syzygy.exploration.lunar.rows import TARGETED, TOO_FLAT
from syzygy.exploration.lunar.study import find_lunar_transfers
from syzygy.exploration.lunar.targeting import target_flight
from syzygy.formats.ccsds.ephemerides import read_ephemeris
from syzygy.formats.ccsds.reading import read_message

sys.path.insert(0, str(Path(__file__).parent))
from independent_flight import fly_by_scipy

pytestmark = pytest.mark.slow
DEGREE = math.pi / 180.0


@pytest.fixture(scope="module")
def almanac():
    try:
        return build_almanac(("leap_seconds", "earth_orientation", "ephemeris", "moon_orientation"))
    except MissingDataError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def request_(almanac):
    return LunarTransferRequest(
        departure_begin_tai_ns=parse_utc("2022-09-01", almanac.leap_seconds),
        departure_end_tai_ns=parse_utc("2022-09-01", almanac.leap_seconds),
        site_latitude_rad=28.6 * DEGREE,
        site_longitude_rad=-80.6 * DEGREE,
        flight_steps=2,
    )


@pytest.fixture(scope="module")
def result(almanac, request_):
    return find_lunar_transfers(request_, almanac)


def test_every_opportunity_is_targeted(result, record_accuracy):
    assert [row.verdict for row in result.rows] == [TARGETED] * 8
    record_accuracy(
        "exploration", "lunar transfer: miss in the B-plane", result.largest_miss_m(), 1.0, "m",
        "what was asked for", 8,
    )  # fmt: skip
    for row in result.rows:
        assert abs(row.perilune_radius_m - MOON_RADIUS_M - 100e3) < 1.0
        assert abs(row.inclination_rad - math.pi / 2) < 1e-6
        assert abs(row.flight.misses[2]) < 1e-2


def test_injection_is_where_the_literature_has_it(result):
    for row in result.rows:
        assert 3130.0 < row.injection_m_s < 3200.0
        assert -2.1e6 < row.c3_m2_s2 < -1.4e6
        assert 780.0 < row.insertion_m_s < 1000.0


def test_perilune_agrees_with_an_independent_integrator(result, almanac, record_accuracy):
    worst = 0.0
    for row in result.rows[::3]:
        flight = row.flight
        seen = flight.trajectory.states(np.array([flight.injection_tai_ns, flight.perilune_tai_ns]))
        start = np.concatenate([seen.position_m[0], seen.velocity_m_s[0]])
        end = fly_by_scipy(start, flight.injection_tai_ns, flight.perilune_tai_ns, almanac.earth_orientation)
        worst = max(worst, float(np.linalg.norm(end[:3] - seen.position_m[1])))
    record_accuracy(
        "exploration", "lunar transfer: place at perilune", worst, 1.0, "m",
        "SciPy DOP853 with its own forces (jplephem, ERFA)", 3,
    )  # fmt: skip


def test_without_gravity_of_the_moon_the_flight_is_a_conic(almanac, request_, record_accuracy):
    site = stand_on_site(request_, request_.departure_begin_tai_ns, almanac)
    force = ForceModel(EARTH, third_bodies=(PointMass(MOON, 1.0),))
    flight_s = 3.5 * DAY_S
    (ascent,), _ = list_ascents(site, flight_s, almanac.ephemeris)
    start = start_conic(site, ascent, "ascending", flight_s, almanac.ephemeris)
    goal = PeriluneGoal(MOON_RADIUS_M + 100e3, math.pi / 2, True, np.array([0.0, 0.0, 1.0]))
    flight = target_flight(site, start, goal, force, almanac)
    ends = np.array([flight.injection_tai_ns, flight.perilune_tai_ns])
    seen = flight.trajectory.states(ends)
    elements = elements_from_state(seen.position_m[0], seen.velocity_m_s[0], gm_m3_s2=EARTH.gm_m3_s2)
    axis, e, *angles, true = elements
    eccentric = 2 * math.atan(math.sqrt((1 - e) / (1 + e)) * math.tan(true / 2))
    elapsed = float(flight.trajectory.clock.seconds(ends)[1])
    mean = eccentric - e * math.sin(eccentric) + math.sqrt(EARTH.gm_m3_s2 / axis**3) * elapsed
    place, _ = state_from_elements(axis, e, *angles, mean, gm_m3_s2=EARTH.gm_m3_s2, mean=True)
    apart = float(np.linalg.norm(place - seen.position_m[1]))
    record_accuracy("exploration", "lunar transfer without the Moon's gravity", apart, 0.01, "m", "Kepler")
    assert abs(np.linalg.norm(flight.relative[:3]) - goal.radius_m) < 1.0
    # The start aims at the centre of the Moon, the flight 1837 km beside it.
    assert abs(flight.speed_m_s - start.speed_m_s) < 5.0


def test_the_site_lies_in_the_parking_plane_at_launch(result, almanac, request_):
    fixed = itrf_from_geodetic(request_.site_latitude_rad, request_.site_longitude_rad, 0.0)
    for row in result.rows:
        up, _ = gcrf_from_itrf(fixed, None, np.asarray(row.launch_tai_ns), almanac)
        flight = row.flight
        seen = flight.trajectory.states(np.array([flight.injection_tai_ns]))
        pole = np.cross(seen.position_m[0], seen.velocity_m_s[0])
        tilt = math.asin(up @ pole / np.linalg.norm(up) / np.linalg.norm(pole))
        # J2 turns the plane by up to 7.6 degrees a day between launch and injection.
        assert abs(tilt) < 7.6 * DEGREE * (flight.departure.coast_s + 700.0) / DAY_S
        hours = (flight.injection_tai_ns - row.launch_tai_ns) / 3.6e12
        assert hours * 3600 == pytest.approx(flight.departure.coast_s + request_.ascent_s, abs=1e-6)


def test_launch_instants_vary_as_their_slopes_say(almanac, request_):
    site = stand_on_site(request_, request_.departure_begin_tai_ns, almanac)
    ascent = ascend(site, 80.0 * DEGREE)
    assert math.cos(ascent.inclination_rad) == pytest.approx(
        math.cos(site.latitude_rad) * math.sin(80.0 * DEGREE)
    )
    base = depart(site, ascent, 1.0, 2.0)
    for column, step in enumerate(((1e-4, 0.0), (0.0, 1e-4))):
        moved = depart(site, ascent, 1.0 + step[0], 2.0 + step[1], base)
        slope = (moved.injection_s - base.injection_s) / 1e-4
        assert slope == pytest.approx(departure_slopes(site, ascent)[column], rel=1e-6)


def test_the_pole_of_the_iau_is_near_the_principal_axes(almanac, record_accuracy):
    instants = [
        parse_utc(f"20{year}-03-0{day}", almanac.leap_seconds) for year in (18, 22, 25) for day in (1, 9)
    ]
    angles = [
        math.acos(reference_pole("iau", t, almanac) @ reference_pole("principal", t, almanac)) / DEGREE
        for t in instants
    ]
    record_accuracy(
        "exploration", "lunar pole of the IAU", max(angles), 0.025, "deg", "principal axes of DE440", 6
    )


def test_a_flat_orbit_is_refused_by_a_steep_approach_and_says_so(almanac, request_):
    flat = replace(
        request_, lunar_inclination_rad=0.0, flight_steps=1, sides=("south",), inclination_axes="icrf"
    )
    for row in find_lunar_transfers(flat, almanac).rows:
        assert row.verdict == TOO_FLAT
        assert row.inclination_rad == pytest.approx(abs(row.asymptote_declination_rad), abs=1e-6)


def test_the_hyperbola_closes_on_itself():
    relative = np.array([-6.0e7, 1.2e7, 5.0e6, 1050.0, -120.0, -60.0])
    found = osculating_hyperbola(relative)
    assert abs(found.asymptote @ found.impact) < 1e-6 * found.impact_parameter_m
    momentum = np.linalg.norm(np.cross(relative[:3], relative[3:]))
    assert found.impact_parameter_m * found.excess_speed_m_s == pytest.approx(momentum, rel=1e-12)
    assert osculating_hyperbola(np.array([2e6, 0, 0, 0, 1000.0, 0])) is None


def test_the_messages_bring_the_flight_back(result, almanac):
    made = write_messages(result)
    assert set(made) == {"transfer.oem", "injection.opm", "perilune.opm", "transfer.czml"}
    (segment,) = read_ephemeris(read_message(made["transfer.oem"]), almanac.leap_seconds)
    flight = result.best()[1].flight.trajectory
    first, last = flight.span_tai_ns
    between = np.linspace(first + 10**9, last - 10**9, 301).astype(np.int64)
    apart = segment.states_at(between).position_m - flight.states(between).position_m
    assert np.linalg.norm(apart, axis=1).max() < 5.0


def test_the_picture_is_drawn_alike_each_time(result):
    assert draw_transfers(result, "dark") == draw_transfers(result, "dark")
    assert b"<svg" in draw_transfers(result, "light")


def test_two_processes_say_the_same(almanac, request_):
    small = replace(request_, flight_steps=1, sides=("north",), planes=("ascending",))
    one = find_lunar_transfers(small, almanac).tables()[0].rows()
    assert find_lunar_transfers(small, almanac, executor=ProcessExecutor(2)).tables()[0].rows() == one


def test_a_site_that_cannot_reach_the_moon_is_refused(almanac, request_):
    with pytest.raises(InputError, match="no launch azimuth") as caught:
        find_lunar_transfers(
            replace(
                request_, site_latitude_rad=5.2 * DEGREE, least_azimuth_rad=1.55, largest_azimuth_rad=1.6
            ),
            almanac,
        )
    assert caught.value.where == "least_azimuth"
    assert NO_AZIMUTH.startswith("no azimuth")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"perilune_altitude_m": 100.0}, UnitError),
        ({"parking_altitude_m": 185.0}, UnitError),
        ({"lunar_inclination_rad": 90.0}, UnitError),
        ({"longest_flight_s": 2.0 * DAY_S}, InputError),
        ({"apolune_altitude_m": 50e3}, InputError),
        ({"least_azimuth_rad": 2.0, "sides": ()}, ProblemList),
        ({"planes": ()}, InputError),
        (
            {"flight_steps": 41, "azimuth_steps": 37, "departure_end_tai_ns": 1661990437 * 10**9 + 10**16},
            InputError,
        ),
    ],
)
def test_wrong_requests_are_refused(request_, change, error):
    with pytest.raises(error):
        replace(request_, **change)


def test_held_orientation_shifts_a_launch_by_seconds_at_most(almanac, request_):
    """A table that ends half a year before, held at its last values, against the whole table."""
    change = {"planes": ("ascending",), "sides": ("south",), "flight_steps": 1}
    one = replace(request_, departure_end_tai_ns=request_.departure_begin_tai_ns, **change)
    table = almanac.require_earth_orientation()
    early = table.mjd_utc < one.departure_begin_tai_ns // (86_400 * 10**9) + 40_587 - 180
    columns = {field.name: getattr(table, field.name) for field in fields(table)}
    cut = {name: column[early] for name, column in columns.items() if name != "allow_predicted"}
    short = replace(almanac, earth_orientation=type(table)(**cut, allow_predicted=True))
    with pytest.raises(CoverageError):
        find_lunar_transfers(one, short)
    held = find_lunar_transfers(replace(one, beyond_earth_orientation="hold"), short)
    whole = find_lunar_transfers(one, almanac)
    (late,), (true,) = held.rows, whole.rows
    assert abs(late.launch_tai_ns - true.launch_tai_ns) < 1.8e9
    assert late.injection_m_s == pytest.approx(true.injection_m_s, abs=0.05)
    assert held.provenance.almanac_sha256 != short.sha256
    assert "held at the last values" in held.narrative().models


def test_a_table_that_reaches_far_enough_is_not_held(almanac, request_):
    held = replace(request_, beyond_earth_orientation="hold")
    assert hold_orientation(almanac, held, held.departure_end_tai_ns) is almanac


def test_the_figures_say_which_limit_binds() -> None:
    from types import SimpleNamespace

    from syzygy.exploration.lunar.days import binding_figures

    rows = [
        SimpleNamespace(verdict=word, moon_declination_rad=np.radians(angle))
        for word, angle in (("fine", 10.0), ("too flat", -21.0), ("too flat", -25.5))
    ]
    (figure,) = binding_figures(rows, "fine", "; 28.4 deg is the flattest")
    assert figure.label == "not as asked: too flat"
    assert figure.value == "2 of 3 rows; declination of the Moon -25.5 to -21.0 deg; 28.4 deg is the flattest"
    assert binding_figures(rows[:1], "fine") == ()
