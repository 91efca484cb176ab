"""Bracketed roots: found inside, to the tolerance, for any continuous function."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from syzygy.base.errors import ComputationError, InputError
from syzygy.numerics.brackets import solve_brackets


@given(
    root=st.lists(st.floats(0.01, 0.99), min_size=1, max_size=20),
    power=st.sampled_from([1, 3, 7]),
    scale=st.floats(1e-8, 1e8),
)
def test_roots_are_found_to_the_tolerance(root, power, scale):
    places = np.array(root)

    def f(which: np.ndarray, x: np.ndarray) -> np.ndarray:
        return scale * (x - places[which]) ** power

    all_of = np.arange(places.size)
    low, high = np.zeros(places.size), np.ones(places.size)
    found = solve_brackets(f, low, high, f(all_of, low), f(all_of, high), tolerance=1e-9)
    assert np.abs(found - places).max() <= 2e-9


def test_roots_agree_with_brent():
    shift = np.linspace(0.1, 0.9, 50)

    def f(which: np.ndarray, x: np.ndarray) -> np.ndarray:
        return np.cos(3.0 * x) - shift[which] + 0.1 * x**5

    zero, one = np.zeros(50), np.ones(50)
    which = np.arange(50)
    found = solve_brackets(f, zero, one, f(which, zero), f(which, one), tolerance=1e-12)
    for k in range(50):
        assert abs(found[k] - brentq(lambda x, k=k: float(f(np.array([k]), np.array([x]))[0]), 0, 1)) < 1e-11


def test_a_bracket_without_change_of_sign_is_refused():
    with pytest.raises(InputError):
        solve_brackets(lambda i, x: x, [1.0], [2.0], [1.0], [2.0], tolerance=1e-6)


def test_a_value_that_is_no_number_is_an_error():
    with pytest.raises(ComputationError):
        solve_brackets(lambda i, x: x * np.nan, [-1.0], [2.0], [-1.0], [2.0], tolerance=1e-6)


def test_a_root_at_the_end_is_returned_without_an_evaluation():
    def f(which: np.ndarray, x: np.ndarray) -> np.ndarray:
        raise AssertionError

    assert solve_brackets(f, [1.0], [2.0], [0.0], [5.0], tolerance=1e-6).tolist() == [1.0]
