"""Two-part Julian dates: a whole part that a double holds exactly, and a fraction of the day.

One double of Julian date resolves 40 us (0.3 m of a low orbit); the pair resolves less than a nanosecond.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.instants import (
    JD_1970,
    NS_PER_DAY,
    NS_PER_S,
    TT_MINUS_TAI_NS,
    Instants,
    as_instants,
    as_two_parts,
    require_ns_in_range,
)
from syzygy.astro.time.leap_seconds import LeapSeconds
from syzygy.astro.time.tdb import tdb_minus_tt_s
from syzygy.astro.time.utc import tai_from_utc_day_and_ns, utc_day_and_ns, utc_day_length_s

JulianDate = tuple[NDArray[np.float64], NDArray[np.float64]]


def utc_julian_date(tai_ns: ArrayLike, leap_seconds: LeapSeconds) -> JulianDate:
    """Return UTC as (Julian date of midnight, seconds of the day / 86 400).

    This is the convention of SGP4 and of calendar programs.  During a leap second the fraction is 1 to
    1.0000116 (the next day begins again at 0), so the pair stays unique; ERFA wants `utc_quasi_julian_date`.

    Raises
    ------
    CoverageError
        Before 1972, or after the end of the table when predictions are not allowed.

    Examples
    --------
    >>> from syzygy.astro.time import LeapSeconds
    >>> table = LeapSeconds([16436, 17167], [36, 37], 1_800_000_000_000_000_000)
    >>> jd, fraction = utc_julian_date(1_593_086_437_000_000_000, table)
    >>> float(jd), float(fraction)
    (2459025.5, 0.5)
    """
    day, ns = utc_day_and_ns(tai_ns, leap_seconds)
    return day.astype(np.float64) + JD_1970, ns / NS_PER_DAY


def utc_quasi_julian_date(tai_ns: ArrayLike, leap_seconds: LeapSeconds) -> JulianDate:
    """Return UTC as ERFA's quasi Julian date: the day that ends with a leap second is 86 401 s long.

    **Accuracy**: exact to the nanosecond against ERFA ``utctai`` (``tests/astro/test_time_erfa.py``).
    """
    day, ns = utc_day_and_ns(tai_ns, leap_seconds)
    return day.astype(np.float64) + JD_1970, ns / (utc_day_length_s(day, leap_seconds) * NS_PER_S)


def tai_from_utc_julian_date(jd: ArrayLike, fraction: ArrayLike, leap_seconds: LeapSeconds) -> Instants:
    """Return the instants of two-part UTC Julian dates (86 400 s days), rounded to the nanosecond.

    A fraction of 1 or more on a midnight `jd` is read as the leap second where there is one.

    Raises
    ------
    CoverageError
        Not finite, before 1972, or after the end of the table when predictions are not allowed.
    """
    day, ns = _day_and_ns(jd, fraction)
    over = ns >= NS_PER_DAY
    inside = ns < utc_day_length_s(day, leap_seconds) * NS_PER_S
    move = over & ~inside
    return tai_from_utc_day_and_ns(
        day + np.where(move, 1, 0), ns - np.where(move, NS_PER_DAY, 0), leap_seconds, "jd, fraction"
    )


def tai_julian_date(tai_ns: ArrayLike) -> JulianDate:
    """Return TAI as a two-part Julian date."""
    return _pair(as_instants(tai_ns))


def tt_julian_date(tai_ns: ArrayLike) -> JulianDate:
    """Return TT as a two-part Julian date.

    Examples
    --------
    >>> [float(part) for part in tt_julian_date(946_727_967_816_000_000)]
    [2451544.5, 0.5]
    """
    return _pair(as_instants(tai_ns) + TT_MINUS_TAI_NS)


def tdb_julian_date(tai_ns: ArrayLike) -> JulianDate:
    """Return TDB as a two-part Julian date (fraction in [0, 1]); accuracy as `tdb_minus_tt_s`."""
    instants = as_instants(tai_ns)
    jd, fraction = _pair(instants + TT_MINUS_TAI_NS)
    return _normalised(jd, fraction + tdb_minus_tt_s(instants) / 86_400.0)


def tai_from_tai_julian_date(jd: ArrayLike, fraction: ArrayLike) -> Instants:
    """Return the instants of two-part TAI Julian dates, rounded to the nanosecond."""
    day, ns = _day_and_ns(jd, fraction)
    instants: Instants = day * NS_PER_DAY + ns
    return instants


def tai_from_tt_julian_date(jd: ArrayLike, fraction: ArrayLike) -> Instants:
    """Return the instants of two-part TT Julian dates, rounded to the nanosecond."""
    return tai_from_tai_julian_date(jd, fraction) - TT_MINUS_TAI_NS


def tai_from_tdb_julian_date(jd: ArrayLike, fraction: ArrayLike) -> Instants:
    """Return the instants of two-part TDB Julian dates, rounded to the nanosecond."""
    label = tai_from_tt_julian_date(jd, fraction)
    instants: Instants = label - np.rint(tdb_minus_tt_s(label) * 1e9).astype(np.int64)
    return instants


def _pair(label_ns: NDArray[np.int64]) -> JulianDate:
    day, ns = np.divmod(label_ns, NS_PER_DAY)
    return day.astype(np.float64) + JD_1970, ns / NS_PER_DAY


def _normalised(jd: NDArray[np.float64], fraction: NDArray[np.float64]) -> JulianDate:
    carry = np.floor(fraction)
    return jd + carry, fraction - carry


def _day_and_ns(jd: ArrayLike, fraction: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    first, second = as_two_parts(jd, fraction, "jd, fraction")
    for days in (first - JD_1970, second, first - JD_1970 + second):
        require_ns_in_range(days, "jd, fraction")
    day = np.floor(first - JD_1970)
    rest = (first - JD_1970) - day
    # Both parts become nanoseconds on their own: their sum as doubles would lose some.
    ns = np.rint(rest * NS_PER_DAY).astype(np.int64) + np.rint(second * NS_PER_DAY).astype(np.int64)
    shift = np.where((ns < 0) | (ns >= NS_PER_DAY + NS_PER_S), ns // NS_PER_DAY, 0)
    return day.astype(np.int64) + shift, ns - shift * NS_PER_DAY
