"""Places on the ground with their elevation masks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.frames import itrf_from_geodetic, topocentric_axes
from syzygy.base.errors import InputError, UnitError


@dataclass(frozen=True, eq=False)
class Sites:
    """k places; make them with `make_sites`.

    Attributes
    ----------
    position_m : float64 (k, 3)
        ITRF.
    up : float64 (k, 3)
        Ellipsoid normal, ITRF.
    sin_mask : float64 (k,)
        Sine of the elevation mask.
    """

    position_m: NDArray[np.float64]
    up: NDArray[np.float64]
    sin_mask: NDArray[np.float64]

    def __len__(self) -> int:
        return int(self.position_m.shape[0])


def make_sites(
    latitude_rad: ArrayLike, longitude_rad: ArrayLike, height_m: ArrayLike, mask_rad: ArrayLike = 0.0
) -> Sites:
    """Make places of WGS84 coordinates and elevation masks, broadcast against each other.

    Raises
    ------
    UnitError
        Angles that look like degrees.
    InputError
        No place at all.

    Examples
    --------
    >>> len(make_sites([0.85, -0.02], [0.04, 0.64], [35.0, 1795.0], 0.087))
    2
    """
    columns = np.broadcast_arrays(
        *(
            np.atleast_1d(np.asarray(v, dtype=np.float64))
            for v in (latitude_rad, longitude_rad, height_m, mask_rad)
        )
    )
    latitude, longitude, height, mask = (value.ravel() for value in columns)
    if not latitude.size:
        raise InputError("no site was given", value=0, allowed="at least one", where="sites")
    wrong = ~(np.abs(mask) < math.pi / 2.0)
    if wrong.any():
        raise UnitError(
            "an elevation mask is beyond a quarter turn",
            value=f"{mask[wrong][0]} rad",
            allowed="magnitude below pi/2 rad",
            where="mask_rad",
            hint="degrees given as radians?",
        )
    return Sites(
        itrf_from_geodetic(latitude, longitude, height),
        topocentric_axes(latitude, longitude)[:, 2, :],
        np.sin(mask),
    )
