"""A record that a reader could not use: listed, never dropped in silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syzygy.base.errors import FormatError
from syzygy.base.tables import Table, column, table

EXCERPT_CHARACTERS = 72
MOST_REJECTED = 10_000


@dataclass(frozen=True)
class RejectedRecord:
    """One record that was not used.

    Attributes
    ----------
    line : int
        Line of the file, from 1; for formats without lines the number of the record.
    column : int
        Column of the first wrong character, from 1; 0 where no single column is to blame.
    reason : str
        What is wrong, one sentence without a full stop.
    text : str
        The line or its beginning, at most 72 characters, printable.
    """

    line: int
    column: int
    reason: str
    text: str


def reject(line: int, column: int, reason: str, text: str | bytes) -> RejectedRecord:
    """Make a RejectedRecord; the excerpt is cut and unprintable characters become ``?``."""
    if isinstance(text, bytes):
        text = text[: 4 * EXCERPT_CHARACTERS].decode("ascii", "replace")
    shown = text[:EXCERPT_CHARACTERS]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(c if c.isprintable() and c != "�" else "?" for c in shown)
    return RejectedRecord(line, column, reason, shown)


def refuse_rubbish(rejected: int, used: int, name: str) -> None:
    """Refuse a file in which more than 10 000 records are wrong and less than one in eleven can be used.

    Raises
    ------
    FormatError
        It is no file of this format; its records are not listed one by one.
    """
    if rejected > MOST_REJECTED and rejected > 10 * used:
        raise FormatError(
            "nearly all records of the file are wrong", value=f"{rejected} wrong, {used} usable so far",
            allowed=f"at most {MOST_REJECTED} wrong records, or ten to one", where=name,
            hint="look at the first line: it is no file of this format, or it is damaged",
        )  # fmt: skip


def rejected_table(rejected: Sequence[RejectedRecord], name: str = "rejected_records") -> Table:
    """Return the list of rejected records as a table."""
    lines = np.array([item.line for item in rejected], dtype=np.int64)
    columns = np.array([item.column for item in rejected], dtype=np.int64)
    reasons = np.array([item.reason for item in rejected], dtype=object)
    texts = np.array([item.text for item in rejected], dtype=object)
    return table(
        name,
        [
            column("line", lines, "1", "line or record number in the file"),
            column("column", columns, "1", "column of the first wrong character, 0 for the whole line"),
            column("reason", reasons, "", "why the record was not used"),
            column("text", texts, "", "beginning of the line"),
        ],
        "records of the input that were not used",
    )
