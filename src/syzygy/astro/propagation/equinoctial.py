"""Equinoctial elements without singularity below an inclination of 180 degrees, and Gauss's equations.

The elements are a, h = e sin(w + W), k = e cos(w + W), p = tan(i/2) sin W, q = tan(i/2) cos W and the mean
longitude l = M + w + W, with w the argument of periapsis and W the node.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

_NEWTON_STEPS = 12


def equinoctial_from_state(position_m: Doubles, velocity_m_s: Doubles, gm_m3_s2: float) -> Doubles:
    """Return elements (..., 6) of bound states (..., 3).

    **Source**: Broucke and Cefola, Celestial Mechanics 5, 303 (1972).
    """
    r = np.linalg.norm(position_m, axis=-1)
    momentum = np.cross(position_m, velocity_m_s)
    pole = momentum / np.linalg.norm(momentum, axis=-1)[..., None]
    p, q = pole[..., 0] / (1.0 + pole[..., 2]), -pole[..., 1] / (1.0 + pole[..., 2])
    first, second = orbit_axes(p, q)
    vector = np.cross(velocity_m_s, momentum) / gm_m3_s2 - position_m / r[..., None]
    h, k = np.sum(vector * second, axis=-1), np.sum(vector * first, axis=-1)
    a = 1.0 / (2.0 / r - np.sum(velocity_m_s**2, axis=-1) / gm_m3_s2)
    x, y = np.sum(position_m * first, axis=-1) / a, np.sum(position_m * second, axis=-1) / a
    root = np.sqrt(1.0 - h * h - k * k)
    b = 1.0 / (1.0 + root)
    cosine = k + ((1.0 - k * k * b) * x - h * k * b * y) / root
    sine = h + ((1.0 - h * h * b) * y - h * k * b * x) / root
    f = np.arctan2(sine, cosine)
    return np.stack([a, h, k, p, q, f + h * cosine - k * sine], axis=-1)


def orbit_axes(p: Doubles, q: Doubles) -> tuple[Doubles, Doubles]:
    """Return the two axes (..., 3) in the plane of the orbit from which longitudes count."""
    size = 1.0 + p * p + q * q
    first = np.stack([1.0 - p * p + q * q, 2.0 * p * q, -2.0 * p], axis=-1)
    second = np.stack([2.0 * p * q, 1.0 + p * p - q * q, 2.0 * q], axis=-1)
    return first / size[..., None], second / size[..., None]


def eccentric_longitude(h: Doubles, k: Doubles, mean_longitude: Doubles) -> Doubles:
    """Solve Kepler's equation l = F + h cos F - k sin F for F by Newton's method."""
    f = mean_longitude + k * np.sin(mean_longitude) - h * np.cos(mean_longitude)
    for _ in range(_NEWTON_STEPS):
        sine, cosine = np.sin(f), np.cos(f)
        step = (f + h * cosine - k * sine - mean_longitude) / (1.0 - h * sine - k * cosine)
        f = f - step
        if np.all(np.abs(step) < 1e-13):
            break
    return np.asarray(f)


def state_from_equinoctial(elements: Doubles, gm_m3_s2: float) -> tuple[Doubles, Doubles]:
    """Return positions and velocities (..., 3)."""
    a, h, k, p, q, mean = np.moveaxis(elements, -1, 0)
    f = eccentric_longitude(h, k, mean)
    sine, cosine = np.sin(f), np.cos(f)
    b = 1.0 / (1.0 + np.sqrt(1.0 - h * h - k * k))
    radius = 1.0 - h * sine - k * cosine
    x = (1.0 - h * h * b) * cosine + h * k * b * sine - k
    y = (1.0 - k * k * b) * sine + h * k * b * cosine - h
    u = (h * k * b * cosine - (1.0 - h * h * b) * sine) / radius
    v = ((1.0 - k * k * b) * cosine - h * k * b * sine) / radius
    first, second = orbit_axes(p, q)
    speed = np.sqrt(gm_m3_s2 / a)
    place = a[..., None] * (x[..., None] * first + y[..., None] * second)
    return place, speed[..., None] * (u[..., None] * first + v[..., None] * second)


def gauss_rates(
    elements: Doubles, position_m: Doubles, velocity_m_s: Doubles, force_m_s2: Doubles, gm_m3_s2: float
) -> Doubles:
    """Return what a disturbing acceleration does to the elements per second, the mean motion left out.

    **Source**: Gauss's equations, Battin (1999), section 10.4; Walker, Ireland and Owens (1985).
    """
    a, h, k, p, q, _ = np.moveaxis(elements, -1, 0)
    r = np.linalg.norm(position_m, axis=-1)
    up = position_m / r[..., None]
    momentum = np.cross(position_m, velocity_m_s)
    size = np.linalg.norm(momentum, axis=-1)
    pole = momentum / size[..., None]
    radial, normal = np.sum(force_m_s2 * up, axis=-1), np.sum(force_m_s2 * pole, axis=-1)
    along = np.sum(force_m_s2 * np.cross(pole, up), axis=-1)
    first, second = orbit_axes(p, q)
    cosine, sine = np.sum(up * first, axis=-1), np.sum(up * second, axis=-1)
    parameter = size * size / gm_m3_s2
    w = parameter / r
    scale = size / gm_m3_s2
    tilt = (q * sine - p * cosine) * normal / w
    beta = np.sqrt(1.0 - h * h - k * k)
    motion = np.sqrt(gm_m3_s2 / a**3)
    e_cos, e_sin = k * cosine + h * sine, k * sine - h * cosine
    swing = -e_cos * radial + (1.0 + 1.0 / w) * e_sin * along
    turn = scale * 0.5 * (1.0 + p * p + q * q) * normal / w
    return np.stack(
        [
            2.0 * a * a / gm_m3_s2 * np.sum(velocity_m_s * force_m_s2, axis=-1),
            scale * (-radial * cosine + ((w + 1.0) * sine + h) * along / w + tilt * k),
            scale * (radial * sine + ((w + 1.0) * cosine + k) * along / w - tilt * h),
            turn * sine,
            turn * cosine,
            -2.0 * r * radial / (motion * a * a) + beta / (motion * a * (1.0 + beta)) * swing + scale * tilt,
        ],
        axis=-1,
    )
