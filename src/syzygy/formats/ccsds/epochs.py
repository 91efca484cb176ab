"""Epochs of messages: texts to day and nanosecond of the day, and those to instants when asked.

A message's epoch stays text until here. The time system decides what follows: UTC, TAI, TT, TDB, GPS are
turned into instants; MET, MRT, SCLK, GMST, TCB, TCG, UT1 cannot be by the reader alone, and are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time import TimeScale, tai_from_labels, tai_from_tdb_seconds, tai_from_utc_day_and_ns
from syzygy.base.errors import FormatError, TimeScaleError
from syzygy.formats.ccsds.grammar import epoch_fault

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_NS_PER_S = 1_000_000_000
_NS_PER_DAY = 86_400 * _NS_PER_S
_J2000_LABEL_S = 946_728_000  # 2000-01-01T12:00:00 counted from 1970-01-01T00:00:00 of the same scale
_MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_PARALLEL = {"TAI": TimeScale.TAI, "TT": TimeScale.TT, "GPS": TimeScale.GPS}


@dataclass(frozen=True, eq=False)
class Epochs:
    """n epochs of one time system: days since 1970-01-01 and nanosecond of the day.

    The nanosecond reaches 86 401 s in a leap second. Both are labels of `time_system`, not instants.
    """

    day: NDArray[np.int64]
    day_ns: NDArray[np.int64]
    time_system: str

    def __len__(self) -> int:
        """Return n."""
        return int(self.day.size)

    def tai_ns(self, leap_seconds: LeapSeconds) -> NDArray[np.int64]:
        """Return the instants.

        Raises
        ------
        TimeScaleError
            The time system cannot be turned into TAI by the reader alone, or the leap second label stands in
            a system without leap seconds.
        """
        system = self.time_system.upper()
        if system == "UTC":
            return tai_from_utc_day_and_ns(self.day, self.day_ns, leap_seconds)
        if system not in _PARALLEL and system != "TDB":
            raise TimeScaleError(
                "epochs of this time system cannot be turned into instants by the reader alone",
                value=system or "no TIME_SYSTEM",
                allowed="UTC, TAI, TT, TDB, GPS",
                hint="the partner has to say how this clock runs; the text of each epoch is kept",
            )
        if bool((self.day_ns >= _NS_PER_DAY).any()):
            raise TimeScaleError(
                "a leap second stands in a time system that has none",
                value=system,
                allowed="seconds 00 to 59",
            )
        if system in _PARALLEL:
            return tai_from_labels(self.day * _NS_PER_DAY + self.day_ns, _PARALLEL[system])
        whole = self.day * 86_400 + self.day_ns // _NS_PER_S - _J2000_LABEL_S
        fraction = (self.day_ns % _NS_PER_S) / _NS_PER_S
        return tai_from_tdb_seconds(whole.astype(np.float64), fraction)


def parse_epochs(texts: Sequence[str], time_system: str, where: str = "") -> Epochs:
    """Parse epochs one by one.

    Raises
    ------
    FormatError
        A text is no date and time of the book, or has digits below a nanosecond.
    """
    day = np.empty(len(texts), dtype=np.int64)
    day_ns = np.empty(len(texts), dtype=np.int64)
    for index, text in enumerate(texts):
        day[index], day_ns[index] = _parse_one(text, where)
    return Epochs(day, day_ns, time_system)


def _parse_one(text: str, where: str) -> tuple[int, int]:
    fault = epoch_fault(text)
    date, _, clock = text.removesuffix("Z").partition("T")
    whole, _, fraction = clock.partition(".")
    if fault or fraction[9:].strip("0"):
        raise FormatError(
            "the epoch cannot be read as a date and time",
            value=repr(text[:40]),
            allowed="YYYY-MM-DDThh:mm:ss[.d] or YYYY-DDDThh:mm:ss[.d], at most nine digits of a second",
            where=where,
        )
    parts = date.split("-")
    first = int(np.datetime64(f"{parts[0]}-01-01" if len(parts) == 2 else date, "D").astype(np.int64))
    day = first + int(parts[1]) - 1 if len(parts) == 2 else first
    hour, minute, second = (int(part) for part in whole.split(":"))
    return day, (hour * 3600 + minute * 60 + second) * _NS_PER_S + int(fraction[:9].ljust(9, "0") or 0)


def parse_epoch_matrix(text: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Parse n epochs of one width at once.

    Parameters
    ----------
    text : uint8 (n, width)
        ASCII.

    Returns
    -------
    tuple or None
        Day and nanosecond of the day; None where any row departs from the form of the first (the slow road
        then says which).
    """
    width = text.shape[1]
    if text.shape[0] == 0 or width < 17:
        return None
    if text[0, width - 1] == ord("Z"):
        if not bool((text[:, width - 1] == ord("Z")).all()):
            return None
        width -= 1
    time_at = 9 if text[0, 8] == ord("T") else 11
    if width < time_at + 8 or (width > time_at + 8 and width - time_at - 9 not in range(1, 10)):
        return None
    separators = [(4, "-"), (time_at - 1, "T"), (time_at + 2, ":"), (time_at + 5, ":")]
    separators += [(7, "-")] * (time_at == 11) + [(time_at + 8, ".")] * (width > time_at + 8)
    if not all(bool((text[:, at] == ord(mark)).all()) for at, mark in separators):
        return None
    marks = {at for at, _ in separators}
    digits = {at: text[:, at] - np.uint8(48) for at in range(width) if at not in marks}
    if any(bool((column > 9).any()) for column in digits.values()):
        return None

    def number(start: int, stop: int) -> NDArray[np.int64]:
        value = digits[start].astype(np.int64)
        for at in range(start + 1, stop):
            value *= 10
            value += digits[at]
        return value

    day = _days(number(0, 4), number(5, 7 if time_at == 11 else 8), number(8, 10) if time_at == 11 else None)
    hour, minute = number(time_at, time_at + 2), number(time_at + 3, time_at + 5)
    second = number(time_at + 6, time_at + 8)
    leap = second == 60
    bad = (hour > 23) | (minute > 59) | (second > 60) | (leap & ((hour != 23) | (minute != 59)))
    if day is None or bool(bad.any()):
        return None
    day_ns = (hour * 3600 + minute * 60 + second) * _NS_PER_S
    if width > time_at + 8:
        count = width - time_at - 9
        day_ns += number(time_at + 9, width) * 10 ** (9 - count)
    return day, day_ns


def _days(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64] | None
) -> NDArray[np.int64] | None:
    """Return days since 1970-01-01 (`month` is the day of the year where `day` is None), run by run."""
    key = year * 100_000 + month * 100 + (0 if day is None else day)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(key)) + 1])
    runs = np.diff(np.concatenate([starts, [key.size]]))
    y, m = year[starts], month[starts]
    if bool((y == 0).any()):
        return None
    leap = (y % 4 == 0) & ((y % 100 != 0) | (y % 400 == 0))
    if day is None:
        if bool(((m < 1) | (m > 365 + leap)).any()):
            return None
        result = (y - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64) + m - 1
    else:
        d = day[starts]
        if bool(((m < 1) | (m > 12)).any()):
            return None
        if bool(((d < 1) | (d > _MONTH_DAYS[m - 1] + ((m == 2) & leap))).any()):
            return None
        months = ((y - 1970) * 12 + m - 1).astype("datetime64[M]")
        result = months.astype("datetime64[D]").astype(np.int64) + d - 1
    return np.repeat(result, runs)
