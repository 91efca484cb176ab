"""The ``omm`` elements of an XML catalogue, record by record: no tree is built.

The limits and refusals are those of `syzygy.formats.ccsds.xml_tree`: no document type, so no entities, depth,
number of elements, length of a text, no text beside elements.
"""

from __future__ import annotations

from xml.parsers import expat

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.limits import MAX_XML_DEPTH, MAX_XML_ELEMENTS, MAX_XML_TEXT
from syzygy.formats.ccsds.xml_tree import require_utf8
from syzygy.formats.omm_fields import OmmRecord, Value
from syzygy.formats.rejected import RejectedRecord, refuse_rubbish, reject

_MAX_TAGS = 4096
_NOWHERE = -1


def read_records(
    content: bytes, sections: frozenset[str], name: str
) -> tuple[list[OmmRecord], list[RejectedRecord]]:
    """Read every segment of every ``omm`` element, or the element itself where it has none.

    Raises
    ------
    FormatError
        Not well formed, a document type declaration, beyond the limits, no ``omm`` element.
    """
    require_utf8(content[:400], name)
    reader = _Reader(sections, name)
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise FormatError(
            "the XML is not well formed", value=expat.errors.messages.get(error.code, str(error.code)),
            allowed="well-formed XML", where=f"{name} line {error.lineno} column {error.offset + 1}".strip(),
        ) from error  # fmt: skip
    if not reader.messages:
        raise FormatError(
            "the XML holds no omm element", value=reader.root[:40], allowed="omm, or ndm with omm", where=name
        )
    return reader.records, reader.rejected


class _Reader:
    """Holds the expat callbacks and the fields of the record that is open.

    `within` is the depth of the innermost open element whose leaves are fields: a record, or a section of the
    table directly inside such an element; `_NOWHERE` outside of records.
    """

    def __init__(self, sections: frozenset[str], name: str) -> None:
        self.sections = sections
        self.name = name
        self.records: list[OmmRecord] = []
        self.rejected: list[RejectedRecord] = []
        self.messages = self.count = self.depth = 0
        self.root = self.twice = ""
        self.texts: list[str] = []
        self.is_leaf = False
        self.beside: set[int] = set()
        self.message = self.segment = self.line = 0
        self.within = _NOWHERE
        self.has_segments = False
        self.fields: dict[str, Value] = {}
        self.tags: dict[str, str] = {}
        parser = self.parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.texts.append
        parser.StartDoctypeDeclHandler = self._doctype

    def _refuse(self, what: str, allowed: str) -> None:
        place = f"{self.name} line {self.parser.CurrentLineNumber}".strip()
        raise FormatError(what, allowed=allowed, where=place)

    def _doctype(self, *_: object) -> None:
        self._refuse("the XML carries a document type declaration", "none: it may hide entities")

    def _start(self, tag: str, _: dict[str, str]) -> None:
        depth, texts = self.depth, self.texts
        self.count = count = self.count + 1
        if depth >= MAX_XML_DEPTH:
            self._refuse("the XML is nested too deeply", f"{MAX_XML_DEPTH} levels")
        if count > MAX_XML_ELEMENTS:
            self._refuse("the XML has too many elements", f"{MAX_XML_ELEMENTS}")
        if texts:
            text = texts[0] if len(texts) == 1 else self._joined()
            texts.clear()
            if not text.isspace():
                self.beside.add(depth)
        name = self.tags.get(tag) or self._local(tag)
        if self.within == depth:
            if name in self.sections:
                self.within = depth + 1
            if name == "segment" and not self.segment:
                self._open_segment(depth + 1)
        elif not self.message:
            if name == "omm":
                self._open_message(depth + 1)
        elif name == "segment" and not self.segment:
            self._open_segment(depth + 1)
        self.depth = depth + 1
        self.is_leaf = True

    def _local(self, tag: str) -> str:
        """Return the name without its prefix, and remember it."""
        name = tag.rpartition(":")[2]
        self.root = self.root or name
        if len(self.tags) < _MAX_TAGS:
            self.tags[tag] = name
        return name

    def _open_message(self, depth: int) -> None:
        refuse_rubbish(len(self.rejected), len(self.records), self.name)
        self.messages += 1
        self.message = depth
        self.has_segments = False
        self._open(depth)

    def _open_segment(self, depth: int) -> None:
        self.segment = depth
        self.has_segments = True
        self._open(depth)

    def _open(self, depth: int) -> None:
        self.within, self.line = depth, self.parser.CurrentLineNumber
        self.fields, self.twice = {}, ""

    def _end(self, tag: str) -> None:
        depth, texts, text = self.depth, self.texts, ""
        self.depth = depth - 1
        if texts:
            text = texts[0] if len(texts) == 1 else self._joined()
            texts.clear()
        if not self.is_leaf:
            if (text and not text.isspace()) or depth in self.beside:
                what = f"text stands beside the elements of {self.tags.get(tag) or self._local(tag)}"
                self._refuse(what, "elements or text, not both")
        elif self.within == depth - 1:
            name = self.tags.get(tag) or self._local(tag)
            if name in self.fields:
                self.twice = self.twice or name
            elif name != "COMMENT":
                self.fields[name] = text
        self.is_leaf = False
        if self.within == depth:
            self.within = depth - 1
        if depth == self.segment:
            self.segment = 0
            self._close()
        elif depth == self.message:
            self.message = 0
            if not self.has_segments:
                self._close()
            self.within = _NOWHERE

    def _close(self) -> None:
        self.within = _NOWHERE
        if self.twice:
            reason = f"{self.twice} stands twice in one message"
            self.rejected.append(reject(self.line, 0, reason, self.twice))
        else:
            self.records.append(OmmRecord(self.line, self.fields))

    def _joined(self) -> str:
        """Return the text since the last tag where it came in several parts (each of some kilobytes)."""
        text = "".join(self.texts)
        if len(text) > MAX_XML_TEXT:
            self._refuse("a text is too long", f"{MAX_XML_TEXT} characters")
        return text
