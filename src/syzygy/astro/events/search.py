"""The search core of all events: where is g(t) > 0, proven by bounds on its rate and curvature.

Many functions ("lanes": satellite and site, satellite and target ...) are searched at once.  An interval
with end values ga, gb and length h is settled by one of four proofs:

* rate: |ga| + |gb| > L h, same sign, |g'| <= L: g cannot reach zero in between;
* curvature: min(|ga|, |gb|) > M h^2 / 8, same sign, |g''| <= M: g stays that close to its chord;
* monotone: |gb - ga| / h > M h / 2: g' cannot vanish, so the signs at the ends tell all
  (two equal signs: no zero; two different signs: exactly one);
* shorter than the resolution (0.5 ms): a change of sign is an edge; equal signs are listed in the
  certificate as a touch, because an event there would be shorter than the resolution.

Every other interval is halved.  What is returned is therefore complete under the stated bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.events.search_bounds import checked_bounds
from syzygy.astro.events.windows import Crossings, SearchCertificate, Windows
from syzygy.astro.time import as_instants
from syzygy.base.errors import ComputationError, InputError
from syzygy.numerics.roots import find_roots

__all__ = [
    "Crossings",
    "SearchCertificate",
    "SwitchingFunction",
    "Windows",
    "find_crossings",
    "find_windows",
    "make_nodes",
    "sample_lanes",
]

SwitchingFunction = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float64]]
"""(lane (k,), tai_ns (k,)) -> g (k,); NaN where the trajectory has no usable state."""

RESOLUTION_NS = 500_000
"""Intervals are not halved below 0.5 ms."""

EDGE_TOLERANCE_S = 1e-6
"""Largest distance of an edge from the zero of g."""

_BLOCK_VALUES = 1 << 20
_MOST_NODES = 100_000_000
_LONGEST_STEP_S = 1e9


def make_nodes(start_tai_ns: int, end_tai_ns: int, step_s: float) -> NDArray[np.int64]:
    """Return instants from start to end, equally spaced, at most `step_s` apart, both ends included.

    Raises
    ------
    InputError
        The span is empty or reversed, the step is too small or not finite, or there are too many nodes.
    TimeScaleError
        A start or end that is no whole number of nanoseconds.
    """
    start_tai_ns, end_tai_ns = (int(as_instants(tai_ns)) for tai_ns in (start_tai_ns, end_tai_ns))
    if not end_tai_ns > start_tai_ns:
        raise InputError(
            "the search span is empty or reversed",
            value=f"{(end_tai_ns - start_tai_ns) / 1e9} s",
            allowed="an end after the start",
        )
    if not 1e-3 <= step_s <= _LONGEST_STEP_S:
        raise InputError(
            "the step of a search is out of range",
            value=f"{step_s} s",
            allowed=f"0.001 to {_LONGEST_STEP_S:g} s",
        )
    count = max(1, -((start_tai_ns - end_tai_ns) // round(step_s * 1e9)))
    if count > _MOST_NODES:
        raise InputError(
            "a search has too many nodes",
            value=f"{count} steps of {step_s} s",
            allowed=f"{_MOST_NODES}",
            hint="search a shorter span, or part by part",
        )
    whole, rest = divmod(end_tai_ns - start_tai_ns, count)
    index = np.arange(count + 1, dtype=np.int64)
    return np.int64(start_tai_ns) + index * whole + (index * rest) // count


def sample_lanes(function: SwitchingFunction, lanes: int, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return g of every lane at every node, (lanes, nodes)."""
    lane = np.repeat(np.arange(lanes, dtype=np.int64), nodes.size)
    return np.asarray(function(lane, np.tile(nodes, lanes)), dtype=np.float64).reshape(lanes, nodes.size)


def find_windows(
    function: SwitchingFunction,
    nodes: NDArray[np.int64],
    values: NDArray[np.float64],
    rate_bound: ArrayLike,
    curvature_bound: ArrayLike = np.inf,
) -> Windows:
    """Find every span with g > 0.

    Parameters
    ----------
    function : SwitchingFunction
        g, continuous on usable spans.
    nodes : int64 (m,)
        Increasing instants from the start to the end of the search, TAI ns (`make_nodes`).
    values : float64 (lanes, m)
        g at the nodes (`sample_lanes`, or computed from one grid of states); NaN where unusable.
    rate_bound : float or (lanes,)
        Bound on |g'|, per second. Must hold over the whole span.
    curvature_bound : float or (lanes,), optional
        Bound on |g''|, per second squared; makes long steps possible.

    Returns
    -------
    Windows
        Edges within 1 us of the zero of g as computed; open ends are flagged.

    Raises
    ------
    InputError
        Nodes that do not increase, shapes that do not fit, bounds that are negative or NaN, or no bound.
    ComputationError
        Two values differ by more than the rate bound allows: nothing could be promised with such a bound.

    Examples
    --------
    >>> import numpy as np
    >>> g = lambda lane, t: np.sin(2 * np.pi * t * 1e-9 / 100.0) - 0.999999
    >>> nodes = make_nodes(0, 200_000_000_000, 20.0)
    >>> windows = find_windows(g, nodes, sample_lanes(g, 1, nodes), 0.063, 0.004)
    >>> len(windows), [round(t * 1e-9, 3) for t in windows.start_tai_ns.tolist()]
    (2, [24.977, 124.977])
    """
    rate, curvature = checked_bounds(nodes, values, rate_bound, curvature_bound)
    crossings, settled, certificate = _search(function, nodes, values, rate, curvature)
    lane_up, at_up, open_start = _edges(crossings, settled, values, nodes, first=True)
    lane_down, at_down, open_end = _edges(crossings, settled, values, nodes, first=False)
    if not np.array_equal(lane_up, lane_down):
        raise ComputationError("starts and ends of windows do not pair", hint="is g a pure function of time?")
    return Windows(lane_up, at_up, at_down, open_start, open_end, certificate)


def find_crossings(
    function: SwitchingFunction,
    nodes: NDArray[np.int64],
    values: NDArray[np.float64],
    rate_bound: ArrayLike,
    curvature_bound: ArrayLike = np.inf,
) -> tuple[Crossings, SearchCertificate]:
    """Find every change of sign of g; parameters as in `find_windows`."""
    rate, curvature = checked_bounds(nodes, values, rate_bound, curvature_bound)
    crossings, _, certificate = _search(function, nodes, values, rate, curvature)
    return crossings, certificate


def _search(
    function: SwitchingFunction,
    nodes: NDArray[np.int64],
    values: NDArray[np.float64],
    rate: NDArray[np.float64],
    curvature: NDArray[np.float64],
) -> tuple[Crossings, NDArray[np.bool_], SearchCertificate]:
    """Return the crossings, which (lane, interval) could be searched, and the certificate."""
    settled = np.isfinite(values[:, :-1]) & np.isfinite(values[:, 1:])
    tally = _Tally(rate, curvature)
    edges: list[_Intervals] = []
    block = max(1, _BLOCK_VALUES // nodes.size)
    for first in range(0, values.shape[0], block):
        queue = _first_intervals(nodes, values, settled, tally, slice(first, first + block))
        while queue.lane.size:
            decided = tally.settle(queue)
            edges.append(queue.take(decided & queue.changes_sign))
            queue = _halve(queue.take(~decided), function, tally, settled)
    crossings = _refine(function, _join(edges), tally, settled)
    return crossings, settled, tally.certificate(_unusable(settled, nodes))


@dataclass(frozen=True)
class _Intervals:
    lane: NDArray[np.int64]
    node: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    value_start: NDArray[np.float64]
    value_end: NDArray[np.float64]

    @property
    def changes_sign(self) -> NDArray[np.bool_]:
        return np.asarray((self.value_start > 0.0) != (self.value_end > 0.0))

    def take(self, which: NDArray[np.bool_]) -> _Intervals:
        return _Intervals(
            self.lane[which],
            self.node[which],
            self.start[which],
            self.end[which],
            self.value_start[which],
            self.value_end[which],
        )


class _Tally:
    """The bounds, and what was settled by which proof."""

    def __init__(self, rate: NDArray[np.float64], curvature: NDArray[np.float64]) -> None:
        self.rate, self.curvature = rate, curvature
        self.evaluations = 0
        self.counts = np.zeros(4, dtype=np.int64)
        self.touches: list[_Intervals] = []

    def settle(self, queue: _Intervals) -> NDArray[np.bool_]:
        """Say which intervals need no further halving."""
        length_s = (queue.end - queue.start) * 1e-9
        size_a, size_b = np.abs(queue.value_start), np.abs(queue.value_end)
        same = ~queue.changes_sign
        rate, curvature = self.rate[queue.lane], self.curvature[queue.lane]
        by_rate = same & (size_a + size_b > rate * length_s)
        by_curvature = same & ~by_rate & (np.minimum(size_a, size_b) > curvature * length_s**2 / 8.0)
        rise = np.abs(queue.value_end - queue.value_start)
        monotone = ~by_rate & ~by_curvature & (rise > curvature * length_s**2 / 2.0)
        short = ~by_rate & ~by_curvature & ~monotone & (queue.end - queue.start <= RESOLUTION_NS)
        self.counts += [int(np.count_nonzero(proof)) for proof in (by_rate, by_curvature, monotone, short)]
        if (touch := short & same).any():
            self.touches.append(queue.take(touch))
        return np.asarray(by_rate | by_curvature | monotone | short)

    def certificate(
        self, unusable: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]
    ) -> SearchCertificate:
        touches = _join(self.touches)
        by_rate, by_curvature, monotone, resolved = self.counts.tolist()
        return SearchCertificate(
            rate_bound=self.rate,
            curvature_bound=self.curvature,
            intervals=int(self.counts.sum()),
            evaluations=self.evaluations,
            empty_by_rate=by_rate,
            empty_by_curvature=by_curvature,
            monotone=monotone,
            resolved=resolved,
            touch_lane=touches.lane,
            touch_tai_ns=touches.start,
            touch_value=touches.value_start,
            unusable_lane=unusable[0],
            unusable_from_tai_ns=unusable[1],
            unusable_to_tai_ns=unusable[2],
        )


def _first_intervals(
    nodes: NDArray[np.int64],
    values: NDArray[np.float64],
    settled: NDArray[np.bool_],
    tally: _Tally,
    part: slice,
) -> _Intervals:
    """Return the intervals between nodes that the curvature does not prove empty at first sight."""
    length_s = np.diff(nodes) * 1e-9
    sag = tally.curvature[part, None] * (length_s**2 / 8.0)
    first, second = values[part, :-1], values[part, 1:]
    quiet = (np.maximum(first, second) < -sag) | (np.minimum(first, second) > sag)
    tally.counts[1] += int(np.count_nonzero(quiet))
    lane, node = np.nonzero(settled[part] & ~quiet)
    lane += part.start
    return _Intervals(lane, node, nodes[node], nodes[node + 1], values[lane, node], values[lane, node + 1])


def _halve(
    queue: _Intervals, function: SwitchingFunction, tally: _Tally, settled: NDArray[np.bool_]
) -> _Intervals:
    if not queue.lane.size:
        return queue
    middle = queue.start + (queue.end - queue.start) // 2
    value = np.asarray(function(queue.lane, middle), dtype=np.float64)
    tally.evaluations += middle.size
    # A state that vanishes between two usable nodes: the whole interval between the nodes is given up.
    lost = ~np.isfinite(value)
    settled[queue.lane[lost], queue.node[lost]] = False
    left = _Intervals(queue.lane, queue.node, queue.start, middle, queue.value_start, value)
    right = _Intervals(queue.lane, queue.node, middle, queue.end, value, queue.value_end)
    both = _join([left, right])
    return both.take(settled[both.lane, both.node]) if lost.any() else both


def _refine(
    function: SwitchingFunction, edges: _Intervals, tally: _Tally, settled: NDArray[np.bool_]
) -> Crossings:
    found = edges.take(settled[edges.lane, edges.node])

    def evaluate(which: NDArray[np.int64], offset_s: NDArray[np.float64]) -> NDArray[np.float64]:
        tally.evaluations += which.size
        lane = found.lane[which]
        value = function(lane, found.start[which] + np.rint(offset_s * 1e9).astype(np.int64))
        lost = ~np.isfinite(value)
        settled[lane[lost], found.node[which][lost]] = False
        return np.where(lost, found.value_end[which], value)

    length_s = (found.end - found.start) * 1e-9
    offset_s = find_roots(
        evaluate,
        np.zeros_like(length_s),
        length_s,
        EDGE_TOLERANCE_S,
        value_low=found.value_start,
        value_high=found.value_end,
    )
    at = found.start + np.rint(offset_s * 1e9).astype(np.int64)
    rising = found.value_end > 0.0
    kept = np.flatnonzero(settled[found.lane, found.node])
    kept = kept[np.lexsort((at[kept], found.start[kept], found.lane[kept]))]
    return Crossings(found.lane[kept], at[kept], rising[kept])


def _edges(
    crossings: Crossings,
    settled: NDArray[np.bool_],
    values: NDArray[np.float64],
    nodes: NDArray[np.int64],
    *,
    first: bool,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return the starts (or ends) of windows: crossings, and borders of searched spans with g > 0."""
    border = np.zeros(values.shape, dtype=bool)
    if first:
        border[:, :-1] = settled
        border[:, 1:-1] &= ~settled[:, :-1]
    else:
        border[:, 1:] = settled
        border[:, 1:-1] &= ~settled[:, 1:]
    lane, node = np.nonzero(border & (values > 0.0))
    which = crossings.rising == first
    lanes = np.concatenate([crossings.lane[which], lane.astype(np.int64)])
    times = np.concatenate([crossings.tai_ns[which], nodes[node]])
    is_open = np.concatenate([np.zeros(int(which.sum()), dtype=bool), np.ones(lane.size, dtype=bool)])
    order = np.lexsort((times, lanes))
    return lanes[order], times[order], is_open[order]


def _unusable(
    settled: NDArray[np.bool_], nodes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the spans between nodes that could not be searched."""
    edge = np.zeros((settled.shape[0], settled.shape[1] + 2), dtype=np.int8)
    edge[:, 1:-1] = ~settled
    change = np.diff(edge, axis=1)
    lane, start = np.nonzero(change == 1)
    _, end = np.nonzero(change == -1)
    return lane.astype(np.int64), nodes[start], nodes[end]


def _join(parts: list[_Intervals]) -> _Intervals:
    if not parts:
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
        return _Intervals(none, none, none, none, nothing, nothing)
    return _Intervals(
        np.concatenate([part.lane for part in parts]),
        np.concatenate([part.node for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
        np.concatenate([part.value_start for part in parts]),
        np.concatenate([part.value_end for part in parts]),
    )
