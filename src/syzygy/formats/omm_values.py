"""Mean elements as the values of an OMM, in the units and the order of the format."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from syzygy.astro.mean_elements import REVOLUTIONS_PER_DAY_RAD_S, MeanElements
from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.si_values import ALL_DIGITS, message_number
from syzygy.formats.ccsds.tables import MessageTable, message_table

_LEFT_OUT = frozenset({"COMMENT", "SEMI_MAJOR_AXIS", "GM", "BTERM", "AGOM"})
_BLOCKS = ("metadata", "meanElements", "tleParameters")


def omm_table() -> MessageTable:
    """Return the table of keywords that every dialect stands on."""
    return message_table("OMM", "3.0")


@cache
def keywords() -> tuple[str, ...]:
    """Return the keywords that carry a set of elements, in the order of the table.

    The metadata that are the same for all (centre, frame, time system, theory) are left out: the dialects of
    the catalogues do not have them.
    """
    table = omm_table()
    names = [
        row.keyword for block in _BLOCKS for row in table.by_block[block].values() if block != "metadata"
    ]
    return ("OBJECT_NAME", "OBJECT_ID", *(name for name in names if name not in _LEFT_OUT))


@cache
def block_of(keyword: str) -> str:
    """Return the block of the table in which a keyword stands."""
    table = omm_table()
    return next(block for block in _BLOCKS if table.find(block, keyword) is not None)


_DAY2 = REVOLUTIONS_PER_DAY_RAD_S / 86400.0
_DAY3 = _DAY2 / 86400.0
_DEGREE = math.pi / 180.0


def message_values(elements: MeanElements, index: int) -> dict[str, str | int | float]:
    """Return the values of one object by keyword, in the order of `keywords`.

    Numbers are the shortest decimals that give the stored bits back when they are read.

    Raises
    ------
    FormatError
        A name, designator or classification with control characters, which no dialect can carry.
    """
    values: tuple[str | int | float, ...] = (
        require_printable(elements.name[index], "name"),
        require_printable(elements.international_designator[index], "international_designator"),
        epoch_text(elements, index),
        _invert(float(elements.mean_motion_rad_s[index]), REVOLUTIONS_PER_DAY_RAD_S),
        float(elements.eccentricity[index]),
        _invert(float(elements.inclination_rad[index]), _DEGREE),
        _invert(float(elements.raan_rad[index]), _DEGREE),
        _invert(float(elements.argument_of_perigee_rad[index]), _DEGREE),
        _invert(float(elements.mean_anomaly_rad[index]), _DEGREE),
        0,
        require_printable(elements.classification[index], "classification") or "U",
        int(elements.object_id[index]),
        int(elements.element_set[index]),
        int(elements.revolution[index]),
        float(elements.bstar_per_earth_radius[index]),
        _invert(float(elements.mean_motion_dot_rad_s2[index]) / 2.0, _DAY2),
        _invert(float(elements.mean_motion_ddot_rad_s3[index]) / 6.0, _DAY3),
    )
    return dict(zip(keywords(), values, strict=True))


def value_text(value: str | int | float, digits: int = ALL_DIGITS) -> str:
    """Return a value as the book writes it in KVN and XML: digits on both sides of the point."""
    return message_number(value, "", digits=digits) if isinstance(value, float) else str(value)


def require_printable(text: str, field: str) -> str:
    """Return the text, or refuse control characters and line ends."""
    if not text.isprintable():
        raise FormatError(
            "a text holds characters that a message cannot carry",
            value=repr(text)[:60],
            allowed="printable characters",
            where=field,
        )
    return text


def epoch_text(elements: MeanElements, index: int) -> str:
    """Return the UTC epoch with six digits, or nine where microseconds do not hold it."""
    midnight = round(float(elements.epoch_jd[index]) - 2440587.5)
    day_ns = round(float(elements.epoch_jd_fraction[index]) * 86_400_000_000_000)
    leap_ns = day_ns - 86_400_000_000_000
    if leap_ns >= 0:
        day = str(np.datetime64(midnight, "D"))
        return f"{day}T23:59:60.{leap_ns:09d}".removesuffix("000")
    moment = np.datetime64(midnight, "D").astype("datetime64[ns]") + np.timedelta64(day_ns, "ns")
    text = str(moment)
    return text.removesuffix("000")


def _invert(value: float, factor: float) -> float:
    """Divide by `factor` so that the product gives `value` back, with as few digits as possible."""
    quotient = value / factor
    for digits in range(1, 17):
        short = float(f"{quotient:.{digits}g}")
        if short * factor == value:
            return short
    return quotient
