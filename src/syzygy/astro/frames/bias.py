"""EME2000 (mean equator and equinox of J2000.0) and ICRF: a constant turn of 23 milliarcseconds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from syzygy.astro.constants import ARCSECOND_RAD
from syzygy.astro.frames.vectors import Matrices, Vectors, as_vectors, product, rotate, transposed

_XI0_RAD = -0.041775 * math.sin(84_381.448 * ARCSECOND_RAD) * ARCSECOND_RAD
_ETA0_RAD = -0.0068192 * ARCSECOND_RAD
_DA0_RAD = -0.0146 * ARCSECOND_RAD


def _bias_matrix() -> Matrices:
    def turn(angle_rad: float, first: int, second: int) -> Matrices:
        matrix = np.eye(3)
        matrix[first, first] = matrix[second, second] = math.cos(angle_rad)
        matrix[first, second], matrix[second, first] = math.sin(angle_rad), -math.sin(angle_rad)
        return matrix

    return product(turn(-_ETA0_RAD, 1, 2), product(turn(_XI0_RAD, 2, 0), turn(_DA0_RAD, 0, 1)))


EME2000_FROM_ICRF = _bias_matrix()
"""R1(-eta0) R2(xi0) R3(da0) with angles of -6.8192, -16.617, -14.6 mas (IERS Conventions 2003, 5.33)."""
EME2000_FROM_ICRF.flags.writeable = False


def eme2000_from_icrf(vector: ArrayLike) -> Vectors:
    """Turn vectors (..., 3), positions or velocities, from ICRF to EME2000 axes.

    **Accuracy**: 1e-16 relative to ERFA ``bp00`` (``tests/astro/test_frames_constant.py``).

    Examples
    --------
    >>> moved = eme2000_from_icrf([384_400_000.0, 0.0, 0.0]) - [384_400_000.0, 0.0, 0.0]
    >>> [round(float(component), 1) for component in moved]
    [-0.0, 27.2, -31.0]
    """
    return rotate(EME2000_FROM_ICRF, as_vectors(vector, "vector"))


def icrf_from_eme2000(vector: ArrayLike) -> Vectors:
    """Turn vectors (..., 3), positions or velocities, from EME2000 to ICRF axes."""
    return rotate(transposed(EME2000_FROM_ICRF), as_vectors(vector, "vector"))
