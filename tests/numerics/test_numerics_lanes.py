"""Lanes against plain numbers: every operation is rounded as IEEE says, in every lane by itself."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow
_NUMBER = st.floats(-1e100, 1e100).filter(lambda x: x == 0.0 or abs(x) > 1e-100)


@pytest.fixture(scope="module")
def compiled():
    """Return a function that fills rows of results from three vectors."""
    from numba import njit

    from syzygy.numerics.lane_kernels import (
        LANES,
        fma,
        larger,
        load,
        of_pattern,
        pattern,
        root,
        size,
        smaller,
        spread,
        store,
        whole,
    )

    @njit
    def work(a, b, c, out):
        x, y, z = load(a, 0), load(b, 0), load(c, 0)
        store(out, 0, x + y)
        store(out, LANES, x - y)
        store(out, 2 * LANES, x * y)
        store(out, 3 * LANES, x / y)
        store(out, 4 * LANES, fma(x, y, z))
        store(out, 5 * LANES, root(size(x)))
        store(out, 6 * LANES, larger(x, y))
        store(out, 7 * LANES, smaller(x, y))
        store(out, 8 * LANES, whole(x * spread(1e-99)))
        store(out, 9 * LANES, of_pattern(pattern(x)))

    return lambda a, b, c: _run(work, LANES, a, b, c)


def _run(work, lanes: int, a, b, c) -> np.ndarray:
    out = np.empty(10 * lanes)
    work(np.array(a), np.array(b), np.array(c), out)
    return out.reshape(10, lanes)


@settings(max_examples=200, deadline=None)
@given(data=st.lists(st.tuples(_NUMBER, _NUMBER.filter(bool), _NUMBER), min_size=4, max_size=4))
def test_lanes_are_plain_numbers_side_by_side(compiled, data) -> None:
    a, b, c = (list(column) for column in zip(*data, strict=True))
    found = compiled(a, b, c)
    for lane, (x, y, z) in enumerate(data):
        exact = Fraction(x) * Fraction(y) + Fraction(z)
        plain = [
            x + y, x - y, x * y, x / y, exact.numerator / exact.denominator, math.sqrt(abs(x)), max(x, y),
            min(x, y), math.floor(x * 1e-99),
        ]  # fmt: skip
        assert found[:9, lane].tolist() == plain
        assert found[9, lane] == pytest.approx(x, rel=1e-12)


def test_a_lane_does_not_see_its_neighbours(compiled) -> None:
    data = np.array([[1.0, -2.5, 3.7, 0.3], [0.1, 7.0, -3.0, 11.0], [5.0, 0.7, 1e-9, -4.0]])
    alone = compiled(*data)
    for shift in range(1, 4):
        assert np.array_equal(compiled(*np.roll(data, shift, axis=1)), np.roll(alone, shift, axis=1))
