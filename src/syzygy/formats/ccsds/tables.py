"""The keyword and block tables of every published message version, read from the data files."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from syzygy.base.errors import UnknownNameError

VERSIONS: dict[str, tuple[str, ...]] = {
    "OPM": ("1.0", "2.0", "3.0"),
    "OMM": ("2.0", "3.0"),
    "OEM": ("1.0", "2.0", "3.0"),
    "OCM": ("3.0",),
    "APM": ("1.0", "2.0"),
    "AEM": ("1.0", "2.0"),
    "ACM": ("2.0",),
    "CDM": ("1.0",),
    "TDM": ("1.0", "2.0"),
    "RDM": ("1.0",),
}
CURRENT_BOOKS = {
    "OPM": "502.0-B-3", "OMM": "502.0-B-3", "OEM": "502.0-B-3", "OCM": "502.0-B-3", "APM": "504.0-B-2",
    "AEM": "504.0-B-2", "ACM": "504.0-B-2", "CDM": "508.0-B-1", "TDM": "503.0-B-2", "RDM": "508.1-B-1",
}  # fmt: skip
_ANY_ORDER = frozenset({"rotationAngles", "rotationRates"})  # in the order of EULER_ROT_SEQ (504.0-B-1)


@dataclass(frozen=True, slots=True)
class KeywordRow:
    """One row of a keyword table.

    Attributes
    ----------
    block, keyword, kind, unit : str
        `kind` is the type of the value: text, name (normative text), enum (closed list), choice (listed
        values), number, integer, vectorN, epoch, time (epoch or seconds), version, comment, marker, lines,
        observation (a TDM data keyword), column (a column of OCM manoeuvre lines).
    status : str
        M, O or C, as printed.
    condition : str
        ``block`` (mandatory once the block is there), ``with K``, ``when K value ...``, ``one of A B``,
        ``at most one of A B``, ``optional``, ``noted with K`` (its absence is only a deviation).
    values : tuple of str
        Allowed values of an enum or choice.
    default : str
        Value that the standard gives when the keyword is absent; documentation only, never invented.
    group : str
        Element of the XML around this keyword inside its block.
    clause : str
        Book and table; for an issue that this project has not seen, ``derived from`` what it has.
    order : int
        Position in the block.
    limits : str
        Interval that the book states for the number, as ``[0,1]`` or ``(0,)`` (round: the end is outside).
    rule : str
        Numbers of the requirements of the book that speak about the keyword.
    """

    block: str
    keyword: str
    kind: str
    unit: str
    status: str
    condition: str
    values: tuple[str, ...]
    default: str
    group: str
    clause: str
    order: int
    limits: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One block of a message: where it stands, how it begins in KVN, how often it may come."""

    name: str
    parent: str
    start: str
    first: str
    mandatory: bool
    limit: int
    lines: str
    clause: str
    order: int


@dataclass(frozen=True)
class MessageTable:
    """Everything the standard says about one message type and version in tables."""

    kind: str
    version: str
    rows: tuple[KeywordRow, ...]
    blocks: dict[str, BlockRow]
    children: dict[str, tuple[BlockRow, ...]]
    by_block: dict[str, dict[str, KeywordRow]]
    patterns: dict[str, tuple[tuple[re.Pattern[str], KeywordRow], ...]]
    columns: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    clauses: dict[str, str] = field(default_factory=dict)

    @property
    def book(self) -> str:
        """The book of this version, for clauses."""
        return self.rows[0].clause.split()[0].rstrip(",")

    @property
    def derived(self) -> bool:
        """Whether the table of this issue was derived from other books, because its own was not at hand."""
        return ", derived from " in self.rows[0].clause

    def clause(self, rule: str) -> str:
        """Return book and clause of a general rule (``order``, ``fixed`` ...) in the current issue."""
        number = self.clauses.get(rule, "")
        return f"{CURRENT_BOOKS[self.kind]} {number}".strip()

    def find(self, block: str, keyword: str) -> KeywordRow | None:
        """Return the row of a keyword in a block, ``PARTICIPANT_3`` and ``USER_DEFINED_X`` included."""
        row = self.by_block.get(block, {}).get(keyword)
        if row is None:
            for pattern, candidate in self.patterns.get(block, ()):
                if pattern.fullmatch(keyword):
                    return candidate
        return row

    def knows(self, keyword: str) -> bool:
        """Whether any block of this message has the keyword."""
        return any(self.find(block, keyword) for block in self.by_block)


def _read(name: str) -> list[dict[str, str]]:
    text = (files("syzygy.formats.ccsds") / "resources" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def message_table(kind: str, version: str) -> MessageTable:
    """Return the table of a message type and published version.

    Raises
    ------
    UnknownNameError
        No such type, or a version that was never published.

    Examples
    --------
    >>> message_table("OPM", "3.0").find("stateVector", "X").unit
    'km'
    """
    if version not in VERSIONS.get(kind, ()):
        raise UnknownNameError(
            "no such message version was published",
            value=f"{kind} {version}",
            allowed=", ".join(VERSIONS[kind]) if kind in VERSIONS else ", ".join(VERSIONS),
        )
    rows: list[KeywordRow] = []
    by_block: dict[str, dict[str, KeywordRow]] = {}
    patterns: dict[str, list[tuple[re.Pattern[str], KeywordRow]]] = {}
    for item in _read(f"{kind.lower()}-{version}.csv"):
        block = by_block.setdefault(item["block"], {})
        values = tuple(item["values"].split("|")) if item["values"] else ()
        order = len(block)
        if item["group"] in _ANY_ORDER:
            order = min(
                (other.order for other in block.values() if other.group == item["group"]), default=order
            )
        row = KeywordRow(
            item["block"], item["keyword"], item["type"], item["unit"], item["status"], item["condition"],
            values, item["default"], item["group"], item["clause"], order,
            item["limits"], item["rule"],
        )  # fmt: skip
        rows.append(row)
        block[row.keyword] = row
        if row.keyword.endswith("_n"):
            pattern = re.compile(re.escape(row.keyword[:-1]) + "[1-9][0-9]{0,3}")
            patterns.setdefault(row.block, []).append((pattern, row))
        elif row.keyword.endswith("_x"):
            pattern = re.compile(re.escape(row.keyword[:-1]) + r"[\x21-\x3c\x3e-\x7e]{1,200}")
            patterns.setdefault(row.block, []).append((pattern, row))
    blocks = _blocks(kind, version)
    children: dict[str, list[BlockRow]] = {}
    for block_row in blocks.values():
        children.setdefault(block_row.parent, []).append(block_row)
    return MessageTable(
        kind, version, tuple(rows), blocks, {name: tuple(value) for name, value in children.items()},
        by_block,
        {name: tuple(value) for name, value in patterns.items()}, _columns(kind, version),
        {item["rule"]: item[kind] for item in _read("clauses.csv")},
    )  # fmt: skip


def _blocks(kind: str, version: str) -> dict[str, BlockRow]:
    blocks: dict[str, BlockRow] = {}
    for item in _read("blocks.csv"):
        if item["message"] == kind and version in item["versions"].split():
            limit = 0 if item["repeat"] == "*" else int(item["repeat"])
            blocks[item["block"]] = BlockRow(
                item["block"], item["parent"], item["start"], item["first"], item["status"] == "M", limit,
                item["lines"], item["clause"], len(blocks),
            )  # fmt: skip
    return blocks


def _columns(kind: str, version: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    columns: dict[str, tuple[str, tuple[str, ...]]] = {}
    for item in _read("records.csv"):
        if item["message"] == kind and version in item["versions"].split():
            columns[item["attitude_type"]] = (item["element"], tuple(item["columns"].split()))
    return columns
