"""Compiled kernels of Lambert's problem: one row in, one row out, with a status code per row.

Symbols follow Izzo (2015): `lam` is lambda, `om` = 1 - lambda^2 = chord / semi-perimeter, `x` the
Lancaster-Blanchard unknown (below 1 elliptic, 1 parabolic, above 1 hyperbolic), `y` the root of
om + lambda^2 x^2, `eta` = y - lambda x, `n_rev` the number of complete revolutions.  Every difference that
may cancel is written as a quotient: an answer is as good as its input even near 0, 180 and 360 degrees.
"""

from __future__ import annotations

import math

import numpy as np

from syzygy.numerics.inner_kernels import apart

SOLVED = 0
BAD_INPUT = 1
PLANE_UNDETERMINED = 2
NO_SUCH_REVOLUTION = 3
NOT_CONVERGED = 4

_SERIES_LIMIT = 0.05
_ITERATIONS = 40
_NEAR_ENOUGH = 1e-2
_EPS = 2.220446049250313e-16
_SPLITTER = 134217729.0


def _series_coefficients(terms: int = 15) -> np.ndarray:
    """Return the coefficients of (2/3) 2F1(3, 1; 5/2; z), Battin's series."""
    values = [2.0 / 3.0]
    for j in range(terms - 1):
        values.append(values[-1] * (3.0 + j) / (2.5 + j))
    return np.array(values)


_G = _series_coefficients()


@apart(cache=True, fastmath=False, inline="always")
def _product_error(a, b, product):  # type: ignore[no-untyped-def]
    """Return the exact rounding error of a*b (Dekker's splitting)."""
    t = _SPLITTER * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = _SPLITTER * b
    b_high = t - (t - b)
    b_low = b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@apart(cache=True, fastmath=False)
def _difference_of_products(a, b, c, d):  # type: ignore[no-untyped-def]
    """Return a*b - c*d without cancellation."""
    p = a * b
    q = c * d
    return (p - q) + (_product_error(a, b, p) - _product_error(c, d, q))


@apart(cache=True, fastmath=False)
def flight_time(x, lam, om, n_rev):  # type: ignore[no-untyped-def]
    """Return the non-dimensional time of flight and its three derivatives by x.

    Series in S1 = sin^2(psi/2) where the closed form would cancel, closed form elsewhere.  The third
    derivative is 0 (and the root search of third order) where its recursion would divide by almost zero.
    """
    y = math.sqrt(om + lam * lam * x * x)
    lx = lam * x
    eta = om / (y + lx) if lx > 0.0 else y - lx
    w2 = (1.0 - x) * (1.0 + x)
    one_minus_lam = om / (1.0 + lam) if lam > 0.0 else 1.0 - lam
    s1 = 0.5 * (one_minus_lam - x * eta)
    lam3 = lam * lam * lam
    if abs(s1) < _SERIES_LIMIT:
        g = 0.0
        g1 = 0.0
        g2 = 0.0
        for k in range(_G.shape[0] - 1, -1, -1):
            g2 = g2 * s1 + g1
            g1 = g1 * s1 + g
            g = g * s1 + _G[k]
        g2 *= 2.0
        y1 = lam * lx / y
        eta1 = -lam * eta / y
        eta2 = (-lam * eta1 + lam * eta * y1 / y) / y
        sp = -0.5 * eta * eta / y
        spp = (-eta * eta1 + 0.5 * eta * eta * y1 / y) / y
        e2 = eta * eta
        e3 = e2 * eta
        t = e3 * g + 2.0 * lam * eta
        t1 = 3.0 * e2 * eta1 * g + e3 * g1 * sp + 2.0 * lam * eta1
        t2 = (
            6.0 * eta * eta1 * eta1 * g
            + 3.0 * e2 * eta2 * g
            + 6.0 * e2 * eta1 * g1 * sp
            + e3 * (g2 * sp * sp + g1 * spp)
            + 2.0 * lam * eta2
        )
        t3 = 0.0
        if n_rev > 0:
            w = math.sqrt(w2)
            p = n_rev * math.pi / (w2 * w)
            q = 3.0 * p / w2
            t += p
            t1 += q * x
            t2 += q * (1.0 + 5.0 * x * x / w2)
        if abs(w2) > 0.05:
            t3 = (7.0 * x * t2 + 8.0 * t1 - 6.0 * om * lam3 * lam * lam * x / (y * y * y * y * y)) / w2
        return t, t1, t2, t3
    if lx > 0.0 and x > 0.0:
        x_minus_ly = om * (x * x * (1.0 + lam * lam) - lam * lam) / (x + lam * y)
    else:
        x_minus_ly = x - lam * y
    if w2 > 0.0:
        w = math.sqrt(w2)
        psi = math.atan2(eta * w, x * y + lam * w2)
        t = ((psi + n_rev * math.pi) / w - x_minus_ly) / w2
    else:
        w = math.sqrt(-w2)
        psi = math.asinh(eta * w)
        t = (psi / w - x_minus_ly) / w2
    t1 = (3.0 * t * x - 2.0 + 2.0 * lam3 * x / y) / w2
    y3 = y * y * y
    t2 = (3.0 * t + 5.0 * x * t1 + 2.0 * om * lam3 / y3) / w2
    t3 = (7.0 * x * t2 + 8.0 * t1 - 6.0 * om * lam3 * lam * lam * x / (y3 * y * y)) / w2
    return t, t1, t2, t3


@apart(cache=True, fastmath=False)
def least_flight_time(lam, om, n_rev):  # type: ignore[no-untyped-def]
    """Return (x, T) at the shortest flight with n_rev >= 1 revolutions: the zero of T', bracketed Halley."""
    low = -1.0
    high = 1.0
    x = 0.0
    t = 0.0
    for _ in range(_ITERATIONS):
        t, t1, t2, t3 = flight_time(x, lam, om, n_rev)
        if t1 > 0.0:
            high = x
        else:
            low = x
        denominator = t2 * t2 - 0.5 * t1 * t3
        new = x - t1 * t2 / denominator if denominator > 0.0 else 0.5 * (low + high)
        if not (low < new < high):
            new = 0.5 * (low + high)
        step = abs(new - x)
        x = new
        if step < 1e-13:
            break
    t, t1, t2, t3 = flight_time(x, lam, om, n_rev)
    return x, t, t2


@apart(cache=True, fastmath=False)
def _start_zero_revolutions(t_goal, lam, om):  # type: ignore[no-untyped-def]
    """Return a start for x, from value and slope of T at x = 0 and 1 and its limits at -1 and infinity.

    T(0) = acos(lam) + lam sqrt(om) with slope -2; T(1) = 2/3 (1 - lam^3) with slope -2/5 (1 - lam^5); T goes
    as pi / (2 (1 + x))^(3/2) towards -1 and as (1 - lam |lam|) / x towards infinity.  For lam near 1 the
    slope at 0 holds over a tiny range only; there a power law through both values does better.
    """
    root = math.sqrt(om)
    one_minus_lam = om / (1.0 + lam) if lam > 0.0 else 1.0 - lam
    l2 = lam * lam
    t_parabola = 2.0 / 3.0 * one_minus_lam * (1.0 + lam + l2)
    if t_goal < t_parabola:
        k = 2.5 * t_parabola / (one_minus_lam * (1.0 + lam + l2 + l2 * lam + l2 * l2))
        a = (om if lam > 0.0 else 1.0 + l2) / t_parabola
        return 1.0 + (t_parabola - t_goal) / t_goal * (a + (k - a) * t_goal / t_parabola)
    t_zero = math.atan2(root, lam) + lam * root
    if lam > 0.8:
        if t_goal >= t_zero:
            return np.cbrt(t_zero / t_goal) ** 2 - 1.0
        share = math.log(t_goal / t_zero) / math.log(t_parabola / t_zero)
        return math.exp(0.6931471805599453 * share) - 1.0
    if t_goal >= t_zero:
        q = np.cbrt(t_zero / t_goal)
        a = 0.5 * np.cbrt(math.pi / t_zero) ** 2
        c = 1.5 * t_zero - 3.0 + a
        return q * q * (a + q * (1.0 - a - c + q * c)) - 1.0
    width = t_zero - t_parabola
    u = (t_zero - t_goal) / width
    at_zero = 0.5 * width
    at_one = 2.5 * width / (one_minus_lam * (1.0 + lam + l2 + l2 * lam + l2 * l2))
    return u * (at_zero + u * (3.0 - 2.0 * at_zero - at_one + u * (at_zero + at_one - 2.0)))


@apart(cache=True, fastmath=False)
def find_x(t_goal, lam, om, n_rev, right):  # type: ignore[no-untyped-def]
    """Return (x, status): Householder steps of fourth order inside a shrinking bracket."""
    low = -1.0
    high = math.inf
    sign = -1.0
    if n_rev == 0:
        x = _start_zero_revolutions(t_goal, lam, om)
        if not x > -1.0:
            x = -0.5
    else:
        x_least, t_least, curvature = least_flight_time(lam, om, n_rev)
        excess = t_goal - t_least
        if excess < -8.0 * _EPS * t_least:
            return 0.0, NO_SUCH_REVOLUTION
        if excess <= 8.0 * _EPS * t_least:
            return x_least, SOLVED
        if right:
            low, high, sign = x_least, 1.0, 1.0
            p = (8.0 * t_goal / (n_rev * math.pi)) ** (2.0 / 3.0)
        else:
            high = x_least
            p = ((n_rev + 1) * math.pi / (8.0 * t_goal)) ** (2.0 / 3.0)
        x = (p - 1.0) / (p + 1.0)
        if excess < 0.1 * t_least or not (low < x < high):
            x = x_least + sign * math.sqrt(2.0 * excess / curvature)
            if not (low < x < high):
                x = 0.5 * (low + high)
    for _ in range(_ITERATIONS):
        t, t1, t2, t3 = flight_time(x, lam, om, n_rev)
        d = t - t_goal
        if d * sign > 0.0:
            high = x
        else:
            low = x
        t1_squared = t1 * t1
        denominator = t1 * (t1_squared - d * t2) + t3 * d * d / 6.0
        step = d * (t1_squared - 0.5 * d * t2) / denominator if denominator != 0.0 else math.inf
        scale = 1.0 + x if x < 1.0 else x
        if n_rev > 0:
            scale = min(scale, abs(1.0 - x), abs(x - x_least))
        small = abs(step) <= 2e-5 * scale or abs(step) <= 2.0 * _EPS * abs(x)
        if small and abs(d) <= _NEAR_ENOUGH * t_goal:
            return x - step, SOLVED
        new = x - step
        if not (low < new < high):
            new = 0.5 * (low + high) if high < math.inf else 2.0 * x + 1.0
        x = new
    return x, SOLVED if high - low <= 8.0 * _EPS * max(1.0, abs(x)) else NOT_CONVERGED


@apart(cache=True, fastmath=False)
def _norm(x, y, z):  # type: ignore[no-untyped-def]
    return math.sqrt(x * x + y * y + z * z)


@apart(cache=True, fastmath=False)
def _plane(a, b, r1, r2, axis, plane, has_plane, retrograde):  # type: ignore[no-untyped-def]
    """Return (normal of the motion, |sin angle|, long way, status) for the two radii."""
    nx = a[1] * b[2] - a[2] * b[1]
    ny = a[2] * b[0] - a[0] * b[2]
    nz = a[0] * b[1] - a[1] * b[0]
    n = _norm(nx, ny, nz)
    area = r1 * r2
    if n < 0.1 * area:
        nx = _difference_of_products(a[1], b[2], a[2], b[1])
        ny = _difference_of_products(a[2], b[0], a[0], b[2])
        nz = _difference_of_products(a[0], b[1], a[1], b[0])
        n = _norm(nx, ny, nz)
    if n <= 2.0 * _EPS * area:
        if not has_plane:
            return 0.0, 0.0, 0.0, 0.0, False, PLANE_UNDETERMINED
        size = _norm(plane[0], plane[1], plane[2])
        return plane[0] / size, plane[1] / size, plane[2] / size, 0.0, False, SOLVED
    long_way = (nx * axis[0] + ny * axis[1] + nz * axis[2] >= 0.0) == retrograde
    inverse = -1.0 / n if long_way else 1.0 / n
    return nx * inverse, ny * inverse, nz * inverse, n / area, long_way, SOLVED


@apart(cache=True, fastmath=False)
def _geometry(a, b, r1, r2, sine, long_way):  # type: ignore[no-untyped-def]
    """Return (lambda, om, semi-perimeter, rho, sigma) of the triangle, without cancellation."""
    dx, dy, dz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    chord = _norm(dx, dy, dz)
    dot = a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
    area = r1 * r2
    if dot > 0.0:
        cosine_half = math.sqrt(0.5 * (1.0 + dot / area))
        sine_half = 0.5 * sine / cosine_half
    else:
        sine_half = math.sqrt(0.5 * (1.0 - dot / area))
        cosine_half = 0.5 * sine / sine_half
    s = 0.5 * (r1 + r2 + chord)
    root = math.sqrt(area)
    lam = root * cosine_half / s
    if long_way:
        lam = -lam
    sums = dx * (a[0] + b[0]) + dy * (a[1] + b[1]) + dz * (a[2] + b[2])
    rho = -sums / ((r1 + r2) * chord)
    return lam, chord / s, s, rho, 2.0 * root * sine_half / chord


@apart(cache=True, fastmath=False)
def _speeds(x, lam, om, rho, sigma):  # type: ignore[no-untyped-def]
    """Return radial speed factors at both ends and the transverse one, in units of sqrt(gm s / 2)."""
    y = math.sqrt(om + lam * lam * x * x)
    ly = lam * y
    difference = ly - x
    total = ly + x
    if ly * x > 0.0:
        difference = -om * (x * x * (1.0 + lam * lam) - lam * lam) / total
    elif ly * x < 0.0:
        total = om * (x * x * (1.0 + lam * lam) - lam * lam) / -difference
    transverse = y + lam * x
    if lam * x < 0.0:
        transverse = om / (y - lam * x)
    return difference - rho * total, -(difference + rho * total), sigma * transverse


@apart(cache=True, fastmath=False)
def _usable(a, b, tof, gm):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(3):
        total += abs(a[k]) + abs(b[k])
    return math.isfinite(total) and math.isfinite(tof) and math.isfinite(gm) and tof > 0.0 and gm > 0.0


@apart(cache=True, fastmath=False)
def solve_one(a, b, tof, gm, axis, plane, has_plane, retrograde, n_rev, right, v1, v2):  # type: ignore[no-untyped-def]
    """Solve one row into v1 and v2; return (x, transfer angle, status)."""
    if not _usable(a, b, tof, gm) or n_rev < 0:
        return 0.0, 0.0, BAD_INPUT
    r1 = _norm(a[0], a[1], a[2])
    r2 = _norm(b[0], b[1], b[2])
    if r1 == 0.0 or r2 == 0.0:
        return 0.0, 0.0, BAD_INPUT
    nx, ny, nz, sine, long_way, status = _plane(a, b, r1, r2, axis, plane, has_plane, retrograde)
    if status != SOLVED:
        return 0.0, 0.0, status
    if sine == 0.0 and a[0] * b[0] + a[1] * b[1] + a[2] * b[2] > 0.0 and (r1 == r2 or n_rev > 0):
        return 0.0, 0.0, PLANE_UNDETERMINED
    lam, om, s, rho, sigma = _geometry(a, b, r1, r2, sine, long_way)
    if not om > 0.0:
        return 0.0, 0.0, PLANE_UNDETERMINED
    t_goal = math.sqrt(2.0 * gm / s) * tof / s
    x, status = find_x(t_goal, lam, om, n_rev, right)
    if status != SOLVED:
        return x, 0.0, status
    vr1, vr2, vt = _speeds(x, lam, om, rho, sigma)
    gamma = math.sqrt(0.5 * gm * s)
    vr1 *= gamma / (r1 * r1)
    vr2 *= gamma / (r2 * r2)
    vt1 = vt * gamma / (r1 * r1)
    vt2 = vt * gamma / (r2 * r2)
    v1[0] = vr1 * a[0] + vt1 * (ny * a[2] - nz * a[1])
    v1[1] = vr1 * a[1] + vt1 * (nz * a[0] - nx * a[2])
    v1[2] = vr1 * a[2] + vt1 * (nx * a[1] - ny * a[0])
    v2[0] = vr2 * b[0] + vt2 * (ny * b[2] - nz * b[1])
    v2[1] = vr2 * b[1] + vt2 * (nz * b[0] - nx * b[2])
    v2[2] = vr2 * b[2] + vt2 * (nx * b[1] - ny * b[0])
    angle = math.atan2(sine, (a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) / (r1 * r2))
    if long_way:
        angle = 2.0 * math.pi - angle
    return x, angle, SOLVED


@apart(cache=True, fastmath=False)
def count_rows(a, b, tof, gm, axis, retrograde, most):  # type: ignore[no-untyped-def]
    """Return per row the largest number of revolutions with a solution; -1 where even zero has none."""
    plane = np.zeros(3)
    for i in range(a.shape[0]):
        most[i] = -1
        if not _usable(a[i], b[i], tof[i], gm):
            continue
        r1 = _norm(a[i, 0], a[i, 1], a[i, 2])
        r2 = _norm(b[i, 0], b[i, 1], b[i, 2])
        if r1 == 0.0 or r2 == 0.0:
            continue
        j = i if axis.shape[0] > 1 else 0
        _, _, _, sine, long_way, status = _plane(a[i], b[i], r1, r2, axis[j], plane, False, retrograde[i])
        if status != SOLVED:
            continue
        lam, om, s, _, _ = _geometry(a[i], b[i], r1, r2, sine, long_way)
        t_goal = math.sqrt(2.0 * gm / s) * tof[i] / s
        n_rev = int(t_goal / math.pi)
        if n_rev > 0 and least_flight_time(lam, om, n_rev)[1] > t_goal:
            n_rev -= 1
        most[i] = n_rev


@apart(cache=True, fastmath=False)
def _perigee_triangle(r1, r2, angle):  # type: ignore[no-untyped-def]
    """Return (x, lambda, om, s, rho, sigma) of the conic through r2 at `angle` whose apsis is r1.

    Zero radial speed at departure means x (1 + rho) = lambda y (1 - rho): x in closed form.  x is infinite
    where no such conic exists (with the sign of lambda: too fast before, never arriving after).
    """
    half_sine = math.sin(0.5 * angle)
    difference = r2 - r1
    bulge = 4.0 * r1 * r2 * half_sine * half_sine
    chord = math.sqrt(difference * difference + bulge)
    s = 0.5 * (r1 + r2 + chord)
    lam = math.sqrt(r1 * r2) * math.cos(0.5 * angle) / s
    om = chord / s
    k = (chord + difference) * (chord + difference) / bulge
    rest = 1.0 - k * k * lam * lam * lam * lam
    x = k * lam * math.sqrt(om / rest) if rest > 0.0 else math.copysign(math.inf, lam)
    return x, lam, om, s, -difference / chord, 2.0 * math.sqrt(r1 * r2) * half_sine / chord


@apart(cache=True, fastmath=False)
def perigee_rows(r1, r2, tof, gm, angle, speed1, radial2, transverse2, status):  # type: ignore[no-untyped-def]
    """Find the conic that leaves tangentially at r1 and reaches r2 > r1 after tof: bisection on the angle."""
    for i in range(r1.shape[0]):
        a, b = r1[i], r2[i]
        status[i] = BAD_INPUT
        if not (math.isfinite(a + b + tof[i]) and 0.0 < a < b and tof[i] > 0.0):
            continue
        low = math.acos(a / b)
        high = 2.0 * math.pi
        for _ in range(64):
            middle = 0.5 * (low + high)
            x, lam, om, s, rho, sigma = _perigee_triangle(a, b, middle)
            late = lam < 0.0
            if -1.0 < x < math.inf:
                late = flight_time(x, lam, om, 0)[0] > math.sqrt(2.0 * gm / s) * tof[i] / s
            if late:
                high = middle
            else:
                low = middle
        x, lam, om, s, rho, sigma = _perigee_triangle(a, b, low)
        if not (-1.0 < x < math.inf):
            status[i] = NOT_CONVERGED
            continue
        _, vr2, vt = _speeds(x, lam, om, rho, sigma)
        gamma = math.sqrt(0.5 * gm * s)
        angle[i] = low
        speed1[i] = gamma * vt / a
        radial2[i] = gamma * vr2 / b
        transverse2[i] = gamma * vt / b
        status[i] = SOLVED
