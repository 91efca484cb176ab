"""Bounds on distance, speed and acceleration over a whole span, from states on a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import EARTH_ROTATION_RATE_RAD_S, GM_EARTH_M3_S2, SGP4_EARTH_RADIUS_M

ACCELERATION_MARGIN = 1.05
"""Over the point-mass attraction: J2 adds 0.4 % at most, Sun, Moon and drag less; SGP4's own wobble < 1 %."""

SPEED_MARGIN_M_S = 50.0
"""The SGP4 velocity is not the exact derivative of its position: up to 40 m/s for odd orbits."""


@dataclass(frozen=True, eq=False)
class MotionBounds:
    """What n objects cannot exceed between the first and the last node.

    Attributes
    ----------
    least_distance_m, most_distance_m : float64 (n,)
        From the Earth's centre.
    speed_m_s, acceleration_m_s2 : float64 (n,)
        In the axes of the trajectory (not turning).
    """

    least_distance_m: NDArray[np.float64]
    most_distance_m: NDArray[np.float64]
    speed_m_s: NDArray[np.float64]
    acceleration_m_s2: NDArray[np.float64]

    @property
    def fixed_speed_m_s(self) -> NDArray[np.float64]:
        """The speed in Earth-fixed axes."""
        return np.asarray(self.speed_m_s + EARTH_ROTATION_RATE_RAD_S * self.most_distance_m)

    @property
    def fixed_acceleration_m_s2(self) -> NDArray[np.float64]:
        """The acceleration in Earth-fixed axes, with Coriolis and centrifugal terms."""
        turning = EARTH_ROTATION_RATE_RAD_S
        return np.asarray(
            self.acceleration_m_s2 + 2.0 * turning * self.fixed_speed_m_s + turning**2 * self.most_distance_m
        )


def bound_motion(
    position_m: NDArray[np.float64], velocity_m_s: NDArray[np.float64], step_s: float
) -> MotionBounds:
    """Bound the motion of n objects from their states on a grid, (n, m, 3), `step_s` apart.

    Between nodes: gravity of a point at no less than the least distance, the speed no more than half a step
    of that acceleration above a node's, the distance within a second-order Taylor bound of a node's. Two
    rounds tighten the least distance. Objects below one SGP4 Earth radius are unusable by definition.

    **Accuracy**: never exceeded on dense samples of about 180 real orbits
    (``tests/astro/test_event_passes.py``).
    """
    half_s = step_s / 2.0
    distance = np.linalg.norm(position_m, axis=-1)
    speed = np.linalg.norm(velocity_m_s, axis=-1) + SPEED_MARGIN_M_S
    with np.errstate(invalid="ignore", divide="ignore"):
        climb = np.abs(np.sum(position_m * velocity_m_s, axis=-1)) / distance + SPEED_MARGIN_M_S
    floor = np.full(distance.shape[0], SGP4_EARTH_RADIUS_M)
    top_speed = _largest(speed)
    least = np.maximum(_least(distance - top_speed[:, None] * half_s), floor)
    for _ in range(2):
        acceleration = ACCELERATION_MARGIN * GM_EARTH_M3_S2 / least**2
        fast = top_speed + acceleration * half_s
        bend = acceleration + fast**2 / least
        sag = climb * half_s + (bend * half_s**2 / 2.0)[:, None]
        least = np.maximum(_least(distance - sag), floor)
    acceleration = ACCELERATION_MARGIN * GM_EARTH_M3_S2 / least**2
    most = _largest(distance + sag)
    return MotionBounds(least, most, top_speed + acceleration * half_s, acceleration)


def _least(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.where(np.isfinite(values), values, np.inf).min(axis=1))


def _largest(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.where(np.isfinite(values), values, 0.0).max(axis=1))
