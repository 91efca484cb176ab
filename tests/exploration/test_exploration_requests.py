"""Requests of the launch-window study: plausible mistakes are refused with the field and what is allowed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from syzygy.astro.time import parse_utc
from syzygy.base.errors import (
    CoverageError,
    FormatError,
    InputError,
    MissingDataError,
    ProblemList,
    StorageError,
    SyzygyError,
    UnitError,
    UnknownNameError,
)
from syzygy.base.provenance import bind_input
from syzygy.base.requests import Border, describe_request, options_of, read_request, restore_request
from syzygy.data import build_almanac
from syzygy.exploration.requests import WindowsRequest
from syzygy.exploration.windows import find_windows

ALMANAC = build_almanac(("leap_seconds", "ephemeris"))
BORDER = Border(lambda text: parse_utc(text, ALMANAC.leap_seconds), str, lambda text: bind_input(Path(text)))
GOOD: dict[str, object] = {
    "arrival_body": "Mars barycenter",
    "departure_begin_utc": "2020-05-01",
    "departure_end_utc": "2020-10-15",
    "arrival_begin_utc": "2020-11-01",
    "arrival_end_utc": "2022-02-01",
    "departure_steps": 9,
    "arrival_steps": 9,
}


def _read(**changes: object) -> WindowsRequest:
    values = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return read_request(WindowsRequest, values, BORDER)


@pytest.mark.parametrize(
    ("changes", "kind", "place"),
    [
        ({"departure_end_utc": "2020-04-01"}, InputError, "departure_end"),
        ({"arrival_end_utc": "2020-10-01"}, InputError, "arrival_end"),
        ({"arrival_begin_utc": "2019-01-01", "arrival_end_utc": "2019-12-01"}, InputError, "arrival_end"),
        ({"arrival_end_utc": None}, InputError, "arrival_end"),
        ({"arrival_begin_utc": None, "arrival_end_utc": None}, InputError, "arrival_begin"),
        ({"arrival_body": "Earth-Moon barycenter"}, InputError, "arrival_body"),
        ({"arrival_body": "Earth"}, InputError, "arrival_body"),
        ({"arrival_body": "Sun"}, InputError, "arrival_body"),
        ({"arrival_body": "Moon"}, InputError, "departure_body"),
        ({"departure_body": "Moon", "arrival_body": "Earth-Moon barycenter"}, InputError, "arrival_body"),
        ({"adapter_mass_kg": -3}, SyzygyError, "adapter_mass_kg"),
        ({"arrival_body": "Marz"}, UnknownNameError, "arrival_body"),
        ({"departure_body": "Earth Moon"}, UnknownNameError, "departure_body"),
        ({"departure_steps": 0}, SyzygyError, "departure_steps"),
        ({"arrival_steps": -3}, SyzygyError, "arrival_steps"),
        ({"departure_steps": 4001, "arrival_steps": 4001}, InputError, "departure_steps"),
        ({"departure_steps": 12.5}, InputError, "departure_steps"),
        ({"shortest_flight_d": 300, "longest_flight_d": 200}, InputError, "longest_flight"),
        ({"longest_flight_d": 25_920_000}, UnitError, "longest_flight_d"),
        ({"parking_altitude_km": 0.2}, UnitError, "parking_altitude_km"),
        ({"parking_altitude_km": 200_000}, UnitError, "parking_altitude_km"),
        ({"parking_inclination_deg": 361}, UnitError, "parking_inclination_deg"),
        ({"directions": ["backwards"]}, InputError, "directions"),
        ({"directions": []}, InputError, "directions"),
        ({"minimise": "cost"}, InputError, "minimise"),
        ({"most_revolutions": 9}, SyzygyError, "most_revolutions"),
        ({"departure_begin_utc": "2020-13-01"}, FormatError, "departure_begin_utc"),
        ({"departure_begin_utc": 2020}, InputError, "departure_begin_utc"),
        ({"depature_steps": 9}, UnknownNameError, "depature_steps"),
        ({"launchers": ["nowhere.csv"]}, StorageError, "launchers"),
        ({"launchers": ["tests"]}, StorageError, "launchers"),
        ({"parking_altitude_km": math.nan}, InputError, "parking_altitude_km"),
    ],
)
def test_a_mistake_is_named_with_its_field(changes: dict[str, object], kind: type, place: str) -> None:
    with pytest.raises(ProblemList) as caught:
        _read(**changes)
    assert any(isinstance(p, kind) and place in p.where and p.what for p in caught.value.problems)
    assert all(problem.allowed for problem in caught.value.problems)


def test_several_mistakes_are_reported_at_once() -> None:
    with pytest.raises(ProblemList) as caught:
        _read(departure_end_utc="2020-04-01", arrival_body="Sun")
    assert len(caught.value.problems) >= 2


def test_kilometres_for_metres_and_degrees_for_radians_are_refused_in_python() -> None:
    good = _read()
    values = {field: getattr(good, field) for field in good.__dataclass_fields__}
    for change in (
        {"parking_altitude_m": 200.0},
        {"arrival_altitude_m": 400.0},
        {"parking_inclination_rad": 28.5},
    ):
        with pytest.raises(UnitError):
            WindowsRequest(**(values | change))


@pytest.mark.slow
def test_radians_given_as_degrees_leave_the_moon_out_of_reach() -> None:
    request = _read(
        departure_body="Earth", arrival_body="Moon", parking_inclination_deg=0.497, arrival_begin_utc=None,
        arrival_end_utc=None, shortest_flight_d=3, longest_flight_d=5, departure_begin_utc="2022-08-04",
        departure_end_utc="2022-08-05",
    )  # fmt: skip
    with pytest.raises(InputError, match="degrees"):
        find_windows(request, ALMANAC)


@pytest.mark.slow
def test_flight_limits_that_exclude_every_transfer_are_an_error() -> None:
    with pytest.raises(InputError, match="no transfer is possible"):
        find_windows(_read(shortest_flight_d=3000, longest_flight_d=3001), ALMANAC)


def test_epochs_beyond_the_leap_seconds_are_refused_before_anything_is_computed() -> None:
    request = _read()
    beyond = 250 * 365 * 86400 * 10**9
    values = {field: getattr(request, field) for field in request.__dataclass_fields__}
    values["arrival_end_tai_ns"] = beyond
    far = WindowsRequest(**values)
    with pytest.raises(CoverageError):
        find_windows(far, ALMANAC)


def test_a_planet_that_the_ephemeris_lacks_is_refused_with_the_system_as_hint() -> None:
    with pytest.raises(MissingDataError, match="barycenter"):
        find_windows(_read(arrival_body="Mars"), ALMANAC)


def test_an_almanac_without_ephemeris_is_refused() -> None:
    with pytest.raises(MissingDataError):
        find_windows(_read(), build_almanac(("leap_seconds",)))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a,b,c\n1,2,3\n", b"vehicle,orbit\nX,LEO\n"])
def test_a_broken_launcher_file_is_refused(content: bytes, tmp_path: Path) -> None:
    place = tmp_path / "launchers.csv"
    place.write_bytes(content)
    with pytest.raises(FormatError):
        find_windows(_read(launchers=[str(place)]), ALMANAC)


def test_a_request_survives_its_recorded_form(tmp_path: Path) -> None:
    place = tmp_path / "launchers.csv"
    place.write_text("vehicle,c0,c10,status\nX,100,50,press\n")
    request = _read(launchers=[str(place)], parking_altitude_km=185)
    again = restore_request(WindowsRequest, describe_request(request), lambda name, digest: bind_input(place))
    assert again == request
    assert len(options_of(WindowsRequest)) == len(describe_request(request))
