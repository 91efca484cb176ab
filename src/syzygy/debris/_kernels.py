"""Compiled roots of the screening: Bernstein polynomials and their sign changes. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit

NODES = 8
"""Samples per polynomial, fixed so that the innermost loops unroll; the same as `bernstein.NODES`."""


@njit(cache=True, nogil=True, fastmath=False)
def to_bernstein(samples, columns, out):  # type: ignore[no-untyped-def]
    """Convert samples (n, nodes, 3) to coefficients `out` (n, 3, nodes).

    `columns` is the transposed conversion matrix, so that the inner loop runs over neighbours in memory.
    """
    for i in range(samples.shape[0]):
        for c in range(3):
            for a in range(NODES):
                out[i, c, a] = 0.0
            for b in range(NODES):
                value = samples[i, b, c]
                for a in range(NODES):
                    out[i, c, a] += columns[b, a] * value


@njit(cache=True, fastmath=False)
def _split(coefficients, left, right):  # type: ignore[no-untyped-def]
    """Split one polynomial at its middle."""
    n = coefficients.shape[0]
    for a in range(n):
        right[a] = coefficients[a]
    for r in range(n):
        left[r] = right[0]
        for a in range(n - 1 - r):
            right[a] = 0.5 * (right[a] + right[a + 1])


@njit(cache=True, fastmath=False)
def _value(coefficients, work, u):  # type: ignore[no-untyped-def]
    n = coefficients.shape[0]
    for a in range(n):
        work[a] = coefficients[a]
    for r in range(1, n):
        for a in range(n - r):
            work[a] = (1.0 - u) * work[a] + u * work[a + 1]
    return work[0]


@njit(cache=True, fastmath=False)
def _variations(coefficients):  # type: ignore[no-untyped-def]
    changes = 0
    sign = 0.0
    for a in range(coefficients.shape[0]):
        c = coefficients[a]
        if c > 0.0:
            if sign < 0.0:
                changes += 1
            sign = 1.0
        elif c < 0.0:
            if sign > 0.0:
                changes += 1
            sign = -1.0
    return changes


@njit(cache=True, fastmath=False)
def _solve(coefficients, work):  # type: ignore[no-untyped-def]
    """Find the one sign change of a polynomial on [0, 1] (Illinois, then bisection)."""
    low = 0.0
    high = 1.0
    f_low = coefficients[0]
    f_high = coefficients[-1]
    for k in range(80):
        if k < 50:
            u = (low * f_high - high * f_low) / (f_high - f_low)
            if not (low < u < high):
                u = 0.5 * (low + high)
        else:
            u = 0.5 * (low + high)
        f = _value(coefficients, work, u)
        if f == 0.0:
            return u
        if (f > 0.0) == (f_high > 0.0):
            high = u
            f_high = f
            f_low *= 0.5
        else:
            low = u
            f_low = f
            f_high *= 0.5
        if high - low < 1e-9:
            break
    return 0.5 * (low + high)


@njit(cache=True, fastmath=False)
def isolate(coefficients, finest, roots, rising):  # type: ignore[no-untyped-def]
    """Find all sign changes of a Bernstein polynomial on [0, 1], rising order; returns how many.

    Descartes' rule: no variation of sign, no root; one, exactly one; more, split. Below the width `finest`
    only the net change is kept.
    """
    n = coefficients.shape[0]
    stack = np.empty((96, n))
    begin = np.empty(96)
    width = np.empty(96)
    work = np.empty(n)
    stack[0] = coefficients
    begin[0] = 0.0
    width[0] = 1.0
    top = 1
    found = 0
    last_sign = 0.0
    for a in range(n):
        if last_sign == 0.0 and coefficients[a] != 0.0:
            last_sign = 1.0 if coefficients[a] > 0.0 else -1.0
    while top > 0:
        top -= 1
        changes = _variations(stack[top])
        if changes == 0:
            # a root exactly on a split point shows up as a change of sign between neighbours
            sign = 0.0
            for a in range(n):
                if stack[top, a] != 0.0:
                    sign = 1.0 if stack[top, a] > 0.0 else -1.0
                    break
            if sign != 0.0 and sign != last_sign and found < roots.shape[0]:
                roots[found] = begin[top]
                rising[found] = sign > 0.0
                found += 1
            if sign != 0.0:
                last_sign = sign
            continue
        if changes == 1 or width[top] < finest:
            f_low = stack[top, 0]
            f_high = stack[top, n - 1]
            sign = 1.0 if f_high > 0.0 else -1.0
            if f_low * f_high < 0.0 and found < roots.shape[0] and sign != last_sign:
                u = _solve(stack[top], work) if changes == 1 else 0.5
                roots[found] = begin[top] + u * width[top]
                rising[found] = f_high > 0.0
                found += 1
                last_sign = sign
            if f_low * f_high >= 0.0 and changes == 1:
                # a zero at an end: the other end carries the sign of the inside
                sign = 0.0
                for a in range(n - 1, -1, -1):
                    if stack[top, a] != 0.0:
                        sign = 1.0 if stack[top, a] > 0.0 else -1.0
                        break
                if sign != last_sign and found < roots.shape[0]:
                    roots[found] = begin[top] + 0.5 * width[top]
                    rising[found] = sign > 0.0
                    found += 1
                    last_sign = sign
            continue
        half = 0.5 * width[top]
        if top + 2 > 96:
            continue
        left = np.empty(n)
        right = np.empty(n)
        _split(stack[top], left, right)
        stack[top] = right
        stack[top + 1] = left
        begin[top + 1] = begin[top]
        begin[top] += half
        width[top] = half
        width[top + 1] = half
        top += 2
    return found


@njit(cache=True, nogil=True, fastmath=False)
def find_minima(separation, limit, choose, finest, out_at, out_row):  # type: ignore[no-untyped-def]
    """Find the minima of the distance closer than `limit` (per row) of separations (n, 3, nodes).

    `choose` holds binomials: rows of degree nodes - 1 and nodes - 2, then of the degrees of their product and
    of the square; `finest` (n,) the width below which roots are not told apart. Returns the number found
    (which may exceed the length of the outputs: then call again with more room).
    """
    n = separation.shape[2] - 1
    slope = np.empty(2 * n)
    roots = np.empty(64)
    rising = np.empty(64, np.bool_)
    work = np.empty(n + 1)
    found = 0
    for k in range(separation.shape[0]):
        p = separation[k]
        slope[:] = 0.0
        for a in range(n + 1):
            for b in range(n):
                dot = 0.0
                for c in range(3):
                    dot += p[c, a] * (p[c, b + 1] - p[c, b])
                slope[a + b] += choose[0, a] * choose[1, b] * dot
        for a in range(2 * n):
            slope[a] /= choose[2, a]
        count = isolate(slope, finest[k], roots, rising)
        for r in range(count):
            if not rising[r]:
                continue
            d2 = 0.0
            for c in range(3):
                d2 += _value(p[c], work, roots[r]) ** 2
            if d2 < limit[k] * limit[k]:
                if found < out_at.shape[0]:
                    out_at[found] = roots[r]
                    out_row[found] = k
                found += 1
    return found


@njit(cache=True, nogil=True, fastmath=False)
def find_below(separation, threshold, choose, finest, out_begin, out_end, out_row):  # type: ignore[no-untyped-def]
    """Find the parts of [0, 1] where separations (n, 3, nodes) are below the threshold; how many."""
    n = separation.shape[2] - 1
    square = np.empty(2 * n + 1)
    roots = np.empty(64)
    rising = np.empty(64, np.bool_)
    found = 0
    for k in range(separation.shape[0]):
        p = separation[k]
        square[:] = 0.0
        for a in range(n + 1):
            for b in range(n + 1):
                dot = 0.0
                for c in range(3):
                    dot += p[c, a] * p[c, b]
                square[a + b] += choose[0, a] * choose[0, b] * dot
        for a in range(2 * n + 1):
            square[a] = square[a] / choose[3, a] - threshold * threshold
        count = isolate(square, finest[k], roots, rising)
        below = square[0] < 0.0 or (count > 0 and rising[0])
        begin = 0.0
        for r in range(count + 1):
            u = roots[r] if r < count else 1.0
            if below:
                if found < out_begin.shape[0]:
                    out_begin[found] = begin
                    out_end[found] = u
                    out_row[found] = k
                found += 1
            begin = u
            below = not below
    return found
