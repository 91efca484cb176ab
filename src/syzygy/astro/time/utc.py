"""UTC as pairs (day, nanoseconds of the day): the form in which a leap second has a place of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.instants import NS_PER_DAY, NS_PER_S, Instants, as_instants
from syzygy.astro.time.leap_seconds import LeapSeconds, offset_index, offsets_of_utc_days
from syzygy.base.errors import FormatError


def utc_day_and_ns(
    tai_ns: ArrayLike, leap_seconds: LeapSeconds, where: str = ""
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Convert instants to UTC days since 1970-01-01 and nanoseconds of that day.

    The nanoseconds reach 86 401 000 000 000 on a day that ends with a leap second.

    Raises
    ------
    CoverageError
        Before 1972, or after the end of the table when predictions are not allowed.

    **Accuracy**: exact; against ERFA ``taiutc`` in ``tests/astro/test_time_erfa.py``.

    Examples
    --------
    >>> from syzygy.astro.time import LeapSeconds
    >>> table = LeapSeconds([16436, 17167], [36, 37], 1_800_000_000_000_000_000)
    >>> [int(part) for part in utc_day_and_ns(1_483_228_836_500_000_000, table)]
    [17166, 86400500000000]
    """
    instants = as_instants(tai_ns)
    index = offset_index(instants, leap_seconds, where)
    shifted = instants - leap_seconds.tai_minus_utc_s[index] * NS_PER_S
    day = shifted // NS_PER_DAY
    following = np.minimum(index + 1, leap_seconds.start_utc_day.size - 1)
    next_start = leap_seconds.start_utc_day[following]
    inserted = (following > index) & (day >= next_start)
    day = np.where(inserted, next_start - 1, day)
    return day, shifted - day * NS_PER_DAY


def utc_day_length_s(utc_day: ArrayLike, leap_seconds: LeapSeconds) -> NDArray[np.int64]:
    """Return the number of seconds in each UTC day: 86 400, or 86 401 before a leap second."""
    day = np.asarray(utc_day, dtype=np.int64)
    starts, offsets = leap_seconds.start_utc_day, leap_seconds.tai_minus_utc_s
    index = np.minimum(np.searchsorted(starts, day + 1), starts.size - 1)
    steps = np.concatenate([[0], np.diff(offsets)])
    return 86_400 + np.where(starts[index] == day + 1, steps[index], 0)


def tai_from_utc_day_and_ns(
    utc_day: ArrayLike, ns_of_day: ArrayLike, leap_seconds: LeapSeconds, where: str = ""
) -> Instants:
    """Convert UTC days since 1970-01-01 and nanoseconds of the day to instants.

    Raises
    ------
    CoverageError
        Before 1972, or after the end of the table when predictions are not allowed.
    FormatError
        Nanoseconds below zero or beyond the length of that day (23:59:60 where no leap second is).
    """
    day = np.asarray(utc_day, dtype=np.int64)
    ns = np.asarray(ns_of_day, dtype=np.int64)
    offset = offsets_of_utc_days(day, leap_seconds, where)
    late = ns >= NS_PER_DAY - NS_PER_S
    if np.any(ns < 0) or (np.any(late) and np.any(ns >= utc_day_length_s(day, leap_seconds) * NS_PER_S)):
        raise FormatError(
            "a time of day is outside its UTC day",
            value=f"{int(ns.max()) / NS_PER_S:.9f} s",
            allowed="0 to 86400 s, to 86401 s only on a day that ends with a leap second",
            where=where,
            hint="check the date: leap seconds stand at the end of 30 June or 31 December of certain years",
        )
    instants: Instants = day * NS_PER_DAY + ns + offset * NS_PER_S
    return instants
