"""Messages of a replay: the fitted flights of the arcs (OEM) and the state with the burns (OPM), ICRF."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.tabulated import TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.exploration.replay.burns import JUMP
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.ephemerides import make_segment, write_ephemeris
from syzygy.formats.ccsds.orbits import Maneuver, OrbitParameters, write_orbit_parameters

if TYPE_CHECKING:
    from syzygy.exploration.replay.study import ReplayedArc, ReplayResult

_DEGREE = 7


def write_messages(result: ReplayResult) -> dict[str, bytes]:
    """Return the flights that explain the arcs, one segment each, and the first state with every burn found.

    Both are in ICRF and UTC, whatever the labels of the file; none without an arc.
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
        if burn.kind != JUMP
    )
    start = result.arcs[0].fit.start
    state = States(start[:3], start[3:], np.asarray(first), ICRF, block.centre)
    return {
        "replayed.oem": write_ephemeris(segments, header, result.leap_seconds),
        "start.opm": write_orbit_parameters(
            OrbitParameters(name, number, state, maneuvers=burns), header, result.leap_seconds
        ),
    }


def _flight(arc: ReplayedArc) -> TabulatedTrajectory:
    seen = arc.reading.states
    instants = seen.tai_ns
    states = States(arc.fit.model[:, :3], arc.fit.model[:, 3:], instants, ICRF, seen.centre)
    return TabulatedTrajectory(states, (int(instants[0]), int(instants[-1])), "HERMITE", _DEGREE)
