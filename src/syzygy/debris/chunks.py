"""The search of one chunk of time: from all pairs to a few, by bounds that lose nothing."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.debris.bernstein import NODES, basis, basis_derivative
from syzygy.debris.health import Exits
from syzygy.debris.paths import KNOT_STEP_S, Paths, audit_paths, build_paths
from syzygy.debris.refinement import refine_minima, states_at
from syzygy.debris.sampling import make_satellites

STEPS = 6
"""Instants of the cell search per interval."""

HALF_STEP_S = KNOT_STEP_S / STEPS / 2.0

COLUMNS = (16, 192)
"""Fewest and most columns of the search grid along x and y; objects beyond its edge share the outermost."""

_PAD = 0.05 / KNOT_STEP_S
_FINEST = 1e-4 / KNOT_STEP_S
_CENTRES = tuple((k + 0.5) / STEPS for k in range(STEPS))


@dataclass(frozen=True)
class Chunk:
    """One independent piece of work.

    Attributes
    ----------
    number : int
        Position in the window.
    elements : MeanElements
        All objects.
    start_tai_ns : int
        Begin of the window.
    window_s : float
        Length of the window.
    begin_s : float
        Begin of the chunk, seconds of the window.
    intervals : int
        Intervals of `KNOT_STEP_S`; the last may reach beyond the window.
    threshold_m : float
        Reported distance.
    chosen : bool (n,)
        One of a pair must be chosen.
    """

    number: int
    elements: MeanElements
    start_tai_ns: int
    window_s: float
    begin_s: float
    intervals: int
    threshold_m: float
    chosen: NDArray[np.bool_]


@dataclass(frozen=True)
class Bounds:
    """What the completeness of one chunk rests on, and how many candidates each stage let through."""

    number: int
    begin_s: float
    end_s: float
    objects: int
    own_samples: int
    half_step_s: float
    max_speed_m_s: float
    max_acceleration_m_s2: float
    max_error_m: float
    min_cell_m: float
    min_margin_m: float
    audit_states: int
    audit_error_m: float
    audit_excess_m: float
    pairs_in_cells: int
    pairs_in_reach: int
    cells_kept: int
    spans: int
    minima: int


@dataclass(frozen=True)
class ChunkAnswer:
    """Minima, parts below the threshold and exits of one chunk, with the bounds used.

    Attributes
    ----------
    minimum_pairs : int64 (k, 2)
        Indices of objects, first below second.
    minimum_s : float64 (k,)
        Refined times of closest approach.
    below_pairs : int64 (b, 2)
        Pairs closer than the threshold.
    below_s : float64 (b, 2)
        From and to, on the polynomials.
    exits : Exits
        Found in this chunk.
    bounds : Bounds
        For the certificate.
    """

    minimum_pairs: NDArray[np.int64]
    minimum_s: NDArray[np.float64]
    below_pairs: NDArray[np.int64]
    below_s: NDArray[np.float64]
    exits: Exits
    bounds: Bounds


@dataclass
class _Tally:
    max_speed_m_s: float = 0.0
    max_acceleration_m_s2: float = 0.0
    max_error_m: float = 0.0
    min_cell_m: float = np.inf
    min_margin_m: float = np.inf
    spans: int = 0


def screen_chunk(chunk: Chunk) -> ChunkAnswer:
    """Search one chunk; a pure function of the chunk, fit for any process."""
    satellites = make_satellites(chunk.elements, chunk.start_tai_ns)
    paths = build_paths(satellites, chunk.begin_s, chunk.intervals, chunk.window_s)
    counts = np.zeros(3, dtype=np.int64)
    tally = _Tally()
    minima: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    below: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for interval in range(chunk.intervals):
        members = np.flatnonzero(paths.usable(interval))
        if members.size < 2:
            continue
        found = _search_interval(chunk, paths, interval, members, counts, tally)
        minima.append(found[0])
        below.append(found[1])
    pairs, guess = _joined(minima, 1)
    below_pairs, below_s = _joined(below, 2)
    end = np.minimum(paths.exits.seconds[pairs].min(axis=1, initial=np.inf), chunk.window_s)
    keep = guess < end + 0.1
    pairs, guess, end = pairs[keep], guess[keep], end[keep]
    times = refine_minima(satellites, pairs, guess, end)
    near = np.zeros(0, dtype=bool)
    if times.size:
        near = states_at(satellites, pairs, np.minimum(times, end - 1e-3)).distance_m < chunk.threshold_m
        near &= times < end
    audit = audit_paths(paths, satellites, chunk.number % chunk.intervals)
    end_s = min(chunk.begin_s + chunk.intervals * KNOT_STEP_S, chunk.window_s)
    bounds = Bounds(
        number=chunk.number,
        begin_s=chunk.begin_s,
        end_s=end_s,
        objects=int(paths.usable(0).sum()),
        own_samples=int(paths.own.size),
        half_step_s=HALF_STEP_S,
        max_speed_m_s=tally.max_speed_m_s,
        max_acceleration_m_s2=tally.max_acceleration_m_s2,
        max_error_m=tally.max_error_m,
        min_cell_m=tally.min_cell_m if np.isfinite(tally.min_cell_m) else 0.0,
        min_margin_m=tally.min_margin_m if np.isfinite(tally.min_margin_m) else 0.0,
        audit_states=audit[0],
        audit_error_m=audit[1],
        audit_excess_m=audit[2],
        pairs_in_cells=int(counts[0]),
        pairs_in_reach=int(counts[1]),
        cells_kept=int(counts[2]),
        spans=tally.spans,
        minima=int(near.sum()),
    )
    return ChunkAnswer(pairs[near], times[near], below_pairs, below_s, paths.exits, bounds)


def _joined(
    parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]], width: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    if not parts:
        shape = (0,) if width == 1 else (0, width)
        return np.empty((0, 2), dtype=np.int64), np.empty(shape)
    return np.concatenate([p for p, _ in parts]), np.concatenate([t for _, t in parts])


def _search_interval(
    chunk: Chunk,
    paths: Paths,
    interval: int,
    members: NDArray[np.int64],
    counts: NDArray[np.int64],
    tally: _Tally,
) -> tuple[tuple[NDArray[np.int64], NDArray[np.float64]], tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Return (pairs, times) of minima and (pairs, from-to) of parts below the threshold."""
    from syzygy.debris._kernels import bound_motion

    begin_s = chunk.begin_s + interval * KNOT_STEP_S
    coefficients = paths.coefficients(interval)[members]
    error = paths.error_m[members, interval]
    speed = np.empty(members.size)
    acceleration = np.empty(members.size)
    bound_motion(coefficients, KNOT_STEP_S, speed, acceleration)
    slack = 0.5 * HALF_STEP_S**2 * acceleration + error
    reach = HALF_STEP_S * speed + slack
    tally.max_speed_m_s = max(tally.max_speed_m_s, float(speed.max()))
    tally.max_acceleration_m_s2 = max(tally.max_acceleration_m_s2, float(acceleration.max()))
    tally.max_error_m = max(tally.max_error_m, float(error.max()))
    last = min(STEPS, int(np.ceil((chunk.window_s - begin_s) / (2.0 * HALF_STEP_S))))
    kept = _kept_cells(chunk, members, coefficients, reach, slack, last, counts, tally)
    pairs, low, high = _spans(kept, members.size)
    tally.spans += len(pairs)
    high = np.minimum(high, (chunk.window_s - begin_s) / KNOT_STEP_S)
    limit = chunk.threshold_m + error[pairs].sum(axis=1)
    at, which = _minima(coefficients, pairs, low, high, limit)
    parts, part_pair = _below(coefficients, pairs, low, high, chunk.threshold_m)
    named = members[pairs]
    return (
        (named[which], begin_s + KNOT_STEP_S * at),
        (named[part_pair], begin_s + KNOT_STEP_S * parts),
    )


def _kept_cells(
    chunk: Chunk,
    members: NDArray[np.int64],
    coefficients: NDArray[np.float64],
    reach: NDArray[np.float64],
    slack: NDArray[np.float64],
    last: int,
    counts: NDArray[np.int64],
    tally: _Tally,
) -> list[NDArray[np.int64]]:
    """Return for each instant of the interval the pairs (k, 2) that pass both tests."""
    from syzygy.debris._kernels import FULL, evaluate, find_close

    needed = chunk.threshold_m + 2.0 * float(reach.max())
    cell = needed * (1.0 + 1e-9)
    tally.min_cell_m = min(tally.min_cell_m, cell)
    tally.min_margin_m = min(tally.min_margin_m, cell - needed)
    chosen = chunk.chosen[members]
    weights = basis(_CENTRES)
    rates = basis_derivative(_CENTRES) / KNOT_STEP_S
    position = np.empty((members.size, 3))
    velocity = np.empty((members.size, 3))
    kept = []
    side = int(np.clip(2.0 * np.sqrt(members.size), *COLUMNS))
    room = 4096
    for k in range(last):
        evaluate(coefficients, weights[k], rates[k], position, velocity)
        while True:
            out = np.empty((room, 2), dtype=np.int64)
            found = np.zeros(3, dtype=np.int64)
            code = find_close(
                position,
                velocity,
                reach,
                slack,
                chosen,
                chunk.threshold_m,
                HALF_STEP_S,
                cell,
                side,
                out,
                found,
            )
            if code != FULL:
                break
            room = int(2 * found[2])
        counts += found
        kept.append(out[: int(found[2])])
    return kept


def _spans(
    kept: list[NDArray[np.int64]], count: int
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Join the cells of each pair into one span of the interval: pairs (k, 2), from and to in [0, 1]."""
    pairs = np.concatenate(kept) if kept else np.empty((0, 2), dtype=np.int64)
    step = np.repeat(np.arange(len(kept)), [len(part) for part in kept])
    key = pairs[:, 0] * count + pairs[:, 1]
    order = np.argsort(key, kind="stable")
    key, step = key[order], step[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if first.size == 0:
        return np.empty((0, 2), dtype=np.int64), np.empty(0), np.empty(0)
    low = np.minimum.reduceat(step, first) / STEPS
    high = (np.maximum.reduceat(step, first) + 1) / STEPS
    return pairs[order][first], low, high


def _binomials() -> NDArray[np.float64]:
    degree = NODES - 1
    rows = np.zeros((4, 2 * degree + 1))
    for row, n in enumerate((degree, degree - 1, 2 * degree - 1, 2 * degree)):
        rows[row, : n + 1] = [comb(n, k) for k in range(n + 1)]
    return rows


def _minima(
    coefficients: NDArray[np.float64],
    pairs: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    limit: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Find minima a little beyond each span, so that none falls between two intervals."""
    from syzygy.debris._kernels import find_minima

    room = 4 * len(pairs) + 16
    while True:
        at, which = np.empty(room), np.empty(room, dtype=np.int64)
        found = find_minima(
            coefficients, pairs, low - _PAD, high + _PAD, limit, _binomials(), _FINEST, at, which
        )
        if found <= room:
            return at[:found], which[:found]
        room = found


def _below(
    coefficients: NDArray[np.float64],
    pairs: NDArray[np.int64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    threshold_m: float,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    from syzygy.debris._kernels import find_below

    room = 4 * len(pairs) + 16
    while True:
        begin, end, which = np.empty(room), np.empty(room), np.empty(room, dtype=np.int64)
        found = find_below(
            coefficients, pairs, low, high, threshold_m, _binomials(), _FINEST, begin, end, which
        )
        if found <= room:
            return np.stack([begin[:found], end[:found]], axis=1), which[:found]
        room = found
