"""When a burn is allowed: earliest, latest, and the stretches of ground contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import InputError

_SECOND_NS = 1_000_000_000
_FEW = 3


@dataclass(frozen=True)
class BurnSpan:
    """A stretch of time in which the first burn may be made, TAI nanoseconds, ends included."""

    begin_tai_ns: int
    end_tai_ns: int


def read_spans(
    texts: Sequence[str], earliest_tai_ns: int, latest_tai_ns: int, leap_seconds: LeapSeconds
) -> tuple[BurnSpan, ...]:
    """Return the allowed spans, cut to earliest and latest and joined where they overlap.

    Parameters
    ----------
    texts : sequence of str
        ``START/END`` in UTC; none means all the time between earliest and latest.

    Raises
    ------
    InputError
        A text that is no span, an end before its start, or no span left.
    """
    if latest_tai_ns < earliest_tai_ns:
        raise InputError(
            "no time is left for a burn",
            value=f"latest {(earliest_tai_ns - latest_tai_ns) / 1e9:.0f} s before earliest",
            allowed="earliest before latest, both before the closest approach",
            where="earliest_utc, latest_utc",
            hint="give an earlier --earliest-utc or a later --latest-utc",
        )
    given = [_span(text, leap_seconds) for text in texts] or [BurnSpan(earliest_tai_ns, latest_tai_ns)]
    cut = sorted(
        (max(span.begin_tai_ns, earliest_tai_ns), min(span.end_tai_ns, latest_tai_ns)) for span in given
    )
    joined: list[tuple[int, int]] = []
    for begin, end in cut:
        if end < begin:
            continue
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    if not joined:
        raise InputError(
            "no allowed span lies between earliest and latest",
            value=", ".join(texts),
            allowed="at least one span before the closest approach",
            where="allowed",
            hint="contacts after the event cannot solve it",
        )
    return tuple(BurnSpan(*pair) for pair in joined)


def spread_times(spans: Sequence[BurnSpan], count: int) -> NDArray[np.int64]:
    """Return about `count` whole seconds spread evenly over the spans, at least one in each."""
    total = sum(span.end_tai_ns - span.begin_tai_ns for span in spans)
    times: list[NDArray[np.int64]] = []
    for span in spans:
        seconds = (span.end_tai_ns - span.begin_tai_ns) / _SECOND_NS
        share = max(1, round(count * seconds * _SECOND_NS / total)) if total else 1
        # Few instants stay away from the ends of a contact.
        steps = (
            np.linspace(0.0, seconds, share + 2)[1:-1] if share < _FEW else np.linspace(0.0, seconds, share)
        )
        times.append(span.begin_tai_ns + np.floor(steps).astype(np.int64) * _SECOND_NS)
    return np.unique(np.concatenate(times))


def is_allowed(tai_ns: NDArray[np.int64], spans: Sequence[BurnSpan]) -> NDArray[np.bool_]:
    """Return which instants lie in a span."""
    inside = np.zeros(tai_ns.shape, dtype=bool)
    for span in spans:
        inside |= (tai_ns >= span.begin_tai_ns) & (tai_ns <= span.end_tai_ns)
    return inside


def _span(text: str, leap_seconds: LeapSeconds) -> BurnSpan:
    begin, slash, end = text.partition("/")
    if not slash or not begin.strip() or not end.strip():
        raise InputError(
            "not a span of time",
            value=text,
            allowed="START/END in UTC, e.g. 2022-07-15T02:00/2022-07-15T02:12",
            where="allowed",
        )
    found = BurnSpan(parse_utc(begin.strip(), leap_seconds), parse_utc(end.strip(), leap_seconds))
    if found.end_tai_ns < found.begin_tai_ns:
        raise InputError(
            "a span ends before it begins", value=text, allowed="START before END", where="allowed"
        )
    return found
