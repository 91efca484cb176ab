"""Four hours of a space station as an OEM, from mean elements: ``python send_ephemeris.py FILE``."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from syzygy.astro.bodies import EARTH
from syzygy.astro.frames import EME2000, eme2000_from_icrf, gcrf_from_teme
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.astro.propagation.tabulated import TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.astro.time import parse_utc
from syzygy.data import build_almanac
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.ephemerides import make_segment, write_ephemeris
from syzygy.formats.tle import read_tle

ELEMENTS = Path(__file__).resolve().parents[1] / "joint-programme/inputs/materials/station_2022-07.3le"
START, STEP_S, COUNT = "2022-07-15T12:00:00", 60, 241


def station_states(tai_ns: np.ndarray) -> States:
    """Return states of the station in EME2000 at instants."""
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    elements, _ = read_tle(ELEMENTS.read_bytes(), almanac.leap_seconds)
    flight = propagate_sgp4(elements, tai_ns, almanac.leap_seconds)
    position, velocity = gcrf_from_teme(flight.position_m[0], flight.velocity_m_s[0], tai_ns, almanac)
    return States(eme2000_from_icrf(position), eme2000_from_icrf(velocity), tai_ns, EME2000, EARTH)


def station_instants() -> np.ndarray:
    """Return one instant a minute."""
    leap_seconds = build_almanac(("leap_seconds",)).leap_seconds
    return parse_utc(START, leap_seconds) + np.arange(COUNT) * STEP_S * 1_000_000_000


def write_station(path: Path) -> int:
    """Write the OEM and return its size in bytes."""
    leap_seconds = build_almanac(("leap_seconds",)).leap_seconds
    tai_ns = station_instants()
    states = station_states(tai_ns)
    trajectory = TabulatedTrajectory(states, (int(tai_ns[0]), int(tai_ns[-1])), "HERMITE", 7)
    segment = make_segment("ISS (ZARYA)", "1998-067A", trajectory)
    header = MessageHeader("SYZYGY", parse_utc("2022-07-15T11:30:00", leap_seconds), "ISS-2022-196-01")
    content = write_ephemeris([segment], header, leap_seconds)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return len(content)


if __name__ == "__main__":
    print(f"{sys.argv[1]}: {COUNT} states, {write_station(Path(sys.argv[1]))} bytes")
