"""Real conjunctions and element sets for the avoidance tests."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

_FIRST_STATE, _SECOND_STATE = slice(2, 8), slice(14, 20)


@pytest.fixture(scope="session")
def real_states(shared_data: Path) -> np.ndarray:
    """States (200, 2, 6) of 200 real conjunctions at closest approach, m and m/s."""
    with gzip.open(shared_data / "debris" / "conjunctions" / "armellin_200.csv.gz", "rt") as stream:
        rows = list(csv.reader(stream))[1:]
    table = np.array([[float(value) for value in row] for row in rows])
    return np.stack([table[:, _FIRST_STATE], table[:, _SECOND_STATE]], axis=1) * 1e3
