"""Osculating interpolation: exact for polynomials of its degree, refused outside its table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline, KroghInterpolator

from syzygy.base.errors import CoverageError, InputError
from syzygy.numerics.hermite import interpolate_hermite


@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_a_polynomial_of_the_degree_is_reproduced(seed, nodes):
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.5, 1.5, 9))
    times -= times[4]
    polynomials = [np.polynomial.Polynomial(random.normal(size=2 * nodes)) for _ in range(3)]
    values = np.stack([p(times) for p in polynomials], axis=1)
    rates = np.stack([p.deriv()(times) for p in polynomials], axis=1)
    t = np.concatenate([random.uniform(times[0], times[-1], 20), times])
    value, rate = interpolate_hermite(times, values, rates, t, nodes=nodes)
    expected = np.stack([p(t) for p in polynomials], axis=1)
    expected_rate = np.stack([p.deriv()(t) for p in polynomials], axis=1)
    assert np.allclose(value, expected, rtol=0.0, atol=1e-9 * np.abs(values).max())
    assert np.allclose(rate, expected_rate, rtol=0.0, atol=1e-8 * np.abs(rates).max())


def test_two_rows_are_the_cubic_spline_of_scipy():
    times = np.arange(12.0)
    values, rates = np.sin(times)[:, None], np.cos(times)[:, None]
    t = np.linspace(0.0, 11.0, 77)
    value, rate = interpolate_hermite(times, values, rates, t, nodes=2)
    peer = CubicHermiteSpline(times, values[:, 0], rates[:, 0])
    assert np.allclose(value[:, 0], peer(t), rtol=0.0, atol=1e-14)
    inner = ~np.isin(t, times)
    assert np.allclose(rate[inner, 0], peer(t, 1)[inner], rtol=0.0, atol=1e-13)


def test_all_rows_are_the_krogh_polynomial_of_scipy():
    times = np.array([0.0, 1.0, 2.5, 3.0])
    values, rates = np.exp(times), np.exp(times)
    t = np.linspace(0.0, 3.0, 31)
    value, _ = interpolate_hermite(times, values[:, None], rates[:, None], t, nodes=4)
    peer = KroghInterpolator(np.repeat(times, 2), np.column_stack([values, rates]).reshape(-1))
    assert np.allclose(value[:, 0], peer(t), rtol=1e-13, atol=0.0)


@pytest.mark.parametrize("t", [-0.1, 3.1, float("nan")])
def test_nothing_is_extrapolated(t):
    table = np.arange(4.0)
    with pytest.raises(CoverageError, match="outside the table"):
        interpolate_hermite(table, table[:, None], table[:, None], [t])


def test_times_that_do_not_increase_are_refused():
    with pytest.raises(InputError, match="do not increase"):
        interpolate_hermite([0.0, 1.0, 1.0], np.zeros((3, 1)), np.zeros((3, 1)), [0.5])
