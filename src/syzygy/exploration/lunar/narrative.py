"""The paragraph of the report on lunar transfers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from syzygy.base.results import Narrative
from syzygy.exploration.lunar.days import count_verdicts, describe_integration, describe_launch
from syzygy.exploration.lunar.launching import DAY_S
from syzygy.exploration.payload_summary import describe_launchers

if TYPE_CHECKING:
    from syzygy.exploration.lunar.study import LunarTransferResult

_AXES = {
    "iau": "the lunar pole of IAU WGCCRE 2015 (0.02 deg from the principal axes)",
    "principal": "the principal axes of the Moon (DE440)",
    "icrf": "the ICRF pole",
}


def describe_transfers(result: LunarTransferResult) -> Narrative:
    """Return the words of a result."""
    return Narrative(_inputs(result), _models(result), _validity(result), _LIMITS)


def _inputs(result: LunarTransferResult) -> str:
    request = result.request
    return (
        f"{describe_launch(request, result.utc(request.departure_begin_tai_ns, 0))}; flights of "
        f"{request.shortest_flight_s / DAY_S:g} to "
        f"{request.longest_flight_s / DAY_S:g} d; perilune at {request.perilune_altitude_m / 1e3:g} km, "
        f"inclination {math.degrees(request.lunar_inclination_rad):g} deg to "
        f"{_AXES[request.inclination_axes]}." + describe_launchers(request, result.launchers)
    )


def _models(result: LunarTransferResult) -> str:
    return (
        f"{describe_integration(result.almanac)} Each row "
        "begins as a two-body conic to the centre of the Moon, corrected by its transition matrix until "
        "B.T, B.R and the time of perilune are those asked for; injection is impulsive and horizontal, its "
        "instant follows from launch site, azimuth, ascent and coast (circular orbit, secular J2)."
    )


def _validity(result: LunarTransferResult) -> str:
    checks = [row.flight.check_m for row in result.rows if row.flight is not None]
    return (
        f"{count_verdicts(result.rows)}. The largest miss in the B-plane is {result.largest_miss_m():.2g} "
        f"m, the largest difference at perilune from a second propagation {max(checks, default=0.0):.2g} m."
    )


_LIMITS = (
    "Burns are impulses: a finite injection costs one to some per cent more. Field of the Moon, sunlight and "
    "drag in the parking orbit are left out (tens of metres to kilometres at perilune, removed by mid-course "
    "corrections). Ascent is a time and an arc, not a trajectory. A curve of payload that begins above the "
    "C3 of the flight gives its first value, a lower bound. A vehicle whose site is that of the request "
    "flies the plane of the row; one of another site the plane that its azimuths allow to the same apogee."
)
