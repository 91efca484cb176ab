"""TEME, the axes of SGP4: turned to ITRF by Greenwich mean sidereal time of 1982 and polar motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from syzygy.astro.constants import EARTH_ROTATION_RATE_RAD_S
from syzygy.astro.frames.earth import (
    OrientationSource,
    States,
    checked_batch,
    earth_rotation_matrices,
    turn_states,
)
from syzygy.astro.frames.earth_rotation import (
    cos_sin_of_turns,
    gmst82_turns,
    polar_motion,
    ut1_day_and_fraction,
)
from syzygy.astro.frames.vectors import Matrices, product, transposed
from syzygy.astro.time import Instants, LeapSeconds, as_instants, earth_orientation_at, tai_minus_utc_s


def itrf_from_teme(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, tai_ns: ArrayLike, almanac: OrientationSource
) -> States:
    """Turn TEME states (of SGP4) into ITRF states.

    Shapes and errors as `itrf_from_gcrf`.  TEME of an instant is taken as axes at rest, so velocities feel
    the full motion of the Earth and the way over GCRF gives the same.

    **Accuracy**: the example of Vallado et al. (2006) within 1 cm and 4e-5 m/s
    (``tests/astro/test_frames_teme.py``).

    **Source**: Vallado, Crawford, Hujsak, Kelso, AIAA 2006-6753, appendix C; Aoki et al. (1982).
    """
    instants = as_instants(tai_ns)
    position, velocity = checked_batch(position_m, velocity_m_s, instants)
    return turn_states(position, velocity, instants, lambda part: _to_itrf(part, almanac))


def teme_from_itrf(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, tai_ns: ArrayLike, almanac: OrientationSource
) -> States:
    """Turn ITRF states into TEME states; the inverse of `itrf_from_teme`."""
    instants = as_instants(tai_ns)
    position, velocity = checked_batch(position_m, velocity_m_s, instants)
    return turn_states(position, velocity, instants, lambda part: _to_itrf(part, almanac), backward=True)


def gcrf_from_teme(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, tai_ns: ArrayLike, almanac: OrientationSource
) -> States:
    """Turn TEME states into GCRF states, through ITRF; shapes and errors as `itrf_from_gcrf`.

    **Accuracy**: the example of Vallado et al. (2006) within 2 cm (``tests/astro/test_frames_teme.py``).
    """
    instants = as_instants(tai_ns)
    position, velocity = checked_batch(position_m, velocity_m_s, instants)
    return turn_states(position, velocity, instants, lambda part: _to_gcrf(part, almanac))


def teme_from_gcrf(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, tai_ns: ArrayLike, almanac: OrientationSource
) -> States:
    """Turn GCRF states into TEME states; the inverse of `gcrf_from_teme`."""
    instants = as_instants(tai_ns)
    position, velocity = checked_batch(position_m, velocity_m_s, instants)
    return turn_states(position, velocity, instants, lambda part: _to_gcrf(part, almanac), backward=True)


def itrf_from_teme_gmst(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, tai_ns: ArrayLike, leap_seconds: LeapSeconds
) -> States:
    """Turn TEME states into Earth-fixed ones by GMST-1982 alone: UT1 = UTC, no polar motion.

    The convention of tools without Earth orientation data; up to 0.9 s of rotation (400 m at the equator) and
    20 m of the pole away from `itrf_from_teme`.

    Raises
    ------
    CoverageError
        Outside the leap-second table.
    """
    instants = as_instants(tai_ns)
    position, velocity = checked_batch(position_m, velocity_m_s, instants)
    return turn_states(position, velocity, instants, lambda part: _to_pseudo_fixed(part, leap_seconds))


def _to_pseudo_fixed(instants: Instants, leap_seconds: LeapSeconds) -> tuple[Matrices, Matrices]:
    ut1_minus_tai = -tai_minus_utc_s(instants, leap_seconds).astype(np.float64)
    cosine, sine = cos_sin_of_turns(gmst82_turns(*ut1_day_and_fraction(instants, ut1_minus_tai)))
    matrix = np.zeros((*instants.shape, 3, 3))
    matrix[..., 0, 0] = matrix[..., 1, 1] = cosine
    matrix[..., 0, 1], matrix[..., 1, 0] = sine, -sine
    matrix[..., 2, 2] = 1.0
    rate = np.zeros_like(matrix)
    rate[..., 0, :] = EARTH_ROTATION_RATE_RAD_S * matrix[..., 1, :]
    rate[..., 1, :] = -EARTH_ROTATION_RATE_RAD_S * matrix[..., 0, :]
    return matrix, rate


def _to_itrf(instants: Instants, almanac: OrientationSource) -> tuple[Matrices, Matrices]:
    matrix, rate, _ = _teme_matrices(instants, almanac)
    return matrix, rate


def _to_gcrf(instants: Instants, almanac: OrientationSource) -> tuple[Matrices, Matrices]:
    _, _, turn = _teme_matrices(instants, almanac)
    return turn, np.zeros(turn.shape)


def _teme_matrices(instants: Instants, almanac: OrientationSource) -> tuple[Matrices, Matrices, Matrices]:
    """Return TEME to ITRF, its rate, and TEME to GCRF."""
    earth, earth_rate = earth_rotation_matrices(instants, almanac)
    values = earth_orientation_at(instants, almanac.leap_seconds, almanac.require_earth_orientation())
    cosine, sine = cos_sin_of_turns(gmst82_turns(*ut1_day_and_fraction(instants, values.ut1_minus_tai_s)))
    w = polar_motion(values.pole_x_rad, values.pole_y_rad)
    matrix = np.empty((*instants.shape, 3, 3))
    zero = np.zeros_like(cosine)
    for j, (b0, b1, b2) in enumerate(((cosine, -sine, 0.0), (sine, cosine, 0.0), (zero, zero, 1.0))):
        matrix[..., 0, j] = w[0] * b0 + w[1] * b2
        matrix[..., 1, j] = w[2] * b0 + w[3] * b1 + w[4] * b2
        matrix[..., 2, j] = w[5] * b0 + w[6] * b1 + w[7] * b2
    turn = product(transposed(earth), matrix)
    return matrix, product(earth_rate, turn), turn
