"""Compiled loops: the integral of a normal density over a disk, in log space, many encounters a call."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

OK = 0
NOT_CONVERGED = 1
NOT_POSITIVE_DEFINITE = 2
NO_RELATIVE_MOTION = 3
SERIES_TERMS = 10
TABLE = 64
"""Intervals of the half turn for which sine and cosine come from a table."""
LAST_INTERVALS = 1 << 18
WHOLE_INTERVALS = 512
"""Where the whole half turn would need more intervals, only the neighbourhood of the peak is integrated."""
DEPTH = 46.0
"""Of the neighbourhood: exp(-46) is 1e-20."""
ROUNDING = 1e-14
"""Of an exponent: a logarithm of -1e11 carries an error of 1e-5 whatever the rule."""
_ROOT_HALF = 0.70710678118654752440
_ROOT_PI = 1.7724538509055160273
_ROOT_TWO_PI = 2.5066282746310005024


@njit(cache=True, fastmath=False)
def scaled_erfc(x):  # type: ignore[no-untyped-def]
    """Return exp(x^2) erfc(x), x >= 0: below 4 by the library function, above by Laplace's fraction."""
    if x < 4.0:
        return math.exp(x * x) * math.erfc(x)
    value = x
    for k in range(24, 0, -1):
        value = x + 0.5 * k / value
    return 1.0 / (_ROOT_PI * value)


@njit(cache=True, fastmath=False)
def fill_series(a, d, series):  # type: ignore[no-untyped-def]
    """Fill the coefficients of the mass of [a - d s, a + d s] over phi(a), as 2 d s times a series in s^2.

    Taylor series of the normal density: He_2k(a) d^2k / (2k + 1)!.
    """
    odd, even, power = 0.0, 1.0, 1.0
    series[0] = 1.0
    for k in range(1, SERIES_TERMS):
        odd = a * even - (2 * k - 2) * odd
        even = a * odd - (2 * k - 1) * even
        power *= d * d / ((2 * k) * (2 * k + 1))
        series[k] = even * power


@njit(cache=True, fastmath=False)
def interval_mass(a, d, series):  # type: ignore[no-untyped-def]
    """Return (exponent, factor) of the standard normal mass of [a - d, a + d], a >= 0, d > 0.

    The mass is exp(exponent) * factor.  Small intervals by the series, intervals that do not reach the
    middle by the scaled complementary error function: nothing cancels and nothing underflows.
    """
    if d * (a + 1.0) <= 1.0:
        fill_series(a, d, series)
        total = 0.0
        for k in range(SERIES_TERMS - 1, -1, -1):
            total += series[k]
        return -0.5 * a * a, 2.0 * d * total / _ROOT_TWO_PI
    low = a - d
    if low > 0.0:
        near = scaled_erfc(low * _ROOT_HALF)
        far = math.exp(-2.0 * a * d) * scaled_erfc((a + d) * _ROOT_HALF)
        return -0.5 * low * low, 0.5 * (near - far)
    return 0.0, 0.5 * (math.erf((a + d) * _ROOT_HALF) + math.erf(-low * _ROOT_HALF))


@njit(cache=True, fastmath=False)
def _small_disk(x, y, d, e, tolerance, cosine, sine, series):  # type: ignore[no-untyped-def]
    """Integrate where the disk is small beside the ellipse: the inner integral is one short series.

    `x`, `y` offsets in sigmas, `d`, `e` radius in sigmas along x and y.
    """
    fill_series(y, e, series)
    terms = SERIES_TERMS
    while terms > 1 and abs(series[terms - 1]) < 1e-18:
        terms -= 1
    reach = max(0.0, x - d)
    reference = -0.5 * reach * reach
    total, previous, error = 0.0, 0.0, math.inf
    intervals = 4
    stride, first = TABLE // 4, TABLE // 4
    while True:
        for j in range(first, TABLE, stride):
            u = d * cosine[j] - x
            s2 = sine[j] * sine[j]
            mass = series[terms - 1]
            for k in range(terms - 2, -1, -1):
                mass = mass * s2 + series[k]
            total += s2 * mass * math.exp(-0.5 * u * u - reference)
        value = total / intervals
        error = abs(value - previous)
        if error <= tolerance * value or intervals == TABLE:
            break
        previous = value
        intervals *= 2
        stride = TABLE // intervals * 2
        first = TABLE // intervals
    ln = math.log(value * d * e) + reference - 0.5 * y * y
    return ln, error / value, intervals


@njit(cache=True, fastmath=False)
def _node(t, x, y, d, e, series):  # type: ignore[no-untyped-def]
    """Return (exponent, factor) of the integrand over t at one node."""
    s = math.sin(t)
    if s <= 0.0:
        return -math.inf, 0.0
    exponent, mass = interval_mass(y, e * s, series)
    u = d * math.cos(t) - x
    return exponent - 0.5 * u * u, s * mass


@njit(cache=True, fastmath=False)
def _height(t, x, y, d, e, series):  # type: ignore[no-untyped-def]
    """Return the logarithm of the integrand over t."""
    exponent, factor = _node(t, x, y, d, e, series)
    return exponent + math.log(factor) if factor > 0.0 else -math.inf


@njit(cache=True, fastmath=False)
def _edge(inside, outside, level, x, y, d, e, series):  # type: ignore[no-untyped-def]
    """Return where the logarithm of the integrand falls below `level` between the peak and an end."""
    for _ in range(60):
        middle = 0.5 * (inside + outside)
        if _height(middle, x, y, d, e, series) > level:
            inside = middle
        else:
            outside = middle
    return outside


@njit(cache=True, fastmath=False)
def _neighbourhood(x, y, d, e, series):  # type: ignore[no-untyped-def]
    """Return the part of the half turn that matters; the integrand is log-concave in u: one peak."""
    low, high = 0.0, math.pi
    for _ in range(120):
        third = (high - low) / 3.0
        if _height(low + third, x, y, d, e, series) < _height(high - third, x, y, d, e, series):
            low += third
        else:
            high -= third
    peak = 0.5 * (low + high)
    level = _height(peak, x, y, d, e, series) - DEPTH
    return (
        _edge(peak, 0.0, level, x, y, d, e, series),
        _edge(peak, math.pi, level, x, y, d, e, series),
    )


@njit(cache=True, fastmath=False)
def _any_disk(x, y, d, e, tolerance, series):  # type: ignore[no-untyped-def]
    """Integrate any disk: every node carries its own exponent, sums are rescaled to the largest."""
    wanted = 3.0 * math.sqrt(d * x + e * y + e * e + d * d) + 2.0 * max(d, e)
    begin, end, intervals = 0.0, math.pi, 16
    if wanted > WHOLE_INTERVALS:
        begin, end = _neighbourhood(x, y, d, e, series)
        wanted = 64.0
    while intervals < wanted:
        intervals *= 2
    total, reference, previous, error, value = 0.0, -math.inf, 0.0, math.inf, 0.0
    first, stride = 1, 1
    while True:
        for j in range(first, intervals, stride):
            exponent, factor = _node(begin + (end - begin) * j / intervals, x, y, d, e, series)
            if exponent > reference:
                total *= math.exp(reference - exponent)
                previous *= math.exp(reference - exponent)
                reference = exponent
            total += factor * math.exp(exponent - reference)
        value = total / intervals
        error = abs(value - previous)
        if error <= (tolerance + ROUNDING * abs(reference)) * value or intervals >= LAST_INTERVALS:
            break
        previous = value
        intervals *= 2
        first, stride = 1, 2
    if value <= 0.0:
        return -math.inf, math.inf, intervals
    return math.log(value * d * (end - begin) / _ROOT_TWO_PI) + reference, error / value, intervals


@njit(cache=True, fastmath=False)
def ln_disk(x, y, sigma_x, sigma_y, radius, tolerance, cosine, sine, series):  # type: ignore[no-untyped-def]
    """Return (ln of the mass, estimated relative error, intervals) of the disk at offset (x, y).

    The substitution u = R cos t turns the outer integral into that of an entire function over a period, for
    which the trapezoid rule converges faster than any power; the nodes are doubled until two rules agree.
    """
    d, e = radius / sigma_x, radius / sigma_y
    x, y = abs(x) / sigma_x, abs(y) / sigma_y
    if e > d:
        outer, outer_offset, inner, inner_offset = d, x, e, y
    else:
        outer, outer_offset, inner, inner_offset = e, y, d, x
    if inner * (inner_offset + 1.0) <= 1.0 and outer * (outer_offset + 1.0) <= 8.0:
        return _small_disk(outer_offset, inner_offset, outer, inner, tolerance, cosine, sine, series)
    return _any_disk(outer_offset, inner_offset, outer, inner, tolerance, series)


@njit(cache=True, fastmath=False)
def principal_axes(xx, xy, yy):  # type: ignore[no-untyped-def]
    """Return (larger, smaller eigenvalue, cosine, sine of the larger axis) of a symmetric 2 x 2 matrix.

    The smaller eigenvalue comes from the determinant, not from a difference.
    """
    mean, half = 0.5 * (xx + yy), 0.5 * (xx - yy)
    size = math.hypot(half, xy)
    large = mean + size
    small = (xx * yy - xy * xy) / large if large > 0.0 else 0.0
    angle = 0.5 * math.atan2(xy, half)
    return large, small, math.cos(angle), math.sin(angle)


@njit(cache=True, fastmath=False, nogil=True)
def plane_rows(offset, covariance, radius, tolerance, ln, error, intervals, code):  # type: ignore[no-untyped-def]
    """Fill ln, error, intervals and code for offsets (n, 2) and plane covariances (n, 3): xx, xy, yy."""
    cosine, sine = np.empty(TABLE), np.empty(TABLE)
    for j in range(TABLE):
        cosine[j] = math.cos(math.pi * j / TABLE)
        sine[j] = math.sin(math.pi * j / TABLE)
    series = np.empty(SERIES_TERMS)
    for i in range(offset.shape[0]):
        large, small, c, s = principal_axes(covariance[i, 0], covariance[i, 1], covariance[i, 2])
        if not (small > 0.0 and large > 0.0):
            code[i], ln[i], error[i], intervals[i] = NOT_POSITIVE_DEFINITE, -math.inf, math.inf, 0
            continue
        x = c * offset[i, 0] + s * offset[i, 1]
        y = c * offset[i, 1] - s * offset[i, 0]
        value, difference, count = ln_disk(
            x, y, math.sqrt(large), math.sqrt(small), radius[i], tolerance, cosine, sine, series
        )
        ln[i], error[i], intervals[i] = min(value, 0.0), difference, count
        code[i] = OK if difference <= tolerance + ROUNDING * abs(value) else NOT_CONVERGED


@njit(cache=True, fastmath=False, nogil=True)
def project_rows(separation, velocity, covariance, offset, projected, code):  # type: ignore[no-untyped-def]
    """Fill offset (n, 2) and projected covariance (n, 3) in the plane perpendicular to the velocity.

    The first axis points along the part of the separation that lies in the plane.
    """
    for i in range(separation.shape[0]):
        ux, uy, uz = velocity[i, 0], velocity[i, 1], velocity[i, 2]
        size = math.sqrt(ux * ux + uy * uy + uz * uz)
        if not size > 0.0:
            code[i] = NO_RELATIVE_MOTION
            continue
        ux, uy, uz = ux / size, uy / size, uz / size
        dx, dy, dz = separation[i, 0], separation[i, 1], separation[i, 2]
        along = dx * ux + dy * uy + dz * uz
        px, py, pz = dx - along * ux, dy - along * uy, dz - along * uz
        miss = math.sqrt(px * px + py * py + pz * pz)
        whole = math.sqrt(dx * dx + dy * dy + dz * dz)
        offset[i, 0], offset[i, 1] = miss, 0.0
        if miss <= 1e-12 * whole or miss == 0.0:
            px, py, pz = -uy, ux, 0.0
            if abs(uz) > 0.9:
                px, py, pz = 0.0, -uz, uy
            miss = math.sqrt(px * px + py * py + pz * pz)
        px, py, pz = px / miss, py / miss, pz / miss
        qx, qy, qz = uy * pz - uz * py, uz * px - ux * pz, ux * py - uy * px
        m = covariance[i]
        ax = m[0, 0] * px + m[0, 1] * py + m[0, 2] * pz
        ay = m[1, 0] * px + m[1, 1] * py + m[1, 2] * pz
        az = m[2, 0] * px + m[2, 1] * py + m[2, 2] * pz
        bx = m[0, 0] * qx + m[0, 1] * qy + m[0, 2] * qz
        by = m[1, 0] * qx + m[1, 1] * qy + m[1, 2] * qz
        bz = m[2, 0] * qx + m[2, 1] * qy + m[2, 2] * qz
        projected[i, 0] = px * ax + py * ay + pz * az
        projected[i, 1] = qx * ax + qy * ay + qz * az
        projected[i, 2] = qx * bx + qy * by + qz * bz
        code[i] = OK
