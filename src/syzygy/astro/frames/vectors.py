"""Checks and rotations of batches of vectors, written out so that every machine rounds alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError

Vectors = NDArray[np.float64]
Matrices = NDArray[np.float64]


def as_vectors(value: ArrayLike, where: str) -> Vectors:
    """Return finite float64 vectors (..., 3).

    Raises
    ------
    InputError
        Another shape, or a component that is not finite.
    """
    vectors = np.asarray(value, dtype=np.float64)
    if vectors.ndim == 0 or vectors.shape[-1] != 3:
        raise InputError(
            "vectors need three components on the last axis",
            value=f"shape {vectors.shape}",
            allowed="(..., 3)",
            where=where,
        )
    # One pass over the sum finds any NaN or infinity; only then look for where it is.
    if not np.isfinite(vectors.sum()) and not bool(np.isfinite(vectors).all()):
        bad = np.argwhere(~np.isfinite(vectors))[0]
        raise InputError(
            "a vector is not finite",
            value=vectors[tuple(bad)],
            allowed="finite numbers",
            where=f"{where}{[int(index) for index in bad]}",
            hint="remove states that could not be computed before transforming",
        )
    return vectors


def rotate(matrix: Matrices, vector: Vectors) -> Vectors:
    """Return matrix times vector, (..., 3, 3) and (..., 3) broadcast."""
    x, y, z = vector[..., 0], vector[..., 1], vector[..., 2]
    rows = [matrix[..., i, 0] * x + matrix[..., i, 1] * y + matrix[..., i, 2] * z for i in range(3)]
    return np.stack(rows, axis=-1)


def transposed(matrix: Matrices) -> Matrices:
    """Return the transposed matrices."""
    return np.swapaxes(matrix, -1, -2)


def product(first: Matrices, second: Matrices) -> Matrices:
    """Return first times second, each (..., 3, 3)."""
    columns = [rotate(first, second[..., :, j]) for j in range(3)]
    return np.stack(columns, axis=-1)


def rotation_x(angle_rad: ArrayLike) -> Matrices:
    """Return the turn of the axes about x by an angle: y towards z."""
    return _axis_rotation(angle_rad, 1, 2)


def rotation_y(angle_rad: ArrayLike) -> Matrices:
    """Return the turn of the axes about y by an angle: z towards x."""
    return _axis_rotation(angle_rad, 2, 0)


def rotation_z(angle_rad: ArrayLike) -> Matrices:
    """Return the turn of the axes about z by an angle: x towards y."""
    return _axis_rotation(angle_rad, 0, 1)


def _axis_rotation(angle_rad: ArrayLike, first: int, second: int) -> Matrices:
    angle = np.asarray(angle_rad, dtype=np.float64)
    matrix = np.zeros((*angle.shape, 3, 3))
    matrix[..., range(3), range(3)] = 1.0
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix[..., first, first] = matrix[..., second, second] = cosine
    matrix[..., first, second] = sine
    matrix[..., second, first] = -sine
    return matrix
