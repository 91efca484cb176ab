"""One transfer evaluated: C3, departure direction, arrival speed and the velocity changes at both ends."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.transfers.lambert import SOLVED, solve_lambert
from syzygy.astro.transfers.perigee_departure import solve_perigee_departure
from syzygy.exploration.legs import Family, FloatArray, Instants, Leg, flight_time_s, surface

ECLIPTIC_POLE = (0.0, -0.3977771559319137, 0.9174820620691818)
"""North pole of the mean ecliptic of J2000 in ICRF axes (obliquity 84381.448 arcsec): what prograde means."""


@dataclass(frozen=True, eq=False)
class Transfers:
    """Quantities of transfers, all arrays of one shape; 0 where `solved` is False.

    Attributes
    ----------
    solved : bool array
        Whether there is such a transfer.
    c3_m2_s2 : array
        Twice the energy with respect to the departure body; negative when bound.
    declination_rad, right_ascension_rad : array
        Of the departure direction in ICRF axes: the hyperbolic asymptote, for a bound departure its limit,
        the direction of the apogee.
    arrival_speed_m_s : array
        With respect to the arrival body, before its attraction; from the Moon to the Earth at perigee.
    transfer_angle_rad : array
        Swept within one revolution.
    departure_delta_v_m_s, arrival_delta_v_m_s : array
        From the parking orbit and into the orbit of arrival, impulsive and tangential.
    node_rad : array
        Right ascension of the ascending node of the parking orbit, on the way back from the Moon of the orbit
        of arrival; 0 for interplanetary legs.
    """

    solved: NDArray[np.bool_]
    c3_m2_s2: FloatArray
    declination_rad: FloatArray
    right_ascension_rad: FloatArray
    arrival_speed_m_s: FloatArray
    transfer_angle_rad: FloatArray
    departure_delta_v_m_s: FloatArray
    arrival_delta_v_m_s: FloatArray
    node_rad: FloatArray

    def objective(self, minimise: str) -> FloatArray:
        """Return the quantity to minimise, infinite where there is no transfer."""
        if minimise == "c3":
            value = self.c3_m2_s2
        elif minimise == "arrival_speed":
            value = self.arrival_speed_m_s
        else:
            value = self.departure_delta_v_m_s + self.arrival_delta_v_m_s
        return np.where(self.solved, value, np.inf)

    def keep(self, allowed: NDArray[np.bool_]) -> Transfers:
        """Return the same transfers, those not allowed marked as not solved and zero."""
        kept = self.solved & allowed
        return Transfers(kept, *(np.where(kept, getattr(self, f.name), 0.0) for f in fields(self)[1:]))

    def take(self, index: object) -> Transfers:
        """Return some of the transfers (a numpy index)."""
        return Transfers(*(getattr(self, field.name)[index] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class Paths:
    """The conics of transfers: states at both ends relative to the central body, ICRF axes, shapes (..., 3).

    Attributes
    ----------
    begin_m, begin_velocity_m_s, end_m, end_velocity_m_s : array
        What follows the conic, at departure and at arrival; meaningless where there is no transfer.
    excess_m_s : array
        Velocity with respect to the departure body; for a geocentric leg zero.
    approach_m_s : array
        Velocity with respect to the arrival body, before its attraction; at the Earth's perigee on the way
        back from the Moon.
    """

    begin_m: FloatArray
    begin_velocity_m_s: FloatArray
    end_m: FloatArray
    end_velocity_m_s: FloatArray
    excess_m_s: FloatArray
    approach_m_s: FloatArray


def join_transfers(parts: list[Transfers]) -> Transfers:
    """Join along the first axis."""
    return Transfers(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Transfers))
    )


def evaluate_transfers(
    leg: Leg, family: Family, ephemeris: Ephemeris, departure_tai_ns: Instants, arrival_tai_ns: Instants
) -> Transfers:
    """Evaluate transfers of one family at departures and arrivals of shapes that broadcast.

    Raises
    ------
    CoverageError
        An epoch is outside the ephemeris.
    MissingDataError
        The ephemeris does not have a body.
    """
    return trace_transfers(leg, family, ephemeris, departure_tai_ns, arrival_tai_ns)[0]


def trace_transfers(
    leg: Leg, family: Family, ephemeris: Ephemeris, departure_tai_ns: Instants, arrival_tai_ns: Instants
) -> tuple[Transfers, Paths]:
    """Evaluate transfers as `evaluate_transfers` and return their conics too; raises the same."""
    flight_s = flight_time_s(departure_tai_ns, arrival_tai_ns)
    if leg.is_return:
        moon = ephemeris.state_m(leg.origin, leg.centre, departure_tai_ns)
        return _from_the_moon(leg, family, *moon, flight_s)
    place, speed = ephemeris.state_m(leg.destination, leg.centre, arrival_tai_ns)
    if leg.is_geocentric:
        return _to_the_moon(leg, family, place, speed, flight_s)
    begin, begin_speed = ephemeris.state_m(leg.origin, leg.centre, departure_tai_ns)
    return _round_the_sun(leg, family, (begin, begin_speed), (place, speed), flight_s)


def _round_the_sun(
    leg: Leg,
    family: Family,
    departure: tuple[FloatArray, FloatArray],
    arrival: tuple[FloatArray, FloatArray],
    flight_s: FloatArray,
) -> tuple[Transfers, Paths]:
    answer = solve_lambert(
        departure[0],
        arrival[0],
        flight_s,
        leg.centre.gm_m3_s2,
        retrograde=family.way == "retrograde",
        revolutions=family.revolutions,
        right_branch=family.branch == "right",
        reference_axis=ECLIPTIC_POLE,
    )
    solved = answer.status == SOLVED
    excess = np.where(solved[..., None], answer.departure_velocity_m_s - departure[1], 0.0)
    approach = np.where(solved[..., None], answer.arrival_velocity_m_s - arrival[1], 0.0)
    c3 = np.sum(excess * excess, axis=-1)
    arrival_speed = np.sqrt(np.sum(approach * approach, axis=-1))
    gm = surface(leg.origin).gm_m3_s2
    departure_cost = np.sqrt(c3 + 2 * gm / leg.parking_radius_m) - np.sqrt(gm / leg.parking_radius_m)
    paths = Paths(
        departure[0], answer.departure_velocity_m_s, arrival[0], answer.arrival_velocity_m_s, excess, approach
    )
    found = Transfers(
        solved,
        c3,
        *direction_angles(excess),
        arrival_speed,
        np.where(solved, answer.transfer_angle_rad, 0.0),
        np.where(solved, departure_cost, 0.0),
        np.where(solved, _insertion(leg, arrival_speed), 0.0),
        np.zeros(solved.shape),
    )
    return found, paths


def _to_the_moon(
    leg: Leg, family: Family, place: FloatArray, speed: FloatArray, flight_s: FloatArray
) -> tuple[Transfers, Paths]:
    """Evaluate the conic that leaves the parking orbit at its perigee and meets the centre of the Moon.

    The orbit plane holds the Moon on arrival and has the inclination of the parking orbit: two planes, in
    which the Moon is met while ascending or while descending, if the inclination reaches its declination.
    """
    distance = np.sqrt(np.sum(place * place, axis=-1))
    conic = solve_perigee_departure(leg.parking_radius_m, distance, flight_s, leg.centre.gm_m3_s2)
    shape = conic.solved.shape
    up = np.broadcast_to(place / distance[..., None], (*shape, 3))
    along, reaches = _along_the_plane(leg, family, up)
    solved = conic.solved & reaches
    normal = np.cross(up, along)
    velocity = conic.arrival_radial_m_s[..., None] * up + conic.arrival_transverse_m_s[..., None] * along
    approach = np.where(solved[..., None], velocity - speed, 0.0)
    arrival_speed = np.sqrt(np.sum(approach * approach, axis=-1))
    turn = conic.transfer_angle_rad[..., None]
    perigee = np.cos(turn) * up - np.sin(turn) * along
    ahead = np.sin(turn) * up + np.cos(turn) * along
    gm = leg.centre.gm_m3_s2
    c3 = np.where(solved, conic.departure_speed_m_s**2 - 2 * gm / leg.parking_radius_m, 0.0)
    eccentricity = 1.0 + c3 * leg.parking_radius_m / gm
    limit = np.where(c3 > 0.0, np.arccos(-1.0 / np.maximum(eccentricity, 1.0)), np.pi)[..., None]
    direction = np.where(solved[..., None], np.cos(limit) * perigee + np.sin(limit) * ahead, 0.0)
    node = np.arctan2(normal[..., 0], -normal[..., 1]) % (2 * np.pi)
    cost = conic.departure_speed_m_s - np.sqrt(gm / leg.parking_radius_m)
    leaving = conic.departure_speed_m_s[..., None] * ahead
    paths = Paths(leg.parking_radius_m * perigee, leaving, place, velocity, np.zeros((*shape, 3)), approach)
    found = Transfers(
        solved,
        c3,
        *direction_angles(direction),
        arrival_speed,
        np.where(solved, conic.transfer_angle_rad, 0.0),
        np.where(solved, cost, 0.0),
        np.where(solved, _insertion(leg, arrival_speed), 0.0),
        np.where(solved, node, 0.0),
    )
    return found, paths


def _along_the_plane(leg: Leg, family: Family, up: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return the transverse direction in the inclined plane through `up`, and where there is one.

    The two planes hold the direction while ascending and while descending.
    """
    flat = np.hypot(up[..., 0], up[..., 1])
    cosine = np.cos(leg.parking_inclination_rad) / flat
    sine = np.sqrt(np.maximum(1.0 - cosine * cosine, 0.0)) * (1.0 if family.way == "ascending" else -1.0)
    east = np.stack([-up[..., 1], up[..., 0], np.zeros(flat.shape)], -1) / flat[..., None]
    along: FloatArray = cosine[..., None] * east + sine[..., None] * np.cross(up, east)
    return along, np.abs(cosine) <= 1.0


def _from_the_moon(
    leg: Leg, family: Family, place: FloatArray, speed: FloatArray, flight_s: FloatArray
) -> tuple[Transfers, Paths]:
    """Evaluate the conic that leaves the centre of the Moon and ends at its perigee, in a plane as there.

    It is the conic from that perigee to the Moon flown backwards.  C3 and its direction are those of the
    excess velocity at the Moon; the arrival speed is that at perigee.
    """
    distance = np.sqrt(np.sum(place * place, axis=-1))
    conic = solve_perigee_departure(leg.arrival_radius_m, distance, flight_s, leg.centre.gm_m3_s2)
    shape = conic.solved.shape
    up = np.broadcast_to(place / distance[..., None], (*shape, 3))
    along, reaches = _along_the_plane(leg, family, up)
    solved = conic.solved & reaches
    normal = np.cross(up, along)
    velocity = conic.arrival_transverse_m_s[..., None] * along - conic.arrival_radial_m_s[..., None] * up
    excess = np.where(solved[..., None], velocity - speed, 0.0)
    c3 = np.sum(excess * excess, axis=-1)
    turn = conic.transfer_angle_rad[..., None]
    perigee = np.cos(turn) * up + np.sin(turn) * along
    ahead = np.cos(turn) * along - np.sin(turn) * up
    ending = np.where(solved[..., None], conic.departure_speed_m_s[..., None] * ahead, 0.0)
    gm, moon_gm = leg.centre.gm_m3_s2, surface(leg.origin).gm_m3_s2
    leaving = np.sqrt(c3 + 2 * moon_gm / leg.parking_radius_m) - np.sqrt(moon_gm / leg.parking_radius_m)
    braking = conic.departure_speed_m_s - np.sqrt(gm / leg.arrival_radius_m)
    node = np.arctan2(normal[..., 0], -normal[..., 1]) % (2 * np.pi)
    begin = np.broadcast_to(place, (*shape, 3))
    paths = Paths(begin, velocity, leg.arrival_radius_m * perigee, ending, excess, ending)
    found = Transfers(
        solved,
        c3,
        *direction_angles(excess),
        np.where(solved, conic.departure_speed_m_s, 0.0),
        np.where(solved, conic.transfer_angle_rad, 0.0),
        np.where(solved, leaving, 0.0),
        np.where(solved, braking, 0.0),
        np.where(solved, node, 0.0),
    )
    return found, paths


def direction_angles(vector: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return declination and right ascension (rad) of vectors (..., 3); 0 and 0 for none."""
    flat = np.hypot(vector[..., 0], vector[..., 1])
    return np.arctan2(vector[..., 2], flat), np.arctan2(vector[..., 1], vector[..., 0]) % (2 * np.pi)


def _insertion(leg: Leg, arrival_speed_m_s: FloatArray) -> FloatArray:
    gm, radius = surface(leg.destination).gm_m3_s2, leg.arrival_radius_m
    cost: FloatArray = np.sqrt(arrival_speed_m_s**2 + 2 * gm / radius) - np.sqrt(gm / radius)
    return cost
