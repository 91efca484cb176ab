"""Data lines in bulk: every value equals Python's float of its text, every epoch its own label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import FormatError, SyzygyError, TimeScaleError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import (
    LineStream,
    MessageError,
    data_checks,
    read_lines,
    read_message,
    write_message,
)
from syzygy.formats.ccsds.bulk import parse_slice
from syzygy.formats.ccsds.bulk_xml import XmlLineStream
from syzygy.formats.ccsds.diagnostics import Diagnostic
from syzygy.formats.ccsds.epochs import parse_epochs

_HEAD = """CCSDS_OEM_VERS = 3.0
CREATION_DATE = 2026-01-01T00:00:00
ORIGINATOR = TEST
META_START
OBJECT_NAME = A
OBJECT_ID = 2026-001A
CENTER_NAME = EARTH
REF_FRAME = EME2000
TIME_SYSTEM = UTC
START_TIME = 2026-01-01T00:00:00
STOP_TIME = 2027-01-01T00:00:00
META_STOP
"""


@pytest.fixture(scope="module")
def leap_seconds() -> LeapSeconds:
    return build_almanac(("leap_seconds",)).leap_seconds


def _message(lines: list[str], end: str = "\n") -> bytes:
    return (_HEAD.replace("\n", end) + end.join(lines) + end).encode()


def _line(index: int, *, epoch: str = "", values: str = "7000.5 -1.25 3.0 0.1 7.5 -0.3") -> str:
    day, second = divmod(index, 86400)
    stamp = f"2026-01-{day + 1:02d}T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}.000"
    return f"{epoch or stamp} {values}"


_NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda value: f"{value:.17g}"),
    st.from_regex(r"[+-]?[0-9]{1,20}(\.[0-9]{0,25})?([eE][+-]?[0-9]{1,2})?", fullmatch=True),
)


@given(st.lists(st.tuples(*[_NUMBERS] * 6), min_size=1, max_size=60), st.booleans())
@settings(max_examples=30)
def test_every_value_equals_the_float_of_its_text(rows: list[tuple[str, ...]], wide: bool) -> None:
    rows = rows * (200 // len(rows) + 1)
    blank = "   " if wide else " "
    lines = [blank.join([_line(i).split()[0], *row]) for i, row in enumerate(rows)]
    message = read_message(_message(lines), check_lines=False)
    found = read_lines(message)
    expected = np.array([[float(text) for text in row] for row in rows])
    assert np.array_equal(found.values.view(np.int64), expected.view(np.int64))


def test_fast_and_slow_road_agree_on_the_corpus(shared_data: Path) -> None:
    compared = 0
    for path in sorted((shared_data / "exchange" / "ccsds").rglob("*")):
        if not path.is_file() or path.suffix == ".gz":
            continue
        try:
            message = read_message(path.read_bytes(), name=path.name)
        except SyzygyError:
            continue
        if message.kind not in ("OEM", "AEM", "TDM") or message.form != "kvn":
            continue
        for index, segment in enumerate(message.segments):
            data = segment.block("data")
            assert data is not None
            slow = read_lines(message, index)
            texts = [record.values for record in data.records()]
            assert slow.values.tolist() == [[float(text) for text in row] for row in texts]
            for item in data.items:
                if hasattr(item, "element"):
                    part = memoryview(item.content)[item.start : item.stop]
                    fast = parse_slice(part, "UTC", tracking=message.kind == "TDM")
                    if fast is not None and len(fast) == len(slow):
                        assert np.array_equal(fast.values, slow.values)
                        assert np.array_equal(fast.epochs.day_ns, slow.epochs.day_ns)
                        assert np.array_equal(fast.epochs.day, slow.epochs.day)
                        compared += 1
    assert compared >= 30


def _odd_files() -> dict[str, Callable[[], bytes]]:
    plain = [_line(i) for i in range(400)]
    return {
        "carriage returns": lambda: _message(plain, "\r\n"),
        "carriage returns alone": lambda: _message(plain, "\r"),
        "tabs": lambda: _message([line.replace(" ", "\t") for line in plain]),
        "blank lines": lambda: _message([line + "\n" for line in plain]),
        "trailing blanks": lambda: _message([line + "  " for line in plain]),
        "leading blanks": lambda: _message(["  " + line for line in plain]),
        "comments inside": lambda: _message([*plain[:200], "COMMENT here", *plain[200:]]),
        "plus signs": lambda: _message([line.replace("7000.5", "+7000.5") for line in plain]),
        "D exponents": lambda: _message([line.replace("7000.5", "7.0005D+03") for line in plain]),
        "no end of line": lambda: _message(plain)[:-1],
        "byte order mark": lambda: b"\xef\xbb\xbf" + _message(plain),
    }


@pytest.mark.parametrize("name", list(_odd_files()))
def test_odd_layouts_give_the_same_numbers(name: str) -> None:
    message = read_message(_odd_files()[name]())
    found = read_lines(message)
    assert found.values.tolist() == [[7000.5, -1.25, 3.0, 0.1, 7.5, -0.3]] * 400
    assert np.array_equal(found.epochs.day_ns, np.arange(400) * 1_000_000_000)


@pytest.mark.parametrize(
    "bad", ["nan", "inf", "1_0", "0x10", "1e999", "--1", "", "1,5", "\uff11\uff12", "1.0f", "true", "NULL"]
)
def test_what_is_no_number_of_the_book_is_refused_with_its_line(bad: str) -> None:
    lines = [_line(i) for i in range(400)]
    lines[237] = _line(237, values=f"7000.5 {bad} 3.0 0.1 7.5 -0.3")
    content = _message(lines)
    if bad != "1e999":
        with pytest.raises(MessageError) as caught:
            read_message(content)
        assert 13 + 237 in {item.line for item in caught.value.diagnostics}
    with pytest.raises(FormatError, match=r"data line|epoch"):
        read_lines(read_message(content, check_lines=False))


@pytest.mark.parametrize(
    "epoch",
    ["2026-02-29T00:00:00.000", "2026-01-01T24:00:00.000", "2026-01-01T00:00:60.000", "2026-01-01 00:00"],
)
def test_impossible_dates_are_refused(epoch: str) -> None:
    lines = [_line(i) for i in range(400)]
    lines[3] = _line(3, epoch=epoch)
    with pytest.raises(SyzygyError):
        read_lines(read_message(_message(lines), check_lines=False))


def test_a_leap_second_has_its_own_label(leap_seconds: LeapSeconds) -> None:
    texts = ["2016-12-31T23:59:59.5", "2016-12-31T23:59:60.5", "2017-01-01T00:00:00.5"]
    tai = parse_epochs(texts, "UTC").tai_ns(leap_seconds)
    assert np.diff(tai).tolist() == [1_000_000_000] * 2
    assert tai.tolist() == [parse_utc(text, leap_seconds) for text in texts]


def test_day_of_year_and_calendar_are_one_day(leap_seconds: LeapSeconds) -> None:
    lines = [f"2026-{1 + i // 86400:03d}T{_line(i).split('T')[1]}" for i in range(0, 40000, 100)]
    found = read_lines(read_message(_message(lines)))
    assert np.array_equal(found.epochs.day_ns, np.arange(0, 40000, 100) * 1_000_000_000)
    assert set(found.epochs.day.tolist()) == {20454}


@pytest.mark.parametrize("system", ["MET", "MRT", "SCLK", "GMST", "TCB", "UT1"])
def test_clocks_of_others_are_not_guessed(system: str, leap_seconds: LeapSeconds) -> None:
    with pytest.raises(TimeScaleError, match=system):
        parse_epochs(["2026-01-01T00:00:00"], system).tai_ns(leap_seconds)


@pytest.mark.parametrize(("system", "offset"), [("TAI", 0), ("TT", -32_184_000_000), ("GPS", 19_000_000_000)])
def test_parallel_scales_differ_by_their_constant(
    system: str, offset: int, leap_seconds: LeapSeconds
) -> None:
    epochs = parse_epochs(["2026-01-01T00:00:00"], system)
    label = int(epochs.day[0]) * 86_400_000_000_000
    assert int(epochs.tai_ns(leap_seconds)[0]) - label == offset


@pytest.mark.parametrize("slice_bytes", [200, 1 << 12, 1 << 24])
def test_a_stream_gives_the_same_numbers_whatever_its_slices(
    slice_bytes: int, test_data: Path, tmp_path: Path
) -> None:
    content = (test_data / "ccsds" / "OEM-Issue839.txt").read_bytes()
    (tmp_path / "small.oem").write_bytes(content)
    whole = read_message(content)
    stream = LineStream(tmp_path / "small.oem", slice_bytes=slice_bytes)
    pieces = list(stream)
    for segment in range(3):
        mine = np.concatenate([lines.values for index, lines in pieces if index == segment])
        assert np.array_equal(mine, read_lines(whole, segment).values)
    assert stream.skeleton is not None
    assert stream.skeleton.find("OBJECT_NAME")[2].text == "MARS GLOBAL SURVEYOR"
    assert {lines.epochs.time_system for _, lines in pieces} == {"TAI"}


def test_a_stream_names_the_line_that_is_wrong(tmp_path: Path) -> None:
    lines = [_line(i) for i in range(3000)]
    lines[2222] = _line(2222, values="7000.5 -1.25 x 0.1 7.5 -0.3")
    (tmp_path / "bad.oem").write_bytes(_message(lines))
    with pytest.raises(FormatError) as caught:
        list(LineStream(tmp_path / "bad.oem", slice_bytes=1 << 13))
    assert f"line {13 + 2222}" in caught.value.where
    (tmp_path / "cut.oem").write_bytes(_message(lines[:100]).replace(b"STOP_TIME", b"COMMENT"))
    with pytest.raises(MessageError, match="missing"):
        list(LineStream(tmp_path / "cut.oem"))


_TRACKING = """CCSDS_TDM_VERS = 2.0
CREATION_DATE = 2026-01-01T00:00:00
ORIGINATOR = TEST
META_START
TIME_SYSTEM = UTC
PARTICIPANT_1 = A
PARTICIPANT_2 = B
MODE = SEQUENTIAL
PATH = 1,2,1
META_STOP
DATA_START
COMMENT first
"""


@pytest.mark.slow
@pytest.mark.parametrize("slice_bytes", [120, 1 << 12, 1 << 24])
@pytest.mark.parametrize("line", ["{} = {} {}", " {}={}  {} "])
def test_observations_are_streamed_like_states(slice_bytes: int, line: str, tmp_path: Path) -> None:
    stamps = [_line(i).split()[0] for i in range(900)]
    names = ["RANGE", "RECEIVE_FREQ", "ANGLE_1"] * 300
    data = [
        line.format(name, stamp, i / 7) for i, (name, stamp) in enumerate(zip(names, stamps, strict=True))
    ]
    data.insert(450, "COMMENT in the middle")
    block = _TRACKING[_TRACKING.index("META_START") :]
    content = (_TRACKING + "\n".join(data) + "\nDATA_STOP\n\n" + block + data[0] + "\nDATA_STOP\n").encode()
    (tmp_path / "t.tdm").write_bytes(content)
    stream = LineStream(tmp_path / "t.tdm", slice_bytes=slice_bytes)
    pieces = list(stream)
    found = read_lines(read_message(content))
    values = np.concatenate([lines.values for index, lines in pieces if index == 0])
    assert np.array_equal(values, found.values)
    assert values[:, 0].tolist() == [i / 7 for i in range(900)]
    keywords = [name for index, lines in pieces if index == 0 for name in lines.keywords]  # type: ignore[union-attr]
    assert keywords == names
    assert [len(lines) for index, lines in pieces if index == 1] == [1]
    (tmp_path / "t.tdm").write_bytes(content.replace(b"ANGLE_1", b"ANGLE_9"))
    with pytest.raises(FormatError, match=r"no such .*keyword"):
        list(LineStream(tmp_path / "t.tdm", slice_bytes=slice_bytes))


def test_findings_beyond_the_listed_are_counted_and_still_refused_by_strict() -> None:
    lines = [_line(i, values="7000.123456789012345 -1.25 3.0 0.1 7.5 -0.3") for i in range(1500)]
    found = read_message(_message(lines)).diagnostics
    assert len(found) == 1001
    assert [item.code for item in found[:1000]] == ["more_than_16_digits"] * 1000
    assert (found[-1].code, found[-1].severity) == ("more_findings", "deviation")
    assert found[-1].what.startswith("500 more")
    with pytest.raises(MessageError):
        read_message(_message(lines), strict=True)


@pytest.mark.parametrize("slice_bytes", [300, 1 << 21])
@pytest.mark.parametrize(
    "name", ["OEMExample8.txt", "AEMExample11.xml", "TDMExample2.xml", "OEM-Issue839.txt"]
)
def test_data_lines_of_xml_are_streamed_alike(
    name: str, slice_bytes: int, test_data: Path, tmp_path: Path
) -> None:
    message = read_message((test_data / "ccsds" / name).read_bytes())
    (tmp_path / "m.xml").write_bytes(write_message(message, "xml"))
    stream = XmlLineStream(tmp_path / "m.xml", slice_bytes=slice_bytes)
    pieces = list(stream)
    for segment in range(len(message.segments)):
        whole = read_lines(message, segment)
        mine = [lines for index, lines in pieces if index == segment]
        assert np.array_equal(np.concatenate([lines.values for lines in mine]), whole.values)
        assert np.array_equal(np.concatenate([lines.epochs.day_ns for lines in mine]), whole.epochs.day_ns)
        assert {lines.epochs.time_system for lines in mine} == {whole.epochs.time_system}
        if whole.keywords is not None:
            found = [keyword for lines in mine for keyword in lines.keywords]  # type: ignore[union-attr]
            assert found == whole.keywords.tolist()
    assert stream.skeleton is not None
    assert stream.skeleton.kind == message.kind


def test_a_stream_of_xml_refuses_what_it_cannot_read(tmp_path: Path, test_data: Path) -> None:
    content = (test_data / "ccsds" / "TDMExample2.xml").read_bytes()
    for wrong in (
        content[:-9],
        b"<!DOCTYPE tdm>" + content,
        content.replace(b"tdm", b"ndm"),
        b"<a>" * 99,
        b"<oem",
    ):
        (tmp_path / "m.xml").write_bytes(wrong)
        with pytest.raises(FormatError):
            list(XmlLineStream(tmp_path / "m.xml"))


@pytest.mark.parametrize("number", ["7000.123456789012345", "-.5", "+1.0", "12.5e3", "1.5e-3", "5."])
def test_unusual_numbers_are_noted_from_the_bulk_as_from_line_to_line(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [_line(i, values=f"7000.5 {number if i % 3 else '1.0'} 3.0 0.1 7.5 -0.3") for i in range(300)]
    found = read_message(_message(lines)).diagnostics
    monkeypatch.setattr(data_checks, "keeps_all_rules", lambda *_: False)
    assert read_message(_message(lines)).diagnostics == found


_BLOCKS = {
    "TRAJ": "TRAJ_START\nCENTER_NAME = EARTH\nTRAJ_REF_FRAME = GCRF\nTRAJ_TYPE = CARTP\n{}TRAJ_STOP\n",
    "COV": "COV_START\nCOV_REF_FRAME = RTN\nCOV_TYPE = CARTP\n{}COV_STOP\n",
}


@pytest.mark.parametrize("block", _BLOCKS)
@pytest.mark.parametrize("number", ["1.5", "7000.123456789012345", "1.5D0", "12.5e3", "1.5e-3", "5.", "x"])
@pytest.mark.parametrize("tags", ["relative", "absolute", "repeated", "descending", "outside", "long"])
def test_lines_of_an_ocm_are_judged_in_bulk_as_one_by_one(
    block: str, number: str, tags: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"{i + 0.5}" for i in range(600)]
    if tags == "absolute":
        texts = [f"2026-01-01T00:{i // 60:02d}:{i % 60:02d}" for i in range(600)]
    elif tags == "long":
        texts = [f"{i + 0.1:.17f}" for i in range(600)]
    elif tags != "relative":
        texts[300] = {"repeated": "299.50", "descending": "3.25", "outside": "1.0E6"}[tags]
    values = ["1.0", "0.0", "1.0", "0.0", "0.0"] if block == "COV" else ["1.0", "2.0"]
    lines = "".join(
        " ".join([text, *values, number if i % 2 else "1.0"]) + "\n" for i, text in enumerate(texts)
    )
    head = (
        "CCSDS_OCM_VERS = 3.0\nCREATION_DATE = 2026-01-01T00:00:00\nORIGINATOR = T\nMETA_START\n"
        "TIME_SYSTEM = UTC\nEPOCH_TZERO = 2026-01-01T00:00:00\nSTART_TIME = 0\nSTOP_TIME = 1000\nMETA_STOP\n"
    )
    content = (head + _BLOCKS[block].format(lines)).encode()

    def outcome() -> tuple[Diagnostic, ...]:
        try:
            return read_message(content).diagnostics
        except MessageError as error:
            return error.diagnostics

    found = outcome()
    monkeypatch.setattr(data_checks, "keeps_line_rules", lambda *_: (False, False))
    assert outcome() == found
