"""What a search returns: crossings, windows, and the certificate that none is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class SearchCertificate:
    """Why the answer is complete.

    Attributes
    ----------
    rate_bound, curvature_bound : float64 (lanes,)
        The bounds on |g'| (per s) and |g''| (per s^2) that were used; infinite where none was given.
    intervals, evaluations : int
        Intervals settled, values of g computed after the first grid.
    empty_by_rate, empty_by_curvature, monotone, resolved : int
        How many intervals each of the four proofs settled; they add up to `intervals`.
    touch_lane, touch_tai_ns, touch_value : arrays (k,)
        Where g comes so close to zero that an event shorter than 0.5 ms cannot be excluded.
    unusable_lane, unusable_from_tai_ns, unusable_to_tai_ns : arrays (j,)
        Spans without usable values: nothing is claimed about them.
    """

    rate_bound: NDArray[np.float64]
    curvature_bound: NDArray[np.float64]
    intervals: int
    evaluations: int
    empty_by_rate: int
    empty_by_curvature: int
    monotone: int
    resolved: int
    touch_lane: NDArray[np.int64]
    touch_tai_ns: NDArray[np.int64]
    touch_value: NDArray[np.float64]
    unusable_lane: NDArray[np.int64]
    unusable_from_tai_ns: NDArray[np.int64]
    unusable_to_tai_ns: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Crossings:
    """Zeros of g with a change of sign, sorted by lane and time.

    Attributes
    ----------
    lane, tai_ns : int64 (k,)
        Which function, and when.
    rising : bool (k,)
        True where g goes from below (or equal) to above zero.
    """

    lane: NDArray[np.int64]
    tai_ns: NDArray[np.int64]
    rising: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Windows:
    """Maximal spans with g > 0, sorted by lane and time.

    Attributes
    ----------
    lane, start_tai_ns, end_tai_ns : int64 (k,)
        Which function, and the span.
    open_start, open_end : bool (k,)
        True where the search span, or an unusable span, cuts the window: the edge is no event.
    certificate : SearchCertificate
        The bounds and counts that make the list complete.
    """

    lane: NDArray[np.int64]
    start_tai_ns: NDArray[np.int64]
    end_tai_ns: NDArray[np.int64]
    open_start: NDArray[np.bool_]
    open_end: NDArray[np.bool_]
    certificate: SearchCertificate

    def __len__(self) -> int:
        return int(self.lane.shape[0])


def join_windows(parts: Sequence[Windows], first_lane: Sequence[int]) -> Windows:
    """Return the windows of several searches, the lanes of each part counted on from `first_lane`."""
    certificates = [part.certificate for part in parts]
    offsets = list(first_lane)

    def lanes(arrays: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        return np.concatenate([array + offset for array, offset in zip(arrays, offsets, strict=True)])

    certificate = SearchCertificate(
        rate_bound=np.concatenate([c.rate_bound for c in certificates]),
        curvature_bound=np.concatenate([c.curvature_bound for c in certificates]),
        intervals=sum(c.intervals for c in certificates),
        evaluations=sum(c.evaluations for c in certificates),
        empty_by_rate=sum(c.empty_by_rate for c in certificates),
        empty_by_curvature=sum(c.empty_by_curvature for c in certificates),
        monotone=sum(c.monotone for c in certificates),
        resolved=sum(c.resolved for c in certificates),
        touch_lane=lanes([c.touch_lane for c in certificates]),
        touch_tai_ns=np.concatenate([c.touch_tai_ns for c in certificates]),
        touch_value=np.concatenate([c.touch_value for c in certificates]),
        unusable_lane=lanes([c.unusable_lane for c in certificates]),
        unusable_from_tai_ns=np.concatenate([c.unusable_from_tai_ns for c in certificates]),
        unusable_to_tai_ns=np.concatenate([c.unusable_to_tai_ns for c in certificates]),
    )
    return Windows(
        lane=lanes([part.lane for part in parts]),
        start_tai_ns=np.concatenate([part.start_tai_ns for part in parts]),
        end_tai_ns=np.concatenate([part.end_tai_ns for part in parts]),
        open_start=np.concatenate([part.open_start for part in parts]),
        open_end=np.concatenate([part.open_end for part in parts]),
        certificate=certificate,
    )


def join_crossings(parts: Sequence[Crossings], first_lane: Sequence[int]) -> Crossings:
    """Return the crossings of several searches, the lanes of each part counted on from `first_lane`."""
    return Crossings(
        np.concatenate([part.lane + offset for part, offset in zip(parts, first_lane, strict=True)]),
        np.concatenate([part.tai_ns for part in parts]),
        np.concatenate([part.rising for part in parts]),
    )


def intersect_windows(
    first: Windows, second: Windows
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return lane, start and end of the spans in which both hold (same lanes), sorted by lane and time."""
    lane: list[int] = []
    start: list[int] = []
    end: list[int] = []
    others: dict[int, list[tuple[int, int]]] = {}
    for number, a, b in zip(
        second.lane.tolist(), second.start_tai_ns.tolist(), second.end_tai_ns.tolist(), strict=True
    ):
        others.setdefault(number, []).append((a, b))
    for number, a, b in zip(
        first.lane.tolist(), first.start_tai_ns.tolist(), first.end_tai_ns.tolist(), strict=True
    ):
        for c, d in others.get(number, []):
            if max(a, c) < min(b, d):
                lane.append(number)
                start.append(max(a, c))
                end.append(min(b, d))
    columns = [np.array(values, dtype=np.int64) for values in (lane, start, end)]
    return columns[0], columns[1], columns[2]
