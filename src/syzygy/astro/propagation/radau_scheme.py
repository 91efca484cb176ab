"""Constants of the Gauss-Radau scheme with eight nodes, computed to 40 digits once and rounded."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Scheme = tuple[Doubles, Doubles, Doubles, Doubles, Doubles]

_POINTS = 8
_DIGITS = 50


@lru_cache(maxsize=1)
def radau_scheme() -> Scheme:
    """Return nodes (8,), inverse differences (7, 8), Newton to power (7, 7), its inverse, and binomials.

    The nodes on 0..1 are the zeros of P7 + P8 (Legendre, on -1..1), the first one 0.  ``inverse[n - 1, j]``
    is 1 / (h[n] - h[j]); row k of the third table holds the power coefficients of
    t (t - h[1]) ... (t - h[k]) divided by t; ``binomial[j, k]`` is (k + 1) over (j + 1).

    **Source**: Everhart, in: Dynamics of Comets (1985), p. 185.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        nodes = _nodes()
        inverse = np.zeros((7, 8))
        for n in range(1, _POINTS):
            for j in range(n):
                inverse[n - 1, j] = float(1 / (nodes[n] - nodes[j]))
        power = [[Decimal(int(j == k)) for j in range(7)] for k in range(7)]
        for k in range(1, 7):
            for j in range(k + 1):
                lower = power[k - 1][j - 1] if j > 0 else Decimal(0)
                power[k][j] = lower - nodes[k] * power[k - 1][j]
        back = _inverse_of_triangle(power)
    newton = np.array([[float(value) for value in row] for row in power])
    binomial = np.array([[float(comb(k + 1, j + 1)) for k in range(7)] for j in range(7)])
    return (
        np.array([float(node) for node in nodes]),
        inverse,
        newton,
        np.array([[float(back[k][j]) for k in range(7)] for j in range(7)]),
        binomial,
    )


def _nodes() -> list[Decimal]:
    """Return the eight nodes by Newton's iteration from Chebyshev-like guesses, deflating found zeros."""
    found = [Decimal(-1)]
    for k in range(1, _POINTS):
        x = Decimal(-1) + Decimal(2 * k) / Decimal(_POINTS)
        for _ in range(200):
            value, slope = _radau(x)
            rest = sum((1 / (x - other) for other in found), Decimal(0))
            step = value / (slope - value * rest)
            x -= step
            if abs(step) < Decimal(10) ** (8 - _DIGITS):
                break
        found.append(x)
    return [(x + 1) / 2 for x in sorted(found)]


def _radau(x: Decimal) -> tuple[Decimal, Decimal]:
    """Return P7 + P8 and its derivative."""
    p0, p1 = Decimal(1), x
    d0, d1 = Decimal(0), Decimal(1)
    for n in range(1, _POINTS):
        p2 = ((2 * n + 1) * x * p1 - n * p0) / (n + 1)
        d2 = d0 + (2 * n + 1) * p1
        p0, p1, d0, d1 = p1, p2, d1, d2
    return p0 + p1, d0 + d1


def _inverse_of_triangle(rows: list[list[Decimal]]) -> list[list[Decimal]]:
    """Return d with g[j] = sum over k of d[k][j] b[k] for b[j] = sum over k of rows[k][j] g[k]."""
    size = len(rows)
    back = [[Decimal(0)] * size for _ in range(size)]
    for k in range(size):
        rest = [Decimal(int(j == k)) for j in range(size)]
        for top in range(k, -1, -1):
            back[k][top] = rest[top]
            for j in range(top + 1):
                rest[j] -= back[k][top] * rows[top][j]
    return back
