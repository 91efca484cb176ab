"""Smaller pictures of a flight: the passage of the Moon in turning and in fixed axes, the ground track."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import geodetic_from_itrf, itrf_from_gcrf
from syzygy.exploration.lunar.launching import NS_PER_S, injection_state, parking_rates, stand_on_site
from syzygy.exploration.lunar.path import Path, fly_path
from syzygy.exploration.lunar.picture import clear, draw_approach
from syzygy.exploration.lunar.requests import MOON_RADIUS_M
from syzygy.formats.coastline import read_coastline
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

if TYPE_CHECKING:
    from syzygy.exploration.lunar.rows import TransferRow
    from syzygy.exploration.lunar.study import LunarTransferResult

Doubles = NDArray[np.float64]

_PATH, _MOON, _PARKING, _MARK = "#2a9d8f", "#7a5195", "#2f6fbb", "#b5485d"
_NEAR_M, FINE_SHARE = 20e6, 0.04
_AFTER_S = 43_200
_STEP_S = 60
_EDGE_DEG = 125.0
_HOURS = ((1, (6, -12)), (4, (4, 5)), (8, (4, 5)), (12, (4, 5)))


def draw_further(result: LunarTransferResult, theme: str) -> dict[str, bytes]:
    """Return approach and ground track of the best transfer as SVG by name; none when none was targeted."""
    best = result.best()
    if best is None or best[1].flight is None:
        return {}
    path = fly_path(best[1].flight.trajectory, result.almanac, FINE_SHARE)
    return {
        "approach": draw_passage(path, theme),
        "ground-track": _draw_ground_track(result, best[1], theme),
    }


def draw_passage(path: Path, theme: str) -> bytes:
    """Draw the passage of the Moon: in axes that turn with it (two views) and in fixed ones.

    The turning axes have x away from the Earth, z along the pole of the Moon's orbit.
    """
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 4.2))
        figure.patch.set_alpha(0.0)
        pole, side, fixed = figure.subplots(1, 3)
        figure.subplots_adjust(left=0.07, right=0.98, bottom=0.16, top=0.78, wspace=0.3)
        turning = path.rotating_m - np.linalg.norm(path.moon_m, axis=1)[:, None] * np.array([1.0, 0.0, 0.0])
        near = np.linalg.norm(turning, axis=1) < _NEAR_M
        views = ((pole, (0, 1), "from the pole"), (side, (0, 2), "from the side"))
        for axes, (one, other), words in views:
            _draw_moon(axes)
            axes.plot(turning[near, one] / 1e6, turning[near, other] / 1e6, color=_PATH, linewidth=1.3)
            axes.set_aspect("equal", adjustable="datalim")
            axes.set_title(f"turning with the Moon, {words}", fontsize=9, loc="left")
            axes.set_xlabel("away from the Earth (1000 km)")
            axes.set_ylabel(("along the orbit", "north")[other - 1] + " (1000 km)")
            clear(axes, theme)
        draw_approach(fixed, path, theme)
        fixed.set_xlabel("towards the perilune (1000 km)")
        fixed.set_ylabel("along the flight there (1000 km)")
        fixed.set_title("fixed axes, plane of the flight", fontsize=9, loc="left")
        lowest = float(np.linalg.norm(path.relative_m, axis=1).min()) - MOON_RADIUS_M
        title = f"The passage of the Moon, {lowest / 1e3:.0f} km above it"
        figure.text(0.07, 0.92, title, fontsize=13, fontweight="bold", color=INK[theme], va="center")
        return save_svg(figure)


def _draw_moon(axes: Any) -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, 121)
    axes.fill(MOON_RADIUS_M / 1e6 * np.cos(turn), MOON_RADIUS_M / 1e6 * np.sin(turn), color=_MOON, alpha=0.8)


def _draw_ground_track(result: LunarTransferResult, row: TransferRow, theme: str) -> bytes:
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        axes = figure.add_axes((0.06, 0.11, 0.92, 0.74))
        draw_map(axes, theme)
        parking_ns, parking_m = _parking_orbit(result, row)
        _draw_track(axes, parking_ns, parking_m, result.almanac, _PARKING, "ascent and parking orbit")
        if row.flight is not None:
            begin = row.flight.injection_tai_ns
            last = min(_AFTER_S, (row.flight.perilune_tai_ns - begin) // NS_PER_S)
            instants = begin + np.arange(0, last + 1, _STEP_S, dtype=np.int64) * NS_PER_S
            place = row.flight.trajectory.states(instants).position_m
            _draw_track(axes, instants, place, result.almanac, _PATH, "after injection")
            _mark_hours(axes, instants, place, result.almanac, theme)
        site = (
            math.degrees(result.request.site_longitude_rad),
            math.degrees(result.request.site_latitude_rad),
        )
        axes.plot(
            (site[0] + 180.0) % 360.0 - 180.0, site[1], "^", color=_MARK, markersize=7, label="lift-off"
        )
        axes.legend(frameon=False, fontsize=8.5, loc="lower left", ncols=4, bbox_to_anchor=(0.0, 0.995))
        title = f"Ground track of the lift-off at {result.utc(row.launch_tai_ns, 0)[:16]}"
        figure.text(0.06, 0.955, title, fontsize=13, fontweight="bold", color=INK[theme], va="center")
        return save_svg(figure)


def draw_map(axes: Any, theme: str) -> None:
    """Draw the coastlines of the world in degrees."""
    for line in read_coastline():
        axes.plot(line[:, 0], line[:, 1], color=FAINT[theme], linewidth=0.6, zorder=0)
    axes.set_xlim(-180.0, 180.0)
    axes.set_ylim(-90.0, 90.0)
    axes.set_xticks(range(-180, 181, 60))
    axes.set_yticks(range(-90, 91, 30))
    axes.set_xlabel("longitude (deg)")
    axes.set_ylabel("latitude (deg)")
    clear(axes, theme)


def _parking_orbit(result: LunarTransferResult, row: TransferRow) -> tuple[NDArray[np.int64], Doubles]:
    """Return instants and places from lift-off to injection: the plane and rates of the parking orbit.

    The ascent is shown as the arc flown meanwhile, evenly in time.
    """
    flight, ascent = row.flight, row.ascent
    if flight is None or ascent is None:
        return np.zeros(0, dtype=np.int64), np.zeros((0, 3))
    choice = result.request
    site = stand_on_site(choice, row.day_tai_ns, result.almanac)
    rates = parking_rates(choice.parking_radius_m, ascent.inclination_rad)
    before_s = np.append(np.arange(0.0, flight.departure.coast_s, _STEP_S), flight.departure.coast_s)
    node = flight.node_rad - rates.node_rad_s * before_s
    argument = flight.argument_rad - rates.latitude_argument_rad_s * before_s
    rising = np.linspace(0.0, choice.ascent_arc_rad, 12)
    before_s = np.concatenate([before_s, before_s[-1] + np.linspace(0.0, choice.ascent_s, 12)])
    node = np.concatenate([node, np.full(12, node[-1])])
    argument = np.concatenate([argument, argument[-1] - rising])
    place = [
        injection_state(site, ascent, n, u, 0.0)[0][:3]
        for n, u in zip(node[::-1].tolist(), argument[::-1].tolist(), strict=True)
    ]
    instants = flight.injection_tai_ns - np.rint(before_s[::-1] * NS_PER_S).astype(np.int64)
    return instants, np.array(place)


def _draw_track(
    axes: Any, instants: NDArray[np.int64], place_m: Doubles, almanac: Almanac, colour: str, words: str
) -> None:
    longitude, latitude = subpoints_deg(instants, place_m, almanac)
    leaps = np.flatnonzero(np.abs(np.diff(longitude)) > 180.0) + 1
    pieces = zip(np.split(longitude, leaps), np.split(latitude, leaps), strict=True)
    for number, (x, y) in enumerate(pieces):
        axes.plot(x, y, color=colour, linewidth=1.4, label=words if number == 0 else None)


def subpoints_deg(instants: NDArray[np.int64], place_m: Doubles, almanac: Almanac) -> tuple[Doubles, Doubles]:
    """Return longitudes (-180 to 180) and geodetic latitudes below places in ICRF about the Earth."""
    fixed, _ = itrf_from_gcrf(place_m, None, instants, almanac)
    latitude, longitude, _ = geodetic_from_itrf(fixed)
    return (np.degrees(longitude) + 180.0) % 360.0 - 180.0, np.degrees(latitude)


def _mark_hours(
    axes: Any, instants: NDArray[np.int64], place_m: Doubles, almanac: Almanac, theme: str
) -> None:
    longitude, latitude = subpoints_deg(instants, place_m, almanac)
    axes.plot(longitude[0], latitude[0], "o", color=_MARK, markersize=5, label="injection")
    for hours, offset in _HOURS:
        row = hours * 3600 // _STEP_S
        if row < longitude.size:
            axes.plot(longitude[row], latitude[row], "o", color=_PATH, markersize=3)
            high = np.linalg.norm(place_m[row]) / 1e6
            late = longitude[row] > _EDGE_DEG
            axes.annotate(
                f"+{hours} h, {high:.0f} 000 km", (longitude[row], latitude[row]), fontsize=8,
                color=INK[theme], xytext=(-offset[0] if late else offset[0], offset[1]),
                textcoords="offset points", ha="right" if late else "left",
            )  # fmt: skip
