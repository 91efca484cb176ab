"""Real conjunctions and element sets for the avoidance tests."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import parse_utc
from syzygy.base.provenance import InputFile
from syzygy.data import build_almanac
from syzygy.debris.avoidance.requests import AvoidanceRequest

_FIRST_STATE, _SECOND_STATE = slice(2, 8), slice(14, 20)


@pytest.fixture(scope="session")
def real_states(shared_data: Path) -> np.ndarray:
    """States (200, 2, 6) of 200 real conjunctions at closest approach, m and m/s."""
    with gzip.open(shared_data / "debris" / "conjunctions" / "armellin_200.csv.gz", "rt") as stream:
        rows = list(csv.reader(stream))[1:]
    table = np.array([[float(value) for value in row] for row in rows])
    return np.stack([table[:, _FIRST_STATE], table[:, _SECOND_STATE]], axis=1) * 1e3


@pytest.fixture(scope="session")
def oriented() -> Almanac:
    """Leap seconds and Earth orientation."""
    return build_almanac(("leap_seconds", "earth_orientation"))


@pytest.fixture(scope="session")
def asked(sample_file: InputFile, oriented: Almanac) -> AvoidanceRequest:
    """A real event of the sample, a threshold that it exceeds, a day of horizon."""
    return AvoidanceRequest(
        catalogues=(sample_file,),
        objects=(43833, 48029),
        tca_tai_ns=parse_utc("2022-07-15T20:07:18", oriented.leap_seconds),
        threshold=1e-5,
        model_sigma_m=(50.0, 200.0, 50.0),
        model_growth_m=(0.0, 100.0, 0.0),
        horizon_s=86400.0,
        plans=120,
        earliest_tai_ns=parse_utc("2022-07-15T12:00:00", oriented.leap_seconds),
    )
