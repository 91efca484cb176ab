"""Checks and rotations of batches of vectors, written out so that every machine rounds alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError

Vectors = NDArray[np.float64]
Matrices = NDArray[np.float64]

LARGEST_COMPONENT = 1e100
"""Squares and products of components up to this stay finite; nothing physical comes near it."""


def as_vectors(value: ArrayLike, where: str) -> Vectors:
    """Return finite float64 vectors (..., 3).

    Raises
    ------
    InputError
        Not real numbers, another shape, or a component that is not finite or beyond 1e100.
    """
    vectors = _as_real_numbers(value, where)
    if vectors.ndim == 0 or vectors.shape[-1] != 3:
        raise InputError(
            "vectors need three components on the last axis",
            value=f"shape {vectors.shape}",
            allowed="(..., 3)",
            where=where,
        )
    # NaN goes through max and min and fails both comparisons; only then look for where it is.
    if vectors.size and not (vectors.max() <= LARGEST_COMPONENT and vectors.min() >= -LARGEST_COMPONENT):
        bad = np.argwhere(~(np.abs(vectors) <= LARGEST_COMPONENT))[0]
        raise InputError(
            "a vector is not finite, or too large to be meant",
            value=vectors[tuple(bad)],
            allowed=f"finite numbers up to {LARGEST_COMPONENT:g}",
            where=f"{where}{[int(index) for index in bad]}",
            hint="remove states that could not be computed before transforming",
        )
    return vectors


def require_broadcast(where: str, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Return the common shape of shapes (before the components), or raise InputError naming them all."""
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise InputError(
            "arrays do not fit together",
            value=f"shapes {', '.join(str(shape) for shape in shapes)}",
            allowed="shapes that broadcast",
            where=where,
        ) from error


def _as_real_numbers(value: ArrayLike, where: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            array = array.astype(np.float64, casting="safe" if array.dtype.kind != "O" else "unsafe")
        return np.asarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            "vectors are not an array of real numbers",
            value=type(value).__name__,
            allowed="real numbers, (..., 3)",
            where=where,
        ) from error


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
