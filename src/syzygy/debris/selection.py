"""What of the findings is reported: inside the box where one is asked for, and not on an exclusion list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.time import LeapSeconds, format_utc_many
from syzygy.base.provenance import InputFile
from syzygy.base.tables import Table, column, table
from syzygy.debris.episodes import Findings, SlowIntervals
from syzygy.debris.object_names import NamedObjects
from syzygy.debris.objects import ScreenedObjects
from syzygy.debris.refinement import Encounters
from syzygy.formats.object_lists import Exclusion, read_exclusions

StatesAt = Callable[[NDArray[np.int64], NDArray[np.float64]], Encounters]
"""Pairs (n, 2) and seconds (n,) to their states."""

_SAMPLES = 33
_LONGEST_HALF_S = 1800.0
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Rules:
    """An exclusion list whose objects are known.

    Attributes
    ----------
    exclusions : tuple of Exclusion
        The lines that can be used.
    numbers : int64 (n, 2)
        Numbers of the objects, -1 for "everything" (second) or for an object that is not there.
    notes : tuple of str
        Why a line hides nothing; empty where it can.
    rejected : tuple of tuple
        Line and reason of every line that cannot be used.
    """

    exclusions: tuple[Exclusion, ...]
    numbers: NDArray[np.int64]
    notes: tuple[str, ...]
    rejected: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Selection:
    """What is reported and what was hidden.

    Attributes
    ----------
    findings : Findings
        The rest.
    suppressed, exclusions : Table
        One row per hidden event or interval; one row per line of the exclusion list.
    """

    findings: Findings
    suppressed: Table
    exclusions: Table


def read_rules(source: InputFile | None, names: NamedObjects) -> Rules:
    """Read the exclusion list of a request; no list is a list without lines.

    Raises
    ------
    FormatError
        No text, or without the heading ``object_a,object_b``.
    """
    if source is None:
        return Rules((), np.empty((0, 2), dtype=np.int64), (), ())
    found, bad = read_exclusions(source.read(), name=source.name)
    first, _ = names.find([rule.object_a for rule in found])
    second, _ = names.find([rule.object_b for rule in found])
    notes = []
    for rule, a, b in zip(found, first.tolist(), second.tolist(), strict=True):
        lost = [rule.object_a] * (a < 0) + [rule.object_b] * (b < 0 and bool(rule.object_b))
        notes.append(f"not among the objects: {', '.join(lost)}" if lost else "")
    rejected = tuple((record.line, f"{record.reason}: {record.text}") for record in bad)
    return Rules(found, np.stack([first, second], axis=1), tuple(notes), rejected)


def select_findings(
    findings: Findings,
    objects: ScreenedObjects,
    rules: Rules,
    *,
    box_m: Sequence[float],
    chosen: NDArray[np.bool_],
    states_at: StatesAt,
    start_tai_ns: int,
    leap_seconds: LeapSeconds,
) -> Selection:
    """Sort each pair by number, keep what enters the box (if any), hide what the exclusion list names.

    Parameters
    ----------
    box_m : sequence of float
        Half-widths radial, in-track, cross-track, empty for the sphere of the search. An approach counts
        when the other object enters the box of a chosen one during the encounter, also when its closest
        point lies outside.
    chosen : bool (n,)
        Primaries, in whose axes the box lies.
    states_at : callable
        States of pairs at instants.
    """
    findings = _by_number(findings, objects)
    if box_m:
        findings = _inside_box(findings, np.asarray(box_m, dtype=np.float64), chosen, states_at)
    event_rule = _ruling(rules, objects.object_id[findings.pairs])
    slow_rule = _ruling(rules, objects.object_id[findings.slow.pairs])
    hidden = _suppressed_table(findings, event_rule, slow_rule, objects, rules, start_tai_ns, leap_seconds)
    listed = _exclusions_table(rules, event_rule, slow_rule)
    kept = _keep(findings, event_rule < 0, slow_rule < 0)
    return Selection(kept, hidden, listed)


def _by_number(findings: Findings, objects: ScreenedObjects) -> Findings:
    """Return the findings with the smaller number first in each pair, seen from it."""
    slow = findings.slow
    turned = replace(
        slow,
        pairs=_sorted_pairs(slow.pairs, objects),
        closest=_seen_from_smaller(slow.closest, slow.pairs, objects),
    )
    return replace(
        findings,
        pairs=_sorted_pairs(findings.pairs, objects),
        encounters=_seen_from_smaller(findings.encounters, findings.pairs, objects),
        slow=turned,
    )


def _larger_first(pairs: NDArray[np.int64], objects: ScreenedObjects) -> NDArray[np.bool_]:
    return np.asarray(objects.object_id[pairs[:, 0]] > objects.object_id[pairs[:, 1]])


def _sorted_pairs(pairs: NDArray[np.int64], objects: ScreenedObjects) -> NDArray[np.int64]:
    return np.where(_larger_first(pairs, objects)[:, None], pairs[:, ::-1], pairs)


def _seen_from_smaller(found: Encounters, pairs: NDArray[np.int64], objects: ScreenedObjects) -> Encounters:
    turn = _larger_first(pairs, objects)[:, None]
    sign = np.where(turn, -1.0, 1.0)
    return Encounters(
        found.seconds,
        np.where(turn, found.position_a_m + found.separation_m, found.position_a_m),
        np.where(turn, found.velocity_a_m_s + found.relative_velocity_m_s, found.velocity_a_m_s),
        sign * found.separation_m,
        sign * found.relative_velocity_m_s,
    )


def _inside_box(
    findings: Findings, box_m: NDArray[np.float64], chosen: NDArray[np.bool_], states_at: StatesAt
) -> Findings:
    found, slow = findings.encounters, findings.slow
    around = float(np.linalg.norm(box_m))
    half = np.sqrt(np.maximum(around**2 - found.distance_m**2, 0.0)) / np.maximum(found.speed_m_s, 1e-3)
    half = np.minimum(1.5 * half, _LONGEST_HALF_S)
    end = findings.exits.seconds[findings.pairs].min(axis=1, initial=np.inf) - 1e-3
    begin = np.maximum(found.seconds - half, 0.0)
    event = _enters(findings.pairs, begin, np.minimum(found.seconds + half, end), box_m, chosen, states_at)
    last = findings.exits.seconds[slow.pairs].min(axis=1, initial=np.inf) - 1e-3
    until = np.maximum(np.minimum(slow.end_s, last), slow.begin_s)
    stays = _enters(slow.pairs, slow.begin_s, until, box_m, chosen, states_at)
    return _keep(findings, event, stays)


def _enters(
    pairs: NDArray[np.int64],
    begin_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
    box_m: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    states_at: StatesAt,
) -> NDArray[np.bool_]:
    """Return which pairs are in the box of a chosen one at some time; straight lines join 33 states."""
    inside = np.zeros(len(pairs), dtype=bool)
    share = np.linspace(0.0, 1.0, _SAMPLES)
    for first in range(0, len(pairs), _ROWS_AT_ONCE):
        part = slice(first, first + _ROWS_AT_ONCE)
        some = pairs[part]
        seconds = begin_s[part, None] + (end_s - begin_s)[part, None] * share
        found = states_at(np.repeat(some, _SAMPLES, axis=0), seconds.ravel())
        for side, sign in ((0, 1.0), (1, -1.0)):
            position = found.position_a_m + (found.separation_m if side else 0.0)
            velocity = found.velocity_a_m_s + (found.relative_velocity_m_s if side else 0.0)
            axes = rtn_axes(position, velocity)
            local = np.einsum("nac,nc->na", axes, sign * found.separation_m).reshape(-1, _SAMPLES, 3)
            inside[part] |= chosen[some[:, side]] & _crosses(local / box_m)
    return inside


def _crosses(path: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether broken lines (n, m, 3) meet the cube from -1 to 1 (slab test of every piece)."""
    start, step = path[:, :-1], np.diff(path, axis=1)
    safe = np.where(np.abs(step) > 1e-300, step, 1e-300)
    one, two = (-1.0 - start) / safe, (1.0 - start) / safe
    enter = np.minimum(one, two).max(axis=2)
    leave = np.maximum(one, two).min(axis=2)
    return np.asarray(((enter <= leave) & (leave >= 0.0) & (enter <= 1.0)).any(axis=1))


def _ruling(rules: Rules, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each pair of numbers the line of the list that hides it, the first one, or -1."""
    ruling = np.full(len(pairs), -1, dtype=np.int64)
    for k in range(len(rules.exclusions) - 1, -1, -1):
        if rules.notes[k]:
            continue
        a, b = rules.numbers[k].tolist()
        hit = (pairs == a).any(axis=1)
        if b >= 0:
            hit &= (pairs == b).any(axis=1)
        ruling[hit] = k
    return ruling


def _keep(findings: Findings, event: NDArray[np.bool_], stays: NDArray[np.bool_]) -> Findings:
    slow = findings.slow
    kept = SlowIntervals(
        slow.pairs[stays],
        slow.begin_s[stays],
        slow.end_s[stays],
        slow.begin_cut[stays],
        slow.end_cut[stays],
        _some(slow.closest, stays),
    )
    return replace(
        findings, pairs=findings.pairs[event], encounters=_some(findings.encounters, event), slow=kept
    )


def _some(found: Encounters, rows: NDArray[np.bool_]) -> Encounters:
    return Encounters(
        found.seconds[rows],
        found.position_a_m[rows],
        found.velocity_a_m_s[rows],
        found.separation_m[rows],
        found.relative_velocity_m_s[rows],
    )


def _suppressed_table(
    findings: Findings,
    event_rule: NDArray[np.int64],
    slow_rule: NDArray[np.int64],
    objects: ScreenedObjects,
    rules: Rules,
    start_tai_ns: int,
    leap_seconds: LeapSeconds,
) -> Table:
    events, slow = np.flatnonzero(event_rule >= 0), np.flatnonzero(slow_rule >= 0)
    pairs = np.concatenate([findings.pairs[events], findings.slow.pairs[slow]])
    rule = np.concatenate([event_rule[events], slow_rule[slow]])
    at = np.concatenate([findings.encounters.seconds[events], findings.slow.closest.seconds[slow]])
    miss = np.concatenate([findings.encounters.distance_m[events], findings.slow.closest.distance_m[slow]])
    kind = np.array(["event"] * len(events) + ["interval"] * len(slow), dtype=object)
    tai_ns = start_tai_ns + np.round(at * 1e9).astype(np.int64)
    line = np.array([rules.exclusions[k].line for k in rule.tolist()], dtype=np.int64)
    reason = np.array([rules.exclusions[k].reason for k in rule.tolist()], dtype=object)
    return table(
        "suppressed",
        [
            column("kind", kind, "", "event or interval"),
            column("object_a", objects.object_id[pairs[:, 0]], "1", "catalogue number of a"),
            column("object_b", objects.object_id[pairs[:, 1]], "1", "catalogue number of b"),
            column("name_a", objects.name[pairs[:, 0]], "", "name of a"),
            column("name_b", objects.name[pairs[:, 1]], "", "name of b"),
            column("closest_utc", format_utc_many(tai_ns, leap_seconds), "", "closest approach, UTC"),
            column("miss_distance_m", miss, "m", "smallest distance", tolerance=1.0),
            column("rule_line", line, "1", "line of the exclusion list that hides it"),
            column("reason", reason, "", "reason given there"),
        ],
        "approaches found and not reported, because the exclusion list names them",
    )


def _exclusions_table(rules: Rules, event_rule: NDArray[np.int64], slow_rule: NDArray[np.int64]) -> Table:
    count = len(rules.exclusions)
    events = np.bincount(event_rule[event_rule >= 0], minlength=count)
    slow = np.bincount(slow_rule[slow_rule >= 0], minlength=count)
    rows: list[tuple[int, str, str, str, int, int, str]] = [
        (
            rule.line,
            rule.object_a,
            rule.object_b or "*",
            rule.reason,
            int(events[k]),
            int(slow[k]),
            rules.notes[k],
        )
        for k, rule in enumerate(rules.exclusions)
    ]
    rows += [(line, "", "", "", 0, 0, f"not used: {reason}") for line, reason in rules.rejected]
    rows.sort(key=lambda row: row[0])
    texts = [np.array([row[k] for row in rows], dtype=object) for k in (1, 2, 3, 6)]
    numbers = [np.array([row[k] for row in rows], dtype=np.int64) for k in (0, 4, 5)]
    return table(
        "exclusions",
        [
            column("line", numbers[0], "1", "line of the exclusion list"),
            column("object_a", texts[0], "", "as written"),
            column("object_b", texts[1], "", "as written, * for everything"),
            column("reason", texts[2], "", "as written"),
            column("events", numbers[1], "1", "events it hides"),
            column("intervals", numbers[2], "1", "slow intervals it hides"),
            column("note", texts[3], "", "why it hides nothing, where it cannot"),
        ],
        "every line of the exclusion list and what it hides",
    )
