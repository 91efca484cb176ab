"""OMM as XML (CCSDS 505.0-B): ``omm`` alone or several in ``ndm``.

The bulk road of catalogues: the table is that of `syzygy.formats.ccsds`, the rules of a message
are not checked one by one (that costs half a millisecond a message).
"""

from __future__ import annotations

import gc

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.xml_tree import Element, write_xml
from syzygy.formats.omm_fields import OmmRecord
from syzygy.formats.omm_values import block_of, message_values, omm_table, require_printable, value_text
from syzygy.formats.omm_xml_reading import read_records
from syzygy.formats.rejected import RejectedRecord

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
    collecting = gc.isenabled()  # the collector would look at a million small objects again and again
    gc.disable()
    try:
        return read_records(content, frozenset(omm_table().blocks), name)
    finally:
        if collecting:
            gc.enable()


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
