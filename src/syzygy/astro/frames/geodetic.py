"""WGS84 geodetic coordinates and ITRF positions."""

from __future__ import annotations

import math

import erfa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.constants import (
    WGS84_ECCENTRICITY_SQUARED,
    WGS84_FLATTENING,
    WGS84_SEMI_MAJOR_AXIS_M,
)
from syzygy.astro.frames.vectors import LARGEST_COMPONENT, Vectors, as_vectors, require_broadcast
from syzygy.base.errors import InputError, UnitError

EVOLUTE_RADIUS_M = WGS84_SEMI_MAJOR_AXIS_M * WGS84_ECCENTRICITY_SQUARED / (1.0 - WGS84_FLATTENING)
"""Within this distance of the Earth's centre (43 km) a point may have several geodetic latitudes."""
LEAST_HEIGHT_M = -6_300_000.0
"""Further below the ellipsoid a normal comes near the centre, and then out on the other side."""


def geodetic_from_itrf(
    position_m: ArrayLike,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return latitude, longitude (-pi to pi) and height above the WGS84 ellipsoid of ITRF positions (..., 3).

    Raises
    ------
    UnitError
        A position within 43 km of the Earth's centre, where latitude is not unique: kilometres for metres.
    InputError
        Another shape, or a component that is not finite.

    **Accuracy**: 1e-8 m and 2e-15 rad in the round trip with `itrf_from_geodetic` from 5 000 km below to
    400 000 km above the ellipsoid (``tests/astro/test_frames_geodetic.py``).

    **Source**: Fukushima, J. Geodesy 79, 689 (2006), as in ERFA ``gc2gde``, then one step of Bowring, Survey
    Review 23, 323 (1976).

    Examples
    --------
    >>> latitude, longitude, height = geodetic_from_itrf([0.0, 6_378_137.0, 0.0])
    >>> float(latitude), round(float(longitude), 6), float(height)
    (0.0, 1.570796, 0.0)
    """
    position = as_vectors(position_m, "position_m")
    square = position[..., 0] ** 2 + position[..., 1] ** 2 + position[..., 2] ** 2
    if np.any(square < EVOLUTE_RADIUS_M**2):
        raise UnitError(
            "a position lies at the Earth's centre, where geodetic coordinates are not unique",
            value=f"{math.sqrt(float(square.min()))} m from the centre",
            allowed=f"more than {EVOLUTE_RADIUS_M:.0f} m",
            where="position_m",
            hint="positions are in metres: are these kilometres?",
        )
    longitude, latitude, _ = erfa.gc2gde(WGS84_SEMI_MAJOR_AXIS_M, WGS84_FLATTENING, position)
    axis = np.hypot(position[..., 0], position[..., 1])
    latitude = _bowring_step(latitude, axis, position[..., 2])
    sine, cosine = np.sin(latitude), np.cos(latitude)
    foot = WGS84_SEMI_MAJOR_AXIS_M * np.sqrt(1.0 - WGS84_ECCENTRICITY_SQUARED * sine * sine)
    return latitude, longitude, axis * cosine + position[..., 2] * sine - foot


def itrf_from_geodetic(latitude_rad: ArrayLike, longitude_rad: ArrayLike, height_m: ArrayLike) -> Vectors:
    """Return ITRF positions (..., 3) of WGS84 latitude, longitude and ellipsoidal height (broadcast).

    Raises
    ------
    UnitError
        A latitude beyond a quarter turn or a longitude beyond two turns: degrees for radians.
    InputError
        A height that is not finite or below -6 300 km, or shapes that do not fit.

    Examples
    --------
    >>> [float(component) for component in itrf_from_geodetic(0.0, 0.0, 100.0)]
    [6378237.0, 0.0, 0.0]
    """
    latitude, longitude = checked_angles(latitude_rad, longitude_rad)
    height = np.asarray(height_m, dtype=np.float64)
    bad = ~((height >= LEAST_HEIGHT_M) & (height <= LARGEST_COMPONENT))
    if np.any(bad):
        raise InputError(
            "a height is not finite, or lies below the centre of the Earth",
            value=f"{height[bad].ravel()[0]} m",
            allowed=f"{LEAST_HEIGHT_M:.0f} m or more",
            where="height_m",
        )
    require_broadcast("latitude_rad, longitude_rad, height_m", latitude.shape, longitude.shape, height.shape)
    sine, cosine = np.sin(latitude), np.cos(latitude)
    normal = WGS84_SEMI_MAJOR_AXIS_M / np.sqrt(1.0 - WGS84_ECCENTRICITY_SQUARED * sine * sine)
    axis = (normal + height) * cosine
    up = (normal * (1.0 - WGS84_ECCENTRICITY_SQUARED) + height) * sine
    parts = np.broadcast_arrays(axis * np.cos(longitude), axis * np.sin(longitude), up)
    return np.stack(parts, axis=-1)


def _bowring_step(
    latitude: NDArray[np.float64], axis: NDArray[np.float64], z: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a latitude that is right to the last digits from one that is right to ten."""
    sine, cosine = (1.0 - WGS84_FLATTENING) * np.sin(latitude), np.cos(latitude)
    size = np.hypot(sine, cosine)
    sine, cosine = sine / size, cosine / size
    second = WGS84_ECCENTRICITY_SQUARED / (1.0 - WGS84_FLATTENING)
    up = z + second * WGS84_SEMI_MAJOR_AXIS_M * sine**3
    out = axis - WGS84_ECCENTRICITY_SQUARED * WGS84_SEMI_MAJOR_AXIS_M * cosine**3
    stepped: NDArray[np.float64] = np.arctan2(up, out)
    return stepped


def checked_angles(
    latitude_rad: ArrayLike, longitude_rad: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both angles as arrays; raise UnitError for degrees and what is not finite."""
    latitude = np.asarray(latitude_rad, dtype=np.float64)
    longitude = np.asarray(longitude_rad, dtype=np.float64)
    for name, angle, most in (
        ("latitude_rad", latitude, math.pi / 2 + 1e-12),
        ("longitude_rad", longitude, 4 * math.pi),
    ):
        bad = ~(np.abs(angle) <= most)
        if np.any(bad):
            raise UnitError(
                "an angle is not finite or too large",
                value=f"{angle[bad].ravel()[0]} rad",
                allowed=f"magnitude up to {most:.6f} rad",
                where=name,
                hint="angles are in radians: are these degrees?",
            )
    require_broadcast("latitude_rad, longitude_rad", latitude.shape, longitude.shape)
    return latitude, longitude
