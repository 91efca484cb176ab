"""Strips over areas: rolls, crossings, footprints, coverage and double work."""

from __future__ import annotations

import dataclasses
import math
import pickle

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syzygy.base.execution import ProcessExecutor
from syzygy.sensing.coverage import JOINT
from syzygy.sensing.duplicates import DuplicateRule, find_duplicates
from syzygy.sensing.equal_area import inside_polygon
from syzygy.sensing.opportunities import find_opportunities
from syzygy.sensing.passes import choose_roll
from syzygy.sensing.picture import draw_opportunities

angles = st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def result(almanac, example_inputs):
    from syzygy.astro.time import parse_utc
    from syzygy.base.provenance import bind_input
    from syzygy.sensing.requests import OpportunitiesRequest

    request = OpportunitiesRequest(
        elements=(bind_input(example_inputs / "joint_fleet_2022-07-15.3le"),),
        sensors=bind_input(example_inputs / "sensors.csv"),
        area=bind_input(example_inputs / "areas.geojson"),
        targets=bind_input(example_inputs / "targets.csv"),
        start_tai_ns=parse_utc("2022-07-16T00:00:00", almanac.leap_seconds),
        duration_s=86400.0,
        max_gsd_m=3.0,
        allow_unverified=True,
    )
    return find_opportunities(request, almanac), request


@pytest.mark.slow
@given(angles, st.floats(0.005, 0.3), st.floats(0.0, 0.8))
def test_no_other_roll_images_more(look, half, limit):
    look = np.array(look)
    roll, inside = choose_roll(look, np.ones(len(look), dtype=bool), half, limit)
    assert abs(roll) <= limit
    tried = np.linspace(-limit, limit, 801)
    most = max(int(np.sum(np.abs(look - other) <= half)) for other in tried)
    assert inside.sum() >= most
    assert np.all(np.abs(look[inside] - roll) <= half + 1e-9)


@pytest.mark.slow
@given(angles, st.floats(0.005, 0.3), st.integers(0, 2**30))
@example([0.9], 0.2, 1)  # on the edge: 0.7 + 0.2 rounds to less than 0.9
@example([-0.9, 0.5], 0.2, 1)
def test_rolls_aim_only_at_wanted_points(look, half, bits):
    """The field has a margin of 1e-10 rad; there, and to the rounding of two sums, either answer is right."""
    look = np.array(look)
    wanted = np.array([bool(bits >> i & 1) for i in range(len(look))])
    _, inside = choose_roll(look, wanted, half, 0.7)
    beyond = np.abs(look[wanted]) - (0.7 + half)
    imaged = np.any(inside & wanted)
    assert imaged or not np.any(beyond <= 0.0)
    assert not imaged or np.any(beyond <= 1e-10 + 2 * np.spacing(1.0))


def test_imaged_cells_lie_inside_the_footprint(result):
    found = result[0].opportunities
    slices = found.seen_slices
    outside = total = 0
    for row in np.flatnonzero(found.place < 2).tolist():
        place = result[0].places[found.place[row]]
        ring = np.concatenate([found.footprint_rad[row], found.footprint_rad[row][:1]])
        seen = found.seen_point[slices[row]][found.seen_imaged[slices[row]]]
        middle = ring.mean(axis=0)
        # The strip ends at the first and last cell centre: shrink nothing, allow for the end lines only.
        ring = middle + (ring - middle) * 1.02
        inside = inside_polygon((ring,), place.longitude_rad[seen], place.latitude_rad[seen])
        outside, total = outside + int(np.sum(~inside)), total + len(seen)
    assert total > 1000
    assert outside <= 0.02 * total


def test_strip_widths_are_the_swath_at_nadir_and_a_little_more_when_rolled(result):
    found, sensors = result[0].opportunities, result[0].sensors
    checked = 0
    for row in np.flatnonzero((found.place < 2) & (np.abs(found.roll_rad) < math.radians(15.0))).tolist():
        right, left = np.split(found.footprint_rad[row], 2)
        a, b = right[4], left[::-1][4]
        width = 6371e3 * math.hypot(b[1] - a[1], (b[0] - a[0]) * math.cos((a[1] + b[1]) / 2.0))
        # Rolled by 15 deg the strip is 1 / cos^2 of the incidence wider; a few per cent are the real height.
        assert 0.96 < width / sensors[found.sensor[row]].swath_m < 1.15
        checked += 1
    assert checked


def test_optical_sensors_only_see_sunlit_ground_and_all_angles_keep_the_limits(result, rows_of):
    rows = rows_of(result[0])
    limit = math.degrees(result[1].max_incidence_rad)
    for row in rows:
        assert row["sun_elevation_deg"] >= 10.0 - 1e-6
        assert row["incidence_deg"] <= limit + 1e-6
        assert row["off_nadir_deg"] <= 45.0 + 1e-6
        assert row["incidence_deg"] > row["off_nadir_deg"]
        assert row["edge_error_low_s"] < row["edge_error_high_s"] < 2.0


def test_the_two_fleets_image_on_opposite_arcs_of_their_day(result, rows_of):
    rows = rows_of(result[0])
    russian = {row["direction"] for row in rows if row["satellite"].startswith("Kanopus-V 3")}
    chinese = {row["direction"] for row in rows if row["satellite"] == "Gaofen-1"}
    assert (russian, chinese) == ({"ascending"}, {"descending"})


def test_the_joint_curve_is_never_below_a_single_one_in_the_end(result):
    for place in range(len(result[0].places)):
        curves = {c.partner: c for c in result[0].curves if c.place == place}
        last = {name: (c.share[-1] if len(c.share) else 0.0) for name, c in curves.items()}
        assert last[JOINT] >= max(last.values()) - 0.02
        for curve in curves.values():
            assert np.all(np.diff(curve.share) > 0.0)
            assert np.all(np.diff(curve.time_s) >= 0.0)
            assert len(curve.share) == 0 or curve.share[-1] == pytest.approx(np.mean(curve.taken_by >= 0))


def test_duplicates_are_of_two_partners_near_in_time_and_alike(result):
    answer, request = result
    table = answer.tables()[1]
    assert len(table) > 10
    for row in table.rows():
        assert row["first_partner"] != row["second_partner"]
        assert 0.0 <= row["gap_s"] <= request.duplicate_time_s
        assert row["overlap"] >= request.duplicate_overlap
        assert 1.0 <= row["gsd_ratio"] <= request.duplicate_gsd_ratio
        assert 0.0 < row["score"] <= 1.0
        assert "in common" in row["reason"]


def test_duplicates_are_exactly_those_of_a_plain_double_loop(result):
    answer, _ = result
    found, rule = answer.opportunities, DuplicateRule(4000.0, 0.7, 1.5)
    slices = found.seen_slices
    cells = [set(found.seen_point[s][found.seen_imaged[s]].tolist()) for s in slices]
    expected = set()
    for a in range(len(found)):
        for b in range(a + 1, len(found)):
            if found.place[a] != found.place[b] or answer.partner[a] == answer.partner[b]:
                continue
            gsd = max(answer.gsd_m[a], answer.gsd_m[b]) / min(answer.gsd_m[a], answer.gsd_m[b])
            share = len(cells[a] & cells[b]) / min(len(cells[a]), len(cells[b]))
            near = abs(found.best_s[a] - found.best_s[b]) <= rule.time_s
            if near and gsd <= rule.gsd_ratio and share >= rule.overlap:
                expected.add(frozenset((a, b)))
    counts = np.array([len(place.cell_id) for place in answer.places])
    classes = np.array([answer.sensors[row].band_class for row in found.sensor], dtype=object)
    marks = find_duplicates(found, answer.partner, classes, answer.gsd_m, counts, rule)
    assert {
        frozenset(pair) for pair in zip(marks.first.tolist(), marks.second.tolist(), strict=True)
    } == expected
    assert set(np.flatnonzero(marks.group).tolist()) == set().union(*expected)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 3])
def test_any_number_of_workers_gives_the_same_bytes(result, almanac, workers):
    again = find_opportunities(result[1], almanac, executor=ProcessExecutor(workers))
    for one, two in zip(result[0].tables(), again.tables(), strict=True):
        assert pickle.dumps([c.values for c in one.columns]) == pickle.dumps([c.values for c in two.columns])


@pytest.mark.slow
def test_the_picture_is_deterministic_and_follows_the_theme(result):
    light = draw_opportunities(result[0], "light")
    assert light == draw_opportunities(result[0], "light")
    assert light != draw_opportunities(result[0], "dark")
    assert light.startswith(b"<?xml")
    assert b"NaN" not in light


@pytest.mark.slow
def test_a_search_cut_in_two_finds_the_same_windows(result, almanac):
    answer, request = result
    half = dataclasses.replace(request, duration_s=request.duration_s / 2.0)
    later = dataclasses.replace(half, start_tai_ns=request.start_tai_ns + round(half.duration_s * 1e9))
    parts = [find_opportunities(part, almanac) for part in (half, later)]
    shift = [0.0, half.duration_s]
    uncut = [
        (
            int(p.satellite_id[o.satellite[i]]),
            int(o.sensor[i]),
            int(o.place[i]),
            o.start_s[i] + s,
            o.end_s[i] + s,
        )
        for p, s in zip(parts, shift, strict=True)
        for o in (p.opportunities,)
        for i in range(len(o))
    ]
    found = answer.opportunities
    whole = [
        (
            int(answer.satellite_id[found.satellite[i]]),
            int(found.sensor[i]),
            int(found.place[i]),
            found.start_s[i],
            found.end_s[i],
        )
        for i in range(len(found))
        if not found.start_s[i] < half.duration_s < found.end_s[i]
    ]
    assert len(whole) == len(found), "choose a border outside any window"
    assert len(uncut) == len(whole)
    for a, b in zip(sorted(uncut), sorted(whole), strict=True):
        assert a[:3] == b[:3]
        assert a[3:] == pytest.approx(b[3:], abs=2e-6)


@pytest.mark.slow
def test_pictures_of_targets_only_and_of_an_empty_answer_are_drawn(result, almanac):
    targets = dataclasses.replace(result[1], area=None, duration_s=14400.0)
    assert draw_opportunities(find_opportunities(targets, almanac)).startswith(b"<?xml")
    nothing = dataclasses.replace(result[1], min_sun_elevation_rad=math.radians(89.0), duration_s=7200.0)
    answer = find_opportunities(nothing, almanac)
    assert len(answer.opportunities) == 0
    assert b"NaN" not in draw_opportunities(answer)
