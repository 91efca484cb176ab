"""Plausible mistakes are refused or listed, each with what, value, allowed and where."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from syzygy.astro.time import format_utc, parse_utc
from syzygy.base.errors import FormatError, InputError, ProblemList, SyzygyError, UnitError
from syzygy.base.provenance import bind_input
from syzygy.base.requests import Border, describe_request, read_request, restore_request
from syzygy.sensing.opportunities import find_opportunities
from syzygy.sensing.requests import OpportunitiesRequest
from syzygy.sensing.sensors import read_sensors

HEADER = (
    "norad_id,satellite,partner,sensor,kind,band_class,swath_km,swath_status,max_roll_deg,roll_status,"
    "gsd_m,gsd_status\n"
)
ROW = "43180,Kanopus-V 3,RU,PSS,optical,vnir,23.3,source,40,source,2.1,source\n"


def area(ring):
    return json.dumps({"type": "Polygon", "coordinates": [ring]})


AREA = area([[100, 50], [104, 50], [104, 54], [100, 54], [100, 50]])


@pytest.fixture
def border(almanac):
    from pathlib import Path

    return Border(
        lambda text: parse_utc(text, almanac.leap_seconds),
        lambda tai_ns: format_utc(tai_ns, almanac.leap_seconds),
        lambda text: bind_input(Path(text)),
    )


def refuse(request, almanac):
    with pytest.raises(SyzygyError) as caught:
        find_opportunities(request, almanac)
    return caught.value


def test_swapped_latitude_and_longitude_of_an_area(make_request, almanac):
    wrong = area([[50, 127], [50, 128], [51, 128], [50, 127]])
    error = refuse(make_request(area=wrong), almanac)
    assert isinstance(error, FormatError)
    assert "swapped" in error.hint


def test_a_latitude_beyond_the_pole(make_request, almanac):
    error = refuse(make_request(area=area([[0, 89], [5, 89], [5, 92], [0, 89]])), almanac)
    assert "out of range" in error.what


def test_a_bow_tie_area(make_request, almanac):
    error = refuse(make_request(area=area([[0, 0], [2, 2], [2, 0], [0, 1.5], [0, 0]])), almanac)
    assert "crosses itself" in error.what


def test_an_empty_polygon(make_request, almanac):
    assert "empty polygon" in refuse(make_request(area='{"type":"Polygon","coordinates":[]}'), almanac).what


def test_an_area_smaller_than_a_cell(make_request, almanac):
    tiny = area([[100, 50], [100.001, 50], [100.001, 50.001], [100, 50]])
    error = refuse(make_request(area=tiny), almanac)
    assert "smaller than a cell" in error.what
    assert "km2" in str(error.value)


def test_an_area_with_too_many_cells(make_request, almanac):
    world = area([[-180, -80], [180, -80], [180, 80], [-180, 80], [-180, -80]])
    error = refuse(make_request(area=world, cell_size_m=5e3), almanac)
    assert "too many cells" in error.what


def test_neither_area_nor_targets(make_request):
    with pytest.raises(InputError, match="nothing to look at"):
        make_request()


def test_two_places_of_one_name(make_request, almanac):
    targets = "name,latitude_deg,longitude_deg\nA,1,2\nA,3,4\n"
    assert "one name" in refuse(make_request(targets=targets), almanac).what


def test_all_mistakes_of_a_targets_file_are_named_at_once(make_request, almanac):
    targets = "name,latitude_deg,longitude_deg\nA,127.5,50\nB,x,4\n,3,4\nC,nan,2\n"
    error = refuse(make_request(targets=targets), almanac)
    assert isinstance(error, ProblemList)
    assert len(error.problems) == 4
    assert "line 2" in error.problems[0].where


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("norad_id,satellite\n1,x\n", FormatError),
        ("", FormatError),
        (HEADER, FormatError),
        (HEADER + ROW.replace("Kanopus-V 3", "Kanopus-V 3,extra"), FormatError),
        (HEADER + ROW + ROW, ProblemList),
        (HEADER + ROW + ROW.replace("RU,PSS", "CN,MSS"), ProblemList),
        (HEADER + ROW.replace("optical", "radio"), ProblemList),
        (HEADER + ROW.replace("source", "hearsay", 1), ProblemList),
        (HEADER + ROW.replace("23.3", "23300"), ProblemList),
        (HEADER + ROW.replace("23.3", ""), ProblemList),
        (HEADER + ROW.replace("2.1", "-2"), ProblemList),
        (HEADER + ROW.replace("2.1", "nan"), ProblemList),
        (HEADER + ROW.replace("43180", "0"), ProblemList),
    ],
)
def test_mistakes_in_a_sensors_file(text, kind):
    with pytest.raises(kind):
        read_sensors(text.encode(), name="sensors.csv")


def test_a_roll_in_radians_is_recognised():
    with pytest.raises(ProblemList) as caught:
        read_sensors((HEADER + ROW.replace(",40,", ",0.698,")).encode())
    problem = caught.value.problems[0]
    assert isinstance(problem, UnitError)
    assert "39.99 deg" in problem.hint


def test_a_limit_in_radians_is_refused_with_its_unit(border, example_inputs):
    values = {
        "elements": [str(example_inputs / "joint_fleet_2022-07-15.3le")],
        "sensors": str(example_inputs / "sensors.csv"),
        "targets": str(example_inputs / "targets.csv"),
        "start_utc": "2022-07-16T00:00:00",
        "max_off_nadir_deg": 0.61,
        "duration_h": -24.0,
        "max_incidence_deg": 95.0,
        "earth_model": "flat",
        "min_sun_elevation": 10.0,
    }
    with pytest.raises(ProblemList) as caught:
        read_request(OpportunitiesRequest, values, border)
    where = {problem.where: problem for problem in caught.value.problems}
    assert set(where) == {
        "max_off_nadir_deg",
        "duration_h",
        "max_incidence_deg",
        "earth_model",
        "min_sun_elevation",
    }
    assert isinstance(where["max_off_nadir_deg"], UnitError)
    assert "deg" in where["max_off_nadir_deg"].hint


def test_a_request_survives_its_record(make_request):
    request = make_request(area=AREA)
    files = {item.name: item for item in (*request.elements, request.sensors, request.area)}
    described = json.loads(json.dumps(describe_request(request)))
    assert restore_request(OpportunitiesRequest, described, lambda name, _: files[name]) == request


@pytest.mark.slow
def test_satellites_without_elements_or_sensors_are_listed(make_request, almanac):
    sensors = HEADER + ROW + ROW.replace("43180", "99999").replace("Kanopus-V 3", "Nobody")
    result = find_opportunities(make_request(area=AREA, sensors=sensors, duration_s=7200.0), almanac)
    reasons = {item.object_id: item.reason for item in result.excluded}
    assert reasons[99999] == "no element set in the files"
    assert reasons[41882] == "no entry in the sensors file"
    assert len(result.excluded) == 71


def test_only_unknown_satellites_is_an_error(make_request, almanac):
    error = refuse(make_request(area=AREA, sensors=HEADER + ROW.replace("43180", "99999")), almanac)
    assert "no satellite is left" in error.what
    assert "no element set in the files" in error.hint


def test_stale_elements_are_left_out_with_their_age(make_request, almanac):
    late = parse_utc("2022-09-15T00:00:00", almanac.leap_seconds)
    error = refuse(make_request(area=AREA, start_tai_ns=late), almanac)
    assert "stale elements: up to 6" in error.hint


@pytest.mark.slow
def test_unverified_values_are_used_only_when_asked_and_then_labelled(make_request, almanac):
    sensors = HEADER + ROW + ROW.replace("43180", "43181").replace("40,source", "40,unverified")
    request = make_request(area=AREA, sensors=sensors, duration_s=86400.0)
    strict = find_opportunities(request, almanac)
    assert {str(s) for s in strict.tables()[0]["unverified"]} == {""}
    assert any("nobody verified (roll)" in item.reason for item in strict.excluded)
    loose = find_opportunities(dataclasses.replace(request, allow_unverified=True), almanac)
    assert {str(s) for s in loose.tables()[0]["unverified"]} == {"", "roll"}


def test_high_orbits_do_not_image_areas_in_strips_but_see_targets(make_request, almanac, rows_of):
    sensors = HEADER + "41194,Gaofen-4,CN,PMI,thermal,vnir,500,source,8.5,source,50,source\n"
    targets = "name,latitude_deg,longitude_deg\nSanya,18.25,109.5\n"
    request = make_request(area=AREA, targets=targets, sensors=sensors, duration_s=36000.0)
    result = find_opportunities(request, almanac)
    assert any("high orbit" in item.reason for item in result.excluded)
    row = rows_of(result)[0]
    assert (row["place"], row["cut"]) == ("Sanya", True)
    assert row["duration_s"] == pytest.approx(36000.0)


def test_a_night_search_finds_nothing_and_says_so(make_request, almanac):
    polar_night = area([[100, -78], [110, -78], [110, -76], [100, -76], [100, -78]])
    result = find_opportunities(make_request(area=polar_night, sensors=HEADER + ROW), almanac)
    assert len(result.opportunities) == 0
    assert [len(table) for table in result.tables()[:3]] == [0, 0, 0]
    assert result.narrative().inputs
    assert result.key_figures()


def test_an_epoch_beyond_the_almanac(make_request, almanac):
    far = parse_utc("2022-07-16T00:00:00", almanac.leap_seconds) + 30 * 366 * 86400 * 10**9
    request = make_request(area=AREA, start_tai_ns=far, max_element_age_s=60 * 86400.0)
    refuse(request, almanac)


def test_a_garbled_catalogue(make_request, almanac, tmp_path):
    path = tmp_path / "fleet.3le"
    path.write_text("not a catalogue\n")
    error = refuse(make_request(area=AREA, elements=(bind_input(path),)), almanac)
    assert error.exit_code == 3


def test_a_truncated_element_set_is_listed_and_the_rest_is_used(
    make_request, almanac, example_inputs, tmp_path
):
    lines = (example_inputs / "joint_fleet_2022-07-15.3le").read_text().splitlines()
    lines[1] = lines[1][:50]
    path = tmp_path / "fleet.3le"
    path.write_text("\n".join(lines) + "\n")
    request = make_request(area=AREA, sensors=HEADER + ROW, elements=(bind_input(path),), duration_s=7200.0)
    result = find_opportunities(request, almanac)
    assert len(result.rejected) >= 1
    assert len(result.tables()[-1]) == len(result.rejected)


def test_a_file_changed_after_binding_is_noticed(make_request, almanac):
    request = make_request(area=AREA)
    request.area.path.write_text(AREA.replace("104", "105"))
    assert "has changed" in refuse(request, almanac).what


def test_limits_in_the_request_are_inclusive_at_the_horizon(make_request, almanac):
    request = make_request(area=AREA, max_incidence_rad=math.pi / 2.0, duration_s=3600.0)
    assert find_opportunities(request, almanac) is not None


def test_the_same_file_twice_changes_nothing_and_is_listed(make_request, almanac):
    once = make_request(area=AREA, sensors=HEADER + ROW, duration_s=43200.0)
    twice = dataclasses.replace(once, elements=once.elements * 2)
    first, second = find_opportunities(once, almanac), find_opportunities(twice, almanac)
    assert first.tables()[0].rows() == second.tables()[0].rows()
    assert len(second.excluded) - len(first.excluded) == 71
    assert sum("duplicate" in item.reason for item in second.excluded) == 71
