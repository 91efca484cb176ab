"""Roots of many functions at once, each inside a bracket that is never left."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import ComputationError, InputError

Evaluate = Callable[[NDArray[np.int64], NDArray[np.float64]], NDArray[np.float64]]

MAX_ITERATIONS = 200


def solve_brackets(
    evaluate: Evaluate,
    low: ArrayLike,
    high: ArrayLike,
    value_low: ArrayLike,
    value_high: ArrayLike,
    *,
    tolerance: float,
) -> NDArray[np.float64]:
    """Find one root in each bracket by inverse quadratic interpolation, halving where that is not safe.

    Parameters
    ----------
    evaluate : callable (k,) int64, (k,) float64 -> (k,) float64
        Values of the functions with these numbers at these places.
    low, high : (n,) array_like
        The brackets.
    value_low, value_high : (n,) array_like
        The values at their ends, of opposite sign (or one of them zero).
    tolerance : float
        Half-width of the last bracket, in the unit of `low`.

    Returns
    -------
    float64 (n,)
        The best point of the last bracket.

    Raises
    ------
    InputError
        A bracket without a change of sign.
    ComputationError
        A value is not finite, or 200 steps do not suffice.

    Notes
    -----
    **Source**: Chandrupatla, Advances in Engineering Software 28 (1997) 145-149.
    """
    first = np.array(low, dtype=np.float64)
    second = np.array(high, dtype=np.float64)
    f_first = np.array(value_low, dtype=np.float64)
    f_second = np.array(value_high, dtype=np.float64)
    if np.any(np.sign(f_first) * np.sign(f_second) > 0.0):
        raise InputError("a bracket holds no change of sign", allowed="values of opposite sign at its ends")
    best = np.where(np.abs(f_first) < np.abs(f_second), first, second)
    active = np.flatnonzero((f_first != 0.0) & (f_second != 0.0) & (np.abs(second - first) > tolerance))
    a, b, fa, fb = first[active], second[active], f_first[active], f_second[active]
    c, fc = a.copy(), fa.copy()
    step = np.full(active.shape, 0.5)
    for _ in range(MAX_ITERATIONS):
        if not active.size:
            return best
        x = a + step * (b - a)
        fx = np.asarray(evaluate(active, x), dtype=np.float64)
        if not np.isfinite(fx).all():
            raise ComputationError("a function is not finite inside its bracket", allowed="finite values")
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best[active] = np.where(np.abs(fa) < np.abs(fb), a, b)
        share = tolerance / np.maximum(np.abs(b - a), np.finfo(np.float64).tiny)
        going = (share < 0.5) & (fa != 0.0)
        step = _next_step(a, b, c, fa, fb, fc, share)[going]
        active, a, b, c = active[going], a[going], b[going], c[going]
        fa, fb, fc = fa[going], fb[going], fc[going]
    raise ComputationError(
        "a bracketed root was not found", value=f"{active.size} brackets", allowed=f"{MAX_ITERATIONS} steps"
    )


def _next_step(
    a: NDArray[np.float64],
    b: NDArray[np.float64],
    c: NDArray[np.float64],
    fa: NDArray[np.float64],
    fb: NDArray[np.float64],
    fc: NDArray[np.float64],
    share: NDArray[np.float64],
) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        xi = (a - b) / (c - b)
        phi = (fa - fb) / (fc - fb)
        step = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        safe = (phi**2 < xi) & ((1.0 - phi) ** 2 < 1.0 - xi) & np.isfinite(step)
    return np.clip(np.where(safe, step, 0.5), share, 1.0 - share)
