"""Attitude: rotations of frames by quaternions, Euler angles and spin, and histories of them."""

from __future__ import annotations

from syzygy.astro.attitude.history import AttitudeHistory
from syzygy.astro.attitude.rotations import (
    frame_matrices,
    multiply,
    quaternion_rates,
    quaternions_from_euler,
    quaternions_from_matrices,
    quaternions_from_spin,
    slerp,
    unit_quaternions,
)
from syzygy.astro.attitude.spinning import propagate_spin

__all__ = [
    "AttitudeHistory",
    "frame_matrices",
    "multiply",
    "propagate_spin",
    "quaternion_rates",
    "quaternions_from_euler",
    "quaternions_from_matrices",
    "quaternions_from_spin",
    "slerp",
    "unit_quaternions",
]
