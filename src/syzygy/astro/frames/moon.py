"""The Moon's axes: principal axes from libration angles, mean Earth axes by a constant turn."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from syzygy.astro.constants import ARCSECOND_RAD
from syzygy.astro.frames.vectors import Matrices, as_vectors, product, rotation_x, rotation_y, rotation_z

_ME_ANGLES_ARCSECONDS = (67.8526, 78.6944, 0.2785)


def moon_pa_from_icrf(libration_angles_rad: ArrayLike) -> Matrices:
    """Return the turn (..., 3, 3) from ICRF to the Moon's principal axes: Rz(psi) Rx(theta) Rz(phi).

    Parameters
    ----------
    libration_angles_rad : (..., 3)
        Euler angles phi, theta, psi of the ephemeris (DE440 for the PA of DE440).

    **Source**: Park et al., AJ 161:105 (2021), section 2.4.
    """
    angles = as_vectors(libration_angles_rad, "libration_angles_rad")
    phi, theta, psi = angles[..., 0], angles[..., 1], angles[..., 2]
    return product(rotation_z(psi), product(rotation_x(theta), rotation_z(phi)))


def _mean_earth_matrix() -> Matrices:
    about_z, about_y, about_x = (angle * ARCSECOND_RAD for angle in _ME_ANGLES_ARCSECONDS)
    return product(rotation_x(-about_x), product(rotation_y(-about_y), rotation_z(-about_z)))


MOON_ME_FROM_PA = _mean_earth_matrix()
"""From the principal axes of DE440 to the mean Earth axes of DE421, the axes of maps:
Rx(-0.2785") Ry(-78.6944") Rz(-67.8526") (NAIF moon_de440_220930.tf; Park et al. 2021, eq. 9)."""
MOON_ME_FROM_PA.flags.writeable = False


def moon_me_from_icrf(libration_angles_rad: ArrayLike) -> Matrices:
    """Return the turn (..., 3, 3) from ICRF to the Moon's mean Earth axes, from the angles of DE440."""
    return product(np.broadcast_to(MOON_ME_FROM_PA, (3, 3)), moon_pa_from_icrf(libration_angles_rad))
