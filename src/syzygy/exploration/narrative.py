"""The paragraph of the report: inputs, models, validity and limits of a launch-window study."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from syzygy.astro.bodies import MOON
from syzygy.base.results import Narrative
from syzygy.exploration.payload_summary import describe_launchers

if TYPE_CHECKING:
    from syzygy.exploration.windows import WindowsResult


def describe_windows(result: WindowsResult) -> Narrative:
    """Return the words of a result."""
    return Narrative(_inputs(result), _models(result), _validity(result), _limits(result))


def _inputs(result: WindowsResult) -> str:
    leg, axes, launchers = result.leg, result.axes, result.launchers
    solved = sum(int(layer.transfers.solved.sum()) for layer in result.layers)
    cells = sum(layer.transfers.solved.size for layer in result.layers)
    return (
        f"{leg.origin.name} to {leg.destination.name} from {result.ephemeris_name}: "
        f"{axes.departure_tai_ns.size} departures by {axes.second_ns.size} "
        f"{'times of flight' if axes.by_flight_time else 'arrivals'}, {len(result.layers)} families, "
        f"{solved} of {cells} grid points with a transfer." + describe_launchers(result.request, launchers)
    )


def _models(result: WindowsResult) -> str:
    leg = result.leg
    gravity = f"GM {leg.centre.gm_m3_s2 / 1e9:.6f} km3/s2"
    if leg.is_return:
        return (
            f"Two-body conic round the Earth ({gravity}) from the centre of the Moon to its perigee at "
            f"{leg.arrival_radius_m / 1e3:.1f} km, in a plane inclined by "
            f"{math.degrees(leg.parking_inclination_rad):.2f} deg (to the ICRF equator) in which the Moon is "
            "left ascending or descending. C3 is the square of the excess speed with respect to the Moon, "
            "the arrival speed that at perigee; directions of arrival are those of the motion there. "
            + _SHADOWS
        )
    if leg.is_geocentric:
        return (
            f"Two-body conic round the Earth ({gravity}) that leaves a circular parking orbit of radius "
            f"{leg.parking_radius_m / 1e3:.1f} km and inclination "
            f"{math.degrees(leg.parking_inclination_rad):.2f} deg (to the ICRF equator) at its perigee and "
            "meets the centre of the Moon, ascending or descending. C3 is negative for a bound orbit, "
            "whose departure direction is that of its apogee. " + _SHADOWS
        )
    return (
        f"Two-body Lambert transfers round the Sun ({gravity}) between {leg.origin.name} and "
        f"{leg.destination.name}, ICRF axes, TDB. C3 is the square of the excess speed with respect to "
        f"{leg.origin.name}; declination and right ascension of the launch asymptote refer to the ICRF "
        "equator, which differs from the true equator of date by up to 0.15 deg in these years. Prograde "
        "means along the pole of the ecliptic; type I sweeps less, type II more than 180 degrees. " + _SHADOWS
    )


_SHADOWS = (
    "Shadows are conical, of spheres on their ephemeris places: on the transfer outside the spheres of "
    "influence, on the hyperbolas at both ends inside them, pericentre at the time of departure or arrival. "
    "Where the plane of a hyperbola is still open, the shortest and longest times over the planes are given; "
    "after insertion nothing is counted. Directions to the equator of a body use its IAU pole."
)


def _validity(result: WindowsResult) -> str:
    return (
        f"Best windows are interior minima of {_objective(result.leg.minimise)}, refined on the true "
        "function and rounded to whole minutes; where a family falls towards the ridge between the types "
        "or the edge of the search, that is said instead of a minimum. Launcher figures are used inside "
        "their range of C3 and declination only: outside it is labelled, nothing is extrapolated; below a "
        "curve its lowest C3 gives a lower bound. A curve fitted through two to four public points (rocket "
        "equation of the last stage) says so, carries its band and ends at the outer points. Where the "
        "launch site is known, steeper or shallower orbits than its azimuths give are paid for: with the "
        "unused turn of the Earth, and with a turn of the plane within an impulsive departure burn."
    )


def _limits(result: WindowsResult) -> str:
    if result.leg.is_geocentric:
        return (
            "A first model, for dates and costs, not for flight: the Moon's attraction acts on the cost "
            "at its end only, the Sun's not at all, and no perilune is targeted. Against full-force "
            "transfers expect differences of tens of m/s in the costs and of hours in the best date. "
            "Finite-burn losses are not included; adapters are deducted only where they are known."
        )
    return (
        "Patched conics: no other attraction on the way, no finite-burn loss; adapters are deducted only "
        "where they are known. Masses of single statements belong to other trajectories and serve for "
        "comparison only." + _near_the_moon(result)
    )


def _near_the_moon(result: WindowsResult) -> str:
    if MOON not in (result.leg.origin, result.leg.destination):
        return ""
    return " At the Moon the attraction of the Earth is left out: the cost is a first figure only."


def _objective(minimise: str) -> str:
    return {
        "c3": "C3",
        "arrival_speed": "the arrival speed",
        "total_delta_v": "the sum of departure and insertion cost",
    }[minimise]
