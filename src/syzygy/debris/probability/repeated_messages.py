"""Messages that say the same a second time: in a series each counts once."""

from __future__ import annotations

from collections.abc import Sequence

from syzygy.base.errors import InputError
from syzygy.debris.probability.cases import ConjunctionCase, RefusedFile


def without_repeated(
    cases: Sequence[ConjunctionCase],
) -> tuple[list[ConjunctionCase], list[RefusedFile]]:
    """Return each message once, the first by file name, and the others with the file that is used instead.

    Two files are one message when creation, closest approach, objects, states, covariances and radius are the
    same, whatever their names, forms and comments.
    """
    known: dict[tuple[object, ...], str] = {}
    kept, repeated = [], []
    for case in sorted(cases, key=lambda item: item.name):
        mark = _mark(case)
        if mark not in known:
            known[mark] = case.name
            kept.append(case)
            continue
        error = InputError(
            "the same message again",
            value=case.name,
            allowed="each message once",
            where="events",
            hint=f"nothing is lost: {known[mark]} says the same and is used",
        )
        repeated.append(RefusedFile(case.name, error))
    return kept, repeated


def _mark(case: ConjunctionCase) -> tuple[object, ...]:
    found = case.encounter
    sides = (found.primary, found.secondary)
    numbers = [
        part.tobytes() for side in sides for part in (side.position_m, side.velocity_m_s, side.covariance)
    ]
    return (
        case.objects,
        case.creation_tai_ns,
        case.tca_tai_ns,
        case.originator,
        found.hard_body_radius_m.tobytes(),
        *numbers,
    )
