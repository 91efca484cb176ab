"""How well does a row follow from the one before it? Level, scatter, and the steps that stand out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.exploration.replay.flights import Doubles

_NEIGHBOURS = 11
_WIDE = 21
_BEFORE = 5
_MAD_TO_SIGMA = 1.4826
_FLOOR_M = 1e-6
_FLOOR_M_S = 1e-9
_DIGITS = 4.0 * float(np.finfo(float).eps)
_FEWEST_GAPS = 5
_SUDDEN = 6.0
_CHI_MEDIAN = 2.31
"""Median length of six normal numbers of variance 1."""


@dataclass(frozen=True)
class Scatter:
    """How well rows follow from each other where nothing happens (one standard deviation)."""

    position_m: float
    velocity_m_s: float


@dataclass(frozen=True, eq=False)
class Steps:
    """The n - 1 steps between n rows, judged.

    Attributes
    ----------
    seconds : array (n - 1,)
        Length of each.
    defects : array (n - 1, 6)
        Row less the row before it, carried on.
    level : array (n - 1, 6)
        What a force that is missing explains of it: the median of the neighbours, for steps of one length.
    strange : bool array (n - 1,)
    scatter : Scatter
    """

    seconds: Doubles
    defects: Doubles
    level: Doubles
    strange: NDArray[np.bool_]
    scatter: Scatter

    def strange_runs(self) -> list[tuple[int, int]]:
        """Return the first and the last step of every run of strange ones."""
        edges = np.diff(np.concatenate([[False], self.strange, [False]]).astype(np.int8))
        firsts, lasts = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
        return [(int(a), int(b)) for a, b in zip(firsts, lasts, strict=True)]

    def acceleration(self, step: int) -> Doubles:
        """Return the acceleration (3,) that the forces miss near a step: median of quiet steps; 0 if few."""
        quiet = np.flatnonzero(~self.strange)
        if quiet.size < _FEWEST_GAPS:
            return np.zeros(3)
        near = quiet[np.argsort(np.abs(quiet - step), kind="stable")][:_NEIGHBOURS]
        return np.asarray(np.median(self.defects[near, 3:] / self.seconds[near, None], axis=0))


def least_scatter(states: Doubles) -> Scatter:
    """Return the scatter that the digits of a double leave in states (n, 6)."""
    return Scatter(
        max(_FLOOR_M, _DIGITS * float(np.abs(states[:, :3]).max())),
        max(_FLOOR_M_S, _DIGITS * float(np.abs(states[:, 3:]).max())),
    )


def judge_steps(
    defects: Doubles, states: Doubles, instants: NDArray[np.int64], detection_sigma: float
) -> Steps:
    """Return level and scatter of the steps, and which of them stand out from their neighbours.

    A force that is missing displaces with the square of the length of a step and changes the velocity with
    its length: defects are compared as of steps of the usual length.
    """
    seconds = np.diff(instants) / 1e9
    longer = seconds / np.median(seconds)
    scale = np.repeat(np.stack([longer**2, longer], axis=1), 3, axis=1)
    level = _running_median(defects / scale) * scale
    rest = defects - level
    least = least_scatter(states)
    sigma = [
        max(low, _MAD_TO_SIGMA * float(np.median(np.abs(part))))
        for part, low in ((rest[:, :3], least.position_m), (rest[:, 3:], least.velocity_m_s))
    ]
    wide = np.maximum(1.0, longer)[:, None] * np.maximum(1.0, _unrest(rest, sigma))[:, None]
    size = _in_sigmas(rest, sigma, wide)
    # Slow changes that the median does not follow (an eccentric orbit) are no events.
    strange = (size > detection_sigma) & _beyond(rest, level)
    burning = _burning(defects / scale, sigma, detection_sigma)
    if burning.any():
        level = _bridged(level / scale, burning) * scale
        strange |= burning
    return Steps(seconds, defects, level, strange, Scatter(sigma[0], sigma[1]))


def _in_sigmas(values: Doubles, sigma: list[float], wide: Doubles) -> Doubles:
    parts = (values[:, :3] / (sigma[0] * wide)) ** 2, (values[:, 3:] / (sigma[1] * wide)) ** 2
    return np.asarray(np.sqrt(np.sum(parts[0], axis=1) + np.sum(parts[1], axis=1)))


def _unrest(rest: Doubles, sigma: list[float]) -> Doubles:
    """Return the scatter of the steps round each, by that of all: larger where a field that is cut acts."""
    size = np.hypot(
        np.linalg.norm(rest[:, :3], axis=1) / sigma[0], np.linalg.norm(rest[:, 3:], axis=1) / sigma[1]
    )
    windows = _windows(size[:, None], _WIDE)[1][:, 0]
    return np.asarray(np.median(windows, axis=-1) / _CHI_MEDIAN)


def _beyond(rest: Doubles, level: Doubles) -> NDArray[np.bool_]:
    """Whether a step is further from the level than the level changes over the neighbours."""
    spread = _spread(level)
    return np.asarray(
        (np.linalg.norm(rest[:, :3], axis=1) > spread[0]) | (np.linalg.norm(rest[:, 3:], axis=1) > spread[1])
    )


def _spread(level: Doubles) -> tuple[Doubles, Doubles]:
    windows = _windows(level)[1]
    wide = windows.max(axis=-1) - windows.min(axis=-1)
    return np.linalg.norm(wide[:, :3], axis=1), np.linalg.norm(wide[:, 3:], axis=1)


def _burning(defects: Doubles, sigma: list[float], detection_sigma: float) -> NDArray[np.bool_]:
    """Return the steps of long burns, which a running median takes for its level.

    A burn begins at a step whose change of velocity is six times and `detection_sigma` scatters above each of
    the five before it, and lasts while the steps stay that far above their median.
    """
    found = np.zeros(defects.shape[0], dtype=np.bool_)
    speed = np.linalg.norm(defects[:, 3:], axis=1)
    k = _BEFORE
    while k < speed.size:
        before = defects[k - _BEFORE : k, 3:]
        limit = max(_SUDDEN * float(speed[k - _BEFORE : k].max()), detection_sigma * sigma[1])
        if speed[k] <= limit:
            k += 1
            continue
        base = np.median(before, axis=0)
        above = np.linalg.norm(defects[k:, 3:] - base, axis=1) > limit / 2.0
        length = int(np.argmin(above)) if not above.all() else above.size
        if length > _BEFORE and k + length < speed.size:
            found[k : k + length] = True
        k += max(length, 1)
    return found


def _bridged(level: Doubles, burning: NDArray[np.bool_]) -> Doubles:
    """Return the level with the steps of long burns and their neighbours bridged by straight lines."""
    near = np.convolve(burning, np.ones(_NEIGHBOURS), mode="same") > 0
    quiet = np.flatnonzero(~near)
    if quiet.size == 0:
        return np.zeros_like(level)
    every = np.arange(level.shape[0])
    bridged = np.stack([np.interp(every, quiet, column[quiet]) for column in level.T], axis=1)
    return np.where(near[:, None], bridged, level)


def _windows(values: Doubles, most: int = _NEIGHBOURS) -> tuple[NDArray[np.int64], Doubles]:
    """Return the first row of the window round every row, and the windows (n, columns, width)."""
    count = values.shape[0]
    width = min(most, count if count % 2 else count - 1)
    first = np.clip(np.arange(count) - width // 2, 0, count - width)
    return first, np.lib.stride_tricks.sliding_window_view(values, width, axis=0)[first]


def _running_median(values: Doubles) -> Doubles:
    """Return the median over a row and its neighbours, along a robust line where they are on one side."""
    if values.shape[0] < _FEWEST_GAPS:
        return np.zeros_like(values)
    first, windows = _windows(values)
    level = np.array(np.median(windows, axis=-1))
    places = np.arange(windows.shape[-1])
    low, high = np.triu_indices(places.size, 1)
    for row in np.flatnonzero(first + places.size // 2 != np.arange(values.shape[0])):
        slope = np.median((windows[row][:, high] - windows[row][:, low]) / (high - low), axis=1)
        level[row] = np.median(windows[row] - slope[:, None] * (first[row] + places - row), axis=1)
    return level
