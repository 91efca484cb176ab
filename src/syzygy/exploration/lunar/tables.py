"""Tables of a lunar study, each column with unit, description and tolerance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from syzygy.base.tables import Column, Table, column, table
from syzygy.exploration.lunar.launching import DAY_S
from syzygy.exploration.lunar.path import Path, fly_path
from syzygy.exploration.lunar.requests import MOON_RADIUS_M
from syzygy.exploration.lunar.rows import TransferRow
from syzygy.exploration.payload import PayloadRow
from syzygy.exploration.payload_summary import best_payload
from syzygy.exploration.payload_tables import payload_table, vehicles_table

if TYPE_CHECKING:
    from syzygy.exploration.lunar.study import LunarTransferResult

_SPEED = 1e-3
_HEIGHT_KM = 1e-3
_ANGLE = 1e-5


def list_tables(result: LunarTransferResult) -> tuple[Table, ...]:
    """Return the transfers, payload and vehicles (when launcher files were given) and the chosen flight."""
    payloads = result.payloads()
    found = [_transfers(result, payloads)]
    if result.request.launchers:
        every = [row for own in payloads for row in own]
        found += [payload_table(every, number="row"), vehicles_table(result.launchers)]
    best = result.best()
    if best is not None and best[1].flight is not None:
        flight = best[1].flight
        found.append(path_table(fly_path(flight.trajectory, result.almanac), result.utc))
    return tuple(found)


def _transfers(result: LunarTransferResult, payloads: list[list[PayloadRow]]) -> Table:
    rows = result.rows
    return table(
        "transfers",
        [
            *_departure(result),
            *_approach(rows),
            *_residuals(rows),
            *payload_columns(payloads),
            column("verdict", [row.verdict for row in rows], "", "whether the flight does what was asked"),
        ],
        "Transfers from the launch site to perilune, targeted in the full ephemeris; 0 where there is none",
    )


def _departure(result: LunarTransferResult) -> list[Column]:
    rows = result.rows
    return [
        column("day_utc", [result.utc(row.day_tai_ns, 0)[:10] for row in rows], "", "day of launch"),
        column("launch_utc", [_instant(result, r, r.launch_tai_ns) for r in rows], "", "lift-off"),
        column(
            "departure_utc",
            [_instant(result, r, r.flight.injection_tai_ns if r.flight else 0) for r in rows],
            "", "injection",
        ),
        column("plane", [row.plane for row in rows], "", "the Moon is met while ascending or descending"),
        column("side", [row.side for row in rows], "", "side on which the Moon is passed"),
        _angles("azimuth_deg", [row.ascent.azimuth_rad if row.ascent else 0.0 for row in rows],
                "launch azimuth, inertial"),
        _angles("parking_inclination_deg",
                [row.ascent.inclination_rad if row.ascent else 0.0 for row in rows],
                "parking orbit, true equator of date"),
        _angles("parking_node_deg", [row.flight.node_rad if row.flight else 0.0 for row in rows],
                "its node at injection, true equator of date"),
        column("coast_s", [row.flight.departure.coast_s if row.flight else 0.0 for row in rows], "s",
               "in the parking orbit, from insertion to injection", tolerance=1e-2),
        column("injection_delta_v_m_s", [row.injection_m_s for row in rows], "m/s",
               "impulsive, horizontal, from the circular parking orbit", tolerance=_SPEED),
        column("c3_km2_s2", [row.c3_m2_s2 / 1e6 for row in rows], "km2/s2",
               "twice the energy at injection; negative when bound", tolerance=1e-5),
        _angles("departure_declination_deg", [row.apogee_declination_rad for row in rows],
                "of the direction of the apogee of the orbit at injection, ICRF"),
        column("flight_d", [row.flight_s / DAY_S for row in rows], "d", "injection to perilune"),
    ]  # fmt: skip


def _approach(rows: tuple[TransferRow, ...]) -> list[Column]:
    def kilometres(name: str, values: list[float], words: str) -> Column:
        return column(name, np.array(values) / 1e3, "km", words, tolerance=_HEIGHT_KM)

    return [
        kilometres(
            "perilune_altitude_km",
            [row.perilune_radius_m - MOON_RADIUS_M if row.flight else 0.0 for row in rows],
            "osculating at perilune, above 1737.4 km",
        ),
        _angles("inclination_deg", [row.inclination_rad for row in rows], "axes of the request"),
        column("arrival_speed_m_s", [row.excess_speed_m_s for row in rows], "m/s",
               "excess speed at the Moon", tolerance=_SPEED),
        _angles("approach_declination_deg", [row.asymptote_declination_rad for row in rows],
                "of the incoming asymptote, axes of the inclination: the least inclination possible"),
        column("insertion_delta_v_m_s", [row.insertion_m_s for row in rows], "m/s",
               "impulsive, at perilune", tolerance=_SPEED),
        column("total_delta_v_m_s", [row.total_m_s for row in rows], "m/s",
               "injection and insertion", tolerance=_SPEED),
        kilometres("b_t_km", [row.b_t_m for row in rows], "B.T"),
        kilometres("b_r_km", [row.b_r_m for row in rows], "B.R"),
    ]  # fmt: skip


def _residuals(rows: tuple[TransferRow, ...]) -> list[Column]:
    def of_flights(name: str, unit: str, words: str, tolerance: float, index: int) -> Column:
        values = [float(row.flight.misses[index]) if row.flight else 0.0 for row in rows]
        return column(name, values, unit, words, tolerance=tolerance)

    return [
        of_flights("miss_b_t_m", "m", "B.T less what was asked", 1.0, 0),
        of_flights("miss_b_r_m", "m", "B.R less what was asked", 1.0, 1),
        of_flights("miss_time_s", "s", "perilune later than asked", 1e-2, 2),
        column(
            "check_m", [row.flight.check_m if row.flight else 0.0 for row in rows], "m",
            "difference at perilune from a flight at 100,000 times the tolerance", tolerance=1.0,
        ),
        column(
            "propagations", [row.flight.rounds if row.flight else 0 for row in rows], "1",
            "flights until the correction settled", tolerance=3.0,
        ),
    ]  # fmt: skip


def _instant(result: LunarTransferResult, row: TransferRow, tai_ns: int) -> str:
    return result.utc(tai_ns, 0) if row.flight is not None else ""


def _angles(name: str, radians: list[float], words: str) -> Column:
    return column(name, [math.degrees(value) for value in radians], "deg", words, tolerance=_ANGLE)


def payload_columns(payloads: list[list[PayloadRow]]) -> list[Column]:
    """Return the best verified payload of each row; 0 where there is no figure."""
    best = [best_payload(own, number) for number, own in enumerate(payloads, start=1)]
    return [
        column("payload_kg", [one.payload_kg if one else 0.0 for one in best], "kg",
               "largest verified figure at this C3: a published curve, else a fit; 0 without", tolerance=0.5),
        column("payload_vehicle", [f"{one.vehicle}: {one.verdict}" if one else "" for one in best], "",
               "its vehicle"),
    ]  # fmt: skip


def path_table(path: Path, utc: object) -> Table:
    """Return a flight about Earth and Moon at chosen instants."""
    write = utc if callable(utc) else str
    axes = "xyz"
    return table(
        "flight",
        [
            column("time_utc", [str(write(int(t))) for t in path.tai_ns], "", "instant"),
            *(
                column(f"{a}_km", path.position_m[:, k] / 1e3, "km", f"{a} about the Earth, ICRF",
                       tolerance=1e-2)
                for k, a in enumerate(axes)
            ),
            *(
                column(f"moon_{a}_km", path.relative_m[:, k] / 1e3, "km", f"{a} about the Moon, ICRF",
                       tolerance=1e-2)
                for k, a in enumerate(axes)
            ),
            *(
                column(f"rotating_{a}_km", path.rotating_m[:, k] / 1e3, "km",
                       f"{a} about the Earth; x to the Moon, z along the pole of its orbit", tolerance=1e-2)
                for k, a in enumerate(axes)
            ),
        ],
        "The chosen flight",
    )  # fmt: skip
