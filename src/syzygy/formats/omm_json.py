"""OMM as JSON: a list of objects, numbers as numbers or as text, unknown keys ignored."""

from __future__ import annotations

import json
from collections import Counter

from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import FormatError
from syzygy.formats.omm_fields import OmmRecord
from syzygy.formats.omm_values import message_values
from syzygy.formats.rejected import RejectedRecord, refuse_rubbish, reject

_FLAT = frozenset({str, int, float, bool, type(None)})
_MAX_INTEGER_DIGITS = 64


def read_json_records(text: str, name: str) -> tuple[list[OmmRecord], list[RejectedRecord]]:
    """Read a list of objects (or one object); the line of a record is its number in the list.

    Raises
    ------
    FormatError
        Not JSON, a duplicated key, NaN or infinity, nesting too deep, or no list of objects.
    """
    try:
        content = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        raise FormatError(
            "the JSON is broken",
            value=error.msg,
            allowed="a list of OMM objects",
            where=f"{name} line {error.lineno} column {error.colno}".strip(),
        ) from error
    except RecursionError as error:
        raise FormatError("the JSON is nested too deeply", allowed="a flat list", where=name) from error
    except FormatError as error:
        error.where = name
        raise
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        raise FormatError("the JSON is no list", value=type(content).__name__, allowed="a list", where=name)
    records: list[OmmRecord] = []
    rejected: list[RejectedRecord] = []
    for number, item in enumerate(content, start=1):
        if not isinstance(item, dict):
            rejected.append(reject(number, 0, "the record is no object", repr(item)[:200]))
            refuse_rubbish(len(rejected), len(records), name)
        elif item and not _FLAT.issuperset(map(type, item.values())):
            rejected.append(
                reject(number, 0, "a field of the record is a list or an object", str(item)[:200])
            )
            refuse_rubbish(len(rejected), len(records), name)
        else:
            records.append(OmmRecord(number, item))
    return records, rejected


def write_omm_json(elements: MeanElements) -> bytes:
    """Write a list of objects, one per line, numbers as numbers (the fields of CelesTrak's JSON)."""
    lines = [json.dumps(message_values(elements, i), ensure_ascii=False) for i in range(len(elements))]
    return ("[" + ",\n".join(lines) + "]\n").encode()


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise FormatError("a JSON key stands twice in one object", value=twice[:60], allowed="each key once")
    return found


def _refuse_constant(text: str) -> object:
    raise FormatError("the JSON holds a number that is none", value=text, allowed="finite numbers")


def _whole(text: str) -> int:
    if len(text) > _MAX_INTEGER_DIGITS:
        raise FormatError(
            "a JSON number is too long", value=text[:20], allowed=f"{_MAX_INTEGER_DIGITS} digits"
        )
    return int(text)
