"""Cutting an ephemeris into coasting arcs: where does a row not follow from the one before it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.exploration.replay.bridging import Shore, bridge_gap, find_outlying
from syzygy.exploration.replay.burns import GAP, Burn, find_burn
from syzygy.exploration.replay.flights import Doubles, fly, row_defects, rows_of
from syzygy.exploration.replay.reading import EphemerisBlock
from syzygy.exploration.replay.scatter import Scatter, Steps, judge_steps, least_scatter

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Arc:
    """A run of rows that one coasting flight explains.

    Attributes
    ----------
    block : int
        Segment of the message.
    first, last : int
        Rows of the segment, inclusive.
    left_out : tuple of int
        Outlying rows between them.
    """

    block: int
    first: int
    last: int
    left_out: tuple[int, ...] = ()

    @property
    def rows(self) -> Rows:
        """The rows."""
        every = np.arange(self.first, self.last + 1, dtype=np.int64)
        return every[~np.isin(every, self.left_out)] if self.left_out else every

    def __len__(self) -> int:
        return self.last - self.first + 1 - len(self.left_out)


@dataclass(frozen=True, eq=False)
class Cut:
    """Arcs and events of one segment, in time order, and its first and last row."""

    arcs: tuple[Arc, ...]
    burns: tuple[Burn, ...]
    scatter: Scatter
    shores: tuple[Shore, Shore]


@dataclass(frozen=True, eq=False)
class _Run:
    """What was found between two breaks of the cadence."""

    arcs: list[Arc]
    burns: list[Burn]
    steps: list[Steps]


def cut_block(
    index: int,
    block: EphemerisBlock,
    force: ForceModel,
    almanac: Almanac,
    *,
    detection_sigma: float,
    break_factor: float,
) -> Cut:
    """Cut one segment at breaks of its cadence and at every step that coasting does not explain.

    A reference is flown from the first row of an arc; every row is compared with the row before it, carried
    along the reference. The step of a row is judged against the scatter of its neighbours, so that a force
    that is missing (a slow change) is no event and a burn (a sudden one) is. The first event ends the arc,
    unless the rows after it follow from those before it: then the rows between are outlying, and left out.
    Across a break of the cadence the flight is carried on: what it misses is an event of its own.
    """
    arcs: list[Arc] = []
    burns: list[Burn] = []
    steps: list[Steps] = []
    shores: list[Shore] = []
    for begin, end in _runs(block.states.tai_ns, break_factor):
        rows = np.arange(begin, end + 1, dtype=np.int64)
        run = _cut_run(index, block, rows, force, almanac, detection_sigma)
        shores.append(Shore(block, int(run.arcs[0].rows[0]), run.steps[0] if run.steps else None))
        if arcs:
            found = bridge_gap(index, shores[-2], shores[-1], force, almanac, detection_sigma)
            burns += [found] if found else []
        arcs += run.arcs
        burns += run.burns
        steps += run.steps
        shores.append(Shore(block, int(run.arcs[-1].rows[-1]), run.steps[-1] if run.steps else None))
    scatter = _largest([part.scatter for part in steps], block)
    return Cut(tuple(arcs), tuple(burns), scatter, (shores[0], shores[-1]))


def join_segments(
    index: int,
    before: Cut,
    after: Cut,
    force: ForceModel,
    almanac: Almanac,
    detection_sigma: float,
    break_factor: float,
) -> list[Burn]:
    """Return what happened between two segments about one centre: an event, a gap, or nothing."""
    last, first = before.shores[1], after.shores[0]
    if last.block.centre != first.block.centre:
        return []
    found = bridge_gap(index, last, first, force, almanac, detection_sigma)
    usual_ns = (
        float(np.median(np.diff(first.block.states.tai_ns))) if first.block.states.tai_ns.size > 1 else 0.0
    )
    if found is None or (found.kind == GAP and first.tai_ns - last.tai_ns <= break_factor * usual_ns):
        return []
    return [found]


def _cut_run(
    index: int, block: EphemerisBlock, rows: Rows, force: ForceModel, almanac: Almanac, detection_sigma: float
) -> _Run:
    """Cut rows of one cadence."""
    found = _Run([], [], [])
    while True:
        states, instants = rows_of(block.states, slice(None))[rows], block.states.tai_ns[rows]
        if rows.size == 1:
            found.arcs.append(_arc(index, rows))
            return found
        reference = fly(states[0], instants, force, almanac)
        steps = judge_steps(row_defects(states, reference), states, instants, detection_sigma)
        runs = steps.strange_runs()
        if not runs:
            found.arcs.append(_arc(index, rows))
            found.steps.append(steps)
            return found
        low, high = runs[0]
        stray = find_outlying(index, rows, (low, high), reference, states, instants, steps, detection_sigma)
        if stray is not None:
            found.burns.append(stray)
            rows = np.delete(rows, np.arange(low + 1, high + 1))
            continue
        found.arcs.append(_arc(index, rows[: low + 1]))
        found.burns.append(
            find_burn(
                index,
                (int(rows[low]), int(rows[high + 1])),
                (int(instants[low]), int(instants[high + 1])),
                reference,
                steps.defects[low : high + 1] - steps.level[low : high + 1],
                instants[low : high + 2],
                (steps.scatter.position_m, steps.scatter.velocity_m_s),
            )
        )
        found.steps.append(steps)
        rows = rows[high + 1 :]


def _arc(index: int, rows: Rows) -> Arc:
    first, last = int(rows[0]), int(rows[-1])
    missing = np.setdiff1d(np.arange(first, last + 1), rows)
    return Arc(index, first, last, tuple(int(row) for row in missing))


def _runs(instants: NDArray[np.int64], break_factor: float) -> list[tuple[int, int]]:
    """Return first and last row of the runs between breaks of the cadence."""
    steps = np.diff(instants)
    if steps.size == 0:
        return [(0, 0)]
    breaks = np.flatnonzero(steps > break_factor * np.median(steps))
    firsts = np.concatenate([[0], breaks + 1])
    lasts = np.concatenate([breaks, [instants.size - 1]])
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]


def _largest(scatters: list[Scatter], block: EphemerisBlock) -> Scatter:
    states: Doubles = rows_of(block.states, slice(None))
    least = least_scatter(states)
    return Scatter(
        max((s.position_m for s in scatters), default=least.position_m),
        max((s.velocity_m_s for s in scatters), default=least.velocity_m_s),
    )
