"""All inputs of a study as cases: messages as they are, event tables with states from catalogues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import ICRF
from syzygy.astro.time import parse_utc
from syzygy.base.errors import FormatError, MissingDataError, SyzygyError
from syzygy.base.provenance import InputFile
from syzygy.debris.event_table_files import event_table_kind
from syzygy.debris.probability.cases import (
    ConjunctionCase,
    LoadedCases,
    Printed,
    RefusedFile,
    load_messages,
)
from syzygy.debris.probability.credibility import (
    LEAST_ELEMENT_SIGMA_M,
    LEAST_SIGMA_M,
    STATES,
    Doubt,
    doubt_covariance,
    doubt_radius,
)
from syzygy.debris.probability.element_set_errors import models_from_history, stated_model
from syzygy.debris.probability.encounters import UncertainStates, make_encounter, uncertain_states
from syzygy.debris.probability.object_states import ObjectStates, StateAt, load_objects
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.sizes import RadiusRules
from syzygy.formats.tabular import decode_table

_MISS_AGREES_M = 100.0


def load_events(request: ProbabilityRequest, almanac: Almanac, rules: RadiusRules) -> LoadedCases:
    """Read the messages and the event tables of a request.

    Raises
    ------
    MissingDataError
        Nothing but event tables, without a catalogue or an ephemeris; beside messages they are refused.
    FormatError
        A catalogue without any usable element set.
    """
    kinds = [event_table_kind(file) for file in request.events]
    tables = [file for file, kind in zip(request.events, kinds, strict=True) if kind]
    messages = [file for file, kind in zip(request.events, kinds, strict=True) if not kind]
    found = load_messages(messages, almanac, rules, max_sigma_m=request.max_sigma_m)
    if not tables:
        return found
    cases, refused = list(found.cases), list(found.refused)
    if not request.catalogues and not request.ephemerides:
        without = [RefusedFile(file.name, _no_states(file)) for file in tables]
        if not messages:
            raise without[0].error
        return LoadedCases(tuple(cases), (*refused, *without), found.oddities)
    objects = _objects(request, almanac)
    for file in tables:
        try:
            rows = _rows(file)
        except SyzygyError as error:
            refused.append(RefusedFile(file.name, error))
            continue
        for number, row in enumerate(rows, start=1):
            name = f"{file.name}:{number}"
            try:
                cases.append(_case(name, row, objects, rules, request.max_sigma_m))
            except SyzygyError as error:
                refused.append(RefusedFile(name, error))
    return LoadedCases(tuple(cases), tuple(refused), found.oddities)


def _no_states(file: InputFile) -> MissingDataError:
    return MissingDataError(
        "an event table holds no states",
        value=file.name,
        allowed="--catalogue FILE or --ephemeris FILE beside it",
        where="events",
        hint="name the catalogues that the screening used",
    )


def _objects(request: ProbabilityRequest, almanac: Almanac) -> ObjectStates:
    from syzygy.astro.mean_elements import join_elements
    from syzygy.formats.catalogue import read_catalogue

    leap_seconds = almanac.leap_seconds
    parts = [read_catalogue(f.read(), leap_seconds, name=f.name).elements for f in request.history]
    models = models_from_history(join_elements(parts), leap_seconds) if parts else {}
    usual = stated_model(request.model_sigma_m, request.model_growth_m)
    return load_objects(request.catalogues, request.ephemerides, models, usual, almanac)


def _rows(file: InputFile) -> list[dict[str, object]]:
    found = decode_table(file.read(), event_table_kind(file), name=file.name)
    missing = [name for name in ("object_a", "object_b", "tca_utc") if name not in found.names]
    if missing:
        raise FormatError(
            "not a table of events",
            value=f"no column {', '.join(missing)}",
            allowed="object_a, object_b, tca_utc as `syzygy debris screen --out` writes them",
            where=file.name,
        )
    return found.rows()


def _case(
    name: str, row: Mapping[str, object], objects: ObjectStates, rules: RadiusRules, max_sigma_m: float
) -> ConjunctionCase:
    tca = _tca(row, objects.almanac)
    pairs = [(str(row[f"object_{side}"]), str(row.get(f"name_{side}", ""))) for side in "ab"]
    states = [objects.at(pair, tca) for pair in pairs]
    ids = (pairs[0][0], pairs[1][0])
    radius = rules.radius(_own_radius_m(row), ids)
    sides = [_uncertain(state) for state in states]
    encounter = make_encounter(sides[0], sides[1], radius.metres, frame=ICRF, tca_tai_ns=tca)
    notes = [
        f"{word}: {state.covariance_source}"
        for word, state in zip(("primary", "secondary"), states, strict=True)
    ]
    doubts = doubt_radius(radius.metres)
    for word, side, state in zip(("primary", "secondary"), sides, states, strict=True):
        measured = state.covariance_source.startswith("ephemeris")
        least = LEAST_SIGMA_M if measured else LEAST_ELEMENT_SIGMA_M
        doubts.extend(doubt_covariance(word, side, max_sigma_m, least_sigma_m=least))
    stated = row.get("miss_distance_m")
    miss = float(stated) if isinstance(stated, int | float) else float("nan")
    own = float(np.linalg.norm(encounter.separation_m[0]))
    if abs(miss - own) > max(_MISS_AGREES_M, 0.02 * own):
        text = f"the table has a miss distance of {miss:.6g} m, these states give {own:.6g} m: other sets?"
        doubts.append(Doubt(STATES, text))
    if radius.source.startswith("DEFAULT"):
        notes.append(f"hard-body radius {radius.source}: the probability grows with its square")
    return ConjunctionCase(
        name=name,
        message_id=name,
        originator="",
        encounter=encounter,
        objects=ids,
        names=(pairs[0][1], pairs[1][1]),
        creation_tai_ns=None,
        radius_source=radius.source.replace("message", "event table"),
        covariance_source=(states[0].covariance_source, states[1].covariance_source),
        printed=Printed(miss_m=miss),
        notes=tuple(notes),
        shared=None,
        doubts=tuple(doubts),
    )


def _tca(row: Mapping[str, object], almanac: Almanac) -> int:
    exact = row.get("tca_tai_ns")
    return exact if isinstance(exact, int) else parse_utc(str(row["tca_utc"]), almanac.leap_seconds)


def _own_radius_m(row: Mapping[str, object]) -> float | None:
    parts = [row.get(f"radius_{side}_m") for side in "ab"]
    known: Sequence[float] = [float(part) for part in parts if isinstance(part, int | float) and part > 0.0]
    return sum(known) if len(known) == 2 else None


def _uncertain(state: StateAt) -> UncertainStates:
    given = None if state.covariance_rtn is None else state.covariance_rtn[None]
    return uncertain_states(state.position_m, state.velocity_m_s, given, axes="rtn")
