"""Satellite-navigation clocks: week and time of week of GPS, Galileo and BeiDou; GLONASS four-year count.

All whole numbers, so nothing is lost.  Offsets between these clocks below a microsecond (GGTO, UTC(k)) are
broadcast data and not part of the scales.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.instants import NS_PER_DAY, NS_PER_S, Instants, as_instants
from syzygy.astro.time.leap_seconds import LeapSeconds
from syzygy.astro.time.scales import TimeScale, labels_from_tai, tai_from_labels
from syzygy.astro.time.utc import tai_from_utc_day_and_ns, utc_day_and_ns
from syzygy.base.errors import InputError, TimeScaleError

NS_PER_WEEK = 7 * NS_PER_DAY

WEEK_ZERO_DAY = MappingProxyType({TimeScale.GPS: 3_657, TimeScale.GST: 10_825, TimeScale.BDT: 13_149})
"""First day of week 0, days since 1970-01-01: GPS 1980-01-06, Galileo 1999-08-22, BeiDou 2006-01-01."""

_GLONASS_DAY_ZERO = 9_496  # 1996-01-01, first day of the first four-year interval
_FOUR_YEARS_DAYS = 1_461
_LAST_DAY = 106_700
_MOSCOW_NS = 3 * 3_600 * NS_PER_S


def week_and_ns(tai_ns: ArrayLike, scale: TimeScale) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Convert instants to (full week number, nanoseconds of the week) of GPS, GST or BDT.

    Raises
    ------
    TimeScaleError
        The scale has no weeks.

    Examples
    --------
    >>> week, ns = week_and_ns(1_593_043_219_000_000_000, TimeScale.GPS)
    >>> int(week), int(ns) // 10**9
    (2111, 345600)
    """
    zero = _week_zero_ns(scale)
    week, ns = np.divmod(labels_from_tai(tai_ns, scale) - zero, NS_PER_WEEK)
    return week, ns


def tai_from_week_and_ns(week: ArrayLike, ns_of_week: ArrayLike, scale: TimeScale) -> Instants:
    """Convert full week numbers (no rollover) and nanoseconds of the week to instants.

    Raises
    ------
    InputError
        Nanoseconds outside the week, or a week that does not fit the nanosecond count.
    TimeScaleError
        The scale has no weeks.
    """
    zero = _week_zero_ns(scale)
    weeks = as_instants(week, "week")
    ns = as_instants(ns_of_week, "ns_of_week")
    weeks, ns = _fitting(weeks, ns)
    far = np.abs(np.clip(weeks, -20_000, 20_000) * 7 + WEEK_ZERO_DAY[scale]) > _LAST_DAY
    if np.any(ns < 0) or np.any(ns >= NS_PER_WEEK) or np.any(far):
        raise InputError(
            "week or time of week out of range",
            value=f"weeks {weeks.min()}..{weeks.max()}, {ns.min()}..{ns.max()} ns",
            allowed="0 to 604 799 999 999 999 ns; full weeks since the first",
            where="week, ns_of_week",
            hint="add the rollovers of 1024 (GPS) or 8192 (BeiDou) weeks; seconds must become nanoseconds",
        )
    return tai_from_labels(weeks * NS_PER_WEEK + ns + zero, scale)


@dataclass(frozen=True, eq=False)
class GlonassTime:
    """GLONASS time (UTC + 3 h) as the navigation message counts it.

    Attributes
    ----------
    four_year_interval : int64 (...)
        N4, 1 for 1996 to 1999.
    day : int64 (...)
        NT, 1 to 1461 within the interval.
    ns_of_day : int64 (...)
        What the clock shows, nanoseconds since its midnight; a leap second repeats 02:59:59 + 1 s = 10 800 s.
    in_leap_second : bool (...)
        Whether the clock shows 02:59:60, told apart from 03:00:00 only by this flag.
    """

    four_year_interval: NDArray[np.int64]
    day: NDArray[np.int64]
    ns_of_day: NDArray[np.int64]
    in_leap_second: NDArray[np.bool_]


def glonass_from_tai(tai_ns: ArrayLike, leap_seconds: LeapSeconds) -> GlonassTime:
    """Convert instants to GLONASS time.

    Raises
    ------
    CoverageError
        Before 1972, or after the end of the table when predictions are not allowed.

    **Source**: GLONASS ICD, general description of the CDMA system, edition 1.0 (2016), appendix K.
    """
    utc_day, utc_ns = utc_day_and_ns(tai_ns, leap_seconds)
    in_leap = utc_ns >= NS_PER_DAY
    carry, ns = np.divmod(utc_ns + _MOSCOW_NS, NS_PER_DAY)
    interval, day = np.divmod(utc_day + carry - _GLONASS_DAY_ZERO, _FOUR_YEARS_DAYS)
    return GlonassTime(interval + 1, day + 1, ns, in_leap)


def tai_from_glonass(time: GlonassTime, leap_seconds: LeapSeconds) -> Instants:
    """Convert GLONASS time to instants.

    Raises
    ------
    InputError
        Day outside 1 to 1461, time outside the day.
    CoverageError, FormatError
        As `tai_from_utc_day_and_ns`.
    """
    day = as_instants(time.day, "day")
    ns = as_instants(time.ns_of_day, "ns_of_day")
    in_leap = np.asarray(time.in_leap_second, dtype=np.bool_)
    interval = as_instants(time.four_year_interval, "four_year_interval")
    shapes = (interval.shape, day.shape, ns.shape, in_leap.shape)
    if len(set(shapes)) > 1:
        raise InputError(
            "the parts of GLONASS times differ in shape",
            value=", ".join(map(str, shapes)),
            allowed="one shape",
            where="GlonassTime",
        )
    wrong = (day < 1) | (day > _FOUR_YEARS_DAYS) | (ns < 0) | (ns >= NS_PER_DAY) | (np.abs(interval) > 99)
    if np.any(wrong):
        raise InputError(
            "GLONASS four-year interval, day or time of day out of range",
            value=f"N4 {interval.min()}..{interval.max()}, NT {day.min()}..{day.max()}, "
            f"{ns.min()}..{ns.max()} ns",
            allowed="N4 up to 99, NT 1 to 1461, 0 to 86 399 999 999 999 ns",
            where="GlonassTime",
        )
    glonass_day = (interval - 1) * _FOUR_YEARS_DAYS + day - 1 + _GLONASS_DAY_ZERO
    carry, utc_ns = np.divmod(ns - _MOSCOW_NS, NS_PER_DAY)
    utc_day = glonass_day + carry
    return tai_from_utc_day_and_ns(
        utc_day - np.where(in_leap, 1, 0), utc_ns + np.where(in_leap, NS_PER_DAY, 0), leap_seconds
    )


def _fitting(weeks: Instants, ns: Instants) -> tuple[Instants, Instants]:
    try:
        weeks, ns = np.broadcast_arrays(weeks, ns)
    except ValueError as error:
        raise InputError(
            "weeks and times of week do not fit together",
            value=f"shapes {weeks.shape}, {ns.shape}",
            allowed="shapes that broadcast",
            where="week, ns_of_week",
        ) from error
    return weeks, ns


def _week_zero_ns(scale: TimeScale) -> int:
    try:
        return WEEK_ZERO_DAY[scale] * NS_PER_DAY
    except KeyError as error:
        raise TimeScaleError(
            "the scale does not count weeks",
            value=scale.value,
            allowed=", ".join(known.value for known in WEEK_ZERO_DAY),
        ) from error
