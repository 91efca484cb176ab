"""Covariances of messages: lower triangles by keyword or by line, to symmetric matrices and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError
from syzygy.formats.ccsds.clocks import MessageClock
from syzygy.formats.ccsds.model import Block
from syzygy.formats.ccsds.typed import Section, section_of

CARTESIAN = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
RTN = ("R", "T", "N", "RDOT", "TDOT", "NDOT")


def triangle_names(axes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keywords of a lower triangle, row by row: ``CX_X``, ``CY_X``, ``CY_Y`` ..."""
    return tuple(f"C{a}_{b}" for i, a in enumerate(axes) for b in axes[: i + 1])


CARTESIAN_NAMES = triangle_names(CARTESIAN)
RTN_NAMES = triangle_names(RTN)


def symmetric(triangle: ArrayLike) -> NDArray[np.float64]:
    """Return matrices (..., k, k) from their lower triangles (..., k (k + 1) / 2), row by row."""
    values = np.asarray(triangle, dtype=np.float64)
    size = round((np.sqrt(8.0 * values.shape[-1] + 1.0) - 1.0) / 2.0)
    rows, columns = np.tril_indices(size)
    matrix = np.zeros((*values.shape[:-1], size, size))
    matrix[..., rows, columns] = values
    matrix[..., columns, rows] = values
    return matrix


def lower_triangle(matrix: ArrayLike, where: str = "covariance") -> NDArray[np.float64]:
    """Return the lower triangles of symmetric matrices, row by row.

    Raises
    ------
    InputError
        A matrix that is not square, or not symmetric to the last bit: a message carries one triangle only,
        the other would be lost.
    """
    values = np.asarray(matrix, dtype=np.float64)
    if values.ndim < 2 or values.shape[-1] != values.shape[-2]:
        raise InputError("a covariance is not square", value=values.shape, allowed="(..., k, k)", where=where)
    if not np.array_equal(values, values.swapaxes(-1, -2)):
        worst = float(np.abs(values - values.swapaxes(-1, -2)).max())
        raise InputError(
            "a covariance is not symmetric", value=f"differs by up to {worst:.3g} from its transpose",
            allowed="C equal to its transpose, bit for bit", where=where, hint="use (C + C.T) / 2",
        )  # fmt: skip
    rows, columns = np.tril_indices(values.shape[-1])
    return np.asarray(values[..., rows, columns])


def keyed_matrix(
    block: Block, names: tuple[str, ...], clock: MessageClock
) -> tuple[NDArray[np.float64], Section]:
    """Return the matrix of a block of covariance keywords, and the keywords that are not part of it."""
    section = section_of(block, clock)
    matrix = symmetric([section.number(name) for name in names])
    rest = {key: value for key, value in section.values.items() if key not in names}
    return matrix, Section(rest, section.comments)


def keyed_section(matrix: ArrayLike, names: tuple[str, ...], rest: Section) -> Section:
    """Return the section of a covariance block: the inverse of `keyed_matrix`."""
    triangle = lower_triangle(matrix).tolist()
    if len(triangle) != len(names):
        raise InputError("a covariance has another size", value=np.shape(matrix), allowed="(6, 6)")
    return Section({**rest.values, **dict(zip(names, triangle, strict=True))}, rest.comments)
