"""Encounters of many changed orbits with the prepared passes of the catalogue, on SGP4's own positions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import Sgp4Batch, prepare_sgp4
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.tube import STEP_S, CataloguePasses

FloatArray = NDArray[np.float64]
_ROWS_AT_ONCE = 4_000_000
_LONGEST_S = 0.75 * STEP_S
_ROUNDS = 6
_SETTLED_S = 1e-6
SLOWEST_M_S = 10.0
"""Slower pairs stay together: they are intervals of the screening, not encounters of a plan."""
SAME_S = 1.0
"""Two findings of one pair closer than this are one encounter."""


@dataclass(frozen=True, eq=False)
class Legs:
    """Stretches of changed orbits, one element set each: a plan of k burns has k legs.

    Attributes
    ----------
    elements : MeanElements
        (n,) sets.
    plan : (n,) int64
        Number of the plan.
    begin_tai_ns, end_tai_ns : (n,) int64
        Where the set holds.
    """

    elements: MeanElements
    plan: NDArray[np.int64]
    begin_tai_ns: NDArray[np.int64]
    end_tai_ns: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.plan)


@dataclass(frozen=True, eq=False)
class PlanEncounters:
    """Closest approaches of changed orbits, sorted by plan and time.

    Attributes
    ----------
    leg, plan, row : (n,) int64
        Number of the leg, of the plan, and of the other object in the catalogue.
    tai_ns : (n,) int64
        Closest approach.
    own_position_m, own_velocity_m_s, position_m, velocity_m_s : (n, 3) float64
        Changed orbit and other object, TEME.
    """

    leg: NDArray[np.int64]
    plan: NDArray[np.int64]
    row: NDArray[np.int64]
    tai_ns: NDArray[np.int64]
    own_position_m: FloatArray
    own_velocity_m_s: FloatArray
    position_m: FloatArray
    velocity_m_s: FloatArray

    def __len__(self) -> int:
        return len(self.leg)

    @property
    def separation_m(self) -> FloatArray:
        """Other object minus changed orbit, (n, 3)."""
        return self.position_m - self.own_position_m

    @property
    def relative_velocity_m_s(self) -> FloatArray:
        """Likewise, (n, 3)."""
        return self.velocity_m_s - self.own_velocity_m_s

    @property
    def miss_m(self) -> FloatArray:
        """Distances, (n,)."""
        return np.asarray(np.linalg.norm(self.separation_m, axis=1))

    def select(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> PlanEncounters:
        """Return some of the rows."""
        return PlanEncounters(
            self.leg[rows], self.plan[rows], self.row[rows], self.tai_ns[rows],
            self.own_position_m[rows], self.own_velocity_m_s[rows],
            self.position_m[rows], self.velocity_m_s[rows],
        )  # fmt: skip


def rescreen(legs: Legs, passes: CataloguePasses, leap_seconds: LeapSeconds) -> PlanEncounters:
    """Find every encounter of the legs with the prepared passes, below the reach they were prepared for.

    Parameters
    ----------
    legs : Legs
    passes : CataloguePasses
        Prepared for a tube in which the legs stay.
    leap_seconds : LeapSeconds

    Notes
    -----
    Linear relative motion at the instant of each pass sorts out what cannot be near; what can is moved to
    its closest approach by Newton on SGP4 states of both.

    **Accuracy** the same encounters as the complete search, distances within 1 m; instants are those of zero
    range rate of SGP4's velocities and differ from the least distance by 1 ms for fast pairs, by more for
    slow ones (``test_avoidance_rescreening``).
    """
    batch = prepare_sgp4(legs.elements, leap_seconds)
    other = passes.catalogue.states_at(passes.object, passes.tai_ns)
    first = np.searchsorted(passes.tai_ns, legs.begin_tai_ns - round(_LONGEST_S * 1e9))
    last = np.searchsorted(passes.tai_ns, legs.end_tai_ns + round(_LONGEST_S * 1e9))
    size = max(1, _ROWS_AT_ONCE // max(1, len(passes)))
    parts = []
    for begin in range(0, len(legs), size):
        chosen = np.arange(begin, min(begin + size, len(legs)))
        low, high = int(first[chosen].min()), int(max(last[chosen].max(), first[chosen].min()))
        own = batch.select(chosen).states(passes.tai_ns[low:high])
        found = _near(
            own.position_m, own.velocity_m_s, other.position_m[low:high], other.velocity_m_s[low:high],
            first[chosen] - low, last[chosen] - low, passes.reach_m,
        )  # fmt: skip
        parts.append((chosen[found[0]], found[1] + low, found[2]))
    leg, column, delay = (np.concatenate([part[k] for part in parts]) for k in range(3))
    return _refine(legs, batch, passes, leg.astype(np.int64), column.astype(np.int64), delay)


def _near(
    own_p: FloatArray, own_v: FloatArray, other_p: FloatArray, other_v: FloatArray,
    first: NDArray[np.int64], last: NDArray[np.int64], reach_m: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], FloatArray]:  # fmt: skip
    from syzygy.debris.avoidance import _kernels

    room = 16_384
    while True:
        found = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64), np.empty(room)
        count = _kernels.near_passes(own_p, own_v, other_p, other_v, first, last, reach_m, _LONGEST_S, *found)
        if count <= room:
            return found[0][:count], found[1][:count], found[2][:count]
        room = count


def _refine(
    legs: Legs, batch: Sgp4Batch, passes: CataloguePasses,
    leg: NDArray[np.int64], column: NDArray[np.int64], delay: FloatArray,
) -> PlanEncounters:  # fmt: skip
    thing = passes.object[column]
    tai_ns = passes.tai_ns[column] + np.round(delay * 1e9).astype(np.int64)
    rest = np.arange(len(leg))
    own, other = np.empty((len(leg), 6)), np.empty((len(leg), 6))
    for _ in range(_ROUNDS):
        own[rest], other[rest] = (
            _states(batch, leg[rest], tai_ns[rest]),
            _states(passes.catalogue, thing[rest], tai_ns[rest]),
        )
        relative = other[rest] - own[rest]
        speed2 = np.sum(relative[:, 3:] ** 2, axis=1)
        step = -np.sum(relative[:, :3] * relative[:, 3:], axis=1) / np.maximum(speed2, 1e-12)
        moving = np.abs(step) > _SETTLED_S
        rest, step = rest[moving], np.clip(step[moving], -_LONGEST_S, _LONGEST_S)
        if not rest.size:
            break
        tai_ns[rest] += np.round(step * 1e9).astype(np.int64)
    found = PlanEncounters(
        leg, legs.plan[leg], passes.row[thing], tai_ns, own[:, :3], own[:, 3:], other[:, :3], other[:, 3:]
    )
    speed = np.linalg.norm(found.relative_velocity_m_s, axis=1)
    keep = np.isfinite(found.miss_m) & (found.miss_m < passes.reach_m) & (speed > SLOWEST_M_S)
    keep &= (tai_ns >= legs.begin_tai_ns[leg]) & (tai_ns < legs.end_tai_ns[leg])
    keep &= np.abs(tai_ns - passes.tai_ns[column]) < round(2.0 * _LONGEST_S * 1e9)
    return once(found.select(keep))


def once(found: PlanEncounters) -> PlanEncounters:
    """Sort by plan and time, and drop what two neighbouring passes found twice."""
    order = np.lexsort((found.tai_ns, found.row, found.plan))
    found = found.select(order)
    same = (np.diff(found.plan) == 0) & (np.diff(found.row) == 0)
    same &= np.diff(found.tai_ns) < round(SAME_S * 1e9)
    found = found.select(np.concatenate([[True], ~same])[: len(found)])
    return found.select(np.lexsort((found.row, found.tai_ns, found.plan)))


def _states(batch: Sgp4Batch, index: NDArray[np.int64], tai_ns: NDArray[np.int64]) -> FloatArray:
    found = batch.states_at(index, tai_ns)
    return np.concatenate([found.position_m, found.velocity_m_s], axis=1)
