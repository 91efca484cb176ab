"""Events as cases: an encounter, its names, where radius and covariances come from, and what is odd."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import ICRF, ITRF, gcrf_from_itrf
from syzygy.base.errors import FormatError, FrameError, SyzygyError, UnitError
from syzygy.base.provenance import InputFile
from syzygy.debris.probability.credibility import (
    SHAPE,
    STATES,
    Doubt,
    doubt_covariance,
    doubt_radius,
    mention_precision,
)
from syzygy.debris.probability.density_correlation import (
    is_consistent,
    read_density_error,
    shared_covariance,
)
from syzygy.debris.probability.encounters import Encounter, UncertainStates, make_encounter, uncertain_states
from syzygy.debris.probability.sizes import RadiusRules
from syzygy.formats.ccsds import Message, read_message
from syzygy.formats.ccsds.conjunctions import Conjunction, ConjunctionObject
from syzygy.formats.ccsds.conjunctions import read_conjunction as read_typed

_RADIUS = re.compile(r"\bHBR\s*=\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(?:\[\s*([A-Za-z]+)\s*\])?")
_DEFAULT_METHODS = ("DEFAULT",)
_AGREES = 0.02
_MOST_MISS_M = 1.0e6
_MOST_SPEED_M_S = 3.0e4
INVENTED = "INVENTED COVARIANCE"


@dataclass(frozen=True)
class Printed:
    """What the message itself states; nan and empty where it does not."""

    miss_m: float = float("nan")
    speed_m_s: float = float("nan")
    probability: float = float("nan")
    method: str = ""


@dataclass(frozen=True)
class ConjunctionCase:
    """One event to be assessed.

    Attributes
    ----------
    name : str
        File name, with ``#2`` and so on where the file holds several.
    message_id, originator : str
    encounter : Encounter
        A batch of one, at the states as given.
    objects, names : tuple of str, 2
        Designators and names.
    creation_tai_ns : int or None
        When the message was made.
    radius_source : str
    covariance_source : tuple of str, 2
    printed : Printed
    notes : tuple of str
        What is odd about the input.
    shared : (1, 6, 6) float64 or None
        Cross-covariance from the density errors that the message gives, where it is consistent.
    doubts : tuple of Doubt
        Why a part of the input cannot be believed.
    """

    name: str
    message_id: str
    originator: str
    encounter: Encounter
    objects: tuple[str, str]
    names: tuple[str, str]
    creation_tai_ns: int | None
    radius_source: str
    covariance_source: tuple[str, str]
    printed: Printed
    notes: tuple[str, ...]
    shared: NDArray[np.float64] | None
    doubts: tuple[Doubt, ...] = ()

    @property
    def tca_tai_ns(self) -> int:
        """Closest approach as given."""
        return int(self.encounter.tca_tai_ns[0])


@dataclass(frozen=True)
class RefusedFile:
    """A file or a message of it that cannot be used, with the five parts of the reason."""

    file: str
    error: SyzygyError


@dataclass(frozen=True)
class Oddity:
    """One deviation from the standard that tolerant reading met."""

    file: str
    line: int
    keyword: str
    what: str


@dataclass(frozen=True)
class LoadedCases:
    """What could be read, what could not, and what was odd."""

    cases: tuple[ConjunctionCase, ...]
    refused: tuple[RefusedFile, ...]
    oddities: tuple[Oddity, ...]


def load_messages(
    files: Sequence[InputFile], almanac: Almanac, rules: RadiusRules, *, max_sigma_m: float
) -> LoadedCases:
    """Read conjunction data messages; what cannot be used is listed and costs nothing else."""
    cases: list[ConjunctionCase] = []
    refused: list[RefusedFile] = []
    oddities: list[Oddity] = []
    for file in files:
        try:
            message = read_message(file.read(), name=file.name)
        except SyzygyError as error:
            refused.append(RefusedFile(file.name, error))
            continue
        parts = message.parts or (message,)
        for number, part in enumerate(parts, start=1):
            name = file.name if len(parts) == 1 else f"{file.name}#{number}"
            oddities.extend(Oddity(name, d.line, d.keyword, d.what) for d in part.diagnostics)
            try:
                cases.append(_case(part, name, almanac, rules, max_sigma_m))
            except SyzygyError as error:
                refused.append(RefusedFile(name, error))
        if message.parts:
            oddities.extend(Oddity(file.name, d.line, d.keyword, d.what) for d in message.diagnostics)
    return LoadedCases(tuple(cases), tuple(refused), tuple(oddities))


def _case(
    message: Message, name: str, almanac: Almanac, rules: RadiusRules, max_sigma_m: float
) -> ConjunctionCase:
    if message.kind != "CDM":
        raise FormatError(
            "not a conjunction data message",
            value=message.kind,
            allowed="CDM",
            where=name,
            hint="orbits alone have no event: screen them first (syzygy debris screen)",
        )
    given = read_typed(message, almanac.leap_seconds)
    objects = given.names("OBJECT_DESIGNATOR")
    radius = rules.radius(_stated_radius_m(message), objects)
    sides = _sides(given, almanac, name)
    frame = given.states[0].frame
    encounter = make_encounter(
        sides[0],
        sides[1],
        radius.metres,
        frame=ICRF if frame == ITRF else frame,
        tca_tai_ns=given.tca_tai_ns,
    )
    _require_conjunction(encounter, name)
    printed = _printed(given)
    shared, shared_note = _shared(message, encounter)
    notes, doubts = _odd_covariances(given, encounter, max_sigma_m)
    doubts = [*_odd_states(encounter, printed), *doubts, *doubt_radius(radius.metres)]
    if shared_note:
        notes.append(shared_note)
    if radius.source.startswith("DEFAULT"):
        notes.append(f"hard-body radius {radius.source}: the probability grows with its square")
    header = given.header
    return ConjunctionCase(
        name=name,
        message_id=header.message_id if header else "",
        originator=header.originator if header else "",
        encounter=encounter,
        objects=objects,
        names=given.names(),
        creation_tai_ns=header.creation_tai_ns if header else None,
        radius_source=radius.source,
        covariance_source=(_source(given.objects[0]), _source(given.objects[1])),
        printed=printed,
        notes=tuple(notes),
        shared=shared,
        doubts=tuple(doubts),
    )


def _require_conjunction(encounter: Encounter, name: str) -> None:
    """Refuse states that cannot be of one conjunction."""
    for word, vector, most, unit in (
        ("distance", encounter.separation_m[0], _MOST_MISS_M, "m"),
        ("relative speed", encounter.relative_velocity_m_s[0], _MOST_SPEED_M_S, "m/s"),
    ):
        size = float(np.linalg.norm(vector))
        if size > most:
            raise UnitError(
                f"a {word} that no conjunction has",
                value=f"{size:.6g} {unit}",
                allowed=f"up to {most:g} {unit}",
                where=name,
                hint="check for kilometres given as metres or the reverse in one of the two states",
            )


def _sides(given: Conjunction, almanac: Almanac, name: str) -> list[UncertainStates]:
    one, two = given.states
    if one.frame != two.frame:
        raise FrameError(
            "the states of a conjunction message are in two frames",
            value=f"{one.frame} and {two.frame}",
            allowed="one frame for both objects",
            where=f"{name} REF_FRAME",
        )
    sides = []
    for item in given.objects:
        position, velocity = item.states.position_m, item.states.velocity_m_s
        if one.frame == ITRF:
            position, turned = gcrf_from_itrf(position, velocity, item.states.tai_ns, almanac)
            velocity = velocity if turned is None else turned
        known = _known_part(item.covariance_rtn)
        sides.append(uncertain_states(position, velocity, None if known is None else known[None], axes="rtn"))
    return sides


def _known_part(matrix: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return the part of a covariance that is known: a block of zeros says that nothing is."""
    if not matrix[:3, :3].any():
        return None
    return matrix if matrix[3:, 3:].any() else matrix[:3, :3]


def _stated_radius_m(message: Message) -> float | None:
    for block in message.root.walk():
        for comment in block.comments():
            found = _RADIUS.search(comment)
            if found and (found[2] or "m").lower() == "m" and float(found[1]) > 0.0:
                return float(found[1])
    return None


def _printed(given: Conjunction) -> Printed:
    def number(keyword: str) -> float:
        value = given.relative.values.get(keyword)
        return float(value) if isinstance(value, int | float) else float("nan")

    return Printed(
        number("MISS_DISTANCE"),
        number("RELATIVE_SPEED"),
        number("COLLISION_PROBABILITY"),
        given.relative.text("COLLISION_PROBABILITY_METHOD"),
    )


def _odd_states(encounter: Encounter, printed: Printed) -> list[Doubt]:
    doubts = []
    for word, stated, states, unit in (
        ("miss distance", printed.miss_m, encounter.separation_m[0], "m"),
        ("relative speed", printed.speed_m_s, encounter.relative_velocity_m_s[0], "m/s"),
    ):
        own = float(np.linalg.norm(states))
        slack = max(_AGREES * own, 1.0)
        if np.isfinite(stated) and abs(stated - own) > slack:
            ratio = max(stated, own) / max(min(stated, own), 1e-9)
            hint = "; kilometres for metres?" if ratio > 300.0 else ""
            text = f"stated {word} {stated:.6g} {unit}, that of the states {own:.6g} {unit}{hint}"
            doubts.append(Doubt(STATES, text))
    return doubts


def _odd_covariances(
    given: Conjunction, encounter: Encounter, max_sigma_m: float
) -> tuple[list[str], list[Doubt]]:
    notes, doubts = [], []
    sides = (encounter.primary, encounter.secondary)
    for word, item, side in zip(("primary", "secondary"), given.objects, sides, strict=True):
        if not side.covariance_known[0]:
            notes.append(f"{word}: no covariance")
            continue
        if item.metadata.text("COVARIANCE_METHOD").upper() in _DEFAULT_METHODS:
            doubts.append(Doubt(SHAPE, f"{word}: a default covariance, not calculated"))
        doubts.extend(doubt_covariance(word, side, max_sigma_m))
        notes.extend(mention_precision(word, side))
    return notes, doubts


def _source(item: ConjunctionObject) -> str:
    if not item.covariance_rtn[:3, :3].any():
        return "none"
    invented = [text for text in item.metadata.comments if INVENTED in text]
    if invented:
        return invented[0][invented[0].index(INVENTED) :]
    return f"message ({item.metadata.text('COVARIANCE_METHOD').lower() or 'method not said'})"


def _shared(message: Message, encounter: Encounter) -> tuple[NDArray[np.float64] | None, str]:
    one, two = (read_density_error(segment) for segment in message.segments)
    if one is None or two is None or not (one.sigma and two.sigma):
        return None, ""
    if not (encounter.primary.covariance_known[0] and encounter.secondary.covariance_known[0]):
        return None, ""
    shared = shared_covariance(encounter.primary, encounter.secondary, (one, two))
    if not is_consistent(encounter.primary, encounter.secondary, shared):
        return None, "the density errors of the message do not fit its covariances; correlation left out"
    return shared, ""


def with_scales(case: ConjunctionCase, primary: float, secondary: float) -> ConjunctionCase:
    """Return the case with all sigmas multiplied; the shared part scales with both."""
    if primary == 1.0 and secondary == 1.0:
        return case
    encounter = case.encounter
    changed = replace(
        encounter,
        primary=replace(encounter.primary, covariance=encounter.primary.covariance * primary**2),
        secondary=replace(encounter.secondary, covariance=encounter.secondary.covariance * secondary**2),
    )
    note = f"sigmas multiplied by {primary:g} (primary) and {secondary:g} (secondary) on request"
    shared = None if case.shared is None else case.shared * primary * secondary
    return replace(case, encounter=changed, notes=(*case.notes, note), shared=shared)
