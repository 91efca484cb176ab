"""Time in shadow along a leg: of the bodies at both ends, of the Moon when leaving or reaching the Earth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syzygy.astro.bodies import EARTH, MOON, SUN, Body
from syzygy.astro.environment.shadow import shadow_angles_rad
from syzygy.astro.ephemerides import Ephemeris
from syzygy.exploration.conics import Conic, follow_conic, hyperbola_branch
from syzygy.exploration.legs import FloatArray, Instants, Leg, surface
from syzygy.exploration.requests import NS_PER_S

DEPARTURE, CRUISE, ARRIVAL = "departure", "cruise", "arrival"
_LEAST_SHARE = 0.1
"""A disc below a tenth of the Sun's diameter (1 % of its area) is a transit, not an eclipse."""
_HYPERBOLA_STEPS = 1200
_CRUISE_STEPS = 4000
_PLANES = 36
_NEAREST_SUN = 3.0
"""Radii of the Sun within which no shadow is looked for: no spacecraft goes there."""


@dataclass(frozen=True)
class Eclipse:
    """Time that one body's shadow takes in one phase of a leg, over all planes that are still open.

    Attributes
    ----------
    phase : str
        `DEPARTURE`, `CRUISE` or `ARRIVAL`.
    body : str
        Whose shadow.
    planes : int
        How many planes of the hyperbola were tried.
    shortest_umbra_s, longest_umbra_s : float
        Sun wholly covered.
    shortest_penumbra_s, longest_penumbra_s : float
        Sun partly covered, 1 % of its disc or more.
    begin_tai_ns, end_tai_ns : int
        First and last contact over all planes.
    """

    phase: str
    body: str
    planes: int
    shortest_umbra_s: float
    longest_umbra_s: float
    shortest_penumbra_s: float
    longest_penumbra_s: float
    begin_tai_ns: int
    end_tai_ns: int


@dataclass(frozen=True, eq=False)
class Samples:
    """Places along one phase, relative to one body: instants (n,), places (planes, n, 3)."""

    phase: str
    near: Body
    tai_ns: Instants
    position_m: FloatArray


def list_eclipses(
    samples: list[Samples], occulters: dict[str, list[Body]], ephemeris: Ephemeris
) -> list[Eclipse]:
    """Return the eclipses of the phases by the bodies named for each; phases without one are left out."""
    found = []
    for part in samples:
        for body in occulters[part.phase]:
            one = _eclipse(part, body, ephemeris)
            if one is not None:
                found.append(one)
    return found


def _eclipse(part: Samples, body: Body, ephemeris: Ephemeris) -> Eclipse | None:
    place = part.position_m
    if place_of(body) != part.near:
        place = place - ephemeris.position_m(place_of(body), part.near, part.tai_ns)
    sun = ephemeris.position_m(SUN, place_of(body), part.tai_ns)
    outside = np.linalg.norm(place, axis=-1, keepdims=True)
    radius = surface(body).radius_m
    place = np.where(outside < radius, place * (radius / np.maximum(outside, 1.0)), place)
    separation, disc, star = shadow_angles_rad(place, np.broadcast_to(sun, place.shape), body_radius_m=radius)
    umbra = separation - (disc - star)
    shade = np.maximum(separation - (disc + star), _LEAST_SHARE * star - disc)
    if not (shade < 0.0).any():
        return None
    seconds = (part.tai_ns - part.tai_ns[0]) / NS_PER_S
    dark, any_shade = time_below_zero(seconds, umbra), time_below_zero(seconds, shade)
    half = any_shade - dark
    touched = np.flatnonzero((shade < 0.0).any(axis=0))
    return Eclipse(
        part.phase, surface(body).name, place.shape[0], float(dark.min()), float(dark.max()),
        float(half.min()), float(half.max()), int(part.tai_ns[touched[0]]), int(part.tai_ns[touched[-1]]),
    )  # fmt: skip


def place_of(body: Body) -> Body:
    """Return the body whose ephemeris stands for a planet: the Earth itself, of others their system."""
    return EARTH if surface(body) == EARTH else body


def time_below_zero(seconds: FloatArray, values: FloatArray) -> FloatArray:
    """Return for each row of values (k, n) the time during which they are negative, linear between nodes."""
    left, right = values[:, :-1], values[:, 1:]
    span = np.diff(seconds)
    low = np.minimum(left, right)
    share = np.where(
        left * right < 0.0, low / np.where(left == right, 1.0, low - np.maximum(left, right)), 0.0
    )
    share = np.where((left < 0.0) & (right < 0.0), 1.0, share)
    total: FloatArray = (share * span).sum(axis=1)
    return total


def sample_cruise(
    conic: Conic, leg: Leg, departure_tai_ns: int, skipped_s: tuple[float, float]
) -> tuple[Samples, FloatArray]:
    """Return places on a heliocentric conic, dense near both ends, without the spheres of influence.

    Places are relative to the Sun; the second answer is their distance from it.
    """
    first, last = skipped_s[0], conic.flight_s - skipped_s[1]
    wave = (1.0 - np.cos(np.linspace(0.0, np.pi, _CRUISE_STEPS))) / 2.0
    seconds = first + (last - first) * wave
    position = follow_conic(conic, seconds)[0]
    away = np.linalg.norm(position, axis=-1)
    kept = away > _NEAREST_SUN * SUN.radius_m
    seconds, position, away = seconds[kept], position[kept], away[kept]
    tai_ns = departure_tai_ns + np.round(seconds * NS_PER_S).astype(np.int64)
    return Samples(CRUISE, leg.centre, tai_ns, position[None]), away


def sample_coast(conic: Conic, departure_tai_ns: int, end_s: float) -> Samples:
    """Return places on a geocentric conic from its perigee, dense near it."""
    seconds = end_s * dense_shares(_CRUISE_STEPS)
    tai_ns = departure_tai_ns + np.round(seconds * NS_PER_S).astype(np.int64)
    return Samples(CRUISE, EARTH, tai_ns, follow_conic(conic, seconds)[0][None])


def sample_return(conic: Conic, departure_tai_ns: int, begin_s: float) -> Samples:
    """Return places on a geocentric conic to its perigee, dense near it."""
    share = 1.0 - dense_shares(_CRUISE_STEPS)[::-1]
    seconds = begin_s + (conic.flight_s - begin_s) * share
    tai_ns = departure_tai_ns + np.round(seconds * NS_PER_S).astype(np.int64)
    return Samples(CRUISE, EARTH, tai_ns, follow_conic(conic, seconds)[0][None])


def dense_shares(count: int) -> FloatArray:
    """Return shares 0 to 1 of a flight, dense near its beginning."""
    share = np.linspace(0.0, 1.0, count)
    dense: FloatArray = 0.02 * share + 0.98 * share**3
    return dense


def sample_departure(
    leg: Leg, excess_m_s: FloatArray, departure_tai_ns: int, edge_m: float
) -> tuple[Samples, float]:
    """Return places on the hyperbola of departure, and the time it takes to the edge of the sphere.

    From the Earth the plane has the inclination of the parking orbit (or the declination of the asymptote,
    if that is more), which leaves two; elsewhere any plane through the asymptote counts.
    """
    body = surface(leg.origin)
    normals = _all_normals(excess_m_s)
    if body == EARTH:
        normals = _inclined_normals(excess_m_s, leg.parking_inclination_rad)
    seconds, places = hyperbola_branch(
        excess_m_s, normals, leg.parking_radius_m, edge_m, body.gm_m3_s2, _HYPERBOLA_STEPS, incoming=False
    )
    tai_ns = departure_tai_ns + np.round(seconds * NS_PER_S).astype(np.int64)
    return Samples(DEPARTURE, place_of(leg.origin), tai_ns, places), float(seconds[-1])


def sample_arrival(
    leg: Leg, approach_m_s: FloatArray, arrival_tai_ns: int, edge_m: float
) -> tuple[Samples, float]:
    """Return places on hyperbolas of arrival, planes all round the asymptote, and the time from the edge."""
    body = surface(leg.destination)
    seconds, places = hyperbola_branch(
        approach_m_s, _all_normals(approach_m_s), leg.arrival_radius_m, edge_m, body.gm_m3_s2,
        _HYPERBOLA_STEPS, incoming=True,
    )  # fmt: skip
    tai_ns = arrival_tai_ns + np.round(seconds * NS_PER_S).astype(np.int64)
    return Samples(ARRIVAL, place_of(leg.destination), tai_ns, places), float(-seconds[0])


def occulting_bodies(leg: Leg) -> dict[str, list[Body]]:
    """Return whose shadows count in each phase: the body of the phase, and Earth and Moon together."""
    first, last = surface(leg.origin), surface(leg.destination)
    near_first = [EARTH, MOON] if first in (EARTH, MOON) else [leg.origin]
    near_last = [EARTH, MOON] if last in (EARTH, MOON) else [leg.destination]
    cruise = near_first + [body for body in near_last if body not in near_first]
    return {DEPARTURE: near_first, CRUISE: cruise, ARRIVAL: near_last}


def _frame_across(asymptote_m_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    along = asymptote_m_s / np.linalg.norm(asymptote_m_s)
    level = np.cross([0.0, 0.0, 1.0], along)
    size = float(np.linalg.norm(level))
    level = np.array([1.0, 0.0, 0.0]) if size < 1e-12 else level / size
    return level, np.cross(along, level)


def _all_normals(asymptote_m_s: FloatArray) -> FloatArray:
    level, upward = _frame_across(asymptote_m_s)
    angle = np.arange(_PLANES) * (2.0 * np.pi / _PLANES)
    normals: FloatArray = np.cos(angle)[:, None] * upward + np.sin(angle)[:, None] * level
    return normals


def _inclined_normals(asymptote_m_s: FloatArray, inclination_rad: float) -> FloatArray:
    level, upward = _frame_across(asymptote_m_s)
    cosine = float(np.clip(np.cos(inclination_rad) / max(float(upward[2]), 1e-12), -1.0, 1.0))
    sine = np.sqrt(1.0 - cosine * cosine)
    normals: FloatArray = np.stack([cosine * upward + sine * level, cosine * upward - sine * level])
    return normals
