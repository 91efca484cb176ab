"""Messages of the windows: conic (OEM), departures (OPM) with their asymptotes, a scene to look at (CZML)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH, MOON, SUN, Body
from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.tabulated import TabulatedTrajectory
from syzygy.astro.states import States
from syzygy.astro.time import format_utc
from syzygy.exploration.conics import Conic, follow_conic
from syzygy.exploration.legs import Family, FloatArray, flight_time_s, surface
from syzygy.exploration.minima import INTERIOR, Window
from syzygy.exploration.requests import DAY_S, NS_PER_S
from syzygy.exploration.shadows import dense_shares, place_of
from syzygy.exploration.transfers import trace_transfers
from syzygy.exploration.windows import WindowsResult
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.ephemerides import make_segment, write_ephemeris
from syzygy.formats.ccsds.orbits import OrbitParameters, write_orbit_parameters
from syzygy.formats.ccsds.typed import Section
from syzygy.formats.czml import MovingObject, write_czml

_ORIGINATOR = "SYZYGY"
_DEGREE = 7
_STATES = 401
_SCENE_STATES = 241


def write_messages(result: WindowsResult) -> dict[str, bytes]:
    """Return the messages by file name, none without a window.

    OEM, OPM and CZML of the best window; for the best of every other family and type an OPM too.  The OPMs
    carry both asymptotes as user-defined parameters.
    """
    best = result.best()
    if best is None:
        return {}
    number, window = best
    name, words = _name(number), _words(result, number, window)
    states = window_states(result, window, _STATES)
    span = (int(states.tai_ns[0]), int(states.tai_ns[-1]))
    segment = make_segment(
        name, "UNASSIGNED", TabulatedTrajectory(states, span, "HERMITE", _DEGREE), time_system="TDB"
    )
    header = _header(number, window, words)
    found = {
        "transfer.oem": write_ephemeris([segment], header, result.leap_seconds),
        "departure.opm": _departure(result, number, window),
        "transfer.czml": _scene(result, window, name, words),
    }
    for other, one in _first_of_families(result):
        if other != number:
            found[f"departure-{other}.opm"] = _departure(result, other, one)
    return found


def _name(number: int) -> str:
    return f"TRANSFER WINDOW {number}"


def _header(number: int, window: Window, words: tuple[str, ...]) -> MessageHeader:
    return MessageHeader(_ORIGINATOR, window.departure_tai_ns, message_id=f"WINDOWS-{number}", comments=words)


def _first_of_families(result: WindowsResult) -> list[tuple[int, Window]]:
    """Return number and record of the best window of each family and type that has one."""
    found: dict[tuple[Family, str], tuple[int, Window]] = {}
    for number, window in enumerate(result.windows, start=1):
        if window.verdict == INTERIOR:
            found.setdefault((window.family, window.type_name), (number, window))
    return list(found.values())


def _departure(result: WindowsResult, number: int, window: Window) -> bytes:
    """Return the OPM of the state in which a conic begins."""
    states = window_states(result, window, 2)
    first = States(states.position_m[0], states.velocity_m_s[0], states.tai_ns[0], ICRF, states.centre)
    orbit = OrbitParameters(
        _name(number), "UNASSIGNED", first, time_system="TDB", user=_asymptotes(result, number, window)
    )
    header = _header(number, window, _words(result, number, window))
    return write_orbit_parameters(orbit, header, result.leap_seconds)


def _asymptotes(result: WindowsResult, number: int, window: Window) -> Section:
    """Return what a state round the central body does not say at a glance, as texts in common units."""
    transfer, met = window.transfer, result.surroundings[number - 1]
    figures = {
        "C3_KM2_S2": transfer.c3_m2_s2[0] / 1e6,
        "DEPARTURE_DECLINATION_DEG": np.degrees(transfer.declination_rad[0]),
        "DEPARTURE_RIGHT_ASCENSION_DEG": np.degrees(transfer.right_ascension_rad[0]),
        "ARRIVAL_SPEED_KM_S": transfer.arrival_speed_m_s[0] / 1e3,
        "ARRIVAL_DECLINATION_DEG": np.degrees(met.arrival_declination_rad),
        "ARRIVAL_RIGHT_ASCENSION_DEG": np.degrees(met.arrival_right_ascension_rad),
        "FLIGHT_D": (window.arrival_tai_ns - window.departure_tai_ns) / NS_PER_S / DAY_S,
    }
    texts = {f"USER_DEFINED_{key}": f"{float(value):.6f}" for key, value in figures.items()}
    texts["USER_DEFINED_ARRIVAL_UTC"] = format_utc(window.arrival_tai_ns, result.leap_seconds, 0)
    return Section(texts)


def window_states(result: WindowsResult, window: Window, count: int) -> States:
    """Return states on the two-body conic of a window, ICRF axes, round its central body.

    A heliocentric conic is tabulated evenly, a geocentric one densely near its perigee.
    """
    ephemeris, leg = result.ephemeris, result.leg
    departure, arrival = np.array([window.departure_tai_ns]), np.array([window.arrival_tai_ns])
    paths = trace_transfers(leg, window.family, ephemeris, departure, arrival)[1]
    flight_s = float(flight_time_s(departure, arrival)[0])
    conic = Conic(paths.begin_m[0], paths.begin_velocity_m_s[0], leg.centre.gm_m3_s2, flight_s)
    share = dense_shares(count) if leg.is_geocentric else np.linspace(0.0, 1.0, count)
    share = 1.0 - share[::-1] if leg.is_return else share
    tai_ns = departure[0] + np.round(share * float(arrival[0] - departure[0])).astype(np.int64)
    seconds = flight_time_s(np.full(count, departure[0]), tai_ns)
    position, velocity = follow_conic(conic, seconds)
    return States(position, velocity, tai_ns, ICRF, leg.centre)


def _words(result: WindowsResult, number: int, window: Window) -> tuple[str, ...]:
    leg = result.leg
    gravity = f"GM {leg.centre.gm_m3_s2 / 1e9:.6f} km3/s2"
    which = f"Window {number}: {leg.origin.name} to {leg.destination.name}, type {window.type_name}"
    conic = f"Two-body conic round the {leg.centre.name}, {gravity}, ends on {result.ephemeris_name}"
    return (
        f"{which}, C3 {window.transfer.c3_m2_s2[0] / 1e6:.4f} km2/s2",
        f"{conic}: a plan, not a propagated trajectory",
        "Inside the spheres of influence of both ends the conic is not what would be flown",
    )


def _scene(result: WindowsResult, window: Window, name: str, words: tuple[str, ...]) -> bytes:
    """Return the scene round the Earth, where CZML counts from: the probe and the bodies it goes by."""
    leg, ephemeris = result.leg, result.ephemeris
    states = window_states(result, window, _SCENE_STATES)
    tai_ns = states.tai_ns
    shown = {MOON.name: MOON} if leg.is_geocentric else {SUN.name: SUN}
    for body in (leg.origin, leg.destination):
        if place_of(body) != EARTH:
            shown.setdefault(surface(body).name, body)
    probe = states.position_m
    if leg.centre != EARTH:
        probe = probe + ephemeris.position_m(leg.centre, EARTH, tai_ns)
    objects = [_moving("probe", name, tai_ns, probe, words[1])]
    objects += [
        _moving(title.lower(), title, tai_ns, _place(ephemeris, body, tai_ns), "")
        for title, body in shown.items()
    ]
    days = float(tai_ns[-1] - tai_ns[0]) / NS_PER_S
    return write_czml(
        objects, result.leap_seconds, name=f"{leg.origin.name} to {leg.destination.name}",
        description="; ".join(words), multiplier=round(days / 60.0),
    )  # fmt: skip


def _place(ephemeris: Ephemeris, body: Body, tai_ns: NDArray[np.int64]) -> FloatArray:
    place: FloatArray = ephemeris.position_m(body, EARTH, tai_ns)
    return place


def _moving(
    identifier: str, name: str, tai_ns: NDArray[np.int64], position_m: FloatArray, words: str
) -> MovingObject:
    return MovingObject(identifier, name, tai_ns, position_m, description=words)
