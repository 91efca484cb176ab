"""One row of a lunar study: an opportunity, the flight that was found for it, and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH, MOON
from syzygy.exploration.lunar.approach import PeriluneGoal, osculating_hyperbola, reference_pole
from syzygy.exploration.lunar.conic_start import ConicStart, list_ascents, start_conic
from syzygy.exploration.lunar.days import NO_AZIMUTH, NOT_SETTLED, DayTask
from syzygy.exploration.lunar.forces import cislunar_forces
from syzygy.exploration.lunar.launching import NS_PER_S, Ascent, LaunchSite, stand_on_site
from syzygy.exploration.lunar.requests import LunarTransferRequest
from syzygy.exploration.lunar.targeting import FINE_M, FINE_S, TargetedFlight, target_flight

Doubles = NDArray[np.float64]

TARGETED = "targeted"
TOO_FLAT = "lowest inclination possible: the approach is steeper"
NO_PLANE = "the Moon leaves the reach of the plane"


@dataclass(frozen=True, eq=False)
class TransferRow:
    """One opportunity.

    Attributes
    ----------
    day_tai_ns : int
        The day of launch.
    plane, side : str
    flight_s : float
    moon_declination_rad : float
        On the equator of date, about the time of arrival.
    verdict : str
    ascent : Ascent or None
    flight : TargetedFlight or None
        None where there is none; all figures are then 0.
    launch_tai_ns : int
    injection_m_s, insertion_m_s, c3_m2_s2 : float
    excess_speed_m_s, b_t_m, b_r_m : float
        Approach: osculating at perilune.
    asymptote_declination_rad : float
        Of the excess velocity at the Moon, to the axes of the inclination.
    perilune_radius_m, inclination_rad : float
    apogee_declination_rad : float
        Of the direction of the apogee of the osculating orbit at injection, ICRF: the bound asymptote.
    """

    day_tai_ns: int
    plane: str
    side: str
    flight_s: float
    moon_declination_rad: float
    verdict: str
    ascent: Ascent | None = None
    flight: TargetedFlight | None = None
    launch_tai_ns: int = 0
    injection_m_s: float = 0.0
    insertion_m_s: float = 0.0
    c3_m2_s2: float = 0.0
    excess_speed_m_s: float = 0.0
    b_t_m: float = 0.0
    b_r_m: float = 0.0
    asymptote_declination_rad: float = 0.0
    perilune_radius_m: float = 0.0
    inclination_rad: float = 0.0
    apogee_declination_rad: float = 0.0

    @property
    def total_m_s(self) -> float:
        """Injection and insertion."""
        return self.injection_m_s + self.insertion_m_s

    def objective(self, minimise: str) -> float:
        """Return what is minimised, infinite without a flight."""
        if self.flight is None:
            return math.inf
        return {
            "injection": self.injection_m_s,
            "insertion": self.insertion_m_s,
            "total": self.total_m_s,
        }[minimise]


def solve_day(task: DayTask[LunarTransferRequest]) -> list[TransferRow]:
    """Return the rows of one day of launch, in the order of flight time, azimuth, plane and side."""
    request, almanac = task.request, task.almanac
    site = stand_on_site(request, task.day_tai_ns, almanac)
    ephemeris = almanac.require_ephemeris()
    rows: list[TransferRow] = []
    for flight_s in request.flight_times_s():
        ascents, declination = list_ascents(site, flight_s, ephemeris)
        if not ascents:
            rows += [
                TransferRow(task.day_tai_ns, plane, side, flight_s, declination, NO_AZIMUTH)
                for plane in request.planes
                for side in request.sides
            ]
        for ascent in ascents:
            for plane in request.planes:
                start = start_conic(site, ascent, plane, flight_s, ephemeris)
                rows += [
                    _solve_row(task, site, ascent, (plane, side), flight_s, declination, start)
                    for side in request.sides
                ]
    return rows


def _solve_row(
    task: DayTask[LunarTransferRequest],
    site: LaunchSite,
    ascent: Ascent,
    way: tuple[str, str],
    flight_s: float,
    declination: float,
    start: ConicStart | None,
) -> TransferRow:
    request, almanac = task.request, task.almanac
    plane, side = way
    if start is None:
        return TransferRow(task.day_tai_ns, plane, side, flight_s, declination, NO_PLANE, ascent)
    arrival = site.reference_tai_ns + round((start.departure.injection_s + flight_s) * NS_PER_S)
    goal = PeriluneGoal(
        request.perilune_radius_m,
        request.lunar_inclination_rad,
        side == "south",
        reference_pole(request.inclination_axes, arrival, almanac),
    )
    flight = target_flight(site, start, goal, cislunar_forces(), almanac)
    if flight is None:
        return TransferRow(task.day_tai_ns, plane, side, flight_s, declination, NOT_SETTLED, ascent)
    return _describe(task, site, ascent, way, flight_s, declination, goal, flight)


def _describe(
    task: DayTask[LunarTransferRequest],
    site: LaunchSite,
    ascent: Ascent,
    way: tuple[str, str],
    flight_s: float,
    declination: float,
    goal: PeriluneGoal,
    flight: TargetedFlight,
) -> TransferRow:
    request = task.request
    found = osculating_hyperbola(flight.relative)
    if found is None:
        return TransferRow(task.day_tai_ns, *way, flight_s, declination, NOT_SETTLED, ascent)
    t_axis, r_axis = found.plane_axes(goal.reference)
    asymptote = float(found.declination_rad(goal.reference))
    tilt = min(request.lunar_inclination_rad, math.pi - request.lunar_inclination_rad)
    miss = float(np.hypot(flight.misses[0], flight.misses[1]))
    verdict = TARGETED if tilt >= abs(asymptote) else TOO_FLAT
    if miss > FINE_M or abs(float(flight.misses[2])) > FINE_S:
        verdict = NOT_SETTLED
    radius = request.parking_radius_m
    gm, moon_gm = EARTH.gm_m3_s2, MOON.gm_m3_s2
    speed = float(np.linalg.norm(flight.relative[3:]))
    orbit = moon_gm * 2.0 * (1.0 / request.perilune_radius_m
                             - 1.0 / (request.perilune_radius_m + request.apolune_radius_m))  # fmt: skip
    return TransferRow(
        task.day_tai_ns, *way, flight_s, declination, verdict, ascent, flight,
        launch_tai_ns=site.reference_tai_ns + round(flight.departure.launch_s * NS_PER_S),
        injection_m_s=flight.speed_m_s - math.sqrt(gm / radius),
        insertion_m_s=speed - math.sqrt(orbit),
        c3_m2_s2=flight.speed_m_s**2 - 2.0 * gm / radius,
        excess_speed_m_s=float(found.excess_speed_m_s),
        b_t_m=float(found.impact @ t_axis),
        b_r_m=float(found.impact @ r_axis),
        asymptote_declination_rad=asymptote,
        perilune_radius_m=float(found.periapsis_m),
        inclination_rad=float(found.inclination_rad(goal.reference)),
        apogee_declination_rad=_apogee_declination(site, ascent, flight),
    )  # fmt: skip


def _apogee_declination(site: LaunchSite, ascent: Ascent, flight: TargetedFlight) -> float:
    """Injection is at perigee: the apogee lies opposite."""
    from syzygy.exploration.lunar.launching import injection_state

    state, _ = injection_state(site, ascent, flight.node_rad, flight.argument_rad, flight.speed_m_s)
    return math.asin(-float(state[2]) / float(np.linalg.norm(state[:3])))
