"""CDM to two states and covariances at the time of closest approach, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.frames import EME2000, ICRF, ITRF, Frame, require_frame, rtn_axes
from syzygy.astro.states import States
from syzygy.base.errors import FormatError, FrameError, InputError
from syzygy.formats.ccsds.clocks import MessageClock
from syzygy.formats.ccsds.composing import MessageHeader, compose_message, filled, header_of, parent
from syzygy.formats.ccsds.core_frames import core_centre, core_frame, frame_name
from syzygy.formats.ccsds.covariances import CARTESIAN, RTN_NAMES, keyed_matrix, keyed_section
from syzygy.formats.ccsds.model import Block, Message
from syzygy.formats.ccsds.typed import Section, Value, Writer, section_of

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_FRAMES = (EME2000, ICRF, ITRF)
_RELATIVE = tuple(f"RELATIVE_{kind}_{axis}" for kind in ("POSITION", "VELOCITY") for axis in "RTN")


@dataclass(frozen=True, eq=False)
class ConjunctionObject:
    """One of the two objects.

    Attributes
    ----------
    states : States
        One state (position (3,)) at the time of closest approach: EME2000, ICRF (GCRF) or ITRF.
    covariance_rtn : float64 (6, 6)
        Of position and velocity in the RTN axes of this object: m**2, m**2/s, m**2/s**2.
    metadata : Section
        The other keywords of table 3-3: OBJECT_DESIGNATOR, OBJECT_NAME, MANEUVERABLE ...; ORBIT_CENTER only
        where the message names it.
    frame_name : str
        REF_FRAME as written, or empty.
    determination, additional : Section
        Keywords of the orbit determination and of the object (AREA_PC, MASS, CD_AREA_OVER_MASS ...), SI.
    parameters : Section
        Covariance terms beyond the sixth row (CDRG_R ... CTHR_THR), SI, and the comments of that block.
    comments : mapping of str to tuple of str
        Comments of the blocks ``data`` and ``stateVector``.
    """

    states: States
    covariance_rtn: NDArray[np.float64]
    metadata: Section
    frame_name: str = ""
    determination: Section = field(default_factory=Section)
    additional: Section = field(default_factory=Section)
    parameters: Section = field(default_factory=Section)
    comments: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Conjunction:
    """A CDM.

    Attributes
    ----------
    tca_tai_ns : int
        Time of closest approach.
    objects : tuple of ConjunctionObject
        OBJECT1 and OBJECT2.
    relative : Section
        The other keywords of table 3-2 in SI: MISS_DISTANCE (m), RELATIVE_SPEED, the screening volume,
        COLLISION_PROBABILITY and its method.
    header : MessageHeader or None
    """

    tca_tai_ns: int
    objects: tuple[ConjunctionObject, ConjunctionObject]
    relative: Section
    header: MessageHeader | None = None

    @property
    def states(self) -> tuple[States, States]:
        """Both states, each in its own frame."""
        return self.objects[0].states, self.objects[1].states

    @property
    def covariance_rtn(self) -> NDArray[np.float64]:
        """Both covariances (2, 6, 6), each in the RTN axes of its object."""
        return np.stack([item.covariance_rtn for item in self.objects])

    @property
    def miss_distance_m(self) -> float:
        """As the message states it."""
        return self.relative.number("MISS_DISTANCE")

    def names(self, keyword: str = "OBJECT_NAME") -> tuple[str, str]:
        """Return a text of the metadata of both objects."""
        return self.objects[0].metadata.text(keyword), self.objects[1].metadata.text(keyword)


def rtn_covariance(states: States, covariance: ArrayLike) -> NDArray[np.float64]:
    """Turn covariances (..., 6, 6) from the (inertial) axes of the states into the RTN axes of each.

    The result is symmetric to the last bit.

    Raises
    ------
    FrameError
        Earth-fixed states: RTN is defined with the inertial velocity.
    """
    require_frame(states.frame, (EME2000, ICRF), "rtn_covariance")
    turn = rtn_axes(states.position_m, states.velocity_m_s)
    both = np.zeros((*turn.shape[:-2], 6, 6))
    both[..., :3, :3] = both[..., 3:, 3:] = turn
    turned = both @ np.asarray(covariance, dtype=np.float64) @ both.swapaxes(-1, -2)
    return np.asarray((turned + turned.swapaxes(-1, -2)) / 2.0)


def object_metadata(
    designator: str,
    name: str,
    *,
    international_designator: str = "UNKNOWN",
    catalog_name: str = "SATCAT",
    ephemeris_name: str = "NONE",
    covariance_method: str = "CALCULATED",
    maneuverable: str = "N/A",
    more: Mapping[str, Value] | None = None,
) -> Section:
    """Return the metadata of an object with every mandatory keyword of 508.0-B-1 table 3-3."""
    return Section(
        {
            "OBJECT_DESIGNATOR": designator,
            "CATALOG_NAME": catalog_name,
            "OBJECT_NAME": name,
            "INTERNATIONAL_DESIGNATOR": international_designator,
            "EPHEMERIS_NAME": ephemeris_name,
            "COVARIANCE_METHOD": covariance_method,
            "MANEUVERABLE": maneuverable,
            **(more or {}),
        }
    )


def make_conjunction(
    one: ConjunctionObject,
    two: ConjunctionObject,
    *,
    more: Mapping[str, Value] | None = None,
    comments: tuple[str, ...] = (),
    header: MessageHeader | None = None,
) -> Conjunction:
    """Return the conjunction of two objects: distance, speed and relative state come from the states.

    Parameters
    ----------
    one, two : ConjunctionObject
        At one instant, in one inertial frame (EME2000 or ICRF).
    more : mapping
        Further keywords of table 3-2: COLLISION_PROBABILITY, its method, the screening volume.
    comments : tuple of str
        ``HBR = 10 [m]`` ...

    Raises
    ------
    FrameError
        Two frames, or one that turns.
    InputError
        Two instants.
    """
    require_frame(one.states.frame, (EME2000, ICRF), "make_conjunction, object 1")
    require_frame(two.states.frame, one.states.frame, "make_conjunction, object 2")
    instants = {int(item.states.tai_ns) for item in (one, two)}
    if len(instants) > 1:
        raise InputError(
            "the two states are not at one instant", value=f"{sorted(instants)} ns TAI",
            allowed="both at the time of closest approach", where="make_conjunction",
        )  # fmt: skip
    turn = rtn_axes(one.states.position_m, one.states.velocity_m_s)
    position = two.states.position_m - one.states.position_m
    velocity = two.states.velocity_m_s - one.states.velocity_m_s
    parts = np.concatenate([turn @ position, turn @ velocity]).tolist()
    values: dict[str, Value] = {
        "MISS_DISTANCE": float(np.sqrt(position @ position)),
        "RELATIVE_SPEED": float(np.sqrt(velocity @ velocity)),
        **dict(zip(_RELATIVE, parts, strict=True)),
        **(more or {}),
    }
    return Conjunction(instants.pop(), (one, two), Section(values, comments), header)


def read_conjunction(message: Message, leap_seconds: LeapSeconds) -> Conjunction:
    """Turn a CDM into two states and covariances at the time of closest approach; all its times are UTC.

    Raises
    ------
    FormatError
        No CDM.
    FrameError
        A frame or centre that the core does not have.
    UnitError
        A state that cannot be (kilometres for metres).

    **Accuracy**: miss distance and relative speed of a published real conjunction to 1e-9 relative; every
    value the double nearest to its text (``test_ccsds_core.py``, ``test_ccsds_conjunctions.py``).
    """
    if message.kind != "CDM":
        raise FormatError("a conjunction is a CDM", value=message.kind, allowed="CDM", where=message.name)
    clock = MessageClock("UTC", leap_seconds, where=message.name)
    relative = section_of(message.root.block("relativeMetadataData"), clock)
    values = dict(relative.values)
    tca = values.pop("TCA")
    if not isinstance(tca, int):  # pragma: no cover - the reader refuses a message without it
        raise FormatError("a value is missing", value="TCA", where=message.name)
    by_name = {segment.block("metadata").text("OBJECT"): segment for segment in message.segments}  # type: ignore[union-attr]
    one, two = (_object(by_name[name], tca, clock) for name in ("OBJECT1", "OBJECT2"))
    return Conjunction(tca, (one, two), Section(values, relative.comments), header_of(message, leap_seconds))


def _object(segment: Block, tca: int, clock: MessageClock) -> ConjunctionObject:
    data = segment.block("data") or Block("data")
    metadata = section_of(segment.block("metadata"), clock)
    values = {key: value for key, value in metadata.values.items() if key not in ("OBJECT", "REF_FRAME")}
    name = metadata.text("REF_FRAME")
    vector = section_of(data.block("stateVector"), clock)
    state = np.array([vector.number(key) for key in CARTESIAN])
    centre = core_centre(metadata.text("ORBIT_CENTER") or "EARTH", clock.where)
    states = States(state[:3], state[3:], np.asarray(tca), core_frame(name, clock.where), centre)
    matrix, parameters = keyed_matrix(
        data.block("covarianceMatrix") or Block("covarianceMatrix"), RTN_NAMES, clock
    )
    comments = {"data": tuple(data.comments()), "stateVector": vector.comments}
    return ConjunctionObject(
        states, matrix, Section(values, metadata.comments), name,
        section_of(data.block("odParameters"), clock), section_of(data.block("additionalParameters"), clock),
        parameters, {key: texts for key, texts in comments.items() if texts},
    )  # fmt: skip


def write_conjunction(
    conjunction: Conjunction,
    leap_seconds: LeapSeconds,
    *,
    header: MessageHeader | None = None,
    form: str = "kvn",
    every_digit: bool = False,
) -> bytes:
    """Write a CDM 1.0 that passes the strict check.

    Parameters
    ----------
    conjunction : Conjunction
    leap_seconds : LeapSeconds
    header : MessageHeader
        Instead of the conjunction's own; CDM need a message id.
    form : str
        ``kvn``, ``xml`` or ``json``.
    every_digit : bool
        As in `compose_message`.

    Raises
    ------
    FrameError
        States in a frame that a CDM cannot name (allowed: EME2000, GCRF, ITRF).
    InputError
        No header, or a covariance that is not symmetric.
    MessageError
        A mandatory keyword is missing.
    """
    head = header or conjunction.header
    if head is None or not head.message_id:
        raise InputError(
            "a CDM needs a header with a message id", value=head, allowed="MessageHeader(..., message_id=...)"
        )
    clock = MessageClock("UTC", leap_seconds)

    def body(writer: Writer) -> list[Block]:
        relative = conjunction.relative
        section = Section({"TCA": conjunction.tca_tai_ns, **relative.values}, relative.comments)
        blocks = [writer.block("relativeMetadataData", section)]
        for number, item in enumerate(conjunction.objects, 1):
            blocks.append(_segment(writer, f"OBJECT{number}", item))
        return blocks

    return compose_message("CDM", "1.0", head, clock, body, form=form, every_digit=every_digit)


def _segment(writer: Writer, number: str, item: ConjunctionObject) -> Block:
    frame = _cdm_frame(item.states.frame, item.frame_name)
    values = {"OBJECT": number, "REF_FRAME": frame, **item.metadata.values}
    if item.states.centre.naif_id != 399 and "ORBIT_CENTER" not in values:
        values["ORBIT_CENTER"] = item.states.centre.name.upper()
    state = np.concatenate([item.states.position_m, item.states.velocity_m_s]).tolist()
    vector = Section(dict(zip(CARTESIAN, state, strict=True)), item.comments.get("stateVector", ()))
    data = parent(
        "data",
        filled(writer.block("odParameters", item.determination)),
        filled(writer.block("additionalParameters", item.additional)),
        writer.block("stateVector", vector),
        writer.block("covarianceMatrix", keyed_section(item.covariance_rtn, RTN_NAMES, item.parameters)),
    )
    data.items[:0] = writer.block("data", Section({}, item.comments.get("data", ()))).items
    return parent("segment", writer.block("metadata", Section(values, item.metadata.comments)), data)


def _cdm_frame(frame: Frame, given: str) -> str:
    if frame not in _FRAMES:
        raise FrameError(
            "a CDM cannot carry states in this frame", value=frame.name, allowed="EME2000, ICRF (GCRF), ITRF",
            where="REF_FRAME", hint="transform the states first (syzygy.astro.states.transform_states)",
        )  # fmt: skip
    name = frame_name(frame, given)
    return name if name in ("EME2000", "GCRF", "ITRF") else frame_name(frame)
