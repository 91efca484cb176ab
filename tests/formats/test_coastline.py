"""The packaged coastline: closed rings inside the map, and known places on the right side of it."""

from __future__ import annotations

import numpy as np
import pytest

from syzygy.base.errors import FormatError
from syzygy.formats.coastline import decode_coastline, read_coastline, read_land_outlines


def _on_land(longitude_deg: float, latitude_deg: float) -> bool:
    inside = False
    for ring in read_land_outlines():
        (x1, y1), (x2, y2) = ring[:-1].T, ring[1:].T
        spans = (y1 > latitude_deg) != (y2 > latitude_deg)
        slope = (x2[spans] - x1[spans]) / (y2[spans] - y1[spans])
        crossing = x1[spans] + (latitude_deg - y1[spans]) * slope
        inside ^= bool(np.count_nonzero(crossing > longitude_deg) % 2)
    return inside


def test_every_ring_is_closed_and_inside_the_map() -> None:
    for ring in read_land_outlines():
        assert ring.shape[0] >= 4
        assert np.array_equal(ring[0], ring[-1])
        assert np.all(np.abs(ring[:, 0]) <= 180.0)
        assert np.all(np.abs(ring[:, 1]) <= 90.0)


def test_no_coastline_leaps_over_the_map() -> None:
    for line in read_coastline():
        assert line.shape[0] > 1
        assert np.all(np.abs(np.diff(line[:, 0])) < 180.0)


@pytest.mark.parametrize(
    ("longitude_deg", "latitude_deg", "land"),
    [
        (37.6, 55.8, True),
        (104.3, 52.3, True),
        (133.0, -25.0, True),
        (-30.0, 30.0, False),
        (80.0, -20.0, False),
    ],
)
def test_known_places_are_on_the_right_side(longitude_deg: float, latitude_deg: float, land: bool) -> None:
    assert _on_land(longitude_deg, latitude_deg) is land


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"rings": [[1]]}', b'{"rings": [["x", "y"]]}', b"\xff", b"[]"]
)
def test_a_damaged_resource_is_refused(content: bytes) -> None:
    with pytest.raises(FormatError):
        decode_coastline(content)
