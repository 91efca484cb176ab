"""The study of free returns: every opportunity of a span of days, in the full ephemeris."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import format_utc
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.exploration.free_return.requests import FreeReturnRequest
from syzygy.exploration.free_return.rows import FREE, ReturnRow, solve_day
from syzygy.exploration.lunar.days import binding_figures, flight_provenance, solve_days
from syzygy.exploration.lunar.launching import DAY_S, NS_PER_S
from syzygy.exploration.lunar.requests import MOON_RADIUS_M

_DEGREE = 57.29577951308232


@dataclass(frozen=True, eq=False)
class FreeReturnResult:
    """Free returns by date.

    Attributes
    ----------
    provenance : Provenance
    request : FreeReturnRequest
    rows : tuple of ReturnRow
        By day, azimuth, plane, return plane and family.
    almanac : Almanac
    """

    provenance: Provenance
    request: FreeReturnRequest
    rows: tuple[ReturnRow, ...]
    almanac: Almanac

    def tables(self) -> tuple[Table, ...]:
        """Return the free returns and the chosen flight."""
        from syzygy.exploration.free_return.tables import list_tables

        return list_tables(self)

    def best(self) -> tuple[int, ReturnRow] | None:
        """Return number (from 1) and record of the free return with the least injection."""
        found = [(k, row) for k, row in enumerate(self.rows, start=1) if row.verdict == FREE]
        return min(found, key=lambda item: item[1].injection_m_s, default=None)

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the best free return in figures."""
        count = sum(row.verdict == FREE for row in self.rows)
        figures = [
            KeyFigure("free returns", f"{count} of {len(self.rows)}"),
            *binding_figures(self.rows, FREE, self._limits()),
        ]
        best = self.best()
        if best is None or best[1].flight is None:
            return tuple(figures)
        row, flight = best[1], best[1].flight
        days = (flight.entry.tai_ns - flight.injection_tai_ns) / NS_PER_S / DAY_S
        return (
            *figures,
            KeyFigure("best launch", self.utc(row.launch_tai_ns, 0)),
            KeyFigure("injection delta-v", f"{row.injection_m_s:.1f}", "m/s"),
            KeyFigure("perilune above the Moon", f"{(flight.perilune_m - MOON_RADIUS_M) / 1e3:.1f}", "km"),
            KeyFigure("injection to entry", f"{days:.2f}", "d"),
            KeyFigure("flight-path angle at entry", f"{flight.entry.angle_rad * _DEGREE:.3f}", "deg"),
            KeyFigure("perigee by 1 m/s at injection", f"{flight.perigee_shift_m / 1e3:.0f}", "km"),
        )

    def _limits(self) -> str:
        """Return the inclinations out and back that a plane has to reach the Moon with."""
        out = sorted({round(row.ascent.inclination_rad * _DEGREE, 1) for row in self.rows if row.ascent})
        words = f"; inclined {out[0]:g} to {out[-1]:g} deg on the way out" if out else ""
        back = self.request.return_inclination_rad
        return words + (f", {back * _DEGREE:g} deg back (non-symmetric)" if back is not None else "")

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        from syzygy.exploration.free_return.narrative import describe_returns

        return describe_returns(self)

    def utc(self, tai_ns: int, digits: int = 3) -> str:
        """Write an instant as UTC."""
        return format_utc(tai_ns, self.almanac.leap_seconds, digits)


def find_free_returns(
    request: FreeReturnRequest,
    almanac: Almanac,
    *,
    executor: Executor = SERIAL,
    progress: Progress = SILENT,
) -> FreeReturnResult:
    """Find circumlunar free returns from a launch site for every day and opportunity of a request.

    Parameters
    ----------
    request : FreeReturnRequest
    almanac : Almanac
        With leap seconds, Earth orientation and ephemeris.
    executor : Executor
        Runs the days; the result does not depend on it.
    progress : Progress

    Raises
    ------
    CoverageError, MissingDataError
        Days outside the ephemeris or the Earth orientation.
    InputError
        No azimuth within the limits reaches the Moon on any day.

    Accuracy
    --------
    Flown again in one arc from injection to entry; the same by SciPy's DOP853 with a right-hand side of its
    own (tests/exploration/test_exploration_free_return.py).
    """
    rows, almanac = solve_days(
        solve_day, request, almanac, 12 * DAY_S, executor, progress, "free returns of the days"
    )
    targeting = "forward and backward shooting at perilune, transition matrix"
    provenance = flight_provenance("exploration.free_return", request, almanac, targeting)
    return FreeReturnResult(provenance, request, rows, almanac)
