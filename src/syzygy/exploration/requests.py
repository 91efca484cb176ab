"""The request of a launch-window study."""

from __future__ import annotations

import math
from dataclasses import dataclass

from syzygy.astro.bodies import Body, find_body
from syzygy.base.errors import InputError, ProblemList, SyzygyError, UnitError
from syzygy.base.requests import option
from syzygy.exploration.launcher_choice import LauncherChoice

DAY_S = 86_400.0
NS_PER_S = 1_000_000_000
_LARGEST_GRID = 4_000_000
_NO_TARGETS = (0, 10)
_GEOCENTRIC = ((399, 301), (301, 399))


@dataclass(frozen=True)
class WindowsRequest(LauncherChoice):
    """One leg: from one body to another, leaving and arriving within given spans.

    The arrival is bounded by a span of arrival, by a range of the time of flight, or by both.
    """

    arrival_body: str = option("Where to go: Mars barycenter, Venus, Moon ...", positional=True)
    departure_begin_tai_ns: int = option("First departure.", kind="epoch")
    departure_end_tai_ns: int = option("Last departure.", kind="epoch")
    departure_body: str = option(
        "Where from. The Earth-Moon barycenter gives smooth windows; Earth adds its monthly wobble of "
        "12.5 m/s and is the one to use for the Moon.",
        default="Earth-Moon barycenter",
    )
    arrival_begin_tai_ns: int | None = option("First arrival.", kind="epoch", default=None)
    arrival_end_tai_ns: int | None = option("Last arrival.", kind="epoch", default=None)
    shortest_flight_s: float | None = option("Shortest time of flight.", unit="d", minimum=0.01, default=None)
    longest_flight_s: float | None = option("Longest time of flight.", unit="d", maximum=36525, default=None)
    departure_steps: int = option("Grid points along departure.", minimum=5, maximum=4001, default=181)
    arrival_steps: int = option(
        "Grid points along arrival or flight time.", minimum=5, maximum=4001, default=181
    )
    directions: tuple[str, ...] = option(
        "Ways round the Sun: prograde, retrograde. For the Moon both ways, ascending and descending arrival, "
        "are always computed.",
        choices=("prograde", "retrograde"),
        default=("prograde", "retrograde"),
    )
    most_revolutions: int = option(
        "Complete revolutions of the Sun to allow.", minimum=0, maximum=5, default=0
    )
    minimise: str = option(
        "What the best windows minimise.",
        choices=("c3", "arrival_speed", "total_delta_v"),
        default="c3",
    )
    parking_altitude_m: float = option(
        "Height of the circular parking orbit before departure.",
        unit="km",
        minimum=100,
        maximum=100_000,
        default=200e3,
    )
    parking_inclination_rad: float = option(
        "Inclination of the parking orbit to the ICRF equator, used for the Moon; from the Moon to the Earth "
        "that of the orbit of arrival.",
        unit="deg",
        minimum=0,
        maximum=180,
        default=math.radians(28.5),
    )
    arrival_altitude_m: float = option(
        "Height of the circular orbit after arrival, for the insertion cost; from the Moon to the Earth that "
        "of the perigee.",
        unit="km",
        minimum=10,
        maximum=10_000_000,
        default=400e3,
    )

    def __post_init__(self) -> None:
        problems = [
            *_body_problems(self), *_time_problems(self), *_size_problems(self), *self.launcher_problems(),
        ]  # fmt: skip
        if len(problems) == 1:
            raise problems[0]
        if problems:
            raise ProblemList(problems)

    @property
    def origin(self) -> Body:
        """The departure body."""
        return find_body(self.departure_body)

    @property
    def destination(self) -> Body:
        """The arrival body."""
        return find_body(self.arrival_body)

    @property
    def is_geocentric(self) -> bool:
        """Whether the leg leads from an Earth parking orbit to the Moon, or from the Moon to the Earth."""
        return (self.origin.naif_id, self.destination.naif_id) in _GEOCENTRIC

    @property
    def leaves_earth(self) -> bool:
        """Whether the leg begins at the Earth, so that launch vehicles count."""
        return self.origin.naif_id in (3, 399)


def _body_problems(request: WindowsRequest) -> list[SyzygyError]:
    problems: list[SyzygyError] = []
    bodies = []
    for field in ("departure_body", "arrival_body"):
        try:
            body = find_body(getattr(request, field))
        except SyzygyError as problem:
            problem.where = field
            problems.append(problem)
            continue
        bodies.append(body)
        if body.naif_id in _NO_TARGETS:
            problems.append(
                InputError(
                    "a transfer cannot begin or end there",
                    value=body.name,
                    allowed="a planet, its barycenter or the Moon",
                    where=field,
                )
            )
    if len(bodies) == 2:
        problems.extend(_pair_problems(*bodies))
    return problems


def _pair_problems(origin: Body, destination: Body) -> list[SyzygyError]:
    systems = [
        3 if body.naif_id in (3, 301, 399) else body.naif_id // 100 or body.naif_id
        for body in (origin, destination)
    ]
    if systems[0] != systems[1] or (origin.naif_id, destination.naif_id) in _GEOCENTRIC:
        return []
    if origin.naif_id == 301:
        return [
            InputError(
                "from the Moon one goes to the Earth itself, or to another planet",
                value=f"Moon to {destination.name}",
                allowed="Earth, a planet or its barycenter",
                where="arrival_body",
                hint="set arrival_body to Earth",
            )
        ]
    if destination.naif_id == 301:
        return [
            InputError(
                "the Moon is reached from an Earth parking orbit, or from another planet",
                value=f"from {origin.name}",
                allowed="Earth",
                where="departure_body",
                hint="set departure_body to Earth",
            )
        ]
    return [
        InputError(
            "departure and arrival are the same place",
            value=f"{origin.name} to {destination.name}",
            allowed="two different systems",
            where="arrival_body",
        )
    ]


def _time_problems(request: WindowsRequest) -> list[SyzygyError]:
    problems: list[SyzygyError] = []
    first, last = request.departure_begin_tai_ns, request.departure_end_tai_ns
    begin, end = request.arrival_begin_tai_ns, request.arrival_end_tai_ns
    short, long = request.shortest_flight_s, request.longest_flight_s
    if last <= first:
        problems.append(_reversed("the last departure is not after the first", "departure_end", first, last))
    if (begin is None) != (end is None):
        problems.append(
            InputError(
                "one end of the arrival span is missing",
                value="only one of arrival_begin and arrival_end",
                allowed="both, or neither",
                where="arrival_begin" if begin is None else "arrival_end",
            )
        )
    if begin is None and (short is None or long is None):
        problems.append(
            InputError(
                "the arrival is not bounded",
                value="no arrival span and no complete range of the time of flight",
                allowed="arrival_begin and arrival_end, or shortest_flight and longest_flight",
                where="arrival_begin",
            )
        )
    if begin is not None and end is not None and end <= begin:
        problems.append(_reversed("the last arrival is not after the first", "arrival_end", begin, end))
    if end is not None and end <= first:
        problems.append(_reversed("every arrival is before every departure", "arrival_end", first, end))
    if short is not None and long is not None and long <= short:
        problems.append(
            InputError(
                "the longest flight is not longer than the shortest",
                value=f"{long / DAY_S:g} d",
                allowed=f"more than {short / DAY_S:g} d",
                where="longest_flight",
            )
        )
    return problems


def _reversed(what: str, where: str, begin: int, end: int) -> InputError:
    days = (end - begin) / NS_PER_S / DAY_S
    return InputError(
        what,
        value=f"{days:.3f} d later",
        allowed="more than 0 d later",
        where=where,
        hint="swap the two dates",
    )


def _size_problems(request: WindowsRequest) -> list[SyzygyError]:
    problems: list[SyzygyError] = []
    for name in ("departure_steps", "arrival_steps"):
        if getattr(request, name) < 5:
            problems.append(
                InputError(
                    "the grid is too small", value=getattr(request, name), allowed="5 or more", where=name
                )
            )
    cells = request.departure_steps * request.arrival_steps * (1 + 2 * request.most_revolutions)
    if cells > _LARGEST_GRID:
        problems.append(
            InputError(
                "the grid is too large",
                value=f"{cells} transfers",
                allowed=f"{_LARGEST_GRID}",
                where="departure_steps",
            )
        )
    if not 0.0 <= request.parking_inclination_rad <= math.pi:
        problems.append(
            UnitError(
                "the inclination is not an angle in radians",
                value=f"{request.parking_inclination_rad:g} rad",
                allowed="0 to pi rad",
                where="parking_inclination",
                hint="the field holds radians; option and programme file take degrees",
            )
        )
    for name in ("parking_altitude_m", "arrival_altitude_m"):
        if not 10e3 <= getattr(request, name) <= 1e10:
            problems.append(
                UnitError(
                    "the height of an orbit can only be a unit mistake",
                    value=f"{getattr(request, name):g} m",
                    allowed="10 km or more, in metres",
                    where=name,
                    hint="the field holds metres; option and programme file take kilometres",
                )
            )
    if request.launchers and problems == [] and not _leaves_earth(request):
        problems.append(
            InputError(
                "launch vehicles start from the Earth",
                value=f"departure from {request.departure_body}",
                allowed="Earth or Earth-Moon barycenter, or no launch vehicles",
                where="launchers",
            )
        )
    if not request.directions:
        problems.append(
            InputError(
                "no direction is given", value="none", allowed="prograde, retrograde", where="directions"
            )
        )
    return problems


def _leaves_earth(request: WindowsRequest) -> bool:
    try:
        return request.leaves_earth
    except SyzygyError:
        return True
