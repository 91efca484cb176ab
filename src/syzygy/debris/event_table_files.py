"""Event tables told apart from messages: both may come as JSON."""

from __future__ import annotations

import re

from syzygy.base.provenance import InputFile

_KINDS = ("parquet", "csv")
_TABLE_HEAD = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:table|columns|description)"\s*:')


def event_table_kind(file: InputFile) -> str:
    """Return ``parquet``, ``csv`` or ``json`` of an event table; empty for what should be a message.

    JSON is a table where its first key is one of a table: messages in JSON begin with their own name.
    """
    end = file.name.lower().rpartition(".")[2]
    if end in _KINDS:
        return end
    return "json" if end == "json" and _TABLE_HEAD.match(file.read()) else ""
