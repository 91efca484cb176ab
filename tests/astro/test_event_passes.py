"""Passes: the windows of an independent sampler, and the bounds that make the search complete."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path

import erfa
import numpy as np
import pytest

from syzygy.astro.events.earth_fixed import earth_fixed_m
from syzygy.astro.events.motion_bounds import bound_motion
from syzygy.astro.events.passes import find_passes
from syzygy.astro.events.search import make_nodes
from syzygy.astro.events.sites import Sites, make_sites
from syzygy.astro.events.trajectories import Sgp4Trajectories, StateTrajectories
from syzygy.astro.frames import ICRF, TEME
from syzygy.astro.states import States
from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import FrameError, InputError, UnitError
from syzygy.formats.catalogue import read_catalogue

EDGE_MS = 0.02
"""Times of the oracle are cut to 1 ms: ours must lie 0 to 1 ms later; the sampler refined to 1e-3 ms."""

DURATION_S = 2e-4
"""Durations of the oracle are printed to 0.1 ms."""

ELEVATION_DEG = 1e-5
"""Elevations of the oracle are printed to 1e-5 deg."""

FLAT_CULMINATION_MS = {"oneweb_2024-11": 0.1, "earth_resources_2026-04": 0.1, "gnss_2021-05": 20.0}
"""The elevation of a navigation satellite changes by 5e-9 deg in 10 ms around its maximum."""

PLACES = {
    "Paris": (48.8566, 2.3522, 35.0),
    "Nairobi": (-1.2921, 36.8219, 1795.0),
    "McMurdo": (-77.85, 166.67, 20.0),
}
SPANS = {
    "oneweb_2024-11": ("2024-11-18T06:00:00", 24, 5.0),
    "gnss_2021-05": ("2021-05-14T00:00:00", 48, 5.0),
    "earth_resources_2026-04": ("2026-04-14T00:00:00", 24, 0.0),
}


@pytest.fixture(scope="module")
def leap_seconds() -> LeapSeconds:
    table = erfa.leap_seconds.get()
    table = table[table["year"] >= 1972]
    days = [np.datetime64(f"{row['year']:04d}-{row['month']:02d}-01", "D").astype(int) for row in table]
    return LeapSeconds(np.array(days), table["tai_utc"].astype(int), 2**62)


def sites(mask_deg: float) -> Sites:
    latitude, longitude, height = np.array(list(PLACES.values())).T
    return make_sites(np.radians(latitude), np.radians(longitude), height, np.radians(mask_deg))


def oracle(test_data: Path, name: str) -> list[dict[str, str]]:
    lines = (test_data / "passes" / "passes_sample.csv").read_text().splitlines()
    return [row for row in csv.DictReader(line for line in lines if line[0] != "#") if row["tle"] == name]


def trajectories(test_data: Path, name: str, leap_seconds: LeapSeconds) -> Sgp4Trajectories:
    content = (test_data / "passes" / f"{name}.tle").read_bytes()
    return Sgp4Trajectories(read_catalogue(content, leap_seconds).elements, leap_seconds)


@pytest.mark.parametrize("step_s", [60.0, 300.0])
@pytest.mark.parametrize("name", sorted(SPANS))
def test_every_window_of_the_oracle_is_found_and_no_other(
    test_data, leap_seconds, name, step_s, record_accuracy
):
    begin, hours, mask_deg = SPANS[name]
    fleet = trajectories(test_data, name, leap_seconds)
    start = parse_utc(begin, leap_seconds)
    passes = find_passes(
        fleet, sites(mask_deg), start, start + hours * 3_600_000_000_000, leap_seconds, step_s=step_s
    )
    place = {station: index for index, station in enumerate(PLACES)}
    number = {int(n): index for index, n in enumerate(fleet.elements.object_id)}
    rows = sorted(
        oracle(test_data, name), key=lambda r: (number[int(r["norad"])], place[r["station"]], r["rise_utc"])
    )
    assert passes.object_index.tolist() == [number[int(row["norad"])] for row in rows]
    assert passes.site_index.tolist() == [place[row["station"]] for row in rows]
    worst_edge_ms, worst_elevation_deg = 0.0, 0.0
    for k, row in enumerate(rows):
        for edge, column in ((passes.start_tai_ns, "rise_utc"), (passes.end_tai_ns, "set_utc")):
            late_ms = (int(edge[k]) - parse_utc(row[column], leap_seconds)) * 1e-6
            assert -EDGE_MS <= late_ms <= 1.0 + EDGE_MS
            worst_edge_ms = max(worst_edge_ms, -late_ms, late_ms - 1.0)
        duration_s = (int(passes.end_tai_ns[k]) - int(passes.start_tai_ns[k])) * 1e-9
        assert abs(duration_s - float(row["duration_s"])) < DURATION_S
        late_ms = (int(passes.culmination_tai_ns[k]) - parse_utc(row["culmination_utc"], leap_seconds)) * 1e-6
        slack = FLAT_CULMINATION_MS[name]
        assert -slack <= late_ms <= 1.0 + slack
        off_deg = abs(np.degrees(passes.max_elevation_rad[k]) - float(row["max_elevation_deg"]))
        assert off_deg < ELEVATION_DEG
        worst_elevation_deg = max(worst_elevation_deg, off_deg)
        assert passes.maxima[k] == int(row["maxima"])
        assert (passes.open_start[k], passes.open_end[k]) == (
            row["open_start"] == "1",
            row["open_end"] == "1",
        )
    assert passes.certificate.touch_lane.size == 0
    assert passes.certificate.unusable_lane.size == 0
    words = f"of {len(rows)} passes of {name}, nodes {step_s:g} s"
    source = "passes_sample.csv: an independent sampler; its times are cut to 1 ms"
    edges = f"edges {words}"
    record_accuracy("astro.events", edges, worst_edge_ms, EDGE_MS, "ms", source, 2 * len(rows))
    highest = f"elevation {words}"
    record_accuracy("astro.events", highest, worst_elevation_deg, ELEVATION_DEG, "deg", source, len(rows))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SPANS))
def test_the_bounds_on_the_motion_hold_between_the_nodes(test_data, shared_data, leap_seconds, name):
    """About sixty orbits of each list, sampled every 5 s against bounds from nodes 120 s apart."""
    content = (shared_data / "satellites" / "tle" / f"{name}.tle").read_bytes()
    fleet = Sgp4Trajectories(read_catalogue(content, leap_seconds).elements, leap_seconds)
    start = parse_utc(SPANS[name][0], leap_seconds)
    nodes = make_nodes(start, start + 6 * 3_600_000_000_000, 120.0)
    motion = bound_motion(*fleet.grid(slice(None), nodes), 120.0)
    dense = make_nodes(start, start + 6 * 3_600_000_000_000, 5.0)
    part = slice(0, len(fleet), max(1, len(fleet) // 60))
    position, _ = fleet.grid(part, dense)
    distance = np.linalg.norm(position, axis=-1)
    speed = np.linalg.norm(np.diff(position, axis=1), axis=-1) / 5.0
    acceleration = np.linalg.norm(np.diff(position, 2, axis=1), axis=-1) / 25.0
    assert (distance.min(axis=1) >= motion.least_distance_m[part]).all()
    assert (distance.max(axis=1) <= motion.most_distance_m[part]).all()
    assert (speed.max(axis=1) <= motion.speed_m_s[part]).all()
    assert (acceleration.max(axis=1) <= motion.acceleration_m_s2[part]).all()
    fixed = earth_fixed_m(position, dense, TEME, leap_seconds)
    turning = np.linalg.norm(np.diff(fixed, 2, axis=1), axis=-1) / 25.0
    assert (turning.max(axis=1) <= motion.fixed_acceleration_m_s2[part]).all()
    assert (
        np.linalg.norm(np.diff(fixed, axis=1), axis=-1).max(axis=1) / 5.0 <= motion.fixed_speed_m_s[part]
    ).all()


def test_passes_do_not_depend_on_the_batch_nor_on_the_process(test_data, leap_seconds):
    fleet = trajectories(test_data, "oneweb_2024-11", leap_seconds)
    start = parse_utc("2024-11-18T06:00:00", leap_seconds)
    end = start + 6 * 3_600_000_000_000
    together = find_passes(fleet, sites(5.0), start, end, leap_seconds)
    alone = find_passes(
        pickle.loads(pickle.dumps(Sgp4Trajectories(fleet.elements.select(1), leap_seconds))),
        sites(5.0),
        start,
        end,
        leap_seconds,
    )
    mine = together.object_index == 1
    assert np.array_equal(together.start_tai_ns[mine], alone.start_tai_ns)
    assert np.array_equal(together.end_tai_ns[mine], alone.end_tai_ns)


class Circle:
    """A satellite on a circle in TEME, by formula."""

    def states(self, tai_ns: np.ndarray) -> States:
        rate = 1e-3
        angle = rate * (tai_ns - tai_ns.min() * 0) * 1e-9 % (2 * np.pi)
        unit = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)
        side = np.stack([-np.sin(angle), np.cos(angle), np.zeros_like(angle)], axis=-1)
        return States(7.36e6 * unit, 7.36e3 * side, tai_ns, TEME)


def test_any_trajectory_that_answers_with_states_can_be_searched(leap_seconds):
    start = parse_utc("2024-11-18T06:00:00", leap_seconds)
    batch = StateTrajectories((Circle(), Circle()), TEME)
    passes = find_passes(
        batch, make_sites(0.0, 0.0, 0.0, 0.1), start, start + 43_200_000_000_000, leap_seconds
    )
    assert len(passes) >= 10
    first = passes.object_index == 0
    assert np.array_equal(passes.start_tai_ns[first], passes.start_tai_ns[~first])
    wrong = StateTrajectories((Circle(),), ICRF)
    with pytest.raises(FrameError, match="TEME"):
        find_passes(wrong, make_sites(0.0, 0.0, 0.0), start, start + 10**12, leap_seconds)


def test_a_decayed_object_is_reported_as_unusable(test_data, leap_seconds):
    text = (test_data / "debris" / "sgp4" / "SGP4-VER.TLE").read_text().splitlines()
    lines = [line[:69] for line in text if line[2:7] == "29141"]
    elements = read_catalogue("\n".join(lines).encode(), leap_seconds).elements
    start = int(elements.epoch_tai_ns[0])
    passes = find_passes(
        Sgp4Trajectories(elements, leap_seconds), sites(0.0), start, start + 86_400_000_000_000, leap_seconds
    )
    certificate = passes.certificate
    assert certificate.unusable_lane.tolist() == [0, 1, 2]
    assert (certificate.unusable_to_tai_ns == start + 86_400_000_000_000).all()
    assert (passes.end_tai_ns <= certificate.unusable_from_tai_ns.max()).all()


def test_leap_seconds_alone_do_not_turn_other_frames(leap_seconds):
    with pytest.raises(FrameError, match="TEME"):
        earth_fixed_m(np.ones((1, 3)), np.array([0]), ICRF, leap_seconds)


def test_degrees_and_empty_lists_of_sites_are_refused():
    with pytest.raises(UnitError):
        make_sites(0.1, 0.1, 0.0, 5.0)
    with pytest.raises(UnitError):
        make_sites(48.0, 2.0, 0.0)
    with pytest.raises(InputError):
        make_sites([], [], [])


@pytest.mark.slow
def test_random_and_eccentric_orbits_agree_with_dense_sampling(shared_data, leap_seconds):
    """Forty objects of the whole catalogue and twenty with e > 0.3, every 0.5 s for 4 h; steps of 300 s."""
    content = (shared_data / "debris" / "catalogue" / "jul2022_3le.txt.gz").read_bytes()
    elements = read_catalogue(content, leap_seconds).elements
    draw = np.random.default_rng(11)
    eccentric = np.flatnonzero(elements.eccentricity > 0.3)
    chosen = np.concatenate(
        [draw.choice(len(elements), 40, replace=False), draw.choice(eccentric, 20, replace=False)]
    )
    fleet = Sgp4Trajectories(elements.select(chosen), leap_seconds)
    start = parse_utc("2022-07-15", leap_seconds)
    end = start + 4 * 3_600_000_000_000
    places = sites(5.0)
    passes = find_passes(fleet, places, start, end, leap_seconds, step_s=300.0)
    dense = make_nodes(start, end, 0.5)
    for number in range(len(fleet)):
        position, _ = fleet.grid(slice(number, number + 1), dense)
        fixed = earth_fixed_m(position[0], dense, TEME, leap_seconds)
        for site in range(len(places)):
            toward = fixed - places.position_m[site]
            height = toward @ places.up[site] - np.linalg.norm(toward, axis=-1) * places.sin_mask[site]
            listed = np.zeros(dense.size, dtype=bool)
            mine = (passes.object_index == number) & (passes.site_index == site)
            for a, b in zip(passes.start_tai_ns[mine], passes.end_tai_ns[mine], strict=True):
                listed |= (dense >= a) & (dense <= b)
            usable = np.isfinite(height)
            assert np.array_equal(listed[usable], height[usable] > 0.0)
