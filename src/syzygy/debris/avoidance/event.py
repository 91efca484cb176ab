"""The event to be avoided: two states with covariances at closest approach, an element set of the mover."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import EME2000, TEME
from syzygy.astro.frames.bias import icrf_from_eme2000
from syzygy.astro.frames.teme import teme_from_gcrf
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.astro.time import LeapSeconds, utc_julian_date
from syzygy.base.errors import ComputationError, CoverageError, FormatError, InputError, UnknownNameError
from syzygy.base.provenance import InputFile
from syzygy.debris.avoidance.element_fit import fit_elements
from syzygy.debris.avoidance.requests import AvoidanceRequest
from syzygy.debris.avoidance.uncertainty import ElementUncertainty
from syzygy.debris.event_table_files import event_table_kind
from syzygy.debris.probability.cases import INVENTED
from syzygy.debris.probability.closest_approach import move_to_closest_approach
from syzygy.debris.probability.conjunction_messages import read_conjunction
from syzygy.debris.probability.element_motion import GM_M3_S2
from syzygy.debris.probability.encounters import Encounter, UncertainStates, make_encounter, uncertain_states
from syzygy.formats.ccsds import Message, read_message
from syzygy.formats.tabular import decode_table

FloatArray = NDArray[np.float64]
DEFAULT_RADIUS_M = 20.0
_SEARCH_S = 600.0
_FIT_LIMIT_M = 1.0


@dataclass(frozen=True, eq=False)
class AvoidanceEvent:
    """What is to be avoided.

    Attributes
    ----------
    encounter : Encounter
        A batch of one in TEME at closest approach; the primary can manoeuvre.
    own : MeanElements
        One set: SGP4 orbit of the primary, through its state.
    own_id, other_id : int
        Catalogue numbers, 0 where the message has none.
    own_name, other_name : str
    radius_source, covariance_source, orbit_source : str
        Where they come from, in words.
    seam_m : float
        For a message: distance between its state and the element set of the catalogue, else 0.
    from_message : bool
    """

    encounter: Encounter
    own: MeanElements
    own_id: int
    other_id: int
    own_name: str
    other_name: str
    radius_source: str
    covariance_source: str
    orbit_source: str
    seam_m: float
    from_message: bool

    @property
    def tca_tai_ns(self) -> int:
        """Closest approach without a burn."""
        return int(self.encounter.tca_tai_ns[0])


def load_event(
    request: AvoidanceRequest, elements: MeanElements, uncertainty: ElementUncertainty, almanac: Almanac
) -> AvoidanceEvent:
    """Return the event of a request; see `AvoidanceRequest`.

    Raises
    ------
    FormatError, FrameError, MissingDataError
        The message or the table cannot be used.
    UnknownNameError
        An object is in no catalogue.
    InputError, CoverageError
        No such row, or no encounter at that time.
    """
    file = request.event
    if file is None:
        pair, tca = (request.objects[0], request.objects[1]), request.tca_tai_ns or 0
        return _from_elements(request, elements, uncertainty, almanac, pair, tca)
    if event_table_kind(file):
        pair, tca = _row(request, file)
        return _from_elements(request, elements, uncertainty, almanac, pair, tca)
    return _from_message(request, file, elements, almanac)


def _row(request: AvoidanceRequest, file: InputFile) -> tuple[tuple[int, int], int]:
    events = decode_table(file.read(), event_table_kind(file), name=file.name)
    if request.row > len(events):
        raise InputError(
            "the event table has no such row", value=request.row, allowed=f"1 to {len(events)}", where="row"
        )
    missing = [n for n in ("object_a", "object_b", "tca_tai_ns") if n not in events.names]
    if missing:
        raise FormatError(
            "not an event table of a screening",
            value=f"no column {', '.join(missing)}",
            allowed="the main table of `syzygy debris screen`",
            where=file.name,
        )
    a, b, tca = (int(np.asarray(events[n])[request.row - 1]) for n in ("object_a", "object_b", "tca_tai_ns"))
    return (a, b), tca


def _ordered(request: AvoidanceRequest, pair: tuple[int, int]) -> tuple[int, int]:
    """Return the pair with the object that can move first."""
    chosen = pair[0] if request.manoeuvrable is None else request.manoeuvrable
    if chosen not in pair:
        raise UnknownNameError(
            "the manoeuvrable object is not part of the event",
            value=chosen,
            allowed=f"{pair[0]} or {pair[1]}",
            where="manoeuvrable",
        )
    return pair if chosen == pair[0] else (pair[1], pair[0])


def _find(elements: MeanElements, number: int) -> MeanElements:
    rows = np.flatnonzero(elements.object_id == number)
    if not rows.size:
        raise UnknownNameError(
            "an object of the event is in no catalogue",
            value=number,
            allowed=f"one of the {len(elements)} catalogue numbers of the inputs",
            where="catalogues",
            hint="add the catalogue that holds it, or correct the number",
        )
    return elements.select(rows[:1])


def _from_elements(
    request: AvoidanceRequest,
    elements: MeanElements,
    uncertainty: ElementUncertainty,
    almanac: Almanac,
    pair: tuple[int, int],
    tca_tai_ns: int,
) -> AvoidanceEvent:
    own_id, other_id = _ordered(request, pair)
    sets = [_find(elements, number) for number in (own_id, other_id)]
    tca = _closest(sets, tca_tai_ns, almanac.leap_seconds)
    sides = [_side(one, tca, uncertainty, almanac.leap_seconds) for one in sets]
    radius = request.hard_body_radius_m or DEFAULT_RADIUS_M
    source = "given" if request.hard_body_radius_m else f"DEFAULT {DEFAULT_RADIUS_M:g} m, not a measurement"
    return AvoidanceEvent(
        make_encounter(sides[0], sides[1], radius, frame=TEME, tca_tai_ns=tca),
        sets[0], own_id, other_id, str(sets[0].name[0]), str(sets[1].name[0]),
        source, uncertainty.label(), "element set of the catalogue, SGP4", 0.0, False,
    )  # fmt: skip


def _closest(sets: list[MeanElements], about_tai_ns: int, leap_seconds: LeapSeconds) -> int:
    """Return the closest approach of two objects within ten minutes of an instant."""
    batches = [prepare_sgp4(one, leap_seconds) for one in sets]
    steps = np.arange(-_SEARCH_S, _SEARCH_S + 1.0, 5.0)
    times = about_tai_ns + np.round(steps * 1e9).astype(np.int64)
    states = [batch.states(times) for batch in batches]
    distance = np.linalg.norm(states[1].position_m[0] - states[0].position_m[0], axis=1)
    if not np.isfinite(distance).all():
        raise CoverageError(
            "an object of the event has no usable SGP4 state at that time",
            value=f"objects {int(sets[0].object_id[0])} and {int(sets[1].object_id[0])}",
            allowed="element sets near the event",
            where="catalogues",
        )
    at = int(times[np.argmin(distance)])
    relative = np.zeros(6)
    for _ in range(8):
        pair = [batch.states(np.array([at])) for batch in batches]
        relative = np.concatenate([pair[1].position_m[0, 0] - pair[0].position_m[0, 0],
                                   pair[1].velocity_m_s[0, 0] - pair[0].velocity_m_s[0, 0]])  # fmt: skip
        at += round(-1e9 * float(relative[:3] @ relative[3:]) / max(float(relative[3:] @ relative[3:]), 1e-9))
    if abs(at - about_tai_ns) > _SEARCH_S * 1e9 or np.linalg.norm(relative[:3]) > 1e5:
        raise InputError(
            "the two objects do not meet at that time",
            value=f"{np.linalg.norm(relative[:3]) / 1e3:.4g} km at the nearest",
            allowed="an encounter below 100 km within 10 min",
            where="tca_utc",
        )
    return at


def _side(
    one: MeanElements, tca: int, uncertainty: ElementUncertainty, leap_seconds: LeapSeconds
) -> UncertainStates:
    states = prepare_sgp4(one, leap_seconds).states(np.array([tca]))
    age = (tca - one.epoch_tai_ns) / 1e9
    covariance = uncertainty.covariances(states.position_m[0], states.velocity_m_s[0], age)
    return uncertain_states(states.position_m[0], states.velocity_m_s[0], covariance, axes="inertial")


def _from_message(
    request: AvoidanceRequest, file: InputFile, elements: MeanElements, almanac: Almanac
) -> AvoidanceEvent:
    content = file.read()
    found = read_conjunction(
        content, almanac.leap_seconds, name=file.name, hard_body_radius_m=request.hard_body_radius_m
    )
    message = read_message(content, name=file.name)
    texts = [entry.text for entry in message.find("OBJECT_DESIGNATOR")][:2]
    numbers = [int(text) if text.isdigit() else 0 for text in [*texts, "", ""][:2]]
    own_id, other_id = _ordered(request, (numbers[0], numbers[1]))
    swapped = own_id != numbers[0]
    encounter = move_to_closest_approach(_in_teme(found.encounter, almanac)).encounter
    names = [found.primary_name, found.secondary_name]
    if swapped:
        encounter = replace(encounter, primary=encounter.secondary, secondary=encounter.primary)
        names.reverse()
    for word, side in zip(names, (encounter.primary, encounter.secondary), strict=True):
        if not side.covariance_known[0]:
            raise InputError(
                "an object of the message has no covariance",
                value=word,
                allowed="a covariance of both objects",
                where=file.name,
                hint="no burn can be sized without one; give the event as two element sets (--objects)",
            )
    own, seam, source = _own_orbit(elements, own_id, encounter, almanac.leap_seconds)
    return AvoidanceEvent(
        encounter, own, own_id, other_id, names[0], names[1], found.radius_source,
        _origin(message, file.name), source, seam, True,
    )  # fmt: skip


def _origin(message: Message, name: str) -> str:
    """Return where the covariances of a message come from; what it says is invented stays invented."""
    said = [text for block in message.root.walk() for text in block.comments() if INVENTED in text]
    return f"{INVENTED}, as message {name} says" if said else f"message {name}"


def _in_teme(encounter: Encounter, almanac: Almanac) -> Encounter:
    if encounter.frame == TEME:
        return encounter
    tai = encounter.tca_tai_ns
    axes = np.eye(3) * 1e7
    if encounter.frame == EME2000:
        axes = np.asarray(icrf_from_eme2000(axes))
    turned, _ = teme_from_gcrf(axes, None, np.full(3, tai[0]), almanac)
    turn = np.asarray(turned).T / 1e7
    double = np.kron(np.eye(2), turn)

    def side(given: UncertainStates) -> UncertainStates:
        return replace(
            given,
            position_m=given.position_m @ turn.T,
            velocity_m_s=given.velocity_m_s @ turn.T,
            covariance=double @ given.covariance @ double.T,
        )

    return replace(
        encounter, primary=side(encounter.primary), secondary=side(encounter.secondary), frame=TEME
    )


def _own_orbit(
    elements: MeanElements, own_id: int, encounter: Encounter, leap_seconds: LeapSeconds
) -> tuple[MeanElements, float, str]:
    """Return an element set through the message's state, its distance from the catalogue's, and a word."""
    tca = encounter.tca_tai_ns
    position, velocity = encounter.primary.position_m, encounter.primary.velocity_m_s
    rows = np.flatnonzero(elements.object_id == own_id)
    if own_id and rows.size:
        start = elements.select(rows[:1])
        known = prepare_sgp4(start, leap_seconds).states(tca).position_m[0]
        seam = float(np.linalg.norm(known - position))
        source = "SGP4 through the state of the message, drag of the catalogue's element set"
    else:
        start = _osculating(elements, encounter, leap_seconds)
        seam, source = (
            0.0,
            "SGP4 through the state of the message, WITHOUT DRAG (the object is in no catalogue)",
        )
    if not np.isfinite(seam):
        raise CoverageError(
            "the element set of the manoeuvrable object gives no state at the event",
            value=own_id, allowed="element sets near the event", where="catalogues",
        )  # fmt: skip
    fitted = fit_elements(start, tca, position, velocity, leap_seconds, again=True)
    if not fitted.position_error_m[0] < _FIT_LIMIT_M:
        raise ComputationError(
            "no element set passes through the state of the message",
            value=f"{fitted.position_error_m[0]:.3g} m off",
            allowed=f"{_FIT_LIMIT_M:g} m",
            where="event",
        )
    return fitted.elements, seam, source


def _osculating(elements: MeanElements, encounter: Encounter, leap_seconds: LeapSeconds) -> MeanElements:
    """Return a first guess of an element set: the osculating orbit of the message's state."""
    r, v = encounter.primary.position_m[0], encounter.primary.velocity_m_s[0]
    h = np.cross(r, v)
    node = np.array([-h[1], h[0], 0.0])
    axis = 1.0 / (2.0 / np.linalg.norm(r) - float(v @ v) / GM_M3_S2)
    e = np.cross(v, h) / GM_M3_S2 - r / np.linalg.norm(r)
    eccentricity = float(np.linalg.norm(e))
    across = np.cross(h / np.linalg.norm(h), node / np.linalg.norm(node))
    perigee = float(np.arctan2(e @ across, e @ node / np.linalg.norm(node)))
    latitude = float(np.arctan2(r @ across, r @ node / np.linalg.norm(node)))
    true = latitude - perigee
    eccentric = 2.0 * np.arctan(np.sqrt((1 - eccentricity) / (1 + eccentricity)) * np.tan(0.5 * true))
    jd, fraction = utc_julian_date(encounter.tca_tai_ns, leap_seconds)
    two_pi = 2.0 * np.pi
    return replace(
        elements.select([0]),
        epoch_tai_ns=encounter.tca_tai_ns,
        epoch_jd=np.atleast_1d(jd),
        epoch_jd_fraction=np.atleast_1d(fraction),
        mean_motion_rad_s=np.array([np.sqrt(GM_M3_S2 / axis**3)]),
        eccentricity=np.array([eccentricity]),
        inclination_rad=np.array([np.arccos(h[2] / np.linalg.norm(h))]),
        raan_rad=np.array([np.mod(np.arctan2(h[0], -h[1]), two_pi)]),
        argument_of_perigee_rad=np.array([np.mod(perigee, two_pi)]),
        mean_anomaly_rad=np.array([np.mod(eccentric - eccentricity * np.sin(eccentric), two_pi)]),
        bstar_per_earth_radius=np.zeros(1),
    )
