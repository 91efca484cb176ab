"""Space weather files of CelesTrak: fixed columns (``SW-All.txt``, ``SW-Last5Years.txt``) and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.environment.space_weather import (
    DAILY_PREDICTED,
    KIND_NAMES,
    MONTHLY_PREDICTED,
    OBSERVED,
    SpaceWeather,
)
from syzygy.base.errors import FormatError
from syzygy.formats.compression import expand

MAX_TEXT_BYTES = 64 << 20
"""Largest unpacked file that is read; the full record since 1957 has 3.3 MB."""

_LINE_LENGTH = 130
_KP = slice(18, 42)
_AP = slice(46, 78)
_AP_DAILY = slice(78, 82)
_F107_ADJUSTED = slice(92, 98)
_F107_OBSERVED = slice(112, 118)
_F107_MEAN81 = slice(118, 124)
_BLOCKS = {name.upper(): code for code, name in enumerate(KIND_NAMES)}
_CSV_KINDS = {"OBS": OBSERVED, "INT": OBSERVED, "PRD": DAILY_PREDICTED, "PRM": MONTHLY_PREDICTED}
_CSV_NEEDED = (
    "DATE",
    *(f"KP{i}" for i in range(1, 9)),
    *(f"AP{i}" for i in range(1, 9)),
    "AP_AVG",
    "F10.7_OBS",
    "F10.7_ADJ",
    "F10.7_DATA_TYPE",
    "F10.7_OBS_CENTER81",
)
_RANGES = {"Kp": (0.0, 9.0), "ap": (0.0, 400.0), "Ap": (0.0, 400.0), "F10.7": (40.0, 2000.0)}


def read_space_weather(content: bytes, *, name: str = "") -> SpaceWeather:
    """Read a space weather file, plain or gzipped, fixed columns or CSV (recognised by its first line).

    Parameters
    ----------
    content : bytes
        The whole file, at most `MAX_TEXT_BYTES` unpacked.
    name : str, optional
        File name for messages.

    Returns
    -------
    SpaceWeather
        One entry per line of the blocks OBSERVED, DAILY_PREDICTED and MONTHLY_PREDICTED; blank is NaN.

    Raises
    ------
    FormatError
        Not such a file, a block that is cut short or not closed, a line that is too short, a field that is
        no number or outside its range, days out of order. The message names the line.

    **Source**: format statement and column headings inside the file; https://celestrak.org/SpaceData
    """
    text = _decode(content, name)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.startswith("DATE,"):
        return _read_csv(text, name)
    if not first.startswith("DATATYPE"):
        raise FormatError(
            "this is no space weather file",
            value=repr(first[:40]),
            allowed="a file that begins with DATATYPE CssiSpaceWeather, or its CSV form",
            where=_where(name, 1),
            hint="use SW-All.txt or SW-Last5Years.txt as served by celestrak.org/SpaceData",
        )
    numbers, lines, kinds = _collect_blocks(text, name)
    return _read_columns(numbers, lines, kinds, name)


def _decode(content: bytes, name: str) -> str:
    content = expand(content, name=name, limit=MAX_TEXT_BYTES)
    if len(content) > MAX_TEXT_BYTES:
        raise FormatError(
            "the space weather file is too large",
            value=f"more than {MAX_TEXT_BYTES} bytes",
            allowed=f"{MAX_TEXT_BYTES} bytes unpacked",
            where=name,
        )
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FormatError(
            "a byte is not ASCII",
            value=hex(content[error.start]),
            allowed="ASCII text",
            where=_where(name, line),
        ) from error


def _collect_blocks(text: str, name: str) -> tuple[list[int], list[str], list[int]]:
    numbers: list[int] = []
    lines: list[str] = []
    kinds: list[int] = []
    announced: dict[str, int] = {}
    block, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.rstrip()
        if line.startswith("NUM_"):
            announced.update(_announced(line, number, name))
        elif line.startswith("BEGIN "):
            if block:
                raise _structure(f"BEGIN inside the block {block}", line, name, number)
            block, start = line[6:].strip(), len(lines)
            if block not in _BLOCKS:
                raise _structure("an unknown block", block, name, number)
        elif line.startswith("END "):
            if line[4:].strip() != block:
                raise _structure("END without its BEGIN", line, name, number)
            if announced.get(block, len(lines) - start) != len(lines) - start:
                raise _structure(
                    f"the block {block} announces {announced[block]} days",
                    f"{len(lines) - start} lines",
                    name,
                    number,
                )
            block = ""
        elif block and line:
            numbers.append(number)
            lines.append(line)
            kinds.append(_BLOCKS[block])
    if block:
        raise _structure(f"the block {block} is not closed", "end of file", name, len(text.splitlines()))
    if not lines:
        raise _structure("the file has no days", "no block OBSERVED", name, 1)
    return numbers, lines, kinds


def _announced(line: str, number: int, name: str) -> dict[str, int]:
    words = line.split()
    block = words[0][4:].removesuffix("_POINTS")
    if len(words) != 2 or not words[1].isdigit():
        raise _structure("a count cannot be read", line, name, number)
    return {block: int(words[1])}


def _read_columns(numbers: list[int], lines: list[str], kinds: list[int], name: str) -> SpaceWeather:
    for number, line in zip(numbers, lines, strict=True):
        if len(line) != _LINE_LENGTH:
            raise FormatError(
                "a line has the wrong length",
                value=f"{len(line)} characters",
                allowed=f"{_LINE_LENGTH} characters",
                where=_where(name, number),
                hint="the file may be cut short or its blanks altered",
            )
    letters = np.array(lines, dtype=f"S{_LINE_LENGTH}").view("S1").reshape(len(lines), _LINE_LENGTH)
    days = _days([line[:10] for line in lines], numbers, name)
    kp = _numbers(letters, _KP, 8, "Kp", numbers, name, scale=0.1)
    ap = _numbers(letters, _AP, 8, "ap", numbers, name)
    ap_daily = _numbers(letters, _AP_DAILY, 1, "Ap", numbers, name)[:, 0]
    observed = _numbers(letters, _F107_OBSERVED, 1, "F10.7", numbers, name)[:, 0]
    adjusted = _numbers(letters, _F107_ADJUSTED, 1, "F10.7", numbers, name)[:, 0]
    mean81 = _numbers(letters, _F107_MEAN81, 1, "F10.7", numbers, name)[:, 0]
    kind = np.array(kinds, dtype=np.uint8)
    return SpaceWeather(days, kp, ap, ap_daily, observed, adjusted, mean81, kind)


def _numbers(
    letters: NDArray[np.bytes_],
    columns: slice,
    count: int,
    field: str,
    numbers: Sequence[int],
    name: str,
    *,
    scale: float = 1.0,
) -> NDArray[np.float64]:
    width = (columns.stop - columns.start) // count
    fields = np.ascontiguousarray(letters[:, columns]).view(f"S{width}").reshape(len(letters), count)
    fields = np.char.strip(fields)
    texts = np.where(fields == b"", b"nan", fields)
    if np.any(np.char.lower(fields) == b"nan"):
        return _numbers_slowly(fields, field, numbers, name)
    try:
        values = texts.astype(np.float64) * scale
    except ValueError:
        return _numbers_slowly(texts, field, numbers, name)
    return _within(values, field, numbers, name)


def _numbers_slowly(
    texts: NDArray[np.bytes_], field: str, numbers: Sequence[int], name: str
) -> NDArray[np.float64]:
    """Find the field that is no number and raise; called only when there is one."""
    for number, row in zip(numbers, texts, strict=True):
        for text in row:
            if text and not _is_number(text):
                raise FormatError(
                    f"{field} is not a number",
                    value=repr(text.decode()),
                    allowed="a number or blanks",
                    where=_where(name, number),
                )
    raise FormatError(f"{field} is not a number", where=name)


def _is_number(text: bytes) -> bool:
    try:
        return not np.isnan(float(text))
    except ValueError:
        return False


def _within(
    values: NDArray[np.float64], field: str, numbers: Sequence[int], name: str
) -> NDArray[np.float64]:
    low, high = _RANGES[field]
    wrong = (values < low) | (values > high) | np.isinf(values)
    if np.any(wrong):
        row, place = (int(i) for i in np.argwhere(wrong)[0])
        raise FormatError(
            f"{field} is out of range",
            value=f"{values[row, place]:g}",
            allowed=f"{low:g} to {high:g}",
            where=_where(name, numbers[row]),
            hint="columns may be shifted",
        )
    return values


def _days(dates: Sequence[str], numbers: Sequence[int], name: str) -> NDArray[np.int64]:
    found = np.empty(len(dates), dtype=np.int64)
    for place, date in enumerate(dates):
        iso = f"{date[:4]}-{date[5:7]:0>2}-{date[8:10]:0>2}".replace(" ", "0")
        try:
            found[place] = np.datetime64(iso, "D").astype(np.int64)
        except ValueError as error:
            raise FormatError(
                "a date cannot be read",
                value=repr(date),
                allowed="year, month and day",
                where=_where(name, numbers[place]),
            ) from error
    late = np.flatnonzero(np.diff(found) <= 0)
    if late.size:
        raise FormatError(
            "the days are not in order",
            value=dates[int(late[0]) + 1],
            allowed=f"a day after {dates[int(late[0])]}",
            where=_where(name, numbers[int(late[0]) + 1]),
        )
    return found


def _read_csv(text: str, name: str) -> SpaceWeather:
    reader = csv.DictReader(io.StringIO(text))
    absent = [column for column in _CSV_NEEDED if column not in (reader.fieldnames or ())]
    if absent:
        raise FormatError(
            "columns are missing", value=", ".join(absent), allowed=", ".join(_CSV_NEEDED), where=name
        )
    numbers: list[int] = []
    rows: list[dict[str, str]] = []
    for row in reader:
        if None in row or None in row.values():
            raise FormatError(
                "a row has the wrong number of fields",
                value=str(row.get("DATE")),
                allowed=f"{len(reader.fieldnames or ())} fields",
                where=_where(name, reader.line_num),
            )
        if row["F10.7_DATA_TYPE"] not in _CSV_KINDS:
            raise FormatError(
                "an unknown class of flux value",
                value=repr(row["F10.7_DATA_TYPE"]),
                allowed=", ".join(_CSV_KINDS),
                where=_where(name, reader.line_num),
            )
        numbers.append(reader.line_num)
        rows.append(row)
    if not rows:
        raise FormatError("the file has no days", allowed="at least one row", where=name)

    def values(columns: Sequence[str], field: str, scale: float = 1.0) -> NDArray[np.float64]:
        texts = np.array([[row[c].strip().encode() or b"nan" for c in columns] for row in rows])
        if any(row[c].strip().lower() == "nan" for row in rows for c in columns):
            return _numbers_slowly(texts, field, numbers, name)
        try:
            numeric = texts.astype(np.float64) * scale
        except ValueError:
            return _numbers_slowly(texts, field, numbers, name)
        return _within(numeric, field, numbers, name)

    days = _days([row["DATE"] for row in rows], numbers, name)
    return SpaceWeather(
        days,
        values([f"KP{i}" for i in range(1, 9)], "Kp", 0.1),
        values([f"AP{i}" for i in range(1, 9)], "ap"),
        values(["AP_AVG"], "Ap")[:, 0],
        values(["F10.7_OBS"], "F10.7")[:, 0],
        values(["F10.7_ADJ"], "F10.7")[:, 0],
        values(["F10.7_OBS_CENTER81"], "F10.7")[:, 0],
        np.array([_CSV_KINDS[row["F10.7_DATA_TYPE"]] for row in rows], dtype=np.uint8),
    )


def _where(name: str, line: int) -> str:
    return f"{name}:{line}" if name else f"line {line}"


def _structure(what: str, value: str, name: str, line: int) -> FormatError:
    return FormatError(
        what,
        value=value,
        allowed=f"blocks {', '.join(_BLOCKS)}, each between BEGIN and END, with the announced number of days",
        where=_where(name, line),
        hint="the file may be cut short",
    )
