"""Polynomials of one time interval as Bernstein coefficients, whose hull bounds the curve rigorously."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

NODES = 8
"""Samples per polynomial: degree 7."""


def bernstein_matrix(nodes: Sequence[Fraction]) -> NDArray[np.float64]:
    """Return the matrix from values at `nodes` to Bernstein coefficients on [0, 1].

    Parameters
    ----------
    nodes : sequence of Fraction
        Distinct abscissae, in units of the interval; they may lie outside [0, 1].

    Returns
    -------
    float64 (n, n)
        ``coefficients = matrix @ values``.

    Notes
    -----
    **Accuracy** computed in exact fractions and rounded once; the nodes of a long stencil make the same
    matrix in floating point lose nine digits. Shown by ``test_debris_bernstein.py`` on polynomials.

    **Source** Farouki & Rajan, Computer Aided Geometric Design 4 (1987) 191: power to Bernstein form.
    """
    degree = len(nodes) - 1
    columns = []
    for k in range(degree + 1):
        power = _lagrange_power(nodes, k)
        columns.append(
            [
                float(sum(Fraction(comb(j, i), comb(degree, i)) * power[i] for i in range(j + 1)))
                for j in range(degree + 1)
            ]
        )
    return np.ascontiguousarray(np.array(columns, dtype=np.float64).T)


def _lagrange_power(nodes: Sequence[Fraction], k: int) -> list[Fraction]:
    power = [Fraction(1)]
    for i, node in enumerate(nodes):
        if i == k:
            continue
        scale = 1 / (nodes[k] - node)
        shifted = [Fraction(0), *power]
        power = [
            scale * (shifted[j] - node * (power[j] if j < len(power) else 0)) for j in range(len(shifted))
        ]
    return power


@cache
def chebyshev_nodes(count: int = NODES) -> NDArray[np.float64]:
    """Return the Chebyshev nodes of [0, 1], rising."""
    k = np.arange(count)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (2 * k + 1) / (2 * count)))


@cache
def chebyshev_matrix(count: int = NODES) -> NDArray[np.float64]:
    """Return the matrix (NODES, count) from values at `chebyshev_nodes` to coefficients."""
    matrix = bernstein_matrix([Fraction(float(x)) for x in chebyshev_nodes(count)])
    own, degree = count - 1, NODES - 1
    raised = [
        [
            comb(own, i) * comb(degree - own, j - i) / comb(degree, j) if 0 <= i <= j else 0.0
            for i in range(count)
        ]
        for j in range(NODES)
    ]
    return matrix if own == degree else np.asarray(np.array(raised) @ matrix)


@cache
def last_coefficients(count: int = NODES) -> NDArray[np.float64]:
    """Return weights (2, count) that turn samples into their last two Chebyshev coefficients."""
    k = np.arange(count)
    angle = np.pi * (2 * k + 1) / (2 * count)
    # The nodes rise, their angles fall: the sign of odd coefficients does not matter here.
    return np.stack([np.cos((count - 2 + i) * angle) * 2.0 / count for i in range(2)])


@cache
def binomials() -> NDArray[np.float64]:
    """Return binomials of the degrees of position, slope and their product."""
    degree = NODES - 1
    rows = np.zeros((3, 2 * degree))
    for row, n in enumerate((degree, degree - 1, 2 * degree - 1)):
        rows[row, : n + 1] = [comb(n, k) for k in range(n + 1)]
    return rows
