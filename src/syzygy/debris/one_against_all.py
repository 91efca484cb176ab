"""One object against a catalogue that was made ready once: days in a fraction of a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import InputError
from syzygy.debris.chunks import FLOOR_M, GM_M3_S2, Bounds, ChunkAnswer, finish_chunk
from syzygy.debris.episodes import collect_findings
from syzygy.debris.health import EARTH_RADIUS_M, Exits, find_dips, no_exits, record_exit
from syzygy.debris.knots import KNOT_STEP_S, Tile, TileRoom, build_tile, tile_size
from syzygy.debris.paths import JoinedPaths, PathSource
from syzygy.debris.refinement import Encounters

_HALF_S = 0.5 * KNOT_STEP_S
_STEPS = 4
_GRADIENT = 2.0 * GM_M3_S2 / FLOOR_M**3
_MOST_THREADS = 8
_ROOM = 400_000


@dataclass(frozen=True, eq=False)
class PreparedCatalogue:
    """A catalogue made ready by `prepare_catalogue`: five bytes per object and knot, bounds per object.

    Attributes
    ----------
    paths : PathSource
        n objects.
    window_s : float
        Length of the window.
    directions : int8 (n, 3, knots)
        Directions from the Earth's centre, rounded to 1/127.
    radii_km : uint16 (n, knots)
        Distances from it, rounded down.
    lowest_m, highest_m : float64 (n,)
        Bounds of the radius over the whole window.
    angle_rad : float64 (n,)
        Bound of the angle travelled in half a knot step.
    rise_m : float64 (n,)
        Bound of the change of the radius in half a knot step.
    slack_m : float64 (n,)
        Bound of the difference between path and two-body path within half a knot step.
    partial : int64 (q,)
        Objects that come or go inside the window.
    partial_state : float64 (q, knots, 6)
        Their states at the knots, NaN where they are not alive.
    exits : Exits
        Objects that leave.
    """

    paths: PathSource
    window_s: float
    directions: NDArray[np.int8]
    radii_km: NDArray[np.uint16]
    lowest_m: NDArray[np.float64]
    highest_m: NDArray[np.float64]
    angle_rad: NDArray[np.float64]
    rise_m: NDArray[np.float64]
    slack_m: NDArray[np.float64]
    partial: NDArray[np.int64]
    partial_state: NDArray[np.float64]
    exits: Exits

    def __len__(self) -> int:
        return len(self.paths)


@dataclass(frozen=True)
class OneFindings:
    """What one object meets.

    Attributes
    ----------
    other : int64 (k,)
        Object of the catalogue, one per event, by time.
    encounters : Encounters
        a is the one object, separation is other minus one.
    slow_other : int64 (s,)
        Objects that stay close, by begin.
    slow_begin_s, slow_end_s : float64 (s,)
        From and to.
    slow_encounters : Encounters
        At the smallest distance.
    exit_s : float
        From when the one object itself is not usable; infinite if it stays.
    """

    other: NDArray[np.int64]
    encounters: Encounters
    slow_other: NDArray[np.int64]
    slow_begin_s: NDArray[np.float64]
    slow_end_s: NDArray[np.float64]
    slow_encounters: Encounters
    exit_s: float


def prepare_catalogue(paths: PathSource, *, window_s: float) -> PreparedCatalogue:
    """Make a catalogue ready for `screen_one`: every knot of the window, on all processors.

    Parameters
    ----------
    paths : PathSource
        n objects.
    window_s : float
        Length of the window; 7 days of 24,000 objects take 300 MB.
    """
    knots = ceil(window_s / KNOT_STEP_S)
    n = len(paths)
    directions = np.zeros((n, 3, knots), dtype=np.int8)
    radii = np.zeros((n, knots), dtype=np.uint16)
    size = tile_size(n)

    def work(first: int, room: TileRoom) -> tuple[Tile, _Ranges]:
        tile = build_tile(paths, first * KNOT_STEP_S, min(size, knots - first), window_s, room)
        return tile, _measure(paths, tile, first, (directions, radii), window_s)

    ranges = _Ranges(np.full(n, np.inf), np.zeros(n), np.zeros(n), np.zeros(n))
    slack, exits = np.zeros(n), no_exits(n)
    partial: dict[int, NDArray[np.float64]] = {}
    for k, (tile, found) in enumerate(_in_order(work, range(0, knots, size))):
        np.minimum(ranges.lowest_m, found.lowest_m, out=ranges.lowest_m)
        np.maximum(ranges.highest_m, found.highest_m, out=ranges.highest_m)
        np.maximum(ranges.angle_rad, found.angle_rad, out=ranges.angle_rad)
        np.maximum(ranges.rise_m, found.rise_m, out=ranges.rise_m)
        np.maximum(slack, np.where(tile.alive.any(axis=0), tile.slack_m, 0.0), out=slack)
        for i in np.flatnonzero(np.isfinite(tile.exits.seconds)).tolist():
            record_exit(exits, i, float(tile.exits.seconds[i]), int(tile.exits.code[i]))
        _keep_partial(partial, tile, exits, k * size, knots)
    rows = np.array(sorted(partial), dtype=np.int64)
    states = np.array([partial[i] for i in rows.tolist()]).reshape(-1, knots, 6)
    return PreparedCatalogue(
        paths,
        window_s,
        directions,
        radii,
        ranges.lowest_m,
        ranges.highest_m,
        ranges.angle_rad,
        ranges.rise_m,
        slack,
        rows,
        states,
        exits,
    )


def _in_order(
    work: Callable[[int, TileRoom], tuple[Tile, _Ranges]], firsts: Sequence[int]
) -> Iterator[tuple[Tile, _Ranges]]:
    """Work on threads and yield in order; a room serves the next tile when its last one has been used."""
    workers = min(cpu_count() or 1, _MOST_THREADS)
    rooms = [TileRoom() for _ in range(workers + 1)]
    with ThreadPoolExecutor(workers) as pool:
        ahead = deque(pool.submit(work, first, room) for first, room in zip(firsts, rooms, strict=False))
        for k in range(len(firsts)):
            yield ahead.popleft().result()
            if k + len(rooms) < len(firsts):
                ahead.append(pool.submit(work, firsts[k + len(rooms)], rooms[k % len(rooms)]))


@dataclass(frozen=True)
class _Ranges:
    lowest_m: NDArray[np.float64]
    highest_m: NDArray[np.float64]
    angle_rad: NDArray[np.float64]
    rise_m: NDArray[np.float64]


def _measure(
    paths: PathSource,
    tile: Tile,
    first: int,
    rounded: tuple[NDArray[np.int8], NDArray[np.uint16]],
    window_s: float,
) -> _Ranges:
    """Round the directions of a tile, bound radii and angles, and look into possible dips."""
    from syzygy.debris._motion_kernels import bound_motion
    from syzygy.debris._one_kernels import round_directions

    n = tile.slack_m.size
    ranges = _Ranges(np.full(n, np.inf), np.zeros(n), np.zeros(n), np.zeros(n))
    motion = np.empty((n, 4))
    for j in range(tile.alive.shape[0]):
        round_directions(tile.state[j], first + j, *rounded)
        bound_motion(tile.state[j], tile.slack_m, _HALF_S, _GRADIENT, motion)
        alive = tile.alive[j]
        begin = tile.begin_s + j * KNOT_STEP_S
        dipping = np.flatnonzero(alive & (motion[:, 0] < EARTH_RADIUS_M))
        find_dips(paths, dipping, begin, min(begin + KNOT_STEP_S, window_s), tile.exits)
        np.minimum(ranges.lowest_m, motion[:, 0], out=ranges.lowest_m, where=alive)
        np.maximum(ranges.highest_m, motion[:, 1], out=ranges.highest_m, where=alive)
        np.maximum(ranges.angle_rad, motion[:, 2], out=ranges.angle_rad, where=alive)
        rise = 0.5 * (motion[:, 1] - motion[:, 0])
        np.maximum(ranges.rise_m, rise, out=ranges.rise_m, where=alive)
    return ranges


def _keep_partial(
    partial: dict[int, NDArray[np.float64]], tile: Tile, exits: Exits, first: int, knots: int
) -> None:
    """Keep the states of objects that are not alive at every knot, or leave inside the tile."""
    count = tile.alive.shape[0]
    leaving = np.isfinite(tile.exits.seconds) & tile.alive.any(axis=0)
    for i in np.flatnonzero(leaving | (tile.alive.any(axis=0) != tile.alive.all(axis=0))).tolist():
        states = partial.setdefault(i, np.full((knots, 6), np.nan))
        rows = np.flatnonzero(tile.alive[:, i])
        states[first + rows] = tile.state[rows, i]
    for i, states in partial.items():
        known = np.isfinite(states[first : first + count, 0])
        rows = np.flatnonzero(tile.alive[:, i] & ~known)
        states[first + rows] = tile.state[rows, i]


def screen_one(
    prepared: PreparedCatalogue,
    primary: PathSource,
    *,
    threshold_m: float,
    slow_speed_m_s: float = 10.0,
    exclude: Sequence[int] | NDArray[np.int64] = (),
) -> OneFindings:
    """Find every approach of one object to the objects of a prepared catalogue.

    Parameters
    ----------
    prepared : PreparedCatalogue
        From `prepare_catalogue`; the window counts from its begin.
    primary : PathSource
        One object, by element set or by ephemeris.
    threshold_m, slow_speed_m_s : float
        As in `screen_paths`.
    exclude : sequence of int
        Objects of the catalogue to leave out, the object's own element set above all.

    Raises
    ------
    InputError
        Not exactly one object.

    Notes
    -----
    The same bounds, refinement and definitions as the screening of all against all, and the same answer
    (``test_debris_one_against_all``).
    """
    if len(primary) != 1:
        raise InputError(
            "one object is screened at a time",
            value=f"{len(primary)} objects",
            allowed="1",
            where="screen_one",
            hint="call it once for each object",
        )
    paths = JoinedPaths((prepared.paths, primary))
    knots = prepared.directions.shape[2]
    tile = build_tile(primary, 0.0, knots, prepared.window_s)
    exits = Exits(
        np.append(prepared.exits.seconds, tile.exits.seconds),
        np.append(prepared.exits.code, tile.exits.code),
    )
    pairs, span_s = _meetings(prepared, tile, threshold_m, np.asarray(exclude, dtype=np.int64))
    bounds = Bounds(0, 0.0, prepared.window_s, len(paths), KNOT_STEP_S, _HALF_S / _STEPS)
    answer = finish_chunk(paths, pairs, span_s, exits, bounds, threshold_m, prepared.window_s)
    return _one_sided(answer, paths, threshold_m, slow_speed_m_s, prepared.window_s)


def _meetings(
    prepared: PreparedCatalogue, tile: Tile, threshold_m: float, exclude: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return candidates (pairs, spans in seconds of the window)."""
    from syzygy.debris._motion_kernels import bound_motion, move_two_body
    from syzygy.debris._one_kernels import test_meetings

    own = tile.state[:, 0].copy()
    own[~tile.alive[:, 0]] = np.nan
    slack = float(tile.slack_m[0])
    motion = np.empty((len(own), 4))
    bound_motion(own, np.full(len(own), slack), _HALF_S, _GRADIENT, motion)
    hits = _scan(prepared, own, motion, slack, threshold_m, exclude)
    hits = hits[tile.alive[hits[:, 1], 0]]
    state = _states(prepared, hits)
    good = np.isfinite(state).all(axis=1)
    hits, state = hits[good], state[good]
    keep, spans = np.zeros(len(hits), dtype=bool), np.zeros((len(hits), 2))
    test_meetings(
        state,
        own[hits[:, 1]],
        prepared.slack_m[hits[:, 0]],
        slack,
        threshold_m,
        _HALF_S,
        _GRADIENT,
        keep,
        spans,
    )
    hits, state = hits[keep], state[keep]
    half = _HALF_S / _STEPS
    pairs, span_s = [], []
    for offset in (np.arange(_STEPS) * 2.0 * half + half - _HALF_S).tolist():
        moved, mine = np.empty_like(state), np.empty_like(state)
        here = own[hits[:, 1]]
        move_two_body(state, offset, moved)
        move_two_body(here, offset, mine)
        keep, spans = np.zeros(len(hits), dtype=bool), np.zeros((len(hits), 2))
        test_meetings(
            moved, mine, prepared.slack_m[hits[:, 0]], slack, threshold_m, half, _GRADIENT, keep, spans
        )
        centre = KNOT_STEP_S * (hits[keep, 1] + 0.5) + offset
        pairs.append(np.stack([hits[keep, 0], np.full(int(keep.sum()), len(prepared))], axis=1))
        span_s.append(centre[:, None] + spans[keep])
    return np.concatenate(pairs), np.concatenate(span_s)


def _scan(
    prepared: PreparedCatalogue,
    own: NDArray[np.float64],
    motion: NDArray[np.float64],
    slack: float,
    threshold_m: float,
    exclude: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Return objects and knots (k, 2) whose radii and directions may bring them together."""
    from syzygy.debris._one_kernels import round_directions, scan_directions

    known = np.isfinite(own[:, 0])
    lowest, highest = motion[known, 0].min(initial=np.inf), motion[known, 1].max(initial=0.0)
    near = (prepared.lowest_m < highest + threshold_m) & (prepared.highest_m > lowest - threshold_m)
    near[exclude] = False
    which = np.flatnonzero(near)
    share = threshold_m + slack + prepared.slack_m[which]
    reach = motion[known, 2].max(initial=0.0) + prepared.angle_rad[which] + share / FLOOR_M
    rounded = np.zeros((1, 3, len(own)), dtype=np.int8), np.zeros((1, len(own)), dtype=np.uint16)
    for k in np.flatnonzero(known).tolist():
        round_directions(own[k : k + 1], k, *rounded)
    # Radii are rounded down to 1 km; two of them may look nearer or farther by less than that.
    window = (
        threshold_m + prepared.rise_m[which] + 0.5 * (motion[known, 1] - motion[known, 0]).max(initial=0.0)
    )
    room = _ROOM
    while True:
        out = np.empty((room, 2), dtype=np.int64)
        found = scan_directions(
            prepared.directions,
            prepared.radii_km,
            which,
            reach,
            np.minimum(np.ceil(window / 1e3) + 1.0, 65535.0).astype(np.int32),
            rounded[0][0],
            rounded[1][0],
            out,
        )
        if found <= room:
            return out[:found]
        room = found


def _states(prepared: PreparedCatalogue, hits: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the states (k, 6) of objects at knots, NaN where they are not alive."""
    state = np.empty((len(hits), 6))
    row = np.full(len(prepared), -1)
    row[prepared.partial] = np.arange(prepared.partial.size)
    whole = row[hits[:, 0]] < 0
    times = KNOT_STEP_S * (hits[whole, 1] + 0.5)
    found = prepared.paths.states_of(hits[whole, 0], times[:, None])
    state[whole, :3] = found.position_m[:, 0]
    state[whole, 3:] = found.velocity_m_s[:, 0]
    state[~whole] = prepared.partial_state[row[hits[~whole, 0]], hits[~whole, 1]]
    return state


def _one_sided(
    answer: ChunkAnswer, paths: PathSource, threshold_m: float, slow_speed_m_s: float, window_s: float
) -> OneFindings:
    findings = collect_findings(
        [answer], paths, window_s=window_s, threshold_m=threshold_m, slow_speed_m_s=slow_speed_m_s
    )
    slow = findings.slow
    return OneFindings(
        findings.pairs[:, 0],
        _turned(findings.encounters),
        slow.pairs[:, 0],
        slow.begin_s,
        slow.end_s,
        _turned(slow.closest),
        float(findings.exits.seconds[-1]),
    )


def _turned(found: Encounters) -> Encounters:
    return Encounters(
        found.seconds,
        found.position_a_m + found.separation_m,
        found.velocity_a_m_s + found.relative_velocity_m_s,
        -found.separation_m,
        -found.relative_velocity_m_s,
    )
