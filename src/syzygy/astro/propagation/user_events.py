"""Events on the way: zeros of functions of the state, found on the dense output of the steps just done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, SUN, Body
from syzygy.astro.environment import shadow_angles_rad
from syzygy.astro.forces.model import occulter_radius_m
from syzygy.astro.frames import geodetic_from_itrf, itrf_from_gcrf
from syzygy.astro.states import States
from syzygy.base.errors import InputError
from syzygy.numerics.roots import find_roots

Doubles = NDArray[np.float64]
Value = Callable[[States], Doubles]

SAMPLES = 8
TIME_ERROR_S = 1e-7
_SHRINK = 0.6180339887498949
_GOLDEN_STEPS = 40


@dataclass(frozen=True, eq=False)
class FlightEvent:
    """Something that happens where a function of the state is zero.

    Attributes
    ----------
    name : str
    value : callable
        ``value(states) -> (n,)`` for states (n,) in ICRF about `centre`, continuous along the path.
    centre : Body or None
        About which body the states are wanted; None takes the centre of the leg.
    direction : int
        1: only where the value rises with time, -1: only where it falls, 0: both.
    terminal : bool
        End the flight at the first one.
    """

    name: str
    value: Value
    centre: Body | None = None
    direction: int = 0
    terminal: bool = False

    def __post_init__(self) -> None:
        if self.direction not in (-1, 0, 1):
            raise InputError("an event has no such direction", value=self.direction, allowed="-1, 0, 1")


@dataclass(frozen=True, eq=False)
class Occurrence:
    """One event that happened.

    Attributes
    ----------
    name : str
    tai_ns : int
        Rounded to the nanosecond.
    elapsed_s : float
        In the time variable of the force model, since the epoch.
    direction : int
        1 where the value rises with time.
    states : States
        Of shape (3,), ICRF, about the centre of the event.
    """

    name: str
    tai_ns: int
    elapsed_s: float
    direction: int
    states: States


def apsides(body: Body | None = None, *, which: str = "both", terminal: bool = False) -> FlightEvent:
    """Return the event of closest (``periapsis``) or farthest (``apoapsis``) points about a body."""
    directions = {"both": 0, "periapsis": 1, "apoapsis": -1}
    if which not in directions:
        raise InputError("no such apsis", value=which, allowed=", ".join(directions))

    def value(states: States) -> Doubles:
        return np.asarray(np.sum(states.position_m * states.velocity_m_s, axis=-1))

    name = which if which != "both" else "apsis"
    return FlightEvent(name, value, body, directions[which], terminal)


def distance(
    body: Body | None, distance_m: float, *, direction: int = 0, terminal: bool = False
) -> FlightEvent:
    """Return the event of being at a distance from the centre of a body."""

    def value(states: States) -> Doubles:
        return np.asarray(np.linalg.norm(states.position_m, axis=-1) - distance_m)

    return FlightEvent(f"distance {distance_m / 1e3:g} km", value, body, direction, terminal)


def altitude(
    body: Body,
    altitude_m: float,
    *,
    almanac: Almanac | None = None,
    direction: int = 0,
    terminal: bool = False,
) -> FlightEvent:
    """Return the event of being at an altitude: above the ellipsoid (Earth, with an almanac) or sphere."""

    def value(states: States) -> Doubles:
        if body == EARTH and almanac is not None:
            fixed, _ = itrf_from_gcrf(states.position_m, None, states.tai_ns, almanac)
            return geodetic_from_itrf(fixed)[2] - altitude_m
        return np.asarray(np.linalg.norm(states.position_m, axis=-1) - (body.mean_radius_m + altitude_m))

    return FlightEvent(f"altitude {altitude_m / 1e3:g} km of {body.name}", value, body, direction, terminal)


def plane_crossing(
    body: Body | None,
    normal: tuple[float, float, float] = (0.0, 0.0, 1.0),
    *,
    name: str = "plane crossing",
    direction: int = 0,
    terminal: bool = False,
) -> FlightEvent:
    """Return the event of crossing a plane through a body (default: the ICRF equator, so nodes)."""
    unit = np.array(normal) / np.linalg.norm(normal)

    def value(states: States) -> Doubles:
        return np.asarray(states.position_m @ unit)

    return FlightEvent(name, value, body, direction, terminal)


def shadow(body: Body, almanac: Almanac, *, umbra: bool = False, terminal: bool = False) -> FlightEvent:
    """Return the event of crossing the edge of the penumbra (or umbra) of a body; falling: into it."""
    ephemeris = almanac.require_ephemeris()

    def value(states: States) -> Doubles:
        sun = ephemeris.position_m(SUN, body, states.tai_ns)
        separation, body_angle, sun_angle = shadow_angles_rad(
            states.position_m, sun, body_radius_m=occulter_radius_m(body)
        )
        return separation - body_angle + (sun_angle if umbra else -sun_angle)

    return FlightEvent(f"{'umbra' if umbra else 'penumbra'} of {body.name}", value, body, 0, terminal)


def search_zeros(
    function: Callable[[Doubles], Doubles], start: Doubles, length: Doubles, before: float | None
) -> tuple[Doubles, NDArray[np.int64], float]:
    """Return times and directions (in time) of the zeros of a function over steps, and its last value.

    `before` is the last value of the steps before, so that no zero is lost between them.

    Each step is sampled at nine points; where the value turns back towards zero between them without a
    change of sign, its extremum is looked for, so that two zeros in one interval are not lost.
    """
    part = np.arange(SAMPLES) / SAMPLES
    t = np.append((start[:, None] + length[:, None] * part).ravel(), start[-1] + length[-1])
    g = np.array(function(t), dtype=np.float64)
    last = float(g[-1])
    if before is not None:
        g[0] = before
    t, g = _with_extrema(function, t, g)
    sign = np.sign(g)
    at = np.flatnonzero((sign[:-1] != 0.0) & (sign[1:] != sign[:-1]))
    if at.size == 0:
        return np.zeros(0), np.zeros(0, dtype=np.int64), last
    roots = find_roots(
        lambda rows, times: np.asarray(function(times), dtype=np.float64),
        t[at], t[at + 1], TIME_ERROR_S, value_low=g[at], value_high=g[at + 1],
    )  # fmt: skip
    time_sign = 1.0 if length[0] > 0.0 else -1.0
    direction = (-sign[at] * time_sign).astype(np.int64)
    return roots, direction, last


def _with_extrema(function: Callable[[Doubles], Doubles], t: Doubles, g: Doubles) -> tuple[Doubles, Doubles]:
    """Add the extrema that come towards zero without reaching it at the samples."""
    size, sign = np.abs(g), np.sign(g)
    same = (sign[:-2] == sign[1:-1]) & (sign[1:-1] == sign[2:])
    turn = same & (size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:])
    fall = np.minimum(size[:-2], size[2:]) - size[1:-1]
    middle = np.flatnonzero(turn & (size[1:-1] < 4.0 * np.maximum(fall, 1e-300) + 1e-300)) + 1
    if middle.size == 0:
        return t, g
    low, high, side = t[middle - 1], t[middle + 1], sign[middle]
    for _ in range(_GOLDEN_STEPS):
        one, two = high - _SHRINK * (high - low), low + _SHRINK * (high - low)
        left = side * function(one) < side * function(two)
        high, low = np.where(left, two, high), np.where(left, low, one)
    found = 0.5 * (low + high)
    t_all, g_all = np.append(t, found), np.append(g, function(found))
    order = np.argsort(t_all * np.sign(t[-1] - t[0]), kind="stable")
    return t_all[order], g_all[order]
