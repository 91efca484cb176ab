"""The shadow of the Earth: against a count of points of the solar disc, and at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.environment import lit_fraction, shadow_angles_rad, stretch_to_sphere

AU_M = 149597870700.0
SUN_RADIUS_M = 695.7e6
EARTH_RADIUS_M = 6378137.0
COUNT_TOLERANCE = 2e-3
"""The spiral of 50,000 points resolves the disc to 1e-3 along its edge."""


def counted_fraction(position: np.ndarray, sun: np.ndarray, polar_radius_m: float = EARTH_RADIUS_M) -> float:
    """Return the share of points of the Sun's disc whose line of sight misses the ellipsoid."""
    axis = (sun - position) / np.linalg.norm(sun - position)
    side = np.cross(axis, [0.0, 0.0, 1.0])
    side /= np.linalg.norm(side)
    up = np.cross(axis, side)
    k = np.arange(50_000) + 0.5
    radius = SUN_RADIUS_M * np.sqrt(k / k.size)
    turn = k * np.pi * (3.0 - np.sqrt(5.0))
    points = sun + radius[:, None] * (np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * up)
    ray = points - position
    ray /= np.linalg.norm(ray, axis=1, keepdims=True)
    form = 1.0 / np.array([EARTH_RADIUS_M, EARTH_RADIUS_M, polar_radius_m]) ** 2
    along = -(ray * form) @ position / np.sum(ray**2 * form, axis=1)
    nearest = np.sum((position + along[:, None] * ray) ** 2 * form, axis=1)
    return float(np.mean((nearest > 1.0) | (along < 0.0)))


@pytest.mark.parametrize("height_m", [400e3, 20200e3, 35786e3])
def test_the_lit_fraction_equals_a_count_of_points_of_the_disc(height_m: float) -> None:
    sun = np.array([AU_M, 0.0, 0.0])
    radius = EARTH_RADIUS_M + height_m
    edge = np.pi - np.arcsin(EARTH_RADIUS_M / radius)
    for offset in np.linspace(-0.006, 0.006, 13):
        angle = edge + offset
        position = radius * np.array([np.cos(angle), np.sin(angle), 0.0])
        assert float(lit_fraction(position, sun)) == pytest.approx(
            counted_fraction(position, sun), abs=COUNT_TOLERANCE
        )


@pytest.mark.slow
def test_behind_the_ellipsoid_the_fraction_equals_a_count_too() -> None:
    polar_radius = 6356752.314
    axis = np.array([0.0, 0.0, 1.0])
    sun = AU_M * np.array([np.cos(0.4), 0.0, np.sin(0.4)])
    shades = []
    for angle in np.linspace(-1.235, -1.205, 25):
        position = 6.78e6 * np.array([np.cos(np.pi + 0.4 + angle), 0.0, np.sin(np.pi + 0.4 + angle)])
        found = float(lit_fraction(stretch_to_sphere(position, axis), stretch_to_sphere(sun, axis)))
        shades.append(found)
        assert found == pytest.approx(counted_fraction(position, sun, polar_radius), abs=5 * COUNT_TOLERANCE)
    assert min(shades) == 0.0
    assert max(shades) == 1.0


def test_noon_is_lit_and_midnight_is_dark() -> None:
    sun = np.array([0.0, AU_M, 0.0])
    positions = np.array([[0.0, 6.8e6, 0.0], [0.0, -6.8e6, 0.0], [6.8e6, 0.0, 0.0]])
    np.testing.assert_array_equal(lit_fraction(positions, np.broadcast_to(sun, (3, 3))), [1.0, 0.0, 1.0])


def test_far_behind_the_earth_the_eclipse_is_annular() -> None:
    sun = np.array([AU_M, 0.0, 0.0])
    position = np.array([-2.0e9, 0.0, 0.0])
    expected = 1.0 - (EARTH_RADIUS_M / 2.0e9 / (SUN_RADIUS_M / (AU_M + 2.0e9))) ** 2
    assert float(lit_fraction(position, sun)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.slow
@given(st.floats(0.0, np.pi), st.floats(6.6e6, 5e7))
def test_the_lit_fraction_lies_between_dark_and_lit_and_agrees_with_the_cones(
    angle: float, radius: float
) -> None:
    sun = np.array([AU_M, 0.0, 0.0])
    position = radius * np.array([np.cos(angle), np.sin(angle), 0.0])
    lit = float(lit_fraction(position, sun))
    separation, earth, disc = (float(a) for a in shadow_angles_rad(position, sun))
    assert 0.0 <= lit <= 1.0
    assert (lit < 1.0) == (separation < earth + disc) or abs(separation - earth - disc) < 1e-9
    assert (lit == 0.0) == (separation <= earth - disc) or abs(separation - earth + disc) < 1e-7
