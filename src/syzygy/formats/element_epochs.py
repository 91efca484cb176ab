"""Epochs of element sets: a UTC calendar day and the nanoseconds since its midnight, both exact."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

NS_PER_DAY = 86_400_000_000_000
JD_OF_1970 = 2440587.5

_ISO = re.compile(
    r"([0-9]{4})-(?:([0-9]{2})-([0-9]{2})|([0-9]{3}))T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{0,15}))?Z?"
)


def tai_from_utc_day(
    utc_day: NDArray[np.int64], day_ns: NDArray[np.int64], leap_seconds: LeapSeconds
) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Convert UTC days since 1970-01-01 and nanoseconds of the day to TAI.

    Returns
    -------
    tai_ns : int64 array
        Where covered; elsewhere 0.
    problem : object array of str
        Empty where covered: not before the table begins, not after it ends (unless it allows predictions),
        and 23:59:60 only on a day that has it.
    """
    starts, offsets = leap_seconds.start_utc_day, leap_seconds.tai_minus_utc_s
    entry = np.searchsorted(starts, utc_day, side="right") - 1
    tai_ns = utc_day * NS_PER_DAY + day_ns + offsets[np.maximum(entry, 0)] * 1_000_000_000
    problem = np.full(utc_day.shape, "", dtype=object)
    if not leap_seconds.allow_predicted:
        problem[tai_ns >= leap_seconds.expires_tai_ns] = (
            "the epoch lies after the end of the leap-second table"
        )
    problem[entry < 0] = "the epoch lies before the leap-second table begins (UTC of 1972)"
    inserted = day_ns >= NS_PER_DAY
    following = np.minimum(entry + 1, starts.size - 1)
    known = (starts[following] == utc_day + 1) & (offsets[following] > offsets[np.maximum(entry, 0)])
    problem[inserted & ~known & (entry >= 0)] = "the epoch is a leap second that never was"
    return np.where(problem == "", tai_ns, 0), problem


def julian_date_from_utc_day(
    utc_day: NDArray[np.int64], day_ns: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two-part Julian date (midnight, fraction of 86,400 s) of a UTC day."""
    return utc_day.astype(np.float64) + JD_OF_1970, day_ns / NS_PER_DAY


def first_day_of_year(year: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the days from 1970-01-01 to 1 January of each year."""
    return (year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)


def parse_iso_epoch(text: str) -> tuple[int, int] | None:
    """Read ``2022-07-15T06:50:12.305760`` or ``2020-064T10:34:41.4264`` as UTC day and nanoseconds.

    Returns
    -------
    (utc_day, day_ns) or None
        None where the text is no such date. Digits beyond the nanosecond are rounded; the second 60 is
        accepted only at 23:59.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, day_of_year, hour, minute, second, digits = match.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second) > 60 or int(year) < 1:
        return None
    if int(second) == 60 and (hour, minute) != ("23", "59"):
        return None
    if day_of_year is not None:
        start = np.datetime64(f"{year}-01-01", "D").astype(np.int64)
        length = np.datetime64(f"{int(year) + 1:04d}-01-01", "D").astype(np.int64) - start
        if not 1 <= int(day_of_year) <= length:
            return None
        utc_day = int(start) + int(day_of_year) - 1
    else:
        try:
            utc_day = int(np.datetime64(f"{year}-{month}-{day}", "D").astype(np.int64))
        except ValueError:
            return None
    digits = digits or ""
    nanoseconds = round(int((digits or "0").ljust(15, "0")) / 1_000_000)
    return utc_day, ((int(hour) * 60 + int(minute)) * 60 + int(second)) * 1_000_000_000 + nanoseconds
