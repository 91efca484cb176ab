"""The screening against lists that an independent program made."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import parse_utc
from syzygy.base.provenance import bind_input
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue

TIME_TOLERANCE_S = 1e-3
MISS_TOLERANCE_M = 1.0
SPEED_TOLERANCE_M_S = 5.0
BORDER_TOLERANCE_S = 0.1
LIST = "list of an independent program (24,132 objects, July 2022, 30 min)"

Record = Callable[..., None]


@pytest.fixture(scope="module")
def half_hour(shared_data: Path, almanac: Almanac) -> ScreeningResult:
    """The whole catalogue of July 2022, 30 minutes, 5 km."""
    catalogue = bind_input(shared_data / "debris" / "catalogue" / "jul2022_3le.txt.gz")
    start = parse_utc("2022-07-15T00:00:00Z", almanac.leap_seconds)
    return screen_catalogue(ScreeningRequest((catalogue,), start, 1800.0), almanac)


def read_rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def excess(found: list[tuple[object, ...]], listed: list[tuple[object, ...]]) -> int:
    """Return how many rows are in one of the lists only."""
    ours, theirs = Counter(found), Counter(listed)
    return (ours - theirs).total() + (theirs - ours).total()


@pytest.mark.slow
def test_every_event_of_the_list_is_found_and_no_other(
    half_hour: ScreeningResult, test_data: Path, record_accuracy: Record
) -> None:
    expected = read_rows(test_data / "debris" / "screening_jul2022_30min.csv")
    expected.sort(key=lambda row: (int(row["id1"]), int(row["id2"]), float(row["tca_s"])))
    found = sorted(
        half_hour.events.rows(), key=lambda row: (row["object_a"], row["object_b"], row["tca_tai_ns"])
    )
    assert len(expected) == 422
    pairs = [(row["object_a"], row["object_b"]) for row in found]
    listed = [(int(row["id1"]), int(row["id2"])) for row in expected]
    record_accuracy("debris", "events missing or too many", excess(pairs, listed), 0, "events", LIST, 422)
    assert pairs == listed
    start = half_hour.provenance.request["start_tai_ns"]
    time = np.array([(row["tca_tai_ns"] - start) / 1e9 for row in found])
    worst_s = float(np.abs(time - [float(row["tca_s"]) for row in expected]).max())
    record_accuracy("debris", "time of closest approach", worst_s, TIME_TOLERANCE_S, "s", LIST, 422)
    miss = np.array([row["miss_distance_m"] for row in found])
    worst_m = float(np.abs(miss - [1e3 * float(row["miss_km"]) for row in expected]).max())
    record_accuracy("debris", "miss distance", worst_m, MISS_TOLERANCE_M, "m", LIST, 422)
    speed = np.array([row["relative_speed_m_s"] for row in found])
    worst_m_s = float(np.abs(speed - [1e3 * float(row["vrel_km_s"]) for row in expected]).max())
    record_accuracy("debris", "relative speed", worst_m_s, SPEED_TOLERANCE_M_S, "m/s", LIST, 422)


@pytest.mark.slow
def test_every_slow_interval_of_the_list_is_found_and_no_other(
    half_hour: ScreeningResult, test_data: Path, record_accuracy: Record
) -> None:
    expected = read_rows(test_data / "debris" / "screening_jul2022_30min_intervals.csv")
    by_pair = {(int(row["id1"]), int(row["id2"])): row for row in expected}
    found = {(row["object_a"], row["object_b"]): row for row in half_hour.intervals.rows()}
    assert len(expected) == len(half_hour.intervals) == 27
    surplus = excess(list(found), list(by_pair))
    record_accuracy("debris", "slow intervals missing or too many", surplus, 0, "intervals", LIST, 27)
    assert found.keys() == by_pair.keys()
    worst_s, worst_m = 0.0, 0.0
    for pair, row in found.items():
        other = by_pair[pair]
        assert row["start_s"] == pytest.approx(float(other["start_s"]), abs=BORDER_TOLERANCE_S)
        assert row["end_s"] == pytest.approx(float(other["end_s"]), abs=BORDER_TOLERANCE_S)
        assert (row["start_cut"], row["end_cut"]) == (other["start_cut"] == "1", other["end_cut"] == "1")
        assert row["min_distance_m"] == pytest.approx(1e3 * float(other["min_km"]), abs=MISS_TOLERANCE_M)
        worst_s = max(worst_s, *(abs(row[edge] - float(other[edge])) for edge in ("start_s", "end_s")))
        worst_m = max(worst_m, abs(row["min_distance_m"] - 1e3 * float(other["min_km"])))
    record_accuracy("debris", "borders of slow intervals", worst_s, BORDER_TOLERANCE_S, "s", LIST, 54)
    record_accuracy("debris", "least distance in slow intervals", worst_m, MISS_TOLERANCE_M, "m", LIST, 27)


@pytest.mark.slow
def test_every_unscreened_object_of_the_list_is_named_with_its_reason(
    half_hour: ScreeningResult, test_data: Path, record_accuracy: Record
) -> None:
    expected = read_rows(test_data / "debris" / "screening_jul2022_30min_unscreened.csv")
    found = half_hour.unscreened.rows()
    assert len(expected) == 133
    ours = sorted((row["object"], row["reason"], row["from_s"]) for row in found)
    theirs = sorted((int(row["id"]), row["reason"], float(row["from_s"])) for row in expected)
    surplus = excess(ours, theirs)
    record_accuracy("debris", "unscreened objects, reason and time", surplus, 0, "objects", LIST, 133)
    assert ours == theirs


def test_the_collision_of_iridium_33_and_cosmos_2251_is_found(
    test_data: Path, almanac: Almanac, record_accuracy: Record
) -> None:
    debris = test_data / "debris"
    oracle = tomllib.loads((debris / "iridium_cosmos.toml").read_text())["minimum"]
    catalogue = bind_input(debris / "iridium33_cosmos2251_2009.3le")
    start = parse_utc("2009-02-10T16:00:00Z", almanac.leap_seconds)
    result = screen_catalogue(ScreeningRequest((catalogue,), start, 7200.0, threshold_m=50e3), almanac)
    rows = result.events.rows()
    assert len(rows) == len(oracle) == 3
    worst_s, worst_m, worst_m_s = 0.0, 0.0, 0.0
    for row, expected in zip(rows, oracle, strict=True):
        tca = parse_utc(expected["tca"] + "Z", almanac.leap_seconds)
        assert abs(row["tca_tai_ns"] - tca) / 1e9 <= TIME_TOLERANCE_S
        assert row["miss_distance_m"] == pytest.approx(1e3 * expected["miss_km"], abs=MISS_TOLERANCE_M)
        assert row["relative_speed_m_s"] == pytest.approx(1e3 * expected["vrel_km_s"], abs=1.0)
        worst_s = max(worst_s, abs(row["tca_tai_ns"] - tca) / 1e9)
        worst_m = max(worst_m, abs(row["miss_distance_m"] - 1e3 * expected["miss_km"]))
        worst_m_s = max(worst_m_s, abs(row["relative_speed_m_s"] - 1e3 * expected["vrel_km_s"]))
    source = "independent computation of 2009-02-10 (16:55:59.796 UTC, 0.698 km, 11.647 km/s)"
    record_accuracy("debris", "Iridium 33 and Cosmos 2251, time", worst_s, TIME_TOLERANCE_S, "s", source, 3)
    record_accuracy("debris", "Iridium 33 and Cosmos 2251, miss", worst_m, MISS_TOLERANCE_M, "m", source, 3)
    record_accuracy("debris", "Iridium 33 and Cosmos 2251, speed", worst_m_s, 1.0, "m/s", source, 3)
    close = ScreeningRequest((catalogue,), parse_utc("2009-02-10T00:00:00Z", almanac.leap_seconds), 86400.0)
    event = screen_catalogue(close, almanac).events.rows()
    assert [row["tca_utc"] for row in event] == ["2009-02-10T16:55:59.796Z"]
