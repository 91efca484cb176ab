"""Proof that an interval holds no root, from a bound on the rate; isolation of all changes of sign."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import ComputationError, InputError
from syzygy.numerics.roots import BatchFunction, Doubles, Indices, evaluate

_ROUNDING = 1e-9
"""Part by which differences may exceed the bound before it counts as wrong."""
_MAX_ROUNDS = 400


@dataclass(frozen=True)
class SignChanges:
    """Short intervals that hold the changes of sign of n functions, ordered by function and time.

    Attributes
    ----------
    index : int64 array (k,)
        The function.
    low, high : array (k,)
        Ends of an interval no longer than the resolution, with values of different sign.
    value_low, value_high : array (k,)
        The values there; zero counts as positive.
    touching_index : int64 array (m,)
        Functions that come so near to zero, without a change of sign seen at the resolution, that the rate
        bound leaves a short excursion possible.
    touching_low, touching_high : array (m,)
        Where.
    """

    index: Indices
    low: Doubles
    high: Doubles
    value_low: Doubles
    value_high: Doubles
    touching_index: Indices
    touching_low: Doubles
    touching_high: Doubles


def root_free_margin(
    value_low: ArrayLike, value_high: ArrayLike, rate: ArrayLike, length: ArrayLike
) -> Doubles:
    """Return by how much the two end values together exceed what the rate bound can undo; above 0 is proof.

    A function that is no steeper than `rate` and reaches zero inside must fall by ``|value_low|`` and rise
    by ``|value_high|`` again within `length`.
    """
    ends = np.abs(np.asarray(value_low, np.float64)) + np.abs(np.asarray(value_high, np.float64))
    margin: Doubles = ends - np.asarray(rate, np.float64) * np.asarray(length, np.float64)
    return margin


def isolate_sign_changes(
    function: BatchFunction,
    rate_bound: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    resolution: float,
) -> SignChanges:
    """Find every change of sign of n functions whose steepness is bounded.

    Intervals are divided until each is proven free of roots or is no longer than `resolution`; so no pair of
    crossings further apart than `resolution` is missed, whatever the function does in between.

    Parameters
    ----------
    function : callable
        ``function(indices, t) -> values``, all (k,).
    rate_bound : float or array (n,)
        Never exceeded by the absolute rate of the function.
    low, high : array (n,)
        Ends of the spans, low < high.
    resolution : float
        Length at which division ends.

    Returns
    -------
    SignChanges
        Refine each with `find_roots`, and each touching interval with `find_minima` where it matters.

    Raises
    ------
    InputError
        A span without length, a bound or resolution that is not positive.
    ComputationError
        Two values differ by more than the bound allows: the bound is wrong.
    """
    a, b = (np.array(end, np.float64) for end in np.broadcast_arrays(np.asarray(low), np.asarray(high)))
    steepness = np.broadcast_to(np.asarray(rate_bound, np.float64), a.shape)
    if a.ndim != 1 or not bool(np.all(a < b)):
        raise InputError("a span has no length", value="low >= high", allowed="low < high, shape (n,)")
    if not bool(np.all(steepness > 0.0)) or not resolution > 0.0:
        raise InputError(
            "a rate bound or the resolution is not positive", value=resolution, allowed="above 0"
        )
    index = np.arange(a.shape[0])
    fa, fb = evaluate(function, index, a), evaluate(function, index, b)
    found: list[tuple[NDArray[np.generic], ...]] = []
    touching: list[tuple[NDArray[np.generic], ...]] = []
    for _ in range(_MAX_ROUNDS):
        rate = steepness[index]
        _require_bound(index, a, b, fa, fb, rate)
        change = (fa >= 0.0) != (fb >= 0.0)
        possible = change | (root_free_margin(fa, fb, rate, b - a) <= 0.0)
        short = (b - a) <= np.maximum(resolution, 4.0 * np.spacing(np.maximum(np.abs(a), np.abs(b))))
        pick = change & short
        found.append((index[pick], a[pick], b[pick], fa[pick], fb[pick]))
        near = possible & ~change & short
        touching.append((index[near], a[near], b[near]))
        go = possible & ~short
        if not go.any():
            return _ordered(found, touching)
        index, a, b, fa, fb, rate = (v[go] for v in (index, a, b, fa, fb, rate))
        m = _division(a, b, fa, fb, rate)
        fm = evaluate(function, index, m)
        index = np.concatenate([index, index])
        a, b = np.concatenate([a, m]), np.concatenate([m, b])
        fa, fb = np.concatenate([fa, fm]), np.concatenate([fm, fb])
    raise ComputationError("the division of intervals did not end", value=f"{index.size} intervals")


def _division(a: Doubles, b: Doubles, fa: Doubles, fb: Doubles, rate: Doubles) -> Doubles:
    """Return the middle of the part that can hold a root, kept inside the middle half."""
    width = b - a
    middle = 0.5 * (a + np.abs(fa) / rate + b - np.abs(fb) / rate)
    return np.clip(middle, a + 0.25 * width, b - 0.25 * width)


def _require_bound(index: Indices, a: Doubles, b: Doubles, fa: Doubles, fb: Doubles, rate: Doubles) -> None:
    allowed = rate * (b - a) * (1.0 + _ROUNDING) + _ROUNDING * (np.abs(fa) + np.abs(fb))
    wrong = np.abs(fb - fa) > allowed
    if wrong.any():
        worst = int(np.argmax(wrong))
        raise ComputationError(
            "a function is steeper than its rate bound",
            value=f"{abs(fb[worst] - fa[worst]) / (b[worst] - a[worst]):g} per unit",
            allowed=f"{rate[worst]:g} per unit",
            where=f"function {int(index[worst])} between {a[worst]!r} and {b[worst]!r}",
            hint="no event can be promised with a wrong bound: raise it",
        )


def _ordered(
    found: list[tuple[NDArray[np.generic], ...]], touching: list[tuple[NDArray[np.generic], ...]]
) -> SignChanges:
    columns = [np.concatenate(part) for part in zip(*found, strict=True)]
    near = [np.concatenate(part) for part in zip(*touching, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    near_order = np.lexsort((near[1], near[0]))
    return SignChanges(*(column[order] for column in columns), *(column[near_order] for column in near))
