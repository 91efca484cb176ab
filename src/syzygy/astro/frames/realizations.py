"""Realizations of the terrestrial frame: ITRF of several years and the European ETRF, by Helmert turns.

ITRF realizations since 2005 differ by millimetres, older ones by up to a decimetre, ETRF from them by 2.5 cm
more every year of plate motion; a survey coordinate without the name of its realization and its epoch is good
to decimetres only.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.constants import ARCSECOND_RAD
from syzygy.astro.frames.vectors import Vectors, as_vectors, require_broadcast
from syzygy.base.errors import InputError, UnknownNameError

_MILLIMETRE = 1e-3
_PPB = 1e-9
_MAS = 1e-3 * ARCSECOND_RAD


@dataclass(frozen=True)
class _Helmert:
    """From ITRF2014: shifts mm, scale ppb, turns mas at an epoch, and their rates per year."""

    epoch_year: float
    shift_mm: tuple[float, float, float]
    scale_ppb: float
    turn_mas: tuple[float, float, float]
    shift_rate_mm: tuple[float, float, float]
    scale_rate_ppb: float
    turn_rate_mas: tuple[float, float, float]


_ZERO = (0.0, 0.0, 0.0)
_ITRF97 = _Helmert(
    2010.0, (7.4, -0.5, -62.8), 3.80, (0.0, 0.0, 0.26), (0.1, -0.5, -3.3), 0.12, (0.0, 0.0, 0.02)
)
_FROM_ITRF2014 = MappingProxyType(
    {
        "ITRF2014": _Helmert(2010.0, _ZERO, 0.0, _ZERO, _ZERO, 0.0, _ZERO),
        "ITRF2020": _Helmert(2015.0, (1.4, 0.9, -1.4), 0.42, _ZERO, (0.0, 0.1, -0.2), 0.0, _ZERO),
        "ITRF2008": _Helmert(2010.0, (1.6, 1.9, 2.4), -0.02, _ZERO, (0.0, 0.0, -0.1), 0.03, _ZERO),
        "ITRF2005": _Helmert(2010.0, (2.6, 1.0, -2.3), 0.92, _ZERO, (0.3, 0.0, -0.1), 0.03, _ZERO),
        "ITRF2000": _Helmert(2010.0, (0.7, 1.2, -26.1), 2.12, _ZERO, (0.1, 0.1, -1.9), 0.11, _ZERO),
        "ITRF97": _ITRF97,
        "ITRF96": _ITRF97,
        "ITRF94": _ITRF97,
        "ITRF93": _Helmert(
            2010.0,
            (-50.4, 3.3, -60.2),
            4.29,
            (-2.81, -3.38, 0.40),
            (-2.8, -0.1, -2.5),
            0.12,
            (-0.11, -0.19, 0.07),
        ),
        "ETRF2000": _Helmert(
            2010.0,
            (54.7, 52.2, -74.1),
            2.12,
            (1.701, 10.290, -16.632),
            (0.1, 0.1, -1.9),
            0.11,
            (0.081, 0.490, -0.792),
        ),
        "ETRF2014": _Helmert(1989.0, _ZERO, 0.0, _ZERO, _ZERO, 0.0, (0.085, 0.531, -0.770)),
    }
)
REALIZATIONS = tuple(_FROM_ITRF2014)
"""Names that `change_realization` knows."""


def change_realization(position_m: ArrayLike, source: str, target: str, decimal_year: ArrayLike) -> Vectors:
    """Return positions (..., 3) of one terrestrial realization in another, at the same epoch.

    Parameters
    ----------
    position_m : (..., 3)
    source, target : str
        Of `REALIZATIONS`.
    decimal_year : (...)
        Epoch of the positions, e.g. 2020.5, broadcast.

    Raises
    ------
    UnknownNameError
        A realization that is not known.
    InputError
        An epoch outside 1980 to 2100, or shapes that do not fit.

    **Accuracy**: 0.1 mm against PROJ 9.5.1 (``tests/astro/test_frames_realizations.py``).

    **Source**: IERS/ITRF transformation tables; EUREF Technical Note 1 (Altamimi 2018).
    """
    position = as_vectors(position_m, "position_m")
    year = np.asarray(decimal_year, dtype=np.float64)
    if not bool(np.all((year >= 1980.0) & (year <= 2100.0))):
        raise InputError(
            "an epoch is no decimal year of terrestrial frames",
            value=year.ravel()[:1].tolist(),
            allowed="1980 to 2100",
            where="decimal_year",
        )
    require_broadcast("position_m, decimal_year", position.shape[:-1], year.shape)
    shift_to, scale_to, turn_to = _parameters(target, year)
    shift_from, scale_from, turn_from = _parameters(source, year)
    # The parameters are below 1e-7: their products, 1e-8 m on the ground, are left out.
    shift, scale, turn = shift_to - shift_from, scale_to - scale_from, turn_to - turn_from
    moved: Vectors = position + shift + scale[..., None] * position + np.cross(turn, position)
    return moved


def _parameters(
    name: str, year: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    try:
        helmert = _FROM_ITRF2014[name]
    except KeyError as error:
        raise UnknownNameError(
            "unknown realization of the terrestrial frame", value=name, allowed=", ".join(REALIZATIONS)
        ) from error
    since = year - helmert.epoch_year
    column = since[..., None]
    shift = np.array(helmert.shift_mm) + column * np.array(helmert.shift_rate_mm)
    turn = np.array(helmert.turn_mas) + column * np.array(helmert.turn_rate_mas)
    scale = helmert.scale_ppb + since * helmert.scale_rate_ppb
    return shift * _MILLIMETRE, scale * _PPB, turn * _MAS
