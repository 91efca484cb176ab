"""Ephemerides out of the core into messages and back; borders that no interpolation crosses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.frames import EME2000, ICRF, ITRF, TEME
from syzygy.astro.propagation.tabulated import CovarianceHistory, SegmentedTrajectory, TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.astro.time import parse_utc
from syzygy.base.errors import CoverageError, FrameError, InputError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import MessageError, read_message
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.core_frames import in_realization, named_frame
from syzygy.formats.ccsds.ephemerides import (
    EphemerisSegment,
    make_segment,
    read_ephemeris,
    whole_trajectory,
    write_ephemeris,
    write_ephemeris_file,
)
from syzygy.formats.ccsds.typed import same_bits

LEAP_SECONDS = build_almanac(("leap_seconds",)).leap_seconds
START = parse_utc("2026-01-01T00:00:00", LEAP_SECONDS)
HEADER = MessageHeader("SYZYGY", START, message_id="OEM 1", comments=("from arrays",))
STEP_NS = 60_000_000_000


def _segment(
    seed: int, *, first: int = START, frame: object = EME2000, system: str = "UTC"
) -> EphemerisSegment:
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 9))
    tai_ns = first + STEP_NS * np.arange(count) + random.integers(0, 1000, size=count)
    position = 7.0e6 * random.normal(size=(count, 3)) + 6.0e6 * np.array([2.0, 2.0, 2.0])
    position += np.sign(position) * 6.2e6
    velocity = 7.5e3 * random.normal(size=(count, 3))
    roots = random.normal(size=(2, 6, 6)) * 10.0 ** random.integers(-3, 3, size=(2, 1, 1))
    matrices = roots @ roots.swapaxes(1, 2)
    history = CovarianceHistory(tai_ns[:2], (matrices + matrices.swapaxes(1, 2)) / 2.0, ("RTN", "EME2000"))
    trajectory = TabulatedTrajectory(
        States(position, velocity, tai_ns, frame),  # type: ignore[arg-type]
        (int(tai_ns[0]), int(tai_ns[-1])), "HERMITE", 3,
        random.normal(size=(count, 3)) if seed % 2 else None, history if seed % 3 else None,
    )  # fmt: skip
    return make_segment(f"OBJECT {seed}", "2026-001A", trajectory, time_system=system)


def same_segment(one: EphemerisSegment, two: EphemerisSegment) -> bool:
    a, b = one.trajectory, two.trajectory
    same = (
        (one.object_name, one.object_id, one.span_tai_ns, one.useable_tai_ns, one.time_system, one.comments)
        == (
            two.object_name,
            two.object_id,
            two.span_tai_ns,
            two.useable_tai_ns,
            two.time_system,
            two.comments,
        )
        and same_bits(a.states.position_m, b.states.position_m)
        and same_bits(a.states.velocity_m_s, b.states.velocity_m_s)
        and same_bits(a.states.tai_ns, b.states.tai_ns)
        and (a.states.frame, a.states.centre) == (b.states.frame, b.states.centre)
        and (a.interpolation, a.degree, a.useable_tai_ns) == (b.interpolation, b.degree, b.useable_tai_ns)
        and (a.acceleration_m_s2 is None) == (b.acceleration_m_s2 is None)
        and (a.covariances is None) == (b.covariances is None)
    )
    if same and a.acceleration_m_s2 is not None:
        same = same_bits(a.acceleration_m_s2, b.acceleration_m_s2)
    if same and a.covariances is not None and b.covariances is not None:
        same = a.covariances.frame == b.covariances.frame and same_bits(
            a.covariances.matrix, b.covariances.matrix
        )
        same = same and same_bits(a.covariances.tai_ns, b.covariances.tai_ns)
    return same


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([EME2000, ICRF, TEME]),
    st.sampled_from(["UTC", "TAI", "TT", "GPS", "TDB", "TCG", "TCB"]),
)
def test_every_bit_survives(seed: int, frame: object, system: str) -> None:
    one = _segment(seed, frame=frame, system=system)
    two = _segment(seed + 1, first=one.span_tai_ns[1], frame=frame, system=system)
    for form, every_digit in (("xml", False), ("json", False), ("kvn", True)):
        content = write_ephemeris([one, two], HEADER, LEAP_SECONDS, form=form, every_digit=every_digit)
        back = read_ephemeris(read_message(content, strict=form != "kvn"), LEAP_SECONDS)
        assert all(same_segment(a, b) for a, b in zip((one, two), back, strict=True))


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_kvn_passes_the_strict_check_and_is_a_fixed_point(seed: int) -> None:
    segment = _segment(seed)
    first = write_ephemeris([segment], HEADER, LEAP_SECONDS)
    once = read_ephemeris(read_message(first, strict=True), LEAP_SECONDS)
    np.testing.assert_allclose(once[0].states.position_m, segment.states.position_m, rtol=6e-16)
    second = write_ephemeris(once, HEADER, LEAP_SECONDS)
    assert second == first
    assert same_segment(read_ephemeris(read_message(second, strict=True), LEAP_SECONDS)[0], once[0])


@pytest.mark.slow
def test_the_corpus_comes_back_to_the_last_bit(shared_data: Path) -> None:
    done = 0
    for path in sorted((shared_data / "exchange" / "ccsds").rglob("*")):
        if not path.is_file() or b"CCSDS_OEM_VERS" not in path.read_bytes()[:3000]:
            continue
        try:
            first = read_ephemeris(read_message(path.read_bytes()), LEAP_SECONDS)
            content = write_ephemeris(first, HEADER, LEAP_SECONDS, form="xml")
        except (MessageError, FrameError, InputError):
            continue
        back = read_ephemeris(read_message(content, strict=True), LEAP_SECONDS)
        assert all(same_segment(a, b) for a, b in zip(first, back, strict=True)), path.name
        done += 1
    assert done >= 8


def test_large_blocks_and_small_ones_give_the_same_bits() -> None:
    random = np.random.default_rng(5)
    tai_ns = START + STEP_NS * np.arange(500)
    states = States(
        random.normal(size=(500, 3)) * 1e6 + 8e6, random.normal(size=(500, 3)) * 1e3, tai_ns, EME2000
    )
    segment = make_segment("A", "2026-001A", TabulatedTrajectory(states, (int(tai_ns[0]), int(tai_ns[-1]))))
    content = write_ephemeris([segment], HEADER, LEAP_SECONDS, every_digit=True)
    large = read_ephemeris(read_message(content), LEAP_SECONDS)[0]
    assert same_segment(large, segment)
    lines = content.decode().splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("2026-01-01T00:20"))
    commented = "\n".join([*lines[:at], "COMMENT slow road", *lines[at:]]) + "\n"
    small = read_ephemeris(read_message(commented.encode()), LEAP_SECONDS)[0]
    assert same_bits(small.states.position_m, segment.states.position_m)


def test_the_bulk_road_writes_the_same_ephemeris(tmp_path: Path) -> None:
    segment = _segment(4)
    path = tmp_path / "a.oem"
    write_ephemeris_file(path, [segment], HEADER, LEAP_SECONDS)
    back = read_ephemeris(read_message(path.read_bytes(), strict=True), LEAP_SECONDS)[0]
    np.testing.assert_allclose(back.states.position_m, segment.states.position_m, rtol=1e-15)
    assert back.covariances is not None
    assert segment.covariances is not None
    np.testing.assert_allclose(back.covariances.matrix, segment.covariances.matrix, rtol=1e-15)
    assert back.covariances.frame == segment.covariances.frame


def _line(first: int, slope: float) -> TabulatedTrajectory:
    seconds = np.arange(6.0) * 60.0
    velocity = np.tile([slope, 0.0, 0.0], (6, 1))
    position = np.stack([7e6 + slope * seconds, 0 * seconds, 0 * seconds], axis=1)
    tai_ns = first + STEP_NS * np.arange(6)
    return TabulatedTrajectory(
        States(position, velocity, tai_ns, EME2000), (int(tai_ns[0]), int(tai_ns[-1])), "LAGRANGE", 3
    )


def test_no_value_is_drawn_from_two_segments() -> None:
    end = START + 5 * STEP_NS
    both = SegmentedTrajectory((_line(START, 100.0), _line(end, -50.0)))
    found = both.states(np.array([end - 1_000_000_000, end, end + 1_000_000_000]))
    np.testing.assert_allclose(found.velocity_m_s[:, 0], [100.0, -50.0, -50.0])
    with pytest.raises(CoverageError, match="no useable span"):
        both.states(end + 6 * STEP_NS)
    with pytest.raises(InputError, match="overlap"):
        SegmentedTrajectory((_line(START, 1.0), _line(end - 1, 1.0)))


def test_no_value_is_drawn_across_a_manoeuvre() -> None:
    seconds = np.arange(12.0) * 60.0
    burn = START + 6 * STEP_NS
    speed = np.where(seconds < 360.0, 10.0, 40.0)
    place = np.where(seconds < 360.0, 10.0 * seconds, 3600.0 + 40.0 * (seconds - 360.0))
    zero = np.zeros(12)
    states = States(
        np.stack([7e6 + place, zero, zero], -1), np.stack([speed, zero, zero], -1),
        START + STEP_NS * np.arange(12), EME2000,
    )  # fmt: skip
    table = TabulatedTrajectory(
        states, (START, START + 11 * STEP_NS), "LAGRANGE", 3,
        border_tai_ns=np.array([burn]), border_jumps=np.array([True]),
    )  # fmt: skip
    times = np.array([burn - 2 * STEP_NS + 7, burn - STEP_NS, burn, burn + 7])
    np.testing.assert_allclose(
        table.states_at(times).velocity_m_s[:, 0], [10.0, 10.0, 40.0, 40.0], rtol=1e-12
    )
    with pytest.raises(CoverageError, match="between a border"):
        table.states_at(burn - 1)
    with pytest.raises(CoverageError, match="too few"):
        replace(
            table, border_tai_ns=np.array([burn, burn + STEP_NS]), border_jumps=np.array([True, True])
        ).states_at(burn + 7)


def test_realizations_keep_their_name_and_say_what_is_left_out() -> None:
    frame = named_frame("ITRF2014")
    assert (frame.frame, frame.realization) == (ITRF, "ITRF2014")
    assert frame.note is not None
    assert "mm" in frame.note.what
    assert [named_frame(name).realization for name in ("ITRF-97", "ITRF1997")] == ["ITRF97", "ITRF97"]
    states = States(np.array([6.4e6, 0.0, 0.0]), np.zeros(3), np.asarray(START), ITRF)
    moved = in_realization(states, "ITRF2014", "ITRF2008")
    assert 1e-3 < np.linalg.norm(moved.position_m - states.position_m) < 5e-3
    with pytest.raises(FrameError, match="TOD"):
        named_frame("TOD")


def test_an_ephemeris_in_mission_time_needs_its_origin() -> None:
    content = write_ephemeris([_segment(2)], HEADER, LEAP_SECONDS).replace(b"= UTC", b"= MET")
    with pytest.raises(InputError, match="clock runs"):
        read_ephemeris(read_message(content), LEAP_SECONDS)


def test_segments_become_one_trajectory() -> None:
    one = _segment(3)
    two = _segment(5, first=one.span_tai_ns[1])
    assert len(whole_trajectory([one, two]).segments) == 2
