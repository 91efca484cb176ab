"""The search of one chunk of time: from all pairs to a few, by bounds that lose nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.health import EARTH_RADIUS_M, Exits, find_dips, no_exits, record_exit
from syzygy.debris.isolation import isolate_approaches
from syzygy.debris.knots import KNOT_STEP_S, Tile, TileRoom, build_tile, tile_size
from syzygy.debris.paths import PathSource
from syzygy.debris.refinement import refine_minima, states_at
from syzygy.debris.stray import DayBounds, bounds_to_take, take_bounds

GM_M3_S2 = 3.986008e14
FLOOR_M = 6.1e6
"""Paths and the straight line between two that may meet stay above this radius; checked at every step."""

FINENESS = 5.0
"""Edge of the cubes of directions over the mean angle travelled in half a step: work, not the answer."""

HALF_S = 0.5 * KNOT_STEP_S
"""Half the step of the search: each knot is searched for the interval around it."""

_CLEAR_M = 1.0  # polynomials of refined minima are far better than that


@dataclass(frozen=True)
class Chunk:
    """One independent piece of work.

    Attributes
    ----------
    number : int
        Position in the window.
    paths : PathSource
        All objects.
    window_s : float
        Length of the window.
    begin_s : float
        Begin of the chunk, seconds of the window, a multiple of `KNOT_STEP_S`.
    intervals : int
        Intervals of `KNOT_STEP_S`; the last may reach beyond the window.
    threshold_m : float
        Reported distance.
    chosen : bool (n,)
        One of a pair must be chosen.
    remainders : DayBounds
        A-priori bounds computed already: a chunk that travels to another process takes them along.
    """

    number: int
    paths: PathSource
    window_s: float
    begin_s: float
    intervals: int
    threshold_m: float
    chosen: NDArray[np.bool_]
    remainders: DayBounds = ()


@dataclass
class Bounds:
    """What the completeness of one chunk rests on, and how many candidates each stage let through."""

    number: int
    begin_s: float
    end_s: float
    objects: int
    knot_step_s: float
    half_step_s: float
    floor_m: float = FLOOR_M
    lowest_m: float = np.inf
    gradient_per_s2: float = 0.0
    max_slack_m: float = 0.0
    proven: int = 0
    measured: int = 0
    max_remainder_m: float = 0.0
    max_measured_slack_m: float = 0.0
    max_speed_m_s: float = 0.0
    max_angle_rad: float = 0.0
    min_width_rad: float = np.inf
    max_polynomial_error_m: float = 0.0
    audit_states: int = 0
    audit_excess_m: float = -np.inf
    pairs_in_lists: int = 0
    pairs_in_reach: int = 0
    candidates: int = 0
    minima: int = 0


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


class ChunkRoom:
    """Work memory of one worker, for one chunk after the other."""

    def __init__(self, count: int) -> None:
        from syzygy.debris._search_kernels import make_room

        self.tile = TileRoom()
        self.motion = np.empty((count, 4))
        self.work = make_room(count)
        self.make_place(4096)

    def make_place(self, rows: int) -> None:
        """Make place for candidates."""
        self.pairs = np.empty((rows, 3), dtype=np.int32)
        self.spans = np.empty((rows, 2))


def screen_chunk(chunk: Chunk, room: ChunkRoom | None = None) -> ChunkAnswer:
    """Search one chunk; a pure function of the chunk, fit for any process. A `room` saves new memory."""
    paths = chunk.paths
    take_bounds(paths, chunk.remainders)
    end_s = min(chunk.begin_s + chunk.intervals * KNOT_STEP_S, chunk.window_s)
    bounds = Bounds(chunk.number, chunk.begin_s, end_s, 0, KNOT_STEP_S, HALF_S)
    exits = no_exits(len(paths))
    found: list[tuple[NDArray[np.int32], NDArray[np.float64]]] = []
    held = np.zeros((2, len(paths)), dtype=bool)
    size = tile_size(len(paths))
    room = room or ChunkRoom(len(paths))
    for first in range(0, chunk.intervals, size):
        tile = build_tile(
            paths,
            chunk.begin_s + first * KNOT_STEP_S,
            min(size, chunk.intervals - first),
            chunk.window_s,
            room.tile,
        )
        _keep_earliest(exits, tile.exits)
        _tell_slacks(tile, held, bounds)
        _audit(tile, paths, exits, chunk.number, bounds)
        if first == 0:
            bounds.objects = int(tile.alive[0].sum())
        for interval in range(tile.alive.shape[0]):
            found.extend(_search_interval(chunk, tile, interval, exits, bounds, room))
    pairs = np.concatenate([part[0] for part in found] or [np.empty((0, 2), dtype=np.int32)])
    span_s = np.concatenate([part[1] for part in found] or [np.empty((0, 2))])
    return finish_chunk(
        paths, pairs.astype(np.int64), span_s, exits, bounds, chunk.threshold_m, chunk.window_s
    )


def pack_chunk(chunk: Chunk) -> Chunk:
    """Return the chunk with the a-priori bounds it asks for, so that no worker computes them anew."""
    end_s = chunk.begin_s + chunk.intervals * KNOT_STEP_S
    return replace(chunk, remainders=bounds_to_take(chunk.paths, chunk.begin_s, end_s))


def finish_chunk(
    paths: PathSource,
    pairs: NDArray[np.int64],
    span_s: NDArray[np.float64],
    exits: Exits,
    bounds: Bounds,
    threshold_m: float,
    window_s: float,
) -> ChunkAnswer:
    """Turn candidates (pairs, spans in seconds of the window) into refined minima and parts."""
    span_s = np.clip(span_s, 0.0, window_s)
    approaches = isolate_approaches(paths, pairs, span_s, exits, threshold_m)
    bounds.max_polynomial_error_m = approaches.error_m
    near = approaches.minimum_pairs
    life = common_life(paths, near, exits, window_s)
    keep = (approaches.minimum_s < life[:, 1] + 0.1) & (life[:, 1] - life[:, 0] > 2e-3)
    near, guess, life = near[keep], approaches.minimum_s[keep], life[keep]
    times, distance = refine_minima(paths, near, guess, life)
    inside = np.clip(times, life[:, 0], life[:, 1] - 1e-3)
    below = distance < threshold_m
    unsure = np.flatnonzero(~(np.abs(distance - threshold_m) > _CLEAR_M) | (inside != times))
    below[unsure] = states_at(paths, near[unsure], inside[unsure]).distance_m < threshold_m
    below &= (times < life[:, 1]) & (times > life[:, 0])
    bounds.minima = int(below.sum())
    return ChunkAnswer(near[below], times[below], approaches.below_pairs, approaches.below_s, exits, bounds)


def common_life(
    paths: PathSource, pairs: NDArray[np.int64], exits: Exits, window_s: float
) -> NDArray[np.float64]:
    """Return from and to when both of each pair are usable, (k, 2)."""
    span = paths.span_s[pairs]
    begin = np.maximum(span[..., 0].max(axis=1, initial=-np.inf), 0.0)
    end = np.minimum(np.minimum(span[..., 1], exits.seconds[pairs]).min(axis=1, initial=np.inf), window_s)
    return np.stack([begin, end], axis=1)


def _tell_slacks(tile: Tile, held: NDArray[np.bool_], bounds: Bounds) -> None:
    """Take the slacks of a tile into the bounds; held (2, n): objects that were there, or ever measured."""
    alive = tile.alive.any(axis=0)
    loose = alive & ~tile.proven
    held[0] |= alive
    held[1] |= loose
    bounds.measured = int(held[1].sum())
    bounds.proven = int(held[0].sum()) - bounds.measured
    bounds.max_remainder_m = max(bounds.max_remainder_m, float(tile.remainder_m.max(initial=0.0)))
    bounds.max_measured_slack_m = max(
        bounds.max_measured_slack_m, float(tile.slack_m[loose].max(initial=0.0))
    )


def _keep_earliest(exits: Exits, other: Exits) -> None:
    for i in np.flatnonzero(other.seconds < exits.seconds).tolist():
        record_exit(exits, i, float(other.seconds[i]), int(other.code[i]))


def _search_interval(
    chunk: Chunk, tile: Tile, interval: int, exits: Exits, bounds: Bounds, room: ChunkRoom
) -> list[tuple[NDArray[np.int32], NDArray[np.float64]]]:
    """Return candidates (pairs, spans in seconds of the window) of one interval."""
    from syzygy.debris._motion_kernels import bound_motion
    from syzygy.debris._search_kernels import bound_members

    members = np.flatnonzero(tile.alive[interval]).astype(np.int32)
    if members.size < 2:
        return []
    knot_s = tile.begin_s + KNOT_STEP_S * interval + HALF_S
    state, motion = tile.state[interval], room.motion
    gradient = 2.0 * GM_M3_S2 / FLOOR_M**3
    lowest, reach, slack, way = bound_members(state, tile.slack_m, members, HALF_S, gradient, motion)
    if lowest < EARTH_RADIUS_M:
        dipping = members[motion[members, 0] < EARTH_RADIUS_M].astype(np.int64)
        begin, end = max(knot_s - HALF_S, 0.0), min(knot_s + HALF_S, chunk.window_s)
        find_dips(chunk.paths, dipping, begin, end, exits)
    floor, gradient = _floor(lowest, reach, chunk.threshold_m)
    if floor < FLOOR_M:
        bound_motion(state, tile.slack_m, HALF_S, gradient, motion)
    pairs, spans = _candidates(chunk, tile, interval, members, room, floor, gradient, bounds)
    bounds.floor_m = min(bounds.floor_m, floor)
    bounds.gradient_per_s2 = max(bounds.gradient_per_s2, gradient)
    bounds.lowest_m = min(bounds.lowest_m, lowest)
    bounds.max_slack_m = max(bounds.max_slack_m, slack)
    bounds.max_speed_m_s = max(bounds.max_speed_m_s, way / HALF_S)
    return [(pairs, knot_s + spans)]


def _floor(lowest: float, reach: float, threshold_m: float) -> tuple[float, float]:
    """Return a radius that no path and no line between two that may meet goes below, and the gradient there.

    A chord of length d between radii of at least r lies at most d^2 / (8 r) + higher terms below them.
    """
    chord = threshold_m + 2.0 * reach
    deepest = np.sqrt(max(lowest**2 - 0.25 * chord**2, 1e12)) if lowest > 0.5 * chord else 1e6
    floor = min(FLOOR_M, float(deepest))
    return floor, 2.0 * GM_M3_S2 / floor**3


def _candidates(
    chunk: Chunk,
    tile: Tile,
    interval: int,
    members: NDArray[np.int32],
    room: ChunkRoom,
    floor: float,
    gradient: float,
    bounds: Bounds,
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    from syzygy.debris._search_kernels import FULL, find_candidates

    while True:
        pairs, spans = room.pairs, room.spans
        counts = np.zeros(4, dtype=np.int64)
        code, angle, width = find_candidates(
            tile.state[interval],
            room.motion,
            tile.slack_m,
            members,
            chunk.chosen,
            chunk.threshold_m,
            HALF_S,
            floor,
            gradient,
            FINENESS,
            pairs,
            spans,
            counts,
            room.work,
        )
        if code != FULL:
            break
        room.make_place(2 * int(counts[3]))
    bounds.max_angle_rad = max(bounds.max_angle_rad, float(angle))
    bounds.min_width_rad = min(bounds.min_width_rad, float(width))
    bounds.pairs_in_lists += int(counts[1])
    bounds.pairs_in_reach += int(counts[2])
    bounds.candidates += int(counts[3])
    return pairs[: counts[3], :2].copy(), spans[: counts[3]].copy()


def _audit(tile: Tile, paths: PathSource, exits: Exits, number: int, bounds: Bounds) -> None:
    """Compare the two-body paths of one interval with true states at an instant of no knot."""
    from syzygy.debris._motion_kernels import move_two_body

    interval = number % tile.alive.shape[0]
    offset = KNOT_STEP_S * (0.5 - 0.5 / (3 + number % 7))
    at = tile.begin_s + (interval + 0.5) * KNOT_STEP_S + offset
    which = np.flatnonzero(tile.alive[interval] & (exits.seconds > at))[number % 16 :: 16]
    found = paths.states_of(which, np.full((which.size, 1), at))
    which, true = which[found.error_code[:, 0] == 0], found.position_m[found.error_code[:, 0] == 0, 0]
    if which.size == 0:
        return
    moved = np.empty((which.size, 6))
    move_two_body(tile.state[interval, which], offset, moved)
    excess = np.linalg.norm(moved[:, :3] - true, axis=1) - tile.slack_m[which]
    bounds.audit_states += int(which.size)
    bounds.audit_excess_m = max(bounds.audit_excess_m, float(excess.max()))
