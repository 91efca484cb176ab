"""Covariances of element sets, which have none: a stated error model, or the scatter of earlier sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.astro.time import LeapSeconds
from syzygy.debris.probability.cases import INVENTED

FloatArray = NDArray[np.float64]
_DAY_NS = 86_400e9
_LEAST_SETS = 4
_LEAST_SIGMA_M = np.array([50.0, 100.0, 50.0])
_FRACTION_FREE = 0.1


@dataclass(frozen=True)
class ErrorModel:
    """Position sigmas of an element set by its age: sqrt(s0^2 + (g age)^2) per axis.

    Attributes
    ----------
    at_epoch_m : (3,) float64
        Radial, in-track, cross-track.
    per_day_m : (3,) float64
        Growth.
    source : str
        Where the figures come from; it stands in every table.
    """

    at_epoch_m: FloatArray
    per_day_m: FloatArray
    source: str

    def sigmas_m(self, age_days: float) -> FloatArray:
        """Return radial, in-track and cross-track sigma at an age."""
        return np.hypot(self.at_epoch_m, self.per_day_m * abs(age_days))

    def covariance_rtn(self, age_days: float, mean_motion_rad_s: float) -> FloatArray:
        """Return a covariance (6, 6) of position and velocity in RTN axes.

        An in-track error is one of time, so the velocity turns with it (radial part -n times it); a radial
        error changes the in-track velocity by -n times it; a tenth of n times the sigmas is free.
        """
        sigma = self.sigmas_m(age_days)
        n = mean_motion_rad_s
        mapping = np.zeros((6, 3))
        mapping[:3] = np.eye(3)
        mapping[3, 1], mapping[4, 0] = -n, -n
        free = np.diag(np.concatenate([np.zeros(3), (_FRACTION_FREE * n * sigma) ** 2]))
        free[5, 5] = (n * sigma[2]) ** 2
        return np.asarray(mapping @ np.diag(sigma**2) @ mapping.T + free)


def stated_model(at_epoch_m: tuple[float, ...], per_day_m: tuple[float, ...]) -> ErrorModel:
    """Return the model of which the user states the figures (or leaves the default ones)."""
    words = "/".join(f"{value / 1e3:g}" for value in at_epoch_m)
    growth = "/".join(f"{value / 1e3:g}" for value in per_day_m)
    return ErrorModel(
        np.array(at_epoch_m),
        np.array(per_day_m),
        f"{INVENTED}: sigma R/T/N {words} km at epoch, {growth} km/d",
    )


def models_from_history(history: MeanElements, leap_seconds: LeapSeconds) -> Mapping[int, ErrorModel]:
    """Return a model per object of which at least four sets with different epochs are given.

    Each earlier set is propagated to the epoch of each later one; the squared differences are fitted per
    axis by ``2 s0^2 + (g age)^2`` with non-negative coefficients.

    **Source** pairwise differencing after Osweiler (AFIT/GAE/ENY/06-M08, 2006).
    """
    found = {}
    for number in np.unique(history.object_id).tolist():
        mine = history.select(np.flatnonzero(history.object_id == number))
        order = np.unique(mine.epoch_tai_ns, return_index=True)[1]
        if len(order) >= _LEAST_SETS:
            found[int(number)] = _model_of(mine.select(order), leap_seconds)
    return found


def _model_of(sets: MeanElements, leap_seconds: LeapSeconds) -> ErrorModel:
    states = propagate_sgp4(sets, sets.epoch_tai_ns, leap_seconds)
    rows = np.arange(len(sets))
    own_position, own_velocity = states.position_m[rows, rows], states.velocity_m_s[rows, rows]
    axes = rtn_axes(own_position, own_velocity)
    early, late = np.triu_indices(len(sets), 1)
    good = (states.error_code[early, late] == 0) & (states.error_code[late, late] == 0)
    early, late = early[good], late[good]
    difference = states.position_m[early, late] - own_position[late]
    rtn = np.einsum("nij,nj->ni", axes[late], difference)
    age = (sets.epoch_tai_ns[late] - sets.epoch_tai_ns[early]) / _DAY_NS
    constant, growth = np.array([_fit(age, rtn[:, k]) for k in range(3)]).T
    at_epoch = np.maximum(np.sqrt(constant / 2.0), _LEAST_SIGMA_M)
    return ErrorModel(
        at_epoch, np.sqrt(growth), f"scatter of {len(sets)} element sets (no orbit determination)"
    )


def _fit(age_days: FloatArray, offset_m: FloatArray) -> tuple[float, float]:
    from scipy.optimize import nnls

    matrix = np.stack([np.ones(len(age_days)), age_days**2], -1)
    solution, _ = nnls(matrix, offset_m**2)
    return float(solution[0]), float(solution[1])
