"""One picture of a comparison: how many approaches fall into each class, and in which list they stand."""

from __future__ import annotations

from typing import Any

from syzygy.debris.comparison.causes import SAME, UNEXPLAINED
from syzygy.debris.comparison.comparing import ComparisonResult
from syzygy.formats.svg_picture import FAINT, picture_style, save_svg

_PARTS = (
    ("in_both", "in both", "#2a9d8f"),
    ("only_in_a", "only in A", "#2f6fbb"),
    ("only_in_b", "only in B", "#d9822b"),
)


def draw_comparison(result: ComparisonResult, theme: str) -> bytes:
    """Draw the budget as SVG, `theme` ``light`` or ``dark``; the same bytes for the same result."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        axes = figure.add_axes((0.14, 0.12, 0.82, 0.7))
        rows = [row for row in result.budget.rows() if row["class"] != "sum"]
        _draw_bars(axes, rows)
        axes.set_xlabel("approaches")
        axes.grid(axis="x", color=FAINT[theme], linewidth=0.5, alpha=0.6)
        axes.set_axisbelow(True)
        axes.patch.set_alpha(0.0)
        for side in ("top", "right", "left"):
            axes.spines[side].set_visible(False)
        axes.tick_params(left=False)
        axes.set_title(_headline(result), loc="left", fontsize=13, fontweight="bold", pad=24)
        axes.text(0.0, 1.03, _second_line(result), transform=axes.transAxes, fontsize=9)
        return save_svg(figure)


def _draw_bars(axes: Any, rows: list[dict[str, object]]) -> None:
    names = [str(row["class"]) for row in rows]
    places = list(range(len(rows)))
    left = [0] * len(rows)
    for key, label, colour in _PARTS:
        counts = [int(str(row[key])) for row in rows]
        axes.barh(places, counts, left=left, height=0.62, color=colour, label=label, linewidth=0)
        left = [old + count for old, count in zip(left, counts, strict=True)]
    widest = max(left, default=0)
    for place, total in zip(places, left, strict=True):
        axes.text(total + 0.01 * max(widest, 1), place, f"{total:,}", va="center", fontsize=9)
    axes.set_yticks(places, names)
    axes.set_ylim(max(len(rows), 4) - 0.4, -0.6)
    axes.set_xlim(0, max(widest, 1) * 1.1)
    if rows:
        axes.legend(loc="lower right", frameon=False, fontsize=9)


def _headline(result: ComparisonResult) -> str:
    same = result.counts().get(SAME, 0)
    return f"{result.count_a:,} approaches in A, {result.count_b:,} in B: {same:,} are the same"


def _second_line(result: ComparisonResult) -> str:
    counts = {name: n for name, n in result.counts().items() if name not in (SAME, UNEXPLAINED) and n}
    opened = result.counts().get(UNEXPLAINED, 0)
    if not counts:
        return "no difference was put down to a cause" if opened else "the lists do not differ"
    largest = max(counts, key=lambda name: (counts[name], name))
    rest = f"; {opened:,} stay without an explanation" if opened else "; every difference has its cause"
    return f"most differences: {largest} ({counts[largest]:,}){rest}"
