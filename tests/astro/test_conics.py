"""Keplerian elements and states agree both ways, and with the integrals of the motion."""

from __future__ import annotations

import numpy as np
import pytest

from syzygy.astro.conics import elements_from_state, state_from_elements, true_anomaly
from syzygy.base.errors import InputError

GM = 3.986004418e14


def _orbits(count: int) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(1)
    e = np.where(
        np.arange(count) % 3 == 0, random.uniform(1.01, 5.0, count), random.uniform(1e-3, 0.98, count)
    )
    axis = np.where(e > 1.0, -1.0, 1.0) * random.uniform(7e6, 5e7, count)
    limit = np.where(e > 1.0, np.arccos(-1.0 / np.maximum(e, 1.0)) * 0.95, np.pi)
    anomaly = random.uniform(-1.0, 1.0, count) * limit
    return (
        axis,
        e,
        random.uniform(0.01, 3.1, count),
        random.uniform(0, 6.28, count),
        random.uniform(0, 6.28, count),
        anomaly,
    )


def test_there_and_back() -> None:
    given = _orbits(3000)
    position, velocity = state_from_elements(*given, gm_m3_s2=GM)
    found = elements_from_state(position, velocity, gm_m3_s2=GM)
    again, speed = state_from_elements(*found, gm_m3_s2=GM)
    size = np.linalg.norm(position, axis=1)
    assert (np.linalg.norm(again - position, axis=1) / size).max() < 1e-11
    assert (np.linalg.norm(speed - velocity, axis=1) / np.linalg.norm(velocity, axis=1)).max() < 1e-11
    np.testing.assert_allclose(found[0], given[0], rtol=1e-9)
    np.testing.assert_allclose(found[2], given[2], rtol=1e-10)


def test_energy_and_momentum_are_those_of_the_elements() -> None:
    axis, e, *rest = _orbits(1000)
    position, velocity = state_from_elements(axis, e, *rest, gm_m3_s2=GM)
    energy = np.sum(velocity**2, axis=1) / 2.0 - GM / np.linalg.norm(position, axis=1)
    kinetic = np.sum(velocity**2, axis=1) / 2.0
    assert (np.abs(energy + GM / (2.0 * axis)) / kinetic).max() < 1e-12
    momentum = np.linalg.norm(np.cross(position, velocity), axis=1)
    np.testing.assert_allclose(momentum**2, GM * axis * (1.0 - e * e), rtol=1e-11)


@pytest.mark.parametrize("e", [0.0, 0.3, 0.9, 0.999, 1.001, 1.5, 10.0])
def test_keplers_equation_is_solved(e: float) -> None:
    mean = np.linspace(-3.1, 3.1, 501)
    true = true_anomaly(mean, e)
    if e < 1.0:
        half = np.arctan2(np.sqrt(1 - e) * np.sin(true / 2), np.sqrt(1 + e) * np.cos(true / 2))
        back = 2 * half - e * np.sin(2 * half)
    else:
        f = 2.0 * np.arctanh(np.sqrt((e - 1) / (e + 1)) * np.tan(true / 2))
        back = e * np.sinh(f) - f
    np.testing.assert_allclose(back, mean, atol=2e-12)


def test_what_is_no_orbit_is_refused() -> None:
    for axis, e in ((7e6, 1.0), (7e6, 1.5), (-7e6, 0.5), (7e6, -0.1)):
        with pytest.raises(InputError, match="no orbit"):
            state_from_elements(axis, e, 0.0, 0.0, 0.0, 0.0, gm_m3_s2=GM)
    with pytest.raises(InputError, match="asymptote"):
        state_from_elements(-7e6, 2.0, 0.0, 0.0, 0.0, 3.0, gm_m3_s2=GM)
    with pytest.raises(InputError, match="no Keplerian"):
        elements_from_state([7e6, 0.0, 0.0], [1.0, 0.0, 0.0], gm_m3_s2=GM)
