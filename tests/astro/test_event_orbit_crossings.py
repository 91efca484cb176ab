"""Nodes, apsides and off-nadir windows against dense sampling of the same states."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq

from syzygy.astro.events.earth_fixed import earth_fixed_m
from syzygy.astro.events.off_nadir import find_off_nadir_windows
from syzygy.astro.events.orbit_crossings import find_apsis_crossings, find_node_crossings
from syzygy.astro.events.search import make_nodes
from syzygy.astro.events.sites import make_sites
from syzygy.astro.events.trajectories import Sgp4Trajectories
from syzygy.astro.events.windows import intersect_windows
from syzygy.astro.frames import TEME
from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import UnitError
from syzygy.formats.catalogue import read_catalogue

LEAP_SECONDS = LeapSeconds(np.array([730, 16436, 17167]), np.array([35, 36, 37]), 2**62)
NODE_S = 5e-6
APSIS_S = 1e-4
"""The change over 0.5 s and the five-point derivative differ in third order: some 10 us."""
EDGE_NS = 1_000_000


@pytest.fixture(scope="module")
def fleet(test_data):
    text = (test_data / "debris" / "sgp4" / "SGP4-VER.TLE").read_text().splitlines()
    wanted = ("06251", "08195", "28129", "00005")
    lines = [line[:69] for line in text if line[:2] in ("1 ", "2 ") and line[2:7] in wanted]
    return Sgp4Trajectories(read_catalogue("\n".join(lines).encode(), LEAP_SECONDS).elements, LEAP_SECONDS)


@pytest.fixture(scope="module")
def span():
    start = parse_utc("2006-06-26T00:00:00", LEAP_SECONDS)
    return start, start + 24 * 3_600_000_000_000


def test_every_node_is_found_at_its_instant(fleet, span, record_accuracy):
    worst, count = 0.0, 0
    crossings, certificates = find_node_crossings(fleet, *span)
    dense = make_nodes(*span, 10.0)
    position, _ = fleet.grid(slice(None), dense)
    for lane in range(len(fleet)):
        z = position[lane, :, 2]
        at = np.flatnonzero((z[:-1] > 0.0) != (z[1:] > 0.0))
        mine = crossings.lane == lane
        assert np.count_nonzero(mine) == at.size
        assert crossings.rising[mine].tolist() == (z[at + 1] > 0.0).tolist()
        for k, instant in zip(at, crossings.tai_ns[mine], strict=True):

            def height(offset_s: float, k: int = k, lane: int = lane) -> float:
                return float(fleet.points(np.array([lane]), dense[k : k + 1] + round(offset_s * 1e9))[0, 2])

            off_s = abs(brentq(height, 0.0, 10.0, xtol=1e-7) - (instant - dense[k]) * 1e-9)
            assert off_s < NODE_S
            worst, count = max(worst, off_s), count + 1
    assert all(c.touch_lane.size == 0 for c in certificates)
    record_accuracy(
        "astro.events", "node crossings", worst, NODE_S, "s", "scipy brentq on SGP4 states", count
    )


def test_every_extremum_of_the_distance_is_found(fleet, span, record_accuracy):
    worst, count = 0.0, 0
    crossings, _ = find_apsis_crossings(fleet, *span)
    dense = make_nodes(*span, 10.0)
    position, _ = fleet.grid(slice(None), dense)
    for lane in range(len(fleet)):
        r = np.linalg.norm(position[lane], axis=-1)
        low = np.flatnonzero((r[1:-1] < r[:-2]) & (r[1:-1] <= r[2:])) + 1
        high = np.flatnonzero((r[1:-1] > r[:-2]) & (r[1:-1] >= r[2:])) + 1
        mine = crossings.lane == lane
        assert np.count_nonzero(crossings.rising[mine]) == low.size
        assert np.count_nonzero(~crossings.rising[mine]) == high.size
        for k, instant in zip(low, crossings.tai_ns[mine][crossings.rising[mine]], strict=True):

            def slope(offset_s: float, k: int = k, lane: int = lane) -> float:
                steps = np.array([-2, -1, 1, 2]) * 1_000_000_000
                point = fleet.points(np.full(4, lane), dense[k] + round(offset_s * 1e9) + steps)
                return float(np.linalg.norm(point, axis=-1) @ np.array([1.0, -8.0, 8.0, -1.0]) / 12.0)

            best = brentq(slope, -10.0, 10.0, xtol=1e-7)
            off_s = abs(best - (instant - dense[k]) * 1e-9)
            assert off_s < APSIS_S
            worst, count = max(worst, off_s), count + 1
    record_accuracy(
        "astro.events", "perigees", worst, APSIS_S, "s", "five-point derivative, scipy brentq", count
    )


def test_off_nadir_windows_agree_with_dense_angles(fleet, span):
    sites = make_sites(np.radians([10.0, 48.0, -30.0]), np.radians([20.0, 2.0, -60.0]), 0.0)
    limit = np.radians(35.0)
    end = span[0] + 12 * 3_600_000_000_000
    windows = find_off_nadir_windows(fleet, sites, span[0], end, LEAP_SECONDS, max_off_nadir_rad=limit)
    assert len(windows) > 3
    dense = make_nodes(span[0], end, 5.0)
    position, _ = fleet.grid(slice(None), dense)
    fixed = earth_fixed_m(position, dense, TEME, LEAP_SECONDS)
    for lane in range(len(fleet) * len(sites)):
        place, site = fixed[lane // len(sites)], lane % len(sites)
        toward = sites.position_m[site] - place
        cosine = -np.sum(place * toward, axis=-1) / (
            np.linalg.norm(place, axis=-1) * np.linalg.norm(toward, axis=-1)
        )
        seen = (cosine > np.cos(limit)) & (-toward @ sites.up[site] > 0.0)
        listed = np.zeros(dense.size, dtype=bool)
        mine = windows.lane == lane
        for a, b in zip(windows.start_tai_ns[mine], windows.end_tai_ns[mine], strict=True):
            listed |= (dense >= a) & (dense <= b)
        assert np.array_equal(seen, listed)
    for lane, at, inward in [
        *zip(windows.lane, windows.start_tai_ns, np.where(windows.open_start, 0, 1), strict=True),
        *zip(windows.lane, windows.end_tai_ns, np.where(windows.open_end, 0, -1), strict=True),
    ]:
        instants = at + EDGE_NS * np.array([-inward, inward])
        place = fleet.points(np.full(2, lane // len(sites)), instants)
        place = earth_fixed_m(place, instants, TEME, LEAP_SECONDS)
        toward = sites.position_m[lane % len(sites)] - place
        cosine = -np.sum(place * toward, axis=-1)
        cosine /= np.linalg.norm(place, axis=-1) * np.linalg.norm(toward, axis=-1)
        seen = (cosine > np.cos(limit)) & (-toward @ sites.up[lane % len(sites)] > 0.0)
        assert inward == 0 or seen.tolist() == [False, True]


def test_intersections_are_the_common_spans(fleet, span):
    sites = make_sites(0.3, 0.3, 0.0)
    wide = find_off_nadir_windows(fleet, sites, *span, LEAP_SECONDS, max_off_nadir_rad=0.9)
    narrow = find_off_nadir_windows(fleet, sites, *span, LEAP_SECONDS, max_off_nadir_rad=0.5)
    lane, start, end = intersect_windows(wide, narrow)
    assert lane.tolist() == narrow.lane.tolist()
    assert start.tolist() == narrow.start_tai_ns.tolist()
    assert end.tolist() == narrow.end_tai_ns.tolist()


@pytest.mark.parametrize("angle", [0.0, -0.1, 35.0, float("nan")])
def test_an_off_nadir_limit_in_degrees_is_refused(fleet, span, angle):
    with pytest.raises(UnitError):
        find_off_nadir_windows(fleet, make_sites(0.1, 0.1, 0.0), *span, LEAP_SECONDS, max_off_nadir_rad=angle)
