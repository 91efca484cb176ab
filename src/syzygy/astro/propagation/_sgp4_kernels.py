"""Compiled loops of SGP4 and SDP4: tables of constants in, states or radius ranges out.

A tile holds `LANES` pairs of object and instant, one quantity per row, so that every loop over a row is
plain arithmetic that the compiler turns into vector instructions. What one lane computes does not depend on
its neighbours: a finished lane is frozen while others iterate. Names follow Spacetrack Report 3 and AIAA
2006-6753.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

LANES = 64
# Distance of two rows of a tile; the padding keeps one lane's rows out of one set of the cache.
ROW = LANES + 8
EARTH_RADIUS_KM = 6378.135
XKE = 60.0 / math.sqrt(EARTH_RADIUS_KM * EARTH_RADIUS_KM * EARTH_RADIUS_KM / 398600.8)
J2 = 0.001082616
J3 = -0.00000253881
J4 = -0.00000165597
J3OJ2 = J3 / J2
_RADIUS_M = 1000.0 * EARTH_RADIUS_KM
_SPEED_M_S = 1000.0 * (EARTH_RADIUS_KM * XKE / 60.0)

# Rows of a tile.
(T, CODE, AM, NM, AXNL, AYNL, U, XNODE, EO, SIN_E, COS_E, ACTIVE) = range(0, 12 * ROW, ROW)
(PX, PY, PZ, VX, VY, VZ) = range(12 * ROW, 18 * ROW, ROW)
# From here rows are copied from a table of constants: row FIRST + column. The first five are computed for
# deep-space objects, constant for the others.
FIRST = 18 * ROW
(SINIP, COSIP, CON41, X1MTH2, X7THM1) = range(18 * ROW, 23 * ROW, ROW)
(MO, MDOT, ARGPO, ARGPDOT, NODEO, NODEDOT, NODECF, CC1, BCC4, T2COF, NO, AO, ECCO) = range(
    23 * ROW, 36 * ROW, ROW
)
(D2, D3, D4, BCC5, SINMAO, T3COF, T4COF, T5COF, OMGCOF, ETA, XMCOF, DELMO, AYCOF, XLCOF) = range(
    36 * ROW, 50 * ROW, ROW
)
(INCLO, DEDT, DIDT, DMDT, DOMDT, DNODT, ZMOS, ZMOL) = range(36 * ROW, 44 * ROW, ROW)
(SE2, SE3, SI2, SI3, SL2, SL3, SL4, SGH2, SGH3, SGH4, SH2, SH3) = range(44 * ROW, 56 * ROW, ROW)
(EE2, E3, XI2, XI3, XL2, XL3, XL4, XGH2, XGH3, XGH4, XH2, XH3) = range(56 * ROW, 68 * ROW, ROW)
# Rows of a deep-space tile that are computed.
(RES, RES_NODE, RES_ARGP, RES_ANGLE, RES_NM, RES_A, EP, INCP, ARGPP, NODEP, MP) = range(
    68 * ROW, 79 * ROW, ROW
)
(PE, PINC, PL, PGH, PH) = range(79 * ROW, 84 * ROW, ROW)
DEEP_ROWS = 84
# Columns of the deep-space table that only the resonance integrator reads, after the shared ones.
(IREZ, GSTO, XFACT, XLAMO, DEL1, DEL2, DEL3) = range(50, 57)
# Half-day terms d2201, d2211, d3210, d3222, d4410, d4422, d5220, d5232, d5421, d5433 from here on.
D2201 = 57
# The same constants as columns of a table.
(C_ARGPO, C_ARGPDOT, C_NO, C_AO) = (7, 8, 15, 16)
NEAR_COLUMNS = 32
DEEP_SHARED = 50
DEEP_COLUMNS = 67

# 1.5 * 2**52: adding and taking it away rounds to the nearest integer.
_ROUND = 6755399441055744.0
_PI_1 = 3.1415926534682512
_PI_2 = 1.2154201012607932e-10
_PI_3 = 4.044532497591901e-21
_TWOPI = 2.0 * math.pi
_TWOPI_1 = 6.283185303211212
_TWOPI_2 = 3.968374073792802e-09
_PER_PI = 1.0 / math.pi
_PER_TWOPI = 1.0 / _TWOPI
_TAN_PI_8 = 0.41421356237309503

# Solar and lunar mean motions (rad/min) and eccentricities, the Earth's turn (rad/min), the step (min).
ZNS = 1.19459e-5
ZES = 0.01675
ZNL = 1.5835218e-4
ZEL = 0.05490
RPTIM = 4.37526908801129966e-3
_STEP = 720.0
_HALF_STEP2 = 259200.0
# Multiples of perigee and longitude in the half-day terms, and the phase of each two.
_OF_PERIGEE = np.array([2.0, 0.0, 1.0, -1.0, 2.0, 0.0, 1.0, -1.0, 1.0, -1.0])
_OF_LONGITUDE = np.array([1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 1.0, 1.0, 2.0, 2.0])
_DAY_PHASE = np.array([0.13130908, 2.8843198, 0.37448087])
_PHASE = np.array([5.7686396, 0.95240898, 1.8014998, 1.0508330, 4.4108898])


@njit(cache=True, forceinline=True, error_model="numpy")
def _sincos(x):  # type: ignore[no-untyped-def]
    """Sine and cosine to 1e-15: Cody-Waite reduction by pi, near-minimax polynomials on [-pi/2, pi/2]."""
    k = (x * _PER_PI + _ROUND) - _ROUND
    r = ((x - k * _PI_1) - k * _PI_2) - k * _PI_3
    half = 0.5 * k
    odd = half - ((half + _ROUND) - _ROUND)
    sign = 1.0 - 4.0 * abs(odd)
    z = r * r
    s = 1.60509690477946e-10 + z * -7.408007795516067e-13
    s = 2.755731805475644e-06 + z * (-2.505197284086259e-08 + z * s)
    s = 0.008333333333325924 + z * (-0.00019841269836464245 + z * s)
    s = r + r * z * (-0.1666666666666665 + z * s)
    c = -1.1466250478536745e-11 + z * 4.64640971522779e-14
    c = -2.7557318572848315e-07 + z * (2.0876681513907184e-09 + z * c)
    c = -0.0013888888888884763 + z * (2.4801587298910888e-05 + z * c)
    c = (1.0 - 0.5 * z) + z * z * (0.04166666666666666 + z * c)
    return sign * s, sign * c


@njit(cache=True, forceinline=True, error_model="numpy")
def _turn(x):  # type: ignore[no-untyped-def]
    """Remove whole turns: a value of [-pi, pi]."""
    k = (x * _PER_TWOPI + _ROUND) - _ROUND
    return (x - k * _TWOPI_1) - k * _TWOPI_2


@njit(cache=True, forceinline=True, error_model="numpy")
def _turn_signed(x):  # type: ignore[no-untyped-def]
    """Remainder of x by a turn with the sign of x, as fmod gives it: the Lyddane terms need this branch."""
    r = _turn(x)
    low = r + _TWOPI if r < 0.0 else r
    high = r - _TWOPI if r > 0.0 else r
    return high if x < 0.0 else low


@njit(cache=True, forceinline=True, error_model="numpy")
def _atan2(y, x):  # type: ignore[no-untyped-def]
    """Four-quadrant arc tangent to 1e-15 without branches; 0 for (0, 0)."""
    ay = abs(y)
    ax = abs(x)
    low = ax if ay > ax else ay
    high = ay if ay > ax else ax
    steep = low > _TAN_PI_8 * high
    num = low - high if steep else low
    den = low + high if steep else high
    q = num / (den if den > 0.0 else 1.0)
    z = q * q
    p = -0.044831026218406116 + z * 0.022747352471342214
    p = -0.06649602209669496 + z * (0.05736261745056589 + z * p)
    p = -0.09090852496984875 + z * (0.07691054071029589 + z * p)
    p = -0.1428571426606795 + z * (0.11111109634672653 + z * p)
    p = -0.3333333333333325 + z * (0.19999999999898238 + z * p)
    angle = q + q * z * p + (0.25 * math.pi if steep else 0.0)
    angle = 0.5 * math.pi - angle if ay > ax else angle
    angle = math.pi - angle if x < 0.0 else angle
    return -angle if y < 0.0 else angle


@njit(cache=True, error_model="numpy")
def _near_earth(w, lanes):  # type: ignore[no-untyped-def]
    """Secular effects of gravity and drag and the long-period terms of objects below 225 minutes."""
    for j in range(lanes):
        t = w[T + j]
        t2 = t * t
        t3 = t2 * t
        t4 = t3 * t
        xmdf = w[MO + j] + w[MDOT + j] * t
        argpdf = w[ARGPO + j] + w[ARGPDOT + j] * t
        nodem = w[NODEO + j] + w[NODEDOT + j] * t + w[NODECF + j] * t2
        _, cos_m = _sincos(xmdf)
        grown = 1.0 + w[ETA + j] * cos_m
        temp = w[OMGCOF + j] * t + w[XMCOF + j] * (grown * grown * grown - w[DELMO + j])
        mm = xmdf + temp
        argpm = argpdf - temp
        sin_m, _ = _sincos(mm)
        tempa = 1.0 - w[CC1 + j] * t - w[D2 + j] * t2 - w[D3 + j] * t3 - w[D4 + j] * t4
        tempe = w[BCC4 + j] * t + w[BCC5 + j] * (sin_m - w[SINMAO + j])
        templ = w[T2COF + j] * t2 + w[T3COF + j] * t3 + t4 * (w[T4COF + j] + t * w[T5COF + j])
        no = w[NO + j]
        am = w[AO + j] * tempa * tempa
        em = w[ECCO + j] - tempe
        code = 1.0 if em >= 1.0 or em < -0.001 else 0.0
        w[CODE + j] = 2.0 if no <= 0.0 else code
        em = 1e-6 if em < 1e-6 else em
        mm = mm + no * templ
        xlm = _turn(mm + argpm + nodem)
        nodem = _turn(nodem)
        argpm = _turn(argpm)
        sin_w, cos_w = _sincos(argpm)
        axnl = em * cos_w
        temp = 1.0 / (am * (1.0 - em * em))
        w[AM + j] = am
        w[NM + j] = XKE / (am * math.sqrt(am))
        w[AXNL + j] = axnl
        w[AYNL + j] = em * sin_w + temp * w[AYCOF + j]
        w[U + j] = _turn((xlm - argpm - nodem) + argpm + temp * w[XLCOF + j] * axnl)
        w[XNODE + j] = nodem


@njit(cache=True, error_model="numpy")
def _kepler(w, lanes):  # type: ignore[no-untyped-def]
    """Solve Kepler's equation by the Newton steps of the theory (at most ten, none above 0.95 rad).

    A lane stops at a step below 1e-12 and keeps the sine and cosine from before that step.
    """
    for j in range(lanes):
        w[EO + j] = w[U + j]
        w[SIN_E + j] = 0.0
        w[COS_E + j] = 1.0
        w[ACTIVE + j] = 1.0 if w[CODE + j] == 0.0 else 0.0
    for _ in range(10):
        left = 0
        for j in range(lanes):
            eo = w[EO + j]
            active = w[ACTIVE + j] > 0.0
            axnl = w[AXNL + j]
            aynl = w[AYNL + j]
            s, c = _sincos(eo)
            step = (w[U + j] - aynl * c + axnl * s - eo) / (1.0 - c * axnl - s * aynl)
            step = 0.95 if step >= 0.95 else step
            step = -0.95 if step <= -0.95 else step
            w[EO + j] = eo + step if active else eo
            w[SIN_E + j] = s if active else w[SIN_E + j]
            w[COS_E + j] = c if active else w[COS_E + j]
            going = active and abs(step) >= 1e-12
            w[ACTIVE + j] = 1.0 if going else 0.0
            left += 1 if going else 0
        if left == 0:
            break


@njit(cache=True, error_model="numpy")
def _short_period(w, lanes):  # type: ignore[no-untyped-def]
    """Short-period terms and the state; small corrections turn a sine and cosine instead of an angle."""
    for j in range(lanes):
        axnl = w[AXNL + j]
        aynl = w[AYNL + j]
        am = w[AM + j]
        s = w[SIN_E + j]
        c = w[COS_E + j]
        esine = axnl * s - aynl * c
        el2 = axnl * axnl + aynl * aynl
        pl = am * (1.0 - el2)
        rl = am * (1.0 - (axnl * c + aynl * s))
        betal = math.sqrt(1.0 - el2)
        temp = esine / (1.0 + betal)
        over = 1.0 / rl
        sinu = am * over * (s - aynl - axnl * temp)
        cosu = am * over * (c - axnl + aynl * temp)
        sin2u = (cosu + cosu) * sinu
        cos2u = 1.0 - 2.0 * sinu * sinu
        inverse = 1.0 / pl
        temp1 = 0.5 * J2 * inverse
        temp2 = temp1 * inverse
        cosip = w[COSIP + j]
        sinip = w[SINIP + j]
        mrt = rl * (1.0 - 1.5 * temp2 * betal * w[CON41 + j]) + 0.5 * temp1 * w[X1MTH2 + j] * cos2u
        sd, cd = _sincos(0.25 * temp2 * w[X7THM1 + j] * sin2u)
        sinsu = sinu * cd - cosu * sd
        cossu = cosu * cd + sinu * sd
        snod, cnod = _sincos(w[XNODE + j] + 1.5 * temp2 * cosip * sin2u)
        sd, cd = _sincos(1.5 * temp2 * cosip * sinip * cos2u)
        sini = sinip * cd + cosip * sd
        cosi = cosip * cd - sinip * sd
        rate = w[NM + j] * temp1 / XKE
        mvt = (math.sqrt(am) * esine * over - rate * w[X1MTH2 + j] * sin2u) * _SPEED_M_S
        rvdot = math.sqrt(pl) * over + rate * (w[X1MTH2 + j] * cos2u + 1.5 * w[CON41 + j])
        rvdot = rvdot * _SPEED_M_S
        ux = cnod * cossu - snod * cosi * sinsu
        uy = snod * cossu + cnod * cosi * sinsu
        uz = sini * sinsu
        mr = mrt * _RADIUS_M
        w[PX + j] = mr * ux
        w[PY + j] = mr * uy
        w[PZ + j] = mr * uz
        w[VX + j] = mvt * ux - rvdot * (snod * cosi * cossu + cnod * sinsu)
        w[VY + j] = mvt * uy + rvdot * (cnod * cosi * cossu - snod * sinsu)
        w[VZ + j] = mvt * uz + rvdot * (sini * cossu)
        code = w[CODE + j]
        late = 4.0 if pl < 0.0 else (6.0 if mrt < 1.0 else 0.0)
        w[CODE + j] = code if code > 0.0 else late


@njit(cache=True, error_model="numpy")
def _resonance_rates(c, state):  # type: ignore[no-untyped-def]
    """Compute xldot, xndt and xnddt of a resonance state from one object's constants."""
    xli = state[1]
    xndt = 0.0
    xnddt = 0.0
    if c[IREZ] == 1.0:
        for k in range(3):
            s, q = _sincos((k + 1.0) * (xli - _DAY_PHASE[k]))
            xndt = xndt + c[DEL1 + k] * s
            xnddt = xnddt + (k + 1.0) * c[DEL1 + k] * q
    else:
        xomi = c[C_ARGPO] + c[C_ARGPDOT] * state[0]
        for k in range(10):
            s, q = _sincos(_OF_PERIGEE[k] * xomi + _OF_LONGITUDE[k] * xli - _PHASE[k // 2])
            xndt = xndt + c[D2201 + k] * s
            xnddt = xnddt + _OF_LONGITUDE[k] * c[D2201 + k] * q
    state[3] = state[2] + c[XFACT]
    state[4] = xndt
    state[5] = xnddt * state[3]


@njit(cache=True, error_model="numpy")
def _resonance(w, first, last, c, state, same):  # type: ignore[no-untyped-def]
    """Integrate the resonance of one object to the instants of lanes, in steps of 720 min from the epoch.

    `state` = (atime, xli, xni, xldot, xndt, xnddt) is carried from lane to lane of one object. It is always
    that of a whole number of steps from the epoch, so the order of the instants changes nothing.
    """
    if c[IREZ] == 0.0:
        for j in range(first, last):
            w[RES + j] = 0.0
            w[RES_NM + j] = c[C_NO]
            w[RES_A + j] = c[C_AO]
        return
    turns = c[IREZ]
    for j in range(first, last):
        t = w[T + j]
        if not same or state[0] * t < 0.0 or abs(t) < abs(state[0]):
            same = True
            state[0] = 0.0
            state[1] = c[XLAMO]
            state[2] = c[C_NO]
            _resonance_rates(c, state)
        delt = _STEP if t > 0.0 else -_STEP
        while abs(t - state[0]) >= _STEP:
            state[1] = state[1] + state[3] * delt + state[4] * _HALF_STEP2
            state[2] = state[2] + state[4] * delt + state[5] * _HALF_STEP2
            state[0] = state[0] + delt
            _resonance_rates(c, state)
        ft = t - state[0]
        nm = state[2] + state[4] * ft + state[5] * ft * ft * 0.5
        xl = state[1] + state[3] * ft + state[4] * ft * ft * 0.5
        w[RES + j] = 1.0
        w[RES_ANGLE + j] = xl + turns * _turn(c[GSTO] + t * RPTIM)
        w[RES_NODE + j] = turns
        w[RES_ARGP + j] = 2.0 - turns
        w[RES_NM + j] = nm
        # The cube root by Newton, so that every machine gives the same bits.
        ratio = c[C_NO] / nm
        root = 1.0
        for _ in range(100):
            step = (root - ratio / (root * root)) / 3.0
            root = root - step
            if not abs(step) > 1e-9 * root:
                break
        w[RES_A + j] = c[C_AO] * root * root


@njit(cache=True, error_model="numpy")
def _deep_secular(w, lanes):  # type: ignore[no-untyped-def]
    """Secular effects of gravity, drag, Sun, Moon and resonance."""
    for j in range(lanes):
        t = w[T + j]
        t2 = t * t
        mm = w[MO + j] + w[MDOT + j] * t + w[DMDT + j] * t
        argpm = w[ARGPO + j] + w[ARGPDOT + j] * t + w[DOMDT + j] * t
        nodem = w[NODEO + j] + w[NODEDOT + j] * t + w[NODECF + j] * t2 + w[DNODT + j] * t
        resonant = w[RES_ANGLE + j] - w[RES_NODE + j] * nodem - w[RES_ARGP + j] * argpm
        mm = resonant if w[RES + j] > 0.0 else mm
        tempa = 1.0 - w[CC1 + j] * t
        am = w[RES_A + j] * tempa * tempa
        em = w[ECCO + j] + w[DEDT + j] * t - w[BCC4 + j] * t
        code = 1.0 if em >= 1.0 or em < -0.001 else 0.0
        w[CODE + j] = 2.0 if w[RES_NM + j] <= 0.0 else code
        mm = mm + w[NO + j] * (w[T2COF + j] * t2)
        xlm = _turn(mm + argpm + nodem)
        nodem = _turn_signed(nodem)
        argpm = _turn_signed(argpm)
        w[AM + j] = am
        w[NM + j] = XKE / (am * math.sqrt(am))
        w[EP + j] = 1e-6 if em < 1e-6 else em
        w[INCP + j] = w[INCLO + j] + w[DIDT + j] * t
        w[ARGPP + j] = argpm
        w[NODEP + j] = nodem
        w[MP + j] = xlm - argpm - nodem


@njit(cache=True, error_model="numpy")
def _deep_periodic(w, lanes):  # type: ignore[no-untyped-def]
    """Sums of the solar and lunar periodics."""
    for j in range(lanes):
        t = w[T + j]
        zm = w[ZMOS + j] + ZNS * t
        s, _ = _sincos(zm)
        s, c = _sincos(zm + 2.0 * ZES * s)
        f2 = 0.5 * s * s - 0.25
        f3 = -0.5 * s * c
        pe = w[SE2 + j] * f2 + w[SE3 + j] * f3
        pinc = w[SI2 + j] * f2 + w[SI3 + j] * f3
        pl = w[SL2 + j] * f2 + w[SL3 + j] * f3 + w[SL4 + j] * s
        pgh = w[SGH2 + j] * f2 + w[SGH3 + j] * f3 + w[SGH4 + j] * s
        ph = w[SH2 + j] * f2 + w[SH3 + j] * f3
        zm = w[ZMOL + j] + ZNL * t
        s, _ = _sincos(zm)
        s, c = _sincos(zm + 2.0 * ZEL * s)
        f2 = 0.5 * s * s - 0.25
        f3 = -0.5 * s * c
        w[PE + j] = pe + (w[EE2 + j] * f2 + w[E3 + j] * f3)
        w[PINC + j] = pinc + (w[XI2 + j] * f2 + w[XI3 + j] * f3)
        w[PL + j] = pl + (w[XL2 + j] * f2 + w[XL3 + j] * f3 + w[XL4 + j] * s)
        w[PGH + j] = pgh + (w[XGH2 + j] * f2 + w[XGH3 + j] * f3 + w[XGH4 + j] * s)
        w[PH + j] = ph + (w[XH2 + j] * f2 + w[XH3 + j] * f3)


@njit(cache=True, error_model="numpy")
def _deep_long_period(w, lanes):  # type: ignore[no-untyped-def]
    """Apply the periodics (Lyddane's form below 0.2 rad) and the long-period terms.

    Lyddane's node is the old one turned by the arc tangent of ph over sin i + pinc cos i, which is the
    difference of the two arc tangents of the theory.
    """
    for j in range(lanes):
        xincp = w[INCP + j] + w[PINC + j]
        ep = w[EP + j] + w[PE + j]
        nodep = w[NODEP + j]
        argpp = w[ARGPP + j]
        pgh = w[PGH + j]
        ph = w[PH + j]
        pinc = w[PINC + j]
        sinip, cosip = _sincos(xincp)
        direct = xincp >= 0.2
        turned = _atan2(ph, sinip + pinc * cosip)
        node = nodep + (ph / sinip if direct else turned)
        shift = cosip * (ph / sinip) if direct else pinc * nodep * sinip + cosip * turned
        argp = argpp + pgh - shift
        mp = w[MP + j] + w[PL + j]
        back = xincp < 0.0
        node = node + math.pi if back else node
        argp = argp - math.pi if back else argp
        sinip = -sinip if back else sinip
        code = w[CODE + j]
        outside = ep < 0.0 or ep > 1.0
        w[CODE + j] = 3.0 if code == 0.0 and outside else code
        cosisq = cosip * cosip
        w[SINIP + j] = sinip
        w[COSIP + j] = cosip
        w[CON41 + j] = 3.0 * cosisq - 1.0
        w[X1MTH2 + j] = 1.0 - cosisq
        w[X7THM1 + j] = 7.0 * cosisq - 1.0
        room = 1.0 + cosip
        room = room if abs(room) > 1.5e-12 else 1.5e-12
        xlcof = -0.25 * J3OJ2 * sinip * (3.0 + 5.0 * cosip) / room
        sin_w, cos_w = _sincos(argp)
        axnl = ep * cos_w
        temp = 1.0 / (w[AM + j] * (1.0 - ep * ep))
        w[AXNL + j] = axnl
        w[AYNL + j] = ep * sin_w + temp * (-0.5 * J3OJ2 * sinip)
        w[U + j] = _turn(mp + argp + temp * xlcof * axnl)
        w[XNODE + j] = node


@njit(cache=True, error_model="numpy")
def _fill(w, first, last, constants, rows):  # type: ignore[no-untyped-def]
    """Copy one object's constants into lanes."""
    if last == first + 1:
        for row in range(rows):
            w[FIRST + row * ROW + first] = constants[row]
        return
    for row in range(rows):
        value = constants[row]
        base = FIRST + row * ROW
        for j in range(first, last):
            w[base + j] = value


@njit(cache=True, error_model="numpy")
def _advance(deep, w, lanes):  # type: ignore[no-untyped-def]
    """From constants and times to states and codes."""
    if deep:
        _deep_secular(w, lanes)
        _deep_periodic(w, lanes)
        _deep_long_period(w, lanes)
    else:
        _near_earth(w, lanes)
    _kepler(w, lanes)
    _short_period(w, lanes)


@njit(cache=True, error_model="numpy")
def _write(w, base, first, last, row, out):  # type: ignore[no-untyped-def]
    """Write three rows of a tile to `out` from `row` on; NaN where the code is not 0."""
    for j in range(first, last):
        good = w[CODE + j] == 0.0
        k = row + j - first
        out[k, 0] = w[base + j] if good else np.nan
        out[k, 1] = w[base + ROW + j] if good else np.nan
        out[k, 2] = w[base + 2 * ROW + j] if good else np.nan


@njit(cache=True, error_model="numpy")
def _store(w, first, last, row, position, velocity, code):  # type: ignore[no-untyped-def]
    """Write lanes to the outputs that are not empty, from `row` on."""
    if position.shape[0] > 0:
        _write(w, PX, first, last, row, position)
    if velocity.shape[0] > 0:
        _write(w, VX, first, last, row, velocity)
    for j in range(first, last):
        code[row + j - first] = np.uint8(w[CODE + j])


@njit(cache=True, error_model="numpy")
def _reduce(w, first, last, instant, place, ranges):  # type: ignore[no-untyped-def]
    """Take lanes of one object into its squared radius range and its first unusable instant."""
    low = ranges[0, place]
    high = ranges[1, place]
    for j in range(first, last):
        if w[CODE + j] > 0.0:
            if instant + j - first < ranges[2, place]:
                ranges[2, place] = instant + j - first
        else:
            r2 = w[PX + j] * w[PX + j] + w[PY + j] * w[PY + j] + w[PZ + j] * w[PZ + j]
            low = r2 if r2 < low else low
            high = r2 if r2 > high else high
    ranges[0, place] = low
    ranges[1, place] = high


@njit(cache=True, nogil=True, error_model="numpy")
def propagate_grid(  # type: ignore[no-untyped-def]
    deep, table, place, group, epoch, day, fraction, position, velocity, code, ranges
):
    """Propagate every object of one table to every instant, tile by tile.

    `place` (k,) is the number of each object in the batch, `group` its row of day and fraction (g, m),
    `epoch` (k, 2) its two-part Julian date. The state of instant q goes to row place * m + q of the outputs
    that are not empty; `ranges` (3, n), if not empty, takes the least and greatest squared radius and the
    first unusable instant instead.
    """
    w = np.empty(DEEP_ROWS * ROW)
    state = np.empty(6)
    held = np.empty(LANES, dtype=np.int64)
    for j in range(LANES):
        held[j] = -1
    runs = np.empty((LANES, 3), dtype=np.int64)
    instants = day.shape[1]
    total = place.shape[0] * instants
    shared = DEEP_SHARED if deep else NEAR_COLUMNS
    resonant = -1
    i = 0
    k = 0
    for start in range(0, total, LANES):
        lanes = LANES if total - start > LANES else total - start
        first = 0
        count = 0
        while first < lanes:
            last = first + instants - k
            last = last if last < lanes else lanes
            if held[first] != i or held[last - 1] != i:
                _fill(w, first, last, table[i], shared)
                for j in range(first, last):
                    held[j] = i
            g = group[i]
            for j in range(first, last):
                at = k + j - first
                w[T + j] = (day[g, at] - epoch[i, 0]) * 1440.0 + (fraction[g, at] - epoch[i, 1]) * 1440.0
            if deep:
                _resonance(w, first, last, table[i], state, i == resonant)
                resonant = i
            runs[count, 0] = i
            runs[count, 1] = k
            runs[count, 2] = last
            count += 1
            k += last - first
            first = last
            if k == instants:
                k = 0
                i += 1
        _advance(deep, w, lanes)
        first = 0
        for r in range(count):
            last = runs[r, 2]
            here = place[runs[r, 0]]
            if ranges.shape[1] > 0:
                _reduce(w, first, last, runs[r, 1], here, ranges)
            else:
                _store(w, first, last, here * instants + runs[r, 1], position, velocity, code)
            first = last


@njit(cache=True, nogil=True, error_model="numpy")
def propagate_pairs(  # type: ignore[no-untyped-def]
    deep, table, pairs, rows, epoch, day, fraction, position, velocity, code
):
    """Propagate object pairs[p] of one table to day[p], fraction[p]; the state goes to row rows[p]."""
    w = np.empty(DEEP_ROWS * ROW)
    state = np.empty(6)
    shared = DEEP_SHARED if deep else NEAR_COLUMNS
    resonant = -1
    for start in range(0, pairs.shape[0], LANES):
        lanes = pairs.shape[0] - start
        lanes = lanes if lanes < LANES else LANES
        for j in range(lanes):
            p = start + j
            i = pairs[p]
            _fill(w, j, j + 1, table[i], shared)
            w[T + j] = (day[p] - epoch[i, 0]) * 1440.0 + (fraction[p] - epoch[i, 1]) * 1440.0
            if deep:
                _resonance(w, j, j + 1, table[i], state, i == resonant)
                resonant = i
        _advance(deep, w, lanes)
        for j in range(lanes):
            _store(w, j, j + 1, rows[start + j], position, velocity, code)
