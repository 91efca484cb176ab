"""A body that spins about its Z axis while that axis goes around the angular momentum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.attitude.rotations import (
    frame_matrices,
    multiply,
    quaternions_from_euler,
    quaternions_from_spin,
)

Doubles = NDArray[np.float64]


def propagate_spin(
    alpha_rad: float,
    delta_rad: float,
    phase_rad: float,
    spin_rad_s: float,
    elapsed_s: ArrayLike,
    *,
    momentum_alpha_rad: float | None = None,
    momentum_delta_rad: float = 0.0,
    nutation_rad_s: float = 0.0,
) -> Doubles:
    """Return quaternions (..., 4) from A to B some time after the reference epoch.

    Parameters
    ----------
    alpha_rad, delta_rad, phase_rad : float
        Spin axis in A and phase about it, at the reference epoch.
    spin_rad_s : float
        Rate about the spin axis.
    elapsed_s : (...)
    momentum_alpha_rad, momentum_delta_rad, nutation_rad_s : float
        Angular momentum in A and the rate of the spin axis around it; without them the spin axis stands.

    **Accuracy**: the printed example of 504.0-B-2 F5.4 after 300 s, to its four digits
    (``tests/astro/test_attitude.py``).

    **Source**: 504.0-B-2 F5.3.
    """
    elapsed = np.asarray(elapsed_s, dtype=np.float64)
    if momentum_alpha_rad is None:
        return quaternions_from_spin(alpha_rad, delta_rad, phase_rad + spin_rad_s * elapsed)
    to_momentum = quaternions_from_euler([momentum_alpha_rad, np.pi / 2.0 - momentum_delta_rad, 0.0], "ZYZ")
    start = quaternions_from_spin(alpha_rad, delta_rad, phase_rad)
    within = frame_matrices(start) @ frame_matrices(to_momentum).T
    # within takes coordinates in F to those in B; its ZXZ angles are the node, the nutation and the phase.
    first = np.arctan2(within[2, 0], -within[2, 1])
    second = np.arccos(np.clip(within[2, 2], -1.0, 1.0))
    third = np.arctan2(within[0, 2], within[1, 2])
    angles = np.stack(
        [
            first + nutation_rad_s * elapsed,
            np.broadcast_to(second, elapsed.shape),
            third + spin_rad_s * elapsed,
        ],
        axis=-1,
    )
    fixed = np.array([first, second, third])
    sign = np.sign(np.sum(multiply(to_momentum, quaternions_from_euler(fixed, "ZXZ")) * start))
    return np.asarray(sign * multiply(to_momentum, quaternions_from_euler(angles, "ZXZ")))


def momentum_from_nutation(
    alpha_rad: float, delta_rad: float, phase_rad: float, nutation_rad: float, nutation_phase_rad: float
) -> tuple[float, float]:
    """Return right ascension and declination of the angular momentum in A from nutation angle and phase.

    **Source**: 504.0-B-2 F5.3, the coordinates of the angular momentum in B.
    """
    sine = np.sin(nutation_rad)
    in_body = np.array([
        sine * np.cos(nutation_phase_rad), -sine * np.sin(nutation_phase_rad), np.cos(nutation_rad),
    ])  # fmt: skip
    x, y, z = frame_matrices(quaternions_from_spin(alpha_rad, delta_rad, phase_rad)).T @ in_body
    return float(np.arctan2(y, x)), float(np.arcsin(np.clip(z, -1.0, 1.0)))
