"""The layer below the navigation messages of RINEX 2, 3 and 4: header lines and the lines of each record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from syzygy.base.errors import FormatError
from syzygy.formats.fixed_columns import is_number

_VERSIONS_2 = ("2.00", "2.01", "2.10", "2.11", "2.12")
_VERSIONS_3 = ("3.00", "3.01", "3.02", "3.03", "3.04", "3.05")
_VERSIONS_4 = ("4.00", "4.01", "4.02")
VERSIONS = (*_VERSIONS_2, *_VERSIONS_3, *_VERSIONS_4)
_NAVIGATION_TYPES = {"N": "G", "G": "R", "H": "S"}
_BEIDOU_D2 = frozenset((*range(1, 6), *range(59, 64)))
_FNAV_BIT = 2


@dataclass(frozen=True)
class RawRecord:
    """One record: what it is and its lines.

    `kind` is EPH, STO, EOP or ION; `message` is empty where RINEX 3 does not tell (Galileo).
    """

    kind: str
    satellite: str
    message: str
    line: int
    lines: tuple[bytes, ...]


@dataclass(frozen=True)
class NavHeader:
    """Version, the system of a version 2 file, and where the records start."""

    version: str
    system: str
    body_starts: int


def read_nav_header(lines: Sequence[bytes], name: str) -> NavHeader:
    """Read the header.

    Raises
    ------
    FormatError
        Not a navigation file of a known version, an unreadable ionospheric number, or no END OF HEADER.
    """
    first = lines[0].decode("ascii", "replace").ljust(80) if lines else ""
    version = first[:9].strip()
    if version not in VERSIONS or first[60:].strip() != "RINEX VERSION / TYPE":
        raise FormatError(
            "not a RINEX file of a known version",
            value=repr(first[:20].strip() if first else "an empty file"),
            allowed="versions " + ", ".join(VERSIONS),
            where=f"{name} line 1",
        )
    if first[20] not in _NAVIGATION_TYPES or (version[0] != "2" and first[20] != "N"):
        raise FormatError(
            "not a RINEX navigation file",
            value=repr(first[20:40].strip()),
            allowed="N",
            where=f"{name} line 1",
        )
    for number, line in enumerate(lines):
        label = line[60:80].strip()
        if label == b"END OF HEADER":
            return NavHeader(version, _NAVIGATION_TYPES[first[20]], number + 1)
        if label == b"IONOSPHERIC CORR":
            _check_ionospheric(line, f"{name} line {number + 1}")
    raise FormatError(
        "the RINEX header does not end",
        value=f"{len(lines)} lines",
        allowed="a line END OF HEADER",
        where=f"{name} line {len(lines)}",
        hint="the file was cut short: fetch it again",
    )


def _check_ionospheric(line: bytes, where: str) -> None:
    for start in range(5, 53, 12):
        field = line[start : start + 12].replace(b"D", b"E")
        if field.strip() and not is_number(field):
            raise FormatError(
                "not a number in the ionospheric correction",
                value=repr(field.decode("ascii", "replace")),
                allowed="a finite decimal number",
                where=where,
            )


def split_records(lines: Sequence[bytes], header: NavHeader) -> Iterator[RawRecord]:
    """Cut the body into records; nothing is decoded, so nothing is refused here."""
    starts = [number for number in range(header.body_starts, len(lines)) if _starts(lines[number], header)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        block = tuple(line for line in lines[start:end] if line.strip())
        if header.version[0] == "4":
            yield _labelled(block, start)
        else:
            yield _unlabelled(block, start, header)


def _starts(line: bytes, header: NavHeader) -> bool:
    if header.version[0] == "4":
        return line[:1] == b">"
    if header.version[0] == "2":
        return bool(line[:2].strip())
    return bool(line[:1].strip())


def _labelled(block: tuple[bytes, ...], start: int) -> RawRecord:
    words = block[0].decode("ascii", "replace").split()
    kind, satellite, message = (*words[1:4], "", "", "")[:3]
    return RawRecord(kind, satellite, message, start + 1, block[1:])


def _unlabelled(block: tuple[bytes, ...], start: int, header: NavHeader) -> RawRecord:
    if header.version[0] == "2":
        satellite = header.system + block[0][:2].decode("ascii", "replace").strip().rjust(2, "0")
        # Version 2 indents by three columns and writes the year with two digits: widened to the later layout.
        widened = tuple(b" " + line for line in block)
        block = (satellite.encode() + _late_epoch(block[0]) + block[0][22:], *widened[1:])
    else:
        satellite = block[0][:3].decode("ascii", "replace").replace(" ", "0")
    return RawRecord("EPH", satellite, _message(satellite, block), start + 1, block)


def _late_epoch(line: bytes) -> bytes:
    fields = line[2:22].decode("ascii", "replace").split()
    year = fields[0] if fields else ""
    century = "19" if year.isdigit() and int(year) >= 80 else "20"
    return (" " + " ".join([century + year.rjust(2, "0"), *fields[1:]]).removesuffix(".0")).ljust(20).encode()


def _message(satellite: str, block: tuple[bytes, ...]) -> str:
    system, number = satellite[:1], satellite[1:]
    if system == "C":
        return "D2" if number.isdigit() and int(number) in _BEIDOU_D2 else "D1"
    if system == "E":
        return _galileo_message(block)
    return {"R": "FDMA", "S": "SBAS"}.get(system, "LNAV")


def _galileo_message(block: tuple[bytes, ...]) -> str:
    field = block[5][23:42].replace(b"D", b"E") if len(block) > 5 else b""
    source = float(field) if is_number(field) else 0.0
    return "FNAV" if 0 <= source < 1024 and int(source) & _FNAV_BIT else "INAV"
