"""Compiled two-body motion of sampled pairs: the smallest distance, or whether a sphere is ever entered."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

KEPLER_ROUNDS = 30
REFINEMENTS = 40
STEPS = 200_000
ENTERED, AT_BEGIN = 1, 2


@njit(cache=True, fastmath=False)
def fill_state(e, flip, gm, seconds, out):  # type: ignore[no-untyped-def]
    """Fill the inertial state of one set of elements; `flip` -1: axes turned about x. False: no ellipse."""
    n, k, h, p, q = e[0], e[1], e[2], e[3], e[4]
    square = 1.0 - k * k - h * h
    if not (n > 0.0 and square > 0.0):
        return False
    longitude = e[5] + n * seconds
    angle = longitude + k * math.sin(longitude) - h * math.cos(longitude)
    for _ in range(KEPLER_ROUNDS):
        c, s = math.cos(angle), math.sin(angle)
        step = (angle + h * c - k * s - longitude) / (1.0 - k * c - h * s)
        angle -= step
        if abs(step) < 1e-9:
            break
    c, s = math.cos(angle), math.sin(angle)
    axis = (gm / (n * n)) ** (1.0 / 3.0)
    root = math.sqrt(square)
    beta = 1.0 / (1.0 + root)
    x = axis * ((1.0 - h * h * beta) * c + h * k * beta * s - k)
    y = axis * ((1.0 - k * k * beta) * s + h * k * beta * c - h)
    speed = n * axis / (1.0 - k * c - h * s)
    vx = speed * (h * k * beta * c - (1.0 - h * h * beta) * s)
    vy = speed * ((1.0 - k * k * beta) * c - h * k * beta * s)
    size = 1.0 + p * p + q * q
    fx, fy, fz = (1.0 - p * p + q * q) / size, 2.0 * p * q / size, -2.0 * p / size
    gx, gy, gz = 2.0 * p * q / size, (1.0 + p * p - q * q) / size, 2.0 * q / size
    out[0] = x * fx + y * gx
    out[1] = flip * (x * fy + y * gy)
    out[2] = flip * (x * fz + y * gz)
    out[3] = vx * fx + vy * gx
    out[4] = flip * (vx * fy + vy * gy)
    out[5] = flip * (vx * fz + vy * gz)
    return True


@njit(cache=True, fastmath=False, nogil=True)
def closest_rows(one, two, flip_1, flip_2, gm, start, begin, end, reach, miss):  # type: ignore[no-untyped-def]
    """Fill the smallest distance near `start` of pairs (m, 6), (m, 6), for encounters with one minimum.

    Newton on the range rate; a pair is given up early (its bound on the distance is filled) once straight
    motion with twice the strongest gravity cannot bring it within `reach`.
    """
    a, b = np.empty(6), np.empty(6)
    for i in range(one.shape[0]):
        t, found = start, math.inf
        for _ in range(REFINEMENTS):
            if not (fill_state(one[i], flip_1, gm, t, a) and fill_state(two[i], flip_2, gm, t, b)):
                break
            x, y, z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
            u, v, w = b[3] - a[3], b[4] - a[4], b[5] - a[5]
            distance2 = x * x + y * y + z * z
            speed2 = u * u + v * v + w * w
            along = x * u + y * v + z * w
            found = math.sqrt(distance2)
            dt = -along / speed2
            straight2 = distance2 - along * along / speed2
            straight = math.sqrt(max(straight2, 0.0))
            if straight - 10.0 * dt * dt > reach:
                found = straight
                break
            fresh = min(max(t + dt, begin), end)
            if abs(fresh - t) < 1e-7:
                break
            t = fresh
        miss[i] = found


@njit(cache=True, fastmath=False, nogil=True)
def entry_rows(one, two, flip_1, flip_2, gm, begin, end, radius, hit):  # type: ignore[no-untyped-def]
    """Fill ENTERED where a pair comes within `radius` in the window, AT_BEGIN where it begins so, else 0.

    Marches in steps in which the sphere cannot be reached: the relative acceleration of two objects at
    distance d is below 3 gm d / r^3. The least step is 1 % of the radius, which misses only grazes of 1e-5.
    """
    a, b = np.empty(6), np.empty(6)
    for i in range(one.shape[0]):
        t, code = begin, 0
        for count in range(STEPS):
            if not (fill_state(one[i], flip_1, gm, t, a) and fill_state(two[i], flip_2, gm, t, b)):
                break
            x, y, z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
            u, v, w = b[3] - a[3], b[4] - a[4], b[5] - a[5]
            distance = math.sqrt(x * x + y * y + z * z)
            if distance <= radius:
                code = AT_BEGIN if count == 0 else ENTERED
                break
            if t >= end:
                break
            speed = math.sqrt(u * u + v * v + w * w)
            r2 = min(a[0] * a[0] + a[1] * a[1] + a[2] * a[2], b[0] * b[0] + b[1] * b[1] + b[2] * b[2])
            pull = 3.3 * gm / (r2 * math.sqrt(r2)) * 1.5 * distance
            gap = distance - radius
            inward = -(x * u + y * v + z * w) / distance
            root = math.sqrt(speed * speed + 2.0 * pull * gap)
            step = 2.0 * gap / (speed + root)
            step = max(step, 0.01 * radius / root)
            if inward < 0.0:
                step = max(step, min(-inward / max(pull, 1e-30), distance / (2.0 * root)))
            t = min(t + step, end)
        hit[i] = code
