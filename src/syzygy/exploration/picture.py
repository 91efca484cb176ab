"""One picture of a launch-window study: the porkchop, a panel per way round, best windows marked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import format_utc, tai_minus_utc_s
from syzygy.exploration.legs import FloatArray, Instants
from syzygy.exploration.minima import INTERIOR, Window
from syzygy.exploration.porkchop import Layer
from syzygy.exploration.requests import DAY_S, NS_PER_S
from syzygy.exploration.windows import WindowsResult
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

_LOW = {"light": "#123f73", "dark": "#5d97d9"}
_HIGH = {"light": "#dce9f7", "dark": "#18314f"}
_LINES = {"light": "#d9822b", "dark": "#ffc27d"}
_LABELS = {"light": "#8f4a06", "dark": "#ffd9ae"}
_HALO = {"light": "#ffffff", "dark": "#101821"}
_STAR = {"light": "#b5485d", "dark": "#ff8fa3"}
_WORDS = {
    "c3": ("C3", "km$^2$/s$^2$"),
    "total_delta_v": ("departure and insertion cost", "km/s"),
    "arrival_speed": ("arrival speed", "km/s"),
}
_BANDS = 9
_MOST_PANELS = 2
_MOST_SPELLED, _WHOLE_DAYS = 6, 100.0
_RIDGE_RAD = np.radians(6.0)
"""Half angle from 180 degrees within which speed lines, crowded on the ridge, are not drawn."""


def draw_windows(result: WindowsResult, theme: str) -> bytes:
    """Draw the porkchop as SVG, `theme` ``light`` or ``dark``; the same bytes for the same result."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        layers = _shown_layers(result)
        panels = figure.subplots(1, len(layers), sharey=True, squeeze=False)[0]
        figure.subplots_adjust(left=0.095, right=0.895, bottom=0.1, top=0.815, wspace=0.09)
        levels = _levels(result, layers)
        filled = None
        for axes, layer in zip(panels, layers, strict=True):
            filled = _draw_layer(axes, result, layer, levels, theme) or filled
            if len(layers) > 1:
                end = "departure" if result.leg.is_return else "arrival"
                axes.set_title(f"{layer.family.way} {end}", fontsize=10, color=INK[theme])
        _label_axes(panels, result)
        if filled is not None:
            _draw_scale(figure, filled, result, theme)
        _write_title(figure, result, theme)
        return save_svg(figure)


def _shown_layers(result: WindowsResult) -> list[Layer]:
    """Return both ways to the Moon, else the way without revolutions that is cheaper."""
    if result.leg.is_geocentric:
        return list(result.layers[:_MOST_PANELS])
    plain = [layer for layer in result.layers if layer.family.revolutions == 0]
    return [min(plain, key=lambda layer: float(layer.transfers.objective(result.leg.minimise).min()))]


def _field(result: WindowsResult, layer: Layer) -> FloatArray:
    unit = 1e6 if result.leg.minimise == "c3" else 1e3
    return layer.transfers.objective(result.leg.minimise) / unit


def _levels(result: WindowsResult, layers: list[Layer]) -> FloatArray:
    """Return rounded limits of bands that widen upwards from the lowest value."""
    values = np.concatenate([_field(result, layer).ravel() for layer in layers])
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(np.quantile(values, 0.8))
    if result.leg.minimise == "c3" and not result.leg.is_geocentric:
        high = min(high, 6.0 * low)
    high = max(high, low + 1e-3)
    growth = np.linspace(0.0, 1.0, _BANDS) ** 1.7
    digits = int(np.ceil(-np.log10((high - low) / 40.0)))
    inner = np.round(low + (high - low) * growth[1:], digits)
    return np.unique(np.concatenate([[np.floor(low * 10.0**digits) / 10.0**digits], inner]))


def _draw_layer(axes: Any, result: WindowsResult, layer: Layer, levels: FloatArray, theme: str) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("cost", [_LOW[theme], _HIGH[theme]])
    x, y = _coordinates(result)
    long_way = layer.transfers.transfer_angle_rad > np.pi
    masks = [np.ones_like(long_way)] if result.leg.is_geocentric else [~long_way, long_way]
    filled = None
    for mask in masks:
        shown = np.ma.masked_invalid(np.where(mask, _field(result, layer), np.inf))
        if shown.count() < 4:
            continue
        filled = axes.contourf(x, y, shown, levels=levels, cmap=colours, zorder=1) or filled
        axes.contour(x, y, shown, levels=levels, colors=[FAINT[theme]], linewidths=0.4, zorder=2)
        _draw_speed_lines(axes, (x, y), layer, mask & (_field(result, layer) <= levels[-1]), theme)
    spelled = _spelled_out(result)
    for number, window in enumerate(result.windows, start=1):
        if window.family == layer.family and window.verdict == INTERIOR:
            _mark(axes, result, number, window, theme, number in spelled)
    axes.patch.set_alpha(0.0)
    axes.tick_params(color=FAINT[theme])
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return filled


def _draw_speed_lines(
    axes: Any, place: tuple[FloatArray, FloatArray], layer: Layer, mask: NDArray[np.bool_], theme: str
) -> None:
    from matplotlib.patheffects import withStroke

    off_ridge = np.abs(np.sin(layer.transfers.transfer_angle_rad / 2.0)) < np.cos(_RIDGE_RAD)
    usable = mask & layer.transfers.solved & (off_ridge | layer.family.way.endswith("scending"))
    speed = np.ma.masked_where(~usable, layer.transfers.arrival_speed_m_s / 1e3)
    if speed.count() < 4:
        return
    low, high = float(speed.min()), float(speed.max())
    step = next((s for s in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0) if (high - low) / s <= 7), 10.0)
    levels = np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step
    if levels.size == 0:
        return
    lines = axes.contour(*place, speed, levels=levels, colors=[_LINES[theme]], linewidths=1.0, zorder=3)
    for label in axes.clabel(lines, fmt="%g", fontsize=8.5, inline_spacing=3, colors=_LABELS[theme]):
        label.set_path_effects([withStroke(linewidth=2.6, foreground=_HALO[theme])])


def _coordinates(result: WindowsResult) -> tuple[FloatArray, FloatArray]:
    axes = result.axes
    departures = np.broadcast_to(
        axes.departure_tai_ns[:, None], (axes.departure_tai_ns.size, axes.second_ns.size)
    )
    if axes.by_flight_time:
        second = np.broadcast_to(axes.second_ns[None, :] / NS_PER_S / DAY_S, departures.shape)
        return _day_numbers(result, departures), second
    return _day_numbers(result, departures), _day_numbers(result, axes.arrival_tai_ns())


def _day_numbers(result: WindowsResult, tai_ns: Instants) -> FloatArray:
    offset = int(tai_minus_utc_s(np.int64(result.axes.departure_tai_ns[0]), result.leap_seconds))
    days: FloatArray = (tai_ns / NS_PER_S - offset) / DAY_S
    return days


def _spelled_out(result: WindowsResult) -> set[int]:
    """Return the numbers of the windows that are written out: all of a few, of many the best."""
    found = [
        (float(window.transfer.objective(result.leg.minimise)[0]), number)
        for number, window in enumerate(result.windows, start=1)
        if window.verdict == INTERIOR
    ]
    best = sorted(found)[: _MOST_SPELLED if len(found) <= _MOST_SPELLED else 1]
    return {number for _, number in best}


def _mark(axes: Any, result: WindowsResult, number: int, window: Window, theme: str, spelled: bool) -> None:
    x = float(_day_numbers(result, np.array([window.departure_tai_ns]))[0])
    flight_d = (window.arrival_tai_ns - window.departure_tai_ns) / NS_PER_S / DAY_S
    y = flight_d
    if not result.axes.by_flight_time:
        y = float(_day_numbers(result, np.array([window.arrival_tai_ns]))[0])
    value = float(window.transfer.objective(result.leg.minimise)[0])
    shown = f"{value / 1e6:.2f}" if result.leg.minimise == "c3" else f"{value / 1e3:.3f}"
    axes.plot([x], [y], marker="*", markersize=13, color=_STAR[theme], markeredgecolor="white", zorder=7)
    departure = format_utc(window.departure_tai_ns, result.leap_seconds, 0)[:10]
    right = x > np.mean(axes.get_xlim())
    days = f"{flight_d:.0f}" if flight_d >= _WHOLE_DAYS else f"{flight_d:.3g}"
    words = f"{number}  type {window.type_name}: {shown}\n{departure}, {days} d" if spelled else str(number)
    axes.annotate(
        words,
        (x, y),
        xytext=(-10 if right else 10, 9),
        textcoords="offset points",
        ha="right" if right else "left",
        fontsize=8.5,
        color=INK[theme],
        zorder=6,
        bbox={
            "boxstyle": "round,pad=0.25",
            "fc": _HALO[theme],
            "ec": "none",
            "alpha": 0.82,
        },
    )


def _label_axes(panels: Any, result: WindowsResult) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    for axes in panels:
        locator = AutoDateLocator(maxticks=8)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        axes.set_xlabel("departure (UTC)")
    first = panels[0]
    if result.axes.by_flight_time:
        first.set_ylabel("time of flight (d)")
        return
    locator = AutoDateLocator()
    first.yaxis.set_major_locator(locator)
    first.yaxis.set_major_formatter(ConciseDateFormatter(locator))
    first.set_ylabel("arrival (UTC)")


def _draw_scale(figure: Any, filled: Any, result: WindowsResult, theme: str) -> None:
    words, unit = _WORDS[result.leg.minimise]
    bar = figure.colorbar(filled, cax=figure.add_axes((0.91, 0.1, 0.016, 0.715)))
    bar.set_label(f"{words} ({unit})")
    bar.outline.set_edgecolor(FAINT[theme])
    bar.ax.tick_params(labelsize=8, color=FAINT[theme])


def _write_title(figure: Any, result: WindowsResult, theme: str) -> None:
    leg = result.leg
    title = f"{leg.origin.name} to {leg.destination.name}"
    best = result.best()
    numbers = "no interior minimum within the spans"
    if best is not None:
        transfer, departure = best[1].transfer, best[1].departure_tai_ns
        title += f": best departure {format_utc(departure, result.leap_seconds, 0)[:10]}"
        numbers = (
            f"C3 {transfer.c3_m2_s2[0] / 1e6:.2f} km$^2$/s$^2$, "
            f"arrival at {transfer.arrival_speed_m_s[0] / 1e3:.2f} km/s"
        )
    ink = INK[theme]
    figure.text(0.095, 0.945, title, fontsize=13, fontweight="bold", color=ink, va="center")
    legend = (
        (0.095, "left", ink, numbers),
        (0.73, "right", _LINES[theme], "lines: arrival speed (km/s)"),
        (0.895, "right", _STAR[theme], "stars: best windows"),
    )
    for x, side, colour, words in legend:
        figure.text(x, 0.893, words, fontsize=9.5, color=colour, va="center", ha=side)
