"""Roots of many bracketed functions at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import ComputationError, InputError

Doubles = NDArray[np.float64]
Indices = NDArray[np.int64]
BatchFunction = Callable[[Indices, Doubles], Doubles]
"""``function(indices, t)``: value of the functions numbered `indices` (k,) at the arguments `t` (k,)."""

_MAX_STEPS = 300
_EPS = float(np.finfo(np.float64).eps)


def find_roots(
    function: BatchFunction,
    low: ArrayLike,
    high: ArrayLike,
    tolerance: ArrayLike,
    *,
    value_low: ArrayLike | None = None,
    value_high: ArrayLike | None = None,
) -> Doubles:
    """Find one root of each of n functions inside its bracket.

    The bracket never opens, so a root cannot be lost; functions that are done are not evaluated again, and
    the answer for one function does not depend on the others.

    Parameters
    ----------
    function : callable
        ``function(indices, t) -> values``, all (k,), continuous in t.
    low, high : array (n,)
        Ends of the brackets, in either order; the values there must differ in sign (or be zero).
    tolerance : float or array (n,)
        Largest distance of the answer from a root; never finer than 4 units in the last place.
    value_low, value_high : array (n,), optional
        The values at the ends, where they are known already.

    Returns
    -------
    array (n,)

    Raises
    ------
    InputError
        A bracket without a change of sign, or a tolerance that is not positive.
    ComputationError
        A value is not finite.

    Notes
    -----
    **Accuracy**: within `tolerance` of scipy's ``brentq`` for random polynomials and for functions with a
    multiple root or a pole-like slope (tests/numerics/test_numerics_roots.py).

    **Source**: T. R. Chandrupatla, Advances in Engineering Software 28 (1997) 145: inverse quadratic steps
    where they are safe, bisection elsewhere.

    Examples
    --------
    >>> find_roots(lambda i, t: t * t - (i + 2.0), [0.0, 0.0], [2.0, 2.0], 1e-9).round(6).tolist()
    [1.414214, 1.732051]
    """
    first, last = np.broadcast_arrays(np.asarray(low, np.float64), np.asarray(high, np.float64))
    if first.ndim != 1:
        raise InputError("brackets are not a row", value=first.shape, allowed="(n,)", where="low, high")
    reach = np.broadcast_to(np.asarray(tolerance, np.float64), first.shape)
    if not bool(np.all(reach > 0.0)):
        raise InputError("a tolerance is not positive", value=reach.min(), allowed="above 0")
    everyone = np.arange(first.shape[0])
    at_low = evaluate(function, everyone, first) if value_low is None else np.asarray(value_low, np.float64)
    at_high = evaluate(function, everyone, last) if value_high is None else np.asarray(value_high, np.float64)
    _require_change_of_sign(first, last, at_low, at_high)
    return _Search(function, first, last, at_low, at_high, reach).run()


def evaluate(function: BatchFunction, indices: Indices, t: Doubles) -> Doubles:
    """Call a batch function and refuse values that are not finite, or too few.

    Raises
    ------
    ComputationError
        A value is not finite or the shape is wrong.
    """
    values = np.asarray(function(indices, t), dtype=np.float64)
    if values.shape != t.shape:
        raise ComputationError(
            "a batch function returned another number of values", value=values.shape, allowed=f"{t.shape}"
        )
    bad = ~np.isfinite(values)
    if bad.any():
        worst = int(np.argmax(bad))
        raise ComputationError(
            "a function has no finite value inside its bracket",
            value=f"{values[worst]} at t = {t[worst]!r}",
            allowed="finite values",
            where=f"function {int(indices[worst])}",
        )
    return values


def _require_change_of_sign(low: Doubles, high: Doubles, at_low: Doubles, at_high: Doubles) -> None:
    same = np.sign(at_low) * np.sign(at_high) > 0.0
    if same.any():
        worst = int(np.argmax(same))
        raise InputError(
            "a bracket holds no change of sign",
            value=f"f({low[worst]:g}) = {at_low[worst]:g}, f({high[worst]:g}) = {at_high[worst]:g}",
            allowed="values of different sign at the two ends",
            where=f"function {worst} and {int(same.sum()) - 1} others",
            hint="look for changes of sign first (syzygy.astro.events.search)",
        )


@dataclass
class _Search:
    """The open brackets: a is the newest point, b the other end, c the point before."""

    function: BatchFunction
    low: Doubles
    high: Doubles
    at_low: Doubles
    at_high: Doubles
    reach: Doubles

    def run(self) -> Doubles:
        roots = np.where(self.at_low == 0.0, self.low, self.high)
        open_ = np.flatnonzero((self.at_low != 0.0) & (self.at_high != 0.0))
        a, b = self.low[open_], self.high[open_]
        fa, fb = self.at_low[open_], self.at_high[open_]
        share = np.full(open_.shape, 0.5)
        for _ in range(_MAX_STEPS):
            if open_.size == 0:
                return roots
            x = a + share * (b - a)
            fx = evaluate(self.function, open_, x)
            kept = np.sign(fx) == np.sign(fa)
            c, fc = np.where(kept, a, b), np.where(kept, fa, fb)
            b, fb = np.where(kept, b, a), np.where(kept, fb, fa)
            a, fa = x, fx
            a_is_best = np.abs(fa) < np.abs(fb)
            best = np.where(a_is_best, a, b)
            width = np.abs(b - a)
            smallest = 2.0 * _EPS * np.abs(best) + 0.5 * self.reach[open_]
            done = (width <= 2.0 * smallest) | (fa == 0.0)
            roots[open_[done]] = np.where(fa == 0.0, a, best)[done]
            go = ~done
            open_, a, b, c, fa, fb, fc = (v[go] for v in (open_, a, b, c, fa, fb, fc))
            share = _next_share(a, b, c, fa, fb, fc, smallest[go])
        raise ComputationError(
            "roots did not converge",
            value=f"{open_.size} of {roots.size} after {_MAX_STEPS} steps",
            allowed="a continuous function",
            hint="the function jumps or oscillates within the tolerance",
        )


def _next_share(
    a: Doubles, b: Doubles, c: Doubles, fa: Doubles, fb: Doubles, fc: Doubles, smallest: Doubles
) -> Doubles:
    """Return where between a (0) and b (1) to look next: inverse quadratic where it is safe, else half."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore", under="ignore"):
        xi = (a - b) / (c - b)
        phi = (fa - fb) / (fc - fb)
        safe = (phi * phi < xi) & ((1.0 - phi) * (1.0 - phi) < 1.0 - xi)
        quadratic = fa / (fb - fa) * (fc / (fb - fc)) + (c - a) / (b - a) * (fa / (fc - fa)) * (
            fb / (fc - fb)
        )
        share = np.where(safe & np.isfinite(quadratic), quadratic, 0.5)
        margin = smallest / np.abs(b - a)
    return np.clip(share, margin, 1.0 - margin)
