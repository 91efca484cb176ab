"""The request of a free return."""

from __future__ import annotations

import math
from dataclasses import dataclass

from syzygy.base.errors import InputError, ProblemList, SyzygyError, UnitError
from syzygy.base.requests import option
from syzygy.exploration.lunar.launching import DAY_S, LaunchChoice, perilune_problem

FAMILIES = ("symmetric", "non-symmetric")
CORRIDOR_RAD = (math.radians(-8.0), math.radians(-5.0))
"""Flight-path angles at entry that a crew can survive: steeper breaks the limits of load, shallower skips."""
_LARGEST = 5_000


@dataclass(frozen=True, kw_only=True)
class FreeReturnRequest(LaunchChoice):
    """From a launch site round the Moon and back into the atmosphere without a further burn."""

    families: tuple[str, ...] = option(
        "symmetric: the height of the perilune is given and the way back is inclined as the way out; "
        "non-symmetric: the time to the perilune is given, its height follows.",
        choices=FAMILIES,
        default=("symmetric",),
    )
    perilune_altitude_m: float = option(
        "Height of the perilune above the sphere of 1737.4 km (symmetric).",
        unit="km", minimum=15, maximum=20_000, default=250e3,
    )  # fmt: skip
    outbound_flight_s: float = option(
        "Time from injection to the perilune (non-symmetric).",
        unit="d", minimum=2.0, maximum=5.0, default=3.25 * DAY_S,
    )  # fmt: skip
    return_inclination_rad: float | None = option(
        "Inclination of the way back to the equator of date (non-symmetric); without it that of the way out.",
        unit="deg", minimum=0, maximum=180, default=None,
    )  # fmt: skip
    return_planes: tuple[str, ...] = option(
        "The way back: mirrored leaves the Moon descending if the way out met it ascending; same does not.",
        choices=("mirrored", "same"),
        default=("mirrored",),
    )
    entry_altitude_m: float = option(
        "Height of the entry interface above the ellipsoid.",
        unit="km", minimum=80, maximum=200, default=121_900.0,
    )  # fmt: skip
    entry_angle_rad: float = option(
        "Flight-path angle there, inertial, against the geocentric horizontal.",
        unit="deg", minimum=-8, maximum=-5, default=math.radians(-6.5),
    )  # fmt: skip
    entry_range_m: float = option(
        "Range from the entry interface to the landing, for its estimate.",
        unit="km", minimum=500, maximum=12_000, default=2500e3,
    )  # fmt: skip

    def __post_init__(self) -> None:
        problems = [*self.launch_problems(), *_own_problems(self)]
        if len(problems) == 1:
            raise problems[0]
        if problems:
            raise ProblemList(problems)


def _own_problems(request: FreeReturnRequest) -> list[SyzygyError]:
    problems: list[SyzygyError] = []
    problems += perilune_problem(request.perilune_altitude_m)
    low, high = CORRIDOR_RAD
    if not low - 1e-9 <= request.entry_angle_rad <= high + 1e-9:
        problems.append(
            UnitError(
                "the angle of entry lies outside the corridor",
                value=f"{request.entry_angle_rad:g} rad",
                allowed=f"{low:.4f} to {high:.4f} rad (-8 to -5 deg)",
                where="entry_angle",
                hint="the field holds radians and is negative below the horizontal",
            )
        )
    for name in ("families", "return_planes"):
        if not getattr(request, name):
            problems.append(
                InputError("nothing is chosen", value="none", allowed="one or more words", where=name)
            )
    count = (
        request.days().size * max(1, request.azimuth_steps) * len(request.planes) * len(request.families)
        * len(request.return_planes)
    )  # fmt: skip
    if count > _LARGEST:
        problems.append(
            InputError(
                "too many flights are asked for",
                value=count,
                allowed=f"{_LARGEST} or fewer",
                where="departure_end",
                hint="fewer days or azimuths",
            )
        )
    return problems
