"""Polynomials of one time interval as Bernstein coefficients, whose hull bounds the curve rigorously."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import comb

import numpy as np
from numpy.typing import NDArray

NODES = 10
"""Samples per polynomial: degree 9."""


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
def stencil_matrix() -> NDArray[np.float64]:
    """Return the matrix for equidistant knots around the interval: knots -4 .. 5, interval 0 .. 1."""
    return bernstein_matrix([Fraction(k - NODES // 2 + 1) for k in range(NODES)])


@cache
def chebyshev_nodes() -> NDArray[np.float64]:
    """Return the Chebyshev nodes of [0, 1], rising."""
    k = np.arange(NODES)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * (2 * k + 1) / (2 * NODES)))


@cache
def chebyshev_matrix() -> NDArray[np.float64]:
    """Return the matrix for values at `chebyshev_nodes`."""
    return bernstein_matrix([Fraction(float(x)) for x in chebyshev_nodes()])


def lagrange_weights(nodes: NDArray[np.float64], at: float) -> NDArray[np.float64]:
    """Return the weights of polynomial interpolation at one abscissa."""
    weights = np.ones(len(nodes))
    for i in range(len(nodes)):
        for j in range(len(nodes)):
            if i != j:
                weights[i] *= (at - nodes[j]) / (nodes[i] - nodes[j])
    return weights


@cache
def truncation_weights() -> NDArray[np.float64]:
    """Return the weights of (interpolation with 10 knots) - (with 8 knots) at mid-interval.

    The difference over-estimates the error of the longer stencil by a factor of 10 to 100 for smooth orbits.
    """
    knots = np.arange(NODES, dtype=np.float64) - NODES // 2 + 1.0
    weights = lagrange_weights(knots, 0.5)
    weights[1:-1] -= lagrange_weights(knots[1:-1], 0.5)
    return weights


@cache
def basis(at: tuple[float, ...]) -> NDArray[np.float64]:
    """Return Bernstein values (len(at), NODES) at abscissae of [0, 1]."""
    u = np.array(at)[:, None]
    k = np.arange(NODES)[None, :]
    binomials = np.array([comb(NODES - 1, i) for i in range(NODES)])[None, :]
    return np.asarray(binomials * u**k * (1.0 - u) ** (NODES - 1 - k))


@cache
def basis_derivative(at: tuple[float, ...]) -> NDArray[np.float64]:
    """Return derivatives (len(at), NODES) of the Bernstein polynomials by their abscissa."""
    u = np.array(at)[:, None]
    degree = NODES - 1
    k = np.arange(degree)[None, :]
    binomials = np.array([comb(degree - 1, i) for i in range(degree)])[None, :]
    lower = degree * binomials * u**k * (1.0 - u) ** (degree - 1 - k)
    result = np.zeros((len(at), NODES))
    result[:, 1:] += lower
    result[:, :-1] -= lower
    return result
