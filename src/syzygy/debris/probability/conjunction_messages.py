"""Conjunction data messages (CCSDS CDM) as encounters: frames, units and the hard-body radius are checked."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import FormatError, FrameError, MissingDataError
from syzygy.debris.probability.encounters import Encounter, UncertainStates, make_encounter, uncertain_states
from syzygy.formats.ccsds import Message, read_message
from syzygy.formats.ccsds import conjunctions as ccsds_conjunctions
from syzygy.formats.ccsds.conjunctions import ConjunctionObject

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
    conjunction = ccsds_conjunctions.read_conjunction(message, leap_seconds)
    one, two = conjunction.states
    if one.frame != two.frame or one.frame.rotating:
        raise FrameError(
            "the states of a conjunction message are not in one inertial frame",
            value=f"{one.frame} and {two.frame}",
            allowed="EME2000, GCRF, the same for both objects",
            where=f"{name} REF_FRAME",
        )
    radius, source = _radius(message, hard_body_radius_m, name)
    sides = [_states(item) for item in conjunction.objects]
    encounter = make_encounter(sides[0], sides[1], radius, frame=one.frame, tca_tai_ns=conjunction.tca_tai_ns)
    header = conjunction.header
    names = conjunction.names()
    return ConjunctionMessage(encounter, header.message_id if header else "", names[0], names[1], source)


def _states(item: ConjunctionObject) -> UncertainStates:
    covariance = _known_part(item.covariance_rtn)
    given = covariance[None] if covariance is not None else None
    return uncertain_states(item.states.position_m, item.states.velocity_m_s, given, axes="rtn")


def _known_part(matrix: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the part of a covariance that is known: a block of zeros says that nothing is."""
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
