"""Cutting an ephemeris into coasting arcs: where does a row not follow from the one before it?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.exploration.replay.burns import Burn, find_burn
from syzygy.exploration.replay.flights import Doubles, Reference, fly, row_defects, rows_of
from syzygy.exploration.replay.reading import EphemerisBlock

_NEIGHBOURS = 11
_MAD_TO_SIGMA = 1.4826
_FLOOR_M = 1e-6
_FLOOR_M_S = 1e-9
_DIGITS = 4.0 * float(np.finfo(float).eps)
_FEWEST_GAPS = 5


@dataclass(frozen=True)
class Arc:
    """A run of rows that one coasting flight explains.

    Attributes
    ----------
    block : int
        Segment of the message.
    first, last : int
        Rows of the segment, inclusive.
    """

    block: int
    first: int
    last: int

    @property
    def rows(self) -> slice:
        """The rows."""
        return slice(self.first, self.last + 1)

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True)
class Scatter:
    """How well rows follow from each other where nothing happens (one standard deviation)."""

    position_m: float
    velocity_m_s: float


@dataclass(frozen=True, eq=False)
class Cut:
    """Arcs and events of one segment, in time order."""

    arcs: tuple[Arc, ...]
    burns: tuple[Burn, ...]
    scatter: Scatter


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
    that is missing (a slow change) is no event and a burn (a sudden one) is. The first event ends the arc.
    """
    instants = block.states.tai_ns
    arcs: list[Arc] = []
    burns: list[Burn] = []
    scatters: list[Scatter] = []
    for begin, end in _runs(instants, break_factor):
        first = begin
        while first <= end:
            if first == end:
                arcs.append(Arc(index, first, first))
                break
            rows = slice(first, end + 1)
            states = rows_of(block.states, rows)
            reference = fly(states[0], instants[rows], force, almanac)
            defects = row_defects(states, reference)
            scatter, strange = _judge(defects, states, detection_sigma)
            scatters.append(scatter)
            gaps = np.flatnonzero(strange)
            if gaps.size == 0:
                arcs.append(Arc(index, first, end))
                break
            gap = int(gaps[0])
            after = gap
            while after + 1 < strange.size and strange[after + 1]:
                after += 1
            arcs.append(Arc(index, first, first + gap))
            burns.append(_explain(index, first, (gap, after), instants[rows], reference, defects, scatter))
            first += after + 1
    whole = Scatter(
        max((s.position_m for s in scatters), default=_FLOOR_M),
        max((s.velocity_m_s for s in scatters), default=_FLOOR_M_S),
    )
    return Cut(tuple(arcs), tuple(burns), whole)


def _runs(instants: NDArray[np.int64], break_factor: float) -> list[tuple[int, int]]:
    """Return first and last row of the runs between breaks of the cadence."""
    steps = np.diff(instants)
    if steps.size == 0:
        return [(0, 0)]
    breaks = np.flatnonzero(steps > break_factor * np.median(steps))
    firsts = np.concatenate([[0], breaks + 1])
    lasts = np.concatenate([breaks, [instants.size - 1]])
    return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]


def _judge(defects: Doubles, states: Doubles, detection_sigma: float) -> tuple[Scatter, NDArray[np.bool_]]:
    """Return the scatter of the steps and which of them stand out from their neighbours."""
    level = _running_median(defects)
    rest = defects - level
    floor = (
        max(_FLOOR_M, _DIGITS * float(np.abs(states[:, :3]).max())),
        max(_FLOOR_M_S, _DIGITS * float(np.abs(states[:, 3:]).max())),
    )
    sigma = []
    for part, low in ((rest[:, :3], floor[0]), (rest[:, 3:], floor[1])):
        sigma.append(max(low, _MAD_TO_SIGMA * float(np.median(np.abs(part)))))
    size = np.sqrt(
        np.sum((rest[:, :3] / sigma[0]) ** 2, axis=1) + np.sum((rest[:, 3:] / sigma[1]) ** 2, axis=1)
    )
    # Slow changes that the median does not follow (an eccentric orbit) are no events.
    slow = np.linalg.norm(level[:, :3], axis=1), np.linalg.norm(level[:, 3:], axis=1)
    beyond = (np.linalg.norm(rest[:, :3], axis=1) > slow[0]) | (np.linalg.norm(rest[:, 3:], axis=1) > slow[1])
    return Scatter(sigma[0], sigma[1]), (size > detection_sigma) & beyond


def _running_median(values: Doubles) -> Doubles:
    """Return the median over a row and its neighbours, fewer at the ends."""
    count = values.shape[0]
    if count < _FEWEST_GAPS:
        return np.zeros_like(values)
    half = min(_NEIGHBOURS, count if count % 2 else count - 1) // 2
    padded = np.concatenate([values[half:0:-1], values, values[-2 : -half - 2 : -1]])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=0)
    return np.asarray(np.median(windows, axis=-1))


def _explain(
    block: int,
    first: int,
    gaps: tuple[int, int],
    instants: NDArray[np.int64],
    reference: Reference,
    defects: Doubles,
    scatter: Scatter,
) -> Burn:
    """Describe what happened between the rows of a run of strange steps."""
    low, high = gaps
    return find_burn(
        block,
        (first + low, first + high + 1),
        (int(instants[low]), int(instants[high + 1])),
        reference,
        defects[low : high + 1],
        instants[low : high + 2],
        (scatter.position_m, scatter.velocity_m_s),
    )
