"""The study of lunar transfers: every opportunity of a span of days, targeted in the full ephemeris."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import format_utc
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.exploration.lunar.days import binding_figures, flight_provenance, solve_days
from syzygy.exploration.lunar.launching import DAY_S
from syzygy.exploration.lunar.requests import LunarTransferRequest
from syzygy.exploration.lunar.rows import TARGETED, TOO_FLAT, TransferRow, solve_day
from syzygy.exploration.payload import (
    Asked,
    LauncherFiles,
    PayloadRow,
    payloads_of,
    read_launcher_files,
)
from syzygy.exploration.payload_summary import payload_figures

_DEGREE = 57.29577951308232


@dataclass(frozen=True, eq=False)
class LunarTransferResult:
    """Transfers to the Moon.

    Attributes
    ----------
    provenance : Provenance
    request : LunarTransferRequest
    rows : tuple of TransferRow
        By day, flight time, azimuth, plane and side.
    launchers : LauncherFiles
    almanac : Almanac
    """

    provenance: Provenance
    request: LunarTransferRequest
    rows: tuple[TransferRow, ...]
    launchers: LauncherFiles
    almanac: Almanac

    def tables(self) -> tuple[Table, ...]:
        """Return the transfers, the payload by launcher (when files were given), and the chosen approach."""
        from syzygy.exploration.lunar.tables import list_tables

        return list_tables(self)

    def best(self) -> tuple[int, TransferRow] | None:
        """Return number (from 1) and record of the best targeted transfer."""
        found = [(k, row) for k, row in enumerate(self.rows, start=1) if row.verdict == TARGETED]
        return min(found, key=lambda item: item[1].objective(self.request.minimise), default=None)

    def payloads(self) -> list[list[PayloadRow]]:
        """Return the payload of every launch vehicle for each row; none for rows without a flight."""
        return [
            self.payloads_of(number) if row.flight is not None else []
            for number, row in enumerate(self.rows, start=1)
        ]

    def payloads_of(self, number: int) -> list[PayloadRow]:
        """Return the payload of every launch vehicle for one row, by its number from 1."""
        row = self.rows[number - 1]
        inclination = row.ascent.inclination_rad if row.ascent is not None else None
        place = (self.request.site_latitude_rad, self.request.site_longitude_rad)
        asked = Asked(row.c3_m2_s2, row.apogee_declination_rad, inclination, "TLI", place)
        return payloads_of(number, asked, self.launchers, adapter_kg=self.request.adapter_mass_kg)

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the best transfer in figures."""
        count = sum(row.verdict == TARGETED for row in self.rows)
        figures = [
            KeyFigure("transfers targeted", f"{count} of {len(self.rows)}"),
            *binding_figures(self.rows, TARGETED, self._flattest()),
        ]
        best = self.best()
        if best is None or best[1].flight is None:
            return tuple(figures)
        row, flight = best[1], best[1].flight
        return (
            *figures,
            KeyFigure("best launch", self.utc(row.launch_tai_ns, 0)),
            KeyFigure("injection", self.utc(flight.injection_tai_ns, 0)),
            KeyFigure("injection delta-v", f"{row.injection_m_s:.1f}", "m/s"),
            KeyFigure("flight time", f"{row.flight_s / DAY_S:.2f}", "d"),
            KeyFigure("insertion delta-v", f"{row.insertion_m_s:.1f}", "m/s"),
            KeyFigure("largest miss at perilune", f"{self.largest_miss_m():.2g}", "m"),
            *payload_figures(self.payloads_of(best[0]), best[0]),
        )

    def _flattest(self) -> str:
        """Return the flattest lunar orbit that the rows allow without a turn of the plane."""
        steep = [abs(row.asymptote_declination_rad) * _DEGREE for row in self.rows if row.verdict == TOO_FLAT]
        return f"; {min(steep):.1f} to {max(steep):.1f} deg is the flattest lunar orbit" if steep else ""

    def largest_miss_m(self) -> float:
        """Return the largest miss in the B-plane among the targeted rows."""
        misses = [
            float((row.flight.misses[0] ** 2 + row.flight.misses[1] ** 2) ** 0.5)
            for row in self.rows
            if row.flight is not None and row.verdict == TARGETED
        ]
        return max(misses, default=0.0)

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        from syzygy.exploration.lunar.narrative import describe_transfers

        return describe_transfers(self)

    def utc(self, tai_ns: int, digits: int = 3) -> str:
        """Write an instant as UTC."""
        return format_utc(tai_ns, self.almanac.leap_seconds, digits)


def find_lunar_transfers(
    request: LunarTransferRequest,
    almanac: Almanac,
    *,
    executor: Executor = SERIAL,
    progress: Progress = SILENT,
) -> LunarTransferResult:
    """Find the flights from a launch site to a perilune, for every day and opportunity of a request.

    Parameters
    ----------
    request : LunarTransferRequest
    almanac : Almanac
        With leap seconds, Earth orientation and ephemeris (and the axes of the Moon for principal axes).
    executor : Executor
        Runs the days; the result does not depend on it.
    progress : Progress

    Raises
    ------
    CoverageError, MissingDataError
        Days outside the ephemeris or the Earth orientation.
    FormatError
        A launch-vehicle file cannot be read.
    InputError
        No azimuth within the limits reaches the Moon on any day.

    Accuracy
    --------
    Perilune within 1 m and 10 ms of the wanted one in our own forces; within a metre of SciPy's DOP853 with a
    right-hand side of its own; the conic when the Moon's gravity goes to zero
    (tests/exploration/test_exploration_lunar.py).
    """
    launchers = read_launcher_files(
        request.launchers, include_unverified=request.include_unverified, vehicles=request.vehicles
    )
    rows, almanac = solve_days(
        solve_day, request, almanac, request.longest_flight_s + 2 * DAY_S, executor, progress,
        "target the days",
    )  # fmt: skip
    provenance = flight_provenance(
        "exploration.lunar_transfer", request, almanac, "B-plane, transition matrix"
    )
    return LunarTransferResult(provenance, request, rows, launchers, almanac)
