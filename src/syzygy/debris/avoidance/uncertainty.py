"""The covariance that is assumed for element sets, which carry none: stated, labelled, never measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.debris.probability.element_set_errors import ErrorModel

FloatArray = NDArray[np.float64]
_DAY_S = 86400.0


@dataclass(frozen=True)
class ElementUncertainty:
    """Position covariances of element sets by the error model of the probabilities, many at once."""

    model: ErrorModel

    def covariances(self, position_m: FloatArray, velocity_m_s: FloatArray, age_s: FloatArray) -> FloatArray:
        """Return position covariances (n, 3, 3) in the axes of the states, m2; `age_s` of either sign."""
        if not len(position_m):
            return np.zeros((0, 3, 3))
        days = np.abs(age_s)[:, None] / _DAY_S
        sigmas = np.hypot(self.model.at_epoch_m, self.model.per_day_m * days)
        scaled = rtn_axes(position_m, velocity_m_s) * sigmas[:, :, None]
        return np.asarray(np.swapaxes(scaled, 1, 2) @ scaled)

    def label(self) -> str:
        """Say what it is."""
        return self.model.source
