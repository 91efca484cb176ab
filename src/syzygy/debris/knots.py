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
from syzygy.debris.paths import NO_STATE, ElementPaths, PathSource, PathStates, split_paths, states_of_some
from syzygy.debris.stray import remainder_m

KNOT_STEP_S = 240.0
"""Length of an interval; the one knot of an interval lies in its middle."""

SLACK_MARGIN_M = 10.0
"""Added to every slack: it covers the Taylor remainder of the step to a centre."""

FINE_ABOVE_M = 1000.0
"""Where five knots leave more than this open, the states at the borders of the intervals are taken too."""

LOOSEST_M = 20e3
"""A proven slack above this is of no use: the measured one is taken, and counted as such."""

IRREGULAR_M = 100e3
"""An object that strays further from its two-body path within 240 s is not screened (and listed)."""

_SUSPECT_M = 5e3
_LAST_S = 1e-3
_OWN_SAMPLES = 17
_LARGEST_TILE = 15
_TILE_STATES = 1_600_000
_PIECE = 1024  # objects whose states stay in the processor's cache until they are laid out


@dataclass(frozen=True)
class Tile:
    """Knots of some intervals, one per interval.

    Attributes
    ----------
    begin_s : float
        Begin of the first interval, seconds of the window.
    state : float64 (intervals, n, 6)
        Position (m) and velocity (m/s) at the knots, TEME. Where an object is usable for a part of the
        interval without the knot, the state that its two-body path from the usable part has there.
    slack_m : float64 (n,)
        Bound of the difference between path and two-body path within half an interval.
    proven : bool (n,)
        The slack follows from bounds of SGP4's derivatives; otherwise it is twice what was measured.
    remainder_m : float64 (n,)
        The part of a proven slack that the states do not show; 0 where it is measured.
    alive : bool (intervals, n)
        Usable for some part of the interval.
    exits : Exits
        Found in this tile.
    """

    begin_s: float
    state: NDArray[np.float64]
    slack_m: NDArray[np.float64]
    proven: NDArray[np.bool_]
    remainder_m: NDArray[np.float64]
    alive: NDArray[np.bool_]
    exits: Exits


def tile_size(count: int) -> int:
    """Return the number of intervals per tile for `count` objects: it bounds the memory of a worker."""
    return max(2, min(_LARGEST_TILE, _TILE_STATES // max(count, 1)))


class TileRoom:
    """Work memory of one worker: fresh pages cost more than the states that fill them."""

    def __init__(self) -> None:
        self._states: PathStates | None = None
        self._knots: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    def states(self, paths: PathSource, seconds: NDArray[np.float64]) -> PathStates:
        """Return the states of a piece of the objects; valid until the next call."""
        if not isinstance(paths, ElementPaths):
            return paths.states(seconds)
        count, shape = len(paths), (len(paths), seconds.size)
        room = self._states
        if room is None or room.error_code.shape[0] < count or room.error_code.shape[1] != seconds.size:
            room = self._states = PathStates(
                np.empty((*shape, 3)), np.empty((*shape, 3)), np.empty(shape, dtype=np.uint8)
            )
        part = PathStates(room.position_m[:count], room.velocity_m_s[:count], room.error_code[:count])
        return paths.states(seconds, out=part)

    def knots(self, intervals: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return arrays for states (intervals, n, 6) and deviations (n, intervals), likewise."""
        if self._knots is None or self._knots[0].shape[:2] != (intervals, count):
            self._knots = np.empty((intervals, count, 6)), np.empty((count, intervals))
        return self._knots


def build_tile(
    paths: PathSource, begin_s: float, intervals: int, window_s: float, room: TileRoom | None = None
) -> Tile:
    """Sample the knots of some intervals, find the objects that leave, and bound how far they stray.

    Notes
    -----
    The slack of an object is the bound of the polynomial through its misses of five knots, plus what these
    leave open, see `syzygy.debris.stray`. Where nothing is proven it is measured: at the neighbouring knots,
    twice as far from a knot as the bound is used, and the largest of the whole tile counts: four times what a
    steady disturbance needs, twice what an inconsistent velocity needs. With a `room` the states of the tile
    live in it, until the next tile.
    """
    last_s = min(begin_s + KNOT_STEP_S * intervals, window_s)
    knots_s = begin_s + KNOT_STEP_S * (np.arange(-2, intervals + 2) + 0.5)
    instants_s = np.asarray([*knots_s[:2], begin_s, *knots_s[2:-2], last_s, *knots_s[-2:]])
    columns = np.delete(np.arange(intervals + 6), [2, intervals + 3])
    state, deviation, curve, codes = _sample_knots(paths, instants_s, columns, room or TileRoom())
    span = paths.span_s
    exits = _path_exits(paths, span, instants_s[2:-2], codes[:, 2:-2], window_s)
    _mask(paths, instants_s, columns, exits, state, deviation, curve)
    middle_s = instants_s[columns[2:-2]]
    known = codes[:, columns[2:-2]] == 0
    usable = known & (middle_s >= span[:, :1]) & (middle_s < exits.seconds[:, None])
    suspect = usable & ((deviation > _SUSPECT_M) | (deviation == 0.0))
    suspects = np.flatnonzero(suspect.any(axis=1))
    inside = instants_s[2:-2][instants_s[2:-2] <= window_s]
    find_unphysical_exits(paths, inside, suspects[np.isinf(span[suspects, 1])], exits)
    _exclude_irregular(deviation, usable, begin_s, exits)
    exits.code[exits.seconds > window_s] = 0
    exits.seconds[exits.seconds > window_s] = np.inf
    usable &= middle_s < exits.seconds[:, None]
    slack = np.where(usable, deviation, 0.0).max(axis=1) + SLACK_MARGIN_M
    starts = begin_s + KNOT_STEP_S * np.arange(intervals)
    alive = (span[:, :1] < starts + KNOT_STEP_S) & (exits.seconds[:, None] > starts)
    broken = (alive & ~usable).any(axis=1) | ((exits.seconds < last_s) & alive.any(axis=1))
    special = broken.copy()
    special[suspects] |= alive[suspects].any(axis=1)
    proven, rest = _prove(paths, begin_s, state, curve, usable.all(axis=1) & ~broken)
    special &= ~proven
    slack[proven] = (curve + rest)[proven] + SLACK_MARGIN_M
    tile = Tile(begin_s, state, slack, proven, rest, np.ascontiguousarray(alive.T), exits)
    for i in np.flatnonzero(special).tolist():
        _complete(tile, paths, i, float(span[i, 0]), window_s)
    return tile


def _sample_knots(
    paths: PathSource, instants_s: NDArray[np.float64], columns: NDArray[np.int64], room: TileRoom
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]:
    """Return states at the knots, deviations, curves and the codes at all instants, piece by piece."""
    from syzygy.debris._motion_kernels import gather_knots

    state, deviation = room.knots(columns.size - 4, len(paths))
    curve = np.empty(len(paths))
    codes = np.empty((len(paths), instants_s.size), dtype=np.uint8)
    for number, piece in split_paths(paths, _PIECE):
        found = room.states(piece, instants_s)
        codes[number] = found.error_code
        vectors = found.position_m, found.velocity_m_s
        gather_knots(*vectors, number, columns, KNOT_STEP_S, state, deviation, curve)
    return state, deviation, curve, codes


def _prove(
    paths: PathSource,
    begin_s: float,
    state: NDArray[np.float64],
    curve: NDArray[np.float64],
    whole: NDArray[np.bool_],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Tell which slacks are proven, and what the states leave open; eccentric orbits are asked more closely.

    For those `curve` (n,) becomes that of the knots and of the borders of the intervals.
    """
    from syzygy.debris._motion_kernels import bound_curves

    remainder = remainder_m(paths, begin_s, begin_s + KNOT_STEP_S * state.shape[0])
    rest = remainder[:, 0].copy()
    fine = np.flatnonzero(whole & (rest > FINE_ABOVE_M) & (remainder[:, 1] < LOOSEST_M))
    if fine.size:
        half = 0.5 * KNOT_STEP_S
        last = 2 * state.shape[0] + 2
        new = np.array([0, *range(1, last, 2), last])
        position, velocity = np.empty((2, fine.size, last + 1, 3))
        found = states_of_some(paths, fine, begin_s + half * (new - 1.0))
        position[:, new] = found.position_m
        known = state[:, fine].transpose(1, 0, 2)
        position[:, 2:last:2], velocity[:, 2:last:2] = known[..., :3], known[..., 3:]
        own = np.empty(fine.size)
        bound_curves(position, velocity, half, own)
        curve[fine] = own
        rest[fine] = remainder[fine, 1]
    proven = whole & (curve + rest < LOOSEST_M)
    return proven, np.where(proven, rest, 0.0)


def _path_exits(
    paths: PathSource,
    span: NDArray[np.float64],
    instants_s: NDArray[np.float64],
    codes: NDArray[np.uint8],
    window_s: float,
) -> Exits:
    """Return the exits by the end of a path or by its code, inside the window."""
    exits = no_exits(len(paths))
    ends = np.flatnonzero(span[:, 1] < min(instants_s[-1], window_s))
    exits.seconds[ends] = span[ends, 1]
    exits.code[ends] = NO_STATE
    inside = instants_s <= window_s
    order = np.argsort(instants_s[inside], kind="stable")
    times = instants_s[inside][order]
    rows = np.flatnonzero(codes.any(axis=1))
    own = (times >= span[rows, :1]) & (times <= span[rows, 1:])
    seen = np.where(own, codes[rows][:, inside][:, order], 0).astype(np.uint8)
    find_code_exits(paths, rows, times, seen, exits)
    return exits


def _mask(
    paths: PathSource,
    instants_s: NDArray[np.float64],
    columns: NDArray[np.int64],
    exits: Exits,
    state: NDArray[np.float64],
    deviation: NDArray[np.float64],
    curve: NDArray[np.float64],
) -> None:
    """Lay out anew the objects that are not usable all the time, with the other instants blanked."""
    from syzygy.debris._motion_kernels import gather_knots

    span = paths.span_s
    leaving = np.flatnonzero((exits.seconds <= instants_s.max()) | (span[:, 0] > instants_s.min()))
    if leaving.size == 0:
        return
    found = states_of_some(paths, leaving, instants_s)
    gone = (instants_s >= exits.seconds[leaving, None]) | (instants_s < span[leaving, :1])
    found.position_m[gone] = np.nan
    vectors = found.position_m, found.velocity_m_s
    gather_knots(*vectors, leaving, columns, KNOT_STEP_S, state, deviation, curve)


def _exclude_irregular(
    deviation: NDArray[np.float64], usable: NDArray[np.bool_], begin_s: float, exits: Exits
) -> None:
    wild = usable & ~(deviation <= IRREGULAR_M)
    for i in np.flatnonzero(wild.any(axis=1)).tolist():
        k = int(np.argmax(wild[i]))
        record_exit(exits, i, begin_s + KNOT_STEP_S * k, IRREGULAR)


def _complete(tile: Tile, paths: PathSource, index: int, from_s: float, window_s: float) -> None:
    """Give an object that comes or goes inside the tile its states, and measure its deviation anew."""
    from syzygy.debris._motion_kernels import measure_stray, move_two_body

    until_s = min(float(tile.exits.seconds[index]), window_s + _LAST_S)
    alone = np.array([index], dtype=np.int64)
    rows = np.flatnonzero(tile.alive[:, index])
    starts = tile.begin_s + KNOT_STEP_S * rows
    knots = starts + 0.5 * KNOT_STEP_S
    first = np.maximum(starts, from_s)
    last = np.maximum(np.minimum(starts + KNOT_STEP_S, until_s - _LAST_S), first)
    for k in np.flatnonzero((knots < first) | (knots > last)).tolist():
        known = float(first[k] if knots[k] < first[k] else last[k])
        found = paths.states_of(alone, np.array([[known]]))
        there = np.concatenate([found.position_m[0], found.velocity_m_s[0]], axis=1)
        moved = np.empty((1, 6))
        move_two_body(there, float(knots[k]) - known, moved)
        tile.state[rows[k], index] = moved[0]
    times = np.linspace(first, last, _OWN_SAMPLES, axis=1)
    true = paths.states_of(np.repeat(alone, rows.size), times).position_m
    worst = float(measure_stray(np.ascontiguousarray(tile.state[rows, index]), knots, times, true))
    tile.slack_m[index] = 2.0 * worst + SLACK_MARGIN_M
    if not worst <= IRREGULAR_M:
        record_exit(tile.exits, index, float(starts[0]), IRREGULAR)
        tile.alive[:, index] = False
