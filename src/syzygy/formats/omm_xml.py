"""OMM as XML (CCSDS 505.0-B): ``omm`` alone or several in ``ndm``.

The bulk road of catalogues: the tree and the table are those of `syzygy.formats.ccsds`, the rules of a
message are not checked one by one (that costs half a millisecond a message).
"""

from __future__ import annotations

import gc
from collections.abc import Iterator

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.xml_tree import Element, read_xml, write_xml
from syzygy.formats.omm_fields import OmmRecord, Value
from syzygy.formats.omm_values import block_of, message_values, omm_table, require_printable, value_text
from syzygy.formats.rejected import RejectedRecord, refuse_rubbish, reject

_MAX_BYTES = 1 << 28


def read_xml_records(text: str, name: str) -> tuple[list[OmmRecord], list[RejectedRecord]]:
    """Read every ``omm`` element.

    Raises
    ------
    FormatError
        Not well formed, a document type declaration, nesting too deep, or larger than 256 MiB.
    """
    content = text.encode()
    if len(content) > _MAX_BYTES:
        raise FormatError(
            "the XML is too large", value=f"{len(content)} bytes", allowed=f"{_MAX_BYTES} bytes", where=name
        )
    root = _tree(content, name)
    records: list[OmmRecord] = []
    rejected: list[RejectedRecord] = []
    messages = list(_named(root, "omm"))
    if not messages:
        raise FormatError(
            "the XML holds no omm element",
            value=root.tag[:40],
            allowed="omm, or ndm with omm",
            where=name,
        )
    sections = frozenset(omm_table().blocks)
    for message in messages:
        refuse_rubbish(len(rejected), len(records), name)
        for segment in list(_named(message, "segment")) or [message]:
            fields: dict[str, Value] = {}
            twice = _collect(segment, fields, sections)
            if twice:
                rejected.append(reject(segment.line, 0, f"{twice} stands twice in one message", twice))
            else:
                records.append(OmmRecord(segment.line, fields))
    return records, rejected


def _tree(content: bytes, name: str) -> Element:
    """Return the tree; the collector would look at a million small objects again and again."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return read_xml(content, name)
    finally:
        if collecting:
            gc.enable()


def _named(element: Element, tag: str) -> Iterator[Element]:
    """Yield the elements of a name, this one included, outermost only."""
    if element.tag == tag:
        yield element
        return
    for child in element.children:
        yield from _named(child, tag)


def _collect(element: Element, fields: dict[str, Value], sections: frozenset[str]) -> str:
    """Add the leaves of the known sections; return a keyword that stands twice, or an empty text."""
    for child in element.children:
        if child.tag in sections:
            if twice := _collect(child, fields, sections):
                return twice
        elif not child.children and child.tag != "COMMENT":
            if child.tag in fields:
                return child.tag
            fields[child.tag] = child.text
    return ""


def write_omm_xml(elements: MeanElements, *, originator: str, creation_date: str) -> bytes:
    """Write one ``omm`` in an ``ndm`` per object; header values are given, not taken from the clock."""
    head = [
        Element("CREATION_DATE", text=require_printable(creation_date, "creation_date")),
        Element("ORIGINATOR", text=require_printable(originator, "originator")),
    ]
    messages = [_message(message_values(elements, index), head) for index in range(len(elements))]
    return write_xml(Element("ndm", children=messages))


def _message(values: dict[str, str | int | float], head: list[Element]) -> Element:
    blocks = {"metadata": Element("metadata"), "meanElements": Element("meanElements")}
    blocks["tleParameters"] = Element("tleParameters")
    for keyword, value in values.items():
        blocks[block_of(keyword)].children.append(Element(keyword, text=value_text(value)))
    fixed = {"CENTER_NAME": "EARTH", "REF_FRAME": "TEME", "TIME_SYSTEM": "UTC", "MEAN_ELEMENT_THEORY": "SGP4"}
    metadata = blocks.pop("metadata")
    metadata.children += [Element(keyword, text=text) for keyword, text in fixed.items()]
    segment = Element("segment", children=[metadata, Element("data", children=list(blocks.values()))])
    identity = {"id": "CCSDS_OMM_VERS", "version": omm_table().version}
    body = Element("body", children=[segment])
    return Element("omm", identity, [Element("header", children=head), body])
