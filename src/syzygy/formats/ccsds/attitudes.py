"""AEM, APM and ACM to attitudes of the core, and AEM back; APM and ACM go back by `write_typed`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.attitude import AttitudeHistory, quaternions_from_matrices
from syzygy.base.errors import FormatError, InputError
from syzygy.formats.ccsds.bulk import Lines, read_lines
from syzygy.formats.ccsds.clocks import ClockOrigin, MessageClock
from syzygy.formats.ccsds.composing import MessageHeader, compose_segments, parent
from syzygy.formats.ccsds.model import Block, Message, Record
from syzygy.formats.ccsds.si_lines import data_comments, record_items, unit_lines
from syzygy.formats.ccsds.tables import MessageTable
from syzygy.formats.ccsds.typed import Section, Value, Writer, section_of
from syzygy.formats.ccsds.typed_tree import TypedBlock, TypedMessage

if TYPE_CHECKING:
    from syzygy.astro.time import EarthOrientation, LeapSeconds

_LETTERS = str.maketrans("123", "XYZ")
_DIGITS = str.maketrans("XYZ", "123")
_OWN = (
    "OBJECT_NAME", "OBJECT_ID", "CENTER_NAME", "REF_FRAME_A", "REF_FRAME_B", "ATTITUDE_DIR", "TIME_SYSTEM",
    "START_TIME", "STOP_TIME", "USEABLE_START_TIME", "USEABLE_STOP_TIME", "ATTITUDE_TYPE", "QUATERNION_TYPE",
    "EULER_ROT_SEQ", "ANGVEL_FRAME", "RATE_FRAME", "INTERPOLATION_METHOD", "INTERPOLATION_DEGREE",
)  # fmt: skip
_QUATERNION = ("Q1", "Q2", "Q3", "QC")
_SPIN_NUTATION = ("NUTATION", "NUTATION_PER", "NUTATION_PHASE")
_SPIN_MOMENTUM = ("MOMENTUM_ALPHA", "MOMENTUM_DELTA", "NUTATION_VEL")


@dataclass(frozen=True, eq=False)
class AttitudeSegment:
    """One segment of an AEM.

    Attributes
    ----------
    object_name, object_id : str
    history : AttitudeHistory
        The data in SI, with frames, direction, sequence, useable span (as far as data reach), interpolation.
    span_tai_ns : tuple of int
        START_TIME and STOP_TIME.
    useable_tai_ns : tuple of int or None, 2
        As the message gives them.
    rate_frame : str
        ANGVEL_FRAME (RATE_FRAME in version 1) as written.
    centre_name, time_system : str
    comments, data_comments : tuple of str
    """

    object_name: str
    object_id: str
    history: AttitudeHistory
    span_tai_ns: tuple[int, int]
    useable_tai_ns: tuple[int | None, int | None] = (None, None)
    rate_frame: str = ""
    centre_name: str = ""
    time_system: str = "UTC"
    comments: tuple[str, ...] = ()
    data_comments: tuple[str, ...] = field(default=())


def make_attitude_segment(
    object_name: str, object_id: str, history: AttitudeHistory, *, time_system: str = "UTC"
) -> AttitudeSegment:
    """Return a segment whose spans are those of the history."""
    data = int(history.tai_ns[0]), int(history.tai_ns[-1])
    rates = history.kind.endswith("/ANGVEL")
    return AttitudeSegment(
        object_name, object_id, history, data, history.useable_tai_ns or (None, None),
        (history.frame_b if history.rates_in_b else history.frame_a) if rates else "",
        time_system=time_system,
    )  # fmt: skip


def read_attitude(
    message: Message,
    leap_seconds: LeapSeconds,
    *,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> tuple[AttitudeSegment, ...]:
    """Turn an AEM into attitude histories of the core; nothing is interpolated across a segment.

    Raises
    ------
    FormatError
        No AEM, two records at one instant, an angular velocity in axes that are neither A nor B.
    TimeScaleError
        A time system that cannot be turned into TAI.

    **Accuracy**: every value in SI is the double nearest to its text (``test_ccsds_attitudes.py``).
    """
    if message.kind != "AEM" or message.table is None:
        raise FormatError("an attitude is an AEM", value=message.kind, allowed="AEM", where=message.name)
    segments = []
    for index, segment in enumerate(message.segments):
        metadata = segment.block("metadata") or Block("metadata")
        where = f"{message.name} segment {index + 1}".strip()
        clock = MessageClock(
            metadata.text("TIME_SYSTEM"), leap_seconds, earth_orientation, origin, where=where
        )
        segments.append(_segment(message, index, section_of(metadata, clock), clock))
    return tuple(segments)


def _segment(message: Message, index: int, section: Section, clock: MessageClock) -> AttitudeSegment:
    kind = section.text("ATTITUDE_TYPE").upper()
    data = message.segments[index].block("data") or Block("data")
    lines = _lines(message, index, kind, data, clock)
    tai_ns = clock.instants(lines.epochs)
    if bool((np.diff(tai_ns) <= 0).any()):
        at = int(np.argmax(np.diff(tai_ns) <= 0)) + 2
        raise FormatError(
            "the records of a segment do not ascend in time", value=f"record {at}",
            allowed="each later than the one before (504.0-B-2 4.2.4.8.1)", where=clock.where,
        )  # fmt: skip
    values = lines.values
    if section.text("QUATERNION_TYPE").upper() == "FIRST":
        values = _scalar_last(values)
    span = section.instant("START_TIME"), section.instant("STOP_TIME")
    given = [section.values.get(key) for key in ("USEABLE_START_TIME", "USEABLE_STOP_TIME")]
    useable = tuple(bound if isinstance(bound, int) else None for bound in given)
    first = max(span[0] if useable[0] is None else useable[0], int(tai_ns[0]))
    last = min(span[1] if useable[1] is None else useable[1], int(tai_ns[-1]))
    rate_frame = section.text("ANGVEL_FRAME") or section.text("RATE_FRAME")
    degree = section.values.get("INTERPOLATION_DEGREE", 0)
    history = AttitudeHistory(
        tai_ns, kind, values, section.text("REF_FRAME_A"), section.text("REF_FRAME_B"),
        section.text("ATTITUDE_DIR").upper() == "B2A",
        section.text("EULER_ROT_SEQ").upper().translate(_LETTERS),
        _in_frame_b(section, rate_frame, kind, clock.where), (first, last),
        section.text("INTERPOLATION_METHOD").upper(), degree if isinstance(degree, int) else 0,
    )  # fmt: skip
    return AttitudeSegment(
        section.text("OBJECT_NAME"), section.text("OBJECT_ID"), history, span, (useable[0], useable[1]),
        rate_frame, section.text("CENTER_NAME"), clock.time_system, section.comments, data_comments(data),
    )  # fmt: skip


def column_units(table: MessageTable, kind: str) -> tuple[str, ...]:
    """Return the message units of the columns of a kind of attitude data."""
    if kind not in table.columns:
        raise FormatError(
            "no such kind of attitude data in this version", value=kind, allowed=", ".join(table.columns),
            where=f"{table.kind} {table.version} ATTITUDE_TYPE",
        )  # fmt: skip
    return tuple(name.partition(":")[2] for name in table.columns[kind][1])


def _lines(message: Message, index: int, kind: str, data: Block, clock: MessageClock) -> Lines:
    if message.table is None:  # pragma: no cover - checked before
        raise FormatError("the message has no table", where=message.name)
    units = column_units(message.table, kind)
    if all(unit in ("", "1/s") for unit in units):
        return read_lines(message, index)
    records = [item for part in record_items(data) for item in part.items()]
    return unit_lines(records, units, clock)


def _scalar_last(values: NDArray[np.float64]) -> NDArray[np.float64]:
    order = [1, 2, 3, 0, *range(4, values.shape[1])]
    if values.shape[1] == 8:
        order = [1, 2, 3, 0, 5, 6, 7, 4]
    return np.ascontiguousarray(values[:, order])


def _in_frame_b(section: Section, frame: str, kind: str, where: str) -> bool:
    if not kind.endswith("/ANGVEL"):
        return True
    a, b = section.text("REF_FRAME_A"), section.text("REF_FRAME_B")
    if frame.upper() not in (a.upper(), b.upper(), "REF_FRAME_A", "REF_FRAME_B"):
        raise FormatError(
            "the angular velocity is in axes that are neither A nor B", value=frame,
            allowed=f"{a}, {b}, REF_FRAME_A or REF_FRAME_B", where=f"{where} ANGVEL_FRAME",
        )  # fmt: skip
    return frame.upper() in (b.upper(), "REF_FRAME_B")


def write_attitude(
    segments: Sequence[AttitudeSegment],
    header: MessageHeader,
    leap_seconds: LeapSeconds,
    *,
    version: str = "2.0",
    form: str = "kvn",
    every_digit: bool = False,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> bytes:
    """Write an AEM that passes the strict check.

    Raises
    ------
    InputError
        Version 2.0 has no direction from B to A, version 1.0 no angular velocities.
    FormatError
        A kind of data that the version does not have.
    MessageError
        Spans that do not hold ...
    """
    system = segments[0].time_system if segments else "UTC"
    clock = MessageClock(system, leap_seconds, earth_orientation, origin)
    return compose_segments(
        "AEM", version, header, clock, segments, _segment_block, form=form, every_digit=every_digit
    )


def _segment_block(writer: Writer, item: AttitudeSegment) -> Block:
    history, old = item.history, writer.table.version == "1.0"
    if history.reversed_direction and not old:
        raise InputError(
            "version 2.0 describes the way from A to B only", value="B to A", allowed="A to B",
            where="ATTITUDE_DIR", hint="exchange the frames",
        )  # fmt: skip
    values: dict[str, Value] = {
        "OBJECT_NAME": item.object_name,
        "OBJECT_ID": item.object_id,
        "REF_FRAME_A": history.frame_a,
        "REF_FRAME_B": history.frame_b,
        "TIME_SYSTEM": item.time_system,
        "START_TIME": item.span_tai_ns[0],
        "STOP_TIME": item.span_tai_ns[1],
        "ATTITUDE_TYPE": history.kind,
    }
    useable = zip(("USEABLE_START_TIME", "USEABLE_STOP_TIME"), item.useable_tai_ns, strict=True)
    values.update({keyword: bound for keyword, bound in useable if bound is not None})
    if item.centre_name:
        values["CENTER_NAME"] = item.centre_name
    if history.sequence:
        values["EULER_ROT_SEQ"] = history.sequence.translate(_DIGITS) if old else history.sequence
    if item.rate_frame:
        values["RATE_FRAME" if old else "ANGVEL_FRAME"] = item.rate_frame
    if history.interpolation:
        values["INTERPOLATION_METHOD"] = history.interpolation
    if history.degree:
        values["INTERPOLATION_DEGREE"] = history.degree
    if old:
        values["ATTITUDE_DIR"] = "B2A" if history.reversed_direction else "A2B"
        if history.kind.startswith("QUATERNION"):
            values["QUATERNION_TYPE"] = "LAST"
    units = column_units(writer.table, history.kind)
    epochs = writer.clock.texts(history.tai_ns)
    records = [
        Record(epoch, tuple(writer.number(value, unit) for value, unit in zip(row, units, strict=True)), 0)
        for epoch, row in zip(epochs, history.values.tolist(), strict=True)
    ]
    data = writer.block("data", Section({}, item.data_comments), records=records)
    return parent("segment", writer.block("metadata", Section(values, item.comments)), data)


# APM and ACM


@dataclass(frozen=True, eq=False)
class AttitudeState:
    """Attitude of frame B with respect to frame A at one instant, as one block of an APM gives it.

    Attributes
    ----------
    block : str
        ``quaternionState``, ``eulerAngleState``, ``spin`` ...
    history : AttitudeHistory
        One record.
    """

    block: str
    history: AttitudeHistory

    @property
    def quaternion(self) -> NDArray[np.float64]:
        """The quaternion (4,) from A to B."""
        return np.asarray(self.history.quaternions()[0])


def attitude_states(message: TypedMessage) -> tuple[AttitudeState, ...]:
    """Return the attitudes of an APM of either version, block by block.

    Raises
    ------
    FormatError
        No APM.
    """
    if message.kind != "APM":
        raise FormatError("an attitude state is an APM", value=message.kind, allowed="APM")
    epoch = message.section("data").values.get("EPOCH")
    found = []
    for block in message.root.walk():
        if block.name in (
            "quaternionState",
            "eulerAngleState",
            "eulerElementsThree",
            "spin",
            "eulerElementsSpin",
        ):
            own = block.section.values.get("EPOCH", epoch)
            if own is None:  # version 1: the one epoch stands in the quaternion block
                own = message.section("quaternionState").values.get("EPOCH")
            if not isinstance(own, int):
                raise FormatError("a value is missing", value="EPOCH", allowed="an epoch", where=block.name)
            state = _state(block, own)
            if state is not None:
                found.append(state)
    return tuple(found)


def _state(block: TypedBlock, tai_ns: int) -> AttitudeState | None:
    section = block.section
    prefix = {"quaternionState": "Q", "eulerElementsThree": "EULER", "eulerElementsSpin": "SPIN"}.get(
        block.name, ""
    )
    frame_a = section.text("REF_FRAME_A") or section.text(f"{prefix}_FRAME_A")
    frame_b = section.text("REF_FRAME_B") or section.text(f"{prefix}_FRAME_B")
    back = section.text(f"{prefix}_DIR").upper() == "B2A"
    sequence = section.text("EULER_ROT_SEQ").upper().translate(_LETTERS)
    kind, names = _columns(block, sequence)
    if not all(name in section.values for name in names):
        return None
    row = np.array([[section.number(name) for name in names]])
    instants = np.array([tai_ns], dtype=np.int64)
    return AttitudeState(block.name, AttitudeHistory(instants, kind, row, frame_a, frame_b, back, sequence))


def _columns(block: TypedBlock, sequence: str) -> tuple[str, tuple[str, ...]]:
    given = block.section.values
    if block.name == "quaternionState":
        dots = tuple(f"{name}_DOT" for name in _QUATERNION)
        if all(dot in given for dot in dots):
            return "QUATERNION/DERIVATIVE", _QUATERNION + dots
        return "QUATERNION", _QUATERNION
    if block.name == "eulerAngleState":
        angles = ("ANGLE_1", "ANGLE_2", "ANGLE_3")
        dots = tuple(f"{name}_DOT" for name in angles)
        if all(dot in given for dot in dots):
            return "EULER_ANGLE/DERIVATIVE", angles + dots
        return "EULER_ANGLE", angles
    if block.name == "eulerElementsThree":
        if len(set(sequence)) < 3:  # one axis twice has one keyword for two angles in version 1
            return "EULER_ANGLE", ("repeated axis",)
        return "EULER_ANGLE", tuple(f"{axis}_ANGLE" for axis in sequence)
    spin = ("SPIN_ALPHA", "SPIN_DELTA", "SPIN_ANGLE", "SPIN_ANGLE_VEL")
    for kind, more in (("SPIN/NUTATION", _SPIN_NUTATION), ("SPIN/NUTATION_MOM", _SPIN_MOMENTUM)):
        if all(name in given for name in more):
            return kind, spin + more
    return "SPIN", spin


def attitude_histories(message: TypedMessage) -> tuple[AttitudeHistory, ...]:
    """Return the attitude time histories of an ACM, one for each block of attitude states.

    Direction cosines become quaternions; gyro biases are no rates and are left in the typed block.

    Raises
    ------
    FormatError
        No ACM.
    """
    if message.kind != "ACM":
        raise FormatError("an attitude history is an ACM or AEM", value=message.kind, allowed="ACM")
    found = []
    for block in message.root.all("att"):
        lines = block.lines
        if lines is None:
            continue
        section, rate = block.section, block.section.text("RATE_TYPE").upper()
        kind = section.text("ATT_TYPE").upper()
        values, name = lines.values, ""
        if kind == "DCM":
            values, name = quaternions_from_matrices(values[:, :9].reshape(-1, 3, 3)), "QUATERNION"
        elif kind == "QUATERNION":
            suffix = {"ANGVEL": "/ANGVEL", "Q_DOT": "/DERIVATIVE"}.get(rate, "")
            name, values = f"QUATERNION{suffix}", values if suffix else values[:, :4]
        else:
            suffix = "/ANGVEL" if rate == "ANGVEL" else ""
            name, values = f"EULER_ANGLE{suffix}", values if suffix else values[:, :3]
        found.append(
            AttitudeHistory(
                lines.tai_ns, name, np.ascontiguousarray(values), section.text("REF_FRAME_A"),
                section.text("REF_FRAME_B"), sequence=section.text("EULER_ROT_SEQ").upper(),
            )
        )  # fmt: skip
    return tuple(found)
