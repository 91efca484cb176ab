"""Switching functions of a view: positive while a condition holds, with slopes and curvature bounds.

Four smooth functions of time describe one line of sight: cosines of the off-nadir angle and of the
incidence (upper and lower limit) and the sine of the Sun's elevation, each minus its limit. A view is
possible while all are positive. The bound on the second derivative is what lets the search prove that
nothing happens between two samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import EARTH_ROTATION_RATE_RAD_S
from syzygy.sensing.tracks import Track, acceleration_bound_m_s2

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

FUNCTIONS = 4
_TURN = 2.0 / math.sqrt(3.0)
"""A direction turns with |w''| <= |x''|/|x| + (2/sqrt 3) (|x'|/|x|)^2."""
_SUN_CURVATURE_S2 = 1.2 * EARTH_ROTATION_RATE_RAD_S**2


@dataclass(frozen=True)
class ViewLimits:
    """Limits of a view, in radians; the Sun's limit -pi/2 means no condition."""

    max_off_nadir_rad: float
    min_incidence_rad: float
    max_incidence_rad: float
    min_sun_elevation_rad: float


@dataclass(frozen=True, eq=False)
class GroundPoints:
    """Points on the ground, Earth-fixed.

    Attributes
    ----------
    position_m : array (c, 3)
    axes_enu : array (c, 3, 3)
        Rows east, north and up (geodetic) of each point.
    """

    position_m: FloatArray
    axes_enu: FloatArray


@dataclass(frozen=True, eq=False)
class Scene:
    """One satellite and the Sun above ground points, under limits.

    Attributes
    ----------
    radius_min_m, speed_max_m_s : float
        Bounds along the track.
    """

    satellite: Track
    sun: Track
    points: GroundPoints
    limits: ViewLimits
    radius_min_m: float
    speed_max_m_s: float

    def values(self, point: IntArray, time_s: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the functions (4, n), their slopes (4, n) per second, and the ranges (n,) in metres."""
        position, velocity = self.satellite.at(time_s)
        ground, up = self.points.position_m[point], self.points.axes_enu[point, 2]
        sight = ground - position
        range_m = np.sqrt(_dot(sight, sight))
        radius_m = np.sqrt(_dot(position, position))
        u, s = sight / range_m[:, None], position / radius_m[:, None]
        u_rate = (u * _dot(u, velocity)[:, None] - velocity) / range_m[:, None]
        s_rate = (velocity - s * _dot(s, velocity)[:, None]) / radius_m[:, None]
        cos_incidence, cos_rate = -_dot(u, up), -_dot(u_rate, up)
        limits = self.limits
        functions, slopes = np.ones((FUNCTIONS, len(time_s))), np.zeros((FUNCTIONS, len(time_s)))
        functions[0] = -_dot(s, u) - math.cos(limits.max_off_nadir_rad)
        slopes[0] = -_dot(s_rate, u) - _dot(s, u_rate)
        functions[1], slopes[1] = cos_incidence - math.cos(limits.max_incidence_rad), cos_rate
        if limits.min_incidence_rad > 0.0:
            functions[2], slopes[2] = math.cos(limits.min_incidence_rad) - cos_incidence, -cos_rate
        if limits.min_sun_elevation_rad > -math.pi / 2.0:
            sun, sun_velocity = self.sun.at(time_s)
            distance = np.sqrt(_dot(sun - ground, sun - ground))
            functions[3] = _dot(sun - ground, up) / distance - math.sin(limits.min_sun_elevation_rad)
            slopes[3] = _dot(sun_velocity, up) / distance
        return functions, slopes, range_m

    def curvature_bounds(self, width_s: FloatArray, range_a: FloatArray, range_b: FloatArray) -> FloatArray:
        """Return bounds (4, n) on the second derivatives over intervals with ranges known at both ends.

        With alpha = v/r and beta = v/range for the two directions: |F1''| <= |s''| + 2 alpha beta + |u''|.
        """
        speed, radius = self.speed_max_m_s, self.radius_min_m
        acceleration = float(acceleration_bound_m_s2(radius, speed))
        nearest = np.maximum((range_a + range_b - speed * width_s) / 2.0, self._lowest_range_m())
        alpha, beta = speed / radius, speed / nearest
        sight = acceleration / nearest + _TURN * beta**2
        nadir = acceleration / radius + _TURN * alpha**2
        bounds = np.empty((FUNCTIONS, len(width_s)))
        bounds[0] = nadir + 2.0 * alpha * beta + sight
        bounds[1] = sight
        bounds[2] = sight if self.limits.min_incidence_rad > 0.0 else 0.0
        bounds[3] = _SUN_CURVATURE_S2 if self.limits.min_sun_elevation_rad > -math.pi / 2.0 else 0.0
        return bounds

    def _lowest_range_m(self) -> float:
        highest = float(np.sqrt(_dot(self.points.position_m, self.points.position_m)).max())
        return max(self.radius_min_m - highest, 1e3)


def _dot(a: FloatArray, b: FloatArray) -> FloatArray:
    product: FloatArray = np.einsum("...i,...i->...", a, b)
    return product
