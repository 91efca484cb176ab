"""The header of an SP3 file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time.leap_seconds import LeapSeconds
from syzygy.base.errors import FormatError
from syzygy.formats.gnss_time import TAI_MINUS_SCALE_S, UTC_SCALES, tai_ns_of_fields

_MOST_SATELLITES = 85
_PER_LINE = 17
_LINE_MARKS = (b"+ ", b"++", b"%c", b"%f", b"%i", b"/*")


@dataclass(frozen=True, eq=False)
class Sp3Header:
    """What the header says; `body_starts` is the index of the first epoch line."""

    version: str
    satellites: tuple[str, ...]
    accuracy_m: NDArray[np.float64]
    start_tai_ns: int
    interval_s: float
    announced_epochs: int
    frame: str
    orbit_type: str
    agency: str
    time_system: str
    comments: tuple[str, ...]
    body_starts: int


def read_header(lines: Sequence[bytes], leap_seconds: LeapSeconds, name: str) -> Sp3Header:
    """Read the header lines.

    Raises
    ------
    FormatError
        Unknown version, mark or time system, unreadable numbers, or a satellite list that does not agree with
        its announced length.
    """
    if not lines or lines[0][:1] != b"#" or lines[0][1:2] not in (b"a", b"b", b"c", b"d"):
        first = lines[0][:20].decode("ascii", "replace") if lines else "an empty file"
        raise FormatError(
            "not an SP3 file of a known version",
            value=repr(first),
            allowed="a first line that starts with #a, #b, #c or #d",
            where=f"{name} line 1",
        )
    version = lines[0][1:2].decode()
    marked = _sort_lines(lines, name)
    satellites = _satellites(marked[b"+ "], version, name)
    scale = _time_system(marked[b"%c"], version, name)
    first = lines[0].decode("ascii", "replace").ljust(60)
    return Sp3Header(
        version=version,
        satellites=satellites,
        accuracy_m=_accuracy(marked[b"++"], len(satellites), name),
        start_tai_ns=tai_ns_of_fields(first[3:31].split(), scale, leap_seconds, where=f"{name} line 1"),
        interval_s=_interval(lines, name),
        announced_epochs=_whole(first[32:39], f"{name} line 1"),
        frame=first[46:51].strip(),
        orbit_type=first[52:55].strip(),
        agency=first[56:60].strip(),
        time_system=scale,
        comments=tuple(line[3:].decode("ascii", "replace").strip() for _, line in marked[b"/*"]),
        body_starts=marked[b"*"][0][0],
    )


def _sort_lines(lines: Sequence[bytes], name: str) -> dict[bytes, list[tuple[int, bytes]]]:
    marked: dict[bytes, list[tuple[int, bytes]]] = {mark: [] for mark in (*_LINE_MARKS, b"*")}
    for number, line in enumerate(lines[2:], start=2):
        if line[:1] == b"*":
            marked[b"*"].append((number, line))
            return marked
        mark = line[:2].ljust(2)
        if mark not in marked:
            raise FormatError(
                "unknown line in the SP3 header",
                value=repr(line[:40].decode("ascii", "replace")),
                allowed="+, ++, %c, %f, %i, /*, then *",
                where=f"{name} line {number + 1}",
            )
        marked[mark].append((number, line))
    raise FormatError(
        "the SP3 file has no epoch",
        value=f"{len(lines)} lines",
        allowed="an epoch line (*) after the header",
        where=f"{name} line {len(lines)}",
    )


def _satellites(marked: list[tuple[int, bytes]], version: str, name: str) -> tuple[str, ...]:
    where = f"{name} line {marked[0][0] + 1}" if marked else f"{name} line 3"
    announced = _whole(marked[0][1][3:6].decode("ascii", "replace"), where) if marked else 0
    most = _MOST_SATELLITES if version != "d" else 999
    if not 1 <= announced <= most:
        raise FormatError(
            f"wrong number of satellites for SP3-{version}",
            value=f"{announced} satellites",
            allowed=f"1 to {most}",
            where=where,
        )
    cells = [line[9 + 3 * k : 12 + 3 * k] for _, line in marked for k in range(_PER_LINE)]
    listed = [satellite_of(cell) for cell in cells if cell.strip() not in (b"", b"0", b"00")]
    if len(listed) != announced or len(set(listed)) != announced:
        raise FormatError(
            "the list of satellites does not agree with its announced length",
            value=f"{len(set(listed))} different satellites",
            allowed=f"{announced}",
            where=where,
        )
    return tuple(satellite.decode("ascii", "replace") for satellite in listed)


def satellite_of(cell: bytes) -> bytes:
    """Return the satellite written in three columns; version a writes bare GPS numbers."""
    letter, number = cell[:1], cell[1:].strip()
    return (letter if letter.strip() else b"G") + number.rjust(2, b"0")


def _accuracy(marked: list[tuple[int, bytes]], count: int, name: str) -> NDArray[np.float64]:
    codes = []
    for number, line in marked:
        for k in range(_PER_LINE):
            cell = line[9 + 3 * k : 12 + 3 * k].decode("ascii", "replace").strip()
            codes.append(_whole(cell or "0", f"{name} line {number + 1}"))
    exponents = np.array((codes + [0] * count)[:count], dtype=np.float64)
    return np.where(exponents > 0.0, 1e-3 * np.exp2(np.minimum(exponents, 99.0)), np.nan)


def _time_system(marked: list[tuple[int, bytes]], version: str, name: str) -> str:
    if not marked:
        raise FormatError("the SP3 header has no %c line", value="none", allowed="two", where=name)
    number, line = marked[0]
    scale = line[9:12].decode("ascii", "replace")
    if scale == "ccc" and version in "ab":
        return "GPS"
    if scale not in TAI_MINUS_SCALE_S and scale not in UTC_SCALES:
        raise FormatError(
            "unknown time system in an SP3 file",
            value=repr(scale),
            allowed=", ".join([*TAI_MINUS_SCALE_S, *sorted(UTC_SCALES)]),
            where=f"{name} line {number + 1}",
        )
    return scale


def _interval(lines: Sequence[bytes], name: str) -> float:
    text = lines[1][24:38].decode("ascii", "replace") if len(lines) > 1 and lines[1][:2] == b"##" else ""
    try:
        interval_s = float(text)
    except ValueError:
        interval_s = 0.0
    if not 1e-3 <= interval_s < 1e5:
        raise FormatError(
            "the epoch interval cannot be read",
            value=repr(text),
            allowed="seconds above 0 and below 100000, in columns 25 to 38 of the line ##",
            where=f"{name} line 2",
        )
    return interval_s


def _whole(text: str, where: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit():
        raise FormatError(
            "not a whole number", value=repr(text), allowed="digits in their columns", where=where
        )
    return int(text)
