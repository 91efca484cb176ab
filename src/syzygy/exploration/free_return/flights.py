"""The whole flight of a free return in one arc from injection to entry, and what is met on the way."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH
from syzygy.astro.frames import (
    ICRF,
    geodetic_from_itrf,
    itrf_from_gcrf,
    topocentric_axes,
)
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.propagation.trajectory import Trajectory
from syzygy.astro.states import States
from syzygy.base.errors import ComputationError
from syzygy.exploration.free_return.shooting import Perilune, Range, fly_from_perilune
from syzygy.exploration.lunar.launching import NS_PER_S

Doubles = NDArray[np.float64]

_AFTER_S = 60.0
_LOOSE = 1e-4
_EARTH_RADIUS_M = 6_371_008.4


@dataclass(frozen=True, eq=False)
class EntryPoint:
    """The entry interface of a flight.

    Attributes
    ----------
    tai_ns : int
    height_m : float
        Geodetic.
    angle_rad, speed_m_s : float
        Inertial; the angle against the geocentric horizontal.
    latitude_rad, longitude_rad, heading_rad : float
        Geodetic, ITRF; the heading relative to the turning Earth.
    inclination_rad : float
        To the equator of date.
    """

    tai_ns: int
    height_m: float
    angle_rad: float
    speed_m_s: float
    latitude_rad: float
    longitude_rad: float
    heading_rad: float
    inclination_rad: float


@dataclass(frozen=True, eq=False)
class ReturnFlight:
    """A free return flown in one arc.

    Attributes
    ----------
    injection_tai_ns, perilune_tai_ns : int
    state : array (6,)
        At injection, ICRF about the Earth.
    trajectory : Trajectory
        From injection to beyond the entry interface.
    perilune_m, perilune_speed_m_s : float
        Of that arc, relative to the Moon.
    perilune_moon_m : array (3,)
        Place of the perilune about the Moon in axes that turn with it: x away from the Earth.
    entry : EntryPoint
    entry_shift_m, perigee_shift_m : float
        By one m/s more at injection: place at the time of entry, radius of the perigee of the way back.
    check_entry_m : float
        Place at the time of entry, against a flight at 100,000 times the tolerance.
    """

    injection_tai_ns: int
    perilune_tai_ns: int
    state: Doubles
    trajectory: Trajectory
    perilune_m: float
    perilune_speed_m_s: float
    perilune_moon_m: Doubles
    entry: EntryPoint
    entry_shift_m: float
    perigee_shift_m: float
    check_entry_m: float


def fly_return(field: Range, middle: Perilune) -> ReturnFlight | None:
    """Fly from injection to entry in one arc, beginning at the end of the leg backwards.

    None when the path enters a body or never meets the interface.

    **Accuracy**: SciPy's DOP853 with a right-hand side of its own from injection to entry:
    tests/exploration/test_exploration_free_return.py.
    """
    back = fly_from_perilune(field, middle.tai_ns, middle.relative, middle.injection_s - 5.0, tolerance=1e-9)
    if back is None:
        return None
    injection = _horizontal(back, middle.tai_ns + round(middle.injection_s * NS_PER_S))
    seen = back.states(np.array([injection]))
    state = np.concatenate([seen.position_m[0], seen.velocity_m_s[0]])
    end = middle.tai_ns + round((middle.entry_s + _AFTER_S) * NS_PER_S)
    flights = [_fly(field, state, injection, end, tolerance) for tolerance in (1e-9, _LOOSE)]
    one, other = flights
    if one is None or other is None:
        return None
    entry = _entry(field, one, middle.tai_ns + round(middle.entry_s * NS_PER_S))
    if entry is None:
        return None
    perilune = _root(
        lambda t: _closing(field, one, t), middle.tai_ns - 60 * NS_PER_S, middle.tai_ns + 60 * NS_PER_S
    )
    if perilune is None:
        return None
    near = _relative(field, one, perilune)
    at = np.array([entry.tai_ns])
    shift = one.transition(at)[0] @ np.concatenate([np.zeros(3), state[3:] / np.linalg.norm(state[3:])])
    apart = float(np.linalg.norm(one.states(at).position_m - other.states(at).position_m))
    return ReturnFlight(
        injection,
        perilune,
        state,
        one,
        float(np.linalg.norm(near[:3])),
        float(np.linalg.norm(near[3:])),
        _turned(field, near[:3], perilune),
        entry,
        float(np.linalg.norm(shift[:3])),
        _perigee_slope(one, entry.tai_ns, shift),
        apart,
    )


def _fly(field: Range, state: Doubles, begin: int, end: int, tolerance: float) -> Trajectory | None:
    first = States(state[:3], state[3:], np.asarray(begin), ICRF, EARTH)
    try:
        (flight,) = propagate(
            first, end, field.force, field.almanac, tolerance=tolerance, transition=tolerance < _LOOSE
        )
    except ComputationError:
        return None
    return flight


def _horizontal(flight: Trajectory, near: int) -> int:
    """Return the instant of horizontal flight near another."""

    def climb(t: int) -> float:
        seen = flight.states(np.array([t]))
        return float(seen.position_m[0] @ seen.velocity_m_s[0])

    first = flight.span_tai_ns[0]
    found = _root(climb, max(near - 4 * NS_PER_S, first), near + 4 * NS_PER_S)
    return near if found is None else found


def _root(function: Callable[[int], float], low: int, high: int) -> int | None:
    """Return where a function of instants changes sign, to the nanosecond."""
    one, other = function(low), function(high)
    if one * other > 0.0:
        return None
    while high - low > 1:
        share = one / (one - other) if one != other else 0.5
        middle = low + min(max(round((high - low) * share), 1), high - low - 1)
        value = function(middle)
        if value * one > 0.0:
            low, one = middle, value
        else:
            high, other = middle, value
        half = (low + high) // 2
        if high - low > 1:
            value = function(half)
            if value * one > 0.0:
                low, one = half, value
            else:
                high, other = half, value
    return high


def _relative(field: Range, flight: Trajectory, tai_ns: int) -> Doubles:
    seen = flight.states(np.array([tai_ns]))
    place, speed = field.moon(tai_ns)
    return np.concatenate([seen.position_m[0] - place, seen.velocity_m_s[0] - speed])


def _closing(field: Range, flight: Trajectory, tai_ns: int) -> float:
    near = _relative(field, flight, tai_ns)
    return float(near[:3] @ near[3:])


def _turned(field: Range, place: Doubles, tai_ns: int) -> Doubles:
    from syzygy.exploration.free_return.patched_start import moon_axes

    return np.asarray(moon_axes(*field.moon(tai_ns)).rows @ place)


def _entry(field: Range, flight: Trajectory, near: int) -> EntryPoint | None:
    def above(t: int) -> float:
        fixed, _ = itrf_from_gcrf(flight.states(np.array([t])).position_m, None, np.array([t]), field.almanac)
        return float(geodetic_from_itrf(fixed)[2][0]) - field.goal.entry_altitude_m

    reach = round(_AFTER_S * NS_PER_S) - NS_PER_S
    found = _root(above, near - reach, near + reach)
    if found is None:
        return None
    seen = flight.states(np.array([found]))
    r, v = seen.position_m[0], seen.velocity_m_s[0]
    fixed, moving = itrf_from_gcrf(seen.position_m, seen.velocity_m_s, np.array([found]), field.almanac)
    latitude, longitude, height = (float(part[0]) for part in geodetic_from_itrf(fixed))
    if moving is None:
        return None
    east, north = topocentric_axes(latitude, longitude)[:2] @ moving[0]
    speed, momentum = float(np.linalg.norm(v)), np.cross(r, v)
    return EntryPoint(
        found,
        height,
        math.asin(float(r @ v) / (float(np.linalg.norm(r)) * speed)),
        speed,
        latitude,
        longitude,
        math.atan2(east, north) % (2.0 * math.pi),
        math.acos(float(momentum @ field.equator[2]) / float(np.linalg.norm(momentum))),
    )


def _perigee_slope(flight: Trajectory, tai_ns: int, shift: Doubles) -> float:
    """Return the change of the osculating perigee by a small change of the state at an instant."""
    seen = flight.states(np.array([tai_ns]))
    state = np.concatenate([seen.position_m[0], seen.velocity_m_s[0]])
    step = 1e-3 * shift / max(1.0, float(np.linalg.norm(shift[3:])))
    scale = float(np.linalg.norm(step) / np.linalg.norm(shift))
    return (_perigee(state + step) - _perigee(state - step)) / (2.0 * scale)


def _perigee(state: Doubles) -> float:
    gm = EARTH.gm_m3_s2
    size = float(np.linalg.norm(np.cross(state[:3], state[3:])))
    energy = float(state[3:] @ state[3:]) / 2.0 - gm / float(np.linalg.norm(state[:3]))
    e = math.sqrt(max(1.0 + 2.0 * energy * (size / gm) ** 2, 0.0))
    return size**2 / gm / (1.0 + e)


def landing(entry: EntryPoint, range_m: float) -> tuple[float, float]:
    """Return latitude and longitude after a range along the heading, on a sphere fixed to the Earth."""
    arc = range_m / _EARTH_RADIUS_M
    sine = math.sin(entry.latitude_rad) * math.cos(arc) + math.cos(entry.latitude_rad) * math.sin(
        arc
    ) * math.cos(entry.heading_rad)
    east = math.atan2(
        math.sin(entry.heading_rad) * math.sin(arc) * math.cos(entry.latitude_rad),
        math.cos(arc) - math.sin(entry.latitude_rad) * sine,
    )
    longitude = (entry.longitude_rad + east + math.pi) % (2.0 * math.pi) - math.pi
    return math.asin(sine), longitude
