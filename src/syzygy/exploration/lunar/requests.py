"""The request of a lunar transfer."""

from __future__ import annotations

import math
from dataclasses import dataclass

from syzygy.astro.bodies import MOON
from syzygy.base.errors import InputError, ProblemList, SyzygyError, UnitError
from syzygy.base.requests import option
from syzygy.exploration.launcher_choice import LauncherChoice
from syzygy.exploration.lunar.approach import AXES
from syzygy.exploration.lunar.launching import DAY_S, LaunchChoice, perilune_problem

MOON_RADIUS_M = MOON.mean_radius_m
"""Heights above the Moon are above this sphere (1737.4 km)."""
_LARGEST = 20_000


@dataclass(frozen=True, kw_only=True)
class LunarTransferRequest(LaunchChoice, LauncherChoice):
    """From a launch site over a parking orbit into an orbit about the Moon."""

    shortest_flight_s: float = option(
        "Shortest time from injection to perilune.", unit="d", minimum=1.5, maximum=8.0, default=3.0 * DAY_S
    )
    longest_flight_s: float = option(
        "Longest time from injection to perilune.", unit="d", minimum=1.5, maximum=8.0, default=5.0 * DAY_S
    )
    flight_steps: int = option("Flight times to try between the two.", minimum=1, maximum=41, default=3)
    perilune_altitude_m: float = option(
        "Height of the perilune above the sphere of 1737.4 km.",
        unit="km", minimum=15, maximum=20_000, default=100e3,
    )  # fmt: skip
    apolune_altitude_m: float | None = option(
        "Height of the apolune of the orbit after insertion; without it the orbit is circular.",
        unit="km", minimum=15, maximum=60_000, default=None,
    )  # fmt: skip
    lunar_inclination_rad: float = option(
        "Inclination of the orbit about the Moon; 90 is polar.",
        unit="deg", minimum=0, maximum=180, default=math.pi / 2.0,
    )  # fmt: skip
    inclination_axes: str = option(
        "What the inclination is meant to: the pole of the IAU (WGCCRE 2015), the principal axes of DE440, "
        "or the ICRF pole.",
        choices=AXES,
        default="iau",
    )
    sides: tuple[str, ...] = option(
        "Side on which the Moon is passed: north or south of the approach.",
        choices=("north", "south"),
        default=("north", "south"),
    )
    minimise: str = option(
        "What the best opportunity of a day, and of all, minimises.",
        choices=("injection", "insertion", "total"),
        default="total",
    )

    def __post_init__(self) -> None:
        problems = [*self.launch_problems(), *_lunar_problems(self), *self.launcher_problems()]
        if len(problems) == 1:
            raise problems[0]
        if problems:
            raise ProblemList(problems)

    def further_needs(self) -> tuple[str, ...]:
        """Return the parts of the Almanac that only some requests need."""
        return ("moon_orientation",) if self.inclination_axes == "principal" else ()

    def flight_times_s(self) -> tuple[float, ...]:
        """Return the flight times to try."""
        if self.flight_steps == 1:
            return (self.shortest_flight_s,)
        step = (self.longest_flight_s - self.shortest_flight_s) / (self.flight_steps - 1)
        return tuple(self.shortest_flight_s + step * k for k in range(self.flight_steps))

    @property
    def perilune_radius_m(self) -> float:
        """Of the hyperbola and of the orbit after insertion."""
        return MOON_RADIUS_M + self.perilune_altitude_m

    @property
    def apolune_radius_m(self) -> float:
        """Of the orbit after insertion."""
        height = self.perilune_altitude_m if self.apolune_altitude_m is None else self.apolune_altitude_m
        return MOON_RADIUS_M + height


def _lunar_problems(request: LunarTransferRequest) -> list[SyzygyError]:
    problems: list[SyzygyError] = []
    if request.longest_flight_s < request.shortest_flight_s:
        problems.append(
            InputError(
                "the longest flight is shorter than the shortest",
                value=f"{request.longest_flight_s / DAY_S:g} d",
                allowed=f"{request.shortest_flight_s / DAY_S:g} d or more",
                where="longest_flight",
                hint="swap the two",
            )
        )
    problems += perilune_problem(request.perilune_altitude_m)
    if request.apolune_radius_m < request.perilune_radius_m:
        problems.append(
            InputError(
                "the apolune is below the perilune",
                value=f"{(request.apolune_radius_m - MOON_RADIUS_M) / 1e3:g} km",
                allowed=f"{request.perilune_altitude_m / 1e3:g} km or more",
                where="apolune_altitude",
                hint="swap the two",
            )
        )
    if not request.sides:
        problems.append(InputError("no side is given", value="none", allowed="north, south", where="sides"))
    if not 0.0 <= request.lunar_inclination_rad <= math.pi:
        problems.append(
            UnitError(
                "the inclination is not an angle in radians",
                value=f"{request.lunar_inclination_rad:g} rad",
                allowed="0 to pi rad",
                where="lunar_inclination",
                hint="the field holds radians; option and programme file take degrees",
            )
        )
    count = (
        request.days().size * max(1, request.azimuth_steps) * len(request.planes) * len(request.sides)
        * request.flight_steps
    )  # fmt: skip
    if count > _LARGEST:
        problems.append(
            InputError(
                "too many transfers are asked for",
                value=count,
                allowed=f"{_LARGEST} or fewer",
                where="flight_steps",
                hint="fewer days, azimuths or flight times",
            )
        )
    return problems
