"""Numbers of messages in SI: the nearest double of every text, and a text for every double."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import FormatError, UnitError
from syzygy.formats.ccsds import VERSIONS, message_table
from syzygy.formats.ccsds.grammar import number_fault
from syzygy.formats.ccsds.si_values import message_number, si_unit, si_value

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30)
POWERS = {"": 0, "km": 3, "km**2": 6, "km**3/s**2": 9, "hPa": 2, "%": -2}
IRRATIONAL = ("deg", "rev/day", "rev/day**3", "d")
PI_60 = Fraction("3.14159265358979323846264338327950288419716939937510582097494459")


@given(NUMBERS, st.sampled_from(sorted(POWERS)))
def test_a_text_gives_the_double_nearest_to_its_exact_decimal(number: float, unit: str) -> None:
    text = f"{number:.17e}"
    assert si_value(text, unit) == float(Fraction(text) * Fraction(10) ** POWERS[unit])


@given(NUMBERS)
def test_degrees_are_rounded_once(number: float) -> None:
    assert si_value(repr(number), "deg") == float(Fraction(number.hex() and repr(number)) * PI_60 / 180)


@given(NUMBERS, st.sampled_from([*sorted(POWERS), *IRRATIONAL]))
def test_every_double_survives_with_seventeen_digits(number: float, unit: str) -> None:
    text = message_number(number, unit, digits=17)
    assert si_value(text, unit) == number
    assert number_fault(text) in ("", "more_than_16_digits")


@given(NUMBERS, st.sampled_from([*sorted(POWERS), *IRRATIONAL]))
def test_sixteen_digits_follow_the_book_and_are_a_fixed_point(number: float, unit: str) -> None:
    text = message_number(number, unit)
    assert number_fault(text) == ""
    once = si_value(text, unit)
    assert once == pytest.approx(number, rel=6e-16, abs=0.0)
    assert message_number(once, unit) == message_number(si_value(message_number(once, unit), unit), unit)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9))
def test_a_text_of_the_wild_comes_back_with_its_value(decimal: object) -> None:
    for unit in ("km", "deg", "m**2"):
        once = si_value(str(decimal), unit)
        assert si_value(message_number(once, unit), unit) == once


def test_every_unit_of_every_table_is_known() -> None:
    for kind, versions in VERSIONS.items():
        for version in versions:
            for row in message_table(kind, version).rows:
                if row.kind in ("number", "observation", "column") or row.kind.startswith("vector"):
                    for unit in row.unit.split("|"):
                        si_unit(unit)


def test_what_is_no_number_or_no_unit_is_refused() -> None:
    with pytest.raises(FormatError, match="number"):
        si_value("1_0", "km")
    with pytest.raises(UnitError, match="furlong"):
        si_value("1", "furlong")
    with pytest.raises(FormatError, match="finite"):
        message_number(float("nan"), "km")
    with pytest.raises(FormatError, match="beyond"):
        si_value("1e9999", "km")
