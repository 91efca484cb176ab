"""Conjunction messages into the core and out again."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.frames import EME2000, ICRF, TEME, rtn_axes
from syzygy.astro.states import States
from syzygy.astro.time import parse_utc
from syzygy.base.errors import FrameError, InputError, SyzygyError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import MessageError, read_message
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.conjunctions import (
    Conjunction,
    ConjunctionObject,
    make_conjunction,
    object_metadata,
    read_conjunction,
    rtn_covariance,
    write_conjunction,
)
from syzygy.formats.ccsds.typed import Section

LEAP_SECONDS = build_almanac(("leap_seconds",)).leap_seconds
DRAG_ROW = ("R", "T", "N", "RDOT", "TDOT", "NDOT", "DRG")
TCA = parse_utc("2026-11-22T10:11:12.123456789", LEAP_SECONDS)
HEADER = MessageHeader("SYZYGY", parse_utc("2026-11-21T00:00:00", LEAP_SECONDS), message_id="SYZ-1")


def _object(number: int, state: np.ndarray, root: np.ndarray, frame: object = EME2000) -> ConjunctionObject:
    covariance = root @ root.T
    states = States(state[:3], state[3:], np.asarray(TCA), frame)  # type: ignore[arg-type]
    return ConjunctionObject(
        states,
        (covariance + covariance.T) / 2.0,
        object_metadata(str(number), f"OBJECT {number}", international_designator="2020-001A"),
        additional=Section({"AREA_PC": 3.5, "MASS": 1234.5}),
        determination=Section({"ACTUAL_OD_SPAN": 86400.0 * 6.5, "OBS_USED": 17}),
        parameters=Section({f"CDRG_{axis}": -1.25e-3 for axis in DRAG_ROW}),
    )


def _pair(seed: int, frame: object = EME2000) -> Conjunction:
    random = np.random.default_rng(seed)
    base = np.array([7.0e6, 1.0e5, -2.0e5, 10.0, 7500.0, 20.0])
    roots = random.normal(size=(2, 6, 6)) * np.array([30.0, 300.0, 30.0, 0.3, 0.03, 0.03])[:, None]
    one = _object(1, base + random.normal(size=6), roots[0], frame)
    two = _object(2, base * np.array([1, 1, 1, 1, -1, 1]) + random.normal(size=6) * 100.0, roots[1], frame)
    return make_conjunction(
        one, two, more={"COLLISION_PROBABILITY": 1.2345e-5, "COLLISION_PROBABILITY_METHOD": "ALFANO-2005"},
        comments=("HBR = 10 [m]",), header=HEADER,
    )  # fmt: skip


def same_conjunction(one: Conjunction, two: Conjunction) -> bool:
    return (
        one.tca_tai_ns == two.tca_tai_ns
        and one.header == two.header
        and one.relative.same(two.relative)
        and all(
            a.states.position_m.tobytes() == b.states.position_m.tobytes()
            and a.states.velocity_m_s.tobytes() == b.states.velocity_m_s.tobytes()
            and a.states.frame == b.states.frame
            and a.states.centre == b.states.centre
            and a.covariance_rtn.tobytes() == b.covariance_rtn.tobytes()
            and a.metadata.same(b.metadata)
            and a.determination.same(b.determination)
            and a.additional.same(b.additional)
            and a.parameters.same(b.parameters)
            and a.comments == b.comments
            for a, b in zip(one.objects, two.objects, strict=True)
        )
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1), st.sampled_from([EME2000, ICRF]))
def test_every_bit_survives_in_xml_and_with_every_digit(seed: int, frame: object) -> None:
    pair = _pair(seed, frame)
    for form, every_digit in (("xml", False), ("json", False), ("kvn", True)):
        content = write_conjunction(pair, LEAP_SECONDS, form=form, every_digit=every_digit)
        message = read_message(content, strict=form != "kvn")
        assert same_conjunction(read_conjunction(message, LEAP_SECONDS), pair)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32 - 1))
def test_kvn_passes_the_strict_check_and_is_a_fixed_point(seed: int) -> None:
    pair = _pair(seed)
    first = write_conjunction(pair, LEAP_SECONDS)
    once = read_conjunction(read_message(first, strict=True), LEAP_SECONDS)
    for mine, given_ in zip(once.objects, pair.objects, strict=True):
        np.testing.assert_allclose(mine.covariance_rtn, given_.covariance_rtn, rtol=6e-16)
        np.testing.assert_allclose(mine.states.position_m, given_.states.position_m, rtol=6e-16)
    second = write_conjunction(once, LEAP_SECONDS)
    assert same_conjunction(read_conjunction(read_message(second, strict=True), LEAP_SECONDS), once)
    assert second == first


@pytest.mark.parametrize("name", ["cdm_362.kvn"])
def test_a_printed_message_comes_back_to_the_last_bit(name: str, shared_data: Path) -> None:
    content = (shared_data / "exchange" / "ccsds" / "annex" / name).read_bytes()
    first = read_conjunction(read_message(content), LEAP_SECONDS)
    again = read_conjunction(read_message(write_conjunction(first, LEAP_SECONDS), strict=True), LEAP_SECONDS)
    assert same_conjunction(first, again)


def test_a_real_conjunction_comes_back_to_the_last_bit_with_every_digit(shared_data: Path) -> None:
    path = shared_data / "exchange" / "conjunction" / "000020580_conj_000022015.cdm"
    first = read_conjunction(read_message(path.read_bytes()), LEAP_SECONDS)
    again = read_message(write_conjunction(first, LEAP_SECONDS, form="xml"), strict=True)
    assert same_conjunction(first, read_conjunction(again, LEAP_SECONDS))
    truth = tomllib.loads((shared_data / "exchange" / "oracles" / "exchange_oracles.toml").read_text())
    mine = make_conjunction(*first.objects)
    assert mine.miss_distance_m == pytest.approx(truth["one_conjunction"]["miss_distance_m"], rel=1e-9)
    assert mine.relative.number("RELATIVE_SPEED") == pytest.approx(
        truth["one_conjunction"]["relative_speed_m_s"], rel=1e-9
    )


@pytest.mark.slow
def test_every_conjunction_message_of_the_corpus_comes_back(shared_data: Path) -> None:
    done = 0
    for path in sorted((shared_data / "exchange" / "ccsds").rglob("*")):
        if not path.is_file() or b"CCSDS_CDM_VERS" not in path.read_bytes()[:3000]:
            continue
        try:
            first = read_conjunction(read_message(path.read_bytes()), LEAP_SECONDS)
            content = write_conjunction(first, LEAP_SECONDS, form="xml")
        except SyzygyError:
            continue
        again = read_conjunction(read_message(content, strict=True), LEAP_SECONDS)
        assert same_conjunction(first, again), path.name
        done += 1
    assert done >= 5


def test_the_relative_state_is_that_of_the_second_seen_from_the_first() -> None:
    pair = _pair(7)
    one, two = pair.states
    axes = rtn_axes(one.position_m, one.velocity_m_s)
    across = [pair.relative.number(f"RELATIVE_POSITION_{axis}") for axis in "RTN"]
    np.testing.assert_allclose(axes.T @ across, two.position_m - one.position_m, atol=1e-8)
    assert pair.miss_distance_m == pytest.approx(float(np.linalg.norm(across)), rel=1e-14)


def test_covariances_turn_into_the_axes_of_the_object() -> None:
    states = States(np.array([7e6, 0.0, 0.0]), np.array([0.0, 0.0, 7500.0]), np.asarray(TCA), EME2000)
    turned = rtn_covariance(states, np.diag([1.0, 4.0, 9.0, 0.1, 0.4, 0.9]))
    np.testing.assert_allclose(np.diag(turned), [1.0, 9.0, 4.0, 0.1, 0.9, 0.4])
    assert np.array_equal(turned, turned.T)


def test_what_a_cdm_cannot_say_is_refused() -> None:
    pair = _pair(1)
    teme = replace(pair.objects[0], states=replace(pair.objects[0].states, frame=TEME))
    with pytest.raises(FrameError, match="TEME"):
        make_conjunction(teme, pair.objects[1])
    with pytest.raises(FrameError, match="CDM"):
        write_conjunction(replace(pair, objects=(teme, pair.objects[1])), LEAP_SECONDS)
    with pytest.raises(InputError, match="message id"):
        write_conjunction(replace(pair, header=None), LEAP_SECONDS)
    later = replace(pair.objects[1], states=replace(pair.objects[1].states, tai_ns=np.asarray(TCA + 1)))
    with pytest.raises(InputError, match="one instant"):
        make_conjunction(pair.objects[0], later)
    skew = replace(pair.objects[0], covariance_rtn=np.triu(pair.objects[0].covariance_rtn))
    with pytest.raises(InputError, match="symmetric"):
        write_conjunction(replace(pair, objects=(skew, pair.objects[1])), LEAP_SECONDS)
    bare = replace(pair.objects[0], metadata=Section({"OBJECT_NAME": "X"}))
    with pytest.raises(MessageError, match="OBJECT_DESIGNATOR"):
        write_conjunction(replace(pair, objects=(bare, pair.objects[1])), LEAP_SECONDS)


def test_a_leap_second_is_a_time_of_closest_approach() -> None:
    leap_table, pair = LEAP_SECONDS, _pair(3)
    moment = parse_utc("2016-12-31T23:59:60.5", leap_table)
    objects = tuple(
        replace(item, states=replace(item.states, tai_ns=np.asarray(moment))) for item in pair.objects
    )
    pair = replace(pair, tca_tai_ns=moment, objects=(objects[0], objects[1]))
    content = write_conjunction(pair, leap_table)
    assert b"TCA = 2016-12-31T23:59:60.500" in content
    assert read_conjunction(read_message(content, strict=True), leap_table).tca_tai_ns == moment
