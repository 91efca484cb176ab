"""Ephemerides and attitudes larger than memory: data lines slice by slice, then the rest of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from syzygy.base.errors import FormatError, StorageError
from syzygy.formats.ccsds.bulk import Lines, read_slice
from syzygy.formats.ccsds.limits import MAX_LINE_BYTES
from syzygy.formats.ccsds.model import Message
from syzygy.formats.ccsds.reading import read_message

_NEXT_DATA = re.compile(rb"(?m)^[ \t]*[0-9+\-.]")
_NEXT_OTHER = re.compile(rb"\n[ \t\r]*[^0-9+\-.\s]")
_MARK = re.compile(
    rb"(?m)^[ \t]*(?:(META_START|COVARIANCE_START|COVARIANCE_STOP)|TIME_SYSTEM[ \t]*=[ \t]*(\S+))"
)
_FIRST_LINE = re.compile(rb"\s*CCSDS_(?:OEM|AEM)_VERS[ \t]*=")
_MAX_SKELETON = 1 << 26


class LineStream:
    """Iterate over the data lines of an OEM or AEM file in KVN with constant memory.

    Yields ``(segment, Lines)`` in the order of the file; a segment comes in as many pieces as it needs. When
    the iteration is over, `skeleton` is the message with the first and the last line of every piece: its
    structure, metadata and spans have then been checked as `read_message` does, and the iteration raises
    where they are wrong. Nothing read from an iteration that was not finished has been checked as a whole.

    Parameters
    ----------
    path : Path
    slice_bytes : int
        Bytes read at a time.

    Raises
    ------
    StorageError
        The file cannot be read.
    FormatError
        It is no OEM or AEM in KVN, or a line is no record.
    """

    def __init__(self, path: Path, *, slice_bytes: int = 1 << 24) -> None:
        self.path = path
        self.slice_bytes = slice_bytes
        self.skeleton: Message | None = None
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._segment = -1
        self._system = ""
        self._in_matrix = False
        self._line = 1

    def __iter__(self) -> Iterator[tuple[int, Lines]]:
        """Yield the pieces."""
        try:
            with self.path.open("rb") as stream:
                yield from self._pieces(stream)
        except OSError as error:
            if isinstance(error, StorageError):
                raise
            raise StorageError(
                "the file cannot be read", value=self.path, allowed="a readable file"
            ) from error
        self.skeleton = read_message(b"".join(self._kept), name=str(self.path))

    def _pieces(self, stream: BinaryIO) -> Iterator[tuple[int, Lines]]:
        rest = b""
        while True:
            block = stream.read(self.slice_bytes)
            text = rest + block
            if not self._kept and not _FIRST_LINE.match(text.removeprefix(b"\xef\xbb\xbf")):
                raise FormatError(
                    "the file is no OEM or AEM in KVN", value=repr(text[:40]),
                    allowed="CCSDS_OEM_VERS or CCSDS_AEM_VERS first", where=str(self.path),
                )  # fmt: skip
            cut = text.rfind(b"\n") + 1 if block else len(text)
            if block and len(text) - cut > MAX_LINE_BYTES:
                raise FormatError(
                    "a line is too long to be streamed",
                    allowed=f"{MAX_LINE_BYTES} bytes, LF or CRLF at its end",
                    where=f"{self.path} line {self._line}",
                )  # fmt: skip
            yield from self._slice(text[:cut])
            rest = text[cut:]
            if not block:
                return

    def _slice(self, text: bytes) -> Iterator[tuple[int, Lines]]:
        position = 0
        while position < len(text):
            data = _NEXT_DATA.search(text, position)
            start = data.start() if data else len(text)
            if start > position:
                self._keep(text[position:start])
            if start == len(text):
                return
            other = _NEXT_OTHER.search(text, start)
            position = other.start() + 1 if other else len(text)
            if self._in_matrix or self._segment < 0:
                self._keep(text[start:position])
                continue
            yield self._segment, read_slice(text, start, position, self._line, self._system, str(self.path))
            stop = start + len(text[start:position].rstrip())  # blank lines after the last data line
            first = text.find(b"\n", start, stop) + 1 or position
            last = text.rfind(b"\n", start, stop) + 1
            before = self._line
            self._keep(text[start:first] + (text[last:position] if last >= first else b""))
            self._line = before + text.count(b"\n", start, position)

    def _keep(self, text: bytes) -> None:
        """Keep what is no data for the check at the end, and learn segment and time system from it."""
        for match in _MARK.finditer(text):
            if match.group(2):
                self._system = match.group(2).decode("ascii", "replace")
            elif match.group(1) == b"META_START":
                self._segment += 1
                self._system = ""
            else:
                self._in_matrix = match.group(1) == b"COVARIANCE_START"
        self._kept.append(text)
        self._kept_bytes += len(text)
        self._line += text.count(b"\n")
        if self._kept_bytes > _MAX_SKELETON:
            raise FormatError(
                "too much of the file is no data lines to be streamed", allowed=f"{_MAX_SKELETON} bytes",
                where=str(self.path),
            )  # fmt: skip
