"""JSON from outside: size and depth limits, no duplicate keys, no NaN or infinities."""

from __future__ import annotations

import json
from typing import NoReturn

from syzygy.base.errors import FormatError

MAX_JSON_BYTES = 16 << 20
MAX_DEPTH = 32


def read_json(content: bytes, *, where: str) -> object:
    """Parse JSON written by somebody else.

    Raises
    ------
    FormatError
        Too large, too deep, not UTF-8, not JSON, a key twice, or a number that JSON does not have.
    """
    if len(content) > MAX_JSON_BYTES:
        raise FormatError(
            "the JSON text is too large",
            value=f"{len(content)} bytes",
            allowed=f"{MAX_JSON_BYTES}",
            where=where,
        )
    if _depth(content) > MAX_DEPTH:
        raise FormatError("the JSON text is nested too deeply", allowed=f"{MAX_DEPTH} levels", where=where)

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise FormatError("a JSON key stands twice", value=[key for key, _ in pairs], where=where)
        return found

    def refuse(text: str) -> NoReturn:
        raise FormatError("not a JSON number", value=text, allowed="a finite number", where=where)

    try:
        value: object = json.loads(content.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    except FormatError:
        raise
    except (ValueError, RecursionError) as error:
        raise FormatError(f"not valid JSON ({error})", allowed="JSON in UTF-8", where=where) from error
    return value


def read_object(content: bytes, *, where: str) -> dict[str, object]:
    """Parse JSON that must be an object.

    Raises
    ------
    FormatError
        As `read_json`, or the value is not an object.
    """
    value = read_json(content, where=where)
    if not isinstance(value, dict):
        raise FormatError("a JSON object is due", value=type(value).__name__, allowed="{...}", where=where)
    return value


def _depth(content: bytes) -> int:
    depth = deepest = 0
    inside = escaped = False
    for byte in content:
        if inside:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                inside = False
        elif byte == 0x22:
            inside = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest
