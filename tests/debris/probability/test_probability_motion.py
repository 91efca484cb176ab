"""Two-body elements and the sampling on them: round trips, the kernels' slow twins, closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from syzygy.base.errors import InputError
from syzygy.debris.probability import motion_kernels
from syzygy.debris.probability.element_motion import (
    GM_M3_S2,
    ElementCloud,
    equinoctial_from_state,
    states_and_partials,
    states_from_equinoctial,
)
from syzygy.debris.probability.encounters import Encounter
from syzygy.debris.probability.linked_motion import LinkedPair, link_pair
from syzygy.debris.probability.monte_carlo import clopper_pearson, sample_plainly, sample_where_it_matters

STATE_TOLERANCE = 1e-12
KERNEL_TOLERANCE_M = 1e-5
PARTIAL_TOLERANCE = 1e-6


def state(a: float, e: float, i: float, node: float, perigee: float, anomaly: float) -> NDArray[np.float64]:
    """Return a state of classical elements (km for a, radians), by textbook rotation."""
    p = a * 1e3 * (1.0 - e * e)
    r = p / (1.0 + e * np.cos(anomaly))
    flat = np.array([r * np.cos(anomaly), r * np.sin(anomaly), 0.0])
    fast = np.sqrt(GM_M3_S2 / p) * np.array([-np.sin(anomaly), e + np.cos(anomaly), 0.0])
    c, s = np.cos, np.sin
    turn = np.array([[c(node), -s(node), 0], [s(node), c(node), 0], [0, 0, 1]])
    turn = turn @ np.array([[1, 0, 0], [0, c(i), -s(i)], [0, s(i), c(i)]])
    turn = turn @ np.array([[c(perigee), -s(perigee), 0], [s(perigee), c(perigee), 0], [0, 0, 1]])
    return np.concatenate([turn @ flat, turn @ fast])


ORBITS = st.builds(
    state,
    st.floats(6700, 42000),
    st.floats(0, 0.8),
    st.floats(0, 2.6),
    st.floats(0, 6.28),
    st.floats(0, 6.28),
    st.floats(0, 6.28),
)


@pytest.mark.slow
@given(ORBITS)
def test_states_survive_the_round_trip(given_state: NDArray[np.float64]) -> None:
    again = states_from_equinoctial(equinoctial_from_state(given_state), np.zeros(()))
    for part in (slice(0, 3), slice(3, 6)):
        size = np.linalg.norm(given_state[part])
        assert np.linalg.norm(again[part] - given_state[part]) < 1e3 * STATE_TOLERANCE * size


@pytest.mark.slow
@given(ORBITS, st.floats(-20000, 20000))
def test_motion_keeps_energy_and_momentum_and_returns(
    given_state: NDArray[np.float64], seconds: float
) -> None:
    elements = equinoctial_from_state(given_state)
    later = states_from_equinoctial(elements, np.array(seconds))
    momentum = np.cross(given_state[:3], given_state[3:])
    assert np.linalg.norm(np.cross(later[:3], later[3:]) - momentum) < 1e-9 * np.linalg.norm(momentum)
    period = 2.0 * np.pi / elements[0]
    whole = states_from_equinoctial(elements, np.array(period))
    start = states_from_equinoctial(elements, np.zeros(()))
    assert np.linalg.norm(whole[:3] - start[:3]) < 1e-8 * np.linalg.norm(start[:3])


@pytest.mark.slow
@given(ORBITS, st.floats(-3000, 3000))
def test_partials_equal_central_differences(given_state: NDArray[np.float64], seconds: float) -> None:
    elements = equinoctial_from_state(given_state)
    _, partials = states_and_partials(elements, np.array([seconds]))
    for j in range(6):
        step = 1e-7 * (elements[0] if j == 0 else 1.0)
        high, low = elements.copy(), elements.copy()
        high[j] += step
        low[j] -= step
        difference = states_from_equinoctial(high, np.array(seconds))
        difference = (difference - states_from_equinoctial(low, np.array(seconds))) / (2.0 * step)
        scale = np.linalg.norm(partials[0, :3, j])
        assert np.linalg.norm(difference[:3] - partials[0, :3, j]) < 10 * PARTIAL_TOLERANCE * scale + 1.0


@pytest.mark.slow
@given(ORBITS, st.floats(-20000, 20000))
def test_the_motion_kernel_equals_its_twin(given_state: NDArray[np.float64], seconds: float) -> None:
    elements = equinoctial_from_state(given_state)
    out = np.empty(6)
    assert motion_kernels.fill_state(elements, 1.0, GM_M3_S2, seconds, out)
    twin = states_from_equinoctial(elements, np.array(seconds))
    assert np.linalg.norm(out[:3] - twin[:3]) < KERNEL_TOLERANCE_M
    assert np.linalg.norm(out[3:] - twin[3:]) < KERNEL_TOLERANCE_M


def crossing_pair(offset_m: float, sigma_m: float, radius_m: float) -> LinkedPair:
    """Return two orbits that cross at right angles with a small offset, known to `sigma_m`."""
    one = state(7000, 0.001, 0.3, 0.2, 0.1, 0.5)
    along = np.cross(one[:3], one[3:])
    two = one.copy()
    two[3:] = along / np.linalg.norm(along) * np.linalg.norm(one[3:])
    two[:3] += offset_m * one[:3] / np.linalg.norm(one[:3])
    clouds = []
    for mean in (one, two):
        elements = equinoctial_from_state(mean)
        _, partials = states_and_partials(elements, np.zeros(1))
        inverse = np.linalg.inv(partials[0])
        cartesian = np.diag([sigma_m**2] * 3 + [1e-6] * 3)
        clouds.append(ElementCloud(np.eye(3), elements, inverse @ cartesian @ inverse.T, inverse))
    return LinkedPair(clouds[0], clouds[1], radius_m)


@pytest.mark.slow
@settings(max_examples=15)
@given(st.floats(0.0, 300.0), st.integers(0, 1000))
def test_entries_and_closest_distances_tell_the_same_pairs(offset: float, seed: int) -> None:
    pair = crossing_pair(offset, 50.0, 60.0)
    random = np.random.default_rng(seed)
    roots = [np.linalg.cholesky(cloud.covariance) for cloud in (pair.primary, pair.secondary)]
    one = pair.primary.mean + random.standard_normal((200, 6)) @ roots[0].T
    two = pair.secondary.mean + random.standard_normal((200, 6)) @ roots[1].T
    miss, hit = np.empty(200), np.zeros(200, dtype=np.int64)
    motion_kernels.closest_rows(one, two, 1.0, 1.0, GM_M3_S2, 0.0, -5.0, 5.0, 60.0, miss)
    motion_kernels.entry_rows(one, two, 1.0, 1.0, GM_M3_S2, -5.0, 5.0, 60.0, hit)
    clear = np.abs(miss - 60.0) > 0.01
    np.testing.assert_array_equal((miss <= 60.0)[clear], (hit > 0)[clear])
    seconds = np.linspace(-0.2, 0.2, 2001)
    for k in range(5):
        path = states_from_equinoctial(two[k], seconds) - states_from_equinoctial(one[k], seconds)
        brute = np.linalg.norm(path[:, :3], axis=1).min()
        if miss[k] <= 60.0:
            # The nearest sample lies at most half a step from the closest point, on a line nearly straight.
            half_step_m = 1e-4 * np.linalg.norm(path[1000, 3:])
            assert miss[k] - 0.01 <= brute <= np.hypot(miss[k], half_step_m) + 0.01


@pytest.mark.slow
def test_weighted_and_plain_sampling_agree() -> None:
    pair = crossing_pair(120.0, 50.0, 60.0)
    plain = sample_plainly(pair, -5.0, 5.0, samples=100_000)
    weighted = sample_where_it_matters(pair, 0.0, -5.0, 5.0, samples=100_000)
    assert plain.low < weighted.probability < plain.high
    assert sample_plainly(pair, -5.0, 5.0, samples=1000) == sample_plainly(pair, -5.0, 5.0, samples=1000)


def test_clopper_pearson_is_that_of_scipy_and_refuses_nonsense() -> None:
    for hits, samples in ((0, 10), (3, 1000), (10, 10)):
        exact = stats.binomtest(hits, samples).proportion_ci(method="exact")
        assert clopper_pearson(hits, samples) == pytest.approx((exact.low, exact.high), rel=1e-9)
    with pytest.raises(InputError):
        clopper_pearson(3, 2)


def test_a_state_that_escapes_is_refused(cara_encounters: list[Encounter]) -> None:
    escaping = state(7000, 0.0, 0.3, 0.2, 0.1, 0.5)
    escaping[3:] *= 1.5
    with pytest.raises(InputError, match="ellipse"):
        equinoctial_from_state(escaping)
    assert link_pair(cara_encounters[0], 0).radius_m > 0.0
