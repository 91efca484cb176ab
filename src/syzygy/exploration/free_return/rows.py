"""One row of a free-return study: an opportunity and the flight that was found for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH
from syzygy.exploration.free_return.flights import ReturnFlight, fly_return
from syzygy.exploration.free_return.patched_start import moon_axes, plane_pole, start_perilune
from syzygy.exploration.free_return.requests import FreeReturnRequest
from syzygy.exploration.free_return.shooting import Perilune, Range, ReturnGoal, shoot_return
from syzygy.exploration.lunar.conic_start import ConicStart, list_ascents, start_conic
from syzygy.exploration.lunar.days import NO_AZIMUTH, NOT_SETTLED, DayTask
from syzygy.exploration.lunar.forces import cislunar_forces
from syzygy.exploration.lunar.launching import (
    DAY_S,
    NS_PER_S,
    Ascent,
    Departure,
    LaunchSite,
    depart,
    stand_on_site,
)
from syzygy.exploration.lunar.requests import MOON_RADIUS_M

Doubles = NDArray[np.float64]

FREE = "free return"
NO_PLANE = "the Moon leaves the reach of the plane out or back"
INSIDE = "the flight would pass below 15 km above the Moon"
_LEAST_ALTITUDE_M = 15e3
_USUAL_FLIGHT_S = 2.9 * DAY_S
_MEAN_DISTANCE_M = 384.4e6


@dataclass(frozen=True, eq=False)
class ReturnRow:
    """One opportunity.

    Attributes
    ----------
    day_tai_ns : int
    plane, return_plane, family : str
    moon_declination_rad : float
    verdict : str
    ascent : Ascent or None
    departure : Departure or None
    middle : Perilune or None
    flight : ReturnFlight or None
        None where there is none; all figures are then 0.
    launch_tai_ns : int
    injection_m_s, c3_m2_s2 : float
    """

    day_tai_ns: int
    plane: str
    return_plane: str
    family: str
    moon_declination_rad: float
    verdict: str
    ascent: Ascent | None = None
    departure: Departure | None = None
    middle: Perilune | None = None
    flight: ReturnFlight | None = None
    launch_tai_ns: int = 0
    injection_m_s: float = 0.0
    c3_m2_s2: float = 0.0


def solve_day(task: DayTask[FreeReturnRequest]) -> list[ReturnRow]:
    """Return the rows of one day, in the order of azimuth, plane, return plane and family."""
    request, almanac = task.request, task.almanac
    site = stand_on_site(request, task.day_tai_ns, almanac)
    ephemeris = almanac.require_ephemeris()
    ascents, declination = list_ascents(site, _USUAL_FLIGHT_S, ephemeris)
    ways = [
        (plane, back, family)
        for plane in request.planes
        for back in request.return_planes
        for family in request.families
    ]
    if not ascents:
        return [ReturnRow(task.day_tai_ns, *way, declination, NO_AZIMUTH) for way in ways]
    return [_solve_row(task, site, ascent, way, declination) for ascent in ascents for way in ways]


def _solve_row(
    task: DayTask[FreeReturnRequest],
    site: LaunchSite,
    ascent: Ascent,
    way: tuple[str, str, str],
    declination: float,
) -> ReturnRow:
    request = task.request
    plane, _, family = way
    flight_s = request.outbound_flight_s if family == "non-symmetric" else _USUAL_FLIGHT_S
    start = start_conic(site, ascent, plane, flight_s, task.almanac.require_ephemeris())
    if start is None:
        return ReturnRow(task.day_tai_ns, *way, declination, NO_PLANE, ascent)
    field = Range(cislunar_forces(), task.almanac, site.axes, _goal(request, ascent, family))
    middle_tai_ns = site.reference_tai_ns + round((start.departure.injection_s + flight_s) * NS_PER_S)
    relative = _start(field, ascent, way, middle_tai_ns, request)
    if relative is None:
        return ReturnRow(task.day_tai_ns, *way, declination, NO_PLANE, ascent)
    clock = _LaunchClock(site, ascent, start)
    middle = shoot_return(field, middle_tai_ns, relative, clock.shift)
    if middle is None:
        return ReturnRow(task.day_tai_ns, *way, declination, NOT_SETTLED, ascent)
    if float(middle.unknowns[4]) < MOON_RADIUS_M + _LEAST_ALTITUDE_M:
        return ReturnRow(task.day_tai_ns, *way, declination, INSIDE, ascent)
    flight = fly_return(field, middle)
    if flight is None:
        return ReturnRow(task.day_tai_ns, *way, declination, NOT_SETTLED, ascent)
    radius, speed = (float(np.linalg.norm(part)) for part in (flight.state[:3], flight.state[3:]))
    gm = EARTH.gm_m3_s2
    return ReturnRow(
        task.day_tai_ns, *way, declination, FREE, ascent, clock.departure, middle, flight,
        site.reference_tai_ns + round(clock.departure.launch_s * NS_PER_S),
        speed - math.sqrt(gm / request.parking_radius_m),
        speed**2 - 2.0 * gm / radius,
    )  # fmt: skip


def _goal(request: FreeReturnRequest, ascent: Ascent, family: str) -> ReturnGoal:
    free = family == "non-symmetric"
    given = request.return_inclination_rad
    return ReturnGoal(
        request.parking_radius_m,
        ascent.inclination_rad,
        given if free and given is not None else ascent.inclination_rad,
        request.entry_altitude_m,
        request.entry_angle_rad,
        request.outbound_flight_s if free else None,
    )


def _start(
    field: Range, ascent: Ascent, way: tuple[str, str, str], tai_ns: int, request: FreeReturnRequest
) -> Doubles | None:
    plane, back, family = way
    axes = moon_axes(*field.moon(tai_ns))
    rising = plane == "ascending"
    poles = (
        plane_pole(axes, field.equator, ascent.inclination_rad, rising),
        plane_pole(axes, field.equator, field.goal.return_inclination_rad, rising == (back == "same")),
    )
    if poles[0] is None or poles[1] is None:
        return None
    altitude = request.perilune_altitude_m
    if family == "non-symmetric":
        usual_s = 2.8 * DAY_S * (float(np.linalg.norm(axes.place_m)) / _MEAN_DISTANCE_M) ** 1.5
        altitude = max(50e3, 250e3 + (request.outbound_flight_s - usual_s) / DAY_S * 5e6)
    return start_perilune(axes, (poles[0], poles[1]), request.parking_radius_m, MOON_RADIUS_M + altitude)


class _LaunchClock:
    """Compares an injection with the launch that its plane asks for."""

    def __init__(self, site: LaunchSite, ascent: Ascent, start: ConicStart) -> None:
        self.site, self.ascent, self.departure = site, ascent, start.departure

    def shift(self, tai_ns: int, state: Doubles) -> float:
        """Return the seconds by which an injection comes too early."""
        r, v = self.site.axes @ state[:3], self.site.axes @ state[3:]
        pole = np.cross(r, v)
        pole /= np.linalg.norm(pole)
        node = math.atan2(pole[0], -pole[1])
        to_node = np.array([math.cos(node), math.sin(node), 0.0])
        argument = math.atan2(float(np.cross(pole, to_node) @ r), float(to_node @ r))
        self.departure = depart(self.site, self.ascent, node, argument, self.departure)
        return self.departure.injection_s - (tai_ns - self.site.reference_tai_ns) / NS_PER_S
