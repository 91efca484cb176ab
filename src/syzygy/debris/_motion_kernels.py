"""Compiled two-body motion: how knots are laid out, moved and bounded. Arrays in, arrays out."""

from __future__ import annotations

import numpy as np
from numba import njit

GM = 3.986008e14


@njit(cache=True, error_model="numpy")
def _two_body(x, y, z, a, b, c, t, out, i):  # type: ignore[no-untyped-def]
    """Write the two-body state after t seconds to row i: Taylor series in f and g, through t**5."""
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
    out[i, 0] = f * x + g * a
    out[i, 1] = f * y + g * b
    out[i, 2] = f * z + g * c
    out[i, 3] = fd * x + gd * a
    out[i, 4] = fd * y + gd * b
    out[i, 5] = fd * z + gd * c


@njit(cache=True, nogil=True, error_model="numpy")
def move_two_body(state, after, out):  # type: ignore[no-untyped-def]
    """Move states (n, 6) by `after` seconds along two-body paths."""
    for i in range(state.shape[0]):
        _two_body(state[i, 0], state[i, 1], state[i, 2], state[i, 3], state[i, 4], state[i, 5], after, out, i)


@njit(cache=True, forceinline=True, error_model="numpy")
def _misses(position, velocity, i, columns, here, step):  # type: ignore[no-untyped-def]
    """Return the squared misses of the two-body path from a knot at the knots after and before it.

    Neighbours in `columns` are `step` seconds apart. Then the squared coefficients, up to the factors in
    `_curve`, of the polynomial of degree four through the misses of five knots by the series through t**4;
    the fifth is the next term of the series.
    """
    at = columns[here]
    x = position[i, at, 0]
    y = position[i, at, 1]
    z = position[i, at, 2]
    a = velocity[i, at, 0]
    b = velocity[i, at, 1]
    c = velocity[i, at, 2]
    over = 1.0 / (x * x + y * y + z * z)
    u = GM * over * np.sqrt(over)
    p = (x * a + y * b + z * c) * over
    q = (a * a + b * b + c * c) * over - u
    t2 = step * step
    t3 = t2 * step
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
    before = columns[here - 1]
    after = columns[here + 1]
    first = columns[here - 2]
    last = columns[here + 2]
    forward = 0.0
    backward = 0.0
    w1 = 0.0
    w2 = 0.0
    w3 = 0.0
    w4 = 0.0
    w5 = 0.0
    for k in range(3):
        r = position[i, at, k]
        v = velocity[i, at, k]
        late = position[i, after, k]
        soon = position[i, before, k]
        latest = position[i, last, k]
        soonest = position[i, first, k]
        mean = even * r + lift * v
        turn = cube * r + slope * v
        sum_1 = late + soon - mean
        gap_1 = late - soon - turn
        sum_2 = latest + soonest - even_2 * r - 16.0 * lift * v
        gap_2 = latest - soonest - 8.0 * cube * r - slope_2 * v
        fifth = last_r * r + last_v * v
        forward += (late - 0.5 * (mean + turn) - fifth) ** 2
        backward += (soon - 0.5 * (mean - turn) + fifth) ** 2
        w1 += (8.0 * gap_1 - gap_2) ** 2
        w2 += (16.0 * sum_1 - sum_2) ** 2
        w3 += (gap_2 - 2.0 * gap_1) ** 2
        w4 += (sum_2 - 4.0 * sum_1) ** 2
        w5 += fifth * fifth
    return forward, backward, w1, w2, w3, w4, w5


@njit(cache=True, error_model="numpy")
def _curve(w1, w2, w3, w4, w5, known, share):  # type: ignore[no-untyped-def]
    """Bound the polynomial of the misses within `share` of a step, from the largest squares of `_misses`.

    `known` is their sum over all knots: what is not a number gets lost in a maximum, in a sum it does not.
    """
    if not known < np.inf:
        return np.inf
    c1 = np.sqrt(w1) / 12.0
    c2 = np.sqrt(w2) / 24.0
    c3 = np.sqrt(w3) / 12.0
    c4 = np.sqrt(w4) / 24.0
    c5 = np.sqrt(w5)
    return share * (c1 + share * (c2 + share * (c3 + share * (c4 + share * c5))))


@njit(cache=True, nogil=True, error_model="numpy")
def gather_knots(position, velocity, number, columns, step, state, deviation, curve):  # type: ignore[no-untyped-def]
    """Lay out the inner knots as state (m, n, 6), and measure how two-body paths miss the knots around.

    position, velocity (q, instants, 3) of the objects `number` (q,); columns (m + 4,) which instants are the
    knots, `step` apart; deviation (n, m) the larger miss of both sides, 0 where there is no neighbour with a
    state; curve (n,) the bound, within half a step of each knot, of the polynomials through the misses of the
    five knots around it, infinite where there is one without a state.
    """
    for i in range(position.shape[0]):
        at = number[i]
        m1, m2, m3, m4, m5, known = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(columns.shape[0] - 4):
            here = columns[k + 2]
            for c in range(3):
                state[k, at, c] = position[i, here, c]
                state[k, at, c + 3] = velocity[i, here, c]
            forward, backward, w1, w2, w3, w4, w5 = _misses(position, velocity, i, columns, k + 2, step)
            miss = 0.0
            miss = forward if forward > miss else miss
            deviation[at, k] = np.sqrt(backward if backward > miss else miss)
            m1, m2, m3 = max(m1, w1), max(m2, w2), max(m3, w3)
            m4, m5 = max(m4, w4), max(m5, w5)
            known += w3 + w4
        curve[at] = _curve(m1, m2, m3, m4, m5, known, 0.5)


@njit(cache=True, nogil=True, error_model="numpy")
def bound_curves(position, velocity, step, curve):  # type: ignore[no-untyped-def]
    """Bound the polynomials through the misses of states `step` apart, of which every second is a knot.

    position, velocity (q, 2 m + 3, 3); curve (q,) holds within `step` of each knot.
    """
    columns = np.arange(position.shape[1])
    for i in range(position.shape[0]):
        m1, m2, m3, m4, m5, known = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for here in range(2, position.shape[1] - 2, 2):
            _, _, w1, w2, w3, w4, w5 = _misses(position, velocity, i, columns, here, step)
            m1, m2, m3 = max(m1, w1), max(m2, w2), max(m3, w3)
            m4, m5 = max(m4, w4), max(m5, w5)
            known += w3 + w4
        curve[i] = _curve(m1, m2, m3, m4, m5, known, 1.0)


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


@njit(cache=True, nogil=True, error_model="numpy")
def move_and_bound(knot, slack, members, after, half, gradient, state, motion):  # type: ignore[no-untyped-def]
    """Move the members' states (n, 6) from their knots to an instant and bound their motion around it.

    Returns lowest radius, longest way, largest slack, and the longest way without its slack.
    """
    lowest = np.inf
    reach = 0.0
    loosest = 0.0
    way = 0.0
    for k in range(members.shape[0]):
        i = members[k]
        _two_body(knot[i, 0], knot[i, 1], knot[i, 2], knot[i, 3], knot[i, 4], knot[i, 5], after, state, i)
        _bound_row(state, i, slack[i], half, gradient, motion)
        lowest = min(lowest, motion[i, 0])
        reach = max(reach, motion[i, 3])
        loosest = max(loosest, slack[i])
        way = max(way, motion[i, 3] - slack[i])
    return lowest, reach, loosest, way
