"""The circular three-body problem against a periodic orbit computed elsewhere and another integrator."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.astro.propagation_truth import DATA

from syzygy.astro.propagation.three_body import (
    ThreeBodyProblem,
    propagate_three_body,
    propagate_three_body_batch,
)
from syzygy.base.errors import ComputationError, CoverageError, InputError

EARTH_MOON = ThreeBodyProblem(0.01215058560962404)
_PEER_RELATIVE = 1e-13
_PEER_SLACK = 1e-12
"""What DOP853 at 1e-13 leaves per unit of the growth of errors."""
_NEAREST, _MOST_STEPS = 3e-4, 400


@pytest.fixture(scope="module")
def orbit() -> dict:
    return tomllib.loads((DATA / "nrho_9_2.toml").read_text())


def _scattered(count: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return states around both bodies and ends of either sign."""
    random = np.random.default_rng(seed)
    states = random.normal(scale=0.4, size=(count, 6))
    states[:, 0] += np.where(random.random(count) < 0.5, 0.9, 0.0)
    return states, random.uniform(0.3, 2.0, count) * random.choice([-1.0, 1.0], count)


def test_the_9_to_2_halo_closes_over_its_period(orbit, record_accuracy) -> None:
    problem = ThreeBodyProblem(orbit["mu"])
    start = np.array(orbit["state_apolune"])
    path = propagate_three_body(problem, start, orbit["period"])
    end = path.states(orbit["period"])[0]
    record_accuracy(
        "propagation", "closure of the 9:2 NRHO", np.abs(end - start).max(), 1e-12, "units of the problem",
        "independent Taylor and DOP853 integrators",
    )  # fmt: skip
    drift = abs(problem.jacobi(end) - problem.jacobi(start))
    record_accuracy("propagation", "Jacobi drift of the NRHO", drift, 5e-15, "non-dimensional", "start")
    assert float(problem.jacobi(start)) == pytest.approx(orbit["jacobi"], abs=1e-10)
    moon = np.array([1.0 - orbit["mu"], 0.0, 0.0])
    distance = np.linalg.norm(path.states(np.linspace(0, orbit["period"], 4001))[:, :3] - moon, axis=1)
    assert distance.min() * orbit["length_km"] == pytest.approx(orbit["perilune_km"], abs=0.2)
    assert distance.max() * orbit["length_km"] == pytest.approx(orbit["apolune_km"], abs=0.01)


def test_the_halo_flown_back_returns_and_is_its_own_mirror(orbit) -> None:
    problem, start = ThreeBodyProblem(orbit["mu"]), np.array(orbit["state_apolune"])
    half = 0.4 * orbit["period"]
    there = propagate_three_body(problem, start, half)
    back = propagate_three_body(problem, there.states(half)[0], -half)
    assert np.abs(back.states(-half)[0] - start).max() < 2e-14
    mirror = propagate_three_body(problem, start, -half).states(-half)[0]
    assert np.array_equal(mirror * [1, -1, 1, -1, 1, -1], there.states(half)[0])


def test_the_stability_pair_of_the_halo_is_that_given(orbit) -> None:
    path = propagate_three_body(
        ThreeBodyProblem(orbit["mu"]), np.array(orbit["state_apolune"]), orbit["period"], transition=True
    )
    matrix = path.transition(np.array([orbit["period"]]))[0]
    assert np.linalg.det(matrix) == pytest.approx(1.0, abs=1e-8)
    alpha = 2.0 - np.trace(matrix)
    beta = (alpha**2 + 2.0 - np.trace(matrix @ matrix)) / 2.0
    root = np.sqrt(alpha**2 - 4.0 * beta + 8.0)
    pair = sorted([(-alpha - root) / 4.0, (-alpha + root) / 4.0])
    assert pair == pytest.approx(orbit["stability_pair"], abs=2e-6)


def test_a_flight_has_the_same_bits_alone_in_any_lane_and_in_any_order() -> None:
    states, ends = _scattered(23)
    whole = propagate_three_body_batch(EARTH_MOON, states, ends)
    order = np.random.default_rng(1).permutation(len(states))
    mixed = propagate_three_body_batch(EARTH_MOON, states[order], ends[order])
    assert not whole.failures
    assert len(whole) == 23
    assert np.array_equal(mixed.stop_state, whole.stop_state[order])
    for row in range(len(states)):
        alone = propagate_three_body(EARTH_MOON, states[row], float(ends[row])).dense
        inside = whole[row].dense
        assert np.array_equal(alone.powers, inside.powers)
        assert np.array_equal(alone.start, inside.start)


def test_a_batch_larger_than_its_first_memory_loses_nothing() -> None:
    states, ends = _scattered(5, seed=8)
    long = 40.0 * ends
    whole = propagate_three_body_batch(EARTH_MOON, states, long)
    for row in range(len(states)):
        path = whole.part(row)
        assert path.dense.span == pytest.approx(sorted((0.0, whole.stop_time[row])), abs=1e-12)
        end = path.states(whole.stop_time[row])[0]
        assert end == pytest.approx(whole.stop_state[row], rel=1e-14, abs=1e-14)


def test_a_path_keeps_its_jacobi_constant_between_the_steps() -> None:
    states, ends = _scattered(16)
    paths = propagate_three_body_batch(EARTH_MOON, states, ends)
    for row, end in enumerate(ends):
        flown = paths[row].states(np.linspace(0.0, end, 301))
        scale = 1.0 + np.sum(flown[:, 3:] ** 2, axis=1).max()
        assert np.ptp(EARTH_MOON.jacobi(flown)) < 2e-14 * scale


def test_the_transition_matrix_is_symplectic_and_leaves_the_path_alone() -> None:
    states, ends = _scattered(9, seed=5)
    plain = propagate_three_body_batch(EARTH_MOON, states, ends)
    carried = propagate_three_body_batch(EARTH_MOON, states, ends, transition=True)
    assert np.array_equal(plain.stop_state, carried.stop_state)
    to_momenta = np.eye(6)
    to_momenta[3, 1], to_momenta[4, 0] = -1.0, 1.0
    form = np.block([[np.zeros((3, 3)), np.eye(3)], [-np.eye(3), np.zeros((3, 3))]])
    for row, end in enumerate(ends):
        matrices = carried[row].transition(np.linspace(0.0, end, 301))
        growth = np.abs(matrices).max()
        last = to_momenta @ matrices[-1] @ np.linalg.inv(to_momenta)
        assert np.abs(last.T @ form @ last - form).max() < 1e-15 * growth**2


def test_a_path_that_falls_into_a_body_is_named_and_takes_nothing_with_it() -> None:
    states, ends = _scattered(6)
    falling = np.array([1.0 - EARTH_MOON.mass_ratio + 1e-4, 0.0, 0.0, -15.0, -1e-4, 0.0])
    inside = np.array([-EARTH_MOON.mass_ratio, 1e-10, 0.0, 0.0, 0.0, 0.0])
    states = np.insert(np.insert(states, 3, falling, axis=0), 1, inside, axis=0)
    ends = np.insert(np.insert(ends, 3, 1.0), 1, 1.0)
    paths = propagate_three_body_batch(EARTH_MOON, states, ends)
    assert sorted(paths.failures) == [1, 4]
    assert 0.0 < paths.stop_time[4] < 1e-4
    assert paths.part(4).dense.span[1] == pytest.approx(paths.stop_time[4])
    with pytest.raises(ComputationError, match=r"falls into a body.*at time") as caught:
        paths[4]
    assert all((caught.value.hint, caught.value.allowed, caught.value.where))
    for row in (0, 2, 3, 5, 6, 7):
        alone = propagate_three_body_batch(EARTH_MOON, states[[row]], ends[[row]])
        assert np.array_equal(alone.stop_state[0], paths.stop_state[row])
    with pytest.raises(ComputationError, match="falls into a body"):
        propagate_three_body(EARTH_MOON, inside, 1.0)


@pytest.mark.slow
def test_a_path_without_end_is_named_and_takes_nothing_with_it() -> None:
    """A millionth from a point mass a revolution takes 6e-9; a hundred million of them are asked for."""
    circling = np.array([1e-6 - EARTH_MOON.mass_ratio, 0.0, 0.0, 0.0, 1e3, 0.0])
    states, _ = _scattered(4)
    paths = propagate_three_body_batch(EARTH_MOON, np.insert(states, 2, circling, axis=0), 1.0)
    with pytest.raises(ComputationError, match="more than 131,072 steps"):
        paths[2]
    others = propagate_three_body_batch(EARTH_MOON, states, 1.0)
    assert np.array_equal(np.delete(paths.stop_state, 2, axis=0), others.stop_state)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    mass_ratio=st.floats(1e-6, 0.5),
    near=st.sampled_from([0, 1, 2]),
    distance=st.floats(-3.0, 0.3),
    direction=st.tuples(*[st.floats(-1.0, 1.0)] * 6),
    speed=st.floats(0.2, 1.6),
    turns=st.floats(0.1, 3.0),
    forward=st.booleans(),
)
def test_random_paths_agree_with_an_independent_integrator(
    mass_ratio, near, distance, direction, speed, turns, forward
) -> None:
    """As near to a body as three ten-thousandths of the distance of both, beyond the speed of escape too."""
    problem = ThreeBodyProblem(mass_ratio)
    axes = np.array(direction)
    axes[[0, 4]] += 1e-3
    gm = (1.0 - mass_ratio, mass_ratio, 1.0)[near]
    centre = (-mass_ratio, 1.0 - mass_ratio, 0.0)[near]
    radius = 10.0**distance if near < 2 else 1.5
    start = np.concatenate(
        [axes[:3] / np.linalg.norm(axes[:3]) * radius, axes[3:] / np.linalg.norm(axes[3:])]
    )
    start[3:] *= speed * np.sqrt(gm / radius)
    start[0] += centre
    end = min(turns * np.sqrt(radius**3 / gm), 3.0) * (1.0 if forward else -1.0)
    paths = propagate_three_body_batch(problem, start[None], end, transition=True)
    assume(not paths.failures)
    path = paths[0]
    places = path.states(path.dense.start)[:, :3]
    nearest = min(
        np.linalg.norm(places - [x, 0.0, 0.0], axis=1).min() for x in (-mass_ratio, 1.0 - mass_ratio)
    )
    assume(nearest > _NEAREST)
    assume(path.report.steps < _MOST_STEPS)
    growth = np.linalg.norm(path.transition(path.dense.start), axis=(1, 2)).max()
    peer = _fly_scipy(mass_ratio, start, end)
    scale = np.abs(start).max() + np.abs(peer).max()
    assert np.abs(path.states(end)[0] - peer).max() < _PEER_SLACK * growth * scale


def _fly_scipy(mu: float, start: np.ndarray, end: float) -> np.ndarray:
    from scipy.integrate import solve_ivp

    def slope(_: float, state: np.ndarray) -> np.ndarray:
        r, v = state[:3], state[3:]
        to_larger, to_smaller = r - [-mu, 0.0, 0.0], r - [1.0 - mu, 0.0, 0.0]
        pull = (1.0 - mu) * to_larger / np.linalg.norm(to_larger) ** 3
        pull = pull + mu * to_smaller / np.linalg.norm(to_smaller) ** 3
        return np.concatenate([v, [2.0 * v[1] + r[0], r[1] - 2.0 * v[0], 0.0] - pull])

    answer = solve_ivp(slope, (0.0, end), start, method="DOP853", rtol=_PEER_RELATIVE, atol=1e-15)
    assert answer.success
    return np.asarray(answer.y[:, -1])


def test_a_time_outside_the_path_is_refused() -> None:
    path = propagate_three_body(EARTH_MOON, np.array([0.5, 0.8, 0.0, 0.1, 0.0, 0.0]), 1.0)
    for time in (-0.1, 1.1, np.nan):
        with pytest.raises(CoverageError):
            path.states(time)
    with pytest.raises(InputError):
        path.transition(0.5)


def test_impossible_problems_are_refused() -> None:
    with pytest.raises(InputError):
        ThreeBodyProblem(0.7)
    problem, good = ThreeBodyProblem(0.01), np.array([0.5, 0.8, 0.0, 0.0, 0.0, 0.0])
    for state, end in ((np.zeros(5), 1.0), (good, 0.0), (good, np.inf), (good * np.nan, 1.0)):
        with pytest.raises(InputError):
            propagate_three_body(problem, state, end)
    with pytest.raises(InputError):
        propagate_three_body_batch(problem, np.tile(good, (3, 1)), [1.0, 2.0])
    for tolerance in (1e-17, 1e-2, np.nan):
        with pytest.raises(InputError, match="tolerance"):
            propagate_three_body(problem, good, 1.0, tolerance=tolerance)
