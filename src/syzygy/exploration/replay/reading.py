"""From an OEM to blocks of states: one per segment, in ICRF axes, with the labels they came under."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import Body
from syzygy.astro.frames import EME2000, ICRF, Frame, icrf_from_eme2000
from syzygy.astro.states import States, transform_states
from syzygy.base.errors import FormatError, InputError
from syzygy.base.provenance import InputFile

Doubles = NDArray[np.float64]
FEWEST_ROWS = 4
_ROUNDEST_M = 1e-3
_ROUND_NOISE = 1e-4
_FEW_ANCHORS = 0.1


@dataclass(frozen=True, eq=False)
class EphemerisBlock:
    """The states of one segment.

    Attributes
    ----------
    object_name, object_id : str
    labelled : States
        As in the message: its axes, its centre.
    states : States
        The same in ICRF axes.
    frame : Frame
        The axes on the label.
    time_system : str
        The time system on the label.
    read_as : Frame or None
        Other axes, under which the numbers of `labelled` are those of `states`.
    """

    object_name: str
    object_id: str
    labelled: States
    states: States
    frame: Frame
    time_system: str
    read_as: Frame | None = None

    @property
    def centre(self) -> Body:
        """The centre of motion."""
        return self.states.centre


def read_blocks(file: InputFile, almanac: Almanac) -> tuple[EphemerisBlock, ...]:
    """Read an OEM and turn every segment into ICRF axes.

    Raises
    ------
    FormatError
        No OEM, states that do not ascend, or fewer than four states in every segment.
    FrameError, TimeScaleError
        Axes, a centre or a time system that the core does not have.
    MissingDataError
        Earth-fixed or TEME axes without Earth orientation.
    """
    from syzygy.formats.ccsds import read_message
    from syzygy.formats.ccsds.ephemerides import read_ephemeris

    message = read_message(file.read(), name=file.name)
    segments = read_ephemeris(message, almanac.leap_seconds)
    blocks = []
    for index, segment in enumerate(segments):
        metadata = message.segments[index].block("metadata")
        states = segment.states
        blocks.append(
            EphemerisBlock(
                segment.object_name,
                segment.object_id,
                states,
                in_icrf(states, states.frame, almanac),
                states.frame,
                metadata.text("TIME_SYSTEM") if metadata else "UTC",
            )
        )
    if not any(block.states.tai_ns.size >= FEWEST_ROWS for block in blocks):
        raise FormatError(
            "the ephemeris has too few states to be replayed",
            value=f"{max((b.states.tai_ns.size for b in blocks), default=0)} in its longest segment",
            allowed=f"{FEWEST_ROWS} or more",
            where=message.name,
        )
    if len({block.object_name for block in blocks}) > 1:
        raise InputError(
            "the ephemeris holds several objects",
            value=", ".join(sorted({block.object_name for block in blocks})),
            allowed="one object",
            where=message.name,
            hint="split the message by object",
        )
    return tuple(blocks)


def in_icrf(states: States, frame: Frame, almanac: Almanac) -> States:
    """Return the numbers of `states`, taken to be in `frame`, in ICRF axes."""
    if frame == ICRF:
        return States(states.position_m, states.velocity_m_s, states.tai_ns, ICRF, states.centre)
    if frame == EME2000:
        position = icrf_from_eme2000(states.position_m)
        velocity = icrf_from_eme2000(states.velocity_m_s)
        return States(position, velocity, states.tai_ns, ICRF, states.centre)
    meant = States(states.position_m, states.velocity_m_s, states.tai_ns, frame, states.centre)
    return transform_states(meant, ICRF, almanac)


def find_anchors(states: States) -> NDArray[np.int64]:
    """Return rows whose positions are rounder than those of the others: starts of a propagation.

    A row counts when its three coordinates are whole millimetres, and only where such rows are few.
    """
    scaled = states.position_m / _ROUNDEST_M
    noise = np.maximum(_ROUND_NOISE, 8.0 * np.finfo(float).eps * np.abs(scaled))
    round_rows = (np.abs(scaled - np.rint(scaled)) <= noise).all(axis=-1)
    if round_rows.mean() > _FEW_ANCHORS:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(round_rows).astype(np.int64)
