"""Write a message in another form; every digit, comment and order is taken over."""

from __future__ import annotations

from collections.abc import Iterator

from syzygy.base.errors import FormatError, UnknownNameError
from syzygy.formats.ccsds.json_tree import write_json
from syzygy.formats.ccsds.kvn_tokens import replace_value
from syzygy.formats.ccsds.model import Block, Comment, Entry, Message, Record
from syzygy.formats.ccsds.reading import read_message
from syzygy.formats.ccsds.tables import BlockRow, MessageTable
from syzygy.formats.ccsds.xml_tree import write_xml
from syzygy.formats.ccsds.xml_writing import message_tree

FORMS = ("kvn", "xml", "json")


def write_message(message: Message, form: str = "", *, numbers: bool = False) -> bytes:
    """Write a message.

    Parameters
    ----------
    message : Message
    form : str
        ``kvn``, ``xml``, ``json``, or empty for the form it came in: then its own bytes come back.
    numbers : bool
        In JSON, write numbers as numbers where JSON can write them digit by digit.

    Raises
    ------
    UnknownNameError
        No such form.
    FormatError
        A combined message has no KVN form; a text cannot be written in that form.
    """
    form = form or message.form
    if form == message.form and message.content and not numbers:  # a part of a combined message has none
        return message.to_bytes()
    if form == "kvn":
        return _write_kvn(message)
    if form == "xml":
        return write_xml(message_tree(message, rows=True))
    if form == "json":
        return write_json(message_tree(message), numbers=numbers)
    raise UnknownNameError("no such form of a message", value=form, allowed=", ".join(FORMS))


def change_value(message: Message, entry: Entry, text: str, *, strict: bool = False) -> Message:
    """Return the message with one value changed; every other byte of the file stays.

    Parameters
    ----------
    message : Message
        In KVN or XML.
    entry : Entry
        As `Message.find` or a block of this message gives it.
    text : str
        The new value without its unit.
    strict : bool
        As in `read_message`: the changed message is read again and refused where it is wrong.

    Raises
    ------
    FormatError
        The value has no place in the bytes (JSON, an empty XML element), or the changed message is refused.
    """
    place = entry.place
    if place.start < 0:
        raise FormatError(
            "this value has no place in the bytes of the message", value=entry.keyword, allowed="KVN or XML"
        )
    written = text
    if message.form == "xml":
        written = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    content = replace_value(message.content, place.start, place.stop, written)
    return read_message(content, name=message.name, strict=strict)


def _write_kvn(message: Message) -> bytes:
    if message.parts or message.table is None:
        raise FormatError(
            "a combined message has no KVN form", value=message.kind, allowed="xml, json",
            where=message.name, hint="write its parts one by one",
        )  # fmt: skip
    lines: list[str] = []
    for block in message.root.blocks():
        _write_block(block, message.table, lines)
    for number, line in enumerate(lines, 1):
        if "\n" in line or "\r" in line:
            raise FormatError("a value holds a line end", value=repr(line[:60]), where=f"line {number}")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _write_block(block: Block, table: MessageTable, lines: list[str]) -> None:
    row = table.blocks[block.name]
    if row.start and row.lines != "matrix":
        lines.append(f"{row.start}_START")
    _write_items(block, row, table, lines)
    if row.start and row.lines != "matrix":
        lines.append(f"{row.start}_STOP")


def _write_items(block: Block, row: BlockRow, table: MessageTable, lines: list[str]) -> None:
    inside_matrix = False
    for item in block.items:
        matrix = isinstance(item, Block) and table.blocks[item.name].lines == "matrix"
        if matrix and not inside_matrix:
            lines.append("COVARIANCE_START")
        elif inside_matrix and not matrix:
            lines.append("COVARIANCE_STOP")
        inside_matrix = matrix
        if isinstance(item, Block):
            _write_block(item, table, lines)
        elif isinstance(item, Comment):
            lines.append(f"COMMENT {item.text}".rstrip())
        elif isinstance(item, Entry):
            unit = f" [{item.unit}]" if item.unit else ""
            lines.append(f"{item.keyword} = {item.text}{unit}".rstrip())
        else:
            lines.extend(_record_lines(item.items(), row.lines))
    if inside_matrix:
        lines.append("COVARIANCE_STOP")


def _record_lines(records: Iterator[Record | Comment], kind: str) -> Iterator[str]:
    for record in records:
        if isinstance(record, Comment):
            yield f"COMMENT {record.text}".rstrip()
        elif kind == "observation":
            yield f"{record.keyword} = {record.epoch} {' '.join(record.values)}"
        elif kind == "matrix":
            yield " ".join(record.values)
        else:
            yield " ".join([record.epoch, *record.values])
