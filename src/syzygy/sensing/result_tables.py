"""The tables of the answer, with units, meanings and tolerances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.base.tables import Column, Table, column, table
from syzygy.sensing.coverage import JOINT
from syzygy.sensing.fleet import Excluded
from syzygy.sensing.places import AREA

if TYPE_CHECKING:
    from syzygy.sensing.result import OpportunitiesResult

FloatArray = NDArray[np.float64]

EPOCH_ERROR_M = 1000.0
DRIFT_LOW_M_PER_DAY, DRIFT_HIGH_M_PER_DAY = 1000.0, 3000.0
"""Along-track error of catalogue element sets: about 1 km at epoch, growing by 1 to 3 km a day."""

ANGLE_TOLERANCE_DEG = 1e-4
TIME_TOLERANCE_S = 1e-3
SHARE_TOLERANCE = 1e-9


def element_age_s(result: OpportunitiesResult) -> FloatArray:
    """Return the time from the epoch of the element set to each best time; negative before the epoch."""
    found = result.opportunities
    epoch = result.element_epoch_tai_ns[found.satellite]
    age: FloatArray = (result.start_tai_ns - epoch) * 1e-9 + found.best_s
    return age


def opportunities_table(result: OpportunitiesResult) -> Table:
    """Return one row per opportunity: who, where, when, under which angles, and what is double work."""
    found, marks = result.opportunities, result.duplicates
    sensors = [result.sensors[row] for row in found.sensor]
    identifier = np.append(result.identifier, "")

    def angle(name: str, values: FloatArray, meaning: str, tolerance: float = ANGLE_TOLERANCE_DEG) -> Column:
        return column(name, np.degrees(values), "deg", meaning, tolerance=tolerance)

    columns = [
        column("opportunity", result.identifier, "", "name inside this result, in order of start"),
        column("place", [result.places[row].name for row in found.place], "", "area or target"),
        column("satellite", [s.satellite for s in sensors], "", "name in the sensors file"),
        column("partner", [s.partner for s in sensors], "", "owner"),
        column("sensor", [s.name for s in sensors], "", "sensor"),
        column("start_utc", result.utc(found.start_s), "", "first time within all limits"),
        column("end_utc", result.utc(found.end_s), "", "last time within all limits"),
        column("best_utc", result.utc(found.best_s), "", "moment for which the angles are given"),
        angle("off_nadir_deg", found.off_nadir_rad, "at the satellite, from the geocentric nadir"),
        angle("incidence_deg", found.incidence_rad, "at the ground, from the vertical of WGS-84"),
        angle("azimuth_deg", found.azimuth_rad, "from the ground to the satellite, north over east", 5e-3),
        angle("sun_elevation_deg", found.sun_elevation_rad, "geometric, at the ground"),
        column("direction", np.where(found.ascending, "ascending", "descending"), "", "at best time"),
        column("coverage_share", found.share, "1", "imaged part of the place", tolerance=SHARE_TOLERANCE),
        column("gsd_m", result.gsd_m, "m", "ground sampling distance at this view", tolerance=1e-3),
        column("duplicate_group", marks.group, "1", "group of double work, 0 for none"),
        column("duplicate_of", identifier[marks.duplicate_of], "", "earlier opportunity of the other side"),
        column("unverified", [s.unverified for s in sensors], "", "sensor values that nobody verified"),
    ]
    return table("opportunities", columns, "imaging opportunities in order of start; angles at best time")


def views_table(result: OpportunitiesResult) -> Table:
    """Return the details of each opportunity, in the same order."""
    found, marks = result.opportunities, result.duplicates
    kinds = [result.sensors[row].kind for row in found.sensor]
    age_d = element_age_s(result) / 86400.0
    low_s, high_s = (
        (EPOCH_ERROR_M + drift * np.abs(age_d)) / found.speed_m_s
        for drift in (DRIFT_LOW_M_PER_DAY, DRIFT_HIGH_M_PER_DAY)
    )
    cut = (found.start_s <= 0.0) | (found.end_s >= result.duration_s)
    area_km2 = found.share * np.array([_area_km2(result, row) for row in found.place])
    roll_deg = np.degrees(found.roll_rad)
    instant, angle = TIME_TOLERANCE_S, ANGLE_TOLERANCE_DEG
    columns = [
        column("opportunity", result.identifier, "", "name as in the table of opportunities"),
        column("satellite_id", result.satellite_id[found.satellite], "1", "catalogue number"),
        column("kind", kinds, "", "optical, thermal or sar"),
        column("start_s", found.start_s, "s", "start after the start of the search", tolerance=instant),
        column("duration_s", found.end_s - found.start_s, "s", "of the window", tolerance=2 * instant),
        column("cut", cut, "", "window cut by the search limits"),
        column("strip_start_utc", result.utc(found.strip_start_s), "", "imaging begins (areas)"),
        column("strip_end_utc", result.utc(found.strip_end_s), "", "imaging ends (areas)"),
        column("roll_deg", roll_deg, "deg", "middle of the strip, right of motion positive", tolerance=angle),
        column("range_m", found.range_m, "m", "satellite to ground at best time", tolerance=10.0),
        column("coverage_km2", area_km2, "km2", "imaged area, whole cells; 0 for targets", tolerance=1e-3),
        column("element_age_d", age_d, "d", "best time minus epoch of the elements", tolerance=1e-6),
        column("edge_error_low_s", low_s, "s", "of the edges, at 1 km + 1 km/d along track", tolerance=1e-6),
        column("edge_error_high_s", high_s, "s", "of the edges, at 1 km + 3 km/d", tolerance=1e-6),
        column("duplicate_score", marks.score_of, "1", "highest score of any pair, 0 to 1", tolerance=1e-6),
    ]
    return table("views", columns, "details of the opportunities, in the same order")


def duplicates_table(result: OpportunitiesResult) -> Table:
    """Return one row per pair of double work, with the reason in words."""
    found, marks = result.opportunities, result.duplicates
    identifier, partner = result.identifier, result.partner
    reasons = []
    for a, b, gap, share in zip(
        marks.first.tolist(), marks.second.tolist(), marks.gap_s.tolist(), marks.overlap.tolist(), strict=True
    ):
        first, second = (result.sensors[found.sensor[row]] for row in (a, b))
        reasons.append(
            f"{first.satellite} {first.name} and {second.satellite} {second.name} image "
            f"{100 * share:.0f} % of the smaller coverage in common, {gap / 3600.0:.1f} h apart, "
            f"at {result.gsd_m[a]:.1f} and {result.gsd_m[b]:.1f} m"
        )
    return table(
        "duplicates",
        [
            column("group", marks.group[marks.first], "1", "group of double work"),
            column("first", identifier[marks.first], "", "earlier opportunity"),
            column("second", identifier[marks.second], "", "later opportunity"),
            column("first_partner", partner[marks.first], "", "owner of the earlier"),
            column("second_partner", partner[marks.second], "", "owner of the later"),
            column("gap_s", marks.gap_s, "s", "between the best times", tolerance=2 * TIME_TOLERANCE_S),
            column("overlap", marks.overlap, "1", "common part of the smaller coverage", tolerance=1e-9),
            column("gsd_ratio", marks.gsd_ratio, "1", "coarser over finer at these views", tolerance=1e-6),
            column("score", marks.score, "1", "overlap / GSD ratio x nearness in time", tolerance=1e-6),
            column("reason", reasons, "", "the finding in words"),
        ],
        f"pairs of different partners: within {result.rule.time_s / 3600.0:g} h, at least "
        f"{100 * result.rule.overlap:g} % in common, GSD ratio up to {result.rule.gsd_ratio:g}",
    )


def coverage_table(result: OpportunitiesResult) -> Table:
    """Return the growth of coverage: one row per opportunity that adds something."""
    curves = [curve for curve in result.curves if len(curve.time_s)]
    names = [result.places[curve.place].name for curve in curves]
    identifier = result.identifier

    def repeated(values: Sequence[str]) -> list[str]:
        return [value for value, curve in zip(values, curves, strict=True) for _ in range(len(curve.time_s))]

    def joined(arrays: list[NDArray[np.generic]], kind: type) -> NDArray[np.generic]:
        return np.concatenate([*arrays, np.empty(0, dtype=kind)])

    times = joined([curve.time_s for curve in curves], np.float64)
    rows = joined([curve.opportunity for curve in curves], np.int64).astype(np.int64)
    return table(
        "coverage",
        [
            column("place", repeated(names), "", "area or target"),
            column("partner", repeated([curve.partner for curve in curves]), "", f"owner, or {JOINT}"),
            column("utc", result.utc(times.astype(np.float64)), "", "end of the strip"),
            column("opportunity", identifier[rows], "", "the opportunity that adds"),
            column(
                "new_share",
                joined([curve.new_share for curve in curves], np.float64),
                "1",
                "part of the place it adds",
                tolerance=SHARE_TOLERANCE,
            ),
            column(
                "share",
                joined([curve.share for curve in curves], np.float64),
                "1",
                "part imaged so far",
                tolerance=SHARE_TOLERANCE,
            ),
        ],
        "growth of coverage when each strip aims at what is still missing",
    )


def summary_table(result: OpportunitiesResult) -> Table:
    """Return one row per place and partner: opportunities, coverage in the end, time to half and to 90 %."""
    curves = result.curves
    half = [curve.time_of_share_s(0.5) for curve in curves]
    most = [curve.time_of_share_s(0.9) for curve in curves]
    share = np.array([float(curve.share[-1]) if len(curve.share) else 0.0 for curve in curves])
    area = np.array([_area_km2(result, curve.place) for curve in curves])

    def hours(times: Sequence[float | None]) -> list[float]:
        return [(result.duration_s if time is None else time) / 3600.0 for time in times]

    return table(
        "coverage_summary",
        [
            column("place", [result.places[curve.place].name for curve in curves], "", "area or target"),
            column("partner", [curve.partner for curve in curves], "", f"owner, or {JOINT}"),
            column("opportunities", [curve.considered for curve in curves], "1", "number in the search"),
            column("share", share, "1", "imaged in the end", tolerance=SHARE_TOLERANCE),
            column("coverage_km2", share * area, "km2", "imaged in the end, whole cells", tolerance=1e-3),
            column("half_reached", [time is not None for time in half], "", "50 % is reached"),
            column("half_after_h", hours(half), "h", "time to 50 %, or the whole search", tolerance=1e-5),
            column("most_reached", [time is not None for time in most], "", "90 % is reached"),
            column("most_after_h", hours(most), "h", "time to 90 %, or the whole search", tolerance=1e-5),
            column(
                "outline_km2",
                [result.places[curve.place].area_m2 / 1e6 for curve in curves],
                "km2",
                "area of the outline on the ellipsoid, 0 for a target",
                tolerance=1e-3,
            ),
        ],
        "coverage of each place by each partner alone and by both together",
    )


def footprints_table(result: OpportunitiesResult) -> Table:
    """Return the outlines of the strips, corner by corner, of opportunities over areas."""
    found = result.opportunities
    rows = np.flatnonzero([result.places[row].kind == AREA for row in found.place])
    corners = found.footprint_rad.shape[1]
    outline = np.degrees(found.footprint_rad[rows]).reshape(-1, 2)
    return table(
        "footprints",
        [
            column("opportunity", np.repeat(result.identifier[rows], corners), "", "whose strip"),
            column(
                "corner", np.tile(np.arange(corners), len(rows)), "1", "right edge forward, left edge back"
            ),
            column("longitude_deg", outline[:, 0], "deg", "WGS-84", tolerance=1e-4),
            column("latitude_deg", outline[:, 1], "deg", "WGS-84, geodetic", tolerance=1e-5),
        ],
        "outlines of the imaged strips; longitudes may jump at the antimeridian",
    )


def excluded_table(excluded: Sequence[Excluded]) -> Table:
    """Return everything that took no part."""
    return table(
        "excluded",
        [
            column("satellite_id", np.array([e.object_id for e in excluded], dtype=np.int64), "1", "number"),
            column("satellite", np.array([e.satellite for e in excluded], dtype=object), "", "name"),
            column("partner", np.array([e.partner for e in excluded], dtype=object), "", "owner, if known"),
            column(
                "sensor", np.array([e.sensor for e in excluded], dtype=object), "", "empty: the satellite"
            ),
            column("reason", np.array([e.reason for e in excluded], dtype=object), "", "why"),
        ],
        "satellites and sensors that took no part",
    )


def _area_km2(result: OpportunitiesResult, place: int) -> float:
    where = result.places[place]
    return where.cell_area_m2 * len(where.cell_id) / 1e6 if where.kind == AREA else 0.0
