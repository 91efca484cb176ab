"""Mean elements to two-line and three-line element sets."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta

from syzygy.astro.mean_elements import REVOLUTIONS_PER_DAY_RAD_S, MeanElements
from syzygy.base.errors import FormatError

MAX_TLE_ID = 339_999
"""The last number Alpha-5 can write (Z9999)."""

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DESIGNATOR = re.compile(r"(?:19[5-9]|20[0-5])[0-9]-[0-9]{3}[A-Z]{1,3}")


def write_tle(elements: MeanElements, *, names: bool = True) -> bytes:
    """Write element sets as 3LE (a line ``0 NAME`` before each) or, without names, as TLE.

    Returns
    -------
    bytes
        ASCII, LF; a set that was read from a canonical record comes back to the character.

    Raises
    ------
    FormatError
        A value that the columns cannot hold: a catalogue number above 339,999, an epoch outside 1957-2056,
        a name or designator that is not printable ASCII.
    """
    texts: list[str] = []
    for index in range(len(elements)):
        if names and elements.name[index]:
            texts.append("0 " + _printable(elements.name[index], elements, index))
        first, second = _lines(elements, index)
        texts += [first + _checksum(first), second + _checksum(second)]
    return "".join(text + "\n" for text in texts).encode("ascii")


def encode_alpha5(object_id: int) -> str:
    """Write a catalogue number in five characters.

    Raises
    ------
    FormatError
        The number is negative or above 339,999.

    Examples
    --------
    >>> encode_alpha5(25544), encode_alpha5(270001)
    ('25544', 'T0001')
    """
    if not 0 <= object_id <= MAX_TLE_ID:
        raise FormatError(
            "the catalogue number does not fit an element set",
            value=object_id,
            allowed=f"0 to {MAX_TLE_ID}",
            hint="write an OMM instead",
        )
    lead, rest = divmod(object_id, 10000)
    return f"{object_id:05d}" if lead < 10 else f"{_LETTERS[lead - 10]}{rest:04d}"


def _lines(elements: MeanElements, index: int) -> tuple[str, str]:
    number = encode_alpha5(int(elements.object_id[index]))
    per_day2 = REVOLUTIONS_PER_DAY_RAD_S / 86400.0
    half_dot = elements.mean_motion_dot_rad_s2[index] / 2.0 / per_day2
    sixth_ddot = elements.mean_motion_ddot_rad_s3[index] / 6.0 / (per_day2 / 86400.0)
    motion = elements.mean_motion_rad_s[index] / REVOLUTIONS_PER_DAY_RAD_S
    first = (
        f"1 {number}{elements.classification[index] or ' '} {_designator(elements, index)} "
        f"{_epoch(elements, index)} {_signed_decimal(half_dot)} {_exponential(sixth_ddot)} "
        f"{_exponential(elements.bstar_per_earth_radius[index])} 0 {elements.element_set[index] % 10000:4d}"
    )
    second = (
        f"2 {number} {_angle(elements.inclination_rad[index])} {_angle(elements.raan_rad[index])} "
        f"{_eccentricity(elements.eccentricity[index])} "
        f"{_angle(elements.argument_of_perigee_rad[index])} "
        f"{_angle(elements.mean_anomaly_rad[index])} {motion:11.8f}{elements.revolution[index] % 100000:5d}"
    )
    return first, second


def _checksum(line: str) -> str:
    if len(line) != 68:
        raise FormatError(
            "a value does not fit the columns of an element set", value=line, allowed="68 columns"
        )
    return str(sum(int(c) if c in "0123456789" else c == "-" for c in line) % 10)


def _printable(text: str, elements: MeanElements, index: int) -> str:
    if not text.isascii() or not text.isprintable():
        raise FormatError(
            "the text is not printable ASCII",
            value=repr(text),
            allowed="printable ASCII",
            where=f"object {int(elements.object_id[index])}",
        )
    return text


def _designator(elements: MeanElements, index: int) -> str:
    text = _printable(elements.international_designator[index], elements, index)
    short = text[2:].replace("-", "") if _DESIGNATOR.fullmatch(text) else text
    return f"{short:<8s}"


def _epoch(elements: MeanElements, index: int) -> str:
    midnight = round(elements.epoch_jd[index] - 2440587.5)
    fraction = round(elements.epoch_jd_fraction[index] * 1e8)
    day = date(1970, 1, 1) + timedelta(days=midnight + fraction // 100_000_000)
    if not 1957 <= day.year <= 2056:
        raise FormatError(
            "the epoch does not fit the two-digit year of an element set",
            value=day.isoformat(),
            allowed="1957 to 2056",
            where=f"object {int(elements.object_id[index])}",
        )
    return f"{day.year % 100:02d}{day.timetuple().tm_yday:03d}.{fraction % 100_000_000:08d}"


def _signed_decimal(value: float) -> str:
    text = f"{abs(value):.8f}"
    sign = _sign(value)
    return sign + text.removeprefix("0")


def _exponential(value: float) -> str:
    """Write ``sddddd±d``; zero is `` 00000-0``, as most catalogues print it."""
    sign = _sign(value)
    if value == 0.0:
        return sign + "00000-0"
    mantissa, exponent = f"{abs(value):.4e}".split("e")
    power = int(exponent) + 1
    if power < -9:
        digits = round(abs(value) * 1e14)
        return f"{sign}{digits:05d}-{9 if digits else 0}"
    if power > 9:
        raise FormatError("a drag term is too large for an element set", value=value, allowed="below 1e9")
    return f"{sign}{mantissa.replace('.', '')}{'+' if power >= 0 else '-'}{abs(power)}"


def _sign(value: float) -> str:
    return "-" if math.copysign(1.0, value) < 0.0 else " "


def _angle(value_rad: float) -> str:
    return f"{math.degrees(value_rad) % 360.0:8.4f}"


def _eccentricity(value: float) -> str:
    digits = round(value * 1e7)
    return f"{min(digits, 9_999_999):07d}"
