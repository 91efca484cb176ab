"""Terrestrial realizations agree with PROJ."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from syzygy.astro.frames import REALIZATIONS, change_realization
from syzygy.base.errors import InputError, UnknownNameError

PROJ_TOLERANCE_M = 1.5e-4
"""The oracle prints 0.1 mm."""


def test_positions_agree_with_proj(test_data, record_accuracy):
    rows = []
    for name in ("frames_proj.csv", "frames_proj_older.csv"):
        lines = (test_data / "frames" / name).read_text().splitlines()
        rows += list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) > 90
    worst = 0.0
    for row in rows:
        position, expected = ([float(row[axis + end]) for axis in "xyz"] for end in ("", "_to"))
        ours = change_realization(position, row["from"], row["to"], float(row["epoch"]))
        worst = max(worst, float(np.abs(ours - expected).max()))
    record_accuracy(
        "astro.frames", "ITRF and ETRF realizations", worst, PROJ_TOLERANCE_M, "m", "PROJ 9.5.1", len(rows)
    )


@pytest.mark.parametrize("first", REALIZATIONS)
@pytest.mark.parametrize("second", REALIZATIONS)
def test_there_and_back_is_the_same_place(first, second):
    place = np.array([[4027881.0, 306998.0, 4919499.0], [-2700000.0, -4290000.0, 3850000.0]])
    years = np.array([2005.5, 2024.0])
    there = change_realization(place, first, second, years)
    assert np.abs(change_realization(there, second, first, years) - place).max() < 1e-7


def test_itrf97_has_the_parameters_of_itrf96():
    place = np.array([4027881.0, 306998.0, 4919499.0])
    one, two = (change_realization(place, "ITRF2014", name, 2003.0) for name in ("ITRF97", "ITRF96"))
    assert np.array_equal(one, two)


def test_unknown_names_and_epochs_are_refused():
    with pytest.raises(UnknownNameError, match="ITRF1066"):
        change_realization([6.4e6, 0, 0], "ITRF1066", "ITRF2014", 2020.0)
    with pytest.raises(InputError, match="decimal year"):
        change_realization([6.4e6, 0, 0], "ITRF2020", "ITRF2014", 59_000.0)
