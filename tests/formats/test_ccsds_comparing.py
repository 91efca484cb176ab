"""Comparing messages: by meaning, in units, as instants, line by line of their epochs."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import SyzygyError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import Difference, compare_messages, read_message, write_message
from syzygy.formats.ccsds.comparing_values import Clock, compare_epochs, compare_numbers, same_text
from syzygy.formats.ccsds.differences import state_differences

UTC, TAI, TT, GPS, MET = (Clock(name) for name in ("UTC", "TAI", "TT", "GPS", "MET"))


@pytest.fixture(scope="module")
def leap_seconds() -> LeapSeconds:
    return build_almanac(("leap_seconds",)).leap_seconds


def _compare(first: bytes, second: bytes, leap_seconds: LeapSeconds | None = None) -> list[Difference]:
    return list(compare_messages(read_message(first), read_message(second), leap_seconds))


# --- values ---


@pytest.mark.parametrize(
    ("first", "second", "units", "matters", "exact", "plain", "last_digits"),
    [
        ("1.50", "1.5", ("km", "km"), False, "", None, 0.0),
        ("6655.9942", "6655.99421", ("km", "km"), True, "0.00001", 0.01, 0.1),
        ("7000.5", "7000500", ("km", "m"), False, "", None, 0.0),
        ("7000.5", "7000501.0", ("km", "m"), True, "0.001", 1.0, 0.01),
        ("1.0E-3", "0.001", ("", ""), False, "", None, 0.0),
        ("0.1", "0.3", ("deg", "deg"), True, "0.2", 720.0, 2.0),
        ("9007199254740993", "9007199254740992", ("", ""), True, "-1", None, 1.0),
    ],
)  # fmt: skip
def test_numbers_are_compared_digit_by_digit_and_in_their_units(  # type: ignore[no-untyped-def]
    first, second, units, matters, exact, plain, last_digits
) -> None:
    change = compare_numbers(first, second, *units)
    assert change is not None
    assert (change.matters, change.exact) == (matters, exact)
    assert change.plain == (None if plain is None else pytest.approx(plain, rel=1e-15))
    assert change.last_digits == pytest.approx(last_digits)


def test_units_of_different_things_are_no_numbers_to_compare() -> None:
    assert compare_numbers("1.0", "1.0", "km", "s") is None
    assert compare_numbers("1.0", "none", "km", "km") is None


def test_epochs_are_instants_of_their_time_systems(leap_seconds: LeapSeconds) -> None:
    """Offsets: TAI - UTC 37 s since 2017 (IERS Bulletin C 52), TT - TAI 32.184 s, TAI - GPS 19 s."""
    utc = "2020-01-01T00:00:00"
    for text, clock in (
        ("2020-01-01T00:00:37", TAI), ("2020-001T00:01:09.184", TT), ("2020-01-01T00:00:18.000Z", GPS),
    ):  # fmt: skip
        change = compare_epochs(utc, text, UTC, clock, leap_seconds)
        assert change is not None
        assert not change.matters
    later = compare_epochs(utc, "2020-01-01T00:00:37.0000000001", UTC, TAI, leap_seconds)
    assert later is not None
    assert (later.exact, later.last_digits) == ("0.0000000001", pytest.approx(1e-10))  # beside whole seconds
    assert compare_epochs(utc, utc, UTC, MET, leap_seconds) is None
    assert compare_epochs(utc, utc, UTC, TAI, None) is None


def test_a_leap_second_counts(leap_seconds: LeapSeconds) -> None:
    before, inside, after = "2016-12-31T23:59:59", "2016-12-31T23:59:60.25", "2017-01-01T00:00:00"
    for first, second, seconds in ((before, inside, "1.25"), (inside, after, "0.75"), (before, after, "2")):
        change = compare_epochs(first, second, UTC, UTC, leap_seconds)
        assert change is not None
        assert change.exact == seconds
    change = compare_epochs(before, after, UTC, UTC, None)
    assert change is not None
    assert change.exact == "1"  # the labels


def test_seconds_from_the_epoch_zero_are_epochs(leap_seconds: LeapSeconds) -> None:
    relative = Clock("UTC", "2016-12-31T23:59:00")
    change = compare_epochs("2017-01-01T00:00:00", "61.0", relative, relative, leap_seconds)
    assert change is not None
    assert not change.matters


def test_texts_differ_in_case_only_where_they_are_free() -> None:
    assert same_text("MARS_BARYCENTER", "MARS  BARYCENTER", normative=False)
    assert same_text("EARTH", "earth", normative=True)
    assert not same_text("GOES 9", "goes 9", normative=False)


# --- messages ---


@pytest.mark.slow
def test_every_carried_message_is_the_same_as_itself_in_every_form(
    test_data: Path, leap_seconds: LeapSeconds
) -> None:
    compared = 0
    for path in sorted((test_data / "ccsds").iterdir()):
        try:
            message = read_message(path.read_bytes(), name=path.name)
        except SyzygyError:
            continue
        for form in ("kvn", "xml", "json"):
            other = read_message(write_message(message, form))
            found = [item for item in compare_messages(message, other, leap_seconds) if item.kind != "form"]
            assert not found, path.name
            compared += 1
    assert compared >= 60


def test_a_missing_keyword_block_and_comment_are_one_difference_each(test_data: Path) -> None:
    content = (test_data / "ccsds" / "OPMExample4.txt").read_bytes()
    lines = content.splitlines(keepends=True)
    without = b"".join(line for line in lines if not line.startswith(b"DRAG_COEFF"))
    (gone,) = _compare(content, without)
    assert (gone.kind, gone.place) == ("missing", "segment/data/spacecraftParameters/DRAG_COEFF")
    covariance = (b"COV_REF_FRAME", *(b"CX_", b"CY_", b"CZ_"), b"CX_DOT", b"CY_DOT", b"CZ_DOT")
    kept = b"".join(line for line in lines if not line.startswith(covariance))
    (block,) = _compare(content, kept)
    assert (block.kind, block.first) == ("missing", "22 keywords")
    comment = next(line for line in lines if line.startswith(b"COMMENT"))
    quiet = content.replace(comment, b"", 1)
    assert [item.kind for item in _compare(content, quiet)] == ["comment"]


def test_a_trajectory_in_metres_says_the_same_as_one_in_kilometres(
    test_data: Path, leap_seconds: LeapSeconds
) -> None:
    head = (
        "CCSDS_OCM_VERS = 3.0\nCREATION_DATE = 2024-01-01T00:00:00\nORIGINATOR = A\nMETA_START\n"
        "TIME_SYSTEM = UTC\nEPOCH_TZERO = 2024-01-01T00:00:00\nMETA_STOP\nTRAJ_START\nCENTER_NAME = EARTH\n"
        "TRAJ_REF_FRAME = EME2000\nTRAJ_TYPE = CARTP\n"
    )
    kilometres = f"{head}TRAJ_UNITS = [km, km, km]\n60.0 7000.5 -1.25 0.0\nTRAJ_STOP\n".encode()
    metres = f"{head}TRAJ_UNITS = [m, m, m]\n2024-01-01T00:01:00 7000500.0 -1250 0\nTRAJ_STOP\n".encode()
    found = _compare(kilometres, metres, leap_seconds)
    assert [item.place for item in found if item.matters] == ["segment/data/traj/TRAJ_UNITS"]
    moved = metres.replace(b"-1250", b"-1251")
    (_, change) = [item for item in _compare(kilometres, moved, leap_seconds) if item.matters]
    assert (change.difference, change.unit, change.plain) == ("-0.001", "km", -1.0)


def test_the_distance_of_two_states_is_that_of_their_vectors(test_data: Path) -> None:
    content = (test_data / "ccsds" / "OPMExample3.txt").read_bytes()
    assert b"6503.514000" in content
    message = read_message(content)
    text = content.decode()
    for keyword, change in (("X", "0.003"), ("Y", "0.004"), ("Z_DOT", "0.00012")):
        old = message.find(keyword)[0].text
        digits = len(old.partition(".")[2])
        text = text.replace(old, f"{float(old) + float(change):.{digits}f}", 1)
    (state,) = state_differences(_compare(content, text.encode()))
    assert state.place == "segment/data/stateVector"
    assert state.position_m == pytest.approx(5.0, rel=1e-12)
    assert state.velocity_m_s == pytest.approx(0.12, rel=1e-12)


def _ephemeris(rows: list[str]) -> bytes:
    head = (
        "CCSDS_OEM_VERS = 3.0\nCREATION_DATE = 2024-01-01T00:00:00\nORIGINATOR = A\nMETA_START\n"
        "OBJECT_NAME = B\nOBJECT_ID = 2024-001A\nCENTER_NAME = EARTH\nREF_FRAME = EME2000\n"
        "TIME_SYSTEM = UTC\n"
        "START_TIME = 2024-01-01T00:00:00\nSTOP_TIME = 2024-01-02T00:00:00\nMETA_STOP\n"
    )
    return (head + "\n".join(rows) + "\n").encode()


def test_lines_that_were_taken_out_or_put_in_disturb_no_other() -> None:
    rows = [
        f"2024-01-01T{i // 60:02}:{i % 60:02}:00 {7000 + math.sin(i):.6f} 1.0 2.0 3.0 4.0 5.0"
        for i in range(1000)
    ]
    chance = random.Random(7)
    gone = set(chance.sample(range(1000), 40))
    changed = set(chance.sample(sorted(set(range(1000)) - gone), 25))
    other = [
        row.replace(" 1.0 ", " 1.1 ") if index in changed else row
        for index, row in enumerate(rows)
        if index not in gone
    ]
    found = _compare(_ephemeris(rows), _ephemeris(other))
    assert sorted(item.kind for item in found) == ["missing"] * 40 + ["value"] * 25
    back = _compare(_ephemeris(other), _ephemeris(rows))
    assert sorted(item.kind for item in back) == ["missing"] * 40 + ["value"] * 25


@pytest.mark.slow
def test_two_ephemerides_with_no_epoch_in_common_are_compared_in_time_that_grows_with_their_length() -> None:
    def rows(second: int) -> list[str]:
        return [
            f"2024-01-01T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}.{second} 7000.0 1.0 2.0 3.0 4.0 5.0"
            for i in range(6_000)
        ]

    found = _compare(_ephemeris(rows(0)), _ephemeris(rows(5)))
    assert len(found) == 6_000
    assert {item.difference for item in found} == {"0.5"}
