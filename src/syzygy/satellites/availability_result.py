"""The result of an availability study: what was found, as figures, words and tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.provenance import Provenance
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.satellites.availability_tables import (
    excluded_counts,
    global_table,
    map_table,
    rejected_messages_table,
    satellites_table,
    series_table,
    sites_table,
)
from syzygy.satellites.constellation import OrbitFiles, SatelliteTracks
from syzygy.satellites.dop import GeometrySurvey
from syzygy.satellites.requests import SYSTEM_NAMES, AvailabilityRequest
from syzygy.satellites.sites import Sites


@dataclass(frozen=True, eq=False)
class PlaceStatistics:
    """What p places get over e instants from c combinations of k systems.

    Attributes
    ----------
    share, median_pdop : float64 (p, c)
        Share of all instants with PDOP within the limit; median over all instants, infinite where more than
        half have no solution.
    solved : int64 (p, c)
        Instants with a solution.
    mean_visible : float64 (p, k)
        Satellites above the mask, by system.
    """

    share: NDArray[np.float64]
    median_pdop: NDArray[np.float64]
    solved: NDArray[np.int64]
    mean_visible: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AvailabilityResult:
    """The answer to an `AvailabilityRequest`.

    Attributes
    ----------
    request : AvailabilityRequest
    combinations : tuple of str (c,)
        E.g. ``C``, ``R``, ``C+R``.
    tai_ns : int64 (e,)
        The instants.
    epoch_utc : object (e,) of str
        The instants as text.
    tracks : SatelliteTracks
        All satellites of the systems, also those that were left out.
    used : bool (e, s)
        Which satellites counted when.
    sites : Sites or None
    site_survey : GeometrySurvey or None
        Every instant at the sites.
    site_statistics : PlaceStatistics or None
    latitude_rad, longitude_rad : float64 (p,)
        The grid.
    map_statistics : PlaceStatistics
    files : OrbitFiles
    """

    request: AvailabilityRequest
    provenance: Provenance
    combinations: tuple[str, ...]
    tai_ns: NDArray[np.int64]
    epoch_utc: NDArray[np.object_]
    tracks: SatelliteTracks
    used: NDArray[np.bool_]
    sites: Sites | None
    site_survey: GeometrySurvey | None
    site_statistics: PlaceStatistics | None
    latitude_rad: NDArray[np.float64]
    longitude_rad: NDArray[np.float64]
    map_statistics: PlaceStatistics
    files: OrbitFiles

    def tables(self) -> tuple[Table, ...]:
        """Return sites, world, map, series at the sites, satellites, rejected messages."""
        first: tuple[Table, ...] = ()
        series: tuple[Table, ...] = ()
        if self.sites is not None and self.site_statistics is not None:
            first = (sites_table(self, self.sites, self.site_statistics),)
        if self.sites is not None and self.site_survey is not None:
            series = (series_table(self, self.sites, self.site_survey),)
        others = (global_table(self), map_table(self), *series, satellites_table(self))
        return (*first, *others, rejected_messages_table(self))

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the share over the Earth of every combination, the worst site, satellites, instants."""
        share = self.map_statistics.share.mean(axis=0)
        limit = f"PDOP within {self.request.pdop_limit:g}"
        figures = [
            KeyFigure(f"{limit}, whole Earth, {label}", percent_text(value), "%")
            for label, value in zip(map(self.describe, self.combinations), share.tolist(), strict=True)
        ]
        figures.extend(self._worst_sites())
        count = int(np.count_nonzero(self.used.any(axis=0)))
        figures.append(KeyFigure("satellites used", f"{count} of {len(self.tracks.satellites)}"))
        figures.append(KeyFigure("instants", str(self.tai_ns.size)))
        return tuple(figures)

    def _worst_sites(self) -> list[KeyFigure]:
        """Return the least share of any system alone, and of all together, with its site."""
        if self.site_statistics is None or self.sites is None:
            return []
        share = self.site_statistics.share
        alone = max(len(self.combinations) - 1, 1)
        place, index = np.unravel_index(int(np.argmin(share[:, :alone])), (share.shape[0], alone))
        label = f"least share at a site: {self.describe(self.combinations[index])}, {self.sites.name[place]}"
        figures = [KeyFigure(label, percent_text(float(share[place, index])), "%")]
        if len(self.combinations) > 1:
            least = percent_text(float(share[:, -1].min()))
            label = f"least share at a site: {self.describe(self.combinations[-1])}"
            figures.append(KeyFigure(label, least, "%"))
        return figures

    def describe(self, combination: str) -> str:
        """Return the names of a combination: ``BeiDou + GLONASS`` for ``C+R``."""
        return " + ".join(SYSTEM_NAMES[letter] for letter in combination.split("+"))

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        request = self.request
        by_source = {kind: self.tracks.source.count(kind) for kind in ("precise", "broadcast")}
        dropped = excluded_counts(self)
        health = (
            f"{dropped['unhealthy']} satellites were left out while flagged unhealthy; {dropped['untold']} "
            "whose health no message tells count as healthy"
            if request.healthy_only
            else "health flags were ignored as asked"
        )
        names = ", ".join(file.name for file in request.orbits)
        return Narrative(
            inputs=(
                f"{names}: {by_source['precise']} satellites from precise orbits, {by_source['broadcast']} "
                f"from navigation messages, at {self.tai_ns.size} instants from {self.epoch_utc[0]} to "
                f"{self.epoch_utc[-1]} (UTC)."
            ),
            models=(
                "Precise orbits by Lagrange polynomials of degree 10, navigation messages by the models of "
                "their interface documents; one receiver clock per system; elevation above the WGS 84 "
                "ellipsoid without refraction; instants without a solution count as not available."
            ),
            validity=(
                f"Mask {np.degrees(request.mask_rad):g} deg, PDOP within {request.pdop_limit:g}, a grid of "
                f"{self.latitude_rad.size} points of equal area; {health}."
            ),
            limits=(
                "Geometry only: no terrain, buildings, receiver outages or signal quality. One window is not "
                "the long-term figure of a system whose ground track does not repeat in it."
            ),
        )


def percent_text(share: float) -> str:
    """Return a share in percent with two decimals; only the whole is written as 100.

    Examples
    --------
    >>> percent_text(0.9999965), percent_text(1.0), percent_text(0.97434)
    ('> 99.99', '100', '97.43')
    """
    if 0.9999 < share < 1.0:
        return "> 99.99"
    return "100" if share >= 1.0 else f"{100.0 * share:.2f}"
