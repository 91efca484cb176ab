"""Axes that go with an orbit: radial, transverse, normal."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from syzygy.astro.frames.vectors import Matrices, as_vectors, require_broadcast
from syzygy.base.errors import InputError


def rtn_axes(position_m: ArrayLike, velocity_m_s: ArrayLike) -> Matrices:
    """Return the turn (..., 3, 3) from the axes of the states to RTN: rows Radial, Transverse, Normal.

    R points away from the centre, N along the orbital angular momentum, T = N x R (along track for a circular
    orbit).  Also called RSW, RIC, UVW or QSW.

    Raises
    ------
    InputError
        A state at the centre, at rest or moving straight up or down (it has no orbital plane); shapes that
        do not fit.

    Examples
    --------
    >>> rtn_axes([7e6, 0.0, 0.0], [0.0, 7500.0, 0.0]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    position = as_vectors(position_m, "position_m")
    velocity = as_vectors(velocity_m_s, "velocity_m_s")
    require_broadcast("position_m, velocity_m_s", position.shape, velocity.shape)
    momentum = np.cross(position, velocity)
    radius = np.sqrt(np.sum(position * position, axis=-1, keepdims=True))
    size = np.sqrt(np.sum(momentum * momentum, axis=-1, keepdims=True))
    speed = np.sqrt(np.sum(velocity * velocity, axis=-1, keepdims=True))
    if np.any(size <= 1e-12 * radius * speed):
        raise InputError(
            "a state has no orbital plane",
            value=f"position x velocity = {float(size.min())} m2/s",
            allowed="position and velocity that are neither zero nor parallel",
            where="position_m, velocity_m_s",
        )
    radial = position / radius
    normal = momentum / size
    # Near radial motion the cross product loses digits: what leans towards R is taken out.
    normal = normal - np.sum(normal * radial, axis=-1, keepdims=True) * radial
    normal = normal / np.sqrt(np.sum(normal * normal, axis=-1, keepdims=True))
    return np.stack(np.broadcast_arrays(radial, np.cross(normal, radial), normal), axis=-2)
