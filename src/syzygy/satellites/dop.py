"""Dilution of precision with one receiver clock per satellite system, in batch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError, UnitError

_UNIT_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class Dilution:
    """Dilution of precision of n geometries; infinite where there is no solution.

    Attributes
    ----------
    gdop, pdop, hdop, vdop : float64 (n,)
        All unknowns, position, horizontal, vertical.
    tdop : float64 (n,)
        Clock of the first system present.
    solved : bool (n,)
        False with fewer satellites than unknowns, or all directions of full rank missing (in a plane).
    """

    gdop: NDArray[np.float64]
    pdop: NDArray[np.float64]
    hdop: NDArray[np.float64]
    vdop: NDArray[np.float64]
    tdop: NDArray[np.float64]
    solved: NDArray[np.bool_]


def compute_dilution(
    directions: NDArray[np.float64], system_index: ArrayLike, used: NDArray[np.bool_] | None = None
) -> Dilution:
    """Return the dilution of precision of n sets of m directions.

    Parameters
    ----------
    directions : float64 (n, m, 3)
        Unit vectors from the receiver to the satellites: east, north, up.
    system_index : int (m,)
        0 .. k-1: which receiver clock each satellite shares. Systems without a satellite add no unknown.
    used : bool (n, m), optional
        Which satellites count; by default all.

    Raises
    ------
    InputError
        Shapes that do not agree, directions that are not unit vectors, negative system numbers.

    Notes
    -----
    **Accuracy**: exact geometries within 1e-12 and two almanac geometries within the 0.01 of their source
    (``tests/satellites/test_dop.py``); equal to the inverse of the full normal matrix within 1e-9 relative.

    **Source**: Misra and Enge, Global Positioning System, 2nd ed., chapter 6; the clocks are eliminated by
    the Schur complement.

    Examples
    --------
    >>> import numpy as np
    >>> corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 3**0.5
    >>> round(float(compute_dilution(corners[None], np.zeros(8, dtype=int)).pdop[0]), 6)
    1.06066
    """
    from syzygy.satellites._kernels import dilution_kernel

    directions = np.ascontiguousarray(directions, dtype=np.float64)
    systems = np.ascontiguousarray(system_index, dtype=np.int64)
    if directions.ndim != 3 or directions.shape[2] != 3 or systems.shape != directions.shape[1:2]:
        raise InputError(
            "directions and systems do not fit",
            value=f"{directions.shape} and {systems.shape}",
            allowed="(n, m, 3) and (m,)",
        )
    if used is None:
        used = np.ones(directions.shape[:2], dtype=np.bool_)
    used = np.ascontiguousarray(used, dtype=np.bool_)
    if used.shape != directions.shape[:2]:
        raise InputError("mask of the wrong shape", value=used.shape, allowed=f"{directions.shape[:2]}")
    if np.any(systems < 0):
        raise InputError("a system number is negative", value=int(systems.min()), allowed="0, 1, ...")
    out = np.empty((directions.shape[0], 5))
    wrong = dilution_kernel(directions, systems, used, int(systems.max(initial=0)) + 1, _UNIT_TOLERANCE, out)
    if wrong:
        raise InputError(
            "a direction is not a unit vector",
            value=f"{wrong} of {int(np.count_nonzero(used))} directions",
            allowed=f"length 1 within {_UNIT_TOLERANCE:g}",
        )
    gdop, pdop, hdop, vdop, tdop = np.ascontiguousarray(out.T)
    return Dilution(gdop, pdop, hdop, vdop, tdop, np.isfinite(pdop))


@dataclass(frozen=True, eq=False)
class GeometrySurvey:
    """Dilution of precision of p sites at e instants for c combinations of k systems.

    Attributes
    ----------
    pdop, hdop, vdop : float64 (p, e, c)
        Infinite where there is no solution.
    visible : int64 (p, e, k)
        Satellites above the mask.
    """

    pdop: NDArray[np.float64]
    hdop: NDArray[np.float64]
    vdop: NDArray[np.float64]
    visible: NDArray[np.int64]


def survey_geometry(
    site_position_m: NDArray[np.float64],
    site_up: NDArray[np.float64],
    satellite_position_m: NDArray[np.float64],
    usable: NDArray[np.bool_],
    system_index: ArrayLike,
    combinations: NDArray[np.bool_],
    mask_rad: float,
) -> GeometrySurvey:
    """Return the dilution of precision at every site and instant.

    Parameters
    ----------
    site_position_m, site_up : float64 (p, 3)
        Earth-fixed position, and the unit normal of the ellipsoid there.
    satellite_position_m : float64 (e, s, 3)
        Earth-fixed; ignored where not usable.
    usable : bool (e, s)
    system_index : int (s,)
        0 .. k-1.
    combinations : bool (c, k)
        The systems that each combination takes.
    mask_rad : float
        Least elevation above the ellipsoid's horizon, -pi/2 to pi/2, without refraction.

    Raises
    ------
    UnitError
        A mask beyond a right angle.

    Notes
    -----
    Light time and the turn of the Earth during it are left out: 0.07 s move a direction by less than 2e-5
    rad.
    """
    from syzygy.satellites._kernels import survey_kernel

    if not -math.pi / 2 <= mask_rad <= math.pi / 2:
        raise UnitError(
            "the elevation mask is beyond a right angle",
            value=f"{mask_rad:g} rad",
            allowed="-pi/2 to pi/2 rad",
            hint="degrees given for radians?",
        )
    sites, instants = site_position_m.shape[0], satellite_position_m.shape[0]
    pdop = np.empty((sites, instants, combinations.shape[0]))
    vdop = np.empty_like(pdop)
    visible = np.empty((sites, instants, combinations.shape[1]), dtype=np.int64)
    survey_kernel(
        np.ascontiguousarray(site_position_m, dtype=np.float64),
        np.ascontiguousarray(site_up, dtype=np.float64),
        np.ascontiguousarray(satellite_position_m, dtype=np.float64),
        np.ascontiguousarray(usable, dtype=np.bool_),
        np.ascontiguousarray(system_index, dtype=np.int64),
        np.ascontiguousarray(combinations, dtype=np.bool_),
        math.sin(mask_rad),
        pdop,
        vdop,
        visible,
    )
    solved = np.isfinite(pdop)
    square = np.where(solved, pdop, 0.0) ** 2 - np.where(solved, vdop, 0.0) ** 2
    hdop = np.where(solved, np.sqrt(np.maximum(square, 0.0)), np.inf)
    return GeometrySurvey(pdop, hdop, vdop, visible)
