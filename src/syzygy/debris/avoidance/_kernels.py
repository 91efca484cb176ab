"""Compiled loops of the avoidance: who passes the tube of reachable orbits, and which passes are close."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_FALL_M_S2 = 10.0
"""Above any acceleration of an orbit around the Earth."""


@njit(cache=True, fastmath=False)
def hermite(p0, v0, p1, v1, step, x, out):  # type: ignore[no-untyped-def]
    """Fill position and velocity (6,) at the part x of a step from the states at both ends."""
    y = 1.0 - x
    a, b = (1.0 + 2.0 * x) * y * y, x * y * y * step
    c, d = x * x * (3.0 - 2.0 * x), -x * x * y * step
    e = 6.0 * x * y / step
    f, g = y * (1.0 - 3.0 * x), x * (3.0 * x - 2.0)
    for k in range(3):
        out[k] = a * p0[k] + b * v0[k] + c * p1[k] + d * v1[k]
        out[3 + k] = e * (p1[k] - p0[k]) + f * v0[k] + g * v1[k]


@njit(cache=True, fastmath=False)
def _normal(own, out):  # type: ignore[no-untyped-def]
    out[0] = own[1] * own[5] - own[2] * own[4]
    out[1] = own[2] * own[3] - own[0] * own[5]
    out[2] = own[0] * own[4] - own[1] * own[3]
    size = math.sqrt(out[0] ** 2 + out[1] ** 2 + out[2] ** 2)
    for k in range(3):
        out[k] /= size
    return size


@njit(cache=True, fastmath=False)
def _offsets(own, other, normal, momentum, gm, out):  # type: ignore[no-untyped-def]
    """Fill height over the plane, height over the curve and arc along it of another object, m."""
    z = other[0] * normal[0] + other[1] * normal[1] + other[2] * normal[2]
    radius = math.sqrt(own[0] ** 2 + own[1] ** 2 + own[2] ** 2)
    x = (other[0] * own[0] + other[1] * own[1] + other[2] * own[2]) / radius
    cx = normal[1] * own[2] - normal[2] * own[1]
    cy = normal[2] * own[0] - normal[0] * own[2]
    cz = normal[0] * own[1] - normal[1] * own[0]
    y = (other[0] * cx + other[1] * cy + other[2] * cz) / radius
    angle = math.atan2(y, x)
    p = momentum * momentum / gm
    radial = (own[0] * own[3] + own[1] * own[4] + own[2] * own[5]) / radius
    ex, ey = p / radius - 1.0, radial * momentum / gm
    curve = p / (1.0 + ex * math.cos(angle) - ey * math.sin(angle))
    out[0] = z
    out[1] = math.sqrt(x * x + y * y) - curve
    out[2] = radius * angle


@njit(cache=True, fastmath=False)
def _plane_height(own, other, normal):  # type: ignore[no-untyped-def]
    _normal(own, normal)
    return other[0] * normal[0] + other[1] * normal[1] + other[2] * normal[2]


@njit(cache=True, fastmath=False)
def _height_at(own_p, own_v, p, v, step, part, own, other, normal):  # type: ignore[no-untyped-def]
    hermite(own_p[0], own_v[0], own_p[1], own_v[1], step, part, own)
    hermite(p[0], v[0], p[1], v[1], step, part, other)
    return _plane_height(own, other, normal)


@njit(cache=True, fastmath=False)
def _part_of_pass(  # type: ignore[no-untyped-def]
    own_p, own_v, p, v, step, tube, z, rate, own, other, normal
):
    """Return where in a step an object crosses the plane, or is lowest over it; -1 where it is too high."""
    low, high = 0.0, 1.0
    at_low = _height_at(own_p, own_v, p, v, step, 0.0, own, other, normal)
    at_high = _height_at(own_p, own_v, p, v, step, 1.0, own, other, normal)
    most, least = max(abs(at_low), abs(at_high)), min(abs(at_low), abs(at_high))
    if most <= tube or rate == 0.0:
        return 0.5
    if at_low * at_high > 0.0:
        half = 0.5 * step
        if abs(rate) * half < abs(z) and least > tube + 0.5 * _FALL_M_S2 * half * half:
            return -1.0
        return min(max(0.5 - z / (rate * step), 0.0), 1.0)
    part = 0.5
    for _ in range(8):
        part = (at_low * high - at_high * low) / (at_low - at_high)
        part = min(max(part, low + 0.05 * (high - low)), high - 0.05 * (high - low))
        here = _height_at(own_p, own_v, p, v, step, part, own, other, normal)
        if here * at_low > 0.0:
            low, at_low = part, here
        else:
            high, at_high = part, here
        if abs(here) < 100.0:
            break
    return part


@njit(cache=True, fastmath=False)
def find_passes(  # type: ignore[no-untyped-def]
    own_p, own_v, position, velocity, usable, step, tube, arc, gm, found_object, found_interval, found_part
):
    """Find the passes of objects (n, m, 3) through the tube about one path (m, 3) between m knots.

    ``tube`` is the half thickness (m), ``arc`` (m - 1,) the half length along the path. Returns the number
    found; a number above the length of the arrays means that they were too short.
    """
    count = 0
    half = 0.5 * step
    fall = 0.5 * _FALL_M_S2 * half * half
    own, other, normal = np.empty(6), np.empty(6), np.empty(3)
    offset = np.empty(3)
    for i in range(position.shape[0]):
        for m in range(own_p.shape[0] - 1):
            if not (usable[i, m] and usable[i, m + 1]):
                continue
            hermite(own_p[m], own_v[m], own_p[m + 1], own_v[m + 1], step, 0.5, own)
            hermite(position[i, m], velocity[i, m], position[i, m + 1], velocity[i, m + 1], step, 0.5, other)
            momentum = _normal(own, normal)
            z = other[0] * normal[0] + other[1] * normal[1] + other[2] * normal[2]
            rate = other[3] * normal[0] + other[4] * normal[1] + other[5] * normal[2]
            if abs(z) > tube + abs(rate) * half + fall:
                continue
            _offsets(own, other, normal, momentum, gm, offset)
            size = math.sqrt(other[0] ** 2 + other[1] ** 2 + other[2] ** 2)
            climb = abs(other[0] * other[3] + other[1] * other[4] + other[2] * other[5]) / size
            own_size = math.sqrt(own[0] ** 2 + own[1] ** 2 + own[2] ** 2)
            climb += abs(own[0] * own[3] + own[1] * own[4] + own[2] * own[5]) / own_size
            if abs(offset[1]) > tube + climb * half + 2.0 * fall + abs(z) ** 2 / size:
                continue
            dx, dy, dz = other[3] - own[3], other[4] - own[4], other[5] - own[5]
            speed = math.sqrt(dx * dx + dy * dy + dz * dz)
            if abs(offset[2]) > arc[m] + speed * half + 2.0 * fall:
                continue
            part = _part_of_pass(
                own_p[m : m + 2], own_v[m : m + 2], position[i, m : m + 2], velocity[i, m : m + 2],
                step, tube, z, rate, own, other, normal,
            )  # fmt: skip
            if part < 0.0:
                continue
            hermite(own_p[m], own_v[m], own_p[m + 1], own_v[m + 1], step, part, own)
            hermite(position[i, m], velocity[i, m], position[i, m + 1], velocity[i, m + 1], step, part, other)
            momentum = _normal(own, normal)
            _offsets(own, other, normal, momentum, gm, offset)
            lax = 2.0 * tube + 5000.0
            steep = abs(other[3] * normal[0] + other[4] * normal[1] + other[5] * normal[2])
            slack = min(tube / max(steep, 1.0), half)
            if abs(offset[1]) > lax + climb * slack + (climb * half if part == 0.5 else 0.0):
                continue
            if abs(offset[2]) > arc[m] + lax + speed * slack:
                continue
            if count < found_object.shape[0]:
                found_object[count], found_interval[count], found_part[count] = i, m, part
            count += 1
    return count


@njit(cache=True, fastmath=False)
def near_passes(  # type: ignore[no-untyped-def]
    own_p, own_v, other_p, other_v, first, last, reach, longest, rows, columns, delay
):
    """Find the passes (columns, m) that paths (rows, (n, m, 3)) have within `reach`, by linear motion.

    Row n counts in its columns ``first[n]`` to ``last[n]``. Returns the number found; `delay` is the time
    from the instant of the column to the closest approach; a number above the length of the arrays means
    that they were too short.
    """
    count = 0
    for n in range(own_p.shape[0]):
        for m in range(first[n], last[n]):
            dx = other_p[m, 0] - own_p[n, m, 0]
            dy = other_p[m, 1] - own_p[n, m, 1]
            dz = other_p[m, 2] - own_p[n, m, 2]
            ux = other_v[m, 0] - own_v[n, m, 0]
            uy = other_v[m, 1] - own_v[n, m, 1]
            uz = other_v[m, 2] - own_v[n, m, 2]
            speed2 = ux * ux + uy * uy + uz * uz
            if not speed2 > 0.0:
                continue
            t = -(dx * ux + dy * uy + dz * uz) / speed2
            t = min(max(t, -longest), longest)
            distance = math.sqrt(dx * dx + dy * dy + dz * dz)
            dx, dy, dz = dx + ux * t, dy + uy * t, dz + uz * t
            # Two objects this close fall almost alike: the difference is that of the gravity gradient.
            gradient = 3.0e-6 * max(distance, reach) * t * t
            limit = reach + 0.5 * gradient + 100.0
            if dx * dx + dy * dy + dz * dz > limit * limit:
                continue
            if count < rows.shape[0]:
                rows[count], columns[count], delay[count] = n, m, t
            count += 1
    return count
