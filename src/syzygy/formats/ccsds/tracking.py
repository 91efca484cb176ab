"""TDM to tracking observations of the core and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.tracking import TrackingPass
from syzygy.base.errors import FormatError, InputError
from syzygy.formats.ccsds.bulk import read_lines
from syzygy.formats.ccsds.clocks import ClockOrigin, MessageClock
from syzygy.formats.ccsds.composing import MessageHeader, compose_segments, parent
from syzygy.formats.ccsds.epochs import parse_epochs
from syzygy.formats.ccsds.model import Block, Message, Record
from syzygy.formats.ccsds.si_lines import data_comments
from syzygy.formats.ccsds.si_values import ALL_DIGITS, message_number, si_unit, si_value
from syzygy.formats.ccsds.tables import MessageTable
from syzygy.formats.ccsds.typed import Section, Value, Writer, section_of

if TYPE_CHECKING:
    from syzygy.astro.time import EarthOrientation, LeapSeconds

_CORRECTION_UNITS = {"ANGLE_1": "deg", "ANGLE_2": "deg", "DOPPLER": "km/s", "RCS": "m**2"}
_NUMBERED = ("PARTICIPANT_", "TRANSMIT_DELAY_", "RECEIVE_DELAY_")
_OWN = frozenset({
    "TIME_SYSTEM", "START_TIME", "STOP_TIME", "MODE", "PATH", "PATH_1", "PATH_2", "TIMETAG_REF",
    "INTEGRATION_INTERVAL", "INTEGRATION_REF", "FREQ_OFFSET", "RANGE_MODE", "RANGE_MODULUS", "RANGE_UNITS",
    "ANGLE_TYPE", "REFERENCE_FRAME", "CORRECTIONS_APPLIED",
})  # fmt: skip


@dataclass(frozen=True, eq=False)
class TrackingSegment:
    """One segment of a TDM.

    Attributes
    ----------
    observations : TrackingPass
        Data, participants, path, settings and corrections in SI.
    time_system : str
        Of the time tags; start and stop are UTC.
    start_tai_ns, stop_tai_ns : int or None
        START_TIME and STOP_TIME.
    range_units : str
        RANGE_UNITS as written, or empty (then ranges are in km).
    other : Section
        Keywords that change no number: TRACK_ID, DATA_TYPES, EPHEMERIS_NAME_n, bands, turnaround ratio,
        count scale and bias, quality ..., and the comments of the metadata.
    comments : tuple of str
        Comments at the start of the data.
    """

    observations: TrackingPass
    time_system: str = "UTC"
    start_tai_ns: int | None = None
    stop_tai_ns: int | None = None
    range_units: str = ""
    other: Section = field(default_factory=Section)
    comments: tuple[str, ...] = ()


def observation_unit(table: MessageTable, kind: str, range_units: str) -> str:
    """Return the message unit of a kind of observation.

    Raises
    ------
    FormatError
        The version has no such observation.
    """
    row = table.find("data", kind)
    if row is None or row.kind != "observation":
        raise FormatError(
            "no such kind of observation", value=kind, allowed=f"{table.kind} {table.version} table 3-5"
        )
    return (range_units or "km") if "|" in row.unit else row.unit


def read_tracking(
    message: Message,
    leap_seconds: LeapSeconds,
    *,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> tuple[TrackingSegment, ...]:
    """Turn a TDM into passes of observations, one for each segment.

    Raises
    ------
    FormatError
        No TDM.
    TimeScaleError
        A time system that cannot be turned into TAI.

    **Accuracy**: every value in SI is the double nearest to its text (``test_ccsds_tracking.py``).
    """
    if message.kind != "TDM" or message.table is None:
        raise FormatError("tracking data are a TDM", value=message.kind, allowed="TDM", where=message.name)
    segments = []
    for index, segment in enumerate(message.segments):
        metadata = segment.block("metadata") or Block("metadata")
        where = f"{message.name} segment {index + 1}".strip()
        clock = MessageClock(
            metadata.text("TIME_SYSTEM"), leap_seconds, earth_orientation, origin, where=where
        )
        segments.append(_segment(message, message.table, index, section_of(metadata, clock.utc()), clock))
    return tuple(segments)


def _segment(
    message: Message, table: MessageTable, index: int, section: Section, clock: MessageClock
) -> TrackingSegment:
    data = message.segments[index].block("data") or Block("data")
    range_units = section.text("RANGE_UNITS")
    tai_ns, kind, value = _observations(message, table, index, range_units, clock)
    names = dict.fromkeys(kind.tolist())
    units = {name: si_unit(observation_unit(table, name, range_units)) for name in names}
    applied = section.text("CORRECTIONS_APPLIED").upper()
    observations = TrackingPass(
        tai_ns, kind, value, units, _names(section),
        _path(section, "PATH"), _path(section, "PATH_1"), _path(section, "PATH_2"),
        section.text("MODE").upper(), section.text("TIMETAG_REF").upper(),
        _optional(section, "INTEGRATION_INTERVAL"), section.text("INTEGRATION_REF").upper(),
        _optional(section, "FREQ_OFFSET"), section.text("ANGLE_TYPE").upper(),
        section.text("REFERENCE_FRAME"), section.text("RANGE_MODE").upper(),
        _modulus(section, range_units), _delays(section, "TRANSMIT_DELAY_"),
        _delays(section, "RECEIVE_DELAY_"), _corrections(section, range_units),
        {"YES": True, "NO": False}.get(applied),
    )  # fmt: skip
    start, stop = section.values.get("START_TIME"), section.values.get("STOP_TIME")
    other = {key: item for key, item in section.values.items() if not _is_own(key)}
    return TrackingSegment(
        observations, clock.time_system, start if isinstance(start, int) else None,
        stop if isinstance(stop, int) else None, range_units, Section(other, section.comments),
        data_comments(data),
    )  # fmt: skip


def _is_own(keyword: str) -> bool:
    return keyword in _OWN or keyword.startswith((*_NUMBERED, "CORRECTION_"))


def _observations(
    message: Message, table: MessageTable, index: int, range_units: str, clock: MessageClock
) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.float64]]:
    lines = read_lines(message, index)
    keywords = lines.keywords
    if keywords is None:
        raise FormatError("the data lines are no observations", where=clock.where)
    units = {name: observation_unit(table, name, range_units) for name in dict.fromkeys(keywords.tolist())}
    if all(si_unit(unit) == unit for unit in units.values()):
        return clock.instants(lines.epochs), keywords, lines.values[:, 0].copy()
    data = message.segments[index].block("data") or Block("data")
    records = list(data.records())
    values = np.array([si_value(item.values[0], units[item.keyword], clock.where) for item in records])
    epochs = parse_epochs([item.epoch for item in records], clock.time_system, clock.where)
    return clock.instants(epochs), keywords, values


def _names(section: Section) -> dict[int, str]:
    keys = [key for key in section.values if key.startswith("PARTICIPANT_")]
    return {int(key.removeprefix("PARTICIPANT_")): section.text(key) for key in keys}


def _delays(section: Section, prefix: str) -> dict[int, float]:
    keys = [key for key in section.values if key.startswith(prefix)]
    return {int(key.removeprefix(prefix)): section.number(key) for key in keys}


def _path(section: Section, keyword: str) -> tuple[int, ...]:
    text = section.text(keyword)
    return tuple(int(part) for part in text.split(",")) if text else ()


def _optional(section: Section, keyword: str) -> float | None:
    return section.number(keyword) if keyword in section.values else None


def _modulus(section: Section, range_units: str) -> float | None:
    plain = _optional(section, "RANGE_MODULUS")
    return None if plain is None else si_value(repr(plain), range_units or "km")


def _corrections(section: Section, range_units: str) -> dict[str, float]:
    return {
        key.removeprefix("CORRECTION_"): si_value(
            repr(value), _correction_unit(key.removeprefix("CORRECTION_"), range_units)
        )
        for key, value in section.values.items()
        if key.startswith("CORRECTION_") and isinstance(value, float)
    }


def _correction_unit(kind: str, range_units: str) -> str:
    return (range_units or "km") if kind == "RANGE" else _CORRECTION_UNITS.get(kind, "")


def write_tracking(
    segments: Sequence[TrackingSegment],
    header: MessageHeader,
    leap_seconds: LeapSeconds,
    *,
    version: str = "2.0",
    form: str = "kvn",
    every_digit: bool = False,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> bytes:
    """Write a TDM that passes the strict check.

    Raises
    ------
    FormatError
        A kind of observation that the version does not have.
    InputError
        A unit of ranges that is not that of the segment.
    MessageError
        Time tags of a kind that do not ascend, data outside start and stop ...
    """
    system = segments[0].time_system if segments else "UTC"
    clock = MessageClock(system, leap_seconds, earth_orientation, origin)
    return compose_segments(
        "TDM", version, header, clock, segments, _segment_block, form=form, every_digit=every_digit
    )


def _segment_block(writer: Writer, item: TrackingSegment) -> Block:
    found = item.observations
    units = {name: observation_unit(writer.table, name, item.range_units) for name in found.kinds()}
    for name, unit in units.items():
        if si_unit(unit) != found.units[name]:
            raise InputError(
                "the unit of the observations is not that of the segment",
                value=f"{name} in {found.units[name]}", allowed=si_unit(unit), where="RANGE_UNITS",
            )  # fmt: skip
    epochs = writer.clock.texts(found.tai_ns)
    rows = zip(epochs, found.kind.tolist(), found.value.tolist(), strict=True)
    records = [Record(epoch, (writer.number(value, units[kind]),), 0, kind) for epoch, kind, value in rows]
    metadata = replace(writer, clock=writer.clock.utc()).block("metadata", _metadata(writer, item))
    return parent("segment", metadata, writer.block("data", Section({}, item.comments), records=records))


def _metadata(writer: Writer, item: TrackingSegment) -> Section:
    found = item.observations
    values: dict[str, Value] = {"TIME_SYSTEM": item.time_system}
    span = {"START_TIME": item.start_tai_ns, "STOP_TIME": item.stop_tai_ns}
    values.update({keyword: bound for keyword, bound in span.items() if bound is not None})
    values.update({f"PARTICIPANT_{number}": name for number, name in found.participants.items()})
    values.update({f"TRANSMIT_DELAY_{number}": delay for number, delay in found.transmit_delay_s.items()})
    values.update({f"RECEIVE_DELAY_{number}": delay for number, delay in found.receive_delay_s.items()})
    for keyword, path in (("PATH", found.path), ("PATH_1", found.path_1), ("PATH_2", found.path_2)):
        if path:
            values[keyword] = ",".join(map(str, path))
    texts = {
        "MODE": found.mode, "TIMETAG_REF": found.timetag, "INTEGRATION_REF": found.integration_reference,
        "ANGLE_TYPE": found.angle_type, "REFERENCE_FRAME": found.reference_frame,
        "RANGE_MODE": found.range_mode, "RANGE_UNITS": item.range_units,
    }  # fmt: skip
    values.update({keyword: text for keyword, text in texts.items() if text})
    numbers = {"INTEGRATION_INTERVAL": found.integration_interval_s, "FREQ_OFFSET": found.frequency_offset_hz}
    values.update({keyword: number for keyword, number in numbers.items() if number is not None})
    if found.range_modulus is not None:
        values["RANGE_MODULUS"] = _back(found.range_modulus, item.range_units or "km")
    for kind, correction in found.corrections.items():
        values[f"CORRECTION_{kind}"] = _back(correction, _correction_unit(kind, item.range_units))
    if found.corrections_applied is not None:
        values["CORRECTIONS_APPLIED"] = "YES" if found.corrections_applied else "NO"
    values.update(item.other.values)
    return Section(values, item.other.comments)


def _back(value: float, unit: str) -> float:
    """Return an SI value in the unit of the message, for keywords whose table has no unit."""
    return float(message_number(value, unit, digits=ALL_DIGITS))
