"""Compiled a-priori bounds of how far SGP4 can bend away between its knots. Arrays in, arrays out.

Lengths in Earth radii, times in minutes, as in the tables of SGP4's constants. The mathematics, with the
names used here, is in docs/explanation/completeness-of-screening.md, "The proof of the slack".
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from syzygy.astro.propagation import _sgp4_kernels as sgp4

XKE = sgp4.XKE
J2 = sgp4.J2
RADIUS_M = 1000.0 * sgp4.EARTH_RADIUS_KM
NODES_WEIGHT = 1.4190
"""|s (s^2 - 1) (s^2 - 4)| is at most this for |s| <= 1: the nodal polynomial of five knots."""

CLAMP_WEIGHT = 8.0
STRIPS = np.array([0.35, 0.55, 0.75])
"""Half widths of the strip of eccentric anomaly that are tried, over the largest that there is."""

WIDEST = 2.2
UNPROVEN = np.inf

(MO, MDOT, ARGPDOT, NODEDOT, NODECF, CC1, BCC4, T2COF, NO, AO, ECCO) = [
    (row - sgp4.FIRST) // sgp4.ROW
    for row in (
        sgp4.MO,
        sgp4.MDOT,
        sgp4.ARGPDOT,
        sgp4.NODEDOT,
        sgp4.NODECF,
        sgp4.CC1,
        sgp4.BCC4,
        sgp4.T2COF,
        sgp4.NO,
        sgp4.AO,
        sgp4.ECCO,
    )
]
(COSIP, SINIP, CON41, X1MTH2, X7THM1) = [
    (row - sgp4.FIRST) // sgp4.ROW for row in (sgp4.COSIP, sgp4.SINIP, sgp4.CON41, sgp4.X1MTH2, sgp4.X7THM1)
]
(D2, D3, D4, BCC5, SINMAO, T3COF, T4COF, T5COF, OMGCOF, ETA, XMCOF, AYCOF, XLCOF) = [
    (row - sgp4.FIRST) // sgp4.ROW
    for row in (
        sgp4.D2,
        sgp4.D3,
        sgp4.D4,
        sgp4.BCC5,
        sgp4.SINMAO,
        sgp4.T3COF,
        sgp4.T4COF,
        sgp4.T5COF,
        sgp4.OMGCOF,
        sgp4.ETA,
        sgp4.XMCOF,
        sgp4.AYCOF,
        sgp4.XLCOF,
    )
]


@njit(cache=True, error_model="numpy")
def _excursion(shape, drift, strip):  # type: ignore[no-untyped-def]
    """Bound |path - frozen two-body path| on the disc of complex time of radius rho around any instant.

    shape: a (largest), e (largest), sizes of the five factors of inclination, least p = a (1 - e^2);
    drift: what may change on the disc: a (relative), (f, g), U - n tau, node and inclination together.
    strip: half width in eccentric anomaly of the frozen path. Infinity where the disc is too large.
    """
    a, e, cosi, sini, con41, x1mth2, x7thm1, p = shape
    d_a, d_e, d_u, d_plane = drift
    room = 1.2
    wide = strip
    phi = np.inf
    cosh = math.cosh(strip)
    for _ in range(3):
        cosh = math.cosh(wide)
        least = 1.0 - (e + 2.0 * d_e) * cosh
        if not least > 0.0:
            return np.inf
        phi = (d_u + 2.0 * d_e * cosh) / least
        if strip + phi <= wide:
            break
        wide = strip + room * phi
    if not strip + phi <= wide:
        return np.inf
    inner = e / (1.0 + math.sqrt(1.0 - e * e))
    grown = math.exp(strip)
    change = 2.0 * d_e * (math.sqrt(2.0) * e + d_e)
    rest = 1.0 - e * e - change
    if not (rest > 0.0 and inner * grown < 1.0):
        return np.inf
    beta = math.sqrt(rest)
    both = e + math.sqrt(2.0) * d_e
    swing = (e + 2.0 * d_e) * cosh
    tilt = swing / (1.0 + beta)
    tilt_rate = (2.0 * d_e * cosh + swing * phi) / (1.0 + beta)
    tilt_rate += tilt * math.sqrt(2.0) * d_e * both / (beta * (1.0 + beta))
    circle = math.sqrt(math.cosh(2.0 * wide))
    size = circle + both * (1.0 + tilt)
    largest = a * (1.0 + d_a)
    moved = a * d_a * size + largest * (circle * phi + math.sqrt(2.0) * d_e * (1.0 + tilt) + both * tilt_rate)
    # The argument of latitude: exact on the frozen path, then moved by the drift.
    turn = size * moved / (largest * least * least) * ((1.0 + d_a) / (1.0 - d_a)) ** 2
    if not (turn < 1.0 and d_a < 0.5):
        return np.inf
    ahead = (grown - inner) / (1.0 - inner * grown) * math.exp(turn)
    twice = 0.5 * (ahead * ahead + 1.0 / (ahead * ahead))
    least_p = p * (1.0 - d_a) * rest / (1.0 - e * e)
    first = 0.5 * J2 / least_p
    second = first / least_p
    angle = second * twice * (0.25 * x7thm1 + 1.5 * cosi * (1.0 + sini))
    radial = 1.5 * second * con41 * math.sqrt(1.0 + change) * largest * (1.0 + swing)
    radial += 0.5 * first * x1mth2 * twice
    rotated = math.exp(d_plane)
    periodic = math.expm1(angle) * largest * size + radial * math.sqrt(twice) * math.exp(angle)
    return moved + (rotated - 1.0) * largest * size + rotated * periodic


@njit(cache=True, error_model="numpy")
def _near_drift(c, range_, rho):  # type: ignore[no-untyped-def]
    """Return how much the slow quantities of a near-earth object may change on a disc of radius rho.

    range_ : middle and half width of the real times; least tempa, largest e, of those times.
    """
    middle, half, least, e, el = range_
    far = abs(middle) + half + rho
    tempa_rate = abs(c[CC1]) + far * (2.0 * abs(c[D2]) + far * (3.0 * abs(c[D3]) + far * 4.0 * abs(c[D4])))
    d_tempa = rho * tempa_rate / least
    if not d_tempa < 0.2:
        return np.inf, np.inf, np.inf, np.inf
    d_a = d_tempa * (2.0 + d_tempa)
    turn = c[MDOT] * rho
    cosh = math.cosh(turn)
    eta = abs(c[ETA])
    d_mean = abs(c[OMGCOF]) * rho + abs(c[XMCOF]) * 3.0 * eta * (1.0 + eta * cosh) ** 2 * turn * cosh
    d_argp = abs(c[ARGPDOT]) * rho + d_mean
    turned = turn + d_mean
    if not turned < 20.0:
        return np.inf, np.inf, np.inf, np.inf
    de = abs(c[BCC4]) * rho + abs(c[BCC5]) * turned * math.cosh(turned)
    smaller = (2.0 * e * de + de * de) / (1.0 - e * e)
    if not smaller < 0.2:
        return np.inf, np.inf, np.inf, np.inf
    over = 1.0 / (c[AO] * least * least * (1.0 - e * e))
    d_over = over * (1.0 / ((1.0 - d_tempa) ** 2 * (1.0 - smaller)) - 1.0)
    slow = (e + de) * math.expm1(d_argp) + de
    d_e = slow + abs(c[AYCOF]) * d_over
    bend = c[NO] * (
        2.0 * abs(c[T2COF])
        + far * (6.0 * abs(c[T3COF]) + far * (12.0 * abs(c[T4COF]) + far * 20.0 * abs(c[T5COF])))
    )
    rise = (
        c[NO]
        * middle
        * (2.0 * c[T2COF] + middle * (3.0 * c[T3COF] + middle * (4.0 * c[T4COF] + middle * 5.0 * c[T5COF])))
    )
    tempa = 1.0 - middle * (c[CC1] + middle * (c[D2] + middle * (c[D3] + middle * c[D4])))
    excess = abs(c[MDOT] + c[ARGPDOT] + rise - c[NO] / (tempa * tempa * tempa))
    excess += half * (bend + 3.0 * c[NO] * tempa_rate / least**4)
    d_u = rho * excess + 0.5 * rho * rho * bend
    d_u += abs(c[XLCOF]) * ((over + d_over) * slow + d_over * el)
    d_plane = rho * (abs(c[NODEDOT]) + 2.0 * far * abs(c[NODECF]))
    return d_a, d_e, d_u, d_plane


@njit(cache=True, error_model="numpy")
def _near_remainder(c, begin, end, fifth):  # type: ignore[no-untyped-def]
    """Bound the fifth derivative / 120, and what the floor of e moves, for times of [begin, end] minutes."""
    middle = 0.5 * (begin + end)
    half = 0.5 * (end - begin)
    far = abs(middle) + half
    tempa_rate = abs(c[CC1]) + far * (2.0 * abs(c[D2]) + far * (3.0 * abs(c[D3]) + far * 4.0 * abs(c[D4])))
    tempa = 1.0 - middle * (c[CC1] + middle * (c[D2] + middle * (c[D3] + middle * c[D4])))
    least = tempa - half * tempa_rate
    most = tempa + half * tempa_rate
    e_here = c[ECCO] - c[BCC4] * middle + c[BCC5] * c[SINMAO]
    e_room = abs(c[BCC4]) * half + abs(c[BCC5])
    e = max(e_here + e_room, 1e-6)
    clamped = max(1e-6 - (e_here - e_room), 0.0)
    if not (least > 0.05 and e < 0.95 and c[NO] > 0.0 and clamped < 1e-3):
        return UNPROVEN, 0.0
    low_a = c[AO] * least * least
    el = e + abs(c[AYCOF]) / (low_a * (1.0 - e * e))
    if not el < 0.97:
        return UNPROVEN, 0.0
    p = low_a * (1.0 - el * el)
    shape = (
        c[AO] * most * most,
        el,
        abs(c[COSIP]),
        abs(c[SINIP]),
        abs(c[CON41]),
        abs(c[X1MTH2]),
        abs(c[X7THM1]),
        p,
    )
    motion = c[NO] / (least * least * least)
    widest = min(math.acosh(1.0 / el), WIDEST)
    best = np.inf
    for k in range(STRIPS.shape[0]):
        strip = STRIPS[k] * widest
        rho = (strip - el * math.sinh(strip)) / motion
        drift = _near_drift(c, (middle, half, least, e, el), rho)
        best = min(best, _excursion(shape, drift, strip) / rho**5)
    bin_ = int(el * fifth.shape[0]) + 1
    kepler = XKE**5 * p**-6.5 * fifth[min(bin_, fifth.shape[0] - 1)]
    return kepler / 120.0 + best, CLAMP_WEIGHT * shape[0] * clamped


@njit(cache=True, nogil=True, error_model="numpy")
def near_remainders(table, begin, end, steps, fifth, out):  # type: ignore[no-untyped-def]
    """Bound the remainder of five knots, out (k, steps) metres, for each object's own times, minutes.

    steps (s,): distances of the knots, minutes.
    """
    for i in range(table.shape[0]):
        bend, floor = _near_remainder(table[i], begin[i], end[i], fifth)
        for k in range(steps.shape[0]):
            out[i, k] = RADIUS_M * (NODES_WEIGHT * steps[k] ** 5 * bend + floor)
