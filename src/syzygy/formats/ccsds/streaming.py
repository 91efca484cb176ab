"""Ephemerides, attitudes and tracking data larger than memory: data lines slice by slice, then the rest."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path

from syzygy.base.errors import FormatError, StorageError
from syzygy.formats.ccsds.bulk import Lines, parse_slice, read_records
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.limits import MAX_LINE_BYTES, MAX_SKELETON_BYTES
from syzygy.formats.ccsds.model import Message
from syzygy.formats.ccsds.reading import read_message

_NEXT_DATA = re.compile(rb"(?m)^[ \t]*[0-9+\-.]")
_NEXT_OTHER = re.compile(rb"\n[ \t\r]*[^0-9+\-.\s]")
_NEXT_TRACKING = re.compile(rb"(?m)^[ \t]*(?:(DATA_STOP|META_START)|(?!COMMENT)[^ \t\r\n])")
_NO_OBSERVATION = re.compile(rb"\n[ \t\r]*(?:COMMENT|DATA_STOP|META_START)")
_MARK = re.compile(
    rb"(?m)^[ \t]*(?:(META_START|DATA_START|DATA_STOP|COVARIANCE_START|COVARIANCE_STOP)"
    rb"|TIME_SYSTEM[ \t]*=[ \t]*(\S+))"
)
_FIRST_LINE = re.compile(rb"\s*CCSDS_(OEM|AEM|TDM)_VERS[ \t]*=")
_DATA_START = re.compile(rb"(?m)^[ \t]*DATA_START[ \t\r]*$")
_DATA_BYTES = b"0123456789+-."
_BLANK = b" \t\r\n"
_LINES = {b"OEM": "stateVector", b"AEM": "attitudeState", b"TDM": "observation"}


@dataclass
class _State:
    """Where in the message the reading stands."""

    kind: bytes = b""
    segment: int = -1
    system: str = ""
    in_data: bool = False
    line: int = 1

    def learn(self, text: bytes) -> None:
        """Take segment, time system and open block from lines that are no data."""
        for match in _MARK.finditer(text):
            if match.group(2):
                self.system = match.group(2).decode("ascii", "replace")
            elif match.group(1) == b"META_START":
                self.segment += 1
                self.system, self.in_data = "", self.kind != b"TDM"
            else:
                self.in_data = match.group(1) in (b"DATA_START", b"COVARIANCE_STOP") or (
                    match.group(1) == b"DATA_STOP" and self.kind != b"TDM"
                )
        self.line += text.count(b"\n")

    @property
    def expects_data(self) -> bool:
        return self.in_data and self.segment >= 0


class LineStream:
    """Iterate over the data lines of an OEM, AEM or TDM file in KVN with constant memory.

    Yields ``(segment, Lines)`` in the order of the file; a segment comes in as many pieces as it needs. When
    the iteration is over, `skeleton` is the message with the first and the last line of every piece: its
    structure, metadata and spans have then been checked as `read_message` does, and the iteration raises
    where they are wrong. Nothing read from an iteration that was not finished has been checked as a whole.

    Parameters
    ----------
    path : Path
    slice_bytes : int
        Bytes read at a time; the memory needed is about eight times that.

    Raises
    ------
    StorageError
        The file cannot be read.
    FormatError
        It is no OEM, AEM or TDM in KVN, or a line is no record.
    """

    def __init__(self, path: Path, *, slice_bytes: int = 1 << 24) -> None:
        self.path = path
        self.slice_bytes = slice_bytes
        self.skeleton: Message | None = None
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._state = _State()
        self._keywords: set[str] = set()

    def __iter__(self) -> Iterator[tuple[int, Lines]]:
        """Yield the pieces."""
        self._kept, self._kept_bytes, self._state, self._keywords = [], 0, _State(), set()
        self.skeleton = None
        try:
            with self.path.open("rb", buffering=0) as stream:
                yield from self._pieces(stream)
        except OSError as error:
            raise StorageError(
                "the file cannot be read", value=self.path, allowed="a readable file"
            ) from error
        skeleton = read_message(b"".join(self._kept), name=str(self.path))
        for keyword in sorted(self._keywords):
            row = skeleton.table.find("data", keyword) if skeleton.table else None
            if row is None or row.kind != "observation":
                raise FormatError(
                    "no such observation keyword", value=keyword[:60], allowed="503.0-B-2 table 3-5",
                    where=str(self.path),
                )  # fmt: skip
        self.skeleton = skeleton

    def _pieces(self, stream: RawIOBase) -> Iterator[tuple[int, Lines]]:
        """Read slices that end with a line into one buffer, which is used again for each."""
        buffer = bytearray(self.slice_bytes + MAX_LINE_BYTES)
        view, filled = memoryview(buffer), 0
        while True:
            read = stream.readinto(view[filled : filled + self.slice_bytes]) or 0
            filled += read
            if not self._state.kind:
                self._begin(bytes(buffer[: min(filled, 4096)]))
            cut = buffer.rfind(b"\n", 0, filled) + 1 if read else filled
            if read and filled - cut >= MAX_LINE_BYTES:
                raise FormatError(
                    "a line is too long to be streamed",
                    allowed=f"{MAX_LINE_BYTES} bytes, LF or CRLF at its end",
                    where=f"{self.path} line {self._state.line}",
                )
            yield from self._slice(buffer, cut)
            buffer[: filled - cut] = buffer[cut:filled]
            filled -= cut
            if not read:
                return

    def _begin(self, head: bytes) -> None:
        match = _FIRST_LINE.match(head.removeprefix(b"\xef\xbb\xbf"))
        if match is None:
            raise FormatError(
                "the file is no OEM, AEM or TDM in KVN", value=repr(head[:40]),
                allowed="CCSDS_OEM_VERS, CCSDS_AEM_VERS or CCSDS_TDM_VERS first", where=str(self.path),
            )  # fmt: skip
        self._state.kind = match.group(1)

    def _slice(self, text: bytearray, end: int) -> Iterator[tuple[int, Lines]]:
        state, position = self._state, 0
        tracking = state.kind == b"TDM"
        if state.expects_data and text[:1] and (tracking or text[0] in _DATA_BYTES):
            whole = parse_slice(memoryview(text)[:end], state.system, tracking=tracking, plain=True)
            if whole is not None:
                yield state.segment, whole
                self._after(whole, text, 0, end, len(whole))
                return
        while position < end:
            start = self._next_data(text, position, end)
            if start > position:
                self._keep(text[position:start], learn=True)
                position = start
                continue
            other = (_NO_OBSERVATION if tracking else _NEXT_OTHER).search(text, start, end)
            position = other.start() + 1 if other else end
            if not state.expects_data:
                self._keep(text[start:position], learn=True)
                continue
            part = KvnRecords(
                bytes(text[start:position]), 0, position - start, state.line, _LINES[state.kind]
            )
            lines = read_records(part, state.system, str(self.path))
            yield state.segment, lines
            self._after(lines, text, start, position, text.count(b"\n", start, position))

    def _next_data(self, text: bytearray, position: int, end: int) -> int:
        """Return where the next data line begins, or the end of the next line that says more about it."""
        if self._state.kind != b"TDM":
            data = _NEXT_DATA.search(text, position, end)
            return data.start() if data else end
        pattern = _NEXT_TRACKING if self._state.in_data else _DATA_START
        match = pattern.search(text, position, end)
        if match is None:
            return end
        if not self._state.in_data or match.group(1):
            return text.find(b"\n", match.start(), end) + 1 or end
        return match.start()

    def _after(self, lines: Lines, text: bytearray, start: int, stop: int, count: int) -> None:
        """Keep the first and the last of these lines and the keywords for the check at the end."""
        whole = stop
        while stop > start and text[stop - 1] in _BLANK:
            stop -= 1
        first = text.find(b"\n", start, stop) + 1
        self._keep(text[start : first or whole])
        if first:
            self._keep(text[text.rfind(b"\n", start, stop) + 1 : whole])
        self._state.line += count
        if lines.keywords is not None:
            self._keywords.update(lines.keywords.tolist())

    def _keep(self, text: bytearray, *, learn: bool = False) -> None:
        """Keep what is no data for the check at the end."""
        self._kept.append(bytes(text))
        self._kept_bytes += len(text)
        if learn:
            self._state.learn(self._kept[-1])
        if self._kept_bytes > MAX_SKELETON_BYTES:
            raise FormatError(
                "too much of the file is no data lines to be streamed",
                allowed=f"{MAX_SKELETON_BYTES} bytes", where=str(self.path),
            )  # fmt: skip
