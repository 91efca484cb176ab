"""Segments of an ephemeris, the chain of segments between two bodies, and its evaluation."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.ephemerides.store import CoefficientStore
from syzygy.astro.time.instants import as_two_parts
from syzygy.base.errors import CoverageError
from syzygy.numerics.chebyshev import PiecewiseLayout, add_piecewise

Doubles = NDArray[np.float64]
_J2000 = np.datetime64("2000-01-01T12:00:00.000", "ms")


@dataclass(frozen=True)
class Segment:
    """The position of one body relative to another over a span of time, as piecewise Chebyshev series.

    Attributes
    ----------
    target_id, centre_id : int
        NAIF numbers.
    start_tdb_s, end_tdb_s : float
        Span of validity, seconds of TDB since J2000, both ends included.
    layout : PiecewiseLayout
        Where the series lie; its argument is TDB seconds since J2000.
    scale : float
        From the stored unit to SI; 0 says that the two points are one.
    store : CoefficientStore
        The file.
    name : str
        What the file calls the segment.
    """

    target_id: int
    centre_id: int
    start_tdb_s: float
    end_tdb_s: float
    layout: PiecewiseLayout
    scale: float
    store: CoefficientStore
    name: str = ""

    def covers(self, whole_s: Doubles, fraction_s: Doubles) -> NDArray[np.bool_]:
        """Return which epochs lie inside the span (NaN does not)."""
        after: NDArray[np.bool_] = (whole_s - self.start_tdb_s) + fraction_s >= 0.0
        return after & ((whole_s - self.end_tdb_s) + fraction_s <= 0.0)


@dataclass(frozen=True)
class Link:
    """One step of a chain: all segments of a pair of bodies, in the order of the file, and their sign."""

    segments: tuple[Segment, ...]
    sign: float


def find_chain(segments: Sequence[Segment], target_id: int, centre_id: int) -> tuple[Link, ...] | None:
    """Return the shortest way from centre to target, or None when there is none.

    The Moon relative to the Earth goes over their barycentre or directly, never over the Solar-System
    barycentre, whose large numbers would cost digits.
    """
    pairs: dict[tuple[int, int], list[Segment]] = {}
    for segment in segments:
        pairs.setdefault((segment.target_id, segment.centre_id), []).append(segment)
    reached: dict[int, tuple[int, Link] | None] = {target_id: None}
    waiting = deque([target_id])
    while waiting and centre_id not in reached:
        here = waiting.popleft()
        for (target, centre), found in pairs.items():
            for start, end, sign in ((target, centre, 1.0), (centre, target, -1.0)):
                if start == here and end not in reached:
                    reached[end] = (here, Link(tuple(found), sign))
                    waiting.append(end)
    if centre_id not in reached:
        return None
    chain = []
    step = reached[centre_id]
    while step is not None:
        before, link = step
        chain.append(link)
        step = reached[before]
    return tuple(link for link in chain if any(segment.scale != 0.0 for segment in link.segments))


def add_link(
    link: Link, whole_s: Doubles, fraction_s: Doubles, value: Doubles, rate: Doubles | None, label: str
) -> None:
    """Add the vectors of one link to `value` (n, 3) and `rate` (n, 3); the last segment of a file wins.

    Raises
    ------
    CoverageError
        Some epochs lie outside every segment.
    """
    last = link.segments[-1]
    if bool(last.covers(whole_s, fraction_s).all()):
        _add_segment(last, link.sign, whole_s, fraction_s, value, rate)
        return
    open_epochs = np.ones(whole_s.shape, dtype=bool)
    for segment in reversed(link.segments):
        chosen = open_epochs & segment.covers(whole_s, fraction_s)
        if not chosen.any():
            continue
        part = np.zeros((int(chosen.sum()), 3))
        part_rate = None if rate is None else np.zeros_like(part)
        _add_segment(segment, link.sign, whole_s[chosen], fraction_s[chosen], part, part_rate)
        value[chosen] += part
        if rate is not None and part_rate is not None:
            rate[chosen] += part_rate
        open_epochs &= ~chosen
    if open_epochs.any():
        raise _outside(link.segments, whole_s[open_epochs], whole_s.shape[0], label)


def _add_segment(
    segment: Segment,
    sign: float,
    whole_s: Doubles,
    fraction_s: Doubles,
    value: Doubles,
    rate: Doubles | None,
) -> None:
    scale = sign * segment.scale
    add_piecewise(segment.store.words, segment.layout, whole_s, fraction_s, value, rate, scale=scale)


def flatten_epochs(whole_s: ArrayLike, fraction_s: ArrayLike) -> tuple[Doubles, Doubles, tuple[int, ...]]:
    """Return both parts of the epochs as contiguous rows, and the shape (..., 3) of the vectors to come."""
    parts = as_two_parts(whole_s, fraction_s, "whole_s, fraction_s")
    shape = np.broadcast_shapes(*(part.shape for part in parts))
    # A stretched part is copied: compiled code takes no array whose memory is another's.
    whole, fraction = (
        np.ascontiguousarray(part if part.shape == shape else np.array(np.broadcast_to(part, shape)))
        for part in parts
    )
    return whole.reshape(-1), fraction.reshape(-1), (*shape, 3)


def format_tdb(tdb_s: float) -> str:
    """Return TDB seconds since J2000 as calendar text, e.g. ``2000-01-01T12:00:00.000 TDB``."""
    if not abs(tdb_s) < 1e14:
        return f"{tdb_s} s of TDB since J2000"
    return f"{_J2000 + np.timedelta64(round(tdb_s * 1e3), 'ms')} TDB"


def _outside(segments: Sequence[Segment], outside_s: Doubles, count: int, label: str) -> CoverageError:
    spans = "; ".join(
        f"{format_tdb(segment.start_tdb_s)} to {format_tdb(segment.end_tdb_s)}" for segment in segments[:3]
    )
    more = f" and {len(segments) - 3} more spans" if len(segments) > 3 else ""
    return CoverageError(
        f"{label}: the epoch lies outside the ephemeris",
        value=f"{format_tdb(float(outside_s[0]))} (first of {outside_s.shape[0]} among {count} epochs)",
        allowed=spans + more,
        where=segments[0].store.path.name,
        hint="choose an epoch inside the span, or an ephemeris that reaches further",
    )
