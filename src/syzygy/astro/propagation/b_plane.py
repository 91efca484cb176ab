"""The plane in which an approach to a body is aimed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError

Doubles = NDArray[np.float64]

_DIFFERENCE = 1e-6


@dataclass(frozen=True, eq=False)
class BPlane:
    """Where incoming asymptotes cross the B-plane.

    Attributes
    ----------
    b_dot_t_m, b_dot_r_m : array (...)
        Components of B: T = S x pole, R = S x T, S along the incoming asymptote.
    asymptote : array (..., 3)
        S, a unit vector.
    speed_m_s : array (...)
        At infinity.
    pericentre_m : array (...)
        Distance of the closest point from the centre of the body.
    """

    b_dot_t_m: Doubles
    b_dot_r_m: Doubles
    asymptote: Doubles
    speed_m_s: Doubles
    pericentre_m: Doubles


def b_plane(
    position_m: ArrayLike, velocity_m_s: ArrayLike, gm_m3_s2: float, pole: ArrayLike = (0.0, 0.0, 1.0)
) -> BPlane:
    """Return the B-plane crossing of states (..., 3) about a body.

    Parameters
    ----------
    position_m, velocity_m_s : (..., 3)
        About the body, any inertial axes.
    gm_m3_s2 : float
    pole : (3,)
        Reference direction, in the same axes.

    Raises
    ------
    InputError
        Not a hyperbola: there is no asymptote. Or an asymptote along the pole.

    **Accuracy**: hyperbolas of known asymptote and impact parameter to 1e-12
    (tests/astro/test_propagation_b_plane.py).

    **Source**: Kizner, Planetary and Space Science 7 (1961).
    """
    r, v = np.asarray(position_m, dtype=np.float64), np.asarray(velocity_m_s, dtype=np.float64)
    distance = np.linalg.norm(r, axis=-1, keepdims=True)
    square = np.sum(v * v, axis=-1, keepdims=True) - 2.0 * gm_m3_s2 / distance
    if not bool(np.all(square > 0.0)):
        raise InputError(
            "the B-plane exists for hyperbolas only",
            value=f"C3 {float(np.min(square)) / 1e6:.6g} km2/s2",
            allowed="above 0",
            where="b_plane",
            hint="take a state nearer to the body",
        )
    momentum = np.cross(r, v)
    size = np.linalg.norm(momentum, axis=-1, keepdims=True)
    vector = np.cross(v, momentum) / gm_m3_s2 - r / distance
    e = np.sqrt(1.0 + square * size * size / gm_m3_s2**2)
    unit, across = vector / e, np.cross(momentum / size, vector / e)
    asymptote = (unit + np.sqrt(e * e - 1.0) * across) / e
    speed = np.sqrt(square)
    b = np.cross(asymptote, momentum / speed)
    t = np.cross(asymptote, np.asarray(pole, dtype=np.float64))
    length = np.linalg.norm(t, axis=-1, keepdims=True)
    if bool(np.any(length < 1e-9)):
        raise InputError("the asymptote lies along the reference pole", hint="give another pole")
    t = t / length
    pericentre = size * size / (gm_m3_s2 * (1.0 + e))
    return BPlane(
        np.sum(b * t, axis=-1),
        np.sum(b * np.cross(asymptote, t), axis=-1),
        asymptote,
        speed[..., 0],
        pericentre[..., 0],
    )


def b_plane_partials(
    position_m: ArrayLike, velocity_m_s: ArrayLike, gm_m3_s2: float, pole: ArrayLike = (0.0, 0.0, 1.0)
) -> Doubles:
    """Return the derivatives (2, 6) of B.T and B.R by one state (3,), by central differences (1e-9)."""
    r, v = np.asarray(position_m, dtype=np.float64), np.asarray(velocity_m_s, dtype=np.float64)
    steps = _DIFFERENCE * np.array([np.linalg.norm(r)] * 3 + [np.linalg.norm(v)] * 3)
    moves = np.diag(steps)
    high = b_plane(r + moves[:, :3], v + moves[:, 3:], gm_m3_s2, pole)
    low = b_plane(r - moves[:, :3], v - moves[:, 3:], gm_m3_s2, pole)
    return np.stack([high.b_dot_t_m - low.b_dot_t_m, high.b_dot_r_m - low.b_dot_r_m]) / (2.0 * steps)
