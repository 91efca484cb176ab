"""Numbers, dates and units as the books write them, which is not as Python reads them.

**Source**: CCSDS 502.0-B-3 7.5.4 to 7.5.10; the other books say the same in their own section 7 or 4.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_FORTRAN = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))[dD]([+-]?[0-9]{1,4})")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_BARE_POINT = re.compile(r"[+-]?(?:[0-9]{1,16}\.|\.[0-9]{1,16})")
_COUNT = re.compile(r"[0-9]{1,9}")
_FIXED = re.compile(r"[+-]?[0-9]+\.[0-9]+")
_FLOATING = re.compile(r"[+-]?[0-9]\.[0-9]*[eE][+-]?[0-9]+")
_EPOCH = re.compile(
    r"([0-9]{4})-(?:([0-9]{2})-([0-9]{2})|([0-9]{3}))T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,30}))?Z?"
)
_USUAL_EPOCH = re.compile(
    "(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?!000)[0-2][0-9]{2})"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,30})?Z?"
)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MAX_NUMBER_LENGTH = 400
MAX_INTEGER = 2**31
CLOCKS = frozenset({"MET", "MRT", "SCLK", "GMST"})


def number_text(text: str) -> str | None:
    """Return the text that Python reads as this number (D exponents become E), or None where it is none.

    Examples
    --------
    >>> number_text("-063.042"), number_text("1.5D+03"), number_text("1_0"), number_text("nan")
    ('-063.042', '1.5E+03', None, None)
    """
    if len(text) > MAX_NUMBER_LENGTH:
        return None
    if _NUMBER.fullmatch(text):
        return text
    fortran = _FORTRAN.fullmatch(text)
    return f"{fortran.group(1)}E{fortran.group(2)}" if fortran else None


def number_fault(text: str) -> str:
    """Return how a readable number departs from the book's grammar, or an empty text.

    Returns
    -------
    str
        ``fortran_exponent``, ``more_than_16_digits``, ``number_form`` or empty.
    """
    if _BARE_POINT.fullmatch(text):
        return "number_form"
    if ("d" in text or "D" in text) and _FORTRAN.fullmatch(text):
        return "fortran_exponent"
    if _INTEGER.fullmatch(text):
        return ""
    mantissa = text.replace("E", "e").partition("e")[0]
    if len(mantissa) > 16 and sum(map(str.isdigit, mantissa)) > 16:
        return "more_than_16_digits"
    return "" if _FIXED.fullmatch(text) or _FLOATING.fullmatch(text) else "number_form"


def integer_fault(text: str) -> str:
    """Return ``bad_value`` for what is no integer, ``integer_range`` beyond 32 bits, or an empty text."""
    if len(text) > MAX_NUMBER_LENGTH or not _INTEGER.fullmatch(text):
        return "bad_value"
    return "" if -MAX_INTEGER <= int(text) < MAX_INTEGER else "integer_range"


def small_count(text: str) -> int | None:
    """Return a count of at most nine ASCII digits, None for any other text."""
    return int(text) if _COUNT.fullmatch(text) else None


def epoch_fault(text: str) -> str:
    """Return what is wrong with a calendar or day-of-year epoch, or an empty text.

    Second 60 is accepted at 23:59 only; whether that day had a leap second needs the list of them.

    Examples
    --------
    >>> epoch_fault("2016-12-31T23:59:60.5"), epoch_fault("2010-04-31T00:00:00")
    ('', 'bad_date')
    """
    if _USUAL_EPOCH.fullmatch(text):
        return ""
    match = _EPOCH.fullmatch(text) if len(text) <= 64 else None
    if match is None:
        return "bad_time"
    year, month, day, day_of_year, hour, minute, second, _ = match.groups()
    if year == "0000":
        return "bad_date"
    leap_year = int(year) % 4 == 0 and (int(year) % 100 != 0 or int(year) % 400 == 0)
    if day_of_year:
        if not 1 <= int(day_of_year) <= 365 + leap_year:
            return "bad_date"
    else:
        if not 1 <= int(month) <= 12:
            return "bad_date"
        if not 1 <= int(day) <= _DAYS[int(month) - 1] + (month == "02" and leap_year):
            return "bad_date"
    if int(hour) > 23 or int(minute) > 59:
        return "bad_time"
    last = 60 if (hour, minute) == ("23", "59") else 59
    return "" if int(second) <= last else "bad_time"


def is_epoch_shaped(text: str) -> bool:
    """Whether the text has the shape of a date and time (right or wrong)."""
    return "T" in text or text.count("-") >= 2


def mixed_case(text: str) -> bool:
    """Whether normative text mixes upper and lower case.

    **Source**: 502.0-B-3 7.5.3.
    """
    return text != text.upper() and text != text.lower()
