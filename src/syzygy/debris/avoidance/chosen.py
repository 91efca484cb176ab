"""The plan that is recommended, with everything that was found about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.avoidance.candidates import (
    Circumstances,
    Evaluated,
    best_safe,
    is_the_event,
    single_plan,
)
from syzygy.debris.avoidance.plans import FlownPlans
from syzygy.debris.avoidance.rescreening import PlanEncounters
from syzygy.debris.avoidance.risk import encounter_risks
from syzygy.debris.avoidance.verification import CompleteSearch, SlowCompany, prepare_search, screen_legs

_TRIES = 6


@dataclass(frozen=True, eq=False)
class ChosenPlan:
    """One plan that the complete search confirmed.

    Attributes
    ----------
    flown : FlownPlans
        A batch of one.
    event_risk, event_miss_m : float
    axis_change_m, in_track_m, across_m, in_track_end_m : float
        Departures from the old orbit.
    found : PlanEncounters
        Every other encounter of the new orbit.
    risk : (n,) float64
        Their probabilities.
    company : SlowCompany
    refused : int
        Smaller plans that the complete search turned down.
    """

    flown: FlownPlans
    event_risk: float
    event_miss_m: float
    axis_change_m: float
    in_track_m: float
    across_m: float
    in_track_end_m: float
    found: PlanEncounters
    risk: NDArray[np.float64]
    company: SlowCompany
    refused: int


def choose_plan(
    around: Circumstances, judged: list[Evaluated], search: CompleteSearch | None = None
) -> ChosenPlan | None:
    """Return the smallest safe plan that the complete search confirms, None where there is none.

    A search that was prepared for a longer span may be given.
    """
    refused: set[tuple[int, float]] = set()
    passes = around.passes
    while len(refused) < _TRIES:
        found = [(batch, row) for batch in judged if (row := best_safe(batch, refused)) is not None]
        if not found:
            return None
        batch, row = min(found, key=_price)
        search = search or prepare_search(
            around.others, passes.begin_tai_ns, passes.end_tai_ns, around.leap_seconds
        )
        flown = single_plan(batch.flown, row)
        complete = screen_legs(flown.legs, search, around.others, passes.reach_m)
        met = complete.found
        met = met.select(~is_the_event(around.event, around.others, met))
        risk = encounter_risks(met, flown, around.event.own, around.others, around.model)
        if not (risk > around.request.threshold).any():
            gone = batch.departures
            return ChosenPlan(
                flown, float(batch.event_risk[row]), float(batch.miss_m[row]),
                float(gone.axis_change_m[row]), float(gone.in_track_m[row]), float(gone.across_m[row]),
                float(gone.in_track_end_m[row]), met, risk, complete.company, len(refused),
            )  # fmt: skip
        refused.add(_key(batch, row))
    return None


def _key(batch: Evaluated, row: int) -> tuple[int, float]:
    plans = batch.flown.plans
    return int(plans.burn_tai_ns[row, 0]), float(plans.total_m_s[row])


def _price(item: tuple[Evaluated, int]) -> tuple[float, int]:
    """Return what the smaller of two plans is judged by: the sum of burns, then the later burn."""
    start, total = _key(*item)
    return total, -start
