"""The tables of a screening, with units, descriptions and the differences two machines may show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import ERROR_MEANINGS
from syzygy.astro.time import LeapSeconds, format_utc_many
from syzygy.base.tables import Column, Table, column, table
from syzygy.debris.episodes import Findings
from syzygy.debris.health import IRREGULAR, UNPHYSICAL
from syzygy.debris.refinement import Encounters

MISS_TOLERANCE_M = 1.0
SPEED_TOLERANCE_M_S = 0.01
TIME_TOLERANCE_NS = 1e6
BORDER_TOLERANCE_S = 0.1
_DAY_NS = 86_400e9


def events_table(
    elements: MeanElements, findings: Findings, start_tai_ns: int, leap_seconds: LeapSeconds
) -> Table:
    """Return one row per approach, sorted by time."""
    found = findings.encounters
    tai_ns = _tai_ns(start_tai_ns, found.seconds)
    a, b = findings.pairs[:, 0], findings.pairs[:, 1]
    rtn = radial_in_track_cross_track(found)
    columns = [
        *_pair_columns(elements, findings.pairs),
        _utc_column("tca_utc", tai_ns, leap_seconds, "time of closest approach"),
        column("miss_distance_m", found.distance_m, "m", "smallest distance", tolerance=MISS_TOLERANCE_M),
        column(
            "relative_speed_m_s",
            found.speed_m_s,
            "m/s",
            "from SGP4 velocities at that instant",
            tolerance=SPEED_TOLERANCE_M_S,
        ),
    ]
    for k, name in enumerate(("radial", "in_track", "cross_track")):
        text = f"{name.replace('_', '-')} part of b minus a, in the RTN axes of a"
        columns.append(column(f"{name}_m", rtn[:, k], "m", text, tolerance=MISS_TOLERANCE_M))
    for side, index in (("a", a), ("b", b)):
        age = (tai_ns - elements.epoch_tai_ns[index]) / _DAY_NS
        text = f"time of closest approach minus epoch of {side}; negative before the epoch"
        columns.append(column(f"age_{side}_days", age, "d", text, tolerance=1e-7))
    columns.append(
        column("tca_tai_ns", tai_ns, "ns", "tca_utc as TAI since 1970", tolerance=TIME_TOLERANCE_NS)
    )
    return table("events", columns, "approaches below the threshold, by time")


def radial_in_track_cross_track(found: Encounters) -> NDArray[np.float64]:
    """Return the separation (n, 3) in the RTN axes of the first object, made of its inertial state."""
    axes = rtn_axes(found.position_a_m, found.velocity_a_m_s)
    return np.asarray(np.einsum("nac,nc->na", axes, found.separation_m))


def intervals_table(
    elements: MeanElements, findings: Findings, start_tai_ns: int, leap_seconds: LeapSeconds
) -> Table:
    """Return one row per slow episode, sorted by begin."""
    slow = findings.slow
    minimum_ns = _tai_ns(start_tai_ns, slow.closest.seconds)
    return table(
        "intervals",
        [
            *_pair_columns(elements, slow.pairs),
            _utc_column("start_utc", _tai_ns(start_tai_ns, slow.begin_s), leap_seconds, "below from"),
            _utc_column("end_utc", _tai_ns(start_tai_ns, slow.end_s), leap_seconds, "below until"),
            column(
                "min_distance_m",
                slow.closest.distance_m,
                "m",
                "smallest distance",
                tolerance=MISS_TOLERANCE_M,
            ),
            _utc_column("min_utc", minimum_ns, leap_seconds, "when"),
            column("start_s", slow.begin_s, "s", "from, seconds of the window", tolerance=BORDER_TOLERANCE_S),
            column("end_s", slow.end_s, "s", "until, seconds of the window", tolerance=BORDER_TOLERANCE_S),
            column("start_cut", slow.begin_cut, "", "closer than the threshold already at the begin"),
            column("end_cut", slow.end_cut, "", "still closer at the end of the pair's common time"),
            column(
                "min_s",
                slow.closest.seconds,
                "s",
                "when, seconds of the window; ill-defined for docked objects",
                tolerance=60.0,
            ),
            column(
                "speed_at_min_m_s",
                slow.closest.speed_m_s,
                "m/s",
                "relative speed there",
                tolerance=SPEED_TOLERANCE_M_S,
            ),
        ],
        "pairs that stay close: docked vehicles, formations, trains",
    )


def unscreened_table(
    elements: MeanElements, findings: Findings, start_tai_ns: int, leap_seconds: LeapSeconds
) -> Table:
    """Return one row per object that is not usable from some instant of the window on."""
    rows = np.flatnonzero(np.isfinite(findings.exits.seconds))
    seconds = findings.exits.seconds[rows]
    reasons = [_reason(int(code)) for code in findings.exits.code[rows]]
    return table(
        "unscreened",
        [
            column("object", elements.object_id[rows], "1", "catalogue number"),
            column("name", elements.name[rows], "", "name"),
            _utc_column("from_utc", _tai_ns(start_tai_ns, seconds), leap_seconds, "not screened from"),
            column("from_s", seconds, "s", "the same, seconds of the window", tolerance=1e-2),
            column("reason", np.array([r[0] for r in reasons], dtype=object), "", "SGP4 code or unphysical"),
            column("meaning", np.array([r[1] for r in reasons], dtype=object), "", "in words"),
            column("line", elements.source_line[rows], "1", "line of its element set"),
        ],
        "objects without usable states",
    )


def stale_table(elements: MeanElements, start_tai_ns: int, window_s: float, max_age_s: float) -> Table:
    """Return one row per element set whose epoch is further from the window than the limit."""
    before = (start_tai_ns - elements.epoch_tai_ns) / 1e9
    after = (elements.epoch_tai_ns - start_tai_ns) / 1e9 - window_s
    distance = np.maximum(before, after)
    rows = np.flatnonzero(distance > max_age_s)
    return table(
        "stale",
        [
            column("object", elements.object_id[rows], "1", "catalogue number"),
            column("name", elements.name[rows], "", "name"),
            column(
                "age_days", before[rows] / 86400.0, "d", "begin of the window minus epoch", tolerance=1e-7
            ),
            column("line", elements.source_line[rows], "1", "line of its element set"),
        ],
        "element sets screened although their epoch is far from the window",
    )


def _reason(code: int) -> tuple[str, str]:
    if code == UNPHYSICAL:
        return "unphysical", "SGP4 reports success, but the position does not follow the velocity"
    if code == IRREGULAR:
        return "irregular", "the path jumps by kilometres within minutes"
    return f"sgp4 code {code}", ERROR_MEANINGS[code]


def _pair_columns(elements: MeanElements, pairs: NDArray[np.int64]) -> list[Column]:
    a, b = pairs[:, 0], pairs[:, 1]
    return [
        column("object_a", elements.object_id[a], "1", "catalogue number of a (the smaller one)"),
        column("object_b", elements.object_id[b], "1", "catalogue number of b"),
        column("name_a", elements.name[a], "", "name of a"),
        column("name_b", elements.name[b], "", "name of b"),
    ]


def _utc_column(name: str, tai_ns: NDArray[np.int64], leap_seconds: LeapSeconds, description: str) -> Column:
    return column(name, format_utc_many(tai_ns, leap_seconds), "", f"{description}, UTC")


def _tai_ns(start_tai_ns: int, seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    return start_tai_ns + np.round(seconds * 1e9).astype(np.int64)
