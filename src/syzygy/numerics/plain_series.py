"""Sums of piecewise Chebyshev series by NumPy, with the bits of the compiled loop.

A handful of places does not deserve a compiler: `chebyshev.add_piecewise` begins with these and goes over to
`_kernels.add_piecewise` once there is more to do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

OK = 0
NOT_FINITE = 1
OUTSIDE = 2
_REACH = 1.00001


def sum_piecewise(
    words: Doubles,
    layout: tuple[int, ...],
    start: float,
    length: float,
    whole: Doubles,
    fraction: Doubles,
    scale: float,
    value: Doubles,
    rate: Doubles,
) -> int:
    """Add `scale` times the series to value (n, 3) and its derivative to rate (n or 0, 3); return a code.

    The arguments are those of the compiled loop: layout = (first word, words per record, pieces per record,
    words of record header, terms, pieces, header holds middle and radius, rates stored as series).
    """
    first, stride, per_record, header, terms, pieces, stored_middle, stored_rate = layout
    size = 6 * terms if stored_rate else 3 * terms
    with np.errstate(all="ignore"):
        elapsed = (whole - start) + fraction
        piece = np.minimum(np.maximum((elapsed / length).astype(np.int64), 0), pieces - 1)
        record = piece // per_record
        place = first + record * stride
        middle = words[place] if stored_middle else start + (piece + 0.5) * length
        radius = words[place + 1] if stored_middle else np.full(piece.shape, 0.5 * length)
        base = place + header + (piece - record * per_record) * size
        s = ((whole - middle) + fraction) / radius
        found = _sum(_terms(words, base, terms), s[:, None])
        value += scale * found
        if rate.shape[0] > 0 and stored_rate:
            rate += scale * _sum(_terms(words, base + 3 * terms, terms), s[:, None])
        elif rate.shape[0] > 0:
            rate += scale * (_sum_slopes(_terms(words, base, terms), s[:, None]) / radius[:, None])
        finite = np.abs(found[:, 0]) + np.abs(found[:, 1]) + np.abs(found[:, 2]) < 1e300
        code = np.where(finite, np.where(np.abs(s) <= _REACH, OK, OUTSIDE), NOT_FINITE)
    wrong = code[code != OK]
    return int(wrong[-1]) if wrong.size else OK


def _terms(words: Doubles, base: NDArray[np.int64], terms: int) -> Doubles:
    """Return the coefficients (terms, n, 3) of three series that begin at each base."""
    series: Doubles = words[np.arange(terms)[:, None, None] + base[:, None] + terms * np.arange(3)]
    return series


def _sum(terms: Doubles, s: Doubles) -> Doubles:
    """Sum Chebyshev series by Clenshaw's recurrence, in the order of operations of the compiled loop."""
    one = two = np.zeros(terms.shape[1:])
    twice = 2.0 * s
    for term in terms[:0:-1]:
        one, two = twice * one - two + term, one
    total: Doubles = s * one - two + terms[0]
    return total


def _sum_slopes(terms: Doubles, s: Doubles) -> Doubles:
    """Sum the derivatives in s."""
    b1 = b2 = d1 = d2 = np.zeros(terms.shape[1:])
    twice = 2.0 * s
    for term in terms[:0:-1]:
        d1, d2 = 2.0 * b1 + twice * d1 - d2, d1
        b1, b2 = twice * b1 - b2 + term, b1
    total: Doubles = b1 + s * d1 - d2
    return total
