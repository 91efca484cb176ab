"""Positions and velocities of DE440 against values that another reader took from the JPL binary file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.bodies import EARTH, JUPITER_BARYCENTER, MARS_BARYCENTER, MOON, SOLAR_SYSTEM_BARYCENTER, SUN
from syzygy.astro.ephemerides import Ephemeris
from syzygy.data import find_data_set, locate_data_set
from syzygy.formats.spk import open_spk

POSITION_TOLERANCE_M = 1e-3
VELOCITY_TOLERANCE_M_S = 1e-9
PAIRS = {
    "moon_wrt_earth": (MOON, EARTH),
    "sun_wrt_earth": (SUN, EARTH),
    "mars_bary_wrt_ssb": (MARS_BARYCENTER, SOLAR_SYSTEM_BARYCENTER),
    "jupiter_bary_wrt_ssb": (JUPITER_BARYCENTER, SOLAR_SYSTEM_BARYCENTER),
}


def oracle_rows():
    path = Path(__file__).parent.parent / "data" / "ephemerides" / "de440_states.csv"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    return [row for row in csv.DictReader(lines) if row["quantity"] in PAIRS]


@pytest.fixture(scope="module")
def de440() -> Ephemeris:
    found = locate_data_set(find_data_set("de440"))
    return open_spk(found.path, name="DE440", sha256=found.sha256)


@pytest.mark.parametrize("quantity", PAIRS)
def test_states_agree_with_the_oracle(de440, record_accuracy, quantity):
    rows = [row for row in oracle_rows() if row["quantity"] == quantity]
    assert len(rows) == 6
    worst_m, worst_m_s = 0.0, 0.0
    for row in rows:
        tdb_s = float(row["tdb_s"])
        whole = np.floor(tdb_s)
        position, velocity = de440.state_at_tdb(*PAIRS[quantity], whole, tdb_s - whole)
        expected = np.array([float(row[key]) for key in ("a", "b", "c")]) * 1e3
        expected_velocity = np.array([float(row[key]) for key in ("va", "vb", "vc")]) * 1e3
        worst_m = max(worst_m, np.abs(position - expected).max())
        worst_m_s = max(worst_m_s, np.abs(velocity - expected_velocity).max())
    oracle = "DE440 read by an independent reader of the JPL binary file"
    words = quantity.replace("_bary", "").replace("_wrt_", " from ").replace("ssb", "barycenter")
    record_accuracy("ephemerides", f"position {words}", worst_m, POSITION_TOLERANCE_M, "m", oracle, 6)
    record_accuracy("ephemerides", f"velocity {words}", worst_m_s, VELOCITY_TOLERANCE_M_S, "m/s", oracle, 6)
