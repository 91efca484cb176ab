"""Compiled a-priori bounds of how far deep-space SGP4 can bend away between its knots.

As `_stray_kernels`, for orbits of 225 minutes and more: the periodics of Sun and Moon are slow angles, the
resonance with the Earth's field is a polynomial between its steps of 720 minutes.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from syzygy.astro.propagation import _sgp4_kernels as sgp4
from syzygy.debris._stray_kernels import (
    AO,
    ARGPDOT,
    BCC4,
    CC1,
    CLAMP_WEIGHT,
    ECCO,
    MDOT,
    NO,
    NODECF,
    NODEDOT,
    NODES_WEIGHT,
    RADIUS_M,
    STRIPS,
    T2COF,
    UNPROVEN,
    WIDEST,
    XKE,
    _excursion,
)

HALF_J3 = 0.5 * abs(sgp4.J3OJ2)
RPTIM = sgp4.RPTIM
IREZ, XFACT, DEL1, D2201 = sgp4.IREZ, sgp4.XFACT, sgp4.DEL1, sgp4.D2201
(ARGPO, NODEO, INCLO, DEDT, DIDT, DMDT, DOMDT, DNODT, ZMOS, ZMOL) = [
    (row - sgp4.FIRST) // sgp4.ROW
    for row in (
        sgp4.ARGPO,
        sgp4.NODEO,
        sgp4.INCLO,
        sgp4.DEDT,
        sgp4.DIDT,
        sgp4.DMDT,
        sgp4.DOMDT,
        sgp4.DNODT,
        sgp4.ZMOS,
        sgp4.ZMOL,
    )
]
(SE2, SI2, SL2, SGH2, SH2, EE2, XI2, XL2, XGH2, XH2) = [
    (row - sgp4.FIRST) // sgp4.ROW
    for row in (
        sgp4.SE2,
        sgp4.SI2,
        sgp4.SL2,
        sgp4.SGH2,
        sgp4.SH2,
        sgp4.EE2,
        sgp4.XI2,
        sgp4.XL2,
        sgp4.XGH2,
        sgp4.XH2,
    )
]
PERIODICS = np.array([[SE2, EE2], [SI2, XI2], [SL2, XL2], [SGH2, XGH2], [SH2, XH2]])
THIRD = np.array([False, False, True, True, False])
SPEED = np.array([sgp4.ZNS, sgp4.ZNL])
FLAT = np.array([sgp4.ZES, sgp4.ZEL])
START = np.array([ZMOS, ZMOL])
OF_LONGITUDE = sgp4._OF_LONGITUDE
LYDDANE_RAD = 0.2
SPAN_MIN = 20.0
"""Five knots span 16 minutes."""

JUMP_WEIGHT = 2.5
"""One and more than the sum of |weights| of five knots in their middle half: what a kink can do."""


@njit(cache=True, error_model="numpy")
def _periodics(c, t, out):  # type: ignore[no-untyped-def]
    """Write the periodics of e, i, mean anomaly, perigee and node at a real time to out (5,)."""
    for k in range(5):
        out[k] = 0.0
        for body in range(2):
            zm = c[START[body]] + SPEED[body] * t
            zf = zm + 2.0 * FLAT[body] * math.sin(zm)
            first = PERIODICS[k, body]
            out[k] += -0.25 * c[first] * math.cos(2.0 * zf) - 0.25 * c[first + 1] * math.sin(2.0 * zf)
            if THIRD[k]:
                out[k] += c[first + 2] * math.sin(zf)


@njit(cache=True, error_model="numpy")
def _changes(c, rho, out):  # type: ignore[no-untyped-def]
    """Bound how much each periodic changes within rho minutes of complex time, out (5,)."""
    for k in range(5):
        out[k] = 0.0
        for body in range(2):
            z = SPEED[body] * rho
            w = z * (1.0 + 2.0 * FLAT[body] * math.cosh(z))
            first = PERIODICS[k, body]
            out[k] += 0.5 * math.hypot(c[first], c[first + 1]) * w * math.cosh(2.0 * w)
            if THIRD[k]:
                out[k] += abs(c[first + 2]) * w * math.cosh(w)


@njit(cache=True, error_model="numpy")
def _resonance_sizes(c, far):  # type: ignore[no-untyped-def]
    """Bound |xndt|, |xnddt|, the change of xndt over a step and of the mean motion, for |t| up to `far`."""
    if c[IREZ] == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    force = 0.0
    slope = 0.0
    if c[IREZ] == 1.0:
        for k in range(3):
            force += abs(c[DEL1 + k])
            slope += (k + 1.0) * abs(c[DEL1 + k])
    else:
        for k in range(10):
            force += abs(c[D2201 + k])
            slope += OF_LONGITUDE[k] * abs(c[D2201 + k])
    whole = far + 720.0
    drift = abs(c[NO] + c[XFACT]) + whole * force
    # The step adds xnddt 720^2 / 2 to the mean motion, so one more round of the bound.
    bend = slope * drift
    drift += whole * 360.0 * bend
    bend = slope * drift
    turn = 720.0 * (drift + 360.0 * force) * slope + 1440.0 * abs(c[ARGPDOT]) * force
    return force, bend, min(2.0 * force, turn), whole * (force + 360.0 * bend)


@njit(cache=True, error_model="numpy")
def _plane_drift(c, here, change, tilt, room, middle, half, rho):  # type: ignore[no-untyped-def]
    """Bound the change of node and perigee by the periodics of the node, on a disc.

    here, change (5,): periodics at the middle of the times, and their change on the disc; tilt: inclination
    at the middle; room: its change over the times and on the disc. Infinity where the form is singular.
    """
    real = np.empty(5)
    _changes(c, half, real)
    ph = abs(here[4]) + real[4] + change[4]
    pinc = abs(here[1]) + real[1] + change[1]
    di = abs(c[DIDT]) * rho + change[1]
    if tilt - room >= LYDDANE_RAD:
        least = math.sin(tilt) - 1.1 * room
        if not least > 0.02:
            return np.inf, np.inf
        moved = change[4] / least + 1.2 * ph * di / (least * least)
        return moved, 1.1 * moved + 1.2 * di * ph / least
    if tilt + room >= LYDDANE_RAD:
        return np.inf, np.inf
    node = c[NODEO] + (c[NODEDOT] + c[DNODT]) * middle + c[NODECF] * middle * middle
    node_room = half * (abs(c[NODEDOT] + c[DNODT]) + 2.0 * abs(c[NODECF]) * (abs(middle) + half)) + 1e-6
    turns = node / (2.0 * math.pi)
    if abs(turns - round(turns)) * 2.0 * math.pi <= node_room:
        return np.inf, np.inf
    sine = math.sin(tilt) + here[1] * math.cos(tilt)
    slack = 1.1 * (abs(c[DIDT]) * half + real[1] + real[1] + pinc * (abs(c[DIDT]) * half + real[1])) + real[4]
    distance = math.hypot(here[4], sine) - slack
    moved = change[4] + 1.1 * (di + change[1] + pinc * di)
    # Where both may change sign the arc tangent may pass its cut, and SDP4 jumps.
    cut = sine - slack - moved <= 0.0 and abs(here[4]) - real[4] - change[4] <= 0.0
    if cut or not distance > 4.0 * moved:
        return np.inf, np.inf
    turned = 1.3 * moved / (distance - 1.5 * moved)
    slow = rho * (abs(c[NODEDOT] + c[DNODT]) + 2.0 * abs(c[NODECF]) * (abs(middle) + half + rho))
    high = abs(tilt) + room
    shift = 2.0 * math.pi * 1.1 * (pinc * di + change[1] * high) + 1.1 * pinc * high * slow
    return turned, shift + 1.1 * turned + 1.1 * math.pi * di


@njit(cache=True, error_model="numpy")
def _deep_drift(c, here, range_, sizes, rho):  # type: ignore[no-untyped-def]
    """Return how much the slow quantities may change on a disc of radius rho, and the factors of inclination.

    range_: middle and half width of the real times; least tempa, largest e and el, of these times.
    """
    middle, half, least, e, el, motion = range_
    force, bend, _, _ = sizes
    bad = (np.inf, np.inf, np.inf, np.inf), 0.0
    far = abs(middle) + half + rho
    change = np.empty(5)
    _changes(c, rho, change)
    real = np.empty(5)
    _changes(c, half, real)
    d_tempa = rho * abs(c[CC1]) / least
    d_motion = rho * (force + bend * (720.0 + rho)) / motion
    if not (d_tempa < 0.2 and d_motion < 0.2):
        return bad
    d_a = (1.0 + d_tempa) ** 2 * (1.0 - d_motion) ** (-2.0 / 3.0) - 1.0
    di = abs(c[DIDT]) * rho + change[1]
    tilt = c[INCLO] + c[DIDT] * middle + here[1]
    room = di + abs(c[DIDT]) * half + real[1]
    d_node, d_shift = _plane_drift(c, here, change, tilt, room, middle, half, rho)
    away = 1.0 + math.cos(tilt) - 1.2 * room
    if not (d_node < 0.5 and d_shift < 0.5 and away > 0.1 and room < 0.2):
        return bad
    d_argp = abs(c[ARGPDOT] + c[DOMDT]) * rho + change[3] + d_shift
    de = (abs(c[DEDT]) + abs(c[BCC4])) * rho + change[0]
    smaller = (2.0 * e * de + de * de) / (1.0 - e * e)
    if not smaller < 0.2:
        return bad
    low_a = c[AO] * (c[NO] / motion) ** (2.0 / 3.0) * least * least
    over = 1.0 / (low_a * (1.0 - e * e))
    d_over = over * ((1.0 - d_motion) ** (-2.0 / 3.0) / ((1.0 - d_tempa) ** 2 * (1.0 - smaller)) - 1.0)
    # a grows with (NO / nm)^(2/3): 1 / a shrinks or grows by no more than the same factor.
    slow = (e + de) * math.expm1(d_argp) + de
    sine = min(abs(math.sin(tilt)) + 1.1 * room, 1.1)
    d_e = slow + HALF_J3 * (sine * d_over + 1.1 * di * (over + d_over))
    tempa = 1.0 - c[CC1] * middle
    turns = c[IREZ]
    if turns == 0.0:
        rate = c[MDOT] + c[DMDT] + c[ARGPDOT] + c[DOMDT] - c[NO]
    else:
        node_rate = c[NODEDOT] + c[DNODT] + 2.0 * c[NODECF] * middle
        rate = c[XFACT] + turns * (RPTIM - node_rate) - (1.0 - turns) * (c[ARGPDOT] + c[DOMDT])
    excess = abs(rate + 2.0 * c[NO] * c[T2COF] * middle + c[NO] * (1.0 - tempa**-3.0))
    excess += 1.1 * abs(motion - c[NO]) * abs(1.0 - least**-3.0) + 0.5 * bend * 720.0**2
    excess += half * (2.0 * c[NO] * abs(c[T2COF]) + 3.0 * motion * abs(c[CC1]) / least**4)
    excess += 2.0 * turns * abs(c[NODECF]) * half
    curved = 2.0 * c[NO] * abs(c[T2COF]) + force + bend * (720.0 + rho) + 2.0 * turns * abs(c[NODECF])
    x_l = 0.5 * HALF_J3 * sine * 8.0 / away
    d_xl = 0.5 * HALF_J3 * 1.2 * di * (8.0 / away + 8.0 / (away * away))
    d_u = rho * excess + 0.5 * rho * rho * curved + change[2] + change[3] + d_shift
    d_u += x_l * ((over + d_over) * slow + d_over * el) + d_xl * (over + d_over) * (el + slow)
    d_plane = rho * (abs(c[NODEDOT] + c[DNODT]) + 2.0 * far * abs(c[NODECF])) + d_node + di
    return (d_a, d_e, d_u, d_plane), room


@njit(cache=True, error_model="numpy")
def _deep_remainder(c, begin, end, fifth):  # type: ignore[no-untyped-def]
    """Bound the fifth derivative / 120, and what floors and kinks move, for times of [begin, end] minutes."""
    middle = 0.5 * (begin + end)
    half = 0.5 * (end - begin)
    here = np.empty(5)
    _periodics(c, middle, here)
    real = np.empty(5)
    _changes(c, half, real)
    tempa = 1.0 - c[CC1] * middle
    least = tempa - half * abs(c[CC1])
    most = tempa + half * abs(c[CC1])
    mean_e = c[ECCO] + (c[DEDT] - c[BCC4]) * middle
    mean_room = (abs(c[DEDT]) + abs(c[BCC4])) * half
    clamped = max(1e-6 - (mean_e - mean_room), 0.0)
    e = max(mean_e + mean_room, 1e-6) + here[0] + real[0]
    low_e = max(mean_e - mean_room, 1e-6) + here[0] - real[0]
    sizes = _resonance_sizes(c, abs(middle) + half)
    _, bend, kink, wander = sizes
    motion = c[NO] + wander
    slowest = c[NO] - wander
    if not (least > 0.5 and low_e > 0.0 and e < 0.95 and clamped < 1e-3 and slowest > 0.7 * c[NO] > 0.0):
        return UNPROVEN, 0.0
    low_a = c[AO] * (c[NO] / motion) ** (2.0 / 3.0) * least * least
    high_a = c[AO] * (c[NO] / slowest) ** (2.0 / 3.0) * most * most
    el = e + HALF_J3 / (low_a * (1.0 - e * e))
    if not el < 0.97:
        return UNPROVEN, 0.0
    p = low_a * (1.0 - el * el)
    tilt = c[INCLO] + c[DIDT] * middle + here[1]
    cosi, sini = abs(math.cos(tilt)), abs(math.sin(tilt))
    fastest = motion / (least * least * least)
    widest = min(math.acosh(1.0 / el), WIDEST)
    best = np.inf
    for k in range(STRIPS.shape[0]):
        strip = STRIPS[k] * widest
        rho = (strip - el * math.sinh(strip)) / fastest
        drift, room = _deep_drift(c, here, (middle, half, least, e, el, motion), sizes, rho)
        if not drift[0] < np.inf:
            continue
        more = 1.2 * room
        shape = (
            high_a,
            el,
            cosi + more,
            sini + more,
            abs(3.0 * cosi * cosi - 1.0) + 7.0 * more,
            1.0 - cosi * cosi + 3.0 * more,
            abs(7.0 * cosi * cosi - 1.0) + 15.0 * more,
            p,
        )
        best = min(best, _excursion(shape, drift, strip) / rho**5)
    bin_ = int(el * fifth.shape[0]) + 1
    kepler = XKE**5 * p**-6.5 * fifth[min(bin_, fifth.shape[0] - 1)]
    late = bend * 259200.0 * SPAN_MIN + 0.5 * (kink + bend * 720.0) * SPAN_MIN**2
    swift = 1.2 * math.sqrt((1.0 + el) / (1.0 - el)) * late
    swift += (kink + bend * 720.0) * SPAN_MIN / slowest * (1.0 + el)
    return kepler / 120.0 + best, high_a * (CLAMP_WEIGHT * clamped + JUMP_WEIGHT * swift)


@njit(cache=True, nogil=True, error_model="numpy")
def deep_remainders(table, begin, end, steps, fifth, out):  # type: ignore[no-untyped-def]
    """Bound the remainder of five knots, out (k, steps) metres, as `near_remainders`."""
    for i in range(table.shape[0]):
        bend, floor = _deep_remainder(table[i], begin[i], end[i], fifth)
        for k in range(steps.shape[0]):
            out[i, k] = RADIUS_M * (NODES_WEIGHT * steps[k] ** 5 * bend + floor)
