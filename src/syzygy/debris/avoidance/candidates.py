"""Candidate plans, their evaluation against all prepared passes, and the choice among them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.box import Departures, find_departures
from syzygy.debris.avoidance.event import AvoidanceEvent
from syzygy.debris.avoidance.frontier import Frontier, branch_impulse, design_plane, orbit_period_s
from syzygy.debris.avoidance.plans import FACTORS, FlownPlans, Plans, fly_plans, make_plans
from syzygy.debris.avoidance.requests import AvoidanceRequest
from syzygy.debris.avoidance.rescreening import Legs, PlanEncounters, rescreen
from syzygy.debris.avoidance.returning import close_returns
from syzygy.debris.avoidance.risk import RiskModel, encounter_risks, event_risks
from syzygy.debris.avoidance.tube import CataloguePasses

FloatArray = NDArray[np.float64]
SAME_EVENT_S = 600.0
"""An encounter of the two objects of the event this close to it is the event itself."""
_SEAM_LIMIT_M = 0.1
_LADDER = 4.0
_ENOUGH = 0.98
_EXACT_PART = 1e-2
REASONS = ("safe", "event", "other encounter", "box", "size", "orbit")
"""Why a plan is out: the event itself, another encounter, station keeping, too large, no SGP4 orbit."""


@dataclass(frozen=True, eq=False)
class Circumstances:
    """Everything that candidates are judged with."""

    request: AvoidanceRequest
    event: AvoidanceEvent
    others: MeanElements
    passes: CataloguePasses
    model: RiskModel
    leap_seconds: LeapSeconds


@dataclass(frozen=True, eq=False)
class Evaluated:
    """n plans and what became of them.

    Attributes
    ----------
    flown : FlownPlans
    branch : (n,) int64
    event_risk, other_risk : (n,) float64
        Probability of the event and of the worst other encounter after the first burn.
    other_row : (n,) int64
        That encounter's object in the catalogue, -1 where there is none.
    encounters : (n,) int64
        Number of other encounters within reach.
    miss_m : (n,) float64
        Of the event.
    departures : Departures
    reason : (n,) int64
        Index into `REASONS`.
    found : PlanEncounters
    risk : (e,) float64
        Of each encounter of `found`.
    """

    flown: FlownPlans
    branch: NDArray[np.int64]
    event_risk: FloatArray
    other_risk: FloatArray
    other_row: NDArray[np.int64]
    encounters: NDArray[np.int64]
    miss_m: FloatArray
    departures: Departures
    reason: NDArray[np.int64]
    found: PlanEncounters
    risk: FloatArray


def ladder_plans(around: Circumstances, frontier: Frontier, rows: NDArray[np.int64], count: int) -> tuple[
    Plans, NDArray[np.int64]
]:  # fmt: skip
    """Return about `count` plans: at times of the frontier, on both branches, sizes from its smallest up."""
    request, event = around.request, around.event
    largest = request.largest_m_s / float(np.abs(FACTORS[request.manoeuvre]).sum())
    pairs = [(row, branch) for row in rows.tolist() for branch in (0, 1)
             if np.isfinite(frontier.size_m_s[row, branch])]  # fmt: skip
    if not pairs:
        return make_plans(request.manoeuvre, frontier.tai_ns[:0], np.zeros((0, 3)), 1.0, event.tca_tai_ns), (
            np.zeros(0, dtype=np.int64)
        )
    steps = max(2, count // len(pairs))
    row = np.repeat([pair[0] for pair in pairs], steps)
    branch = np.repeat([pair[1] for pair in pairs], steps)
    smallest = _ENOUGH * frontier.size_m_s[row, branch]
    top = np.minimum(largest, _LADDER * smallest)
    part = np.tile(np.linspace(0.0, 1.0, steps), len(pairs))
    return sized_plans(around, frontier, row, branch, smallest * (top / smallest) ** part), branch


def sized_plans(
    around: Circumstances,
    frontier: Frontier,
    row: NDArray[np.int64],
    branch: NDArray[np.int64],
    size_m_s: FloatArray,
) -> Plans:
    """Return plans whose first burns have the given sizes, times and branches of the frontier."""
    plane = design_plane(around.event).plane
    impulse = np.zeros((len(row), 3))
    for side in (0, 1):
        mine = np.flatnonzero(branch == side)
        if mine.size:
            impulse[mine] = branch_impulse(
                plane, frontier.response_s[row[mine]], frontier.velocity_axis[row[mine]], size_m_s[mine],
                around.request.design_direction, side,
            )  # fmt: skip
    plans = make_plans(
        around.request.manoeuvre, frontier.tai_ns[row], impulse, orbit_period_s(around.event),
        around.event.tca_tai_ns,
    )  # fmt: skip
    if around.request.manoeuvre != "two-burn-return":
        return plans
    return close_returns(plans, around.event.own, around.leap_seconds)


def evaluate(around: Circumstances, plans: Plans, branch: NDArray[np.int64]) -> Evaluated:
    """Fly plans, screen them against the prepared passes and judge them."""
    request, event, passes = around.request, around.event, around.passes
    flown = fly_plans(plans, event.own, passes.end_tai_ns, around.leap_seconds)
    found = rescreen(flown.legs, passes, around.leap_seconds)
    found = found.select(~is_the_event(event, around.others, found))
    risk = encounter_risks(
        found, flown, event.own, around.others, around.model, exact_above=_EXACT_PART * request.threshold
    )
    event_risk, separation = event_risks(event, flown, around.model.error, around.leap_seconds)
    departures = find_departures(
        flown, event.own, passes.begin_tai_ns, passes.end_tai_ns, around.leap_seconds
    )
    other_risk, other_row = np.zeros(len(plans)), np.full(len(plans), -1, dtype=np.int64)
    order = np.argsort(risk, kind="stable")
    other_risk[found.plan[order]], other_row[found.plan[order]] = risk[order], found.row[order]
    aim = request.aim or request.threshold
    reason = np.zeros(len(plans), dtype=np.int64)
    for number, bad in (
        (1, event_risk > aim),
        (2, other_risk > request.threshold),
        (3, _outside(request, departures)),
        (4, plans.total_m_s > request.largest_m_s * (1.0 + 1e-9)),
        (5, ~(flown.seam_m < _SEAM_LIMIT_M)),
    ):
        reason = np.where((reason == 0) & bad, number, reason)
    return Evaluated(
        flown, branch, event_risk, other_risk, other_row, np.bincount(found.plan, minlength=len(plans)),
        np.linalg.norm(separation, axis=1), departures, reason, found, risk,
    )  # fmt: skip


def is_the_event(event: AvoidanceEvent, others: MeanElements, found: PlanEncounters) -> NDArray[np.bool_]:
    """Return which encounters are the event itself, which is judged by its own states and covariances."""
    same = others.object_id[found.row] == event.other_id
    return np.asarray(same & (np.abs(found.tai_ns - event.tca_tai_ns) < round(SAME_EVENT_S * 1e9)))


def best_safe(judged: Evaluated, refused: set[tuple[int, float]]) -> int | None:
    """Return the safe plan with the smallest sum of burns that was not refused; the later one of equals."""
    total = judged.flown.plans.total_m_s
    for row in np.lexsort((-judged.flown.plans.burn_tai_ns[:, 0], total)).tolist():
        key = (int(judged.flown.plans.burn_tai_ns[row, 0]), float(total[row]))
        if judged.reason[row] == 0 and key not in refused:
            return int(row)
    return None


def single_plan(flown: FlownPlans, row: int) -> FlownPlans:
    """Return one of the plans as a batch of one."""
    one = np.array([row])
    mine = np.flatnonzero(flown.legs.plan == row)
    legs = Legs(
        flown.legs.elements.select(mine), np.zeros(len(mine), dtype=np.int64),
        flown.legs.begin_tai_ns[mine], flown.legs.end_tai_ns[mine],
    )  # fmt: skip
    return FlownPlans(
        flown.plans.select(one), legs, flown.burn_states[one], flown.impulse_m_s[one], flown.seam_m[one]
    )


def _outside(request: AvoidanceRequest, departures: Departures) -> NDArray[np.bool_]:
    outside = np.zeros(len(departures.in_track_m), dtype=bool)
    for limit, value in (
        (request.max_axis_change_m, np.abs(departures.axis_change_m)),
        (request.max_in_track_m, departures.in_track_m),
        (request.max_across_m, departures.across_m),
    ):
        if limit is not None:
            outside |= value > limit
    return outside
