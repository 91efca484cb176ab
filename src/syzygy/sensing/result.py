"""The answer: opportunities, duplicates, coverage and everything that was left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import LeapSeconds, format_utc, format_utc_many
from syzygy.base.provenance import Provenance
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.formats.rejected import RejectedRecord, rejected_table
from syzygy.sensing import result_tables
from syzygy.sensing.coverage import JOINT, CoverageCurve
from syzygy.sensing.duplicates import DuplicateRule, Duplicates
from syzygy.sensing.fleet import Excluded
from syzygy.sensing.imaging import Opportunities
from syzygy.sensing.places import AREA, Place
from syzygy.sensing.sensors import Sensor

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OpportunitiesResult:
    """Imaging opportunities of several fleets over some places.

    Attributes
    ----------
    provenance : Provenance
        The recipe.
    start_tai_ns, duration_s : int, float
        The search.
    leap_seconds : LeapSeconds
        To write times as UTC.
    places : tuple of Place
        Areas and targets.
    sensors : tuple of Sensor
        Every sensor of the file; `opportunities.sensor` are its rows.
    satellite_id, satellite_name, element_epoch_tai_ns : arrays (s,)
        Satellites that took part; `opportunities.satellite` are their rows.
    partners : tuple of str
        Owners of sensors that took part, sorted.
    opportunities : Opportunities
        Sorted by start.
    gsd_m : (n,)
        Ground sampling distance at the view.
    rule : DuplicateRule
        What counts as double work.
    duplicates : Duplicates
        Pairs and groups.
    curves : tuple of CoverageCurve
        Coverage over time by place and partner.
    excluded : tuple of Excluded
        Satellites and sensors left out.
    rejected : tuple of RejectedRecord
        Element records that could not be read.
    empty_passes : int
        Passes in which no cell comes abeam inside the field of view.
    """

    provenance: Provenance
    start_tai_ns: int
    duration_s: float
    leap_seconds: LeapSeconds
    places: tuple[Place, ...]
    sensors: tuple[Sensor, ...]
    satellite_id: NDArray[np.int64]
    satellite_name: NDArray[np.object_]
    element_epoch_tai_ns: NDArray[np.int64]
    partners: tuple[str, ...]
    opportunities: Opportunities
    gsd_m: FloatArray
    rule: DuplicateRule
    duplicates: Duplicates
    curves: tuple[CoverageCurve, ...]
    excluded: tuple[Excluded, ...]
    rejected: tuple[RejectedRecord, ...]
    empty_passes: int

    def utc(self, time_s: FloatArray, digits: int = 3) -> NDArray[np.object_]:
        """Return UTC texts of times in seconds after the start."""
        tai_ns = self.start_tai_ns + np.rint(np.asarray(time_s) * 1e9).astype(np.int64)
        texts: NDArray[np.object_] = format_utc_many(tai_ns, self.leap_seconds, digits)
        return texts

    @property
    def partner(self) -> NDArray[np.object_]:
        """The owner of each opportunity's satellite."""
        return np.array([self.sensors[row].partner for row in self.opportunities.sensor], dtype=object)

    @property
    def identifier(self) -> NDArray[np.object_]:
        """The name of each opportunity inside this result, ``O0001`` and so on, in order of start."""
        return np.array([f"O{row + 1:04d}" for row in range(len(self.opportunities))], dtype=object)

    def tables(self) -> tuple[Table, ...]:
        """Return the tables: opportunities, duplicates, coverage, details and everything left out."""
        return (
            result_tables.opportunities_table(self),
            result_tables.duplicates_table(self),
            result_tables.coverage_table(self),
            result_tables.summary_table(self),
            result_tables.views_table(self),
            result_tables.footprints_table(self),
            result_tables.excluded_table(self.excluded),
            rejected_table(self.rejected),
        )

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the figures for the summary."""
        partner = self.partner
        figures = [
            KeyFigure(f"opportunities of {name}", str(int(np.count_nonzero(partner == name))))
            for name in self.partners
        ]
        groups = int(self.duplicates.group.max(initial=0))
        figures.append(KeyFigure("pairs of double work", str(len(self.duplicates.first))))
        figures.append(KeyFigure("groups of double work", str(groups)))
        for curve in (curve for curve in self.curves if curve.place == 0):
            who = "together" if curve.partner == JOINT else f"{curve.partner} alone"
            time_s = curve.time_of_share_s(0.9)
            value = f"over {self.duration_s / 3600.0:g}" if time_s is None else f"{time_s / 3600.0:.1f}"
            figures.append(KeyFigure(f"90 % of {self.places[0].name}, {who}", value, "h"))
        return tuple(figures[:8])

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        end = self.start_tai_ns + round(self.duration_s * 1e9)
        when = " to ".join(format_utc(t, self.leap_seconds, 0) for t in (self.start_tai_ns, end))
        areas = sum(place.kind == AREA for place in self.places)
        age = self._age_days()
        labelled = sum(1 for row in np.unique(self.opportunities.sensor) if self.sensors[row].unverified)
        return Narrative(
            inputs=(
                f"{len(self.satellite_id)} satellites of {', '.join(self.partners)} over {areas} areas and "
                f"{len(self.places) - areas} targets, {when}; {len(self.excluded)} satellites or sensors "
                f"left out, each with its reason; {labelled} sensors with unverified values, labelled."
            ),
            models=(
                f"SGP4 (WGS-72), {self.provenance.models['earth']}; look angles on the WGS-84 ellipsoid; Sun "
                "from DE440, geometric. Windows come from interval proofs on the second derivative, not from "
                "a fixed step; strips have one roll angle and no pitch."
            ),
            validity=(
                f"Element sets are {age[0]:.1f} to {age[1]:.1f} days old at the opportunities; such sets are "
                "about 1 km wrong at epoch and drift 1 to 3 km a day along track, which the table turns into "
                "an uncertainty of each window edge."
            ),
            limits=(
                "Clouds, memory, downlink, slew time between targets and terrain height are not part of it; "
                "the coverage curves are upper bounds for a planner with no other task."
            ),
        )

    def _age_days(self) -> tuple[float, float]:
        if not len(self.opportunities):
            return (0.0, 0.0)
        age = np.abs(result_tables.element_age_s(self)) / 86400.0
        return float(age.min()), float(age.max())
