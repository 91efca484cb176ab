"""Compiled spherical harmonics: acceleration and its gradient for a field without its monopole.

The field is a sum over order m of lumped sums over degree n in derived Legendre functions of u = z/r
(Pines 1973), so the inner loops run along m without a dependence and there are no poles.
"""

from __future__ import annotations

import math

from numba import int64

from syzygy.numerics.inner_kernels import inner, polished

_NEGLIGIBLE = 1e-15


@inner
def _useful_degree(degree, ratio):  # type: ignore[no-untyped-def]
    """Return the degree above which radius / distance to the power n is nothing beside the monopole."""
    if ratio < 0.999:
        useful = 2 + int64(math.log(_NEGLIGIBLE) / math.log(ratio))
        return useful if useful < degree else degree
    return degree


@inner
def field_at(x, y, z, row, env, m, model, work):  # type: ignore[no-untyped-def]
    """Return the acceleration of a field without its monopole at a place about its body, inertial axes.

    `row` is that of the field in the model, `m` where its axes begin in `env`.
    """
    ints, reals, words = model
    bx = env[m] * x + env[m + 1] * y + env[m + 2] * z
    by = env[m + 3] * x + env[m + 4] * y + env[m + 5] * z
    bz = env[m + 6] * x + env[m + 7] * y + env[m + 8] * z
    r = math.sqrt(bx * bx + by * by + bz * bz)
    ratio = reals[row, 1] / r
    degree = _useful_degree(ints[row, 1], ratio)
    width = ints[row, 1] + 3
    lump_field(words, ints[row, 2], width, degree, bz / r, ratio, work)
    gx, gy, gz = _sum_orders(degree, width, bx / r, by / r, bz / r, work)
    scale = reals[row, 0] / (r * r)
    gx *= scale
    gy *= scale
    gz *= scale
    return (
        env[m] * gx + env[m + 3] * gy + env[m + 6] * gz,
        env[m + 1] * gx + env[m + 4] * gy + env[m + 7] * gz,
        env[m + 2] * gx + env[m + 5] * gy + env[m + 8] * gz,
    )


@inner
def lump_field(words, base, width, degree, u, ratio, work):  # type: ignore[no-untyped-def]
    """Sum over degrees 1..degree for each order m: C and S times A, n A and A' = dA/du, A scaled by ratio^n.

    Per degree n the words hold rows alpha, beta, c, C, S of `width` numbers:
    A[n,m] = alpha u A[n-1,m] - beta A[n-2,m], A'[n,m] = c A[n,m+1].
    """
    for k in range(9 * width):
        work[k] = 0.0
    two, one, now = 6 * width, 7 * width, 8 * width
    work[one] = 1.0
    power = 1.0
    for n in range(1, degree + 1):
        power *= ratio
        add_degree(words[base + n * 5 * width :], n, width, u * ratio, ratio * ratio, power,
                   work[two:], work[one:], work[now:], work)  # fmt: skip
        spare = two
        two = one
        one = now
        now = spare


@polished
def add_degree(words, n, width, uq, qq, power, two, one, now, work):  # type: ignore[no-untyped-def]
    """Find the functions of degree n and add them to the lumped sums."""
    beta = words[width:]
    c = words[2 * width :]
    big_c = words[3 * width :]
    big_s = words[4 * width :]
    ps = work[width:]
    qc = work[2 * width :]
    qs = work[3 * width :]
    dc = work[4 * width :]
    ds = work[5 * width :]
    degree = float(n)
    for m in range(n):
        now[m] = uq * words[m] * one[m] - qq * beta[m] * two[m]
    now[n] = power * words[n]
    for m in range(n + 1):
        a = big_c[m] * now[m]
        work[m] += a
        qc[m] += degree * a
    for m in range(n + 1):
        a = big_s[m] * now[m]
        ps[m] += a
        qs[m] += degree * a
    for m in range(n):
        a = c[m] * now[m + 1]
        dc[m] += big_c[m] * a
        ds[m] += big_s[m] * a


@inner
def _sum_orders(degree, width, s, t, u, work):  # type: ignore[no-untyped-def]
    """Turn lumped sums into the acceleration in units of GM / r^2, body axes."""
    a1 = a2 = a3 = a4 = 0.0
    r1 = 1.0
    i1 = 0.0
    r0 = 0.0
    i0 = 0.0
    for m in range(degree + 1):
        pc = work[m]
        ps = work[width + m]
        k = m + 1.0
        a1 += m * (pc * r0 + ps * i0)
        a2 += m * (ps * r0 - pc * i0)
        a3 += work[4 * width + m] * r1 + work[5 * width + m] * i1
        a4 -= (work[2 * width + m] + k * pc) * r1 + (work[3 * width + m] + k * ps) * i1
        r0 = r1
        i0 = i1
        r1 = s * r0 - t * i0
        i1 = s * i0 + t * r0
    a4 -= u * a3
    return a1 + s * a4, a2 + t * a4, a3 + u * a4


@inner
def field_gradient(x, y, z, row, env, m, model, work, gradient):  # type: ignore[no-untyped-def]
    """Add the derivative of a field (without monopole) with respect to position to `gradient`.

    From the Hessian of r^-k A(u) D(x, y), k = n + m + 1, D harmonic of order m: with B = k A + u A',
    r^-(k+2) (A'' zz - B' (rz + zr) + ((k + 2) B + u B') rr - B 1), z and r unit vectors.
    """
    ints, reals, words = model
    b0 = env[m] * x + env[m + 1] * y + env[m + 2] * z
    b1 = env[m + 3] * x + env[m + 4] * y + env[m + 5] * z
    b2 = env[m + 6] * x + env[m + 7] * y + env[m + 8] * z
    r = math.sqrt(b0 * b0 + b1 * b1 + b2 * b2)
    degree = _useful_degree(ints[row, 1], reals[row, 1] / r)
    width = ints[row, 1] + 3
    h = work[15 * width : 15 * width + 9]
    _lump_second(words, ints[row, 2], width, degree, b2 / r, reals[row, 1] / r, work)
    _sum_hessian(degree, width, b0 / r, b1 / r, b2 / r, work, h)
    scale = reals[row, 0] / (r * r * r)
    for i in range(3):
        for k in range(3):
            total = 0.0
            for p in range(3):
                for q in range(3):
                    total += env[m + 3 * p + i] * h[3 * p + q] * env[m + 3 * q + k]
            gradient[i, k] += scale * total


@polished
def _lump_second(words, base, width, degree, u, ratio, work):  # type: ignore[no-untyped-def]
    """Sum over degrees, for each order, C and S times A, A', A'', B, B' and (k + 2) B + u B'."""
    for i in range(15 * width):
        work[i] = 0.0
    two, one, now = 12 * width, 13 * width, 14 * width
    work[one] = 1.0
    power = 1.0
    for n in range(1, degree + 1):
        row = base + n * 5 * width
        power *= ratio
        for m in range(n):
            first = u * ratio * words[row + m] * work[one + m]
            work[now + m] = first - ratio * ratio * words[row + width + m] * work[two + m]
        work[now + n] = power * words[row + n]
        for m in range(n + 1):
            k = n + m + 1.0
            a0 = work[now + m]
            a1 = words[row + 2 * width + m] * work[now + m + 1] if m < n else 0.0
            a2 = 0.0
            if m + 1 < n:
                a2 = words[row + 2 * width + m] * words[row + 2 * width + m + 1] * work[now + m + 2]
            b0 = k * a0 + u * a1
            b1 = (k + 1.0) * a1 + u * a2
            place = m
            for value in (a0, a1, a2, b0, b1, (k + 2.0) * b0 + u * b1):
                work[place] += words[row + 3 * width + m] * value
                work[place + width] += words[row + 4 * width + m] * value
                place += 2 * width
        spare = two
        two = one
        one = now
        now = spare


@inner
def _sum_hessian(degree, width, s, t, u, work, h):  # type: ignore[no-untyped-def]
    """Turn lumped sums into second derivatives in units of GM / r^3, body axes, row by row."""
    for k in range(9):
        h[k] = 0.0
    r0, i0, r1, i1, r2, i2 = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for m in range(degree + 1):
        bb = work[8 * width + m] * r0 + work[9 * width + m] * i0
        ee = work[10 * width + m] * r0 + work[11 * width + m] * i0
        a2 = work[4 * width + m] * r0 + work[5 * width + m] * i0
        b0 = work[6 * width + m] * r0 + work[7 * width + m] * i0
        f = 1.0 * m
        ax = f * (work[2 * width + m] * r1 + work[3 * width + m] * i1)
        ay = f * (work[3 * width + m] * r1 - work[2 * width + m] * i1)
        bx = f * (work[6 * width + m] * r1 + work[7 * width + m] * i1)
        by = f * (work[7 * width + m] * r1 - work[6 * width + m] * i1)
        f2 = m * (m - 1.0)
        xx = f2 * (work[m] * r2 + work[width + m] * i2)
        xy = f2 * (work[width + m] * r2 - work[m] * i2)
        h[0] += ee * s * s - b0 - 2.0 * bx * s + xx
        h[4] += ee * t * t - b0 - 2.0 * by * t - xx
        h[8] += ee * u * u - b0 - 2.0 * bb * u + a2
        h[1] += ee * s * t - bx * t - by * s + xy
        h[2] += ee * s * u - bb * s - bx * u + ax
        h[5] += ee * t * u - bb * t - by * u + ay
        r2, i2, r1, i1 = r1, i1, r0, i0
        r0 = s * r1 - t * i1
        i0 = s * i1 + t * r1
    h[3] = h[1]
    h[6] = h[2]
    h[7] = h[5]
