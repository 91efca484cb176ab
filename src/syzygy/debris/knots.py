"""Knots of all objects in one stretch of time, and how far their paths stray from two-body motion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.health import (
    IRREGULAR,
    Exits,
    find_code_exits,
    find_unphysical_exits,
    no_exits,
    record_exit,
)
from syzygy.debris.paths import NO_STATE, PathSource

KNOT_STEP_S = 240.0
"""Length of an interval; the one knot of an interval lies in its middle."""

SLACK_MARGIN_M = 10.0
"""Added to the largest deviation measured: it covers the Taylor remainder of the step to a centre."""

IRREGULAR_M = 100e3
"""An object that strays further from its two-body path within 240 s is not screened (and listed)."""

_SUSPECT_M = 5e3
_LAST_S = 1e-3
_OWN_SAMPLES = 17
_LARGEST_TILE = 15
_TILE_STATES = 800_000


@dataclass(frozen=True)
class Tile:
    """Knots of some intervals, one per interval.

    Attributes
    ----------
    begin_s : float
        Begin of the first interval, seconds of the window.
    position_m, velocity_m_s : float64 (intervals, n, 3)
        At the knots, TEME. Where an object is usable for a part of the interval without the knot, the state
        that its two-body path from the usable part has there.
    slack_m : float64 (n,)
        Bound of the difference between path and two-body path within half an interval.
    alive : bool (intervals, n)
        Usable for some part of the interval.
    exits : Exits
        Found in this tile.
    """

    begin_s: float
    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    slack_m: NDArray[np.float64]
    alive: NDArray[np.bool_]
    exits: Exits


def tile_size(count: int) -> int:
    """Return the number of intervals per tile for `count` objects: it bounds the memory of a worker."""
    return max(2, min(_LARGEST_TILE, _TILE_STATES // max(count, 1)))


def build_tile(paths: PathSource, begin_s: float, intervals: int, window_s: float) -> Tile:
    """Sample the knots of some intervals, find the objects that leave, and measure deviations.

    Notes
    -----
    The deviation is measured at the neighbouring knots, twice as far from a knot as the bound is used, and
    the largest of the whole tile counts: four times what a steady disturbance needs, twice what an
    inconsistent velocity needs.
    """
    from syzygy.debris._search_kernels import measure_deviation

    knots_s = np.asarray(begin_s + KNOT_STEP_S * (np.arange(-1, intervals + 1) + 0.5), dtype=np.float64)
    end_s = begin_s + KNOT_STEP_S * intervals
    borders = paths.states(np.array([begin_s, min(end_s, window_s)]))
    found = paths.states(knots_s)
    instants_s = np.concatenate([[begin_s], knots_s[1:-1], [min(end_s, window_s)]])
    codes = np.concatenate(
        [borders.error_code[:, :1], found.error_code[:, 1:-1], borders.error_code[:, 1:]], axis=1
    )
    codes[:, instants_s > window_s] = 0
    span = paths.span_s
    exits = no_exits(len(paths))
    ends = np.flatnonzero(span[:, 1] < min(end_s, window_s))
    exits.seconds[ends] = span[ends, 1]
    exits.code[ends] = NO_STATE
    codes[(instants_s < span[:, :1]) | (instants_s > span[:, 1:])] = 0
    find_code_exits(paths, instants_s, codes, exits)
    _mask(found.position_m, knots_s, span, exits)
    deviation = np.empty(found.error_code.shape)
    measure_deviation(found.position_m, found.velocity_m_s, KNOT_STEP_S, deviation)
    deviation = deviation[:, 1:-1]
    usable = (knots_s[1:-1] >= span[:, :1]) & (knots_s[1:-1] < exits.seconds[:, None])
    suspect = usable & ((deviation > _SUSPECT_M) | (deviation == 0.0))
    suspects = np.flatnonzero(suspect.any(axis=1))
    inside = instants_s <= window_s
    find_unphysical_exits(paths, instants_s[inside], suspects[np.isinf(span[suspects, 1])], exits)
    _exclude_irregular(deviation, usable, begin_s, exits)
    exits.code[exits.seconds > window_s] = 0
    exits.seconds[exits.seconds > window_s] = np.inf
    usable = (knots_s[1:-1] >= span[:, :1]) & (knots_s[1:-1] < exits.seconds[:, None])
    usable &= found.error_code[:, 1:-1] == 0
    slack = np.where(usable, deviation, 0.0).max(axis=1) + SLACK_MARGIN_M
    starts = begin_s + KNOT_STEP_S * np.arange(intervals)
    alive = (span[:, :1] < starts + KNOT_STEP_S) & (exits.seconds[:, None] > starts)
    tile = Tile(
        begin_s,
        np.ascontiguousarray(found.position_m[:, 1:-1].transpose(1, 0, 2)),
        np.ascontiguousarray(found.velocity_m_s[:, 1:-1].transpose(1, 0, 2)),
        slack,
        np.ascontiguousarray(alive.T),
        exits,
    )
    partial = np.flatnonzero((alive & ~usable).any(axis=1) | (alive[:, -1:] != alive).any(axis=1))
    partial = np.union1d(partial, np.flatnonzero((exits.seconds < end_s) & alive.any(axis=1)))
    partial = np.union1d(partial, suspects[alive[suspects].any(axis=1)])
    for i in partial.tolist():
        _complete(tile, paths, i, float(span[i, 0]), window_s)
    return tile


def _mask(
    position: NDArray[np.float64], knots_s: NDArray[np.float64], span: NDArray[np.float64], exits: Exits
) -> None:
    """Blank the knots at which an object is not usable."""
    leaving = np.flatnonzero((exits.seconds <= knots_s[-1]) | (span[:, 0] > knots_s[0]))
    gone = (knots_s >= exits.seconds[leaving, None]) | (knots_s < span[leaving, :1])
    rows, columns = np.nonzero(gone)
    position[leaving[rows], columns] = np.nan


def _exclude_irregular(
    deviation: NDArray[np.float64], usable: NDArray[np.bool_], begin_s: float, exits: Exits
) -> None:
    wild = usable & ~(deviation <= IRREGULAR_M)
    for i in np.flatnonzero(wild.any(axis=1)).tolist():
        k = int(np.argmax(wild[i]))
        record_exit(exits, i, begin_s + KNOT_STEP_S * k, IRREGULAR)


def _complete(tile: Tile, paths: PathSource, index: int, from_s: float, window_s: float) -> None:
    """Give an object that comes or goes inside the tile its states, and measure its deviation anew."""
    from syzygy.debris._search_kernels import move_two_body

    until_s = min(float(tile.exits.seconds[index]), window_s + _LAST_S)
    alone = np.array([index], dtype=np.int64)
    moved = np.empty((1, 6))
    worst = 0.0
    for j in np.flatnonzero(tile.alive[:, index]).tolist():
        start = tile.begin_s + KNOT_STEP_S * j
        knot = start + 0.5 * KNOT_STEP_S
        first = max(start, from_s)
        last = max(min(start + KNOT_STEP_S, until_s - _LAST_S), first)
        if not first <= knot <= last:
            known = first if knot < first else last
            found = paths.states_of(alone, np.array([[known]]))
            move_two_body(found.position_m[0], found.velocity_m_s[0], knot - known, moved)
            tile.position_m[j, index] = moved[0, :3]
            tile.velocity_m_s[j, index] = moved[0, 3:]
        times = np.linspace(first, last, _OWN_SAMPLES)
        true = paths.states_of(alone, times[None, :]).position_m[0]
        for k, time in enumerate(times.tolist()):
            move_two_body(
                tile.position_m[j, index : index + 1],
                tile.velocity_m_s[j, index : index + 1],
                time - knot,
                moved,
            )
            gap = float(np.linalg.norm(moved[0, :3] - true[k]))
            worst = worst if gap <= worst else gap
    tile.slack_m[index] = 2.0 * worst + SLACK_MARGIN_M
    if not worst <= IRREGULAR_M:
        first_alive = int(np.argmax(tile.alive[:, index]))
        record_exit(tile.exits, index, tile.begin_s + KNOT_STEP_S * first_alive, IRREGULAR)
        tile.alive[:, index] = False
