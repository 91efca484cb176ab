"""Batched minimisation against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from syzygy.base.errors import InputError
from syzygy.numerics.minima import find_minima

TOLERANCE = 1e-6


@given(st.integers(0, 2**32 - 1), st.integers(1, 20))
def test_minima_of_random_quartics_agree_with_scipy(seed, count):
    random = np.random.default_rng(seed)
    centre, weight, skew = (
        random.uniform(-2, 2, count),
        random.uniform(0.5, 3, count),
        random.normal(size=count),
    )

    def function(i, t):
        x = t - centre[i]
        return x**4 + weight[i] * x**2 + 0.3 * skew[i] * x

    t, value = find_minima(function, np.full(count, -5.0), np.full(count, 5.0), TOLERANCE)
    for i in range(count):
        peer = minimize_scalar(
            lambda x, i=i: function(i, x), bounds=(-5.0, 5.0), method="bounded", options={"xatol": 1e-9}
        )
        assert abs(t[i] - peer.x) <= 2.0 * TOLERANCE
        assert value[i] <= peer.fun + 1e-11


def test_a_kink_is_found_within_the_tolerance():
    t, value = find_minima(lambda _, t: np.abs(t - 0.377), [0.0], [1.0], TOLERANCE)
    assert abs(t[0] - 0.377) <= TOLERANCE
    assert value[0] == abs(t[0] - 0.377)


@pytest.mark.parametrize(("slope", "end"), [(1.0, 0.0), (-1.0, 1.0)])
def test_a_monotone_function_ends_at_its_lower_end(slope, end):
    t, _ = find_minima(lambda _, t: slope * t, [0.0], [1.0], TOLERANCE)
    assert abs(t[0] - end) <= TOLERANCE


def test_an_interval_without_length_is_refused():
    with pytest.raises(InputError, match="no length"):
        find_minima(lambda _, t: t, [1.0], [1.0], TOLERANCE)
