"""Differential correction of a flight to the Moon: injection changed until perilune is where it should be.

Unknowns are node, argument of latitude and speed of a horizontal injection at the height of the parking
orbit; its instant follows from the launch site. The flight is propagated with its transition matrix to some
hours before perilune, later to perilune itself, where B.T, B.R and the time of perilune are compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.forces import ForceModel
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.propagation.trajectory import Trajectory
from syzygy.astro.states import States
from syzygy.base.errors import ComputationError
from syzygy.exploration.lunar.approach import PeriluneGoal, slopes_of_misses
from syzygy.exploration.lunar.conic_start import ConicStart
from syzygy.exploration.lunar.launching import (
    NS_PER_S,
    Departure,
    LaunchSite,
    depart,
    departure_slopes,
    injection_state,
)

Doubles = NDArray[np.float64]

_STAGES_S = (72_000.0, 14_400.0, 0.0)
_COARSE = (2.0e6, 1.0e5, 1.0)
_ROUNDS = 14
_SEARCH_TOLERANCE = 1e-4
_LARGEST_CHANGE = np.array([0.15, 0.15, 60.0])
FINE_M, FINE_S = 1.0, 1e-2


@dataclass(frozen=True, eq=False)
class TargetedFlight:
    """A flight from injection to perilune.

    Attributes
    ----------
    node_rad, argument_rad, speed_m_s : float
        Injection.
    departure : Departure
    injection_tai_ns, perilune_tai_ns : int
    trajectory : Trajectory
        About the Earth.
    relative : array (6,)
        State at perilune relative to the Moon.
    misses : array (3,)
        B.T and B.R (m) and time (s) less what they should be.
    rounds : int
        Propagations.
    check_m : float
        Difference at perilune from a flight at 100,000 times the tolerance.
    """

    node_rad: float
    argument_rad: float
    speed_m_s: float
    departure: Departure
    injection_tai_ns: int
    perilune_tai_ns: int
    trajectory: Trajectory
    relative: Doubles
    misses: Doubles
    rounds: int
    check_m: float


@dataclass(frozen=True, eq=False)
class _Aim:
    """What stays the same while one flight is corrected."""

    site: LaunchSite
    start: ConicStart
    goal: PeriluneGoal
    force: ForceModel
    almanac: Almanac

    def instant(self, seconds: float) -> int:
        return self.site.reference_tai_ns + round(seconds * NS_PER_S)

    @property
    def moon_gm_m3_s2(self) -> float:
        return self.force.gm_of(MOON)

    def relative(self, states: States) -> Doubles:
        place, speed = self.almanac.require_ephemeris().state_m(MOON, EARTH, states.tai_ns)
        return np.concatenate([states.position_m - place, states.velocity_m_s - speed], axis=-1)


@dataclass(frozen=True, eq=False)
class _Shot:
    """One propagation and what came of it."""

    flight: Trajectory
    relative: Doubles
    misses: Doubles
    slopes: Doubles


def target_flight(
    site: LaunchSite, start: ConicStart, goal: PeriluneGoal, force: ForceModel, almanac: Almanac
) -> TargetedFlight | None:
    """Correct a conic into a flight of the full ephemeris; None when the correction does not settle.

    Raises
    ------
    CoverageError
        The ephemeris or the Earth orientation does not cover the flight.

    **Accuracy**: perilune within 1 m and 10 ms of what was asked, per row; the same flight by an independent
    integrator in tests/exploration/test_exploration_lunar.py.
    """
    aim = _Aim(site, start, goal, force, almanac)
    unknowns = np.array([start.node_rad, start.argument_rad, start.speed_m_s])
    departure, rounds = start.departure, 0
    shot: _Shot | None = None
    for before_s, enough in zip(_STAGES_S, _COARSE, strict=True):
        for _ in range(_ROUNDS):
            departure = depart(site, start.ascent, unknowns[0], unknowns[1], departure)
            shot = _shoot(aim, unknowns, departure, before_s)
            rounds += 1
            if shot is None:
                return None
            size = float(np.hypot(shot.misses[0], shot.misses[1])) + 1e3 * abs(float(shot.misses[2]))
            if size < enough:
                break
            change = -np.linalg.solve(shot.slopes, shot.misses)
            unknowns = unknowns + change / max(1.0, float(np.max(np.abs(change) / _LARGEST_CHANGE)))
        else:
            return None
    return None if shot is None else _finish(aim, unknowns, departure, shot, rounds)


def _shoot(aim: _Aim, unknowns: Doubles, departure: Departure, before_s: float) -> _Shot | None:
    """Fly to some seconds before the wanted perilune; misses and their slopes by the unknowns."""
    state, slopes = injection_state(aim.site, aim.start.ascent, *unknowns)
    begin = aim.instant(departure.injection_s)
    end = aim.instant(departure.injection_s + aim.start.flight_s - before_s)
    first = States(state[:3], state[3:], np.asarray(begin), ICRF, EARTH)
    try:
        (flight,) = propagate(
            first, end, aim.force, aim.almanac, tolerance=_SEARCH_TOLERANCE, transition=True
        )
    except ComputationError:
        return None
    seen = flight.states(np.array([end - NS_PER_S, end]))
    relative = aim.relative(seen)
    misses = aim.goal.misses(relative[1], before_s, aim.moon_gm_m3_s2)
    by_state = slopes_of_misses(aim.goal, relative[1], before_s, aim.moon_gm_m3_s2)
    if misses is None or by_state is None:
        return None
    matrix = flight.transition(np.array([end]))[0]
    pull = -EARTH.gm_m3_s2 * state[:3] / float(np.linalg.norm(state[:3])) ** 3
    drift = np.concatenate([relative[1, 3:], relative[1, 3:] - relative[0, 3:]])
    later = drift - matrix @ np.concatenate([state[3:], pull])
    total = matrix @ slopes
    for column, slope in enumerate(departure_slopes(aim.site, aim.start.ascent)):
        total[:, column] += later * slope
    return _Shot(flight, relative[1], misses, by_state @ total)


def _finish(
    aim: _Aim, unknowns: Doubles, departure: Departure, last: _Shot, rounds: int
) -> TargetedFlight | None:
    """Fly the answer at full tolerance and compare it with the last flight of the search."""
    state, _ = injection_state(aim.site, aim.start.ascent, *unknowns)
    begin = aim.instant(departure.injection_s)
    end = aim.instant(departure.injection_s + aim.start.flight_s)
    first = States(state[:3], state[3:], np.asarray(begin), ICRF, EARTH)
    try:
        (flight,) = propagate(first, end, aim.force, aim.almanac)
    except ComputationError:
        return None
    relative = aim.relative(flight.states(np.array([end])))[0]
    misses = aim.goal.misses(relative, 0.0, aim.moon_gm_m3_s2)
    if misses is None:
        return None
    difference = float(np.linalg.norm(relative[:3] - last.relative[:3]))
    return TargetedFlight(
        float(unknowns[0]) % (2.0 * math.pi), float(unknowns[1]) % (2.0 * math.pi), float(unknowns[2]),
        departure, begin, end, flight, relative, misses, rounds + 1, difference,
    )  # fmt: skip
