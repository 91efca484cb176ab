"""One picture of an avoidance: the plane of the event with the burn's effect, and size against time."""

from __future__ import annotations

from typing import Any

import numpy as np

from syzygy.debris.avoidance.result import AvoidanceResult
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

BLUE, ORANGE, TEAL, RED, VIOLET = "#2f6fbb", "#d9822b", "#2a9d8f", "#b5485d", "#7a5195"
_FAR_KM = 2e3
_VERDICT_COLOURS = {"safe": TEAL, "other encounter": ORANGE, "event": RED}


def draw_avoidance(result: AvoidanceResult, theme: str) -> bytes:
    """Draw the plan as SVG, `theme` ``light`` or ``dark``; the same bytes for the same result."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        grid = figure.add_gridspec(
            1, 2, width_ratios=(1, 1.35), left=0.08, right=0.975, bottom=0.12, top=0.8, wspace=0.26
        )
        _draw_plane(figure.add_subplot(grid[0]), result, theme)
        _draw_frontier(figure.add_subplot(grid[1]), result, theme)
        figure.text(0.08, 0.945, _title(result), fontsize=13, fontweight="bold")
        figure.text(0.08, 0.895, _subtitle(result), fontsize=9)
        return save_svg(figure, dots_per_inch=200, shorten=True)


def _draw_plane(axes: Any, result: AvoidanceResult, theme: str) -> None:
    """Draw where the other object passes, seen from the one that moves, before and after."""
    from matplotlib.patches import Circle

    view = result.view
    points = [view.before_m] if view.after_m is None else [view.before_m, view.after_m]
    extent = max(float(np.abs(np.stack(points)).max()), 3.0 * float(np.sqrt(view.covariance_m2.max())))
    scale, unit = (1e3, "km") if extent > _FAR_KM else (1.0, "m")
    _ellipses(axes, view.before_m, view.covariance_m2, scale, RED)
    if view.after_m is not None and view.covariance_after_m2 is not None:
        _ellipses(axes, view.after_m, view.covariance_after_m2, scale, TEAL)
        axes.annotate(
            "", view.after_m / scale, view.before_m / scale,
            arrowprops={"arrowstyle": "->", "color": INK[theme], "linewidth": 1.4},
        )  # fmt: skip
        axes.plot(*(view.after_m / scale), marker="+", color=TEAL, markersize=9, markeredgewidth=1.6)
    axes.plot(*(view.before_m / scale), marker="+", color=RED, markersize=9, markeredgewidth=1.6)
    axes.add_patch(Circle((0.0, 0.0), view.radius_m / scale, color=INK[theme]))
    axes.plot(0.0, 0.0, marker="o", markersize=6, markerfacecolor="none", color=INK[theme])
    axes.margins(0.08)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel(f"across, {unit}")
    axes.set_ylabel(f"up, {unit}")
    words = "plane of the event, 1 to 3 sigma:\nred before, green after the plan"
    axes.set_title(words, fontsize=9, loc="left")
    _clean(axes, theme)


def _ellipses(axes: Any, centre_m: Any, covariance_m2: Any, scale: float, colour: str) -> None:
    angle = np.linspace(0.0, 2.0 * np.pi, 181)
    values, vectors = np.linalg.eigh(covariance_m2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    for sigma, alpha in ((3, 0.10), (2, 0.14), (1, 0.22)):
        edge = (centre_m[:, None] + sigma * root @ np.stack([np.cos(angle), np.sin(angle)])) / scale
        axes.fill(edge[0], edge[1], color=colour, alpha=alpha, linewidth=0)
        axes.plot(edge[0], edge[1], color=colour, linewidth=0.7)


def _draw_frontier(axes: Any, result: AvoidanceResult, theme: str) -> None:
    """Draw candidates by time and size, the closed form, and the plan."""
    from matplotlib.ticker import LogLocator, NullFormatter

    table = result.candidates
    burns = _burns(result)
    hours = np.asarray(table["before_event_h"], dtype=np.float64)
    sizes = 100.0 * np.asarray(table["total_m_s"], dtype=np.float64)
    verdicts = np.asarray(table["verdict"], dtype=object)
    shown = [("other encounter", "x"), ("event", "."), ("box", "s"), ("safe", "o")]
    for verdict, marker in shown:
        rows = verdicts == verdict
        if rows.any():
            colour = _VERDICT_COLOURS.get(verdict, VIOLET)
            words = {"safe": "safe", "event": "event too likely", "box": "outside the box"}
            axes.plot(
                hours[rows], sizes[rows], linestyle="none", marker=marker, markersize=3.5, alpha=0.55,
                color=colour, label=words.get(verdict, "meets another object"), rasterized=len(hours) > 5000,
            )  # fmt: skip
    factor = burns / 1.0
    for k, style in ((1, "-"), (2, "--")):
        curve = 100.0 * np.asarray(result.frontier[f"closed_form_{k}_m_s"], dtype=np.float64)
        curve = np.where(curve > 0.0, factor * curve, np.nan)
        axes.plot(
            np.asarray(result.frontier["before_event_h"]), curve, style, color=BLUE, linewidth=1.2,
            label="closed form" + ("" if k == 1 else ", other way"),
        )  # fmt: skip
    if len(result.plan):
        total = 100.0 * float(np.sum(np.asarray(result.plan["size_m_s"], dtype=np.float64)))
        axes.plot(
            float(np.asarray(result.plan["before_event_h"])[0]), total, marker="*", markersize=15, color=RED,
            linestyle="none", markeredgecolor=INK[theme], label="plan",
        )  # fmt: skip
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.invert_xaxis()
    axes.set_xlabel("first burn, hours before the event")
    axes.set_ylabel("sum of burns, cm/s")
    axes.set_title("size against time: every point screened against the catalogue", fontsize=9, loc="left")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7.5, frameon=False, loc="best", ncols=2)
    _clean(axes, theme)


def _burns(result: AvoidanceResult) -> float:
    """Return the sum of a manoeuvre's burns in units of the first."""
    from syzygy.debris.avoidance.plans import FACTORS

    return float(np.abs(FACTORS[str(result.provenance.request["manoeuvre"])]).sum())


def _title(result: AvoidanceResult) -> str:
    if not result.needed:
        return "No burn is needed"
    if not len(result.plan):
        return "No safe plan within the options"
    total = 100.0 * float(np.sum(np.asarray(result.plan["size_m_s"], dtype=np.float64)))
    begin = str(result.plan["burn_utc"][0])[:16].replace("T", " ")
    return f"{total:.2f} cm/s from {begin} UTC on keep every encounter improbable"


def _subtitle(result: AvoidanceResult) -> str:
    before = f"probability of the event {result.probability_before:.1e}"
    if not len(result.plan):
        least = np.asarray(result.frontier["least_pc"], dtype=np.float64)
        left = (
            f"; the best plan screened leaves {least[least >= 0.0].min():.1e}" if (least >= 0.0).any() else ""
        )
        return before + (left if result.needed else "")
    worst = np.asarray(result.encounters["pc"], dtype=np.float64)
    largest = f", at most {worst.max():.1e}" if worst.size else ""
    return (
        f"{before}, after it {result.probability_after:.1e}; {len(worst):,} other encounters of the new "
        f"orbit{largest}"
    )


def _clean(axes: Any, theme: str) -> None:
    axes.patch.set_alpha(0.0)
    axes.grid(color=FAINT[theme], linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
