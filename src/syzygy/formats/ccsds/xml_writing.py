"""Blocks to the XML tree of a message, by the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from syzygy.formats.ccsds.model import Block, Comment, Entry, Message, Record, Records
from syzygy.formats.ccsds.tables import MessageTable
from syzygy.formats.ccsds.xml_rows import plain_words
from syzygy.formats.ccsds.xml_runs import XmlRecords
from syzygy.formats.ccsds.xml_tree import MARK, Element, ElementRows
from syzygy.formats.ccsds.xml_view import COVARIANCE_NAMES

_SCHEMA = "https://sanaregistry.org/r/ndmxml_unqualified/ndmxml-3.0.0-master-3.0.xsd"
_NAMESPACE = {
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:noNamespaceSchemaLocation": _SCHEMA,
}
_NAME = re.compile(r"[A-Z][A-Z_0-9]*")
_AXES = {"1": "X", "2": "Y", "3": "Z"}


def message_tree(message: Message, *, rows: bool = False) -> Element:
    """Return the XML tree of a message of any form; texts are taken over unchanged.

    With `rows`, many data lines written alike come as one `ElementRows`, which only `write_xml` knows.
    """
    if message.parts:
        root = Element("ndm", dict(_NAMESPACE))
        for item in message.root.items:
            if isinstance(item, Comment):
                root.children.append(Element("COMMENT", text=item.text))
            elif isinstance(item, Entry):
                root.children.append(Element(item.keyword, text=item.text))
        root.children += [_one(part, {}, rows) for part in message.parts]
        return root
    return _one(message, _NAMESPACE, rows)


def _one(message: Message, attributes: dict[str, str], rows: bool) -> Element:
    table = message.table
    if table is None:
        return Element(message.kind.lower(), dict(attributes))
    identity = {"id": f"CCSDS_{table.kind}_VERS", "version": table.version}
    root = Element(table.kind.lower(), {**attributes, **identity})
    body = Element("body")
    for block in message.root.blocks():
        element = _Writer(table, rows).block(block)
        (root if block.name == "header" else body).children.append(element)
    root.children.append(body)
    return root


class _Writer:
    """Writes the blocks of one message."""

    def __init__(self, table: MessageTable, rows: bool) -> None:
        self.table = table
        self.rows = rows
        self.metadata = Block("metadata")

    def block(self, block: Block) -> Element:
        element = Element(block.name)
        group: Element | None = None
        for index, item in enumerate(block.items):
            if isinstance(item, Block):
                if item.name == "metadata":
                    self.metadata = item
                group = None
                element.children.append(self.block(item))
            elif isinstance(item, Comment):
                if group is not None and _next_group(block, index) != group.tag:
                    group = None
                (element if group is None else group).children.append(Element("COMMENT", text=item.text))
            elif isinstance(item, Entry):
                if item.row.kind == "version":
                    continue
                if not item.row.group:
                    group = None
                elif group is None or group.tag != item.row.group:
                    group = Element(item.row.group)
                    element.children.append(group)
                (element if group is None else group).children.append(_entry(item, group))
            else:
                group = None
                element.children += self.records(block.name, item)
        return element

    def records(self, block: str, records: Records) -> Iterator[Element]:
        lines = self.table.blocks[block].lines
        matrix: list[str] = []
        if self.rows and lines != "matrix" and (together := self._together(records, lines)) is not None:
            yield together
            return
        for record in records.items():
            if isinstance(record, Comment):
                yield Element("COMMENT", text=record.text)
            elif lines == "matrix":
                matrix += record.values
            else:
                yield self.record(record, lines)
        names = COVARIANCE_NAMES if len(matrix) == len(COVARIANCE_NAMES) else ("",) * len(matrix)
        yield from (Element(name, text=value) for name, value in zip(names, matrix, strict=True))

    def _together(self, records: Records, lines: str) -> ElementRows | None:
        """Return all data lines as rows of one form; None where they are not that plain."""
        tracking = lines == "observation"
        found = plain_words(records, tracking)
        if found is None:
            return None
        words, width = found
        units = records.units if isinstance(records, XmlRecords) else ()
        keywords = list(dict.fromkeys(words[::width])) if tracking else [""]
        if tracking and not all(_NAME.fullmatch(keyword) for keyword in keywords):
            return None
        which = [keywords.index(word) for word in words[::width]] if len(keywords) > 1 else []
        if tracking:
            words = [word for pair in zip(words[2::width], words[3::width], strict=True) for word in pair]
            width = 2
        marks = (MARK,) * (width - 1)
        forms = [self.record(Record(MARK, marks, 0, keyword, (), units), lines) for keyword in keywords]
        if _count_marks(forms[0]) != width:
            return None
        return ElementRows(lines, forms=forms, words=words, width=width, which=which)

    def record(self, record: Record, lines: str) -> Element:
        if lines.endswith("Line"):
            return Element(lines, text=" ".join([record.epoch, *record.values]))
        element = Element(lines)
        epoch = Element("EPOCH", text=record.epoch)
        if lines == "observation":
            element.children = [
                epoch,
                Element(record.keyword, text=record.values[0] if record.values else ""),
            ]
            return element
        inner, columns = element, self._columns(lines)
        name, names = columns
        if name:
            inner = Element(name)
            element.children.append(inner)
        inner.children.append(epoch)
        for index, (path, value) in enumerate(zip(names, record.values, strict=False)):
            group, _, leaf = path.partition(":")[0].rpartition("/")
            parent = inner
            if group:
                if inner.children[-1].tag != group:
                    inner.children.append(Element(group))
                parent = inner.children[-1]
            attributes = self._rotation(leaf, group)
            if index < len(record.units) and (unit := record.units[index]) is not None:
                attributes["units"] = unit
            parent.children.append(Element(leaf, attributes, text=value))
        return element

    def _columns(self, lines: str) -> tuple[str, tuple[str, ...]]:
        if lines == "stateVector":
            return self.table.columns[""]
        name, names = self.table.columns[self.metadata.text("ATTITUDE_TYPE").upper()]
        if self.metadata.text("QUATERNION_TYPE").upper() == "FIRST":
            names = _scalar_first(names)
        return name, names

    def _rotation(self, leaf: str, group: str) -> dict[str, str]:
        if not leaf.startswith("rotation"):
            return {}
        axis = _AXES.get(self.metadata.text("EULER_ROT_SEQ")[int(leaf[-1]) - 1 : int(leaf[-1])], "X")
        return {"angle": f"{axis}_ANGLE"} if group == "rotationAngles" else {"rate": f"{axis}_RATE"}


def _count_marks(element: Element) -> int:
    return element.text.count(MARK) + sum(_count_marks(child) for child in element.children)


def _scalar_first(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns with the scalar component before the vector (QUATERNION_TYPE = FIRST, 504.0-B-1)."""
    ordered: list[str] = []
    for name in names:
        component = name.partition("/")[2].partition(":")[0]
        if component in ("QC", "QC_DOT"):
            ordered.insert(len(ordered) - 3, name)
        else:
            ordered.append(name)
    return tuple(ordered)


def _next_group(block: Block, index: int) -> str:
    for item in block.items[index + 1 :]:
        if not isinstance(item, Comment):
            return item.row.group if isinstance(item, Entry) else ""
    return ""


def _entry(entry: Entry, group: Element | None) -> Element:
    attributes: dict[str, str] = {}
    tag = entry.keyword
    if group is not None and group.tag in ("rotationAngles", "rotationRates"):
        attributes["angle" if group.tag == "rotationAngles" else "rate"] = tag
        tag = f"rotation{sum(child.tag != 'COMMENT' for child in group.children) + 1}"
    elif tag.startswith("USER_DEFINED_"):
        attributes["parameter"] = tag.removeprefix("USER_DEFINED_")
        tag = "USER_DEFINED"
    if entry.unit is not None:
        attributes["units"] = entry.unit
    return Element(tag, attributes, text=entry.text)
