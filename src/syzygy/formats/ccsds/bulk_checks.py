"""The rules of data lines in bulk: says only whether a whole block keeps all of them.

A block that does is done in one sweep of vector operations; a block that does not goes line by line through
`data_checks` and `span_checks`, which name the place.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.bulk import Lines, parse_numbers, parse_slice
from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.epochs import Epochs, parse_epochs
from syzygy.formats.ccsds.grammar import epoch_fault, number_fault
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Comment, Entry
from syzygy.formats.ccsds.tables import MessageTable

_WORTHWHILE = 8192
_MAX_PIECES = 64
_PIECE = 1 << 22
_SMALL_PIECE = 1 << 16
_EXPONENT = re.compile(rb"(?<=[ \t+\-])[0-9]\.[0-9]+[eE][+-]?[0-9]{1,4}(?=[ \t\r\n]|\Z)")
_BEFORE_EQUALS = re.compile(rb"(?m)^[^=\r\n]*=")
_WITH_EXPONENT = re.compile(rb"(?<=[ \t+\-])[0-9.]+[eE][+-]?[0-9]+(?=[ \t\n]|\Z)")
_USUAL = re.compile(r"-?[0-9]{1,8}\.[0-9]{1,8}|-?[0-9]{1,4}\.[0-9]{1,12}")
_DAY_NS = 86_401_000_000_000
_MOST_DAYS = 53_000  # from 1970; twice that in nanoseconds are 64 bits


Note = Callable[[str, int, str], None]


def keeps_all_rules(
    block: Block, metadata: Block, table: MessageTable, sizes: set[int], note: Note, findings: Findings
) -> bool:
    """Whether every data line of an OEM, AEM or TDM block is in order, as far as one sweep can tell.

    Numbers that can be read but are not written as the book writes them (17 digits) are told to `note` with
    their line and keyword, or only counted where `findings` lists no more. False means only that the slow
    road has to look.
    """
    parsed: list[Lines] = []
    odd, slices = False, _slices(block)
    for piece in _swept(slices):
        tracking = piece.element == "observation"
        lines = parse_slice(memoryview(piece.content)[piece.start : piece.stop], "", tracking=tracking)
        if lines is None or (sizes and lines.values.shape[1] not in sizes):
            return False
        if piece.book_numbers and not all(_plain_numbers(part) for part in _parts(piece, tracking)):
            if b"\r" in piece.content[piece.start : piece.stop]:
                return False
            odd = True
        parsed.append(lines)
    kept = bool(parsed) and _known_keywords(parsed, table) and _in_order(parsed, metadata, table)
    if kept and odd:
        _note_slices(slices, note, findings)
    return kept


def keeps_line_rules(block: Block, sizes: set[int], note: Note, findings: Findings) -> tuple[bool, bool]:
    """Whether the lines of a trajectory, covariance or attitude of an OCM or ACM are right, and ascend too.

    As `keeps_all_rules`; the spans of the metadata are not looked at.
    """
    keys: list[NDArray[np.float64] | NDArray[np.int64]] = []
    odd, kinds, slices = False, set(), _slices(block)
    for piece in _swept(slices):
        text = memoryview(piece.content)[piece.start : piece.stop]
        relative = b"T" not in bytes(text[:64]).lstrip().partition(b" ")[0]
        kinds.add(relative)
        lines = None if relative else parse_slice(text, "")
        values = parse_numbers(text) if relative else None
        if lines is not None and _is_near(lines.epochs):
            keys.append(lines.epochs.day * _DAY_NS + lines.epochs.day_ns)
            width = lines.values.shape[1]
        elif values is not None:
            keys.append(values[:, 0])
            width = values.shape[1] - 1
        else:
            return False, False
        if sizes and width not in sizes:
            return False, False
        if piece.book_numbers and not all(_plain_numbers(part) for part in _parts(piece, False)):
            if b"\r" in piece.content[piece.start : piece.stop]:
                return False, False
            odd = True
    if odd:
        _note_slices(slices, note, findings)
    ascending = len(kinds) == 1 and not bool((np.diff(np.concatenate(keys)) <= 0).any())
    return bool(kinds), ascending


def _slices(block: Block) -> list[KvnRecords]:
    """Return the slices of a block; none where a sweep is not worth while or the form has no slices."""
    slices: list[KvnRecords] = []
    size = 0
    for item in block.items:
        if isinstance(item, KvnRecords):
            slices.append(item)
            size += item.stop - item.start
        elif not isinstance(item, (Entry, Comment, Block)):
            return []
    return slices if size >= _WORTHWHILE else []


def _swept(slices: list[KvnRecords]) -> list[KvnRecords]:
    """Return what is swept: the slices, or where comments cut them into many, one text of all their lines."""
    if len(slices) <= _MAX_PIECES:
        return slices
    texts = [piece.content[piece.start : piece.stop] for piece in slices]
    text = b"".join(texts)
    if b"\r" in text or not all(part.endswith(b"\n") for part in texts[:-1]):
        return []
    return [KvnRecords(text, 0, len(text), slices[0].line, slices[0].element)]


def _note_slices(slices: list[KvnRecords], note: Note, findings: Findings) -> None:
    """Tell the unusual numbers of slices; those of many slices are counted at once where none is listed."""
    at_once = len(slices) > _MAX_PIECES
    for index, piece in enumerate(slices):
        if at_once and findings.is_full:
            at_once = False
            tracking = piece.element == "observation"
            parts = [part for rest in _swept(slices[index:]) for part in _parts(rest, False, _SMALL_PIECE)]
            counts = [_unusual_count(part, tracking) for part in parts]
            if counts and None not in counts:
                findings.leave_out(sum(count for count in counts if count))
                return
        _note_numbers(piece, note, findings)


def _note_numbers(piece: KvnRecords, note: Note, findings: Findings) -> None:
    """Tell the numbers of a slice that is readable as a whole and that are written in an unusual way."""
    tracking, line = piece.element == "observation", piece.line
    for part in _parts(piece, False, _SMALL_PIECE):
        if findings.is_full and (count := _unusual_count(part, tracking)) is not None:
            findings.leave_out(count)
            line += part.count(b"\n")
            continue
        for row in part.decode().split("\n"):
            keyword, _, rest = row.partition("=") if tracking else ("", "", row)
            for word in rest.split()[1:]:
                if not _USUAL.fullmatch(word):
                    note(word, line, keyword.strip())
            line += 1
        line -= 1  # what follows the last line feed is the beginning of the next part


def _unusual_count(text: bytes, tracking: bool) -> int | None:
    """Return how many numbers of readable lines the book would write otherwise; None where that is not plain.

    The first word of a line is no such number. A run of digits and points is looked at where it stands.
    """
    if tracking:
        text = _BEFORE_EQUALS.sub(b"T", text)
    if text[:1] == b" " or b"\n " in text:
        return None
    buffer = np.frombuffer(b"\n" + text + b"\n", dtype=np.uint8)
    letters = int(np.count_nonzero((buffer == 69) | (buffer == 101)))
    exponents = _WITH_EXPONENT.findall(text) if letters else []
    if len(exponents) != letters:
        return None
    points = np.concatenate([[0], np.cumsum(buffer == 46)])
    part = ((buffer >= 48) & (buffer <= 57)) | (buffer == 46)
    edges = np.flatnonzero(part[1:] != part[:-1]) + 1
    starts, stops = edges[::2], edges[1::2]
    one_point = points[stops] - points[starts] == 1
    odd = (stops - starts > 17) | (buffer[starts] == 46) | (buffer[stops - 1] == 46)
    before = buffer[starts - 1]
    before = np.where(before == 45, buffer[np.maximum(starts - 2, 0)], before)
    plain = (before != 10) & (buffer[stops] != 69) & (buffer[stops] != 101)
    return int(np.count_nonzero(one_point & odd & plain)) + sum(
        bool(number_fault(word.decode())) for word in exponents
    )


def _parts(piece: KvnRecords, tracking: bool, size: int = _PIECE) -> list[bytes]:
    """Return the slice in parts of some megabytes that end with a line; keywords of a TDM blanked out."""
    parts, start = [], piece.start
    while start < piece.stop:
        stop = min(start + size, piece.stop)
        if stop < piece.stop:
            stop = piece.content.rfind(b"\n", start, stop) + 1 or piece.stop
        text = piece.content[start:stop]
        parts.append(_BEFORE_EQUALS.sub(b" ", text) if tracking else text)
        start = stop
    return parts


def _plain_numbers(text: bytes) -> bool:
    """Whether every number has digits on both sides of its point, at most 16, and a mantissa of the book."""
    buffer = np.frombuffer(text, dtype=np.uint8)
    digit = (buffer >= 48) & (buffer <= 57)
    points = np.flatnonzero(buffer == 46)
    if points.size:
        if points[0] == 0 or points[-1] == buffer.size - 1:
            return False
        if not bool(digit[points - 1].all()) or not bool(digit[points + 1].all()):
            return False
    part = digit | (buffer == 46)
    edges = np.flatnonzero(part[1:] != part[:-1])
    if edges.size and int(np.diff(edges).max()) > 17:
        return False
    letters = int(np.count_nonzero((buffer == 69) | (buffer == 101)))
    return letters == 0 or len(_EXPONENT.findall(text)) == letters


def _known_keywords(parsed: list[Lines], table: MessageTable) -> bool:
    names: set[str] = set()
    for lines in parsed:
        if lines.keywords is not None:
            names.update(lines.keywords.tolist())
    rows = [table.find("data", name) for name in names]
    if not all(row is not None and row.kind == "observation" for row in rows):
        return False
    limited = {name: row.limits for name, row in zip(names, rows, strict=True) if row and row.limits}
    return all(_within(parsed, name, limits) for name, limits in limited.items())


def _within(parsed: list[Lines], name: str, limits: str) -> bool:
    low, high = limits[1:-1].split(",")
    for lines in parsed:
        values = lines.values[lines.keywords == name, 0]
        if low and bool((values <= float(low) if limits[0] == "(" else values < float(low)).any()):
            return False
        if high and bool((values >= float(high) if limits[-1] == ")" else values > float(high)).any()):
            return False
    return True


def _in_order(parsed: list[Lines], metadata: Block, table: MessageTable) -> bool:
    if not all(_is_near(lines.epochs) for lines in parsed):
        return False
    keys = np.concatenate([lines.epochs.day * _DAY_NS + lines.epochs.day_ns for lines in parsed])
    if table.kind != "TDM":
        return not bool((np.diff(keys) <= 0).any()) and _inside(keys, metadata, True)
    keywords = np.concatenate([lines.keywords for lines in parsed if lines.keywords is not None])
    received = np.ones(keys.size, dtype=bool)
    for name in set(keywords.tolist()):
        mine = keywords == name
        if bool((np.diff(keys[mine]) <= 0).any()):
            return False
        if name.startswith("TRANSMIT_"):
            received &= ~mine
    return _inside(keys[received], metadata, metadata.text("TIME_SYSTEM").upper() == "UTC")


def _inside(keys: NDArray[np.int64], metadata: Block, compared: bool) -> bool:
    for keyword, sign in (("START_TIME", 1), ("STOP_TIME", -1)):
        text = metadata.text(keyword)
        if not compared or not text or epoch_fault(text) or keys.size == 0:
            continue
        try:
            bound = parse_epochs([text], "")
        except FormatError:
            return False
        if not _is_near(bound):
            return False
        limit = int(bound.day[0]) * _DAY_NS + int(bound.day_ns[0])
        if bool((sign * (keys - limit) < 0).any()):
            return False
    return True


def _is_near(epochs: Epochs) -> bool:
    """Whether the days are so near 1970 that sums and differences in nanoseconds do not overflow."""
    return bool((np.abs(epochs.day) <= _MOST_DAYS).all())
