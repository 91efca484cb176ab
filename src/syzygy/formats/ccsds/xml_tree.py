"""XML to a small tree that knows where each value stands in the bytes.

The parser is expat, fed once with the whole file. A document type declaration is refused before anything in
it is read, so there are no entities but the five of XML itself, and nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.limits import MAX_XML_BYTES, MAX_XML_DEPTH, MAX_XML_ELEMENTS, MAX_XML_TEXT
from syzygy.formats.ccsds.xml_runs import XmlRun, find_runs

_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_ALLOWED = frozenset({"utf-8", "us-ascii", "ascii", "utf8"})
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\x00<", b"<\x00", b"\x00\x00\x00<")
_MAX_TAGS = 4096
_ROWS_AT_ONCE = 1024
MARK = "\ue000"
_NAME = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")
_LONGEST_NAME = 250
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Element:
    """An element: name without namespace, attributes in order, text or elements inside.

    `start` and `stop` are the byte range between its tags, -1 where the tree did not come from XML bytes.
    With a `run`, the element is the first of a run of records of which no other is in the tree.
    """

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    text: str = ""
    line: int = 0
    column: int = 0
    start: int = -1
    stop: int = -1
    run: XmlRun | None = None


@dataclass(slots=True)
class ElementRows(Element):
    """Many elements of one or a few forms, for writing only.

    Attributes
    ----------
    forms : list of Element
        With `MARK` for each value.
    words : list of str
        The values of all, `width` of each, plain text without markup.
    which : list of int
        The form of each; empty where there is one.
    """

    forms: list[Element] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    width: int = 1
    which: list[int] = field(default_factory=list)


def read_xml(content: bytes, name: str = "", *, runs: bool = False) -> Element:
    """Parse XML into the tree.

    Parameters
    ----------
    content : bytes
    name : str
        File name, for messages.
    runs : bool
        Leave long runs of data lines that are written alike out of the tree (`Element.run`).

    Raises
    ------
    FormatError
        Not well formed, a document type declaration, an encoding other than UTF-8, deeper than 24 levels,
        larger than 1 GiB, a text longer than 1 MiB, text beside elements.
    """
    if len(content) > MAX_XML_BYTES:
        raise FormatError(
            "the XML is too large", value=f"{len(content)} bytes", allowed=f"{MAX_XML_BYTES}", where=name
        )
    require_utf8(content[:400], name)
    return TreeBuilder(name).parse(content, runs=runs)


def require_utf8(head: bytes, name: str) -> None:
    """Refuse the beginning of a file that declares or shows another encoding than UTF-8."""
    declared = _ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    encoding = declared.group(1).decode().lower() if declared else "utf-8"
    if head.startswith(_WIDE) or encoding not in _ALLOWED:
        raise FormatError(
            "the encoding of the XML is not read", value=encoding if declared else "UTF-16 or UCS-4",
            allowed="UTF-8", where=name, hint="convert it to UTF-8 first",
        )  # fmt: skip


class TreeBuilder:
    """Holds the expat callbacks."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stack: list[Element] = []
        self.texts: list[list[str]] = []
        self.text_length = 0
        self.count = self.skipped_bytes = self.skipped_lines = self.column_shift = self.column_line = 0
        self.root: Element | None = None
        self.tags: dict[str, str] = {}
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype

    def parse(self, content: bytes, *, runs: bool = False) -> Element:
        """Return the tree of a whole file."""
        view, fed = memoryview(content), 0
        for run in find_runs(content) if runs else ():
            self.feed(view[fed : run.second], last=False)
            fed = run.second
            first = self._record_at(run.start)
            if first is not None:
                first.run = run
                line = first.line - self.skipped_lines + run.stride
                self.column_shift = run.shift + (self.column_shift if line == self.column_line else 0)
                self.column_line = line
                self.skipped_bytes += run.last - run.second
                self.skipped_lines += run.stride * (run.count - 2)
                self.count += run.elements * (run.count - 2)
                self.feed(view[run.last : run.stop], last=False)
                fed = run.stop
                if self._record_at(run.last) is None:
                    self._refuse("the XML cannot be read in runs", "records as the first")
                self.stack[-1].children.pop()
        self.feed(view[fed:], last=True)
        return self.tree()

    def _record_at(self, start: int) -> Element | None:
        """Return the record that begins there, if it is the last that was read and directly in ``data``."""
        parent = self.stack[-1] if self.stack else None
        if parent is None or parent.tag != "data" or not parent.children:
            return None
        last = parent.children[-1]
        return last if last.start == start and last.stop >= 0 else None

    def feed(self, content: bytes | memoryview, *, last: bool) -> None:
        """Parse a part of the file.

        Raises
        ------
        FormatError
            Not well formed, or beyond the limits.
        """
        try:
            self.parser.Parse(content, last)
        except expat.ExpatError as error:
            raise FormatError(
                "the XML is not well formed", value=expat.errors.messages.get(error.code, str(error.code)),
                allowed="well-formed XML",
                where=f"{self._line(error.lineno)} column {self._column(error.lineno, error.offset)}".strip(),
            ) from error  # fmt: skip

    def tree(self) -> Element:
        """Return the root when all has been parsed."""
        if self.root is None:
            raise FormatError("the XML is empty", allowed="one element", where=self.name)
        return self.root

    def _refuse(self, what: str, allowed: str) -> None:
        raise FormatError(what, allowed=allowed, where=self._line(self.parser.CurrentLineNumber))

    def _line(self, number: int) -> str:
        return f"{self.name} line {number + self.skipped_lines}".strip()

    def _column(self, line: int, offset: int) -> int:
        return offset + 1 + (self.column_shift if line == self.column_line else 0)

    def _doctype(self, *_: object) -> None:
        self._refuse("the XML carries a document type declaration", "none: it may hide entities")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.stack) >= MAX_XML_DEPTH:
            self._refuse("the XML is nested too deeply", f"{MAX_XML_DEPTH} levels")
        if self.count > MAX_XML_ELEMENTS:
            self._refuse("the XML has too many elements", f"{MAX_XML_ELEMENTS}")
        parser = self.parser
        name = self.tags.get(tag)
        if name is None:
            name = tag.rpartition(":")[2]
            if len(self.tags) < _MAX_TAGS:
                self.tags[tag] = name
        line = parser.CurrentLineNumber
        element = Element(
            name, attributes, [], "", line + self.skipped_lines,
            self._column(line, parser.CurrentColumnNumber), parser.CurrentByteIndex + self.skipped_bytes,
        )  # fmt: skip
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element
        self.stack.append(element)
        self.texts.append([])
        self.text_length = 0

    def _end(self, _: str) -> None:
        element = self.stack.pop()
        element.stop = self.parser.CurrentByteIndex + self.skipped_bytes
        text = "".join(self.texts.pop())
        if element.children:
            if text.strip():
                self._refuse(
                    f"text stands beside the elements of {element.tag}", "elements or text, not both"
                )
        else:
            element.text = text
        self.text_length = 0

    def _characters(self, text: str) -> None:
        self.text_length += len(text)
        if self.text_length > MAX_XML_TEXT:
            self._refuse("a text is too long", f"{MAX_XML_TEXT} characters")
        self.texts[-1].append(text)


def value_range(content: bytes, element: Element) -> tuple[int, int]:
    """Return the byte range of the text of a leaf, blanks around it left out; (-1, -1) for ``<X/>``."""
    if element.start < 0:
        return -1, -1
    begin = _tag_end(content, element.start) + 1
    if begin > element.stop:
        return -1, -1
    inner = content[begin : element.stop]
    text = inner.strip()
    start = begin + inner.index(text) if text else begin
    return start, start + len(text)


def _tag_end(content: bytes, position: int) -> int:
    """Return the index of the ``>`` of a start tag; quoted ``>`` do not count."""
    end = content.find(b">", position)
    if content.find(b'"', position, end) < 0 and content.find(b"'", position, end) < 0:
        return end
    quote = 0
    while True:
        byte = content[position]
        if quote:
            quote = 0 if byte == quote else quote
        elif byte in b"\"'":
            quote = byte
        elif byte == 0x3E:
            return position
        position += 1


def write_xml(root: Element) -> bytes:
    """Write a tree with one element per line, two blanks per level, LF, UTF-8.

    Raises
    ------
    FormatError
        A text holds a character that XML does not have, or the name of an element is none.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    _write(root, 0, lines)
    return ("\n".join(lines) + "\n").encode("utf-8")


def _write_rows(element: ElementRows, depth: int, lines: list[str]) -> None:
    templates = []
    for form in element.forms:
        part: list[str] = []
        _write(form, depth, part)
        templates.append("\n".join(part).replace("%", "%%").replace(MARK, "%s"))
    words, width = element.words, element.width
    if element.which:
        values = zip(*[iter(words)] * width, strict=True)
        lines += [templates[form] % row for form, row in zip(element.which, values, strict=True)]
        return
    for start in range(0, len(words), width * _ROWS_AT_ONCE):
        part_of_words = words[start : start + width * _ROWS_AT_ONCE]
        lines.append("\n".join(templates * (len(part_of_words) // width)) % tuple(part_of_words))


@lru_cache(maxsize=512)
def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _write(element: Element, depth: int, lines: list[str]) -> None:
    if isinstance(element, ElementRows):
        _write_rows(element, depth, lines)
        return
    if len(element.tag) > _LONGEST_NAME or not _is_name(element.tag):
        raise FormatError(
            "the name of an element is none that XML has", value=repr(element.tag[:40]),
            allowed="a letter, then letters, digits, point, hyphen and underscore", where="the tree",
        )  # fmt: skip
    pad = "  " * depth
    tag = element.tag + "".join(f" {key}={quoteattr(value)}" for key, value in element.attributes.items())
    if _NOT_IN_XML.search(element.text) or any(
        _NOT_IN_XML.search(value) for value in element.attributes.values()
    ):
        raise FormatError(
            "the text holds a character that XML does not have", value=repr(element.text[:40]),
            allowed="printable characters", where=element.tag,
        )  # fmt: skip
    if element.children:
        lines.append(f"{pad}<{tag}>")
        for child in element.children:
            _write(child, depth + 1, lines)
        lines.append(f"{pad}</{element.tag}>")
    elif element.text:
        lines.append(f"{pad}<{tag}>{escape(element.text)}</{element.tag}>")
    else:
        lines.append(f"{pad}<{tag}/>")
