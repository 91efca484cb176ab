"""Probabilities of the encounters of changed orbits, with the error of the burns in the covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.event import AvoidanceEvent
from syzygy.debris.avoidance.impulse_response import position_response
from syzygy.debris.avoidance.optimum import ExecutionError
from syzygy.debris.avoidance.plans import FlownPlans, states_after
from syzygy.debris.avoidance.rescreening import PlanEncounters
from syzygy.debris.avoidance.uncertainty import ElementUncertainty
from syzygy.debris.probability.encounter_plane import project_to_planes
from syzygy.debris.probability.two_dimensional import integrate_disk

FloatArray = NDArray[np.float64]
_DRIFT, _SWING_S = 4.0, 20_000.0
SMALLEST = 1e-30
"""Probabilities that are certainly below are written as this."""


@dataclass(frozen=True)
class RiskModel:
    """What probabilities are computed with.

    Attributes
    ----------
    uncertainty : ElementUncertainty
    error : ExecutionError
    radius_m : float
        Sum of both radii.
    """

    uncertainty: ElementUncertainty
    error: ExecutionError
    radius_m: float


def encounter_risks(
    found: PlanEncounters,
    flown: FlownPlans | None,
    own: MeanElements,
    others: MeanElements,
    model: RiskModel,
    *,
    exact_above: float = 0.0,
) -> FloatArray:
    """Return the probability (n,) of each encounter: the larger of those with and without execution error.

    Parameters
    ----------
    found : PlanEncounters
    flown : FlownPlans or None
        The plans, for the error of their burns.
    own, others : MeanElements
        For the age of the element sets.
    model : RiskModel
    exact_above : float
        What is certainly below is not integrated; its upper bound stands for it.
    """
    if not len(found):
        return np.empty(0)
    age = (found.tai_ns - own.epoch_tai_ns[0]) / 1e9
    summed = model.uncertainty.covariances(found.own_position_m, found.own_velocity_m_s, age)
    age = (found.tai_ns - others.epoch_tai_ns[found.row]) / 1e9
    summed = summed + model.uncertainty.covariances(found.position_m, found.velocity_m_s, age)
    size = np.zeros(len(found)) if flown is None else _error_bound(found, flown, model.error)
    risk = _upper_bound(found, summed, size, model.radius_m)
    near = np.flatnonzero(risk > max(exact_above, SMALLEST))
    if near.size:
        part = found.select(near)
        spread = np.zeros((near.size, 3, 3)) if flown is None else burn_spread(part, flown, model.error)
        risk[near] = larger_risk(
            part.separation_m, part.relative_velocity_m_s, summed[near], spread, model.radius_m
        )
    return risk


def _upper_bound(
    found: PlanEncounters, summed_m2: FloatArray, error_m: FloatArray, radius_m: float
) -> FloatArray:
    """Return a bound (n,) of the 2-D probability with and without an error of at most `error_m` in each axis.

    The largest density is that of the covariance without error; the widest sigma that with it.
    """
    along = found.relative_velocity_m_s
    along = along / np.linalg.norm(along, axis=1)[:, None]
    lengthwise = np.einsum("ni,nij,nj->n", along, summed_m2, along)
    widest2 = np.trace(summed_m2, axis1=1, axis2=2) - lengthwise + error_m**2
    # The determinant in the plane is that of the covariance times the inverse's part along the velocity.
    inverse = np.linalg.inv(summed_m2)
    plane_m4 = np.linalg.det(summed_m2) * np.einsum("ni,nij,nj->n", along, inverse, along)
    least = np.maximum(found.miss_m - radius_m, 0.0)
    peak = radius_m**2 / (2.0 * np.sqrt(plane_m4))
    return np.asarray(np.clip(peak * np.exp(-0.5 * least**2 / widest2), SMALLEST, 1.0))


def event_risks(
    event: AvoidanceEvent, flown: FlownPlans, error: ExecutionError, leap_seconds: LeapSeconds
) -> tuple[FloatArray, FloatArray]:
    """Return the probability (n,) of the event itself after each plan, and its separation (n, 3)."""
    separation, velocity = separation_after(event, flown, leap_seconds)
    spread = event_spread(event, flown, error)
    summed = np.broadcast_to(event.encounter.position_covariance_m2[0], spread.shape)
    radius = float(event.encounter.hard_body_radius_m[0])
    return larger_risk(separation, velocity, summed, spread, radius), separation


def separation_after(
    event: AvoidanceEvent, flown: FlownPlans, leap_seconds: LeapSeconds
) -> tuple[FloatArray, FloatArray]:
    """Return separation and relative velocity (n, 3) of the event at closest approach after each plan.

    The difference between changed and unchanged SGP4 orbit is added to the states of the event, so that the
    states of a message count, and not those of a catalogue.
    """
    encounter = event.encounter
    after = states_after(flown, event.own, event.tca_tai_ns, leap_seconds)
    moved = after - states_after_nothing(event, leap_seconds)
    separation = encounter.separation_m[0] - moved[:, :3]
    velocity = encounter.relative_velocity_m_s[0] - moved[:, 3:]
    delay = -np.sum(separation * velocity, axis=1) / np.sum(velocity**2, axis=1)
    return separation + velocity * delay[:, None], velocity


def event_spread(event: AvoidanceEvent, flown: FlownPlans, error: ExecutionError) -> FloatArray:
    """Return the covariance (n, 3, 3) that the errors of the burns before the event add to it, m2."""
    tca, count = event.tca_tai_ns, len(flown.plans)
    primary = event.encounter.primary
    state = np.repeat(np.concatenate([primary.position_m, primary.velocity_m_s], axis=1), count, axis=0)
    spread = np.zeros((count, 3, 3))
    for k in range(flown.plans.burn_tai_ns.shape[1]):
        rows = np.flatnonzero(flown.plans.burn_tai_ns[:, k] < tca)
        spread[rows] += _spread(
            flown.burn_states[rows, k], flown.impulse_m_s[rows, k], state[rows],
            (tca - flown.plans.burn_tai_ns[rows, k]) / 1e9, error,
        )  # fmt: skip
    return spread


def states_after_nothing(event: AvoidanceEvent, leap_seconds: LeapSeconds) -> FloatArray:
    """Return the state (1, 6) of the unchanged SGP4 orbit at the event."""
    found = prepare_sgp4(event.own, leap_seconds).states(np.array([event.tca_tai_ns]))
    return np.concatenate([found.position_m[0], found.velocity_m_s[0]], axis=1)


def larger_risk(
    separation_m: FloatArray,
    velocity_m_s: FloatArray,
    summed_m2: FloatArray,
    spread_m2: FloatArray,
    radius_m: float,
) -> FloatArray:
    """Return the larger of the 2-D probabilities with and without the spread, (n,)."""
    radius = np.full(len(separation_m), radius_m)
    found = [
        integrate_disk(project_to_planes(separation_m, velocity_m_s, matrix, radius)).probability
        for matrix in (np.ascontiguousarray(summed_m2), summed_m2 + spread_m2)
    ]
    return np.asarray(np.maximum(np.maximum(found[0], found[1]), SMALLEST))


def burn_spread(found: PlanEncounters, flown: FlownPlans, error: ExecutionError) -> FloatArray:
    """Return the covariance (n, 3, 3) of the own position that the errors of all earlier burns make, m2."""
    spread = np.zeros((len(found), 3, 3))
    state = np.concatenate([found.own_position_m, found.own_velocity_m_s], axis=1)
    for k in range(flown.plans.burn_tai_ns.shape[1]):
        at = flown.plans.burn_tai_ns[found.plan, k]
        rows = np.flatnonzero(at < found.tai_ns)
        plan = found.plan[rows]
        spread[rows] += _spread(
            flown.burn_states[plan, k], flown.impulse_m_s[plan, k], state[rows],
            (found.tai_ns[rows] - at[rows]) / 1e9, error,
        )  # fmt: skip
    return spread


def _spread(
    burn_states: FloatArray, impulse_m_s: FloatArray, states: FloatArray, seconds: FloatArray,
    error: ExecutionError,
) -> FloatArray:  # fmt: skip
    if not len(seconds):
        return np.zeros((0, 3, 3))
    response = position_response(burn_states, states, seconds)
    return np.asarray(response @ error.covariance(impulse_m_s) @ np.swapaxes(response, 1, 2))


def _error_bound(found: PlanEncounters, flown: FlownPlans, error: ExecutionError) -> FloatArray:
    """Return a generous bound (n,) of the sigma that the burns add: their free drift and swing."""
    worst = max(error.magnitude, error.pointing_rad)
    since = (found.tai_ns[:, None] - flown.plans.burn_tai_ns[found.plan]) / 1e9
    sizes = np.linalg.norm(flown.plans.impulse_m_s[found.plan], axis=2)
    reach = np.where(since > 0.0, _DRIFT * since + _SWING_S, 0.0)
    return np.asarray(worst * np.sum(sizes * reach, axis=1))
