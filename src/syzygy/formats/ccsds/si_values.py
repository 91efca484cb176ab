"""Values of messages in SI and back: each double is the one nearest to the exact decimal of the text.

A power of ten (km, km**2, hPa) moves the decimal point of the text before it is read; an angle is multiplied
in sixty digits and rounded once. So no bit depends on the order of operations, and the way back finds a text
that gives the same double again: at most 17 digits. KVN allows 16 (502.0-B-3 7.5.6), so a KVN text holds a
double to the last bit only where 16 digits do; XML and JSON hold every double.

**Accuracy**: exact both ways (``test_ccsds_si_values.py``).
"""

from __future__ import annotations

import math
from decimal import Context, Decimal, localcontext
from functools import cache

from syzygy.base.errors import FormatError, UnitError
from syzygy.formats.ccsds.grammar import number_text

KVN_DIGITS = 16
ALL_DIGITS = 17

_PRECISION = Context(prec=60)
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899863")
_DEGREE = _PI / 180
_DAY = Decimal(86400)
_TURN = 2 * _PI
_POWERS = {
    "km": 3, "km/s": 3, "km/s**2": 3, "km**2": 6, "km**2/s": 6, "km**2/s**2": 6, "km**2/s**3": 6,
    "km**2/s**4": 6, "km**3/s**2": 9, "hPa": 2, "%": -2,
}  # fmt: skip
_FACTORS = {
    "deg": _DEGREE, "deg/s": _DEGREE, "deg/s**1.5": _DEGREE, "deg/s**0.5": _DEGREE, "deg**2": _DEGREE**2,
    "d": _DAY, "rev/day": _TURN / _DAY, "rev/day**2": _TURN / _DAY**2, "rev/day**3": _TURN / _DAY**3,
}  # fmt: skip
_SAME = frozenset({
    "", "m", "m/s", "m/s**2", "m**2", "m**2/s", "m**2/s**2", "m**2/s**3", "m**2/s**4", "m**2/kg", "m**3/kg",
    "m**3/(kg*s)", "m**3/(kg*s**2)", "m**4/kg**2", "s", "s/s", "1/s", "kg", "kg*m**2", "kg/m**2", "W/kg", "N",
    "N*m", "N*m*s", "Hz", "Hz/s", "K", "dBW", "dBHz", "TECU", "SFU", "nT", "RU", "1/ER", "#/yr",
})  # fmt: skip
_SI_NAMES = {
    "km": "m", "km/s": "m/s", "km/s**2": "m/s**2", "km**2": "m**2", "km**2/s": "m**2/s",
    "km**2/s**2": "m**2/s**2", "km**2/s**3": "m**2/s**3", "km**2/s**4": "m**2/s**4",
    "km**3/s**2": "m**3/s**2", "hPa": "Pa", "%": "", "deg": "rad", "deg/s": "rad/s",
    "deg/s**1.5": "rad/s**1.5", "deg/s**0.5": "rad/s**0.5", "deg**2": "rad**2", "d": "s",
    "rev/day": "rad/s", "rev/day**2": "rad/s**2", "rev/day**3": "rad/s**3",
}  # fmt: skip


def si_unit(unit: str) -> str:
    """Return the unit in which `si_value` gives a value of a message's unit.

    Examples
    --------
    >>> si_unit("km**2/s"), si_unit("deg"), si_unit("kg"), si_unit("%")
    ('m**2/s', 'rad', 'kg', '')
    """
    _require_unit(unit)
    return _SI_NAMES.get(unit, unit)


def si_value(text: str, unit: str, where: str = "") -> float:
    """Return the SI value of a number of a message, correctly rounded.

    Parameters
    ----------
    text : str
        As written.
    unit : str
        Of the keyword table: ``km``, ``deg/s``, ``%`` ... (a share of 1 %  is 0.01).

    Raises
    ------
    FormatError
        No number.
    UnitError
        A unit that no table has.

    Examples
    --------
    >>> si_value("7000.1", "km"), si_value("180", "deg")
    (7000100.0, 3.141592653589793)
    """
    number = number_text(text)
    if number is None:
        raise FormatError(
            "the value is no number", value=repr(text[:40]), allowed="a number of the book", where=where
        )
    _require_unit(unit)
    if unit in _FACTORS:
        value = float(_PRECISION.multiply(Decimal(number), _FACTORS[unit]))
    elif power := _POWERS.get(unit, 0):
        mantissa, _, exponent = number.replace("E", "e").partition("e")
        value = float(f"{mantissa}e{int(exponent or 0) + power}")
    else:
        value = float(number)
    if not math.isfinite(value):
        raise FormatError(
            "the number is beyond what a double holds", value=repr(text[:40]), allowed="below 1e308",
            where=where,
        )  # fmt: skip
    return value


def message_number(value: float, unit: str, *, digits: int = KVN_DIGITS, where: str = "") -> str:
    """Return the text of an SI value in a message's unit, the shortest that gives the same double back.

    Where that takes more than `digits` digits it is rounded to them: by half a unit of the sixteenth digit
    at most.

    Raises
    ------
    FormatError
        Not finite.

    Examples
    --------
    >>> message_number(7000100.0, "km"), message_number(1.25e-7, "m**2"), message_number(0.1 + 0.2, "s")
    ('7000.1', '1.25e-07', '0.3')
    """
    number = float(value)
    if not math.isfinite(number):
        raise FormatError("a value is not finite", value=number, allowed="a finite number", where=where)
    _require_unit(unit)
    if unit in _FACTORS:
        return _form(_shortest(number, unit, digits))
    decimal = Decimal(repr(number))
    if digits < ALL_DIGITS and len(decimal.as_tuple().digits) > digits:
        decimal = Decimal(f"{number:.{digits - 1}e}")
    return _form(decimal.scaleb(-_POWERS.get(unit, 0)))


def _shortest(number: float, unit: str, digits: int) -> Decimal:
    """Return the decimal of fewest digits (up to `digits`) that is read as `number`."""
    factor = _FACTORS[unit]
    exact = _PRECISION.divide(Decimal(number), factor)
    for count in (12, 15, 16, 17):
        short = Context(prec=min(count, digits)).plus(exact)
        if count >= digits or float(_PRECISION.multiply(short, factor)) == number:
            return short.normalize()
    return short


def _form(value: Decimal) -> str:
    """Write a decimal as the book wants it: fixed with digits on both sides, else ``d.d`` and exponent."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):  # pragma: no cover - never infinite here
        raise FormatError("a value is not finite", value=value, allowed="a finite number")
    text = "".join(map(str, digits)).lstrip("0")
    minus = "-" if sign else ""
    if not text:
        return f"{minus}0.0"
    stripped = text.rstrip("0")
    exponent += len(text) - len(stripped)
    place = len(stripped) + exponent  # digits before the point
    whole = len(stripped) if place <= 0 else max(len(stripped), place + 1)
    if place <= 0:
        whole += 1 - place
    if -3 <= place <= 16 and whole <= max(KVN_DIGITS, len(stripped)):
        if place <= 0:
            return f"{minus}0.{'0' * -place}{stripped}"
        padded = stripped.ljust(place, "0")
        return f"{minus}{padded[:place]}.{padded[place:] or '0'}"
    return f"{minus}{stripped[0]}.{stripped[1:] or '0'}e{place - 1:+03d}"


@cache
def _known(unit: str) -> bool:
    return unit in _SAME or unit in _POWERS or unit in _FACTORS


def _require_unit(unit: str) -> None:
    if not _known(unit):
        raise UnitError(
            "no table of the messages has this unit", value=unit,
            allowed=", ".join(sorted(_SAME | set(_POWERS) | set(_FACTORS))),
        )  # fmt: skip


with localcontext(_PRECISION):
    _FACTORS = {unit: +factor for unit, factor in _FACTORS.items()}
