"""Messages of a replay, ICRF: fitted flights (OEM), state with burns and fit (OPM), scene (CZML)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.tabulated import TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.exploration.replay.burns import MANOEUVRES
from syzygy.exploration.replay.fitting import STATE_NAMES, Fit
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.ephemerides import make_segment, write_ephemeris
from syzygy.formats.ccsds.orbits import Maneuver, OrbitParameters, write_orbit_parameters
from syzygy.formats.ccsds.typed import Section
from syzygy.formats.czml import MovingObject, write_czml

if TYPE_CHECKING:
    from syzygy.exploration.replay.study import ReplayedArc, ReplayResult

Doubles = NDArray[np.float64]

_DEGREE = 7
_FAR_M = 1e8


def write_messages(result: ReplayResult) -> dict[str, bytes]:
    """Return the flights that explain the arcs, the first state with every burn found, and a scene.

    The messages are in ICRF and UTC, whatever the labels of the file; none without an arc.  The OPM carries
    what was fitted to the first arc as user-defined parameters with sigmas, and the covariance of the state
    where that was fitted.
    """
    if not result.arcs:
        return {}
    block = result.blocks[result.arcs[0].arc.block]
    name, number = block.object_name or "UNKNOWN", block.object_id or "UNASSIGNED"
    words = (
        f"Replay of {result.request.ephemeris.name}: {len(result.arcs)} arcs, {len(result.burns)} events",
        f"Axes and time of the file: {result.arcs[0].verdict}",
        f"Forces {result.arcs[0].fit.force.sha256[:16]}",
    )
    first = int(result.arcs[0].reading.states.tai_ns[0])
    header = MessageHeader("SYZYGY", first, comments=words)
    segments = [make_segment(name, number, _flight(arc)) for arc in result.arcs]
    burns = tuple(
        Maneuver(burn.tai_ns, 0.0, 0.0, burn.delta_v_rtn_m_s, "RTN", (burn.kind,))
        for burn in result.burns
        if burn.kind in MANOEUVRES
    )
    fit = result.arcs[0].fit
    state = States(fit.start[:3], fit.start[3:], np.asarray(first), ICRF, block.centre)
    orbit = OrbitParameters(name, number, state, _covariance(fit), maneuvers=burns, user=_fitted(fit))
    return {
        "replayed.oem": write_ephemeris(segments, header, result.leap_seconds),
        "start.opm": write_orbit_parameters(orbit, header, result.leap_seconds),
        "replayed.czml": _scene(result, name, words),
    }


def _covariance(fit: Fit) -> Doubles | None:
    """Return the covariance (6, 6) of the state, ICRF, None where it was not fitted."""
    if STATE_NAMES[0] not in fit.names:
        return None
    first = fit.names.index(STATE_NAMES[0])
    own = fit.covariance[first : first + 6, first : first + 6]
    return np.asarray((own + own.T) / 2.0)


def _fitted(fit: Fit) -> Section:
    """Return the fitted numbers that are not the state, with one sigma each."""
    texts = {}
    for name, value, sigma in zip(fit.names, fit.values, fit.sigmas, strict=True):
        if name not in STATE_NAMES:
            texts[f"USER_DEFINED_{name.upper()}"] = f"{value:.9g}"
            texts[f"USER_DEFINED_{name.upper()}_SIGMA"] = f"{sigma:.3g}"
    return Section(texts)


def _scene(result: ReplayResult, name: str, words: tuple[str, ...]) -> bytes:
    """Return the arcs as they were flown, and the Moon where they lead far out."""
    objects, places = [], []
    for number, arc in enumerate(result.arcs, start=1):
        instants, centre = arc.reading.states.tai_ns, arc.reading.states.centre
        place, speed = result.ephemeris.state_m(centre, EARTH, instants)
        place, speed = place + arc.fit.model[:, :3], speed + arc.fit.model[:, 3:]
        places.append(place)
        title = name if len(result.arcs) == 1 else f"{name}, arc {number}"
        said = f"RMS {arc.fit.rms_m:.3g} m; {arc.verdict}"
        objects.append(
            MovingObject(f"arc-{number}", title, instants, place, speed, description=said, degree=_DEGREE)
        )
    if max(float(np.abs(place).max()) for place in places) > _FAR_M:
        seen = np.unique(np.concatenate([arc.reading.states.tai_ns for arc in result.arcs]))
        moon, speed = result.ephemeris.state_m(MOON, EARTH, seen)
        objects.append(MovingObject("moon", "Moon", seen, moon, speed))
    return write_czml(objects, result.leap_seconds, name=name, description="; ".join(words), multiplier=600.0)


def _flight(arc: ReplayedArc) -> TabulatedTrajectory:
    seen = arc.reading.states
    instants = seen.tai_ns
    states = States(arc.fit.model[:, :3], arc.fit.model[:, 3:], instants, ICRF, seen.centre)
    return TabulatedTrajectory(states, (int(instants[0]), int(instants[-1])), "HERMITE", _DEGREE)
