"""Plans: burns of one pattern, and the legs of SGP4 orbit between and after them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.mean_elements import MeanElements, join_elements
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.element_fit import fit_elements, repeat_elements, states_each
from syzygy.debris.avoidance.rescreening import Legs

FloatArray = NDArray[np.float64]
FACTORS = {
    "single": (1.0,),
    "two-burn": (1.0, 0.0),
    "stop-drift": (1.0, -1.0),
    "two-burn-return": (1.0, -1.0),
    "return-to-slot": (1.0, -2.0, 1.0),
}
"""Burns of each manoeuvre in units of the first, where its search begins. All are made at the same place of
the orbit, whole revolutions apart: opposite burns then undo each other, and 1, -2, 1 leaves nothing. Two free
burns begin as one, and two that return are corrected (`returning`)."""


@dataclass(frozen=True, eq=False)
class Plans:
    """n plans of k burns.

    Attributes
    ----------
    burn_tai_ns : (n, k) int64
    impulse_m_s : (n, k, 3) float64
        Radial, transverse, normal axes of the orbit at the instant of the burn.
    """

    burn_tai_ns: NDArray[np.int64]
    impulse_m_s: FloatArray

    def __len__(self) -> int:
        return len(self.burn_tai_ns)

    @property
    def total_m_s(self) -> FloatArray:
        """Sum of the sizes of all burns, (n,)."""
        return np.asarray(np.linalg.norm(self.impulse_m_s, axis=2).sum(axis=1))

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Plans:
        """Return some of the plans."""
        return Plans(self.burn_tai_ns[rows], self.impulse_m_s[rows])


@dataclass(frozen=True, eq=False)
class FlownPlans:
    """Plans with the orbits they lead to.

    Attributes
    ----------
    plans : Plans
    legs : Legs
        Leg k of plan n is row n + k * len(plans).
    burn_states : (n, k, 6) float64
        State before each burn, TEME.
    impulse_m_s : (n, k, 3) float64
        Burns in TEME axes.
    seam_m : (n,) float64
        Largest distance at a burn between the orbits before and after it.
    """

    plans: Plans
    legs: Legs
    burn_states: FloatArray
    impulse_m_s: FloatArray
    seam_m: FloatArray


def make_plans(
    manoeuvre: str, first_tai_ns: NDArray[np.int64], impulse_m_s: FloatArray, period_s: float, tca_tai_ns: int
) -> Plans:
    """Return plans of a manoeuvre with given first burns (n,), (n, 3).

    The second of two free burns (still nothing) comes one revolution later; one that stops a drift or returns
    comes after the whole number of revolutions that first lies beyond the closest approach.
    """
    factors = np.array(FACTORS[manoeuvre])
    if manoeuvre in ("single", "two-burn"):
        turns = np.ones(len(first_tai_ns), dtype=np.int64)
    else:
        turns = np.floor((tca_tai_ns - first_tai_ns) / 1e9 / period_s).astype(np.int64) + 1
    step = np.round(turns * period_s * 1e9).astype(np.int64)
    times = first_tai_ns[:, None] + step[:, None] * np.arange(len(factors))
    return Plans(times, impulse_m_s[:, None, :] * factors[:, None])


def fly_plans(plans: Plans, own: MeanElements, end_tai_ns: int, leap_seconds: LeapSeconds) -> FlownPlans:
    """Return the orbits of plans: every burn changes the element set so that SGP4 goes on from there."""
    count, burns = plans.burn_tai_ns.shape
    sets = repeat_elements(own, count)
    legs, states, impulses = [], [], []
    seam = np.zeros(count)
    for k in range(burns):
        at = plans.burn_tai_ns[:, k]
        before = states_each(prepare_sgp4(sets, leap_seconds), at)
        axes = rtn_axes(before[:, :3], before[:, 3:])
        impulse = np.einsum("nij,ni->nj", axes, plans.impulse_m_s[:, k])
        fitted = fit_elements(sets, at, before[:, :3], before[:, 3:] + impulse, leap_seconds)
        seam = np.maximum(seam, fitted.position_error_m + 1e3 * fitted.velocity_error_m_s)
        sets = fitted.elements
        legs.append(sets)
        states.append(before)
        impulses.append(impulse)
    ends = np.concatenate([plans.burn_tai_ns[:, 1:], np.full((count, 1), end_tai_ns)], axis=1)
    flown = Legs(
        join_elements(legs), np.tile(np.arange(count), burns), plans.burn_tai_ns.T.ravel(), ends.T.ravel()
    )
    return FlownPlans(plans, flown, np.stack(states, axis=1), np.stack(impulses, axis=1), seam)


def states_after(flown: FlownPlans, own: MeanElements, tai_ns: int, leap_seconds: LeapSeconds) -> FloatArray:
    """Return the state (n, 6) of every plan at one instant, before its first burn that of the old orbit."""
    batch = prepare_sgp4(flown.legs.elements, leap_seconds)
    found = states_each(batch, np.full(len(flown.legs), tai_ns))
    unchanged = states_each(prepare_sgp4(own, leap_seconds), np.array([tai_ns]))
    count = len(flown.plans)
    result = np.repeat(unchanged, count, axis=0)
    for k in range(flown.plans.burn_tai_ns.shape[1]):
        later = flown.plans.burn_tai_ns[:, k] <= tai_ns
        result[later] = found[k * count : (k + 1) * count][later]
    return result
