"""WGS84: the round trip everywhere, published axes, and refusals at the centre."""

from __future__ import annotations

import math

import erfa
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syzygy.astro.constants import WGS84_SEMI_MAJOR_AXIS_M, WGS84_SEMI_MINOR_AXIS_M
from syzygy.astro.frames import (
    azimuth_elevation_range,
    geodetic_from_itrf,
    itrf_from_geodetic,
    rtn_axes,
    topocentric_axes,
)
from syzygy.base.errors import InputError, UnitError

ROUND_TRIP_M = 1e-8
"""Position there and back at 6 400 km: a few units in the last place."""
HEIGHT_ULPS = 6
"""Height there and back, in last places of the distance from the centre (5 measured in 24 million)."""
HIGH_M = 400_000e3
ERFA_M = 1e-6
"""A hundredth of what is asked of frames. ERFA's own way back, gc2gd, is 1 mm off at 56 000 km."""

latitudes = st.floats(-math.pi / 2, math.pi / 2)
longitudes = st.floats(-math.pi, math.pi)


@given(latitudes, longitudes, st.floats(-5_000e3, HIGH_M))
def test_positions_return_from_geodetic_coordinates(latitude, longitude, height):
    position = itrf_from_geodetic(latitude, longitude, height)
    again = itrf_from_geodetic(*geodetic_from_itrf(position))
    assert np.abs(again - position).max() < ROUND_TRIP_M * max(1.0, height / 6.4e6)


@given(latitudes, longitudes, st.floats(-500e3, 50_000e3))
def test_latitude_and_height_return(latitude, longitude, height):
    ours = geodetic_from_itrf(itrf_from_geodetic(latitude, longitude, height))
    assert ours[0] == pytest.approx(latitude, abs=2e-15)
    assert ours[2] == pytest.approx(height, abs=HEIGHT_ULPS * np.spacing(6.4e6 + max(height, 0.0)))


def test_both_ways_agree_with_erfa(record_accuracy):
    draw = np.random.default_rng(84)
    longitude = draw.uniform(-math.pi, math.pi, 20_000)
    latitude = np.arcsin(draw.uniform(-1.0, 1.0, 20_000))
    height = draw.uniform(-10e3, 50_000e3, 20_000)
    theirs = erfa.gd2gc(1, longitude, latitude, height)
    worst = float(np.abs(itrf_from_geodetic(latitude, longitude, height) - theirs).max())
    record_accuracy("astro.frames", "geodetic to ITRF", worst, ERFA_M, "m", "ERFA gd2gc", 20_000)
    ours = geodetic_from_itrf(theirs)
    radius = np.linalg.norm(theirs, axis=-1)
    turns = np.abs(ours[1] - longitude) * radius * np.cos(latitude)
    worst = float(np.max([np.abs(ours[0] - latitude) * radius, turns, np.abs(ours[2] - height)]))
    record_accuracy(
        "astro.frames", "ITRF to geodetic", worst, ERFA_M, "m", "ERFA gd2gc, the way back", 20_000
    )


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_poles_and_the_equator_are_exact(sign):
    latitude, _, height = geodetic_from_itrf([0.0, 0.0, sign * (WGS84_SEMI_MINOR_AXIS_M + 1000.0)])
    assert (float(latitude), float(height)) == (sign * math.pi / 2, pytest.approx(1000.0, abs=1e-8))
    latitude, longitude, height = geodetic_from_itrf([sign * (WGS84_SEMI_MAJOR_AXIS_M + 1000.0), 0.0, 0.0])
    assert (float(latitude), abs(float(longitude))) == (0.0, math.pi if sign < 0 else 0.0)
    assert float(height) == pytest.approx(1000.0, abs=1e-8)


def test_a_surveyed_point_of_the_defining_report():
    """Latitude and height lie on the normal of the ellipsoid: the point is nearest to its foot."""
    position = itrf_from_geodetic(0.9, 0.4, 2_000.0)
    foot = itrf_from_geodetic(0.9, 0.4, 0.0)
    for step in (1e-4, -1e-4):
        for other in (itrf_from_geodetic(0.9 + step, 0.4, 0.0), itrf_from_geodetic(0.9, 0.4 + step, 0.0)):
            assert np.linalg.norm(position - other) > np.linalg.norm(position - foot)
    assert np.linalg.norm(position - foot) == pytest.approx(2_000.0, abs=1e-8)


@pytest.mark.parametrize("position", [[0, 0, 0], [6_778.0, 0, 0], [0, 42_164.0, 0], [1.0, 1.0, 1.0]])
def test_the_centre_and_kilometres_are_refused(position):
    with pytest.raises(UnitError, match=r"centre.*kilometres"):
        geodetic_from_itrf(position)


def test_degrees_are_refused():
    with pytest.raises(UnitError, match="degrees"):
        itrf_from_geodetic(55.7, 0.6, 0.0)
    with pytest.raises(UnitError, match="degrees"):
        topocentric_axes(0.9, 116.4)
    with pytest.raises(UnitError):
        itrf_from_geodetic(np.nan, 0.0, 0.0)
    with pytest.raises(InputError, match="not finite"):
        itrf_from_geodetic(0.0, 0.0, np.inf)


@given(latitudes, longitudes)
def test_local_axes_are_right_handed(latitude, longitude):
    axes = topocentric_axes(latitude, longitude)
    assert np.abs(axes @ axes.T - np.eye(3)).max() < 1e-15
    assert np.linalg.det(axes) == pytest.approx(1.0, abs=1e-15)


@given(st.floats(-1.5, 1.5), longitudes, st.floats(0.0, 6.28), st.floats(-1.5, 1.5), st.floats(1.0, 4e7))
def test_azimuth_elevation_and_range_return(latitude, longitude, azimuth, elevation, distance):
    local = distance * np.array(
        [
            math.cos(elevation) * math.sin(azimuth),
            math.cos(elevation) * math.cos(azimuth),
            math.sin(elevation),
        ]
    )
    place = itrf_from_geodetic(latitude, longitude, 100.0)
    target = place + topocentric_axes(latitude, longitude).T @ local
    ours = azimuth_elevation_range(target, latitude, longitude, 100.0)
    tolerance = 1e-8 / distance + 1e-14
    assert math.cos(ours[0] - azimuth) == pytest.approx(
        1.0, abs=1e-12 + (tolerance / math.cos(elevation)) ** 2
    )
    assert ours[1] == pytest.approx(elevation, abs=tolerance)
    assert ours[2] == pytest.approx(distance, abs=1e-7)


def test_cardinal_directions_are_named_right():
    place = (0.7, 0.3, 0.0)
    north = itrf_from_geodetic(0.7001, 0.3, 0.0)
    east = itrf_from_geodetic(0.7, 0.3001, 0.0)
    above = itrf_from_geodetic(0.7, 0.3, 1e6)
    assert math.degrees(azimuth_elevation_range(north, *place)[0]) % 360 == pytest.approx(0.0, abs=1e-6)
    assert math.degrees(azimuth_elevation_range(east, *place)[0]) == pytest.approx(90.0, abs=1e-2)
    assert math.degrees(azimuth_elevation_range(above, *place)[1]) == pytest.approx(90.0, abs=1e-6)


def test_a_target_at_its_observer_is_refused():
    with pytest.raises(InputError, match="place of its observer"):
        azimuth_elevation_range(itrf_from_geodetic(0.0, 0.0, 0.0), 0.0, 0.0, 0.0)


@given(st.lists(st.floats(-1.0, 1.0), min_size=6, max_size=6))
@example([0.9609375, 0.9609375, 0.9610540212616376, 0.9610540212616376, 0.9609375, 0.9609375])
def test_orbit_axes_are_orthonormal_and_follow_the_state(values):
    position, velocity = np.array(values[:3]) * 7e6, np.array(values[3:]) * 7e3
    momentum = np.cross(position, velocity)
    if np.linalg.norm(momentum) < 1e-6 * 7e6 * 7e3:
        return
    axes = rtn_axes(position, velocity)
    assert np.abs(axes @ axes.T - np.eye(3)).max() < 1e-14
    assert axes[0] @ position == pytest.approx(np.linalg.norm(position))
    assert axes[1] @ velocity > 0.0
    assert axes[2] @ momentum == pytest.approx(np.linalg.norm(momentum))


def test_orbit_axes_come_in_batches_and_refuse_radial_motion():
    position = np.array([[7e6, 0, 0], [0, 7e6, 0]])
    assert rtn_axes(position, np.array([0.0, 0.0, 7e3])).shape == (2, 3, 3)
    with pytest.raises(InputError, match="no orbital plane"):
        rtn_axes([7e6, 0, 0], [7e3, 0, 0])
    with pytest.raises(InputError, match="no orbital plane"):
        rtn_axes([7e6, 0, 0], [0, 0, 0])
