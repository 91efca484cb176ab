"""Constants of SDP4: Sun, Moon and the resonances of half a day and a day with the Earth's field."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_JD_OF_1950 = 2433281.5
_TWOPI = 2.0 * math.pi
_X2O3 = 2.0 / 3.0
_NEAR_EQUATOR_RAD = 5.2359877e-2
_C1SS = 2.9864797e-6
_C1L = 4.7968065e-7
# Coefficients of the field as SDP4 names them: Q of the day, ROOT of the half day.
_Q22, _Q31, _Q33 = 1.7891679e-6, 2.1460748e-6, 2.2123015e-7
_ROOT22, _ROOT32, _ROOT44 = 1.7891679e-6, 3.7393792e-7, 7.3636953e-9
_ROOT52, _ROOT54 = 1.1428639e-7, 2.1765803e-9
_DAY, _HALF_DAY = 1.0, 2.0


def deep_columns(v: Any) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """Return the columns that become rows of a tile, those of the resonances, and the ten half-day terms.

    Parameters
    ----------
    v : namespace of (k,) arrays
        The common constants of `sgp4_constants`, named as in the paper.
    """
    from syzygy.astro.propagation import _sgp4_kernels as at

    sun, moon, angles = _third_bodies(v)
    rates = _secular_rates(v, sun, moon)
    rows = {name: rates[name] for name in ("DEDT", "DIDT", "DMDT", "DOMDT", "DNODT")}
    rows |= angles
    rows |= _periodics(v, sun, at.ZES, ("SE2", "SE3", "SI2", "SI3", "SL2", "SL3", "SL4"), "SGH", "SH")
    rows |= _periodics(v, moon, at.ZEL, ("EE2", "E3", "XI2", "XI3", "XL2", "XL3", "XL4"), "XGH", "XH")
    resonance, aonv = _resonances(v, rates)
    half_day = _half_day_terms(v, aonv)
    return rows, resonance, np.where(resonance["IREZ"][:, None] == _HALF_DAY, half_day, 0.0)


def _third_bodies(v: Any) -> tuple[Any, Any, dict[str, Array]]:
    """Return the terms of the Sun and of the Moon and their mean anomalies at the epoch."""
    day = v.epoch + 18261.5
    xnodce = np.fmod(4.5236020 - 9.2422029e-4 * day, _TWOPI)
    stem, ctem = np.sin(xnodce), np.cos(xnodce)
    zcosil = 0.91375164 - 0.03568096 * ctem
    zsinil = np.sqrt(1.0 - zcosil * zcosil)
    zsinhl = 0.089683511 * stem / zsinil
    zcoshl = np.sqrt(1.0 - zsinhl * zsinhl)
    gam = 5.8351514 + 0.0019443680 * day
    zx = np.arctan2(0.39785416 * stem / zsinil, zcoshl * ctem + 0.91744867 * zsinhl * stem)
    zx = gam + zx - xnodce
    snodm, cnodm = np.sin(v.nodeo), np.cos(v.nodeo)
    sun = _body_terms(v, _C1SS, (-0.98088458, 0.1945905), (0.39785416, 0.91744867), (snodm, cnodm))
    node = (snodm * zcoshl - cnodm * zsinhl, zcoshl * cnodm + zsinhl * snodm)
    moon = _body_terms(v, _C1L, (np.sin(zx), np.cos(zx)), (zsinil, zcosil), node)
    angles = {
        "ZMOS": np.fmod(6.2565837 + 0.017201977 * day, _TWOPI),
        "ZMOL": np.fmod(4.7199672 + 0.22997150 * day - gam, _TWOPI),
    }
    return sun, moon, angles


def _body_terms(v: Any, cc: float, perigee: Any, inclination: Any, node: Any) -> Any:
    """Return S1 to S7 and the Z of one perturbing body, from (sine, cosine) of its angles."""
    zsing, zcosg = perigee
    zsini, zcosi = inclination
    zsinh, zcosh = node
    sinomm, cosomm = np.sin(v.argpo), np.cos(v.argpo)
    sinim, cosim, emsq = v.sinio, v.cosio, v.ecco * v.ecco
    betasq = 1.0 - emsq
    a1 = zcosg * zcosh + zsing * zcosi * zsinh
    a3 = -zsing * zcosh + zcosg * zcosi * zsinh
    a7 = -zcosg * zsinh + zsing * zcosi * zcosh
    a8 = zsing * zsini
    a9 = zsing * zsinh + zcosg * zcosi * zcosh
    a10 = zcosg * zsini
    a2, a4 = cosim * a7 + sinim * a8, cosim * a9 + sinim * a10
    a5, a6 = -sinim * a7 + cosim * a8, -sinim * a9 + cosim * a10
    x1, x2 = a1 * cosomm + a2 * sinomm, a3 * cosomm + a4 * sinomm
    x3, x4 = -a1 * sinomm + a2 * cosomm, -a3 * sinomm + a4 * cosomm
    x5, x6, x7, x8 = a5 * sinomm, a6 * sinomm, a5 * cosomm, a6 * cosomm
    b = SimpleNamespace(
        z31=12.0 * x1 * x1 - 3.0 * x3 * x3,
        z32=24.0 * x1 * x2 - 6.0 * x3 * x4,
        z33=12.0 * x2 * x2 - 3.0 * x4 * x4,
        z11=-6.0 * a1 * a5 + emsq * (-24.0 * x1 * x7 - 6.0 * x3 * x5),
        z12=-6.0 * (a1 * a6 + a3 * a5) + emsq * (-24.0 * (x2 * x7 + x1 * x8) - 6.0 * (x3 * x6 + x4 * x5)),
        z13=-6.0 * a3 * a6 + emsq * (-24.0 * x2 * x8 - 6.0 * x4 * x6),
        z21=6.0 * a2 * a5 + emsq * (24.0 * x1 * x5 - 6.0 * x3 * x7),
        z22=6.0 * (a4 * a5 + a2 * a6) + emsq * (24.0 * (x2 * x5 + x1 * x6) - 6.0 * (x4 * x7 + x3 * x8)),
        z23=6.0 * a4 * a6 + emsq * (24.0 * x2 * x6 - 6.0 * x4 * x8),
        s5=x1 * x3 + x2 * x4,
        s6=x2 * x3 + x1 * x4,
        s7=x2 * x4 - x1 * x3,
        s3=cc / v.no,
    )
    z1 = 3.0 * (a1 * a1 + a2 * a2) + b.z31 * emsq
    z2 = 6.0 * (a1 * a3 + a2 * a4) + b.z32 * emsq
    z3 = 3.0 * (a3 * a3 + a4 * a4) + b.z33 * emsq
    b.z1, b.z2, b.z3 = z1 + z1 + betasq * b.z31, z2 + z2 + betasq * b.z32, z3 + z3 + betasq * b.z33
    b.s2 = -0.5 * b.s3 / v.rteosq
    b.s4 = b.s3 * v.rteosq
    b.s1 = -15.0 * v.ecco * b.s4
    return b


def _periodics(
    v: Any, b: Any, ze: float, names: tuple[str, ...], perigee: str, node: str
) -> dict[str, Array]:
    """Return the amplitudes of the long-period periodics of one body."""
    values = (
        2.0 * b.s1 * b.s6,
        2.0 * b.s1 * b.s7,
        2.0 * b.s2 * b.z12,
        2.0 * b.s2 * (b.z13 - b.z11),
        -2.0 * b.s3 * b.z2,
        -2.0 * b.s3 * (b.z3 - b.z1),
        -2.0 * b.s3 * (-21.0 - 9.0 * v.ecco * v.ecco) * ze,
    )
    return dict(zip(names, values, strict=True)) | {
        f"{perigee}2": 2.0 * b.s4 * b.z32,
        f"{perigee}3": 2.0 * b.s4 * (b.z33 - b.z31),
        f"{perigee}4": -18.0 * b.s4 * ze,
        f"{node}2": -2.0 * b.s2 * b.z22,
        f"{node}3": -2.0 * b.s2 * (b.z23 - b.z21),
    }


def _secular_rates(v: Any, sun: Any, moon: Any) -> dict[str, Array]:
    """Return the secular rates by Sun and Moon; the node stands still within 3 degrees of the equator."""
    from syzygy.astro.propagation import _sgp4_kernels as at

    emsq = v.ecco * v.ecco
    flat = (v.inclo < _NEAR_EQUATOR_RAD) | (v.inclo > math.pi - _NEAR_EQUATOR_RAD)
    sinim = np.where(v.sinio != 0.0, v.sinio, 1.0)
    tilted = v.sinio != 0.0
    shs = np.where(flat, 0.0, -at.ZNS * sun.s2 * (sun.z21 + sun.z23))
    shs = np.where(tilted, shs / sinim, shs)
    shll = np.where(flat, 0.0, -at.ZNL * moon.s2 * (moon.z21 + moon.z23))
    domdt = sun.s4 * at.ZNS * (sun.z31 + sun.z33 - 6.0) - v.cosio * shs
    domdt = domdt + moon.s4 * at.ZNL * (moon.z31 + moon.z33 - 6.0)
    return {
        "DEDT": sun.s1 * at.ZNS * sun.s5 + moon.s1 * at.ZNL * moon.s5,
        "DIDT": sun.s2 * at.ZNS * (sun.z11 + sun.z13) + moon.s2 * at.ZNL * (moon.z11 + moon.z13),
        "DMDT": -at.ZNS * sun.s3 * (sun.z1 + sun.z3 - 14.0 - 6.0 * emsq)
        - at.ZNL * moon.s3 * (moon.z1 + moon.z3 - 14.0 - 6.0 * emsq),
        "DOMDT": np.where(tilted, domdt - v.cosio / sinim * shll, domdt),
        "DNODT": np.where(tilted, shs + shll / sinim, shs),
    }


def _resonances(v: Any, rates: dict[str, Array]) -> tuple[dict[str, Array], Array]:
    """Return kind, start and synchronous coefficients of the resonance, and the inverse semi-major axis."""
    from syzygy.astro.propagation import _sgp4_kernels as at

    day = (v.no > 0.0034906585) & (v.no < 0.0052359877)
    half_day = (v.no >= 8.26e-3) & (v.no <= 9.24e-3) & (v.ecco >= 0.5)
    theta = _sidereal_angle(v.epoch)
    xlamo = np.where(half_day, v.mo + v.nodeo + v.nodeo - theta - theta, v.mo + v.nodeo + v.argpo - theta)
    of_day = v.mdot + (v.argpdot + v.nodedot) - at.RPTIM
    of_day = of_day + rates["DMDT"] + rates["DOMDT"] + rates["DNODT"] - v.no
    of_half = v.mdot + rates["DMDT"] + 2.0 * (v.nodedot + rates["DNODT"] - at.RPTIM) - v.no
    columns = {
        "IREZ": np.where(half_day, _HALF_DAY, np.where(day, _DAY, 0.0)),
        "GSTO": theta,
        "XLAMO": np.fmod(xlamo, _TWOPI),
        "XFACT": np.where(half_day, of_half, of_day),
    }
    aonv = np.power(v.no / at.XKE, _X2O3)
    terms = {name: np.where(day, value, 0.0) for name, value in _day_terms(v, aonv).items()}
    return columns | terms, aonv


def _sidereal_angle(epoch: Array) -> Array:
    """Return Greenwich mean sidereal time (IAU 1982, UT1 = UTC) at days since 1950."""
    tut1 = ((epoch + _JD_OF_1950) - 2451545.0) / 36525.0
    seconds = -6.2e-6 * tut1 * tut1 * tut1 + 0.093104 * tut1 * tut1
    seconds = seconds + (876600.0 * 3600 + 8640184.812866) * tut1 + 67310.54841
    angle = np.fmod(seconds * (math.pi / 180.0) / 240.0, _TWOPI)
    return np.asarray(np.where(angle < 0.0, angle + _TWOPI, angle))


def _day_terms(v: Any, aonv: Array) -> dict[str, Array]:
    """Return the coefficients of the synchronous resonance."""
    emsq = v.ecco * v.ecco
    g200 = 1.0 + emsq * (-2.5 + 0.8125 * emsq)
    g310 = 1.0 + 2.0 * emsq
    g300 = 1.0 + emsq * (-6.0 + 6.60937 * emsq)
    f220 = 0.75 * (1.0 + v.cosio) * (1.0 + v.cosio)
    f311 = 0.9375 * v.sinio * v.sinio * (1.0 + 3.0 * v.cosio) - 0.75 * (1.0 + v.cosio)
    f330 = 1.875 * (1.0 + v.cosio) ** 3
    scale = 3.0 * v.no * v.no * aonv * aonv
    return {
        "DEL1": scale * f311 * g310 * _Q31 * aonv,
        "DEL2": 2.0 * scale * f220 * g200 * _Q22,
        "DEL3": 3.0 * scale * f330 * g300 * _Q33 * aonv,
    }


def _cubic(e: Array, a: float, b: float, c: float, d: float) -> Array:
    return a + b * e + c * (e * e) + d * (e * (e * e))


def _eccentricity_functions(e: Array) -> dict[str, Array]:
    """Return the fits of the eccentricity functions G of the half-day resonance (two branches each)."""
    low = e <= 0.65
    high_520 = np.where(
        e > 0.715,
        _cubic(e, -5149.66, 29936.92, -54087.36, 31324.56),
        1464.74 - 4664.75 * e + 3763.64 * (e * e),
    )
    below = e < 0.7
    return {
        "201": -0.306 - (e - 0.64) * 0.440,
        "211": np.where(
            low, 3.616 - 13.2470 * e + 16.2900 * (e * e), _cubic(e, -72.099, 331.819, -508.738, 266.724)
        ),
        "310": np.where(
            low,
            _cubic(e, -19.302, 117.3900, -228.4190, 156.5910),
            _cubic(e, -346.844, 1582.851, -2415.925, 1246.113),
        ),
        "322": np.where(
            low,
            _cubic(e, -18.9068, 109.7927, -214.6334, 146.5816),
            _cubic(e, -342.585, 1554.908, -2366.899, 1215.972),
        ),
        "410": np.where(
            low,
            _cubic(e, -41.122, 242.6940, -471.0940, 313.9530),
            _cubic(e, -1052.797, 4758.686, -7193.992, 3651.957),
        ),
        "422": np.where(
            low,
            _cubic(e, -146.407, 841.8800, -1629.014, 1083.4350),
            _cubic(e, -3581.690, 16178.110, -24462.770, 12422.520),
        ),
        "520": np.where(low, _cubic(e, -532.114, 3017.977, -5740.032, 3708.2760), high_520),
        "533": np.where(
            below,
            _cubic(e, -919.22770, 4988.6100, -9064.7700, 5542.21),
            _cubic(e, -37995.780, 161616.52, -229838.20, 109377.94),
        ),
        "521": np.where(
            below,
            _cubic(e, -822.71072, 4568.6173, -8491.4146, 5337.524),
            _cubic(e, -51752.104, 218913.95, -309468.16, 146349.42),
        ),
        "532": np.where(
            below,
            _cubic(e, -853.66600, 4690.2500, -8624.7700, 5341.4),
            _cubic(e, -40023.880, 170470.89, -242699.48, 115605.82),
        ),
    }


def _half_day_terms(v: Any, aonv: Array) -> Array:
    """Return the coefficients of the half-day resonance (k, 10), in the paper's order."""
    c, s = v.cosio, v.sinio
    c2, s2 = c * c, s * s
    g = _eccentricity_functions(v.ecco)
    f220 = 0.75 * (1.0 + 2.0 * c + c2)
    f522 = s2 * (1.0 - 2.0 * c - 5.0 * c2) + 0.33333333 * (-2.0 + 4.0 * c + 6.0 * c2)
    f523 = 4.92187512 * s2 * (-2.0 - 4.0 * c + 10.0 * c2) + 6.56250012 * (1.0 + 2.0 * c - 3.0 * c2)
    f542 = 29.53125 * s * (2.0 - 8.0 * c + c2 * (-12.0 + 8.0 * c + 10.0 * c2))
    f543 = 29.53125 * s * (-2.0 - 8.0 * c + c2 * (12.0 + 8.0 * c - 10.0 * c2))
    second = 3.0 * v.no * v.no * aonv * aonv
    third = second * aonv
    fourth = third * aonv
    fifth = fourth * aonv
    terms = (
        second * _ROOT22 * f220 * g["201"],
        second * _ROOT22 * (1.5 * s2) * g["211"],
        third * _ROOT32 * (1.875 * s * (1.0 - 2.0 * c - 3.0 * c2)) * g["310"],
        third * _ROOT32 * (-1.875 * s * (1.0 + 2.0 * c - 3.0 * c2)) * g["322"],
        2.0 * fourth * _ROOT44 * (35.0 * s2 * f220) * g["410"],
        2.0 * fourth * _ROOT44 * (39.3750 * s2 * s2) * g["422"],
        fifth * _ROOT52 * (9.84375 * s * f522) * g["520"],
        fifth * _ROOT52 * (s * f523) * g["532"],
        2.0 * fifth * _ROOT54 * f542 * g["521"],
        2.0 * fifth * _ROOT54 * f543 * g["533"],
    )
    return np.stack(terms, axis=1)
