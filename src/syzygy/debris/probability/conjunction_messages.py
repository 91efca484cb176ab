"""Conjunction data messages (CCSDS CDM) as encounters: frames, units and the hard-body radius are checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import EME2000, ICRF, TEME
from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import FormatError, FrameError, MissingDataError
from syzygy.debris.probability.encounters import Encounter, UncertainStates, make_encounter, uncertain_states
from syzygy.formats.ccsds import Message, read_message
from syzygy.formats.ccsds.model import Block

_AXES = ("R", "T", "N", "RDOT", "TDOT", "NDOT")
_FRAMES = {"EME2000": EME2000, "J2000": EME2000, "ICRF": ICRF, "GCRF": ICRF, "TEME": TEME}
_RADIUS = re.compile(r"\bHBR\s*=\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(?:\[\s*([A-Za-z]+)\s*\])?")


@dataclass(frozen=True)
class ConjunctionMessage:
    """One message.

    Attributes
    ----------
    encounter : Encounter
        A batch of one.
    message_id, primary_name, secondary_name : str
        As written; empty where absent.
    radius_source : str
        Where the hard-body radius comes from.
    """

    encounter: Encounter
    message_id: str
    primary_name: str
    secondary_name: str
    radius_source: str


def read_conjunction(
    content: bytes, leap_seconds: LeapSeconds, *, name: str = "", hard_body_radius_m: float | None = None
) -> ConjunctionMessage:
    """Read a CDM (KVN or XML) as an encounter; a given radius overrides the comment ``HBR = 10 [m]``.

    A covariance of which all position terms are zero counts as missing.

    Raises
    ------
    MessageError, FormatError
        The message cannot be read, or is no CDM of two objects.
    FrameError
        The states of the two are in different frames, or in one that rotates.
    MissingDataError
        No radius is given and the message has none.
    UnitError, InputError
        States or covariances that cannot be (`uncertain_states`).
    """
    message = read_message(content, name=name)
    if message.kind != "CDM" or len(message.segments) != 2:
        raise FormatError(
            "not a conjunction data message of two objects",
            value=f"{message.kind} with {len(message.segments)} segments",
            allowed="CDM with 2 segments",
            where=name,
        )
    frames = [_text(segment, "REF_FRAME") for segment in message.segments]
    if frames[0] != frames[1] or frames[0] not in _FRAMES:
        raise FrameError(
            "the states of a conjunction message are not in one inertial frame",
            value=" and ".join(frames),
            allowed=", ".join(_FRAMES) + ", the same for both objects",
            where=f"{name} REF_FRAME",
        )
    radius, source = _radius(message, hard_body_radius_m, name)
    sides = [_states(segment) for segment in message.segments]
    tca = parse_utc(_text(message.root, "TCA"), leap_seconds)
    encounter = make_encounter(sides[0], sides[1], radius, frame=_FRAMES[frames[0]], tca_tai_ns=tca)
    names = [_text(segment, "OBJECT_NAME") for segment in message.segments]
    return ConjunctionMessage(encounter, _text(message.root, "MESSAGE_ID"), names[0], names[1], source)


def _states(segment: Block) -> UncertainStates:
    position = np.array([_number(segment, key) for key in ("X", "Y", "Z")]) * 1e3
    velocity = np.array([_number(segment, key) for key in ("X_DOT", "Y_DOT", "Z_DOT")]) * 1e3
    covariance = _covariance(segment)
    given = covariance[None] if covariance is not None else None
    return uncertain_states(position, velocity, given, axes="rtn")


def _covariance(segment: Block) -> NDArray[np.float64] | None:
    matrix = np.zeros((6, 6))
    for i, row in enumerate(_AXES):
        for j, column in enumerate(_AXES[: i + 1]):
            matrix[i, j] = matrix[j, i] = _number(segment, f"C{row}_{column}")
    if not matrix[:3, :3].any():
        return None
    return matrix if matrix[3:, 3:].any() else matrix[:3, :3]


def _radius(message: Message, given_m: float | None, name: str) -> tuple[float, str]:
    if given_m is not None:
        return given_m, "given"
    for block in message.root.walk():
        for comment in block.comments():
            found = _RADIUS.search(comment)
            if found and (found[2] or "m").lower() == "m":
                return float(found[1]), "comment HBR of the message"
    raise MissingDataError(
        "the message has no hard-body radius",
        value="no comment HBR in metres",
        allowed="COMMENT HBR = 10 [m], or a radius given beside the message",
        where=name,
        hint="give the sum of both radii in metres",
    )


def _text(block: Block, keyword: str) -> str:
    for inner in block.walk():
        text = inner.text(keyword)
        if text:
            return text
    return ""


def _number(block: Block, keyword: str) -> float:
    """Return a number; mandatory ones were checked by the reader, absent covariance terms are zero."""
    for inner in block.walk():
        entry = inner.entry(keyword)
        if entry is not None:
            return entry.number()
    return 0.0
