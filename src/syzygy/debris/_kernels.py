"""Compiled loops of the screening: cell search, bounds, root isolation. Arrays in, arrays and codes out."""

from __future__ import annotations

import numpy as np
from numba import njit

OK = 0
FULL = 1
NODES = 10
"""Samples per polynomial, fixed so that the innermost loops unroll; the same as `bernstein.NODES`."""


@njit(cache=True, fastmath=False)
def to_bernstein(samples, first, columns, out):  # type: ignore[no-untyped-def]
    """Convert samples (n, knots, 3), from knot `first` on, to coefficients `out` (n, 3, nodes).

    `columns` is the transposed conversion matrix, so that the inner loop runs over neighbours in memory.
    """
    for i in range(samples.shape[0]):
        for c in range(3):
            for a in range(NODES):
                out[i, c, a] = 0.0
            for b in range(NODES):
                value = samples[i, first + b, c]
                for a in range(NODES):
                    out[i, c, a] += columns[b, a] * value


@njit(cache=True, fastmath=False)
def bound_motion(coefficients, step, speed, acceleration):  # type: ignore[no-untyped-def]
    """Bound speed and acceleration over the interval by the hull of the differenced coefficients."""
    n, _, nodes = coefficients.shape
    first = (nodes - 1) / step
    second = (nodes - 1) * (nodes - 2) / (step * step)
    for i in range(n):
        fastest = 0.0
        hardest = 0.0
        for a in range(nodes - 1):
            v2 = 0.0
            w2 = 0.0
            for c in range(3):
                d = coefficients[i, c, a + 1] - coefficients[i, c, a]
                v2 += d * d
                if a + 2 < nodes:
                    e = coefficients[i, c, a + 2] - coefficients[i, c, a + 1] - d
                    w2 += e * e
            fastest = max(fastest, v2)
            hardest = max(hardest, w2)
        speed[i] = first * np.sqrt(fastest)
        acceleration[i] = second * np.sqrt(hardest)


@njit(cache=True, fastmath=False)
def evaluate(coefficients, weights, weights_rate, position, velocity):  # type: ignore[no-untyped-def]
    """Evaluate position and velocity (n, 3) of all objects at one abscissa."""
    for i in range(coefficients.shape[0]):
        for c in range(3):
            p = 0.0
            v = 0.0
            for a in range(NODES):
                b = coefficients[i, c, a]
                p += weights[a] * b
                v += weights_rate[a] * b
            position[i, c] = p
            velocity[i, c] = v


@njit(cache=True, fastmath=False)
def survey(position, velocity, first, last, weights, rate, step, out_error, out_slip, out_low):  # type: ignore[no-untyped-def]
    """Measure interpolation error, velocity slip and the lowest possible radius of every object.

    position, velocity (n, knots, 3); intervals `first` .. `last` - 1 counted from the first full stencil;
    `rate` differentiates a stencil at the interval's begin. Infinite error where a stencil has no value.
    """
    n = position.shape[0]
    nodes = weights.shape[0]
    before = nodes // 2 - 1
    half = 0.5 * step
    for i in range(n):
        error = 0.0
        for m in range(first, last):
            e2 = 0.0
            s2 = 0.0
            rl = 0.0
            rr = 0.0
            dl = 0.0
            dr = 0.0
            for c in range(3):
                e = 0.0
                s = 0.0
                for a in range(nodes):
                    p = position[i, m + a, c]
                    e += weights[a] * p
                    s += rate[a] * p
                left = m + before
                s = s / step - velocity[i, left, c]
                e2 += e * e
                s2 += s * s
                rl += position[i, left, c] ** 2
                rr += position[i, left + 1, c] ** 2
                dl += position[i, left, c] * velocity[i, left, c]
                dr += position[i, left + 1, c] * velocity[i, left + 1, c]
            rl = np.sqrt(rl)
            rr = np.sqrt(rr)
            drop = 0.5 * 9.9 * half * half
            low = min(min(rl, rl + dl / rl * half - drop), min(rr, rr - dr / rr * half - drop))
            out_low[i, m - first] = low
            out_slip[i, m - first] = np.sqrt(s2)
            if np.isnan(e2):
                error = np.inf
            elif e2 > error:
                error = e2
        out_error[i] = np.sqrt(error)


@njit(cache=True, fastmath=False)
def _sort_into_columns(position, cell, side, order, start):  # type: ignore[no-untyped-def]
    """Sort objects by column of the x-y grid, inside a column by z; `start` (side * side + 1).

    Indices beyond the grid are clamped, which keeps neighbours neighbours.
    """
    n = position.shape[0]
    keys = np.empty(n, np.int64)
    start[:] = 0
    for i in range(n):
        x = min(max(int(np.floor(position[i, 0] / cell)) + side // 2, 1), side - 2)
        y = min(max(int(np.floor(position[i, 1] / cell)) + side // 2, 1), side - 2)
        keys[i] = x * side + y
        start[keys[i] + 1] += 1
    for k in range(side * side):
        start[k + 1] += start[k]
    fill = start[:-1].copy()
    for i in range(n):
        at = fill[keys[i]]
        fill[keys[i]] += 1
        z = position[i, 2]
        begin = start[keys[i]]
        while at > begin and position[order[at - 1], 2] > z:
            order[at] = order[at - 1]
            at -= 1
        order[at] = i


@njit(cache=True, fastmath=False)
def find_close(position, velocity, reach, slack, chosen, threshold, half, cell, side, out, counts):  # type: ignore[no-untyped-def]
    """Find all pairs that may be closer than the threshold within +-half of this instant.

    Parameters: position, velocity (n, 3); reach = half * speed + slack, slack = acceleration and
    interpolation part, both (n,); chosen (n,) bool, one of a pair must be chosen; cell, the edge of the
    columns, at least threshold + twice the largest reach; side, columns along x and y.
    out (capacity, 2) int64 receives pairs with first < second; counts = (pairs looked at, pairs of the
    first test, pairs of the second test). Returns OK, or FULL when `out` is too short (counts still right).
    """
    n = position.shape[0]
    order = np.empty(n, np.int64)
    start = np.empty(side * side + 1, np.int64)
    _sort_into_columns(position, cell, side, order, start)
    rows = np.empty((n, 5))
    for s in range(n):
        i = order[s]
        rows[s, 0] = position[i, 0]
        rows[s, 1] = position[i, 1]
        rows[s, 2] = position[i, 2]
        rows[s, 3] = reach[i]
        rows[s, 4] = 1.0 if chosen[i] else 0.0
    neighbours = np.array([0, 1, side - 1, side, side + 1])
    looked = 0
    first = 0
    second = 0
    capacity = out.shape[0]
    for column in range(side + 1, side * (side - 1) - 1):
        begin = start[column]
        end = start[column + 1]
        if begin == end:
            continue
        for k in range(5):
            other = column + neighbours[k]
            low = start[other]
            last = start[other + 1]
            if low == last:
                continue
            for s in range(begin, end):
                z = rows[s, 2]
                if k == 0:
                    low = s + 1
                else:
                    while low < last and rows[low, 2] < z - cell:
                        low += 1
                for t in range(low, last):
                    rz = rows[t, 2] - z
                    if rz > cell:
                        break
                    looked += 1
                    rx = rows[t, 0] - rows[s, 0]
                    ry = rows[t, 1] - rows[s, 1]
                    limit = threshold + rows[s, 3] + rows[t, 3]
                    if rx * rx + ry * ry + rz * rz >= limit * limit:
                        continue
                    if rows[s, 4] + rows[t, 4] == 0.0:
                        continue
                    first += 1
                    i = order[s]
                    j = order[t]
                    if _may_meet(position, velocity, i, j, half, threshold + slack[i] + slack[j]):
                        if second < capacity:
                            out[second, 0] = min(i, j)
                            out[second, 1] = max(i, j)
                        second += 1
    counts[0] += looked
    counts[1] += first
    counts[2] += second
    return OK if second <= capacity else FULL


@njit(cache=True, fastmath=False)
def _may_meet(position, velocity, i, j, half, limit):  # type: ignore[no-untyped-def]
    """Tell whether straight motion within +-half of the instant comes closer than `limit`."""
    d2 = 0.0
    dot = 0.0
    v2 = 0.0
    for c in range(3):
        r = position[j, c] - position[i, c]
        v = velocity[j, c] - velocity[i, c]
        d2 += r * r
        dot += r * v
        v2 += v * v
    tau = 0.0
    if v2 > 0.0:
        tau = min(half, max(-half, -dot / v2))
    closest = 0.0
    for c in range(3):
        r = position[j, c] - position[i, c]
        v = velocity[j, c] - velocity[i, c]
        closest += (r + v * tau) ** 2
    return closest < limit * limit


@njit(cache=True, fastmath=False)
def _restrict(coefficients, low, high):  # type: ignore[no-untyped-def]
    """Restrict one Bernstein polynomial to [low, high] of its interval, in place (de Casteljau twice)."""
    n = coefficients.shape[0]
    for r in range(1, n):
        for a in range(n - 1, r - 1, -1):
            coefficients[a] = (1.0 - high) * coefficients[a - 1] + high * coefficients[a]
    share = low / high if high != 0.0 else 0.0
    for r in range(1, n):
        for a in range(n - r):
            coefficients[a] = (1.0 - share) * coefficients[a] + share * coefficients[a + 1]


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


@njit(cache=True, fastmath=False)
def _difference(coefficients, i, j, low, high, p):  # type: ignore[no-untyped-def]
    for c in range(3):
        for a in range(p.shape[1]):
            p[c, a] = coefficients[j, c, a] - coefficients[i, c, a]
        _restrict(p[c], low, high)


@njit(cache=True, fastmath=False)
def find_minima(coefficients, pairs, low, high, limit, choose, finest, out_t, out_pair):  # type: ignore[no-untyped-def]
    """Find the minima of the distance on [low, high] of the interval, closer than `limit` (per pair).

    `choose` (2, nodes) binomials of degree nodes - 1 and nodes - 2 and, third row onward, of the product.
    Returns the number found (which may exceed the length of the outputs: then call again with more room).
    """
    nodes = coefficients.shape[2]
    n = nodes - 1
    p = np.empty((3, nodes))
    slope = np.empty(2 * n)
    roots = np.empty(64)
    rising = np.empty(64, np.bool_)
    work = np.empty(nodes)
    found = 0
    for k in range(pairs.shape[0]):
        _difference(coefficients, pairs[k, 0], pairs[k, 1], low[k], high[k], p)
        slope[:] = 0.0
        for a in range(n + 1):
            for b in range(n):
                dot = 0.0
                for c in range(3):
                    dot += p[c, a] * (p[c, b + 1] - p[c, b])
                slope[a + b] += choose[0, a] * choose[1, b] * dot
        for a in range(2 * n):
            slope[a] /= choose[2, a]
        count = isolate(slope, finest, roots, rising)
        for r in range(count):
            if not rising[r]:
                continue
            d2 = 0.0
            for c in range(3):
                d2 += _value(p[c], work, roots[r]) ** 2
            if d2 < limit[k] * limit[k]:
                if found < out_t.shape[0]:
                    out_t[found] = low[k] + roots[r] * (high[k] - low[k])
                    out_pair[found] = k
                found += 1
    return found


@njit(cache=True, fastmath=False)
def find_below(coefficients, pairs, low, high, threshold, choose, finest, out_begin, out_end, out_pair):  # type: ignore[no-untyped-def]
    """Find the parts of [low, high] where a pair is closer than the threshold; returns their number."""
    nodes = coefficients.shape[2]
    n = nodes - 1
    p = np.empty((3, nodes))
    square = np.empty(2 * n + 1)
    roots = np.empty(64)
    rising = np.empty(64, np.bool_)
    found = 0
    for k in range(pairs.shape[0]):
        _difference(coefficients, pairs[k, 0], pairs[k, 1], low[k], high[k], p)
        square[:] = 0.0
        for a in range(n + 1):
            for b in range(n + 1):
                dot = 0.0
                for c in range(3):
                    dot += p[c, a] * p[c, b]
                square[a + b] += choose[0, a] * choose[0, b] * dot
        for a in range(2 * n + 1):
            square[a] = square[a] / choose[3, a] - threshold * threshold
        count = isolate(square, finest, roots, rising)
        below = square[0] < 0.0 or (count > 0 and rising[0])
        begin = 0.0
        for r in range(count + 1):
            u = roots[r] if r < count else 1.0
            if below:
                if found < out_begin.shape[0]:
                    out_begin[found] = low[k] + begin * (high[k] - low[k])
                    out_end[found] = low[k] + u * (high[k] - low[k])
                    out_pair[found] = k
                found += 1
            begin = u
            below = not below
    return found
