"""What an observer on the ellipsoid sees: local axes, azimuth, elevation and range."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.frames.geodetic import checked_angles, itrf_from_geodetic
from syzygy.astro.frames.vectors import Matrices, as_vectors, require_broadcast, rotate
from syzygy.base.errors import InputError


def topocentric_axes(latitude_rad: ArrayLike, longitude_rad: ArrayLike) -> Matrices:
    """Return the turn (..., 3, 3) from ITRF to local axes: rows East, North, Up (ellipsoid normal).

    Raises
    ------
    UnitError
        Angles that look like degrees.

    Examples
    --------
    >>> topocentric_axes(0.0, 0.0).tolist()
    [[-0.0, 1.0, 0.0], [-0.0, -0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    latitude, longitude = np.broadcast_arrays(*checked_angles(latitude_rad, longitude_rad))
    sin_lat, cos_lat = np.sin(latitude), np.cos(latitude)
    sin_lon, cos_lon = np.sin(longitude), np.cos(longitude)
    east = np.stack([-sin_lon, cos_lon, np.zeros_like(sin_lon)], axis=-1)
    north = np.stack([-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat], axis=-1)
    up = np.stack([cos_lat * cos_lon, cos_lat * sin_lon, sin_lat], axis=-1)
    return np.stack([east, north, up], axis=-2)


def azimuth_elevation_range(
    target_position_m: ArrayLike,
    latitude_rad: ArrayLike,
    longitude_rad: ArrayLike,
    height_m: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return azimuth (from North over East, 0 to 2 pi), elevation and range of targets seen from places.

    Parameters
    ----------
    target_position_m : (..., 3)
        ITRF.
    latitude_rad, longitude_rad, height_m : (...)
        WGS84 coordinates of the observers, broadcast against the targets.

    Returns
    -------
    azimuth_rad, elevation_rad, range_m : (...)
        Geometric: no refraction, no light time.  At the zenith the azimuth is 0.

    Raises
    ------
    InputError
        A target at the place of its observer, or shapes that do not fit.
    UnitError
        Angles that look like degrees.
    """
    target = as_vectors(target_position_m, "target_position_m")
    place = itrf_from_geodetic(latitude_rad, longitude_rad, height_m)
    require_broadcast("target_position_m, latitude_rad ...", target.shape, place.shape)
    local = rotate(topocentric_axes(latitude_rad, longitude_rad), target - place)
    east, north, up = local[..., 0], local[..., 1], local[..., 2]
    ground = np.hypot(east, north)
    distance = np.hypot(ground, up)
    if np.any(distance == 0.0):
        raise InputError(
            "a target stands at the place of its observer", value="0 m", allowed="a distance above 0 m"
        )
    azimuth = np.arctan2(east, north)
    return np.where(azimuth < 0.0, azimuth + 2.0 * np.pi, azimuth), np.arctan2(up, ground), distance
