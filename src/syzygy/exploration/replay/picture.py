"""One picture of a replay: residuals over time, and what they would be without each force."""

from __future__ import annotations

from typing import Any

import numpy as np

from syzygy.astro.time import tai_minus_utc_s
from syzygy.exploration.replay.study import ReplayResult
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

_COLOURS = ("#2f6fbb", "#d9822b", "#2a9d8f")
_NAMES = ("radial", "in-track", "cross-track")
_EVENT = "#b5485d"
_MOST_FORCES = 9
_DAY_NS = 86_400e9


def draw_replay(result: ReplayResult, theme: str) -> bytes:
    """Draw residuals and force budget as SVG, `theme` ``light`` or ``dark``."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        left, right = figure.subplots(1, 2, width_ratios=(1.55, 1.0))
        figure.subplots_adjust(left=0.08, right=0.98, bottom=0.12, top=0.8, wspace=0.62)
        _draw_residuals(left, result, theme)
        _draw_forces(right, result, theme)
        _write_title(figure, result, theme)
        return save_svg(figure)


def _draw_residuals(axes: Any, result: ReplayResult, theme: str) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    largest = max((float(np.abs(a.fit.residual_rtn_m).max()) for a in result.arcs), default=1.0)
    unit, name = next(
        ((u, n) for u, n in ((1e-3, "mm"), (1e-2, "cm"), (1.0, "m")) if largest < 300 * u), (1e3, "km")
    )
    for number, arc in enumerate(result.arcs):
        days = _days(result, arc.reading.states.tai_ns)
        for k in range(3):
            axes.plot(
                days,
                arc.fit.residual_rtn_m[:, k] / unit,
                color=_COLOURS[k],
                linewidth=1.3,
                label=_NAMES[k] if number == 0 else None,
            )
        axes.axvspan(days[0], days[arc.fit.fitted_rows - 1], color=FAINT[theme], alpha=0.35, linewidth=0)
    for burn in result.burns:
        axes.axvline(_days(result, np.array([burn.tai_ns]))[0], color=_EVENT, linewidth=1.2, linestyle="--")
    axes.axhline(0.0, color=FAINT[theme], linewidth=0.8)
    locator = AutoDateLocator(maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_title("grey: rows that the fit saw", fontsize=9, loc="left")
    axes.set_xlabel("UTC")
    axes.set_ylabel(f"ephemeris less flight ({name})")
    axes.legend(frameon=False, fontsize=9, loc="best")
    _clear(axes, theme)


def _draw_forces(axes: Any, result: ReplayResult, theme: str) -> None:
    if not result.arcs:
        return
    longest = max(result.arcs, key=lambda arc: len(arc.arc))
    shares = [s for s in longest.forces if np.isfinite(s.rms_without_m)][:_MOST_FORCES][::-1]
    places = np.arange(len(shares) + 1)
    values = [longest.fit.rms_m, *(share.rms_without_m for share in shares)]
    names = ["all forces", *(f"no {share.force.removeprefix('attraction of ')}" for share in shares)]
    axes.barh(places, values, color=[_COLOURS[2], *[_COLOURS[0]] * len(shares)], height=0.62)
    axes.set_xscale("log")
    axes.set_yticks(places, names, fontsize=8.5)
    axes.set_xlabel("RMS of the arc (m)")
    _clear(axes, theme)


def _clear(axes: Any, theme: str) -> None:
    axes.patch.set_alpha(0.0)
    axes.tick_params(color=FAINT[theme])
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _days(result: ReplayResult, tai_ns: np.ndarray) -> np.ndarray:
    offset = int(tai_minus_utc_s(np.int64(tai_ns[0]), result.leap_seconds))
    return np.asarray((tai_ns - offset * 1_000_000_000) / _DAY_NS)


def _write_title(figure: Any, result: ReplayResult, theme: str) -> None:
    name = result.blocks[0].object_name or result.request.ephemeris.name
    figures = {figure.label: figure for figure in result.key_figures()}
    rms = figures["RMS of all arcs"].value
    arcs, events = len(result.arcs), len(result.burns)
    counts = f"{arcs} arc{'s' * (arcs != 1)}, {events} event{'s' * (events != 1)}"
    title = f"{name}: {counts}, RMS {rms} m"
    figure.text(0.08, 0.945, title, fontsize=13, fontweight="bold", color=INK[theme], va="center")
    verdict = figures["axes and time"].value
    figure.text(0.08, 0.885, f"numbers are in {verdict}", fontsize=9.5, color=INK[theme], va="center")
