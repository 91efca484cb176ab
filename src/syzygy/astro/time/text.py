"""Times as text in any scale: `parse_utc`, `format_utc` and their batch and general forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.calendar_text import (
    CalendarTimes,
    read_calendar_text,
    read_calendar_texts,
    write_calendar_texts,
)
from syzygy.astro.time.earth_orientation import EarthOrientation
from syzygy.astro.time.instants import JD_1970, NS_PER_DAY, TT_MINUS_TAI_NS, Instants, as_instants
from syzygy.astro.time.leap_seconds import LeapSeconds
from syzygy.astro.time.scales import LABEL_MINUS_TAI_NS, TimeScale
from syzygy.astro.time.tdb import tdb_minus_tt_s
from syzygy.astro.time.ut1 import tai_from_ut1_julian_date, ut1_minus_tai_s
from syzygy.astro.time.utc import tai_from_utc_day_and_ns, utc_day_and_ns, utc_day_length_s
from syzygy.base.errors import FormatError, InputError, TimeScaleError

_MOSCOW_NS = 3 * 3_600_000_000_000


def parse_utc(text: str, leap_seconds: LeapSeconds, *, where: str = "") -> int:
    """Read one UTC text as TAI nanoseconds.

    Parameters
    ----------
    text : str
        ``2020-06-25T12:00:00.5Z``, ``2020-177T12:00:00``, a blank instead of the T, any number of decimals
        (rounded to the nanosecond), seconds or the whole time left out; the Z may be missing.
    leap_seconds : LeapSeconds
    where : str
        File, line or field for the message.

    Raises
    ------
    FormatError
        Not such a text; a month, day or second that does not exist, second 60 without a leap second.
    CoverageError
        Before 1972, or after the end of the table when predictions are not allowed.

    Examples
    --------
    >>> from syzygy.astro.time import LeapSeconds
    >>> table = LeapSeconds([16436, 17167], [36, 37], 1_800_000_000_000_000_000)
    >>> parse_utc("2016-12-31T23:59:60.5Z", table)
    1483228836500000000
    """
    day, ns, sixty = read_calendar_text(text, where)
    times = CalendarTimes(np.array([day]), np.array([ns]), np.array([sixty]))
    return int(_utc_instants(times, leap_seconds, lambda _: where or repr(text))[0])


def parse_utc_many(
    texts: Sequence[str] | NDArray[np.generic], leap_seconds: LeapSeconds, *, where: str = ""
) -> Instants:
    """Read many UTC texts (n,) as TAI nanoseconds; raises as `parse_utc`, naming the first wrong text."""
    name = _namer(texts, where)
    return _utc_instants(read_calendar_texts(texts, name), leap_seconds, name)


def format_utc(
    tai_ns: int, leap_seconds: LeapSeconds, digits: int = 3, *, day_of_year: bool = False, suffix: str = "Z"
) -> str:
    """Write one instant as UTC text, rounded to `digits` decimals (0 to 9).

    Examples
    --------
    >>> from syzygy.astro.time import LeapSeconds
    >>> table = LeapSeconds([16436, 17167], [36, 37], 1_800_000_000_000_000_000)
    >>> format_utc(1_483_228_836_500_000_000, table)
    '2016-12-31T23:59:60.500Z'
    >>> format_utc(1_593_086_437_000_000_000, table, 0, day_of_year=True)
    '2020-177T12:00:00Z'
    """
    text = format_utc_many(tai_ns, leap_seconds, digits, day_of_year=day_of_year, suffix=suffix)
    return str(text[()])


def format_utc_many(
    tai_ns: ArrayLike,
    leap_seconds: LeapSeconds,
    digits: int = 3,
    *,
    day_of_year: bool = False,
    suffix: str = "Z",
) -> NDArray[np.object_]:
    """Write instants as UTC texts (an object array of str), rounded to `digits` decimals (0 to 9).

    Raises
    ------
    CoverageError
        Before 1972, or after the end of the table when predictions are not allowed.
    InputError
        Digits outside 0 to 9.
    """
    instants = _rounded(as_instants(tai_ns), digits)
    day, ns = utc_day_and_ns(instants.ravel(), leap_seconds)
    return write_calendar_texts(day, ns, digits, day_of_year=day_of_year, suffix=suffix).reshape(
        instants.shape
    )


def parse_time(
    text: str,
    scale: TimeScale,
    *,
    leap_seconds: LeapSeconds | None = None,
    earth_orientation: EarthOrientation | None = None,
    where: str = "",
) -> int:
    """Read one text written in a scale as TAI nanoseconds; as `parse_time_many` for one.

    Examples
    --------
    >>> parse_time("2000-01-01T12:00:00", TimeScale.TT)
    946727967816000000
    """
    instants = parse_time_many(
        [text], scale, leap_seconds=leap_seconds, earth_orientation=earth_orientation, where=where
    )
    return int(instants[0])


def parse_time_many(
    texts: Sequence[str] | NDArray[np.generic],
    scale: TimeScale,
    *,
    leap_seconds: LeapSeconds | None = None,
    earth_orientation: EarthOrientation | None = None,
    where: str = "",
) -> Instants:
    """Read texts (n,) written in a scale as TAI nanoseconds.

    Raises
    ------
    FormatError
        Not such a text; second 60 in a scale that has none; a Z in a scale other than UTC.
    TimeScaleError
        UTC or GLONASS without leap seconds, UT1 without Earth orientation.
    CoverageError
        Outside the tables.
    """
    name = _namer(texts, where)
    times = read_calendar_texts(texts, name, zulu=scale is TimeScale.UTC)
    if scale is TimeScale.UTC:
        return _utc_instants(times, _need_leap_seconds(leap_seconds, scale), name)
    if scale is TimeScale.GLONASS:
        return _glonass_instants(times, _need_leap_seconds(leap_seconds, scale), name)
    _refuse_second_60(times.second_is_60, scale, name)
    label = times.day * NS_PER_DAY + times.ns_of_day
    if scale is TimeScale.TDB:
        tt: Instants = label - TT_MINUS_TAI_NS
        moved: Instants = tt - np.rint(tdb_minus_tt_s(tt) * 1e9).astype(np.int64)
        return moved
    if scale is TimeScale.UT1:
        table = _need_earth_orientation(earth_orientation)
        leap = _need_leap_seconds(leap_seconds, scale)
        return tai_from_ut1_julian_date(times.day + JD_1970, times.ns_of_day / NS_PER_DAY, leap, table)
    parallel: Instants = label - LABEL_MINUS_TAI_NS[scale]
    return parallel


def format_time(
    tai_ns: int,
    scale: TimeScale,
    digits: int = 3,
    *,
    leap_seconds: LeapSeconds | None = None,
    earth_orientation: EarthOrientation | None = None,
) -> str:
    """Write one instant in a scale; as `format_time_many` for one.

    Examples
    --------
    >>> format_time(946_727_967_816_000_000, TimeScale.TT)
    '2000-01-01T12:00:00.000'
    """
    text = format_time_many(
        tai_ns, scale, digits, leap_seconds=leap_seconds, earth_orientation=earth_orientation
    )
    return str(text[()])


def format_time_many(
    tai_ns: ArrayLike,
    scale: TimeScale,
    digits: int = 3,
    *,
    leap_seconds: LeapSeconds | None = None,
    earth_orientation: EarthOrientation | None = None,
    day_of_year: bool = False,
) -> NDArray[np.object_]:
    """Write instants in a scale (object array of str), rounded to `digits` decimals; UTC ends with Z.

    Raises
    ------
    TimeScaleError
        UTC or GLONASS without leap seconds, UT1 without Earth orientation.
    CoverageError
        Outside the tables.
    """
    instants = as_instants(tai_ns)
    if scale is TimeScale.UTC:
        leap = _need_leap_seconds(leap_seconds, scale)
        return format_utc_many(instants, leap, digits, day_of_year=day_of_year)
    sixty = None
    if scale is TimeScale.GLONASS:
        leap = _need_leap_seconds(leap_seconds, scale)
        day, ns = utc_day_and_ns(_rounded(instants, digits).ravel(), leap)
        sixty = ns >= NS_PER_DAY
        label = day * NS_PER_DAY + ns + _MOSCOW_NS
    else:
        label = _rounded(_labels(instants, scale, leap_seconds, earth_orientation), digits).ravel()
    day, ns = np.divmod(label, NS_PER_DAY)
    text = write_calendar_texts(day, ns, digits, sixty=sixty, day_of_year=day_of_year)
    return text.reshape(instants.shape)


def _labels(
    tai_ns: Instants,
    scale: TimeScale,
    leap_seconds: LeapSeconds | None,
    earth_orientation: EarthOrientation | None,
) -> NDArray[np.int64]:
    if scale is TimeScale.TDB:
        return tai_ns + TT_MINUS_TAI_NS + np.rint(tdb_minus_tt_s(tai_ns) * 1e9).astype(np.int64)
    if scale is TimeScale.UT1:
        table = _need_earth_orientation(earth_orientation)
        offset = ut1_minus_tai_s(tai_ns, _need_leap_seconds(leap_seconds, scale), table)
        return tai_ns + np.rint(offset * 1e9).astype(np.int64)
    return tai_ns + LABEL_MINUS_TAI_NS[scale]


def _utc_instants(times: CalendarTimes, leap_seconds: LeapSeconds, name: Callable[[int], str]) -> Instants:
    sixty = times.second_is_60
    if np.any(sixty):
        leaps = utc_day_length_s(times.day, leap_seconds) > 86_400
        wrong = sixty & ~(leaps & (times.ns_of_day >= NS_PER_DAY))
        _refuse_second_60(wrong, TimeScale.UTC, name)
    # Rounding up at the end of a day may reach one nanosecond past it: only the sum counts.
    late = times.ns_of_day // 1_000_000_000
    limit = utc_day_length_s(times.day, leap_seconds)
    if np.any(late > limit) or np.any((late == limit) & (times.ns_of_day % 1_000_000_000 > 0) & ~sixty):
        index = int(np.argmax(late >= limit))
        raise FormatError(
            "a time of day is outside its UTC day",
            value=f"second {int(late[index])} of the day",
            allowed=f"below {int(limit[index])}",
            where=name(index),
        )
    edge = late >= limit
    ns = times.ns_of_day - edge
    place = name(0) if times.day.size == 1 else ""
    instants: Instants = tai_from_utc_day_and_ns(times.day, ns, leap_seconds, place) + edge
    return instants


def _glonass_instants(
    times: CalendarTimes, leap_seconds: LeapSeconds, name: Callable[[int], str]
) -> Instants:
    sixty = times.second_is_60
    carry, ns = np.divmod(times.ns_of_day - sixty * 1_000_000_000 - _MOSCOW_NS, NS_PER_DAY)
    utc = CalendarTimes(times.day + carry, ns + sixty * 1_000_000_000, sixty)
    return _utc_instants(utc, leap_seconds, name)


def _refuse_second_60(wrong: NDArray[np.bool_], scale: TimeScale, name: Callable[[int], str]) -> None:
    if np.any(wrong):
        raise FormatError(
            "second 60 where no leap second is",
            value=f"second 60 ({scale.value})",
            allowed="23:59:60 UTC (02:59:60 GLONASS) on the days of the leap-second table",
            where=name(int(np.argmax(wrong))),
            hint="check the date; scales other than UTC and GLONASS have no leap seconds",
        )


def _rounded(label_ns: NDArray[np.int64], digits: int) -> NDArray[np.int64]:
    if not 0 <= digits <= 9:
        raise InputError("too many or too few decimals", value=digits, allowed="0 to 9", where="digits")
    unit = 10 ** (9 - digits)
    rounded: NDArray[np.int64] = (label_ns + unit // 2) // unit * unit
    return rounded


def _namer(texts: Sequence[str] | NDArray[np.generic], where: str) -> Callable[[int], str]:
    count = len(texts)

    def name(index: int) -> str:
        place = f"time {index + 1} of {count}: {str(texts[index])!r}" if index < count else ""
        return f"{where}, {place}" if where else place

    return name


def _need_leap_seconds(leap_seconds: LeapSeconds | None, scale: TimeScale) -> LeapSeconds:
    if leap_seconds is None:
        raise TimeScaleError("the scale needs leap seconds", value=scale.value, allowed="leap_seconds=...")
    return leap_seconds


def _need_earth_orientation(table: EarthOrientation | None) -> EarthOrientation:
    if table is None:
        raise TimeScaleError("UT1 needs Earth orientation", value="UT1", allowed="earth_orientation=...")
    return table
