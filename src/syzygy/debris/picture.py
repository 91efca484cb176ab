"""One picture of a screening: every approach by time and miss distance, coloured by relative speed."""

from __future__ import annotations

from typing import Any

import numpy as np

from syzygy.debris.screening import ScreeningResult, volume_text
from syzygy.formats.svg_picture import FAINT, picture_style, save_svg

_SLOW_TO_FAST = {
    "light": ("#d9822b", "#2a9d8f", "#2f6fbb", "#7a5195"),
    "dark": ("#e8a35c", "#5ec4b6", "#6ea3e0", "#b793cf"),
}
_CLOSEST_SHOWN = 3
_MANY = 5000
_ENOUGH_FOR_CHANCE = 20


def draw_screening(result: ScreeningResult, theme: str) -> bytes:
    """Draw the approaches as SVG, `theme` ``light`` or ``dark``; the same bytes for the same result."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        grid = figure.add_gridspec(
            1, 2, width_ratios=(5, 1), left=0.075, right=0.9, bottom=0.12, top=0.86, wspace=0.04
        )
        main = figure.add_subplot(grid[0])
        side = figure.add_subplot(grid[1], sharey=main)
        _draw_approaches(figure, main, result, theme)
        _draw_distribution(side, result, theme)
        return save_svg(figure, dots_per_inch=200)


def _draw_approaches(figure: Any, axes: Any, result: ScreeningResult, theme: str) -> None:
    events = result.events
    hours = _hours(result)
    miss_km = np.asarray(events["miss_distance_m"], dtype=np.float64) / 1e3
    speed_km_s = np.asarray(events["relative_speed_m_s"], dtype=np.float64) / 1e3
    size = float(np.clip(6000.0 / max(len(miss_km), 1), 4.0, 40.0))
    dots = axes.scatter(
        hours,
        miss_km,
        c=speed_km_s,
        s=size,
        cmap=_speed_colours(theme),
        vmin=0.0,
        vmax=15.0,
        linewidths=0,
        rasterized=len(miss_km) > _MANY,
    )
    bar = figure.colorbar(dots, cax=axes.inset_axes((1.245, 0.0, 0.018, 1.0)), extend="max")
    bar.set_label("relative speed, km/s")
    bar.outline.set_visible(False)
    axes.set_xlim(0.0, result.window_s / 3600.0)
    axes.set_ylim(0.0, result.threshold_m / 1e3)
    axes.set_xlabel("hours since the begin of the window")
    axes.set_ylabel("miss distance, km")
    axes.grid(color=FAINT[theme], linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    approaches = f"{len(events):,} {'approach' if len(events) == 1 else 'approaches'}"
    axes.set_title(
        f"{approaches} {volume_text(result)} among {result.objects:,} objects",
        loc="left",
        fontsize=13,
        fontweight="bold",
        pad=22,
    )
    axes.text(0.0, 1.03, _closest_text(result), transform=axes.transAxes, fontsize=9)
    for row in np.argsort(miss_km, kind="stable")[:_CLOSEST_SHOWN]:
        axes.scatter(hours[row], miss_km[row], s=110, facecolors="none", edgecolors="#b5485d", linewidths=1.5)
    _clean(axes)


def _draw_distribution(axes: Any, result: ScreeningResult, theme: str) -> None:
    """Draw counts by distance against the square law that chance encounters follow."""
    from matplotlib.ticker import MaxNLocator

    miss_km = np.asarray(result.events["miss_distance_m"], dtype=np.float64) / 1e3
    limit = result.threshold_m / 1e3
    edges = np.linspace(0.0, limit, 21)
    counts, _ = np.histogram(miss_km, edges)
    axes.barh(
        edges[:-1],
        counts,
        height=np.diff(edges) * 0.85,
        align="edge",
        color=_SLOW_TO_FAST[theme][2],
        linewidth=0,
    )
    if len(miss_km) >= _ENOUGH_FOR_CHANCE:
        middle = 0.5 * (edges[1:] + edges[:-1])
        axes.plot(len(miss_km) * 2.0 * middle / limit**2 * (edges[1] - edges[0]), middle, color="#b5485d")
        axes.text(
            0.97, 0.02, "line: chance", color="#b5485d", ha="right", transform=axes.transAxes, fontsize=8
        )
    axes.set_xlabel("count")
    axes.xaxis.set_major_locator(MaxNLocator(3, integer=True, prune="lower"))
    axes.tick_params(labelleft=False, left=False)
    axes.grid(color=FAINT[theme], linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    _clean(axes)


def _speed_colours(theme: str) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("speed", _SLOW_TO_FAST[theme])


def _hours(result: ScreeningResult) -> Any:
    start = int(str(result.provenance.request["start_tai_ns"]))
    return (np.asarray(result.events["tca_tai_ns"]) - start) / 3.6e12


def _closest_text(result: ScreeningResult) -> str:
    rows = result.events.rows()
    if not rows:
        return "no approach below the threshold"
    row = min(rows, key=lambda item: float(str(item["miss_distance_m"])))
    ringed = "; the three closest are ringed" if len(rows) > _CLOSEST_SHOWN else ""
    return (
        f"closest: {row['name_a']} and {row['name_b']}, {float(str(row['miss_distance_m'])):.0f} m at "
        f"{str(row['tca_utc'])[:19]} UTC{ringed}"
    )


def _clean(axes: Any) -> None:
    axes.patch.set_alpha(0.0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
