"""The XML tree to blocks, by the same tables as KVN."""

from __future__ import annotations

import re
from collections.abc import Iterator

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.limits import MAX_SEGMENTS
from syzygy.formats.ccsds.model import Block, Comment, Entry, ListedRecords, Place, Record, Records
from syzygy.formats.ccsds.tables import BlockRow, MessageTable
from syzygy.formats.ccsds.xml_runs import XmlRecords, make_records
from syzygy.formats.ccsds.xml_tree import Element, value_range

_LINE_BREAKS = re.compile(r"[\r\n]+")
_MARKUP = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_LINE_ELEMENTS = frozenset({"trajLine", "covLine", "manLine", "attLine"})
_TRIANGLE = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
COVARIANCE_NAMES = tuple(
    f"C{row}_{column}" for i, row in enumerate(_TRIANGLE) for column in _TRIANGLE[: i + 1]
)
_COVARIANCE = frozenset(COVARIANCE_NAMES)


def build_blocks(tree: Element, table: MessageTable, findings: Findings, content: bytes = b"") -> Block:
    """Return the root block of one XML (or JSON) message; what does not fit is noted."""
    return _Builder(table, findings, content).build(tree)


class _Builder:
    """Walks the tree; the blocks of the tables say what may stand where."""

    def __init__(self, table: MessageTable, findings: Findings, content: bytes) -> None:
        self.table = table
        self.findings = findings
        self.content = content
        self.groups = {row.group for row in table.rows if row.group} | {"quaternion"}
        self.inner: dict[str, dict[str, tuple[BlockRow, bool]]] = {}

    def build(self, tree: Element) -> Block:
        root = Block("", tree.line)
        header = Block("header", tree.line)
        identity = self.table.rows[0]
        root.items.append(header)
        header.items.append(
            Entry(
                identity.keyword,
                tree.attributes.get("version", "").strip(),
                None,
                identity,
                Place(tree.line, tree.column),
            )
        )
        children = list(tree.children)
        if children and children[0].tag == "header":
            self._fill(header, children.pop(0), {})
        bodies = [child for child in children if child.tag == "body"]
        for child in children:
            if child.tag != "body" or child is not bodies[0]:
                self._unknown(child)
        if bodies:
            self._fill(root, bodies[0], {"header": 1})
        return root

    def _unknown(self, element: Element) -> None:
        known = self.table.knows(element.tag) or element.tag in self.table.blocks
        self.findings.error(
            "misplaced_keyword" if known else "unknown_keyword",
            "the element cannot stand here" if known else "no such element in this message version",
            element.line, element.column, keyword=element.tag, clause=f"{self.table.book} tables, 505.0-B-3",
            value=element.text.strip(),
        )  # fmt: skip

    def _fill(self, block: Block, element: Element, counts: dict[str, int]) -> None:
        """Put the children of an element into a block."""
        if not element.children:
            return
        seen: dict[str, Entry] = {}
        children = self._children(block.name)
        definition = self.table.blocks.get(block.name)
        lines = definition.lines if definition else ""
        records: list[Record | Comment | XmlRecords] = []
        order, place = -1, 0
        last: Entry | None = None
        for child in self._flat(element):
            if child.tag == "COMMENT":
                comment = Comment(_comment(child.text), self._place(child))
                if records:
                    records.append(comment)
                else:
                    block.items.append(comment)
                continue
            if lines and self._is_record(child, lines):
                if not records:
                    place = len(block.items)
                record = self._record(child, lines)
                if child.run is None:
                    if child.children:
                        records += self._inner_comments(child, lines)
                    records.append(record)
                else:
                    records.append(make_records(child.run, record, child.line, lines))
                continue
            known = children.get(child.tag)
            if known is not None and (child.children or not known[1]):
                order = self._child_block(block, child, known[0], counts, order)
                continue
            entry = self._entry(block, child, seen)
            if entry is not None:
                if last is not None and last.row.order > entry.row.order:
                    self.findings.deviation(
                        "keyword_order", f"stands after {last.keyword}, the table has it before", child.line,
                        child.column, keyword=entry.keyword, clause=entry.row.clause,
                    )  # fmt: skip
                last = entry
                block.items.append(entry)
        if records:
            block.items[place:place] = _listed(records, lines)

    def _children(self, name: str) -> dict[str, tuple[BlockRow, bool]]:
        """Return the blocks inside a block by name, each with whether a keyword is called so, too."""
        found = self.inner.get(name)
        if found is None:
            rows = self.table.children.get(name, ())
            found = {row.name: (row, self.table.find(name, row.name) is not None) for row in rows}
            self.inner[name] = found
        return found

    def _child_block(
        self, block: Block, child: Element, row: BlockRow, counts: dict[str, int], order: int
    ) -> int:
        name = row.name
        count = counts[name] = counts.get(name, 0) + 1
        if count > MAX_SEGMENTS and name == "segment":
            raise FormatError(
                "the message has too many segments", allowed=f"{MAX_SEGMENTS}", where=f"line {child.line}"
            )
        if row.limit and count > row.limit:
            self.findings.error(
                "misplaced_keyword", "the block comes too often", child.line, child.column, keyword=child.tag,
                clause=row.clause,
            )  # fmt: skip
        if row.order < order:
            self.findings.deviation(
                "block_order", "stands after blocks that the table puts behind it", child.line, child.column,
                keyword=child.tag, clause=row.clause,
            )  # fmt: skip
        inner = Block(name, child.line, [])
        block.items.append(inner)
        if child.children:
            self._fill(inner, child, {})
        return row.order if row.order > order else order

    def _flat(self, element: Element) -> list[Element]:
        """Return the children; those of a pure grouping element come in its place."""
        if self.groups.isdisjoint([child.tag for child in element.children]):
            return element.children
        found: list[Element] = []
        for child in element.children:
            if child.tag in self.groups and child.children:
                found += child.children
            else:
                found.append(child)
        return found

    def _inner_comments(self, element: Element, lines: str) -> list[Comment]:
        """Return the comments inside one record; they come to stand before it."""
        if lines in _LINE_ELEMENTS or lines == "matrix":
            return []
        found = [Comment(_comment(inner.text), self._place(inner)) for inner in _comments(element)]
        for comment in found[:1]:
            self.findings.deviation(
                "comment_place", "comments stand at the beginning of a block", comment.place.line,
                comment.place.column, keyword="COMMENT", clause=self.table.clause("comments"),
                value=comment.text,
            )  # fmt: skip
        return found

    def _entry(self, block: Block, element: Element, seen: dict[str, Entry]) -> Entry | None:
        keyword = element.tag
        if keyword == "USER_DEFINED" and "parameter" in element.attributes:
            keyword = f"USER_DEFINED_{element.attributes['parameter']}"
        elif keyword.startswith("rotation") and not element.children:
            keyword = element.attributes.get("angle") or element.attributes.get("rate") or keyword
        row = self.table.find(block.name, keyword)
        if row is None or element.children or row.kind in ("marker", "lines", "column"):
            self._unknown(element)
            return None
        if keyword in seen:
            same = _one_line(element.text) == seen[keyword].text
            (self.findings.deviation if same else self.findings.error)(
                "duplicate_keyword", "the element stands twice in one block", element.line, element.column,
                keyword=keyword, clause=row.clause, value=element.text.strip(),
            )  # fmt: skip
            if not same:
                return None
        attributes = element.attributes
        unit = attributes.get("units", attributes.get("unit")) if attributes else None
        entry = Entry(keyword, _one_line(element.text), unit, row, self._place(element))
        seen.setdefault(keyword, entry)
        return entry

    def _place(self, element: Element) -> Place:
        if not self.content:
            return Place(element.line, element.column)
        start, stop = value_range(self.content, element)
        text = self.content[start:stop]
        if b"<" in text and (b"<!--" in text or b"<?" in text):  # a note stands beside the value: keep it
            inner = _MARKUP.sub(lambda match: b"\0" * len(match.group()), text)
            bare = inner.strip(b"\0 \t\r\n")
            start += inner.index(bare)
            stop = start + len(bare)
            if not bare or b"\0" in bare:
                return Place(element.line, element.column)
        return Place(element.line, element.column, start, stop)

    def _is_record(self, element: Element, lines: str) -> bool:
        if lines == "matrix":
            return element.tag in _COVARIANCE
        return element.tag == lines

    def _record(self, element: Element, lines: str) -> Record:
        if lines in _LINE_ELEMENTS:
            words = element.text.split()
            return Record(words[0] if words else "", tuple(words[1:]), element.line)
        if lines != "matrix" and lines != "observation" and not element.children:
            return Record("", (), element.line)
        leaves = [element] if lines == "matrix" else list(_leaves(element))
        values, names, units, epoch = [], [], [], ""
        for leaf in leaves:
            if leaf.tag == "EPOCH" and not epoch:
                epoch = leaf.text.strip()
                continue
            values.append(leaf.text.strip())
            names.append(leaf.tag)
            units.append(leaf.attributes.get("units"))
        keyword = names[0] if lines == "observation" and len(names) == 1 else ""
        if lines == "observation" and len(names) != 1:
            self.findings.error(
                "bad_data_line", "an observation is an epoch and one value", element.line, element.column,
                clause=f"{self.table.book} tables",
            )  # fmt: skip
        return Record(epoch, tuple(values), element.line, keyword, tuple(names), tuple(units))


def _listed(found: list[Record | Comment | XmlRecords], lines: str) -> list[Records | Comment]:
    """Return the records as one item; comments after the last record go behind them."""
    tail: list[Comment] = []
    while isinstance(last := found[-1], Comment):
        tail.insert(0, last)
        found.pop()
    if len(found) == 1 and isinstance(found[0], XmlRecords):
        return [found[0], *tail]
    records: list[Record | Comment] = []
    for item in found:
        records += item.items() if isinstance(item, XmlRecords) else (item,)
    plain = [record for record in records if isinstance(record, Record)]
    if lines == "matrix":
        comments = [record for record in records if isinstance(record, Comment)]
        records = [*comments, *_matrix_rows(plain)]
    return [ListedRecords(tuple(records), plain[0].line), *tail]


def _matrix_rows(elements: list[Record]) -> list[Record | Comment]:
    """Fold the named elements of a covariance into the rows of its lower triangle."""
    names = [element.names[0] for element in elements]
    values = [element.values[0] for element in elements]
    line = elements[0].line
    if sorted(names) != sorted(COVARIANCE_NAMES):
        return [Record("", tuple(values), line)]
    by_name = dict(zip(names, values, strict=True))
    rows: list[Record | Comment] = []
    start = 0
    for size in range(1, 7):
        keys = COVARIANCE_NAMES[start : start + size]
        rows.append(Record("", tuple(by_name[key] for key in keys), line))
        start += size
    return rows


def _leaves(element: Element) -> Iterator[Element]:
    for child in element.children:
        if child.children:
            yield from _leaves(child)
        elif child.tag != "COMMENT":
            yield child


def _comments(element: Element) -> Iterator[Element]:
    for child in element.children:
        if child.tag == "COMMENT":
            yield child
        else:
            yield from _comments(child)


def _one_line(text: str) -> str:
    """Return the text with each line break and the blanks around it as one blank (in linear time)."""
    text = text.strip()
    return _joined(text) if "\n" in text or "\r" in text else text


def _comment(text: str) -> str:
    return _joined(text.strip("\r\n")) if "\n" in text or "\r" in text else text


def _joined(text: str) -> str:
    first, *rest = _LINE_BREAKS.split(text)
    if not rest:
        return first
    middle = [bare for line in rest[:-1] if (bare := line.strip(" \t"))]
    return " ".join([first.rstrip(" \t"), *middle, rest[-1].lstrip(" \t")])
