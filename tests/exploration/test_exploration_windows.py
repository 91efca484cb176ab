"""The launch-window study: oracle windows, ridge and edge, Moon, workers, payload labels."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.time import TimeScale, parse_time, parse_utc
from syzygy.astro.transfers.lambert import solve_lambert
from syzygy.base.execution import ProcessExecutor
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.exploration.legs import flight_time_s
from syzygy.exploration.minima import EDGE, INTERIOR, RIDGE
from syzygy.exploration.requests import WindowsRequest
from syzygy.exploration.transfers import trace_transfers
from syzygy.exploration.windows import WindowsResult, find_windows

C3_KM2_S2 = 1e-5
DAYS = 0.02
SPEED_KM_S = 1e-4
ANGLE_DEG = 0.02
DAY_S = 86400.0
SPANS = {
    "2018": ("2018-03-01", "2018-09-01", "2018-09-01", "2019-12-01"),
    "2020": ("2020-05-01", "2020-10-15", "2020-11-01", "2022-02-01"),
    "2022": ("2022-06-15", "2022-12-15", "2023-01-01", "2024-04-01"),
}
EPOCHS = ("departure_begin", "departure_end", "arrival_begin", "arrival_end")


@pytest.fixture(scope="module")
def almanac() -> Almanac:
    return build_almanac(("leap_seconds", "ephemeris"))


@pytest.fixture(scope="module")
def make(almanac: Almanac) -> Callable[..., WindowsRequest]:
    def build(year: str = "2020", **changes: object) -> WindowsRequest:
        values: dict[str, object] = {
            "arrival_body": "Mars barycenter",
            "departure_steps": 61,
            "arrival_steps": 61,
        }
        for name, text in zip(EPOCHS, SPANS[year], strict=True):
            values[f"{name}_tai_ns"] = parse_utc(text, almanac.leap_seconds)
        return WindowsRequest(**(values | changes))  # type: ignore[arg-type]

    return build


def _moon(almanac: Almanac, **changes: object) -> WindowsRequest:
    values: dict[str, object] = {
        "departure_body": "Earth",
        "arrival_body": "Moon",
        "departure_begin_tai_ns": parse_utc("2022-08-01", almanac.leap_seconds),
        "departure_end_tai_ns": parse_utc("2022-08-31", almanac.leap_seconds),
        "shortest_flight_s": 2.5 * DAY_S,
        "longest_flight_s": 6.5 * DAY_S,
        "departure_steps": 121,
        "arrival_steps": 41,
        "minimise": "total_delta_v",
        "arrival_altitude_m": 100e3,
    }
    return WindowsRequest(**(values | changes))  # type: ignore[arg-type]


def _interior(result: WindowsResult) -> list[dict[str, object]]:
    return [row for row in result.tables()[0].rows() if row["verdict"] == INTERIOR]


@pytest.mark.parametrize("year", ["2018", "2020"])
def test_minimum_c3_of_the_oracle_windows(  # type: ignore[no-untyped-def]
    year: str, almanac: Almanac, make, test_data: Path, record_accuracy
) -> None:
    lines = (test_data / "exploration" / "mars_windows.csv").read_text().splitlines()
    oracle = [r for r in csv.DictReader(x for x in lines if not x.startswith("#")) if r["window"] == year]
    result = find_windows(make(year, directions=("prograde",)), almanac)
    found = [w for w in result.windows if w.verdict == INTERIOR]
    assert [w.type_name for w in found] == [row["type"] for row in oracle]
    worst = dict.fromkeys(("C3", "arrival speed", "asymptote angles", "dates"), 0.0)
    for window, row in zip(found, oracle, strict=True):
        transfer = window.transfer
        differences = (
            ("C3", transfer.c3_m2_s2[0] / 1e6 - float(row["c3_km2_s2"])),
            ("arrival speed", transfer.arrival_speed_m_s[0] / 1e3 - float(row["vinf_arr_km_s"])),
            ("asymptote angles", np.degrees(transfer.declination_rad[0]) - float(row["dla_deg"])),
            ("asymptote angles", np.degrees(transfer.right_ascension_rad[0]) - float(row["rla_deg"])),
            ("dates", (window.departure_tai_ns - _tdb(row["depart_tdb"])) / 1e9 / DAY_S),
            ("dates", (window.arrival_tai_ns - _tdb(row["arrive_tdb"])) / 1e9 / DAY_S),
        )
        for name, difference in differences:
            worst[name] = max(worst[name], abs(float(difference)))
    limits = {
        "C3": (C3_KM2_S2, "km2/s2"), "arrival speed": (SPEED_KM_S, "km/s"),
        "asymptote angles": (ANGLE_DEG, "deg"), "dates": (DAYS, "d"),
    }  # fmt: skip
    oracle_words = "two independent Lambert solvers on DE440 (mars_windows.csv)"
    for name, (limit, unit) in limits.items():
        words = f"{name} of Earth-Mars windows {year}"
        record_accuracy("exploration", words, worst[name], limit, unit, oracle_words, len(oracle))


def _tdb(text: str) -> int:
    return int(parse_time(text, TimeScale.TDB))


def test_the_ridge_is_not_sold_as_a_minimum(almanac: Almanac, make) -> None:  # type: ignore[no-untyped-def]
    result = find_windows(make("2018", directions=("prograde",)), almanac)
    verdicts = {window.type_name: window.verdict for window in result.windows}
    assert verdicts == {"I": INTERIOR, "II": RIDGE}


@pytest.mark.slow
def test_both_types_of_2022_are_found_and_both_directions_listed(almanac: Almanac, make) -> None:  # type: ignore[no-untyped-def]
    result = find_windows(make("2022"), almanac)
    assert [(row["way"], row["type"]) for row in _interior(result)] == [("prograde", "I"), ("prograde", "II")]
    assert {window.family.way for window in result.windows} == {"prograde", "retrograde"}


def test_a_window_cut_by_the_span_is_called_an_edge(almanac: Almanac, make) -> None:  # type: ignore[no-untyped-def]
    early = parse_utc("2020-07-01", almanac.leap_seconds)
    result = find_windows(make("2020", departure_end_tai_ns=early, directions=("prograde",)), almanac)
    assert [window.verdict for window in result.windows if window.type_name == "I"] == [EDGE]


@pytest.mark.slow
def test_grids_of_different_size_lead_to_the_same_minimum(almanac: Almanac, make) -> None:  # type: ignore[no-untyped-def]
    answers = [
        find_windows(make(directions=("prograde",), departure_steps=n, arrival_steps=n + 13), almanac)
        for n in (31, 83)
    ]
    first, second = ([w.transfer.c3_m2_s2[0] for w in answer.windows] for answer in answers)
    np.testing.assert_allclose(first, second, atol=1.0)


@pytest.mark.slow
def test_one_two_and_three_workers_give_the_same_bytes(almanac: Almanac, make) -> None:  # type: ignore[no-untyped-def]
    request = make(departure_steps=301, arrival_steps=301)
    tables = [
        find_windows(request, almanac, executor=executor).tables()
        for executor in (ProcessExecutor(1), ProcessExecutor(2), ProcessExecutor(3))
    ]
    tables.append(find_windows(request, almanac).tables())
    for other in tables[1:]:
        for one, two in zip(tables[0], other, strict=True):
            for a, b in zip(one.columns, two.columns, strict=True):
                assert a.values.tolist() == b.values.tolist(), a.name


@pytest.mark.slow
def test_moon_transfers_leave_tangentially_in_a_plane_of_the_inclination(almanac: Almanac) -> None:
    result = find_windows(_moon(almanac), almanac)
    rows = _interior(result)
    assert {row["way"] for row in rows} == {"ascending", "descending"}
    for row in rows:
        assert -2.3 < float(str(row["c3_km2_s2"])) < -1.5
        assert 0.7 < float(str(row["arrival_speed_km_s"])) < 1.1
        assert abs(float(str(row["declination_deg"]))) <= 28.5 + 1e-9
        assert 3.10 < float(str(row["departure_delta_v_km_s"])) < 3.16


@pytest.mark.slow
def test_moon_declination_beyond_the_inclination_leaves_gaps_not_numbers(almanac: Almanac) -> None:
    result = find_windows(_moon(almanac, parking_inclination_rad=np.radians(20.0)), almanac)
    solved = result.layers[0].transfers.solved
    assert 0 < solved.sum() < solved.size
    assert np.abs(result.layers[0].transfers.declination_rad).max() <= np.radians(20.0) + 1e-12


def _launchers(repository: Path) -> tuple:  # type: ignore[type-arg]
    place = repository / "examples" / "joint-programme" / "inputs" / "exploration"
    return tuple(bind_input(path) for path in sorted(place.glob("launchers_*.csv")))


def test_payload_is_labelled_outside_curve_and_declination(almanac: Almanac, make, repository: Path) -> None:  # type: ignore[no-untyped-def]
    result = find_windows(make("2022", directions=("prograde",), launchers=_launchers(repository)), almanac)
    rows = result.tables()[1].rows()
    first = [row for row in rows if row["window"] == 1]
    florida = [row for row in first if str(row["vehicle"]).startswith(("Falcon", "Vulcan", "New"))]
    assert florida
    assert all(row["payload_kg"] == 0.0 and "declination limit" in str(row["verdict"]) for row in florida)
    outside = [row for row in rows if "outside the curve" in str(row["verdict"])]
    assert outside
    assert all(row["payload_kg"] == 0.0 for row in outside)


@pytest.mark.slow
def test_unverified_figures_are_left_out_unless_asked_and_then_labelled(
    almanac: Almanac,
    make,  # type: ignore[no-untyped-def]
    repository: Path,
) -> None:
    files = _launchers(repository)
    without = find_windows(make(directions=("prograde",), launchers=files), almanac)
    assert all(row.status != "unverified" for row in without.payloads)
    assert "13 unverified figures" in without.narrative().inputs
    shown = find_windows(make(directions=("prograde",), launchers=files, include_unverified=True), almanac)
    assert any(row.status == "unverified" for row in shown.payloads)
    assert shown.key_figures()[-1].value == without.key_figures()[-1].value


@pytest.mark.slow
def test_result_words_and_provenance_are_complete(almanac: Almanac, make) -> None:  # type: ignore[no-untyped-def]
    result = find_windows(make(), almanac)
    words = result.narrative()
    assert all((words.inputs, words.models, words.validity, words.limits))
    assert result.provenance.almanac_sha256 == almanac.sha256
    assert 3 <= len(result.key_figures()) <= 8
    for table in result.tables():
        for column in table.columns:
            assert column.description
            assert column.values.dtype.kind != "f" or (
                column.tolerance > 0 and np.isfinite(column.values).all()
            )


@pytest.mark.slow
def test_the_way_back_from_the_moon_ends_at_its_perigee_as_lambert_and_scipy_say(  # type: ignore[no-untyped-def]
    almanac: Almanac, record_accuracy
) -> None:
    begin = parse_utc("2022-09-01", almanac.leap_seconds)
    result = find_windows(
        WindowsRequest(
            departure_body="Moon", arrival_body="Earth", departure_begin_tai_ns=begin,
            departure_end_tai_ns=begin + 27 * 86_400 * 10**9, shortest_flight_s=3 * 86_400.0,
            longest_flight_s=6 * 86_400.0, departure_steps=41, arrival_steps=21,
            parking_inclination_rad=math.radians(43.0), parking_altitude_m=100e3, arrival_altitude_m=120e3,
        ),
        almanac,
    )  # fmt: skip
    leg, gm = result.leg, result.leg.centre.gm_m3_s2
    assert leg.is_return
    worst = 0.0
    for window in result.windows:
        instants = np.array([window.departure_tai_ns]), np.array([window.arrival_tai_ns])
        transfer, path = trace_transfers(leg, window.family, result.ephemeris, *instants)
        seconds = float(flight_time_s(*instants)[0])
        begin_m, leaving = path.begin_m[0], path.begin_velocity_m_s[0]
        moon = result.ephemeris.state_m(MOON, EARTH, instants[0])
        np.testing.assert_allclose(begin_m, moon[0][0])
        end_m, normal = path.end_m[0], np.cross(begin_m, leaving)
        assert np.degrees(np.arccos(normal[2] / np.linalg.norm(normal))) == pytest.approx(43.0, abs=1e-9)
        other = solve_lambert(begin_m, end_m, seconds, gm, plane_normal=normal, reference_axis=normal)
        np.testing.assert_allclose(other.departure_velocity_m_s, leaving, rtol=1e-8)

        def rates(_t: float, y: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
            return np.concatenate([y[3:], -gm * y[:3] / np.linalg.norm(y[:3]) ** 3])

        flown = solve_ivp(
            rates, (0.0, seconds), np.concatenate([begin_m, leaving]), "DOP853", rtol=1e-13, atol=1e-4
        ).y[:, -1]
        worst = max(worst, float(np.linalg.norm(flown[:3] - end_m)))
        assert np.linalg.norm(flown[:3]) == pytest.approx(leg.arrival_radius_m, abs=10.0)
        radial = flown[:3] @ flown[3:] / np.linalg.norm(flown[:3])
        assert abs(radial) < 0.01
        excess = leaving - moon[1][0]
        assert transfer.c3_m2_s2[0] == pytest.approx(excess @ excess)
        assert transfer.arrival_speed_m_s[0] == pytest.approx(np.linalg.norm(flown[3:]), abs=0.01)
    words = "perigee of the conic back from the Moon"
    record_accuracy("exploration", words, worst, 10.0, "m", "SciPy DOP853, two bodies", len(result.windows))
    assert {window.family.way for window in result.windows} == {"ascending", "descending"}
    assert 0.7e3 < min(float(w.transfer.departure_delta_v_m_s[0]) for w in result.windows) < 1.0e3
