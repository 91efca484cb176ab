"""Data lines in bulk: a slice of a file to epochs and a float64 array.

Fast road: a correctly rounding CSV engine over the slice (Lemire, Softw. Pract. Exper. 51, 2021) for the
numbers and one vector operation for the epochs. Whatever it does not take (plus signs, D exponents, comments,
day-of-year mixed with dates, changing columns) goes down the slow road, line by line, by the book's grammar.

**Accuracy**: every value equals Python's ``float`` of its text, bit for bit (``test_ccsds_bulk.py``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.epochs import Epochs, parse_epoch_matrix, parse_epochs
from syzygy.formats.ccsds.grammar import number_text
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Comment, Entry, Message, Record, Records

_SMALL = 4096
_KEYWORD = re.compile(r"(?!COMMENT\Z)[A-Za-z0-9_]+")
_MAX_COLUMNS = 64
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DIGITS_ALIKE = bytes.maketrans(b"123456789e", b"000000000E")


@dataclass(frozen=True, eq=False)
class Lines:
    """n data lines of one segment: epochs and numbers.

    Attributes
    ----------
    epochs : Epochs
    values : float64 (n, k)
        In the units of the message (km, km/s, deg ...), columns as in the file.
    keywords : object (n,) or None
        Observation keyword of each line of a TDM.
    """

    epochs: Epochs
    values: NDArray[np.float64]
    keywords: NDArray[np.object_] | None = None

    def __len__(self) -> int:
        """Return n."""
        return int(self.values.shape[0])


def read_lines(message: Message, segment: int = 0) -> Lines:
    """Read the data lines of a segment of an OEM, AEM or TDM.

    Parameters
    ----------
    message : Message
        As `read_message` returns it; with ``check_lines=False`` the lines are checked here and not before.
    segment : int
        From 0.

    Raises
    ------
    FormatError
        No such segment, no data lines, a line that is no record, changing numbers of columns, a value that is
        no finite number. The line is named.
    """
    segments = message.segments
    if not 0 <= segment < len(segments):
        raise FormatError(
            "no such segment", value=segment, allowed=f"0 to {len(segments) - 1}", where=message.name
        )
    metadata, data = segments[segment].block("metadata"), segments[segment].block("data")
    system = metadata.text("TIME_SYSTEM") if metadata else ""
    records = _record_items(data)
    if not records:
        raise FormatError("the segment has no data lines", value=f"segment {segment}", where=message.name)
    parts = [read_records(item, system, message.name) for item in records]
    return _join(parts, message.name)


def _record_items(block: Block | None) -> list[Records]:
    items = block.items if block else []
    return [item for item in items if not isinstance(item, Entry | Comment | Block)]


def _join(parts: Sequence[Lines], name: str) -> Lines:
    if len(parts) == 1:
        return parts[0]
    if len({part.values.shape[1] for part in parts}) > 1:
        raise FormatError("the number of columns changes within a segment", where=name)
    epochs = Epochs(
        np.concatenate([part.epochs.day for part in parts]),
        np.concatenate([part.epochs.day_ns for part in parts]),
        parts[0].epochs.time_system,
    )
    keywords = [part.keywords for part in parts if part.keywords is not None]
    return Lines(
        epochs,
        np.concatenate([part.values for part in parts]),
        np.concatenate(keywords) if keywords else None,
    )


def read_records(records: Records, system: str, name: str) -> Lines:
    """Read data lines of one block: many by the fast road, what that does not take by the slow one."""
    if isinstance(records, KvnRecords) and records.stop - records.start > _SMALL:
        tracking = records.element == "observation"
        slice_ = memoryview(records.content)[records.start : records.stop]
        fast = parse_slice(slice_, system, tracking=tracking)
        if fast is not None:
            return fast
    return read_slowly(records, system, name)


def read_slowly(records: Records, system: str, name: str) -> Lines:
    """Read data lines one by one; the first that is no record is named."""
    lines = [item for item in records.items() if isinstance(item, Record)]
    width = len(lines[0].values) if lines else 0
    values = np.empty((len(lines), width))
    for index, record in enumerate(lines):
        texts = [number_text(value) for value in record.values]
        if len(texts) != width or None in texts:
            raise _bad_line(record, width, name)
        values[index] = [float(text) for text in texts if text is not None]
        if not np.isfinite(values[index]).all():
            raise _bad_line(record, width, name)
    keywords: NDArray[np.object_] | None = None
    if any(record.keyword for record in lines):
        keywords = np.array([record.keyword for record in lines], dtype=object)
    epochs = parse_epochs([record.epoch for record in lines], system, name)
    return Lines(epochs, values, keywords)


def _bad_line(record: Record, width: int, name: str) -> FormatError:
    return FormatError(
        "a data line is no record",
        value=" ".join([record.epoch, *record.values])[:80],
        allowed=f"an epoch and {width} finite numbers",
        where=f"{name} line {record.line}".strip(),
    )


def parse_slice(
    text: memoryview, system: str, *, tracking: bool = False, plain: bool = False
) -> Lines | None:
    """Parse a slice of data lines by the fast road; None where it has anything unusual.

    The slice is tried as it stands; runs of blanks, tabs, blank lines and lone carriage returns make that
    fail, then a tidied copy is tried, unless `plain` asks for lines as they stand only (then every line is a
    record).
    """
    lines = _parse_plain(text, system, tracking)
    if lines is not None or plain:
        return lines
    tidy = _tidy(bytes(text), tracking)
    return None if tidy is None else _parse_plain(memoryview(tidy), system, tracking)


def parse_numbers(text: memoryview) -> NDArray[np.float64] | None:
    """Parse lines that begin with a number of seconds, all columns as numbers; None where any is unusual."""
    values = _plain_numbers(text)
    if values is None and (tidy := _tidy(bytes(text), False)) is not None:
        values = _plain_numbers(memoryview(tidy))
    return values


def _plain_numbers(text: memoryview) -> NDArray[np.float64] | None:
    first = bytes(text[:4096]).split(b"\n", 1)[0].rstrip(b"\r")
    count = first.count(b" ") + 1
    table = _parse_csv(text, count, False, True) if count <= _MAX_COLUMNS else None
    if table is None:
        return None
    values = np.column_stack([table.column(name).to_numpy() for name in table.column_names])
    return values if bool(np.isfinite(values).all()) else None


def _parse_plain(text: memoryview, system: str, tracking: bool) -> Lines | None:
    first = bytes(text[:4096]).split(b"\n", 1)[0].rstrip(b"\r")
    count = first.count(b" ") + 1
    if not 2 <= count <= _MAX_COLUMNS or (tracking and count != 4):
        return None
    table = _parse_csv(text, count, tracking)
    if table is None:
        return None
    epochs = _epochs(table.column("e"), system)
    if epochs is None:
        return None
    keywords = None
    if tracking:
        if any(chunk.dictionary.to_pylist() != ["="] for chunk in table.column("=").chunks):
            return None
        keywords = _names(table.column("k"))
        if not all(_KEYWORD.fullmatch(name) for name in set(keywords.tolist())):
            return None
    names = [name for name in table.column_names if name[0] == "v"]
    values = np.empty((table.num_rows, len(names)))
    for index, name in enumerate(names):
        start = 0
        for chunk in table.column(name).chunks:
            values[start : start + len(chunk), index] = chunk.to_numpy(zero_copy_only=False)
            start += len(chunk)
    if not bool(np.isfinite(values).all()):
        return None
    return Lines(epochs, values, keywords)


def _names(column: Any) -> NDArray[np.object_]:
    parts = [
        np.array(chunk.dictionary.to_pylist(), dtype=object)[chunk.indices.to_numpy()]
        for chunk in column.chunks
    ]
    return np.concatenate(parts)


def _tidy(text: bytes, tracking: bool) -> bytes | None:
    """Return the lines with single blanks and LF only; None where comments stand between them."""
    if b"COMMENT" in text:
        return None
    plain = text.replace(b"\t", b" ").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if tracking:
        plain = plain.replace(b"=", b" = ")
    for double, single in ((b"  ", b" "), (b" \n", b"\n"), (b"\n ", b"\n"), (b"\n\n", b"\n")):
        while double in plain:
            plain = plain.replace(double, single)
    return plain.strip(b" \n") + b"\n"


def _parse_csv(plain: Any, count: int, tracking: bool, relative: bool = False) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    text = bytes(plain)
    if text.startswith(_BYTE_ORDER_MARK) or _has_long_exponent(
        text
    ):  # read otherwise, or not, by the slow road
        return None
    names = ["k", "=", "e", "v"] if tracking else ["e"] + [f"v{index}" for index in range(count - 1)]
    types = {name: pa.float64() for name in names}
    if not relative:
        types["e"] = pa.binary()
    if tracking:
        types["k"] = types["="] = pa.dictionary(pa.int32(), pa.string())
    try:
        return csv.read_csv(
            pa.BufferReader(pa.py_buffer(text)),
            read_options=csv.ReadOptions(use_threads=False, column_names=names, block_size=1 << 22),
            parse_options=csv.ParseOptions(delimiter=" ", quote_char=False, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types=types, null_values=[], strings_can_be_null=False, check_utf8=tracking
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _has_long_exponent(text: bytes) -> bool:
    """Whether an exponent has five digits or more, which the grammar does not read."""
    if b"E" not in text and b"e" not in text:
        return False
    return b"E00000" in text.translate(_DIGITS_ALIKE, b"+-")


def _epochs(column: Any, system: str) -> Epochs | None:
    days, nanoseconds = [], []
    for chunk in column.chunks:
        _, offsets, data = chunk.buffers()
        if len(chunk) == 0:
            continue
        ends = np.frombuffer(offsets, dtype=np.int32)[chunk.offset : chunk.offset + len(chunk) + 1]
        width = int(ends[1] - ends[0])
        if width < 17 or not bool((np.diff(ends) == width).all()):
            return None
        text = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]].reshape(len(chunk), width)
        parsed = parse_epoch_matrix(text)
        if parsed is None:
            return None
        days.append(parsed[0])
        nanoseconds.append(parsed[1])
    if not days:
        return None
    return Epochs(np.concatenate(days), np.concatenate(nanoseconds), system)
