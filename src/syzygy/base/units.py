"""Units at the border: SI inside, everything else only where people and files meet the program."""

from __future__ import annotations

import math
from types import MappingProxyType

from syzygy.base.errors import UnitError

FACTORS = MappingProxyType(
    {
        "": 1.0,
        "1": 1.0,
        "m": 1.0,
        "km": 1e3,
        "m2": 1.0,
        "km2": 1e6,
        "s": 1.0,
        "ms": 1e-3,
        "min": 60.0,
        "h": 3600.0,
        "d": 86400.0,
        "rad": 1.0,
        "deg": math.pi / 180.0,
        "m/s": 1.0,
        "km/s": 1e3,
        "m/s2": 1.0,
        "m2/s2": 1.0,
        "km2/s2": 1e6,
        "kg": 1.0,
        "t": 1e3,
        "K": 1.0,
        "percent": 0.01,
    }
)

SUFFIXES = MappingProxyType(
    {"m/s": "m_s", "km/s": "km_s", "m/s2": "m_s2", "m2/s2": "m2_s2", "km2/s2": "km2_s2"}
)
"""How a unit is written as the end of a name, where it is not the unit itself."""


def to_si(value: float, unit: str) -> float:
    """Convert a value given in `unit` to SI.

    Raises
    ------
    UnitError
        The unit is unknown.

    Examples
    --------
    >>> to_si(5.0, "km")
    5000.0
    """
    return value * _factor(unit)


def from_si(value: float, unit: str) -> float:
    """Convert an SI value to `unit`.

    Examples
    --------
    >>> from_si(5000.0, "km")
    5.0
    """
    return value / _factor(unit)


def suffix(unit: str) -> str:
    """Return the name suffix of a unit.

    Examples
    --------
    >>> suffix("km/s")
    'km_s'
    """
    return SUFFIXES.get(unit, unit)


def _factor(unit: str) -> float:
    try:
        return FACTORS[unit]
    except KeyError as error:
        raise UnitError("unknown unit", value=unit, allowed=", ".join(k for k in FACTORS if k)) from error
