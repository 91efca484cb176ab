"""OPM, OMM and CDM to records of the core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.states import States
from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.core_frames import core_centre, core_frame
from syzygy.formats.ccsds.covariances import CARTESIAN, CARTESIAN_NAMES, symmetric
from syzygy.formats.ccsds.epochs import parse_epochs
from syzygy.formats.ccsds.model import Block, Message
from syzygy.formats.omm_fields import OmmRecord, elements_from_records
from syzygy.formats.rejected import RejectedRecord

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_STATE = ("X", "Y", "Z", "X_DOT", "Y_DOT", "Z_DOT")
_RTN = ("R", "T", "N", "RDOT", "TDOT", "NDOT")
_CARTESIAN_NAMES = tuple(f"C{a}_{b}" for i, a in enumerate(_STATE) for b in _STATE[: i + 1])
_RTN_NAMES = tuple(f"C{a}_{b}" for i, a in enumerate(_RTN) for b in _RTN[: i + 1])


@dataclass(frozen=True, eq=False)
class Maneuver:
    """A manoeuvre of an OPM: ignition, duration, change of mass (not positive) and of velocity."""

    ignition_tai_ns: int
    duration_s: float
    delta_mass_kg: float
    delta_v_m_s: NDArray[np.float64]
    frame: str


@dataclass(frozen=True, eq=False)
class OrbitParameters:
    """An OPM: one state, its covariance (6, 6) in SI with the name of its frame, mass, manoeuvres."""

    object_name: str
    object_id: str
    states: States
    covariance: NDArray[np.float64] | None
    covariance_frame: str
    mass_kg: float | None
    maneuvers: tuple[Maneuver, ...]


def read_orbit_parameters(message: Message, leap_seconds: LeapSeconds) -> OrbitParameters:
    """Turn an OPM into a state of the core with covariance and manoeuvres.

    Raises
    ------
    FormatError
        No OPM.
    FrameError, TimeScaleError
        A frame, centre or time system that the core does not have.
    """
    metadata, data = _sections(message, "OPM", 0)
    system = metadata.text("TIME_SYSTEM")
    vector = data.block("stateVector") or Block("stateVector")
    tai_ns = _instant(vector, "EPOCH", system, leap_seconds)
    state = np.array([_number(vector, name) for name in _STATE]) * 1000.0
    frame = core_frame(metadata.text("REF_FRAME"), message.name)
    states = States(
        state[:3],
        state[3:],
        np.asarray(tai_ns),
        frame,
        core_centre(metadata.text("CENTER_NAME"), message.name),
    )
    covariance = data.block("covarianceMatrix")
    spacecraft = data.block("spacecraftParameters")
    matrix = None
    if covariance is not None:
        numbers = [_number(covariance, name) for name in _CARTESIAN_NAMES]
        matrix = symmetric(np.array([numbers]))[0] * 1.0e6
    return OrbitParameters(
        metadata.text("OBJECT_NAME"), metadata.text("OBJECT_ID"), states, matrix,
        (covariance.text("COV_REF_FRAME") or metadata.text("REF_FRAME")) if covariance else "",
        _number(spacecraft, "MASS") if spacecraft is not None and spacecraft.entry("MASS") else None,
        tuple(_maneuver(block, system, leap_seconds) for block in data.blocks("maneuverParameters")),
    )  # fmt: skip


def _maneuver(block: Block, system: str, leap_seconds: LeapSeconds) -> Maneuver:
    return Maneuver(
        _instant(block, "MAN_EPOCH_IGNITION", system, leap_seconds),
        _number(block, "MAN_DURATION"),
        _number(block, "MAN_DELTA_MASS"),
        np.array([_number(block, f"MAN_DV_{axis}") for axis in (1, 2, 3)]) * 1000.0,
        block.text("MAN_REF_FRAME"),
    )


def read_mean_elements(
    message: Message, leap_seconds: LeapSeconds
) -> tuple[MeanElements, tuple[RejectedRecord, ...]]:
    """Turn an OMM, or the OMMs of a combined message, into SGP4 mean elements; what does not fit is listed.

    Raises
    ------
    FormatError
        The message holds no OMM.
    """
    parts = [part for part in message.parts or (message,) if part.kind == "OMM"]
    if not parts:
        raise FormatError("mean elements are an OMM", value=message.kind, allowed="OMM", where=message.name)
    records = []
    for part in parts:
        entries = [entry for block in part.root.walk() for entry in block.entries()]
        records.append(OmmRecord(part.root.line, {entry.keyword: entry.text for entry in entries}))
    elements, rejected = elements_from_records(records, leap_seconds)
    return elements, tuple(rejected)


def _sections(message: Message, kind: str, index: int) -> tuple[Block, Block]:
    if message.kind != kind:
        raise FormatError(f"an {kind} is due", value=message.kind, allowed=kind, where=message.name)
    segment = message.segments[index]
    return segment.block("metadata") or Block("metadata"), segment.block("data") or Block("data")


def _number(block: Block, keyword: str) -> float:
    entry = block.entry(keyword)
    if entry is None:
        raise FormatError("a value is missing", value=keyword, where=f"block {block.name} line {block.line}")
    return entry.number()


def _instant(block: Block, keyword: str, system: str, leap_seconds: LeapSeconds) -> int:
    return int(parse_epochs([block.text(keyword)], system, keyword).tai_ns(leap_seconds)[0])
