"""A leg: which bodies, which centre, which families of transfers, and the two axes of the grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH, EARTH_MOON_BARYCENTER, SUN, Body, find_body
from syzygy.astro.time import tdb_seconds
from syzygy.exploration.requests import NS_PER_S, WindowsRequest

Instants = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")


@dataclass(frozen=True)
class Family:
    """Transfers that vary smoothly over the grid: one direction, one count of revolutions, one branch.

    Attributes
    ----------
    way : str
        ``prograde`` or ``retrograde`` round the Sun; ``ascending`` or ``descending`` arrival at the Moon, or
        departure from it.
    revolutions : int
        Complete revolutions.
    branch : str
        ``left`` or ``right`` of the shortest flight; empty without revolutions.
    """

    way: str
    revolutions: int = 0
    branch: str = ""


@dataclass(frozen=True)
class Leg:
    """What the evaluation of a transfer needs to know, taken from the request.

    Attributes
    ----------
    origin, destination, centre : Body
        Departure body, arrival body, central body of the transfer.
    parking_radius_m, arrival_radius_m : float
        Of the circular orbits at both ends, from the centre of the body.
    parking_inclination_rad : float
        For a geocentric leg.
    minimise : str
        The objective.
    """

    origin: Body
    destination: Body
    centre: Body
    parking_radius_m: float
    arrival_radius_m: float
    parking_inclination_rad: float
    minimise: str

    @property
    def is_geocentric(self) -> bool:
        """Whether the transfer runs round the Earth, to the Moon or back."""
        return self.centre == EARTH

    @property
    def is_return(self) -> bool:
        """Whether it leads from the Moon to a perigee at the Earth."""
        return self.is_geocentric and self.destination == EARTH


def read_leg(request: WindowsRequest) -> Leg:
    """Return the leg of a request."""
    origin, destination = request.origin, request.destination
    return Leg(
        origin,
        destination,
        EARTH if request.is_geocentric else SUN,
        surface(origin).radius_m + request.parking_altitude_m,
        surface(destination).radius_m + request.arrival_altitude_m,
        request.parking_inclination_rad,
        request.minimise,
    )


def surface(body: Body) -> Body:
    """Return the planet of a barycentre (whose orbit heights and gravity are meant), or the body itself."""
    if not body.is_barycenter:
        return body
    return EARTH if body == EARTH_MOON_BARYCENTER else find_body(body.naif_id * 100 + 99)


def list_families(request: WindowsRequest) -> tuple[Family, ...]:
    """Return the families of a request, in the order of the tables."""
    if request.is_geocentric:
        return (Family("ascending"), Family("descending"))
    found = []
    for way in ("prograde", "retrograde"):
        if way not in request.directions:
            continue
        found.append(Family(way))
        for count in range(1, request.most_revolutions + 1):
            found.extend([Family(way, count, "left"), Family(way, count, "right")])
    return tuple(found)


def type_names(family: Family) -> tuple[str, str]:
    """Return the names of the transfers below and above 180 degrees: I and II, III and IV, ..."""
    return _ROMAN[2 * family.revolutions], _ROMAN[2 * family.revolutions + 1]


@dataclass(frozen=True, eq=False)
class Axes:
    """The grid: departures (n,), and arrivals (m,) or flight times (m,), whichever the request gives.

    Attributes
    ----------
    departure_tai_ns : int64 array (n,)
    second_ns : int64 array (m,)
        Arrival instants or times of flight.
    by_flight_time : bool
        Which of the two `second_ns` is.
    shortest_ns, longest_ns : int
        Limits of the time of flight.
    last_arrival_tai_ns : int
        Limit of the arrival.
    """

    departure_tai_ns: Instants
    second_ns: Instants
    by_flight_time: bool
    shortest_ns: int
    longest_ns: int

    def arrival_tai_ns(self, rows: slice = slice(None)) -> Instants:
        """Return the arrival instants of some rows, (rows, m)."""
        departures = self.departure_tai_ns[rows, None]
        if self.by_flight_time:
            return departures + self.second_ns[None, :]
        return np.broadcast_to(self.second_ns[None, :], (departures.shape[0], self.second_ns.size))

    def contains(self, departure_tai_ns: Instants, arrival_tai_ns: Instants) -> NDArray[np.bool_]:
        """Return which transfers lie inside the request."""
        second = arrival_tai_ns - departure_tai_ns if self.by_flight_time else arrival_tai_ns
        flight = arrival_tai_ns - departure_tai_ns
        inside: NDArray[np.bool_] = (
            (departure_tai_ns >= self.departure_tai_ns[0])
            & (departure_tai_ns <= self.departure_tai_ns[-1])
            & (second >= self.second_ns[0])
            & (second <= self.second_ns[-1])
            & (flight >= self.shortest_ns)
            & (flight <= self.longest_ns)
        )
        return inside


def make_axes(request: WindowsRequest) -> Axes:
    """Return the axes of the grid, both ends included."""
    short = 1 if request.shortest_flight_s is None else round(request.shortest_flight_s * NS_PER_S)
    long = np.iinfo(np.int64).max // 4
    if request.longest_flight_s is not None:
        long = round(request.longest_flight_s * NS_PER_S)
    departures = _steps(request.departure_begin_tai_ns, request.departure_end_tai_ns, request.departure_steps)
    if request.arrival_begin_tai_ns is None or request.arrival_end_tai_ns is None:
        return Axes(departures, _steps(short, long, request.arrival_steps), True, short, long)
    arrivals = _steps(request.arrival_begin_tai_ns, request.arrival_end_tai_ns, request.arrival_steps)
    return Axes(departures, arrivals, False, short, long)


def _steps(begin: int, end: int, count: int) -> Instants:
    return np.array([begin + (end - begin) * k // (count - 1) for k in range(count)], dtype=np.int64)


def flight_time_s(departure_tai_ns: Instants, arrival_tai_ns: Instants) -> FloatArray:
    """Return the time of flight in TDB seconds, the argument of the equations of motion."""
    whole_1, fraction_1 = tdb_seconds(departure_tai_ns)
    whole_2, fraction_2 = tdb_seconds(arrival_tai_ns)
    flight: FloatArray = (whole_2 - whole_1) + (fraction_2 - fraction_1)
    return flight
