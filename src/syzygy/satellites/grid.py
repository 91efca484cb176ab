"""An equal-area grid of the Earth: a Fibonacci spiral, each point standing for the same share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import InputError

_WGS84_ECCENTRICITY_SQUARED = 6.694379990141317e-3
_GOLDEN_ANGLE_RAD = np.pi * (3.0 - np.sqrt(5.0))
_NEWTON_STEPS = 6


def equal_area_points(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return geodetic latitudes and longitudes of points that share the WGS 84 ellipsoid equally.

    Parameters
    ----------
    count : int
        1 or more.

    Returns
    -------
    latitude_rad, longitude_rad : float64 (count,)
        From south to north; longitude -pi to pi.

    Notes
    -----
    Point k lies in the middle of the k-th of `count` zones of equal area, so the mean over the points is the
    mean over the surface; neighbouring points are golden angles apart, so none line up.

    **Accuracy**: zone areas equal within 1e-12 (``tests/satellites/test_grid.py``).

    **Source**: Gonzalez 2010 (Mathematical Geosciences 42, 49); authalic latitude: Snyder 1987, USGS
    Professional Paper 1395, equations 3-11 to 3-12.

    Examples
    --------
    >>> latitude_rad, _ = equal_area_points(3)
    >>> [round(float(value), 6) for value in latitude_rad]
    [-0.731954, 0.0, 0.731954]
    """
    if count < 1:
        raise InputError("a grid needs points", value=count, allowed="1 or more", where="grid_points")
    index = np.arange(count)
    sine_authalic = (2.0 * index + 1.0) / count - 1.0
    longitude = np.remainder(index * _GOLDEN_ANGLE_RAD + np.pi, 2.0 * np.pi) - np.pi
    return _geodetic_from_authalic(sine_authalic), longitude


def zone_share(latitude_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the surface of WGS 84 that lies south of a geodetic latitude."""
    return np.asarray(0.5 + 0.5 * _zone(np.sin(latitude_rad)) / _zone(np.float64(1.0)))


def _zone(sine: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Snyder's q: proportional to the area between the equator and a latitude."""
    square = _WGS84_ECCENTRICITY_SQUARED
    eccentricity = np.sqrt(square)
    return np.asarray(
        (1.0 - square) * (sine / (1.0 - square * sine**2) + np.arctanh(eccentricity * sine) / eccentricity)
    )


def _geodetic_from_authalic(sine_authalic: NDArray[np.float64]) -> NDArray[np.float64]:
    goal = sine_authalic * _zone(np.float64(1.0))
    sine = sine_authalic.copy()
    square = _WGS84_ECCENTRICITY_SQUARED
    for _ in range(_NEWTON_STEPS):
        slope = 2.0 * (1.0 - square) / (1.0 - square * sine**2) ** 2
        sine = np.clip(sine + (goal - _zone(sine)) / slope, -1.0, 1.0)
    return np.arcsin(sine)
