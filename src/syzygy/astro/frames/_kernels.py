"""Compiled loops of `frames`: the arithmetic of `earth_rotation`, operation by operation, for many instants.

Loaded only for large batches.  `tests/astro/test_frames_kernels.py` holds every bit equal to the plain form.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_TWO_PI = 2.0 * math.pi
_NS_PER_DAY = 86_400_000_000_000
_J2000_DAY_NS = 946_728_000_000_000_000
_TT_SINCE_J2000_NS = 32_184_000_000 - _J2000_DAY_NS
_ERA_AT_J2000 = 0.7790572732640
_ERA_RATE_LESS_ONE = 0.00273781191135448
_ROTATION_RAD_S = _TWO_PI * 1.00273781191135448 / 86_400.0
_TIO_RATE = -47e-6 * (math.pi / 648_000.0) / 36_525.0
_SINE = tuple((-1.0) ** k / math.factorial(2 * k + 1) for k in range(8))
_COSINE = tuple((-1.0) ** k / math.factorial(2 * k) for k in range(9))


@njit(cache=True, fastmath=False)
def _cos_sin_of_turns(turns):  # type: ignore[no-untyped-def]
    part = turns - np.rint(turns)
    quarter = np.rint(4.0 * part)
    x = (part - 0.25 * quarter) * _TWO_PI
    z = x * x
    sine = _SINE[7] * z + _SINE[6]
    for k in range(5, -1, -1):
        sine = sine * z + _SINE[k]
    sine = x * sine
    cosine = _COSINE[8] * z + _COSINE[7]
    for k in range(6, -1, -1):
        cosine = cosine * z + _COSINE[k]
    turn_cosine = 1.0 - abs(quarter)
    turn_sine = quarter * (2.0 - abs(quarter))
    return cosine * turn_cosine - sine * turn_sine, sine * turn_cosine + cosine * turn_sine


@njit(cache=True, fastmath=False)
def _polynomial(powers, u):  # type: ignore[no-untyped-def]
    value = powers[-1]
    slope = 0.0
    for order in range(powers.shape[0] - 2, -1, -1):
        slope = slope * u + value
        value = value * u + powers[order]
    return value, slope


@njit(cache=True, fastmath=False)
def fill_earth_rotation(  # type: ignore[no-untyped-def]
    tai_ns, row, node_tai_ns, coefficients, pole_row, pole_u, pole_step_s, table, matrix, rate
):
    """Fill GCRF to ITRF and its rate (n, 3, 3); arguments as prepared by `earth_rotation`."""
    c = np.empty((3, 3))
    d = np.empty((3, 3))
    for i in range(tai_ns.shape[0]):
        own = coefficients[row[i]]
        u = (tai_ns[i] - node_tai_ns[row[i]]) / _NS_PER_DAY
        ut1, ut1_slope = _polynomial(own[0], u)
        pole_x, pole_x_slope = _polynomial(own[1], u)
        pole_y, pole_y_slope = _polynomial(own[2], u)
        dx, dx_slope = _polynomial(own[3], u)
        dy, dy_slope = _polynomial(own[4], u)
        sky = table[pole_row[i]]
        x0, x0_slope = _polynomial(sky[0], pole_u[i])
        y0, y0_slope = _polynomial(sky[1], pole_u[i])
        s, s_slope = _polynomial(sky[2], pole_u[i])
        pole_x_rate = pole_x_slope / 86_400.0
        pole_y_rate = pole_y_slope / 86_400.0

        x = x0 + dx
        y = y0 + dy
        x_rate = x0_slope / pole_step_s + dx_slope / 86_400.0
        y_rate = y0_slope / pole_step_s + dy_slope / 86_400.0
        z = math.sqrt(1.0 - (x * x + y * y))
        a = 1.0 / (1.0 + z)
        z_rate = -(x * x_rate + y * y_rate) / z
        a_rate = -(a * a) * z_rate
        c[0, 0] = 1.0 - a * (x * x)
        c[1, 1] = 1.0 - a * (y * y)
        c[0, 1] = c[1, 0] = -(a * (x * y))
        c[0, 2] = -x
        c[1, 2] = -y
        c[2, 0] = x
        c[2, 1] = y
        c[2, 2] = z
        d[0, 0] = -(a_rate * (x * x) + 2.0 * (a * (x * x_rate)))
        d[1, 1] = -(a_rate * (y * y) + 2.0 * (a * (y * y_rate)))
        d[0, 1] = d[1, 0] = -(a_rate * (x * y) + a * (x_rate * y + x * y_rate))
        d[0, 2] = -x_rate
        d[1, 2] = -y_rate
        d[2, 0] = x_rate
        d[2, 1] = y_rate
        d[2, 2] = z_rate

        since = tai_ns[i] - _J2000_DAY_NS
        whole = since // _NS_PER_DAY
        fraction = ((since - whole * _NS_PER_DAY) / 1e9 + ut1) / 86_400.0
        day = float(whole)
        turns = _ERA_AT_J2000 + fraction + _ERA_RATE_LESS_ONE * day + _ERA_RATE_LESS_ONE * fraction
        era_cosine, era_sine = _cos_sin_of_turns(turns)
        small = _TIO_RATE * ((tai_ns[i] + _TT_SINCE_J2000_NS) / _NS_PER_DAY) - s
        small_sine = small - small * small * small / 6.0
        small_cosine = 1.0 - 0.5 * (small * small)
        cosine = era_cosine * small_cosine - era_sine * small_sine
        sine = era_sine * small_cosine + era_cosine * small_sine
        spin = _ROTATION_RAD_S * (1.0 + ut1_slope / 86_400.0) - s_slope / pole_step_s

        sx = pole_x - pole_x * pole_x * pole_x / 6.0
        cx = 1.0 - 0.5 * (pole_x * pole_x)
        sy = pole_y - pole_y * pole_y * pole_y / 6.0
        cy = 1.0 - 0.5 * (pole_y * pole_y)
        w10 = sy * sx
        w12 = -(sy * cx)
        w20 = -(cy * sx)
        w22 = cy * cx
        for j in range(3):
            b0 = cosine * c[0, j] + sine * c[1, j]
            b1 = cosine * c[1, j] - sine * c[0, j]
            b2 = c[2, j]
            e0 = cosine * d[0, j] + sine * d[1, j] + spin * b1
            e1 = cosine * d[1, j] - sine * d[0, j] - spin * b0
            e2 = d[2, j]
            matrix[i, 0, j] = cx * b0 + sx * b2
            matrix[i, 1, j] = w10 * b0 + cy * b1 + w12 * b2
            matrix[i, 2, j] = w20 * b0 + sy * b1 + w22 * b2
            rate[i, 0, j] = cx * e0 + sx * e2 + pole_x_rate * b2
            rate[i, 1, j] = w10 * e0 + cy * e1 + w12 * e2 - pole_y_rate * b2
            rate[i, 2, j] = w20 * e0 + sy * e1 + w22 * e2 - pole_x_rate * b0 + pole_y_rate * b1


@njit(cache=True, fastmath=False)
def turn_forward(matrix, rate, position, velocity, moved, moved_velocity):  # type: ignore[no-untyped-def]
    """Fill matrix r, and matrix v + rate r where there are velocities (n or 0, 3); matrices repeat."""
    count = matrix.shape[0]
    for i in range(position.shape[0]):
        m = i % count
        x, y, z = position[i, 0], position[i, 1], position[i, 2]
        for k in range(3):
            moved[i, k] = matrix[m, k, 0] * x + matrix[m, k, 1] * y + matrix[m, k, 2] * z
    for i in range(velocity.shape[0]):
        m = i % count
        x, y, z = position[i, 0], position[i, 1], position[i, 2]
        u, v, w = velocity[i, 0], velocity[i, 1], velocity[i, 2]
        for k in range(3):
            moved_velocity[i, k] = (matrix[m, k, 0] * u + matrix[m, k, 1] * v + matrix[m, k, 2] * w) + (
                rate[m, k, 0] * x + rate[m, k, 1] * y + rate[m, k, 2] * z
            )


@njit(cache=True, fastmath=False)
def turn_backward(matrix, rate, position, velocity, moved, moved_velocity):  # type: ignore[no-untyped-def]
    """Fill the inverse of `turn_forward`."""
    count = matrix.shape[0]
    for i in range(position.shape[0]):
        m = i % count
        x, y, z = position[i, 0], position[i, 1], position[i, 2]
        for k in range(3):
            moved[i, k] = matrix[m, 0, k] * x + matrix[m, 1, k] * y + matrix[m, 2, k] * z
    for i in range(velocity.shape[0]):
        m = i % count
        x, y, z = moved[i, 0], moved[i, 1], moved[i, 2]
        u = velocity[i, 0] - (rate[m, 0, 0] * x + rate[m, 0, 1] * y + rate[m, 0, 2] * z)
        v = velocity[i, 1] - (rate[m, 1, 0] * x + rate[m, 1, 1] * y + rate[m, 1, 2] * z)
        w = velocity[i, 2] - (rate[m, 2, 0] * x + rate[m, 2, 1] * y + rate[m, 2, 2] * z)
        for k in range(3):
            moved_velocity[i, k] = matrix[m, 0, k] * u + matrix[m, 1, k] * v + matrix[m, 2, k] * w
