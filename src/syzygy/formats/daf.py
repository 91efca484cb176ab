"""DAF, the container of SPICE kernels: a file record and a chain of segment summaries.

Only the table of contents is read; the doubles stay in the file and are mapped by
`syzygy.astro.ephemerides.CoefficientStore`.

**Source**: NAIF, "Double Precision Array Files (DAF) Required Reading" (format of SPICE toolkit N0066).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from syzygy.base.errors import FormatError, StorageError

RECORD_BYTES = 1024
_WORDS_PER_RECORD = 128
_MAX_SEGMENTS = 1_000_000
_TRANSFER_CHECK = b"FTPSTR:\r:\n:\r\n:\r\x00:\x81:\x10\xce:ENDFTP"


@dataclass(frozen=True)
class DafSummary:
    """One segment: its doubles, its integers (the last two are the first and last word, from 1), its name."""

    doubles: tuple[float, ...]
    integers: tuple[int, ...]
    name: str


@dataclass(frozen=True)
class DafContents:
    """The table of contents of a DAF.

    Attributes
    ----------
    path : Path
        The file.
    kind : str
        ``SPK``, ``PCK`` or what the file says.
    big_endian : bool
        Byte order of the doubles.
    internal_name : str
        What the maker called the file.
    summaries : tuple of DafSummary
        In the order of the file.
    words : int
        Whole doubles in the file.
    """

    path: Path
    kind: str
    big_endian: bool
    internal_name: str
    summaries: tuple[DafSummary, ...]
    words: int


@dataclass(frozen=True)
class _FileRecord:
    kind: str
    order: str
    doubles: int
    integers: int
    first_summary_record: int
    internal_name: str


def read_daf(path: Path) -> DafContents:
    """Read the table of contents.

    Raises
    ------
    FormatError
        Not a DAF, damaged by a text-mode transfer, truncated, or with a summary chain that leaves the file or
        runs in a circle.
    StorageError
        The file is missing, a directory or unreadable.
    """
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, 2)
            head = _file_record(_record(stream, 1, path), path)
            summaries = _summaries(stream, head, size, path)
    except IsADirectoryError as error:
        raise StorageError(
            "a directory stands where a kernel file is due", value=path, allowed="a file"
        ) from error
    except OSError as error:
        raise StorageError(
            f"the kernel file cannot be read ({error.strerror})", value=path, allowed="a readable file"
        ) from error
    return DafContents(path, head.kind, head.order == ">", head.internal_name, summaries, size // 8)


def require_kind(contents: DafContents, kind: str, doubles: int, integers: int) -> None:
    """Refuse a DAF of another kind, or with summaries of another shape.

    Raises
    ------
    FormatError
        The kernel is something else.
    """
    if contents.kind not in (kind, "DAF"):
        raise FormatError(f"not a {kind} kernel", value=contents.kind, allowed=kind, where=str(contents.path))
    for summary in contents.summaries[:1]:
        if (len(summary.doubles), len(summary.integers)) != (doubles, integers):
            raise FormatError(
                f"the segment summaries are not those of a {kind} kernel",
                value=f"{len(summary.doubles)} doubles and {len(summary.integers)} integers",
                allowed=f"{doubles} doubles and {integers} integers",
                where=str(contents.path),
            )


def _record(stream: BufferedReader, number: int, path: Path) -> bytes:
    stream.seek((number - 1) * RECORD_BYTES)
    content = stream.read(RECORD_BYTES)
    if len(content) < RECORD_BYTES:
        raise FormatError(
            "the kernel file is cut short",
            value=f"record {number} has {len(content)} bytes",
            allowed=f"{RECORD_BYTES} bytes",
            where=str(path),
            hint="fetch the file again",
        )
    return content


def _file_record(record: bytes, path: Path) -> _FileRecord:
    word = record[:8]
    if word[:4] != b"DAF/" and word != b"NAIF/DAF":
        raise FormatError(
            "not a DAF kernel",
            value=repr(word.decode("latin-1")),
            allowed="a file that begins with DAF/SPK, DAF/PCK or NAIF/DAF",
            where=str(path),
            hint="text kernels and JPL binary files have their own readers",
        )
    order = _byte_order(record, path)
    doubles, integers = struct.unpack_from(order + "2i", record, 8)
    first, _last, _free = struct.unpack_from(order + "3i", record, 76)
    if not (0 <= doubles <= 124 and 2 <= integers <= 250 and doubles + (integers + 1) // 2 <= 125):
        raise FormatError(
            "the sizes of the segment summaries are impossible",
            value=f"ND = {doubles}, NI = {integers}",
            allowed="ND + (NI + 1) / 2 of at most 125",
            where=str(path),
        )
    if record[699:727] != _TRANSFER_CHECK and b"FTPSTR" in record:
        raise FormatError(
            "the kernel file was damaged by a transfer in text mode",
            allowed="an untouched FTPSTR marker",
            where=str(path),
            hint="fetch the file again in binary mode",
        )
    kind = word[4:].decode("latin-1").strip() if word[:4] == b"DAF/" else "DAF"
    return _FileRecord(kind, order, doubles, integers, first, record[16:76].decode("latin-1").strip())


def _byte_order(record: bytes, path: Path) -> str:
    label = record[88:96]
    if label == b"LTL-IEEE":
        return "<"
    if label == b"BIG-IEEE":
        return ">"
    if record[:8] == b"NAIF/DAF":
        for order in "<>":
            if struct.unpack_from(order + "i", record, 8)[0] == 2:
                return order
    raise FormatError(
        "the number format of the kernel is not known",
        value=repr(label.decode("latin-1")),
        allowed="LTL-IEEE, BIG-IEEE",
        where=str(path),
        hint="convert the kernel with the SPICE program bingo",
    )


def _summaries(stream: BufferedReader, head: _FileRecord, size: int, path: Path) -> tuple[DafSummary, ...]:
    summary_words = head.doubles + (head.integers + 1) // 2
    capacity = 125 // summary_words
    pattern = f"{head.order}{head.doubles}d{head.integers}i"
    found: list[DafSummary] = []
    seen: set[int] = set()
    number = head.first_summary_record
    while number != 0:
        if number in seen or not 2 <= number <= size // RECORD_BYTES or len(found) > _MAX_SEGMENTS:
            raise FormatError(
                "the chain of segment summaries is broken",
                value=f"record {number}" + (" for the second time" if number in seen else ""),
                allowed=f"records 2 to {size // RECORD_BYTES}, each once",
                where=str(path),
                hint="the file is cut short or damaged: fetch it again",
            )
        seen.add(number)
        record = _record(stream, number, path)
        names = _record(stream, number + 1, path)
        follows, _before, count = struct.unpack_from(head.order + "3d", record, 0)
        if not (count.is_integer() and 0 <= count <= capacity and math.isfinite(follows)):
            raise FormatError(
                "a summary record states an impossible number of segments",
                value=count,
                allowed=f"0 to {capacity}",
                where=f"{path}, record {number}",
            )
        for index in range(int(count)):
            values = struct.unpack_from(pattern, record, 24 + index * summary_words * 8)
            name = names[index * summary_words * 8 : (index + 1) * summary_words * 8]
            found.append(
                DafSummary(values[: head.doubles], values[head.doubles :], name.decode("latin-1").strip())
            )
        number = int(follows)
    return tuple(found)
