"""The grid shares the ellipsoid equally; files of sites are read strictly."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import FormatError, InputError, SyzygyError, UnitError
from syzygy.satellites.grid import equal_area_points, zone_share
from syzygy.satellites.sites import read_sites

HEADER = b"name,lat_deg,lon_deg,h_m\n"
GOOD = b"# comment\n" + HEADER + b"A,55.1,36.6,0\nB,-31.0,121.2,1500\n"


@given(count=st.integers(1, 5000))
def test_every_point_stands_for_the_same_area(count: int) -> None:
    latitude, longitude = equal_area_points(count)
    middle = (np.arange(count) + 0.5) / count
    assert np.max(np.abs(zone_share(latitude) - middle)) < 1e-12
    assert np.all(np.abs(latitude) <= np.pi / 2)
    assert np.all(np.abs(longitude) <= np.pi)


def test_the_zone_area_is_that_of_the_ellipsoid() -> None:
    # Integral of the zone element of WGS 84 by the midpoint rule, normalised by the half.
    square = 6.694379990141317e-3
    edges = np.linspace(-np.pi / 2, np.radians(40.0), 200_001)
    latitude = 0.5 * (edges[1:] + edges[:-1])
    element = np.cos(latitude) / (1.0 - square * np.sin(latitude) ** 2) ** 2
    half = np.sum(element[latitude < 0.0]) * (edges[1] - edges[0])
    assert float(zone_share(np.radians(40.0))) == pytest.approx(
        np.sum(element) * (edges[1] - edges[0]) / (2.0 * half), abs=1e-5
    )


def test_the_grid_leaves_no_hole() -> None:
    latitude, longitude = equal_area_points(500)
    points = np.stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)],
        axis=-1,
    )
    closeness = points @ points.T - 2.0 * np.eye(500)
    nearest_deg = np.degrees(np.arccos(closeness.max(axis=1)))
    # Each of 500 points has 82.5 square degrees, the square of 9.1 deg.
    assert nearest_deg.max() < 10.0
    assert nearest_deg.min() > 7.0


def test_an_empty_grid_is_refused() -> None:
    with pytest.raises(InputError, match="needs points"):
        equal_area_points(0)


def test_sites_are_read_in_radians_and_metres(inputs: Path) -> None:
    sites = read_sites((inputs / "joint_monitoring_sites.csv").read_bytes())
    assert sites.name[0] == "Obninsk"
    assert len(sites.name) == 6
    assert np.degrees(sites.latitude_rad).tolist() == pytest.approx([55.1, 52.3, 53.0, 43.8, 43.8, 31.1])
    assert sites.height_m.tolist() == [0.0] * 6


@pytest.mark.parametrize(
    ("old", "new", "kind", "what"),
    [
        (b"55.1,36.6", b"91.0,36.6", UnitError, "latitude"),
        (b"55.1,36.6", b"36.6,551.0", UnitError, "longitude"),
        (b"121.2,1500", b"121.2,150000", UnitError, "height"),
        (b"55.1,36.6", b"nan,36.6", FormatError, "not a number"),
        (b"55.1,36.6", b"55d06m,36.6", FormatError, "not a number"),
        (b"lat_deg", b"latitude", FormatError, "column is missing"),
        (b"B,-31", b"A,-31", FormatError, "same"),
        (b"B,-31", b",-31", FormatError, "no name"),
        (b"36.6,0\n", b"36.6\n", FormatError, "cut short"),
        (b"A,55", b'"A,55', FormatError, "CSV"),
    ],
)
def test_each_mistake_in_a_file_of_sites_is_named(old: bytes, new: bytes, kind: type, what: str) -> None:
    assert old in GOOD
    with pytest.raises(kind, match=what) as caught:
        read_sites(GOOD.replace(old, new, 1), name="sites.csv")
    assert "sites.csv" in caught.value.where


@pytest.mark.parametrize("content", [b"", HEADER, b"\xff\xfe", b"# only\n"])
def test_a_file_without_sites_is_refused(content: bytes) -> None:
    with pytest.raises(FormatError):
        read_sites(content)


@given(place=st.integers(0, len(GOOD) - 1), new=st.binary(max_size=5), length=st.integers(0, 20))
def test_any_mutation_reads_or_raises_our_error(place: int, new: bytes, length: int) -> None:
    with contextlib.suppress(SyzygyError):
        sites = read_sites(GOOD[:place] + new + GOOD[place + length :])
        assert np.isfinite(sites.latitude_rad).all()
