"""The equal-area grid and areas on the ellipsoid, against closed forms."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import InputError
from syzygy.sensing.equal_area import (
    authalic_sine,
    geodetic_latitude_rad,
    inside_polygon,
    make_grid,
    polygon_area_m2,
)

WGS84_SURFACE_M2 = 510_065_621_724_088.44
"""Area of the ellipsoid, NIMA TR8350.2 (2000), chapter 3: 5.10065621724e14 m^2."""


def box(west, south, east, north):
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return (np.radians(np.array(corners, dtype=np.float64)),)


def zone_area_m2(south_deg, north_deg):
    """Closed form of a zone by the authalic integral, independent of the code (a^2 in elementary terms)."""
    a, f = 6378137.0, 1 / 298.257223563
    b, e = a * (1 - f), math.sqrt(f * (2 - f))

    def half(latitude_deg):
        s = math.sin(math.radians(latitude_deg))
        return math.pi * b**2 * (s / (1 - e**2 * s**2) + math.log((1 + e * s) / (1 - e * s)) / (2 * e))

    return half(north_deg) - half(south_deg)


def test_the_whole_globe_has_the_published_area():
    assert polygon_area_m2(box(-180, -90, 180, 90)) == pytest.approx(WGS84_SURFACE_M2, rel=1e-9)
    assert zone_area_m2(-90, 90) == pytest.approx(WGS84_SURFACE_M2, rel=1e-12)


@pytest.mark.slow
@given(st.floats(-90, 89), st.floats(0.01, 60))
def test_boxes_have_the_area_of_their_zone(south, height):
    north = min(south + height, 90.0)
    expected = zone_area_m2(south, north) / 36.0
    assert polygon_area_m2(box(20, south, 30, north)) == pytest.approx(expected, rel=1e-9, abs=1.0)


def test_holes_are_taken_away():
    outer, inner = box(10, 50, 12, 52), box(10.5, 50.5, 11.5, 51.5)
    expected = polygon_area_m2(outer) - polygon_area_m2(inner)
    assert polygon_area_m2((outer[0], inner[0])) == pytest.approx(expected, rel=1e-12)


@given(st.floats(-1.5707963, 1.5707963))
def test_authalic_sine_is_inverted(latitude):
    back = geodetic_latitude_rad(authalic_sine(np.array([latitude])))
    # The sine is flat at the poles: half the digits of the latitude are lost there.
    allowed = 1e-12 if abs(latitude) < 1.5 else 3e-8
    assert abs(back[0] - latitude) < allowed


@pytest.mark.parametrize("size_km", [25, 100, 333])
def test_cells_tile_the_globe_with_one_area(size_km):
    grid = make_grid(size_km * 1e3)
    everything = np.arange(grid.row_start[-1])
    west, south, east, north = grid.bounds_rad(everything)
    areas = [
        zone_area_m2(math.degrees(s), math.degrees(n)) * (e - w) / (2 * math.pi)
        for w, s, e, n in zip(west[::997], south[::997], east[::997], north[::997], strict=True)
    ]
    assert np.allclose(areas, grid.cell_area_m2, rtol=1e-8)
    assert grid.cell_area_m2 * len(everything) == pytest.approx(WGS84_SURFACE_M2, rel=1e-12)


def test_cells_of_a_polygon_lie_inside_and_sum_to_its_area():
    polygon = box(100, 50, 112, 56)
    grid = make_grid(10e3)
    cells = grid.cells_inside(polygon)
    longitude, latitude = grid.centres_rad(cells)
    assert inside_polygon(polygon, longitude, latitude).all()
    assert len(cells) * grid.cell_area_m2 == pytest.approx(polygon_area_m2(polygon), rel=0.01)


def test_two_halves_at_the_antimeridian_have_no_cell_in_common_and_none_missing():
    grid = make_grid(50e3)
    east, west = grid.cells_inside(box(170, -20, 180, -10)), grid.cells_inside(box(-180, -20, -170, -10))
    assert not set(east.tolist()) & set(west.tolist())
    total = (len(east) + len(west)) * grid.cell_area_m2
    assert total == pytest.approx(2 * polygon_area_m2(box(170, -20, 180, -10)), rel=0.03)


def test_a_polar_box_is_filled_to_the_pole():
    grid = make_grid(50e3)
    cells = grid.cells_inside(box(-180, 80, 180, 90))
    assert grid.row_start[-1] - 1 in cells
    one_row = zone_area_m2(80, 80.45)
    assert abs(len(cells) * grid.cell_area_m2 - zone_area_m2(80, 90)) < one_row


def test_too_many_cells_are_refused_before_memory_is_used():
    with pytest.raises(InputError, match="too many cells"):
        make_grid(500.0).cells_inside(box(-180, -90, 180, 90))


@pytest.mark.slow
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=40))
def test_even_odd_rule_agrees_with_a_winding_count(points):
    star = np.array([(0, 4), (1, 1), (4, 0), (1, -1), (0, -4), (-1, -1), (-4, 0), (-1, 1), (0, 4)], float)
    for x, y in points:
        turns = 0
        for (x0, y0), (x1, y1) in pairwise(star):
            side = (x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)
            if y0 <= y < y1 and side > 0:
                turns += 1
            elif y1 <= y < y0 and side < 0:
                turns -= 1
        edge = min(abs((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) for (x0, y0), (x1, y1) in pairwise(star))
        if edge > 1e-9:
            assert bool(inside_polygon((star,), np.array([x]), np.array([y]))[0]) == (turns != 0)
