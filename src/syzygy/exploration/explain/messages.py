"""Messages of an explanation: both ephemerides on common ground and our flight (OEM), a scene (CZML)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.tabulated import TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.exploration.explain.overlap import rms_m
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.ephemerides import make_segment, write_ephemeris
from syzygy.formats.ccsds.orbits import OrbitParameters, write_orbit_parameters
from syzygy.formats.czml import MovingObject, write_czml

if TYPE_CHECKING:
    from syzygy.exploration.explain.study import ExplainedPart, ExplainResult
    from syzygy.exploration.replay.flights import Doubles

_DEGREE = 7
_FAR_M = 1e8


def write_messages(result: ExplainResult) -> dict[str, bytes]:
    """Return both ephemerides at the common instants, our flight from the first state, that state, a scene.

    All in ICRF and UTC about one centre, read as they are labelled, so that any tool can subtract them; one
    segment per common span.  No standard message holds a difference: the budget stands in the comments.
    """
    first, second = result.request.first.name, result.request.second.name
    budget = tuple(
        f"Span {number}: {line.cause}: {line.finding}"
        for number, part in enumerate(result.parts, start=1)
        for line in part.lines
    )
    said = {
        "first.oem": f"{first} as labelled ({result.labels[0]}), at the instants of {second}",
        "second.oem": f"{second} as labelled ({result.labels[1]})",
        "flown.oem": f"First state of {first} flown on, forces {result.force.sha256[:16]}",
    }
    rows = {
        "first.oem": [np.hstack([p.overlap.first_m, p.overlap.velocity_m_s]) for p in result.parts],
        "second.oem": [np.hstack([p.overlap.second_m, p.overlap.second_velocity_m_s]) for p in result.parts],
        "flown.oem": [part.flown for part in result.parts],
    }
    made = {name: _ephemeris(result, rows[name], (said[name], *budget)) for name in said}
    begin = result.parts[0].overlap
    instant = np.asarray(begin.instants[0])
    state = States(begin.start[:3], begin.start[3:], instant, ICRF, result.centre)
    header = _header(result, (said["flown.oem"],))
    made["start.opm"] = write_orbit_parameters(
        OrbitParameters(*result.names, state), header, result.leap_seconds
    )
    made["explained.czml"] = _scene(result, rows, said)
    return made


def _scene(result: ExplainResult, rows: dict[str, list[Doubles]], said: dict[str, str]) -> bytes:
    """Return both flights and ours about the Earth, and the Moon where they lead far out."""
    objects, places = [], []
    for name, own in rows.items():
        title = name.removesuffix(".oem")
        for number, (part, states) in enumerate(zip(result.parts, own, strict=True), start=1):
            instants = part.overlap.instants
            place, speed = result.ephemeris.state_m(result.centre, EARTH, instants)
            place, speed = place + states[:, :3], speed + states[:, 3:]
            places.append(place)
            label = title if len(result.parts) == 1 else f"{title}, span {number}"
            words = f"{said[name]}; {_budget_words(part)}"
            objects.append(
                MovingObject(
                    f"{title}-{number}", f"{result.names[0]}: {label}", instants, place, speed,
                    description=words, degree=_DEGREE,
                )
            )  # fmt: skip
    if max(float(np.abs(place).max()) for place in places) > _FAR_M:
        seen = np.unique(np.concatenate([part.overlap.instants for part in result.parts]))
        moon, speed = result.ephemeris.state_m(MOON, EARTH, seen)
        objects.append(MovingObject("moon", "Moon", seen, moon, speed))
    return write_czml(
        objects, result.leap_seconds, name=result.names[0],
        description="; ".join(said.values()), multiplier=600.0,
    )  # fmt: skip


def _budget_words(part: ExplainedPart) -> str:
    whole, left = rms_m(part.overlap.difference_m), rms_m(part.unexplained_m)
    causes = ", ".join(line.cause for line in part.lines) or "no cause"
    return f"difference {whole:.4g} m RMS: {causes}; unexplained {left:.3g} m"


def _header(result: ExplainResult, words: tuple[str, ...]) -> MessageHeader:
    return MessageHeader("SYZYGY", int(result.parts[0].overlap.instants[0]), comments=words)


def _ephemeris(result: ExplainResult, rows: list[Doubles], words: tuple[str, ...]) -> bytes:
    segments = [
        make_segment(*result.names, _tabulated(result, part, own))
        for part, own in zip(result.parts, rows, strict=True)
    ]
    return write_ephemeris(segments, _header(result, words), result.leap_seconds)


def _tabulated(result: ExplainResult, part: ExplainedPart, rows: Doubles) -> TabulatedTrajectory:
    instants = part.overlap.instants
    states = States(rows[:, :3], rows[:, 3:], instants, ICRF, result.centre)
    return TabulatedTrajectory(states, (int(instants[0]), int(instants[-1])), "HERMITE", _DEGREE)
