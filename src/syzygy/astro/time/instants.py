"""Instants: int64 nanoseconds of TAI since 1970-01-01T00:00:00 TAI, and the checks at every door."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import CoverageError, InputError, TimeScaleError

NS_PER_S = 1_000_000_000
NS_PER_DAY = 86_400 * NS_PER_S
TT_MINUS_TAI_NS = 32_184_000_000
"""TT - TAI, exact by definition (IAU 1991 Recommendation IV)."""
J2000_DAY_NS = 946_728_000 * NS_PER_S
"""The label 2000-01-01T12:00:00 of any scale, counted from the label 1970-01-01T00:00:00."""
JD_1970 = 2_440_587.5
"""Julian date of the label 1970-01-01T00:00:00."""
MJD_1970 = 40_587
"""Modified Julian Date of the label 1970-01-01T00:00:00."""

Instants = NDArray[np.int64]

_FIRST_DAY, _LAST_DAY = -106_750, 106_750
_MOST_NS = _LAST_DAY * NS_PER_DAY
_MOST_SECONDS = 8.2e9


def as_instants(tai_ns: ArrayLike, where: str = "tai_ns") -> Instants:
    """Check that a value is a batch of instants and return it as int64, without copying where possible.

    Raises
    ------
    TimeScaleError
        Anything but whole numbers: floats lose nanoseconds, datetimes have no leap seconds.
    CoverageError
        Within three minutes of the ends of 64 bits, where another scale would wrap around.
    """
    array: NDArray[Any] = np.asarray(tai_ns)
    if array.dtype == np.int64:
        _require_in_range(array, where)
        return array
    if array.dtype.kind not in "iu" or (array.dtype == np.uint64 and array.size and array.max() >= 2**63):
        raise TimeScaleError(
            "an instant is not a whole number of TAI nanoseconds",
            value=f"{array.dtype} {array.ravel()[:1].tolist()}",
            allowed="int64 nanoseconds of TAI since 1970-01-01T00:00:00 TAI",
            where=where,
            hint="convert text with parse_utc_many, datetimes with tai_from_datetime, "
            "datetime64 with tai_from_datetime64",
        )
    instants = array.astype(np.int64)
    _require_in_range(instants, where)
    return instants


def _require_in_range(instants: Instants, where: str) -> None:
    if instants.size and (instants.min() < -_MOST_NS or instants.max() > _MOST_NS):
        raise CoverageError(
            "an instant is too close to the ends of the nanosecond count",
            value=f"{int(instants.min())} to {int(instants.max())} ns",
            allowed=f"{-_MOST_NS} to {_MOST_NS} ns (1677-09-23 to 2262-04-10)",
            where=where,
        )


def as_two_parts(
    first: ArrayLike, second: ArrayLike, where: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the two parts of a time as float64 arrays that broadcast.

    Raises
    ------
    InputError
        Shapes that do not fit.
    """
    parts = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    try:
        np.broadcast_shapes(parts[0].shape, parts[1].shape)
    except ValueError as error:
        raise InputError(
            "the two parts of a time do not fit together",
            value=f"shapes {parts[0].shape}, {parts[1].shape}",
            allowed="shapes that broadcast",
            where=where,
        ) from error
    return parts


def require_seconds_in_range(
    whole_s: NDArray[np.float64], fraction_s: NDArray[np.float64], where: str
) -> None:
    """Refuse seconds since J2000.0 in two parts that are not finite or do not fit the nanosecond count.

    Raises
    ------
    CoverageError
        Not finite, or one of the parts or their sum outside 1740 to 2259.
    """
    for seconds in (whole_s, fraction_s, whole_s + fraction_s):
        bad = ~(np.abs(seconds) < _MOST_SECONDS)
        if np.any(bad):
            raise CoverageError(
                "seconds are not finite or too far from J2000.0",
                value=f"{seconds[bad].ravel()[0]} s",
                allowed=f"magnitude below {_MOST_SECONDS:g} s (1740 to 2259)",
                where=where,
                hint="seconds count from 2000-01-01T12:00:00",
            )


def require_days_in_range(day: NDArray[np.int64] | int, where: str = "") -> None:
    """Refuse calendar days whose nanosecond count does not fit 64 bits.

    Raises
    ------
    CoverageError
        A day outside 1677-09-23 to 2262-04-10.
    """
    days = np.asarray(day)
    if days.size and (days.min() < _FIRST_DAY or days.max() > _LAST_DAY):
        worst = int(days.max() if days.max() > _LAST_DAY else days.min())
        raise CoverageError(
            "a date does not fit the nanosecond count",
            value=f"day {worst} since 1970-01-01",
            allowed="1677-09-23 to 2262-04-10",
            where=where,
            hint="nanoseconds in 64 bits end there",
        )


def require_ns_in_range(total_days: NDArray[np.float64] | float, where: str = "") -> None:
    """Refuse approximate day counts (since 1970) that are not finite or do not fit 64 bits.

    Raises
    ------
    CoverageError
        Not a number, infinite, or outside 1677-09-23 to 2262-04-10.
    """
    days = np.asarray(total_days, dtype=np.float64)
    if days.size and not bool(np.all((days > _FIRST_DAY) & (days < _LAST_DAY))):
        raise CoverageError(
            "a date is not finite or does not fit the nanosecond count",
            value=f"{days.ravel()[int(np.argmin((days > _FIRST_DAY) & (days < _LAST_DAY)))]} "
            "days since 1970-01-01",
            allowed="1677-09-23 to 2262-04-10",
            where=where,
            hint="check the unit: Julian dates are days",
        )
