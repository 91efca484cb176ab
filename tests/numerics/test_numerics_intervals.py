"""Isolation of sign changes: nothing longer than the resolution is missed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import ComputationError, InputError
from syzygy.numerics.intervals import isolate_sign_changes, root_free_margin
from syzygy.numerics.roots import find_roots


@given(st.integers(0, 2**32 - 1))
def test_every_crossing_of_a_sum_of_waves_is_found(seed):
    random = np.random.default_rng(seed)
    amplitude, phase = random.uniform(0.1, 1.0, 4), random.uniform(0.0, 6.28, 4)
    pulse = np.array([1.0, 2.3, 5.1, 11.0])
    offset = random.uniform(-0.5, 0.5)

    def function(_, t):
        return (amplitude * np.sin(pulse * t[:, None] + phase)).sum(axis=1) + offset

    bound = float((amplitude * pulse).sum())
    changes = isolate_sign_changes(function, bound, [0.0], [10.0], 1e-3)
    grid = np.linspace(0.0, 10.0, 200_001)
    values = function(None, grid)
    expected = grid[:-1][(values[:-1] >= 0.0) != (values[1:] >= 0.0)]
    # Two crossings closer than the resolution may stay together in a touching interval.
    lonely = [t for t in expected if np.sum(np.abs(expected - t) < 4e-3) == 1]
    for t in lonely:
        assert np.any((changes.low - 1e-4 <= t) & (t <= changes.high + 1e-4))
    roots = find_roots(function, changes.low, changes.high, 1e-12)
    assert np.all(np.abs(function(None, roots)) < 1e-10)


def test_an_excursion_of_twice_the_resolution_is_found_in_a_long_span():
    def function(_, t):
        return np.abs(t - 543_210.9) - 1.0

    changes = isolate_sign_changes(function, 1.0, [0.0], [1e6], 1.0)
    assert changes.index.tolist() == [0, 0]
    roots = find_roots(function, changes.low, changes.high, 1e-6)
    assert np.allclose(roots, [543_209.9, 543_211.9], atol=1e-5, rtol=0.0)


def test_a_touching_point_is_listed_and_not_called_a_crossing():
    changes = isolate_sign_changes(lambda _, t: (t - 0.3) ** 2, 2.0, [-0.5], [0.9], 1e-3)
    assert changes.index.size == 0
    assert np.any((changes.touching_low <= 0.3) & (changes.touching_high >= 0.3))


def test_few_evaluations_prove_a_span_empty():
    seen = []

    def function(_, t):
        seen.append(t.size)
        return np.full(t.shape, 50.0)

    changes = isolate_sign_changes(function, 1.0, [0.0], [99.0], 1e-3)
    assert changes.index.size == 0
    assert sum(seen) == 2


def test_functions_come_back_in_order():
    changes = isolate_sign_changes(
        lambda i, t: np.sin(t * (i + 1.0)), [1.0, 2.0], [0.5, 0.5], [7.0, 7.0], 0.01
    )
    assert changes.index.tolist() == [0, 0, 1, 1, 1, 1]
    assert np.all(np.diff(changes.low[changes.index == 1]) > 0.0)


def test_a_wrong_rate_bound_is_found_out():
    with pytest.raises(ComputationError, match="steeper than its rate bound"):
        isolate_sign_changes(lambda _, t: 3.0 * t, 1.0, [-1.0], [1.0], 1e-3)


@pytest.mark.parametrize(("low", "rate", "resolution"), [(2.0, 1.0, 1.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0)])
def test_impossible_arguments_are_refused(low, rate, resolution):
    with pytest.raises(InputError):
        isolate_sign_changes(lambda _, t: t, rate, [low], [1.0], resolution)


def test_the_margin_is_what_the_rate_cannot_undo():
    assert root_free_margin(3.0, -2.0, 1.0, 4.0) == 1.0
