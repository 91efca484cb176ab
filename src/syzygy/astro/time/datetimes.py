"""Doors to Python's ``datetime`` (aware only) and numpy's ``datetime64``; neither can hold a leap second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.instants import NS_PER_DAY, Instants, as_instants, require_ns_in_range
from syzygy.astro.time.leap_seconds import LeapSeconds
from syzygy.astro.time.utc import tai_from_utc_day_and_ns, utc_day_and_ns
from syzygy.base.errors import CoverageError, FormatError, TimeScaleError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT_DAYS = MappingProxyType(
    {
        "Y": 365.2425,
        "M": 30.436875,
        "W": 7.0,
        "D": 1.0,
        "h": 1.0 / 24.0,
        "m": 1.0 / 1_440.0,
        "s": 1.0 / 86_400.0,
        "ms": 1e-3 / 86_400.0,
        "us": 1e-6 / 86_400.0,
        "ns": 1e-9 / 86_400.0,
    }
)
"""Mean lengths, for the check of the range only."""


def tai_from_datetime(moment: datetime, leap_seconds: LeapSeconds) -> int:
    """Convert one aware datetime, of any time zone, to an instant.

    Raises
    ------
    TimeScaleError
        The datetime is naive: nobody can know which scale or zone it means.
    CoverageError
        Before 1972, or after the end of the table when predictions are not allowed.

    Examples
    --------
    >>> from syzygy.astro.time import LeapSeconds
    >>> table = LeapSeconds([16436, 17167], [36, 37], 1_800_000_000_000_000_000)
    >>> from datetime import timezone
    >>> tai_from_datetime(datetime(2020, 6, 25, 15, tzinfo=timezone(timedelta(hours=3))), table)
    1593086437000000000
    """
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise TimeScaleError(
            "a datetime without a time zone",
            value=repr(moment),
            allowed="an aware datetime",
            hint="say datetime(..., tzinfo=datetime.UTC)",
        )
    since = moment.astimezone(UTC) - _EPOCH
    ns = (since.seconds * 1_000_000 + since.microseconds) * 1_000
    return int(tai_from_utc_day_and_ns(since.days, ns, leap_seconds, repr(moment)))


def tai_from_datetimes(moments: Sequence[datetime], leap_seconds: LeapSeconds) -> Instants:
    """Convert aware datetimes to instants; raises as `tai_from_datetime`."""
    return np.array([tai_from_datetime(moment, leap_seconds) for moment in moments], dtype=np.int64)


def datetime_from_tai(tai_ns: int, leap_seconds: LeapSeconds) -> datetime:
    """Convert one instant to an aware UTC datetime, rounded to the microsecond.

    Raises
    ------
    CoverageError
        The instant is inside a leap second, before 1972, or after the end of the table when predictions are
        not allowed.
    """
    day, ns = _without_leap_seconds(as_instants(tai_ns), leap_seconds, "datetime")
    return _EPOCH + timedelta(days=int(day), microseconds=(int(ns) + 500) // 1_000)


def tai_from_datetime64(moments: ArrayLike, leap_seconds: LeapSeconds) -> Instants:
    """Convert numpy ``datetime64`` (understood as UTC) to instants.

    Raises
    ------
    FormatError
        Not a datetime64 array, not-a-time inside, or a unit finer than the nanosecond.
    CoverageError
        Before 1972, or after the end of the table when predictions are not allowed.
    """
    array = np.asarray(moments)
    if array.dtype.kind != "M" or bool(np.any(np.isnat(array))):
        raise FormatError(
            "not a batch of datetime64 times",
            value=f"{array.dtype} {array.ravel()[:1]}",
            allowed="datetime64 without NaT, UTC",
        )
    unit, step = np.datetime_data(array.dtype)
    if unit not in _UNIT_DAYS:
        raise FormatError(
            "a datetime64 unit is not read", value=unit, allowed=", ".join(_UNIT_DAYS), where="datetime64"
        )
    require_ns_in_range(array.astype(np.int64).astype(np.float64) * (_UNIT_DAYS[unit] * step), "datetime64")
    day = array.astype("datetime64[D]").astype(np.int64)
    ns = array.astype("datetime64[ns]").astype(np.int64) - day * NS_PER_DAY
    return tai_from_utc_day_and_ns(day, ns, leap_seconds, "datetime64")


def datetime64_from_tai(tai_ns: ArrayLike, leap_seconds: LeapSeconds) -> NDArray[np.datetime64]:
    """Convert instants to ``datetime64[ns]`` of UTC.

    Raises
    ------
    CoverageError
        An instant inside a leap second, before 1972, or after the end of the table when predictions are not
        allowed.
    """
    day, ns = _without_leap_seconds(as_instants(tai_ns), leap_seconds, "datetime64")
    return (day * NS_PER_DAY + ns).astype("datetime64[ns]")


def _without_leap_seconds(
    tai_ns: Instants, leap_seconds: LeapSeconds, kind: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    day, ns = utc_day_and_ns(tai_ns, leap_seconds)
    if np.any(ns >= NS_PER_DAY):
        raise CoverageError(
            f"an instant inside a leap second cannot be a {kind}",
            value=f"{np.datetime64(int(day[ns >= NS_PER_DAY].ravel()[0]), 'D')}T23:59:60",
            allowed="any other second",
            hint="use format_utc, which can write 23:59:60",
        )
    return day, ns
