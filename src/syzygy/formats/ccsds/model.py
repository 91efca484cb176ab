"""A message as records: blocks of keywords, comments and data lines, each with its place in the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple, Protocol

from syzygy.base.errors import InputError, UnknownNameError
from syzygy.formats.ccsds.diagnostics import Diagnostic
from syzygy.formats.ccsds.grammar import number_text
from syzygy.formats.ccsds.tables import KeywordRow, MessageTable


class Place(NamedTuple):
    """Line and column from 1, and the byte range of the value in the file (-1: the form has no bytes)."""

    line: int = 0
    column: int = 0
    start: int = -1
    stop: int = -1


class Entry(NamedTuple):
    """A keyword with its value, both as written.

    Attributes
    ----------
    text : str
        The value without its unit and without the blanks around it; every digit as in the file.
    unit : str or None
        Text between the brackets (KVN) or of the attribute ``units`` (XML); None where none is given.
    unusable : str
        Why the value can be shown but not used (a wrong unit, NaN); empty where it can. Only tolerant reading
        gives such entries, each with a diagnostic.
    """

    keyword: str
    text: str
    unit: str | None
    row: KeywordRow
    place: Place
    unusable: str = ""

    def decimal(self) -> Decimal:
        """Return the number with every digit."""
        return Decimal(self._number())

    def number(self) -> float:
        """Return the nearest float64."""
        return float(self._number())

    def _number(self) -> str:
        text = number_text(self.text)
        if text is None or self.unusable:
            raise InputError(
                self.unusable or "the value is no number", value=repr(self.text[:40]), allowed="a number",
                where=f"{self.keyword} line {self.place.line}",
            )  # fmt: skip
        return text


class Comment(NamedTuple):
    """A comment, white space inside kept."""

    text: str
    place: Place


class Record(NamedTuple):
    """One data line: a state, an attitude, an observation, a row of a covariance.

    `epoch` is empty in a row of an OEM covariance; `keyword` is the observation's, else empty. `names` are
    the element names where the XML gives them (else empty), `units` its unit attributes.
    """

    epoch: str
    values: tuple[str, ...]
    line: int
    keyword: str = ""
    names: tuple[str, ...] = ()
    units: tuple[str | None, ...] = ()


class Records(Protocol):
    """Data lines of a block, in order, with the comments between them."""

    @property
    def line(self) -> int:
        """Line of the first."""

    def items(self) -> Iterator[Record | Comment]:
        """Yield the lines, read when asked for."""


@dataclass(frozen=True, slots=True)
class ListedRecords:
    """Data lines that came one by one (XML, JSON)."""

    records: tuple[Record | Comment, ...]
    line: int

    def items(self) -> Iterator[Record | Comment]:
        """Yield the lines."""
        return iter(self.records)


@dataclass(slots=True)
class Block:
    """A section or logical block: its items in the order of the file."""

    name: str
    line: int = 0
    items: list[Entry | Comment | Block | Records] = field(default_factory=list)

    def entries(self) -> Iterator[Entry]:
        """Yield the keywords of this block, not of blocks inside it."""
        return iter([item for item in self.items if isinstance(item, Entry)])

    def entry(self, keyword: str) -> Entry | None:
        """Return the entry of a keyword, or None."""
        for item in self.items:
            if isinstance(item, Entry) and item.keyword == keyword:
                return item
        return None

    def text(self, keyword: str) -> str:
        """Return the value of a keyword as text, empty where it is absent."""
        entry = self.entry(keyword)
        return entry.text if entry else ""

    def blocks(self, name: str = "") -> list[Block]:
        """Return the blocks directly inside, all or those of one name."""
        return [item for item in self.items if isinstance(item, Block) and name in ("", item.name)]

    def block(self, name: str) -> Block | None:
        """Return the first block of a name directly inside, or None."""
        for item in self.items:
            if isinstance(item, Block) and name in ("", item.name):
                return item
        return None

    def comments(self) -> list[str]:
        """Return the comments of this block."""
        return [item.text for item in self.items if isinstance(item, Comment)]

    def records(self) -> Iterator[Record]:
        """Yield the data lines of this block."""
        for item in self.items:
            if not isinstance(item, (Entry, Comment, Block)):
                for record in item.items():
                    if isinstance(record, Record):
                        yield record

    def walk(self) -> Iterator[Block]:
        """Yield this block and all inside, in order."""
        found = [self]
        while found:
            block = found.pop()
            yield block
            if block.items:
                found += [item for item in reversed(block.items) if isinstance(item, Block)]


@dataclass(frozen=True)
class Message:
    """A message that was read.

    Attributes
    ----------
    kind, version, form : str
        ``OEM``, ``3.0``, and ``kvn``, ``xml`` or ``json``. A combined message has kind ``NDM``, no version
        and its `parts`.
    name : str
        File name, for messages.
    content : bytes
        The bytes it was read from, unchanged; `to_bytes` gives them back.
    root : Block
    diagnostics : tuple of Diagnostic
        Deviations from the standard that tolerant reading met.
    """

    kind: str
    version: str
    form: str
    name: str
    content: bytes = field(repr=False)
    root: Block = field(repr=False)
    table: MessageTable | None = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = ()
    parts: tuple[Message, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the file, byte for byte as it was read."""
        return self.content

    @property
    def segments(self) -> list[Block]:
        """The segments (metadata with data), of all parts of a combined message."""
        if self.parts:
            return [segment for part in self.parts for segment in part.segments]
        return self.root.blocks("segment")

    def find(self, keyword: str) -> list[Entry]:
        """Return every entry of a keyword, in order.

        Raises
        ------
        UnknownNameError
            No keyword of this message type has that name.
        """
        messages: Sequence[Message] = self.parts or (self,)
        if not any(message.table and message.table.knows(keyword) for message in messages):
            raise UnknownNameError(
                "no such keyword in this message type", value=keyword, allowed=f"a keyword of the {self.kind}"
            )
        return [
            entry
            for message in messages
            for block in message.root.walk()
            for entry in block.entries()
            if entry.keyword == keyword
        ]
