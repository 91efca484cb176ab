"""CCSDS navigation messages, whole and lossless: read, check, edit, convert, read in bulk."""

from __future__ import annotations

from syzygy.formats.ccsds.bulk import Lines, read_lines
from syzygy.formats.ccsds.bulk_writing import LineSegment, format_lines, write_lines
from syzygy.formats.ccsds.bulk_xml import XmlLineStream
from syzygy.formats.ccsds.comparing import compare_messages
from syzygy.formats.ccsds.diagnostics import Diagnostic, MessageError
from syzygy.formats.ccsds.differences import Difference
from syzygy.formats.ccsds.model import Block, Comment, Entry, Message, Record
from syzygy.formats.ccsds.reading import read_message, sniff_form
from syzygy.formats.ccsds.streaming import LineStream
from syzygy.formats.ccsds.tables import VERSIONS, message_table
from syzygy.formats.ccsds.writing import FORMS, change_value, write_message

__all__ = [
    "FORMS",
    "VERSIONS",
    "Block",
    "Comment",
    "Diagnostic",
    "Difference",
    "Entry",
    "LineSegment",
    "LineStream",
    "Lines",
    "Message",
    "MessageError",
    "Record",
    "XmlLineStream",
    "change_value",
    "compare_messages",
    "format_lines",
    "message_table",
    "read_lines",
    "read_message",
    "sniff_form",
    "write_lines",
    "write_message",
]
