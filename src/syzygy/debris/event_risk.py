"""The probability of every approach of a screening, on covariances of ephemerides or of a stated model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.constants import SGP4_GM_M3_S2
from syzygy.astro.frames import TEME
from syzygy.base.tables import Table, column
from syzygy.debris.episodes import Findings
from syzygy.debris.object_radii import ObjectRadii
from syzygy.debris.objects import ScreenedObjects
from syzygy.debris.probability.element_set_errors import ErrorModel, stated_model
from syzygy.debris.probability.encounters import Encounter, UncertainStates, make_encounter, uncertain_states
from syzygy.debris.probability.object_states import ObjectStates
from syzygy.debris.probability.object_states import load_objects as load_states
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.teme_axes import Unoriented

Doubles = NDArray[np.float64]

METHOD = "FOSTER-1992"
_DAY_NS = 86_400e9


@dataclass(frozen=True)
class EventRisk:
    """Approaches with covariances.

    Attributes
    ----------
    encounter : Encounter
        A batch of n in the order of the events, TEME; object a is the primary.
    pc_2d : float64 (n,)
        Two-dimensional probability of collision.
    sources : tuple
        For each event where the covariances of a and b come from.
    known_radius : bool (n,)
        Both radii come from the file.
    above : float
        Probability above which a message is written.
    """

    encounter: Encounter
    pc_2d: Doubles
    sources: tuple[tuple[str, str], ...]
    known_radius: NDArray[np.bool_]
    above: float

    @property
    def warned(self) -> NDArray[np.int64]:
        """Rows of the events above the threshold."""
        return np.flatnonzero(self.pc_2d >= self.above)


def find_event_risk(
    request: ScreeningRequest,
    findings: Findings,
    objects: ScreenedObjects,
    radii: ObjectRadii,
    almanac: Almanac,
) -> EventRisk | None:
    """Return the probability of every event; None where no message was asked for.

    An element set has no covariance: the request states one, and every place where it shows says that it is
    INVENTED. An ephemeris counts with its own where it has one at that time.
    """
    if request.warn_above is None:
        return None
    from syzygy.debris.probability.two_dimensional import find_pc_2d

    found = findings.encounters
    tai_ns = request.start_tai_ns + np.round(found.seconds * 1e9).astype(np.int64)
    states = (
        (found.position_a_m, found.velocity_a_m_s),
        (found.position_a_m + found.separation_m, found.velocity_a_m_s + found.relative_velocity_m_s),
    )
    model = stated_model(request.model_sigma_m, request.model_growth_m)
    known = _ephemeris_states(request, objects, model, almanac, tai_ns)
    sides: list[UncertainStates] = []
    words: list[list[str]] = []
    for side, (position, velocity) in enumerate(states):
        rows = findings.pairs[:, side]
        covariance, said = _covariances(objects, rows, tai_ns, position, velocity, model, known)
        sides.append(uncertain_states(position, velocity, covariance, axes="rtn"))
        words.append(said)
    size = radii.radius_m[findings.pairs]
    usual = 0.5 * request.default_radius_m
    total = np.where(size > 0.0, size, usual).sum(axis=1)
    encounter = make_encounter(sides[0], sides[1], total, frame=TEME, tca_tai_ns=tai_ns)
    pc = find_pc_2d(encounter).probability if len(encounter) else np.zeros(0)
    both = np.asarray((size > 0.0).all(axis=1))
    return EventRisk(encounter, pc, tuple(zip(*words, strict=True)), both, request.warn_above)


def with_risk(events: Table, risk: EventRisk | None) -> Table:
    """Return the events with two further columns, where the probability was asked for."""
    if risk is None:
        return events
    text = "2-D probability; INVENTED COVARIANCE where an object is an element set: ranks, does not decide"
    return replace(
        events,
        columns=(
            *events.columns,
            column("pc_2d", risk.pc_2d, "1", text, tolerance=1e-6),
            column("hard_body_radius_m", risk.encounter.hard_body_radius_m, "m", "sum of both radii"),
        ),
    )


def _ephemeris_states(
    request: ScreeningRequest,
    objects: ScreenedObjects,
    model: ErrorModel,
    almanac: Almanac,
    tai_ns: NDArray[np.int64],
) -> ObjectStates | None:
    """Return the covariances of the ephemerides, where there is one."""
    if not objects.ephemerides or not tai_ns.size:
        return None
    files = {item.sha256 for item in objects.ephemerides}
    sources = tuple(source for source in request.catalogues if source.sha256 in files)
    oriented = almanac if almanac.earth_orientation is not None else Unoriented(almanac, tai_ns)
    return load_states((), sources, {}, model, oriented)  # type: ignore[arg-type]


def _covariances(
    objects: ScreenedObjects,
    rows: NDArray[np.int64],
    tai_ns: NDArray[np.int64],
    position: Doubles,
    velocity: Doubles,
    model: ErrorModel,
    known: ObjectStates | None,
) -> tuple[Doubles, list[str]]:
    """Return covariances (n, 6, 6) in RTN axes and where each comes from."""
    radius = np.linalg.norm(position, axis=1)
    energy = 0.5 * (velocity**2).sum(axis=1) - SGP4_GM_M3_S2 / radius
    motion = np.sqrt(np.maximum(-2.0 * energy, 0.0) ** 3) / SGP4_GM_M3_S2
    age = (tai_ns - objects.epoch_tai_ns[rows]) / _DAY_NS
    matrix = np.zeros((len(rows), 6, 6))
    said = []
    for k, row in enumerate(rows.tolist()):
        given = None
        if row >= len(objects.elements):
            given, words = _of_ephemeris(objects, row, int(tai_ns[k]), known)
            if given is not None:
                matrix[k] = given
                said.append(words)
                continue
            said.append(f"{model.source}, as for a fresh element set: the ephemeris has none")
            matrix[k] = model.covariance_rtn(0.0, float(motion[k]))
            continue
        matrix[k] = model.covariance_rtn(float(age[k]), float(motion[k]))
        said.append(f"{model.source}, set {age[k]:+.2f} d old")
    return matrix, said


def _of_ephemeris(
    objects: ScreenedObjects, row: int, tai_ns: int, known: ObjectStates | None
) -> tuple[Doubles | None, str]:
    if known is None:
        return None, ""
    names = (str(objects.international_designator[row]), str(objects.name[row]))
    found = known.at(names, tai_ns)
    return found.covariance_rtn, found.covariance_source
