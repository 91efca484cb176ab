"""The covariance that is assumed for element sets, which carry none: stated, labelled, never measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes

FloatArray = NDArray[np.float64]
_DAY_S = 86400.0


@dataclass(frozen=True)
class ElementUncertainty:
    """Sigmas of element sets in their own radial, in-track and cross-track axes.

    Attributes
    ----------
    sigma_m : tuple of float, 3
        At the epoch.
    growth_m_day : float
        Of the in-track sigma; it counts on both sides of the epoch.
    """

    sigma_m: tuple[float, float, float]
    growth_m_day: float

    def covariances(self, position_m: FloatArray, velocity_m_s: FloatArray, age_s: FloatArray) -> FloatArray:
        """Return position covariances (n, 3, 3) in the axes of the states, m2."""
        sigmas = np.tile(np.array(self.sigma_m), (len(position_m), 1))
        sigmas[:, 1] += self.growth_m_day * np.abs(age_s) / _DAY_S
        axes = rtn_axes(position_m, velocity_m_s) if len(position_m) else np.zeros((0, 3, 3))
        scaled = axes * sigmas[:, :, None]
        return np.asarray(np.swapaxes(scaled, 1, 2) @ scaled)

    def label(self) -> str:
        """Say what it is."""
        r, t, n = self.sigma_m
        return (
            f"INVENTED COVARIANCE of element sets: sigma {r:g} m radial, {t:g} m + "
            f"{self.growth_m_day:g} m per day in-track, {n:g} m cross-track; element sets carry none"
        )
