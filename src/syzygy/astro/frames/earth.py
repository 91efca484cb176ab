"""GCRF and ITRF: the celestial and the Earth-fixed axes, IAU 2006/2000A with all of the Earth orientation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from syzygy.astro.frames.earth_rotation import COMPILED_FROM, earth_rotation
from syzygy.astro.frames.vectors import (
    Matrices,
    Vectors,
    as_vectors,
    require_broadcast,
    rotate,
    transposed,
)
from syzygy.astro.time import EarthOrientation, Instants, LeapSeconds, as_instants

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

    **Accuracy**: positions within 2e-6 m at 7 000 km of ERFA's ``c2tcio(c2ixys, era00, pom00)`` on the same
    orientation values, velocities the derivative of positions to 1e-7 m/s
    (``tests/astro/test_frames_earth.py``).  Sub-daily tides of pole and UT1 (3 cm on the
    ground) are left out.

    **Source**: IERS Conventions (2010), chapter 5.
    """
    instants = as_instants(tai_ns)
    position, velocity = checked_batch(position_m, velocity_m_s, instants)
    return turn_states(position, velocity, instants, lambda part: earth_rotation_matrices(part, almanac))


def gcrf_from_itrf(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, tai_ns: ArrayLike, almanac: OrientationSource
) -> States:
    """Turn ITRF states into GCRF states; the inverse of `itrf_from_gcrf` in all respects."""
    instants = as_instants(tai_ns)
    position, velocity = checked_batch(position_m, velocity_m_s, instants)
    return turn_states(
        position, velocity, instants, lambda part: earth_rotation_matrices(part, almanac), backward=True
    )


def turn_states(
    position: Vectors,
    velocity: Vectors | None,
    instants: Instants,
    matrices: Callable[[Instants], tuple[Matrices, Matrices]],
    *,
    backward: bool = False,
) -> States:
    """Turn checked states by the matrices and rates of their instants, or back.

    States that each have an instant of their own go in chunks, so that the matrices of a million instants
    never stand in memory together; instants that are the last axes of the states are used again and again.
    """
    shape = position.shape[:-1]
    each = velocity is None or velocity.shape == position.shape
    inner = shape[len(shape) - instants.ndim :] if instants.ndim <= len(shape) else None
    count = math.prod(shape)
    if not each or inner != instants.shape or count < COMPILED_FROM:
        return (_backward if backward else _forward)(*matrices(instants), position, velocity)
    from syzygy.astro.frames import _kernels

    turn = _kernels.turn_backward if backward else _kernels.turn_forward
    flat = instants.ravel()
    old = position.reshape(-1, 3)
    old_velocity = np.empty((0, 3)) if velocity is None else velocity.reshape(-1, 3)
    moved, moved_velocity = np.empty(old.shape), np.empty(old_velocity.shape)
    step = COMPILED_FROM if flat.size == count else count
    for start in range(0, count, step):
        part = slice(start, min(start + step, count))
        turn(*matrices(flat[part]), old[part], old_velocity[part], moved[part], moved_velocity[part])
    return moved.reshape(position.shape), None if velocity is None else moved_velocity.reshape(position.shape)


def _forward(matrix: Matrices, rate: Matrices, position: Vectors, velocity: Vectors | None) -> States:
    moved = rotate(matrix, position)
    return moved, None if velocity is None else rotate(matrix, velocity) + rotate(rate, position)


def _backward(matrix: Matrices, rate: Matrices, position: Vectors, velocity: Vectors | None) -> States:
    inverse = transposed(matrix)
    moved = rotate(inverse, position)
    return moved, None if velocity is None else rotate(inverse, velocity - rotate(rate, moved))


def checked_batch(
    position_m: ArrayLike, velocity_m_s: ArrayLike | None, instants: Instants
) -> tuple[Vectors, Vectors | None]:
    """Return finite positions and velocities that broadcast with the instants, or raise InputError."""
    position = as_vectors(position_m, "position_m")
    velocity = None if velocity_m_s is None else as_vectors(velocity_m_s, "velocity_m_s")
    shapes = [position.shape[:-1], instants.shape]
    if velocity is not None:
        shapes.append(velocity.shape[:-1])
    require_broadcast("position_m, tai_ns, velocity_m_s", *shapes)
    return position, velocity
