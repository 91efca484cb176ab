"""The door of the comparison: two lists in, every approach of both in exactly one class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.astro.time import LeapSeconds, format_utc_many, parse_utc
from syzygy.base.errors import DefectError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import InputFile, Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table, column, table
from syzygy.debris.comparison.causes import (
    CLASSES,
    DOUBLED,
    SAME,
    UNEXPLAINED,
    Cause,
    Side,
    Tolerances,
    explain_both,
    explain_only,
    find_turned_objects,
    with_grid,
)
from syzygy.debris.comparison.event_lists import (
    EventList,
    Limits,
    limits_of,
    read_event_list,
    with_other_threshold,
)
from syzygy.debris.comparison.matching import Matches, match_events
from syzygy.debris.comparison.motion import Motion
from syzygy.debris.comparison.requests import ComparisonRequest
from syzygy.debris.element_sets import LeftOut, left_out_table, load_element_sets
from syzygy.formats.event_rows import find_columns, read_rows


@dataclass(frozen=True)
class ComparisonResult:
    """Why two lists differ.

    Attributes
    ----------
    provenance : Provenance
    differences : Table
        One row per approach of either list, with its class and the evidence.
    budget : Table
        Counts by class; their sums are the lengths of the lists.
    left_out : Table
        Rows and element sets that could not be used.
    count_a, count_b : int
        Approaches of each list.
    elements : str
        Which element sets were at hand.
    """

    provenance: Provenance
    differences: Table
    budget: Table
    left_out: Table
    count_a: int
    count_b: int
    elements: str

    def tables(self) -> tuple[Table, ...]:
        """Return all tables, the differences first."""
        return (self.differences, self.budget, self.left_out)

    def counts(self) -> dict[str, int]:
        """Return the number of approaches in each class that occurs."""
        rows = self.budget.rows()
        return {str(row["class"]): int(str(row["rows"])) for row in rows if row["class"] != "sum"}

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the lengths of the lists and the largest classes."""
        counts = self.counts()
        causes = {name: n for name, n in counts.items() if name != SAME and n}
        largest = sorted(causes.items(), key=lambda item: (-item[1], item[0]))[:4]
        return (
            KeyFigure("approaches in A", f"{self.count_a:,}"),
            KeyFigure("approaches in B", f"{self.count_b:,}"),
            KeyFigure("the same in both", f"{counts.get(SAME, 0):,}"),
            *(KeyFigure(f"because of {name}", f"{n:,}") for name, n in largest),
            KeyFigure("without an explanation", f"{counts.get(UNEXPLAINED, 0):,}"),
        )

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        counts = self.counts()
        causes = [f"{n} {name}" for name, n in counts.items() if name != SAME and n]
        return Narrative(
            inputs=f"{self.count_a} approaches of list A and {self.count_b} of list B; {self.elements}.",
            models="Approaches of one pair are matched one to one by time, after any offset that most share. "
            "What is left is put down to window, threshold, objects, elements, frame, slow pairs or method, "
            "in a fixed order; minima are computed anew with SGP4 from each side's element sets.",
            validity=f"Every approach is in exactly one class: {counts.get(SAME, 0)} the same"
            f"{', ' + ', '.join(causes) if causes else ''}.",
            limits="A class says which difference of the inputs is enough to explain the row, with the "
            "evidence beside it; where a list does not tell its window or threshold, its own events do.",
        )


def compare_lists(
    request: ComparisonRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> ComparisonResult:
    """Say of every approach of two lists why it is in both or in one only.

    Raises
    ------
    FormatError
        A list or a catalogue that cannot be read, or lacks a column.
    InputError
        A column that the user names is not there.

    Notes
    -----
    **Accuracy** planted causes are found: a list thinned on a 60 s grid, another threshold, window, epoch,
    time scale, frame or unit (``test_debris_comparison``).
    """
    leap_seconds = almanac.leap_seconds
    progress.start("comparing", 4)
    a, b, left_out, elements = _sides(request, leap_seconds)
    progress.advance()
    tolerances = Tolerances(request.time_tolerance_s, request.distance_tolerance_m, request.slow_speed_m_s)
    matches = match_events(a.events, b.events, request.match_s, request.time_tolerance_s)
    both = explain_both(a, b, matches, tolerances)
    progress.advance()
    only_a, only_b = _explain_rest(a, b, matches, tolerances)
    progress.advance()
    differences = _differences_table(a, b, matches, both, only_a, only_b, leap_seconds)
    budget = _budget_table(differences, len(a.events), len(b.events))
    progress.advance()
    return ComparisonResult(
        Provenance(
            study="debris.comparison",
            request=describe_request(request),
            inputs=input_files(request),
            almanac_sha256=almanac.sha256,
            code_version=syzygy.__version__,
            models={"propagation": "SGP4, WGS-72, improved mode (AIAA 2006-6753)"},
        ),
        differences,
        budget,
        left_out_table(left_out),
        len(a.events),
        len(b.events),
        elements,
    )


def _explain_rest(
    a: Side, b: Side, matches: Matches, tolerances: Tolerances
) -> tuple[list[Cause], list[Cause]]:
    """Explain what stands in one list only; what a turned frame shows in one explains what it hides."""
    nothing: frozenset[int] = frozenset()
    first_a = explain_only(a, b, matches.only_a, tolerances, nothing)
    first_b = explain_only(b, a, matches.only_b, tolerances, nothing)
    turned_a = find_turned_objects(a, first_a, matches.only_a)
    turned_b = find_turned_objects(b, first_b, matches.only_b)
    if turned_b:
        first_a = explain_only(a, b, matches.only_a, tolerances, turned_b)
    if turned_a:
        first_b = explain_only(b, a, matches.only_b, tolerances, turned_a)
    only_a = with_grid(first_a, matches.only_a, a, b, matches.both[:, 0])
    only_b = with_grid(first_b, matches.only_b, b, a, matches.both[:, 1])
    return only_a, only_b


def _sides(request: ComparisonRequest, leap_seconds: LeapSeconds) -> tuple[Side, Side, list[LeftOut], str]:
    lists = [
        read_event_list(source, columns, leap_seconds, start)
        for source, columns, start in (
            (request.a, request.columns_a, request.start_a_tai_ns),
            (request.b, request.columns_b, request.start_b_tai_ns),
        )
    ]
    left_out = [item for events in lists for item in events.left_out]
    reference = int(min((events.tca_tai_ns.min() for events in lists if len(events)), default=0))
    motions: list[Motion | None] = []
    same = _hashes(request.catalogues_a) == _hashes(request.catalogues_b)
    for catalogues in (request.catalogues_a, request.catalogues_b):
        if catalogues and same and motions:
            motions.append(motions[0])
        elif catalogues:
            sets = load_element_sets(catalogues, leap_seconds)
            left_out.extend(sets.left_out)
            motions.append(Motion(sets.elements, reference, leap_seconds))
        else:
            motions.append(None)
    own = [motion is not None for motion in motions]
    motions = [motions[0] or motions[1], motions[1] or motions[0]]
    limits = (
        limits_of(
            lists[0], request.start_a_tai_ns, request.duration_a_s, request.threshold_a_m, leap_seconds
        ),
        limits_of(
            lists[1], request.start_b_tai_ns, request.duration_b_s, request.threshold_b_m, leap_seconds
        ),
    )
    limits = (
        with_other_threshold(limits[0], lists[0], limits[1]),
        with_other_threshold(limits[1], lists[1], limits[0]),
    )
    slow = (
        _read_slow(request.intervals_a, leap_seconds, limits[0]),
        _read_slow(request.intervals_b, leap_seconds, limits[1]),
    )
    a, b = (Side(letter, lists[k], limits[k], motions[k], own[k], slow[k]) for k, letter in enumerate("AB"))
    return a, b, left_out, _elements_text(own, same)


def _hashes(files: Sequence[InputFile]) -> list[str]:
    return sorted(file.sha256 for file in files)


def _elements_text(own: Sequence[bool], same: bool) -> str:
    if not any(own):
        return "no element sets were given, so causes that need them stay open"
    if all(own):
        return "both lists rest on the same element sets" if same else "each list with its own element sets"
    return f"element sets were given for list {'AB'[own.index(True)]} only and taken for the other, too"


def _read_slow(
    source: InputFile | None, leap_seconds: LeapSeconds, limits: Limits
) -> dict[tuple[int, int], list[tuple[int, int]]]:
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    if source is None:
        return found
    rows = read_rows(source.read(), name=source.name)
    if not rows:
        return found
    needed = ("object_a", "object_b", "start_utc|start_s", "end_utc|end_s")
    names = find_columns(list(rows[0][1]), (), needed, name=source.name)
    for _, cells in rows:
        pair = sorted(int(cells[names[f"object_{side}"][0]]) for side in "ab")
        ends = [_border(cells, names, end, leap_seconds, limits) for end in ("start", "end")]
        found.setdefault((pair[0], pair[1]), []).append((ends[0], ends[1]))
    return found


def _border(
    cells: dict[str, object],
    names: dict[str, tuple[str, float]],
    end: str,
    leap_seconds: LeapSeconds,
    limits: Limits,
) -> int:
    if f"{end}_utc" in names:
        return parse_utc(str(cells[names[f"{end}_utc"][0]]), leap_seconds)
    return limits.begin_tai_ns + round(float(str(cells[names[f"{end}_s"][0]])) * 1e9)


def _differences_table(
    a: Side,
    b: Side,
    matches: Matches,
    both: list[Cause],
    only_a: list[Cause],
    only_b: list[Cause],
    leap_seconds: LeapSeconds,
) -> Table:
    """Return one row per approach, by class and time."""
    doubled = Cause(DOUBLED, "the same approach stands in its list before")
    rows: list[tuple[int, int, Cause]] = [
        *((i, j, cause) for (i, j), cause in zip(matches.both.tolist(), both, strict=True)),
        *((i, -1, cause) for i, cause in zip(matches.only_a.tolist(), only_a, strict=True)),
        *((-1, j, cause) for j, cause in zip(matches.only_b.tolist(), only_b, strict=True)),
        *((i, -1, doubled) for i in matches.doubled_a.tolist()),
        *((-1, j, doubled) for j in matches.doubled_b.tolist()),
    ]

    def instant(row: tuple[int, int, Cause]) -> int:
        i, j, _ = row
        return int(a.events.tca_tai_ns[i] if i >= 0 else b.events.tca_tai_ns[j])

    rows.sort(key=lambda row: (CLASSES.index(row[2].name), instant(row), row[0], row[1]))
    return _assembled(a.events, b.events, rows, leap_seconds)


def _assembled(
    a: EventList, b: EventList, rows: list[tuple[int, int, Cause]], leap_seconds: LeapSeconds
) -> Table:
    i = np.array([row[0] for row in rows], dtype=np.int64)
    j = np.array([row[1] for row in rows], dtype=np.int64)
    in_a, in_b = i >= 0, j >= 0

    def take(values_a: NDArray[np.float64], values_b: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        taken = []
        for values, index, there in ((values_a, i, in_a), (values_b, j, in_b)):
            column_of = np.full(len(rows), np.nan)
            column_of[there] = values[index[there]]
            taken.append(column_of)
        return taken

    def first(values_a: NDArray[np.generic], values_b: NDArray[np.generic]) -> NDArray[np.object_]:
        return np.array(
            [values_a[m] if m >= 0 else values_b[n] for m, n in zip(i.tolist(), j.tolist(), strict=True)],
            dtype=object,
        )

    pairs = np.array(
        [(a.pairs[m] if m >= 0 else b.pairs[n]).tolist() for m, n, _ in rows], dtype=np.int64
    ).reshape(-1, 2)
    miss, speed = take(a.miss_m, b.miss_m), take(a.speed_m_s, b.speed_m_s)
    times = [_utc(events.tca_tai_ns, index, leap_seconds) for events, index in ((a, i), (b, j))]
    zero = int(min((int(e.tca_tai_ns.min()) for e in (a, b) if len(e)), default=0))
    seconds = take((a.tca_tai_ns - zero) / 1e9, (b.tca_tai_ns - zero) / 1e9)
    lines = [
        np.where(index >= 0, events.line[np.maximum(index, 0)] if len(events) else 0, 0)
        for events, index in ((a, i), (b, j))
    ]
    return table(
        "differences",
        [
            column("class", np.array([row[2].name for row in rows], dtype=object), "", "cause, or same"),
            column("in_a", in_a, "", "stands in list A"),
            column("in_b", in_b, "", "stands in list B"),
            column("object_a", pairs[:, 0], "1", "catalogue number"),
            column("object_b", pairs[:, 1], "1", "catalogue number"),
            column("name_a", first(a.names[:, 0], b.names[:, 0]), "", "name, where a list has it"),
            column("name_b", first(a.names[:, 1], b.names[:, 1]), "", "name, where a list has it"),
            column("tca_in_a_utc", times[0], "", "time in A, empty where absent"),
            column("tca_in_b_utc", times[1], "", "time in B, empty where absent"),
            column("miss_in_a_m", miss[0], "m", "distance in A", tolerance=1e-6),
            column("miss_in_b_m", miss[1], "m", "distance in B", tolerance=1e-6),
            column("later_in_b_s", seconds[1] - seconds[0], "s", "time in B minus time in A", tolerance=1e-6),
            column(
                "closer_in_a_m", miss[1] - miss[0], "m", "distance in B minus distance in A", tolerance=1e-6
            ),
            column("speed_in_a_m_s", speed[0], "m/s", "relative speed in A", tolerance=1e-6),
            column("speed_in_b_m_s", speed[1], "m/s", "relative speed in B", tolerance=1e-6),
            column("line_in_a", lines[0], "1", "line or record of A, 0 where absent"),
            column("line_in_b", lines[1], "1", "line or record of B, 0 where absent"),
            column("evidence", np.array([row[2].evidence for row in rows], dtype=object), "", "why"),
        ],
        "every approach of both lists and the cause of each difference",
    )


def _utc(
    tai_ns: NDArray[np.int64], index: NDArray[np.int64], leap_seconds: LeapSeconds
) -> NDArray[np.object_]:
    texts = np.full(len(index), "", dtype=object)
    there = index >= 0
    texts[there] = format_utc_many(tai_ns[index[there]], leap_seconds)
    return texts


def _budget_table(differences: Table, count_a: int, count_b: int) -> Table:
    """Count each class; the sums must be the lengths of the lists."""
    named = differences["class"]
    in_a, in_b = np.asarray(differences["in_a"], dtype=bool), np.asarray(differences["in_b"], dtype=bool)
    rows: list[tuple[str, int, int, int]] = []
    for name in CLASSES:
        here = np.asarray(named == name)
        if here.any():
            both = int((here & in_a & in_b).sum())
            rows.append((name, both, int((here & in_a).sum()) - both, int((here & in_b).sum()) - both))
    total = [sum(row[1] for row in rows), sum(row[2] for row in rows), sum(row[3] for row in rows)]
    if total[0] + total[1] != count_a or total[0] + total[2] != count_b:
        raise DefectError(
            "the budget of a comparison does not close",
            value=f"{total}",
            allowed=f"{count_a} and {count_b}",
            where="debris.comparison",
        )
    rows.append(("sum", total[0], total[1], total[2]))
    counts = [np.array([row[k] for row in rows], dtype=np.int64) for k in (1, 2, 3)]
    return table(
        "budget",
        [
            column("class", np.array([row[0] for row in rows], dtype=object), "", "cause, or same"),
            column("in_both", counts[0], "1", "approaches of both lists"),
            column("only_in_a", counts[1], "1", "approaches of A alone"),
            column("only_in_b", counts[2], "1", "approaches of B alone"),
            column("rows", sum(counts[1:], counts[0]), "1", "all of them"),
        ],
        "approaches by class; in_both + only_in_a is the length of A, in_both + only_in_b that of B",
    )
