"""Days of launch solved one by one: what all studies of flights to the Moon have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.astro.time import format_utc
from syzygy.base.errors import InputError
from syzygy.base.execution import Executor
from syzygy.base.progress import Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure
from syzygy.exploration.lunar.forces import cislunar_forces
from syzygy.exploration.lunar.held_orientation import describe_held, hold_orientation
from syzygy.exploration.lunar.launching import LaunchChoice

NO_AZIMUTH = "no azimuth within the limits reaches the declination of the Moon"
NOT_SETTLED = "the correction did not settle"
_DEGREE = 57.29577951308232


class Opportunity(Protocol):
    """A row of such a study."""

    @property
    def verdict(self) -> str:
        """What became of it."""

    @property
    def moon_declination_rad(self) -> float:
        """On the equator of date, about the time of arrival."""


Request = TypeVar("Request", bound=LaunchChoice)
Row = TypeVar("Row", bound=Opportunity)


@dataclass(frozen=True, eq=False)
class DayTask(Generic[Request]):
    """The work of one day, for one process."""

    request: Request
    almanac: Almanac
    day_tai_ns: int


def solve_days(
    solve_day: Callable[[DayTask[Request]], list[Row]],
    request: Request,
    almanac: Almanac,
    longest_s: float,
    executor: Executor,
    progress: Progress,
    title: str,
) -> tuple[tuple[Row, ...], Almanac]:
    """Return the rows of all days in their order, and the Almanac that they were found with.

    The rows do not depend on the number of workers; the Almanac is another one where the request asks to
    hold the Earth orientation.

    Parameters
    ----------
    solve_day : callable
        A function of a module, so that other processes find it.
    request : LaunchChoice
    almanac : Almanac
    longest_s : float
        A flight may end so long after the last day begins.
    executor : Executor
    progress : Progress
    title : str
        Of the work, for the progress.

    Raises
    ------
    CoverageError
        Days outside the leap-second table, before anything is computed.
    InputError
        No azimuth within the limits reaches the Moon on any day.
    """
    days = request.days()
    last = int(days[-1]) + round(longest_s * 1e9)
    for day in (int(days[0]), last):
        format_utc(day, almanac.leap_seconds)
    almanac = hold_orientation(almanac, request, last)
    progress.start(title, days.size)
    tasks = [DayTask(request, almanac, int(day)) for day in days]
    rows = [row for found in executor.map(solve_day, tasks, progress=progress) for row in found]
    if all(row.verdict == NO_AZIMUTH for row in rows):
        raise _out_of_reach(request, rows)
    return tuple(rows), almanac


def _out_of_reach(request: LaunchChoice, rows: Sequence[Opportunity]) -> InputError:
    least = min(abs(row.moon_declination_rad) for row in rows) * _DEGREE
    return InputError(
        "no launch azimuth within the limits reaches the Moon on any of the days",
        value=f"site at {request.site_latitude_rad * _DEGREE:.2f} deg, azimuth "
        f"{request.least_azimuth_rad * _DEGREE:g} to {request.largest_azimuth_rad * _DEGREE:g} deg",
        allowed=f"a parking orbit inclined by the declination of the Moon and more ({least:.1f} deg at least "
        "on these days, and 1.5 deg beside)",
        where="least_azimuth",
        hint="widen the azimuths, or choose other days",
    )


def flight_provenance(study: str, request: LaunchChoice, almanac: Almanac, targeting: str) -> Provenance:
    """Return where the rows of a study come from."""
    return Provenance(
        study,
        describe_request(request),
        input_files(request),
        almanac.sha256,
        syzygy.__version__,
        {
            "forces": cislunar_forces().sha256,
            "propagation": "Gauss-Radau, order 15",
            "targeting": targeting,
            "ephemeris": almanac.require_ephemeris().name,
        },
    )


def describe_launch(request: LaunchChoice, first_day: str) -> str:
    """Return days, site and parking orbit in words, without a full stop; `first_day` is a date in UTC."""
    return (
        f"{request.days().size} days from {first_day[:10]}; site at "
        f"{request.site_latitude_rad * _DEGREE:.3f} deg, "
        f"{request.site_longitude_rad * _DEGREE:.3f} deg east, "
        f"azimuth {request.least_azimuth_rad * _DEGREE:g} to {request.largest_azimuth_rad * _DEGREE:g} deg; "
        f"parking orbit of {request.parking_altitude_m / 1e3:g} km"
    )


def describe_integration(almanac: Almanac) -> str:
    """Return the forces and the integration in words."""
    return (
        "Earth with J2 about the true pole, Moon and Sun from "
        f"{almanac.require_ephemeris().name}, integrated in TDB (Gauss-Radau, order 15)."
        f"{describe_held(almanac)}"
    )


def count_verdicts(rows: Sequence[Opportunity]) -> str:
    """Return how many rows there are and what became of them."""
    counts = Counter(row.verdict for row in rows)
    said = "; ".join(f"{verdict}: {count}" for verdict, count in sorted(counts.items()))
    return f"{len(rows)} rows ({said})"


def binding_figures(rows: Sequence[Opportunity], found: str, limits: str = "") -> tuple[KeyFigure, ...]:
    """Return, per reason why rows are not as asked, their number, where the Moon stood, and the limits."""
    figures = []
    for verdict in sorted({row.verdict for row in rows} - {found}):
        own = [row.moon_declination_rad * _DEGREE for row in rows if row.verdict == verdict]
        moon = f"{min(own):.1f}" if max(own) - min(own) < 0.05 else f"{min(own):.1f} to {max(own):.1f}"
        words = f"{len(own)} of {len(rows)} rows; declination of the Moon {moon} deg{limits}"
        figures.append(KeyFigure(f"not as asked: {verdict}", words))
    return tuple(figures)
