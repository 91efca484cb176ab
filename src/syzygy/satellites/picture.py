"""The picture of an availability result: maps of the share of time or the median PDOP, and the sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from syzygy.formats.coastline import read_coastline
from syzygy.formats.svg_picture import INK, picture_style, save_svg
from syzygy.satellites.availability_result import AvailabilityResult, percent_text
from syzygy.satellites.availability_tables import NO_SOLUTION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SYSTEM_COLOURS = {"C": "#d9822b", "R": "#2f6fbb", "G": "#b5485d", "E": "#7a5195", "J": "#8a8f98"}
_TOGETHER_COLOUR = "#2a9d8f"
_MAP_STEP_DEG = 1.5
_PDOP_STEPS = (0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.25, 2.5, 3.0)
_SHARE_STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0)
_SHARE_TELLS = 0.95
_COAST_STEP_DEG, _SHORTEST_COAST_DEG = 1.5, 6.0
_MOST_PANELS = 4
_SHOWN_PDOP = 8.0


def draw_availability(result: AvailabilityResult, theme: str = "light") -> bytes:
    """Draw a map of each combination, and the PDOP at the sites against time.

    The maps show the share of time with a PDOP within the limit; where that is nearly everything for every
    combination, they show the median PDOP, which still tells the difference.

    Parameters
    ----------
    result : AvailabilityResult
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
        _compose(figure, result, INK[theme])
        return save_svg(figure, shorten=True)


def _compose(figure: Figure, result: AvailabilityResult, ink: str) -> None:
    order = list(range(len(result.combinations)))[-_MOST_PANELS:]
    has_sites = result.site_survey is not None
    grid = figure.add_gridspec(
        2 if has_sites else 1, len(order), height_ratios=[1.35, 1.0] if has_sites else [1.0]
    )
    maps = [figure.add_subplot(grid[0, place]) for place in range(len(order))]
    for axes, index in zip(maps, order, strict=True):
        mappable = _draw_map(axes, result, index, ink)
        axes.set_yticks([-60, 0, 60] if axes is maps[0] else [])
    maps[0].set_ylabel("latitude (deg)")
    bar = figure.colorbar(mappable, ax=maps, orientation="vertical", pad=0.01, aspect=18)
    if _shows_share(result):
        bar.set_label(f"share of time with PDOP ≤ {result.request.pdop_limit:g}")
        bar.set_ticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], labels=["0 %", "20 %", "40 %", "60 %", "80 %", "100 %"])
    else:
        bar.set_label("median PDOP (lower is better)")
        bar.set_ticks([1.0, 1.4, 1.8, 2.25, 3.0], labels=["1", "1.4", "1.8", "2.25", "3"])
    if has_sites:
        _draw_series(figure, grid, result, ink)


def _shows_share(result: AvailabilityResult) -> bool:
    return bool(np.any(result.map_statistics.share.mean(axis=0) < _SHARE_TELLS))


def _draw_map(axes: Axes, result: AvailabilityResult, index: int, ink: str) -> Any:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import BoundaryNorm

    combination = result.combinations[index]
    if _shows_share(result):
        values = result.map_statistics.share[:, index]
        colours, steps = "viridis", BoundaryNorm(_SHARE_STEPS, 256)
    else:
        values = np.minimum(result.map_statistics.median_pdop[:, index], NO_SOLUTION)
        colours, steps = "viridis_r", BoundaryNorm(_PDOP_STEPS, 256, extend="max")
    mappable = axes.imshow(
        _raster(result, values),
        extent=(-180.0, 180.0, -90.0, 90.0),
        origin="lower",
        interpolation="nearest",
        aspect="auto",
        cmap=colours,
        norm=steps,
    )
    axes.add_collection(LineCollection(_coast(), colors="#0b0f14", linewidths=0.35, alpha=0.8))
    if result.sites is not None:
        longitude = np.degrees(
            np.arctan2(np.sin(result.sites.longitude_rad), np.cos(result.sites.longitude_rad))
        )
        latitude = np.degrees(result.sites.latitude_rad)
        axes.plot(longitude, latitude, "o", markersize=3.4, color="#ffffff", markeredgecolor="#b5122b")
    share = percent_text(float(result.map_statistics.share[:, index].mean()))
    limit = f"PDOP ≤ {result.request.pdop_limit:g}"
    title = f"{result.describe(combination)}\n{limit}: {share} % of area and time"
    axes.set_title(title, fontsize=9.5, color=ink)
    axes.set_xlim(-180.0, 180.0)
    axes.set_ylim(-90.0, 90.0)
    axes.set_xticks([-120, 0, 120])
    axes.set_xlabel("longitude (deg)", labelpad=1.0)
    return mappable


def _coast() -> list[NDArray[np.float64]]:
    """Return the coastline with a point per degree or so: more cannot be seen on a map of 300 pixels."""
    thinned = []
    for ring in read_coastline():
        along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(ring, axis=0)).sum(axis=1))])
        kept = np.concatenate([[True], np.diff(np.floor(along / _COAST_STEP_DEG)) > 0])
        kept[-1] = True
        if along[-1] > _SHORTEST_COAST_DEG:
            thinned.append(ring[kept])
    return thinned


def _raster(result: AvailabilityResult, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give every cell of a latitude-longitude raster the value of the nearest grid point."""
    from scipy.spatial import cKDTree

    latitude = np.radians(np.arange(-90.0 + _MAP_STEP_DEG / 2, 90.0, _MAP_STEP_DEG))
    longitude = np.radians(np.arange(-180.0 + _MAP_STEP_DEG / 2, 180.0, _MAP_STEP_DEG))
    tree = cKDTree(_unit_vectors(result.latitude_rad, result.longitude_rad))
    _, nearest = tree.query(_unit_vectors(latitude[:, None], longitude[None, :]))
    return np.asarray(values[nearest], dtype=np.float64)


def _unit_vectors(
    latitude_rad: NDArray[np.float64], longitude_rad: NDArray[np.float64]
) -> NDArray[np.float64]:
    level = np.cos(latitude_rad)
    x, y, z = np.broadcast_arrays(
        level * np.cos(longitude_rad), level * np.sin(longitude_rad), np.sin(latitude_rad)
    )
    return np.stack([x, y, z], axis=-1)


def _draw_series(figure: Figure, grid: Any, result: AvailabilityResult, ink: str) -> None:
    """Draw one small panel per site: PDOP of every combination against time."""
    if result.sites is None or result.site_survey is None:
        return
    names = result.sites.name[:6]
    panels = grid[1, :].subgridspec(1, len(names), wspace=0.04)
    hours = (result.tai_ns - result.tai_ns[0]) * 1e-9 / 3600.0
    for place, name in enumerate(names):
        axes = figure.add_subplot(panels[0, place])
        for index, combination in enumerate(result.combinations):
            values = result.site_survey.pdop[place, :, index]
            axes.plot(
                hours,
                np.minimum(values, _SHOWN_PDOP),
                color=_SYSTEM_COLOURS.get(combination, _TOGETHER_COLOUR),
                linewidth=1.6 if "+" in combination else 0.9,
                label=result.describe(combination),
            )
        axes.axhline(result.request.pdop_limit, color=ink, linewidth=0.7, linestyle=(0, (4, 3)))
        axes.set_ylim(0.0, _SHOWN_PDOP)
        axes.set_xlim(0.0, max(float(hours[-1]), 1e-3))
        axes.set_title(name.split("-")[0], fontsize=9.0, pad=3.0)
        axes.tick_params(length=2.0, labelleft=place == 0)
        axes.spines[["top", "right"]].set_visible(False)
        if place == 0:
            axes.set_ylabel("PDOP at the site")
            handles, labels = axes.get_legend_handles_labels()
    start = result.epoch_utc[0][:19].replace("T", " ")
    mask = f"satellites above {np.degrees(result.request.mask_rad):g} deg"
    text = f"hours after {start} UTC  ·  {mask}  ·  dashed: limit of an available fix"
    figure.supxlabel(text, fontsize=9.0)
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), frameon=False, fontsize=9.0)
