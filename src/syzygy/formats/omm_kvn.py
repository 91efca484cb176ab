"""OMM as KVN (keyword = value notation, CCSDS 502.0-B-3), one or several messages in a file.

The bulk road of catalogues: keywords and units are those of the table of `syzygy.formats.ccsds`, the rules
of a message are not checked one by one.
"""

from __future__ import annotations

import re
from functools import cache

from syzygy.astro.mean_elements import MeanElements
from syzygy.formats.omm_fields import OmmRecord, Value
from syzygy.formats.omm_values import message_values, omm_table, require_printable, value_text
from syzygy.formats.rejected import RejectedRecord, refuse_rubbish, reject

_KEYWORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


@cache
def _units() -> dict[str, str]:
    """Return the unit of every keyword that has one, in small letters."""
    rows = omm_table().rows
    return {row.keyword: row.unit.lower() for row in rows if row.unit and row.block != "covarianceMatrix"}


def read_kvn_records(text: str, name: str) -> tuple[list[OmmRecord], list[RejectedRecord]]:
    """Read messages; each begins with CCSDS_OMM_VERS. A message with a broken line is rejected whole."""
    records: list[OmmRecord] = []
    rejected: list[RejectedRecord] = []
    start = 0
    fields: dict[str, Value] = {}
    fault: RejectedRecord | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or (stripped.startswith("COMMENT") and (stripped + " ")[7].isspace()):
            continue
        key, equals, value = stripped.partition("=")
        key = key.rstrip()
        if not equals or not _KEYWORD.fullmatch(key):
            key = ""
        if key.upper() == "CCSDS_OMM_VERS":
            _finish(start, fields, fault, records, rejected)
            refuse_rubbish(len(rejected), len(records), name)
            start, fields, fault = number, {}, None
        fault = fault or _add(fields, key.upper(), value.lstrip(), number, stripped)
    _finish(start, fields, fault, records, rejected)
    return records, rejected


def _finish(
    start: int,
    fields: dict[str, Value],
    fault: RejectedRecord | None,
    records: list[OmmRecord],
    rejected: list[RejectedRecord],
) -> None:
    if fault is not None:
        rejected.append(fault)
    elif fields:
        records.append(OmmRecord(start, fields))


def _add(fields: dict[str, Value], key: str, value: str, number: int, line: str) -> RejectedRecord | None:
    if not key:
        return reject(number, 0, "the line is no keyword = value", line)
    if key in fields:
        return reject(number, 0, f"{key} stands twice in one message", line)
    number_text, bracket, unit = value.rpartition("[")
    if bracket and key in _units() and unit.find("]") == len(unit) - 1:
        value, due = number_text.rstrip(), _units()[key]
        if unit[:-1].strip().lower() != due:
            return reject(number, 0, f"{key} is in {unit[:-1][:20]!r}, not {due}", line)
    fields[key] = value
    return None


def write_omm_kvn(elements: MeanElements, *, originator: str, creation_date: str) -> bytes:
    """Write one message per object.

    Parameters
    ----------
    elements : MeanElements
        n objects.
    originator : str
        ORIGINATOR of the header.
    creation_date : str
        CREATION_DATE of the header, UTC; given by the caller, so that the bytes do not depend on the clock.
    """
    blocks: list[str] = []
    for index in range(len(elements)):
        values = message_values(elements, index)
        lines = [
            "CCSDS_OMM_VERS = 3.0",
            f"CREATION_DATE = {require_printable(creation_date, 'creation_date')}",
            f"ORIGINATOR = {require_printable(originator, 'originator')}",
            f"OBJECT_NAME = {values.pop('OBJECT_NAME')}",
            f"OBJECT_ID = {values.pop('OBJECT_ID')}",
            "CENTER_NAME = EARTH",
            "REF_FRAME = TEME",
            "TIME_SYSTEM = UTC",
            "MEAN_ELEMENT_THEORY = SGP4",
        ]
        blocks.append(
            "\n".join(lines + [f"{key} = {value_text(value)}" for key, value in values.items()]) + "\n"
        )
    return "\n".join(blocks).encode()
