"""One picture of a free return: the figure of eight in turning axes, and the ground track into the entry."""

from __future__ import annotations

from typing import Any

import numpy as np

from syzygy.astro.frames import geodetic_from_itrf, itrf_from_gcrf
from syzygy.exploration.free_return.flights import ReturnFlight, landing
from syzygy.exploration.free_return.rows import FREE, ReturnRow
from syzygy.exploration.free_return.study import FreeReturnResult
from syzygy.exploration.lunar.launching import DAY_S, NS_PER_S
from syzygy.exploration.lunar.passage_picture import FINE_SHARE, draw_passage
from syzygy.exploration.lunar.path import fly_path
from syzygy.exploration.lunar.picture import clear, draw_rotating
from syzygy.exploration.lunar.requests import MOON_RADIUS_M
from syzygy.formats.coastline import read_coastline
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

_TRACK, _ENTRY, _LANDING = "#2a9d8f", "#b5485d", "#7a5195"
_BEFORE_S = 2400
_DEGREE = 57.29577951308232


def draw_returns(result: FreeReturnResult, theme: str) -> bytes:
    """Draw the best free return as SVG, `theme` ``light`` or ``dark``."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        left, right = figure.subplots(1, 2, width_ratios=(1.45, 1.0))
        figure.subplots_adjust(left=0.07, right=0.98, bottom=0.12, top=0.78, wspace=0.2)
        best = result.best()
        if best is not None and best[1].flight is not None:
            draw_rotating(left, fly_path(best[1].flight.trajectory, result.almanac), theme)
            _draw_track(right, result, best[1].flight, theme)
        _write_title(figure, result, best[1] if best else None, theme)
        return save_svg(figure)


def draw_further(result: FreeReturnResult, theme: str) -> dict[str, bytes]:
    """Return the passage of the Moon of the best free return as SVG; none without one."""
    best = result.best()
    if best is None or best[1].flight is None:
        return {}
    path = fly_path(best[1].flight.trajectory, result.almanac, FINE_SHARE)
    return {"approach": draw_passage(path, theme)}


def _draw_track(axes: Any, result: FreeReturnResult, flight: ReturnFlight, theme: str) -> None:
    entry = flight.entry
    instants = entry.tai_ns - np.arange(_BEFORE_S, -1, -20, dtype=np.int64) * NS_PER_S
    place = flight.trajectory.states(instants).position_m
    fixed, _ = itrf_from_gcrf(place, None, instants, result.almanac)
    latitude, longitude, height = geodetic_from_itrf(fixed)
    x = np.degrees(np.unwrap(longitude))
    turn = 360.0 * np.round((x[-1] - entry.longitude_rad * _DEGREE) / 360.0)
    axes.plot(x - turn, np.degrees(latitude), color=_TRACK, linewidth=1.4, label="ground track")
    here = (entry.longitude_rad * _DEGREE, entry.latitude_rad * _DEGREE)
    axes.plot(*here, "o", color=_ENTRY, markersize=6, label="entry interface")
    there = [part * _DEGREE for part in landing(entry, result.request.entry_range_m)][::-1]
    there[0] += 360.0 * round((here[0] - there[0]) / 360.0)
    axes.plot([here[0], there[0]], [here[1], there[1]], "--", color=_LANDING, linewidth=1.1)
    axes.plot(*there, "s", color=_LANDING, markersize=6, label="landing (estimate)")
    for minutes in (30, 20, 10):
        row = len(instants) - 1 - minutes * 3
        words = f"-{minutes} min, {height[row] / 1e3:.0f} km"
        axes.annotate(
            words, (x[row] - turn, np.degrees(latitude[row])), fontsize=8, color=INK[theme], xytext=(7, -4),
            textcoords="offset points",
        )  # fmt: skip
        axes.plot(x[row] - turn, np.degrees(latitude[row]), "o", color=_TRACK, markersize=3)
    _draw_coast(axes, theme)
    axes.set_xlabel("longitude (deg)")
    axes.set_ylabel("latitude (deg)")
    axes.legend(
        frameon=False, fontsize=8, ncols=3, loc="lower left", bbox_to_anchor=(-0.18, 0.99), columnspacing=1.0
    )
    clear(axes, theme)


def _draw_coast(axes: Any, theme: str) -> None:
    """Draw the coastlines behind a track, also beyond the date line, and keep the limits of the track."""
    limits = axes.get_xlim(), axes.get_ylim()
    for line in read_coastline():
        for turn in (-360.0, 0.0, 360.0):
            axes.plot(line[:, 0] + turn, line[:, 1], color=FAINT[theme], linewidth=0.6, zorder=0)
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])


def _write_title(figure: Any, result: FreeReturnResult, row: ReturnRow | None, theme: str) -> None:
    count = sum(one.verdict == FREE for one in result.rows)
    title = f"{count} free return{'s' * (count != 1)} round the Moon"
    figure.text(0.07, 0.945, title, fontsize=13, fontweight="bold", color=INK[theme], va="center")
    if row is None or row.flight is None:
        return
    flight = row.flight
    days = (flight.entry.tai_ns - flight.injection_tai_ns) / NS_PER_S / DAY_S
    words = (
        f"shown: lift-off {result.utc(row.launch_tai_ns, 0)[:16]}, injection {row.injection_m_s:.0f} m/s, "
        f"perilune {(flight.perilune_m - MOON_RADIUS_M) / 1e3:.0f} km, {days:.2f} d, entry at "
        f"{flight.entry.angle_rad * _DEGREE:.2f} deg with {flight.entry.speed_m_s / 1e3:.2f} km/s"
    )
    figure.text(0.07, 0.885, words, fontsize=9.5, color=INK[theme], va="center")
