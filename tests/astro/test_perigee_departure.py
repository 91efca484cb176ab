"""Departure from a perigee: agrees with the general Lambert solver, monotone in time, bad rows reported."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.transfers.lambert import solve_lambert
from syzygy.astro.transfers.perigee_departure import solve_perigee_departure
from syzygy.base.errors import InputError

GM = 3.986004355070227e14
DAY = 86400.0


@pytest.mark.slow
@given(st.floats(6.5e6, 5e7), st.floats(3.5e8, 4.1e8), st.floats(0.3 * DAY, 9 * DAY))
def test_lambert_finds_the_same_velocity_without_radial_part(low: float, far: float, tof: float) -> None:
    found = solve_perigee_departure(low, far, tof, GM)
    angle = float(found.transfer_angle_rad)
    if abs(angle - np.pi) < 1e-5:
        return
    arrival = far * np.array([np.cos(angle), np.sin(angle), 0.0])
    lambert = solve_lambert([low, 0.0, 0.0], arrival, tof, GM)
    speed = float(found.departure_speed_m_s)
    np.testing.assert_allclose(lambert.departure_velocity_m_s, [0.0, speed, 0.0], atol=1e-8 * speed)
    radial = np.array([np.cos(angle), np.sin(angle), 0.0])
    assert lambert.arrival_velocity_m_s @ radial == pytest.approx(float(found.arrival_radial_m_s), abs=1e-4)


def test_half_an_ellipse_takes_half_its_period() -> None:
    low, far = 6.578e6, 3.9e8
    half_period = np.pi * np.sqrt(((low + far) / 2) ** 3 / GM)
    found = solve_perigee_departure(low, far, half_period, GM)
    assert float(found.transfer_angle_rad) == pytest.approx(np.pi, abs=1e-7)
    expected = np.sqrt(GM * (2 / low - 2 / (low + far)))
    assert float(found.departure_speed_m_s) == pytest.approx(expected, rel=1e-12)


def test_later_arrival_means_a_larger_angle() -> None:
    found = solve_perigee_departure(6.578e6, 3.9e8, np.linspace(0.2, 12, 200) * DAY, GM)
    assert found.solved.all()
    assert (np.diff(found.transfer_angle_rad) > 0).all()


@pytest.mark.parametrize(
    ("low", "far", "tof"), [(0, 4e8, DAY), (4e8, 6e6, DAY), (7e6, 4e8, 0), (7e6, 4e8, np.nan)]
)
def test_impossible_rows_are_marked(low: float, far: float, tof: float) -> None:
    assert not solve_perigee_departure(low, far, tof, GM).solved


def test_gravity_must_be_positive() -> None:
    with pytest.raises(InputError):
        solve_perigee_departure(7e6, 4e8, DAY, -GM)
