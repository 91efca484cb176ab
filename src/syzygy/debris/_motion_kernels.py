"""Compiled two-body motion: how knots are laid out, moved and bounded. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit

GM = 3.986008e14
LANES = 8
"""Objects whose knots are measured side by side."""

# Positions of five knots, velocities of the last three, then what was found.
KNOT = 3 * LANES
VELOCITY = 5 * KNOT
FOUND = 8 * KNOT


@njit(cache=True, forceinline=True, error_model="numpy")
def _fall(x, y, z, a, b, c, t):  # type: ignore[no-untyped-def]
    """Return the two-body state after t seconds: Taylor series in f and g, through t**5."""
    r2 = x * x + y * y + z * z
    u = GM / (r2 * np.sqrt(r2))
    p = (x * a + y * b + z * c) / r2
    q = (a * a + b * b + c * c) / r2 - u
    up = u * p
    s = u * (3.0 * q - 15.0 * p * p + u)
    e = up * (7.0 * p * p - 3.0 * q - u)
    h = u * (9.0 * q - 45.0 * p * p + u)
    f = 1.0 + t * t * (-0.5 * u + t * (0.5 * up + t * (s / 24.0 + t * e / 8.0)))
    g = t + t * t * t * (-u / 6.0 + t * (0.25 * up + t * h / 120.0))
    fd = t * (-u + t * (1.5 * up + t * (s / 6.0 + t * e * 0.625)))
    gd = 1.0 + t * t * (-0.5 * u + t * (up + t * h / 24.0))
    return f * x + g * a, f * y + g * b, f * z + g * c, fd * x + gd * a, fd * y + gd * b, fd * z + gd * c


@njit(cache=True, error_model="numpy")
def _two_body(x, y, z, a, b, c, t, out, i):  # type: ignore[no-untyped-def]
    """Write the two-body state after t seconds to row i."""
    out[i, 0], out[i, 1], out[i, 2], out[i, 3], out[i, 4], out[i, 5] = _fall(x, y, z, a, b, c, t)


@njit(cache=True, nogil=True, error_model="numpy")
def move_two_body(state, after, out):  # type: ignore[no-untyped-def]
    """Move states (n, 6) by `after` seconds along two-body paths."""
    for i in range(state.shape[0]):
        _two_body(state[i, 0], state[i, 1], state[i, 2], state[i, 3], state[i, 4], state[i, 5], after, out, i)


@njit(cache=True, error_model="numpy")
def _take_next(position, velocity, first, here, w):  # type: ignore[no-untyped-def]
    """Let the five knots in `w` move on by one: the new one, of the next objects, one in each lane."""
    for j in range(4 * KNOT):
        w[j] = w[j + KNOT]
    for j in range(2 * KNOT):
        w[VELOCITY + j] = w[VELOCITY + j + KNOT]
    for j in range(LANES):
        i = np.uint64(min(first + j, position.shape[0] - 1))
        for c in range(3):
            w[4 * KNOT + c * LANES + j] = position[i, here, c]
            w[VELOCITY + 2 * KNOT + c * LANES + j] = velocity[i, here, c]


@njit(cache=True, error_model="numpy")
def _misses(w, step):  # type: ignore[no-untyped-def]
    """Measure how the two-body path from a knot misses the knots around, one object in each lane.

    w: five knots, `step` seconds apart, from `_take_next`. Rows of results in it, from `FOUND` on: the
    larger miss at the knots after and before the third; then, as the largest so far, the squared
    coefficients, up to the factors in `_curve`, of the polynomial of degree four through the misses of five
    knots by the series through t**4; the fifth is the next term of the series. Last the sum of some.
    """
    t2 = step * step
    t3 = t2 * step
    for j in range(LANES):
        x = w[2 * KNOT + j]
        y = w[2 * KNOT + LANES + j]
        z = w[2 * KNOT + 2 * LANES + j]
        a = w[VELOCITY + j]
        b = w[VELOCITY + LANES + j]
        c = w[VELOCITY + 2 * LANES + j]
        over = 1.0 / (x * x + y * y + z * z)
        u = GM * over * np.sqrt(over)
        p = (x * a + y * b + z * c) * over
        q = (a * a + b * b + c * c) * over - u
        up = u * p
        p2 = p * p
        bend = u * (3.0 * q - 15.0 * p2 + u) * (t2 * t2 / 12.0)
        fall = -u * t2
        cube = up * t3
        lift = up * (0.5 * t2 * t2)
        drop = u * (t3 / 3.0)
        even = 2.0 + fall + bend
        even_2 = 2.0 + 4.0 * fall + 16.0 * bend
        slope = 2.0 * step - drop
        slope_2 = 4.0 * step - 8.0 * drop
        last_r = up * (7.0 * p2 - 3.0 * q - u) * (t2 * t3 / 8.0)
        last_v = u * (9.0 * q - 45.0 * p2 + u) * (t2 * t3 / 120.0)
        forward = 0.0
        backward = 0.0
        w1 = 0.0
        w2 = 0.0
        w3 = 0.0
        w4 = 0.0
        w5 = 0.0
        for k in range(3):
            r = w[2 * KNOT + k * LANES + j]
            v = w[VELOCITY + k * LANES + j]
            late = w[3 * KNOT + k * LANES + j]
            soon = w[KNOT + k * LANES + j]
            latest = w[4 * KNOT + k * LANES + j]
            soonest = w[k * LANES + j]
            mean = even * r + lift * v
            turn = cube * r + slope * v
            sum_1 = late + soon - mean
            gap_1 = late - soon - turn
            sum_2 = latest + soonest - even_2 * r - 16.0 * lift * v
            gap_2 = latest - soonest - 8.0 * cube * r - slope_2 * v
            fifth = last_r * r + last_v * v
            ahead = late - 0.5 * (mean + turn) - fifth
            behind = soon - 0.5 * (mean - turn) + fifth
            forward += ahead * ahead
            backward += behind * behind
            w1 += (8.0 * gap_1 - gap_2) * (8.0 * gap_1 - gap_2)
            w2 += (16.0 * sum_1 - sum_2) * (16.0 * sum_1 - sum_2)
            w3 += (gap_2 - 2.0 * gap_1) * (gap_2 - 2.0 * gap_1)
            w4 += (sum_2 - 4.0 * sum_1) * (sum_2 - 4.0 * sum_1)
            w5 += fifth * fifth
        miss = forward if forward > 0.0 else 0.0
        w[FOUND + j] = np.sqrt(backward if backward > miss else miss)
        known = w[FOUND + j + LANES]
        w[FOUND + j + LANES] = w1 if w1 > known else known
        known = w[FOUND + j + 2 * LANES]
        w[FOUND + j + 2 * LANES] = w2 if w2 > known else known
        known = w[FOUND + j + 3 * LANES]
        w[FOUND + j + 3 * LANES] = w3 if w3 > known else known
        known = w[FOUND + j + 4 * LANES]
        w[FOUND + j + 4 * LANES] = w4 if w4 > known else known
        known = w[FOUND + j + 5 * LANES]
        w[FOUND + j + 5 * LANES] = w5 if w5 > known else known
        w[FOUND + j + 6 * LANES] += w3 + w4


@njit(cache=True, error_model="numpy")
def _curve(w, j, share):  # type: ignore[no-untyped-def]
    """Bound the polynomial of the misses within `share` of a step, from the largest squares of `_misses`.

    What is not a number gets lost in a maximum, in a sum over all knots it does not.
    """
    if not w[FOUND + j + 6 * LANES] < np.inf:
        return np.inf
    c1 = np.sqrt(w[FOUND + j + LANES]) / 12.0
    c2 = np.sqrt(w[FOUND + j + 2 * LANES]) / 24.0
    c3 = np.sqrt(w[FOUND + j + 3 * LANES]) / 12.0
    c4 = np.sqrt(w[FOUND + j + 4 * LANES]) / 24.0
    c5 = np.sqrt(w[FOUND + j + 5 * LANES])
    return share * (c1 + share * (c2 + share * (c3 + share * (c4 + share * c5))))


@njit(cache=True, nogil=True, error_model="numpy")
def gather_knots(position, velocity, number, columns, step, state, deviation, curve):  # type: ignore[no-untyped-def]
    """Lay out the inner knots as state (m, n, 6), and measure how two-body paths miss the knots around.

    position, velocity (q, instants, 3) of the objects `number` (q,); columns (m + 4,) which instants are the
    knots, `step` apart; deviation (n, m) the larger miss of both sides, 0 where there is no neighbour with a
    state; curve (n,) the bound, within half a step of each knot, of the polynomials through the misses of the
    five knots around it, infinite where there is one without a state.
    """
    w = np.zeros(FOUND + 7 * LANES)
    for first in range(0, position.shape[0], LANES):
        lanes = min(LANES, position.shape[0] - first)
        w[FOUND:] = 0.0
        for q in range(columns.shape[0]):
            _take_next(position, velocity, first, np.uint64(columns[q]), w)
            if q < 4:
                continue
            _misses(w, step)
            for j in range(lanes):
                at = np.uint64(number[first + j])
                for c in range(3):
                    state[q - 4, at, c] = w[2 * KNOT + c * LANES + j]
                    state[q - 4, at, c + 3] = w[VELOCITY + c * LANES + j]
                deviation[at, q - 4] = w[FOUND + j]
        for j in range(lanes):
            curve[number[first + j]] = _curve(w, j, 0.5)


@njit(cache=True, nogil=True, error_model="numpy")
def bound_curves(position, velocity, step, curve):  # type: ignore[no-untyped-def]
    """Bound the polynomials through the misses of states `step` apart, of which every second is a knot.

    position, velocity (q, 2 m + 3, 3); curve (q,) holds within `step` of each knot.
    """
    w = np.zeros(FOUND + 7 * LANES)
    for first in range(0, position.shape[0], LANES):
        w[FOUND:] = 0.0
        for q in range(position.shape[1]):
            _take_next(position, velocity, first, np.uint64(q), w)
            if q >= 4 and q % 2 == 0:
                _misses(w, step)
        for j in range(min(LANES, position.shape[0] - first)):
            curve[first + j] = _curve(w, j, 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def measure_stray(state, knot, times, true):  # type: ignore[no-untyped-def]
    """Return the largest miss of two-body paths from states (m, 6) at knot (m,) at times (m, q)."""
    moved = np.empty((1, 6))
    worst = 0.0
    for k in range(state.shape[0]):
        for s in range(times.shape[1]):
            move_two_body(state[k : k + 1], times[k, s] - knot[k], moved)
            gap = 0.0
            for c in range(3):
                gap += (moved[0, c] - true[k, s, c]) ** 2
            if not gap <= worst:
                worst = gap if gap > worst else np.inf
    return np.sqrt(worst)


@njit(cache=True, error_model="numpy")
def _bound_row(state, i, slack, half, gradient, out):  # type: ignore[no-untyped-def]
    """Bound the motion of object i within +-half, as told in `bound_motion`."""
    x = state[i, 0]
    y = state[i, 1]
    z = state[i, 2]
    a = state[i, 3]
    b = state[i, 4]
    c = state[i, 5]
    r2 = x * x + y * y + z * z
    r = np.sqrt(r2)
    v2 = a * a + b * b + c * c
    rate = (x * a + y * b + z * c) / r
    h2 = r2 * (v2 - rate * rate)
    h2 = h2 if h2 > 0.0 else 0.0
    pull = GM / r2
    bend = abs(h2 / (r2 * r) - pull)
    slope = 0.55 * (3.0 * h2 / (GM * r) + 1.0) * gradient
    width = (abs(rate) * half + 0.5 * half * half * bend) / (1.0 - 0.5 * half * half * slope)
    low = r - width - slack
    out[i, 0] = low
    out[i, 1] = r + width + slack
    out[i, 2] = half * np.sqrt(h2) / (low * low)
    out[i, 3] = half * (np.sqrt(v2) + 0.5 * half * GM / (low * low)) + slack


@njit(cache=True, nogil=True, error_model="numpy")
def bound_motion(state, slack, half, gradient, out):  # type: ignore[no-untyped-def]
    """Bound each object's motion within +-half: out (n, 4) = lowest, highest radius, angle, way.

    The radius of a two-body path obeys r'' = h^2 / r^3 - GM / r^2, whose slope is at most
    (3 h^2 / (GM r) + 1) gradient / 2; the angle it travels is at most half * h / lowest^2.
    """
    for i in range(state.shape[0]):
        _bound_row(state, i, slack[i], half, gradient, out)
