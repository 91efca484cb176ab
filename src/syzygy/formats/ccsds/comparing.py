"""Two messages compared: what differs in meaning, and what only in writing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal

from syzygy.formats.ccsds.grammar import number_text
from syzygy.formats.ccsds.model import Block, Comment, Entry, Message, Record

_NUMBERS = ("number", "integer", "vector")
_EXACT = Context(prec=1000)


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    Attributes
    ----------
    place : str
        Block path with keyword, or with line number of the block.
    kind : str
        ``value`` (another meaning), ``missing`` (only one of the two has it), ``spelling`` (the same meaning
        in other characters), ``comment``, ``form``.
    first, second : str
        As written, empty where absent.
    unit : str
        Unit of the keyword.
    difference : str
        second minus first, exact decimal; empty where they are no numbers.
    last_digits : float
        That difference counted in the last digit of the coarser writing; below 0.5 it may be rounding.
    """

    place: str
    kind: str
    first: str
    second: str
    unit: str = ""
    difference: str = ""
    last_digits: float = 0.0

    @property
    def matters(self) -> bool:
        """Whether the meaning differs."""
        return self.kind in ("value", "missing")

    def as_mapping(self) -> dict[str, str | float | bool]:
        """Return the fields for ``--json``."""
        return {**{name: getattr(self, name) for name in self.__slots__}, "matters": self.matters}


def compare_messages(first: Message, second: Message) -> list[Difference]:
    """Compare two messages of any form.

    Values are compared as numbers with every digit, as epochs and texts otherwise (an underscore equals a
    blank, 502.0-B-3 7.5.9). Data lines are compared one by one in their order.
    """
    found: list[Difference] = []
    for name in ("kind", "version"):
        if getattr(first, name) != getattr(second, name):
            found.append(Difference(name, "value", getattr(first, name), getattr(second, name)))
    if first.form != second.form:
        found.append(Difference("form", "form", first.form, second.form))
    ours, theirs = dict(_flat(first)), dict(_flat(second))
    for key, item in ours.items():
        found += _compare(key, item, theirs.get(key))
    for key, item in theirs.items():
        if key not in ours:
            found += _compare(key, None, item)
    return found


Leaf = Entry | Comment | Record


def _flat(message: Message) -> Iterator[tuple[str, Leaf]]:
    for index, part in enumerate(message.parts or (message,)):
        prefix = f"{part.kind}[{index + 1}]/" if message.parts else ""
        yield from _flat_block(part.root, prefix)


def _flat_block(block: Block, path: str) -> Iterator[tuple[str, Leaf]]:
    counts: dict[str, int] = {}
    total: dict[str, int] = {}
    for inner in block.blocks():
        total[inner.name] = total.get(inner.name, 0) + 1
    comments = lines = 0
    for item in block.items:
        if isinstance(item, Block):
            counts[item.name] = counts.get(item.name, 0) + 1
            number = f"[{counts[item.name]}]" if total[item.name] > 1 else ""
            yield from _flat_block(item, f"{path}{item.name}{number}/")
        elif isinstance(item, Comment):
            comments += 1
            yield f"{path}COMMENT[{comments}]", item
        elif isinstance(item, Entry):
            yield f"{path}{item.keyword}", item
        else:
            for record in item.items():
                if isinstance(record, Comment):
                    comments += 1
                    yield f"{path}COMMENT[{comments}]", record
                else:
                    lines += 1
                    yield f"{path}line[{lines}]", record


def _compare(key: str, first: Leaf | None, second: Leaf | None) -> Iterator[Difference]:
    if isinstance(first, Record) and isinstance(second, Record):
        yield from _compare_lines(key, first, second)
        return
    a, b = _text(first), _text(second)
    if first is None or second is None:
        kind = "comment" if isinstance(first or second, Comment) else "missing"
        yield Difference(key, kind, a, b)
    elif isinstance(first, Comment):
        if a != b:
            yield Difference(key, "comment", a, b)
    elif isinstance(first, Entry) and isinstance(second, Entry):
        if (first.unit or first.row.unit) != (second.unit or second.row.unit):
            yield Difference(f"{key} unit", "value", first.unit or "", second.unit or "")
        yield from _compare_texts(key, a, b, first.row.unit, first.row.kind.startswith(_NUMBERS))


def _compare_lines(key: str, first: Record, second: Record) -> Iterator[Difference]:
    yield from _compare_texts(f"{key} epoch", first.epoch, second.epoch, "", False)
    if first.keyword != second.keyword:
        yield Difference(f"{key} keyword", "value", first.keyword, second.keyword)
    if len(first.values) != len(second.values):
        yield Difference(key, "value", " ".join(first.values), " ".join(second.values))
        return
    for index, (a, b) in enumerate(zip(first.values, second.values, strict=True), 1):
        yield from _compare_texts(f"{key} value {index}", a, b, "", True)


def _compare_texts(key: str, first: str, second: str, unit: str, numeric: bool) -> Iterator[Difference]:
    if first == second:
        return
    a, b = number_text(first), number_text(second)
    if numeric and a is not None and b is not None:
        x, y = Decimal(a), Decimal(b)
        if x == y:
            yield Difference(key, "spelling", first, second, unit)
            return
        step = Decimal(1).scaleb(max(_last_digit(x), _last_digit(y)))
        change = _EXACT.subtract(y, x)
        yield Difference(key, "value", first, second, unit, str(change), float(abs(change) / step))
    elif _plain(first) == _plain(second):
        yield Difference(key, "spelling", first, second, unit)
    else:
        yield Difference(key, "value", first, second, unit)


def _last_digit(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _plain(text: str) -> str:
    bare = " ".join(text.replace("_", " ").split())
    if "T" in bare and ":" in bare:
        bare = bare.removesuffix("Z")
        return bare.rstrip("0").rstrip(".") if "." in bare else bare
    return bare


def _text(item: Leaf | None) -> str:
    if item is None:
        return ""
    if isinstance(item, Record):
        return " ".join([*([item.keyword] if item.keyword else []), item.epoch, *item.values]).strip()
    return item.text
