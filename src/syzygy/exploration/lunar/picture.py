"""One picture of lunar transfers: cost over the days, and the chosen flight in turning and in fixed axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from syzygy.exploration.lunar.path import Path, fly_path
from syzygy.exploration.lunar.requests import MOON_RADIUS_M
from syzygy.exploration.lunar.rows import TARGETED
from syzygy.exploration.lunar.study import LunarTransferResult
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

_COLOURS = {"ascending": "#2f6fbb", "descending": "#d9822b"}
_PATH, _MOON = "#2a9d8f", "#7a5195"
_DAY_NS = 86_400e9


def draw_transfers(result: LunarTransferResult, theme: str) -> bytes:
    """Draw cost by day and the best approach as SVG, `theme` ``light`` or ``dark``."""
    with picture_style(theme, {"font.size": 10, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5))
        figure.patch.set_alpha(0.0)
        grid = figure.add_gridspec(
            2, 2, width_ratios=(1.5, 1.0), left=0.08, right=0.98, bottom=0.12, top=0.77, wspace=0.24,
            hspace=0.5,
        )  # fmt: skip
        _draw_costs(figure.add_subplot(grid[:, 0]), result, theme)
        best = result.best()
        if best is not None and best[1].flight is not None:
            path = fly_path(best[1].flight.trajectory, result.almanac)
            draw_rotating(figure.add_subplot(grid[0, 1]), path, theme)
            draw_approach(figure.add_subplot(grid[1, 1]), path, theme)
        _write_title(figure, result, theme)
        return save_svg(figure)


def _draw_costs(axes: Any, result: LunarTransferResult, theme: str) -> None:
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    markers = "osD^v<>ph*"
    times = result.request.flight_times_s()
    for plane, colour in _COLOURS.items():
        for number, flight_s in enumerate(times):
            days, costs = [], []
            for day in result.request.days():
                found = [
                    row.total_m_s / 1e3
                    for row in result.rows
                    if row.day_tai_ns == day and row.plane == plane and row.flight_s == flight_s
                    and row.verdict == TARGETED
                ]  # fmt: skip
                days.append(int(day) / _DAY_NS)
                costs.append(min(found) if found else np.nan)
            axes.plot(
                days, costs, color=colour, linewidth=1.1, marker=markers[number % len(markers)], markersize=4,
                label=f"{plane}, {flight_s / 86_400:.2g} d",
            )  # fmt: skip
    if result.request.days().size == 1:
        axes.set_xlim(days[0] - 1.0, days[0] + 1.0)
    locator = AutoDateLocator(maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    axes.set_xlabel("day of launch (UTC)")
    axes.set_ylabel("injection and insertion (km/s)")
    axes.legend(
        frameon=False, fontsize=8, ncols=max(2, len(times)), loc="lower left", bbox_to_anchor=(0.0, 0.985)
    )
    clear(axes, theme)


def draw_rotating(axes: Any, path: Path, theme: str) -> None:
    """Draw a flight in axes that turn with the Moon."""
    axes.plot(path.rotating_m[:, 0] / 1e6, path.rotating_m[:, 1] / 1e6, color=_PATH, linewidth=1.3)
    distance = float(np.linalg.norm(path.moon_m, axis=1).mean()) / 1e6
    axes.plot([0.0], [0.0], "o", color="#2f6fbb", markersize=6)
    axes.plot([distance], [0.0], "o", color=_MOON, markersize=4)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_title("turning with the Moon (1000 km)", fontsize=9, loc="left")
    clear(axes, theme)


def draw_approach(axes: Any, path: Path, theme: str, radii: float = 7.0) -> None:
    """Draw the passage of the Moon in fixed axes, in the plane of the flight."""
    distance = np.linalg.norm(path.relative_m, axis=1)
    nearest = int(np.argmin(distance))
    toward = path.relative_m[nearest] / distance[nearest]
    ahead = path.relative_m_s[nearest] / np.linalg.norm(path.relative_m_s[nearest])
    near = distance < radii * MOON_RADIUS_M
    x, y = path.relative_m[near] @ toward / 1e6, path.relative_m[near] @ ahead / 1e6
    axes.plot(x, y, color=_PATH, linewidth=1.3)
    turn = np.linspace(0.0, 2.0 * np.pi, 121)
    axes.fill(MOON_RADIUS_M / 1e6 * np.cos(turn), MOON_RADIUS_M / 1e6 * np.sin(turn), color=_MOON, alpha=0.8)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_title("at the Moon, fixed axes (1000 km)", fontsize=9, loc="left")
    clear(axes, theme)


def clear(axes: Any, theme: str) -> None:
    """Take away the frame above and at the right."""
    axes.patch.set_alpha(0.0)
    axes.tick_params(color=FAINT[theme], labelsize=8.5)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _write_title(figure: Any, result: LunarTransferResult, theme: str) -> None:
    best = result.best()
    count = sum(row.verdict == TARGETED for row in result.rows)
    title = f"{count} transfer{'s' * (count != 1)} to the Moon, targeted in the full ephemeris"
    figure.text(0.08, 0.945, title, fontsize=13, fontweight="bold", color=INK[theme], va="center")
    if best is None:
        return
    row = best[1]
    words = (
        f"best: lift-off {result.utc(row.launch_tai_ns, 0)[:16]}, injection {row.injection_m_s:.0f} m/s, "
        f"{row.flight_s / 86_400:.2f} d, insertion {row.insertion_m_s:.0f} m/s"
    )
    figure.text(0.08, 0.885, words, fontsize=9.5, color=INK[theme], va="center")
