"""What windows meet on their way: conics, distances, shadows, poles, conjunction, by independent means."""

from __future__ import annotations

from pathlib import Path

import erfa
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, JUPITER, MARS, MOON, SUN
from syzygy.astro.conics import state_from_elements
from syzygy.astro.environment.shadow import shadow_angles_rad
from syzygy.astro.frames import moon_me_from_icrf
from syzygy.astro.time import parse_utc
from syzygy.data import build_almanac
from syzygy.exploration.body_equator import equator_axes, has_equator, pole_direction
from syzygy.exploration.conics import Conic, extreme_distances, follow_conic, hyperbola_branch
from syzygy.exploration.minima import INTERIOR
from syzygy.exploration.requests import WindowsRequest
from syzygy.exploration.shadows import ARRIVAL, CRUISE, DEPARTURE, Samples, list_eclipses, time_below_zero
from syzygy.exploration.windows import WindowsResult, find_windows
from syzygy.formats.pck import open_binary_pck

MAX_SHADOW_ERROR_S = 1.0
MAX_MOON_POLE_DEG = 0.02
DAY_S = 86400.0


@pytest.fixture(scope="module")
def almanac() -> Almanac:
    return build_almanac(("leap_seconds", "ephemeris"))


def _request(almanac: Almanac, **changes: object) -> WindowsRequest:
    def at(text: str) -> int:
        return parse_utc(text, almanac.leap_seconds)

    values: dict[str, object] = {
        "arrival_body": "Mars barycenter",
        "departure_begin_tai_ns": at("2020-06-15"),
        "departure_end_tai_ns": at("2020-09-20"),
        "arrival_begin_tai_ns": at("2020-12-15"),
        "arrival_end_tai_ns": at("2021-11-15"),
        "departure_steps": 31,
        "arrival_steps": 31,
        "directions": ("prograde",),
    }
    return WindowsRequest(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def result(almanac: Almanac) -> WindowsResult:
    return find_windows(_request(almanac), almanac)


@pytest.mark.slow
def test_distances_along_a_conic_are_those_of_its_finely_sampled_points() -> None:
    rng = np.random.default_rng(7)
    gm = SUN.gm_m3_s2
    for _ in range(60):
        e, first = rng.uniform(0.0, 0.9), rng.uniform(0.0, 2 * np.pi)
        swept = rng.uniform(0.1, 6.0) + 2 * np.pi * rng.integers(0, 3)
        anomaly = first + np.linspace(0.0, swept, 20001)
        position, velocity = state_from_elements(1.5e11, e, 0.4, 1.0, 2.0, anomaly, gm_m3_s2=gm)
        away = np.linalg.norm(position, axis=-1)
        low, high = extreme_distances(position[0], velocity[0], position[-1], np.float64(swept), gm)
        np.testing.assert_allclose([low, high], [away.min(), away.max()], rtol=1e-6)


def test_a_conic_is_followed_as_an_integrator_follows_it() -> None:
    start, speed = np.array([1.5e11, 2e10, -3e9]), np.array([-3e3, 3.2e4, 2e3])

    def rates(_t: float, y: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return np.concatenate([y[3:], -SUN.gm_m3_s2 * y[:3] / np.linalg.norm(y[:3]) ** 3])

    seconds = np.array([0.0, 50.0, 150.0]) * DAY_S
    y0 = np.concatenate([start, speed])
    truth = solve_ivp(rates, (0.0, seconds[-1]), y0, "DOP853", seconds, rtol=1e-13, atol=1e-3).y.T
    place, velocity = follow_conic(Conic(start, speed, SUN.gm_m3_s2, seconds[-1]), seconds)
    np.testing.assert_allclose(place, truth[:, :3], rtol=0, atol=100.0)
    np.testing.assert_allclose(velocity, truth[:, 3:], rtol=0, atol=1e-5)


def test_shadow_times_are_those_of_an_integrated_hyperbola(almanac: Almanac, record_accuracy) -> None:  # type: ignore[no-untyped-def]
    ephemeris = almanac.require_ephemeris()
    begin = parse_utc("2020-07-30T12:45", almanac.leap_seconds)
    sun = ephemeris.position_m(SUN, EARTH, np.int64(begin))
    worst = 0.0
    for angle in (4.4, 4.8, 5.2):
        ahead = np.cross(sun / np.linalg.norm(sun), [0.0, 0.0, 1.0])
        ahead = ahead / np.linalg.norm(ahead)
        asymptote = 3500.0 * (np.sin(angle) * ahead + np.cos(angle) * sun / np.linalg.norm(sun))
        normal = np.cross(sun, ahead) / np.linalg.norm(np.cross(sun, ahead))
        seconds, places = hyperbola_branch(
            asymptote, normal[None], 6.6e6, 9e8, EARTH.gm_m3_s2, 1200, incoming=False
        )
        tai_ns = begin + np.round(seconds * 1e9).astype(np.int64)
        part = Samples(DEPARTURE, EARTH, tai_ns, places)
        found = list_eclipses([part], {DEPARTURE: [EARTH]}, ephemeris)
        umbra = found[0].longest_umbra_s
        assert umbra > 300.0
        worst = max(worst, abs(umbra - _integrated_umbra_s(asymptote, normal, almanac, begin)))
    words = "time in umbra on a departure hyperbola"
    record_accuracy("exploration", words, worst, MAX_SHADOW_ERROR_S, "s", "SciPy DOP853, 1 s steps", 3)


def _integrated_umbra_s(
    asymptote: np.ndarray,  # type: ignore[type-arg]
    normal: np.ndarray,  # type: ignore[type-arg]
    almanac: Almanac,
    begin: int,
) -> float:
    """Two-body motion by an integrator of its own from the pericentre, umbra counted each second."""
    speed, radius = float(np.linalg.norm(asymptote)), 6.6e6
    e = 1.0 + radius * speed**2 / EARTH.gm_m3_s2
    turn = np.arccos(-1.0 / e)
    along, side = asymptote / speed, np.cross(normal, asymptote / speed)
    pericentre = np.cos(turn) * along - np.sin(turn) * side
    start = radius * pericentre
    velocity = np.sqrt(speed**2 + 2 * EARTH.gm_m3_s2 / radius) * np.cross(normal, pericentre)

    def rates(_t: float, y: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return np.concatenate([y[3:], -EARTH.gm_m3_s2 * y[:3] / np.linalg.norm(y[:3]) ** 3])

    at = np.arange(0.0, 40_000.0, 1.0)
    y0 = np.concatenate([start, velocity])
    places = solve_ivp(rates, (0.0, at[-1]), y0, "DOP853", at, rtol=1e-12, atol=1e-3).y[:3].T
    instants = begin + np.round(at * 1e9).astype(np.int64)
    sun = almanac.require_ephemeris().position_m(SUN, EARTH, instants)
    separation, earth, star = shadow_angles_rad(places, sun, body_radius_m=EARTH.radius_m)
    return float((separation < earth - star).sum())


def test_time_below_zero_is_exact_for_straight_lines() -> None:
    seconds = np.array([0.0, 1.0, 3.0])
    values = np.array([[1.0, -1.0, 3.0], [-1.0, -1.0, -1.0], [1.0, 2.0, 3.0]])
    np.testing.assert_allclose(time_below_zero(seconds, values), [1.0, 3.0, 0.0])


def test_the_way_to_mars_in_2020_leaves_through_the_shadow_of_the_earth(result: WindowsResult) -> None:
    """Mars 2020 went into safe mode on 30 July 2020 as it was colder than expected in the Earth's shadow."""
    first = next(m for w, m in zip(result.windows, result.surroundings, strict=True) if w.type_name == "I")
    leaving = [item for item in first.eclipses if item.phase == DEPARTURE]
    assert [item.body for item in leaving] == ["Earth"]
    assert 5 * 60 < leaving[0].shortest_umbra_s <= leaving[0].longest_umbra_s < 40 * 60
    assert {item.phase for item in first.eclipses} <= {DEPARTURE, CRUISE, ARRIVAL}


def test_an_arrival_in_conjunction_is_flagged(result: WindowsResult) -> None:
    """Mars stood in conjunction with the Sun on 8 October 2021."""
    rows = {row["type"]: row for row in result.tables()[0].rows() if row["verdict"] == INTERIOR}
    assert rows["II"]["conjunction"] is True
    assert float(str(rows["II"]["sun_earth_probe_deg"])) < 3.0
    assert float(str(rows["II"]["earth_distance_au"])) > 2.5
    assert rows["I"]["conjunction"] is False


def test_sun_earth_probe_angle_is_that_of_erfa(result: WindowsResult) -> None:
    for window, met in zip(result.windows, result.surroundings, strict=True):
        at = np.int64(window.arrival_tai_ns)
        place = result.ephemeris.position_m(result.leg.destination, EARTH, at)
        sun = result.ephemeris.position_m(SUN, EARTH, at)
        assert abs(float(erfa.sepp(place, sun)) - met.sun_earth_probe_rad) < 1e-12
        assert abs(float(np.linalg.norm(place)) - met.earth_distance_m) < 1.0


def test_sun_distances_of_windows_lie_between_those_of_the_planets(result: WindowsResult) -> None:
    for row in result.tables()[0].rows():
        assert 0.95 < float(str(row["sun_smallest_au"])) < 1.02
        assert 1.35 < float(str(row["sun_largest_au"])) < 1.95


def test_the_grid_carries_the_same_figures_as_the_windows(result: WindowsResult) -> None:
    grid = result.tables()[-1]
    for name in ("sun_smallest_au", "sun_largest_au", "arrival_declination_deg", "earth_distance_au"):
        assert name in grid.names
        assert np.isfinite(grid[name].astype(float)).all()


def test_the_pole_of_the_moon_is_that_of_its_librations(
    shared_data: Path, almanac: Almanac, record_accuracy
) -> None:  # type: ignore[no-untyped-def]
    orientation = open_binary_pck(shared_data / "exploration" / "frames" / "moon_pa_de421_1900-2050.bpc")
    worst = 0.0
    for year in range(2015, 2027):
        at = parse_utc(f"{year}-0{year % 9 + 1}-11", almanac.leap_seconds)
        true = moon_me_from_icrf(orientation.angles_rad(np.array([at], dtype=np.int64)))[0, 2]
        worst = max(worst, np.degrees(float(erfa.sepp(true, pole_direction(MOON, at, almanac)))))
    words = "pole of the Moon by the IAU series"
    record_accuracy("exploration", words, worst, MAX_MOON_POLE_DEG, "deg", "librations of DE421 (NAIF)", 12)


def test_equators_are_right_handed_and_their_nodes_lie_on_the_icrf_equator(almanac: Almanac) -> None:
    at = parse_utc("2022-01-01", almanac.leap_seconds)
    for body in (EARTH, MOON, MARS, JUPITER):
        assert has_equator(body)
        axes = equator_axes(pole_direction(body, at, almanac), body)
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-14)
        np.testing.assert_allclose(np.linalg.det(axes), 1.0)
        assert body == EARTH or abs(axes[0, 2]) < 1e-14


@pytest.mark.slow
def test_the_moon_to_mars_and_venus_to_the_moon_are_legs_too(almanac: Almanac) -> None:
    for origin, destination in (("Moon", "Mars barycenter"), ("Venus barycenter", "Moon")):
        request = _request(almanac, departure_body=origin, arrival_body=destination)
        made = find_windows(request, almanac)
        assert not made.leg.is_geocentric
        assert "attraction of the Earth is left out" in made.narrative().limits
        assert len(made.surroundings) == len(made.windows) > 0


@pytest.mark.slow
def test_conics_through_the_sun_do_not_stop_a_study(almanac: Almanac) -> None:
    request = _request(almanac, most_revolutions=1, directions=("prograde", "retrograde"))
    made = find_windows(request, almanac)
    assert len(made.surroundings) == len(made.windows)
