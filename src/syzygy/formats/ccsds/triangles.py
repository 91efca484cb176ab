"""The rows of an OEM covariance as one text: six lines of plain numbers are taken in one look."""

from __future__ import annotations

import re

from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Comment, Entry

# an atomic group per word: what fails fails at once, however many words could be read otherwise
_NUMBER = (
    "(?>[+-]?(?:[0-9]{1,8}(?:[.][0-9]{1,8})?|[0-9][.][0-9]{1,15}(?:[eE][+-]?[0-9]{1,3})?"
    "|[0-9]{1,4}[.][0-9]{1,12})(?![^ \n]))"
)
_READABLE = "(?>[+-]?(?:[0-9]{1,30}(?:[.][0-9]{0,30})?|[.][0-9]{1,30})(?:[eE][+-]?[0-9]{1,4})?(?![^ \n]))"


def _triangle(number: str) -> re.Pattern[bytes]:
    rows = (" *+" + " ++".join([number] * size) + " *+" for size in range(1, 7))
    return re.compile("\n".join(rows).encode() + b"\n?")


_ROWS, _READABLE_ROWS = _triangle(_NUMBER), _triangle(_READABLE)
_LONGEST = 4096


def plain_triangle(block: Block) -> tuple[str, ...] | None:
    """Return the 21 numbers where every row is there and written as the book writes; None where any is not.

    None says nothing about the rows: they then have to be looked at one by one.
    """
    return _numbers(block, _ROWS)


def readable_triangle(block: Block) -> tuple[str, ...] | None:
    """Return the 21 numbers where every row is there and can be read, as the book writes or not."""
    return _numbers(block, _READABLE_ROWS)


def _numbers(block: Block, pattern: re.Pattern[bytes]) -> tuple[str, ...] | None:
    rows: KvnRecords | None = None
    for item in block.items:
        if isinstance(item, KvnRecords) and rows is None and item.stop - item.start < _LONGEST:
            rows = item
        elif not isinstance(item, (Entry, Comment)):
            return None
    if rows is None or pattern.fullmatch(rows.content, rows.start, rows.stop) is None:
        return None
    return tuple(rows.content[rows.start : rows.stop].decode().split())
