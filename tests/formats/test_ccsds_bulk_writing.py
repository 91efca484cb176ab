"""Arrays to data lines: the bits come back, the decimals are those of correct rounding, files are whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.base.errors import InputError
from syzygy.formats.ccsds import LineStream, MessageError, read_lines, read_message
from syzygy.formats.ccsds.bulk import Lines
from syzygy.formats.ccsds.bulk_numbers import number_texts
from syzygy.formats.ccsds.bulk_writing import LineSegment, covariance_lines, format_lines, write_lines
from syzygy.formats.ccsds.epochs import Epochs, parse_epochs
from syzygy.formats.ccsds.grammar import number_fault, number_text

_HEADER = (("COMMENT", "from arrays"), ("CREATION_DATE", "2026-01-01T00:00:00"), ("ORIGINATOR", "TEST"))
_METADATA = (
    ("OBJECT_NAME", "A"), ("OBJECT_ID", "2026-001A"), ("CENTER_NAME", "EARTH"), ("REF_FRAME", "EME2000"),
    ("TIME_SYSTEM", "UTC"), ("START_TIME", "2026-01-01T00:00:00"), ("STOP_TIME", "2026-12-01T00:00:00"),
)  # fmt: skip


def _epochs(count: int, step_ns: int = 10_000_000_000) -> Epochs:
    ns = np.arange(count, dtype=np.int64) * step_ns
    return Epochs(20454 + ns // 86_400_000_000_000, ns % 86_400_000_000_000, "UTC")


def _lines(count: int, columns: int = 6) -> Lines:
    random = np.random.default_rng(7)
    return Lines(_epochs(count), random.normal(size=(count, columns)) * 7000.0)


_DOUBLES = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40)


@given(_DOUBLES)
@settings(max_examples=40)
def test_shortest_texts_give_the_same_bits_and_are_numbers_of_the_book(values: list[float]) -> None:
    column = np.array(values)
    for text, value in zip(number_texts(column).to_pylist(), values, strict=True):
        assert np.float64(text).view(np.int64) == np.float64(value).view(np.int64)
        assert number_text(text) == text
        assert number_fault(text) in ("", "more_than_16_digits")


@given(_DOUBLES)
@settings(max_examples=40)
def test_texts_of_the_book_keep_its_grammar_and_sixteen_digits(values: list[float]) -> None:
    for text, value in zip(number_texts(np.array(values), "book").to_pylist(), values, strict=True):
        assert number_fault(text) == ""
        assert float(text) == pytest.approx(value, rel=6e-16, abs=5e-324)


@given(_DOUBLES, st.integers(1, 15))
@settings(max_examples=40)
def test_fixed_decimals_are_rounded_as_python_rounds(values: list[float], decimals: int) -> None:
    ties = [(round(value % 1e6) + 0.5) / 2.0**7 for value in values]
    column = np.array(values + ties)
    assert number_texts(column, decimals).to_pylist() == [f"{v:.{decimals}f}" for v in column.tolist()]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_not_written(bad: float) -> None:
    with pytest.raises(InputError, match="finite"):
        number_texts(np.array([1.0, bad]))


@pytest.mark.parametrize("form", [0, 16, "repr", True])
def test_forms_of_numbers_that_do_not_exist_are_refused(form: object) -> None:
    with pytest.raises(InputError, match="no such form"):
        number_texts(np.array([1.0]), form)  # type: ignore[arg-type]


def test_a_leap_second_is_written_as_second_sixty() -> None:
    texts = ["2016-12-31T23:59:59.500", "2016-12-31T23:59:60.500", "2017-01-01T00:00:00.500"]
    lines = Lines(parse_epochs(texts, "UTC"), np.ones((3, 1)))
    assert format_lines(lines).decode().split("\n")[:3] == [f"{text} 1.0" for text in texts]


def test_no_digit_of_an_epoch_is_lost_in_silence() -> None:
    lines = Lines(parse_epochs(["2026-01-01T00:00:00.000000001"], "UTC"), np.ones((1, 1)))
    assert format_lines(lines) == b"2026-01-01T00:00:00.000000001 1.0\n"
    with pytest.raises(InputError, match="more digits"):
        format_lines(lines, epoch_digits=6)


def test_a_file_written_from_arrays_is_read_back_bit_by_bit(tmp_path: Path) -> None:
    lines = _lines(70_000)
    matrix = covariance_lines(_epochs(2), np.arange(42.0).reshape(2, 21), ["RTN", ""])
    halves = [Lines(_part(lines.epochs, part), lines.values[part]) for part in (slice(0, 9), slice(9, None))]
    segments = [LineSegment(_METADATA, iter(halves), ("first",), matrix)]
    skeleton = write_lines(tmp_path / "out.oem", "OEM", "3.0", _HEADER, segments)
    assert skeleton.find("OBJECT_NAME")[0].text == "A"
    content = (tmp_path / "out.oem").read_bytes()
    back = read_lines(read_message(content))
    assert np.array_equal(back.values.view(np.int64), lines.values.view(np.int64))
    assert np.array_equal(back.epochs.day_ns, lines.epochs.day_ns)
    streamed = [piece for _, piece in LineStream(tmp_path / "out.oem", slice_bytes=1 << 20)]
    assert np.array_equal(np.concatenate([piece.values for piece in streamed]), lines.values)


@pytest.mark.parametrize(
    ("kind", "columns", "metadata"),
    [
        ("AEM", 4, (("OBJECT_NAME", "A"), ("OBJECT_ID", "2026-001A"), ("REF_FRAME_A", "EME2000"),
                    ("REF_FRAME_B", "SC_BODY_1"), ("TIME_SYSTEM", "UTC"),
                    ("START_TIME", "2026-01-01T00:00:00"), ("STOP_TIME", "2026-12-01T00:00:00"),
                    ("ATTITUDE_TYPE", "QUATERNION"))),
        ("TDM", 1, (("TIME_SYSTEM", "UTC"), ("PARTICIPANT_1", "A"), ("PARTICIPANT_2", "B"),
                    ("MODE", "SEQUENTIAL"), ("PATH", "1,2,1"))),
    ],
)  # fmt: skip
def test_attitudes_and_observations_are_written_alike(
    kind: str, columns: int, metadata: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    lines = _lines(300, columns)
    if kind == "TDM":
        lines = Lines(lines.epochs, lines.values, np.array(["RANGE", "RECEIVE_FREQ"] * 150, dtype=object))
    write_lines(tmp_path / "out", kind, "2.0", _HEADER, [LineSegment(metadata, [lines])])
    back = read_lines(read_message((tmp_path / "out").read_bytes()))
    assert np.array_equal(back.values, lines.values)
    if kind == "TDM":
        assert back.keywords is not None
        assert back.keywords.tolist() == lines.keywords.tolist()  # type: ignore[union-attr]


def test_a_wrong_message_leaves_no_file_behind(tmp_path: Path) -> None:
    with pytest.raises(MessageError, match="missing"):
        write_lines(tmp_path / "x", "OEM", "3.0", _HEADER, [LineSegment(_METADATA[1:], [_lines(3)])])
    with pytest.raises(InputError, match="line end"):
        write_lines(tmp_path / "x", "OEM", "3.0", (("ORIGINATOR", "A\nB = C"),), [])
    assert list(tmp_path.iterdir()) == []


def _part(epochs: Epochs, part: slice) -> Epochs:
    return Epochs(epochs.day[part], epochs.day_ns[part], epochs.time_system)
