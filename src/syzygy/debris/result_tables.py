"""The tables of a screening, with units, descriptions and the differences two machines may show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.propagation.sgp4_states import ERROR_MEANINGS
from syzygy.astro.time import LeapSeconds, format_utc_many
from syzygy.base.tables import Column, Table, column, table
from syzygy.debris.episodes import Findings
from syzygy.debris.health import IRREGULAR, UNPHYSICAL
from syzygy.debris.objects import ScreenedObjects
from syzygy.debris.paths import NO_STATE
from syzygy.debris.refinement import Encounters

MISS_TOLERANCE_M = 1.0
SPEED_TOLERANCE_M_S = 0.01
TIME_TOLERANCE_NS = 1e6
BORDER_TOLERANCE_S = 0.1
_DAY_NS = 86_400e9


def events_table(
    objects: ScreenedObjects, findings: Findings, start_tai_ns: int, leap_seconds: LeapSeconds
) -> Table:
    """Return one row per approach, sorted by time."""
    found = findings.encounters
    tai_ns = _tai_ns(start_tai_ns, found.seconds)
    a, b = findings.pairs[:, 0], findings.pairs[:, 1]
    rtn = radial_in_track_cross_track(found)
    columns = [
        *_pair_columns(objects, findings.pairs),
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
        age = (tai_ns - objects.epoch_tai_ns[index]) / _DAY_NS
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
    objects: ScreenedObjects, findings: Findings, start_tai_ns: int, leap_seconds: LeapSeconds
) -> Table:
    """Return one row per slow episode, sorted by begin."""
    slow = findings.slow
    minimum_ns = _tai_ns(start_tai_ns, slow.closest.seconds)
    return table(
        "intervals",
        [
            *_pair_columns(objects, slow.pairs),
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
    objects: ScreenedObjects,
    findings: Findings,
    start_tai_ns: int,
    window_s: float,
    leap_seconds: LeapSeconds,
) -> Table:
    """Return one row per object and span of the window in which it is not usable."""
    spans = [*_lost_spans(objects, findings, window_s), *_unreached_spans(objects, findings, window_s)]
    spans.sort(key=lambda span: (int(objects.object_id[span[0]]), span[1]))
    rows = np.array([span[0] for span in spans], dtype=np.int64)
    seconds = np.array([span[1] for span in spans], dtype=np.float64)
    until = np.array([span[2] for span in spans], dtype=np.float64)
    reasons = [_reason(span[3]) for span in spans]
    return table(
        "unscreened",
        [
            column("object", objects.object_id[rows], "1", "catalogue number"),
            column("name", objects.name[rows], "", "name"),
            _utc_column("from_utc", _tai_ns(start_tai_ns, seconds), leap_seconds, "not screened from"),
            column("from_s", seconds, "s", "the same, seconds of the window", tolerance=1e-2),
            column("reason", np.array([r[0] for r in reasons], dtype=object), "", "SGP4 code or unphysical"),
            column("meaning", np.array([r[1] for r in reasons], dtype=object), "", "in words"),
            column("line", objects.source_line[rows], "1", "line of its element set, 0 for an ephemeris"),
            _utc_column("until_utc", _tai_ns(start_tai_ns, until), leap_seconds, "not screened until"),
        ],
        "objects without usable states, and when",
    )


def _lost_spans(
    objects: ScreenedObjects, findings: Findings, window_s: float
) -> list[tuple[int, float, float, int]]:
    """Return (row, from, until, code) of element sets: from their exit to the end of the window."""
    exits = findings.exits
    lost = np.flatnonzero(np.isfinite(exits.seconds[: len(objects.elements)])).tolist()
    return [(row, float(exits.seconds[row]), window_s, int(exits.code[row])) for row in lost]


def _unreached_spans(
    objects: ScreenedObjects, findings: Findings, window_s: float
) -> list[tuple[int, float, float, int]]:
    """Return (row, from, until, code) of ephemerides: before, between and after the stretches of each."""
    found = []
    rows = range(len(objects.elements), len(objects))
    for number in dict.fromkeys(objects.object_id[len(objects.elements) :].tolist()):
        at, code, last = 0.0, NO_STATE, -1
        for row in (row for row in rows if int(objects.object_id[row]) == number):
            begin, end = float(findings.entry_s[row]), float(min(findings.exits.seconds[row], window_s))
            if begin > at:
                found.append((row, at, min(begin, window_s), code))
            if end > at:
                at = end
                code = int(findings.exits.code[row]) or NO_STATE
            last = row
        if at < window_s:
            found.append((last, at, window_s, code))
    return found


def with_stale_label(events: Table, pairs: NDArray[np.int64], stale: NDArray[np.bool_]) -> Table:
    """Return the events with a further column that names the side whose elements are stale."""
    words = np.array(["", "a", "b", "a and b"], dtype=object)
    label = words[stale[pairs[:, 0]] + 2 * stale[pairs[:, 1]]]
    text = "whose elements are older than the limit: a, b, or both"
    return replace(events, columns=(*events.columns, column("stale", label, "", text)))


def find_stale(
    objects: ScreenedObjects, start_tai_ns: int, window_s: float, max_age_s: float
) -> NDArray[np.bool_]:
    """Return which objects have elements whose epoch is further from the window than the limit."""
    before = (start_tai_ns - objects.epoch_tai_ns) / 1e9
    return np.asarray(np.maximum(before, -before - window_s) > max_age_s)


def stale_table(objects: ScreenedObjects, start_tai_ns: int, window_s: float, max_age_s: float) -> Table:
    """Return one row per element set whose epoch is further from the window than the limit."""
    before = (start_tai_ns - objects.epoch_tai_ns) / 1e9
    rows = np.flatnonzero(find_stale(objects, start_tai_ns, window_s, max_age_s))
    return table(
        "stale",
        [
            column("object", objects.object_id[rows], "1", "catalogue number"),
            column("name", objects.name[rows], "", "name"),
            column(
                "age_days", before[rows] / 86400.0, "d", "begin of the window minus epoch", tolerance=1e-7
            ),
            column("line", objects.source_line[rows], "1", "line of its element set"),
        ],
        "element sets screened although their epoch is far from the window",
    )


def _reason(code: int) -> tuple[str, str]:
    if code == UNPHYSICAL:
        return "unphysical", "SGP4 reports success, but the position does not follow the velocity"
    if code == IRREGULAR:
        return "irregular", "the path jumps by kilometres within minutes"
    if code == NO_STATE:
        return "no state", "outside the useable span of its ephemeris"
    return f"sgp4 code {code}", ERROR_MEANINGS[code]


def _pair_columns(objects: ScreenedObjects, pairs: NDArray[np.int64]) -> list[Column]:
    a, b = pairs[:, 0], pairs[:, 1]
    return [
        column("object_a", objects.object_id[a], "1", "catalogue number of a (the smaller one)"),
        column("object_b", objects.object_id[b], "1", "catalogue number of b"),
        column("name_a", objects.name[a], "", "name of a"),
        column("name_b", objects.name[b], "", "name of b"),
    ]


def _utc_column(name: str, tai_ns: NDArray[np.int64], leap_seconds: LeapSeconds, description: str) -> Column:
    return column(name, format_utc_many(tai_ns, leap_seconds), "", f"{description}, UTC")


def _tai_ns(start_tai_ns: int, seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    return start_tai_ns + np.round(seconds * 1e9).astype(np.int64)
