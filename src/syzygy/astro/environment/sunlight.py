"""Sunlight at a distance from the Sun."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import ASTRONOMICAL_UNIT_M, SOLAR_CONSTANT_W_M2
from syzygy.base.errors import UnitError


def solar_irradiance_w_m2(sun_distance_m: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the total solar irradiance at a distance from the Sun.

    Parameters
    ----------
    sun_distance_m : array_like
        Distance from the centre of the Sun.

    Raises
    ------
    UnitError
        A distance below ten million kilometres or not finite (mostly kilometres for metres).

    Notes
    -----
    The older standard value 1366.1 W/m2 (ASTM E490) is 0.4 % higher.

    **Source**: IAU 2015 resolution B3; Kopp & Lean 2011, Geophys. Res. Lett. 38, L01706: 1360.8 +- 0.5 W/m2.

    Examples
    --------
    >>> float(solar_irradiance_w_m2(149597870700.0))
    1361.0
    """
    distance = np.asarray(sun_distance_m, dtype=np.float64)
    wrong = ~((distance > 1e10) & np.isfinite(distance))
    if np.any(wrong):
        raise UnitError(
            "a distance from the Sun is too small or not finite",
            value=f"{distance[wrong].ravel()[0]:g} m",
            allowed="1e10 m or more",
            where="solar irradiance",
            hint="kilometres given for metres?",
        )
    return np.asarray(SOLAR_CONSTANT_W_M2 * (ASTRONOMICAL_UNIT_M / distance) ** 2)
