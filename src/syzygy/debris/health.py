"""When an object stops being usable: SGP4 fails, or the position no longer follows the velocity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.sampling import sample_each

EARTH_RADIUS_M = 6_378_135.0
"""SGP4's Earth radius (WGS-72): below it the theory reports code 6."""

UNPHYSICAL = 255
"""Reason code for "code 0 at an impossible position", beside SGP4's own 1 to 6."""

IRREGULAR = 254
"""Reason code for a path that no polynomial of the screening follows within its limit."""

SLIP_SUSPECT_M_S = 50.0
"""Velocity slip at a knot above which the trapezoid test decides."""

SLIP_LIMIT_M_S = 100.0
"""A clean gap in real catalogues (healthy odd orbits: up to 40 m/s)."""

_TRAPEZOID_S = 10.0
_RESOLUTION_S = 5e-4
_DENSE_STEP_S = 1.0


@dataclass(frozen=True)
class Exits:
    """From when an object is not usable.

    Attributes
    ----------
    seconds : float64 (n,)
        Since the begin of the window; infinite when the object stays usable.
    code : uint8 (n,)
        SGP4 code, `UNPHYSICAL` or `IRREGULAR`; 0 when usable.
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


def first_failure(fails: Callable[[float], int], good: float, bad: float) -> tuple[float, int]:
    """Return the earliest failing time between a good and a bad one, to 0.5 ms, and its code."""
    code = fails(bad)
    while bad - good > _RESOLUTION_S:
        middle = 0.5 * (good + bad)
        found = fails(middle)
        if found:
            bad, code = middle, found
        else:
            good = middle
    return bad, code


def sgp4_code(satellite: Any) -> Callable[[float], int]:
    """Return the function time -> SGP4 code of one object."""

    def fails(seconds: float) -> int:
        return int(satellite.sgp4(0.0, seconds / 86400.0)[0])

    return fails


def slip_m_s(
    satellites: Sequence[Any], index: NDArray[np.int64], seconds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far position and velocity disagree over 10 s (trapezoid rule), m/s, NaN without states.

    Parameters
    ----------
    index, seconds : (n,)
        Object and begin of the 10 s.
    """
    times = np.stack([seconds, seconds + _TRAPEZOID_S], axis=1)
    position, velocity, _ = sample_each(satellites, index, times)
    moved = position[:, 1] - position[:, 0] - 0.5 * _TRAPEZOID_S * (velocity[:, 0] + velocity[:, 1])
    return np.asarray(np.linalg.norm(moved, axis=1) / _TRAPEZOID_S)


def find_code_exits(
    satellites: Sequence[Any], knots_s: NDArray[np.float64], codes: NDArray[np.uint8], exits: Exits
) -> None:
    """Record the first non-zero SGP4 code seen at the knots (n, m), refined to the millisecond."""
    for i in np.flatnonzero((codes != 0).any(axis=1)).tolist():
        k = int(np.argmax(codes[i] != 0))
        if k == 0:
            record_exit(exits, i, float(knots_s[0]), int(codes[i, 0]))
            continue
        fails = sgp4_code(satellites[i])
        record_exit(exits, i, *first_failure(fails, float(knots_s[k - 1]), float(knots_s[k])))


def find_dips(
    satellites: Sequence[Any], knots_s: NDArray[np.float64], lowest_m: NDArray[np.float64], exits: Exits
) -> None:
    """Record code-6 dips between knots: every interval whose lowest possible radius is below the Earth's.

    Parameters
    ----------
    knots_s : float64 (m + 1,)
        Borders of the intervals.
    lowest_m : float64 (n, m)
        Lower bound of the radius.
    """
    rows, columns = np.nonzero(lowest_m < EARTH_RADIUS_M)
    for i, m in zip(rows.tolist(), columns.tolist(), strict=True):
        begin, end = float(knots_s[m]), float(knots_s[m + 1])
        if begin >= exits.seconds[i]:
            continue
        times = np.arange(begin, end, _DENSE_STEP_S)
        code, position, _ = satellites[i].sgp4_array(np.zeros(times.size), times / 86400.0)
        fails = sgp4_code(satellites[i])
        if code.any():
            k = int(np.argmax(code != 0))
            good = times[k - 1] if k else begin - _DENSE_STEP_S
            record_exit(exits, i, *first_failure(fails, float(good), float(times[k])))
            continue
        radius = np.linalg.norm(position, axis=1)
        k = int(np.argmin(radius[1:-1])) + 1
        lower, here, upper = radius[k - 1 : k + 2]
        bend = lower - 2.0 * here + upper
        vertex = times[k] + (0.5 * (lower - upper) / bend if bend > 0.0 else 0.0)
        if fails(float(vertex)):
            record_exit(exits, i, *first_failure(fails, float(times[k - 1]), float(vertex)))


def find_unphysical_exits(
    satellites: Sequence[Any], knots_s: NDArray[np.float64], slip: NDArray[np.float64], exits: Exits
) -> None:
    """Record objects whose position no longer follows the velocity.

    Parameters
    ----------
    knots_s : float64 (m,)
        Knots.
    slip : float64 (n, m)
        Velocity slip at the knots, NaN where unknown; only suspects are tested with the trapezoid rule.
    """
    suspect = ~(slip <= SLIP_SUSPECT_M_S)
    for i in np.flatnonzero(suspect.any(axis=1)).tolist():
        k_all = np.flatnonzero(suspect[i])
        index = np.full(k_all.size, i, dtype=np.int64)
        found = slip_m_s(satellites, index, knots_s[k_all])
        wrong = np.flatnonzero(found > SLIP_LIMIT_M_S)
        if wrong.size == 0:
            continue
        k = int(k_all[wrong[0]])
        if k == 0:
            record_exit(exits, i, float(knots_s[0]), UNPHYSICAL)
            continue
        alone = np.array([i], dtype=np.int64)

        def fails(seconds: float, alone: NDArray[np.int64] = alone) -> int:
            slipping = slip_m_s(satellites, alone, np.array([seconds]))[0] > SLIP_LIMIT_M_S
            return UNPHYSICAL if slipping else 0

        record_exit(exits, i, *first_failure(fails, float(knots_s[k - 1]), float(knots_s[k])))
