"""Interpolation over the nearest nodes: Hermite, Lagrange."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


def nearest_windows(nodes: NDArray[np.int64], times: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return for each time the indices (m, count) of the nodes around it, shifted inward at the ends."""
    right = np.searchsorted(nodes, times, side="right")
    first = np.clip(right - count // 2, 0, nodes.size - count)
    return np.asarray(first[:, None] + np.arange(count))


def hermite(times_s: Doubles, nodes_s: Doubles, values: Doubles, rates: Doubles) -> tuple[Doubles, Doubles]:
    """Return value and rate of the polynomial through values and rates.

    Parameters
    ----------
    times_s : (m,)
    nodes_s : (m, n)
    values, rates : (m, n, k)

    **Source**: divided differences with doubled nodes (Stoer & Bulirsch, section 2.1.5).
    """
    doubled = np.repeat(nodes_s, 2, axis=1)
    count = doubled.shape[1]
    row = np.empty((values.shape[0], count - 1, values.shape[2]))
    row[:, 0::2] = rates
    row[:, 1::2] = np.diff(values, axis=1) / np.diff(nodes_s, axis=1)[..., None]
    coefficients = [values[:, 0], row[:, 0]]
    for order in range(2, count):
        row = np.diff(row, axis=1) / (doubled[:, order:] - doubled[:, :-order])[..., None]
        coefficients.append(row[:, 0])
    return _newton(times_s, doubled, coefficients)


def lagrange(times_s: Doubles, nodes_s: Doubles, values: Doubles) -> Doubles:
    """Return the value (m, k) of the polynomial through values (m, n, k)."""
    row = values
    coefficients = [values[:, 0]]
    for order in range(1, values.shape[1]):
        row = np.diff(row, axis=1) / (nodes_s[:, order:] - nodes_s[:, :-order])[..., None]
        coefficients.append(row[:, 0])
    return _newton(times_s, nodes_s, coefficients)[0]


def _newton(times_s: Doubles, nodes_s: Doubles, coefficients: list[Doubles]) -> tuple[Doubles, Doubles]:
    value = coefficients[-1]
    slope = np.zeros_like(value)
    for order in range(len(coefficients) - 2, -1, -1):
        step = (times_s - nodes_s[:, order])[:, None]
        slope = slope * step + value
        value = value * step + coefficients[order]
    return value, slope
