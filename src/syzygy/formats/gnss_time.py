"""Calendar fields of satellite-navigation files to TAI nanoseconds.

The scales of SP3 and RINEX run parallel to TAI, except UTC and the GLONASS time of these files (which is UTC
without the three hours of Moscow): those need the leap seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from syzygy.astro.time.leap_seconds import LeapSeconds, offsets_of_utc_days
from syzygy.base.errors import FormatError

TAI_MINUS_SCALE_S = {"GPS": 19, "GAL": 19, "QZS": 19, "IRN": 19, "BDT": 33, "TAI": 0}
"""TAI minus the scale, seconds (GPST, GST, QZSST and IRNWT run 19 s, BDT 33 s behind TAI)."""
UTC_SCALES = frozenset({"UTC", "GLO"})
GPS_WEEK_ZERO_TAI_S = 315_964_819
"""1980-01-06T00:00:00 GPST, seconds of TAI since 1970-01-01."""
BDT_WEEK_ZERO_TAI_S = 1_136_073_633
"""2006-01-01T00:00:00 BDT, seconds of TAI since 1970-01-01."""

_FIRST_ORDINAL = date(1970, 1, 1).toordinal()
_FIRST_YEAR, _LAST_YEAR = 1970, 2261


def tai_ns_of_fields(fields: Sequence[str], scale: str, leap_seconds: LeapSeconds, *, where: str) -> int:
    """Return the instant of ``year month day hour minute second`` written in a scale.

    Parameters
    ----------
    fields : sequence of six str
        Whole numbers, the second with decimals.
    scale : str
        ``GPS``, ``GAL``, ``QZS``, ``IRN``, ``BDT``, ``TAI``, ``UTC`` or ``GLO`` (= UTC).
    leap_seconds : LeapSeconds
        Used for UTC only.
    where : str
        File and line for messages.

    Raises
    ------
    FormatError
        Not six numbers, no such day or time, or outside 1970 to 2261.
    CoverageError
        A UTC outside the leap-second table.
    """
    try:
        year, month, day, hour, minute = (int(text) for text in fields[:5])
        second = float(fields[5])
        days = date(year, month, day).toordinal() - _FIRST_ORDINAL
    except (ValueError, IndexError, OverflowError) as error:
        raise _unreadable(fields, where) from error
    longest = 61.0 if scale in UTC_SCALES and (hour, minute) == (23, 59) else 60.0
    clock_is_right = 0 <= hour < 24 and 0 <= minute < 60 and 0.0 <= second < longest
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and clock_is_right):
        raise _unreadable(fields, where)
    offset_s = (
        int(offsets_of_utc_days(days, leap_seconds, where))
        if scale in UTC_SCALES
        else TAI_MINUS_SCALE_S[scale]
    )
    whole_s = days * 86_400 + hour * 3_600 + minute * 60 + offset_s
    return whole_s * 1_000_000_000 + round(second * 1e9)


def _unreadable(fields: Sequence[str], where: str) -> FormatError:
    return FormatError(
        "not a calendar date and time",
        value=" ".join(fields),
        allowed=f"year month day hour minute second, {_FIRST_YEAR} to {_LAST_YEAR}",
        where=where,
    )
