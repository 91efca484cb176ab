"""Eclipses and sunlight against geometry computed another way, with ERFA's Sun."""

from __future__ import annotations

import erfa
import numpy as np
import pytest
from scipy.optimize import brentq

from syzygy.astro.constants import (
    EARTH_ROTATION_RATE_RAD_S,
    SPEED_OF_LIGHT_M_S,
    SUN_RADIUS_M,
    WGS84_SEMI_MAJOR_AXIS_M,
    WGS84_SEMI_MINOR_AXIS_M,
)
from syzygy.astro.events.earth_fixed import apparent_sun_m
from syzygy.astro.events.eclipses import find_eclipses
from syzygy.astro.events.illumination import find_sunlit_windows
from syzygy.astro.events.sites import make_sites
from syzygy.astro.events.trajectories import Sgp4Trajectories, StateTrajectories
from syzygy.astro.frames import ICRF, ITRF, itrf_from_gcrf, teme_from_gcrf, topocentric_axes
from syzygy.astro.time import parse_utc, tdb_julian_date
from syzygy.base.errors import FrameError
from syzygy.data import build_almanac
from syzygy.formats.catalogue import read_catalogue

EDGE_S = 1e-3
"""Asked of the search. ERFA's Sun (5 km, 0.01 arc second) moves an edge by 0.05 ms."""

FLATTENED_EDGE_S = 0.03
"""Scaling z makes a sphere of the ellipsoid but stretches the Sun's disc by 0.3 %: up to 15 ms."""

SUN_ARCSECOND = 0.1


@pytest.fixture(scope="module")
def almanac():
    return build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))


@pytest.fixture(scope="module")
def fleet(test_data, almanac):
    content = b"".join(
        (test_data / "passes" / f"{name}.tle").read_bytes() for name in ("oneweb_2024-11", "gnss_2021-05")
    )
    elements = read_catalogue(content, almanac.leap_seconds).elements
    return Sgp4Trajectories(elements, almanac.leap_seconds)


@pytest.fixture(scope="module")
def span(almanac):
    start = parse_utc("2024-11-18T06:00:00", almanac.leap_seconds)
    return start, start + 12 * 3_600_000_000_000


def erfa_sun_m(tai_ns: np.ndarray) -> np.ndarray:
    """Apparent geocentric Sun of ERFA, ICRF axes: light time on the barycentric path, then aberration."""
    earth_helio, earth_bary = erfa.epv00(*tdb_julian_date(tai_ns))
    sun_now = -earth_helio["p"]
    light_d = np.linalg.norm(sun_now, axis=-1) * erfa.DAU / SPEED_OF_LIGHT_M_S / 86400.0
    jd, fraction = tdb_julian_date(tai_ns)
    helio_then, bary_then = erfa.epv00(jd, fraction - light_d)
    sun_then = bary_then["p"] - helio_then["p"]
    toward = sun_then - earth_bary["p"]
    distance = np.linalg.norm(toward, axis=-1)
    velocity = earth_bary["v"] * erfa.DAU / 86400.0 / SPEED_OF_LIGHT_M_S
    root = np.sqrt(1.0 - np.sum(velocity**2, axis=-1))
    seen = erfa.ab(toward / distance[..., None], velocity, distance, root)
    return seen * (distance * erfa.DAU)[..., None]


def test_the_apparent_sun_is_erfas(almanac, span, record_accuracy):
    instants = np.arange(span[0], span[0] + 300 * 86_400_000_000_000, 10**15)
    ours = apparent_sun_m(instants, ICRF, almanac)
    theirs = erfa_sun_m(instants)
    angle = np.linalg.norm(np.cross(ours, theirs), axis=-1) / np.sum(ours * theirs, axis=-1)
    worst = float(np.degrees(angle.max()) * 3600.0)
    record_accuracy(
        "astro.events", "apparent Sun", worst, SUN_ARCSECOND, "arcsec", "ERFA epv00, ab", angle.size
    )


def disc_margin(position: np.ndarray, sun: np.ndarray, kind: int) -> np.ndarray:
    """Angle by which the discs overlap: the textbook form, unlike the cone of the implementation."""
    to_sun = sun - position
    earth = np.arcsin(WGS84_SEMI_MAJOR_AXIS_M / np.linalg.norm(position, axis=-1))
    disc = np.arcsin(SUN_RADIUS_M / np.linalg.norm(to_sun, axis=-1))
    cross = np.linalg.norm(np.cross(to_sun, -position), axis=-1)
    return earth + kind * disc - np.arctan2(cross, np.sum(to_sun * -position, axis=-1))


def ray_margin(position: np.ndarray, sun: np.ndarray, kind: int) -> np.ndarray:
    """Least (or largest) clearance of rays to the Sun's limb over the flattened Earth."""
    axis = sun - position
    unit = axis / np.linalg.norm(axis)
    first = np.cross(unit, [0.3, 0.8, 0.5])
    first /= np.linalg.norm(first)
    turn = np.linspace(0.0, 2.0 * np.pi, 721)[:, None]
    limb = sun + SUN_RADIUS_M * (np.cos(turn) * first + np.sin(turn) * np.cross(unit, first))
    scale = 1.0 / np.array([WGS84_SEMI_MAJOR_AXIS_M, WGS84_SEMI_MAJOR_AXIS_M, WGS84_SEMI_MINOR_AXIS_M])
    here, ray = position * scale, (limb - position) * scale
    nearest = -np.sum(here * ray, axis=-1) / np.sum(ray**2, axis=-1)
    gap = np.linalg.norm(here + nearest[:, None] * ray, axis=-1) - 1.0
    return -(gap.min() if kind > 0 else gap.max())


def check_edges(windows, fleet, almanac, margin, kind, tolerance_s):
    errors = []
    for lane, at, is_open in [
        *zip(windows.lane, windows.start_tai_ns, windows.open_start, strict=True),
        *zip(windows.lane, windows.end_tai_ns, windows.open_end, strict=True),
    ]:
        if is_open:
            continue

        def value(offset_s: float, lane: int = lane, at: int = at) -> float:
            instant = np.array([at + round(offset_s * 1e9)])
            sun = teme_from_gcrf(erfa_sun_m(instant), None, instant, almanac)[0]
            return float(np.ravel(margin(fleet.points(np.array([lane]), instant)[0], sun[0], kind))[0])

        errors.append(abs(brentq(value, -1.0, 1.0, xtol=1e-6)))
        assert errors[-1] < tolerance_s
    return errors


def test_edges_on_a_round_earth_agree_with_the_angles_of_the_discs(fleet, almanac, span, record_accuracy):
    eclipses = find_eclipses(fleet, *span, almanac, flattened=False)
    for windows, kind in ((eclipses.penumbra, 1), (eclipses.umbra, -1)):
        errors = check_edges(windows, fleet, almanac, disc_margin, kind, EDGE_S)
        assert len(errors) >= 10
        words = f"{'penumbra' if kind > 0 else 'umbra'} edges, round Earth"
        source = "overlap of the discs, with ERFA's Sun"
        record_accuracy("astro.events", words, max(errors), EDGE_S, "s", source, len(errors))


@pytest.mark.slow
def test_edges_on_a_flattened_earth_agree_with_rays_to_the_limb(fleet, almanac, span, record_accuracy):
    eclipses = find_eclipses(fleet, *span, almanac)
    for windows, kind in ((eclipses.penumbra, 1), (eclipses.umbra, -1)):
        errors = check_edges(windows, fleet, almanac, ray_margin, kind, FLATTENED_EDGE_S)
        assert len(errors) >= 10
        words = f"{'penumbra' if kind > 0 else 'umbra'} edges, flattened Earth"
        source = "rays to the Sun's limb over the ellipsoid, with ERFA's Sun"
        record_accuracy("astro.events", words, max(errors), FLATTENED_EDGE_S, "s", source, len(errors))


@pytest.mark.slow
def test_no_eclipse_is_missed_or_invented(fleet, almanac, span):
    eclipses = find_eclipses(fleet, *span, almanac, flattened=False)
    instants = np.arange(span[0], span[1], 20_000_000_000)
    position, _ = fleet.grid(slice(None), instants)
    sun = teme_from_gcrf(erfa_sun_m(instants), None, instants, almanac)[0]
    for windows, kind in ((eclipses.penumbra, 1), (eclipses.umbra, -1)):
        for lane in range(len(fleet)):
            dark = disc_margin(position[lane], sun, kind) > 0.0
            mine = windows.lane == lane
            listed = np.zeros(instants.size, dtype=bool)
            for a, b in zip(windows.start_tai_ns[mine], windows.end_tai_ns[mine], strict=True):
                listed |= (instants >= a) & (instants <= b)
            assert np.array_equal(dark, listed)


def test_every_umbra_lies_inside_a_penumbra(fleet, almanac, span):
    eclipses = find_eclipses(fleet, *span, almanac)
    outer = eclipses.penumbra
    for lane, a, b in zip(
        eclipses.umbra.lane, eclipses.umbra.start_tai_ns, eclipses.umbra.end_tai_ns, strict=True
    ):
        inside = (outer.lane == lane) & (outer.start_tai_ns <= a) & (outer.end_tai_ns >= b)
        assert np.count_nonzero(inside) == 1


def test_the_answer_does_not_depend_on_the_step(fleet, almanac, span):
    first = find_eclipses(fleet, *span, almanac, step_s=60.0).umbra
    second = find_eclipses(fleet, *span, almanac, step_s=400.0).umbra
    assert np.array_equal(first.lane, second.lane)
    assert np.abs(first.start_tai_ns - second.start_tai_ns).max() < 5_000


def test_turning_axes_are_refused(almanac, span):
    with pytest.raises(FrameError, match="ITRF"):
        find_eclipses(StateTrajectories((), ITRF), *span, almanac)


def test_sunlit_windows_agree_with_erfas_sun(almanac, span):
    latitude, longitude = np.radians([48.8566, -1.2921, 69.0]), np.radians([2.3522, 36.8219, 33.0])
    sites = make_sites(latitude, longitude, 0.0, np.radians([-6.0, 0.0, 10.0]))
    windows = find_sunlit_windows(sites, span[0], span[0] + 3 * 86_400_000_000_000, almanac)
    assert sorted(set(windows.lane.tolist())) == [0, 1]
    up = topocentric_axes(latitude, longitude)[:, 2]
    for lane, at in zip(windows.lane, windows.start_tai_ns, strict=True):
        if at == span[0]:
            continue
        instant = np.array([at])
        toward = itrf_from_gcrf(erfa_sun_m(instant), None, instant, almanac)[0][0]
        sine = float(toward @ up[lane] / np.linalg.norm(toward))
        rate = EARTH_ROTATION_RATE_RAD_S * np.cos(latitude[lane])
        assert abs(sine - np.sin(np.radians([-6.0, 0.0, 10.0])[lane])) < rate * EDGE_S
