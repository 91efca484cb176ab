"""One picture of a trend: the probability against the time to closest approach, with what may come."""

from __future__ import annotations

from typing import Any

import numpy as np

from syzygy.debris.probability.picture import BLUE, ORANGE, RED, VIOLET
from syzygy.debris.probability.series import SURPRISING, Series
from syzygy.debris.probability.trend import TrendResult
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

_FLOOR = 1e-10


def draw_trend(result: TrendResult, theme: str) -> bytes:
    """Draw the longest series as SVG, `theme` ``light`` or ``dark``; the same bytes for the same result."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        grid = figure.add_gridspec(
            1, 2, width_ratios=(1.9, 1), left=0.08, right=0.975, bottom=0.12, top=0.84, wspace=0.26
        )
        item = result.series[0]
        _draw_history(figure.add_subplot(grid[0]), item, result, theme)
        _draw_planes(figure.add_subplot(grid[1]), item, theme)
        names = item.last.event.case.names
        figure.text(0.02, 0.945, f"{names[0]} and {names[1]}: {item.advice}", fontsize=13, fontweight="bold")
        figure.text(0.02, 0.895, item.words, fontsize=9)
        return save_svg(figure, dots_per_inch=200)


def _draw_history(axes: Any, item: Series, result: TrendResult, theme: str) -> None:
    hours = np.array([m.to_tca_s for m in item.messages]) / 3600.0
    values = np.array([m.event.assessment.pc for m in item.messages])
    largest = np.array(
        [
            float(m.event.plane.dilution.maximum_probability[0]) if m.event.plane else np.nan
            for m in item.messages
        ]
    )
    axes.plot(hours, np.maximum(largest, _FLOOR), color=VIOLET, linewidth=1.0, linestyle="--", marker=".")
    axes.plot(hours, np.maximum(values, _FLOOR), color=BLUE, linewidth=1.6, marker="o", markersize=6)
    odd = np.array([m.surprise > SURPRISING for m in item.messages])
    axes.plot(hours[odd], np.maximum(values[odd], _FLOOR), "o", markersize=13, mfc="none", mec=RED, mew=1.5)
    if item.outlook is not None:
        later = item.outlook.to_tca_s / 3600.0
        low, high = np.maximum(item.outlook.low, _FLOOR), np.maximum(item.outlook.high, _FLOOR)
        axes.fill_between(later, low, high, color=BLUE, alpha=0.18, linewidth=0)
        axes.plot(later, np.maximum(item.outlook.middle, _FLOOR), color=BLUE, linewidth=1.0, linestyle=":")
        axes.annotate(
            "90 % of what later\nmessages may say", (later[-1], high[-1]), xytext=(-8, 8),
            textcoords="offset points", fontsize=8, color=BLUE, ha="right",
        )  # fmt: skip
    lead = result.rules.lead_s / 3600.0
    axes.axvline(lead, color=RED, linewidth=1.2)
    axes.annotate(
        f"decide by\n{lead:g} h before", (lead, 0.0), xycoords=("data", "axes fraction"), xytext=(4, 6),
        textcoords="offset points", fontsize=8, color=RED,
    )  # fmt: skip
    for value, word in ((result.rules.act, "act"), (result.watch_above, "watch")):
        axes.axhline(value, color=ORANGE, linewidth=1.0, linestyle=":")
        axes.annotate(
            word, (0.0, value), xycoords=("axes fraction", "data"), xytext=(4, 3),
            textcoords="offset points", fontsize=8, color=ORANGE,
        )  # fmt: skip
    axes.set_yscale("log")
    axes.set_ylim(
        max(min(float(np.nanmin(np.maximum(values, _FLOOR))), result.watch_above) / 3.0, _FLOOR), 1.0
    )
    axes.set_xlim(float(hours.max()) * 1.05, 0.0)
    axes.set_xlabel("hours to closest approach")
    axes.set_ylabel("probability of collision")
    axes.set_title("dots: messages; dashed: largest over scalings", fontsize=9, loc="left")
    axes.grid(color=FAINT[theme], linewidth=0.5, alpha=0.6)
    _clean(axes)


def _draw_planes(axes: Any, item: Series, theme: str) -> None:
    from matplotlib.patches import Circle

    spread = max(3.0 * float(np.sqrt(np.linalg.eigvalsh(m.view.summed_m2)[-1])) for m in item.messages)
    scale, unit = (1e3, "km") if spread > 2e3 else (1.0, "m")
    angle = np.linspace(0.0, 2.0 * np.pi, 121)
    count = len(item.messages)
    for place, message in enumerate(item.messages):
        values, vectors = np.linalg.eigh(message.view.summed_m2)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        miss = message.view.miss_m / scale
        edge = miss[:, None] + 2.0 / scale * root @ np.stack([np.cos(angle), np.sin(angle)])
        weight = 0.25 + 0.75 * (place + 1) / count
        axes.plot(edge[0], edge[1], color=BLUE, linewidth=1.0 if place < count - 1 else 1.8, alpha=weight)
        axes.plot(*miss, marker="+", color=BLUE, alpha=weight, markersize=7)
    axes.add_patch(Circle((0.0, 0.0), item.last.view.radius_m / scale, color=RED, alpha=0.75))
    axes.plot(0.0, 0.0, marker="o", markersize=5, markerfacecolor="none", color=RED)
    axes.set_xlabel(f"across, {unit}")
    axes.set_ylabel(f"up, {unit}")
    axes.set_title("2 sigma, newest strongest", fontsize=9, loc="left")
    axes.margins(0.08)
    axes.grid(color=FAINT[theme], linewidth=0.5, alpha=0.6)
    axes.axhline(0.0, color=INK[theme], linewidth=0.4, alpha=0.5)
    axes.axvline(0.0, color=INK[theme], linewidth=0.4, alpha=0.5)
    _clean(axes)


def _clean(axes: Any) -> None:
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0.0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
