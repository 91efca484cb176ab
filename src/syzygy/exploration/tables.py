"""Tables of a launch-window study, each column with unit, description and tolerance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import LeapSeconds, format_utc_many
from syzygy.base.tables import Column, Table, column, table
from syzygy.exploration.legs import Axes, Family, Instants, Leg, type_names
from syzygy.exploration.minima import Window
from syzygy.exploration.payload import PayloadRow
from syzygy.exploration.porkchop import Layer
from syzygy.exploration.requests import DAY_S, NS_PER_S
from syzygy.exploration.transfers import Transfers, join_transfers

_C3_TOLERANCE = 1e-5
_SPEED_TOLERANCE = 1e-5
_ANGLE_TOLERANCE = 1e-3
_DAY_TOLERANCE = 1e-9
_LARGEST_SIDE = 201
_TYPE_WORDS = (
    "I below 180 deg, II above; III and IV after one revolution, left or right of the shortest flight"
)


def windows_table(leg: Leg, windows: list[Window], leap_seconds: LeapSeconds) -> Table:
    """Return the best windows: one row per interior minimum, one per type that has none."""
    departures = np.array([window.departure_tai_ns for window in windows], dtype=np.int64)
    arrivals = np.array([window.arrival_tai_ns for window in windows], dtype=np.int64)
    transfers = join_transfers([window.transfer for window in windows])
    return table(
        "windows",
        [
            column("window", np.arange(1, len(windows) + 1), "1", "number of the window"),
            column("way", [window.family.way for window in windows], "", "way round"),
            column("type", [_full_type(w.type_name, w.family) for w in windows], "", _TYPE_WORDS),
            *_times(departures, arrivals, leap_seconds),
            *_quantities(leg, transfers),
            column("verdict", [window.verdict for window in windows], "", "whether it is a true minimum"),
        ],
        f"Best windows {leg.origin.name} to {leg.destination.name}",
    )


def payload_table(rows: list[PayloadRow]) -> Table:
    """Return the payload by window and launch vehicle."""
    return table(
        "payload",
        [
            column(
                "window", np.array([row.window for row in rows], dtype=np.int64), "1", "number of the window"
            ),
            column("vehicle", [row.vehicle for row in rows], "", "launch vehicle"),
            column(
                "payload_kg",
                np.array([row.payload_kg for row in rows], dtype=float),
                "kg",
                "payload without adapter; 0 where the verdict says that there is no figure",
                tolerance=0.5,
            ),
            column(
                "verdict", [row.verdict for row in rows], "", "inside, below or outside the published curve"
            ),
            column(
                "status", [row.status for row in rows], "", "agency fit or table, flown, press, unverified"
            ),
            column("source", [row.source for row in rows], "", "where the figure is from"),
            column("note", [row.note for row in rows], "", "what the source adds"),
        ],
        "Payload by launch vehicle; nothing is extrapolated",
    )


def grid_table(leg: Leg, axes: Axes, layers: tuple[Layer, ...], leap_seconds: LeapSeconds) -> Table:
    """Return every transfer of the grid, thinned to at most 201 x 201 points per family."""
    rows = _thinned(axes.departure_tai_ns.size)
    cols = _thinned(axes.second_ns.size)
    arrivals = axes.arrival_tai_ns()[np.ix_(rows, cols)]
    departures = np.broadcast_to(axes.departure_tai_ns[rows][:, None], arrivals.shape)
    picked, ways, types, places = [], [], [], []
    for layer in layers:
        thin = layer.transfers.take(np.ix_(rows, cols))
        solved = thin.solved
        own = thin.take(solved)
        size = own.solved.size
        picked.append(own)
        places.append(np.flatnonzero(solved))
        ways += [layer.family.way] * size
        names = [_full_type(name, layer.family) for name in type_names(layer.family)]
        types.append(np.where(own.transfer_angle_rad > np.pi, names[1], names[0]))
    place = np.concatenate(places)
    return table(
        "grid",
        [
            column("way", ways, "", "way round"),
            column("type", np.concatenate(types), "", _TYPE_WORDS),
            *_times(departures.ravel()[place], arrivals.ravel()[place], leap_seconds),
            *_quantities(leg, join_transfers(picked)),
        ],
        "All transfers of the grid" if len(rows) == axes.departure_tai_ns.size else "The grid, thinned",
    )


def _full_type(name: str, family: Family) -> str:
    return f"{name} {family.branch}".strip()


def _thinned(size: int) -> NDArray[np.int64]:
    return np.arange(0, size, -(-size // _LARGEST_SIDE), dtype=np.int64)


def _times(departures: Instants, arrivals: Instants, leap_seconds: LeapSeconds) -> list[Column]:
    return [
        column("departure_utc", _utc(departures, leap_seconds), "", "departure, UTC"),
        column("arrival_utc", _utc(arrivals, leap_seconds), "", "arrival, UTC"),
        column(
            "flight_d",
            (arrivals - departures) / NS_PER_S / DAY_S,
            "d",
            "time of flight",
            tolerance=_DAY_TOLERANCE,
        ),
    ]


def _utc(instants: Instants, leap_seconds: LeapSeconds) -> NDArray[np.object_]:
    unique, place = np.unique(instants, return_inverse=True)
    texts: NDArray[np.object_] = np.asarray(format_utc_many(unique, leap_seconds, 0), dtype=object)[place]
    return texts


def _quantities(leg: Leg, transfers: Transfers) -> list[Column]:
    direction = "of the launch asymptote, ICRF equator"
    if leg.is_geocentric:
        direction = "of the departure direction (asymptote or apogee), ICRF equator"
    found = [
        _scaled("c3_km2_s2", transfers.c3_m2_s2 / 1e6, "km2/s2", "C3 at departure", _C3_TOLERANCE),
        _angle("declination_deg", transfers.declination_rad, f"declination {direction}"),
        _angle("right_ascension_deg", transfers.right_ascension_rad, f"right ascension {direction}"),
        _scaled(
            "arrival_speed_km_s", transfers.arrival_speed_m_s / 1e3, "km/s", "excess speed at arrival",
            _SPEED_TOLERANCE,
        ),
        _angle("transfer_angle_deg", transfers.transfer_angle_rad, "angle swept within one revolution"),
        _scaled(
            "departure_delta_v_km_s", transfers.departure_delta_v_m_s / 1e3, "km/s",
            "from the circular parking orbit", _SPEED_TOLERANCE,
        ),
        _scaled(
            "arrival_delta_v_km_s", transfers.arrival_delta_v_m_s / 1e3, "km/s",
            "into the circular orbit of arrival", _SPEED_TOLERANCE,
        ),
    ]  # fmt: skip
    if leg.is_geocentric:
        found.append(_angle("parking_node_deg", transfers.node_rad, "ascending node of the parking orbit"))
    return found


def _scaled(name: str, values: NDArray[np.float64], unit: str, words: str, tolerance: float) -> Column:
    return column(name, values, unit, words, tolerance=tolerance)


def _angle(name: str, radians: NDArray[np.float64], words: str) -> Column:
    return column(name, np.degrees(radians), "deg", words, tolerance=_ANGLE_TOLERANCE)
