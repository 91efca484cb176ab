"""Data lines of XML messages larger than memory: states, attitudes and observations, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import StorageError
from syzygy.formats.ccsds.bulk import Lines, read_slowly
from syzygy.formats.ccsds.epochs import Epochs, parse_epoch_matrix
from syzygy.formats.ccsds.limits import MAX_LINE_BYTES
from syzygy.formats.ccsds.model import ListedRecords, Message, Record
from syzygy.formats.ccsds.reading import read_skeleton
from syzygy.formats.ccsds.xml_tree import Element, TreeBuilder, require_utf8

_RECORDS = {"oem": "stateVector", "aem": "attitudeState", "tdm": "observation"}
_Raw = tuple[str, tuple[str, ...], tuple[str, ...], int]  # epoch, names, values, line


class XmlLineStream:
    """Iterate over the data lines of an OEM, AEM or TDM file in XML with constant memory.

    As `LineStream` for KVN: yields ``(segment, Lines)``; afterwards `skeleton` is the message with the first
    line of every piece and every kind of observation, checked as `read_message` does.

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
        It is no OEM, AEM or TDM in XML, beyond the limits of `limits`, or a line is no record.
    """

    def __init__(self, path: Path, *, slice_bytes: int = 1 << 21) -> None:
        self.path = path
        self.slice_bytes = slice_bytes
        self.skeleton: Message | None = None

    def __iter__(self) -> Iterator[tuple[int, Lines]]:
        """Yield the pieces."""
        builder = _Pruner(str(self.path))
        self.skeleton = None
        try:
            with self.path.open("rb") as stream:
                head = stream.read(self.slice_bytes)
                require_utf8(head[:400], str(self.path))
                fed, block = 0, head
                while block:
                    builder.feed(block, last=False)
                    fed += len(block)
                    builder.require_progress(fed)
                    yield from builder.pieces()
                    block = stream.read(self.slice_bytes)
        except OSError as error:
            raise StorageError(
                "the file cannot be read", value=self.path, allowed="a readable file"
            ) from error
        builder.feed(b"", last=True)
        yield from builder.pieces()
        self.skeleton = read_skeleton(builder.tree(), str(self.path))


class _Pruner(TreeBuilder):
    """Takes the data lines out of the tree while it grows; the first of each piece stays."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.segment = -1
        self.record = ""
        self.system = ""
        self.raw: list[_Raw] = []
        self.seen: set[tuple[str, ...]] = set()
        self.done: list[tuple[int, str, list[_Raw]]] = []

    def require_progress(self, fed: int) -> None:
        if fed - self.parser.CurrentByteIndex > 2 * MAX_LINE_BYTES + (1 << 21):
            self._refuse("a tag or text is too long to be streamed", f"{MAX_LINE_BYTES} bytes")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        super()._start(tag, attributes)
        if len(self.stack) == 1:
            kind = self.stack[0].tag
            if kind not in _RECORDS:
                self._refuse(f"the XML element {kind[:40]} is not streamed", "oem, aem, tdm")
            self.record = _RECORDS[kind]
        elif self.stack[-1].tag == "segment":
            self._close()
            self.segment += 1

    def _end(self, tag: str) -> None:
        element = self.stack[-1]
        super()._end(tag)
        if element.tag == "TIME_SYSTEM":
            self.system = element.text.strip()
        elif element.tag == self.record and self.stack and self.stack[-1].tag == "data":
            raw = _raw(element)
            if self.raw and raw[1] != self.raw[0][1] and self.record != "observation":
                self._close()
            if self.raw and raw[1] in self.seen:
                self.stack[-1].children.pop()
                self.count -= 1 + len(element.children)
            self.seen.add(raw[1])
            self.raw.append(raw)

    def _close(self) -> None:
        if self.raw:
            self.done.append((self.segment, self.system, self.raw))
            self.raw = []

    def pieces(self) -> Iterator[tuple[int, Lines]]:
        """Yield what has been read since the last call."""
        self._close()
        for segment, system, raw in self.done:
            yield segment, _lines(raw, system, self.name, self.record == "observation")
        self.done = []


def _raw(element: Element) -> _Raw:
    names, values, epoch = [], [], ""
    stack = list(reversed(element.children))
    while stack:
        leaf = stack.pop()
        if leaf.children:
            stack.extend(reversed(leaf.children))
        elif leaf.tag == "EPOCH" and not epoch:
            epoch = leaf.text.strip()
        elif leaf.tag != "COMMENT":
            names.append(leaf.tag)
            values.append(leaf.text.strip())
    return epoch, tuple(names), tuple(values), element.line


def _lines(raw: list[_Raw], system: str, name: str, tracking: bool) -> Lines:
    values = _numbers([row[2] for row in raw])
    epochs = _epochs([row[0] for row in raw], system)
    if values is None or epochs is None or (tracking and values.shape[1] != 1):
        records = [Record(row[0], row[2], row[3], row[1][0] if tracking and row[1] else "") for row in raw]
        return read_slowly(ListedRecords(tuple(records), raw[0][3]), system, name)
    keywords: NDArray[np.object_] | None = None
    if tracking:
        keywords = np.array([row[1][0] for row in raw], dtype=object)
    return Lines(epochs, values, keywords)


def _numbers(rows: list[tuple[str, ...]]) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    width = len(rows[0])
    if not width or any(len(row) != width for row in rows):
        return None
    try:
        flat = pc.cast(pa.array([text for row in rows for text in row], pa.string()), pa.float64())
    except pa.ArrowInvalid:
        return None
    values = flat.to_numpy(zero_copy_only=False).reshape(len(rows), width)
    return values if bool(np.isfinite(values).all()) else None


def _epochs(texts: list[str], system: str) -> Epochs | None:
    width = len(texts[0])
    joined = "".join(texts)
    if width < 17 or not joined.isascii() or any(len(text) != width for text in texts):
        return None
    matrix = np.frombuffer(joined.encode(), dtype=np.uint8).reshape(len(texts), width)
    parsed = parse_epoch_matrix(matrix)
    return None if parsed is None else Epochs(*parsed, system)
