"""Two values of messages compared: numbers with every digit and their units, epochs as instants, texts.

Numbers are compared as decimals, never as floats. Epochs of the same time system are compared by their labels
(UTC through leap seconds where these are given), those of different systems as instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from syzygy.base.errors import SyzygyError
from syzygy.formats.ccsds.epochs import Epochs
from syzygy.formats.ccsds.grammar import epoch_fault, number_text

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_EXACT = Context(prec=1000)
_NS = Decimal(10) ** 9
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_DAY_NS = 86_400 * 10**9
_PLAIN_UNITS = {
    "km": ("1000", "m"), "km/s": ("1000", "m/s"), "km/s**2": ("1000", "m/s**2"), "m": ("1", "m"),
    "m/s": ("1", "m/s"), "m/s**2": ("1", "m/s**2"), "km**2": ("1000000", "m**2"), "m**2": ("1", "m**2"),
    "km**2/s": ("1000000", "m**2/s"), "m**2/s": ("1", "m**2/s"), "km**2/s**2": ("1000000", "m**2/s**2"),
    "m**2/s**2": ("1", "m**2/s**2"), "deg": ("3600", "arcsec"), "deg/s": ("3600", "arcsec/s"),
    "arcsec": ("1", "arcsec"), "d": ("86400", "s"), "h": ("3600", "s"), "min": ("60", "s"), "s": ("1", "s"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """How two values differ.

    Attributes
    ----------
    matters : bool
        False where both mean the same and are only written differently.
    exact : str
        second minus first in the unit of the first, every digit; empty where they are no quantities.
    plain, plain_unit : float, str
        The same in m, m/s, m**2, s or arcsec, where the unit is one of length, speed, time or angle.
    last_digits : float
        The difference counted in the last digit of the coarser writing; up to 0.5 it may be rounding.
    """

    matters: bool
    exact: str = ""
    plain: float | None = None
    plain_unit: str = ""
    last_digits: float = 0.0


@dataclass(frozen=True, slots=True)
class Clock:
    """What an epoch needs to be understood: its time system, and what relative times count from."""

    system: str = ""
    zero: str = ""


def compare_numbers(first: str, second: str, first_unit: str, second_unit: str) -> Change | None:
    """Compare two texts as numbers; None where one is none, or the units measure different things."""
    a, b = number_text(first), number_text(second)
    if a is None or b is None:
        return None
    x, y = Decimal(a), Decimal(b)
    scale, plain_unit = _PLAIN_UNITS.get(first_unit, ("1", ""))
    other, other_unit = _PLAIN_UNITS.get(second_unit, ("1", ""))
    if first_unit != second_unit and (not plain_unit or plain_unit != other_unit):
        return None
    unit, ratio = Decimal(scale), Decimal(other)
    step = max(_last_digit(x) * unit, _last_digit(y) * ratio)
    change = _EXACT.subtract(_EXACT.multiply(y, ratio), _EXACT.multiply(x, unit))
    if not change:
        return Change(False)
    exact = change / unit if first_unit != second_unit else _EXACT.subtract(y, x)
    return Change(
        True,
        _decimal_text(exact),
        float(change) if plain_unit else None,
        plain_unit,
        float(abs(change) / step),
    )


def _last_digit(value: Decimal) -> Decimal:
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(exponent if isinstance(exponent, int) else 0)


def _decimal_text(value: Decimal) -> str:
    """Write short numbers without an exponent."""
    text = f"{value:f}"
    return text if len(text) <= 24 else str(value)


@dataclass(frozen=True, slots=True)
class Instant:
    """An epoch as a label of its time system, with seconds that count from it; every digit kept."""

    system: str
    day: int
    day_ns: Decimal
    offset_ns: Decimal

    def label_ns(self) -> Decimal:
        """Return nanoseconds since 1970-01-01, days taken as 86 400 s."""
        return self.day * _DAY_NS + self.day_ns + self.offset_ns

    def tai_ns(self, leap_seconds: LeapSeconds) -> Decimal:
        """Return the instant; TimeScaleError where the reader alone cannot know it."""
        import numpy as np

        whole = int(self.day_ns)
        day, day_ns = np.array([self.day], dtype=np.int64), np.array([whole], dtype=np.int64)
        base = int(Epochs(day, day_ns, self.system).tai_ns(leap_seconds)[0])
        return base + (self.day_ns - whole) + self.offset_ns


def read_instant(text: str, clock: Clock) -> Instant | None:
    """Return the instant that a text means: an epoch, or seconds from the clock's zero; None otherwise."""
    base, offset = text, Decimal(0)
    number = number_text(text) if clock.zero else None
    if number is not None:
        base, offset = clock.zero, Decimal(number) * _NS
    if epoch_fault(base):
        return None
    day, _, clock_text = base.removesuffix("Z").partition("T")
    hour, minute, second = clock_text.split(":")
    seconds = int(hour) * 3600 + int(minute) * 60 + Decimal(second)
    return Instant(clock.system.upper(), _day_number(day), seconds * _NS, offset)


def _day_number(text: str) -> int:
    """Return days since 1970-01-01 of a date or a day of the year."""
    year, _, rest = text.partition("-")
    if len(rest) == 3:
        return date(int(year), 1, 1).toordinal() + int(rest) - 1 - _EPOCH_ORDINAL
    return date.fromisoformat(text).toordinal() - _EPOCH_ORDINAL


def compare_epochs(
    first: str, second: str, first_clock: Clock, second_clock: Clock, leap_seconds: LeapSeconds | None
) -> Change | None:
    """Compare two texts as epochs; None where one is none, or their systems cannot be brought together."""
    a, b = read_instant(first, first_clock), read_instant(second, second_clock)
    if a is None or b is None:
        return None
    change = instant_change_ns(a, b, leap_seconds)
    if change is None:
        return None
    if not change:
        return Change(False)
    seconds = change / _NS
    step = max(_second_digit(first), _second_digit(second))
    return Change(True, _decimal_text(seconds.normalize()), float(seconds), "s", float(abs(seconds) / step))


def instant_change_ns(a: Instant, b: Instant, leap_seconds: LeapSeconds | None) -> Decimal | None:
    """Return b minus a; None where their time systems cannot be brought together."""
    if leap_seconds is not None and (a.system != b.system or a.system == "UTC"):
        try:
            return b.tai_ns(leap_seconds) - a.tai_ns(leap_seconds)
        except SyzygyError:
            pass
    return b.label_ns() - a.label_ns() if a.system == b.system else None


def _second_digit(text: str) -> Decimal:
    _, point, fraction = text.removesuffix("Z").partition(".")
    return Decimal(1).scaleb(-len(fraction)) if point else Decimal(1)


def same_text(first: str, second: str, *, normative: bool) -> bool:
    """Whether two texts mean the same.

    An underscore equals a blank and white space has no width (502.0-B-3 7.5.9); where the text is normative,
    it may be all upper or all lower case (7.5.3).
    """
    a, b = (" ".join(text.replace("_", " ").split()) for text in (first, second))
    return a == b or (normative and a.upper() == b.upper())
