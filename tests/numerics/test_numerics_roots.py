"""Batched root finding against scipy's brentq."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from syzygy.base.errors import ComputationError, InputError
from syzygy.numerics.roots import find_roots

TOLERANCE = 1e-9


def cubic(coefficients):
    def values(indices, t):
        c = coefficients[indices]
        return ((c[:, 0] * t + c[:, 1]) * t + c[:, 2]) * t + c[:, 3]

    return values


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_roots_of_random_cubics_agree_with_brentq(seed, count):
    random = np.random.default_rng(seed)
    coefficients = random.normal(size=(count, 4))
    coefficients[:, 0] = np.abs(coefficients[:, 0]) + 0.1
    # One real root only, so that both searches must find the same: slope bounded from below.
    coefficients[:, 1] = 0.0
    coefficients[:, 2] = np.abs(coefficients[:, 2]) + 0.1
    function = cubic(coefficients)
    roots = find_roots(function, np.full(count, -100.0), np.full(count, 100.0), TOLERANCE)
    for i in range(count):
        expected = brentq(lambda t, i=i: function(np.array([i]), np.array([t]))[0], -100.0, 100.0, xtol=1e-12)
        assert abs(roots[i] - expected) <= TOLERANCE


@pytest.mark.parametrize(
    ("name", "function", "low", "high", "root"),
    [
        ("triple root", lambda t: (t - 1.0) ** 3, -5.0, 4.0, 1.0),
        ("steep", lambda t: np.tanh(1e6 * (t - 0.3)), -1.0, 1.0, 0.3),
        ("flat then steep", lambda t: np.expm1(50.0 * (t - 0.9)), -1.0, 1.0, 0.9),
        ("a jump", lambda t: np.where(t < 0.123, -1.0, 2.0), -1.0, 1.0, 0.123),
        ("ninth power", lambda t: t**9, -1.0, 4.0, 0.0),
    ],
)
def test_hard_functions_end_within_the_tolerance(name, function, low, high, root):
    found = find_roots(lambda _, t: function(t), [low], [high], 1e-6)
    assert abs(found[0] - root) <= 1e-6


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1))
def test_the_answer_does_not_depend_on_the_rest_of_the_batch(seed):
    coefficients = np.random.default_rng(seed).normal(size=(7, 4))
    coefficients[:, 0] = 1.0
    function = cubic(coefficients)
    whole = find_roots(function, np.full(7, -50.0), np.full(7, 50.0), TOLERANCE)
    for i in range(7):
        alone = find_roots(lambda _, t, i=i: function(np.full(t.shape, i), t), [-50.0], [50.0], TOLERANCE)
        assert alone[0] == whole[i]


def test_a_function_that_is_done_is_not_evaluated_again():
    calls = []

    def function(indices, t):
        calls.append(indices.copy())
        return np.where(indices == 0, t, np.cbrt(t - 0.7))

    find_roots(function, [-1.0, -1.0], [1.0, 1.0], 1e-12)
    assert calls[-1].tolist() == [1]


def test_a_root_at_the_end_of_a_bracket_is_returned_exactly():
    assert find_roots(lambda _, t: t - 2.0, [2.0, 0.0], [5.0, 2.0], 1e-9).tolist() == [2.0, 2.0]


def test_no_functions_give_no_roots():
    assert find_roots(lambda _, t: t, np.empty(0), np.empty(0), 1e-9).shape == (0,)


def test_a_bracket_without_change_of_sign_is_refused_with_its_values():
    with pytest.raises(InputError, match="no change of sign") as caught:
        find_roots(lambda _, t: t * t + 1.0, [0.0, -1.0], [1.0, 1.0], 1e-9)
    assert "f(0) = 1" in str(caught.value.value)


def test_a_value_that_is_not_finite_is_refused():
    with pytest.raises(ComputationError, match="no finite value"):
        find_roots(lambda _, t: np.where(t == 0.5, np.nan, t - 0.4), [0.0], [1.0], 1e-9)


@pytest.mark.parametrize("tolerance", [0.0, -1.0, float("nan")])
def test_a_tolerance_that_is_not_positive_is_refused(tolerance):
    with pytest.raises(InputError, match="tolerance"):
        find_roots(lambda _, t: t, [-1.0], [1.0], tolerance)


def test_known_values_at_the_ends_are_not_evaluated_again():
    def never(indices, t):
        raise AssertionError

    found = find_roots(never, [1.0], [2.0], 1e-6, value_low=[0.0], value_high=[5.0])
    assert found.tolist() == [1.0]
