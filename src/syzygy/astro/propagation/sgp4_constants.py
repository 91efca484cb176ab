"""Initialisation of SGP4 and SDP4 in batch: from mean elements to the tables of constants of the kernel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.propagation.sgp4_states import kozai_rad_min

if TYPE_CHECKING:
    from syzygy.astro.mean_elements import MeanElements

Array = NDArray[np.float64]

_JD_OF_1950 = 2433281.5
_TWOPI = 2.0 * math.pi
_X2O3 = 2.0 / 3.0
_NEAR_EQUATOR_RAD = 5.2359877e-2
_DEEP_MINUTES = 225.0


@dataclass(frozen=True, eq=False)
class Sgp4Constants:
    """Constants of one family of objects (below or above a period of 225 minutes).

    Attributes
    ----------
    place : int64 (k,)
        Number of each object in the batch.
    table : float64 (k, columns)
        One row per object, columns as named in the kernel file.
    """

    place: NDArray[np.int64]
    table: Array


def initialise(elements: MeanElements) -> tuple[Sgp4Constants, Sgp4Constants]:
    """Return the constants of the near-earth and of the deep-space objects.

    Parameters
    ----------
    elements : MeanElements
        n objects.

    Notes
    -----
    **Accuracy**: see `syzygy.astro.propagation.sgp4_batch.Sgp4Batch`.
    **Source**: Hoots & Roehrich, Spacetrack Report 3 (1980); Vallado, Crawford, Hujsak, Kelso, AIAA 2006-6753
    (WGS-72, improved mode).
    """
    with np.errstate(all="ignore"):
        base = _common(elements)
        period_min = _TWOPI / base.no
        deep = period_min >= _DEEP_MINUTES
        near = np.flatnonzero(~deep)
        far = np.flatnonzero(deep)
        return (
            Sgp4Constants(near, _near_table(_take(base, near))),
            Sgp4Constants(far, _deep_table(_take(base, far))),
        )


def _take(values: Any, index: NDArray[np.int64]) -> Any:
    return SimpleNamespace(**{name: column[index] for name, column in vars(values).items()})


def _common(elements: MeanElements) -> Any:
    """Return the constants that both families need, as columns named as in the paper."""
    v = SimpleNamespace(
        ecco=elements.eccentricity.astype(np.float64),
        inclo=elements.inclination_rad.astype(np.float64),
        nodeo=elements.raan_rad.astype(np.float64),
        argpo=elements.argument_of_perigee_rad.astype(np.float64),
        mo=elements.mean_anomaly_rad.astype(np.float64),
        bstar=elements.bstar_per_earth_radius.astype(np.float64),
        epoch=(elements.epoch_jd + elements.epoch_jd_fraction) - _JD_OF_1950,
    )
    _recover_mean_motion(v, kozai_rad_min(elements.mean_motion_rad_s))
    _drag(v)
    _secular_rates(v)
    return v


def _recover_mean_motion(v: Any, no_kozai: Array) -> None:
    """Recover Brouwer's mean motion and semi-major axis from Kozai's mean motion."""
    from syzygy.astro.propagation import _sgp4_kernels as at

    v.cosio, v.sinio = np.cos(v.inclo), np.sin(v.inclo)
    v.cosio2 = v.cosio * v.cosio
    v.omeosq = 1.0 - v.ecco * v.ecco
    v.rteosq = np.sqrt(v.omeosq)
    ak = np.power(at.XKE / no_kozai, _X2O3)
    d1 = 0.75 * at.J2 * (3.0 * v.cosio2 - 1.0) / (v.rteosq * v.omeosq)
    delta = d1 / (ak * ak)
    adel = ak * (1.0 - delta * delta - delta * (1.0 / 3.0 + 134.0 * delta * delta / 81.0))
    v.no = no_kozai / (1.0 + d1 / (adel * adel))
    v.ao = np.power(at.XKE / v.no, _X2O3)
    v.con42 = 1.0 - 5.0 * v.cosio2
    v.con41 = -v.con42 - v.cosio2 - v.cosio2
    v.x1mth2 = 1.0 - v.cosio2
    v.pinvsq = 1.0 / (v.ao * v.omeosq) ** 2


def _drag(v: Any) -> None:
    """Compute the drag coefficients C1 to C5 with the density function's height limits."""
    from syzygy.astro.propagation import _sgp4_kernels as at

    radius = at.EARTH_RADIUS_KM
    rp = v.ao * (1.0 - v.ecco)
    v.simple = rp < 220.0 / radius + 1.0
    perige = (rp - 1.0) * radius
    low = np.where(perige < 98.0, 20.0, perige - 78.0)
    v.sfour = np.where(perige < 156.0, low / radius + 1.0, 78.0 / radius + 1.0)
    qzms24 = np.where(perige < 156.0, ((120.0 - low) / radius) ** 4, ((120.0 - 78.0) / radius) ** 4)
    v.tsi = 1.0 / (v.ao - v.sfour)
    v.eta = v.ao * v.ecco * v.tsi
    etasq = v.eta * v.eta
    v.eeta = v.ecco * v.eta
    psisq = np.abs(1.0 - etasq)
    v.coef = qzms24 * v.tsi**4
    coef1 = v.coef / psisq**3.5
    cc2 = coef1 * v.no
    cc2 = cc2 * (
        v.ao * (1.0 + 1.5 * etasq + v.eeta * (4.0 + etasq))
        + 0.375 * at.J2 * v.tsi / psisq * v.con41 * (8.0 + 3.0 * etasq * (8.0 + etasq))
    )
    v.cc1 = v.bstar * cc2
    v.not_circular = v.ecco > 1.0e-4
    ecco = np.where(v.not_circular, v.ecco, 1.0)
    v.cc3 = np.where(v.not_circular, -2.0 * v.coef * v.tsi * at.J3OJ2 * v.no * v.sinio / ecco, 0.0)
    bracket = -3.0 * v.con41 * (1.0 - 2.0 * v.eeta + etasq * (1.5 - 0.5 * v.eeta)) + 0.75 * v.x1mth2 * (
        2.0 * etasq - v.eeta * (1.0 + etasq)
    ) * np.cos(2.0 * v.argpo)
    v.cc4 = 2.0 * v.no * coef1 * v.ao * v.omeosq
    v.cc4 = v.cc4 * (
        v.eta * (2.0 + 0.5 * etasq) + v.ecco * (0.5 + 2.0 * etasq) - at.J2 * v.tsi / (v.ao * psisq) * bracket
    )
    v.cc5 = 2.0 * coef1 * v.ao * v.omeosq * (1.0 + 2.75 * (etasq + v.eeta) + v.eeta * etasq)


def _secular_rates(v: Any) -> None:
    """Compute the secular rates of mean anomaly, perigee and node (J2, J2 squared, J4)."""
    from syzygy.astro.propagation import _sgp4_kernels as at

    cosio4 = v.cosio2 * v.cosio2
    temp1 = 1.5 * at.J2 * v.pinvsq * v.no
    temp2 = 0.5 * temp1 * at.J2 * v.pinvsq
    temp3 = -0.46875 * at.J4 * v.pinvsq * v.pinvsq * v.no
    v.mdot = (
        v.no
        + 0.5 * temp1 * v.rteosq * v.con41
        + 0.0625 * temp2 * v.rteosq * (13.0 - 78.0 * v.cosio2 + 137.0 * cosio4)
    )
    v.argpdot = (
        -0.5 * temp1 * v.con42
        + 0.0625 * temp2 * (7.0 - 114.0 * v.cosio2 + 395.0 * cosio4)
        + temp3 * (3.0 - 36.0 * v.cosio2 + 49.0 * cosio4)
    )
    xhdot1 = -temp1 * v.cosio
    v.nodedot = (
        xhdot1 + (0.5 * temp2 * (4.0 - 19.0 * v.cosio2) + 2.0 * temp3 * (3.0 - 7.0 * v.cosio2)) * v.cosio
    )
    v.nodecf = 3.5 * v.omeosq * xhdot1 * v.cc1
    v.t2cof = 1.5 * v.cc1


def _fill(table: Array, columns: dict[str, Array]) -> None:
    """Write columns under the kernel's row names."""
    from syzygy.astro.propagation import _sgp4_kernels as at

    for name, column in columns.items():
        table[:, (getattr(at, name) - at.FIRST) // at.ROW] = column


def _shared_columns(v: Any) -> dict[str, Array]:
    return {
        "MO": v.mo,
        "MDOT": v.mdot,
        "ARGPO": v.argpo,
        "ARGPDOT": v.argpdot,
        "NODEO": v.nodeo,
        "NODEDOT": v.nodedot,
        "NODECF": v.nodecf,
        "CC1": v.cc1,
        "BCC4": v.bstar * v.cc4,
        "T2COF": v.t2cof,
        "NO": v.no,
        "AO": v.ao,
        "ECCO": v.ecco,
    }


def _near_table(v: Any) -> Array:
    """Return the table of the near-earth objects; what low perigees leave out is zero there."""
    from syzygy.astro.propagation import _sgp4_kernels as at

    cc1sq = v.cc1 * v.cc1
    d2 = 4.0 * v.ao * v.tsi * cc1sq
    temp = d2 * v.tsi * v.cc1 / 3.0
    d3 = (17.0 * v.ao + v.sfour) * temp
    d4 = 0.5 * temp * v.ao * v.tsi * (221.0 * v.ao + 31.0 * v.sfour) * v.cc1
    grown = 1.0 + v.eta * np.cos(v.mo)
    eeta = np.where(v.not_circular, v.eeta, 1.0)
    away = 1.0 + v.cosio
    room = np.where(np.abs(away) > 1.5e-12, away, 1.5e-12)
    full = {
        "D2": d2,
        "D3": d3,
        "D4": d4,
        "BCC5": v.bstar * v.cc5,
        "T3COF": d2 + 2.0 * cc1sq,
        "T4COF": 0.25 * (3.0 * d3 + v.cc1 * (12.0 * d2 + 10.0 * cc1sq)),
        "T5COF": 0.2 * (3.0 * d4 + 12.0 * v.cc1 * d3 + 6.0 * d2 * d2 + 15.0 * cc1sq * (2.0 * d2 + cc1sq)),
        "OMGCOF": v.bstar * v.cc3 * np.cos(v.argpo),
        "XMCOF": np.where(v.not_circular, -_X2O3 * v.coef * v.bstar / eeta, 0.0),
    }
    table = np.zeros((v.no.size, at.NEAR_COLUMNS))
    _fill(table, _shared_columns(v))
    _fill(table, {name: np.where(v.simple, 0.0, column) for name, column in full.items()})
    _fill(
        table,
        {
            "SINIP": v.sinio,
            "COSIP": v.cosio,
            "CON41": v.con41,
            "X1MTH2": v.x1mth2,
            "X7THM1": 7.0 * v.cosio2 - 1.0,
            "SINMAO": np.sin(v.mo),
            "ETA": v.eta,
            "DELMO": grown * grown * grown,
            "AYCOF": -0.5 * at.J3OJ2 * v.sinio,
            "XLCOF": -0.25 * at.J3OJ2 * v.sinio * (3.0 + 5.0 * v.cosio) / room,
        },
    )
    return table


def _deep_table(v: Any) -> Array:
    """Return the table of the deep-space objects."""
    from syzygy.astro.propagation import _sgp4_kernels as at
    from syzygy.astro.propagation.sgp4_deep_constants import deep_columns

    table = np.zeros((v.no.size, at.DEEP_COLUMNS))
    _fill(table, _shared_columns(v))
    _fill(table, {"INCLO": v.inclo})
    rows, resonance, half_day = deep_columns(v)
    _fill(table, rows)
    for name, column in resonance.items():
        table[:, getattr(at, name)] = column
    table[:, at.D2201 :] = half_day
    return table
