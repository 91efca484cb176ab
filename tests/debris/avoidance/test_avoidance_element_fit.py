"""Element sets through a given state: SGP4 after a burn passes through the state before it plus the burn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.astro.propagation.sgp4_states import propagate_sgp4
from syzygy.debris.avoidance.element_fit import fit_elements, states_each

POSITION_M, VELOCITY_M_S = 1e-3, 1e-6


@pytest.fixture(scope="module")
def some(sample_elements: MeanElements) -> MeanElements:
    return sample_elements.select(slice(0, 1800, 9))


@pytest.fixture(scope="module")
def times(some: MeanElements, start_tai_ns: int) -> np.ndarray:
    return start_tai_ns + np.random.default_rng(5).integers(0, 2 * 86_400_000_000_000, len(some))


@pytest.mark.parametrize("size_m_s", [0.01, 0.1, 1.0])
def test_the_changed_set_gives_the_changed_state(
    some: MeanElements, times: np.ndarray, almanac: Almanac, size_m_s: float
) -> None:
    before = states_each(prepare_sgp4(some, almanac.leap_seconds), times)
    good = np.isfinite(before).all(axis=1)
    some, times, before = some.select(good), times[good], before[good]
    push = np.random.default_rng(6).normal(size=(len(some), 3))
    push *= size_m_s / np.linalg.norm(push, axis=1)[:, None]
    fitted = fit_elements(some, times, before[:, :3], before[:, 3:] + push, almanac.leap_seconds)
    settled = (fitted.position_error_m < POSITION_M) & (fitted.velocity_error_m_s < VELOCITY_M_S)
    assert settled.mean() >= 0.99
    # The library's own SGP4, object by object.
    for k in np.flatnonzero(settled)[::20].tolist():
        alone = propagate_sgp4(fitted.elements.select([k]), times[k : k + 1], almanac.leap_seconds)
        np.testing.assert_allclose(alone.position_m[0, 0], before[k, :3], atol=2 * POSITION_M)
        np.testing.assert_allclose(alone.velocity_m_s[0, 0], before[k, 3:] + push[k], atol=2 * VELOCITY_M_S)


def test_no_burn_changes_nothing(some: MeanElements, times: np.ndarray, almanac: Almanac) -> None:
    before = states_each(prepare_sgp4(some, almanac.leap_seconds), times)
    good = np.isfinite(before).all(axis=1)
    some, times, before = some.select(good), times[good], before[good]
    fitted = fit_elements(some, times, before[:, :3], before[:, 3:], almanac.leap_seconds)
    for name in ("mean_motion_rad_s", "eccentricity", "mean_anomaly_rad", "raan_rad"):
        np.testing.assert_array_equal(getattr(fitted.elements, name), getattr(some, name))


def test_a_state_kilometres_away_is_reached_with_new_partials(
    some: MeanElements, times: np.ndarray, almanac: Almanac
) -> None:
    wrong = replace(some, mean_anomaly_rad=np.mod(some.mean_anomaly_rad + 1e-3, 2.0 * np.pi))
    wanted = states_each(prepare_sgp4(some, almanac.leap_seconds), times)
    good = np.isfinite(wanted).all(axis=1)
    fitted = fit_elements(
        wrong.select(good), times[good], wanted[good, :3], wanted[good, 3:], almanac.leap_seconds, again=True
    )
    assert np.mean(fitted.position_error_m < POSITION_M) >= 0.98
