"""OMM as a message of the book: read with every rule checked, written strictly; the slow road of `omm`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.clocks import MessageClock
from syzygy.formats.ccsds.composing import MessageHeader, compose_message, parent
from syzygy.formats.ccsds.model import Block, Message
from syzygy.formats.ccsds.si_values import ALL_DIGITS, KVN_DIGITS
from syzygy.formats.ccsds.typed import Section, Value, Writer
from syzygy.formats.omm_fields import OmmRecord, elements_from_records
from syzygy.formats.omm_values import block_of, message_values, value_text
from syzygy.formats.rejected import RejectedRecord

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds


def read_mean_elements(
    message: Message, leap_seconds: LeapSeconds
) -> tuple[MeanElements, tuple[RejectedRecord, ...]]:
    """Turn an OMM, or the OMMs of a combined message, into SGP4 mean elements; what does not fit is listed.

    Raises
    ------
    FormatError
        The message holds no OMM.
    """
    parts = [part for part in message.parts or (message,) if part.kind == "OMM"]
    if not parts:
        raise FormatError("mean elements are an OMM", value=message.kind, allowed="OMM", where=message.name)
    records = []
    for part in parts:
        entries = [entry for block in part.root.walk() for entry in block.entries()]
        records.append(OmmRecord(part.root.line, {entry.keyword: entry.text for entry in entries}))
    elements, rejected = elements_from_records(records, leap_seconds)
    return elements, tuple(rejected)


def write_mean_elements(
    elements: MeanElements,
    index: int,
    header: MessageHeader,
    leap_seconds: LeapSeconds,
    *,
    form: str = "kvn",
    every_digit: bool = False,
) -> bytes:
    """Write one set of SGP4 mean elements as an OMM 3.0 that passes the strict check.

    **Accuracy**: elements that came from a message or a catalogue come back to the last bit; others within
    one unit of the last place, because the catalogues' own products of doubles are kept (`omm_values`).
    """
    clock = MessageClock("UTC", leap_seconds)
    digits = KVN_DIGITS if form == "kvn" and not every_digit else ALL_DIGITS
    fixed = {"CENTER_NAME": "EARTH", "REF_FRAME": "TEME", "TIME_SYSTEM": "UTC", "MEAN_ELEMENT_THEORY": "SGP4"}
    blocks: dict[str, dict[str, Value]] = {"metadata": dict(fixed), "meanElements": {}, "tleParameters": {}}
    for keyword, value in message_values(elements, index).items():
        blocks[block_of(keyword)][keyword] = value_text(value, digits)

    def body(writer: Writer) -> list[Block]:
        inner = [writer.block(name, Section(values)) for name, values in blocks.items()]
        return [parent("segment", inner[0], parent("data", *inner[1:]))]

    return compose_message("OMM", "3.0", header, clock, body, form=form, every_digit=every_digit)
