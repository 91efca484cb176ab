"""The tables of an availability result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.base.tables import Column, Table, column, table
from syzygy.formats.rejected import RejectedRecord, rejected_table
from syzygy.satellites.constellation import orbit_classes

if TYPE_CHECKING:
    from syzygy.satellites.availability_result import AvailabilityResult, PlaceStatistics
    from syzygy.satellites.dop import GeometrySurvey
    from syzygy.satellites.sites import Sites

NO_SOLUTION = 99.99
"""Written where there is no solution, as receivers do; also the largest PDOP written."""
_PDOP_TOLERANCE = 1e-6
_NO_SOLUTION_NOTE = f"{NO_SOLUTION} stands for no solution or more"


def sites_table(result: AvailabilityResult, sites: Sites, statistics: PlaceStatistics) -> Table:
    """Return one row per site and combination."""
    count = len(sites.name)
    combinations = result.combinations
    instants = result.tai_ns.size
    visible = statistics.mean_visible @ _membership(result).T
    return table(
        "sites",
        [
            column("site", np.repeat(np.array(sites.name, dtype=object), len(combinations)), "", "name"),
            column("systems", np.array(combinations * count, dtype=object), "", "systems taken together"),
            _share("share_available", statistics.share.ravel(), result),
            _pdop("median_pdop", statistics.median_pdop.ravel(), "median over all instants"),
            column("instants", np.full(count * len(combinations), instants), "1", "instants of the window"),
            column("instants_solved", statistics.solved.ravel(), "1", "with a solution", tolerance=1.0),
            _visible("mean_visible", visible.ravel()),
        ],
        "availability of a position fix at the sites",
    )


def series_table(result: AvailabilityResult, sites: Sites, survey: GeometrySurvey) -> Table:
    """Return one row per site and instant: visible satellites by system, dilution by combination."""
    columns = [
        column("site", np.repeat(np.array(sites.name, dtype=object), result.tai_ns.size), "", "name"),
        column("time_utc", np.tile(result.epoch_utc, len(sites.name)), "", "instant, UTC"),
    ]
    for k, letter in enumerate(result.request.systems):
        visible = survey.visible[:, :, k].ravel()
        columns.append(column(f"visible_{letter.lower()}", visible, "1", "above the mask", tolerance=1.0))
    for c, combination in enumerate(result.combinations):
        for kind in ("pdop", "hdop", "vdop"):
            values = getattr(survey, kind)[:, :, c].ravel()
            columns.append(
                _pdop(f"{kind}_{_suffix(combination)}", values, f"{kind.upper()} of {combination}")
            )
    return table("site_series", columns, "visible satellites and dilution of precision at every instant")


def map_table(result: AvailabilityResult) -> Table:
    """Return one row per point of the equal-area grid."""
    statistics = result.map_statistics
    columns = [
        column("latitude_deg", np.degrees(result.latitude_rad), "deg", "geodetic latitude", tolerance=1e-9),
        column("longitude_deg", np.degrees(result.longitude_rad), "deg", "longitude", tolerance=1e-9),
    ]
    for c, combination in enumerate(result.combinations):
        suffix = _suffix(combination)
        columns.append(_share(f"share_available_{suffix}", statistics.share[:, c], result))
        columns.append(
            _pdop(f"median_pdop_{suffix}", statistics.median_pdop[:, c], "median over all instants")
        )
    for k, letter in enumerate(result.request.systems):
        columns.append(_visible(f"mean_visible_{letter.lower()}", statistics.mean_visible[:, k]))
    return table("map", columns, "availability on a grid whose points stand for equal areas")


def global_table(result: AvailabilityResult) -> Table:
    """Return one row per combination: figures over the whole Earth."""
    statistics = result.map_statistics
    everywhere = np.mean(statistics.share >= 1.0, axis=0)
    points = float(result.latitude_rad.size)
    return table(
        "world",
        [
            column("systems", np.array(result.combinations, dtype=object), "", "systems taken together"),
            _share("mean_share", statistics.share.mean(axis=0), result),
            _share("worst_share", statistics.share.min(axis=0), result),
            _share("share_p05", _quantile(statistics.share, 0.05), result),
            column(
                "area_always",
                everywhere,
                "1",
                "share of the Earth's surface where every instant is available",
                tolerance=1.0 / points,
            ),
            _pdop("median_pdop_p50", _quantile(statistics.median_pdop, 0.5), "middle place of the Earth"),
            _pdop("median_pdop_p95", _quantile(statistics.median_pdop, 0.95), "19 of 20 places are below"),
            _visible("mean_visible", statistics.mean_visible.mean(axis=0) @ _membership(result).T),
        ],
        "availability over the whole Earth, every area counting alike",
    )


def satellites_table(result: AvailabilityResult) -> Table:
    """Return one row per satellite of the systems: where it is from, how often it counted, why not."""
    tracks = result.tracks
    instants = result.tai_ns.size
    told = tracks.health_known
    return table(
        "satellites",
        [
            column("satellite", np.array(tracks.satellites, dtype=object), "", "system letter and number"),
            column("orbit", np.array(orbit_classes(tracks), dtype=object), "", "MEO, IGSO or GEO"),
            column("source", np.array(tracks.source, dtype=object), "", "precise, broadcast or none"),
            column("instants_known", tracks.known.sum(axis=0), "1", "instants with a position"),
            column(
                "instants_off_centre", tracks.off_centre.sum(axis=0), "1", "interpolated near an end or gap"
            ),
            column("instants_health_told", told.sum(axis=0), "1", "instants with a health flag"),
            column("instants_unhealthy", (told & ~tracks.healthy).sum(axis=0), "1", "flagged unhealthy"),
            column("instants_used", result.used.sum(axis=0), "1", f"of {instants} instants"),
            column("reason", np.array(_reasons(result), dtype=object), "", "why not used at every instant"),
        ],
        "the satellites of the systems, with what was left out and why",
    )


def rejected_messages_table(result: AvailabilityResult) -> Table:
    """Return the records of navigation files that could not be used."""
    named = [
        RejectedRecord(item.line, item.column, f"{file}: {item.reason}", item.text)
        for file, item in result.files.rejected
    ]
    return rejected_table(named, "rejected_messages")


def excluded_counts(result: AvailabilityResult) -> dict[str, int]:
    """Count satellites that were ever left out as unhealthy, and those whose health nobody told."""
    tracks = result.tracks
    unhealthy = (tracks.known & tracks.health_known & ~tracks.healthy).any(axis=0)
    untold = (tracks.known & ~tracks.health_known).any(axis=0)
    return {"unhealthy": int(np.count_nonzero(unhealthy)), "untold": int(np.count_nonzero(untold))}


def _reasons(result: AvailabilityResult) -> list[str]:
    tracks, request = result.tracks, result.request
    instants = result.tai_ns.size
    reasons = []
    for index, name in enumerate(tracks.satellites):
        known = int(tracks.known[:, index].sum())
        ill = tracks.known[:, index] & tracks.health_known[:, index] & ~tracks.healthy[:, index]
        told = bool(tracks.health_known[:, index].any())
        parts = []
        if name in request.exclude:
            parts.append("excluded by the request")
        if known == 0 and tracks.health_known[:, index].any():
            parts.append("no precise orbit; its messages tell the health only")
        elif known == 0:
            parts.append("no position in the window")
        elif known < instants:
            parts.append(f"no position at {instants - known} instants")
        if request.healthy_only and ill.any():
            parts.append(f"unhealthy at {int(ill.sum())} instants")
        if known and not told:
            parts.append("health not told: counted as healthy")
        reasons.append("; ".join(parts))
    return reasons


def _membership(result: AvailabilityResult) -> NDArray[np.float64]:
    rows = [[letter in name.split("+") for letter in result.request.systems] for name in result.combinations]
    return np.array(rows, dtype=np.float64)


def _suffix(combination: str) -> str:
    return combination.lower().replace("+", "_")


def _quantile(values: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return the lower of the two neighbours, so that infinite values need no arithmetic."""
    return np.quantile(values, share, axis=0, method="lower")


def _share(name: str, values: NDArray[np.float64], result: AvailabilityResult) -> Column:
    note = f"share of all instants with PDOP within {result.request.pdop_limit:g}"
    return column(name, values, "1", note, tolerance=1.0 / result.tai_ns.size)


def _pdop(name: str, values: NDArray[np.float64], note: str) -> Column:
    return column(
        name, np.minimum(values, NO_SOLUTION), "1", f"{note}; {_NO_SOLUTION_NOTE}", tolerance=_PDOP_TOLERANCE
    )


def _visible(name: str, values: NDArray[np.float64]) -> Column:
    return column(name, values, "1", "mean number of satellites above the mask", tolerance=0.01)
