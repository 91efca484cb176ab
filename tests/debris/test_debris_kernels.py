"""The compiled loops against plain NumPy twins, and the polynomial tools against polynomials."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from syzygy.debris import _kernels
from syzygy.debris.bernstein import (
    NODES,
    basis,
    basis_derivative,
    bernstein_matrix,
    chebyshev_matrix,
    chebyshev_nodes,
    stencil_matrix,
)
from syzygy.debris.chunks import _below, _minima

seeds = st.integers(0, 2**32 - 1)


def close_pairs_plain(
    position: NDArray[np.float64],
    velocity: NDArray[np.float64],
    slack: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    threshold: float,
    half: float,
) -> set[tuple[int, int]]:
    reach = half * np.linalg.norm(velocity, axis=1) + slack
    found = set()
    for i in range(len(position)):
        for j in range(i + 1, len(position)):
            r, v = position[j] - position[i], velocity[j] - velocity[i]
            if np.linalg.norm(r) >= threshold + reach[i] + reach[j] or not (chosen[i] or chosen[j]):
                continue
            tau = np.clip(-(r @ v) / (v @ v), -half, half) if v @ v > 0 else 0.0
            if np.linalg.norm(r + v * tau) < threshold + slack[i] + slack[j]:
                found.add((i, j))
    return found


@pytest.mark.slow
@given(seed=seeds, extent=st.floats(1e5, 5e7), side=st.sampled_from([4, 8, 32]))
def test_the_cell_search_finds_what_a_double_loop_finds(seed: int, extent: float, side: int) -> None:
    random = np.random.default_rng(seed)
    n = 60
    position = random.uniform(-extent, extent, (n, 3))
    position[::4] = position[1::4] + random.normal(0.0, 3e4, (15, 3))
    velocity = random.normal(0.0, 5000.0, (n, 3))
    velocity[3] = velocity[2]
    slack = random.uniform(0.0, 2000.0, n)
    chosen = random.random(n) < 0.7
    half, threshold = 15.0, 5000.0
    reach = half * np.linalg.norm(velocity, axis=1) + slack
    cell = (threshold + 2 * reach.max()) * (1 + 1e-9)
    out, counts = np.empty((n * n, 2), dtype=np.int64), np.zeros(3, dtype=np.int64)
    code = _kernels.find_close(
        position, velocity, reach, slack, chosen, threshold, half, cell, side, out, counts
    )
    assert code == _kernels.OK
    found = [tuple(pair) for pair in out[: counts[2]].tolist()]
    assert len(found) == len(set(found))
    assert set(found) == close_pairs_plain(position, velocity, slack, chosen, threshold, half)


def test_kernels_and_polynomials_agree_on_the_number_of_nodes() -> None:
    assert _kernels.NODES == NODES


def test_a_full_output_is_reported_with_the_room_it_needs() -> None:
    position = np.zeros((10, 3))
    ones, counts = np.ones(10), np.zeros(3, dtype=np.int64)
    out = np.empty((5, 2), dtype=np.int64)
    code = _kernels.find_close(
        position, position, ones, ones, np.ones(10, dtype=bool), 10.0, 1.0, 100.0, 8, out, counts
    )
    assert code == _kernels.FULL
    assert counts[2] == 45


@given(seed=seeds)
def test_bernstein_coefficients_reproduce_polynomials(seed: int) -> None:
    random = np.random.default_rng(seed)
    polynomial = np.polynomial.Polynomial(random.normal(size=NODES))
    stencil = np.arange(NODES) - NODES // 2 + 1.0
    u = (0.0, 0.21, 0.5, 0.93, 1.0)
    for nodes, matrix in ((stencil, stencil_matrix()), (chebyshev_nodes(), chebyshev_matrix())):
        values = polynomial(nodes)
        coefficients = matrix @ values
        scale = np.abs(values).max()
        assert np.abs(basis(u) @ coefficients - polynomial(np.array(u))).max() < 1e-12 * scale
        rate = basis_derivative(u) @ coefficients
        assert np.abs(rate - polynomial.deriv()(np.array(u))).max() < 1e-10 * scale


def test_the_matrix_of_bernstein_abscissae_is_exact_for_a_line() -> None:
    matrix = bernstein_matrix([Fraction(0), Fraction(1)])
    assert matrix.tolist() == [[1.0, 0.0], [0.0, 1.0]]


@given(seed=seeds)
def test_conversion_and_bounds_agree_with_numpy(seed: int) -> None:
    random = np.random.default_rng(seed)
    samples = random.normal(size=(5, NODES + 3, 3))
    out = np.empty((5, 3, NODES))
    _kernels.to_bernstein(samples, 2, np.ascontiguousarray(stencil_matrix().T), out)
    plain = np.einsum("ab,nbc->nca", stencil_matrix(), samples[:, 2 : 2 + NODES])
    assert np.abs(out - plain).max() < 1e-12
    speed, acceleration = np.empty(5), np.empty(5)
    _kernels.bound_motion(out, 180.0, speed, acceleration)
    u = tuple(np.linspace(0.0, 1.0, 50))
    velocity = out @ (basis_derivative(u) / 180.0).T
    assert (np.linalg.norm(velocity, axis=1).max(axis=1) <= speed * (1 + 1e-9)).all()
    second = np.linalg.norm(np.diff(velocity, axis=2), axis=1).max(axis=1) / (180.0 / 49)
    assert (second <= acceleration * (1 + 1e-9)).all()


@given(roots=st.lists(st.floats(0.001, 0.999), min_size=0, max_size=6, unique=True))
def test_every_sign_change_of_a_polynomial_is_isolated(roots: list[float]) -> None:
    roots = sorted(roots)
    if any(b - a < 1e-3 for a, b in pairwise(roots)):
        return
    polynomial = np.polynomial.Polynomial.fromroots(roots) if roots else np.polynomial.Polynomial([1.0])
    power = np.zeros(18)
    power[: len(polynomial.coef)] = polynomial.coef
    coefficients = np.array(
        [sum(comb(j, i) / comb(17, i) * power[i] for i in range(j + 1)) for j in range(18)]
    )
    found, rising = np.empty(64), np.empty(64, dtype=bool)
    count = _kernels.isolate(coefficients, 1e-6, found, rising)
    assert count == len(roots)
    assert np.abs(found[:count] - roots).max(initial=0.0) < 1e-6
    expected = [polynomial.deriv()(root) > 0 for root in roots]
    assert rising[:count].tolist() == expected


@pytest.mark.slow
@given(seed=seeds, low=st.floats(0.0, 0.4), high=st.floats(0.6, 1.0))
def test_minima_and_threshold_parts_agree_with_dense_sampling(seed: int, low: float, high: float) -> None:
    random = np.random.default_rng(seed)
    coefficients = np.zeros((2, 3, NODES))
    coefficients[1] = random.normal(size=(3, NODES)) * 3e3
    pairs = np.array([[0, 1]])
    span = np.array([low]), np.array([high])
    u = np.linspace(low, high, 20001)
    d = np.linalg.norm(coefficients[1] @ basis(tuple(u)).T, axis=0)
    inner = np.flatnonzero((d[1:-1] < d[:-2]) & (d[1:-1] <= d[2:])) + 1
    at, _ = _minima(coefficients, pairs, *span, np.array([1e9]))
    at = at[(at > u[2]) & (at < u[-3])]
    sampled = u[inner][(u[inner] > u[2]) & (u[inner] < u[-3])]
    assert len(at) == len(sampled)
    assert np.abs(np.sort(at) - sampled).max(initial=0.0) < 2e-4
    threshold = float(np.median(d))
    parts, _ = _below(coefficients, pairs, *span, threshold)
    share = (parts[:, 1] - parts[:, 0]).sum() / (high - low)
    assert abs(share - (d < threshold).mean()) < 1e-3
