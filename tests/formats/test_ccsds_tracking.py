"""Tracking messages into the core and out again."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.time import parse_utc
from syzygy.astro.tracking import TrackingPass
from syzygy.base.errors import FormatError, InputError, SyzygyError, UnknownNameError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.tracking import TrackingSegment, read_tracking, write_tracking
from syzygy.formats.ccsds.typed import Section, same_bits

LEAP_SECONDS = build_almanac(("leap_seconds",), predictions=True).leap_seconds
START = parse_utc("2026-01-01T00:00:00", LEAP_SECONDS)
HEADER = MessageHeader("SYZYGY", START, message_id="TDM 1")
UNITS = {
    "RANGE": "m", "DOPPLER_INTEGRATED": "m/s", "DOPPLER_INSTANTANEOUS": "m/s", "ANGLE_1": "rad",
    "ANGLE_2": "rad", "RECEIVE_FREQ_1": "Hz", "TRANSMIT_FREQ_2": "Hz", "CLOCK_BIAS": "s", "PRESSURE": "Pa",
    "TEMPERATURE": "K", "RHUMIDITY": "", "TROPO_DRY": "m", "STEC": "TECU", "CARRIER_POWER": "dBW",
}  # fmt: skip


def _segment(seed: int, system: str = "UTC") -> TrackingSegment:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 20))
    kind = np.array(random.choice(sorted(UNITS), size=count), dtype=object)
    tai_ns = START + 10**9 * np.arange(count) + random.integers(0, 9, size=count)
    value = random.normal(size=count) * 10.0 ** random.integers(-6, 9, size=count)
    limited = np.isin(kind, ["ANGLE_1", "ANGLE_2", "RHUMIDITY"])
    value = np.where(limited, random.uniform(0.0, 1.0, size=count), np.abs(value))
    observations = TrackingPass(
        tai_ns, kind, value, {name: UNITS[name] for name in kind}, {1: "DSS-25", 2: "2020-001A"}, (1, 2, 1),
        mode="SEQUENTIAL", integration_interval_s=60.0, integration_reference="MIDDLE",
        frequency_offset_hz=1.5e9, angle_type="AZEL", range_modulus=1234.5, receive_delay_s={1: 7.7e-5},
        transmit_delay_s={1: 7.25e-5}, corrections={"RANGE": 46700.0, "DOPPLER": -0.001, "ANGLE_1": 0.01},
        corrections_applied=False,
    )  # fmt: skip
    return TrackingSegment(
        observations, system, range_units="km",
        other=Section({"TRANSMIT_BAND": "X", "TURNAROUND_NUMERATOR": 880}, ("meta",)), comments=("data",),
    )  # fmt: skip


def same_segment(a: TrackingSegment, b: TrackingSegment) -> bool:
    one, two = a.observations, b.observations
    return (
        (a.time_system, a.start_tai_ns, a.stop_tai_ns, a.range_units, a.comments)
        == (b.time_system, b.start_tai_ns, b.stop_tai_ns, b.range_units, b.comments)
        and a.other.same(b.other)
        and same_bits(one.tai_ns, two.tai_ns)
        and same_bits(one.value, two.value)
        and one.kind.tolist() == two.kind.tolist()
        and all(
            getattr(one, item.name) == getattr(two, item.name)
            for item in fields(TrackingPass)
            if item.name not in ("tai_ns", "kind", "value")
        )
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["UTC", "TAI", "TDB", "GPS"]))
def test_every_bit_survives(seed: int, system: str) -> None:
    segment = _segment(seed, system)
    for form, every_digit in (("xml", False), ("json", False), ("kvn", True)):
        content = write_tracking([segment], HEADER, LEAP_SECONDS, form=form, every_digit=every_digit)
        back = read_tracking(read_message(content, strict=form != "kvn"), LEAP_SECONDS)[0]
        assert same_segment(segment, back)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_kvn_passes_the_strict_check_and_is_a_fixed_point(seed: int) -> None:
    first = write_tracking([_segment(seed)], HEADER, LEAP_SECONDS)
    once = read_tracking(read_message(first, strict=True), LEAP_SECONDS)
    second = write_tracking(once, HEADER, LEAP_SECONDS)
    assert second == first
    assert same_segment(read_tracking(read_message(second), LEAP_SECONDS)[0], once[0])


@pytest.mark.slow
def test_the_corpus_comes_back_to_the_last_bit(shared_data: Path) -> None:
    done = 0
    for path in sorted((shared_data / "exchange" / "ccsds").rglob("*")):
        if not path.is_file() or b"CCSDS_TDM_VERS" not in path.read_bytes()[:3000]:
            continue
        try:
            message = read_message(path.read_bytes())
            first = read_tracking(message, LEAP_SECONDS)
            content = write_tracking(first, HEADER, LEAP_SECONDS, version=message.version, form="xml")
        except SyzygyError:
            continue
        again = read_tracking(read_message(content, strict=True), LEAP_SECONDS)
        assert all(same_segment(a, b) for a, b in zip(first, again, strict=True)), path.name
        done += 1
    assert done >= 20


def test_a_printed_message_is_read_in_si(shared_data: Path) -> None:
    annex = shared_data / "exchange" / "ccsds" / "annex"
    found = read_tracking(read_message((annex / "tdm_e1.kvn").read_bytes()), LEAP_SECONDS)[0].observations
    assert found.participants == {1: "DSS-25", 2: "yyyy-nnnA"}
    assert (found.path, found.integration_interval_s, found.integration_reference) == ((2, 1), 1.0, "MIDDLE")
    received = found.received_frequencies("RECEIVE_FREQ_1")
    assert received.value[0] == 32021034790.7265
    assert received.unit == "Hz"
    assert received.tai_ns[0] == parse_utc("2005-159T17:41:00", LEAP_SECONDS)


def test_corrections_are_added_once() -> None:
    tai_ns, kind = np.array([START]), np.array(["RANGE"], dtype=object)
    plain = TrackingPass(
        tai_ns, kind, np.array([1000.0]), {"RANGE": "m"}, {1: "A", 2: "B"}, corrections={"RANGE": -5.0},
        corrections_applied=False,
    )  # fmt: skip
    assert plain.corrected("RANGE").value.tolist() == [995.0]
    values = {item.name: getattr(plain, item.name) for item in fields(plain)}
    applied = TrackingPass(**{**values, "corrections_applied": True})
    assert applied.corrected("RANGE").value.tolist() == [1000.0]
    with pytest.raises(InputError, match="nobody says"):
        TrackingPass(**{**values, "corrections_applied": None}).corrected("RANGE")
    with pytest.raises(UnknownNameError, match="RANGE"):
        plain.of("DOR")
    with pytest.raises(InputError, match="not there"):
        TrackingPass(**{**values, "path": (1, 3)})


def test_ranges_keep_their_unit() -> None:
    segment = _segment(1)
    values = {item.name: getattr(segment, item.name) for item in fields(segment)}
    in_seconds = TrackingSegment(**{**values, "range_units": "s"})
    if "RANGE" in segment.observations.kinds():
        with pytest.raises(InputError, match="RANGE"):
            write_tracking([in_seconds], HEADER, LEAP_SECONDS)
    message = read_message(write_tracking([segment], HEADER, LEAP_SECONDS))
    with pytest.raises(FormatError, match="TDM"):
        read_tracking(type(message)("OEM", "3.0", "kvn", "", b"", message.root, message.table), LEAP_SECONDS)
