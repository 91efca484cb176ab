"""The screening of the sample: against a list, a brute-force twin, and itself cut differently."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.base.execution import ProcessExecutor
from syzygy.base.provenance import InputFile
from syzygy.base.tables import Table
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue

TIME_TOLERANCE_S = 1e-3
MISS_TOLERANCE_M = 1.0
SPEED_TOLERANCE_M_S = 5.0


def same_bytes(first: Table, second: Table) -> bool:
    return all(
        a.values.dtype == b.values.dtype and a.values.tolist() == b.values.tolist()
        for a, b in zip(first.columns, second.columns, strict=True)
    )


def events_of(result: ScreeningResult) -> list[tuple[int, int, float, float]]:
    start = result.provenance.request["start_tai_ns"]
    return [
        (row["object_a"], row["object_b"], (row["tca_tai_ns"] - start) / 1e9, row["miss_distance_m"])
        for row in result.events.rows()
    ]


def read_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(x for x in path.read_text().splitlines() if not x.startswith("#")))


def test_the_sample_shows_exactly_the_events_of_the_list_between_its_objects(
    sample_file: InputFile,
    sample_elements: MeanElements,
    start_tai_ns: int,
    almanac: Almanac,
    test_data: Path,
) -> None:
    result = screen_catalogue(ScreeningRequest((sample_file,), start_tai_ns, 1800.0), almanac)
    known = set(sample_elements.object_id.tolist())
    rows = read_rows(test_data / "debris" / "screening_jul2022_30min.csv")
    listed = sorted(
        (int(r["id1"]), int(r["id2"]), float(r["tca_s"]), 1e3 * float(r["miss_km"]))
        for r in rows
        if {int(r["id1"]), int(r["id2"])} <= known
    )
    found = sorted(events_of(result))
    assert len(listed) > 20
    assert [row[:2] for row in found] == [row[:2] for row in listed]
    for ours, theirs in zip(found, listed, strict=True):
        assert ours[2] == pytest.approx(theirs[2], abs=TIME_TOLERANCE_S)
        assert ours[3] == pytest.approx(theirs[3], abs=MISS_TOLERANCE_M)
    slow = read_rows(test_data / "debris" / "screening_jul2022_30min_intervals.csv")
    assert sorted((r["object_a"], r["object_b"]) for r in result.intervals.rows()) == sorted(
        (int(r["id1"]), int(r["id2"])) for r in slow
    )
    unusable = read_rows(test_data / "debris" / "screening_jul2022_30min_unscreened.csv")
    assert {(r["object"], r["reason"]) for r in result.unscreened.rows()} == {
        (int(r["id"]), r["reason"]) for r in unusable if int(r["id"]) in known
    }


def brute_force(
    elements: MeanElements, start_tai_ns: int, window_s: int, threshold_m: float, almanac: Almanac
) -> list[tuple[int, int, float, float]]:
    """The slow twin: every pair at every second, a parabola through each low point, no bound of any kind.

    A minimum lies where the middle of three samples is the lowest; within half a second of it the distance
    is at most the sampled one, so samples up to threshold + 8 km/s are looked at.
    """
    seconds = np.arange(0, window_s + 1)
    states = propagate_sgp4(elements, start_tai_ns + seconds * 1_000_000_000, almanac.leap_seconds)
    usable = (states.error_code == 0).all(axis=1)
    position = states.position_m
    found = []
    for i in np.flatnonzero(usable).tolist():
        others = np.flatnonzero(usable)
        others = others[others > i]
        distance2 = ((position[others] - position[i]) ** 2).sum(axis=2)
        low = (distance2[:, 1:-1] < distance2[:, :-2]) & (distance2[:, 1:-1] <= distance2[:, 2:])
        low &= distance2[:, 1:-1] < (threshold_m + 9000.0) ** 2
        for row, k in zip(*np.nonzero(low), strict=True):
            found.append(
                _polished(elements, (i, int(others[row])), start_tai_ns, float(seconds[k + 1]), almanac)
            )
    return sorted(event for event in found if event[3] < threshold_m)


def _polished(
    elements: MeanElements, pair: tuple[int, int], start_tai_ns: int, guess_s: float, almanac: Almanac
) -> tuple[int, int, float, float]:
    """Golden section on the true distance within one second of the lowest sample."""

    def distance(seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        instants = start_tai_ns + np.round(seconds * 1e9).astype(np.int64)
        states = propagate_sgp4(elements.select(np.array(pair)), instants, almanac.leap_seconds)
        return np.asarray(np.linalg.norm(states.position_m[0] - states.position_m[1], axis=1))

    half = 1.0
    for _ in range(5):
        times = np.linspace(guess_s - half, guess_s + half, 41)
        guess_s = float(times[np.argmin(distance(times))])
        half /= 15.0
    ids = elements.object_id[list(pair)].tolist()
    return min(ids), max(ids), guess_s, float(distance(np.array([guess_s]))[0])


@pytest.mark.slow
def test_a_brute_force_twin_finds_the_same_events(
    sample_file: InputFile,
    sample_elements: MeanElements,
    start_tai_ns: int,
    almanac: Almanac,
    tmp_path: Path,
) -> None:
    window_s, threshold_m, count = 1200, 150e3, 200
    part = sample_elements.select(np.arange(0, len(sample_elements), len(sample_elements) // count)[:count])
    request = ScreeningRequest((sample_file,), start_tai_ns, float(window_s), threshold_m=threshold_m)
    result = screen_catalogue(request, almanac)
    chosen = set(part.object_id.tolist())
    slow = {(row["object_a"], row["object_b"]) for row in result.intervals.rows()}
    ours = sorted(event for event in events_of(result) if {event[0], event[1]} <= chosen)
    twin = brute_force(part, start_tai_ns, window_s, threshold_m, almanac)
    twin = [event for event in twin if event[:2] not in slow]
    assert len(twin) > 20
    assert [event[:2] for event in ours] == [event[:2] for event in twin]
    for found, expected in zip(ours, twin, strict=True):
        assert found[2] == pytest.approx(expected[2], abs=TIME_TOLERANCE_S)
        assert found[3] == pytest.approx(expected[3], abs=MISS_TOLERANCE_M)


def test_other_chunks_give_the_same_events_to_the_microsecond(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac, sample_result: ScreeningResult
) -> None:
    request = ScreeningRequest((sample_file,), start_tai_ns, 4 * 3600.0, chunk_s=5040.0)
    other = events_of(screen_catalogue(request, almanac))
    ours = events_of(sample_result)
    assert [event[:2] for event in other] == [event[:2] for event in ours]
    times = np.array([event[2:] for event in ours]) - np.array([event[2:] for event in other])
    assert np.abs(times[:, 0]).max() < 1e-6
    assert np.abs(times[:, 1]).max() < 1e-3


@pytest.mark.slow
def test_a_window_cut_in_two_finds_the_events_of_the_whole(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac, sample_result: ScreeningResult
) -> None:
    border_s = 7013.0
    halves: list[tuple[int, int]] = []
    for begin_s, length_s in ((0.0, border_s), (border_s, 4 * 3600.0 - border_s)):
        request = ScreeningRequest((sample_file,), start_tai_ns + round(begin_s * 1e9), length_s)
        halves += [event[:2] for event in events_of(screen_catalogue(request, almanac))]
    assert sorted(halves) == sorted(event[:2] for event in events_of(sample_result))


@pytest.mark.slow
def test_two_and_three_processes_give_the_same_bytes(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac
) -> None:
    request = ScreeningRequest((sample_file,), start_tai_ns, 3600.0, chunk_s=900.0)
    alone = screen_catalogue(request, almanac)
    for workers in (2, 3):
        other = screen_catalogue(request, almanac, executor=ProcessExecutor(workers))
        for first, second in zip(alone.tables(), other.tables(), strict=True):
            assert same_bytes(first, second), (workers, first.name)


def test_one_against_all_is_the_part_of_all_against_all(
    sample_file: InputFile, start_tai_ns: int, almanac: Almanac, sample_result: ScreeningResult
) -> None:
    rows = sample_result.events.rows()
    primaries = {row["object_a"] for row in rows[:6]}
    named = tuple(str(number) for number in primaries)
    request = ScreeningRequest((sample_file,), start_tai_ns, 4 * 3600.0, primaries=named)
    found = screen_catalogue(request, almanac)
    expected = [row for row in rows if {row["object_a"], row["object_b"]} & primaries]
    assert [row["tca_utc"] for row in found.events.rows()] == [row["tca_utc"] for row in expected]


def test_radial_in_track_and_cross_track_make_up_the_miss_distance(sample_result: ScreeningResult) -> None:
    parts = [np.asarray(sample_result.events[f"{name}_m"]) for name in ("radial", "in_track", "cross_track")]
    miss = np.asarray(sample_result.events["miss_distance_m"])
    assert np.sqrt(sum(part**2 for part in parts)) == pytest.approx(miss, rel=1e-12)


def test_every_object_that_leaves_fails_from_the_stated_millisecond(
    sample_elements: MeanElements, sample_result: ScreeningResult, start_tai_ns: int, almanac: Almanac
) -> None:
    left = [row for row in sample_result.unscreened.rows() if row["from_s"] > 0.0]
    assert {row["object"] for row in left} == {50901, 82778}
    for row in left:
        if not row["reason"].startswith("sgp4"):
            continue
        one = sample_elements.select(sample_elements.object_id == row["object"])
        every = np.arange(0.0, row["from_s"] - 1e-3, 0.25)
        instants = start_tai_ns + np.round(np.append(every, row["from_s"] + 1e-3) * 1e9).astype(np.int64)
        code = propagate_sgp4(one, instants, almanac.leap_seconds).error_code[0]
        assert not code[:-1].any()
        assert row["reason"] == f"sgp4 code {code[-1]}"


def test_no_event_involves_an_object_after_it_left(sample_result: ScreeningResult) -> None:
    left = {row["object"]: row["from_s"] for row in sample_result.unscreened.rows()}
    for a, b, seconds, _ in events_of(sample_result):
        assert seconds < min(left.get(a, np.inf), left.get(b, np.inf))


def test_visitors_of_a_station_are_intervals_and_never_events(sample_result: ScreeningResult) -> None:
    docked = {49044, 51660, 52086, 52318, 52795}
    assert not any({row["object_a"], row["object_b"]} <= docked for row in sample_result.events.rows())
    together = [row for row in sample_result.intervals.rows() if {row["object_a"], row["object_b"]} <= docked]
    assert len(together) == 10
    assert all(row["start_cut"] and row["end_cut"] and row["min_distance_m"] == 0.0 for row in together)


def test_the_result_speaks_for_itself(sample_result: ScreeningResult) -> None:
    assert [table.name for table in sample_result.tables()] == [
        "events",
        "intervals",
        "unscreened",
        "left_out",
        "stale",
        "suppressed",
        "exclusions",
        "ephemerides",
        "certificate",
    ]
    figures = {figure.label: figure.value for figure in sample_result.key_figures()}
    assert figures["objects screened"] == "1,786"
    for part in dataclasses.astuple(sample_result.narrative()):
        assert len(part) > 40
