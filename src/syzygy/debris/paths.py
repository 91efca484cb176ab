"""Paths of all objects in one chunk of time: knots from SGP4, and polynomials whose error is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.bernstein import (
    NODES,
    basis,
    basis_derivative,
    chebyshev_matrix,
    chebyshev_nodes,
    lagrange_weights,
    stencil_matrix,
    truncation_weights,
)
from syzygy.debris.health import (
    IRREGULAR,
    Exits,
    find_code_exits,
    find_dips,
    find_unphysical_exits,
    no_exits,
    record_exit,
)
from syzygy.debris.sampling import sample_each, sample_grid

KNOT_STEP_S = 180.0
"""Spacing of the SGP4 knots: a tenth-order stencil is then right to 1 mm (median) and 6 m (99.9 %)."""

KNOTS_BEFORE = NODES // 2 - 1
KNOTS_AFTER = NODES // 2

ERROR_LIMIT_M = 50.0
"""Objects whose stencil is worse get samples inside every interval instead."""

ERROR_MARGIN_M = 1.0
"""Added to twice the measured interpolation error."""

IRREGULAR_M = 5000.0
"""An object that even its own samples do not follow within this is not screened (and listed)."""

CONTINUATION_ERROR_M = 1000.0
"""Allowance in the interval in which an object stops being usable: its path is continued smoothly there."""


@dataclass(frozen=True)
class Paths:
    """What the search of one chunk needs.

    Attributes
    ----------
    begin_s : float
        Time of the first interval, seconds of the window.
    intervals : int
        Number of intervals of `KNOT_STEP_S`.
    knots_m : float64 (n, intervals + NODES - 1, 3)
        Positions at the knots, TEME.
    own : int64 (f,)
        Objects with samples of their own.
    own_m : float64 (f, intervals, NODES, 3)
        Those samples, at the Chebyshev nodes of every interval.
    error_m : float64 (n, intervals)
        Allowance for the difference between polynomial and SGP4.
    exits : Exits
        Found in this chunk.
    """

    begin_s: float
    intervals: int
    knots_m: NDArray[np.float64]
    own: NDArray[np.int64]
    own_m: NDArray[np.float64]
    error_m: NDArray[np.float64]
    exits: Exits

    def coefficients(self, interval: int) -> NDArray[np.float64]:
        """Return the Bernstein coefficients (n, 3, NODES) of all objects on one interval, in m."""
        from syzygy.debris._kernels import to_bernstein

        result = np.empty((self.knots_m.shape[0], 3, NODES))
        to_bernstein(self.knots_m, interval, np.ascontiguousarray(stencil_matrix().T), result)
        if self.own.size:
            own = np.empty((self.own.size, 3, NODES))
            columns = np.ascontiguousarray(chebyshev_matrix().T)
            to_bernstein(np.ascontiguousarray(self.own_m[:, interval]), 0, columns, own)
            result[self.own] = own
        return result

    def usable(self, interval: int) -> NDArray[np.bool_]:
        """Return which objects are usable in some part of the interval."""
        return np.asarray(self.exits.seconds > self.begin_s + interval * KNOT_STEP_S)


def build_paths(satellites: Sequence[Any], begin_s: float, intervals: int, window_s: float) -> Paths:
    """Sample all objects for one chunk, find those that stop being usable, and measure the polynomials."""
    steps = np.arange(-KNOTS_BEFORE, intervals + KNOTS_AFTER, dtype=np.float64)
    knots_s = begin_s + KNOT_STEP_S * steps
    position, velocity, code = sample_grid(satellites, knots_s)
    exits = no_exits(len(satellites))
    for i in np.flatnonzero((code[:, :KNOTS_BEFORE] != 0).any(axis=1)).tolist():
        earlier = knots_s[:KNOTS_BEFORE][code[i, :KNOTS_BEFORE] != 0]
        if earlier[-1] >= 0.0:
            record_exit(exits, i, begin_s, int(code[i, :KNOTS_BEFORE].max()))
    inside = slice(KNOTS_BEFORE, KNOTS_BEFORE + intervals + 1)
    find_code_exits(satellites, knots_s[inside], code[:, inside], exits)
    error, slip, lowest = _survey(position, velocity, intervals)
    find_dips(satellites, knots_s[inside], lowest, exits)
    find_unphysical_exits(satellites, knots_s[inside][:-1], slip, exits)
    exits.code[exits.seconds > window_s] = 0
    exits.seconds[exits.seconds > window_s] = np.inf
    allowance = 2.0 * error + ERROR_MARGIN_M
    stays = exits.seconds > begin_s
    leaves = stays & (exits.seconds <= begin_s + intervals * KNOT_STEP_S)
    own = np.flatnonzero(stays & (leaves | ~(allowance <= ERROR_LIMIT_M)))
    own_m, own_error = _own_samples(satellites, own, begin_s, intervals, exits)
    errors = np.repeat(allowance[:, None], intervals, axis=1)
    errors[own] = own_error
    errors[~stays] = 0.0
    for k, i in enumerate(own.tolist()):
        wild = np.flatnonzero(own_error[k] > IRREGULAR_M)
        if wild.size:
            record_exit(exits, i, begin_s + float(wild[0]) * KNOT_STEP_S, IRREGULAR)
    return Paths(begin_s, intervals, position, own, own_m, errors, exits)


def audit_paths(paths: Paths, satellites: Sequence[Any], interval: int) -> tuple[int, float, float]:
    """Compare the polynomials of one interval with SGP4 at an instant of no knot.

    Returns
    -------
    states : int
        Objects compared.
    error_m, excess_m : float
        Largest difference, and largest (difference - allowance).
    """
    share = 0.37
    at = paths.begin_s + (interval + share) * KNOT_STEP_S
    position, _, code = sample_grid(satellites, np.array([at]))
    usable = (paths.exits.seconds > at) & (code[:, 0] == 0)
    if not usable.any():
        return 0, 0.0, 0.0
    polynomial = paths.coefficients(interval)[usable] @ basis((share,))[0]
    error = np.linalg.norm(polynomial - position[usable, 0], axis=1)
    excess = error - paths.error_m[usable, interval]
    return int(usable.sum()), float(error.max()), float(excess.max())


def _survey(
    position: NDArray[np.float64], velocity: NDArray[np.float64], intervals: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    from syzygy.debris._kernels import survey

    count = position.shape[0]
    error = np.empty(count)
    slip = np.empty((count, intervals))
    lowest = np.empty((count, intervals))
    rate = basis_derivative((0.0,))[0] @ stencil_matrix()
    survey(position, velocity, 0, intervals, truncation_weights(), rate, KNOT_STEP_S, error, slip, lowest)
    return error, slip, lowest


def _own_samples(
    satellites: Sequence[Any], own: NDArray[np.int64], begin_s: float, intervals: int, exits: Exits
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sample the difficult objects at Chebyshev nodes; return samples and allowance (f, intervals)."""
    starts = begin_s + KNOT_STEP_S * np.arange(intervals)
    times = (starts[:, None] + KNOT_STEP_S * chebyshev_nodes()).ravel()
    grid = np.tile(times, (own.size, 1))
    position, _, _ = sample_each(satellites, own, grid)
    samples = position.reshape(own.size, intervals, NODES, 3)
    weights = lagrange_weights(chebyshev_nodes(), 0.5)
    weights[1:-1] -= lagrange_weights(chebyshev_nodes()[1:-1], 0.5)
    error = np.linalg.norm(np.einsum("k,fmkc->fmc", weights, samples), axis=2)
    allowance = 2.0 * error + ERROR_MARGIN_M
    for k, i in enumerate(own.tolist()):
        end = exits.seconds[i]
        if end <= begin_s + intervals * KNOT_STEP_S:
            m = min(int((end - begin_s) // KNOT_STEP_S), intervals - 1)
            samples[k, m] = _continued(satellites, i, float(starts[m]), float(end))
            samples[k, m + 1 :] = samples[k, m, -1]
            allowance[k, m:] = CONTINUATION_ERROR_M
    return samples, allowance


def _continued(satellites: Sequence[Any], index: int, begin_s: float, end_s: float) -> NDArray[np.float64]:
    """Sample an interval in which the object stops: after the end the path goes on as a polynomial.

    The polynomial runs through the last states of up to one interval before the end; shorter when the object
    has not been usable for that long. Nothing after the end is ever reported.
    """
    times = begin_s + KNOT_STEP_S * chebyshev_nodes()
    alone = np.array([index], dtype=np.int64)
    length = KNOT_STEP_S
    last = end_s - 1e-3
    while True:
        nodes = last - length * (1.0 - chebyshev_nodes())
        known, _, code = sample_each(satellites, alone, nodes[None, :])
        if not code.any() or length < 1e-3:
            break
        length *= 0.5
    if code.any():
        known[:] = sample_each(satellites, alone, np.array([[last]]))[0]
    reach = min(NODES, 2 + round(8.0 * length / KNOT_STEP_S))
    path = np.polynomial.chebyshev.Chebyshev.fit
    samples = np.empty((NODES, 3))
    for c in range(3):
        samples[:, c] = path(nodes, known[0, :, c], min(reach, 7), domain=[last - length, last])(times)
    before = np.flatnonzero(times <= last)
    if before.size:
        true, _, code = sample_each(satellites, alone, times[before][None, :])
        good = code[0] == 0
        samples[before[good]] = true[0, good]
    return samples
