"""When an object stops being usable: its path ends or fails, or position and velocity part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.paths import PathSource

EARTH_RADIUS_M = 6_378_135.0
"""SGP4's Earth radius (WGS-72): below it the theory reports code 6."""

UNPHYSICAL = 255
"""Reason code for "code 0 at an impossible position", beside SGP4's own 1 to 6."""

IRREGULAR = 254
"""Reason code for a path that leaves its two-body path by more than `IRREGULAR_M` within minutes."""

SLIP_LIMIT_M_S = 100.0
"""A clean gap in real catalogues (healthy odd orbits: up to 40 m/s)."""

_TRAPEZOID_S = 10.0
_RESOLUTION_S = 5e-4
_DENSE_STEP_S = 1.0
_AHEAD = 5  # halvings asked for in one question

Codes = Callable[[NDArray[np.float64]], NDArray[np.uint8]]
"""Codes of one object at times."""


@dataclass(frozen=True)
class Exits:
    """From when an object is not usable.

    Attributes
    ----------
    seconds : float64 (n,)
        Since the begin of the window; infinite when the object stays usable.
    code : uint8 (n,)
        Code of the path, `UNPHYSICAL` or `IRREGULAR`; 0 when usable.
    """

    seconds: NDArray[np.float64]
    code: NDArray[np.uint8]


def no_exits(count: int) -> Exits:
    """Return exits of objects that all stay usable."""
    return Exits(np.full(count, np.inf), np.zeros(count, dtype=np.uint8))


def record_exit(exits: Exits, index: int, seconds: float, code: int) -> None:
    """Keep the earlier of two exits of one object (in place)."""
    if seconds < exits.seconds[index]:
        exits.seconds[index] = seconds
        exits.code[index] = code


def first_failure(fails: Codes, good: float, bad: float) -> tuple[float, int]:
    """Return the earliest failing time between a good and a bad one, and its code.

    On whole milliseconds of the window, so that the answer does not depend on the bracket; to 0.5 ms where
    no whole millisecond fails (a graze).
    """
    low, high = floor(good * 1e3), ceil(bad * 1e3)
    code = int(fails(np.array([high / 1e3]))[0])
    if code:
        while high - low > 1:
            # The middles of some halvings to come, asked together: one question costs more than its states.
            middles = _middles(low, high)
            known = dict(zip(middles, fails(np.array(middles) / 1e3).tolist(), strict=True))
            while high - low > 1 and (low + high) // 2 in known:
                middle = (low + high) // 2
                if known[middle]:
                    high, code = middle, known[middle]
                else:
                    low = middle
        return high / 1e3, code
    code = int(fails(np.array([bad]))[0])
    while bad - good > _RESOLUTION_S:
        half = 0.5 * (good + bad)
        found = int(fails(np.array([half]))[0])
        if found:
            bad, code = half, found
        else:
            good = half
    return bad, code


def _middles(low: int, high: int) -> list[int]:
    """Return all middles that the next halvings may ask for."""
    parts, middles = [(low, high)], []
    for _ in range(_AHEAD):
        parts = [(a, b) for a, b in parts if b - a > 1]
        halves = [(a + b) // 2 for a, b in parts]
        middles += halves
        parts = [half for (a, b), m in zip(parts, halves, strict=True) for half in ((a, m), (m, b))]
    return middles


def path_code(paths: PathSource, index: int) -> Codes:
    """Return the function times (q,) -> codes (q,) of one object."""
    alone = np.array([index], dtype=np.int64)

    def fails(seconds: NDArray[np.float64]) -> NDArray[np.uint8]:
        return np.asarray(paths.states_of(alone, seconds[None, :]).error_code[0], dtype=np.uint8)

    return fails


def slip_m_s(
    paths: PathSource, index: NDArray[np.int64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far position and velocity disagree over 10 s (trapezoid rule), m/s, NaN without states.

    Parameters
    ----------
    index, seconds : (n,)
        Object and begin of the 10 s.
    """
    found = paths.states_of(index, np.stack([seconds, seconds + _TRAPEZOID_S], axis=1))
    position, velocity = found.position_m, found.velocity_m_s
    moved = position[:, 1] - position[:, 0] - 0.5 * _TRAPEZOID_S * (velocity[:, 0] + velocity[:, 1])
    return np.asarray(np.linalg.norm(moved, axis=1) / _TRAPEZOID_S)


def find_code_exits(
    paths: PathSource,
    index: NDArray[np.int64],
    instants_s: NDArray[np.float64],
    codes: NDArray[np.uint8],
    exits: Exits,
) -> None:
    """Record the first code that is not 0 of some objects (k,), codes (k, instants), to the millisecond.

    The stretch from the first of these instants to the failing one is looked through second by second, for
    a failure that comes and goes between two instants.
    """
    for row in np.flatnonzero((codes != 0).any(axis=1)).tolist():
        i, k = int(index[row]), int(np.argmax(codes[row] != 0))
        if k == 0:
            record_exit(exits, i, float(instants_s[0]), int(codes[row, 0]))
            continue
        times = np.arange(float(instants_s[0]), float(instants_s[k]), _DENSE_STEP_S)
        _record_first(paths, i, np.append(times, instants_s[k]), exits)


def _record_first(paths: PathSource, index: int, times: NDArray[np.float64], exits: Exits) -> bool:
    """Record the first failure seen at rising times, refined; returns whether there is one."""
    code = paths.states_of(np.array([index], dtype=np.int64), times[None, :]).error_code[0]
    if not code.any():
        return False
    k = int(np.argmax(code != 0))
    if k == 0:
        record_exit(exits, index, float(times[0]), int(code[0]))
    else:
        fails = path_code(paths, index)
        record_exit(exits, index, *first_failure(fails, float(times[k - 1]), float(times[k])))
    return True


def find_dips(
    paths: PathSource, index: NDArray[np.int64], begin_s: float, end_s: float, exits: Exits
) -> None:
    """Record failures of objects that may dip below the Earth's radius between two instants."""
    for i in index.tolist():
        if begin_s >= exits.seconds[i]:
            continue
        times = np.append(np.arange(begin_s, end_s, _DENSE_STEP_S), end_s)
        times = times[times < exits.seconds[i]]
        if times.size == 0 or _record_first(paths, i, times, exits) or times.size < 3:
            continue
        alone = np.array([i], dtype=np.int64)
        radius = np.linalg.norm(paths.states_of(alone, times[None, :]).position_m[0], axis=1)
        k = int(np.argmin(radius[1:-1])) + 1
        lower, here, upper = radius[k - 1 : k + 2]
        bend = lower - 2.0 * here + upper
        vertex = float(times[k] + (0.5 * (lower - upper) / bend if bend > 0.0 else 0.0))
        fails = path_code(paths, i)
        if fails(np.array([vertex]))[0]:
            record_exit(exits, i, *first_failure(fails, float(times[k - 1]), vertex))


def find_unphysical_exits(
    paths: PathSource, instants_s: NDArray[np.float64], suspects: NDArray[np.int64], exits: Exits
) -> None:
    """Record suspects whose position no longer follows the velocity at one of the instants."""
    index = np.repeat(suspects, instants_s.size)
    slips = slip_m_s(paths, index, np.tile(instants_s, suspects.size)).reshape(suspects.size, instants_s.size)
    for i, found in zip(suspects.tolist(), slips, strict=True):
        wrong = np.flatnonzero(found > SLIP_LIMIT_M_S)
        if wrong.size == 0:
            continue
        k = int(wrong[0])
        if k == 0:
            record_exit(exits, i, float(instants_s[0]), UNPHYSICAL)
            continue

        def fails(seconds: NDArray[np.float64], i: int = i) -> NDArray[np.uint8]:
            slipping = slip_m_s(paths, np.full(seconds.size, i, dtype=np.int64), seconds) > SLIP_LIMIT_M_S
            return np.where(slipping, UNPHYSICAL, 0).astype(np.uint8)

        record_exit(exits, i, *first_failure(fails, float(instants_s[k - 1]), float(instants_s[k])))
