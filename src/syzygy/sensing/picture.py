"""The picture of imaging opportunities: who images what first, when, and what would be done twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.formats.coastline import read_coastline
from syzygy.formats.svg_picture import INK, picture_style, save_svg
from syzygy.sensing.coverage import JOINT, CoverageCurve
from syzygy.sensing.equal_area import make_grid
from syzygy.sensing.places import AREA, Place
from syzygy.sensing.result import OpportunitiesResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

_LAND = {"light": "#e4e2da", "dark": "#3a424d"}
_PARTNER_COLOURS = ("#d9822b", "#2f6fbb", "#7a5195", "#8a8f98")
_TOGETHER, _TWICE = "#2a9d8f", "#b5485d"
_LOCATOR_DEG = 24.0
_MARGIN = 0.12


def draw_opportunities(result: OpportunitiesResult, theme: str = "light") -> bytes:
    """Draw the first place with the cells each partner images first, the opportunities and the coverage.

    Parameters
    ----------
    result : OpportunitiesResult
    theme : str
        ``light`` or ``dark``: colour of the ink; the background is transparent.

    Returns
    -------
    bytes
        SVG, the same for the same result.
    """
    with picture_style(theme, {"font.size": 9.0, "axes.linewidth": 0.6}):
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10.0, 5.0), layout="constrained")
        _compose(figure, result, INK[theme], _LAND[theme])
        return save_svg(figure, shorten=True)


def _compose(figure: Figure, result: OpportunitiesResult, ink: str, land: str) -> None:
    grid = figure.add_gridspec(2, 2, width_ratios=[1.0, 1.05], height_ratios=[0.9, 1.1])
    place = result.places[0]
    colours = {name: _PARTNER_COLOURS[i % 4] for i, name in enumerate(result.partners)}
    curves = {curve.partner: curve for curve in result.curves if curve.place == 0}
    figure.suptitle(_message(result, curves, place), fontsize=11, x=0.01, ha="left", fontweight="bold")
    chart = figure.add_subplot(grid[:, 0])
    _draw_map(chart, result, curves[JOINT], colours, ink)
    _draw_locator(chart, place, ink, land)
    times = figure.add_subplot(grid[0, 1])
    _draw_times(times, result, colours, ink)
    growth = figure.add_subplot(grid[1, 1], sharex=times)
    _draw_growth(growth, result, curves, colours)
    times.tick_params(labelbottom=False)
    growth.set_xlabel(f"hours after {result.utc(np.zeros(1), 0)[0]}")
    growth.set_xlim(0.0, result.duration_s / 3600.0)


def _message(result: OpportunitiesResult, curves: dict[str, CoverageCurve], place: Place) -> str:
    together = curves[JOINT].time_of_share_s(0.9)
    alone = [curves[name].time_of_share_s(0.9) for name in result.partners]
    if together is None or len(alone) < 2:
        share = float(curves[JOINT].share[-1]) if len(curves[JOINT].share) else 0.0
        return f"{place.name}: {100 * share:.0f} % imaged in {result.duration_s / 3600.0:g} h"
    limit = f"over {result.duration_s / 3600.0:g} h"
    words = [limit if time is None else f"{time / 3600.0:.1f} h" for time in alone]
    each = ", ".join(f"{name} {word}" for name, word in zip(result.partners, words, strict=True))
    return f"{place.name}: 90 % imaged after {together / 3600.0:.1f} h together (alone: {each})"


def _unwrapped(longitude_rad: FloatArray, middle_rad: float) -> FloatArray:
    """Return longitudes in degrees within half a turn of the middle."""
    turned = np.mod(longitude_rad - middle_rad + np.pi, 2.0 * np.pi) - np.pi + middle_rad
    degrees: FloatArray = np.degrees(turned)
    return degrees


def _middle_longitude_rad(place: Place) -> float:
    return float(np.angle(np.mean(np.exp(1j * place.longitude_rad))))


def _draw_map(
    axes: Axes, result: OpportunitiesResult, curve: CoverageCurve, colours: dict[str, str], ink: str
) -> None:
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    place = result.places[0]
    middle = _middle_longitude_rad(place)
    partner = result.partner
    owners = [partner[row] if row >= 0 else "" for row in curve.taken_by.tolist()]
    if place.kind == AREA:
        corners = _cell_corners(place, middle)
        faces = [colours.get(owner, "none") for owner in owners]
        cells = PolyCollection(list(corners), facecolors=faces, edgecolors="none", alpha=0.75)
        axes.add_collection(cells)
        for polygon in place.polygons_rad:
            for ring in polygon:
                axes.plot(_unwrapped(ring[:, 0], middle), np.degrees(ring[:, 1]), color=ink, lw=1.0)
        points = corners.reshape(-1, 2)
    else:
        rows = [row for row, item in enumerate(result.places) if item.kind != AREA]
        places = [result.places[row] for row in rows]
        points = np.array(
            [[_unwrapped(p.longitude_rad, middle)[0], np.degrees(p.latitude_rad[0])] for p in places]
        )
        axes.plot(points[:, 0], points[:, 1], "o", color=ink, ms=4)
    low, high = points.min(axis=0), points.max(axis=0)
    spread = np.maximum(high - low, 0.5)
    axes.set_xlim(low[0] - _MARGIN * spread[0], high[0] + _MARGIN * spread[0])
    axes.set_ylim(low[1] - 0.55 * spread[1], high[1] + 0.45 * spread[1])
    axes.set_aspect(1.0 / max(np.cos(np.radians((low[1] + high[1]) / 2.0)), 0.1))
    axes.set_xlabel("longitude (deg)")
    axes.set_ylabel("latitude (deg)")
    handles = [Patch(color=colours[name], alpha=0.75) for name in result.partners]
    labels = [f"{name}: {100.0 * owners.count(name) / len(owners):.0f} %" for name in result.partners]
    axes.legend(handles, labels, title="imaged first by", loc="upper left", frameon=False, fontsize=8)


def _cell_corners(place: Place, middle_rad: float) -> FloatArray:
    west, south, east, north = make_grid(float(np.sqrt(place.cell_area_m2))).bounds_rad(place.cell_id)
    centre = _unwrapped(place.longitude_rad, middle_rad)
    half = np.degrees(east - west) / 2.0
    low, high = np.degrees(south), np.degrees(north)
    x = np.stack([centre - half, centre + half, centre + half, centre - half], axis=-1)
    return np.stack([x, np.stack([low, low, high, high], axis=-1)], axis=-1)


def _draw_locator(axes: Axes, place: Place, ink: str, land: str) -> None:
    middle = _middle_longitude_rad(place)
    centre = (float(np.degrees(middle)), float(np.degrees(place.latitude_rad.mean())))
    inset = axes.inset_axes((0.015, 0.015, 0.31, 0.31))
    inset.set_facecolor("none")
    for ring in read_coastline():
        for turn in (-360.0, 0.0, 360.0):
            x = ring[:, 0] + turn
            if x.max() >= centre[0] - 2 * _LOCATOR_DEG and x.min() <= centre[0] + 2 * _LOCATOR_DEG:
                inset.fill(x, ring[:, 1], facecolor=land, edgecolor=ink, lw=0.4)
    x = _unwrapped(place.longitude_rad, middle)
    inset.plot(x, np.degrees(place.latitude_rad), ".", color=_TWICE, ms=2.0)
    inset.set_xlim(centre[0] - 1.5 * _LOCATOR_DEG, centre[0] + 1.5 * _LOCATOR_DEG)
    inset.set_ylim(max(centre[1] - _LOCATOR_DEG, -90.0), min(centre[1] + _LOCATOR_DEG, 90.0))
    inset.set_xticks([])
    inset.set_yticks([])


def _draw_times(axes: Axes, result: OpportunitiesResult, colours: dict[str, str], ink: str) -> None:
    found, partner = result.opportunities, result.partner
    here = found.place == 0
    hours = found.best_s / 3600.0
    tallest = max(float(found.share[here].max(initial=0.0)), 1e-9)
    height = 0.8 * found.share / tallest
    for lane, name in enumerate(result.partners):
        rows = here & (partner == name)
        axes.vlines(hours[rows], lane, lane + height[rows], color=colours[name], lw=1.6)
        axes.axhline(lane, color=ink, lw=0.4)
    lanes = {name: lane for lane, name in enumerate(result.partners)}
    twice = np.flatnonzero(here & (result.duplicates.group > 0))
    tops = [lanes[partner[row]] + height[row] for row in twice]
    axes.plot(hours[twice], tops, "o", color=_TWICE, ms=4.0, mfc="none", label="double work")
    axes.set_yticks([lane + 0.42 for lane in range(len(lanes))], list(lanes))
    axes.set_ylim(-0.05, len(lanes) + 0.25)
    axes.tick_params(axis="y", length=0)
    title = f"Opportunities (height: share imaged, up to {100 * tallest:.0f} %)"
    axes.set_title(title, fontsize=9, loc="left")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.97), frameon=False, fontsize=8, borderaxespad=0.0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _draw_growth(
    axes: Axes, result: OpportunitiesResult, curves: dict[str, CoverageCurve], colours: dict[str, str]
) -> None:
    end = result.duration_s / 3600.0
    names = [*result.partners, JOINT]
    for name in names:
        curve = curves[name]
        hours = np.concatenate([[0.0], curve.time_s / 3600.0, [end]])
        last = curve.share[-1:] if len(curve.share) else np.zeros(1)
        share = 100.0 * np.concatenate([[0.0], curve.share, last])
        colour = _TOGETHER if name == JOINT else colours[name]
        label = "together" if name == JOINT else f"{name} alone"
        axes.step(hours, share, where="post", color=colour, lw=2.4 if name == JOINT else 1.6, label=label)
    axes.set_ylim(0.0, 104.0)
    axes.set_ylabel("imaged so far (%)")
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
