"""One picture of a probability study: the plane of the worst event, and its ladder or all events."""

from __future__ import annotations

from typing import Any

import numpy as np

from syzygy.debris.probability.assessing import AssessedCase
from syzygy.debris.probability.cases import INVENTED
from syzygy.debris.probability.study import ProbabilityResult
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

BLUE, ORANGE, TEAL, RED, VIOLET = "#2f6fbb", "#d9822b", "#2a9d8f", "#b5485d", "#7a5195"
_SHOWN = 12
_FLOOR = 1e-12
_STRETCHED = 6.0


def draw_probability(result: ProbabilityResult, theme: str) -> bytes:
    """Draw the study as SVG, `theme` ``light`` or ``dark``; the same bytes for the same result."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        grid = figure.add_gridspec(
            1, 2, width_ratios=(1, 1.15), left=0.085, right=0.975, bottom=0.12, top=0.84, wspace=0.42
        )
        worst = result.events[0]
        draw_plane(figure.add_subplot(grid[0]), worst, theme)
        axes = figure.add_subplot(grid[1])
        if len(result.events) == 1:
            _draw_ladder(axes, result, theme)
        else:
            _draw_events(axes, result, theme)
        _titles(figure, result)
        return save_svg(figure, dots_per_inch=200)


def draw_plane(axes: Any, event: AssessedCase, theme: str) -> None:
    """Draw the encounter plane: primary in the middle, covariance about the miss, hard body to scale."""
    from matplotlib.patches import Circle

    view = event.view
    scale, unit = (1e3, "km") if _extent(event) > 2e3 else (1.0, "m")
    miss = view.miss_m / scale
    if event.plane is not None:
        angle = np.linspace(0.0, 2.0 * np.pi, 181)
        values, vectors = np.linalg.eigh(view.summed_m2)
        root = vectors * np.sqrt(np.maximum(values, 0.0))
        for sigma, alpha in ((3, 0.10), (2, 0.16), (1, 0.26)):
            edge = miss[:, None] + sigma / scale * root @ np.stack([np.cos(angle), np.sin(angle)])
            axes.fill(edge[0], edge[1], color=BLUE, alpha=alpha, linewidth=0)
            axes.plot(edge[0], edge[1], color=BLUE, linewidth=0.8)
    axes.plot([0.0, miss[0]], [0.0, miss[1]], color=INK[theme], linewidth=0.8, linestyle="--")
    axes.plot(*miss, marker="+", color=BLUE, markersize=9, markeredgewidth=1.6)
    axes.add_patch(Circle((0.0, 0.0), view.radius_m / scale, color=RED, linewidth=1.4, fill=True, alpha=0.75))
    axes.plot(0.0, 0.0, marker="o", markersize=5, markerfacecolor="none", color=RED, markeredgewidth=1.2)
    stretched = _is_thin(event)
    if not stretched:
        axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.06)
    axes.set_xlabel(f"across, {unit}")
    axes.set_ylabel(f"up, {unit}" + (" (stretched)" if stretched else ""))
    axes.grid(color=FAINT[theme], linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    length = float(np.hypot(*view.miss_m))
    text = f"miss {length:,.0f} m, hard body {view.radius_m:.3g} m (red)"
    words = "1, 2, 3 sigma" if event.plane is not None else "a covariance is missing"
    axes.set_title(f"{text}; {words}", fontsize=9, loc="left")
    _clean(axes)


def _is_thin(event: AssessedCase) -> bool:
    """Return whether the ellipse would be a line if both axes had one scale."""
    sides = np.abs(event.view.miss_m) + 3.0 * np.sqrt(np.maximum(np.diag(event.view.summed_m2), 0.0))
    return bool(sides.max() > _STRETCHED * max(sides.min(), event.view.radius_m))


def _extent(event: AssessedCase) -> float:
    spread = 3.0 * float(np.sqrt(max(np.linalg.eigvalsh(event.view.summed_m2)[-1], 0.0)))
    return max(spread, float(np.hypot(*event.view.miss_m)))


def _draw_ladder(axes: Any, result: ProbabilityResult, theme: str) -> None:
    event = result.events[0]
    found = event.assessment
    sampled = found.monte_carlo
    rungs = [
        ("2-D", found.pc_2d, None),
        ("Nc 2-D", found.nc_2d, None),
        ("Nc 3-D", found.nc_3d, None),
        (
            "Monte Carlo",
            sampled.probability if sampled else np.nan,
            (sampled.low, sampled.high) if sampled else None,
        ),
        ("recommended", found.pc, (found.low, found.high)),
        ("largest (scaling)", _largest(event), None),
    ]
    shown = [(name, value, band) for name, value, band in rungs if np.isfinite(value)]
    for place, (name, value, band) in enumerate(reversed(shown)):
        best = name == "recommended"
        colour = RED if best else VIOLET if name.startswith("largest") else BLUE
        _bar(axes, place, value, band, colour, 9 if best else 7)
        axes.annotate(
            f"{value:.3g}", (max(value, _FLOOR), place), xytext=(0, 8), textcoords="offset points",
            ha="center", fontsize=8, color=colour,
        )  # fmt: skip
    axes.set_yticks(range(len(shown)), [name for name, _, _ in reversed(shown)])
    axes.set_ylim(-0.6, len(shown) - 0.3)
    _finish_ladder(axes, result, theme)


def _draw_events(axes: Any, result: ProbabilityResult, theme: str) -> None:
    shown = result.events[:_SHOWN]
    for place, event in enumerate(reversed(shown)):
        found = event.assessment
        colour = {"act": RED, "undecided": ORANGE, "watch": BLUE}.get(event.advice, TEAL)
        if np.isfinite(found.pc):
            _bar(axes, place, found.pc, (found.low, found.high), colour, 8)
        if np.isfinite(found.pc_2d):
            axes.plot(max(found.pc_2d, _FLOOR), place, marker="|", markersize=9, color=INK[theme])
        if event.plane is not None:
            axes.plot(max(_largest(event), _FLOOR), place, marker=">", markersize=4, color=VIOLET)
    axes.set_yticks(range(len(shown)), [_label(event) for event in reversed(shown)], fontsize=7.5)
    axes.set_ylim(-0.7, len(shown) - 0.3)
    _finish_ladder(axes, result, theme)


def _label(event: AssessedCase) -> str:
    names = [name or number for name, number in zip(event.case.names, event.case.objects, strict=True)]
    return "\n".join(name[:18] for name in names)


def _largest(event: AssessedCase) -> float:
    return float(event.plane.dilution.maximum_probability[0]) if event.plane is not None else np.nan


def _bar(
    axes: Any, place: float, value: float, band: tuple[float, float] | None, colour: str, size: float
) -> None:
    if band:
        low, high = (max(edge, _FLOOR) for edge in band)
        axes.plot([low, high], [place, place], color=colour, linewidth=3, alpha=0.5, solid_capstyle="butt")
    axes.plot(max(value, _FLOOR), place, marker="o", markersize=size, color=colour, markeredgewidth=0)


def _finish_ladder(axes: Any, result: ProbabilityResult, theme: str) -> None:
    for value, word in ((result.thresholds.act, "act"), (result.thresholds.watch, "watch")):
        axes.axvline(value, color=ORANGE, linewidth=1.0, linestyle=":")
        axes.annotate(
            word, (value, 1.0), xycoords=("data", "axes fraction"), xytext=(3, -9),
            textcoords="offset points", fontsize=8, color=ORANGE,
        )  # fmt: skip
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xlim(max(min(low, result.thresholds.watch / 3.0), _FLOOR / 3.0), min(max(high, 1e-2), 2.0))
    axes.set_xlabel("probability of collision")
    axes.grid(color=FAINT[theme], linewidth=0.5, alpha=0.6, axis="x")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    _clean(axes)


def _titles(figure: Any, result: ProbabilityResult) -> None:
    worst = result.events[0]
    names = " and ".join(
        name or number for name, number in zip(worst.case.names, worst.case.objects, strict=True)
    )
    value = worst.assessment.pc
    text = f"{value:.2g}" if np.isfinite(value) else "no probability"
    figure.text(0.02, 0.955, f"{names}: {text} by {worst.assessment.method}", fontsize=13, fontweight="bold")
    more = len(result.events) - _SHOWN
    legend = (
        "dot and bar: recommended, bar |: 2-D, triangle: largest over scalings"
        + (f"; {more} more events in the table" if more > 0 else "")
        if len(result.events) > 1
        else f"{worst.assessment.verdict}; advice: {worst.advice}"
    )
    figure.text(0.98, 0.905, legend, fontsize=8, ha="right")
    if result.invented:
        figure.text(
            0.02, 0.91, f"{INVENTED} in {result.invented} of {len(result.events)}: ranks, does not decide",
            fontsize=10, color=RED, fontweight="bold",
        )  # fmt: skip


def _clean(axes: Any) -> None:
    axes.patch.set_alpha(0.0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
