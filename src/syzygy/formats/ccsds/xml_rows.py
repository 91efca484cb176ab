"""Many data lines to XML at once: the words of all lines, put into one form."""

from __future__ import annotations

from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import ListedRecords, Record, Records

_FEWEST = 32
_PLAIN = bytes(byte for byte in range(0x21, 0x7F) if byte not in b"<>&")
_BLANK = b" \t\r\n"
_OBSERVATION_WORDS = 4


def plain_words(records: Records, tracking: bool) -> tuple[list[str], int] | None:
    """Return the words of all lines and how many there are in each.

    None where the lines are few, hold comments, units of their own or characters that are no plain text, or
    do not all have the same number of words. Observations have the words keyword, ``=``, epoch and value.
    """
    if isinstance(records, KvnRecords):
        text = _slice_text(records)
    elif isinstance(records, ListedRecords):
        text = _listed_text(records, tracking)
    else:
        return None
    if text is None or text.count(b"\n") < _FEWEST or text.translate(None, _PLAIN).strip(_BLANK):
        return None
    skeleton = text.translate(None, _PLAIN)
    turn = skeleton[: skeleton.index(b"\n") + 1]
    width = len(turn)
    if turn != b" " * (width - 1) + b"\n" or skeleton != turn * (len(skeleton) // width):
        return None
    words = text.decode("ascii").split()
    count = len(words)
    usual = count == text.count(b"\n") * width and (not tracking or width == _OBSERVATION_WORDS)
    if not usual or (tracking and words[1::_OBSERVATION_WORDS] != ["="] * (count // _OBSERVATION_WORDS)):
        return None
    return words, width


def _slice_text(records: KvnRecords) -> bytes | None:
    """Return the lines with single blanks and LF, None where comments, lone CR or VT and FF stand there."""
    text = records.content[records.start : records.stop]
    if b"\x0b" in text or b"\x0c" in text:  # a blank to one road, a part of the keyword to the other
        return None
    if b"COMMENT" in text or text.count(b"\r") != text.count(b"\r\n") or b"\n\r" in text:
        return None
    if records.element == "observation":
        text = text.replace(b"=", b" = ")
    if any(odd in text for odd in (b"  ", b"\n ", b" \n", b"\t", b"\r", b"\n\n")) or not text.endswith(b"\n"):
        rows = (b" ".join(row.split()) for row in text.split(b"\n"))
        text = b"\n".join([row for row in rows if row] + [b""])
    return text


def _listed_text(records: ListedRecords, tracking: bool) -> bytes | None:
    rows = []
    for item in records.records:
        if not isinstance(item, Record) or any(unit is not None for unit in item.units):
            return None
        rows.append(f"{item.keyword} = {item.epoch} " if tracking else f"{item.epoch} ")
        rows.append(" ".join(item.values))
        rows.append("\n")
    text = "".join(rows)
    return text.encode() if text.isascii() else None
