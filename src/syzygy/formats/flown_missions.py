"""Flown missions as CSV: when they left and arrived, with which vehicle, how heavy; a status per figure.

Header ``mission,vehicle,site,departure_body,arrival_body,launch_utc,arrival_utc,date_status,date_source,``
``mass_kg,mass_status,mass_source,note``; lines that begin with ``#`` are comments.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from syzygy.astro.time import parse_utc
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.formats.launch_records import number_of, status_of
from syzygy.formats.rejected import RejectedRecord, reject

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_HEADER = (
    "mission", "vehicle", "site", "departure_body", "arrival_body", "launch_utc", "arrival_utc",
    "date_status", "date_source", "mass_kg", "mass_status", "mass_source", "note",
)  # fmt: skip


@dataclass(frozen=True)
class FlownMission:
    """One mission; `mass_kg` is that of the spacecraft at separation, the statuses those of the figures."""

    mission: str
    vehicle: str
    site: str
    departure_body: str
    arrival_body: str
    launch_tai_ns: int
    arrival_tai_ns: int
    date_status: str
    date_source: str
    mass_kg: float
    mass_status: str
    mass_source: str
    note: str


def read_flown_missions(
    content: bytes, leap_seconds: LeapSeconds, *, name: str = ""
) -> tuple[tuple[FlownMission, ...], tuple[RejectedRecord, ...]]:
    """Read a file of flown missions; rows that cannot be used are listed with line and reason.

    Raises
    ------
    FormatError
        Not text, another header, or no usable row at all.
    """
    try:
        lines = list(enumerate(content.decode("utf-8-sig").splitlines(), start=1))
    except UnicodeDecodeError as error:
        raise FormatError(
            "a file of missions is not text", value=f"byte {error.start}", allowed="UTF-8 text", where=name
        ) from error
    rows = [(number, line) for number, line in lines if line.strip() and not line.startswith("#")]
    if not rows or tuple(next(csv.reader([rows[0][1]]))) != _HEADER:
        raise FormatError(
            "the header of a file of missions is not known", value=rows[0][1][:80] if rows else "no rows",
            allowed=",".join(_HEADER), where=name,
        )  # fmt: skip
    found, rejected = [], []
    for number, line in rows[1:]:
        try:
            found.append(_mission(line, leap_seconds))
        except (ValueError, SyzygyError) as problem:
            rejected.append(reject(number, 0, str(problem), line))
    if not found:
        raise FormatError(
            "no row of a file of missions can be used",
            value=rejected[0].reason if rejected else "no rows", allowed="at least one complete row",
            where=name,
        )  # fmt: skip
    return tuple(found), tuple(rejected)


def _mission(line: str, leap_seconds: LeapSeconds) -> FlownMission:
    values = next(csv.reader([line]))
    if len(values) != len(_HEADER):
        raise ValueError(f"{len(values)} fields where the header has {len(_HEADER)}")
    fields = dict(zip(_HEADER, (value.strip() for value in values), strict=True))
    launch, arrival = (parse_utc(fields[key], leap_seconds) for key in ("launch_utc", "arrival_utc"))
    if arrival <= launch:
        raise ValueError(f"arrival {fields['arrival_utc']} is not after launch {fields['launch_utc']}")
    mass = number_of(fields, "mass_kg")
    if mass <= 0.0:
        raise ValueError(f"mass_kg {mass:g} is not positive")
    return FlownMission(
        fields["mission"], fields["vehicle"], fields["site"], fields["departure_body"],
        fields["arrival_body"], launch, arrival, status_of(fields["date_status"]), fields["date_source"],
        mass, status_of(fields["mass_status"]), fields["mass_source"], fields["note"],
    )  # fmt: skip
