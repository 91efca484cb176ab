"""The shadow of the Earth: how much of the Sun's disc a satellite sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import SUN_RADIUS_M, WGS84_FLATTENING, WGS84_SEMI_MAJOR_AXIS_M
from syzygy.astro.frames.vectors import as_vectors, require_broadcast
from syzygy.base.errors import UnitError


def shadow_angles_rad(
    position_m: NDArray[np.float64],
    sun_m: NDArray[np.float64],
    *,
    body_radius_m: float = WGS84_SEMI_MAJOR_AXIS_M,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return how the Sun and the Earth stand in the sky of a satellite.

    Parameters
    ----------
    position_m, sun_m : numpy array (..., 3)
        Satellite and Sun relative to the centre of the Earth, in one inertial frame.
    body_radius_m : float
        Radius of the opaque sphere.

    Returns
    -------
    separation_rad, earth_radius_rad, sun_radius_rad : numpy array (...)
        Angle between the two centres, and the apparent radii of Earth and Sun.
        Penumbra: separation < earth + sun. Umbra: separation < earth - sun.

    Raises
    ------
    InputError
        Vectors that are not finite, or shapes that do not fit.
    UnitError
        A satellite deep inside the body or at the Sun: kilometres for metres.
    """
    satellite, sun_place = as_vectors(position_m, "position_m"), as_vectors(sun_m, "sun_m")
    require_broadcast("position_m, sun_m", satellite.shape, sun_place.shape)
    to_sun = sun_place - satellite
    sun_distance = np.linalg.norm(to_sun, axis=-1)
    distance = np.linalg.norm(satellite, axis=-1)
    _require_far("sun_m", sun_distance, 2.0 * SUN_RADIUS_M)
    _require_far("position_m", distance, 0.9 * body_radius_m)
    cross = np.linalg.norm(np.cross(to_sun, -satellite), axis=-1)
    separation = np.arctan2(cross, np.sum(to_sun * -satellite, axis=-1))
    earth = np.arcsin(np.minimum(body_radius_m / distance, 1.0))
    sun = np.arcsin(SUN_RADIUS_M / sun_distance)
    return separation, earth, sun


def _require_far(name: str, distance_m: NDArray[np.float64], least_m: float) -> None:
    if np.any(distance_m < least_m):
        raise UnitError(
            "a satellite stands inside the body or the Sun",
            value=f"{float(distance_m.min())} m",
            allowed=f"{least_m:.0f} m or more",
            where=name,
            hint="positions are in metres: are these kilometres?",
        )


def stretch_to_sphere(vectors: NDArray[np.float64], axis: NDArray[np.float64]) -> NDArray[np.float64]:
    """Stretch space along the Earth's axis until the WGS84 ellipsoid is a sphere of the equatorial radius.

    Lines stay lines, so who is in the shadow stays there; the disc of the Sun is 0.3 % too high, which moves
    an edge by some milliseconds.

    Parameters
    ----------
    vectors : numpy array (..., 3)
        Geocentric.
    axis : numpy array (..., 3)
        Unit vector of the rotation axis in the same frame.
    """
    along = np.sum(vectors * axis, axis=-1, keepdims=True)
    return np.asarray(vectors + WGS84_FLATTENING / (1.0 - WGS84_FLATTENING) * along * axis)


def lit_fraction(
    position_m: NDArray[np.float64],
    sun_m: NDArray[np.float64],
    *,
    body_radius_m: float = WGS84_SEMI_MAJOR_AXIS_M,
) -> NDArray[np.float64]:
    """Return the uncovered share of the Sun's disc, 0 in the umbra, 1 in full sunlight.

    Parameters
    ----------
    position_m, sun_m, body_radius_m
        As for `shadow_angles_rad`.

    Returns
    -------
    numpy array (...)
        0 to 1; the disc is taken as equally bright all over (no limb darkening), the Earth as a sphere
        without atmosphere (for the ellipsoid: `stretch_to_sphere` both vectors first).

    Notes
    -----
    **Accuracy**: against a direct count of points of the disc, 1e-3 (``test_environment_shadow.py``).

    **Source**: area common to two circles; e.g. Montenbruck & Gill, Satellite Orbits (2000), section 3.4.2.
    """
    separation, earth, sun = shadow_angles_rad(position_m, sun_m, body_radius_m=body_radius_m)
    lit = np.ones_like(separation)
    lit[separation <= earth - sun] = 0.0
    inside = separation <= sun - earth
    lit[inside] = 1.0 - (earth[inside] / sun[inside]) ** 2
    edge = (np.abs(earth - sun) < separation) & (separation < earth + sun)
    a, b, c = sun[edge], earth[edge], separation[edge]
    x = (c**2 + a**2 - b**2) / (2.0 * c)
    y = np.sqrt(np.maximum(a**2 - x**2, 0.0))
    covered = (
        a**2 * np.arccos(np.clip(x / a, -1.0, 1.0))
        + b**2 * np.arccos(np.clip((c - x) / b, -1.0, 1.0))
        - c * y
    )
    lit[edge] = 1.0 - covered / (np.pi * a**2)
    return np.clip(lit, 0.0, 1.0)
