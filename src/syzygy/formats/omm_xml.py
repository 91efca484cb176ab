"""OMM as XML (CCSDS 505.0-B): ``omm`` alone or several in ``ndm``."""

from __future__ import annotations

from typing import Any

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import FormatError
from syzygy.formats.omm_fields import OmmRecord, Value
from syzygy.formats.omm_values import message_values, require_printable
from syzygy.formats.rejected import RejectedRecord, refuse_rubbish, reject

_SECTIONS = ("header", "metadata", "data", "meanElements", "tleParameters")
_MAX_DEPTH = 32
_MAX_BYTES = 1 << 28


def read_xml_records(text: str, name: str) -> tuple[list[OmmRecord], list[RejectedRecord]]:
    """Read every ``omm`` element.

    Raises
    ------
    FormatError
        Not well formed, a document type declaration, nesting deeper than 32, or larger than 256 MiB.
    """
    root = _parse(text, name)
    records: list[OmmRecord] = []
    rejected: list[RejectedRecord] = []
    messages = [root] if _local(root) == "omm" else [item for item in root.iter() if _local(item) == "omm"]
    if not messages:
        raise FormatError(
            "the XML holds no omm element",
            value=_local(root)[:40],
            allowed="omm, or ndm with omm",
            where=name,
        )
    for message in messages:
        refuse_rubbish(len(rejected), len(records), name)
        line = int(message.sourceline or 0)
        segments = [item for item in message.iter() if _local(item) == "segment"] or [message]
        for segment in segments:
            fields: dict[str, Value] = {}
            twice = _collect(segment, fields)
            at = int(segment.sourceline or line)
            if twice:
                rejected.append(reject(at, 0, f"{twice} stands twice in one message", twice))
            else:
                records.append(OmmRecord(at, fields))
    return records, rejected


def _parse(text: str, name: str) -> Any:
    from lxml import etree

    content = text.encode()
    if len(content) > _MAX_BYTES:
        raise FormatError(
            "the XML is too large", value=f"{len(content)} bytes", allowed=f"{_MAX_BYTES} bytes", where=name
        )
    if b"<!DOCTYPE" in content:
        raise FormatError(
            "the XML carries a document type declaration", allowed="none: it may hide entities", where=name
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FormatError("the XML is broken", value=error, allowed="well-formed XML", where=name) from error
    if root is None:
        raise FormatError("the XML is empty", allowed="an omm element", where=name)
    _require_depth(root, name)
    return root


def _require_depth(root: Any, name: str) -> None:
    level, depth = [root], 0
    while level:
        depth += 1
        if depth > _MAX_DEPTH:
            raise FormatError("the XML is nested too deeply", allowed=f"{_MAX_DEPTH} levels", where=name)
        level = [child for item in level for child in item]


def _collect(item: Any, fields: dict[str, Value]) -> str:
    """Add the leaves of the known sections; return a keyword that stands twice, or an empty text."""
    for child in item:
        key = _local(child)
        if key in _SECTIONS:
            if twice := _collect(child, fields):
                return twice
        elif len(child) == 0 and key != "COMMENT":
            if key in fields:
                return key
            fields[key] = child.text
    return ""


def _local(item: Any) -> str:
    tag = item.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def write_omm_xml(elements: MeanElements, *, originator: str, creation_date: str) -> bytes:
    """Write one ``omm`` in an ``ndm`` per object; header values are given, not taken from the clock."""
    from lxml import etree

    root = etree.Element("ndm")
    for index in range(len(elements)):
        values = message_values(elements, index)
        message = etree.SubElement(root, "omm", id="CCSDS_OMM_VERS", version="3.0")
        header = etree.SubElement(message, "header")
        etree.SubElement(header, "CREATION_DATE").text = require_printable(creation_date, "creation_date")
        etree.SubElement(header, "ORIGINATOR").text = require_printable(originator, "originator")
        segment = etree.SubElement(etree.SubElement(message, "body"), "segment")
        metadata = etree.SubElement(segment, "metadata")
        fixed = {
            "OBJECT_NAME": values.pop("OBJECT_NAME"),
            "OBJECT_ID": values.pop("OBJECT_ID"),
            "CENTER_NAME": "EARTH",
            "REF_FRAME": "TEME",
            "TIME_SYSTEM": "UTC",
            "MEAN_ELEMENT_THEORY": "SGP4",
        }
        for key, value in fixed.items():
            etree.SubElement(metadata, key).text = str(value)
        data = etree.SubElement(segment, "data")
        mean = etree.SubElement(data, "meanElements")
        parameters = etree.SubElement(data, "tleParameters")
        for number, (key, value) in enumerate(values.items()):
            etree.SubElement(mean if number < 7 else parameters, key).text = str(value)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
