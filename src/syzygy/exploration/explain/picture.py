"""One picture of an explanation: how the difference shrinks cause by cause."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np

from syzygy.astro.time import tai_minus_utc_s
from syzygy.exploration.explain.overlap import rms_m
from syzygy.exploration.explain.study import ExplainedPart, ExplainResult
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

_COLOURS = ("#2f6fbb", "#d9822b", "#2a9d8f", "#b5485d", "#7a5195")
_DAY_NS = 86_400e9
_WIDTH = 44


def draw_explanation(result: ExplainResult, theme: str) -> bytes:
    """Draw the budget of the longest span as SVG, `theme` ``light`` or ``dark``."""
    part = max(result.parts, key=lambda p: p.overlap.instants.size)
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        axes = figure.subplots()
        figure.subplots_adjust(left=0.09, right=0.62, bottom=0.12, top=0.83)
        _draw_curves(axes, result, part, theme)
        figures = {figure.label: figure.value for figure in result.key_figures()}
        title = f"{figures['difference (RMS)']} m apart, {figures['unexplained (RMS)']} m unexplained"
        figure.text(0.09, 0.93, title, fontsize=13, fontweight="bold", color=INK[theme], va="center")
        names = f"{result.request.second.name} less {result.request.first.name}"
        figure.text(0.09, 0.875, names, fontsize=9.5, color=INK[theme], va="center")
        return save_svg(figure)


def _draw_curves(axes: Any, result: ExplainResult, part: ExplainedPart, theme: str) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    instants = part.overlap.instants
    offset = int(tai_minus_utc_s(np.int64(instants[0]), result.leap_seconds))
    days = (instants - offset * 1_000_000_000) / _DAY_NS
    left = part.overlap.difference_m.copy()
    floor = max(1e-6, 0.1 * rms_m(part.unexplained_m))
    steps = [("difference", "")] + [(line.cause, line.finding) for line in part.lines]
    for number, (cause, finding) in enumerate(steps):
        if number:
            left = left - part.lines[number - 1].effect_m
        size = np.maximum(np.linalg.norm(left, axis=1), floor)
        colour = _COLOURS[number % len(_COLOURS)]
        axes.plot(days, size, color=colour, linewidth=1.5)
        words = f"after {cause}: {finding}" if number else "the difference"
        axes.annotate(
            "\n".join(textwrap.wrap(f"{words} ({rms_m(left):.3g} m RMS)", _WIDTH)),
            (1.02, 0.98 - 0.19 * number),
            xycoords="axes fraction",
            va="top",
            fontsize=9,
            color=colour,
        )
    axes.set_yscale("log")
    locator = AutoDateLocator(maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_xlabel("UTC")
    axes.set_ylabel("distance left (m)")
    axes.patch.set_alpha(0.0)
    axes.tick_params(color=FAINT[theme])
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
