"""Whole messages as values of the core: every block, keyword and data line of OCM, ACM, APM and RDM.

One road for all types, by the tables. What goes with an orbit, an attitude or a manoeuvre is in the modules
`comprehensive` and `attitudes`, which read it from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError, InputError
from syzygy.formats.ccsds.clocks import ClockOrigin, MessageClock
from syzygy.formats.ccsds.composing import MessageHeader, compose_message, header_of
from syzygy.formats.ccsds.model import Block, ListedRecords, Message, Record
from syzygy.formats.ccsds.si_values import message_number, si_unit, si_value
from syzygy.formats.ccsds.typed import Section, Writer, same_bits, section_of

if TYPE_CHECKING:
    from syzygy.astro.time import EarthOrientation, LeapSeconds
    from syzygy.formats.ccsds.tables import MessageTable

KINDS = ("OCM", "ACM", "APM", "RDM", "OPM", "CDM")
TRAJECTORY_UNITS = {
    "CARTP": ("km",) * 3,
    "CARTPV": ("km",) * 3 + ("km/s",) * 3,
    "CARTPVA": ("km",) * 3 + ("km/s",) * 3 + ("km/s**2",) * 3,
    "KEPLERIAN": ("km", "", "deg", "deg", "deg", "deg"),
    "KEPLERIANMEAN": ("km", "", "deg", "deg", "deg", "deg"),
    "ADBARV": ("deg", "deg", "deg", "deg", "km", "km/s"),
    "LDBARV": ("deg", "deg", "deg", "deg", "km", "km/s"),
}
ATTITUDE_UNITS = {"QUATERNION": ("",) * 4, "EULER_ANGLES": ("deg",) * 3, "DCM": ("",) * 9}
RATE_UNITS = {"ANGVEL": ("deg/s",) * 3, "GYRO_BIAS": ("deg/s",) * 3, "Q_DOT": ("1/s",) * 4}
_TEXT_COLUMNS = frozenset({"THR_INTERP", "ACC_INTERP", "DEPLOY_ID"})


@dataclass(frozen=True, eq=False)
class DataLines:
    """n data lines of a block.

    Attributes
    ----------
    tai_ns : int64 (n,)
    values : float64 (n, k)
        In `units`; zero in a column of texts.
    units : tuple of str, k
        SI where the table or the standard's element types give the unit of the column; those the message
        states in brackets, unconverted, where the core does not know the elements; empty for pure numbers.
    texts : mapping of int to tuple of str
        Columns that are texts (THR_INTERP, DEPLOY_ID).
    """

    tai_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    units: tuple[str, ...]
    texts: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return n."""
        return int(self.tai_ns.size)

    def same(self, other: DataLines) -> bool:
        """Whether both are the same to the last bit."""
        return (
            same_bits(self.tai_ns, other.tai_ns)
            and same_bits(self.values, other.values)
            and self.units == other.units
            and dict(self.texts) == dict(other.texts)
        )


@dataclass(frozen=True, eq=False)
class TypedBlock:
    """One block: keywords in SI, data lines, blocks inside in order."""

    name: str
    section: Section = field(default_factory=Section)
    lines: DataLines | None = None
    children: tuple[TypedBlock, ...] = ()

    def all(self, name: str) -> tuple[TypedBlock, ...]:
        """Return the blocks of a name, at any depth, in order."""
        return tuple(block for block in self.walk() if block.name == name)

    def first(self, name: str) -> TypedBlock | None:
        """Return the first block of a name at any depth, or None."""
        return next(iter(self.all(name)), None)

    def walk(self) -> Iterator[TypedBlock]:
        """Yield this block and all inside, in order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def same(self, other: TypedBlock) -> bool:
        """Whether both are the same to the last bit."""
        return (
            self.name == other.name
            and self.section.same(other.section)
            and (self.lines is None) == (other.lines is None)
            and (self.lines is None or other.lines is None or self.lines.same(other.lines))
            and len(self.children) == len(other.children)
            and all(a.same(b) for a, b in zip(self.children, other.children, strict=True))
        )


@dataclass(frozen=True, eq=False)
class TypedMessage:
    """A message as values of the core.

    Attributes
    ----------
    kind, version : str
    header : MessageHeader
    root : TypedBlock
        Everything behind the header.
    time_system : str
    zero_tai_ns : int or None
        EPOCH_TZERO.
    """

    kind: str
    version: str
    header: MessageHeader
    root: TypedBlock
    time_system: str = "UTC"
    zero_tai_ns: int | None = None

    def block(self, name: str) -> TypedBlock | None:
        """Return the first block of a name, or None."""
        return self.root.first(name)

    def section(self, name: str) -> Section:
        """Return the keywords of the first block of a name, empty where there is none."""
        block = self.root.first(name)
        return block.section if block else Section()

    def same(self, other: TypedMessage) -> bool:
        """Whether both are the same to the last bit, header included."""
        mine = (self.kind, self.version, self.header, self.time_system, self.zero_tai_ns)
        theirs = (other.kind, other.version, other.header, other.time_system, other.zero_tai_ns)
        return mine == theirs and self.root.same(other.root)


def read_typed(
    message: Message,
    leap_seconds: LeapSeconds,
    *,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> TypedMessage:
    """Turn a message into values of the core, block by block.

    Times given as seconds since EPOCH_TZERO become instants.

    Raises
    ------
    FormatError
        A kind of message with its own road (OEM, AEM, TDM, OMM), or a value that cannot be one.
    TimeScaleError
        A time system that cannot be turned into TAI.

    **Accuracy**: every value in SI is the double nearest to its text (``test_ccsds_typed_tree.py``).
    """
    if message.kind not in KINDS or message.table is None:
        raise FormatError(
            "this kind of message has a road of its own", value=message.kind, allowed=", ".join(KINDS),
            where=message.name,
        )  # fmt: skip
    metadata = next((block for block in message.root.walk() if block.name == "metadata"), Block("metadata"))
    system = "UTC" if message.kind == "CDM" else metadata.text("TIME_SYSTEM") or "UTC"
    clock = MessageClock(system, leap_seconds, earth_orientation, origin, where=message.name)
    zero = metadata.text("EPOCH_TZERO")
    if zero:
        clock = replace(clock, zero_tai_ns=clock.instant(zero, "EPOCH_TZERO"))
    table = message.table
    children = tuple(_typed(block, table, clock) for block in message.root.blocks() if block.name != "header")
    root = TypedBlock("", children=children)
    return TypedMessage(
        message.kind, message.version, header_of(message, leap_seconds), root, system, clock.zero_tai_ns
    )


def _typed(block: Block, table: MessageTable, clock: MessageClock) -> TypedBlock:
    section = section_of(block, clock)
    children = tuple(_typed(inner, table, clock) for inner in block.blocks())
    records = list(block.records())
    lines = None
    if table.blocks[block.name].lines and (records or not children):
        lines = _lines(records, line_units(table, block.name, section), clock) if records else None
    return TypedBlock(block.name, section, lines, children)


def line_units(
    table: MessageTable, block: str, section: Section
) -> tuple[tuple[str, ...] | None, frozenset[int]]:
    """Return units of the columns of a block's lines (None: as they stand), and which are texts."""
    nothing: frozenset[int] = frozenset()
    if block == "traj":
        return TRAJECTORY_UNITS.get(section.text("TRAJ_TYPE").upper() or "CARTPV"), nothing
    if block == "att":
        units = ATTITUDE_UNITS.get(section.text("ATT_TYPE").upper())
        rate = RATE_UNITS.get(section.text("RATE_TYPE").upper(), ())
        return (units + rate if units is not None else None), nothing
    if block == "man":
        names = [name.strip() for name in section.text("MAN_COMPOSITION").upper().split(",")][1:]
        rows = [table.find("manLine", name) for name in names]
        texts = frozenset(index for index, name in enumerate(names) if name in _TEXT_COLUMNS)
        return tuple("" if row is None else row.unit for row in rows), texts
    if block == "cov" and table.kind == "OCM":
        return _covariance_units(section), nothing
    return None, nothing


def _covariance_units(section: Section) -> tuple[str, ...] | None:
    """Return the units of a covariance of Cartesian elements, row by row; None for other elements."""
    elements = TRAJECTORY_UNITS.get(section.text("COV_TYPE").upper() or "CARTPV")
    if elements is None or not all(unit.startswith("km") for unit in elements):
        return None
    size, order = len(elements), section.text("COV_ORDERING").upper() or "LTM"
    units = []
    for row in range(size):
        for column in range(size):
            below, above = column <= row, column >= row
            wanted = {"LTM": below, "UTM": above}.get(order, True)
            correlation = (order == "LTMWCC" and not below) or (order == "UTMWCC" and not above)
            if wanted:
                units.append("" if correlation else "km**2")
    return tuple(units)


def _lines(
    records: Sequence[Record], columns: tuple[tuple[str, ...] | None, frozenset[int]], clock: MessageClock
) -> DataLines:
    units, text_columns = columns
    width = len(records[0].values)
    known = units if units is not None and len(units) == width else None
    values = np.zeros((len(records), width))
    for index, record in enumerate(records):
        where = f"{clock.where} line {record.line}".strip()
        if len(record.values) != width:
            raise FormatError(
                "a data line has another number of values", value=len(record.values), allowed=f"{width}",
                where=where,
            )  # fmt: skip
        values[index] = [
            0.0 if column in text_columns else si_value(text, known[column] if known else "", where)
            for column, text in enumerate(record.values)
        ]
    texts = {column: tuple(record.values[column] for record in records) for column in sorted(text_columns)}
    names = tuple(si_unit(unit) for unit in known) if known else ("",) * width
    times = clock.times([record.epoch for record in records], clock.where)
    return DataLines(times, values, names, texts)


def write_typed(
    message: TypedMessage,
    leap_seconds: LeapSeconds,
    *,
    header: MessageHeader | None = None,
    form: str = "kvn",
    every_digit: bool = False,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> bytes:
    """Write a message from its values; it passes the strict check. Times become epochs.

    Raises
    ------
    UnknownNameError
        A keyword that the table does not have.
    InputError
        Lines whose columns do not fit the type that the block states.
    MessageError
        What was composed breaks the standard.
    """
    clock = MessageClock(
        message.time_system, leap_seconds, earth_orientation, origin, zero_tai_ns=message.zero_tai_ns
    )

    def body(writer: Writer) -> list[Block]:
        return [_composed(writer, child) for child in message.root.children]

    return compose_message(
        message.kind, message.version, header or message.header, clock, body, form=form,
        every_digit=every_digit,
    )  # fmt: skip


def _composed(writer: Writer, typed: TypedBlock) -> Block:
    block = writer.block(typed.name, typed.section)
    if typed.lines is not None:
        records = _records(writer, typed.name, typed.section, typed.lines)
        block.items.append(ListedRecords(tuple(records), 0))
    block.items.extend(_composed(writer, child) for child in typed.children)
    return block


def _records(writer: Writer, name: str, section: Section, lines: DataLines) -> list[Record]:
    units, _ = line_units(writer.table, name, section)
    width = lines.values.shape[1]
    known = units if units is not None and len(units) == width else ("",) * width
    if tuple(si_unit(unit) for unit in known) != lines.units:
        raise InputError(
            "the columns of the data lines do not fit the type of the block", value=", ".join(lines.units),
            allowed=", ".join(si_unit(unit) for unit in known), where=name,
        )  # fmt: skip
    epochs = writer.clock.texts(lines.tai_ns)
    records = []
    for index, row in enumerate(lines.values.tolist()):
        texts = [
            lines.texts[column][index]
            if column in lines.texts
            else message_number(value, known[column], digits=writer.digits, where=name)
            for column, value in enumerate(row)
        ]
        records.append(Record(epochs[index], tuple(texts), 0))
    return records
