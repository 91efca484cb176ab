"""The fixed columns of two-line element sets, read for all records at once.

Every check is a mask with the line, the column and the reason; a record that fails is reported with the
first check it fails. The grammar is the format's own, not that of ``float``: digits, one implied or fixed
decimal point, blanks or zeros in front, a sign where the format has a sign column.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Characters = NDArray[np.uint8]
Mask = NDArray[np.bool_]

LINE_LENGTH = 69
_BLANK, _PLUS, _MINUS, _POINT, _ZERO = (np.uint8(ord(c)) for c in " +-.0")
_POWERS_OF_TEN = np.array([float(f"1e{power}") for power in range(-9, 10)])


@dataclass
class Checks:
    """The checks made so far, in the order of the columns."""

    count: int
    line: NDArray[np.int64] = field(init=False)
    column: NDArray[np.int64] = field(init=False)
    reason: NDArray[np.object_] = field(init=False)

    def __post_init__(self) -> None:
        self.line = np.zeros(self.count, dtype=np.int64)
        self.column = np.zeros(self.count, dtype=np.int64)
        self.reason = np.full(self.count, "", dtype=object)

    @property
    def passed(self) -> Mask:
        """The records without a failed check."""
        return np.asarray(self.line == 0)

    def require(self, good: Mask | np.bool_, line: int, column: int | NDArray[np.int64], reason: str) -> None:
        """Record `reason` for every record that fails here and failed nowhere before."""
        failed = ~good & self.passed
        if failed.any():
            self.line[failed] = line
            self.column[failed] = np.broadcast_to(column, failed.shape)[failed]
            self.reason[failed] = reason


@dataclass(frozen=True)
class ElementColumns:
    """The numbers of n element sets in the units of the format."""

    object_id: NDArray[np.int64]
    classification: Characters
    designator: Characters
    year: NDArray[np.int64]
    day_of_year: NDArray[np.int64]
    day_fraction_1e8: NDArray[np.int64]
    half_motion_dot: NDArray[np.float64]
    sixth_motion_ddot: NDArray[np.float64]
    bstar: NDArray[np.float64]
    element_set: NDArray[np.int64]
    inclination_deg: NDArray[np.float64]
    raan_deg: NDArray[np.float64]
    eccentricity: NDArray[np.float64]
    argument_of_perigee_deg: NDArray[np.float64]
    mean_anomaly_deg: NDArray[np.float64]
    mean_motion_rev_day: NDArray[np.float64]
    revolution: NDArray[np.int64]


def read_columns(first: Characters, second: Characters, checks: Checks) -> ElementColumns:
    """Read lines 1 and 2 of n records, uint8 arrays (n, 69), and record every failed check."""
    _require_checksum(first, checks, 1)
    _require_checksum(second, checks, 2)
    _require_blanks(first, checks, 1, (2, 9, 18, 33, 44, 53, 62, 64))
    _require_blanks(second, checks, 2, (2, 8, 17, 26, 34, 43, 52))
    object_id = _catalogue_number(first, checks, 1)
    repeated = _catalogue_number(second, checks, 2)
    checks.require(object_id == repeated, 2, 3, "lines 1 and 2 carry different catalogue numbers")
    classification = first[:, 7]
    letter = (classification >= ord("A")) & (classification <= ord("Z"))
    checks.require(letter | (classification == _BLANK), 1, 8, "the classification is not a letter")
    year = _whole(first, checks, 1, 19, 20, "epoch year")
    day = _whole(first, checks, 1, 21, 23, "epoch day")
    checks.require((day >= 1) & (day <= 366), 1, 21, "the epoch day is not 1 to 366")
    _require_point(first, checks, 1, 24, "epoch")
    fraction = _digits(first, checks, 1, 25, 32, "epoch")
    _require_ephemeris_type(first, checks)
    return ElementColumns(
        object_id=object_id,
        classification=classification,
        designator=first[:, 9:17],
        year=np.where(year < 57, 2000, 1900) + year,
        day_of_year=day,
        day_fraction_1e8=fraction,
        half_motion_dot=_signed_decimal(first, checks),
        sixth_motion_ddot=_exponential(first, checks, 45, "second derivative of the mean motion"),
        bstar=_exponential(first, checks, 54, "drag term"),
        element_set=_whole(first, checks, 1, 65, 68, "element set number", empty=True),
        inclination_deg=_decimal(second, checks, 9, 12, 16, "inclination"),
        raan_deg=_decimal(second, checks, 18, 21, 25, "node"),
        eccentricity=_whole(second, checks, 2, 27, 33, "eccentricity") / 1e7,
        argument_of_perigee_deg=_decimal(second, checks, 35, 38, 42, "argument of perigee"),
        mean_anomaly_deg=_decimal(second, checks, 44, 47, 51, "mean anomaly"),
        mean_motion_rev_day=_decimal(second, checks, 53, 55, 63, "mean motion"),
        revolution=_whole(second, checks, 2, 64, 68, "revolution number", empty=True),
    )


def checksum(lines: Characters) -> NDArray[np.int64]:
    """Return the modulo-10 sum of the first 68 columns: digits by value, ``-`` as 1, all else 0."""
    body = lines[:, :68]
    digit = body - _ZERO
    weight = np.where(digit <= 9, digit, (body == _MINUS).astype(np.uint8))
    return np.asarray(weight.sum(axis=1, dtype=np.int64) % 10)


def _require_checksum(lines: Characters, checks: Checks, line: int) -> None:
    given = lines[:, 68] - _ZERO
    checks.require(given <= 9, line, 69, "the checksum is not a digit")
    checks.require(given == checksum(lines), line, 69, "the checksum does not agree with the line")


def _require_blanks(lines: Characters, checks: Checks, line: int, columns: tuple[int, ...]) -> None:
    for column in columns:
        checks.require(lines[:, column - 1] == _BLANK, line, column, "a blank is due between two fields")


def _require_point(lines: Characters, checks: Checks, line: int, column: int, name: str) -> None:
    checks.require(
        lines[:, column - 1] == _POINT, line, column, f"the decimal point of the {name} is missing"
    )


def _require_ephemeris_type(first: Characters, checks: Checks) -> None:
    kind = first[:, 62]
    known = np.isin(kind, np.frombuffer(b" 023", dtype=np.uint8))
    checks.require(known, 1, 63, "the ephemeris type is not that of SGP4 (0, 2 or 3)")


def _digits(
    lines: Characters, checks: Checks, line: int, start: int, end: int, name: str
) -> NDArray[np.int64]:
    """Read digits only, columns `start` to `end` counted from 1."""
    digit = lines[:, start - 1 : end] - _ZERO
    bad = digit > 9
    checks.require(
        ~bad.any(axis=1), line, start + bad.argmax(axis=1), f"the {name} holds a character that is no digit"
    )
    return _combine(np.where(bad, 0, digit))


def _whole(
    lines: Characters, checks: Checks, line: int, start: int, end: int, name: str, *, empty: bool = False
) -> NDArray[np.int64]:
    """Read digits with blanks in front; an empty field is 0 where allowed."""
    part = lines[:, start - 1 : end]
    digit = part - _ZERO
    blank = part == _BLANK
    bad = (digit > 9) & ~blank
    bad[:, 1:] |= blank[:, 1:] & ~blank[:, :-1]
    checks.require(
        ~bad.any(axis=1), line, start + bad.argmax(axis=1), f"the {name} holds a character that is no digit"
    )
    if not empty:
        checks.require(~blank[:, -1], line, start, f"the {name} is empty")
    return _combine(np.where(bad | blank, 0, digit))


def _decimal(
    lines: Characters, checks: Checks, start: int, point: int, end: int, name: str
) -> NDArray[np.float64]:
    """Read digits of line 2 with a fixed decimal point at column `point`."""
    _require_point(lines, checks, 2, point, name)
    whole = _whole(lines, checks, 2, start, point - 1, name, empty=True)
    fraction = _digits(lines, checks, 2, point + 1, end, name)
    scale = 10 ** (end - point)
    return np.asarray((whole * scale + fraction) / float(scale))


def _signed_decimal(first: Characters, checks: Checks) -> NDArray[np.float64]:
    """Read columns 34-43, a sign and ``.dddddddd`` (a zero may stand before the point)."""
    name = "first derivative of the mean motion"
    sign = first[:, 33]
    known = (sign == _BLANK) | (sign == _PLUS) | (sign == _MINUS) | (sign == _ZERO)
    checks.require(known, 1, 34, f"the sign of the {name} is wrong")
    _require_point(first, checks, 1, 35, name)
    value = _digits(first, checks, 1, 36, 43, name) / 1e8
    return np.where(sign == _MINUS, -value, value)


def _exponential(first: Characters, checks: Checks, start: int, name: str) -> NDArray[np.float64]:
    """Read eight columns ``sddddd±d``: sign, mantissa after an implied point, exponent of ten."""
    sign, exponent_sign = first[:, start - 1], first[:, start + 5]
    for column, mark in ((start, sign), (start + 6, exponent_sign)):
        known = (mark == _BLANK) | (mark == _PLUS) | (mark == _MINUS)
        if column == start:
            known |= mark == _ZERO
        checks.require(known, 1, column, f"the sign of the {name} is wrong")
    mantissa = _whole(first, checks, 1, start + 1, start + 5, name, empty=True)
    exponent = _digits(first, checks, 1, start + 7, start + 7, name)
    power = np.where(exponent_sign == _MINUS, -exponent, exponent)
    # Two roundings, as the reference implementation makes them, so that its states come out to the bit.
    value = (mantissa / 1e5) * _POWERS_OF_TEN[power + 9]
    return np.asarray(np.where(sign == _MINUS, -value, value))


def _catalogue_number(lines: Characters, checks: Checks, line: int) -> NDArray[np.int64]:
    """Read columns 3-7: digits with blanks in front, or Alpha-5 (A=10 to Z=33 without I and O)."""
    lead = lines[:, 2]
    letter = (lead >= ord("A")) & (lead <= ord("Z"))
    forbidden = (lead == ord("I")) | (lead == ord("O"))
    checks.require(~forbidden, line, 3, "Alpha-5 knows no letters I and O")
    plain = lines.copy() if letter.any() else lines
    if letter.any():
        plain[letter, 2] = _ZERO
        tail = lines[letter, 3:7] - _ZERO <= 9
        good = np.ones(letter.shape, dtype=bool)
        good[letter] = tail.all(axis=1)
        checks.require(good, line, 4, "four digits are due after the letter of an Alpha-5 number")
    number = _whole(plain, checks, line, 3, 7, "catalogue number")
    rank = lead.astype(np.int64) - (ord("A") - 10) - (lead > ord("I")) - (lead > ord("O"))
    return np.where(letter, rank * 10000 + number, number)


def _combine(digit: NDArray[np.uint8]) -> NDArray[np.int64]:
    powers = 10 ** np.arange(digit.shape[1] - 1, -1, -1, dtype=np.int64)
    return np.asarray(digit.astype(np.int64) @ powers)
