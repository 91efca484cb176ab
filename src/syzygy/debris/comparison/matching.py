"""Which approach of one list is which of the other; a common offset in time is found first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.comparison.event_lists import EventList

_LARGEST_OFFSET_S = 13.0 * 3600.0
_GRAIN_S = 0.05
_LEAST_EVENTS = 5
_LEAST_SHARE = 0.5

KNOWN_OFFSETS_S = (
    (37.0, "TAI taken for UTC"),
    (69.184, "TT taken for UTC"),
    (32.184, "TT taken for TAI"),
    (18.0, "GPS time taken for UTC"),
    (19.0, "TAI taken for GPS time"),
    (51.184, "TT taken for GPS time"),
    (1.0, "a leap second"),
)


@dataclass(frozen=True)
class Matches:
    """The pairs of rows that are one approach, and what is left.

    Attributes
    ----------
    both : int64 (k, 2)
        Row in A and row in B.
    only_a, only_b : int64
        Rows without a partner.
    doubled_a, doubled_b : int64
        Rows that repeat another row of their own list.
    offset_s : float
        Common shift of B's times against A's, 0 where there is none.
    """

    both: NDArray[np.int64]
    only_a: NDArray[np.int64]
    only_b: NDArray[np.int64]
    doubled_a: NDArray[np.int64]
    doubled_b: NDArray[np.int64]
    offset_s: float


def match_events(a: EventList, b: EventList, match_s: float, tolerance_s: float) -> Matches:
    """Match one to one within each pair of objects, the closest in time first."""
    doubled_a, doubled_b = _doubles(a, tolerance_s), _doubles(b, tolerance_s)
    rows_a, rows_b = _by_pair(a, doubled_a), _by_pair(b, doubled_b)
    offset = _common_offset_s(a, b, rows_a, rows_b, tolerance_s)
    candidates = []
    for pair, mine in rows_a.items():
        for i in mine:
            for j in rows_b.get(pair, ()):
                apart = (int(b.tca_tai_ns[j]) - int(a.tca_tai_ns[i])) / 1e9 - offset
                if abs(apart) <= match_s:
                    candidates.append((abs(apart), i, j))
    taken_a, taken_b, both = set(doubled_a.tolist()), set(doubled_b.tolist()), []
    for _, i, j in sorted(candidates):
        if i not in taken_a and j not in taken_b:
            both.append((i, j))
            taken_a.add(i)
            taken_b.add(j)
    only_a = [i for i in range(len(a)) if i not in taken_a]
    only_b = [j for j in range(len(b)) if j not in taken_b]
    return Matches(
        np.array(sorted(both), dtype=np.int64).reshape(-1, 2),
        np.array(only_a, dtype=np.int64),
        np.array(only_b, dtype=np.int64),
        doubled_a,
        doubled_b,
        offset,
    )


def name_offset(offset_s: float, tolerance_s: float) -> str:
    """Return what a common offset is, where it is one of the usual mistakes.

    Examples
    --------
    >>> name_offset(-69.184, 0.02), name_offset(7200.0, 0.02)
    ('TT taken for UTC', '2 h: a time zone')
    """
    for known, words in KNOWN_OFFSETS_S:
        if abs(abs(offset_s) - known) <= tolerance_s:
            return words
    hours = offset_s / 3600.0
    if abs(hours - round(hours)) * 3600.0 <= tolerance_s and round(hours):
        return f"{round(hours)} h: a time zone"
    return "no usual difference of time scales"


def _doubles(events: EventList, tolerance_s: float) -> NDArray[np.int64]:
    """Return rows that repeat an earlier row of the same pair at the same time."""
    order = np.lexsort((events.line, events.tca_tai_ns, events.pairs[:, 1], events.pairs[:, 0]))
    pairs, times = events.pairs[order], events.tca_tai_ns[order]
    repeats = np.zeros(len(events), dtype=bool)
    repeats[1:] = (pairs[1:] == pairs[:-1]).all(axis=1) & (np.diff(times) <= tolerance_s * 1e9)
    return np.sort(order[repeats])


def _by_pair(events: EventList, doubled: NDArray[np.int64]) -> dict[tuple[int, int], list[int]]:
    skipped = set(doubled.tolist())
    rows: dict[tuple[int, int], list[int]] = {}
    for k, (one, two) in enumerate(events.pairs.tolist()):
        if k not in skipped:
            rows.setdefault((one, two), []).append(k)
    return rows


def _common_offset_s(
    a: EventList,
    b: EventList,
    rows_a: dict[tuple[int, int], list[int]],
    rows_b: dict[tuple[int, int], list[int]],
    tolerance_s: float,
) -> float:
    """Return the difference of times that most pairs share, 0 where most share none."""
    apart = np.array(
        [
            (int(b.tca_tai_ns[j]) - int(a.tca_tai_ns[i])) / 1e9
            for pair, mine in rows_a.items()
            for i in mine
            for j in rows_b.get(pair, ())
        ]
    )
    apart = np.sort(apart[np.abs(apart) <= _LARGEST_OFFSET_S])
    if apart.size < _LEAST_EVENTS:
        return 0.0
    width = max(2.0 * tolerance_s, _GRAIN_S)
    crowd = np.searchsorted(apart, apart + width, side="right") - np.arange(apart.size)
    best = int(np.argmax(crowd))
    shared = apart[best : best + int(crowd[best])]
    offset = float(np.median(shared))
    near_zero = int((np.abs(apart) <= width).sum())
    pairs = sum(min(len(mine), len(rows_b.get(pair, ()))) for pair, mine in rows_a.items())
    often = shared.size >= _LEAST_EVENTS and shared.size >= _LEAST_SHARE * pairs
    return offset if often and shared.size > near_zero and abs(offset) > tolerance_s else 0.0
