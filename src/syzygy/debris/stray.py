"""How far SGP4 can bend away from the polynomial through five of its states: bounds that are proven.

The proof is in docs/explanation/completeness-of-screening.md, "The proof of the slack".
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from math import ceil, floor
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.paths import ElementPaths, JoinedPaths, PathSource

STEPS_S = (240.0, 120.0)
"""Distances of the five states: knots, or knots and the borders of their intervals."""

_DAY_S = 86400.0
# The last interval may begin on one day and end on the next, and knots around it are asked for.
_ROOM_S = 1800.0
_BINS = 400
_CELLS = 300
_KNOWN: WeakKeyDictionary[ElementPaths, dict[int, NDArray[np.float64]]] = WeakKeyDictionary()
_ONE_AT_A_TIME = Lock()

DayBounds = tuple[tuple[tuple[int, NDArray[np.float64]], ...], ...]
"""Bounds (n, 2) of some days, for each part of the paths."""


def remainder_m(paths: PathSource, begin_s: float, end_s: float) -> NDArray[np.float64]:
    """Bound what five states of a path leave open between them.

    Parameters
    ----------
    paths : PathSource
        n objects.
    begin_s, end_s : float
        The days of the window these two are on, and all between, are asked about.

    Returns
    -------
    float64 (n, 2)
        Metres, for states `STEPS_S` apart: the path stays within this of the polynomial of degree four
        through its states at 0, +-h and +-2 h around any instant of these days, as long as |t| <= h. Infinite
        where nothing is proven (ephemerides, and the element sets that the page tells of).

    Notes
    -----
    Where it is finite, no code but 6 (below the Earth's radius) is possible on these days.
    """
    if isinstance(paths, JoinedPaths):
        return np.concatenate([remainder_m(part, begin_s, end_s) for part in paths.parts if len(part)])
    if not isinstance(paths, ElementPaths):
        return np.full((len(paths), len(STEPS_S)), np.inf)
    bound = np.zeros((len(paths), len(STEPS_S)))
    for _, own in _of_days(paths, begin_s, end_s):
        bound = np.maximum(bound, own)
    return bound


def bounds_to_take(paths: PathSource, begin_s: float, end_s: float) -> DayBounds:
    """Return what `remainder_m` will ask of these paths between two times, for another process."""
    if not isinstance(paths, JoinedPaths):
        return (_of_days(paths, begin_s, end_s),) if isinstance(paths, ElementPaths) else ((),)
    return tuple(own for part in paths.parts for own in bounds_to_take(part, begin_s, end_s))


def take_bounds(paths: PathSource, bounds: DayBounds) -> None:
    """Spare `remainder_m` the work on these paths: the bounds come from `bounds_to_take` of equal ones."""
    for part, own in zip(_leaves(paths), bounds, strict=False):
        if isinstance(part, ElementPaths) and own:
            with _ONE_AT_A_TIME:
                _KNOWN.setdefault(part, {}).update(own)


def _leaves(paths: PathSource) -> Iterator[PathSource]:
    if isinstance(paths, JoinedPaths):
        for part in paths.parts:
            yield from _leaves(part)
    else:
        yield paths


def _of_days(
    paths: ElementPaths, begin_s: float, end_s: float
) -> tuple[tuple[int, NDArray[np.float64]], ...]:
    with _ONE_AT_A_TIME:
        known = _KNOWN.setdefault(paths, {})
    first = floor(begin_s / _DAY_S)
    days = range(first, max(ceil(end_s / _DAY_S), first + 1))
    for day in days:
        # Threads that begin together would all compute the same.
        with _ONE_AT_A_TIME:
            if day not in known:
                known[day] = _of_elements(paths, day * _DAY_S)
    return tuple((day, known[day]) for day in days)


def _of_elements(paths: ElementPaths, begin_s: float) -> NDArray[np.float64]:
    from syzygy.debris import _stray_deep_kernels, _stray_kernels

    batch = paths.batch
    bound = np.full((len(paths), len(STEPS_S)), np.inf)
    age = -(batch.epoch_jd[:, 0] + batch.epoch_jd[:, 1]) * (_DAY_S / 60.0)
    begin = age + (begin_s - _ROOM_S) / 60.0
    end = age + (begin_s + _DAY_S + _ROOM_S) / 60.0
    steps = np.array(STEPS_S) / 60.0
    for part, bound_all in (
        (batch.near, _stray_kernels.near_remainders),
        (batch.deep, _stray_deep_kernels.deep_remainders),
    ):
        found = np.empty((part.place.size, len(STEPS_S)))
        bound_all(part.table, begin[part.place], end[part.place], steps, kepler_fifth(), found)
        bound[part.place] = found
    return bound


@cache
def kepler_fifth() -> NDArray[np.float64]:
    """Bound the fifth derivative of two-body motion, in units of n_p^5 p with n_p = sqrt(GM / p^3).

    Entry j holds for eccentricities up to (j + 1) / 400. With c = 1 + e cos(true anomaly) and
    s = e^2 - (c - 1)^2 the derivative is sqrt(s) c^5 (-36 c^2 + 22 c + 24 s) along the radius and
    c^6 (9 c^2 - 8 c - 36 s) across. On each of 300 cells of c both are bounded by their ends, by the largest
    slope times half a cell, and by the smallest and the largest s: a bound, not a sample.
    """
    e = (np.arange(_BINS)[:, None] + 1.0) / _BINS
    low = 1.0 - e + 2.0 * e * (np.arange(_CELLS) / _CELLS)
    half = e / _CELLS
    high = low + 2.0 * half
    s = e * e - np.maximum(np.maximum(low - 1.0, 1.0 - high), 0.0) ** 2
    radial, across = np.zeros(low.shape), np.zeros(low.shape)
    for end in (low, high):
        along, aside = end * (22.0 - 36.0 * end), end * (9.0 * end - 8.0)
        radial = np.maximum(radial, np.maximum(np.abs(along), np.abs(along + 24.0 * s)))
        across = np.maximum(across, np.maximum(np.abs(aside), np.abs(aside - 36.0 * s)))
    radial += (72.0 * high + 22.0) * half
    across += (18.0 * high + 8.0) * half
    bound = high**5 * np.sqrt(s * radial**2 + high * high * across**2)
    return np.maximum.accumulate(bound.max(axis=1))
