"""Long runs of data lines of an XML file that are all written alike: found in the bytes, kept as plain lines.

The first record of a run says how all are written: its tags, attributes and blanks. Where the bytes behind it
repeat them to the byte, and nothing but values stands between, the run is that record again and again: then
its values are taken out as lines of KVN, which the bulk road reads. Anything else (comments, CDATA, entities,
blanks around a value, an empty value, one attribute more) is no run and goes element by element.

**Accuracy**: each run is proven, not assumed: the pieces between the values, in their order, and the values,
free of markup, blanks and quotes, are the whole run (``test_ccsds_xml_runs.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Comment, Record

WORTHWHILE = 1 << 14
_PIECE = 1 << 20
_LONGEST_RECORD = 4096
_MOST_VALUES = 32
_MOST_KEYWORDS = 12
_FIRST_MARK = 0x80
_RECORD = re.compile(rb"<(stateVector|attitudeState|observation)>")
_BORDER = re.compile(rb"</data>|<COMMENT|<!|<\?|<cov")
_TOKEN = re.compile(rb"<(/?)([A-Za-z_][A-Za-z_0-9]*)((?:[ \t\r\n][^<>]*)?)>([^<>&]*)")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_VALUE_BYTES = bytes(byte for byte in range(0x21, 0x7F) if byte not in b"<>&\"'=")
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class XmlRun:
    """A run of records in the bytes of an XML file.

    Attributes
    ----------
    start, stop : int
        From the ``<`` of the first record to behind the ``>`` of the last.
    second, last : int
        Where the second and the last record begin.
    count : int
    stride : int
        Lines from one record to the next.
    shift : int
        Columns by which the last record begins further to the right than the second.
    elements : int
        Elements of one record.
    text : bytes
        Epoch and values of each record, a blank between, LF behind each record; observations begin with
        their keyword and ``=``.
    """

    start: int
    second: int
    last: int
    stop: int
    count: int
    stride: int
    shift: int
    elements: int
    text: bytes


@dataclass(frozen=True, slots=True)
class XmlRecords(KvnRecords):
    """Data lines of a run as the bulk road reads them; `content` holds the values, not the file.

    Attributes
    ----------
    stride : int
        Lines from one record to the next in the file.
    names, units : tuple
        As in `Record`, the same for all (the name of an observation is its keyword).
    """

    book_numbers: ClassVar[bool] = False

    stride: int = 0
    names: tuple[str, ...] = ()
    units: tuple[str | None, ...] = ()

    def items(self) -> Iterator[Record | Comment]:
        """Yield the records in order."""
        tracking = self.element == "observation"
        line, start = self.line, self.start
        while start < self.stop:
            stop = self.content.find(b"\n", min(start + _PIECE, self.stop - 1)) + 1
            for row in self.content[start : stop - 1].decode("ascii").split("\n"):
                words = row.split(" ")
                if tracking:
                    yield Record(words[2], (words[3],), line, words[0], (words[0],), self.units)
                else:
                    yield Record(words[0], tuple(words[1:]), line, "", self.names, self.units)
                line += self.stride
            start = stop


def make_records(run: XmlRun, first: Record, line: int, element: str) -> XmlRecords:
    """Return the data lines of a run whose first record was read as `first`."""
    return XmlRecords(run.text, 0, len(run.text), line, element, run.stride, first.names, first.units)


def find_runs(content: bytes) -> Iterator[XmlRun]:
    """Yield the runs of a file in order; every byte is looked at a few times at most."""
    position = 0
    while (match := _RECORD.search(content, position)) is not None:
        border = _BORDER.search(content, match.end())
        position = border.start() if border else len(content)
        if position - match.start() >= WORTHWHILE:
            run = _run(content, match.start(), position, match.group(1))
            if run is not None:
                yield run


@dataclass(frozen=True, slots=True)
class _Form:
    """How the first record is written: the pieces between its values."""

    head: bytes
    between: tuple[bytes, ...]
    tail: bytes
    names: tuple[str, ...]
    elements: int


def _run(content: bytes, start: int, border: int, tag: bytes) -> XmlRun | None:
    end = b"</" + tag + b">"
    first_stop = content.find(end, start, min(start + _LONGEST_RECORD, border)) + len(end)
    second = content.find(b"<", first_stop, border)
    gap = content[first_stop:second]
    if first_stop < len(end) or second < 0 or gap.strip(_BLANK):
        return None
    form = _form(content[start:first_stop])
    if form is None or (tag == b"observation" and len(form.names) != 2):
        return None
    stop = content.rfind(end, start, border) + len(end)
    last = content.rfind(b"<" + tag + b">", start, stop)
    body, turn = memoryview(content)[start + len(form.head) : stop], gap + form.head
    if tag == b"observation":
        text = _observations(body, form, turn)
    else:
        text = _values(body, [*form.between, form.tail + turn], turn)
    if last <= second or text is None:
        return None
    stride = len(_LINE_END.findall(content[start:second]))
    shift = last - second
    if stride:
        shift = _column(content, start, last) - _column(content, start, second)
    return XmlRun(start, second, last, stop, text.count(b"\n"), stride, shift, form.elements, text)


def _column(content: bytes, start: int, place: int) -> int:
    return place - max(content.rfind(b"\n", start, place), content.rfind(b"\r", start, place))


def _form(record: bytes) -> _Form | None:
    """Return how a record is written, None where that is unusual."""
    tokens = list(_TOKEN.finditer(record))
    if b"".join(token.group() for token in tokens) != record:
        return None
    spans: list[tuple[int, int]] = []
    names: list[str] = []
    opened: list[bytes] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        closing, name, attributes, text = token.groups()
        if closing:
            if attributes or not opened or opened.pop() != name or text.strip(_BLANK):
                return None
            continue
        if attributes.endswith(b"/"):
            return None
        opened.append(name)
        if following is not None and following.group(1):
            if not text or text.translate(None, _VALUE_BYTES):
                return None
            spans.append(token.span(4))
            names.append(name.decode())
        elif text.strip(_BLANK):
            return None
    if opened or not 2 <= len(spans) <= _MOST_VALUES or names[0] != "EPOCH" or "EPOCH" in names[1:]:
        return None
    between = tuple(record[stop:start] for (_, stop), (start, _) in pairwise(spans))
    elements = sum(not token.group(1) for token in tokens)
    return _Form(record[: spans[0][0]], between, record[spans[-1][1] :], tuple(names), elements)


def _values(body: memoryview, pieces: list[bytes], turn: bytes) -> bytes | None:
    """Return the values of all records as lines, None where one record is written in another way."""
    marks = bytes(range(_FIRST_MARK, _FIRST_MARK + len(pieces)))
    plain = bytes.maketrans(marks, b" " * (len(pieces) - 1) + b"\n")
    found: list[bytes] = []
    for part in _parts(body, turn):
        text = _marked(part, pieces, marks)
        if text is None:
            return None
        skeleton = text.translate(None, _VALUE_BYTES)
        if skeleton != marks * (len(skeleton) // len(marks)):
            return None
        found.append(text.translate(plain))
    return _unless_empty(b"".join(found))


def _observations(body: memoryview, form: _Form, turn: bytes) -> bytes | None:
    """Return observations as lines; each keyword has two pieces, before and behind its value."""
    first = form.names[1].encode()
    before, behind = form.between[0].split(first), form.tail.split(first)
    if len(before) != 2 or before[1] != b">" or len(behind) != 2 or behind[0] != b"</":
        return None
    pattern = re.escape(before[0]) + rb"([A-Z][A-Z_0-9]*)>"
    keywords = list(dict.fromkeys([first, *re.findall(pattern, body)]))
    if len(keywords) > _MOST_KEYWORDS:
        return None
    turns = [behind[0] + keyword + behind[1] + turn for keyword in keywords]
    heads = [before[0] + keyword + before[1] for keyword in keywords]
    pieces = [piece for pair in zip(heads, turns, strict=True) for piece in pair]
    marks = bytes(range(_FIRST_MARK, _FIRST_MARK + len(pieces)))
    plain = bytes.maketrans(marks, b" \n" * len(keywords))
    next_mark = bytes.maketrans(marks[::2], marks[1::2])
    names = {mark: keyword + b" = " for mark, keyword in zip(marks[::2], keywords, strict=True)}
    found: list[bytes] = []
    for part in _parts(body, turn):
        text = _marked(part, pieces, marks)
        if text is None:
            return None
        skeleton = text.translate(None, _VALUE_BYTES)
        opened, closed = skeleton[::2], skeleton[1::2]
        if opened.translate(next_mark) != closed or not names.keys() >= set(opened):
            return None
        rows = text.translate(plain).split(b"\n")
        found += [names[mark] + row for mark, row in zip(opened, rows, strict=False)]
    return _unless_empty(b"\n".join(found) + b"\n")


def _parts(body: memoryview, turn: bytes) -> Iterator[bytes]:
    """Yield the body in parts that end with a `turn` to the next record; the last gets one too.

    A record larger than a part ends it all: what is left is one part, which no check takes.
    """
    start, size = 0, len(body)
    while start < size:
        part = bytes(body[start : start + _PIECE])
        if start + _PIECE >= size:
            yield part + turn
            return
        part = part[: part.rfind(turn) + len(turn)]
        if len(part) < len(turn):
            yield bytes(body[start:])
            return
        yield part
        start += len(part)


def _marked(part: bytes, pieces: list[bytes], marks: bytes) -> bytes | None:
    """Return the part with a mark for each piece; None where such a mark stood there before."""
    text = part
    for piece, mark in sorted(zip(pieces, marks, strict=True), key=lambda item: -len(item[0])):
        text = text.replace(piece, bytes((mark,)))
    longer = sum(text.count(mark) * (len(piece) - 1) for piece, mark in zip(pieces, marks, strict=True))
    return text if len(text) + longer == len(part) else None


def _unless_empty(lines: bytes) -> bytes | None:
    """Return the lines, None where a value is empty or there is a comment."""
    empty = any(bad in lines for bad in (b"  ", b"\n ", b" \n", b"\n\n"))
    return None if empty or lines[:1] in b" \n" or b"COMMENT" in lines else lines
