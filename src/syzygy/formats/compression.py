"""Gzip at the door of the readers: unpacked in memory, with a limit on the size."""

from __future__ import annotations

import zlib

from syzygy.base.errors import FormatError

_GZIP = b"\x1f\x8b"
_COMPRESS = b"\x1f\x9d"
_GZIP_WINDOW = 31
MAX_EXPANDED_BYTES = 1 << 30


def expand(content: bytes, *, name: str = "", limit: int = MAX_EXPANDED_BYTES) -> bytes:
    """Return the content, unpacked when it is gzip (several members in a row are allowed).

    Parameters
    ----------
    content : bytes
        A file as read.
    name : str
        File name for messages.
    limit : int
        Largest size after unpacking, bytes.

    Raises
    ------
    FormatError
        Damaged or cut gzip, larger than `limit`, or Unix compress (``.Z``), which is not read.
    """
    if content.startswith(_COMPRESS):
        raise FormatError(
            "Unix compress (.Z) is not read",
            value=content[:2].hex(),
            allowed="plain text or gzip",
            where=name,
            hint="unpack it first: gzip -d FILE.Z",
        )
    if not content.startswith(_GZIP):
        return content
    parts: list[bytes] = []
    room = limit
    rest = content
    while rest.startswith(_GZIP):
        part, rest = _member(rest, room, name, limit)
        parts.append(part)
        room -= len(part)
    if rest.strip(b"\0"):
        raise FormatError(
            "the gzip file goes on after its end",
            value=f"{len(rest)} bytes",
            allowed="a whole gzip file",
            where=name,
            hint="fetch it again",
        )
    return b"".join(parts)


def _member(content: bytes, room: int, name: str, limit: int) -> tuple[bytes, bytes]:
    machine = zlib.decompressobj(_GZIP_WINDOW)
    try:
        part = machine.decompress(content, room + 1)
    except zlib.error as error:
        raise FormatError(
            "damaged gzip file", value=error, allowed="a whole gzip file", where=name, hint="fetch it again"
        ) from error
    if len(part) > room:
        raise FormatError(
            "the file is too large when unpacked",
            value=f"more than {limit} bytes",
            allowed=f"{limit} bytes",
            where=name,
        )
    if not machine.eof:
        raise FormatError(
            "the gzip file is cut short",
            value=f"{len(content)} bytes",
            allowed="a whole gzip file",
            where=name,
            hint="fetch it again",
        )
    return part, machine.unused_data
