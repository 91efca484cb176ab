"""A list of approaches as arrays, whoever wrote it, with every row that could not be used."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import LeapSeconds, format_utc, parse_utc
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.base.provenance import InputFile
from syzygy.debris.element_sets import LeftOut
from syzygy.debris.object_names import normal_name
from syzygy.formats.event_rows import find_columns, read_rows

Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

_NEEDED = ("object_a", "object_b", "tca_utc|tca_jd_utc|tca_unix_s|tca_s", "miss_m")
_USUAL_THRESHOLDS_M = (500.0, 1e3, 2e3, 3e3, 5e3, 1e4, 1.5e4, 2e4, 2.5e4, 5e4, 1e5, 2e5)
_CLOSE_BELOW = 0.75
_CHANCE = 1e-3
_JD_OF_1970 = 2440587.5


@dataclass(frozen=True)
class EventList:
    """n approaches, the smaller number first in each pair.

    Attributes
    ----------
    name : str
        The file.
    pairs : int64 (n, 2)
        Catalogue numbers.
    names : object (n, 2)
        Texts, empty where the list has none.
    tca_tai_ns : int64 (n,)
    miss_m, speed_m_s : float64 (n,)
        The speed is NaN where the list has none.
    age_days : float64 (n, 2)
        Age of the element sets, NaN where the list has none.
    line : int64 (n,)
        Line or record of the file.
    left_out : tuple of LeftOut
        Rows that could not be used.
    """

    name: str
    pairs: Integers
    names: NDArray[np.object_]
    tca_tai_ns: Integers
    miss_m: Doubles
    speed_m_s: Doubles
    age_days: Doubles
    line: Integers
    left_out: tuple[LeftOut, ...]

    def __len__(self) -> int:
        return len(self.line)


@dataclass(frozen=True)
class Limits:
    """Window and threshold of a list, and how they are known.

    Attributes
    ----------
    begin_tai_ns, end_tai_ns : int
    minute_tai_ns : int
        A whole minute of UTC, from which a tool may count its steps: the begin of the window where given.
    window_given, threshold_given : bool
        False: taken from the events.
    threshold_m : float
    """

    begin_tai_ns: int
    end_tai_ns: int
    minute_tai_ns: int
    window_given: bool
    threshold_m: float
    threshold_given: bool

    @property
    def threshold_text(self) -> str:
        """The threshold in words."""
        return f"{self.threshold_m / 1000.0:g} km{'' if self.threshold_given else ' (not given)'}"


def read_event_list(
    source: InputFile, columns: Sequence[str], leap_seconds: LeapSeconds, start_tai_ns: int | None
) -> EventList:
    """Read a list; rows without object, time or distance are listed, not used.

    Raises
    ------
    FormatError
        Not a list, a column is missing, or no row can be used.
    InputError
        A column that the user names is not there.
    """
    rows = read_rows(source.read(), name=source.name)
    present = list(rows[0][1]) if rows else []
    if not rows:
        none = np.empty((0, 2), dtype=np.int64)
        empty = np.empty(0)
        return EventList(
            source.name, none, none.astype(object), none[:, 0], empty, empty, np.empty((0, 2)), none[:, 0], ()
        )
    found = find_columns(present, columns, _NEEDED, name=source.name)
    good: list[tuple[Any, ...]] = []
    bad: list[LeftOut] = []
    for line, cells in rows:
        try:
            good.append((*_row(cells, found, leap_seconds, start_tai_ns), line))
        except (ValueError, TypeError, OverflowError, SyzygyError) as error:
            text = error.what if isinstance(error, SyzygyError) else str(error)
            bad.append(LeftOut(source.name, line, 0, "rejected", text[:120]))
    if not good:
        raise FormatError(
            "no row of the list can be used",
            value=f"{len(bad)} rows, the first: {bad[0].reason}",
            allowed="two objects, a time and a distance in each row",
            where=source.name,
        )
    columns_of = list(zip(*good, strict=True))
    return EventList(
        source.name,
        np.array(list(zip(columns_of[0], columns_of[1], strict=True)), dtype=np.int64),
        np.array(list(zip(columns_of[2], columns_of[3], strict=True)), dtype=object),
        np.array(columns_of[4], dtype=np.int64),
        np.array(columns_of[5], dtype=np.float64),
        np.array(columns_of[6], dtype=np.float64),
        np.array(list(zip(columns_of[7], columns_of[8], strict=True)), dtype=np.float64),
        np.array(columns_of[9], dtype=np.int64),
        tuple(bad),
    )


def _row(
    cells: dict[str, Any],
    found: dict[str, tuple[str, float]],
    leap_seconds: LeapSeconds,
    start_tai_ns: int | None,
) -> tuple[Any, ...]:
    def value(quantity: str) -> Any:
        column, _ = found.get(quantity, ("", 1.0))
        return cells.get(column, "")

    def number(quantity: str) -> float:
        text = value(quantity)
        if text in ("", None):
            return math.nan
        return float(text) * found[quantity][1]

    a, b = (int(normal_name(str(value(f"object_{side}")))) for side in "ab")
    if a == b:
        raise ValueError(f"an object with itself: {a}")
    miss = number("miss_m")
    if not (math.isfinite(miss) and miss >= 0.0):
        raise ValueError(f"no distance: {value('miss_m')!r}")
    texts = [str(value(f"name_{side}")) for side in "ab"]
    ages = [number(f"age_{side}_days") for side in "ab"]
    if a > b:
        a, b, texts, ages = b, a, texts[::-1], ages[::-1]
    tca = _instant(value, number, leap_seconds, start_tai_ns)
    return a, b, *texts, tca, miss, number("speed_m_s"), *ages


def _instant(value: Any, number: Any, leap_seconds: LeapSeconds, start_tai_ns: int | None) -> int:
    if value("tca_utc") not in ("", None):
        return parse_utc(str(value("tca_utc")).replace(" ", "T"), leap_seconds)
    for quantity, zero in (("tca_unix_s", 0.0), ("tca_jd_utc", _JD_OF_1970)):
        if value(quantity) not in ("", None):
            days = (number(quantity) - zero) / (86400.0 if zero == 0.0 else 1.0)
            whole = math.floor(days)
            midnight = np.datetime64("1970-01-01") + np.timedelta64(whole, "D")
            return parse_utc(str(midnight), leap_seconds) + int(np.round((days - whole) * 86400e9))
    if start_tai_ns is None:
        raise ValueError("seconds of a window whose begin is not given")
    return start_tai_ns + int(np.round(number("tca_s") * 1e9))


def limits_of(
    events: EventList,
    start_tai_ns: int | None,
    duration_s: float | None,
    threshold_m: float | None,
    leap_seconds: LeapSeconds,
) -> Limits:
    """Return what is given, and take the rest from the events: their span, their largest distance."""
    first = int(events.tca_tai_ns.min()) if len(events) else 0
    last = int(events.tca_tai_ns.max()) if len(events) else 0
    begin = start_tai_ns if start_tai_ns is not None else first
    end = begin + round(duration_s * 1e9) if duration_s is not None else max(last, begin)
    largest = float(events.miss_m.max(initial=0.0))
    usual = next((usual for usual in _USUAL_THRESHOLDS_M if usual >= largest), largest)
    inferred = usual if largest >= _CLOSE_BELOW * usual else largest
    given = start_tai_ns is not None and duration_s is not None
    return Limits(
        begin,
        end,
        begin if start_tai_ns is not None else _whole_minute(first, leap_seconds),
        given,
        threshold_m if threshold_m is not None else inferred,
        threshold_m is not None,
    )


def _whole_minute(tai_ns: int, leap_seconds: LeapSeconds) -> int:
    return parse_utc(format_utc(tai_ns, leap_seconds)[:16] + ":00", leap_seconds) if tai_ns else 0


def with_other_threshold(mine: Limits, events: EventList, other: Limits) -> Limits:
    """Return limits with the other list's threshold, where mine is not given and few events cannot tell.

    Of n chance encounters below a distance D all lie below d with the probability (d / D) ** (2 n); only
    where that is below 0.001 the largest distance of a list is taken for its threshold.
    """
    if mine.threshold_given or mine.threshold_m >= other.threshold_m:
        return mine
    chance = (mine.threshold_m / other.threshold_m) ** (2 * len(events))
    return mine if chance < _CHANCE else replace(mine, threshold_m=other.threshold_m)
