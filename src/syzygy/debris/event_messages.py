"""One conjunction data message per approach above a probability, in EME2000, for strict checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH
from syzygy.astro.frames import EME2000, rtn_axes
from syzygy.astro.states import States
from syzygy.astro.time import format_utc
from syzygy.debris.event_risk import METHOD, EventRisk
from syzygy.debris.probability.cases import INVENTED
from syzygy.debris.screening import ScreeningResult
from syzygy.debris.teme_axes import eme2000_from_teme
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.conjunctions import (
    ConjunctionObject,
    make_conjunction,
    object_metadata,
    write_conjunction,
)
from syzygy.formats.ccsds.typed import Section

_NO_DESIGNATOR = "UNKNOWN"
_ROUNDED = ("MISS_DISTANCE", "RELATIVE_")
_NOISE = 1e-12


def write_messages(result: ScreeningResult) -> dict[str, bytes]:
    """Return the CDM of every event above the threshold by file name; none where none was asked for."""
    risk = result.risk
    if risk is None:
        return {}
    made = {}
    for row in risk.warned.tolist():
        event = _row(result, row)
        stamp = str(event["tca_utc"])[:19].replace("-", "").replace(":", "").replace("T", "_")
        name = f"{int(str(event['object_a'])):09d}_conj_{int(str(event['object_b'])):09d}_{stamp}"
        made[f"{name}.cdm"] = _message(result, risk, row, event, name)
    return made


def _row(result: ScreeningResult, row: int) -> dict[str, object]:
    return {col.name: col.values[row] for col in result.events.columns}


def _message(
    result: ScreeningResult, risk: EventRisk, row: int, event: dict[str, object], name: str
) -> bytes:
    one = risk.encounter.select(np.array([row]))
    objects = []
    for side, states in enumerate((one.primary, one.secondary)):
        letter = "ab"[side]
        position, velocity = eme2000_from_teme(
            states.position_m, states.velocity_m_s, one.tca_tai_ns, result.almanac
        )
        turn = np.kron(np.eye(2), rtn_axes(states.position_m[0], states.velocity_m_s[0]))
        covariance = turn @ states.covariance[0] @ turn.T
        said = risk.sources[row][side]
        given = not said.startswith(INVENTED)
        metadata = object_metadata(
            str(event[f"object_{letter}"]),
            str(event[f"name_{letter}"]) or _NO_DESIGNATOR,
            international_designator=result.designators[row][side] or _NO_DESIGNATOR,
            covariance_method="CALCULATED" if given else "DEFAULT",
        )
        objects.append(
            ConjunctionObject(
                States(
                    np.round(position[0], 4),
                    np.round(velocity[0], 7),
                    np.asarray(one.tca_tai_ns[0]),
                    EME2000,
                    EARTH,
                ),
                _readable(covariance),
                Section(metadata.values, (f"Covariance: {said}",)),
            )
        )
    radius = "given" if risk.known_radius[row] else "DEFAULT for one object or both, not a measurement"
    comments = (
        f"HBR = {float(one.hard_body_radius_m[0]):.6g} [m]",
        f"HBR: {radius}",
        *invention_warning(risk.sources[row]),
    )
    conjunction = make_conjunction(
        objects[0],
        objects[1],
        more={
            "COLLISION_PROBABILITY": float(f"{risk.pc_2d[row]:.5e}"),
            "COLLISION_PROBABILITY_METHOD": METHOD,
        },
        comments=comments,
    )
    values = conjunction.relative.values
    rounded = {
        key: round(value, 4)
        for key, value in values.items()
        if key.startswith(_ROUNDED) and isinstance(value, float)
    }
    relative = replace(conjunction.relative, values={**values, **rounded})
    start = int(str(result.provenance.request["start_tai_ns"]))
    begin = format_utc(start, result.almanac.leap_seconds)
    header = MessageHeader(
        str(result.provenance.request["originator"]),
        start,
        message_id=name,
        comments=(
            f"CREATION_DATE is the begin of the screened window ({begin}):",
            "a message that is made again is the same to the last byte",
        ),
    )
    conjunction = replace(conjunction, relative=relative)
    return write_conjunction(conjunction, result.almanac.leap_seconds, header=header)


def _readable(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a symmetric covariance with eight digits, and zero where only rounding is left."""
    even = 0.5 * (covariance + covariance.T)
    size = np.sqrt(np.outer(np.diag(even), np.diag(even)))
    even[np.abs(even) < _NOISE * size] = 0.0
    return np.array([[float(f"{value:.7e}") for value in line] for line in even.tolist()])


def invention_warning(sources: Sequence[str]) -> tuple[str, ...]:
    """Return the comments that say aloud that a covariance is invented; none where all were determined."""
    if not any(source.startswith(INVENTED) for source in sources):
        return ()
    return (
        f"*** {INVENTED} *** element sets carry none: the covariances below are a stated model.",
        "The probability ranks this event among others. It does not decide on a manoeuvre.",
    )
