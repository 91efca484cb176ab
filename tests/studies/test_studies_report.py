# ruff: noqa: RUF001
"""What the report makes of values: readable, never less exact than what stands in the tables."""

from __future__ import annotations

import math

import numpy as np
import pytest

from syzygy.base.tables import column
from syzygy.studies.report.views import _cell, _head
from syzygy.studies.report.writing import _for_reading, _raise_powers, _raise_tens


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2020-07-18T21:07:00Z", "2020-07-18 21:07 UTC"),
        ("2009-02-10T16:55:59.796Z", "2009-02-10 16:55:59.796 UTC"),
        ("8.65e+19", "8.65×10¹⁹"),
        ("2.1e+21 to 8.6e-05", "2.1×10²¹ to 8.6×10⁻⁵"),
        ("11625", "11,625"),
        ("-1.9562", "-1.9562"),
        ("Sta21114.sp3", "Sta21114.sp3"),
    ],
)
def test_a_key_figure_is_written_as_people_do(value: str, shown: str) -> None:
    assert _for_reading(value) == shown


def test_powers_are_raised_in_units_only() -> None:
    assert _raise_powers("132712440041.279404 km3/s2, 1361 W/m2, 1/cm2") == (
        "132712440041.279404 km³/s², 1361 W/m², 1/cm²"
    )
    assert _raise_powers("DE440, ICRF3, X2, J2000") == "DE440, ICRF3, X2, J2000"


def test_a_cell_keeps_seconds_and_catalogue_numbers() -> None:
    assert _cell("2009-02-10T16:55:59.796Z") == "2009-02-10 16:55:59.796"
    assert _cell(25544) == "25544"
    assert _raise_tens(_cell(8.655e19)) == "8.655×10¹⁹"
    assert _raise_tens(_cell("e+5 text")) == "e+5 text"
    assert _cell(math.nan) == "–"
    assert _cell(True) == "yes"


def test_a_heading_says_its_unit_once() -> None:
    heads = [
        _head(column("miss_distance_m", np.zeros(1), "m")),
        _head(column("ao_fluence_per_cm2", np.zeros(1), "1/cm2")),
        _head(column("tca_utc", ["x"])),
        _head(column("share", np.zeros(1), "1")),
    ]
    assert [head.title for head in heads] == ["miss distance", "ao fluence", "tca (UTC)", "share"]
    assert [head.is_number for head in heads] == [True, True, False, True]
