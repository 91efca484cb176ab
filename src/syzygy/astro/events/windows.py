"""What a search returns: crossings, windows, and the certificate that none is missing."""

from __future__ import annotations

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
