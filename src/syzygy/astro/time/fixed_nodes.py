"""Slow smooth functions of time, tabulated at fixed instants and interpolated.

The nodes lie at whole multiples of a step from J2000.0 TT, whatever is asked, so the value at an instant does
not depend on the batch it came in.  A block of nodes is computed once per process (a memo, not a state).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time.instants import J2000_DAY_NS, NS_PER_DAY, NS_PER_S, TT_MINUS_TAI_NS, Instants
from syzygy.base.errors import CoverageError

POINTS = 8
"""Nodes used by each interpolation, four on either side; the polynomials have as many coefficients."""
_BLOCK = 8
_BEFORE = POINTS // 2 - 1
_WIDTH = _BLOCK + POINTS - 1
_CACHED_BLOCKS = 20_000
_EARLIEST_NS = -8_200_000_000 * NS_PER_S


class FixedNodeTable:
    """A vector function of TT, tabulated on demand.

    Parameters
    ----------
    function : callable
        TT days since J2000.0 (m,) to values (m, k); pure, smooth over `POINTS` steps.
    step_ns : int
        Distance of the nodes.

    **Accuracy**: the interpolation error is at most ``(step w)^8 0.00107`` times the amplitude of a component
    of angular frequency ``w`` (Lagrange remainder in the middle interval of eight points).
    """

    def __init__(self, function: Callable[[NDArray[np.float64]], NDArray[np.float64]], step_ns: int) -> None:
        self.step_ns = step_ns
        self._function = function
        self._block = lru_cache(maxsize=_CACHED_BLOCKS)(self._polynomials_of_block)

    def locate(self, tai_ns: Instants) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Return polynomials (m, k, 8), the row of each instant (n,) and its place u in [0, 1) there."""
        if tai_ns.size and tai_ns.min() < _EARLIEST_NS:
            raise CoverageError(
                "an instant lies before the tabulated models",
                value=f"{int(tai_ns.min())} ns",
                allowed="1710 or later",
                where="tai_ns",
            )
        since = tai_ns.ravel() + (TT_MINUS_TAI_NS - J2000_DAY_NS)
        interval = since // self.step_ns
        u = (since - interval * self.step_ns) / self.step_ns
        first, last = (int(interval.min()), int(interval.max())) if since.size else (0, 0)
        first, last = first // _BLOCK, last // _BLOCK
        if last - first < max(16, since.size // _BLOCK):
            wanted = range(first, last + 1)
            row = interval - first * _BLOCK
        else:
            block = interval // _BLOCK
            numbers, place = np.unique(block, return_inverse=True)
            wanted = numbers.tolist()
            row = place * _BLOCK + (interval - block * _BLOCK)
        return np.concatenate([self._block(number) for number in wanted]), row, u

    def __call__(self, tai_ns: Instants) -> NDArray[np.float64]:
        """Return values (..., k) at the instants."""
        table, row, u = self.locate(tai_ns)
        powers = table[row]
        value = powers[..., POINTS - 1]
        for order in range(POINTS - 2, -1, -1):
            value = value * u[:, None] + powers[..., order]
        return value.reshape(*tai_ns.shape, table.shape[1])

    def _polynomials_of_block(self, block: int) -> NDArray[np.float64]:
        """Return the powers (8 intervals, k, 8) of the place u within each interval of a block."""
        node = np.arange(_WIDTH, dtype=np.int64) + (block * _BLOCK - _BEFORE)
        values = self._function(node.astype(np.float64) * (self.step_ns / NS_PER_DAY))
        # Differences from the interval's own node keep the digits of small variations of a large value.
        base = values[_BEFORE : _BEFORE + _BLOCK]
        powers = np.zeros((_BLOCK, values.shape[1], POINTS))
        for point in range(POINTS):
            difference = values[point : point + _BLOCK] - base
            powers += difference[:, :, None] * _LAGRANGE_POWERS[point]
        powers[:, :, 0] += base
        powers.flags.writeable = False
        return powers


def _lagrange_powers() -> NDArray[np.float64]:
    """Return the powers of u of the Lagrange polynomials of the nodes -3 to 4, each (8,), exactly rounded."""
    nodes = range(-_BEFORE, POINTS - _BEFORE)
    rows = []
    for node in nodes:
        powers = [Fraction(1)]
        for other in nodes:
            if other != node:
                raised = [Fraction(0), *powers]
                scaled = [-other * power for power in powers] + [Fraction(0)]
                powers = [(a + b) / (node - other) for a, b in zip(raised, scaled, strict=True)]
        rows.append([float(power) for power in powers])
    return np.array(rows)


_LAGRANGE_POWERS = _lagrange_powers()
