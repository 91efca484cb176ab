"""OMM as KVN (keyword = value notation, CCSDS 502.0-B-3), one or several messages in a file."""

from __future__ import annotations

import re

from syzygy.astro.mean_elements import MeanElements
from syzygy.formats.omm_fields import OmmRecord, Value
from syzygy.formats.omm_values import message_values, require_printable
from syzygy.formats.rejected import RejectedRecord, reject

_LINE = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*")
_UNIT = re.compile(r"(.*?)\s*\[([^\[\]]*)\]")
_UNITS = {
    "MEAN_MOTION": "rev/day",
    "INCLINATION": "deg",
    "RA_OF_ASC_NODE": "deg",
    "ARG_OF_PERICENTER": "deg",
    "MEAN_ANOMALY": "deg",
    "BSTAR": "1/er",
    "MEAN_MOTION_DOT": "rev/day**2",
    "MEAN_MOTION_DDOT": "rev/day**3",
}


def read_kvn_records(text: str, name: str) -> tuple[list[OmmRecord], list[RejectedRecord]]:
    """Read messages; each begins with CCSDS_OMM_VERS. A message with a broken line is rejected whole."""
    records: list[OmmRecord] = []
    rejected: list[RejectedRecord] = []
    start = 0
    fields: dict[str, Value] = {}
    fault: RejectedRecord | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or re.match(r"COMMENT(\s|$)", stripped):
            continue
        match = _LINE.fullmatch(line)
        if match is not None and match.group(1).upper() == "CCSDS_OMM_VERS":
            _finish(start, fields, fault, records, rejected)
            start, fields, fault = number, {}, None
        fault = fault or _add(fields, match, number, stripped)
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


def _add(
    fields: dict[str, Value], match: re.Match[str] | None, number: int, line: str
) -> RejectedRecord | None:
    if match is None:
        return reject(number, 0, "the line is no keyword = value", line)
    key, value = match.group(1).upper(), match.group(2)
    if key in fields:
        return reject(number, 0, f"{key} stands twice in one message", line)
    unit = _UNIT.fullmatch(value)
    if unit is not None and key in _UNITS:
        value = unit.group(1)
        if unit.group(2).strip().lower() != _UNITS[key]:
            return reject(number, 0, f"{key} is in {unit.group(2)[:20]!r}, not {_UNITS[key]}", line)
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
        blocks.append("\n".join(lines + [f"{key} = {value}" for key, value in values.items()]) + "\n")
    return "\n".join(blocks).encode()
