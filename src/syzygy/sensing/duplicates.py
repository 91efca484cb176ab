"""Double work of two partners: opportunities that would bring nearly the same picture.

Two opportunities of different partners over one place are duplicates when their best times lie within the
tolerance, their sensors are of one band class, the coarser ground sampling distance is not more than the
given ratio coarser, and the smaller coverage shares at least the given part with the larger.
The score is overlap x (finer / coarser) x (1 - time gap / twice the tolerance), 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.sensing.imaging import Opportunities

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class DuplicateRule:
    """When two opportunities count as one.

    Attributes
    ----------
    time_s : float
        Largest distance of the best times.
    overlap : float
        Least share of the smaller coverage, 0 to 1.
    gsd_ratio : float
        Largest ratio, 1 or more.
    """

    time_s: float
    overlap: float
    gsd_ratio: float


@dataclass(frozen=True, eq=False)
class Duplicates:
    """k pairs (earlier, later) and what they make of each of the n opportunities.

    Attributes
    ----------
    first, second : int64 (k,)
        Rows; the first has the earlier best time.
    gap_s, overlap, gsd_ratio, score : (k,)
        Of each pair.
    duplicate_of : int64 (n,)
        The earlier opportunity with the highest score, -1 for none.
    group : int64 (n,)
        Number of the group of linked opportunities from 1 in order of time, 0 for none.
    score_of : (n,)
        Highest score of any pair an opportunity is in, 0 for none.
    """

    first: IntArray
    second: IntArray
    gap_s: FloatArray
    overlap: FloatArray
    gsd_ratio: FloatArray
    score: FloatArray
    duplicate_of: IntArray
    group: IntArray
    score_of: FloatArray


def find_duplicates(
    found: Opportunities,
    partner: NDArray[np.object_],
    band_class: NDArray[np.object_],
    gsd_m: FloatArray,
    cell_counts: IntArray,
    rule: DuplicateRule,
) -> Duplicates:
    """Find every pair of duplicates.

    Parameters
    ----------
    found : Opportunities
        n opportunities.
    partner, band_class : object (n,)
        Owner and class of each.
    gsd_m : (n,)
        Ground sampling distance at the view.
    cell_counts : int64 (places,)
        Number of points of each place.
    rule : DuplicateRule
        The rule.
    """
    pairs: list[tuple[float, ...]] = []
    slices = found.seen_slices
    order = np.lexsort((found.best_s, found.place))
    for rows in np.split(order, np.flatnonzero(np.diff(found.place[order])) + 1):
        if not len(rows):
            continue
        place = int(found.place[rows[0]])
        imaged = np.zeros((len(rows), int(cell_counts[place])), dtype=np.bool_)
        for i, row in enumerate(rows.tolist()):
            seen = slices[row]
            imaged[i, found.seen_point[seen][found.seen_imaged[seen]]] = True
        best_s = found.best_s[rows]
        last = np.searchsorted(best_s, best_s + rule.time_s, side="right")
        sizes = imaged.sum(axis=1)
        for i, row in enumerate(rows.tolist()):
            later = np.arange(i + 1, last[i])
            others = rows[later]
            ratio = np.maximum(gsd_m[others], gsd_m[row]) / np.minimum(gsd_m[others], gsd_m[row])
            likely = (
                (partner[others] != partner[row])
                & (band_class[others] == band_class[row])
                & (ratio <= rule.gsd_ratio)
            )
            later, ratio = later[likely], ratio[likely]
            common = (imaged[later] & imaged[i]).sum(axis=1) / np.minimum(sizes[later], sizes[i])
            for j, share, fine in zip(later.tolist(), common.tolist(), ratio.tolist(), strict=True):
                if share >= rule.overlap:
                    gap = float(best_s[j] - best_s[i])
                    nearness = 1.0 - gap / (2.0 * rule.time_s) if rule.time_s > 0.0 else 1.0
                    pairs.append((row, int(rows[j]), gap, share, fine, share / fine * nearness))
    return _marked(pairs, len(found), found.best_s)


def _marked(pairs: list[tuple[float, ...]], count: int, best_s: FloatArray) -> Duplicates:
    table = np.array(sorted(pairs), dtype=np.float64).reshape(-1, 6)
    first, second = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    score = table[:, 5]
    duplicate_of = np.full(count, -1, dtype=np.int64)
    score_of = np.zeros(count)
    best_as_second = np.zeros(count)
    group = np.arange(count)
    for a, b, value in zip(first.tolist(), second.tolist(), score.tolist(), strict=True):
        score_of[[a, b]] = np.maximum(score_of[[a, b]], value)
        if value > best_as_second[b]:
            best_as_second[b], duplicate_of[b] = value, a
        low, high = sorted((int(group[a]), int(group[b])))
        group[group == high] = low
    linked = score_of > 0.0
    number = np.zeros(count, dtype=np.int64)
    roots = np.unique(group[linked])
    begin = {root: float(best_s[group == root].min()) for root in roots.tolist()}
    for rank, root in enumerate(sorted(begin, key=lambda r: (begin[r], r)), 1):
        number[(group == root) & linked] = rank
    return Duplicates(
        first, second, table[:, 2], table[:, 3], table[:, 4], score, duplicate_of, number, score_of
    )
