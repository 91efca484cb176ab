"""Two-body orbits: Keplerian elements to position and velocity and back, batched, ellipses and hyperbolas."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError

Doubles = NDArray[np.float64]

_ITERATIONS = 60
_LEAST_GAP = 1e-12


def state_from_elements(
    semi_major_axis_m: ArrayLike,
    eccentricity: ArrayLike,
    inclination_rad: ArrayLike,
    node_rad: ArrayLike,
    argument_of_pericentre_rad: ArrayLike,
    anomaly_rad: ArrayLike,
    *,
    gm_m3_s2: ArrayLike,
    mean: bool = False,
) -> tuple[Doubles, Doubles]:
    """Return position (..., 3) in m and velocity (..., 3) in m/s of osculating elements.

    Parameters
    ----------
    semi_major_axis_m : (...)
        Negative for a hyperbola.
    eccentricity, inclination_rad, node_rad, argument_of_pericentre_rad : (...)
    anomaly_rad : (...)
        True anomaly, or mean anomaly where `mean` is set.
    gm_m3_s2 : (...)

    Raises
    ------
    InputError
        A parabola, an eccentricity that does not fit the sign of the axis, a true anomaly beyond the
        asymptote.

    **Accuracy**: there and back to 1e-12 relative (``tests/astro/test_conics.py``), the printed state of
    CCSDS 502.0-B-3 figure G-2 to 0.3 m (``test_ccsds_orbits.py``).

    **Source**: Vallado, Fundamentals of Astrodynamics, algorithm 10 (COE2RV); Kepler's equation by Newton
    steps kept inside their bracket.
    """
    axis, e, anomaly, gm, inclination, node, pericentre = np.broadcast_arrays(
        *(
            np.asarray(value, dtype=np.float64)
            for value in (
                semi_major_axis_m, eccentricity, anomaly_rad, gm_m3_s2, inclination_rad, node_rad,
                argument_of_pericentre_rad,
            )
        )
    )  # fmt: skip
    parameter = axis * (1.0 - e * e)
    bad = (e < 0.0) | (np.abs(e - 1.0) < _LEAST_GAP) | ~(parameter > 0.0) | ~(gm > 0.0)
    if bool(bad.any()):
        raise InputError(
            "the elements are no orbit", value=f"a = {axis[bad].flat[0]} m, e = {e[bad].flat[0]}",
            allowed="a > 0 with 0 <= e < 1, a < 0 with e > 1, GM > 0", where="state_from_elements",
        )  # fmt: skip
    true = true_anomaly(anomaly, e) if mean else anomaly
    cosine, sine = np.cos(true), np.sin(true)
    reach = 1.0 + e * cosine
    if bool((reach <= 0.0).any()):
        raise InputError(
            "a true anomaly lies beyond the asymptote", value=f"{np.degrees(true[reach <= 0.0].flat[0])} deg",
            allowed="e cos(anomaly) above -1", where="state_from_elements",
        )  # fmt: skip
    radius, speed = parameter / reach, np.sqrt(gm / parameter)
    p, q = _perifocal_axes(inclination, node, pericentre)
    position = (radius * cosine)[..., None] * p + (radius * sine)[..., None] * q
    velocity = (-speed * sine)[..., None] * p + (speed * (e + cosine))[..., None] * q
    return position, velocity


def _perifocal_axes(inclination: Doubles, node: Doubles, pericentre: Doubles) -> tuple[Doubles, Doubles]:
    ci, si, cn, sn = np.cos(inclination), np.sin(inclination), np.cos(node), np.sin(node)
    cw, sw = np.cos(pericentre), np.sin(pericentre)
    p = np.stack([cn * cw - sn * sw * ci, sn * cw + cn * sw * ci, sw * si], axis=-1)
    q = np.stack([-cn * sw - sn * cw * ci, -sn * sw + cn * cw * ci, cw * si], axis=-1)
    return p, q


def true_anomaly(mean_rad: ArrayLike, eccentricity: ArrayLike) -> Doubles:
    """Return true anomalies (-pi, pi] of mean anomalies (hyperbola: of any size)."""
    mean, e = np.broadcast_arrays(
        np.asarray(mean_rad, dtype=np.float64), np.asarray(eccentricity, dtype=np.float64)
    )
    open_ = e > 1.0
    inner = np.where(open_, 0.5, e)
    wrapped = np.remainder(mean + np.pi, 2.0 * np.pi) - np.pi
    eccentric = _solve_ellipse(wrapped, inner)
    ellipse = 2.0 * np.arctan2(
        np.sqrt(1.0 + inner) * np.sin(eccentric / 2.0), np.sqrt(1.0 - inner) * np.cos(eccentric / 2.0)
    )
    if not bool(open_.any()):
        return np.asarray(ellipse)
    outer = np.where(open_, e, 2.0)
    hyperbolic = _solve_hyperbola(np.where(open_, mean, 0.0), outer)
    hyperbola = 2.0 * np.arctan(np.sqrt((outer + 1.0) / (outer - 1.0)) * np.tanh(hyperbolic / 2.0))
    return np.asarray(np.where(open_, hyperbola, ellipse))


def _solve_ellipse(mean: Doubles, e: Doubles) -> Doubles:
    low, high = mean - e, mean + e
    guess = mean + e * np.sin(mean)
    for _ in range(_ITERATIONS):
        error = guess - e * np.sin(guess) - mean
        low, high = np.where(error < 0.0, guess, low), np.where(error > 0.0, guess, high)
        step = guess - error / (1.0 - e * np.cos(guess))
        inside = (step >= low) & (step <= high)
        new = np.where(inside, step, (low + high) / 2.0)
        if bool((np.abs(new - guess) <= 1e-16 * (1.0 + np.abs(new))).all()):
            return np.asarray(new)
        guess = new
    return np.asarray(guess)


def _solve_hyperbola(mean: Doubles, e: Doubles) -> Doubles:
    size = np.abs(mean)
    low, high = np.zeros_like(size), np.arcsinh(size / (e - 1.0))
    guess = np.minimum(np.arcsinh((size + 1.0) / e) + 0.1, high)
    for _ in range(_ITERATIONS):
        error = e * np.sinh(guess) - guess - size
        low, high = np.where(error < 0.0, guess, low), np.where(error > 0.0, guess, high)
        step = guess - error / (e * np.cosh(guess) - 1.0)
        new = np.where((step >= low) & (step <= high), step, (low + high) / 2.0)
        if bool((np.abs(new - guess) <= 1e-16 * (1.0 + np.abs(new))).all()):
            guess = new
            break
        guess = new
    return np.asarray(np.copysign(guess, mean))


def elements_from_state(
    position_m: ArrayLike, velocity_m_s: ArrayLike, *, gm_m3_s2: float
) -> tuple[Doubles, Doubles, Doubles, Doubles, Doubles, Doubles]:
    """Return semi-major axis (m), eccentricity, and four angles (rad).

    The angles: inclination, node, argument of pericentre, true anomaly.

    Angles lie in [0, 2 pi), the inclination in [0, pi]. In an equatorial orbit the node is the x axis, in a
    circular one the pericentre is the node.

    Raises
    ------
    InputError
        No orbital plane, or a parabola.

    **Accuracy**: as `state_from_elements`.

    **Source**: Vallado, algorithm 9 (RV2COE).
    """
    r = np.asarray(position_m, dtype=np.float64)
    v = np.asarray(velocity_m_s, dtype=np.float64)
    radius = np.linalg.norm(r, axis=-1)
    h = np.cross(r, v)
    size = np.linalg.norm(h, axis=-1)
    energy = np.sum(v * v, axis=-1) / 2.0 - gm_m3_s2 / radius
    bad = (size <= 1e-12 * radius * np.linalg.norm(v, axis=-1)) | (
        np.abs(energy) < _LEAST_GAP * gm_m3_s2 / radius
    )
    if bool(np.any(bad)):
        raise InputError(
            "the state has no Keplerian elements", value="a straight line or a parabola",
            allowed="an ellipse or a hyperbola", where="elements_from_state",
        )  # fmt: skip
    axis = -gm_m3_s2 / (2.0 * energy)
    pole = h / size[..., None]
    across = np.hypot(pole[..., 0], pole[..., 1])
    level = across < _LEAST_GAP
    node = np.where(level, 0.0, np.arctan2(pole[..., 0], -pole[..., 1]))
    inclination = np.arctan2(across, pole[..., 2])
    toward = np.stack([np.cos(node), np.sin(node), np.zeros_like(node)], axis=-1)
    beyond = np.cross(pole, toward)
    vector = np.cross(v, h) / gm_m3_s2 - r / radius[..., None]
    e = np.linalg.norm(vector, axis=-1)
    latitude = np.arctan2(np.sum(r * beyond, axis=-1), np.sum(r * toward, axis=-1))
    pericentre = np.arctan2(np.sum(vector * beyond, axis=-1), np.sum(vector * toward, axis=-1))
    pericentre = np.where(e < _LEAST_GAP, 0.0, pericentre)
    turn = 2.0 * np.pi
    return (
        np.asarray(axis), np.asarray(e), np.asarray(inclination), np.asarray(node % turn),
        np.asarray(pericentre % turn), np.asarray((latitude - pericentre) % turn),
    )  # fmt: skip
