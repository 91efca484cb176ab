"""What is left where no plan is safe: the least probability that any plan within the options leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import format_utc
from syzygy.debris.avoidance.candidates import Circumstances, Evaluated
from syzygy.debris.avoidance.frontier import find_frontier
from syzygy.debris.avoidance.plans import FACTORS

FloatArray = NDArray[np.float64]
_WITHIN_OPTIONS = 2
_ANY_SIZE_M_S = 100.0


@dataclass(frozen=True, eq=False)
class LeastRisk:
    """Per instant: the least of the largest probabilities that plans leave, and the plan's sum of burns.

    Attributes
    ----------
    probability, total_m_s : (m,) float64
        nan where no plan within the options was screened.
    object_id : (m,) int64
        Whose encounter it is.
    screened : int
        Plans within fuel, box and orbit.
    """

    probability: FloatArray
    total_m_s: FloatArray
    object_id: NDArray[np.int64]
    screened: int


def least_risk(tai_ns: NDArray[np.int64], judged: list[Evaluated], around: Circumstances) -> LeastRisk:
    """Sort every plan that was screened to the nearest of some instants of the first burn."""
    count = len(tai_ns)
    least, total = np.full(count, np.nan), np.full(count, np.nan)
    whose = np.zeros(count, dtype=np.int64)
    screened = 0
    for batch in judged:
        plans = batch.flown.plans
        rows = np.flatnonzero(batch.reason <= _WITHIN_OPTIONS)
        screened += len(rows)
        middle = 0.5 * (tai_ns[1:].astype(np.float64) + tai_ns[:-1])
        place = np.searchsorted(middle, plans.burn_tai_ns[rows, 0].astype(np.float64))
        for at, row in zip(place.tolist(), rows.tolist(), strict=True):
            other = float(batch.other_risk[row])
            worst = max(float(batch.event_risk[row]), other)
            if not least[at] <= worst:
                mine = other >= float(batch.event_risk[row])
                least[at], total[at] = worst, float(plans.total_m_s[row])
                whose[at] = (
                    int(around.others.object_id[batch.other_row[row]]) if mine else around.event.other_id
                )
    return LeastRisk(least, total, whose, screened)


def no_plan_text(tai_ns: NDArray[np.int64], found: LeastRisk, around: Circumstances) -> str:
    """Say that no plan is safe, what the least remaining probability is, and which options are still open."""
    request = around.request
    text = "no safe plan within the options"
    if not np.isfinite(found.probability).any():
        return (
            f"{text}: no burn within fuel and box brings the event down; {_asked(tai_ns, around)}"
            f"{_more(around)}"
        )
    best = int(np.nanargmin(found.probability))
    when = format_utc(int(tai_ns[best]), around.leap_seconds)[:19]
    return (
        f"{text}: of {found.screened:,} plans screened within fuel and box the best leaves "
        f"{found.probability[best]:.2e} (object {found.object_id[best]}; asked {request.threshold:g}) with "
        f"{100.0 * found.total_m_s[best]:.2f} cm/s at about {when}{_more(around)}"
    )


def _asked(tai_ns: NDArray[np.int64], around: Circumstances) -> str:
    """Say how large a burn the event alone asks for, by the closed form and without the limit of the fuel."""
    request = around.request
    frontier = find_frontier(
        around.event, tai_ns, manoeuvre=request.manoeuvre, direction=request.design_direction,
        aim=request.aim or request.threshold, largest_m_s=_ANY_SIZE_M_S, error=around.model.error,
        leap_seconds=around.leap_seconds,
    )  # fmt: skip
    size = frontier.size_m_s.min(axis=1)
    if not np.isfinite(size).any():
        return f"at these times not even {_ANY_SIZE_M_S:g} m/s would"
    best = int(np.argmin(size))
    total = float(size[best] * np.abs(FACTORS[request.manoeuvre]).sum())
    when = format_utc(int(tai_ns[best]), around.leap_seconds)[:19]
    return f"by itself it asks for {total:.3g} m/s at {when} (allowed: {request.largest_m_s:g} m/s)"


def _more(around: Circumstances) -> str:
    request = around.request
    ways = [] if request.direction == "free" else ["--direction free"]
    ways += [] if request.manoeuvre == "two-burn" else ["--manoeuvre two-burn"]
    ways += ["a larger --largest-m-s", "an earlier --earliest-utc", "a shorter --horizon-d"]
    if any((request.max_axis_change_m, request.max_in_track_m, request.max_across_m)):
        ways.append("a wider box")
    if request.allowed:
        ways.append("more --allowed spans")
    return f". Not tried: {', '.join(ways)}"
