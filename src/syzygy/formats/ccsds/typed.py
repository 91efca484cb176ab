"""Blocks of a message as values of the core and back, by the tables: one road for every type of message.

A number becomes a double in SI (`si_values`), an epoch an instant, an integer an int, a list of numbers an
array, everything else stays text. What a message does not say is absent; no default of a table is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError, InputError, UnknownNameError
from syzygy.formats.ccsds.clocks import MessageClock
from syzygy.formats.ccsds.model import Block, Comment, Entry, ListedRecords, Place, Record
from syzygy.formats.ccsds.si_values import KVN_DIGITS, message_number, si_unit, si_value
from syzygy.formats.ccsds.tables import KeywordRow, MessageTable

Value = float | int | str | NDArray[np.float64]
"""A value of the core: double or array in SI, instant (int, TAI ns) or count (int), text."""

Values = Mapping[str, Value]
NO_PLACE = Place()


@dataclass(frozen=True, eq=False)
class Section:
    """The keywords of one block as values of the core, with its comments.

    Attributes
    ----------
    values : mapping of str to Value
        In the order of the message. Numbers in SI (`units_of`), epochs and times as TAI nanoseconds.
    comments : tuple of str
    """

    values: Values = field(default_factory=dict)
    comments: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.values) or bool(self.comments)

    def same(self, other: Section) -> bool:
        """Whether both hold the same values, bit for bit, and the same comments."""
        return (
            self.comments == other.comments
            and set(self.values) == set(other.values)
            and all(same_bits(value, other.values[key]) for key, value in self.values.items())
        )

    def number(self, keyword: str) -> float:
        """Return a number; FormatError where it is absent."""
        value = self.values.get(keyword)
        if not isinstance(value, int | float):
            raise FormatError("a value is missing", value=keyword, allowed="a number")
        return value

    def instant(self, keyword: str) -> int:
        """Return an epoch as TAI nanoseconds; FormatError where it is absent."""
        value = self.values.get(keyword)
        if not isinstance(value, int):
            raise FormatError("a value is missing", value=keyword, allowed="an epoch")
        return value

    def text(self, keyword: str) -> str:
        """Return a text, empty where it is absent."""
        return str(self.values.get(keyword, ""))


def same_bits(one: object, two: object) -> bool:
    """Whether two values are the same to the last bit (a zero has a sign)."""
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        a, b = np.asarray(one), np.asarray(two)
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(one, float) and isinstance(two, float):
        return np.float64(one).tobytes() == np.float64(two).tobytes()
    return type(one) is type(two) and one == two


def section_of(block: Block | None, clock: MessageClock) -> Section:
    """Return the keywords of a block (not of blocks inside) as values of the core.

    Keywords without a value, and numbers that tolerant reading has set aside, are left out.

    Raises
    ------
    FormatError, UnitError, TimeScaleError, CoverageError
        A value cannot become one of the core; the keyword and its line are named.
    """
    if block is None:
        return Section()
    values = {
        entry.keyword: value_of(entry, clock)
        for entry in block.entries()
        if entry.text and not entry.unusable and entry.row.kind not in ("version", "marker")
    }
    return Section(values, tuple(block.comments()))


def value_of(entry: Entry, clock: MessageClock) -> Value:
    """Return the value of one keyword."""
    row = entry.row
    where = f"{clock.where} {entry.keyword} line {entry.place.line}".strip()
    if row.kind == "number":
        return si_value(entry.text, row.unit, where)
    if row.kind == "integer":
        return int(entry.text)
    if row.kind.startswith("vector"):
        return np.array([si_value(word, row.unit, where) for word in entry.text.split()])
    if row.kind in ("epoch", "time"):
        system = clock.utc() if entry.keyword == "CREATION_DATE" else clock
        return system.instant(entry.text, where)
    return entry.text


def units_of(table: MessageTable, block: str, keywords: Sequence[str]) -> dict[str, str]:
    """Return the SI unit of each keyword of a block (``TAI ns`` of an instant, empty of a text)."""
    units = {}
    for keyword in keywords:
        row = _row(table, block, keyword)
        timed = row.kind in ("epoch", "time")
        units[keyword] = "TAI ns" if timed else si_unit(row.unit) if _is_number(row) else ""
    return units


def _is_number(row: KeywordRow) -> bool:
    return row.kind == "number" or row.kind.startswith("vector")


@dataclass(frozen=True)
class Writer:
    """Composes the blocks of one message.

    Attributes
    ----------
    table : MessageTable
    clock : MessageClock
        Of the segment.
    digits : int
        Most digits of a number: 16 in KVN, 17 where every double must survive.

    Units stand in brackets in CDM and RDM, where the books ask for them, and nowhere else.
    """

    table: MessageTable
    clock: MessageClock
    digits: int = KVN_DIGITS

    def block(self, name: str, section: Section, *, records: Sequence[Record] = (), line: int = 0) -> Block:
        """Return a block with the values in the order of the table, comments first.

        Raises
        ------
        UnknownNameError
            A keyword that the table does not have in this block.
        InputError
            A value of another type than the table asks for.
        """
        block = Block(name, line)
        block.items.extend(Comment(text, NO_PLACE) for text in section.comments)
        entries = [self.entry(name, keyword, value) for keyword, value in section.values.items()]
        entries.sort(key=lambda entry: entry.row.order)
        block.items.extend(entries)
        if records:
            block.items.append(ListedRecords(tuple(records), 0))
        return block

    def entry(self, block: str, keyword: str, value: Value) -> Entry:
        """Return one keyword with its text and unit."""
        row = _row(self.table, block, keyword)
        unit = row.unit if self.table.kind in ("CDM", "RDM") and row.unit else None
        return Entry(keyword, self.text(row, keyword, value), unit, row, NO_PLACE)

    def text(self, row: KeywordRow, keyword: str, value: Value) -> str:
        """Return the text of a value by its row."""
        if isinstance(value, str):
            return _require_writable(value, keyword)
        if isinstance(value, np.ndarray):
            if row.kind.startswith("vector"):
                return " ".join(self.number(part, row.unit, keyword) for part in value.tolist())
        elif row.kind in ("epoch", "time") and isinstance(value, int):
            clock = self.clock.utc() if keyword == "CREATION_DATE" else self.clock
            return clock.text(value)
        elif row.kind == "integer" and isinstance(value, int):
            return str(value)
        elif row.kind == "number":
            return self.number(float(value), row.unit, keyword)
        raise InputError(
            "the value does not fit the keyword", value=f"{type(value).__name__} for {keyword}",
            allowed=f"a value of type {row.kind}", where=self.table.kind,
        )  # fmt: skip

    def number(self, value: float, unit: str, where: str = "") -> str:
        """Return the text of a number of SI in a unit of the message."""
        return message_number(value, unit, digits=self.digits, where=where)


def _row(table: MessageTable, block: str, keyword: str) -> KeywordRow:
    row = table.find(block, keyword)
    if row is None:
        allowed = [name for name, row in table.by_block.get(block, {}).items() if row.kind != "marker"]
        raise UnknownNameError(
            f"the block {block} of the {table.kind} {table.version} has no such keyword", value=keyword,
            allowed=", ".join(allowed),
        )  # fmt: skip
    return row


def _require_writable(text: str, keyword: str) -> str:
    if not text.isprintable() or text != text.strip() or not text:
        raise FormatError(
            "a text cannot stand in a message", value=repr(text[:60]),
            allowed="printable characters, not empty, no blanks at its ends", where=keyword,
        )  # fmt: skip
    return text
