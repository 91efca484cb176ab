"""The availability study: what is counted, what is refused, and that workers and chunks change nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import itrf_from_geodetic, topocentric_axes
from syzygy.astro.time import parse_utc
from syzygy.base.errors import CoverageError, FormatError, InputError, StorageError, UnitError
from syzygy.base.execution import ProcessExecutor
from syzygy.base.provenance import bind_input
from syzygy.formats.sp3 import PreciseOrbits
from syzygy.satellites import STUDIES, availability
from syzygy.satellites.availability import assess_availability
from syzygy.satellites.availability_result import AvailabilityResult
from syzygy.satellites.availability_tables import NO_SOLUTION
from syzygy.satellites.picture import draw_availability
from syzygy.satellites.requests import AvailabilityRequest

Make = Callable[..., AvailabilityRequest]


@pytest.fixture(scope="module")
def result(make_request: Make, almanac: Almanac) -> AvailabilityResult:
    return assess_availability(make_request(), almanac)


def _bytes(result: AvailabilityResult) -> list[bytes]:
    return [
        col.values.tobytes() if col.values.dtype != object else "\n".join(col.values).encode()
        for one in result.tables()
        for col in one.columns
    ]


def test_the_door_is_declared() -> None:
    (kind,) = STUDIES
    assert kind.request_class() is AvailabilityRequest
    assert kind.compute_function() is assess_availability
    assert kind.draw_function() is draw_availability


def test_tables_hold_one_row_per_place_and_combination(result: AvailabilityResult) -> None:
    sizes = {one.name: len(one) for one in result.tables()}
    assert sizes == {
        "sites": 18,
        "world": 3,
        "map": 60,
        "site_series": 6 * 48,
        "satellites": 64,
        "rejected_messages": 0,
    }
    for one in result.tables():
        for col in one.columns:
            assert col.description
            if col.values.dtype == np.float64:
                assert np.isfinite(col.values).all()


@pytest.mark.slow
def test_a_site_agrees_with_a_plain_computation(result: AvailabilityResult, precise: PreciseOrbits) -> None:
    """Half-hour instants are epochs of the file: the plain way needs no interpolation."""
    sites = result.sites
    assert sites is not None
    rows = np.searchsorted(precise.epoch_tai_ns, result.tai_ns)
    assert np.array_equal(precise.epoch_tai_ns[rows], result.tai_ns)
    table = {one.name: one for one in result.tables()}["site_series"]
    expected = []
    for place in range(6):
        angles = (sites.latitude_rad[place], sites.longitude_rad[place])
        origin, axes = itrf_from_geodetic(*angles, 0.0), topocentric_axes(*angles)
        for row in rows:
            design = []
            for column, name in enumerate(precise.satellites):
                sight = axes @ (precise.position_m[row, column] - origin)
                sight /= np.linalg.norm(sight)
                if name[0] in "CR" and np.degrees(np.arcsin(sight[2])) >= 5.0:
                    design.append([*-sight, float(name[0] == "C"), float(name[0] == "R")])
            matrix = np.array(design)
            expected.append(np.sqrt(np.trace(np.linalg.inv(matrix.T @ matrix)[:3, :3])))
    assert np.max(np.abs(np.array(expected) / table["pdop_c_r"] - 1.0)) < 1e-9


def test_both_together_are_never_worse_than_one_alone(result: AvailabilityResult) -> None:
    share = result.map_statistics.share
    assert np.all(share[:, 2] >= share[:, :2].max(axis=1))
    assert result.site_survey is not None
    pdop = result.site_survey.pdop
    assert np.all(pdop[..., 2] <= pdop[..., :2].min(axis=-1) * (1 + 1e-9))


@pytest.mark.slow
def test_instants_without_a_solution_count_against_availability(make_request: Make, almanac: Almanac) -> None:
    strict = assess_availability(make_request(mask_rad=np.radians(50.0)), almanac)
    statistics = strict.site_statistics
    assert statistics is not None
    assert np.any(statistics.solved < strict.tai_ns.size)
    survey = strict.site_survey
    assert survey is not None
    for place, combination in np.ndindex(statistics.share.shape):
        within = np.count_nonzero(survey.pdop[place, :, combination] <= 6.0)
        assert statistics.share[place, combination] == within / strict.tai_ns.size
    series = {one.name: one for one in strict.tables()}["site_series"]
    assert float(np.max(series["pdop_r"])) == NO_SOLUTION


@pytest.mark.slow
def test_chunks_change_no_byte(
    result: AvailabilityResult, make_request: Make, almanac: Almanac, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(availability, "POINTS_PER_CHUNK", 17)
    again = assess_availability(make_request(), almanac)
    assert _bytes(again) == _bytes(result)
    assert again.provenance.sha256 == result.provenance.sha256


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 3])
def test_workers_change_no_byte(
    workers: int,
    result: AvailabilityResult,
    make_request: Make,
    almanac: Almanac,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(availability, "POINTS_PER_CHUNK", 17)
    several = assess_availability(make_request(), almanac, executor=ProcessExecutor(workers))
    assert _bytes(several) == _bytes(result)


@pytest.mark.slow
def test_reasons_name_what_was_left_out(make_request: Make, almanac: Almanac) -> None:
    request = make_request(systems=("E", "R"), exclude=("R26",), sites=None)
    result = assess_availability(request, almanac)
    table = {one.name: one for one in result.tables()}["satellites"]
    reasons = dict(zip(table["satellite"], table["reason"], strict=True))
    used = dict(zip(table["satellite"], table["instants_used"], strict=True))
    assert "excluded by the request" in reasons["R26"]
    assert "unhealthy" in reasons["E14"]
    assert "no precise orbit" in reasons["R06"]
    assert used["R26"] == used["E14"] == used["R06"] == 0
    assert used["E01"] == result.tai_ns.size
    assert reasons["E01"] == ""
    ignoring = assess_availability(replace(request, healthy_only=False), almanac)
    table = {one.name: one for one in ignoring.tables()}["satellites"]
    assert dict(zip(table["satellite"], table["instants_used"], strict=True))["E14"] > 0


@pytest.mark.slow
def test_navigation_messages_alone_are_enough(make_request: Make, inputs: Path, almanac: Almanac) -> None:
    only = (bind_input(inputs / "ESBC00DNK_R_20201770000_01D_MN.rnx.gz"),)
    request = make_request(
        orbits=only, start_tai_ns=parse_utc("2020-06-25T06:00:00", almanac.leap_seconds), duration_s=7200.0
    )
    result = assess_availability(request, almanac)
    assert set(result.tracks.source) == {"", "broadcast"}
    assert result.tai_ns.size == 4
    # The messages are those of a station in Denmark: Obninsk sees most of its sky.
    assert result.site_statistics is not None
    assert result.site_statistics.share[0, 2] == 1.0


@pytest.mark.slow
def test_systems_and_combinations_follow_the_request(make_request: Make, almanac: Almanac) -> None:
    alone = assess_availability(make_request(systems=("J",), sites=None), almanac)
    assert alone.combinations == ("J",)
    three = assess_availability(make_request(systems=("G", "C", "R"), grid_points=12), almanac)
    assert three.combinations == ("G", "C", "R", "G+C+R")
    assert "pdop_g_c_r" in {one.name: one for one in three.tables()}["site_series"].names


@pytest.mark.slow
def test_the_window_is_half_open_and_inside_the_files(make_request: Make, almanac: Almanac) -> None:
    result = assess_availability(make_request(step_s=300.0, sites=None, grid_points=12), almanac)
    assert result.tai_ns.size == 288
    assert str(result.epoch_utc[0]).startswith("2020-06-24T23:59:42")
    for changes in (
        {"start_tai_ns": parse_utc("2020-06-26T06:00:00", almanac.leap_seconds)},
        {"start_tai_ns": parse_utc("2020-06-24T20:00:00", almanac.leap_seconds), "duration_s": 3600.0},
        {"duration_s": 48 * 3600.0},
    ):
        with pytest.raises(CoverageError, match="not inside the orbit files") as caught:
            assess_availability(make_request(**changes), almanac)
        assert "2020-06-24T23:59:42" in caught.value.allowed


def test_mistaken_requests_are_refused(make_request: Make) -> None:
    with pytest.raises(UnitError, match="right angle"):
        make_request(mask_rad=5.0)
    with pytest.raises(InputError, match="no orbit file"):
        make_request(orbits=())
    with pytest.raises(InputError, match="names one twice"):
        make_request(systems=("C", "C"))
    with pytest.raises(InputError, match="empty"):
        make_request(systems=())
    with pytest.raises(InputError, match="unknown system"):
        make_request(systems=("X",))
    with pytest.raises(InputError, match="shorter than one step"):
        make_request(duration_s=60.0)
    with pytest.raises(InputError, match="not the name of a satellite"):
        make_request(exclude=("26",))


@pytest.mark.slow
def test_mistaken_inputs_are_refused(
    make_request: Make, inputs: Path, almanac: Almanac, tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("hello")
    with pytest.raises(FormatError, match="neither an SP3 nor a RINEX"):
        assess_availability(make_request(orbits=(bind_input(text),)), almanac)
    with pytest.raises(FormatError, match="neither an SP3 nor a RINEX"):
        assess_availability(
            make_request(orbits=(bind_input(inputs / "joint_monitoring_sites.csv"),)), almanac
        )
    empty = tmp_path / "empty.sp3"
    empty.write_bytes(b"")
    with pytest.raises(FormatError, match="neither"):
        assess_availability(make_request(orbits=(bind_input(empty),)), almanac)
    gps = (
        Path(__file__).resolve().parent.parent / "data" / "satellites" / "corpus" / "sp3" / "co108870.sp3.gz"
    )
    with pytest.raises(InputError, match="no orbit file has a satellite of BeiDou") as caught:
        assess_availability(make_request(orbits=(bind_input(gps),)), almanac)
    assert caught.value.allowed == "G"
    with pytest.raises(InputError, match="to exclude is not in the orbit files"):
        assess_availability(make_request(exclude=("C59",)), almanac)
    with pytest.raises(FormatError, match="file has no site"):
        assess_availability(make_request(sites=bind_input(text)), almanac)
    with pytest.raises(InputError, match="too many instants"):
        assess_availability(make_request(step_s=1.0), almanac)
    with pytest.raises(StorageError):
        bind_input(inputs / "absent.sp3")


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_is_deterministic_and_small(result: AvailabilityResult, theme: str) -> None:
    picture = draw_availability(result, theme)
    assert picture.startswith(b"<?xml")
    assert picture == draw_availability(result, theme)
    assert len(picture) < 500_000


@pytest.mark.slow
def test_the_picture_needs_no_sites(make_request: Make, almanac: Almanac) -> None:
    bare = assess_availability(make_request(sites=None, systems=("C",), grid_points=30), almanac)
    assert draw_availability(bare).startswith(b"<?xml")
    assert bare.tables()[0].name == "world"


def test_words_and_figures_say_what_was_done(result: AvailabilityResult) -> None:
    words: Any = result.narrative()
    assert "Sta21114.sp3.gz" in words.inputs
    assert "62 satellites from precise orbits" in words.inputs
    assert "no message tells" in words.validity
    labels = [figure.label for figure in result.key_figures()]
    assert 3 <= len(labels) <= 8
    assert any("BeiDou + GLONASS" in label for label in labels)
