"""The exposure study: oracle flux, balances between its parts, symmetry, workers, and real bad input."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.environment import constant_indices, nrlmsise00
from syzygy.astro.environment.space_weather import DAILY_PREDICTED
from syzygy.astro.time import parse_utc
from syzygy.base.errors import CoverageError, FormatError, MissingDataError, UnknownNameError
from syzygy.base.execution import SERIAL, ProcessExecutor
from syzygy.base.provenance import bind_input
from syzygy.formats.space_weather import read_space_weather
from syzygy.materials.exposure import compute_exposure
from syzygy.materials.oxygen import plate_flux_per_density_m_s
from syzygy.materials.requests import ExposureRequest
from syzygy.materials.results import ExposureResult

DAY_S = 86400.0
ORACLE_TOLERANCE = 0.01
"""Stated in the header of the oracle table."""

Make = Callable[..., ExposureRequest]


def tables_as_bytes(result: ExposureResult) -> bytes:
    parts = []
    for made in result.tables():
        for col in made.columns:
            parts.append(f"{made.name}.{col.name}.{col.values.dtype}".encode())
            values = col.values
            parts.append(repr(values.tolist()).encode() if values.dtype == object else values.tobytes())
    return b"\n".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize("height_km", [300, 400, 500])
def test_the_ram_face_gets_the_oracle_flux_within_one_percent(test_data: Path, height_km: int) -> None:
    lines = (test_data / "materials" / "ao_ram_flux.csv").read_text().splitlines()
    rows = [
        row
        for row in csv.DictReader(line for line in lines if line[0] != "#")
        if int(row["height_km"]) == height_km
    ]
    assert len(rows) == 4
    rng = np.random.default_rng(2020)
    u, v, w = rng.random((3, 60000))
    latitude = np.arcsin(np.sin(np.deg2rad(51.64)) * np.sin(2 * np.pi * u))
    first = int(np.datetime64("2020-01-01", "D").astype(np.int64))
    for row in rows:
        air = nrlmsise00(
            first + np.floor(366 * w).astype(np.int64),
            (366 * w % 1.0) * DAY_S,
            latitude,
            2 * np.pi * v - np.pi,
            np.full(u.size, height_km * 1e3),
            constant_indices(float(row["f107"]), float(row["ap"]), u.size),
            ap_history=False,
        )
        speed = float(row["v_km_s"]) * 1e3
        flux = np.mean(air.o_per_m3 * plate_flux_per_density_m_s(speed, air.temperature_k)) * 1e-4
        assert flux == pytest.approx(float(row["flux_msis00"]), rel=ORACLE_TOLERANCE)


def test_the_daily_ledger_adds_up_to_the_faces(two_days: ExposureResult) -> None:
    np.testing.assert_allclose(
        two_days.days.oxygen_per_m2.sum(axis=0), two_days.faces.oxygen_per_m2, rtol=1e-12
    )
    np.testing.assert_allclose(two_days.days.sun_hours.sum(axis=0), two_days.faces.sun_hours, rtol=1e-12)
    assert two_days.days.seconds.sum() == pytest.approx(two_days.duration_s)


def test_the_ledger_names_the_observed_flux_of_the_day_before(two_days: ExposureResult) -> None:
    days = two_days.tables()[1]
    assert days["date_utc"].tolist() == ["2022-07-20", "2022-07-21"]
    # observed F10.7 in the record: 2022-07-19 144.1 and 2022-07-20 132.2; Ap of the days 5 and 20
    assert days["f107_sfu"].tolist() == [144.1, 132.2]
    assert days["ap_daily"].tolist() == [5.0, 20.0]
    assert days["kind"].tolist() == ["observed", "observed"]


def test_the_plate_that_follows_the_sun_has_the_sun_hours_of_the_lit_time(two_days: ExposureResult) -> None:
    sun = two_days.faces.sun_hours[two_days.face_names.index("sun")]
    lit_h = float(np.sum(two_days.days.lit * two_days.days.seconds)) / 3600.0
    # July 20: 1.0161 au from the Sun (Astronomical Almanac), so 0.9685 of the light at 1 au
    assert sun / lit_h == pytest.approx(1.0161**-2, rel=5e-4)


def test_eclipse_edges_and_the_stepped_light_agree(two_days: ExposureResult) -> None:
    dark_s = float(np.sum((1.0 - two_days.days.lit) * two_days.days.seconds))
    middle_s = 0.5 * float(np.sum(two_days.eclipses.umbra_s + two_days.eclipses.shadow_s))
    assert dark_s == pytest.approx(middle_s, rel=0.01)


def test_faces_rank_as_physics_demands(two_days: ExposureResult) -> None:
    oxygen = dict(zip(two_days.face_names, two_days.faces.oxygen_per_m2, strict=True))
    assert oxygen["ram"] > 10.0 * oxygen["zenith"] > 1e6 * oxygen["wake"] > 0.0
    assert oxygen["zenith"] == pytest.approx(oxygen["nadir"], rel=0.05)


def test_flying_tail_first_swaps_the_faces(
    make_request: Make, almanac: Almanac, two_days: ExposureResult
) -> None:
    turned = compute_exposure(make_request(yaw_rad=np.pi), almanac)
    names = two_days.face_names
    pairs = {"ram": "wake", "wake": "ram", "port": "starboard", "starboard": "port", "zenith": "zenith"}
    for before, after in pairs.items():
        a, b = names.index(before), names.index(after)
        assert turned.faces.oxygen_per_m2[b] == pytest.approx(two_days.faces.oxygen_per_m2[a], rel=1e-9)
        assert turned.faces.sun_hours[b] == pytest.approx(two_days.faces.sun_hours[a], rel=1e-9)


@pytest.mark.slow
def test_two_halves_make_the_whole(make_request: Make, almanac: Almanac, two_days: ExposureResult) -> None:
    start = make_request().start_tai_ns
    halves = [
        compute_exposure(
            make_request(start_tai_ns=start + i * int(DAY_S) * 1_000_000_000, duration_s=DAY_S), almanac
        )
        for i in range(2)
    ]
    whole = halves[0].faces.oxygen_per_m2 + halves[1].faces.oxygen_per_m2
    np.testing.assert_allclose(whole, two_days.faces.oxygen_per_m2, rtol=1e-12)


def test_a_finer_step_changes_little(make_request: Make, almanac: Almanac, two_days: ExposureResult) -> None:
    fine = compute_exposure(make_request(step_s=15.0), almanac)
    leading = two_days.faces.oxygen_per_m2 > 1e-3 * two_days.faces.oxygen_per_m2.max()
    ratio = fine.faces.oxygen_per_m2 / two_days.faces.oxygen_per_m2
    np.testing.assert_allclose(ratio[leading], 1.0, atol=1e-3)
    # Each edge of an eclipse falls anywhere in a step: 60 s here, some sixty edges, at random
    np.testing.assert_allclose(fine.faces.sun_hours, two_days.faces.sun_hours, rtol=2e-3, atol=8 * 30 / 3600)


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same_bytes(
    make_request: Make, almanac: Almanac, two_days: ExposureResult
) -> None:
    request = make_request(step_s=30.0)
    serial = tables_as_bytes(compute_exposure(request, almanac, executor=SERIAL))
    for workers in (2, 3):
        assert (
            tables_as_bytes(compute_exposure(request, almanac, executor=ProcessExecutor(workers))) == serial
        )


def test_a_rerun_gives_the_same_bytes_and_the_same_recipe(
    make_request: Make, almanac: Almanac, two_days: ExposureResult
) -> None:
    again = compute_exposure(make_request(), almanac)
    assert tables_as_bytes(again) == tables_as_bytes(two_days)
    assert again.provenance.sha256 == two_days.provenance.sha256
    assert [entry.name for entry in again.provenance.inputs] == ["station_2022-07.3le"]
    assert again.provenance.almanac_sha256 == almanac.sha256


def test_normals_from_a_file_are_faces_like_the_named_ones(
    make_request: Make, almanac: Almanac, two_days: ExposureResult, tmp_path: Path
) -> None:
    path = tmp_path / "normals.csv"
    path.write_text("face,x,y,z\nfront,1,0,0\ntilted,0.6,0,-0.8\n")
    result = compute_exposure(make_request(faces=(), normals=bind_input(path)), almanac)
    assert result.face_names == ("front", "tilted")
    ram = two_days.faces.oxygen_per_m2[two_days.face_names.index("ram")]
    assert result.faces.oxygen_per_m2[0] == pytest.approx(ram, rel=1e-12)
    assert result.faces.oxygen_per_m2[1] == pytest.approx(0.6 * ram, rel=0.02)


def test_erosion_keeps_censored_yields_apart(make_request: Make, almanac: Almanac, inputs: Path) -> None:
    request = make_request(faces=("ram",), yields=bind_input(inputs / "erosion_yields.csv"))
    result = compute_exposure(request, almanac)
    erosion = result.tables()[-1]
    assert erosion.name == "erosion"
    assert erosion["kind"].tolist().count("lower_bound") == 6
    assert erosion["kind"].tolist().count("witness") == 2
    kapton = erosion["kind"].tolist().index("witness")
    depth_m = result.faces.oxygen_per_m2[0] * 3.00e-30
    assert float(erosion["depth_um"][kapton]) == pytest.approx(depth_m * 1e6, rel=1e-12)


def test_key_figures_and_words_are_there(two_days: ExposureResult) -> None:
    figures = two_days.key_figures()
    assert 3 <= len(figures) <= 8
    narrative = two_days.narrative()
    assert "NRLMSISE-00" in narrative.models
    assert "ISS (ZARYA)" in narrative.inputs
    assert "shadowing" in narrative.limits


def test_every_column_has_a_description_and_numbers_are_finite(two_days: ExposureResult) -> None:
    for made in two_days.tables():
        for col in made.columns:
            assert col.description, f"{made.name}.{col.name}"
            if col.values.dtype.kind == "f":
                assert np.all(np.isfinite(col.values)), f"{made.name}.{col.name}"


@pytest.mark.parametrize("part", ["earth_orientation", "ephemeris", "space_weather"])
def test_an_almanac_without_a_part_is_refused_by_name(
    make_request: Make, almanac: Almanac, part: str
) -> None:
    with pytest.raises(MissingDataError) as caught:
        compute_exposure(make_request(), dataclasses.replace(almanac, **{part: None}))
    assert part in caught.value.hint


def test_forecast_days_are_refused_unless_the_almanac_allows_them_and_then_labelled(
    make_request: Make, almanac: Almanac
) -> None:
    weather = almanac.require_space_weather()
    kind = weather.kind.copy()
    kind[weather.utc_day >= np.datetime64("2022-07-21", "D").astype(np.int64)] = DAILY_PREDICTED
    forecast = dataclasses.replace(almanac, space_weather=dataclasses.replace(weather, kind=kind))
    with pytest.raises(CoverageError, match="does not cover"):
        compute_exposure(make_request(), forecast)
    allowed = dataclasses.replace(forecast, policies=(("predictions", "allowed"),))
    result = compute_exposure(make_request(), allowed)
    assert result.tables()[1]["kind"].tolist() == ["observed", "daily_predicted"]
    assert result.tables()[1]["rests_on_forecast"].tolist() == [True, True]
    assert "1 forecast" in result.narrative().inputs


def test_an_unknown_spacecraft_is_an_error_that_lists_the_known_ones(
    make_request: Make, almanac: Almanac
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        compute_exposure(make_request(object_id=25545), almanac)
    assert caught.value.allowed == "25544, 48274"


def test_elements_too_old_for_the_exposure_are_refused(make_request: Make, almanac: Almanac) -> None:
    late = parse_utc("2022-10-20T00:00:00", almanac.leap_seconds)
    with pytest.raises(CoverageError, match="too far"):
        compute_exposure(make_request(start_tai_ns=late), almanac)


def test_an_exposure_outside_the_space_weather_record_is_refused(
    make_request: Make, almanac: Almanac, test_data: Path
) -> None:
    content = (test_data / "materials" / "space_weather_2005.txt.gz").read_bytes()
    other = dataclasses.replace(almanac, space_weather=read_space_weather(content))
    with pytest.raises(CoverageError, match="does not cover") as caught:
        compute_exposure(make_request(), other)
    assert caught.value.value == "2022-07-20"


def test_a_campaign_longer_than_the_record_is_refused(make_request: Make, almanac: Almanac) -> None:
    with pytest.raises(CoverageError, match="shorter than the campaign"):
        compute_exposure(make_request(campaign_s=20.0 * 365.25 * DAY_S), almanac)


def station_with(inputs: Path, place: slice, text: str, line: int) -> str:
    """Return the station's record with some columns of a line changed and its checksum put right."""
    lines = (inputs / "station_2022-07.3le").read_text().splitlines()[:3]
    body = lines[line][: place.start] + text + lines[line][place.stop : 68]
    digits = sum(int(c) if c.isdigit() else c == "-" for c in body)
    lines[line] = body + str(digits % 10)
    return "\n".join(lines) + "\n"


def test_a_decaying_orbit_is_refused(
    make_request: Make, almanac: Almanac, inputs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "low.3le"
    path.write_text(station_with(inputs, slice(52, 63), "16.49000000", 2))
    with pytest.raises(CoverageError) as caught:
        compute_exposure(make_request(orbit=bind_input(path), duration_s=20.0 * DAY_S), almanac)
    assert "usable state" in caught.value.what or "height" in caught.value.what


def test_an_orbit_above_the_atmosphere_model_is_refused(
    make_request: Make, almanac: Almanac, inputs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "high.3le"
    path.write_text(station_with(inputs, slice(52, 63), "12.00000000", 2))
    with pytest.raises(CoverageError, match="height") as caught:
        compute_exposure(make_request(orbit=bind_input(path)), almanac)
    assert caught.value.exit_code == 4


def test_a_catalogue_without_usable_records_is_refused(
    make_request: Make, almanac: Almanac, tmp_path: Path
) -> None:
    path = tmp_path / "empty.3le"
    path.write_text("")
    with pytest.raises(FormatError):
        compute_exposure(make_request(orbit=bind_input(path)), almanac)


def test_the_revolutions_are_those_of_the_element_set(two_days: ExposureResult) -> None:
    # 15.49958191 revolutions a day from perigee to perigee; secular J2 (Vallado 2013, eqs. 9-41, 9-42)
    # turns the perigee by 3.7 deg and the node by -5.0 deg a day, of which cos i counts along the orbit.
    turned_deg = 3.7 - 5.0 * np.cos(np.deg2rad(51.64))
    assert two_days.orbits == pytest.approx(2.0 * (15.49958191 + turned_deg / 360.0), abs=0.003)
