"""CCSDS navigation messages, whole and lossless: read, check, edit, convert, read in bulk."""

from __future__ import annotations

from syzygy.formats.ccsds.diagnostics import Diagnostic, MessageError
from syzygy.formats.ccsds.model import Block, Comment, Entry, Message, Record
from syzygy.formats.ccsds.reading import read_message, sniff_form
from syzygy.formats.ccsds.tables import VERSIONS, message_table

__all__ = [
    "VERSIONS",
    "Block",
    "Comment",
    "Diagnostic",
    "Entry",
    "Message",
    "MessageError",
    "Record",
    "message_table",
    "read_message",
    "sniff_form",
]
