"""OMM in JSON and CSV as public catalogues serve it, by the table of the OMM.

Two dialects are in use: a list of objects with numbers, and one with every value as text, more keys and
nulls; the CSV has a header line of keywords. Both leave out what the standard wants of every message. What is
left out is noted and not invented; keys that are none of the OMM's become user-defined parameters, each noted
once.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from syzygy.base.errors import FormatError, UnknownNameError
from syzygy.formats.ccsds.checks import TableChecker
from syzygy.formats.ccsds.diagnostics import ERROR, Diagnostic, Findings
from syzygy.formats.ccsds.model import Block, Comment, Entry, Message, Place
from syzygy.formats.ccsds.tables import KeywordRow, MessageTable, message_table

_ELEMENTS = frozenset({"MEAN_MOTION", "SEMI_MAJOR_AXIS"})
_LEFT_OUT = frozenset(
    {"CCSDS_OMM_VERS", "CREATION_DATE", "ORIGINATOR", "CENTER_NAME", "REF_FRAME", "TIME_SYSTEM",
     "MEAN_ELEMENT_THEORY"}
)  # fmt: skip
_VERSION = "CCSDS_OMM_VERS"
_KEY = re.compile(r"[A-Z][A-Z0-9_]{0,59}")
_LONGEST_KEY = 60
_REMEMBERED = 4096
_MOST_SHAPED = 64
_MAX_RECORDS = 2_000_000
_MAX_FIELD = 1 << 16


class _Fields(NamedTuple):
    """One record: its line (in JSON its number) and its fields as written."""

    line: int
    fields: list[tuple[str, str]]


class _Digits(str):
    """The text of a number as it stood in the JSON."""


def is_catalogue_csv(content: bytes) -> bool:
    """Whether the first line that is not blank is a header with EPOCH and mean elements."""
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    names = {cell.strip(b' "\r').upper().decode("ascii", "replace") for cell in head.split(b",")}
    return "EPOCH" in names and bool(names & _ELEMENTS)


def is_catalogue_json(content: bytes) -> bool:
    """Whether the JSON is a list, or an object that holds the fields of an OMM itself."""
    head = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head[:1] == b"[" or bool(re.match(rb'\{\s*"[A-Z][A-Z0-9_]*"\s*:\s*[^{\s]', head))


def read_catalogue(content: bytes, name: str, form: str, findings: Findings) -> Message:
    """Read a catalogue as a combined message whose parts are OMMs.

    Raises
    ------
    FormatError
        Not JSON or CSV, no list of flat objects, a key twice, NaN, not UTF-8, more than two million records.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "the catalogue is no UTF-8 text", value=f"byte {error.start}", allowed="UTF-8", where=name
        ) from error
    records = _json_records(text, name) if form == "json" else _csv_records(text, name)
    parts, checks = [], _Checks(form, findings)
    for count, record in enumerate(records, 1):
        if count > _MAX_RECORDS:
            raise FormatError("the catalogue is too long", allowed=f"{_MAX_RECORDS} records", where=name)
        parts.append(_part(record, name, checks))
    if not parts:
        findings.error("missing_block", "the catalogue holds no message", 1, 1, clause="502.0-B-3 4.2")
    return Message("NDM", "", form, name, content, Block("", 1), None, (), tuple(parts))


class _Checks:
    """What the records of one catalogue share: findings, habits noted once, and where keywords belong."""

    def __init__(self, form: str, findings: Findings) -> None:
        self.form = form
        self.findings = findings
        self.noted: set[str] = set()
        self.checkers: dict[str, TableChecker] = {}
        self.homes: dict[tuple[str, str], tuple[str, KeywordRow | None]] = {}
        self.shapes: set[tuple[object, ...]] = set()

    def checker(self, table: MessageTable) -> TableChecker:
        """Return the checker of a version, its findings empty."""
        checker = self.checkers.get(table.version)
        if checker is None:
            checker = self.checkers[table.version] = TableChecker(table, self.form, Findings())
        checker.findings = Findings()
        checker.noted.clear()
        return checker

    def home(self, table: MessageTable, keyword: str) -> tuple[str, KeywordRow | None]:
        """Return the block of a keyword, empty where it has none, and its row."""
        key = (table.version, keyword)
        found = self.homes.get(key)
        if found is None:
            names = ("header", "metadata", *(row.name for row in table.children["data"]))
            name = next((name for name in names if table.find(name, keyword)), "")
            row = table.find(name, keyword) if name else _user_row(table, keyword)
            found = name, row
            if len(self.homes) < _REMEMBERED:
                self.homes[key] = found
        return found


@cache
def _deciding(version: str) -> frozenset[str]:
    """Return the keywords whose values decide what else is due."""
    rows = message_table("OMM", version).rows
    return frozenset(row.condition.split()[1] for row in rows if row.condition.startswith("when "))


def _shape(record: _Fields, table: MessageTable) -> tuple[object, ...]:
    """Return what decides which keywords are due: records that share it share these findings."""
    deciding = _deciding(table.version)
    keywords, texts = zip(*record.fields, strict=True)
    decided = tuple([text for keyword, text in record.fields if keyword in deciding])
    return table.version, keywords, tuple(map(bool, texts)), decided


def _user_row(table: MessageTable, keyword: str) -> KeywordRow | None:
    return table.find("userDefinedParameters", f"USER_DEFINED_{keyword}")


def _part(record: _Fields, name: str, checks: _Checks) -> Message:
    findings, noted = checks.findings, checks.noted
    version = next((text for keyword, text in reversed(record.fields) if keyword == _VERSION), "3.0")
    try:
        table = message_table("OMM", version)
    except UnknownNameError:
        findings.error(
            "unknown_version", "no such message version was published", record.line, 1, keyword=_VERSION,
            value=version,
        )  # fmt: skip
        table = message_table("OMM", "3.0")
    root, entries = _blocks(record, table, checks)
    checker = checks.checker(table)
    shape = _shape(record, table) if 0 < len(record.fields) <= _MOST_SHAPED else None
    if shape in checks.shapes:
        system = next((text for keyword, text in record.fields if keyword == "TIME_SYSTEM"), "")
        if checker.keeps_order(entries, system.upper()):
            return Message("OMM", table.version, checks.form, name, b"", root, table)
        checker = checks.checker(table)
    checker.check_message(root)
    own = checker.findings
    if all(item.severity != ERROR or _is_left_out(item) for item in own.items) and not own.left_out:
        checker.accept_noted()
        if shape is not None and len(checks.shapes) < _REMEMBERED:
            checks.shapes.add(shape)
    for item in own.items:
        if _is_left_out(item):
            _note_once(findings, noted, item.keyword, record.line, item.clause, "the catalogue leaves it out")
        elif item.severity == ERROR:
            findings.error(
                item.code, item.what, record.line, 1, keyword=item.keyword, clause=item.clause,
                value=item.value,
            )  # fmt: skip
        else:
            _note_once(findings, noted, item.keyword, record.line, item.clause, item.what, item.code)
    return Message("OMM", table.version, checks.form, name, b"", root, table)


def _is_left_out(item: Diagnostic) -> bool:
    return item.severity == ERROR and item.code == "missing_mandatory" and item.keyword in _LEFT_OUT


def _note_once(
    findings: Findings, noted: set[str], keyword: str, line: int, clause: str, what: str,
    code: str = "missing_mandatory",
) -> None:  # fmt: skip
    """Note a habit of the catalogue at the first record that has it."""
    mark = f"{code} {keyword}"
    if mark not in noted:
        noted.add(mark)
        findings.deviation(code, f"{what} (noted once)", line, 1, keyword=keyword, clause=clause)


def _blocks(record: _Fields, table: MessageTable, checks: _Checks) -> tuple[Block, list[Entry]]:
    """Return the blocks of one OMM and all its entries; blocks without a keyword are left out, as in KVN."""
    entries: list[Entry] = []
    root, line = Block("", record.line), record.line
    segment = Block("segment", line)
    homes = {"header": Block("header", line), "metadata": Block("metadata", line)}
    place, new = Place(line, 1), tuple.__new__
    known = checks.homes
    for keyword, text in record.fields:
        if keyword == "COMMENT":
            homes["header"].items.append(Comment(text, place))
            continue
        home, row = known.get((table.version, keyword)) or checks.home(table, keyword)
        if not home:
            _note_once(
                checks.findings, checks.noted, keyword, line, "502.0-B-3 table 4-3",
                f"no keyword of the OMM, carried as USER_DEFINED_{keyword}", "unknown_keyword",
            )  # fmt: skip
            home, keyword = "userDefinedParameters", f"USER_DEFINED_{keyword}"
        if row is not None:
            block = homes.get(home)
            if block is None:
                block = homes[home] = Block(home, line)
            entry = new(Entry, (keyword, text, None, row, place, ""))
            entries.append(entry)
            block.items.append(entry)
    data = Block("data", line)
    data.items += [homes[inside.name] for inside in table.children["data"] if inside.name in homes]
    segment.items += [homes["metadata"], data]
    root.items += [homes["header"], segment]
    return root, entries


def _json_records(text: str, name: str) -> Iterator[_Fields]:
    try:
        value = json.loads(
            text, parse_float=_Digits, parse_int=_Digits, parse_constant=_refuse, object_pairs_hook=_pairs
        )
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormatError(
            "the JSON is broken", value=error, allowed="a list of objects", where=name
        ) from error
    for number, item in enumerate([value] if isinstance(value, _Pairs) else value, 1):
        if not isinstance(item, _Pairs):
            raise FormatError(
                "a record of the catalogue is no object", value=type(item).__name__,
                allowed="objects with flat values", where=f"{name} record {number}",
            )  # fmt: skip
        yield _Fields(number, list(_flat(item, f"{name} record {number}")))


class _Pairs(list[tuple[str, Any]]):
    """An object of the JSON as its pairs in order."""


def _pairs(pairs: list[tuple[str, Any]]) -> _Pairs:
    if len({key for key, _ in pairs}) < len(pairs):
        raise FormatError("a key stands twice in one object of the JSON", allowed="each key once")
    return _Pairs(pairs)


def _refuse(text: str) -> Any:
    raise FormatError("the JSON holds a value that is no number", value=text, allowed="finite numbers")


def _flat(pairs: _Pairs, where: str) -> Iterator[tuple[str, str]]:
    for key, value in pairs:
        if key == "COMMENT" and isinstance(value, list) and all(isinstance(item, str) for item in value):
            yield from ((key, str(item)) for item in value)
        elif value is not None:
            if not isinstance(value, str):
                raise FormatError(
                    "a value of the catalogue is no text and no number", value=f"{key}: {value!r}"[:60],
                    allowed="text, numbers, null", where=where,
                )  # fmt: skip
            yield _checked(key, str(value), where)


def _csv_records(text: str, name: str) -> Iterator[_Fields]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    plain = False
    try:
        for cells in lines:
            if not any(cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                if len(set(header)) < len(header):
                    raise FormatError(
                        "a keyword stands twice in the header", allowed="each keyword once", where=name
                    )
                plain = all(len(key) <= _LONGEST_KEY and _is_key(key) for key in header)
                continue
            where = f"{name} line {lines.line_num}"
            if len(cells) != len(header):
                raise FormatError(
                    "a line has another number of cells than the header", value=len(cells),
                    allowed=str(len(header)), where=where,
                )  # fmt: skip
            pairs = zip(header, cells, strict=True)
            if plain and _are_short_lines(cells):
                fields = [(key, text) for key, value in pairs if (text := value.strip())]
            else:
                fields = [_checked(key, value.strip(), where) for key, value in pairs if value.strip()]
            yield _Fields(lines.line_num, fields)
    except csv.Error as error:
        raise FormatError(
            "the CSV is broken", value=error, allowed="comma-separated values", where=name
        ) from error


def _are_short_lines(cells: list[str]) -> bool:
    """Whether no cell is too long or breaks the line; false also where all together are long."""
    text = "".join(cells)
    return len(text) <= _MAX_FIELD and "\n" not in text and "\r" not in text


@lru_cache(maxsize=512)
def _is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def _checked(key: str, text: str, where: str) -> tuple[str, str]:
    if len(key) > _LONGEST_KEY or not _is_key(key) or len(text) > _MAX_FIELD or "\n" in text or "\r" in text:
        raise FormatError(
            "a field of the catalogue is none of a message", value=f"{key[:40]}: {text[:40]}",
            allowed="keywords in upper case, values of one line", where=where,
        )  # fmt: skip
    return key, text
