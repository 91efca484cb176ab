"""Rules about the characters and lines of a KVN file: ASCII, tabs, control characters, length of lines."""

from __future__ import annotations

import re

import numpy as np

from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.tables import MessageTable

MAX_LINE_CHARACTERS = 254
_MAX_SHOWN = 100
_NON_ASCII = re.compile(rb"[^\x00-\x7f]")
_TAB = re.compile(rb"\t")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PRINTABLE = bytes(range(32, 256)) + b"\t\r\n"


def check_characters(content: bytes, table: MessageTable, findings: Findings, byte_order_mark: bool) -> None:
    """Note the first finding of each kind per line."""
    characters = table.clause("characters")
    if byte_order_mark:
        findings.deviation(
            "byte_order_mark", "only printable ASCII and blanks are used", 1, 1, clause=characters
        )
        content = b"   " + content[3:]
    if b"\t" in content:
        _note(content, _TAB, "tab", "no tabs: only printable ASCII and blanks are used", characters, findings)
    if not content.isascii():
        _note(
            content, _NON_ASCII, "non_ascii", "only printable ASCII and blanks are used", characters, findings
        )
    if content.translate(None, _PRINTABLE) or b"\x7f" in content:
        _note(content, _CONTROL, "control_character", "control characters are not used", characters, findings)
    if length := table.clauses["line_length"]:
        _check_lengths(content, f"{characters.split()[0]} {length}", findings)


def _note(
    content: bytes, pattern: re.Pattern[bytes], code: str, what: str, clause: str, findings: Findings
) -> None:
    line, at, last = 1, 0, 0
    shown = 0
    for match in pattern.finditer(content):
        line += _line_ends(content, at, match.start())
        at = match.start()
        if line == last:
            continue
        last = line
        begin = max(content.rfind(b"\n", 0, at), content.rfind(b"\r", 0, at)) + 1
        findings.deviation(code, what, line, at - begin + 1, clause=clause)
        shown += 1
        if shown >= _MAX_SHOWN:
            return


def _check_lengths(content: bytes, clause: str, findings: Findings) -> None:
    buffer = np.frombuffer(content, dtype=np.uint8)
    separator = 10 if b"\n" in content else 13
    ends = np.flatnonzero(buffer == separator)
    lengths = np.diff(np.concatenate([[-1], ends, [buffer.size]])) - 1
    for index in np.flatnonzero(lengths > MAX_LINE_CHARACTERS)[:_MAX_SHOWN].tolist():
        start = int(ends[index - 1]) + 1 if index else 0
        length = len(content[start : start + int(lengths[index])].rstrip(b"\r").decode("utf-8", "replace"))
        if length > MAX_LINE_CHARACTERS:
            findings.deviation(
                "line_too_long", f"a line has at most {MAX_LINE_CHARACTERS} characters", index + 1,
                MAX_LINE_CHARACTERS + 1, clause=clause, value=f"{length} characters",
            )  # fmt: skip


def _line_ends(content: bytes, start: int, stop: int) -> int:
    feeds = content.count(b"\n", start, stop)
    return feeds or content.count(b"\r", start, stop)
