"""Free-molecular flux onto a plate: the oracle table, limits and symmetry."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.materials.oxygen import OXYGEN_ATOM_KG, plate_flux_per_density_m_s

ORACLE_TOLERANCE = 1e-6
"""Stated in the header of the oracle table."""


def test_every_angle_of_the_oracle_is_met_to_one_in_a_million(
    test_data: Path, record_accuracy: Callable[..., None]
) -> None:
    lines = (test_data / "materials" / "ao_free_molecular_flux.csv").read_text().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    columns = {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}
    normal = columns["speed_m_s"] * np.cos(np.deg2rad(columns["angle_deg"]))
    flux = plate_flux_per_density_m_s(normal, columns["T_K"])
    assert len(rows) >= 60
    np.testing.assert_allclose(flux, columns["flux_over_n_m_s"], rtol=ORACLE_TOLERANCE)
    worst = float(np.abs(flux / columns["flux_over_n_m_s"] - 1.0).max())
    source = "closed form, checked by integration (ao_free_molecular_flux.csv)"
    words = "oxygen onto a plate at any angle"
    record_accuracy("materials", words, worst, ORACLE_TOLERANCE, "1", source, len(rows))


def test_a_plate_at_rest_gets_a_quarter_of_the_mean_speed() -> None:
    mean_speed = np.sqrt(8.0 * 1.380649e-23 * 1000.0 / (np.pi * OXYGEN_ATOM_KG))
    assert float(plate_flux_per_density_m_s(0.0, 1000.0)) == pytest.approx(mean_speed / 4.0, rel=1e-14)


@given(st.floats(-20000.0, 20000.0), st.floats(200.0, 2500.0))
def test_front_minus_back_is_the_drift(speed: float, temperature: float) -> None:
    front = float(plate_flux_per_density_m_s(speed, temperature))
    back = float(plate_flux_per_density_m_s(-speed, temperature))
    assert front - back == pytest.approx(speed, rel=1e-12, abs=1e-9)


def test_the_flux_grows_with_the_normal_speed_without_a_step() -> None:
    speed = np.linspace(-9000.0, 9000.0, 20001)
    flux = plate_flux_per_density_m_s(speed, 900.0)
    assert np.all(np.diff(flux) > 0.0)
