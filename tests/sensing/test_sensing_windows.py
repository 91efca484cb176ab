"""Windows and angles against the independent computation of 261 windows."""

from __future__ import annotations

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import parse_utc
from syzygy.sensing.opportunities import find_opportunities
from syzygy.sensing.requests import OpportunitiesRequest
from syzygy.sensing.result import OpportunitiesResult

EDGE_S = 1e-3
"""The oracle is cut to whole milliseconds."""
CLOSEST_S = 5e-3
ANGLE_DEG = 1e-4
AZIMUTH_DEG = 5e-3


@pytest.fixture(scope="module")
def matched(
    oracle_result: OpportunitiesResult, oracle_rows: list[dict[str, str]], almanac: Almanac, rows_of
) -> list[tuple[dict[str, object], dict[str, str], dict[str, float]]]:
    """Pair every oracle window with ours by satellite, target and time."""
    ours: dict[tuple[int, str], list[dict[str, object]]] = {}
    for row in rows_of(oracle_result):
        ours.setdefault((int(str(row["satellite_id"])), str(row["place"])), []).append(row)
    pairs = []
    for expected in oracle_rows:
        times = {
            name: (parse_utc(expected[f"{name}_utc"], almanac.leap_seconds) - oracle_result.start_tai_ns)
            * 1e-9
            for name in ("start", "end", "closest")
        }
        near = [
            row
            for row in ours.get((int(expected["norad"]), expected["target"]), [])
            if abs(float(str(row["start_s"])) - times["start"]) < 60.0
        ]
        assert len(near) == 1, f"window missing or doubled: {expected}"
        pairs.append((near[0], expected, times))
    return pairs


def test_windows_are_exactly_those_of_the_oracle(oracle_result, oracle_rows, matched):
    assert len(matched) == len(oracle_rows) == 261
    assert len(oracle_result.opportunities) == 261


def test_edges_agree_within_a_millisecond(oracle_result, matched, record_accuracy):
    found = oracle_result.opportunities
    order = [int(str(row["opportunity"])[1:]) - 1 for row, _, _ in matched]
    start = [abs(found.start_s[i] - t["start"]) for i, (_, _, t) in zip(order, matched, strict=True)]
    end = [abs(found.end_s[i] - t["end"]) for i, (_, _, t) in zip(order, matched, strict=True)]
    record_accuracy("sensing", "window edges", max(*start, *end), EDGE_S, "s", "access_windows.csv", 522)


def test_closest_approach_agrees_within_five_milliseconds(oracle_result, matched, record_accuracy):
    found = oracle_result.opportunities
    order = [int(str(row["opportunity"])[1:]) - 1 for row, _, _ in matched]
    worst = max(abs(found.best_s[i] - t["closest"]) for i, (_, _, t) in zip(order, matched, strict=True))
    record_accuracy("sensing", "closest approach", worst, CLOSEST_S, "s", "access_windows.csv", 261)


@pytest.mark.parametrize(
    ("ours", "theirs", "allowed_deg"),
    [
        ("off_nadir_deg", "min_off_nadir_deg", ANGLE_DEG),
        ("incidence_deg", "incidence_deg", ANGLE_DEG),
        ("azimuth_deg", "azimuth_deg", AZIMUTH_DEG),
    ],
)
def test_angles_agree_with_the_oracle(matched, ours, theirs, allowed_deg, record_accuracy):
    difference = np.array([float(row[ours]) - float(expected[theirs]) for row, expected, _ in matched])
    difference = np.abs((difference + 180.0) % 360.0 - 180.0)
    name = ours.removesuffix("_deg").replace("_", "-")
    record_accuracy("sensing", name, difference.max(), allowed_deg, "deg", "access_windows.csv", 261)


def test_directions_agree_with_the_oracle(matched):
    assert all(str(row["direction"])[0].upper() == expected["dir"] for row, expected, _ in matched)


def test_antimeridian_and_polar_targets_are_found(matched):
    names = [expected["target"] for _, expected, _ in matched]
    assert names.count("Fiji_dateline") > 0
    assert names.count("McMurdo") > 40


GRAZING_S = 60.0
"""Edges of windows shorter than this move much for a small shift of the track."""


@pytest.mark.slow
def test_full_earth_orientation_moves_edges_by_less_than_ten_milliseconds(
    oracle_result: OpportunitiesResult, almanac: Almanac, record_accuracy
):
    elements, sensors, targets = oracle_result.provenance.inputs
    request = OpportunitiesRequest(
        elements=(elements,),
        sensors=sensors,
        targets=targets,
        start_tai_ns=oracle_result.start_tai_ns,
        max_off_nadir_rad=np.radians(35.0),
        max_incidence_rad=np.pi / 2.0,
        earth_model="iers",
    )
    full = find_opportunities(request, almanac).opportunities
    simple = oracle_result.opportunities
    full = full.reorder(np.lexsort((full.start_s, full.place, full.satellite)))
    simple = simple.reorder(np.lexsort((simple.start_s, simple.place, simple.satellite)))
    long = simple.end_s - simple.start_s > GRAZING_S
    moved = np.abs(full.start_s - simple.start_s)[long]
    assert moved.max() > 1e-4, "the two models must differ"
    name = "UT1 and pole on edges"
    record_accuracy("sensing", name, moved.max(), 0.01, "s", "access_windows.csv header", len(moved))
