"""The bounds that a search leans on: of the right shape, and not disproved by the values at the nodes."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import ComputationError, InputError

_BLOCK_VALUES = 1 << 20
_ROUNDING = 1e-9
"""Part by which differences may exceed the rate bound before it counts as wrong."""


def checked_bounds(
    nodes: NDArray[np.int64], values: NDArray[np.float64], rate: ArrayLike, curvature: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the bounds of every lane.

    Raises
    ------
    InputError
        Nodes that do not increase, shapes that do not fit, bounds that are negative or NaN, or no bound.
    ComputationError
        Two values differ by more than the rate bound allows.
    """
    if nodes.ndim != 1 or nodes.size < 2 or np.any(np.diff(nodes) <= 0):
        raise InputError("the nodes of a search do not increase", value=nodes.shape, allowed="at least two")
    if values.ndim != 2 or values.shape[1] != nodes.size:
        raise InputError(
            "the values do not fit the nodes", value=values.shape, allowed=f"(lanes, {nodes.size})"
        )
    lanes = values.shape[0]
    bounds = [np.array(np.broadcast_to(np.asarray(b, dtype=np.float64), (lanes,))) for b in (rate, curvature)]
    for name, bound in zip(("rate", "curvature"), bounds, strict=True):
        if np.isnan(bound).any() or (bound < 0.0).any():
            raise InputError(f"the bound on the {name} is negative or no number", allowed="0 or more")
    if (np.isinf(bounds[0]) & np.isinf(bounds[1])).any():
        raise InputError(
            "a lane has no bound",
            allowed="a finite bound on the rate or on the curvature",
            where="find_windows",
        )
    _require_rate_bound(nodes, values, bounds[0])
    return bounds[0], bounds[1]


def _require_rate_bound(
    nodes: NDArray[np.int64], values: NDArray[np.float64], rate: NDArray[np.float64]
) -> None:
    bounded = np.flatnonzero(np.isfinite(rate))
    if not bounded.size:
        return
    length_s = np.diff(nodes) * 1e-9
    block = max(1, _BLOCK_VALUES // nodes.size)
    for first in range(0, bounded.size, block):
        lanes = bounded[first : first + block]
        start, end = values[lanes, :-1], values[lanes, 1:]
        with np.errstate(invalid="ignore"):
            rise = np.abs(end - start) - _ROUNDING * (np.abs(start) + np.abs(end))
            wrong = rise > rate[lanes, None] * length_s * (1.0 + _ROUNDING)
        if wrong.any():
            lane, node = (int(place[0]) for place in np.nonzero(wrong))
            raise ComputationError(
                "a function is steeper than its rate bound",
                value=f"{rise[lane, node] / length_s[node]:g} per second",
                allowed=f"{rate[lanes[lane]]:g} per second",
                where=f"function {int(lanes[lane])} after {int(nodes[node])} ns",
                hint="no event can be promised with a wrong bound: raise it",
            )
