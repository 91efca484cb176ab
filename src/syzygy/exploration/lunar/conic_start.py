"""Where the search begins: two-body conics from parking orbit to Moon, by site and day."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.transfers.perigee_departure import solve_perigee_departure
from syzygy.exploration.lunar.launching import (
    NS_PER_S,
    Ascent,
    Departure,
    LaunchSite,
    choose_ascents,
    depart,
)

Doubles = NDArray[np.float64]

_ROUNDS = 8
_FIRST_GUESS_S = 43_200.0


@dataclass(frozen=True)
class ConicStart:
    """A two-body transfer that begins at a launch opportunity.

    Attributes
    ----------
    ascent : Ascent
    plane : str
        ``ascending`` or ``descending``: how the Moon is met.
    flight_s : float
        From injection to the Moon.
    node_rad, argument_rad, speed_m_s : float
        Injection: node and argument of latitude on the equator of date, speed.
    departure : Departure
    """

    ascent: Ascent
    plane: str
    flight_s: float
    node_rad: float
    argument_rad: float
    speed_m_s: float
    departure: Departure


def moon_on_equator(site: LaunchSite, tai_ns: int, ephemeris: Ephemeris) -> tuple[float, float, float]:
    """Return distance (m), right ascension and declination of the Moon on the equator of date."""
    place = site.axes @ ephemeris.position_m(MOON, EARTH, np.array([tai_ns], dtype=np.int64))[0]
    return (
        float(np.linalg.norm(place)),
        math.atan2(place[1], place[0]),
        math.atan2(place[2], math.hypot(place[0], place[1])),
    )


def list_ascents(site: LaunchSite, flight_s: float, ephemeris: Ephemeris) -> tuple[list[Ascent], float]:
    """Return the ascents of one day that reach the Moon, and the declination of the Moon on arrival."""
    arrival = site.reference_tai_ns + round((_FIRST_GUESS_S + flight_s) * NS_PER_S)
    declination = moon_on_equator(site, arrival, ephemeris)[2]
    return choose_ascents(site, declination), declination


def start_conic(
    site: LaunchSite, ascent: Ascent, plane: str, flight_s: float, ephemeris: Ephemeris
) -> ConicStart | None:
    """Return the conic of one opportunity; None when the Moon leaves the reach of the plane meanwhile."""
    injection_s, departure = _FIRST_GUESS_S, None
    for _ in range(_ROUNDS):
        arrival = site.reference_tai_ns + round((injection_s + flight_s) * NS_PER_S)
        distance, right_ascension, declination = moon_on_equator(site, arrival, ephemeris)
        sine = math.sin(declination) / math.sin(ascent.inclination_rad)
        if abs(sine) >= 1.0:
            return None
        over = math.asin(sine) if plane == "ascending" else math.pi - math.asin(sine)
        node = right_ascension - math.atan2(math.sin(over) * math.cos(ascent.inclination_rad), math.cos(over))
        conic = solve_perigee_departure(site.choice.parking_radius_m, distance, flight_s, EARTH.gm_m3_s2)
        argument = over - float(conic.transfer_angle_rad)
        departure = depart(site, ascent, node, argument, departure)
        injection_s = departure.injection_s
    speed = float(conic.departure_speed_m_s)
    return ConicStart(ascent, plane, flight_s, node, argument, speed, departure) if departure else None
