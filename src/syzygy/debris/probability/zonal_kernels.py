"""Compiled motion of sampled pairs with the zonal harmonics J2 to J4: Runge-Kutta of fourth order."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from syzygy.debris.probability.motion_kernels import AT_BEGIN, ENTERED, REFINEMENTS, STEPS, fill_state

LONGEST_STEP_S = 5.0


@njit(cache=True, fastmath=False)
def accelerate(s, gm, radius, j2, j3, j4, a):  # type: ignore[no-untyped-def]
    """Fill the acceleration at a state: point mass and zonal harmonics about the third axis."""
    x, y, z = s[0], s[1], s[2]
    r2 = x * x + y * y + z * z
    r = math.sqrt(r2)
    u = z / r
    u2 = u * u
    q = radius / r
    k2, k3, k4 = 1.5 * j2 * q * q, 2.5 * j3 * q * q * q, 0.625 * j4 * q * q * q * q
    side = 1.0 - k2 * (5.0 * u2 - 1.0) - k3 * u * (7.0 * u2 - 3.0) - k4 * (3.0 - 42.0 * u2 + 63.0 * u2 * u2)
    up = u * (1.0 - k2 * (5.0 * u2 - 3.0) - k4 * (15.0 - 70.0 * u2 + 63.0 * u2 * u2))
    up -= k3 * (7.0 * u2 * u2 - 6.0 * u2 + 0.6)
    pull = -gm / (r2 * r)
    a[0] = pull * x * side
    a[1] = pull * y * side
    a[2] = pull * r * up


@njit(cache=True, fastmath=False)
def advance(s, dt, gm, radius, j2, j3, j4, work):  # type: ignore[no-untyped-def]
    """Move a state (6,) by dt in equal steps of at most `LONGEST_STEP_S`; `work` is (5, 6)."""
    count = max(1, math.ceil(abs(dt) / LONGEST_STEP_S))
    h = dt / count
    for _ in range(count):
        for stage in range(4):
            factor = 0.0 if stage == 0 else (1.0 if stage == 3 else 0.5)
            for i in range(6):
                work[4, i] = s[i] + (factor * h * work[stage - 1, i] if stage else 0.0)
            for i in range(3):
                work[stage, i] = work[4, i + 3]
            accelerate(work[4], gm, radius, j2, j3, j4, work[stage, 3:])
        for i in range(6):
            s[i] += h / 6.0 * (work[0, i] + 2.0 * work[1, i] + 2.0 * work[2, i] + work[3, i])


@njit(cache=True, fastmath=False, nogil=True)
def zonal_closest_rows(  # type: ignore[no-untyped-def]
    one, two, flip_1, flip_2, gm, radius, j2, j3, j4, start, begin, end, reach, miss
):
    """Fill the smallest distance near `start` of pairs (m, 6), (m, 6): `motion_kernels.closest_rows`."""
    a, b, work = np.empty(6), np.empty(6), np.empty((5, 6))
    for i in range(one.shape[0]):
        found = math.inf
        if fill_state(one[i], flip_1, gm, 0.0, a) and fill_state(two[i], flip_2, gm, 0.0, b):
            advance(a, start, gm, radius, j2, j3, j4, work)
            advance(b, start, gm, radius, j2, j3, j4, work)
            t = start
            for _ in range(REFINEMENTS):
                x, y, z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
                u, v, w = b[3] - a[3], b[4] - a[4], b[5] - a[5]
                distance2 = x * x + y * y + z * z
                speed2 = u * u + v * v + w * w
                along = x * u + y * v + z * w
                found = math.sqrt(distance2)
                dt = -along / speed2
                straight = math.sqrt(max(distance2 - along * along / speed2, 0.0))
                if straight - 10.0 * dt * dt > reach:
                    found = straight
                    break
                fresh = min(max(t + dt, begin), end)
                if abs(fresh - t) < 1e-7:
                    break
                advance(a, fresh - t, gm, radius, j2, j3, j4, work)
                advance(b, fresh - t, gm, radius, j2, j3, j4, work)
                t = fresh
        miss[i] = found


@njit(cache=True, fastmath=False, nogil=True)
def zonal_entry_rows(  # type: ignore[no-untyped-def]
    one, two, flip_1, flip_2, gm, radius, j2, j3, j4, begin, end, reach, hit
):
    """Fill ENTERED or AT_BEGIN where a pair comes within `reach`, else 0: `motion_kernels.entry_rows`."""
    a, b, work = np.empty(6), np.empty(6), np.empty((5, 6))
    for i in range(one.shape[0]):
        code, t = 0, begin
        if fill_state(one[i], flip_1, gm, 0.0, a) and fill_state(two[i], flip_2, gm, 0.0, b):
            advance(a, begin, gm, radius, j2, j3, j4, work)
            advance(b, begin, gm, radius, j2, j3, j4, work)
            for count in range(STEPS):
                x, y, z = b[0] - a[0], b[1] - a[1], b[2] - a[2]
                u, v, w = b[3] - a[3], b[4] - a[4], b[5] - a[5]
                distance = math.sqrt(x * x + y * y + z * z)
                if distance <= reach:
                    code = AT_BEGIN if count == 0 else ENTERED
                    break
                if t >= end:
                    break
                speed = math.sqrt(u * u + v * v + w * w)
                r2 = min(a[0] * a[0] + a[1] * a[1] + a[2] * a[2], b[0] * b[0] + b[1] * b[1] + b[2] * b[2])
                pull = 3.3 * gm / (r2 * math.sqrt(r2)) * 1.5 * distance
                gap = distance - reach
                inward = -(x * u + y * v + z * w) / distance
                root = math.sqrt(speed * speed + 2.0 * pull * gap)
                step = max(2.0 * gap / (speed + root), 0.01 * reach / root)
                if inward < 0.0:
                    step = max(step, min(-inward / max(pull, 1e-30), distance / (2.0 * root)))
                step = min(step, end - t)
                advance(a, step, gm, radius, j2, j3, j4, work)
                advance(b, step, gm, radius, j2, j3, j4, work)
                t += step
        hit[i] = code
