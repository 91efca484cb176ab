"""Messages of a flight: an ephemeris (OEM) and the states at its ends (OPM), Earth-centred, ICRF, UTC."""

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
    """Return OEM and OPMs of the best transfer; none when none was targeted."""
    best = result.best()
    if best is None or best[1].flight is None:
        return {}
    number, flight = best[0], best[1].flight
    said = (f"Row {number} of the table of transfers; forces {flight.trajectory.force.sha256[:16]}",)
    created = result.request.departure_begin_tai_ns
    header = MessageHeader(_ORIGINATOR, created, comments=said)
    leap = result.almanac.leap_seconds
    relative = States(
        flight.relative[:3], flight.relative[3:], np.asarray(flight.perilune_tai_ns), ICRF, MOON
    )
    injection = flight.trajectory.states(np.array([flight.injection_tai_ns]))
    first = States(
        injection.position_m[0], injection.velocity_m_s[0], np.asarray(flight.injection_tai_ns), ICRF, EARTH
    )
    return {
        "transfer.oem": ephemeris_message(flight.trajectory, header, result.almanac),
        "injection.opm": write_orbit_parameters(OrbitParameters(_NAME, _NUMBER, first), header, leap),
        "perilune.opm": write_orbit_parameters(OrbitParameters(_NAME, _NUMBER, relative), header, leap),
    }


def ephemeris_message(flight: Trajectory, header: MessageHeader, almanac: Almanac) -> bytes:
    """Return the OEM of a flight, dense where it bends; Hermite of degree 7 restores it to metres."""
    instants = path_instants(flight, almanac, _SHARE)
    seen = flight.states(instants)
    states = States(seen.position_m, seen.velocity_m_s, instants, ICRF, EARTH)
    table = TabulatedTrajectory(
        states, (int(instants[0]), int(instants[-1])), interpolation="HERMITE", degree=_DEGREE
    )
    return write_ephemeris([make_segment(_NAME, _NUMBER, table)], header, almanac.leap_seconds)
