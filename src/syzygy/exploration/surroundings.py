"""What a transfer meets on its way: distance of the Sun, shadows, arrival asymptote, link to the Earth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.ephemerides import Ephemeris
from syzygy.exploration.body_equator import equator_axes, pole_direction
from syzygy.exploration.conics import Conic, extreme_distances
from syzygy.exploration.legs import FloatArray, Instants, Leg, flight_time_s, surface
from syzygy.exploration.minima import Window
from syzygy.exploration.shadows import (
    Eclipse,
    Samples,
    list_eclipses,
    occulting_bodies,
    place_of,
    sample_arrival,
    sample_coast,
    sample_cruise,
    sample_departure,
    sample_return,
)
from syzygy.exploration.transfers import Paths, Transfers, direction_angles, trace_transfers

CONJUNCTION_RAD = np.radians(3.0)
"""Sun-Earth-probe angle below which the Sun disturbs the link."""


@dataclass(frozen=True)
class Surroundings:
    """What one window meets.

    Attributes
    ----------
    sun_smallest_m, sun_largest_m : float
        Distance from the Sun along the conic of the transfer.
    arrival_declination_rad, arrival_right_ascension_rad : float
        Direction of motion on the arrival asymptote, ICRF axes.
    body_declination_rad, body_right_ascension_rad : float
        The same with respect to the equator of the arrival body; right ascension from the node of that
        equator on the ICRF equator.
    earth_distance_m : float
        From the Earth to the arrival body on arrival, geometric.
    sun_earth_probe_rad : float
        Angle at the Earth between the Sun and the arrival body on arrival.
    eclipses : tuple of Eclipse
    """

    sun_smallest_m: float
    sun_largest_m: float
    arrival_declination_rad: float
    arrival_right_ascension_rad: float
    body_declination_rad: float
    body_right_ascension_rad: float
    earth_distance_m: float
    sun_earth_probe_rad: float
    eclipses: tuple[Eclipse, ...]

    @property
    def longest_umbra_s(self) -> float:
        """Sum over the phases of the longest time in umbra."""
        return sum(item.longest_umbra_s for item in self.eclipses)

    @property
    def longest_penumbra_s(self) -> float:
        """Sum over the phases of the longest time in penumbra."""
        return sum(item.longest_penumbra_s for item in self.eclipses)

    @property
    def in_conjunction(self) -> bool:
        """Whether the arrival falls into a conjunction with the Sun."""
        return bool(self.sun_earth_probe_rad < CONJUNCTION_RAD)


def describe_surroundings(leg: Leg, window: Window, almanac: Almanac) -> Surroundings:
    """Return what a window meets on its way.

    Raises
    ------
    CoverageError, MissingDataError
        As `evaluate_transfers`.

    **Accuracy**: shadow times of the conics to about a second near the planets
    (``test_exploration_surroundings.py``); the conics themselves are patched.
    """
    ephemeris = almanac.require_ephemeris()
    departure, arrival = np.array([window.departure_tai_ns]), np.array([window.arrival_tai_ns])
    transfers, paths = trace_transfers(leg, window.family, ephemeris, departure, arrival)
    flight_s = float(flight_time_s(departure, arrival)[0])
    samples, distances = _samples(leg, window, paths, ephemeris, flight_s)
    approach = paths.approach_m_s[0]
    equator = equator_axes(
        pole_direction(surface(leg.destination), window.arrival_tai_ns, almanac), surface(leg.destination)
    )
    tilt, turn = direction_angles(approach)
    body_tilt, body_turn = direction_angles(equator @ approach)
    away, angle = link_geometry(leg, arrival, ephemeris)
    smallest, largest = distances
    if not leg.is_geocentric:
        low, high = sun_distances(leg, window.family.revolutions, transfers, paths)
        smallest, largest = float(low[0]), float(high[0])
    return Surroundings(
        smallest, largest, float(tilt), float(turn), float(body_tilt), float(body_turn), float(away[0]),
        float(angle[0]), tuple(list_eclipses(samples, occulting_bodies(leg), ephemeris)),
    )  # fmt: skip


def sun_distances(
    leg: Leg, revolutions: int, transfers: Transfers, paths: Paths
) -> tuple[FloatArray, FloatArray]:
    """Return smallest and largest distance from the Sun along heliocentric conics; 0 where there is none."""
    swept = transfers.transfer_angle_rad + 2.0 * np.pi * revolutions
    velocity = np.where(transfers.solved[..., None], paths.begin_velocity_m_s, [0.0, 0.0, 1.0])
    found = extreme_distances(paths.begin_m, velocity, paths.end_m, swept, leg.centre.gm_m3_s2)
    low, high = (np.where(transfers.solved, one, 0.0) for one in found)
    return low, high


def link_geometry(leg: Leg, arrival_tai_ns: Instants, ephemeris: Ephemeris) -> tuple[FloatArray, FloatArray]:
    """Return distance Earth to arrival body and the angle Sun, Earth, arrival body; (0, pi) at the Earth."""
    there = place_of(leg.destination)
    if there == EARTH:
        return np.zeros(arrival_tai_ns.shape), np.full(arrival_tai_ns.shape, np.pi)
    place = ephemeris.position_m(there, EARTH, arrival_tai_ns)
    sun = ephemeris.position_m(SUN, EARTH, arrival_tai_ns)
    cross = np.linalg.norm(np.cross(place, sun), axis=-1)
    angle: FloatArray = np.arctan2(cross, np.sum(place * sun, axis=-1))
    return np.linalg.norm(place, axis=-1), angle


def _samples(
    leg: Leg, window: Window, paths: Paths, ephemeris: Ephemeris, flight_s: float
) -> tuple[list[Samples], tuple[float, float]]:
    conic = Conic(paths.begin_m[0], paths.begin_velocity_m_s[0], leg.centre.gm_m3_s2, flight_s)
    approach, excess = paths.approach_m_s[0], paths.excess_m_s[0]
    if leg.is_return:
        edge = sphere_of_influence_m(leg, ephemeris, window.departure_tai_ns, arriving=False)
        first, begun = sample_departure(leg, excess, window.departure_tai_ns, edge)
        back = sample_return(conic, window.departure_tai_ns, begun)
        return [first, back], _sun_range(back, ephemeris)
    edge = sphere_of_influence_m(leg, ephemeris, window.arrival_tai_ns, arriving=True)
    last, skipped = sample_arrival(leg, approach, window.arrival_tai_ns, edge)
    if leg.is_geocentric:
        coast = sample_coast(conic, window.departure_tai_ns, flight_s - skipped)
        return [coast, last], _sun_range(coast, ephemeris)
    edge = sphere_of_influence_m(leg, ephemeris, window.departure_tai_ns, arriving=False)
    first, begun = sample_departure(leg, excess, window.departure_tai_ns, edge)
    if begun + skipped >= flight_s:
        begun = skipped = 0.0
    cruise, away = sample_cruise(conic, leg, window.departure_tai_ns, (begun, skipped))
    return [first, cruise, last], (float(away.min()), float(away.max()))


def _sun_range(part: Samples, ephemeris: Ephemeris) -> tuple[float, float]:
    """Return smallest and largest distance from the Sun of places round the Earth."""
    away = np.linalg.norm(part.position_m[0] - ephemeris.position_m(SUN, EARTH, part.tai_ns), axis=-1)
    return float(away.min()), float(away.max())


def sphere_of_influence_m(leg: Leg, ephemeris: Ephemeris, tai_ns: int, *, arriving: bool) -> float:
    """Return the radius of Laplace's sphere of influence of one end, at the distance it has then.

    **Source**: Battin, An Introduction to the Mathematics and Methods of Astrodynamics, section 8.5.
    """
    body = leg.destination if arriving else leg.origin
    central = EARTH if surface(body) == MOON else SUN
    away = float(np.linalg.norm(ephemeris.position_m(place_of(body), central, np.int64(tai_ns))))
    return float(away * (surface(body).gm_m3_s2 / central.gm_m3_s2) ** 0.4)
