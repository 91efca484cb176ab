"""Minima of many functions of one variable at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import ComputationError, InputError
from syzygy.numerics.roots import BatchFunction, Doubles, evaluate

_GOLDEN = 0.3819660112501051
_MAX_STEPS = 300
_RELATIVE = 1.5e-8
"""Square root of the machine epsilon: near a minimum the value is flat below that."""


def find_minima(
    function: BatchFunction, low: ArrayLike, high: ArrayLike, tolerance: ArrayLike
) -> tuple[Doubles, Doubles]:
    """Find a minimum of each of n functions in its interval.

    Where a function has one minimum inside, that one is found; with several, one of them; with none, the
    answer lies within the tolerance of the lower end.

    Parameters
    ----------
    function : callable
        ``function(indices, t) -> values``, all (k,).
    low, high : array (n,)
        Ends of the intervals, low < high.
    tolerance : float or array (n,)
        Largest distance of the answer from a minimum, not finer than 1.5e-8 of its own size: a double cannot
        tell values closer to a smooth minimum apart.

    Returns
    -------
    t, value : array (n,)

    Raises
    ------
    InputError
        An interval without length, or a tolerance that is not positive.
    ComputationError
        A value is not finite.

    Notes
    -----
    **Accuracy**: within the tolerance of scipy's ``minimize_scalar(method="bounded")``
    (tests/numerics/test_numerics_minima.py).

    **Source**: R. P. Brent, Algorithms for Minimization Without Derivatives (1973), chapter 5: parabolic
    steps with golden section as the fallback.
    """
    a, b = (np.array(end, np.float64) for end in np.broadcast_arrays(np.asarray(low), np.asarray(high)))
    if a.ndim != 1 or not bool(np.all(a < b)):
        raise InputError("an interval has no length", value="low >= high", allowed="low < high, shape (n,)")
    reach = np.broadcast_to(np.asarray(tolerance, np.float64), a.shape)
    if not bool(np.all(reach > 0.0)):
        raise InputError("a tolerance is not positive", value=reach.min(), allowed="above 0")
    x = a + _GOLDEN * (b - a)
    fx = evaluate(function, np.arange(a.shape[0]), x)
    points = np.stack([x, x, x])
    values = np.stack([fx, fx, fx])
    step = np.zeros_like(a)
    before = np.zeros_like(a)
    answer_t, answer_f = x.copy(), fx.copy()
    open_ = np.arange(a.shape[0])
    for _ in range(_MAX_STEPS):
        x = points[0]
        smallest = _RELATIVE * np.abs(x) + reach[open_] / 3.0
        done = np.abs(x - 0.5 * (a + b)) <= 2.0 * smallest - 0.5 * (b - a)
        answer_t[open_[done]], answer_f[open_[done]] = x[done], values[0][done]
        go = ~done
        open_, a, b, step, before, smallest = (v[go] for v in (open_, a, b, step, before, smallest))
        points, values = points[:, go], values[:, go]
        if open_.size == 0:
            return answer_t, answer_f
        step, before = _next_step(points, values, a, b, step, before, smallest)
        u = points[0] + np.where(np.abs(step) >= smallest, step, np.copysign(smallest, step))
        fu = evaluate(function, open_, u)
        _tighten(points, values, a, b, u, fu)
    raise ComputationError("minima did not converge", value=f"{open_.size} after {_MAX_STEPS} steps")


def _next_step(
    points: NDArray[np.float64],
    values: NDArray[np.float64],
    a: Doubles,
    b: Doubles,
    step: Doubles,
    before: Doubles,
    smallest: Doubles,
) -> tuple[Doubles, Doubles]:
    """Return the next step from the best point and the size of the step two rounds ago."""
    x, w, v = points
    fx, fw, fv = values
    r = (x - w) * (fx - fv)
    q = (x - v) * (fx - fw)
    p = (x - v) * q - (x - w) * r
    q = 2.0 * (q - r)
    p = np.where(q > 0.0, -p, p)
    q = np.abs(q)
    parabolic = (
        (np.abs(before) > smallest)
        & (q > 0.0)
        & (np.abs(p) < np.abs(0.5 * q * before))
        & (p > q * (a - x))
        & (p < q * (b - x))
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        jump = p / q
    near_end = ((x + jump - a) < 2.0 * smallest) | ((b - x - jump) < 2.0 * smallest)
    jump = np.where(near_end, np.where(x < 0.5 * (a + b), smallest, -smallest), jump)
    side = np.where(x < 0.5 * (a + b), b - x, a - x)
    return np.where(parabolic, jump, _GOLDEN * side), np.where(parabolic, step, side)


def _tighten(
    points: NDArray[np.float64],
    values: NDArray[np.float64],
    a: Doubles,
    b: Doubles,
    u: Doubles,
    fu: Doubles,
) -> None:
    """Shrink the intervals around the new points and keep the three best, in place."""
    x, w, v = points.copy()
    fx, fw, fv = values.copy()
    better = fu <= fx
    right = u >= x
    a[:] = np.where(better & right, x, np.where(~better & ~right, u, a))
    b[:] = np.where(better & ~right, x, np.where(~better & right, u, b))
    second = ~better & ((fu <= fw) | (w == x))
    third = ~better & ~second & ((fu <= fv) | (v == x) | (v == w))
    points[0], values[0] = np.where(better, u, x), np.where(better, fu, fx)
    points[1] = np.where(better, x, np.where(second, u, w))
    values[1] = np.where(better, fx, np.where(second, fu, fw))
    points[2] = np.where(better | second, w, np.where(third, u, v))
    values[2] = np.where(better | second, fw, np.where(third, fu, fv))
