"""Sampled motion with zonal harmonics: equal to two-body motion without them, to the propagator with them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from syzygy.debris.probability import motion_kernels, zonal_kernels
from syzygy.debris.probability.crossings import expect_crossings
from syzygy.debris.probability.element_motion import GM_M3_S2, equinoctial_from_state
from syzygy.debris.probability.encounters import Encounter
from syzygy.debris.probability.linked_motion import link_pair
from syzygy.debris.probability.monte_carlo import ZONAL, sample_where_it_matters

pytestmark = pytest.mark.slow
NOTHING = (ZONAL[0], 0.0, 0.0, 0.0)
GRADIENT_TOLERANCE = 1e-8
TWO_BODY_M = 2e-3
STATE = np.array([5.1e6, -3.2e6, 3.9e6, 2900.0, 6600.0, 1700.0])


def potential(r: np.ndarray) -> float:
    """Zonal potential by Legendre polynomials: what `accelerate` is the gradient of."""
    size = np.linalg.norm(r)
    u, q = r[2] / size, ZONAL[0] / size
    legendre = (0.5 * (3 * u**2 - 1), 0.5 * (5 * u**3 - 3 * u), 0.125 * (35 * u**4 - 30 * u**2 + 3))
    series = sum(j * q**k * p for j, k, p in zip(ZONAL[1:], (2, 3, 4), legendre, strict=True))
    return float(GM_M3_S2 / size * (1.0 - series))


def test_the_acceleration_is_the_gradient_of_the_zonal_potential() -> None:
    for r in (STATE[:3], np.array([1.0e6, 2.0e6, 6.9e6]), np.array([7.2e6, 0.0, 0.0])):
        found = np.empty(3)
        zonal_kernels.accelerate(np.concatenate([r, np.zeros(3)]), GM_M3_S2, *ZONAL, found)
        h = 10.0
        gradient = [
            (
                8 * (potential(r + h * e) - potential(r - h * e))
                - (potential(r + 2 * h * e) - potential(r - 2 * h * e))
            )
            / (12 * h)
            for e in np.eye(3)
        ]
        np.testing.assert_allclose(found, gradient, atol=GRADIENT_TOLERANCE * np.linalg.norm(found))


def test_without_harmonics_it_is_two_body_motion() -> None:
    elements = equinoctial_from_state(STATE)
    for seconds in (-2800.0, -30.0, 12.3, 2800.0):
        plain, moved = np.empty(6), STATE.copy()
        motion_kernels.fill_state(elements, 1.0, GM_M3_S2, seconds, plain)
        zonal_kernels.advance(moved, seconds, GM_M3_S2, *NOTHING, np.empty((5, 6)))
        assert np.linalg.norm(moved[:3] - plain[:3]) < TWO_BODY_M * max(1.0, abs(seconds) / 1000.0)


def test_real_short_encounters_give_the_same_probability_with_harmonics(
    cara_encounters: list[Encounter], record_accuracy: Callable[..., None]
) -> None:
    """Within half a minute the oblateness moves both objects alike."""
    off = []
    for encounter in cara_encounters[::5]:
        pair = link_pair(encounter, 0)
        found = expect_crossings(pair, -2000.0, 2000.0)
        both = [
            sample_where_it_matters(pair, found.peak_s, -2000.0, 2000.0, samples=20_000, zonal=zonal)
            for zonal in (False, True)
        ]
        spread = 0.25 * (both[0].high - both[0].low + both[1].high - both[1].low)
        off.append(abs(both[1].probability - both[0].probability) / spread)
    record_accuracy(
        "debris",
        "Monte Carlo with zonal harmonics",
        max(off),
        2.0,
        "sigma",
        "two-body, same samples",
        len(off),
    )


def test_pairs_that_enter_are_the_same_without_harmonics(cara_encounters: list[Encounter]) -> None:
    pair = link_pair(cara_encounters[4], 0)
    random = np.random.default_rng(2)
    root = [np.linalg.cholesky(c.covariance + 1e-30 * np.eye(6)) for c in (pair.primary, pair.secondary)]
    one = pair.primary.mean + random.standard_normal((300, 6)) @ root[0].T
    two = pair.secondary.mean + random.standard_normal((300, 6)) @ root[1].T
    plain, zonal = np.zeros(300, dtype=np.int64), np.zeros(300, dtype=np.int64)
    flips = tuple(float(cloud.axes[1, 1]) for cloud in (pair.primary, pair.secondary))
    motion_kernels.entry_rows(one, two, *flips, GM_M3_S2, -50.0, 50.0, 300.0, plain)
    zonal_kernels.zonal_entry_rows(one, two, *flips, GM_M3_S2, *NOTHING, -50.0, 50.0, 300.0, zonal)
    assert 0 < plain.sum() < 300
    assert (plain != zonal).mean() < 0.01
