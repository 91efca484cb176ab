"""Messages composed from values of the core: header, form, and the strict check of what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from syzygy.base.errors import InputError, UnknownNameError
from syzygy.formats.ccsds.clocks import MessageClock
from syzygy.formats.ccsds.model import Block, Comment, Entry, Message
from syzygy.formats.ccsds.reading import read_message
from syzygy.formats.ccsds.si_values import ALL_DIGITS, KVN_DIGITS
from syzygy.formats.ccsds.tables import MessageTable, message_table
from syzygy.formats.ccsds.typed import NO_PLACE, Section, Value, Writer, section_of
from syzygy.formats.ccsds.writing import FORMS, write_message

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

TimedSegment = TypeVar("TimedSegment", bound="Timed")


@dataclass(frozen=True)
class MessageHeader:
    """Who says it and when; nothing here is taken from the clock of the computer.

    Attributes
    ----------
    originator : str
    creation_tai_ns : int
    message_id, message_for, classification : str
        Written where the message type has them and they are not empty.
    comments : tuple of str
    """

    originator: str
    creation_tai_ns: int
    message_id: str = ""
    message_for: str = ""
    classification: str = ""
    comments: tuple[str, ...] = ()


def header_of(message: Message, leap_seconds: LeapSeconds) -> MessageHeader:
    """Return the header of a message that was read."""
    clock = MessageClock("UTC", leap_seconds, where=message.name)
    section = section_of(message.root.block("header"), clock)
    created = section.values.get("CREATION_DATE", 0)
    return MessageHeader(
        section.text("ORIGINATOR"), created if isinstance(created, int) else 0, section.text("MESSAGE_ID"),
        section.text("MESSAGE_FOR"), section.text("CLASSIFICATION"), section.comments,
    )  # fmt: skip


def compose_message(
    kind: str,
    version: str,
    header: MessageHeader,
    clock: MessageClock,
    body: Callable[[Writer], Sequence[Block]],
    *,
    form: str = "kvn",
    every_digit: bool = False,
) -> bytes:
    """Write a message and check it strictly.

    Parameters
    ----------
    kind, version : str
    header : MessageHeader
    clock : MessageClock
        Of the first segment; a body with several makes writers of its own from it.
    body : callable
        Gets the writer, returns the blocks behind the header.
    form : str
        ``kvn``, ``xml`` or ``json``.
    every_digit : bool
        Write 17 digits in KVN where a double needs them. The message then breaks 502.0-B-3 7.5.6 and is
        checked in tolerant mode. XML and JSON always have every digit.

    Raises
    ------
    MessageError
        What was composed breaks the standard: a mandatory keyword without a value, spans that do not hold ...
    """
    if form not in FORMS:
        raise UnknownNameError("no such form of a message", value=form, allowed=", ".join(FORMS))
    table = message_table(kind, version)
    digits = KVN_DIGITS if form == "kvn" and not every_digit else ALL_DIGITS
    writer = Writer(table, clock, digits)
    root = Block("", 1)
    root.items.append(_header(table, header, writer))
    root.items.extend(body(writer))
    message = Message(kind, version, "", "", b"", root, table)
    content = write_message(message, form)
    read_message(content, name=f"{kind} as composed", strict=not (form == "kvn" and every_digit))
    return content


class Timed(Protocol):
    """A segment with a time system of its own."""

    @property
    def time_system(self) -> str:
        """As TIME_SYSTEM."""
        ...


def compose_segments(
    kind: str,
    version: str,
    header: MessageHeader,
    clock: MessageClock,
    segments: Sequence[TimedSegment],
    segment_block: Callable[[Writer, TimedSegment], Block],
    *,
    form: str = "kvn",
    every_digit: bool = False,
) -> bytes:
    """Write a message of segments, each in its own time system; otherwise as `compose_message`.

    Raises
    ------
    InputError
        No segment.
    """
    if not segments:
        raise InputError("the message needs a segment", value=0, allowed="one or more", where=kind)

    def body(writer: Writer) -> list[Block]:
        return [
            segment_block(replace(writer, clock=clock.in_system(item.time_system)), item) for item in segments
        ]

    return compose_message(kind, version, header, clock, body, form=form, every_digit=every_digit)


def _header(table: MessageTable, header: MessageHeader, writer: Writer) -> Block:
    known = table.by_block["header"]
    given: dict[str, Value] = {
        f"CCSDS_{table.kind}_VERS": table.version,
        "CREATION_DATE": header.creation_tai_ns,
        "ORIGINATOR": header.originator,
        "MESSAGE_ID": header.message_id,
        "MESSAGE_FOR": header.message_for,
        "CLASSIFICATION": header.classification,
    }
    values = {key: value for key, value in given.items() if key in known and value != ""}
    block = writer.block("header", Section(values))
    block.items[1:1] = [Comment(text, NO_PLACE) for text in header.comments]
    return block


def parent(name: str, *blocks: Block | None) -> Block:
    """Return a block with blocks inside (those that are None are left out)."""
    block = Block(name)
    block.items.extend(inner for inner in blocks if inner is not None)
    return block


def filled(block: Block) -> Block | None:
    """Return the block, or None where nothing is in it."""
    return block if any(isinstance(item, Entry | Comment | Block) for item in block.items) else None
