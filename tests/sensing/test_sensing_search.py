"""The interval search misses nothing and invents nothing, whatever the limits."""

from __future__ import annotations

import json
import math
from pathlib import Path

import erfa
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import itrf_from_geodetic, topocentric_axes
from syzygy.astro.time import earth_orientation_at, parse_utc, tt_julian_date, ut1_julian_date
from syzygy.formats.catalogue import read_catalogue
from syzygy.sensing.look import elevation_rad, look_angles
from syzygy.sensing.opportunities import find_opportunities
from syzygy.sensing.switching import GroundPoints, ViewLimits
from syzygy.sensing.tracks import SatelliteSource, sun_track
from syzygy.sensing.windows import closest_approach_s, find_windows, prepare_coarse

HOURS = 4.0
NO_SUN = -math.pi / 2.0
SATELLITES = (43180, 39150, 41727, 44387, 29228, 41194, 47719)
"""Low, sun-synchronous, inclined, geostationary and highly elliptical."""
SUN_TOLERANCE_DEG = 1e-4
"""The analytical Earth of ERFA is good to some kilometres, 2e-6 deg; the rest is margin."""


@pytest.fixture(scope="module")
def sources(almanac: Almanac, example_inputs: Path) -> dict[int, SatelliteSource]:
    content = (example_inputs / "joint_fleet_2022-07-15.3le").read_bytes()
    elements = read_catalogue(content, almanac.leap_seconds).elements
    start = parse_utc("2022-07-15T18:00:00", almanac.leap_seconds)
    return {
        number: SatelliteSource(elements.select(elements.object_id == number), start, "iers", almanac)
        for number in SATELLITES
    }


@pytest.fixture(scope="module")
def sun(sources, almanac):
    return sun_track(sources[SATELLITES[0]].start_tai_ns, HOURS * 3600.0, almanac)


def ground(latitude_deg, longitude_deg):
    latitude, longitude = np.radians([latitude_deg]), np.radians([longitude_deg])
    position = itrf_from_geodetic(latitude, longitude, np.zeros(1))
    return GroundPoints(position, topocentric_axes(latitude, longitude))


def windows_of(source, sun, points, limits):
    coarse, _ = prepare_coarse(source, HOURS * 3600.0)
    assert coarse is not None
    return find_windows(source, sun, points, limits, coarse)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(SATELLITES),
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(2, 75),
    st.floats(0, 30),
    st.floats(31, 90),
    st.sampled_from([-90.0, -10.0, 0.0, 15.0]),
)
def test_windows_are_what_dense_sampling_of_the_angles_shows(
    sources, sun, number, latitude, longitude, off_nadir, low, high, sun_low
):
    limits = ViewLimits(*(math.radians(angle) for angle in (off_nadir, low, high, sun_low)))
    points = ground(latitude, longitude)
    windows, _ = windows_of(sources[number], sun, points, limits)
    time_s = np.arange(0.0, HOURS * 3600.0, 2.0)
    position, _, _ = sources[number].states(time_s)
    place = np.repeat(points.position_m, len(time_s), axis=0)
    axes = np.repeat(points.axes_enu, len(time_s), axis=0)
    angles = look_angles(position, place, axes)
    height = elevation_rad(sun.at(time_s)[0] - place, axes[:, 2])
    margins = np.stack(
        [
            limits.max_off_nadir_rad - angles.off_nadir_rad,
            limits.max_incidence_rad - angles.incidence_rad,
            angles.incidence_rad - limits.min_incidence_rad if low > 0.0 else np.ones(len(time_s)),
            height - limits.min_sun_elevation_rad if sun_low > -90.0 else np.ones(len(time_s)),
        ]
    ).min(axis=0)
    inside = np.zeros(len(time_s), dtype=bool)
    for begin, end in zip(windows.start_s, windows.end_s, strict=True):
        inside |= (time_s >= begin) & (time_s <= end)
    clear = np.abs(margins) > 1e-8
    assert np.array_equal(inside[clear], margins[clear] > 0.0)
    assert np.all(windows.end_s >= windows.start_s)
    assert np.all(windows.start_s[1:] > windows.end_s[:-1])


@pytest.mark.parametrize("length_s", [5.0, 0.5, 0.02])
def test_a_window_much_shorter_than_any_step_is_found(sources, sun, length_s):
    source, points = sources[43180], ground(55.75, 37.62)
    wide = ViewLimits(math.radians(60.0), 0.0, math.pi / 2.0, NO_SUN)
    windows, scene = windows_of(source, sun, points, wide)
    best = closest_approach_s(scene, windows)
    assert len(best)
    moment = best[:1]
    half = np.array([length_s / 2.0])
    position, _ = scene.satellite.at(moment + half)
    at_edge = look_angles(position, points.position_m, points.axes_enu).off_nadir_rad[0]
    narrow = ViewLimits(float(at_edge), 0.0, math.pi / 2.0, NO_SUN)
    found, _ = windows_of(source, sun, points, narrow)
    near = np.abs(found.start_s - moment) < 30.0
    assert near.sum() == 1
    assert (found.end_s - found.start_s)[near][0] == pytest.approx(length_s, rel=0.2)


@given(st.floats(-89.9, 89.9), st.floats(-180, 180))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_narrower_limits_give_windows_inside_those_of_wider_ones(sources, sun, latitude, longitude):
    points = ground(latitude, longitude)
    inner = ViewLimits(math.radians(30), 0.0, math.radians(60), NO_SUN)
    outer = ViewLimits(math.radians(45), 0.0, math.radians(80), NO_SUN)
    small, _ = windows_of(sources[43180], sun, points, inner)
    large, _ = windows_of(sources[43180], sun, points, outer)
    for begin, end in zip(small.start_s, small.end_s, strict=True):
        assert np.any((large.start_s <= begin) & (end <= large.end_s))


def test_sun_elevation_agrees_with_erfa(sources, almanac: Almanac, sun, record_accuracy):
    start = sources[SATELLITES[0]].start_tai_ns
    time_s = np.linspace(0.0, HOURS * 3600.0, 97)
    tai_ns = start + np.rint(time_s * 1e9).astype(np.int64)
    tt = tt_julian_date(tai_ns)
    orientation = almanac.require_earth_orientation()
    ut1 = ut1_julian_date(tai_ns, almanac.leap_seconds, orientation)
    values = earth_orientation_at(tai_ns, almanac.leap_seconds, orientation)
    earth, _ = erfa.epv00(*tt)
    matrix = erfa.c2t06a(*tt, *ut1, values.pole_x_rad, values.pole_y_rad)
    truth = np.einsum("nij,nj->ni", matrix, -earth["p"] * erfa.DAU)
    worst = 0.0
    for latitude, longitude in ((55.75, 37.62), (-77.85, 166.67), (0.0, -78.5)):
        points = ground(latitude, longitude)
        up = np.repeat(points.axes_enu[:, 2], len(time_s), axis=0)
        ours = elevation_rad(sun.at(time_s)[0] - points.position_m, up)
        theirs = elevation_rad(truth - points.position_m, up)
        worst = max(worst, float(np.degrees(np.abs(ours - theirs)).max()))
    record_accuracy("sensing", "Sun elevation", worst, SUN_TOLERANCE_DEG, "deg", "erfa epv00, c2t06a", 291)


def box(west, south, east, north):
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


@pytest.mark.slow
def test_an_area_across_the_antimeridian_is_one_area(make_request, almanac):
    parts = {"type": "MultiPolygon", "coordinates": [box(176, 62, 180, 66), box(-180, 62, -176, 66)]}
    request = make_request(area=json.dumps(parts), duration_s=86400.0, cell_size_m=20e3)
    found = find_opportunities(request, almanac).opportunities
    assert len(found)
    place = find_opportunities(request, almanac).places[0]
    both = 0
    for piece, ring in zip(found.seen_slices, found.footprint_rad, strict=True):
        east = place.longitude_rad[found.seen_point[piece][found.seen_imaged[piece]]] > 0.0
        both += bool(east.any() and not east.all())
        assert np.abs(ring).max() <= np.pi
    assert both, "some strip lies on both sides"


def test_an_area_around_the_pole_is_imaged(make_request, almanac):
    cap = {"type": "Polygon", "coordinates": box(-180, 78, 180, 81)}
    sensors = (
        "norad_id,satellite,partner,sensor,kind,band_class,swath_km,swath_status,max_roll_deg,roll_status,"
        "gsd_m,gsd_status\n41727,Gaofen-3,CN,SAR,sar,c-sar,100,source,45,source,10,source\n"
    )
    request = make_request(area=json.dumps(cap), sensors=sensors, duration_s=43200.0, cell_size_m=50e3)
    result = find_opportunities(request, almanac)
    assert len(result.opportunities) >= 6
    assert 0.0 < result.opportunities.share.max() < 0.5
