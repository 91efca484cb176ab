"""Messages from files and folders for the commands: found, read, and told apart by outcome."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from syzygy.base.errors import FormatError, StorageError, SyzygyError

if TYPE_CHECKING:
    from syzygy.formats.ccsds import Diagnostic, Message

STREAMED_BYTES = 1 << 27
_HEAD = 4096
_KVN = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*CCSDS_[A-Za-z]{3}_VERS\b")
_TREE = re.compile(rb"[<\"](?:[a-z]{1,20}:)?(?:ndm|opm|omm|oem|ocm|apm|aem|acm|cdm|tdm|rdm)\b")
_STREAMABLE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*CCSDS_(?:OEM|AEM)_VERS\b")


@dataclass(frozen=True)
class Reading:
    """What became of one file.

    Attributes
    ----------
    message : Message or None
        None where the file was refused.
    findings : tuple of Diagnostic
        Of the accepted message, or those that refused it.
    error : SyzygyError or None
        Why it was refused.
    streamed_lines : tuple of int or None
        For a file read piece by piece: data lines per segment; `message` then has the first and last line of
        each piece only.
    """

    path: Path
    message: Message | None
    findings: tuple[Diagnostic, ...] = ()
    error: SyzygyError | None = None
    streamed_lines: tuple[int, ...] | None = None

    @property
    def accepted(self) -> bool:
        """Whether the file is a message that this mode accepts."""
        return self.error is None

    @property
    def exit_code(self) -> int:
        """0 accepted, 3 refused, 6 unreadable."""
        return 0 if self.error is None else 6 if isinstance(self.error, StorageError) else 3


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files named and those in the folders named that hold a message, and the files left out.

    A file that is named is always taken; in a folder, what neither starts like a message nor has the root
    element of one is left out.
    """
    found: list[Path] = []
    left: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        for inner in sorted(item for item in path.rglob("*") if item.is_file()):
            (found if _looks_like_a_message(inner) else left).append(inner)
    return list(dict.fromkeys(found)), left


def _looks_like_a_message(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD).replace(b"\0", b"")
    except OSError:
        return True  # reading it will say why not
    if _KVN.match(head):
        return True
    first = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1]
    return first in (b"<", b"{") and _TREE.search(head) is not None


def read_file(path: Path, *, strict: bool) -> Reading:
    """Read one file; a refusal is part of the answer. Very large ephemerides are read piece by piece."""
    from syzygy.base.storage import read_bytes
    from syzygy.formats.ccsds import MessageError, read_message

    try:
        if _must_be_streamed(path):
            return _stream(path, strict)
        message = read_message(read_bytes(path), name=str(path), strict=strict)
    except MessageError as error:
        return Reading(path, None, error.diagnostics, error)
    except (FormatError, StorageError) as error:
        return Reading(path, None, (), error)
    return Reading(path, message, message.diagnostics)


def _must_be_streamed(path: Path) -> bool:
    try:
        if path.stat().st_size <= STREAMED_BYTES:
            return False
        with path.open("rb") as stream:
            return _STREAMABLE.match(stream.read(_HEAD)) is not None
    except OSError:
        return False


def _stream(path: Path, strict: bool) -> Reading:
    from syzygy.formats.ccsds import LineStream, MessageError
    from syzygy.formats.ccsds.diagnostics import refuses

    stream = LineStream(path)
    counts: dict[int, int] = {}
    for segment, lines in stream:
        counts[segment] = counts.get(segment, 0) + len(lines)
    assert stream.skeleton is not None
    findings = stream.skeleton.diagnostics
    if any(refuses(item, strict) for item in findings):
        raise MessageError(findings, where=str(path), strict=strict)
    return Reading(
        path,
        stream.skeleton,
        findings,
        None,
        tuple(counts.get(i, 0) for i in range(max(counts, default=-1) + 1)),
    )
