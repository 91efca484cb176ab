"""What a partner needs of a plan: state, burns, the new orbit as a table, and its encounters, in EME2000."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH
from syzygy.astro.frames import EME2000
from syzygy.astro.frames.bias import eme2000_from_icrf
from syzygy.astro.frames.teme import gcrf_from_teme
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.astro.states import States
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.candidates import Circumstances
from syzygy.debris.avoidance.chosen import ChosenPlan
from syzygy.debris.avoidance.plans import states_after
from syzygy.debris.avoidance.risk import burn_spread, event_spread, states_after_nothing

FloatArray = NDArray[np.float64]
_STATES_PER_TURN = 90
_REPORTED_ABOVE = 1e-7
_MOST_REPORTED = 20
_LONGEST_SHIFT_S = 2.0
_BURN_TOO = "; with the error of the burn"


@dataclass(frozen=True, eq=False)
class HandedEncounter:
    """One encounter for a message.

    Attributes
    ----------
    own, other : States
        Single states in EME2000.
    own_m2, other_m2 : (3, 3) float64
        Position covariances in the axes of the states.
    other_id, other_name, other_designator : object text
    probability : float
    covariance_source : str
        In words; begins with the word of `cases.INVENTED` where nobody determined it.
    """

    own: States
    other: States
    own_m2: FloatArray
    other_m2: FloatArray
    other_id: int
    other_name: str
    other_designator: str
    probability: float
    covariance_source: str


@dataclass(frozen=True, eq=False)
class Handover:
    """Everything for the messages; empty tuples without a plan.

    Attributes
    ----------
    leap_seconds : LeapSeconds
    own_id, own_name, own_designator
        Who moves.
    created_tai_ns : int
        Begin of the time in which a burn is possible, not the clock of the computer.
    start : States or None
        State before the first burn.
    burn_tai_ns : (k,) int64
    impulse_rtn_m_s : (k, 3) float64
    legs : tuple of States
        Old orbit up to the first burn, then one table per leg.
    encounters : tuple of HandedEncounter
        The event after the plan and the others above 1e-7, the most probable first.
    before : HandedEncounter
        The event without a plan.
    radius_source : str
    radius_m : float
    mass_kg : float or None
    """

    leap_seconds: LeapSeconds
    own_id: int
    own_name: str
    own_designator: str
    created_tai_ns: int
    start: States | None
    burn_tai_ns: NDArray[np.int64]
    impulse_rtn_m_s: FloatArray
    legs: tuple[States, ...]
    encounters: tuple[HandedEncounter, ...]
    before: HandedEncounter
    radius_source: str
    radius_m: float
    mass_kg: float | None


def make_handover(
    around: Circumstances, chosen: ChosenPlan | None, before: float, almanac: Almanac
) -> Handover:
    """Turn the plan into EME2000."""
    event, passes = around.event, around.passes
    encounter = event.encounter
    tca = event.tca_tai_ns
    designator = str(event.own.international_designator[0])
    rows = np.flatnonzero(around.others.object_id == event.other_id)
    other_designator = str(around.others.international_designator[rows[0]]) if rows.size else ""
    states = (
        (encounter.primary.position_m[0], encounter.primary.velocity_m_s[0]),
        (encounter.secondary.position_m[0], encounter.secondary.velocity_m_s[0]),
    )
    own_m2 = encounter.primary.covariance[0, :3, :3]
    other_m2 = encounter.secondary.covariance[0, :3, :3]
    first = _encounter(
        states, (own_m2, other_m2), tca, (event.other_id, event.other_name, other_designator), before,
        event.covariance_source, almanac,
    )  # fmt: skip
    start, burns, impulses = None, np.empty(0, dtype=np.int64), np.empty((0, 3))
    legs: tuple[States, ...] = ()
    met: tuple[HandedEncounter, ...] = ()
    if chosen is not None:
        plans = chosen.flown.plans
        burns, impulses = plans.burn_tai_ns[0], plans.impulse_m_s[0]
        state = chosen.flown.burn_states[0, 0]
        start = _states(state[:3], state[3:], np.asarray(burns[0]), almanac)
        legs = _legs(around, chosen, almanac)
        met = _encounters(around, chosen, almanac)
    return Handover(
        almanac.leap_seconds, event.own_id, event.own_name, designator, passes.begin_tai_ns, start, burns,
        impulses, legs, met, first, event.radius_source, around.model.radius_m,
        around.request.mass_kg,
    )  # fmt: skip


def _legs(around: Circumstances, chosen: ChosenPlan, almanac: Almanac) -> tuple[States, ...]:
    legs, passes = chosen.flown.legs, around.passes
    step_s = max(20.0, round(2.0 * np.pi / around.event.own.mean_motion_rad_s[0] / _STATES_PER_TURN))
    begin = np.concatenate([[passes.begin_tai_ns], legs.begin_tai_ns])
    end = np.concatenate([legs.begin_tai_ns[:1], legs.end_tai_ns])
    sets = [around.event.own, *(legs.elements.select([k]) for k in range(len(legs)))]
    tables = []
    for one, low, high in zip(sets, begin.tolist(), end.tolist(), strict=True):
        if high <= low:
            continue
        steps = max(8, int(np.ceil((high - low) / 1e9 / step_s)))
        times = low + np.linspace(0, high - low, steps + 1).astype(np.int64)
        found = prepare_sgp4(one, around.leap_seconds).states(times)
        tables.append(_states(found.position_m[0], found.velocity_m_s[0], times, almanac))
    return tuple(tables)


def _encounters(around: Circumstances, chosen: ChosenPlan, almanac: Almanac) -> tuple[HandedEncounter, ...]:
    order = np.argsort(-chosen.risk, kind="stable")
    rows = order[chosen.risk[order] > _REPORTED_ABOVE][:_MOST_REPORTED]
    after = _event_after(around, chosen, almanac)
    if not rows.size:
        return after
    found, others, model = chosen.found.select(rows), around.others, around.model
    part = found.select(np.arange(len(found)))
    spread = burn_spread(part, chosen.flown, model.error)
    age = (found.tai_ns - around.event.own.epoch_tai_ns[0]) / 1e9
    own_m2 = model.uncertainty.covariances(found.own_position_m, found.own_velocity_m_s, age) + spread
    age = (found.tai_ns - others.epoch_tai_ns[found.row]) / 1e9
    other_m2 = model.uncertainty.covariances(found.position_m, found.velocity_m_s, age)
    made = []
    for k, row in enumerate(found.row.tolist()):
        names = int(others.object_id[row]), str(others.name[row]), str(others.international_designator[row])
        states = (
            (found.own_position_m[k], found.own_velocity_m_s[k]),
            (found.position_m[k], found.velocity_m_s[k]),
        )
        made.append(
            _encounter(
                states, (own_m2[k], other_m2[k]), int(found.tai_ns[k]), names,
                float(chosen.risk[rows[k]]), f"{model.uncertainty.label()}{_BURN_TOO}", almanac,
            )
        )  # fmt: skip
    return (*after, *made)


def _event_after(around: Circumstances, chosen: ChosenPlan, almanac: Almanac) -> tuple[HandedEncounter, ...]:
    """Return the event after the plan; nothing where it has moved by seconds and is none any more."""
    event = around.event
    encounter, tca = event.encounter, event.tca_tai_ns
    moved = states_after(chosen.flown, event.own, tca, around.leap_seconds)
    moved = (moved - states_after_nothing(event, around.leap_seconds))[0]
    own = encounter.primary.position_m[0] + moved[:3], encounter.primary.velocity_m_s[0] + moved[3:]
    other = encounter.secondary.position_m[0], encounter.secondary.velocity_m_s[0]
    apart, speed = other[0] - own[0], other[1] - own[1]
    delay = -float(apart @ speed) / float(speed @ speed)
    if abs(delay) > _LONGEST_SHIFT_S:
        return ()
    rows = np.flatnonzero(around.others.object_id == event.other_id)
    designator = str(around.others.international_designator[rows[0]]) if rows.size else ""
    spread = event_spread(event, chosen.flown, around.model.error)[0]
    covariances = (
        encounter.primary.covariance[0, :3, :3] + spread,
        encounter.secondary.covariance[0, :3, :3],
    )
    made = _encounter(
        ((own[0] + own[1] * delay, own[1]), (other[0] + other[1] * delay, other[1])), covariances,
        tca + round(delay * 1e9), (event.other_id, event.other_name, designator), chosen.event_risk,
        f"{event.covariance_source}{_BURN_TOO}", almanac,
    )  # fmt: skip
    return (made,)


def _encounter(
    states: tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]],
    covariances: tuple[FloatArray, FloatArray],
    tai_ns: int,
    other: tuple[int, str, str],
    probability: float,
    covariance_source: str,
    almanac: Almanac,
) -> HandedEncounter:
    turn = _turn(tai_ns, almanac)
    sides = [
        States(turn @ position, turn @ velocity, np.asarray(tai_ns), EME2000, EARTH)
        for position, velocity in states
    ]
    own_m2, other_m2 = (turn @ matrix @ turn.T for matrix in covariances)
    return HandedEncounter(sides[0], sides[1], own_m2, other_m2, *other, probability, covariance_source)


def _turn(tai_ns: int, almanac: Almanac) -> FloatArray:
    """Return the matrix from TEME to EME2000 at one instant."""
    size = 1e7
    turned, _ = gcrf_from_teme(size * np.eye(3), None, np.full(3, tai_ns), almanac)
    return np.asarray(np.asarray(eme2000_from_icrf(turned)).T / size)


def _states(
    position_m: FloatArray, velocity_m_s: FloatArray, tai_ns: NDArray[np.int64], almanac: Almanac
) -> States:
    position, velocity = gcrf_from_teme(position_m, velocity_m_s, tai_ns, almanac)
    if velocity is None:  # pragma: no cover - a velocity went in
        velocity = np.zeros_like(position)
    return States(
        np.asarray(eme2000_from_icrf(position)),
        np.asarray(eme2000_from_icrf(velocity)),
        tai_ns,
        EME2000,
        EARTH,
    )
