"""GeoJSON is read strictly: what RFC 7946 allows passes, everything else says what is wrong."""

from __future__ import annotations

import contextlib
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import FormatError
from syzygy.formats.geojson import read_geojson

SQUARE = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]


def polygon(ring, **extra):
    return json.dumps({"type": "Polygon", "coordinates": [ring], **extra}).encode()


def test_a_collection_is_read_with_names_holes_and_radians():
    hole = [[0.5, 0.5], [0.5, 1], [1, 1], [1, 0.5], [0.5, 0.5]]
    document = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"name": "box"},
                "geometry": {"type": "Polygon", "coordinates": [SQUARE, hole]},
            },
            {
                "type": "Feature",
                "properties": None,
                "geometry": {"type": "Point", "coordinates": [180, -16.5, 12]},
            },
            {
                "type": "Feature",
                "properties": {},
                "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE], [hole]]},
            },
        ],
    }
    box, point, several = read_geojson(json.dumps(document).encode(), name="a.geojson")
    assert (box.name, box.kind, len(box.polygons_rad[0])) == ("box", "Polygon", 2)
    assert np.allclose(np.degrees(box.polygons_rad[0][0]), SQUARE)
    assert point.point_rad == pytest.approx((math.pi, math.radians(-16.5)))
    assert point.height_m == 12.0
    assert len(several.polygons_rad) == 2
    assert several.where == "a.geojson: features[2]"


def test_a_bare_geometry_and_a_byte_order_mark_are_read():
    assert len(read_geojson(b"\xef\xbb\xbf" + polygon(SQUARE))) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a JSON text"),
        (b"\xff\xfe", "not a JSON text"),
        (b"[1, 2]", "not a GeoJSON object"),
        (b'{"type": "Polygon", "type": "Point"}', "given twice"),
        (b'{"type": "Point", "coordinates": [NaN, 0]}', "not a finite number"),
        (b'{"type": "Point", "coordinates": [1e999, 0]}', "not a position"),
        (b'{"type": "Point", "coordinates": ["1", 0]}', "not a position"),
        (b'{"type": "Point", "coordinates": [true, 0]}', "not a position"),
        (b'{"type": "Point", "coordinates": [1]}', "not a position"),
        (b'{"type": "LineString", "coordinates": [[0, 0], [1, 1]]}', "not read here"),
        (b'{"type": "FeatureCollection", "features": []}', "no features"),
        (b'{"type": "Feature", "properties": {}, "geometry": null}', "no geometry"),
        (b'{"type": "Feature", "properties": 3, "geometry": {}}', "not an object"),
        (b'{"type": "Polygon", "coordinates": []}', "empty polygon"),
        (b'{"type": "MultiPolygon", "coordinates": []}', "without polygons"),
        (polygon([[0, 0], [1, 1], [0, 0]]), "too few positions"),
        (polygon([[0, 0], [1, 0], [1, 1], [0, 1]]), "open ring"),
        (polygon([[0, 0], [1, 0], [2, 0], [0, 0]]), "without area"),
        (polygon([[0, 0], [0, 0], [0, 0], [0, 0]]), "without area"),
        (polygon([[0, 0], [2, 2], [2, 0], [0, 1.5], [0, 0]]), "crosses itself"),
        (polygon([[0, 0], [2, 0], [2, 2], [1, 0], [0, 2], [0, 0]]), "crosses itself"),
        (polygon([[10, 95], [20, 95], [20, 99], [10, 95]]), "out of range"),
        (polygon([[190, 5], [195, 5], [195, 9], [190, 5]]), "out of range"),
        (polygon(SQUARE, crs={"type": "name", "properties": {"name": "EPSG:3857"}}), "reference system"),
    ],
)
def test_mistakes_are_named(content, message):
    with pytest.raises(FormatError, match=message):
        read_geojson(content, name="a.geojson")


def test_swapped_latitude_and_longitude_get_a_hint():
    with pytest.raises(FormatError) as caught:
        read_geojson(polygon([[50.2, 127.5], [50.3, 127.5], [50.3, 128.0], [50.2, 127.5]]))
    assert "swapped" in caught.value.hint


def test_a_large_file_is_refused_by_size():
    with pytest.raises(FormatError, match="too large"):
        read_geojson(polygon(SQUARE), max_bytes=10)


def test_deep_nesting_is_refused():
    with pytest.raises(FormatError):
        read_geojson(b'{"type":' + b"[" * 100_000)


def test_the_old_name_of_wgs84_is_accepted():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert read_geojson(polygon(SQUARE, crs=crs))


@given(st.integers(3, 60), st.floats(0.1, 5.0), st.floats(0, 6.28), st.booleans())
def test_star_shaped_rings_pass_either_way_round(corners, radius, turn, clockwise):
    angles = turn + np.linspace(0, 2 * np.pi, corners, endpoint=False)
    reach = radius * (1 + 0.4 * np.cos(3 * angles))
    ring = np.stack([10 + reach * np.cos(angles), 20 + reach * np.sin(angles)], axis=-1).tolist()
    ring = [*ring, ring[0]]
    read = read_geojson(polygon(ring[::-1] if clockwise else ring))
    assert len(read[0].polygons_rad[0][0]) == corners + 1


@given(st.binary(max_size=200))
def test_any_bytes_give_features_or_a_format_error(content):
    with contextlib.suppress(FormatError):
        assert read_geojson(content)


@pytest.mark.slow
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5), lambda x: st.lists(x)))
def test_any_coordinates_give_features_or_a_format_error(coordinates):
    for kind in ("Point", "Polygon", "MultiPolygon"):
        content = json.dumps({"type": kind, "coordinates": coordinates}).encode()
        with contextlib.suppress(FormatError):
            assert read_geojson(content)
