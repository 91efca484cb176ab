"""OEM to tabulated trajectories of the core and back: spans, interpolation, covariance history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.propagation.tabulated import CovarianceHistory, SegmentedTrajectory, TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.bulk import Lines
from syzygy.formats.ccsds.bulk_numbers import NumberForm
from syzygy.formats.ccsds.bulk_writing import LineSegment, covariance_lines, write_lines
from syzygy.formats.ccsds.clocks import ClockOrigin, MessageClock
from syzygy.formats.ccsds.composing import MessageHeader, compose_segments, parent
from syzygy.formats.ccsds.core_frames import core_centre, core_frame, frame_name
from syzygy.formats.ccsds.covariances import lower_triangle, symmetric
from syzygy.formats.ccsds.model import Block, Entry, ListedRecords, Message, Record
from syzygy.formats.ccsds.si_lines import data_comments, kilometre_lines
from syzygy.formats.ccsds.si_values import ALL_DIGITS, message_number, si_value
from syzygy.formats.ccsds.tables import message_table
from syzygy.formats.ccsds.typed import Section, Value, Writer, section_of

if TYPE_CHECKING:
    from syzygy.astro.time import EarthOrientation, LeapSeconds

_M_PER_KM = 1000.0
_M2_PER_KM2 = 1.0e6
_OWN = (
    "OBJECT_NAME", "OBJECT_ID", "CENTER_NAME", "REF_FRAME", "TIME_SYSTEM", "START_TIME", "STOP_TIME",
    "USEABLE_START_TIME", "USEABLE_STOP_TIME", "INTERPOLATION", "INTERPOLATION_DEGREE",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class EphemerisSegment:
    """One segment of an OEM.

    Attributes
    ----------
    object_name, object_id : str
    trajectory : TabulatedTrajectory
        States, useable span (as far as states reach), interpolation, accelerations, covariances.
    span_tai_ns : tuple of int
        START_TIME and STOP_TIME.
    useable_tai_ns : tuple of int or None, 2
        USEABLE_START_TIME and USEABLE_STOP_TIME, None where the message does not give them.
    frame_name : str
        REF_FRAME as written (``ITRF2014``), or empty.
    centre_name : str
        CENTER_NAME as written, or empty.
    time_system : str
    other : Section
        REF_FRAME_EPOCH where given, and the comments of the metadata.
    comments : tuple of str
        Comments of the data.
    """

    object_name: str
    object_id: str
    trajectory: TabulatedTrajectory
    span_tai_ns: tuple[int, int]
    useable_tai_ns: tuple[int | None, int | None] = (None, None)
    frame_name: str = ""
    centre_name: str = ""
    time_system: str = "UTC"
    other: Section = field(default_factory=Section)
    comments: tuple[str, ...] = ()

    @property
    def states(self) -> States:
        """The tabulated states."""
        return self.trajectory.states

    @property
    def covariances(self) -> CovarianceHistory | None:
        """The covariances, if any."""
        return self.trajectory.covariances

    def states_at(self, tai_ns: ArrayLike, *, interpolation: str = "", degree: int = 0) -> States:
        """Return states at instants of the useable span (`TabulatedTrajectory.states_at`)."""
        return self.trajectory.states_at(tai_ns, interpolation=interpolation, degree=degree)


def make_segment(
    object_name: str, object_id: str, trajectory: TabulatedTrajectory, *, time_system: str = "UTC"
) -> EphemerisSegment:
    """Return a segment whose total and useable spans are those of the trajectory."""
    nodes = trajectory.states.tai_ns
    first, last = int(nodes[0]), int(nodes[-1])
    useable = trajectory.useable_tai_ns
    return EphemerisSegment(
        object_name, object_id, trajectory, (first, last),
        (None, None) if useable == (first, last) else useable, time_system=time_system,
    )  # fmt: skip


def whole_trajectory(segments: Sequence[EphemerisSegment]) -> SegmentedTrajectory:
    """Return the segments as one trajectory; raises as `SegmentedTrajectory`."""
    return SegmentedTrajectory(tuple(segment.trajectory for segment in segments))


def read_ephemeris(
    message: Message,
    leap_seconds: LeapSeconds,
    *,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> tuple[EphemerisSegment, ...]:
    """Turn an OEM into segments of the core.

    Parameters
    ----------
    message : Message
    leap_seconds : LeapSeconds
    earth_orientation, origin
        For TIME_SYSTEM UT1, and for MET, MRT, SCLK, GMST (`MessageClock`).

    Raises
    ------
    FormatError
        No OEM, or two states of one segment at one instant.
    FrameError, TimeScaleError
        A frame, centre or time system that the core does not have; the message names it.

    **Accuracy**: every value in SI is the double nearest to its text (``test_ccsds_core.py``).
    """
    if message.kind != "OEM":
        raise FormatError("an ephemeris is an OEM", value=message.kind, allowed="OEM", where=message.name)
    segments = []
    for index, segment in enumerate(message.segments):
        metadata = segment.block("metadata") or Block("metadata")
        where = f"{message.name} segment {index + 1}".strip()
        clock = MessageClock(
            metadata.text("TIME_SYSTEM"), leap_seconds, earth_orientation, origin, where=where
        )
        segments.append(_segment(segment, metadata, clock))
    return tuple(segments)


def _segment(segment: Block, metadata: Block, clock: MessageClock) -> EphemerisSegment:
    section = section_of(metadata, clock)
    name = section.text("REF_FRAME")
    frame, centre = core_frame(name, clock.where), core_centre(section.text("CENTER_NAME"), clock.where)
    data = segment.block("data") or Block("data")
    tai_ns, values = kilometre_lines(data, clock)
    _require_ascending(tai_ns, clock.where)
    states = States(values[:, :3], values[:, 3:6], tai_ns, frame, centre)
    span = section.instant("START_TIME"), section.instant("STOP_TIME")
    given = section.values.get("USEABLE_START_TIME"), section.values.get("USEABLE_STOP_TIME")
    useable = tuple(bound if isinstance(bound, int) else None for bound in given)
    first = max(span[0] if useable[0] is None else useable[0], int(tai_ns[0]))
    last = min(span[1] if useable[1] is None else useable[1], int(tai_ns[-1]))
    degree = section.values.get("INTERPOLATION_DEGREE", 0)
    trajectory = TabulatedTrajectory(
        states, (first, last), section.text("INTERPOLATION").upper(),
        degree if isinstance(degree, int) else 0,
        values[:, 6:9] if values.shape[1] == 9 else None, _covariances(data, name, clock),
    )  # fmt: skip
    other = {key: value for key, value in section.values.items() if key not in _OWN}
    return EphemerisSegment(
        section.text("OBJECT_NAME"), section.text("OBJECT_ID"), trajectory, span,
        (useable[0], useable[1]), name, section.text("CENTER_NAME"), clock.time_system,
        Section(other, section.comments), data_comments(data),
    )  # fmt: skip


def _require_ascending(tai_ns: NDArray[np.int64], where: str) -> None:
    if bool((np.diff(tai_ns) <= 0).any()):
        at = int(np.argmax(np.diff(tai_ns) <= 0)) + 2
        raise FormatError(
            "the states of a segment do not ascend in time", value=f"state {at}",
            allowed="each later than the one before", where=where,
        )  # fmt: skip


def _covariances(data: Block, frame: str, clock: MessageClock) -> CovarianceHistory | None:
    blocks = data.blocks("covarianceMatrix")
    if not blocks:
        return None
    numbers = [
        [si_value(text, "km**2") for record in block.records() for text in record.values] for block in blocks
    ]
    epochs = clock.times([block.text("EPOCH") for block in blocks], clock.where)
    frames = tuple(block.text("COV_REF_FRAME") or frame for block in blocks)
    return CovarianceHistory(epochs, symmetric(np.array(numbers)), frames)


def write_ephemeris(
    segments: Sequence[EphemerisSegment],
    header: MessageHeader,
    leap_seconds: LeapSeconds,
    *,
    version: str = "3.0",
    form: str = "kvn",
    every_digit: bool = False,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> bytes:
    """Write an OEM that passes the strict check.

    Raises
    ------
    FrameError
        A frame that no message can name.
    MessageError
        Useable spans that overlap, states outside their span ...

    Notes
    -----
    Number by number and checked whole: some seconds for 200,000 states. `write_ephemeris_file` is the fast
    road for large tables.
    """
    system = segments[0].time_system if segments else "UTC"
    clock = MessageClock(system, leap_seconds, earth_orientation, origin)
    return compose_segments(
        "OEM", version, header, clock, segments, _segment_block, form=form, every_digit=every_digit
    )


def _metadata(item: EphemerisSegment) -> Section:
    trajectory = item.trajectory
    values: dict[str, Value] = {
        "OBJECT_NAME": item.object_name,
        "OBJECT_ID": item.object_id,
        "CENTER_NAME": item.centre_name or item.states.centre.name.upper(),
        "REF_FRAME": frame_name(item.states.frame, item.frame_name),
        "TIME_SYSTEM": item.time_system,
        "START_TIME": item.span_tai_ns[0],
        "STOP_TIME": item.span_tai_ns[1],
        **item.other.values,
    }
    useable = zip(("USEABLE_START_TIME", "USEABLE_STOP_TIME"), item.useable_tai_ns, strict=True)
    values.update({keyword: bound for keyword, bound in useable if bound is not None})
    if trajectory.interpolation:
        values["INTERPOLATION"] = trajectory.interpolation
        values["INTERPOLATION_DEGREE"] = trajectory.degree
    return Section(values, item.other.comments)


def _segment_block(writer: Writer, item: EphemerisSegment) -> Block:
    data = writer.block("data", Section({}, item.comments), records=_records(writer, item.trajectory))
    covariances = item.trajectory.covariances
    if covariances is not None:
        data.items.extend(_covariance_blocks(writer, covariances, _metadata(item).text("REF_FRAME")))
    return parent("segment", writer.block("metadata", _metadata(item)), data)


def _records(writer: Writer, trajectory: TabulatedTrajectory) -> list[Record]:
    states = trajectory.states
    columns = [states.position_m, states.velocity_m_s]
    if trajectory.acceleration_m_s2 is not None:
        columns.append(trajectory.acceleration_m_s2)
    rows = np.concatenate(columns, axis=1).tolist()
    epochs = writer.clock.texts(states.tai_ns)
    digits = writer.digits
    return [
        Record(epoch, tuple(kilometre_text(value, digits) for value in row), 0)
        for epoch, row in zip(epochs, rows, strict=True)
    ]


def kilometre_text(value_m: float, digits: int = ALL_DIGITS) -> str:
    """Return metres as a text in kilometres; as `message_number`, with a short cut for everyday numbers."""
    text = repr(value_m)
    whole, point, fraction = text.partition(".")
    if point and len(text) <= digits and len(whole.lstrip("-")) >= 4 and fraction.isdigit():
        tail = "" if fraction == "0" else fraction
        return f"{whole[:-3]}.{whole[-3:]}{tail}"
    return message_number(value_m, "km", digits=digits)


def _covariance_blocks(writer: Writer, history: CovarianceHistory, frame: str) -> list[Block]:
    blocks = []
    triangles = lower_triangle(history.matrix).tolist()
    for index, triangle in enumerate(triangles):
        values: dict[str, Value] = {"EPOCH": int(history.tai_ns[index])}
        if history.frame[index] != frame:
            values["COV_REF_FRAME"] = history.frame[index]
        texts = [writer.number(value, "km**2") for value in triangle]
        rows = [
            Record("", tuple(texts[size * (size - 1) // 2 : size * (size + 1) // 2]), 0)
            for size in range(1, 7)
        ]
        block = writer.block("covarianceMatrix", Section(values))
        block.items.append(ListedRecords(tuple(rows), 0))
        blocks.append(block)
    return blocks


def write_ephemeris_file(
    path: Path,
    segments: Sequence[EphemerisSegment],
    header: MessageHeader,
    leap_seconds: LeapSeconds,
    *,
    version: str = "3.0",
    numbers: NumberForm | Sequence[NumberForm] = "book",
) -> Message:
    """Write a large OEM in KVN by the bulk road (50 MB/s and more).

    Parameters
    ----------
    numbers : str, int or a sequence
        As in `bulk_writing.format_lines`; decimals count in km and km/s.

    Raises
    ------
    MessageError
        Header, metadata or spans are wrong; nothing has been written.

    **Accuracy**: metres divided by 1000 in a double: what is read back differs by at most one unit of the
    last place (``test_ccsds_core.py``); `write_ephemeris` keeps every bit.
    """
    pieces = []
    for item in segments:
        pieces.append(_line_segment(item, leap_seconds, version))
    table_clock = MessageClock("UTC", leap_seconds)
    pairs = [("COMMENT", text) for text in header.comments]
    if header.classification:
        pairs.append(("CLASSIFICATION", header.classification))
    pairs += [("CREATION_DATE", table_clock.text(header.creation_tai_ns)), ("ORIGINATOR", header.originator)]
    if header.message_id:
        pairs.append(("MESSAGE_ID", header.message_id))
    return write_lines(path, "OEM", version, pairs, pieces, numbers=numbers)


def _line_segment(item: EphemerisSegment, leap_seconds: LeapSeconds, version: str) -> LineSegment:
    clock = MessageClock(item.time_system, leap_seconds)
    states = item.states
    columns = [states.position_m, states.velocity_m_s]
    if item.trajectory.acceleration_m_s2 is not None:
        columns.append(item.trajectory.acceleration_m_s2)
    block = Writer(message_table("OEM", version), clock).block("metadata", _metadata(item))
    pairs = [("COMMENT", text) for text in item.other.comments]
    pairs += [(entry.keyword, entry.text) for entry in block.items if isinstance(entry, Entry)]
    lines = Lines(clock.epochs(states.tai_ns), np.concatenate(columns, axis=1) / _M_PER_KM)
    return LineSegment(pairs, (lines,), item.comments, _tail(item, clock))


def _tail(item: EphemerisSegment, clock: MessageClock) -> bytes:
    history = item.covariances
    if history is None:
        return b""
    frame = _metadata(item).text("REF_FRAME")
    frames = ["" if name == frame else name for name in history.frame]
    triangles = lower_triangle(history.matrix) / _M2_PER_KM2
    return covariance_lines(clock.epochs(history.tai_ns), triangles, frames, numbers="book")
