"""Calendar and day-of-year text to (day, nanoseconds of the day), many at a time.

The fast road reads the digits of equal layouts as columns of bytes; every text that is not plainly right
takes the careful road, which explains what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.time.instants import NS_PER_DAY, NS_PER_S, require_days_in_range
from syzygy.base.errors import FormatError

ALLOWED = "YYYY-MM-DDThh:mm:ss.fffffffff or YYYY-DDDThh:mm:ss.fffffffff, Z at the end if UTC"
_TEXT = re.compile(
    r"(?P<year>\d{4})-(?:(?P<month>\d\d)-(?P<day>\d\d)|(?P<doy>\d{3}))"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d+))?)?)?(?P<zulu>Z?)",
    re.ASCII,
)
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_ZERO, _NINE, _DASH, _COLON, _T, _BLANK, _DOT, _Z = (ord(c) for c in "09-:T .Z")


@dataclass(frozen=True, eq=False)
class CalendarTimes:
    """What texts say, before a scale gives it meaning.

    Attributes
    ----------
    day : int64 (n,)
        Days since 1970-01-01.
    ns_of_day : int64 (n,)
    second_is_60 : bool (n,)
        Whether the text says second 60, which only some scales know.
    """

    day: NDArray[np.int64]
    ns_of_day: NDArray[np.int64]
    second_is_60: NDArray[np.bool_]


def read_calendar_text(text: str, where: str = "", *, zulu: bool = True) -> tuple[int, int, bool]:
    """Read one text and return (day, nanoseconds of the day, whether the second is 60).

    Digits beyond the nanosecond are rounded.

    Raises
    ------
    FormatError
        Not such a text, or a month, day, hour, minute or second that does not exist.
    CoverageError
        A year outside 1677 to 2262.
    """
    match = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        blank = isinstance(text, str) and not text.strip()
        _refuse("the time is blank" if blank else "not a calendar time", repr(text), where, ALLOWED)
    if match["zulu"] and not zulu:
        _refuse("a Z marks UTC, but another scale is asked for", repr(text), where, "no Z")
    number = {name: int(value) for name, value in match.groupdict("0").items() if value.isdigit()}
    fraction = match["fraction"] or ""
    day = _day_number(number, match["doy"] is not None, text, where)
    hour, minute, second = number["hour"], number["minute"], number["second"]
    for name, value, limit in (("hour", hour, 23), ("minute", minute, 59), ("second", second, 60)):
        if value > limit:
            _refuse(f"there is no such {name}", repr(text), where, f"{name} 00 to {limit}")
    ns = int(fraction[:9].ljust(9, "0")) + (fraction[9:10] >= "5")
    return day, (hour * 3_600 + minute * 60 + second) * NS_PER_S + ns, second == 60


def read_calendar_texts(
    texts: Sequence[str] | NDArray[np.generic], where: Callable[[int], str], *, zulu: bool = True
) -> CalendarTimes:
    """Read many texts; raises as `read_calendar_text` for the first wrong one, named by `where(index)`."""
    array = np.asarray(texts)
    if array.ndim != 1:
        raise FormatError("times are not a flat list", value=array.shape, allowed="(n,)", where=where(0))
    day = np.empty(array.size, dtype=np.int64)
    ns = np.empty(array.size, dtype=np.int64)
    sixty = np.zeros(array.size, dtype=np.bool_)
    done = np.zeros(array.size, dtype=np.bool_)
    letters = _letters(array)
    if letters is not None:
        length = np.count_nonzero(letters, axis=1)
        for size in np.unique(length):
            rows = np.flatnonzero(length == size)
            block = letters[:, :size] if rows.size == array.size else letters[rows, :size]
            good = _read_block(block, zulu)
            if good is not None:
                ok, some_day, some_ns, some_sixty = good
                day[rows], ns[rows], sixty[rows], done[rows] = some_day, some_ns, some_sixty, ok
    for index in np.flatnonzero(~done):
        value = array[index]
        text = value.decode("ascii", "replace") if isinstance(value, bytes) else value
        day[index], ns[index], sixty[index] = read_calendar_text(
            str(text) if isinstance(text, str) else text, where(int(index)), zulu=zulu
        )
    return CalendarTimes(day, ns, sixty)


def _letters(array: NDArray[np.generic]) -> NDArray[np.uint8] | None:
    """Return texts as a matrix of bytes padded with zeros, or None where they are not plain text."""
    if array.dtype.kind == "O":
        if not set(map(type, array.tolist())) <= {str, np.str_}:
            return None
        array = array.astype("U")
    if array.dtype.kind not in "US" or array.size == 0 or array.dtype.itemsize == 0:
        return None
    try:
        plain = np.ascontiguousarray(array.astype("S"))
    except UnicodeEncodeError:
        return None
    return plain.view(np.uint8).reshape(array.size, -1)


def _read_block(
    text: NDArray[np.uint8], zulu: bool
) -> tuple[NDArray[np.bool_], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]] | None:
    """Read texts of one length by the layout of the first; rows of another layout are not ok."""
    size = text.shape[1]
    has_z = size > 0 and int(text[0, -1]) == _Z
    if size < 17 or (has_z and not zulu):
        return None
    by_day_of_year = text[0, 8] in (_T, _BLANK)
    start = 9 if by_day_of_year else 11
    end = size - 1 if has_z else size
    point = start + 8
    if end < point or end == point + 1 or end > point + 10:
        return None
    fraction = range(point + 1, end)
    dashes = [4] if by_day_of_year else [4, 7]
    marks = [(column, _DASH) for column in dashes] + [(start + 2, _COLON), (start + 5, _COLON)]
    marks += [(point, _DOT)] * (end > point) + [(size - 1, _Z)] * has_z
    others = {column for column, _ in marks} | {start - 1}
    digits = text - np.uint8(_ZERO)
    columns = [column for column in range(size) if column not in others]
    ok = (digits[:, columns] <= 9).all(axis=1)
    ok &= (text[:, start - 1] == _T) | (text[:, start - 1] == _BLANK)
    for column, letter in marks:
        ok &= text[:, column] == letter

    def number(*places: int) -> NDArray[np.int64]:
        value = digits[:, places[0]].astype(np.int64)
        for place in places[1:]:
            value = value * 10 + digits[:, place]
        return value

    year = number(0, 1, 2, 3)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    if by_day_of_year:
        month, day_number = np.ones_like(year), number(5, 6, 7)
        longest = 365 + leap
    else:
        month, day_number = number(5, 6), number(8, 9)
        ok &= (month >= 1) & (month <= 12)
        month = np.where(ok, month, 1)
        longest = _MONTH_DAYS[month] + (leap & (month == 2))
    hour, minute, second = (number(start + k, start + k + 1) for k in (0, 3, 6))
    ok &= (day_number >= 1) & (day_number <= longest) & (hour <= 23) & (minute <= 59) & (second <= 60)
    ok &= (year >= 1678) & (year <= 2261)
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    day = months.astype("datetime64[D]").astype(np.int64) + day_number - 1
    ns = (hour * 3_600 + minute * 60 + second) * NS_PER_S
    if end > point:
        ns = ns + number(*fraction) * 10 ** (9 - len(fraction))
    return ok, day, ns, second == 60


def _day_number(number: dict[str, int], by_day_of_year: bool, text: str, where: str) -> int:
    year = number["year"]
    leap = (year % 4 == 0) and (year % 100 != 0 or year % 400 == 0)
    month = 1 if by_day_of_year else number["month"]
    if not 1 <= month <= 12:
        _refuse("there is no such month", repr(text), where, "month 01 to 12")
    longest = 365 + leap if by_day_of_year else int(_MONTH_DAYS[month]) + (leap and month == 2)
    day = number["doy"] if by_day_of_year else number["day"]
    if not 1 <= day <= longest:
        kind = "day of the year" if by_day_of_year else "day in that month"
        _refuse(f"there is no such {kind}", repr(text), where, f"day 1 to {longest}")
    first = np.datetime64(f"{year:04d}-{month:02d}", "D").astype(np.int64)
    number_of_day = int(first) + day - 1
    require_days_in_range(number_of_day, where)
    return number_of_day


def _refuse(what: str, value: str, where: str, allowed: str) -> NoReturn:
    raise FormatError(
        what, value=value, allowed=allowed, where=where, hint="times are written as in ISO 8601"
    )


def write_calendar_texts(
    day: NDArray[np.int64],
    ns_of_day: NDArray[np.int64],
    digits: int,
    *,
    sixty: NDArray[np.bool_] | None = None,
    day_of_year: bool = False,
    suffix: str = "",
) -> NDArray[np.object_]:
    """Write (day, nanoseconds) pairs as text with `digits` decimals, cut (round before).

    Nanoseconds of 86 400 s and more are written as 23:59:60; where `sixty` is set, the time is written as
    second 60 of the minute before.
    """
    over = ns_of_day >= NS_PER_DAY
    back = over if sixty is None else over | sixty
    second_of_day, ns = np.divmod(ns_of_day, NS_PER_S)
    minute_of_day, second = np.divmod(second_of_day - back, 60)
    second = second + back
    hour, minute = np.divmod(minute_of_day, 60)
    date = day.astype("datetime64[D]")
    year = date.astype("datetime64[Y]").astype(np.int64) + 1970
    width = (17 if day_of_year else 19) + (digits + 1 if digits else 0) + len(suffix)
    text = np.empty((day.size, width), dtype=np.uint8)

    def put(column: int, value: NDArray[np.int64], places: int) -> None:
        rest = value
        for place in range(column + places - 1, column - 1, -1):
            rest, digit = np.divmod(rest, 10)
            text[:, place] = digit + _ZERO

    put(0, year, 4)
    text[:, 4] = _DASH
    if day_of_year:
        put(5, (date - date.astype("datetime64[Y]")).astype(np.int64) + 1, 3)
    else:
        first = date.astype("datetime64[M]")
        put(5, first.astype(np.int64) % 12 + 1, 2)
        text[:, 7] = _DASH
        put(8, (date - first).astype(np.int64) + 1, 2)
    start = 9 if day_of_year else 11
    text[:, start - 1] = _T
    for value, column in ((hour, start), (minute, start + 3), (second, start + 6)):
        put(column, value, 2)
    text[:, [start + 2, start + 5]] = _COLON
    if digits:
        text[:, start + 8] = _DOT
        put(start + 9, ns // 10 ** (9 - digits), digits)
    text[:, width - len(suffix) :] = np.frombuffer(suffix.encode(), dtype=np.uint8)
    joined: NDArray[np.object_] = text.view(f"S{width}").ravel().astype("U").astype(object)
    return joined
