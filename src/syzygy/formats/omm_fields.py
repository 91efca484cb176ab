"""The fields of an OMM, the same in every dialect: checked text or numbers to mean elements."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import (
    MAX_OBJECT_ID,
    REVOLUTIONS_PER_DAY_RAD_S,
    MeanElements,
    find_implausible,
)
from syzygy.formats.element_epochs import julian_date_from_utc_day, parse_iso_epoch, tai_from_utc_day
from syzygy.formats.rejected import RejectedRecord, refuse_rubbish, reject

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

Value = str | int | float | None


class OmmRecord(NamedTuple):
    """One message: where it begins and its fields by keyword."""

    line: int
    fields: Mapping[str, Value]


THEORIES = frozenset({"SGP4", "SGP/SGP4"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,32}(?:\.[0-9]{0,64})?|\.[0-9]{1,64})(?:[eE][+-]?[0-9]{1,3})?")
_COUNT = re.compile(r"[0-9]{1,12}")
_EXPECTED = (
    ("REF_FRAME", frozenset({"TEME", "TEME OF DATE", "TEMEOFDATE"}), "TEME"),
    ("TIME_SYSTEM", frozenset({"UTC"}), "UTC"),
    ("MEAN_ELEMENT_THEORY", THEORIES, "SGP4"),
    ("CENTER_NAME", frozenset({"EARTH"}), "EARTH"),
)
_EPHEMERIS_TYPES = frozenset({0, 2, 3})
_NUMBERS = (
    "MEAN_MOTION",
    "ECCENTRICITY",
    "INCLINATION",
    "RA_OF_ASC_NODE",
    "ARG_OF_PERICENTER",
    "MEAN_ANOMALY",
    "BSTAR",
    "MEAN_MOTION_DOT",
    "MEAN_MOTION_DDOT",
)
_OPTIONAL_NUMBERS = frozenset({"MEAN_MOTION_DOT", "MEAN_MOTION_DDOT"})


class _Refusal(Exception):
    """A field that cannot be used; becomes a RejectedRecord."""


@dataclass(frozen=True)
class _Row:
    line: int
    object_id: int
    name: str
    designator: str
    utc_day: int
    day_ns: int
    numbers: tuple[float, ...]
    classification: str
    element_set: int
    revolution: int


def elements_from_records(
    records: Iterable[OmmRecord], leap_seconds: LeapSeconds
) -> tuple[MeanElements, list[RejectedRecord]]:
    """Turn records into mean elements; what cannot be used is listed."""
    rows: list[_Row] = []
    rejected: list[RejectedRecord] = []
    for record in records:
        try:
            rows.append(_row(record))
        except _Refusal as refusal:
            rejected.append(reject(record.line, 0, str(refusal), _label(record.fields)))
            refuse_rubbish(len(rejected), len(rows), "")
    elements, problem = _elements(rows, leap_seconds)
    reasons = {
        item.index: f"{item.error.what} (got {item.error.value})" for item in find_implausible(elements)
    }
    for index in np.flatnonzero(problem != "").tolist():
        reasons[index] = problem[index]
    for index, reason in reasons.items():
        row = rows[index]
        rejected.append(reject(row.line, 0, reason, f"{row.object_id} {row.name}"))
    if reasons:
        usable = np.ones(len(rows), dtype=bool)
        usable[list(reasons)] = False
        elements = elements.select(usable)
    return elements, rejected


def _row(record: OmmRecord) -> _Row:
    fields = record.fields
    for key, allowed, due in _EXPECTED:
        given = _text(fields, key)
        if given and given.upper() not in allowed:
            raise _Refusal(f"{key} is {given[:24]!r}, not {due}")
    if (kind := _count(fields, "EPHEMERIS_TYPE")) not in _EPHEMERIS_TYPES:
        raise _Refusal(f"EPHEMERIS_TYPE {kind} is not that of SGP4 (0, 2 or 3)")
    if "MEAN_MOTION" not in fields and "SEMI_MAJOR_AXIS" in fields:
        raise _Refusal("SEMI_MAJOR_AXIS is given where SGP4 needs MEAN_MOTION")
    epoch_text = _text(fields, "EPOCH")
    epoch = parse_iso_epoch(epoch_text)
    if epoch is None:
        raise _Refusal(
            f"EPOCH is {epoch_text[:40]!r}, not a UTC date and time" if epoch_text else "EPOCH is missing"
        )
    return _Row(
        line=record.line,
        object_id=_object_id(fields),
        name=_text(fields, "OBJECT_NAME"),
        designator=_text(fields, "OBJECT_ID"),
        utc_day=epoch[0],
        day_ns=epoch[1],
        numbers=tuple(_number(fields, key) for key in _NUMBERS),
        classification=_text(fields, "CLASSIFICATION_TYPE") or "U",
        element_set=_count(fields, "ELEMENT_SET_NO"),
        revolution=_count(fields, "REV_AT_EPOCH"),
    )


def _object_id(fields: Mapping[str, Value]) -> int:
    if _missing(fields.get("NORAD_CAT_ID")):
        raise _Refusal("NORAD_CAT_ID is missing")
    number = _count(fields, "NORAD_CAT_ID")
    if number > MAX_OBJECT_ID:
        raise _Refusal(f"NORAD_CAT_ID {number} has more than nine digits")
    return number


def _missing(value: Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(fields: Mapping[str, Value], key: str) -> str:
    value = fields.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Refusal(f"{key} is {value!r}, not a text")
    return value.strip()


def _number(fields: Mapping[str, Value], key: str) -> float:
    value = fields.get(key)
    if isinstance(value, str):
        text = value.strip()
        if _NUMBER.fullmatch(text) is not None:
            value = float(text)
        elif text:
            raise _Refusal(f"{key} is {text[:24]!r}, not a number")
        else:
            value = None
    if value is None:
        if key in _OPTIONAL_NUMBERS:
            return 0.0
        raise _Refusal(f"{key} is missing")
    if isinstance(value, bool):
        raise _Refusal(f"{key} is {value!r}, not a number")
    number = float(value)
    if not math.isfinite(number):
        raise _Refusal(f"{key} is not finite")
    return number


def _count(fields: Mapping[str, Value], key: str) -> int:
    value = fields.get(key)
    if value is None:
        return 0
    if isinstance(value, str):
        text = value.strip()
        if _COUNT.fullmatch(text) is not None:
            return int(text)
        if text:
            raise _Refusal(f"{key} is {text[:24]!r}, not a whole number")
        return 0
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise _Refusal(f"{key} is {value!r}, not a whole number")
    if not 0 <= value < 10**12:
        raise _Refusal(f"{key} is {value!r}, out of range")
    return int(value)


def _label(fields: Mapping[str, Value]) -> str:
    return f"{fields.get('NORAD_CAT_ID', '')} {fields.get('OBJECT_NAME', '')}".strip()


def _elements(rows: list[_Row], leap_seconds: LeapSeconds) -> tuple[MeanElements, NDArray[np.object_]]:
    utc_day = np.array([row.utc_day for row in rows], dtype=np.int64)
    day_ns = np.array([row.day_ns for row in rows], dtype=np.int64)
    epoch_tai_ns, problem = tai_from_utc_day(utc_day, day_ns, leap_seconds)
    jd, fraction = julian_date_from_utc_day(utc_day, day_ns)
    numbers = np.array([row.numbers for row in rows], dtype=np.float64).reshape(len(rows), len(_NUMBERS))
    motion, e, inclination, node, perigee, anomaly, bstar, dot, ddot = numbers.T.copy()
    degree = math.pi / 180.0
    return MeanElements(
        object_id=np.array([row.object_id for row in rows], dtype=np.int64),
        name=_objects([row.name for row in rows]),
        international_designator=_objects([row.designator for row in rows]),
        epoch_tai_ns=epoch_tai_ns,
        epoch_jd=jd,
        epoch_jd_fraction=fraction,
        mean_motion_rad_s=motion * REVOLUTIONS_PER_DAY_RAD_S,
        eccentricity=e,
        inclination_rad=inclination * degree,
        raan_rad=node * degree,
        argument_of_perigee_rad=perigee * degree,
        mean_anomaly_rad=anomaly * degree,
        bstar_per_earth_radius=bstar,
        mean_motion_dot_rad_s2=dot * 2.0 * (REVOLUTIONS_PER_DAY_RAD_S / 86400.0),
        mean_motion_ddot_rad_s3=ddot * 6.0 * (REVOLUTIONS_PER_DAY_RAD_S / 86400.0 / 86400.0),
        classification=_objects([row.classification for row in rows]),
        element_set=np.array([row.element_set for row in rows], dtype=np.int64),
        revolution=np.array([row.revolution for row in rows], dtype=np.int64),
        source_line=np.array([row.line for row in rows], dtype=np.int64),
    ), problem


def _objects(values: list[str]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array
