"""Data lines of a KVN file, read from their slice only when asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from syzygy.formats.ccsds.model import Comment, Place, Record

_LINE = re.compile(rb"[^\r\n]+|\r\n|\n\r|\r|\n")
_LINE_ENDS = (b"\r", b"\n")
_AT_ONCE = 1 << 16
_NOTHING: tuple[str, ...] = ()
_TIMED = frozenset({"trajLine", "covLine", "manLine", "attLine", "stateVector", "attitudeState"})


@dataclass(frozen=True, slots=True)
class KvnRecords:
    """A slice of data lines: ephemeris, attitude, covariance or manoeuvre lines, or observations of a TDM.

    Attributes
    ----------
    content : bytes
        The whole file.
    start, stop : int
        The slice.
    line : int
        Line of its first byte.
    element : str
        What the lines are, from the block table: ``stateVector``, ``attitudeState``, ``observation``,
        ``matrix`` (rows without an epoch), ``trajLine``, ``covLine``, ``manLine``, ``attLine``.
    """

    book_numbers: ClassVar[bool] = True  # numbers have to be written as 502.0-B-3 7.5 says

    content: bytes
    start: int
    stop: int
    line: int
    element: str

    def items(self) -> Iterator[Record | Comment]:
        """Yield the lines in order; one that fits no form comes as it is, for the checks to refuse."""
        if self.stop - self.start <= _AT_ONCE:
            text = self.content[self.start : self.stop]
            if text.isascii() and (b"\r" not in text or _ends_plainly(text)):
                if text.find(b"\n") == len(text) - 1 and self.element in _TIMED:  # a line between comments
                    words = text.decode().split()
                    if words and words[0] != "COMMENT":
                        line = words[0], tuple(words[1:]), self.line, "", _NOTHING, _NOTHING
                        return iter((tuple.__new__(Record, line),))
                return iter(self._plain(text.decode(), self.line, self.start))
        return self._pieces()

    def last(self) -> Record | None:
        """Return the last line, None where that cannot be said without reading all."""
        at = max(self.start, self.stop - _AT_ONCE)
        begin = self.content.rfind(b"\n", at, self.stop - 1) + 1
        text = self.content[begin or self.start : self.stop]
        if (not begin and at > self.start) or not text.isascii() or b"\r" in text:
            return None
        found = self._plain(text.decode(), 0, begin)
        return found[-1] if found and isinstance(found[-1], Record) else None

    def _pieces(self) -> Iterator[Record | Comment]:
        line, start = self.line, self.start
        while start < self.stop:
            stop = min(start + _AT_ONCE, self.stop)
            if stop < self.stop:
                stop = self.content.find(b"\n", stop, self.stop) + 1 or self.stop
            text = self.content[start:stop]
            if text.isascii() and (b"\r" not in text or _ends_plainly(text)):
                yield from self._plain(text.decode(), line, start)
                line += text.count(b"\n")
            else:
                yield from self._any(line, start, stop)
                line += sum(text.startswith(_LINE_ENDS, match.start()) for match in _LINE.finditer(text))
            start = stop

    def _plain(self, text: str, line: int, at: int) -> list[Record | Comment]:
        """Return lines of ASCII that end with LF."""
        bare = self.element == "matrix"
        tracking = self.element == "observation"
        found: list[Record | Comment] = []
        new = tuple.__new__
        for number, row in enumerate(text.split("\n"), line):
            words = row.split()
            if words:
                if words[0] == "COMMENT":
                    place = Place(number, 1, at, at + len(row))
                    found.append(Comment(_comment_text(row.encode()), place))
                elif tracking:
                    found.append(_observation(row, number))
                elif bare:
                    found.append(new(Record, ("", tuple(words), number, "", _NOTHING, _NOTHING)))
                else:
                    epoch, *values = words
                    found.append(new(Record, (epoch, tuple(values), number, "", _NOTHING, _NOTHING)))
            at += len(row) + 1
        return found

    def _any(self, line: int, start: int, stop: int) -> Iterator[Record | Comment]:
        tracking, matrix = self.element == "observation", self.element == "matrix"
        for match in _LINE.finditer(self.content, start, stop):
            text = match.group()
            if text[0] in b"\r\n":
                line += 1
                continue
            words = text.decode("utf-8").split()
            if not words:
                continue
            if words[0] == "COMMENT":
                place = Place(line, 1, match.start(), match.end())
                yield Comment(_comment_text(text), place)
            elif tracking:
                yield _observation(text.decode("utf-8"), line)
            elif matrix:
                yield Record("", tuple(words), line)
            else:
                yield Record(words[0], tuple(words[1:]), line)


def _ends_plainly(text: bytes) -> bool:
    """Whether every CR stands before an LF and no comment between the lines needs its place."""
    return text.count(b"\r") == text.count(b"\r\n") and b"COMMENT" not in text


def _comment_text(text: bytes) -> str:
    return text.decode("utf-8").strip(" \t").removeprefix("COMMENT")[1:].rstrip(" \t")


def _observation(text: str, line: int) -> Record:
    keyword, equals, rest = text.partition("=")
    words = rest.split()
    if not equals or not words:
        return Record("", tuple(text.split()), line)
    return Record(words[0], tuple(words[1:]), line, keyword.strip(" \t"))
