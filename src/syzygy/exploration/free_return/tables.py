"""Tables of a free-return study, each column with unit, description and tolerance."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from syzygy.base.tables import Column, Table, column, table
from syzygy.exploration.free_return.flights import ReturnFlight, landing
from syzygy.exploration.lunar.launching import DAY_S, NS_PER_S
from syzygy.exploration.lunar.path import fly_path
from syzygy.exploration.lunar.requests import MOON_RADIUS_M
from syzygy.exploration.lunar.tables import path_table

if TYPE_CHECKING:
    from syzygy.exploration.free_return.rows import ReturnRow
    from syzygy.exploration.free_return.study import FreeReturnResult

_DEGREE = 57.29577951308232
_ENTRY_ANGLE = 1e-3


def list_tables(result: FreeReturnResult) -> tuple[Table, ...]:
    """Return the free returns and the chosen flight."""
    found = [_returns(result)]
    best = result.best()
    if best is not None and best[1].flight is not None:
        found.append(path_table(fly_path(best[1].flight.trajectory, result.almanac), result.utc))
    return tuple(found)


def _returns(result: FreeReturnResult) -> Table:
    rows = result.rows
    return table(
        "returns",
        [
            *_departure(result),
            *_perilune(result),
            *_entry(result),
            *_trust(rows),
            column("verdict", [row.verdict for row in rows], "", "whether the flight comes back unaided"),
        ],
        "Circumlunar free returns, full ephemeris; 0 where there is none",
    )


def _flown(
    rows: tuple[ReturnRow, ...],
    name: str,
    unit: str,
    words: str,
    value: Callable[[ReturnFlight], float],
    tolerance: float,
) -> Column:
    values = [value(row.flight) if row.flight is not None else 0.0 for row in rows]
    return column(name, np.array(values, dtype=np.float64), unit, words, tolerance=tolerance)


def _departure(result: FreeReturnResult) -> list[Column]:
    rows = result.rows
    return [
        column("day_utc", [result.utc(row.day_tai_ns, 0)[:10] for row in rows], "", "day of launch"),
        column("launch_utc", [result.utc(r.launch_tai_ns, 0) if r.flight else "" for r in rows], "",
               "lift-off"),
        column("departure_utc",
               [result.utc(r.flight.injection_tai_ns, 0) if r.flight else "" for r in rows], "", "injection"),
        column("plane", [row.plane for row in rows], "", "the Moon is met while ascending or descending"),
        column("return_plane", [row.return_plane for row in rows], "", "plane of the way back"),
        column("family", [row.family for row in rows], "", "symmetric or non-symmetric"),
        column("azimuth_deg", [r.ascent.azimuth_rad * _DEGREE if r.ascent else 0.0 for r in rows], "deg",
               "launch azimuth, inertial", tolerance=1e-5),
        column("inclination_deg", [r.ascent.inclination_rad * _DEGREE if r.ascent else 0.0 for r in rows],
               "deg", "of the way out, true equator of date", tolerance=1e-5),
        column("coast_s", [r.departure.coast_s if r.departure else 0.0 for r in rows], "s",
               "in the parking orbit, from insertion to injection", tolerance=1.0),
        column("injection_delta_v_m_s", [row.injection_m_s for row in rows], "m/s",
               "impulsive, horizontal, from the circular parking orbit", tolerance=1e-3),
        column("c3_km2_s2", [row.c3_m2_s2 / 1e6 for row in rows], "km2/s2",
               "twice the energy at injection", tolerance=1e-5),
    ]  # fmt: skip


def _perilune(result: FreeReturnResult) -> list[Column]:
    rows = result.rows
    return [
        column("perilune_utc",
               [result.utc(r.flight.perilune_tai_ns, 0) if r.flight else "" for r in rows], "", "perilune"),
        _flown(rows, "outbound_d", "d", "injection to perilune",
               lambda f: (f.perilune_tai_ns - f.injection_tai_ns) / NS_PER_S / DAY_S, 1e-5),
        _flown(rows, "perilune_altitude_km", "km", "above 1737.4 km",
               lambda f: (f.perilune_m - MOON_RADIUS_M) / 1e3, 1e-2),
        _flown(rows, "perilune_speed_m_s", "m/s", "relative to the Moon",
               lambda f: f.perilune_speed_m_s, 1e-2),
        _flown(rows, "perilune_off_line_deg", "deg",
               "angle at the Moon from the line away from the Earth; 0 is the middle of the far side",
               lambda f: float(np.arccos(f.perilune_moon_m[0] / f.perilune_m)) * _DEGREE, 1e-2),
    ]  # fmt: skip


def _entry(result: FreeReturnResult) -> list[Column]:
    rows, reach = result.rows, result.request.entry_range_m
    return [
        column("entry_utc", [result.utc(r.flight.entry.tai_ns, 0) if r.flight else "" for r in rows], "",
               "entry interface"),
        _flown(rows, "return_d", "d", "perilune to entry interface",
               lambda f: (f.entry.tai_ns - f.perilune_tai_ns) / NS_PER_S / DAY_S, 1e-5),
        _flown(rows, "entry_altitude_km", "km", "above the ellipsoid",
               lambda f: f.entry.height_m / 1e3, 1e-3),
        _flown(rows, "entry_angle_deg", "deg", "flight-path angle, inertial, geocentric horizontal",
               lambda f: f.entry.angle_rad * _DEGREE, _ENTRY_ANGLE),
        _flown(rows, "entry_speed_m_s", "m/s", "inertial", lambda f: f.entry.speed_m_s, 1e-2),
        _flown(rows, "entry_inclination_deg", "deg", "of the way back, true equator of date",
               lambda f: f.entry.inclination_rad * _DEGREE, 1e-3),
        _flown(rows, "entry_latitude_deg", "deg", "geodetic", lambda f: f.entry.latitude_rad * _DEGREE, 1e-2),
        _flown(rows, "entry_longitude_deg", "deg", "east", lambda f: f.entry.longitude_rad * _DEGREE, 1e-2),
        _flown(rows, "entry_heading_deg", "deg", "from north over east, relative to the Earth",
               lambda f: f.entry.heading_rad * _DEGREE, 1e-2),
        _flown(rows, "landing_latitude_deg", "deg", "estimate: the range of the request along the heading",
               lambda f: landing(f.entry, reach)[0] * _DEGREE, 1e-2),
        _flown(rows, "landing_longitude_deg", "deg", "estimate: the range of the request along the heading",
               lambda f: landing(f.entry, reach)[1] * _DEGREE, 1e-2),
    ]  # fmt: skip


def _trust(rows: tuple[ReturnRow, ...]) -> list[Column]:
    misses = [float(np.linalg.norm(r.middle.misses)) if r.middle else 0.0 for r in rows]
    return [
        _flown(rows, "entry_shift_km_per_m_s", "km", "place at the time of entry, by 1 m/s more at injection",
               lambda f: f.entry_shift_m / 1e3, 100.0),
        _flown(rows, "perigee_shift_km_per_m_s", "km", "perigee of the way back, by 1 m/s more at injection",
               lambda f: f.perigee_shift_m / 1e3, 10.0),
        column("miss_m", misses, "m", "of both perigees, inclinations (scaled) and flight time (scaled)",
               tolerance=5.0),
        _flown(rows, "check_entry_m", "m", "at entry, from a flight at 100,000 times the tolerance",
               lambda f: f.check_entry_m, 100.0),
    ]  # fmt: skip
