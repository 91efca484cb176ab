"""Boxes, primaries, exclusions and radii: what is reported, and the trace of what is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.base.errors import InputError, UnknownNameError
from syzygy.base.provenance import InputFile, bind_input
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue

BOX_KM = (1.5, 12.0, 9.0)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def crowd(sample_result: ScreeningResult) -> tuple[str, ...]:
    """Some objects that meet many others."""
    rows = sample_result.events.rows()
    return tuple(str(row["object_a"]) for row in rows[:12])


def _screen(file: InputFile, start: int, almanac: Almanac, **options: object) -> ScreeningResult:
    return screen_catalogue(ScreeningRequest((file,), start, 2 * 3600.0, **options), almanac)  # type: ignore[arg-type]


def test_a_box_reports_what_enters_it_and_nothing_else(
    sample_file: InputFile,
    start_tai_ns: int,
    almanac: Almanac,
    sample_elements: MeanElements,
    crowd: tuple[str, ...],
) -> None:
    """Against every approach in the sphere around the box, each sampled at 4001 instants."""
    box_m = tuple(1000.0 * side for side in BOX_KM)
    boxed = _screen(sample_file, start_tai_ns, almanac, primaries=crowd, box_m=box_m)
    sphere = _screen(sample_file, start_tai_ns, almanac, primaries=crowd, threshold_m=boxed.threshold_m)
    assert boxed.threshold_m == pytest.approx(1000.0 * np.linalg.norm(BOX_KM))
    place = {number: row for row, number in enumerate(sample_elements.object_id.tolist())}
    expected = set()
    for row in sphere.events.rows():
        pair = (int(row["object_a"]), int(row["object_b"]))
        half_s = 1.5 * sphere.threshold_m / float(row["relative_speed_m_s"])
        times = int(row["tca_tai_ns"]) + (np.linspace(-half_s, half_s, 4001) * 1e9).astype(np.int64)
        two = sample_elements.select(np.array([place[pair[0]], place[pair[1]]]))
        states = propagate_sgp4(two, times, almanac.leap_seconds)
        for k, number in enumerate(pair):
            if str(number) not in crowd:
                continue
            r, v = states.position_m[k], states.velocity_m_s[k]
            normal = np.cross(r, v)
            axes = [r, np.cross(normal, r), normal]
            away = states.position_m[1 - k] - r
            parts = [np.abs((away * a).sum(1)) / np.linalg.norm(a, axis=1) for a in axes]
            if np.all([part < side for part, side in zip(parts, box_m, strict=True)], axis=0).any():
                expected.add((*pair, row["tca_utc"]))
    found = {(row["object_a"], row["object_b"], row["tca_utc"]) for row in boxed.events.rows()}
    assert len(sphere.events) > len(boxed.events) > 3
    assert found == expected


def test_a_box_and_a_sphere_together_are_refused(sample_file: InputFile) -> None:
    with pytest.raises(InputError, match="both a sphere and a box"):
        ScreeningRequest((sample_file,), 0, 60.0, threshold_m=5000.0, box_m=(1e3, 1e3, 1e3))
    with pytest.raises(InputError, match="three half-widths"):
        ScreeningRequest((sample_file,), 0, 60.0, box_m=(1e3, 1e3))
    with pytest.raises(InputError, match="too large"):
        ScreeningRequest((sample_file,), 0, 60.0, box_m=(1e3, 150e3, 150e3))


def test_the_recorded_request_of_a_box_can_be_made_again(sample_file: InputFile) -> None:
    first = ScreeningRequest((sample_file,), 0, 60.0, box_m=(2e3, 25e3, 25e3))
    again = ScreeningRequest((sample_file,), 0, 60.0, first.threshold_m, first.box_m)
    assert again == first


def test_one_and_a_list_against_all_are_the_same_rows(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac, sample_elements: MeanElements
) -> None:
    request = ScreeningRequest((sample_file,), start_tai_ns, 1800.0)
    every = screen_catalogue(request, almanac).events.rows()
    one = int(every[0]["object_b"])
    row = int(np.flatnonzero(sample_elements.object_id == one)[0])
    designator = str(sample_elements.international_designator[row])
    expected = [r for r in every if one in (r["object_a"], r["object_b"])]
    for name in (str(one), designator, designator[2:4] + designator[5:]):
        named = ScreeningRequest((sample_file,), start_tai_ns, 1800.0, primaries=(name,))
        assert screen_catalogue(named, almanac).events.rows() == expected


def test_a_primary_that_is_not_there_is_listed_and_the_others_are_screened(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac, sample_result: ScreeningResult
) -> None:
    there = str(sample_result.events.rows()[0]["object_a"])
    request = ScreeningRequest((sample_file,), start_tai_ns, 900.0, primaries=(there, "999999", "2031-001A"))
    result = screen_catalogue(request, almanac)
    absent = [row for row in result.left_out.rows() if row["kind"] == "absent"]
    assert [row["object"] for row in absent] == [999999, 0]
    assert "2031-001A" in str(absent[1]["reason"])
    with pytest.raises(UnknownNameError, match="no primary"):
        screen_catalogue(
            ScreeningRequest((sample_file,), start_tai_ns, 900.0, primaries=("999999", "999998")), almanac
        )


def test_what_an_exclusion_list_hides_is_listed_with_its_line(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac, tmp_path: Path
) -> None:
    plain = screen_catalogue(ScreeningRequest((sample_file,), start_tai_ns, 1800.0), almanac)
    event, slow = plain.events.rows()[3], plain.intervals.rows()[0]
    file = tmp_path / "exclude.csv"
    file.write_text(
        "object_a,object_b,reason\n"
        f"{event['object_b']},{event['object_a']},same operator\n"
        f"{slow['object_a']},,docked\n"
        "123456,25544,unknown object\n"
        "5,5,itself\n"
    )
    request = ScreeningRequest((sample_file,), start_tai_ns, 1800.0, exclusions=bind_input(file))
    result = screen_catalogue(request, almanac)
    gone = [row for row in plain.events.rows() if row not in result.events.rows()]
    hidden = result.suppressed.rows()
    assert len(hidden) == len(gone) + len(plain.intervals) - len(result.intervals)
    assert {row["rule_line"] for row in hidden} == {2, 3}
    assert (event["object_a"], event["object_b"]) in {(r["object_a"], r["object_b"]) for r in hidden}
    lines = result.exclusions.rows()
    assert [row["line"] for row in lines] == [2, 3, 4, 5]
    assert lines[0]["events"] >= 1
    assert lines[1]["intervals"] >= 1
    assert "not among the objects: 123456" in str(lines[2]["note"])
    assert "not used" in str(lines[3]["note"])


def test_radii_become_columns_and_bad_lines_are_listed(
    sample_file: InputFile,
    start_tai_ns: int,
    almanac: Almanac,
    sample_result: ScreeningResult,
    tmp_path: Path,
) -> None:
    first = sample_result.events.rows()[0]
    file = tmp_path / "radius.csv"
    file.write_text(f"object,radius_m\n{first['object_a']},3.5\n25544,55000\n")
    request = ScreeningRequest((sample_file,), start_tai_ns, 600.0, radii=bind_input(file))
    result = screen_catalogue(request, almanac)
    row = result.events.rows()[0]
    assert (row["radius_a_m"], row["radius_b_m"]) == (3.5, 0.0)
    bad = [row for row in result.left_out.rows() if row["file"] == "radius.csv"]
    assert [(row["line"], row["kind"]) for row in bad] == [(3, "rejected")]


def test_the_columns_stand_in_the_order_that_was_asked_for(sample_result: ScreeningResult) -> None:
    asked = (
        "object_a object_b name_a name_b tca_utc miss_distance_m relative_speed_m_s radial_m in_track_m "
        "cross_track_m age_a_days age_b_days"
    ).split()
    assert list(sample_result.events.names[: len(asked)]) == asked
    intervals = "object_a object_b name_a name_b start_utc end_utc min_distance_m min_utc".split()
    assert list(sample_result.intervals.names[: len(intervals)]) == intervals
