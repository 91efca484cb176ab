"""The picture of an exposure study: fluence and sun hours by face, the days, the eclipses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from syzygy.formats.svg_picture import INK, picture_style, save_svg

if TYPE_CHECKING:
    from syzygy.materials.results import ExposureResult

BLUE, ORANGE, TEAL, RED, VIOLET = "#2f6fbb", "#d9822b", "#2a9d8f", "#b5485d", "#7a5195"
_PER_CM2 = 1e-4
_DECADES_SHOWN = 5.0
"""Fluences further below the largest are drawn as an arrow with their value."""


def draw_exposure(result: ExposureResult, theme: str) -> bytes:
    """Draw the exposure as SVG.

    Parameters
    ----------
    result : ExposureResult
        What to show.
    theme : str
        ``light`` or ``dark``: the colour of the ink; the background is transparent.
    """
    style = {
        "font.size": 9.5,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10.5,
        "axes.titlelocation": "left",
    }
    with picture_style(theme, style):
        from matplotlib.figure import Figure

        ink = INK[theme]
        figure = Figure(figsize=(10.0, 5.4), layout="constrained")
        grid = figure.add_gridspec(2, 2, width_ratios=(1.0, 1.15))
        _draw_fluence(figure.add_subplot(grid[0, 0]), result, ink)
        _draw_sun_hours(figure.add_subplot(grid[1, 0]), result)
        _draw_days(figure.add_subplot(grid[0, 1]), result)
        _draw_eclipses(figure.add_subplot(grid[1, 1]), result)
        return save_svg(figure)


def _draw_fluence(axes: Any, result: ExposureResult, ink: str) -> None:
    exposure = result.scaling.exposure_quantiles * _PER_CM2
    campaign = result.scaling.campaign_quantiles * _PER_CM2
    top = float(campaign.max())
    floor = 10.0 ** (np.floor(np.log10(exposure[:, 1].max())) - _DECADES_SHOWN + 2.0)
    rows = np.arange(len(result.face_names))
    for values, colour, shift, label in (
        (exposure, BLUE, -0.16, f"{result.duration_s / 86400.0:g} days"),
        (campaign, ORANGE, 0.16, f"{result.campaign_s / 86400.0:g} days"),
    ):
        seen = values[:, 1] >= floor
        axes.hlines(
            rows[seen] + shift, values[seen, 0], values[seen, 2], color=colour, linewidth=3.5, alpha=0.45
        )
        axes.plot(values[seen, 1], rows[seen] + shift, "o", color=colour, markersize=5, label=label)
        for row in rows[~seen]:
            axes.text(
                floor * (1.2 if shift < 0 else 25.0),
                row,
                f"◂ {values[row, 1]:.0e}",
                color=colour,
                va="center",
                ha="left",
            )
    axes.set_xscale("log")
    axes.set_xlim(floor, top * 2.0)
    axes.set_yticks(rows, result.face_names)
    axes.invert_yaxis()
    axes.grid(axis="x", color=ink, alpha=0.15)
    axes.set_xlabel("atomic oxygen, atoms/cm² (dot: median, bar: 5 to 95 %)")
    axes.set_title("Oxygen by face")
    axes.legend(frameon=False, loc="lower left", fontsize=8.5)


def _draw_sun_hours(axes: Any, result: ExposureResult) -> None:
    rows = np.arange(len(result.face_names))
    hours = result.faces.sun_hours
    axes.barh(rows, hours, color=TEAL, height=0.6)
    for row, value in zip(rows, hours, strict=True):
        axes.text(value + 0.01 * hours.max(), row, f"{value:.0f}", va="center", fontsize=8.5)
    axes.set_xlim(0.0, 1.12 * float(hours.max()) or 1.0)
    axes.set_yticks(rows, result.face_names)
    axes.invert_yaxis()
    axes.set_xlabel(f"equivalent sun hours in {result.duration_s / 86400.0:g} days, h")
    axes.set_title("Sunlight by face")


def _draw_days(axes: Any, result: ExposureResult) -> None:
    days = result.days
    date = days.utc_day.astype("datetime64[D]")
    worst = int(np.argmax(result.faces.oxygen_per_m2))
    flux = days.oxygen_per_m2[:, worst] / days.seconds * _PER_CM2
    power = int(np.floor(np.log10(float(flux.max()))))
    axes.plot(date, flux / 10.0**power, color=BLUE, linewidth=2.0)
    axes.set_ylim(0.0, 1.15 * float(flux.max()) / 10.0**power)
    unit = f"$10^{{{power}}}$ atoms/(cm² s)"
    axes.set_ylabel(f"{result.face_names[worst]} flux, {unit}", color=BLUE)
    axes.tick_params(axis="x", labelbottom=False)
    other = axes.twinx()
    other.spines["right"].set_visible(True)
    other.plot(date, days.f107_sfu, color=RED, linewidth=1.3, drawstyle="steps-mid")
    other.set_ylim(0.0, 1.15 * float(days.f107_sfu.max()))
    other.set_ylabel("F10.7 of the day before, sfu", color=RED)
    axes.set_title("Oxygen follows the Sun's activity")


def _draw_eclipses(axes: Any, result: ExposureResult) -> None:
    days = result.days
    date = days.utc_day.astype("datetime64[D]")
    whole = ~result.eclipses.cut
    first, last = result.eclipses.penumbra_start_tai_ns[whole], result.eclipses.penumbra_end_tai_ns[whole]
    # TAI for UTC: 37 s do not show on an axis of days.
    when = (first + (last - first) // 2).astype("datetime64[ns]")
    axes.plot(when, result.eclipses.shadow_s[whole] / 60.0, ".", color=VIOLET, markersize=3)
    axes.set_ylim(0.0, 42.0)
    axes.set_xlim(date[0], date[-1] + np.timedelta64(1, "D"))
    axes.set_ylabel("length of each eclipse, min", color=VIOLET)
    other = axes.twinx()
    other.spines["right"].set_visible(True)
    other.plot(date, np.rad2deg(days.beta_rad), color=ORANGE, linewidth=1.5)
    other.set_ylim(-90.0, 90.0)
    other.set_yticks([-90, -45, 0, 45, 90])
    other.set_ylabel("Sun above orbital plane (beta), deg", color=ORANGE)
    ticks = date[:: max(len(date) // 5, 1)]
    axes.set_xticks(ticks, [str(day)[5:] for day in ticks])
    axes.set_xlabel(f"UTC day of {str(date[0])[:4]}")
    axes.set_title(f"{len(result.eclipses)} eclipses in {result.orbits:.0f} orbits")
