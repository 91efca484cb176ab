"""From minima and parts below the threshold to events and slow intervals, across all chunks at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.chunks import ChunkAnswer, common_life
from syzygy.debris.health import Exits, no_exits
from syzygy.debris.paths import NO_STATE, PathSource
from syzygy.debris.refinement import Encounters, refine_crossings, states_at

_TOUCH_S = 1e-3
_SAME_S = 2e-3
_EDGE_S = 1e-6


@dataclass(frozen=True)
class SlowIntervals:
    """Episodes that are intervals, not events.

    Attributes
    ----------
    pairs : int64 (n, 2)
        Indices, first below second.
    begin_s, end_s : float64 (n,)
        Seconds of the window.
    begin_cut, end_cut : bool (n,)
        The episode goes on beyond the common time of the pair.
    closest : Encounters
        States at the smallest distance.
    """

    pairs: NDArray[np.int64]
    begin_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    begin_cut: NDArray[np.bool_]
    end_cut: NDArray[np.bool_]
    closest: Encounters


@dataclass(frozen=True)
class Findings:
    """Events and slow intervals of the whole window.

    Attributes
    ----------
    pairs : int64 (n, 2)
        Pairs of the events.
    encounters : Encounters
        States at closest approach, sorted by time, then pair.
    slow : SlowIntervals
        Sorted by begin, then pair.
    exits : Exits
        When each object stops being usable.
    cut : int
        Fast episodes without a minimum inside the window: they begin or end at its border.
    entry_s : float64 (n,)
        When the path of each object begins, seconds of the window; 0 for all but late ephemerides.
    """

    pairs: NDArray[np.int64]
    encounters: Encounters
    slow: SlowIntervals
    exits: Exits
    cut: int
    entry_s: NDArray[np.float64]


@dataclass(frozen=True)
class _Episodes:
    pairs: NDArray[np.int64]
    begin_s: NDArray[np.float64]
    end_s: NDArray[np.float64]


def collect_findings(
    answers: Sequence[ChunkAnswer],
    paths: PathSource,
    *,
    window_s: float,
    threshold_m: float,
    slow_speed_m_s: float,
) -> Findings:
    """Join the chunks: an object that left in one chunk is gone in all later ones; no border remains."""
    exits = _earliest(answers, paths, window_s)
    pairs, times = _distinct_minima(answers, paths, exits, window_s)
    encounters = states_at(paths, pairs, times)
    episodes = _episodes(answers, paths, exits, window_s)
    owner, episodes = _owners(pairs, times, episodes)
    count = len(episodes.begin_s)
    life = common_life(paths, episodes.pairs, exits, window_s)
    begin_cut = episodes.begin_s <= life[:, 0] + _EDGE_S
    end_cut = episodes.end_s >= life[:, 1] - _EDGE_S
    slowest = np.full(count, np.inf)
    np.minimum.at(slowest, owner, encounters.speed_m_s)
    has_minimum = np.isfinite(slowest)
    slow = (begin_cut & end_cut) | (slowest < slow_speed_m_s)
    asked = slow | ~has_minimum
    closest_s, closest_speed = _closest(paths, episodes, life[:, 1], owner, encounters, asked)
    slow |= ~has_minimum & (closest_speed < slow_speed_m_s)
    event = ~slow[owner]
    order = np.lexsort((pairs[event, 1], pairs[event, 0], times[event]))
    chosen = np.flatnonzero(event)[order]
    rows = np.flatnonzero(slow)
    found = _slow_intervals(paths, episodes, rows, begin_cut, end_cut, life, closest_s, threshold_m)
    return Findings(
        pairs[chosen],
        encounters.take(chosen),
        found,
        exits,
        int((~slow & ~has_minimum).sum()),
        np.clip(paths.span_s[:, 0], 0.0, None),
    )


def _earliest(answers: Sequence[ChunkAnswer], paths: PathSource, window_s: float) -> Exits:
    exits = no_exits(len(paths))
    ends = paths.span_s[:, 1]
    early = ends < window_s
    exits.seconds[early] = ends[early]
    exits.code[early] = NO_STATE
    for answer in answers:
        earlier = answer.exits.seconds < exits.seconds
        exits.seconds[earlier] = answer.exits.seconds[earlier]
        exits.code[earlier] = answer.exits.code[earlier]
    return exits


def _distinct_minima(
    answers: Sequence[ChunkAnswer], paths: PathSource, exits: Exits, window_s: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return each minimum once: neighbouring intervals look a little beyond their borders."""
    pairs = np.concatenate([answer.minimum_pairs for answer in answers])
    times = np.concatenate([answer.minimum_s for answer in answers])
    life = common_life(paths, pairs, exits, window_s)
    inside = (times > life[:, 0]) & (times < life[:, 1])
    pairs, times = pairs[inside], times[inside]
    order = np.lexsort((times, pairs[:, 1], pairs[:, 0]))
    pairs, times = pairs[order], times[order]
    if times.size == 0:
        return pairs, times
    same = (pairs[1:] == pairs[:-1]).all(axis=1) & (np.diff(times) < _SAME_S)
    keep = np.concatenate([[True], ~same])
    return pairs[keep], times[keep]


def _episodes(answers: Sequence[ChunkAnswer], paths: PathSource, exits: Exits, window_s: float) -> _Episodes:
    """Join parts that touch, and end each at the end of the pair's common life."""
    pairs = np.concatenate([answer.below_pairs for answer in answers])
    parts = np.concatenate([answer.below_s for answer in answers])
    life = common_life(paths, pairs, exits, window_s)
    begin, finish = np.maximum(parts[:, 0], life[:, 0]), np.minimum(parts[:, 1], life[:, 1])
    alive = begin < finish
    pairs, begin, finish = pairs[alive], begin[alive], finish[alive]
    order = np.lexsort((begin, pairs[:, 1], pairs[:, 0]))
    pairs, begin, finish = pairs[order], begin[order], finish[order]
    if begin.size == 0:
        return _Episodes(pairs, begin, finish)
    fresh = np.ones(begin.size, dtype=bool)
    fresh[1:] = (pairs[1:] != pairs[:-1]).any(axis=1) | (begin[1:] > finish[:-1] + _TOUCH_S)
    first = np.flatnonzero(fresh)
    return _Episodes(pairs[first], begin[first], np.maximum.reduceat(finish, first))


def _owners(
    pairs: NDArray[np.int64], times: NDArray[np.float64], episodes: _Episodes
) -> tuple[NDArray[np.int64], _Episodes]:
    """Return the episode of each minimum; one that only grazes the threshold gets its own.

    The episodes of a pair follow each other: that of a minimum is the first that ends after it.
    """
    many, count = times.size, episodes.begin_s.size
    both = np.concatenate([pairs, episodes.pairs])
    ends = np.concatenate([times, episodes.end_s + _TOUCH_S])
    order = np.lexsort((np.arange(many + count) >= many, ends, both[:, 1], both[:, 0]))
    first = np.empty(many + count, dtype=np.int64)
    first[order] = np.cumsum(order >= many)
    first = first[:many]
    owner = np.minimum(first, count - 1)
    held = first < count
    if count:
        held &= (episodes.pairs[owner] == pairs).all(axis=1)
        held &= episodes.begin_s[owner] - _TOUCH_S <= times
    added = np.flatnonzero(~held)
    owner[added] = count + np.arange(added.size)
    return owner, _Episodes(
        np.concatenate([episodes.pairs, pairs[added]]),
        np.concatenate([episodes.begin_s, times[added]]),
        np.concatenate([episodes.end_s, times[added]]),
    )


def _closest(
    paths: PathSource,
    episodes: _Episodes,
    common_end: NDArray[np.float64],
    owner: NDArray[np.int64],
    encounters: Encounters,
    asked: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return time and speed at the smallest distance of each episode that is asked for; others NaN."""
    count = len(episodes.begin_s)
    closest_s, closest_speed = np.full(count, np.nan), np.full(count, np.nan)
    rows = np.flatnonzero(asked)
    if rows.size == 0:
        return closest_s, closest_speed
    last = np.maximum(np.minimum(episodes.end_s, common_end - _SAME_S), episodes.begin_s)
    own = np.flatnonzero(asked[owner])
    found = [
        encounters.take(own),
        states_at(paths, episodes.pairs[rows], episodes.begin_s[rows]),
        states_at(paths, episodes.pairs[rows], last[rows]),
    ]
    index = np.concatenate([owner[own], rows, rows])
    distance = np.concatenate([part.distance_m for part in found])
    speed = np.concatenate([part.speed_m_s for part in found])
    seconds = np.concatenate([part.seconds for part in found])
    order = np.lexsort((seconds, distance, index))
    best = order[np.searchsorted(index[order], rows)]
    closest_s[rows], closest_speed[rows] = seconds[best], speed[best]
    return closest_s, closest_speed


def _slow_intervals(
    paths: PathSource,
    episodes: _Episodes,
    rows: NDArray[np.int64],
    begin_cut: NDArray[np.bool_],
    end_cut: NDArray[np.bool_],
    life: NDArray[np.float64],
    closest_s: NDArray[np.float64],
    threshold_m: float,
) -> SlowIntervals:
    pairs, life = episodes.pairs[rows], life[rows]
    begin_s, end_s = episodes.begin_s[rows].copy(), episodes.end_s[rows].copy()
    open_begin, open_end = ~begin_cut[rows], ~end_cut[rows]
    for border, is_open in ((begin_s, open_begin), (end_s, open_end)):
        border[is_open] = refine_crossings(paths, pairs[is_open], border[is_open], life[is_open], threshold_m)
    begin_s[~open_begin] = life[~open_begin, 0]
    end_s[~open_end] = life[~open_end, 1]
    order = np.lexsort((pairs[:, 1], pairs[:, 0], begin_s))
    rows, pairs = rows[order], pairs[order]
    return SlowIntervals(
        pairs,
        begin_s[order],
        end_s[order],
        begin_cut[rows],
        end_cut[rows],
        states_at(paths, pairs, closest_s[rows]),
    )
