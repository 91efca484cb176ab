"""Two messages compared: what differs in meaning, and what only in writing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syzygy.formats.ccsds.aligning import align_records
from syzygy.formats.ccsds.comparing_comments import compare_comments
from syzygy.formats.ccsds.comparing_values import Change, Clock, compare_epochs, compare_numbers, same_text
from syzygy.formats.ccsds.differences import Difference
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Entry, Message, Record
from syzygy.formats.ccsds.record_columns import Column, block_columns, segment_columns

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_NUMBERS = ("number", "integer", "vector")
_EPOCHS = ("epoch", "time")
_NORMATIVE = ("name", "enum", "choice")
_UTC_ALWAYS = ("CREATION_DATE", "MESSAGE_EPOCH")


@dataclass(frozen=True, slots=True)
class _Side:
    """Where a block stands: its message, its path, and how its epochs are to be read."""

    message: Message
    clock: Clock
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True)
class _Comparer:
    leap_seconds: LeapSeconds | None

    def messages(self, first: Message, second: Message) -> Iterator[Difference]:
        """Yield the differences of two whole files."""
        for name in ("kind", "version"):
            if getattr(first, name) != getattr(second, name):
                yield Difference(name, "value", getattr(first, name), getattr(second, name))
        if first.form != second.form:
            yield Difference("form", "form", first.form, second.form)
        if not (first.parts or second.parts):
            yield from self.blocks(first.root, second.root, _side(first), _side(second), "")
            yield from compare_comments(first.root, second.root, "")
            return
        yield from self.blocks(first.root, second.root, _side(first), _side(second), "ndm/")
        yield from compare_comments(first.root, second.root, "ndm/")
        ours, theirs = first.parts or (first,), second.parts or (second,)
        for index in range(max(len(ours), len(theirs))):
            place = f"message[{index + 1}]"
            if index >= len(ours) or index >= len(theirs):
                part = (theirs if index >= len(ours) else ours)[index]
                yield _absent(place, f"{part.kind} {part.version}", index >= len(ours))
                continue
            a, b = ours[index], theirs[index]
            if a.kind != b.kind:
                yield Difference(place, "value", a.kind, b.kind)
                continue
            yield from self.blocks(a.root, b.root, _side(a), _side(b), f"{place}/")
            yield from compare_comments(a.root, b.root, f"{place}/")

    def blocks(self, a: Block, b: Block, first: _Side, second: _Side, path: str) -> Iterator[Difference]:
        """Yield the differences of two blocks and all inside."""
        first, second = _entering(a, first), _entering(b, second)
        yield from self._entries(a, b, first, second, path)
        yield from self._lines(a, b, first, second, path)
        for name in dict.fromkeys(block.name for block in (*a.blocks(), *b.blocks())):
            ours, theirs = a.blocks(name), b.blocks(name)
            for index in range(max(len(ours), len(theirs))):
                number = f"[{index + 1}]" if max(len(ours), len(theirs)) > 1 else ""
                place = f"{path}{name}{number}"
                if index >= len(ours) or index >= len(theirs):
                    block = (theirs if index >= len(ours) else ours)[index]
                    yield _absent(place, _size(block), index >= len(ours))
                else:
                    yield from self.blocks(ours[index], theirs[index], first, second, f"{place}/")

    def _entries(self, a: Block, b: Block, first: _Side, second: _Side, path: str) -> Iterator[Difference]:
        ours, theirs = _numbered(a), _numbered(b)
        for key, entry in ours.items():
            if key not in theirs:
                yield Difference(f"{path}{key}", "missing", entry.text, "", entry.unit or entry.row.unit)
            else:
                yield from self._entry(f"{path}{key}", entry, theirs[key], first, second)
        for key, entry in theirs.items():
            if key not in ours:
                yield Difference(f"{path}{key}", "missing", "", entry.text, entry.unit or entry.row.unit)
        common = [key for key in ours if key in theirs]
        other = [key for key in theirs if key in ours]
        if common != other:
            yield Difference(f"{path}(keywords)", "order", " ".join(common), " ".join(other))

    def _entry(self, place: str, a: Entry, b: Entry, first: _Side, second: _Side) -> Iterator[Difference]:
        units = (a.unit or a.row.unit, b.unit or b.row.unit)
        kind = a.row.kind
        clocks_differ = kind.startswith(_EPOCHS) and first.clock != second.clock
        if a.text == b.text and units[0] == units[1] and not clocks_differ:
            return
        change: Change | None = None
        if kind.startswith(_NUMBERS):
            words = a.text.split(), b.text.split()
            if len(words[0]) == len(words[1]) > 1:
                for index, (x, y) in enumerate(zip(*words, strict=True), 1):
                    yield from self._value(f"{place} {index}", x, y, units, first, second, "number")
                return
        utc = a.keyword in _UTC_ALWAYS
        clocks = (Clock("UTC"), Clock("UTC")) if utc else (first.clock, second.clock)
        if kind.startswith(_EPOCHS):
            change = compare_epochs(a.text, b.text, *clocks, self.leap_seconds)
        if change is None and kind.startswith((*_NUMBERS, "time")):
            change = compare_numbers(a.text, b.text, *units)
        state = place.rpartition("/")[0] if place.rpartition("/")[0].endswith("stateVector") else ""
        yield from _difference(place, a.text, b.text, units[0], change, kind in _NORMATIVE, state)

    def _value(
        self, place: str, a: str, b: str, units: tuple[str, str], first: _Side, second: _Side, kind: str,
        state: str = "",
    ) -> Iterator[Difference]:  # fmt: skip
        if kind == "epoch":
            if a == b and first.clock == second.clock:
                return
            change = compare_epochs(a, b, first.clock, second.clock, self.leap_seconds)
        elif a == b and units[0] == units[1]:
            return
        else:
            change = compare_numbers(a, b, *units)
        yield from _difference(place, a, b, units[0], change, False, state)

    def _lines(self, a: Block, b: Block, first: _Side, second: _Side, path: str) -> Iterator[Difference]:
        columns = block_columns(a) or first.columns, block_columns(b) or second.columns
        alike = columns[0] == columns[1] and first.clock == second.clock
        if alike and _same_bytes(a, b):
            return
        pairs = align_records(a, b, first.clock, second.clock, self.leap_seconds)
        for number, ours, theirs in pairs:
            one = ours or theirs
            assert one is not None
            keyword = f" {one.keyword}" if one.keyword else ""
            place = f"{path}line {number}{keyword}" + (f" ({one.epoch})" if one.epoch else "")
            if ours is None or theirs is None:
                yield Difference(place, "missing", _line_text(ours), _line_text(theirs))
            elif not alike or ours[:2] != theirs[:2] or ours.keyword != theirs.keyword:
                yield from self._line(place, ours, theirs, columns, first, second)

    def _line(
        self, place: str, a: Record, b: Record, columns: tuple[Sequence[Column], Sequence[Column]],
        first: _Side, second: _Side,
    ) -> Iterator[Difference]:  # fmt: skip
        if a.keyword != b.keyword:
            yield Difference(f"{place} keyword", "value", a.keyword, b.keyword)
            return
        if a.epoch or b.epoch:
            yield from self._value(f"{place} epoch", a.epoch, b.epoch, ("s", "s"), first, second, "epoch")
        if len(a.values) != len(b.values):
            yield Difference(place, "value", " ".join(a.values), " ".join(b.values))
            return
        for index, (x, y) in enumerate(zip(a.values, b.values, strict=True)):
            name, unit = columns[0][index] if index < len(columns[0]) else (f"value {index + 1}", "")
            other = columns[1][index][1] if index < len(columns[1]) else ""
            if x != y or unit != other:
                yield from self._value(f"{place} {name}", x, y, (unit, other), first, second, "number", place)


def compare_messages(
    first: Message, second: Message, leap_seconds: LeapSeconds | None = None
) -> Iterator[Difference]:
    """Yield the differences of two messages of any form, in the order of the first.

    Numbers are compared with every digit and in their units, epochs as instants, normative texts without
    case, other texts with an underscore equal to a blank (502.0-B-3 7.5.9). Data lines are paired by their
    epoch, so that a line too many does not make all later lines differ; a keyword or block that only one has
    is one difference.

    Parameters
    ----------
    first, second : Message
    leap_seconds : LeapSeconds, optional
        To compare epochs of different time systems as instants, and UTC epochs across a leap second. Without
        it, epochs of different systems differ.
    """
    return _Comparer(leap_seconds).messages(first, second)


def _side(message: Message) -> _Side:
    system = "UTC" if message.kind == "CDM" else ""
    zero = ""
    for block in message.root.walk():
        if block.name in ("metadata", "meta"):
            system, zero = block.text("TIME_SYSTEM") or system, block.text("EPOCH_TZERO") or zero
            break
    return _Side(message, Clock(system, zero))


def _entering(block: Block, side: _Side) -> _Side:
    """Take the time system of a segment's own metadata."""
    metadata = block.block("metadata")
    if metadata is None:
        return side
    clock = side.clock
    system, zero = metadata.text("TIME_SYSTEM"), metadata.text("EPOCH_TZERO")
    columns = segment_columns(side.message, metadata)
    return _Side(side.message, Clock(system or clock.system, zero or clock.zero), columns)


def _difference(
    place: str, a: str, b: str, unit: str, change: Change | None, normative: bool, state: str
) -> Iterator[Difference]:
    if change is None:
        kind = "spelling" if same_text(a, b, normative=normative) else "value"
        if a != b or kind == "value":
            yield Difference(place, kind, a, b, unit)
    elif change.matters:
        yield Difference(
            place, "value", a, b, "s" if change.plain_unit == "s" and not unit else unit, change.exact,
            change.last_digits, change.plain, change.plain_unit, state,
        )  # fmt: skip
    elif a != b:
        yield Difference(place, "spelling", a, b, unit)


def _numbered(block: Block) -> dict[str, Entry]:
    """Return the entries by keyword; the second of a name gets a number."""
    found: dict[str, Entry] = {}
    for entry in block.entries():
        key, count = entry.keyword, 1
        while key in found:
            count += 1
            key = f"{entry.keyword}[{count}]"
        found[key] = entry
    return found


def _same_bytes(a: Block, b: Block) -> bool:
    """Whether the data lines of both are the same bytes of two KVN files."""
    slices = [[item for item in block.items if isinstance(item, KvnRecords)] for block in (a, b)]
    return len(slices[0]) == len(slices[1]) and all(
        memoryview(x.content)[x.start : x.stop] == memoryview(y.content)[y.start : y.stop]
        for x, y in zip(*slices, strict=True)
    )


def _absent(place: str, text: str, in_first: bool) -> Difference:
    return Difference(place, "missing", "" if in_first else text, text if in_first else "")


def _size(block: Block) -> str:
    entries = sum(1 for inner in block.walk() for _ in inner.entries())
    lines = sum(1 for inner in block.walk() for _ in inner.records())
    return f"{entries} keywords" + (f", {lines} data lines" if lines else "")


def _line_text(record: Record | None) -> str:
    if record is None:
        return ""
    return " ".join([*([record.keyword] if record.keyword else []), record.epoch, *record.values]).strip()
