"""Forward and backward shooting at perilune: one state there, both legs of a free return from it.

Unknowns are the direction of the perilune and of the velocity there, its size, and for the non-symmetric
family the height. The leg backwards must end at the parking orbit, horizontally and in its inclination; the
leg forwards must meet the entry interface at its angle, with the inclination of the way back. Osculating
quantities at the far ends are compared, first days away from the Earth, later at the ends themselves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.forces import ForceModel
from syzygy.astro.frames import ICRF, geodetic_from_itrf, itrf_from_gcrf
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.propagation.trajectory import Trajectory
from syzygy.astro.states import States
from syzygy.base.errors import ComputationError
from syzygy.exploration.free_return.patched_start import moon_axes
from syzygy.exploration.lunar.launching import NS_PER_S

Doubles = NDArray[np.float64]

_FAR_S = 1.8 * 86_400.0
_ROUNDS = 30
_ENOUGH_M = 5.0
_LEAST_PERILUNE_M = 1.76e6
_SEARCH_TOLERANCE = 1e-4
_SCALES = np.array([1.0, 1e7, 1.0, 1e7, 1e3])
"""Metres of perigee, inclination, metres of perigee, inclination, flight time: all to metres."""


@dataclass(frozen=True)
class ReturnGoal:
    """What a free return must meet.

    Attributes
    ----------
    perigee_m : float
        Radius of the parking orbit.
    inclination_rad, return_inclination_rad : float
        To the equator of date.
    entry_altitude_m, entry_angle_rad : float
    flight_s : float or None
        Injection to perilune; None where the height of the perilune is given instead.
    """

    perigee_m: float
    inclination_rad: float
    return_inclination_rad: float
    entry_altitude_m: float
    entry_angle_rad: float
    flight_s: float | None


@dataclass(frozen=True, eq=False)
class Perilune:
    """The middle of a free return.

    Attributes
    ----------
    tai_ns : int
    unknowns : array (5,)
        Angles of the place (from the line Earth-Moon in the plane of its orbit, and out of it), angle of the
        velocity, its size (m/s), radius (m).
    relative : array (6,)
        About the Moon, ICRF.
    injection_s, entry_s : float
        Seconds from the perilune, the first negative.
    entry_radius_m : float
        Of the entry interface where it is met.
    misses : array (k,)
        All to metres.
    rounds : int
    """

    tai_ns: int
    unknowns: Doubles
    relative: Doubles
    injection_s: float
    entry_s: float
    entry_radius_m: float
    misses: Doubles
    rounds: int


@dataclass(frozen=True, eq=False)
class Range:
    """What all shots share: forces, data, equator of date, goal."""

    force: ForceModel
    almanac: Almanac
    equator: Doubles
    goal: ReturnGoal

    def moon(self, tai_ns: int) -> tuple[Doubles, Doubles]:
        """Return place and speed of the Moon about the Earth."""
        place, speed = self.almanac.require_ephemeris().state_m(MOON, EARTH, np.array([tai_ns]))
        return place[0], speed[0]

    def relative(self, tai_ns: int, unknowns: Doubles) -> Doubles:
        """Return the state (6,) about the Moon, ICRF, of unknowns (5,)."""
        axes = moon_axes(*self.moon(tai_ns))
        alpha, beta, gamma, speed, radius = unknowns
        ca, sa, cb, sb = math.cos(alpha), math.sin(alpha), math.cos(beta), math.sin(beta)
        place = np.array([cb * ca, cb * sa, sb])
        back, up = np.array([sa, -ca, 0.0]), np.array([-sb * ca, -sb * sa, cb])
        ahead = math.cos(gamma) * back + math.sin(gamma) * up
        return np.concatenate([axes.rows.T @ (radius * place), axes.rows.T @ (speed * ahead)])

    def unknowns(self, tai_ns: int, relative: Doubles) -> Doubles:
        """Return the unknowns (5,) of a state at perilune."""
        axes = moon_axes(*self.moon(tai_ns))
        r, v = axes.rows @ relative[:3], axes.rows @ relative[3:]
        alpha, beta = math.atan2(r[1], r[0]), math.atan2(r[2], math.hypot(r[0], r[1]))
        back = np.array([math.sin(alpha), -math.cos(alpha), 0.0])
        up = np.array([-math.sin(beta) * math.cos(alpha), -math.sin(beta) * math.sin(alpha), math.cos(beta)])
        speed, radius = float(np.linalg.norm(v)), float(np.linalg.norm(r))
        return np.array([alpha, beta, math.atan2(v @ up, v @ back), speed, radius])


@dataclass(frozen=True)
class _Ends:
    """How far each leg is flown from the perilune, and the radius at which entry is meant."""

    injection_s: float
    entry_s: float
    entry_radius_m: float


Shift = Callable[[int, Doubles], float]
"""From instant and state (6,) at injection to the seconds by which it comes too early for its launch."""


def shoot_return(
    field: Range, tai_ns: int, relative: Doubles, shift: Shift, *, rounds: int = _ROUNDS
) -> Perilune | None:
    """Correct a state at perilune until both legs are right; None when it does not settle.

    Raises
    ------
    CoverageError
        The ephemeris or the Earth orientation does not cover the flight.
    """
    unknowns = field.unknowns(tai_ns, relative)
    radius = EARTH.mean_radius_m + field.goal.entry_altitude_m
    ends, near, late = _Ends(-_FAR_S, _FAR_S, radius), False, 0.0
    for number in range(1, rounds + 1):
        shot = _shoot(field, tai_ns, unknowns, ends)
        if shot is None:
            return None
        misses, slopes, found, injection = shot
        size = float(np.linalg.norm(misses))
        if near:
            late = shift(tai_ns + round(ends.injection_s * NS_PER_S), injection)
            if size < _ENOUGH_M and abs(late) < 0.02 and abs(found.injection_s - ends.injection_s) < 1e-3:
                return Perilune(
                    tai_ns, unknowns, field.relative(tai_ns, unknowns), found.injection_s, found.entry_s,
                    found.entry_radius_m, misses, number,
                )  # fmt: skip
        unknowns = unknowns + _step(slopes, misses, field.goal)
        if unknowns[4] < _LEAST_PERILUNE_M - 5e4:
            return None
        tai_ns += round(late * NS_PER_S)
        if near or size < 1e5:
            near, ends = True, found
    return None


def _step(slopes: Doubles, misses: Doubles, goal: ReturnGoal) -> Doubles:
    free = 5 if goal.flight_s is not None else 4
    change = np.zeros(5)
    change[:free] = -np.linalg.solve(slopes[:, :free], misses)
    largest = np.array([0.1, 0.1, 0.1, 60.0, 4e5])
    return change / max(1.0, float(np.max(np.abs(change) / largest)))


def _shoot(
    field: Range, tai_ns: int, unknowns: Doubles, ends: _Ends
) -> tuple[Doubles, Doubles, _Ends, Doubles] | None:
    """Fly both legs; misses (k,), slopes (k, 5), where the ends should be, and the state at injection."""
    relative = field.relative(tai_ns, unknowns)
    steps = np.array([1e-6, 1e-6, 1e-6, 1e-2, 1e2])
    spread = np.array(
        [
            field.relative(tai_ns, unknowns + step) - field.relative(tai_ns, unknowns - step)
            for step in np.diag(steps)
        ]
    )
    slopes = (spread / (2.0 * steps[:, None])).T
    legs = [_leg(field, tai_ns, relative, end) for end in (ends.injection_s, ends.entry_s)]
    if legs[0] is None or legs[1] is None:
        return None
    (back, back_turn), (out, out_turn) = legs[0], legs[1]
    goal = field.goal
    pole = field.equator[2]

    def first(state: Doubles) -> Doubles:
        found = _departure_misses(state, goal, pole)
        flight = -(ends.injection_s + _time_of_perigee(state, inward=False))
        return found if goal.flight_s is None else np.append(found, (flight - goal.flight_s) * _SCALES[4])

    def second(state: Doubles) -> Doubles:
        return _entry_misses(state, goal, pole, ends.entry_radius_m)

    one, one_slopes = _differentiate(first, back)
    two, two_slopes = _differentiate(second, out)
    total = np.concatenate([one_slopes @ back_turn @ slopes, two_slopes @ out_turn @ slopes])
    entry_s = ends.entry_s + _time_to_radius(out, ends.entry_radius_m)
    height = _height_m(field, out, tai_ns + round(ends.entry_s * NS_PER_S))
    radius = ends.entry_radius_m
    if abs(entry_s - ends.entry_s) < 600.0:
        radius = float(np.linalg.norm(out[:3])) + goal.entry_altitude_m - height
    found = _Ends(ends.injection_s + _time_of_perigee(back, inward=False), entry_s, radius)
    return np.concatenate([one, two]), total, found, back


def _leg(field: Range, tai_ns: int, relative: Doubles, end_s: float) -> tuple[Doubles, Doubles] | None:
    flight = fly_from_perilune(field, tai_ns, relative, end_s, tolerance=_SEARCH_TOLERANCE, transition=True)
    if flight is None:
        return None
    end = np.array([tai_ns + round(end_s * NS_PER_S)])
    seen = flight.states(end)
    return np.concatenate([seen.position_m[0], seen.velocity_m_s[0]]), flight.transition(end)[0]


def fly_from_perilune(
    field: Range, tai_ns: int, relative: Doubles, end_s: float, *, tolerance: float, transition: bool = False
) -> Trajectory | None:
    """Fly from perilune to some seconds before or after; None when the path enters a body."""
    place, speed = field.moon(tai_ns)
    first = States(relative[:3] + place, relative[3:] + speed, np.asarray(tai_ns), ICRF, EARTH)
    end = tai_ns + round(end_s * NS_PER_S)
    try:
        (flight,) = propagate(
            first, end, field.force, field.almanac, tolerance=tolerance, transition=transition
        )
    except ComputationError:
        return None
    return flight


def _differentiate(function: Callable[[Doubles], Doubles], state: Doubles) -> tuple[Doubles, Doubles]:
    distance, speed = float(np.linalg.norm(state[:3])), float(np.linalg.norm(state[3:]))
    steps = np.array([1e-6 * distance] * 3 + [1e-6 * speed] * 3)
    slopes = [
        (function(state + step) - function(state - step)) / (2.0 * step.sum()) for step in np.diag(steps)
    ]
    return function(state), np.array(slopes).T


def _momentum(state: Doubles) -> tuple[Doubles, float, float]:
    """Return angular momentum, its size and the energy about the Earth."""
    momentum = np.cross(state[:3], state[3:])
    energy = float(state[3:] @ state[3:]) / 2.0 - EARTH.gm_m3_s2 / float(np.linalg.norm(state[:3]))
    return momentum, float(np.linalg.norm(momentum)), energy


def _departure_misses(state: Doubles, goal: ReturnGoal, pole: Doubles) -> Doubles:
    momentum, size, energy = _momentum(state)
    e = math.sqrt(max(1.0 + 2.0 * energy * (size / EARTH.gm_m3_s2) ** 2, 0.0))
    perigee = size**2 / EARTH.gm_m3_s2 / (1.0 + e)
    tilt = float(momentum @ pole) / size - math.cos(goal.inclination_rad)
    return np.array([perigee - goal.perigee_m, tilt * _SCALES[1]])


def _entry_misses(state: Doubles, goal: ReturnGoal, pole: Doubles, radius_m: float) -> Doubles:
    """Angular momentum less that of the wanted entry, as metres of perigee, and the inclination."""
    momentum, size, energy = _momentum(state)
    fast = math.sqrt(2.0 * (energy + EARTH.gm_m3_s2 / radius_m))
    wanted = radius_m * fast * math.cos(goal.entry_angle_rad)
    tilt = float(momentum @ pole) / size - math.cos(goal.return_inclination_rad)
    return np.array([(size - wanted) * size / EARTH.gm_m3_s2, tilt * _SCALES[3]])


def _time_of_perigee(state: Doubles, *, inward: bool) -> float:
    """Return the seconds from a state to the nearest perigee before (outward) or after (inward) it."""
    return _time_at(state, None, inward)


def _time_to_radius(state: Doubles, radius_m: float) -> float:
    """Return the seconds from a state on its way in to a radius, or back to it."""
    return _time_at(state, radius_m, True)


def _time_at(state: Doubles, radius_m: float | None, inward: bool) -> float:
    _, size, energy = _momentum(state)
    gm = EARTH.gm_m3_s2
    axis = -gm / (2.0 * energy)
    e = math.sqrt(max(1.0 - size**2 / (gm * axis), 0.0))
    motion = math.sqrt(gm / axis**3)

    def since_perigee(radius: float, falling: bool) -> float:
        cosine = min(1.0, max(-1.0, (1.0 - radius / axis) / e))
        anomaly = math.acos(cosine) * (-1.0 if falling else 1.0)
        return (anomaly - e * math.sin(anomaly)) / motion

    here = since_perigee(float(np.linalg.norm(state[:3])), float(state[:3] @ state[3:]) < 0.0)
    there = 0.0 if radius_m is None else since_perigee(radius_m, inward)
    return there - here


def _height_m(field: Range, state: Doubles, tai_ns: int) -> float:
    fixed, _ = itrf_from_gcrf(state[:3], None, np.asarray(tai_ns), field.almanac)
    return float(geodetic_from_itrf(fixed)[2])
