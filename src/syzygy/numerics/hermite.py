"""Interpolation of tabulated vectors with their rates (osculating polynomials)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import CoverageError, InputError

Doubles = NDArray[np.float64]


def interpolate_hermite(
    node_t: ArrayLike, node_value: ArrayLike, node_rate: ArrayLike, t: ArrayLike, *, nodes: int = 4
) -> tuple[Doubles, Doubles]:
    """Interpolate a table of vectors and rates with polynomials of degree ``2 nodes - 1``.

    Each argument uses the `nodes` table rows that surround it as evenly as the ends of the table allow.

    Parameters
    ----------
    node_t : array (m,)
        Strictly increasing; small numbers, e.g. seconds since the first row.
    node_value, node_rate : array (m, k)
        Vectors and their derivatives with respect to `node_t`.
    t : array (n,)
        Arguments inside the table.
    nodes : int
        Rows per polynomial, 2 to 16 (degree 3 to 31); fewer where the table is shorter.

    Returns
    -------
    value, rate : array (n, k)

    Raises
    ------
    CoverageError
        An argument lies outside the table: nothing is extrapolated.
    InputError
        Times not increasing, shapes that differ, fewer than two rows.

    Notes
    -----
    **Accuracy**: polynomials of the degree are reproduced to 1e-9 of their size
    (tests/numerics/test_numerics_hermite.py).

    **Source**: Newton's form with confluent divided differences (Burden and Faires, Numerical Analysis, 3.4).
    """
    from syzygy.numerics import _kernels

    times = np.ascontiguousarray(node_t, dtype=np.float64)
    values = np.ascontiguousarray(node_value, dtype=np.float64)
    rates = np.ascontiguousarray(node_rate, dtype=np.float64)
    at = np.ascontiguousarray(t, dtype=np.float64)
    _require_table(times, values, rates, nodes)
    outside = ~((at >= times[0]) & (at <= times[-1]))
    if outside.any():
        raise CoverageError(
            "an argument lies outside the table",
            value=f"{at[outside][0]!r} (first of {int(outside.sum())})",
            allowed=f"{times[0]!r} to {times[-1]!r}",
            hint="tables are not extrapolated",
        )
    count = min(nodes, times.shape[0])
    behind = np.searchsorted(times, at, side="right")
    first = np.clip(behind - (count + 1) // 2, 0, times.shape[0] - count)
    value = np.empty((at.shape[0], values.shape[1]))
    rate = np.empty_like(value)
    _kernels.hermite(times, values, rates, first, count, at, value, rate)
    return value, rate


def _require_table(times: Doubles, values: Doubles, rates: Doubles, nodes: int) -> None:
    if not 2 <= nodes <= 16:
        raise InputError("impossible number of rows per polynomial", value=nodes, allowed="2 to 16")
    if times.ndim != 1 or times.shape[0] < 2 or not bool(np.all(np.diff(times) > 0.0)):
        raise InputError("the times of a table do not increase", value=times.shape, allowed="2 rows or more")
    if values.ndim != 2 or values.shape != rates.shape or values.shape[0] != times.shape[0]:
        raise InputError(
            "the columns of a table do not fit each other",
            value=f"{times.shape}, {values.shape}, {rates.shape}",
            allowed="(m,), (m, k), (m, k)",
        )
