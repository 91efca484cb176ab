"""The rotation from GCRF to ITRF (IAU 2006/2000A, CIO based) as matrices, in plain arithmetic.

Only additions, products, quotients and square roots are used (sine and cosine are polynomials here), in one
fixed order, so that the compiled loop of `_kernels` and every machine give the same bits.
"""

from __future__ import annotations

import math

import erfa
import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import ARCSECOND_RAD, EARTH_ROTATION_TURNS_PER_UT1_DAY
from syzygy.astro.frames.vectors import Matrices
from syzygy.astro.time import (
    J2000_DAY_NS,
    NS_PER_DAY,
    NS_PER_S,
    TT_MINUS_TAI_NS,
    EarthOrientation,
    Instants,
    LeapSeconds,
)
from syzygy.astro.time.earth_orientation import OrientationCurve, curve_rows, orientation_curve
from syzygy.astro.time.fixed_nodes import POINTS, FixedNodeTable

TWO_PI = 2.0 * math.pi
ERA_AT_J2000_TURNS = 0.7790572732640
"""Earth Rotation Angle at 2000-01-01T12:00:00 UT1 (IERS Conventions 2010, eq. 5.15)."""
ERA_RATE_LESS_ONE = 0.00273781191135448
"""Turns per UT1 day beyond one; the difference of the full rate and 1 would lose four digits."""
TIO_LOCATOR_RATE_RAD_PER_DAY = -47e-6 * ARCSECOND_RAD / 36_525.0
"""s' = -47 microarcseconds per century (IERS Conventions 2010, eq. 5.13)."""
ROTATION_RAD_S = TWO_PI * EARTH_ROTATION_TURNS_PER_UT1_DAY / 86_400.0

_STEP_NS = NS_PER_DAY // 2
_STEP_S = _STEP_NS / NS_PER_S
_CHUNK = 4_096
COMPILED_FROM = 32_768
"""Batches from this size on pay for loading the compiled loop."""


def _pole_and_locator(tt_days: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack(erfa.xys06a(2_451_545.0, tt_days), axis=-1)


POLE_TABLE = FixedNodeTable(_pole_and_locator, _STEP_NS)
"""X, Y of the celestial pole and the locator s of IAU 2006/2000A (ERFA ``xys06a``), rad, twice a day."""


def earth_rotation(
    tai_ns: Instants, leap_seconds: LeapSeconds, earth_orientation: EarthOrientation
) -> tuple[Matrices, Matrices]:
    """Return the rotation from GCRF to ITRF and its rate per second of TAI, each (n, 3, 3).

    Raises
    ------
    CoverageError
        Outside the Earth orientation, or in its predicted part when predictions are not allowed.
    """
    curve = orientation_curve(earth_orientation, leap_seconds)
    row = curve_rows(curve, tai_ns)
    fill = fill_plain if tai_ns.size < COMPILED_FROM else _fill_compiled
    return fill(tai_ns, row, curve, *POLE_TABLE.locate(tai_ns))


def fill_plain(
    tai_ns: Instants,
    row: NDArray[np.intp],
    curve: OrientationCurve,
    table: NDArray[np.float64],
    pole_row: NDArray[np.int64],
    pole_u: NDArray[np.float64],
) -> tuple[Matrices, Matrices]:
    """Return the rotation and its rate in plain arithmetic, in chunks that stay in the cache."""
    matrix = np.empty((tai_ns.size, 3, 3))
    rate = np.empty((tai_ns.size, 3, 3))
    for start in range(0, tai_ns.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        at = row[part]
        orientation, orientation_rate = _polynomials(
            curve.coefficients[at], (tai_ns[part] - curve.node_tai_ns[at]) / NS_PER_DAY, 86_400.0
        )
        pole, pole_rate = _polynomials(table[pole_row[part]], pole_u[part], _STEP_S)
        _fill(tai_ns[part], orientation, orientation_rate, pole, pole_rate, matrix[part], rate[part])
    return matrix, rate


def _fill_compiled(
    tai_ns: Instants,
    row: NDArray[np.intp],
    curve: OrientationCurve,
    table: NDArray[np.float64],
    pole_row: NDArray[np.int64],
    pole_u: NDArray[np.float64],
) -> tuple[Matrices, Matrices]:
    """Return the same bits as `fill_plain` by the compiled loop."""
    from syzygy.astro.frames._kernels import fill_earth_rotation

    matrix = np.empty((tai_ns.size, 3, 3))
    rate = np.empty((tai_ns.size, 3, 3))
    fill_earth_rotation(
        np.ascontiguousarray(tai_ns),
        row,
        curve.node_tai_ns,
        curve.coefficients,
        pole_row,
        pole_u,
        _STEP_S,
        table,
        matrix,
        rate,
    )
    return matrix, rate


def _polynomials(
    powers: NDArray[np.float64], u: NDArray[np.float64], unit_s: float
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Return values and rates per second of each of the k polynomials (n, k, order) at u."""
    values, rates = [], []
    for k in range(powers.shape[1]):
        value = powers[:, k, -1]
        slope = np.zeros_like(value)
        for order in range(powers.shape[2] - 2, -1, -1):
            slope = slope * u + value
            value = value * u + powers[:, k, order]
        values.append(value)
        rates.append(slope / unit_s)
    return values, rates


def _fill(
    tai_ns: Instants,
    orientation: list[NDArray[np.float64]],
    orientation_rate: list[NDArray[np.float64]],
    pole: list[NDArray[np.float64]],
    pole_rate: list[NDArray[np.float64]],
    matrix: Matrices,
    rate: Matrices,
) -> None:
    """Fill the rotation and its rate of one chunk."""
    ut1, pole_x, pole_y, dx, dy = orientation
    ut1_rate, pole_x_rate, pole_y_rate, dx_rate, dy_rate = orientation_rate
    c, c_rate = _celestial_to_intermediate(
        pole[0] + dx, pole[1] + dy, pole_rate[0] + dx_rate, pole_rate[1] + dy_rate
    )
    day, fraction = ut1_day_and_fraction(tai_ns, ut1)
    cosine, sine = turned(*cos_sin_of_turns(era_turns(day, fraction)), locators(tai_ns, pole[2]))
    spin = ROTATION_RAD_S * (1.0 + ut1_rate) - pole_rate[2]
    w = polar_motion(pole_x, pole_y)
    for j in range(3):
        b0 = cosine * c[0][j] + sine * c[1][j]
        b1 = cosine * c[1][j] - sine * c[0][j]
        b2 = c[2][j]
        b0_rate = cosine * c_rate[0][j] + sine * c_rate[1][j] + spin * b1
        b1_rate = cosine * c_rate[1][j] - sine * c_rate[0][j] - spin * b0
        b2_rate = c_rate[2][j]
        matrix[:, 0, j] = w[0] * b0 + w[1] * b2
        matrix[:, 1, j] = w[2] * b0 + w[3] * b1 + w[4] * b2
        matrix[:, 2, j] = w[5] * b0 + w[6] * b1 + w[7] * b2
        rate[:, 0, j] = w[0] * b0_rate + w[1] * b2_rate + pole_x_rate * b2
        rate[:, 1, j] = w[2] * b0_rate + w[3] * b1_rate + w[4] * b2_rate - pole_y_rate * b2
        rate[:, 2, j] = w[5] * b0_rate + w[6] * b1_rate + w[7] * b2_rate - pole_x_rate * b0 + pole_y_rate * b1


def ut1_day_and_fraction(
    tai_ns: Instants, ut1_minus_tai_s: NDArray[np.float64] | float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return UT1 days since 2000-01-01T12:00:00 UT1 as a whole number and a fraction (about 0 to 1)."""
    day, ns = np.divmod(tai_ns - J2000_DAY_NS, NS_PER_DAY)
    return day.astype(np.float64), (ns / 1e9 + ut1_minus_tai_s) / 86_400.0


def era_turns(day: NDArray[np.float64], fraction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Earth Rotation Angle in turns, whole turns of the days left out."""
    return ERA_AT_J2000_TURNS + fraction + ERA_RATE_LESS_ONE * day + ERA_RATE_LESS_ONE * fraction


def gmst82_turns(day: NDArray[np.float64], fraction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Greenwich mean sidereal time of IAU 1982 in turns (Aoki et al. 1982), whole days left out."""
    t = (day + fraction) / 36_525.0
    polynomial = t * (8_640_184.812866 + t * (0.093104 - t * 6.2e-6))
    return fraction + (67_310.54841 + polynomial) / 86_400.0


def cos_sin_of_turns(turns: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return cosine and sine of angles given in turns, within 2e-16 by polynomials on an eighth of a turn."""
    part = turns - np.rint(turns)
    quarter = np.rint(4.0 * part)
    x = (part - 0.25 * quarter) * TWO_PI
    z = x * x
    sine = _SINE[-1] * z + _SINE[-2]
    for coefficient in _SINE[-3::-1]:
        sine = sine * z + coefficient
    sine = x * sine
    cosine = _COSINE[-1] * z + _COSINE[-2]
    for coefficient in _COSINE[-3::-1]:
        cosine = cosine * z + coefficient
    # Cosine and sine of -2 to 2 quarter turns, without a branch.
    turn_cosine = 1.0 - np.abs(quarter)
    turn_sine = quarter * (2.0 - np.abs(quarter))
    return cosine * turn_cosine - sine * turn_sine, sine * turn_cosine + cosine * turn_sine


def locators(tai_ns: Instants, s_rad: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return s' - s, the part of the Earth's angle that comes from the two origins."""
    tt_days = (tai_ns + (TT_MINUS_TAI_NS - J2000_DAY_NS)) / NS_PER_DAY
    return TIO_LOCATOR_RATE_RAD_PER_DAY * tt_days - s_rad


def turned(
    cosine: NDArray[np.float64], sine: NDArray[np.float64], small_rad: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return cosine and sine of an angle and a small one (below 1e-4 rad) together."""
    small_sine = small_rad - small_rad * small_rad * small_rad / 6.0
    small_cosine = 1.0 - 0.5 * (small_rad * small_rad)
    return cosine * small_cosine - sine * small_sine, sine * small_cosine + cosine * small_sine


def polar_motion(pole_x: NDArray[np.float64], pole_y: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the entries 00, 02, 10, 11, 12, 20, 21, 22 of R1(-y) R2(-x); entry 01 is zero."""
    sx = pole_x - pole_x * pole_x * pole_x / 6.0
    cx = 1.0 - 0.5 * (pole_x * pole_x)
    sy = pole_y - pole_y * pole_y * pole_y / 6.0
    cy = 1.0 - 0.5 * (pole_y * pole_y)
    return [cx, sx, sy * sx, cy, -(sy * cx), -(cy * sx), sy, cy * cx]


def _celestial_to_intermediate(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    x_rate: NDArray[np.float64],
    y_rate: NDArray[np.float64],
) -> tuple[list[list[NDArray[np.float64]]], list[list[NDArray[np.float64]]]]:
    """Return the turn that brings the celestial pole to z, without the locator, and its rate.

    **Source**: IERS Conventions (2010), eq. 5.10 transposed.
    """
    z = np.sqrt(1.0 - (x * x + y * y))
    a = 1.0 / (1.0 + z)
    z_rate = -(x * x_rate + y * y_rate) / z
    a_rate = -(a * a) * z_rate
    xy = -(a * (x * y))
    xy_rate = -(a_rate * (x * y) + a * (x_rate * y + x * y_rate))
    xx_rate = -(a_rate * (x * x) + 2.0 * (a * (x * x_rate)))
    yy_rate = -(a_rate * (y * y) + 2.0 * (a * (y * y_rate)))
    matrix = [[1.0 - a * (x * x), xy, -x], [xy, 1.0 - a * (y * y), -y], [x, y, z]]
    rate = [[xx_rate, xy_rate, -x_rate], [xy_rate, yy_rate, -y_rate], [x_rate, y_rate, z_rate]]
    return matrix, rate


_SINE = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(POINTS)]
_COSINE = [(-1.0) ** k / math.factorial(2 * k) for k in range(POINTS + 1)]
