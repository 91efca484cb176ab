"""The lossless layer of a KVN file: its lines as tokens, long runs of data lines as one slice.

Nothing is changed or dropped: the slices of all tokens, joined, are the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from syzygy.base.errors import FormatError, InputError
from syzygy.formats.ccsds.limits import MAX_BAD_LINES, MAX_BYTES, MAX_KEYWORD_LINES, MAX_LINE_BYTES

BLANK, COMMENT, VALUE, MARKER, DATA, BAD = "blank", "comment", "value", "marker", "data", "bad"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE = re.compile(rb"[^\r\n]*(\r\n|\n\r|\r|\n|\Z)")
_BLANK_LINES = re.compile(rb"(?:[ \t\x0b\x0c]*(?:\r\n|\n\r|\r|\n))+")
_USUAL = re.compile(
    rb"(?:COMMENT(?: ([ -~]*[!-~])?)?|(?!COMMENT[ =])([A-Za-z][A-Za-z0-9_]*) ?= ?([!-~](?:[ -~]*[!-~])?)"
    rb"|([A-Za-z][A-Za-z0-9_]*_(?:ST(?:ART|OP)|st(?:art|op))))(?:\r\n|\n(?!\r))"
)
_DATA_START = frozenset(b"0123456789+-.")
_NEXT_KEYWORD_LF = re.compile(rb"\n[ \t\r]*[^0-9+\-.\s]")
_NEXT_KEYWORD_CR = re.compile(rb"\r[ \t]*[^0-9+\-.\s]")
_TRACKING_END = re.compile(rb"[\r\n][ \t]*(?:DATA_STOP|META_START|DATA_START)")
_MARKER = re.compile(r"[A-Za-z0-9_]+_(?:START|STOP|start|stop)")
_BLANKS = b" \t"
_TRACKING = "CCSDS_TDM_VERS"


class KvnToken(NamedTuple):
    """One line, or one run of data lines.

    Attributes
    ----------
    kind : str
        blank, comment, value (keyword = value), marker (``META_START``), data, or bad.
    line : int
        From 1.
    start, stop : int
        Byte range with the line end.
    keyword : str
        As written; empty for blank, data and bad.
    value_start, value_stop : int
        Byte range of the value (or comment text), blanks around it left out.
    """

    kind: str
    line: int
    start: int
    stop: int
    keyword: str = ""
    value_start: int = -1
    value_stop: int = -1


@dataclass(frozen=True)
class KvnDocument:
    """A KVN file as tokens over its bytes; they are cut while they are asked for, so errors come early."""

    content: bytes
    tokens: Iterable[KvnToken]
    byte_order_mark: bool

    def to_bytes(self) -> bytes:
        """Return the file, joined from its tokens."""
        mark = _BYTE_ORDER_MARK if self.byte_order_mark else b""
        return mark + b"".join(self.content[token.start : token.stop] for token in self.tokens)

    def value(self, token: KvnToken) -> str:
        """Return the value of a token as text."""
        return self.content[token.value_start : token.value_stop].decode("utf-8")


def replace_value(content: bytes, start: int, stop: int, text: str) -> bytes:
    """Return the file with one value replaced; every other byte stays.

    Parameters
    ----------
    content : bytes
    start, stop : int
        Byte range of the value (`Place.start`, `Place.stop`).
    text : str
        Without line ends.
    """
    if not 0 <= start <= stop <= len(content):
        raise InputError(
            "the value has no place in this file", value=f"{start}..{stop}", allowed="a place of it"
        )
    if "\n" in text or "\r" in text or "\x00" in text:
        raise InputError("a value cannot hold a line end", value=repr(text[:40]), allowed="one line")
    return content[:start] + text.encode("utf-8") + content[stop:]


def read_tokens(content: bytes, name: str = "") -> KvnDocument:
    """Cut a KVN file into tokens.

    Raises
    ------
    FormatError
        Larger than 4 GiB, a line longer than 1 MiB, more than two million lines that are no data, or text
        that is not UTF-8.
    """
    if len(content) > MAX_BYTES:
        raise FormatError(
            "the message is too large", value=f"{len(content)} bytes", allowed=f"{MAX_BYTES}", where=name
        )
    mark = content.startswith(_BYTE_ORDER_MARK)
    if not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatError(
                "the message is no UTF-8 text",
                value=f"byte {error.start}",
                allowed="ASCII (or UTF-8)",
                where=name,
            ) from error
    return KvnDocument(content, _Tokens(content, 3 if mark else 0, name), mark)


@dataclass(frozen=True)
class _Tokens:
    """The tokens of a file, cut anew by every iteration."""

    content: bytes
    start: int
    name: str

    def __iter__(self) -> Iterator[KvnToken]:
        return _tokens(self.content, self.start, self.name)


def _tokens(content: bytes, start: int, name: str) -> Iterator[KvnToken]:
    next_keyword = _NEXT_KEYWORD_LF if b"\n" in content else _NEXT_KEYWORD_CR
    position, line, size = start, 1, len(content)
    tracking, count, bad = False, 0, 0
    usual_line, new, feeds_only = _USUAL.match, tuple.__new__, b"\r" not in content
    while position < size:
        count += 1
        if count > MAX_KEYWORD_LINES:
            raise _too_many_lines(line, name)
        if feeds_only and content[position] in _DATA_START:
            feed = content.find(b"\n", position)
            if 0 <= feed - position <= MAX_LINE_BYTES:
                following = next_keyword.search(content, feed)
                stop = following.start() + 1 if following else size
                yield new(KvnToken, (DATA, line, position, stop, "", position, stop))
                line += 1 if stop == feed + 1 else content.count(b"\n", position, stop)
                position = stop
                continue
        usual = usual_line(content, position, position + MAX_LINE_BYTES)
        if usual is not None:
            stop = usual.end()
            if (word := usual[2]) is not None:
                keyword = word.decode()
                yield new(KvnToken, (VALUE, line, position, stop, keyword, *usual.span(3)))
                if keyword.startswith("CCSDS_"):
                    tracking = keyword == _TRACKING
            elif (word := usual[4]) is not None:
                yield new(KvnToken, (MARKER, line, position, stop, word.decode(), *usual.span(4)))
                if tracking and word == b"DATA_START":
                    line, position, stop = line + 1, stop, _tracking_end(content, stop)
                    if stop > position:
                        count += 1
                        yield KvnToken(DATA, line, position, stop, "", position, stop)
                        line += _line_ends(content, position, stop)
                        position = stop
                    continue
            else:
                begin, end = usual.span(1)
                if begin < 0:
                    begin = end = position + 7
                yield new(KvnToken, (COMMENT, line, position, stop, "COMMENT", begin, end))
            line, position = line + 1, stop
            continue
        if content[position] in b"\r\n \t\x0b\x0c" and (blank := _BLANK_LINES.match(content, position)):
            stop = blank.end()
            yield new(KvnToken, (BLANK, line, position, stop, "", -1, -1))
            line += _line_ends(content, position, stop)
            position = stop
            continue
        match = _LINE.match(content, position)
        if match is None:  # pragma: no cover - the pattern accepts the empty text
            break
        stop, text_stop = match.end(), match.start(1)
        if text_stop - position > MAX_LINE_BYTES:
            raise _long_line(text_stop - position, line, name)
        text = content[position:text_stop]
        first = text[:1] if text[:1] not in (b" ", b"\t") else text.lstrip(_BLANKS)[:1]
        if first and first[0] in _DATA_START:
            following = next_keyword.search(content, stop - 1)
            stop = following.start() + 1 if following else size
            yield new(KvnToken, (DATA, line, position, stop, "", position, stop))
            line += _line_ends(content, position, stop)
            position = stop
            continue
        token = _line_token(text, line, position, stop)
        if token.kind == BAD:
            bad += 1
            if bad > MAX_BAD_LINES:
                raise _no_message(bad, line, name)
        yield token
        line, position = line + 1, stop
        if token.keyword.startswith("CCSDS_"):
            tracking = token.keyword == _TRACKING
        elif tracking and token.keyword == "DATA_START":
            stop = _tracking_end(content, position)
            if stop > position:
                yield KvnToken(DATA, line, position, stop, "", position, stop)
                line += _line_ends(content, position, stop)
                position = stop


def _long_line(size: int, line: int, name: str) -> FormatError:
    return FormatError(
        "a line is too long", value=f"{size} bytes", allowed=f"{MAX_LINE_BYTES}",
        where=f"{name} line {line}".strip(),
    )  # fmt: skip


def _no_message(bad: int, line: int, name: str) -> FormatError:
    return FormatError(
        "the content is no CCSDS navigation message: too many lines are none of one",
        value=f"{bad} lines up to line {line}", allowed="keyword = value", where=name,
    )  # fmt: skip


def _too_many_lines(line: int, name: str) -> FormatError:
    return FormatError(
        "the message has too many lines that are no data", value=f"line {line}",
        allowed=f"{MAX_KEYWORD_LINES}", where=name,
    )  # fmt: skip


def _tracking_end(content: bytes, start: int) -> int:
    """Return where the observations that begin here end."""
    closing = _TRACKING_END.search(content, start - 1)
    stop = closing.start() + 1 if closing else len(content)
    return stop + 1 if content[stop - 1 : stop + 1] == b"\r\n" else stop


def _line_ends(content: bytes, start: int, stop: int) -> int:
    feeds = content.count(b"\n", start, stop)
    return feeds or content.count(b"\r", start, stop)


def _line_token(text: bytes, line: int, start: int, stop: int) -> KvnToken:
    bare = text.strip(b" \t\x0b\x0c")
    if not bare:
        return KvnToken(BLANK, line, start, stop)
    offset = start + text.index(bare)
    if bare.startswith(b"COMMENT") and (len(bare) == 7 or not _is_word(bare[7:8])):
        begin = offset + 8 if bare[7:8] in (b" ", b"\t") else offset + 7
        end = offset + len(bare)
        return KvnToken(COMMENT, line, start, stop, "COMMENT", min(begin, end), end)
    keyword, equals, value = bare.partition(b"=")
    if equals:
        word = keyword.strip(_BLANKS).decode("utf-8", "replace")
        inner = value.strip(_BLANKS)
        begin = offset + len(keyword) + 1 + (len(value) - len(value.lstrip(_BLANKS)))
        return KvnToken(VALUE if word else BAD, line, start, stop, word, begin, begin + len(inner))
    word = bare.decode("utf-8", "replace")
    kind = MARKER if _MARKER.fullmatch(word) else BAD
    return KvnToken(kind, line, start, stop, word if kind == MARKER else "", offset, offset + len(bare))


def _is_word(text: bytes) -> bool:
    return text.isalnum() or text == b"_"
