"""Tables of a launch-window study, each column with unit, description and tolerance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.constants import ASTRONOMICAL_UNIT_M
from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.time import LeapSeconds, format_utc_many
from syzygy.base.tables import Column, Table, column, table
from syzygy.exploration.legs import Axes, Family, FloatArray, Instants, Leg, type_names
from syzygy.exploration.minima import Window
from syzygy.exploration.porkchop import Layer
from syzygy.exploration.requests import DAY_S, NS_PER_S
from syzygy.exploration.surroundings import Surroundings, link_geometry, sun_distances
from syzygy.exploration.transfers import Transfers, direction_angles, join_transfers, trace_transfers

_C3_TOLERANCE = 1e-5
_SPEED_TOLERANCE = 1e-5
_ANGLE_TOLERANCE = 1e-3
_DAY_TOLERANCE = 1e-9
_DISTANCE_TOLERANCE = 1e-7
_SHADE_TOLERANCE = 0.05
_LARGEST_SIDE = 201
_TYPE_WORDS = (
    "I below 180 deg, II above; III and IV after one revolution, left or right of the shortest flight"
)


def windows_table(
    leg: Leg, windows: list[Window], surroundings: list[Surroundings], leap_seconds: LeapSeconds
) -> Table:
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
            _turns([window.family.revolutions for window in windows]),
            *_times(departures, arrivals, leap_seconds),
            *_quantities(leg, transfers),
            *_met(surroundings),
            column("verdict", [window.verdict for window in windows], "", "whether it is a true minimum"),
        ],
        f"Best windows {leg.origin.name} to {leg.destination.name}",
    )


def _met(met: list[Surroundings]) -> list[Column]:
    """Return what windows meet on their way."""
    equator = "of the arrival asymptote to the equator of the arrival body"
    return [
        _distance("sun_smallest_au", [m.sun_smallest_m for m in met], "smallest distance from the Sun"),
        _distance("sun_largest_au", [m.sun_largest_m for m in met], "largest distance from the Sun"),
        *_asymptote(
            np.array([m.arrival_declination_rad for m in met]),
            np.array([m.arrival_right_ascension_rad for m in met]),
        ),
        _angle(
            "arrival_body_declination_deg", np.array([m.body_declination_rad for m in met]),
            f"declination {equator}",
        ),
        _angle(
            "arrival_body_right_ascension_deg", np.array([m.body_right_ascension_rad for m in met]),
            f"right ascension {equator}, from its node on the ICRF equator",
        ),
        *_link(np.array([m.earth_distance_m for m in met]), np.array([m.sun_earth_probe_rad for m in met])),
        column(
            "conjunction", np.array([m.in_conjunction for m in met], dtype=bool), "",
            "whether the arrival is within 3 deg of the Sun, seen from the Earth",
        ),
        _scaled(
            "longest_umbra_min", np.array([m.longest_umbra_s for m in met]) / 60.0, "min",
            "longest time in umbra on the way, see the table eclipses", _SHADE_TOLERANCE,
        ),
        _scaled(
            "longest_penumbra_min", np.array([m.longest_penumbra_s for m in met]) / 60.0, "min",
            "longest time in penumbra on the way", _SHADE_TOLERANCE,
        ),
    ]  # fmt: skip


def _asymptote(tilt_rad: FloatArray, turn_rad: FloatArray) -> list[Column]:
    words = "of the direction of motion on the arrival asymptote, ICRF equator"
    return [
        _angle("arrival_declination_deg", tilt_rad, f"declination {words}"),
        _angle("arrival_right_ascension_deg", turn_rad, f"right ascension {words}"),
    ]


def _link(away_m: FloatArray, angle_rad: FloatArray) -> list[Column]:
    return [
        _distance("earth_distance_au", away_m, "from the Earth to the arrival body on arrival"),
        _angle("sun_earth_probe_deg", angle_rad, "at the Earth between Sun and arrival body on arrival"),
    ]


def _distance(name: str, metres: ArrayLike, words: str) -> Column:
    return _scaled(name, np.asarray(metres, float) / ASTRONOMICAL_UNIT_M, "au", words, _DISTANCE_TOLERANCE)


def eclipses_table(surroundings: list[Surroundings], leap_seconds: LeapSeconds) -> Table:
    """Return the time in shadow by window, phase and body, over the planes that are still open."""
    rows = [(number, item) for number, met in enumerate(surroundings, start=1) for item in met.eclipses]
    instants = [np.array([getattr(item, name) for _, item in rows], dtype=np.int64)
                for name in ("begin_tai_ns", "end_tai_ns")]  # fmt: skip
    times = [
        _scaled(
            f"{size}_{shade}_min", np.array([getattr(item, f"{size}_{shade}_s") for _, item in rows]) / 60.0,
            "min", f"{size} time in {shade} over the planes", _SHADE_TOLERANCE,
        )
        for shade in ("umbra", "penumbra")
        for size in ("shortest", "longest")
    ]  # fmt: skip
    return table(
        "eclipses",
        [
            column("window", np.array([n for n, _ in rows], dtype=np.int64), "1", "number of the window"),
            column("phase", [item.phase for _, item in rows], "", "departure, cruise or arrival"),
            column("shadow_of", [item.body for _, item in rows], "", "the body that hides the Sun"),
            column("planes", np.array([i.planes for _, i in rows], dtype=np.int64), "1", "planes tried"),
            *times,
            column("first_contact_utc", _utc(instants[0], leap_seconds), "", "first contact over the planes"),
            column("last_contact_utc", _utc(instants[1], leap_seconds), "", "last contact over the planes"),
        ],
        "Shadow on the way; penumbra counts from 1 % of the Sun's disc",
    )


def grid_table(
    leg: Leg, axes: Axes, layers: tuple[Layer, ...], ephemeris: Ephemeris, leap_seconds: LeapSeconds
) -> Table:
    """Return every transfer of the grid, thinned to at most 201 x 201 points per family.

    Arrival asymptote, distances from the Sun and the link are worked out for the thinned grid only.
    """
    rows = _thinned(axes.departure_tai_ns.size)
    cols = _thinned(axes.second_ns.size)
    arrivals = axes.arrival_tai_ns()[np.ix_(rows, cols)]
    departures = np.broadcast_to(axes.departure_tai_ns[rows][:, None], arrivals.shape)
    away, angle = link_geometry(leg, arrivals.ravel(), ephemeris)
    picked, ways, turns, types, places, further = [], [], [], [], [], []
    for layer in layers:
        thin = layer.transfers.take(np.ix_(rows, cols))
        solved = thin.solved
        own = thin.take(solved)
        size = own.solved.size
        picked.append(own)
        place = np.flatnonzero(solved)
        places.append(place)
        further.append(
            _further(leg, layer, own, ephemeris, departures.ravel()[place], arrivals.ravel()[place])
        )
        ways += [layer.family.way] * size
        turns += [layer.family.revolutions] * size
        names = [_full_type(name, layer.family) for name in type_names(layer.family)]
        types.append(np.where(own.transfer_angle_rad > np.pi, names[1], names[0]))
    place = np.concatenate(places)
    more = np.concatenate(further, axis=1)
    return table(
        "grid",
        [
            column("way", ways, "", "way round"),
            column("type", np.concatenate(types), "", _TYPE_WORDS),
            _turns(turns),
            *_times(departures.ravel()[place], arrivals.ravel()[place], leap_seconds),
            *_quantities(leg, join_transfers(picked)),
            *_asymptote(more[0], more[1]),
            *(
                []
                if leg.is_geocentric
                else [
                    _distance("sun_smallest_au", more[2], "smallest distance from the Sun"),
                    _distance("sun_largest_au", more[3], "largest distance from the Sun"),
                ]
            ),
            *_link(away[place], angle[place]),
        ],
        "All transfers of the grid" if len(rows) == axes.departure_tai_ns.size else "The grid, thinned",
    )


def _further(
    leg: Leg, layer: Layer, own: Transfers, ephemeris: Ephemeris, departures: Instants, arrivals: Instants
) -> FloatArray:
    """Return arrival asymptote and distances from the Sun, (4, n), of solved transfers of the grid."""
    paths = trace_transfers(leg, layer.family, ephemeris, departures, arrivals)[1]
    distances = (np.zeros(departures.size),) * 2
    if not leg.is_geocentric:
        distances = sun_distances(leg, layer.family.revolutions, own, paths)
    return np.stack([*direction_angles(paths.approach_m_s), *distances])


def _turns(counts: list[int]) -> Column:
    return column("revolutions", np.array(counts, dtype=np.int64), "1", "complete revolutions on the way")


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
    arrival, node = "excess speed at arrival", ("parking_node_deg", "ascending node of the parking orbit")
    if leg.is_return:
        direction = "of the asymptote at the Moon, ICRF equator"
        arrival, node = "speed at perigee", ("arrival_node_deg", "ascending node of the orbit of arrival")
    elif leg.is_geocentric:
        direction = "of the departure direction (asymptote or apogee), ICRF equator"
    found = [
        _scaled("c3_km2_s2", transfers.c3_m2_s2 / 1e6, "km2/s2", "C3 at departure", _C3_TOLERANCE),
        _angle("declination_deg", transfers.declination_rad, f"declination {direction}"),
        _angle("right_ascension_deg", transfers.right_ascension_rad, f"right ascension {direction}"),
        _scaled(
            "arrival_speed_km_s", transfers.arrival_speed_m_s / 1e3, "km/s", arrival,
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
        found.append(_angle(node[0], transfers.node_rad, node[1]))
    return found


def _scaled(name: str, values: NDArray[np.float64], unit: str, words: str, tolerance: float) -> Column:
    return column(name, values, unit, words, tolerance=tolerance)


def _angle(name: str, radians: NDArray[np.float64], words: str) -> Column:
    return column(name, np.degrees(radians), "deg", words, tolerance=_ANGLE_TOLERANCE)
