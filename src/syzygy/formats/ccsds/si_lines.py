"""Data lines in SI: the decimal point is moved in the text, so that each number is rounded once.

Large blocks go through the same engine as `bulk`; whatever that does not take goes number by number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.bulk import Lines, parse_slice
from syzygy.formats.ccsds.clocks import MessageClock
from syzygy.formats.ccsds.epochs import parse_epochs
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Comment, Entry, Record, Records
from syzygy.formats.ccsds.si_values import si_value

_SMALL = 4096
_POINT, _COLON = ord("."), ord(":")


def kilometre_lines(block: Block, clock: MessageClock) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return instants and values (n, k) of lines whose numbers are all in km or km per power of s, as m.

    Raises
    ------
    FormatError
        No lines, changing numbers of columns, a line that is no record.
    TimeScaleError, CoverageError
        As `MessageClock.instants`.

    **Accuracy**: every value is the double nearest to its text (``test_ccsds_core.py``).
    """
    parts = [_kilometres(item, clock) for item in record_items(block)]
    if not parts:
        raise FormatError("the segment has no data lines", where=clock.where)
    widths = {part.values.shape[1] for part in parts}
    if len(widths) > 1:
        raise FormatError(
            "the number of columns changes within a segment", value=sorted(widths), allowed="one width",
            where=clock.where,
        )  # fmt: skip
    instants = [clock.instants(part.epochs) for part in parts]
    return np.concatenate(instants), np.concatenate([part.values for part in parts])


def record_items(block: Block | None) -> list[Records]:
    """Return the runs of data lines of a block."""
    items = block.items if block else []
    return [item for item in items if not isinstance(item, Entry | Comment | Block)]


def data_comments(block: Block) -> tuple[str, ...]:
    """Return the comments of a block of data lines, those between the lines included."""
    texts = list(block.comments())
    for item in record_items(block):
        if isinstance(item, KvnRecords) and item.content.find(b"COMMENT", item.start, item.stop) < 0:
            continue
        texts.extend(part.text for part in item.items() if isinstance(part, Comment))
    return tuple(texts)


def _kilometres(records: Records, clock: MessageClock) -> Lines:
    if isinstance(records, KvnRecords) and records.stop - records.start > _SMALL:
        found = _moved_points(records.content[records.start : records.stop])
        if found is not None:
            lines = parse_slice(memoryview(found[0]), clock.time_system)
            if lines is not None and lines.values.size == found[1]:
                return lines
    return unit_lines(list(records.items()), ("km",) * 9, clock)


def _moved_points(text: bytes) -> tuple[bytes, int] | None:
    """Return the lines with every decimal point three digits further right, and how many points were moved.

    None where a point has fewer than three digits behind it. A number without a point is not moved; the
    caller sees that from the count.
    """
    buffer = np.frombuffer(text, dtype=np.uint8)
    points = np.flatnonzero(buffer == _POINT)
    if points.size == 0 or points[0] < 3:
        return None
    points = points[buffer[points - 3] != _COLON]  # the point of an epoch stands two digits behind a colon
    if points.size == 0 or int(points[-1]) + 3 >= buffer.size:
        return None
    digits = [buffer[points + step] for step in (1, 2, 3)]
    if any(bool(((digit < 48) | (digit > 57)).any()) for digit in digits):
        return None
    moved = buffer.copy()
    for step, digit in enumerate(digits):
        moved[points + step] = digit
    moved[points + 3] = _POINT
    return moved.tobytes(), int(points.size)


def unit_lines(items: Sequence[Record | Comment], units: Sequence[str], clock: MessageClock) -> Lines:
    """Return epochs and SI values of lines whose columns have these units.

    Raises
    ------
    FormatError
        Changing numbers of columns, more columns than units, a value that is no number. The line is named.
    """
    records = [item for item in items if isinstance(item, Record)]
    width = len(records[0].values) if records else 0
    values = np.empty((len(records), width))
    for index, record in enumerate(records):
        if len(record.values) != width or width > len(units):
            raise FormatError(
                "a data line has another number of values", value=len(record.values), allowed=f"{width}",
                where=f"{clock.where} line {record.line}".strip(),
            )  # fmt: skip
        where = f"{clock.where} line {record.line}".strip()
        values[index] = [
            si_value(text, unit, where) for text, unit in zip(record.values, units, strict=False)
        ]
    epochs = parse_epochs([record.epoch for record in records], clock.time_system, clock.where)
    return Lines(epochs, values)
