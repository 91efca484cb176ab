"""Small pictures of the approaches that deserve a look: each in its encounter plane."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import TEME
from syzygy.debris.event_risk import EventRisk
from syzygy.debris.probability.b_plane import PlaneView, look_along
from syzygy.debris.probability.cases import INVENTED
from syzygy.debris.probability.encounters import Encounter, make_encounter, uncertain_states
from syzygy.debris.screening import ScreeningResult
from syzygy.formats.svg_picture import FAINT, INK, picture_style, save_svg

MOST = 6
_BLUE = {"light": "#2f6fbb", "dark": "#6ea3e0"}
_RED = {"light": "#b5485d", "dark": "#ff8fa3"}
_ORANGE = "#d9822b"


def draw_encounters(result: ScreeningResult, theme: str) -> dict[str, bytes]:
    """Draw the most probable events, or the closest ones where no probability was asked for, as SVG."""
    drawn = {}
    for row in _worst(result).tolist():
        event = {col.name: col.values[row] for col in result.events.columns}
        name = f"{event['object_a']}-{event['object_b']}-{str(event['tca_utc'])[:19].replace(':', '')}"
        drawn[name] = _draw(_encounter(result, row), event, result.risk, row, theme)
    return drawn


def _worst(result: ScreeningResult) -> NDArray[np.int64]:
    miss = np.asarray(result.events["miss_distance_m"], dtype=np.float64)
    first = -result.risk.pc_2d if result.risk is not None else miss
    return np.asarray(np.lexsort((miss, first))[:MOST])


def _encounter(result: ScreeningResult, row: int) -> Encounter:
    if result.risk is not None:
        return result.risk.encounter.select(np.array([row]))
    found = result.findings.encounters
    position, velocity = found.position_a_m[[row]], found.velocity_a_m_s[[row]]
    one = uncertain_states(position, velocity, None, axes="rtn")
    two = uncertain_states(
        position + found.separation_m[[row]],
        velocity + found.relative_velocity_m_s[[row]],
        None,
        axes="rtn",
    )
    tai_ns = int(result.events["tca_tai_ns"][row])
    return make_encounter(one, two, 1.0, frame=TEME, tca_tai_ns=tai_ns)


def _draw(encounter: Encounter, event: dict[str, Any], risk: EventRisk | None, row: int, theme: str) -> bytes:
    with picture_style(theme, {"font.size": 9, "axes.edgecolor": FAINT.get(theme)}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(4.4, 4.2))
        figure.patch.set_alpha(0.0)
        axes = figure.add_axes((0.17, 0.12, 0.79, 0.68))
        _draw_plane(axes, look_along(encounter), risk is not None, theme)
        label = f"{event['name_a'] or event['object_a']} and {event['name_b'] or event['object_b']}"
        figure.text(0.03, 0.945, label[:44], fontsize=10, fontweight="bold")
        miss, speed = float(event["miss_distance_m"]), float(event["relative_speed_m_s"])
        figure.text(
            0.03,
            0.895,
            f"{str(event['tca_utc'])[:19]} UTC, {miss:,.0f} m at {speed / 1e3:.2f} km/s",
            fontsize=8.5,
        )
        if risk is not None:
            words = f"probability {risk.pc_2d[row]:.1e}"
            invented = any(source.startswith(INVENTED) for source in risk.sources[row])
            figure.text(
                0.03, 0.845, words + (f" ({INVENTED})" if invented else ""), fontsize=8.5, color=_ORANGE
            )
        return save_svg(figure, shorten=True)


def _draw_plane(axes: Any, view: PlaneView, with_covariance: bool, theme: str) -> None:
    """Draw the primary in the middle and the other object, with the covariance of their difference."""
    from matplotlib.patches import Circle

    miss = view.miss_m / 1e3
    if with_covariance:
        angle = np.linspace(0.0, 2.0 * np.pi, 121)
        values, vectors = np.linalg.eigh(view.summed_m2)
        root = vectors * np.sqrt(np.maximum(values, 0.0)) / 1e3
        for sigma, alpha in ((3, 0.10), (2, 0.16), (1, 0.26)):
            edge = miss[:, None] + sigma * root @ np.stack([np.cos(angle), np.sin(angle)])
            axes.fill(edge[0], edge[1], color=_BLUE[theme], alpha=alpha, linewidth=0)
    axes.plot([0.0, miss[0]], [0.0, miss[1]], color=INK[theme], linewidth=0.8, linestyle="--")
    axes.plot(*miss, marker="+", color=_BLUE[theme], markersize=9, markeredgewidth=1.6)
    axes.plot(0.0, 0.0, marker="o", markersize=5, markerfacecolor="none", color=_RED[theme])
    if with_covariance:
        axes.add_patch(Circle((0.0, 0.0), view.radius_m / 1e3, color=_RED[theme], linewidth=1.0))
    axes.set_aspect("equal", adjustable="datalim")
    axes.margins(0.12)
    axes.set_xlabel("across, km")
    axes.set_ylabel("up, km")
    axes.grid(color=FAINT[theme], linewidth=0.5, alpha=0.6)
    axes.set_axisbelow(True)
    axes.patch.set_alpha(0.0)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
