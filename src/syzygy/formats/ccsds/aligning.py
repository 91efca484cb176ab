"""Data lines of two messages side by side: by their epochs, so that one line too many disturbs no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from syzygy.base.errors import SyzygyError
from syzygy.formats.ccsds.comparing_values import Clock, instant_change_ns, read_instant
from syzygy.formats.ccsds.model import Block, Record

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_WINDOWS = (16, 256, 4096)
Pair = tuple[int, Record | None, Record | None]
_Key = tuple[str, str, object]


def align_records(
    first: Block, second: Block, first_clock: Clock, second_clock: Clock, leap_seconds: LeapSeconds | None
) -> Iterator[Pair]:
    """Yield pairs of data lines with their number, None where only one of the two has the line.

    Lines belong together when keyword and instant agree. Where they do not, the nearest pair that does is
    looked for among the next 4096 lines of both; without one, lines are paired by their position.
    """
    sides = (deque[Record](), deque[Record]())
    sources = first.records(), second.records()
    window = _WINDOWS[-1]
    number = 0
    while True:
        for waiting, source in zip(sides, sources, strict=True):
            if not waiting:
                waiting.extend(islice(source, 1))
        a, b = sides
        if not a and not b:
            return
        together = min(len(a), len(b), 1)
        skip = (0, 0)
        if a and b and not _same_key(a[0], b[0], first_clock, second_clock, leap_seconds):
            found = None
            for size in (size for size in _WINDOWS if size <= window):
                for waiting, source in zip(sides, sources, strict=True):
                    waiting.extend(islice(source, max(size - len(waiting), 0)))
                found = _nearest(a, b, size, first_clock, second_clock, leap_seconds)
                if found is not None:
                    break
            if found is None:
                window //= 16  # another clock throughout: by position, without looking far
            else:
                skip, window = found, _WINDOWS[-1]
        elif not together:
            skip = (len(a), len(b))
        for _ in range(min(skip)):
            number += 1
            yield number, a.popleft(), b.popleft()
        for side in (0, 1):
            for _ in range(skip[side] - min(skip)):
                number += 1
                record = sides[side].popleft()
                yield (number, record, None) if side == 0 else (number, None, record)
        if together and a and b:
            number += 1
            yield number, a.popleft(), b.popleft()


def _same_key(
    a: Record, b: Record, first_clock: Clock, second_clock: Clock, leap_seconds: LeapSeconds | None
) -> bool:
    if a.keyword != b.keyword:
        return False
    if a.epoch == b.epoch and first_clock == second_clock:
        return True
    x, y = read_instant(a.epoch, first_clock), read_instant(b.epoch, second_clock)
    if x is None or y is None:
        return a.epoch == b.epoch
    return instant_change_ns(x, y, leap_seconds) == 0


def _nearest(
    a: deque[Record], b: deque[Record], size: int, first_clock: Clock, second_clock: Clock,
    leap_seconds: LeapSeconds | None,
) -> tuple[int, int] | None:  # fmt: skip
    """Return how many lines of each to pass to come to lines that belong together."""
    places: dict[_Key, int] = {}
    for index, record in enumerate(islice(a, size)):
        places.setdefault(_key(record, first_clock, leap_seconds), index)
    best: tuple[int, int] | None = None
    for index, record in enumerate(islice(b, size)):
        other = places.get(_key(record, second_clock, leap_seconds))
        if other is not None and (best is None or index + other < sum(best)):
            best = other, index
        if best is not None and index >= sum(best):
            break
    return best


def _key(record: Record, clock: Clock, leap_seconds: LeapSeconds | None) -> _Key:
    instant = read_instant(record.epoch, clock)
    if instant is None:
        return record.keyword, "", record.epoch
    if leap_seconds is not None and instant.system in ("UTC", "TAI", "TT", "GPS", "TDB"):
        with suppress(SyzygyError):  # a leap second where there is none
            return record.keyword, "TAI", instant.tai_ns(leap_seconds)
    return record.keyword, instant.system, instant.label_ns()
