"""GCRF and ITRF: the celestial and the Earth-fixed axes, IAU 2006/2000A with all of the Earth orientation."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from syzygy.astro.frames.earth_rotation import earth_rotation
from syzygy.astro.frames.vectors import Matrices, Vectors, as_vectors, rotate, transposed
from syzygy.astro.time import EarthOrientation, Instants, LeapSeconds, as_instants
from syzygy.base.errors import InputError

States = tuple[Vectors, Vectors | None]


class OrientationSource(Protocol):
    """What of the Almanac the Earth's frames need."""

    @property
    def leap_seconds(self) -> LeapSeconds:
        """The leap-second table."""
        ...

    def require_earth_orientation(self) -> EarthOrientation:
        """Return the Earth orientation or raise MissingDataError."""
        ...


def earth_rotation_matrices(tai_ns: ArrayLike, almanac: OrientationSource) -> tuple[Matrices, Matrices]:
    """Return the rotation from GCRF to ITRF (..., 3, 3) and its rate per second at instants (...).

    Velocities follow as ``v_itrf = rotation v_gcrf + rate r_gcrf``.

    Raises
    ------
    MissingDataError
        The Almanac has no Earth orientation.
    CoverageError
        Outside the Earth orientation, or in its predicted part when predictions are not allowed.
    """
    instants = as_instants(tai_ns)
    table = almanac.require_earth_orientation()
    matrix, rate = earth_rotation(instants.ravel(), almanac.leap_seconds, table)
    shape = (*instants.shape, 3, 3)
    return matrix.reshape(shape), rate.reshape(shape)


def itrf_from_gcrf(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, tai_ns: ArrayLike, almanac: OrientationSource
) -> States:
    """Turn GCRF states into ITRF states.

    Parameters
    ----------
    position_m : (..., 3)
        Geocentric, GCRF axes.
    velocity_m_s : (..., 3) or None
        With None only positions are computed.
    tai_ns : (...) int64
        Broadcast against the positions.
    almanac : Almanac

    Returns
    -------
    position_m (..., 3), velocity_m_s (..., 3) or None
        The velocity is that seen from the turning Earth.

    Raises
    ------
    InputError
        Shapes that do not fit, values that are not finite.
    MissingDataError, CoverageError
        As `earth_rotation_matrices`.

    **Accuracy**: positions within 1e-6 m at 7 000 km of ERFA's ``c2tcio(c2ixys, era00, pom00)`` on the same
    orientation values, velocities the derivative of positions to 1e-7 m/s
    (``tests/astro/test_frames_earth.py``).  Sub-daily tides of pole and UT1 (3 cm on the
    ground) are left out.

    **Source**: IERS Conventions (2010), chapter 5.
    """
    instants = as_instants(tai_ns)
    position, velocity = _checked(position_m, velocity_m_s, instants)
    return _forward(*earth_rotation_matrices(instants, almanac), position, velocity)


def gcrf_from_itrf(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, tai_ns: ArrayLike, almanac: OrientationSource
) -> States:
    """Turn ITRF states into GCRF states; the inverse of `itrf_from_gcrf` in all respects."""
    instants = as_instants(tai_ns)
    position, velocity = _checked(position_m, velocity_m_s, instants)
    return _backward(*earth_rotation_matrices(instants, almanac), position, velocity)


def _forward(matrix: Matrices, rate: Matrices, position: Vectors, velocity: Vectors | None) -> States:
    moved = rotate(matrix, position)
    return moved, None if velocity is None else rotate(matrix, velocity) + rotate(rate, position)


def _backward(matrix: Matrices, rate: Matrices, position: Vectors, velocity: Vectors | None) -> States:
    inverse = transposed(matrix)
    moved = rotate(inverse, position)
    return moved, None if velocity is None else rotate(inverse, velocity - rotate(rate, moved))


def _checked(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, instants: Instants
) -> tuple[Vectors, Vectors | None]:
    position = as_vectors(position_m, "position_m")
    velocity = None if velocity_m_s is None else as_vectors(velocity_m_s, "velocity_m_s")
    shapes: list[tuple[int, ...]] = [position.shape[:-1], instants.shape]
    if velocity is not None:
        shapes.append(velocity.shape[:-1])
    try:
        np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise InputError(
            "positions, velocities and instants do not fit together",
            value=f"shapes {', '.join(str(shape) for shape in shapes)} before the components",
            allowed="shapes that broadcast",
            where="position_m, velocity_m_s, tai_ns",
        ) from error
    return position, velocity
