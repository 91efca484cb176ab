"""The launch-window study: grid, best windows, payload by launcher."""

from __future__ import annotations

from dataclasses import dataclass

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.time import LeapSeconds, format_utc
from syzygy.base.errors import InputError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.exploration.legs import Axes, Leg, list_families, make_axes, read_leg
from syzygy.exploration.minima import INTERIOR, Window, find_best_windows
from syzygy.exploration.narrative import describe_windows
from syzygy.exploration.payload import (
    LauncherFiles,
    PayloadRow,
    list_payloads,
    read_launcher_files,
)
from syzygy.exploration.payload_summary import payload_figures
from syzygy.exploration.payload_tables import payload_table, vehicles_table
from syzygy.exploration.porkchop import Layer, fill_grid
from syzygy.exploration.requests import DAY_S, NS_PER_S, WindowsRequest
from syzygy.exploration.surroundings import Surroundings, describe_surroundings
from syzygy.exploration.tables import eclipses_table, grid_table, windows_table

MODELS = {
    "transfer": "Lambert, two-body (Izzo 2015 with Battin series)",
    "shadows": "conical, on the patched conics, bodies as spheres on DE440 positions",
    "geocentric transfer": "two-body conic, perigee at departure, to the centre of the Moon",
}


@dataclass(frozen=True, eq=False)
class WindowsResult:
    """Launch windows of one leg.

    Attributes
    ----------
    provenance : Provenance
    request : WindowsRequest
    leg, axes, layers
        The leg and its grid.
    windows : list of Window
        Best windows, by family and type, best first.
    surroundings : list of Surroundings
        What each of them meets on its way.
    payloads : list of PayloadRow
        Payload by window and launcher.
    launchers : LauncherFiles
        What the launch-vehicle files held.
    leap_seconds : LeapSeconds
        For writing UTC.
    ephemeris : Ephemeris
    """

    provenance: Provenance
    request: WindowsRequest
    leg: Leg
    axes: Axes
    layers: tuple[Layer, ...]
    windows: list[Window]
    surroundings: list[Surroundings]
    payloads: list[PayloadRow]
    launchers: LauncherFiles
    leap_seconds: LeapSeconds
    ephemeris: Ephemeris

    @property
    def ephemeris_name(self) -> str:
        """Name of the ephemeris."""
        return self.ephemeris.name

    def tables(self) -> tuple[Table, ...]:
        """Return the windows, payload and vehicles (when files were given), eclipses, and the grid."""
        found = [windows_table(self.leg, self.windows, self.surroundings, self.leap_seconds)]
        if self.request.launchers:
            found += [payload_table(self.payloads), vehicles_table(self.launchers)]
        found.append(eclipses_table(self.surroundings, self.leap_seconds))
        found.append(grid_table(self.leg, self.axes, self.layers, self.ephemeris, self.leap_seconds))
        return tuple(found)

    def best(self) -> tuple[int, Window] | None:
        """Return number and record of the best interior minimum."""
        found = [(n, w) for n, w in enumerate(self.windows, start=1) if w.verdict == INTERIOR]
        return min(
            found, key=lambda item: float(item[1].transfer.objective(self.leg.minimise)[0]), default=None
        )

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the best window in figures."""
        count = sum(window.verdict == INTERIOR for window in self.windows)
        figures = [KeyFigure("windows with an interior minimum", str(count))]
        best = self.best()
        if best is None:
            return tuple(figures)
        number, window = best
        transfer = window.transfer
        flight_d = (window.arrival_tai_ns - window.departure_tai_ns) / NS_PER_S / DAY_S
        figures += [
            KeyFigure("best departure", format_utc(window.departure_tai_ns, self.leap_seconds, 0)),
            KeyFigure("C3", f"{transfer.c3_m2_s2[0] / 1e6:.4f}", "km2/s2"),
            KeyFigure("arrival speed", f"{transfer.arrival_speed_m_s[0] / 1e3:.3f}", "km/s"),
            KeyFigure("time of flight", f"{flight_d:.1f}", "d"),
        ]
        met = self.surroundings[number - 1]
        if met.in_conjunction:
            angle = f"{met.sun_earth_probe_rad * 180.0 / 3.141592653589793:.1f}"
            figures.append(KeyFigure("arrival in conjunction: Sun-Earth-probe angle", angle, "deg"))
        figures += payload_figures(self.payloads, number)
        return tuple(figures)

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        return describe_windows(self)


def find_windows(
    request: WindowsRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> WindowsResult:
    """Find the launch windows of one leg.

    Parameters
    ----------
    request : WindowsRequest
    almanac : Almanac
        With leap seconds and a planetary ephemeris.
    executor : Executor
        Runs the chunks of the grid; the result does not depend on it.
    progress : Progress

    Raises
    ------
    MissingDataError
        The Almanac has no ephemeris, or the ephemeris not a body.
    CoverageError
        A departure or arrival is outside the ephemeris or the leap-second table.
    FormatError
        A launch-vehicle file cannot be read.
    InputError
        No transfer at all is possible within the request.

    Accuracy
    --------
    Minimum C3 of the given Earth-Mars windows of 2018 and 2020 within 1e-6 km2/s2, dates within 0.001 d,
    arrival speed within 2e-6 km/s, angles within 0.001 deg (tests/exploration/test_exploration_windows.py).
    """
    ephemeris = almanac.require_ephemeris()
    launchers = read_launcher_files(
        request.launchers, include_unverified=request.include_unverified, vehicles=request.vehicles
    )
    leg, axes = read_leg(request), make_axes(request)
    _require_calendar(axes, almanac.leap_seconds)
    layers = fill_grid(leg, list_families(request), axes, ephemeris, executor=executor, progress=progress)
    if not any(layer.transfers.solved.any() for layer in layers):
        raise _nothing_possible(leg, request)
    windows = find_best_windows(leg, axes, layers, ephemeris, almanac.leap_seconds)
    provenance = Provenance(
        "exploration.windows",
        describe_request(request),
        input_files(request),
        almanac.sha256,
        syzygy.__version__,
        MODELS | {"ephemeris": ephemeris.name},
    )
    payloads = list_payloads(leg, windows, launchers, adapter_kg=request.adapter_mass_kg)
    surroundings = [describe_surroundings(leg, window, almanac) for window in windows]
    return WindowsResult(
        provenance,
        request,
        leg,
        axes,
        layers,
        windows,
        surroundings,
        payloads,
        launchers,
        almanac.leap_seconds,
        ephemeris,
    )


def _require_calendar(axes: Axes, leap_seconds: LeapSeconds) -> None:
    """Refuse spans that cannot be written in UTC before anything is computed."""
    latest = max(int(axes.arrival_tai_ns(slice(-1, None)).max()), int(axes.departure_tai_ns[-1]))
    for instant in (int(axes.departure_tai_ns[0]), latest):
        format_utc(instant, leap_seconds)


def _nothing_possible(leg: Leg, request: WindowsRequest) -> InputError:
    if leg.is_geocentric:
        return InputError(
            "no transfer is possible: the parking orbit never reaches the declination of the Moon",
            value=f"inclination {request.parking_inclination_rad * 180 / 3.141592653589793:.3f} deg",
            allowed="an inclination of at least the Moon's declination on arrival (18 to 29 deg)",
            where="parking_inclination",
            hint="raise the inclination, and check that it is in degrees",
        )
    return InputError(
        "no transfer is possible within the spans",
        value="every arrival is before its departure, or outside the limits of the flight time",
        allowed="spans that leave a time of flight between departure and arrival",
        where="arrival_begin",
        hint="check departure, arrival and flight-time limits against each other",
    )
