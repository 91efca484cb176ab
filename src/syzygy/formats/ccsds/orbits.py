"""OPM to a state with all that goes with it, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.conics import state_from_elements
from syzygy.astro.states import States
from syzygy.base.errors import FormatError, InputError
from syzygy.formats.ccsds.clocks import ClockOrigin, MessageClock
from syzygy.formats.ccsds.composing import MessageHeader, compose_message, filled, parent
from syzygy.formats.ccsds.core_frames import core_centre, core_frame, frame_name
from syzygy.formats.ccsds.covariances import CARTESIAN, CARTESIAN_NAMES, keyed_matrix, keyed_section
from syzygy.formats.ccsds.model import Block, Message
from syzygy.formats.ccsds.typed import Section, Value, Writer, section_of

if TYPE_CHECKING:
    from syzygy.astro.time import EarthOrientation, LeapSeconds

_STATE_BLOCK = "stateVector"
_OWN = ("OBJECT_NAME", "OBJECT_ID", "CENTER_NAME", "REF_FRAME", "TIME_SYSTEM")
_DV = tuple(f"MAN_DV_{axis}" for axis in (1, 2, 3))


@dataclass(frozen=True, eq=False)
class Maneuver:
    """A manoeuvre of an OPM: ignition, duration, change of mass (not positive) and of velocity.

    Attributes
    ----------
    ignition_tai_ns : int
    duration_s : float
        0 for an impulse.
    delta_mass_kg : float
    delta_v_m_s : float64 (3,)
    frame : str
        Name of the axes, as written: ``RTN``, ``TNW``, ``EME2000``.
    comments : tuple of str
    """

    ignition_tai_ns: int
    duration_s: float
    delta_mass_kg: float
    delta_v_m_s: NDArray[np.float64]
    frame: str
    comments: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class OrbitParameters:
    """An OPM.

    Attributes
    ----------
    object_name, object_id : str
    states : States
        One state, position (3,).
    covariance : float64 (6, 6) or None
        m**2, m**2/s, m**2/s**2.
    covariance_frame : str
        Its axes as written, those of the state where the message names none; empty without covariance.
    keplerian : Section
        Osculating elements in SI (m, rad, m**3/s**2), as far as given.
    spacecraft : Section
        MASS, SOLAR_RAD_AREA, SOLAR_RAD_COEFF, DRAG_AREA, DRAG_COEFF, as far as given.
    maneuvers : tuple of Maneuver
    user : Section
        Keywords that begin with ``USER_DEFINED``.
    frame_name, centre_name, time_system : str
        As written.
    other : Section
        REF_FRAME_EPOCH where given, comments of the metadata.
    comments : mapping of str to tuple of str
        Comments of the blocks ``data``, ``stateVector``, ``covarianceMatrix``.
    """

    object_name: str
    object_id: str
    states: States
    covariance: NDArray[np.float64] | None = None
    covariance_frame: str = ""
    keplerian: Section = field(default_factory=Section)
    spacecraft: Section = field(default_factory=Section)
    maneuvers: tuple[Maneuver, ...] = ()
    user: Section = field(default_factory=Section)
    frame_name: str = ""
    centre_name: str = ""
    time_system: str = "UTC"
    other: Section = field(default_factory=Section)
    comments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def mass_kg(self) -> float | None:
        """MASS, None where the message does not give it."""
        mass = self.spacecraft.values.get("MASS")
        return float(mass) if isinstance(mass, float) else None

    def keplerian_difference(self) -> tuple[float, float] | None:
        """Return how far the Keplerian elements lie from the state vector, m and m/s; None without elements.

        The message carries the orbit twice; a difference beyond the digits of the elements says that one of
        the two is wrong (another epoch, mean elements, another GM).

        **Accuracy**: as `state_from_elements`.
        """
        if not self.keplerian.values:
            return None
        given = self.keplerian
        anomaly = "TRUE_ANOMALY" if "TRUE_ANOMALY" in given.values else "MEAN_ANOMALY"
        position, velocity = state_from_elements(
            given.number("SEMI_MAJOR_AXIS"), given.number("ECCENTRICITY"), given.number("INCLINATION"),
            given.number("RA_OF_ASC_NODE"), given.number("ARG_OF_PERICENTER"), given.number(anomaly),
            gm_m3_s2=given.number("GM"), mean=anomaly == "MEAN_ANOMALY",
        )  # fmt: skip
        return (
            float(np.linalg.norm(position - self.states.position_m)),
            float(np.linalg.norm(velocity - self.states.velocity_m_s)),
        )


def read_orbit_parameters(
    message: Message,
    leap_seconds: LeapSeconds,
    *,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> OrbitParameters:
    """Turn an OPM into a state of the core with all that goes with it.

    Raises
    ------
    FormatError
        No OPM.
    FrameError, TimeScaleError
        A frame, centre or time system that the core does not have.

    **Accuracy**: every value in SI is the double nearest to its text (``test_ccsds_orbits.py``).
    """
    metadata, data = _sections(message, "OPM")
    system = metadata.text("TIME_SYSTEM")
    clock = MessageClock(system, leap_seconds, earth_orientation, origin, where=message.name)
    head = section_of(metadata, clock)
    states, comments = state_of(data.block(_STATE_BLOCK), head, clock)
    matrix, frame, remarks = covariance_of(data.block("covarianceMatrix"), head.text("REF_FRAME"), clock)
    notes = {"data": tuple(data.comments()), _STATE_BLOCK: comments, "covarianceMatrix": remarks}
    return OrbitParameters(
        head.text("OBJECT_NAME"), head.text("OBJECT_ID"), states, matrix, frame,
        section_of(data.block("keplerianElements"), clock),
        section_of(data.block("spacecraftParameters"), clock),
        tuple(_maneuver(section_of(block, clock)) for block in data.blocks("maneuverParameters")),
        section_of(data.block("userDefinedParameters"), clock), head.text("REF_FRAME"),
        head.text("CENTER_NAME"), system,
        Section({key: value for key, value in head.values.items() if key not in _OWN}, head.comments),
        {key: texts for key, texts in notes.items() if texts},
    )  # fmt: skip


def state_of(block: Block | None, metadata: Section, clock: MessageClock) -> tuple[States, tuple[str, ...]]:
    """Return the state of a block with EPOCH, X ... Z_DOT, and its comments."""
    vector = section_of(block, clock)
    state = np.array([vector.number(key) for key in CARTESIAN])
    epoch = vector.values["EPOCH"]
    frame = core_frame(metadata.text("REF_FRAME"), clock.where)
    centre = core_centre(metadata.text("CENTER_NAME"), clock.where)
    return States(state[:3], state[3:], np.asarray(epoch, dtype=np.int64), frame, centre), vector.comments


def covariance_of(
    block: Block | None, frame: str, clock: MessageClock
) -> tuple[NDArray[np.float64] | None, str, tuple[str, ...]]:
    """Return covariance, name of its axes and comments of a block of covariance keywords."""
    if block is None:
        return None, "", ()
    matrix, rest = keyed_matrix(block, CARTESIAN_NAMES, clock)
    return matrix, rest.text("COV_REF_FRAME") or frame, rest.comments


def _maneuver(section: Section) -> Maneuver:
    return Maneuver(
        section.instant("MAN_EPOCH_IGNITION"), section.number("MAN_DURATION"),
        section.number("MAN_DELTA_MASS"),
        np.array([section.number(key) for key in _DV]), section.text("MAN_REF_FRAME"), section.comments,
    )  # fmt: skip


def write_orbit_parameters(
    orbit: OrbitParameters,
    header: MessageHeader,
    leap_seconds: LeapSeconds,
    *,
    version: str = "3.0",
    form: str = "kvn",
    every_digit: bool = False,
    earth_orientation: EarthOrientation | None = None,
    origin: ClockOrigin | None = None,
) -> bytes:
    """Write an OPM that passes the strict check.

    Raises
    ------
    FrameError
        A frame that no message can name.
    InputError
        A covariance that is not symmetric; more than one state.
    MessageError
        Keplerian elements or a manoeuvre without all their keywords, a manoeuvre without a mass ...
    """
    clock = MessageClock(orbit.time_system, leap_seconds, earth_orientation, origin)
    frame = frame_name(orbit.states.frame, orbit.frame_name)
    values: dict[str, Value] = {
        "OBJECT_NAME": orbit.object_name,
        "OBJECT_ID": orbit.object_id,
        "CENTER_NAME": orbit.centre_name or orbit.states.centre.name.upper(),
        "REF_FRAME": frame,
        "TIME_SYSTEM": orbit.time_system,
        **orbit.other.values,
    }

    def body(writer: Writer) -> list[Block]:
        data = parent(
            "data",
            state_block(writer, orbit.states, orbit.comments.get(_STATE_BLOCK, ())),
            filled(writer.block("keplerianElements", orbit.keplerian)),
            filled(writer.block("spacecraftParameters", orbit.spacecraft)),
            covariance_block(
                writer, orbit.covariance, orbit.covariance_frame, frame,
                orbit.comments.get("covarianceMatrix", ()),
            ),
            *(writer.block("maneuverParameters", _maneuver_section(item)) for item in orbit.maneuvers),
            filled(writer.block("userDefinedParameters", orbit.user)),
        )  # fmt: skip
        data.items[:0] = writer.block("data", Section({}, orbit.comments.get("data", ()))).items
        return [parent("segment", writer.block("metadata", Section(values, orbit.other.comments)), data)]

    return compose_message("OPM", version, header, clock, body, form=form, every_digit=every_digit)


def state_block(writer: Writer, states: States, comments: tuple[str, ...] = ()) -> Block:
    """Return the block of one state: the inverse of `state_of`."""
    if states.position_m.shape != (3,):
        raise InputError(
            "a message carries one state", value=f"{states.position_m.shape}", allowed="position_m (3,)"
        )
    numbers = np.concatenate([states.position_m, states.velocity_m_s]).tolist()
    vector: dict[str, Value] = {"EPOCH": int(states.tai_ns), **dict(zip(CARTESIAN, numbers, strict=True))}
    return writer.block(_STATE_BLOCK, Section(vector, comments))


def covariance_block(
    writer: Writer,
    matrix: NDArray[np.float64] | None,
    frame: str,
    state_frame: str,
    comments: tuple[str, ...] = (),
) -> Block | None:
    """Return the block of a covariance: the inverse of `covariance_of`."""
    if matrix is None:
        return None
    named: dict[str, Value] = {"COV_REF_FRAME": frame} if frame and frame != state_frame else {}
    section = keyed_section(matrix, CARTESIAN_NAMES, Section(named, comments))
    return writer.block("covarianceMatrix", section)


def _maneuver_section(item: Maneuver) -> Section:
    values: dict[str, Value] = {
        "MAN_EPOCH_IGNITION": item.ignition_tai_ns,
        "MAN_DURATION": item.duration_s,
        "MAN_DELTA_MASS": item.delta_mass_kg,
        "MAN_REF_FRAME": item.frame,
        **dict(zip(_DV, item.delta_v_m_s.tolist(), strict=True)),
    }
    return Section(values, item.comments)


def _sections(message: Message, kind: str) -> tuple[Block, Block]:
    if message.kind != kind:
        raise FormatError(f"an {kind} is due", value=message.kind, allowed=kind, where=message.name)
    segment = message.segments[0]
    return segment.block("metadata") or Block("metadata"), segment.block("data") or Block("data")
