"""Attitude messages into the core and out again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.attitude import AttitudeHistory, frame_matrices, quaternions_from_matrices
from syzygy.astro.attitude.history import COLUMNS
from syzygy.astro.time import parse_utc
from syzygy.base.errors import CoverageError, FormatError, InputError, SyzygyError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.attitudes import (
    AttitudeSegment,
    attitude_histories,
    attitude_states,
    make_attitude_segment,
    read_attitude,
    write_attitude,
)
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.typed import same_bits
from syzygy.formats.ccsds.typed_tree import read_typed

LEAP_SECONDS = build_almanac(("leap_seconds",), predictions=True).leap_seconds
START = parse_utc("2026-01-01T00:00:00", LEAP_SECONDS)
HEADER = MessageHeader("SYZYGY", START)
SECOND = [kind for kind in COLUMNS if not kind.endswith("/RATE")]
FIRST = [
    "QUATERNION",
    "QUATERNION/DERIVATIVE",
    "QUATERNION/RATE",
    "EULER_ANGLE",
    "EULER_ANGLE/RATE",
    "SPIN",
    "SPIN/NUTATION",
]


def _segment(seed: int, kind: str, system: str = "UTC", *, back: bool = False) -> AttitudeSegment:
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 8))
    values = random.normal(size=(count, COLUMNS[kind]))
    if kind.startswith("QUATERNION"):
        values[:, :4] /= np.linalg.norm(values[:, :4], axis=1, keepdims=True)
    tai_ns = START + 10**9 * np.arange(count) + random.integers(0, 9, size=count)
    sequence = "ZXZ" if "EULER" in kind or kind.endswith("/RATE") else ""
    history = AttitudeHistory(
        tai_ns, kind, values, "EME2000", "SC_BODY_1", back, sequence,
        rates_in_b=bool(seed % 2) or "ANGVEL" not in kind,
        useable_tai_ns=(int(tai_ns[0]), int(tai_ns[-1])), interpolation="LINEAR", degree=1,
    )  # fmt: skip
    return make_attitude_segment("SAT", "2020-001A", history, time_system=system)


def same_history(a: AttitudeHistory, b: AttitudeHistory) -> bool:
    return (
        same_bits(a.tai_ns, b.tai_ns)
        and same_bits(a.values, b.values)
        and (a.kind, a.frame_a, a.frame_b, a.reversed_direction, a.sequence, a.rates_in_b)
        == (b.kind, b.frame_a, b.frame_b, b.reversed_direction, b.sequence, b.rates_in_b)
        and (a.span_tai_ns, a.interpolation, a.degree) == (b.span_tai_ns, b.interpolation, b.degree)
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32 - 1), st.sampled_from(SECOND), st.sampled_from(["UTC", "TAI", "TDB", "GPS"]))
def test_every_bit_survives(seed: int, kind: str, system: str) -> None:
    segment = _segment(seed, kind, system)
    for form, every_digit in (("xml", False), ("json", False), ("kvn", True)):
        content = write_attitude([segment], HEADER, LEAP_SECONDS, form=form, every_digit=every_digit)
        back = read_attitude(read_message(content, strict=form != "kvn"), LEAP_SECONDS)[0]
        assert same_history(segment.history, back.history)
        assert (segment.span_tai_ns, segment.rate_frame) == (back.span_tai_ns, back.rate_frame)


@pytest.mark.parametrize("kind", SECOND)
def test_kvn_passes_the_strict_check_and_is_a_fixed_point(kind: str) -> None:
    first = write_attitude([_segment(8, kind)], HEADER, LEAP_SECONDS)
    once = read_attitude(read_message(first, strict=True), LEAP_SECONDS)
    second = write_attitude(once, HEADER, LEAP_SECONDS)
    assert second == first
    assert same_history(read_attitude(read_message(second), LEAP_SECONDS)[0].history, once[0].history)


@pytest.mark.parametrize("kind", FIRST)
@pytest.mark.parametrize("back", [False, True])
def test_version_one_keeps_its_direction(kind: str, back: bool) -> None:
    segment = _segment(3, kind, back=back)
    if kind.endswith("/RATE"):
        segment = AttitudeSegment(**{**vars(segment), "rate_frame": "SC_BODY_1"})
    content = write_attitude([segment], HEADER, LEAP_SECONDS, version="1.0", form="xml")
    found = read_attitude(read_message(content, strict=True), LEAP_SECONDS)[0]
    assert same_history(found.history, segment.history)
    if back:
        with pytest.raises((InputError, FormatError)):
            write_attitude([segment], HEADER, LEAP_SECONDS)


def _corpus(shared_data: Path, kind: str) -> list[Path]:
    folder = shared_data / "exchange" / "ccsds"
    mark = f"CCSDS_{kind}_VERS".encode()
    return [p for p in sorted(folder.rglob("*")) if p.is_file() and mark in p.read_bytes()[:3000]]


@pytest.mark.slow
def test_the_corpus_comes_back_to_the_last_bit(shared_data: Path) -> None:
    done = 0
    for path in _corpus(shared_data, "AEM"):
        try:
            message = read_message(path.read_bytes())
            first = read_attitude(message, LEAP_SECONDS)
            content = write_attitude(first, HEADER, LEAP_SECONDS, version=message.version, form="xml")
        except SyzygyError:
            continue
        again = read_attitude(read_message(content, strict=True), LEAP_SECONDS)
        assert all(same_history(a.history, b.history) for a, b in zip(first, again, strict=True)), path.name
        done += 1
    assert done >= 12


def test_the_printed_ephemerides_are_rotations(shared_data: Path) -> None:
    annex = shared_data / "exchange" / "ccsds" / "annex"
    for name in ("aem_g4.kvn", "aem_g11.xml"):
        for segment in read_attitude(read_message((annex / name).read_bytes()), LEAP_SECONDS):
            quaternions = segment.history.quaternions()
            np.testing.assert_allclose(np.linalg.norm(quaternions, axis=1), 1.0, atol=1e-14)
            middle = (segment.history.span_tai_ns[0] + segment.history.span_tai_ns[1]) // 2
            segment.history.at(middle, interpolation="SLERP")
            with pytest.raises(CoverageError, match="useable"):
                segment.history.at(segment.history.span_tai_ns[1] + 1, interpolation="SLERP")


def test_attitude_states_become_quaternions(shared_data: Path) -> None:
    found = {}
    for path in _corpus(shared_data, "APM"):
        try:
            states = attitude_states(read_typed(read_message(path.read_bytes()), LEAP_SECONDS))
        except SyzygyError:
            continue
        for state in states:
            np.testing.assert_allclose(np.linalg.norm(state.quaternion), 1.0, atol=1e-14)
            found[state.block] = found.get(state.block, 0) + 1
    assert found["quaternionState"] >= 8
    assert {"eulerAngleState", "spin", "eulerElementsThree", "eulerElementsSpin"} <= set(found)


def test_comprehensive_messages_become_histories(shared_data: Path) -> None:
    done = 0
    for path in _corpus(shared_data, "ACM"):
        try:
            message = read_typed(read_message(path.read_bytes()), LEAP_SECONDS)
        except SyzygyError:
            continue
        for history in attitude_histories(message):
            matrices = frame_matrices(history.quaternions())
            back = quaternions_from_matrices(matrices)
            np.testing.assert_allclose(np.abs(np.sum(back * history.quaternions(), axis=1)), 1.0, atol=1e-12)
            done += 1
    assert done >= 3


def test_axes_of_angular_velocities_are_not_guessed() -> None:
    content = write_attitude([_segment(1, "QUATERNION/ANGVEL")], HEADER, LEAP_SECONDS)
    with pytest.raises(FormatError, match="neither A nor B"):
        read_attitude(
            read_message(content.replace(b"ANGVEL_FRAME = SC_BODY_1", b"ANGVEL_FRAME = ICRF")), LEAP_SECONDS
        )
