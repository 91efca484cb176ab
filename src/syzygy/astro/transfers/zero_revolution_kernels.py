"""Lambert's problem without complete revolutions, a tile of rows at a time and without branches.

Symbols as in `_kernels`.  The time of flight is Battin's T = eta^3 G + 2 lam eta with
G = (2/3) 2F1(3, 1; 5/2; s1), s1 = sin^2(psi/2).  With c = cos(psi/2) and w = (1 - c)/(1 + c), which is
tan^2(psi/4), the product G c^3 (1 + w) is smooth from fast hyperbolas (w < 0) through the parabola (w = 0)
to slow ellipses (w near 1): one polynomial, no cancellation, no case apart.  A table gives x to 1e-4, two
steps of fourth order the rest.  A row that lies outside of the table, or whose second step is not small, is
left to the careful kernel.

The work array holds `FIELDS` rows of `TILE` numbers; a name is the offset of its row.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from syzygy.astro.transfers import _kernels
from syzygy.astro.transfers._kernels import SOLVED, find_x, solve_one
from syzygy.numerics._kernels import fingerprint
from syzygy.numerics.inner_kernels import apart

TILE = 128
SPEED_STEPS = 160
LAMBDA_STEPS = 120
_SHARE_LOW, _SHARE_HIGH = 0.2, 0.95
_LAMBDA_LIMIT = 0.99
_SMALL_STEP = 2e-5
_NEAR_ENOUGH = 1e-2
_NEAR_PARABOLA = 1e-3
_W_LOW, _W_HIGH = -0.55, 0.9

# Chebyshev fits (40 digits, rounded once) in z of [-1, 1]; their last terms are below 3e-16 and 4e-17.
_BATTIN = (
    0.6504673617278791, -0.037009189451706705, 0.1269420132423497, 0.009118025036021899,
    -0.0005283669508794966, 7.706584498518142e-05, -1.6147074830348823e-05, 4.163401946244198e-06,
    -1.2315687908889931e-06, 4.019236785806286e-07, -1.4130516350346446e-07, 5.306147204295692e-08,
    -2.086218374513274e-08, 7.721219662815448e-09, -3.0745964018653438e-09, 2.3099289376620496e-09,
    -1.1655629596600555e-09, -2.5296429562428663e-10, 1.8421828628675337e-10, 2.601879838142294e-10,
    -1.371182508764405e-10,
)  # fmt: skip
_BATTIN_EVEN, _BATTIN_ODD = _BATTIN[::2], _BATTIN[1::2]
_ARC = (
    0.9727273473624775, -0.02595851714348548, 0.0012392177552906357, -7.028021731560477e-05,
    4.336000159326448e-06, -2.812654559916742e-07, 1.886290386278614e-08, -1.2954362957827329e-09,
    9.055530463935257e-11, -6.4187716896097745e-12, 4.674548246606375e-13, -3.386147555868273e-14,
)  # fmt: skip

(
    LAM, OM, ONE_MINUS_LAM, S, RHO, SIGMA, GOAL, SHARE, X, NORMAL_X, NORMAL_Y, NORMAL_Z, ANGLE,
    PER_R1_SQUARED, PER_R2_SQUARED, INSIDE, DONE, AX, AY, AZ, BX, BY, BZ, SIGN, FLIGHT,
    UX, UY, UZ, VX, VY, VZ, EX, EY, EZ,
) = (k * TILE for k in range(34))  # fmt: skip
FIELDS = 34


@apart(cache=True, forceinline=True, error_model="numpy")
def _polynomial(coefficients, z):  # type: ignore[no-untyped-def]
    value = coefficients[-1]
    for k in range(len(coefficients) - 2, -1, -1):
        value = value * z + coefficients[k]
    return value


@apart(cache=True, forceinline=True, error_model="numpy")
def battin_product(w):  # type: ignore[no-untyped-def]
    """Return G c^3 (1 + w) of the module's docstring, with s1 = 4w / (1 + w)^2, for w of -0.55 to 0.9."""
    z = (w - 0.175) * (1.0 / 0.725)
    square = z * z
    return _polynomial(_BATTIN_EVEN, square) + z * _polynomial(_BATTIN_ODD, square)


@apart(cache=True, forceinline=True, error_model="numpy")
def quarter_arc(tangent):  # type: ignore[no-untyped-def]
    """Return the arc whose tangent is in 0 to tan(pi/8)."""
    return tangent * _polynomial(_ARC, (tangent * tangent - 0.086) * (1.0 / 0.086))


@apart(cache=True, error_model="numpy")
def _load(a, b, tof, axis, retrograde, first, w, lanes):  # type: ignore[no-untyped-def]
    """Turn rows of memory into rows of the tile."""
    one_axis, one_way = axis.shape[0] == 1, retrograde.size == 1
    for j in range(lanes):
        i = first + j
        k = 0 if one_axis else i
        w[AX + j], w[AY + j], w[AZ + j] = a[i, 0], a[i, 1], a[i, 2]
        w[BX + j], w[BY + j], w[BZ + j] = b[i, 0], b[i, 1], b[i, 2]
        w[EX + j], w[EY + j], w[EZ + j] = axis[k, 0], axis[k, 1], axis[k, 2]
        w[SIGN + j] = -1.0 if retrograde[0 if one_way else i] else 1.0
        w[FLIGHT + j] = tof[i]


@apart(cache=True, error_model="numpy")
def _triangle(gm, w, lanes):  # type: ignore[no-untyped-def]
    """Describe the triangle of the radii: plane, lambda, om, s, rho, sigma, time, angle."""
    for j in range(lanes):
        ax, ay, az = w[AX + j], w[AY + j], w[AZ + j]
        bx, by, bz = w[BX + j], w[BY + j], w[BZ + j]
        r1_squared = ax * ax + ay * ay + az * az
        r2_squared = bx * bx + by * by + bz * bz
        r1, r2 = math.sqrt(r1_squared), math.sqrt(r2_squared)
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        n = math.sqrt(nx * nx + ny * ny + nz * nz)
        area = r1 * r2
        dx, dy, dz = bx - ax, by - ay, bz - az
        chord = math.sqrt(dx * dx + dy * dy + dz * dz)
        dot = ax * bx + ay * by + az * bz
        big = math.sqrt(0.5 + 0.5 * abs(dot) / area)
        small = 0.5 * (n / area) / big
        acute = dot > 0.0
        cosine_half = big if acute else small
        sine_half = small if acute else big
        s = 0.5 * (r1 + r2 + chord)
        root = math.sqrt(area)
        along = nx * w[EX + j] + ny * w[EY + j] + nz * w[EZ + j]
        sign = (1.0 if along >= 0.0 else -1.0) * w[SIGN + j]
        lam = sign * root * cosine_half / s
        om = chord / s
        one_minus_lam = om / (1.0 + lam) if lam > 0.0 else 1.0 - lam
        goal = math.sqrt(2.0 * gm / s) * w[FLIGHT + j] / s
        share = goal / (goal + 2.0 / 3.0 * one_minus_lam * (1.0 + lam + lam * lam))
        arc = 4.0 * quarter_arc(small / (1.0 + big))
        arc = arc if acute else math.pi - arc
        sums = dx * (ax + bx) + dy * (ay + by) + dz * (az + bz)
        w[LAM + j], w[OM + j], w[ONE_MINUS_LAM + j], w[S + j] = lam, om, one_minus_lam, s
        w[RHO + j] = -sums / ((r1 + r2) * chord)
        w[SIGMA + j] = 2.0 * root * sine_half / chord
        w[GOAL + j], w[SHARE + j] = goal, share
        unit = sign / n
        w[NORMAL_X + j], w[NORMAL_Y + j], w[NORMAL_Z + j] = nx * unit, ny * unit, nz * unit
        w[ANGLE + j] = arc if sign > 0.0 else 2.0 * math.pi - arc
        w[PER_R1_SQUARED + j], w[PER_R2_SQUARED + j] = 1.0 / r1_squared, 1.0 / r2_squared
        safe = (n >= 0.1 * area) & (abs(lam) <= _LAMBDA_LIMIT) & (share > _SHARE_LOW) & (share < _SHARE_HIGH)
        w[INSIDE + j] = 1.0 if safe else 0.0


@apart(cache=True, error_model="numpy")
def _start(table, w, lanes):  # type: ignore[no-untyped-def]
    """Interpolate x in the table."""
    per_share = (SPEED_STEPS - 1) / (_SHARE_HIGH - _SHARE_LOW)
    per_lambda = (LAMBDA_STEPS - 1) / (2.0 * _LAMBDA_LIMIT)
    for j in range(lanes):
        along, across = 0.0, 0.0
        if w[INSIDE + j] > 0.0:
            along = (w[SHARE + j] - _SHARE_LOW) * per_share
            across = (w[LAM + j] + _LAMBDA_LIMIT) * per_lambda
        k, i = min(int(along), SPEED_STEPS - 2), min(int(across), LAMBDA_STEPS - 2)
        low = table[i, k] + (along - k) * (table[i, k + 1] - table[i, k])
        high = table[i + 1, k] + (along - k) * (table[i + 1, k + 1] - table[i + 1, k])
        w[X + j] = low + (across - i) * (high - low)


@apart(cache=True, error_model="numpy")
def _improve(w, lanes):  # type: ignore[no-untyped-def]
    """Take one Householder step of fourth order in every lane and tell where it was small."""
    for j in range(lanes):
        x, lam, om, goal = w[X + j], w[LAM + j], w[OM + j], w[GOAL + j]
        square = lam * lam
        y = math.sqrt(om + square * x * x)
        lx = lam * x
        difference = y - lx
        quotient = om / (y + lx)
        eta = quotient if lx > 0.0 else difference
        w2 = (1.0 - x) * (1.0 + x)
        s1 = 0.5 * (w[ONE_MINUS_LAM + j] - x * eta)
        beside = 1.0 - s1
        product = eta * eta * w2 / (4.0 * s1)
        c_squared = beside if s1 < 0.5 else product
        c = math.sqrt(c_squared)
        quarter = s1 / ((1.0 + c) * (1.0 + c))
        gauge = battin_product(quarter) * (1.0 + c) / (2.0 * c * c_squared)
        t = eta * (eta * eta * gauge + 2.0 * lam)
        per_y, per_w2 = 1.0 / y, 1.0 / w2
        cube, per_y_cube = square * lam, per_y * per_y * per_y
        t1 = (3.0 * t * x - 2.0 + 2.0 * cube * x * per_y) * per_w2
        t2 = (3.0 * t + 5.0 * x * t1 + 2.0 * om * cube * per_y_cube) * per_w2
        t3 = (7.0 * x * t2 + 8.0 * t1 - 6.0 * om * cube * square * x * per_y_cube * per_y * per_y) * per_w2
        d = t - goal
        slope = t1 * t1
        step = d * (slope - 0.5 * d * t2) / (t1 * (slope - d * t2) + t3 * d * d * (1.0 / 6.0))
        w[X + j] = x - step
        scale = 1.0 + x if x < 1.0 else x
        small = (abs(step) <= _SMALL_STEP * scale) & (abs(d) <= _NEAR_ENOUGH * goal)
        fit = (abs(w2) > _NEAR_PARABOLA) & (quarter > _W_LOW) & (quarter < _W_HIGH)
        w[DONE + j] = 1.0 if small & fit else 0.0


@apart(cache=True, error_model="numpy")
def _velocities(gm, w, lanes):  # type: ignore[no-untyped-def]
    """Turn x into both velocities."""
    for j in range(lanes):
        x, lam, om, rho = w[X + j], w[LAM + j], w[OM + j], w[RHO + j]
        square = lam * lam
        y = math.sqrt(om + square * x * x)
        ly, lx = lam * y, lam * x
        difference, total = ly - x, ly + x
        rest = om * (x * x * (1.0 + square) - square)
        careful_difference, careful_total = -rest / total, -rest / difference
        same_sign = ly * x
        minus = careful_difference if same_sign > 0.0 else difference
        plus = careful_total if same_sign < 0.0 else total
        sums, quotient = y + lx, om / (y - lx)
        transverse = w[SIGMA + j] * (quotient if lx < 0.0 else sums)
        gamma = math.sqrt(0.5 * gm * w[S + j])
        unit1, unit2 = gamma * w[PER_R1_SQUARED + j], gamma * w[PER_R2_SQUARED + j]
        vr1, vr2 = (minus - rho * plus) * unit1, -(minus + rho * plus) * unit2
        vt1, vt2 = transverse * unit1, transverse * unit2
        nx, ny, nz = w[NORMAL_X + j], w[NORMAL_Y + j], w[NORMAL_Z + j]
        ax, ay, az = w[AX + j], w[AY + j], w[AZ + j]
        bx, by, bz = w[BX + j], w[BY + j], w[BZ + j]
        w[UX + j] = vr1 * ax + vt1 * (ny * az - nz * ay)
        w[UY + j] = vr1 * ay + vt1 * (nz * ax - nx * az)
        w[UZ + j] = vr1 * az + vt1 * (nx * ay - ny * ax)
        w[VX + j] = vr2 * bx + vt2 * (ny * bz - nz * by)
        w[VY + j] = vr2 * by + vt2 * (nz * bx - nx * bz)
        w[VZ + j] = vr2 * bz + vt2 * (nx * by - ny * bx)


def _compile(callees: float) -> Any:
    """Compile the loops over rows; `callees` stands for the code they call in another file."""

    @apart(cache=True, error_model="numpy")
    def fill_starts(table):  # type: ignore[no-untyped-def]
        """Fill the table (LAMBDA_STEPS, SPEED_STEPS) of x over lambda and T / (T + T of the parabola)."""
        table[0, 0] = callees
        for i in range(LAMBDA_STEPS):
            lam = _LAMBDA_LIMIT * (2.0 * i / (LAMBDA_STEPS - 1) - 1.0)
            parabola = 2.0 / 3.0 * (1.0 - lam * lam * lam)
            for j in range(SPEED_STEPS):
                share = _SHARE_LOW + (_SHARE_HIGH - _SHARE_LOW) * j / (SPEED_STEPS - 1)
                goal = share / (1.0 - share) * parabola
                table[i, j] = find_x(goal, lam, (1.0 - lam) * (1.0 + lam), 0, False)[0]

    @apart(cache=True, error_model="numpy")
    def solve_rows(  # type: ignore[no-untyped-def]
        a, b, tof, gm, axis, plane, has_plane, retrograde, n_rev, right, starts, v1, v2, x, angle, status
    ):
        """Solve every row: a, b, v1, v2 (n, 3); axis, plane (n or 1, 3); retrograde, n_rev, right (n or 1,).

        `starts` comes from `fill_starts`; the rest is (n,).  Velocities of rows without a solution are NaN.
        """
        one_axis, one_plane = axis.shape[0] == 1, plane.shape[0] == 1
        one_way, one_count, one_side = retrograde.size == 1, n_rev.size == 1, right.size == 1
        w = np.zeros(FIELDS * TILE)
        w[0] = callees
        for first in range(0, a.shape[0], TILE):
            lanes = min(TILE, a.shape[0] - first)
            _load(a, b, tof, axis, retrograde, first, w, lanes)
            _triangle(gm, w, lanes)
            _start(starts, w, lanes)
            _improve(w, lanes)
            _improve(w, lanes)
            _velocities(gm, w, lanes)
            for j in range(lanes):
                i = first + j
                turns = n_rev[0 if one_count else i]
                if turns == 0 and w[INSIDE + j] * w[DONE + j] > 0.0:
                    v1[i, 0], v1[i, 1], v1[i, 2] = w[UX + j], w[UY + j], w[UZ + j]
                    v2[i, 0], v2[i, 1], v2[i, 2] = w[VX + j], w[VY + j], w[VZ + j]
                    x[i], angle[i], status[i] = w[X + j], w[ANGLE + j], SOLVED
                    continue
                x[i], angle[i], status[i] = solve_one(
                    a[i], b[i], tof[i], gm,
                    axis[0 if one_axis else i], plane[0 if one_plane else i], has_plane,
                    retrograde[0 if one_way else i], turns, right[0 if one_side else i],
                    v1[i], v2[i],
                )  # fmt: skip
                if status[i] != SOLVED:
                    v1[i], v2[i] = math.nan, math.nan

    return fill_starts, solve_rows


fill_starts, solve_rows = _compile(fingerprint(_kernels))
