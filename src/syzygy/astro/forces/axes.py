"""Axes fixed to Earth, Moon and Mars, tabulated for compiled evaluation."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MARS, MOON, Body
from syzygy.astro.constants import EARTH_ROTATION_RATE_NOMINAL_RAD_S
from syzygy.astro.frames import earth_rotation_matrices, moon_pa_from_icrf
from syzygy.astro.time import tdb_seconds
from syzygy.base.errors import InputError

Doubles = NDArray[np.float64]
Matrices = Callable[[NDArray[np.int64]], Doubles]

_DEGREE = np.pi / 180.0
_CENTURY_S = 36_525.0 * 86_400.0
_DAY_S = 86_400.0
# NAIF pck00011.tpc, IAU WGCCRE 2015: pole and prime meridian of Mars, degrees and degrees per century (day).
_MARS_POLE = ((317.269202, -0.10927547), (54.432516, -0.05827105), (176.049863, 350.891982443297))
_MARS_RA = (
    (0.000068, 198.991226, 19139.4819985),
    (0.000238, 226.292679, 38280.8511281),
    (0.000052, 249.663391, 57420.7251593),
    (0.000009, 266.183510, 76560.6367950),
    (0.419057, 79.398797, 0.5042615),
)
_MARS_DEC = (
    (0.000051, 122.433576, 19139.9407476),
    (0.000141, 43.058401, 38280.8753272),
    (0.000031, 57.663379, 57420.7517205),
    (0.000005, 79.476401, 76560.6495004),
    (1.591274, 166.325722, 0.5042615),
)
_MARS_PM = (
    (0.000145, 129.071773, 19140.0328244),
    (0.000157, 36.352167, 38281.0473591),
    (0.000040, 56.668646, 57420.9295360),
    (0.000001, 67.364003, 76560.2552215),
    (0.000001, 104.792680, 95700.4387578),
    (0.584542, 95.391654, 0.5042615),
)

SPINS_RAD_S = {
    EARTH.naif_id: EARTH_ROTATION_RATE_NOMINAL_RAD_S,
    MOON.naif_id: 2.6616995e-6,
    MARS.naif_id: 350.891982443297 * _DEGREE / _DAY_S,
}
"""Nominal rates, split off so that the rest of a turn is slow; their value does not change answers."""


def body_axes(body: Body, almanac: Almanac) -> Matrices:
    """Return the function that gives the turns (n, 3, 3) from ICRF to the axes of a body at instants (n,).

    Earth: ITRF by IERS 2010 with the Almanac's Earth orientation. Moon: principal axes of the Almanac's
    libration angles. Mars: IAU WGCCRE 2015.

    Raises
    ------
    InputError
        No axes are known for the body.
    MissingDataError
        The Almanac lacks the part.
    """
    if body == EARTH:
        return lambda tai_ns: earth_rotation_matrices(tai_ns, almanac)[0]
    if body == MOON:
        orientation = almanac.require_moon_orientation()
        return lambda tai_ns: moon_pa_from_icrf(orientation.angles_rad(tai_ns))
    if body == MARS:
        return _mars_from_icrf
    raise InputError(
        "no axes are known for the gravity field of this body",
        value=body.name,
        allowed="Earth, Moon, Mars",
        where="ForceModel.fields",
    )


def _mars_from_icrf(tai_ns: NDArray[np.int64]) -> Doubles:
    whole, fraction = tdb_seconds(tai_ns)
    seconds = whole + fraction
    centuries = seconds / _CENTURY_S
    days = seconds / _DAY_S
    (ra0, ra1), (dec0, dec1), (pm0, pm1) = _MARS_POLE
    ra = ra0 + ra1 * centuries + _terms(_MARS_RA, centuries, np.sin)
    dec = dec0 + dec1 * centuries + _terms(_MARS_DEC, centuries, np.cos)
    turn = pm0 + np.mod(pm1 * days, 360.0) + _terms(_MARS_PM, centuries, np.sin)
    angles = np.stack([(90.0 + ra) * _DEGREE, (90.0 - dec) * _DEGREE, turn * _DEGREE], axis=-1)
    return moon_pa_from_icrf(angles)


def _terms(table: tuple[tuple[float, float, float], ...], centuries: Doubles, wave: np.ufunc) -> Doubles:
    total = np.zeros_like(centuries)
    for amplitude, phase, rate in table:
        total = total + amplitude * wave((phase + np.mod(rate * centuries, 360.0)) * _DEGREE)
    return total


@lru_cache(maxsize=32)
def chebyshev_nodes(terms: int) -> tuple[Doubles, Doubles]:
    """Return the nodes in -1..1 and the matrix that turns values there into coefficients."""
    angle = np.pi * (np.arange(terms) + 0.5) / terms
    matrix = np.cos(np.outer(np.arange(terms), angle)) * (2.0 / terms)
    matrix[0] *= 0.5
    return np.cos(angle), matrix


def split_spin(matrix: Doubles, angle: Doubles) -> Doubles:
    """Return Rz(-angle) times the matrices (..., 3, 3): what is left is slow."""
    cosine, sine = np.cos(angle), np.sin(angle)
    slow = matrix.copy()
    slow[..., 0, :] = cosine[..., None] * matrix[..., 0, :] - sine[..., None] * matrix[..., 1, :]
    slow[..., 1, :] = sine[..., None] * matrix[..., 0, :] + cosine[..., None] * matrix[..., 1, :]
    return slow
