"""The tables of an avoidance, with units, descriptions and the differences two machines may show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.time import LeapSeconds, format_utc_many
from syzygy.base.tables import Column, Table, column, table
from syzygy.debris.avoidance.candidates import REASONS, Circumstances, Evaluated
from syzygy.debris.avoidance.chosen import ChosenPlan
from syzygy.debris.avoidance.event import AvoidanceEvent
from syzygy.debris.avoidance.frontier import Frontier
from syzygy.debris.avoidance.plans import FACTORS
from syzygy.debris.avoidance.remaining import least_risk
from syzygy.debris.avoidance.rescreening import PlanEncounters

FloatArray = NDArray[np.float64]
_SIZE_TOLERANCE_M_S = 1e-6
_MISS_TOLERANCE_M = 1.0
_SPEED_TOLERANCE_M_S = 0.01
_TIME_TOLERANCE_NS = 1e6
_RISK_TOLERANCE = 1e-6
_NO_NUMBERS = np.empty(0, dtype=np.int64)


def burns_table(chosen: ChosenPlan | None, event: AvoidanceEvent, leap_seconds: LeapSeconds) -> Table:
    """Return one row per burn of the chosen plan; none without a plan."""
    times = np.empty(0, dtype=np.int64) if chosen is None else chosen.flown.plans.burn_tai_ns[0]
    parts = np.empty((0, 3)) if chosen is None else chosen.flown.plans.impulse_m_s[0]
    before = (event.tca_tai_ns - times) / 3.6e12
    columns = [
        column("burn", np.arange(1, len(times) + 1), "1", "number of the burn"),
        _utc("burn_utc", times, leap_seconds, "instant of the impulse"),
        column("burn_tai_ns", times, "ns", "the same, TAI since 1970"),
        column("before_event_h", before, "h", "time before the event; negative after it", tolerance=1e-6),
        column(
            "size_m_s",
            np.linalg.norm(parts, axis=1),
            "m/s",
            "size of the burn",
            tolerance=_SIZE_TOLERANCE_M_S,
        ),
    ]
    for k, name in enumerate(("radial", "transverse", "normal")):
        text = f"{name} part, in the axes of the orbit at that instant"
        columns.append(column(f"{name}_m_s", parts[:, k], "m/s", text, tolerance=_SIZE_TOLERANCE_M_S))
    return table("plan", columns, "burns of the recommended plan")


def encounters_table(chosen: ChosenPlan | None, around: Circumstances) -> Table:
    """Return every encounter of the new orbit with its probability, the event itself among them."""
    if chosen is None:
        return _encounters("encounters", _nothing(), np.empty(0), around, "encounters of the new orbit")
    text = "encounters of the new orbit within reach, from the first burn on, without the event itself"
    return _encounters("encounters", chosen.found, chosen.risk, around, text)


def plain_encounters_table(found: PlanEncounters, risk: FloatArray, around: Circumstances) -> Table:
    """Return the encounters of the unchanged orbit over the same time."""
    text = "encounters of the unchanged orbit within reach, without the event itself"
    return _encounters("unchanged", found, risk, around, text)


def candidates_table(judged: list[Evaluated], around: Circumstances) -> Table:
    """Return one row per plan that was screened."""
    first = np.concatenate([_NO_NUMBERS, *(b.flown.plans.burn_tai_ns[:, 0] for b in judged)])
    impulse = np.concatenate([np.empty((0, 3)), *(b.flown.plans.impulse_m_s[:, 0] for b in judged)])
    before = (around.event.tca_tai_ns - first) / 3.6e12
    columns = [
        _utc("burn_utc", first, around.leap_seconds, "first burn"),
        column("before_event_h", before, "h", "before the event", tolerance=1e-6),
        _real("total_m_s", [b.flown.plans.total_m_s for b in judged], "m/s", "sum of all burns", 1e-6),
    ]
    later = [np.linalg.norm(b.flown.plans.impulse_m_s[:, 1:], axis=2).sum(axis=1) for b in judged]
    columns.append(_real("later_m_s", later, "m/s", "of it in burns after the first", 1e-6))
    for k, name in enumerate(("radial", "transverse", "normal")):
        columns.append(_real(f"{name}_m_s", [impulse[:, k]], "m/s", f"{name} part of the first burn", 1e-6))
    return table(
        "candidates", [*columns, *_verdict_columns(judged, around)], "plans screened against the catalogue"
    )


def _verdict_columns(judged: list[Evaluated], around: Circumstances) -> list[Column]:
    row = np.concatenate([_NO_NUMBERS, *(b.other_row for b in judged)])
    number = np.where(row >= 0, around.others.object_id[np.maximum(row, 0)], 0)
    reason = np.array([REASONS[int(k)] for b in judged for k in b.reason], dtype=object)
    met = np.concatenate([_NO_NUMBERS, *(b.encounters for b in judged)])
    gone = [b.departures for b in judged]
    risk = _RISK_TOLERANCE
    return [
        column("verdict", reason, "", "safe, or the first reason against it"),
        _real("event_pc", [b.event_risk for b in judged], "1", "probability of the event after it", risk),
        _real("event_miss_m", [b.miss_m for b in judged], "m", "its distance", 10.0),
        _real("worst_other_pc", [b.other_risk for b in judged], "1", "largest one of the others", risk),
        column("worst_other_object", number, "1", "whose it is, 0 for none"),
        column("encounters", met, "1", "other encounters within reach"),
        _real("axis_change_m", [g.axis_change_m for g in gone], "m", "largest of the semi-major axis", 0.1),
        _real("in_track_m", [g.in_track_m for g in gone], "m", "largest distance along the old orbit", 100.0),
        _real("in_track_end_m", [g.in_track_end_m for g in gone], "m", "the same at the end, signed", 100.0),
    ]


def _real(name: str, parts: list[FloatArray], unit: str, text: str, tolerance: float) -> Column:
    return column(name, np.concatenate([np.empty(0), *parts]), unit, text, tolerance=tolerance)


def frontier_table(frontier: Frontier, judged: list[Evaluated], around: Circumstances) -> Table:
    """Return sizes against time: of the closed form on both branches, and the smallest safe one screened."""
    times = frontier.tai_ns
    safe = np.full(len(times), np.nan)
    share = float(np.abs(FACTORS[around.request.manoeuvre]).sum())
    least = least_risk(times, judged, around)
    for batch in judged:
        plans = batch.flown.plans
        size = plans.total_m_s / share
        good = np.flatnonzero(batch.reason == 0)
        at = np.searchsorted(times, plans.burn_tai_ns[good, 0])
        exact = (at < len(times)) & (times[np.minimum(at, len(times) - 1)] == plans.burn_tai_ns[good, 0])
        for place, value in zip(at[exact].tolist(), size[good][exact].tolist(), strict=True):
            safe[place] = value if not safe[place] <= value else safe[place]
    free = around.request.design_direction == "free"
    words = ("the safest direction", "its opposite") if free else ("forwards", "backwards")
    columns = [
        _utc("burn_utc", times, around.leap_seconds, "first burn"),
        column("before_event_h", (around.event.tca_tai_ns - times) / 3.6e12, "h", "before the event",
               tolerance=1e-6),
    ]  # fmt: skip
    for k, word in enumerate(words):
        text = f"smallest first burn that solves the event, {word}, in closed form; -1 for none"
        value = np.where(np.isfinite(frontier.size_m_s[:, k]), frontier.size_m_s[:, k], -1.0)
        columns.append(column(f"closed_form_{k + 1}_m_s", value, "m/s", text, tolerance=1e-5))
    text = (
        "smallest first burn at this instant that is safe against everything; -1 where none was screened safe"
    )
    columns.append(column("safe_m_s", np.where(np.isfinite(safe), safe, -1.0), "m/s", text, tolerance=1e-5))
    text = "least that any screened plan about this instant leaves as its largest probability; -1 for no plan"
    value = np.where(np.isfinite(least.probability), least.probability, -1.0)
    columns.append(column("least_pc", value, "1", text, tolerance=_RISK_TOLERANCE))
    text = "sum of burns of that plan; -1 for no plan"
    value = np.where(np.isfinite(least.total_m_s), least.total_m_s, -1.0)
    columns.append(column("least_pc_total_m_s", value, "m/s", text, tolerance=1e-5))
    return table("frontier", columns, "size of the first burn against its time")


def company_table(chosen: ChosenPlan | None, around: Circumstances) -> Table:
    """Return the objects that stay close to the new orbit."""
    rows = np.empty(0, dtype=np.int64) if chosen is None else chosen.company.row
    begin = np.empty(0, dtype=np.int64) if chosen is None else chosen.company.begin_tai_ns
    end = np.empty(0, dtype=np.int64) if chosen is None else chosen.company.end_tai_ns
    distance = np.empty(0) if chosen is None else chosen.company.distance_m
    return table(
        "company",
        [
            column("object", around.others.object_id[rows], "1", "catalogue number"),
            column("name", around.others.name[rows], "", "name"),
            _utc("start_utc", begin, around.leap_seconds, "within reach from"),
            _utc("end_utc", end, around.leap_seconds, "until"),
            column("min_distance_m", distance, "m", "smallest distance", tolerance=10.0),
        ],
        "objects slower than 10 m/s against the new orbit: no probability, look at them by hand",
    )


def _encounters(
    name: str, found: PlanEncounters, risk: FloatArray, around: Circumstances, text: str
) -> Table:
    rtn = np.zeros((0, 3))
    if len(found):
        axes = rtn_axes(found.own_position_m, found.own_velocity_m_s)
        rtn = np.einsum("nij,nj->ni", axes, found.separation_m)
    speed = np.linalg.norm(found.relative_velocity_m_s, axis=1)
    columns = [
        _utc("tca_utc", found.tai_ns, around.leap_seconds, "closest approach"),
        column("tca_tai_ns", found.tai_ns, "ns", "the same, TAI since 1970", tolerance=_TIME_TOLERANCE_NS),
        column("object", around.others.object_id[found.row], "1", "catalogue number"),
        column("name", around.others.name[found.row], "", "name"),
        column("pc", risk, "1", "probability, the larger of with and without execution error",
               tolerance=_RISK_TOLERANCE),
        column("miss_distance_m", found.miss_m, "m", "smallest distance", tolerance=_MISS_TOLERANCE_M),
        column("relative_speed_m_s", speed, "m/s", "relative speed", tolerance=_SPEED_TOLERANCE_M_S),
    ]  # fmt: skip
    for k, word in enumerate(("radial", "in_track", "cross_track")):
        columns.append(
            column(f"{word}_m", rtn[:, k], "m", f"{word.replace('_', '-')} part of object minus own",
                   tolerance=_MISS_TOLERANCE_M)
        )  # fmt: skip
    return table(name, columns, text)


def _nothing() -> PlanEncounters:
    none, vectors = np.empty(0, dtype=np.int64), np.empty((0, 3))
    return PlanEncounters(none, none, none, none, vectors, vectors, vectors, vectors)


def _utc(name: str, tai_ns: NDArray[np.int64], leap_seconds: LeapSeconds, description: str) -> Column:
    texts = format_utc_many(tai_ns, leap_seconds) if len(tai_ns) else np.empty(0, dtype=object)
    return column(name, texts, "", f"{description}, UTC")
