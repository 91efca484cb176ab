"""The closed-form optimum against direct two-body propagation, found by a search that knows no linear map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

from syzygy.debris.avoidance.impulse_response import position_response
from syzygy.debris.avoidance.optimum import (
    EncounterPlane,
    ExecutionError,
    farthest_impulse,
    probability_after,
    smallest_impulse,
    whiten,
)

GM = 3.986004418e14
ONE_PERCENT = 0.01
ORACLE = "direct two-body propagation (scipy DOP853) with a free search of the direction"


def _fly(state: np.ndarray, seconds: float) -> np.ndarray:
    """Two-body motion by numerical integration: nothing of the code under test."""

    def slope(_: float, s: np.ndarray) -> np.ndarray:
        return np.concatenate([s[3:], -GM * s[:3] / np.linalg.norm(s[:3]) ** 3])

    return np.asarray(
        solve_ivp(slope, (0.0, seconds), state, method="DOP853", rtol=1e-12, atol=1e-9).y[:, -1]
    )


def _closest(one: np.ndarray, two: np.ndarray) -> float:
    """Smallest distance of two states near their instant."""
    for _ in range(5):
        relative = two - one
        shift = -float(relative[:3] @ relative[3:]) / float(relative[3:] @ relative[3:])
        if abs(shift) < 1e-9:
            break
        one, two = _fly(one, shift), _fly(two, shift)
    return float(np.linalg.norm(two[:3] - one[:3]))


def _plane(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    along = (two - one)[3:] / np.linalg.norm((two - one)[3:])
    across = np.cross(along, one[:3])
    across /= np.linalg.norm(across)
    return np.stack([across, np.cross(along, across)])


def _cases(real_states: np.ndarray, count: int) -> list[tuple[np.ndarray, np.ndarray, float, np.ndarray]]:
    """Return (own, other, seconds before, state at the burn) of real conjunctions at four lead times."""
    found = []
    for k, (own, other) in enumerate(real_states[:: len(real_states) // count]):
        axis = 1.0 / (2.0 / np.linalg.norm(own[:3]) - own[3:] @ own[3:] / GM)
        period = 2.0 * np.pi * np.sqrt(axis**3 / GM)
        lead = (0.5, 1.3, 2.5, 5.25)[k % 4] * period
        found.append((own, other, lead, _fly(own, -lead)))
    return found


@pytest.mark.slow
def test_the_farthest_impulse_is_that_of_a_free_search_on_two_body_orbits(
    real_states: np.ndarray, record_accuracy: Any
) -> None:
    size, worst_miss, worst_angle = 0.05, 0.0, 0.0
    cases = _cases(real_states, 8)
    for own, other, lead, burn in cases:
        axes = _plane(own, other)
        response = -axes @ position_response(burn[None], own[None], np.array([lead]))[0]
        offset = axes @ (other - own)[:3]
        closed = farthest_impulse(response[None], offset[None], np.array([size]))[0]
        predicted = np.linalg.norm(offset + response @ closed)

        def miss(
            angles: np.ndarray, own: np.ndarray = own, other: np.ndarray = other,
            burn: np.ndarray = burn, lead: float = lead, predicted: float = float(predicted),
        ) -> float:  # fmt: skip
            a, b = angles
            push = size * np.array([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])
            changed = burn.copy()
            changed[3:] += push
            return -_closest(_fly(changed, lead), other) / predicted

        starts = [
            np.array([np.arctan2(v[1], v[0]), np.arcsin(v[2] / np.linalg.norm(v))])
            for v in (burn[3:], -burn[3:])
        ]
        best = min(
            (minimize(miss, start, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-7, "maxfev": 60})
             for start in starts), key=lambda found: found.fun,
        )  # fmt: skip
        reached = -best.fun * predicted
        worst_miss = max(worst_miss, abs(predicted / reached - 1.0))
        a, b = best.x
        free = np.array([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])
        worst_angle = max(worst_angle, float(np.arccos(np.clip(free @ closed / size, -1.0, 1.0))))
    record_accuracy(
        "debris", "largest miss distance of an impulse of 5 cm/s, closed form", worst_miss, ONE_PERCENT, "1",
        ORACLE, len(cases),
    )  # fmt: skip
    assert worst_angle < np.radians(1.0)


@pytest.mark.slow
def test_the_smallest_tangential_burn_gives_the_aim_on_two_body_orbits(
    real_states: np.ndarray, record_accuracy: Any
) -> None:
    """The size found in closed form against bisection on propagated orbits, 2-D probability 1e-5."""
    aim, worst, done = 1e-5, 0.0, 0
    cases = _cases(real_states, 12)
    for own, other, lead, burn in cases:
        axes = _plane(own, other)
        plane = EncounterPlane(axes @ (other - own)[:3], np.diag([150.0**2, 60.0**2]), 10.0)
        along = burn[3:] / np.linalg.norm(burn[3:])
        response = -axes @ position_response(burn[None], own[None], np.array([lead]))
        none = ExecutionError(0.0, 0.0)

        def tangential(wide: np.ndarray, sizes: np.ndarray, along: np.ndarray = along) -> np.ndarray:
            return sizes[:, None] * along

        size = smallest_impulse(plane, response, tangential, none, aim=aim, largest_m_s=2.0)[0]
        if not np.isfinite(size) or size < 1e-3:
            continue

        def risk(
            push: float, own: np.ndarray = own, other: np.ndarray = other, burn: np.ndarray = burn,
            lead: float = lead, along: np.ndarray = along, axes: np.ndarray = axes,
            plane: EncounterPlane = plane,
        ) -> float:  # fmt: skip
            changed = burn.copy()
            changed[3:] += push * along
            after = _fly(changed, lead)
            relative = other - after
            shift = -float(relative[:3] @ relative[3:]) / float(relative[3:] @ relative[3:])
            moved = _fly(other, shift) - _fly(after, shift)
            there = EncounterPlane(axes @ moved[:3], plane.covariance_m2, plane.radius_m)
            return float(
                probability_after(there, np.zeros((1, 2, 3)), np.zeros((1, 3)), ExecutionError(0.0, 0.0))[0]
            )

        low, high = 0.5 * size, 1.5 * size
        if not risk(low) > aim > risk(high):
            continue
        for _ in range(14):
            middle = 0.5 * (low + high)
            low, high = (middle, high) if risk(middle) > aim else (low, middle)
        worst, done = max(worst, abs(size / high - 1.0)), done + 1
    assert done >= 6
    record_accuracy(
        "debris", "smallest tangential burn for a probability of 1e-5, closed form", worst, ONE_PERCENT, "1",
        "bisection on directly propagated two-body orbits (scipy DOP853)", done,
    )  # fmt: skip


@pytest.mark.slow
@given(
    seed=st.integers(0, 10_000),
    size=st.floats(1e-3, 1.0),
    offset=st.floats(0.0, 3000.0),
)
def test_no_random_impulse_of_the_same_size_goes_farther(seed: int, size: float, offset: float) -> None:
    rng = np.random.default_rng(seed)
    response = rng.normal(size=(1, 2, 3)) * np.array([3e4, 1e3])[None, :, None]
    miss = offset * rng.normal(size=(1, 2))
    best = farthest_impulse(response, miss, np.array([size]))[0]
    assert np.linalg.norm(best) == pytest.approx(size)
    reached = np.linalg.norm(miss[0] + response[0] @ best)
    tried = rng.normal(size=(500, 3))
    tried *= size / np.linalg.norm(tried, axis=1)[:, None]
    others = np.linalg.norm(miss[0] + tried @ response[0].T, axis=1)
    assert reached >= others.max() * (1.0 - 1e-9)


def test_an_impulse_without_offset_is_the_eigenvector() -> None:
    response = np.array([[[0.0, 3e4, 10.0], [2e3, 0.0, 900.0]]])
    found = farthest_impulse(response, np.zeros((1, 2)), np.array([0.1]))[0]
    values, vectors = np.linalg.eigh(response[0].T @ response[0])
    assert abs(vectors[:, -1] @ found) == pytest.approx(0.1, rel=1e-9)
    assert np.linalg.norm(response[0] @ found) == pytest.approx(0.1 * np.sqrt(values[-1]), rel=1e-9)


def test_a_badly_executed_burn_is_not_safer() -> None:
    plane = EncounterPlane(np.array([50.0, 20.0]), np.diag([200.0**2, 80.0**2]), 15.0)
    response = np.array([[[0.0, 3e4, 0.0], [1e3, 0.0, 0.0]]])
    impulse = np.array([[0.0, 0.02, 0.0]])
    exact = probability_after(plane, response, impulse, ExecutionError(0.0, 0.0))
    rough = probability_after(plane, response, impulse, ExecutionError(0.2, 0.1))
    assert rough >= exact


def test_whitening_makes_the_covariance_a_unit() -> None:
    plane = EncounterPlane(np.zeros(2), np.array([[9.0, 2.0], [2.0, 4.0]]), 1.0)
    white = whiten(plane)
    np.testing.assert_allclose(white @ plane.covariance_m2 @ white.T, np.eye(2), atol=1e-14)
