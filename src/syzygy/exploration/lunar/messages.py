"""Messages of a flight: ephemeris (OEM), states at its ends (OPM), Earth-centred, ICRF, UTC; scene (CZML)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.tabulated import TabulatedTrajectory
from syzygy.astro.propagation.trajectory import Trajectory
from syzygy.astro.states import States
from syzygy.exploration.lunar.path import path_instants
from syzygy.exploration.lunar.scene import write_scene
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.ephemerides import make_segment, write_ephemeris
from syzygy.formats.ccsds.orbits import OrbitParameters, write_orbit_parameters

if TYPE_CHECKING:
    from syzygy.exploration.lunar.study import LunarTransferResult

_ORIGINATOR = "SYZYGY"
_NAME, _NUMBER = "TRANSFER", "0000-000A"
_SHARE = 0.08
_DEGREE = 7


def write_messages(result: LunarTransferResult) -> dict[str, bytes]:
    """Return OEM, OPMs and CZML of the best transfer; none when none was targeted."""
    best = result.best()
    if best is None or best[1].flight is None:
        return {}
    number, flight = best[0], best[1].flight
    said = (f"Row {number} of the table of transfers; forces {flight.trajectory.force.sha256[:16]}",)
    header = MessageHeader(_ORIGINATOR, result.request.departure_begin_tai_ns, comments=said)
    almanac = result.almanac
    relative = States(
        flight.relative[:3], flight.relative[3:], np.asarray(flight.perilune_tai_ns), ICRF, MOON
    )
    return {
        "transfer.oem": ephemeris_message(flight.trajectory, header, almanac),
        "injection.opm": state_message(flight.trajectory, flight.injection_tai_ns, header, almanac),
        "perilune.opm": write_orbit_parameters(
            OrbitParameters(_NAME, _NUMBER, relative), header, almanac.leap_seconds
        ),
        "transfer.czml": write_scene(flight.trajectory, almanac, name=_NAME, words=said),
    }


def state_message(flight: Trajectory, tai_ns: int, header: MessageHeader, almanac: Almanac) -> bytes:
    """Return the OPM of a flight at an instant."""
    seen = flight.states(np.array([tai_ns]))
    state = States(seen.position_m[0], seen.velocity_m_s[0], np.asarray(tai_ns), ICRF, EARTH)
    return write_orbit_parameters(OrbitParameters(_NAME, _NUMBER, state), header, almanac.leap_seconds)


def ephemeris_message(flight: Trajectory, header: MessageHeader, almanac: Almanac) -> bytes:
    """Return the OEM of a flight, dense where it bends; Hermite of degree 7 restores it to metres."""
    instants = path_instants(flight, almanac, _SHARE)
    seen = flight.states(instants)
    states = States(seen.position_m, seen.velocity_m_s, instants, ICRF, EARTH)
    table = TabulatedTrajectory(
        states, (int(instants[0]), int(instants[-1])), interpolation="HERMITE", degree=_DEGREE
    )
    return write_ephemeris([make_segment(_NAME, _NUMBER, table)], header, almanac.leap_seconds)
