"""Element sets that pass through a given state: how a burn or a measured state enters SGP4 without a seam."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements, join_elements
from syzygy.astro.propagation.sgp4_batch import Sgp4Batch, prepare_sgp4
from syzygy.astro.time import LeapSeconds

FloatArray = NDArray[np.float64]
_STEPS = np.array([1e-10, 1e-7, 1e-7, 1e-7, 1e-7, 1e-7])
"""Half steps of the differences, each about a metre at the state: rad/s and rad."""
_ROUNDS = 12
_SETTLED_M = 1e-4
_TWO_PI = 2.0 * np.pi


@dataclass(frozen=True, eq=False)
class FittedElements:
    """Element sets and how far their states are from those asked.

    Attributes
    ----------
    elements : MeanElements
        n sets; epoch and drag term as in the sets they started from.
    position_error_m, velocity_error_m_s : (n,) float64
        What the last round left.
    """

    elements: MeanElements
    position_error_m: FloatArray
    velocity_error_m_s: FloatArray


def fit_elements(
    start: MeanElements,
    tai_ns: NDArray[np.int64],
    position_m: FloatArray,
    velocity_m_s: FloatArray,
    leap_seconds: LeapSeconds,
    *,
    again: bool = False,
) -> FittedElements:
    """Change six elements of each set so that SGP4 gives its state at its instant.

    Parameters
    ----------
    start : MeanElements
        n sets near the states: epoch and drag term stay.
    tai_ns : (n,) int64
        One instant per set.
    position_m, velocity_m_s : (n, 3) float64
        Wanted states, TEME.
    leap_seconds : LeapSeconds
    again : bool
        Renew the partials every round (states kilometres from the start, else one set of partials serves).

    Notes
    -----
    Newton with partials by central differences, in mean motion, e cos w, e sin w, i, node and M + w, which
    have no trouble with circular orbits.  The orbit after a burn is so an orbit of SGP4 like the one before:
    drag, secular and deep-space terms included, and a burn of zero changes nothing at all.

    **Accuracy** SGP4 of the fitted set passes within 1e-3 m and 1e-6 m/s of the wanted state
    (``test_avoidance_element_fit``).
    """
    sets = start
    inverse: FloatArray | None = None
    target = np.concatenate([position_m, velocity_m_s], axis=1)
    scale = np.array([1.0, 1.0, 1.0, 1e3, 1e3, 1e3])
    best, best_error = sets, np.full(len(start), np.inf)
    for _ in range(_ROUNDS):
        missing = target - _states(sets, tai_ns, leap_seconds)
        error = np.linalg.norm(np.nan_to_num(missing, nan=np.inf) * scale, axis=1)
        best, best_error = _better(sets, error, best, best_error)
        if (best_error < _SETTLED_M).all():
            break
        if inverse is None or again:
            inverse = np.linalg.pinv(_partials(sets, tai_ns, leap_seconds) * _STEPS * scale[:, None])
        step = np.einsum("nij,nj->ni", inverse, np.nan_to_num(missing) * scale) * _STEPS
        sets = _moved(sets, step)
    left = target - _states(best, tai_ns, leap_seconds)
    return FittedElements(best, np.linalg.norm(left[:, :3], axis=1), np.linalg.norm(left[:, 3:], axis=1))


def repeat_elements(elements: MeanElements, count: int) -> MeanElements:
    """Return `count` copies of the first set."""
    return elements.select(np.zeros(count, dtype=np.int64))


def _better(
    sets: MeanElements, error: FloatArray, best: MeanElements, best_error: FloatArray
) -> tuple[MeanElements, FloatArray]:
    better = error < best_error
    count = len(sets)
    rows = np.arange(count) + np.where(better, count, 0)
    return join_elements([best, sets]).select(rows), np.where(better, error, best_error)


def _states(sets: MeanElements, tai_ns: NDArray[np.int64], leap_seconds: LeapSeconds) -> FloatArray:
    return states_each(prepare_sgp4(sets, leap_seconds), tai_ns)


def states_each(batch: Sgp4Batch, tai_ns: NDArray[np.int64]) -> FloatArray:
    """Return the state (n, 6) of each set of a batch at its own instant (n,), m and m/s, TEME."""
    found = batch.states_at(np.arange(len(batch)), tai_ns)
    return np.concatenate([found.position_m, found.velocity_m_s], axis=1)


def _partials(sets: MeanElements, tai_ns: NDArray[np.int64], leap_seconds: LeapSeconds) -> FloatArray:
    """Return the partials (n, 6, 6) of the states by the six elements."""
    count = len(sets)
    columns = []
    for k, size in enumerate(_STEPS):
        step = np.zeros((count, 6))
        step[:, k] = size
        ahead, behind = (_states(_moved(sets, sign * step), tai_ns, leap_seconds) for sign in (1.0, -1.0))
        columns.append((ahead - behind) / (2.0 * size))
    return np.asarray(np.nan_to_num(np.stack(columns, axis=-1)))


def _moved(sets: MeanElements, step: FloatArray) -> MeanElements:
    e, w = sets.eccentricity, sets.argument_of_perigee_rad
    x, y = e * np.cos(w) + step[:, 1], e * np.sin(w) + step[:, 2]
    eccentricity = np.minimum(np.hypot(x, y), 0.999)
    perigee = np.where(eccentricity > 0.0, np.arctan2(y, x), w)
    longitude = sets.mean_anomaly_rad + w + step[:, 5]
    inclination, node = sets.inclination_rad + step[:, 3], sets.raan_rad + step[:, 4]
    return replace(
        sets,
        mean_motion_rad_s=np.clip(sets.mean_motion_rad_s + step[:, 0], 1e-7, 1.3e-3),
        eccentricity=eccentricity,
        inclination_rad=np.clip(inclination, 0.0, np.pi),
        raan_rad=np.mod(node, _TWO_PI),
        argument_of_perigee_rad=np.mod(perigee, _TWO_PI),
        mean_anomaly_rad=np.mod(longitude - perigee, _TWO_PI),
    )
