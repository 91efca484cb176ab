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


@njit(cache=True, error_model="numpy")
def _misses(position, velocity, i, here, before, after, step):  # type: ignore[no-untyped-def]
    """Return the larger squared miss of the two-body path from column `here` at the columns around it."""
    x = position[i, here, 0]
    y = position[i, here, 1]
    z = position[i, here, 2]
    a = velocity[i, here, 0]
    b = velocity[i, here, 1]
    c = velocity[i, here, 2]
    r2 = x * x + y * y + z * z
    u = GM / (r2 * np.sqrt(r2))
    p = (x * a + y * b + z * c) / r2
    q = (a * a + b * b + c * c) / r2 - u
    t2 = step * step
    up = u * p
    even = 1.0 + t2 * (-0.5 * u + t2 * u * (3.0 * q - 15.0 * p * p + u) / 24.0)
    odd = t2 * step * (0.5 * up + t2 * up * (7.0 * p * p - 3.0 * q - u) / 8.0)
    g_even = t2 * t2 * 0.25 * up
    g_odd = step * (1.0 + t2 * (-u / 6.0 + t2 * u * (9.0 * q - 45.0 * p * p + u) / 120.0))
    forward = 0.0
    backward = 0.0
    for k in range(3):
        r = position[i, here, k]
        v = velocity[i, here, k]
        mean = even * r + g_even * v
        half = odd * r + g_odd * v
        forward += (mean + half - position[i, after, k]) ** 2
        backward += (mean - half - position[i, before, k]) ** 2
    worst = 0.0
    worst = forward if forward > worst else worst
    return backward if backward > worst else worst


@njit(cache=True, nogil=True, error_model="numpy")
def gather_knots(position, velocity, number, columns, step, state, deviation):  # type: ignore[no-untyped-def]
    """Lay out the inner knots as state (m, n, 6), and measure how far two-body paths miss the knots around.

    position, velocity (q, instants, 3) of the objects `number` (q,); columns (m + 2,) which instants are the
    knots, `step` apart; deviation (n, m) the larger miss of both sides, 0 where there is no neighbour with a
    state.
    """
    for i in range(position.shape[0]):
        at = number[i]
        for k in range(columns.shape[0] - 2):
            here = columns[k + 1]
            for c in range(3):
                state[k, at, c] = position[i, here, c]
                state[k, at, c + 3] = velocity[i, here, c]
            deviation[at, k] = np.sqrt(_misses(position, velocity, i, here, columns[k], columns[k + 2], step))


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
