"""Compiled roots of the screening: Bernstein polynomials and their sign changes. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit

NODES = 8
"""Samples per polynomial, fixed so that the innermost loops unroll; the same as `bernstein.NODES`."""
DEEPEST = 96
"""Pieces of a polynomial that may wait at once: more than the halvings down to any width that matters."""


@njit(cache=True, nogil=True, fastmath=False)
def fit_separations(first, second, columns, out):  # type: ignore[no-untyped-def]
    """Fit separations, second minus first position (n, samples, 3), by coefficients `out` (n, 3, NODES).

    `columns` (samples, NODES) is the transposed matrix from values to coefficients, so that the inner loop
    runs over neighbours in memory.
    """
    for i in range(first.shape[0]):
        for c in range(3):
            for a in range(NODES):
                out[i, c, a] = 0.0
            for b in range(first.shape[1]):
                value = second[i, b, c] - first[i, b, c]
                for a in range(NODES):
                    out[i, c, a] += columns[b, a] * value


@njit(cache=True, nogil=True, fastmath=False)
def estimate_errors(first, second, last, out):  # type: ignore[no-untyped-def]
    """Write to `out` (n,) the lengths of the last Chebyshev coefficients of separations, summed.

    `last` (2, samples) turns samples into these coefficients.
    """
    for i in range(first.shape[0]):
        total = 0.0
        for a in range(last.shape[0]):
            square = 0.0
            for c in range(3):
                value = 0.0
                for b in range(first.shape[1]):
                    value += last[a, b] * (second[i, b, c] - first[i, b, c])
                square += value * value
            total += np.sqrt(square)
        out[i] = total


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
def _sign_inside(coefficients, first, step):  # type: ignore[no-untyped-def]
    """Return the sign just inside an end of [0, 1], 0.0 for the zero polynomial.

    From the first coefficient rising, or from the last one falling: a zero at the end itself is passed over.
    """
    n = coefficients.shape[0]
    for k in range(n):
        c = coefficients[first + k * step]
        if c != 0.0:
            return 1.0 if c > 0.0 else -1.0
    return 0.0


@njit(cache=True, fastmath=False)
def _solve(coefficients, rising, work):  # type: ignore[no-untyped-def]
    """Find the one sign change of a polynomial inside [0, 1]: Newton between bounds, from the chord's zero.

    Zeros at the ends are not it: `rising` says how the sign changes, and the search starts in the middle.
    """
    n = coefficients.shape[0]
    low = 0.0
    high = 1.0
    u = 0.5
    if coefficients[0] != 0.0 and coefficients[n - 1] != 0.0:
        u = coefficients[0] / (coefficients[0] - coefficients[n - 1])
    for _ in range(60):
        for a in range(n):
            work[a] = coefficients[a]
        for r in range(1, n - 1):
            for a in range(n - r):
                work[a] = (1.0 - u) * work[a] + u * work[a + 1]
        slope = (n - 1) * (work[1] - work[0])
        f = (1.0 - u) * work[0] + u * work[1]
        if f == 0.0:
            return u
        if (f > 0.0) == rising:
            high = u
        else:
            low = u
        there = u - f / slope if slope != 0.0 else low
        if not (low < there < high):
            there = 0.5 * (low + high)
        moved = abs(there - u)
        u = there
        if moved < 1e-11:
            break
    return u


@njit(cache=True, fastmath=False)
def isolate(coefficients, finest, roots, rising):  # type: ignore[no-untyped-def]
    """Find all sign changes of a Bernstein polynomial inside [0, 1], rising order; returns how many.

    Descartes' rule: no variation of sign, no root; one, exactly one; more, split. A root on a split point is
    a zero at the end of both halves: there the sign just inside one differs from that just inside the other.
    Below the width `finest` only the net change is kept. A zero at 0 or 1 itself is no change of sign.
    """
    n = coefficients.shape[0]
    work = np.empty(n)
    changes = _variations(coefficients)
    if changes == 0:
        return 0
    if changes == 1 and roots.shape[0] > 0:
        rising[0] = _sign_inside(coefficients, n - 1, -1) > 0.0
        roots[0] = _solve(coefficients, rising[0], work)
        return 1
    stack = np.empty((DEEPEST, n))
    begin = np.empty(DEEPEST)
    width = np.empty(DEEPEST)
    stack[0] = coefficients
    begin[0] = 0.0
    width[0] = 1.0
    top = 1
    found = 0
    left = np.empty(n)
    right = np.empty(n)
    before = _sign_inside(coefficients, 0, 1)
    while top > 0:
        top -= 1
        changes = _variations(stack[top])
        if changes > 1 and width[top] >= finest and top + 2 <= DEEPEST:
            half = 0.5 * width[top]
            _split(stack[top], left, right)
            stack[top] = right
            stack[top + 1] = left
            begin[top + 1] = begin[top]
            begin[top] += half
            width[top] = half
            width[top + 1] = half
            top += 2
            continue
        sign = _sign_inside(stack[top], 0, 1)
        if sign == 0.0:
            continue
        if sign != before and found < roots.shape[0]:
            roots[found] = begin[top]
            rising[found] = sign > 0.0
            found += 1
        before = _sign_inside(stack[top], n - 1, -1)
        if sign != before and found < roots.shape[0]:
            u = _solve(stack[top], before > 0.0, work) if changes == 1 else 0.5
            roots[found] = begin[top] + u * width[top]
            rising[found] = before > 0.0
            found += 1
    return found


@njit(cache=True, fastmath=False)
def _scale(p, choose, scaled):  # type: ignore[no-untyped-def]
    """Multiply coefficients of a curve (3, NODES) and of its slope by binomials: `scaled` (6, NODES)."""
    for c in range(3):
        for a in range(NODES):
            scaled[c, a] = choose[0, a] * p[c, a]
        for a in range(NODES - 1):
            scaled[c + 3, a] = (NODES - 1) * choose[1, a] * (p[c, a + 1] - p[c, a])


@njit(cache=True, fastmath=False)
def _square(scaled, u):  # type: ignore[no-untyped-def]
    """Return the squared length of a scaled curve at u, and its derivative: Horner's scheme."""
    v = 1.0 - u
    square = 0.0
    rate = 0.0
    for c in range(3):
        value = scaled[c, 0]
        slope = scaled[c + 3, 0]
        power = 1.0
        for a in range(1, NODES - 1):
            power = power * u
            value = value * v + power * scaled[c, a]
            slope = slope * v + power * scaled[c + 3, a]
        value = value * v + power * u * scaled[c, NODES - 1]
        square += value * value
        rate += value * slope
    return square, 2.0 * rate


@njit(cache=True, fastmath=False)
def _cross(scaled, square, low, high, out):  # type: ignore[no-untyped-def]
    """Find where the squared length passes `square`, once, between low and high (`out`: outwards)."""
    u = 0.5 * (low + high)
    for _ in range(60):
        f, rate = _square(scaled, u)
        f -= square
        if (f > 0.0) == out:
            high = u
        else:
            low = u
        there = u - f / rate if rate != 0.0 else low
        if not (low < there < high):
            there = 0.5 * (low + high)
        moved = abs(there - u)
        u = there
        if moved < 1e-11:
            break
    return u


@njit(cache=True, nogil=True, fastmath=False)
def find_approaches(  # type: ignore[no-untyped-def]
    separation, threshold, limit, choose, finest, out_at, out_row, below, below_row
):
    """Find minima and parts below the threshold of the distance on [0, 1] of separations (n, 3, nodes).

    Minima closer than `limit` (per row) go to out_at, out_row; between two extremes the distance rises or
    falls, so it passes the threshold once or not at all: parts go to below (2, room), below_row. `choose`
    holds binomials: rows of degree nodes - 1 and nodes - 2, then of the degree of their product; `finest`
    (n,) the width below which extremes are not told apart. Returns the numbers of both, which may exceed the
    length of the outputs: then call again with more room.
    """
    n = NODES - 1
    slope = np.empty(2 * n)
    roots = np.empty(64)
    rising = np.empty(64, np.bool_)
    scaled = np.empty((6, NODES))
    minima = 0
    parts = 0
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
        _scale(p, choose, scaled)
        before = 0.0
        least, _ = _square(scaled, 0.0)
        inside = least < threshold * threshold
        begin = 0.0
        for r in range(count + 1):
            u = roots[r] if r < count else 1.0
            d2, _ = _square(scaled, u)
            if r < count and rising[r] and d2 < limit[k] * limit[k]:
                if minima < out_at.shape[0]:
                    out_at[minima] = u
                    out_row[minima] = k
                minima += 1
            now = d2 < threshold * threshold
            if now != inside:
                at = _cross(scaled, threshold * threshold, before, u, inside)
                begin = at if now else begin
            else:
                at = 1.0
            if inside and (not now or r == count):
                if parts < below_row.shape[0]:
                    below[0, parts] = begin
                    below[1, parts] = at
                    below_row[parts] = k
                parts += 1
            elif now and r == count:
                if parts < below_row.shape[0]:
                    below[0, parts] = begin
                    below[1, parts] = 1.0
                    below_row[parts] = k
                parts += 1
            inside = now
            before = u
    return minima, parts


@njit(cache=True, nogil=True, fastmath=False)
def find_closest(power, x, square):  # type: ignore[no-untyped-def]
    """Find the zero of p . p' near x (n,), in place, of polynomials (n, 3, terms): Newton.

    Leaves [-1, 1] only to say so: it stops at 1.5. `square` (n,) receives p . p there.
    """
    terms = power.shape[2]
    for k in range(power.shape[0]):
        u = x[k]
        for _ in range(30):
            f = 0.0
            df = 0.0
            for c in range(3):
                p = power[k, c, terms - 1]
                v = 0.0
                a = 0.0
                for q in range(terms - 2, -1, -1):
                    a = a * u + v
                    v = v * u + p
                    p = p * u + power[k, c, q]
                f += p * v
                df += v * v + 2.0 * p * a
            step = f / df if df > 0.0 else (0.1 if f > 0.0 else (-0.1 if f < 0.0 else 0.0))
            step = min(max(step, -0.5), 0.5)
            moved = min(max(u - step, -1.5), 1.5)
            shift = abs(moved - u)
            u = moved
            if shift < 1e-12:
                break
        x[k] = u
        square[k] = 0.0
        for c in range(3):
            p = power[k, c, terms - 1]
            for q in range(terms - 2, -1, -1):
                p = p * u + power[k, c, q]
            square[k] += p * p
