"""The compiled Chebyshev series against numpy's and against a plain twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

from syzygy.base.errors import ComputationError, InputError
from syzygy.numerics import chebyshev as series
from syzygy.numerics.chebyshev import PiecewiseLayout, add_piecewise

RELATIVE = 1e-13
"""A dozen roundings of terms no larger than the largest coefficient."""


def plain_twin(words, layout, t):
    """Evaluate one argument with numpy.polynomial."""
    piece = min(max(int((t - layout.start) // layout.length), 0), layout.pieces - 1)
    record, inner = divmod(piece, layout.pieces_per_record)
    place = layout.first_word + record * layout.words_per_record
    size = layout.terms * (6 if layout.stored_rate else 3)
    series = words[place + layout.header_words + inner * size :][:size].reshape(-1, layout.terms)
    middle, radius = layout.start + (piece + 0.5) * layout.length, 0.5 * layout.length
    if layout.stored_middle:
        middle, radius = words[place], words[place + 1]
    s = (t - middle) / radius
    value = [chebyshev.chebval(s, row) for row in series[:3]]
    if layout.stored_rate:
        return value, [chebyshev.chebval(s, row) for row in series[3:]]
    return value, [chebyshev.chebval(s, chebyshev.chebder(row)) / radius for row in series[:3]]


def random_store(random, *, stored_middle, stored_rate, per_record, terms):
    header = 2 if stored_middle else 3
    records, first, length, start = 4, 5, 32.0, -100.0
    stride = header + per_record * terms * (6 if stored_rate else 3) + 1
    words = random.normal(size=first + records * stride)
    if stored_middle:
        for record in range(records):
            words[first + record * stride : first + record * stride + 2] = (
                start + (record + 0.5) * length,
                length / 2,
            )
    layout = PiecewiseLayout(
        first,
        stride,
        per_record,
        header,
        terms,
        records * per_record,
        stored_middle,
        stored_rate,
        start,
        length,
    )
    return words, layout


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans(), st.integers(1, 15), st.integers(1, 4))
def test_the_sums_equal_a_plain_twin(seed, stored_middle, stored_rate, terms, per_record):
    random = np.random.default_rng(seed)
    per_record = 1 if stored_middle else per_record
    words, layout = random_store(
        random, stored_middle=stored_middle, stored_rate=stored_rate, per_record=per_record, terms=terms
    )
    end = layout.start + layout.pieces * layout.length
    t = np.concatenate([[layout.start, end], random.uniform(layout.start, end, 20)])
    value, rate = np.zeros((t.size, 3)), np.zeros((t.size, 3))
    add_piecewise(words, layout, np.floor(t), t - np.floor(t), value, rate, scale=-2.0)
    scale = 2.0 * terms * np.abs(words).max()
    for i, argument in enumerate(t):
        expected_value, expected_rate = plain_twin(words, layout, argument)
        assert np.allclose(value[i], -2.0 * np.array(expected_value), rtol=0.0, atol=RELATIVE * scale)
        assert np.allclose(
            rate[i], -2.0 * np.array(expected_rate), rtol=0.0, atol=RELATIVE * scale * terms**2
        )


def by_both_roads(words, layout, t, scale, *, with_rate):
    """Return value and rate by NumPy and by the compiled loop, added to numbers that are not 0."""
    left, answers = series._plain[0], []
    try:
        for allowed in (t.size, -1):
            series._plain[0] = allowed
            value, rate = np.full((t.size, 3), 0.25), np.full((t.size, 3), -0.5)
            add_piecewise(
                words, layout, np.floor(t), t - np.floor(t), value, rate if with_rate else None, scale=scale
            )
            answers.append((value.tobytes(), rate.tobytes()))
    finally:
        series._plain[0] = left
    return answers


@pytest.mark.slow
@given(
    st.integers(0, 2**32 - 1),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(1, 15),
    st.integers(1, 4),
    st.floats(-1e9, 1e9),
)
def test_a_few_arguments_summed_by_numpy_have_the_bits_of_the_compiled_loop(
    seed, stored_middle, stored_rate, with_rate, terms, per_record, scale
):
    random = np.random.default_rng(seed)
    per_record = 1 if stored_middle else per_record
    words, layout = random_store(
        random, stored_middle=stored_middle, stored_rate=stored_rate, per_record=per_record, terms=terms
    )
    end = layout.start + layout.pieces * layout.length
    t = np.concatenate([[layout.start, end], random.uniform(layout.start, end, 20)])
    plain, compiled = by_both_roads(words, layout, t, scale, with_rate=with_rate)
    assert plain == compiled


def test_a_few_arguments_are_summed_without_a_compiler_and_many_by_it(monkeypatch):
    monkeypatch.setattr(series, "_plain", [250])
    roads = [series._choose_road(count).__name__ for count in (10, 40, 1)]
    assert roads == ["sum_piecewise", "sum_piecewise", "add_piecewise"]


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1))
def test_one_argument_and_a_batch_give_the_same_bits(seed):
    random = np.random.default_rng(seed)
    words, layout = random_store(random, stored_middle=False, stored_rate=False, per_record=3, terms=9)
    t = random.uniform(layout.start, layout.start + layout.pieces * layout.length, 50)
    whole, fraction = np.floor(t), t - np.floor(t)
    value, rate = np.zeros((50, 3)), np.zeros((50, 3))
    add_piecewise(words, layout, whole, fraction, value, rate)
    for i in range(0, 50, 7):
        one, one_rate = np.zeros((1, 3)), np.zeros((1, 3))
        add_piecewise(words, layout, whole[i : i + 1], fraction[i : i + 1], one, one_rate)
        assert np.array_equal(one[0], value[i])
        assert np.array_equal(one_rate[0], rate[i])
        only = np.zeros((1, 3))
        add_piecewise(words, layout, whole[i : i + 1], fraction[i : i + 1], only)
        assert np.array_equal(only[0], value[i])


@pytest.mark.parametrize("left", [1000, -1])
def test_a_coefficient_that_is_not_finite_is_refused(monkeypatch, left):
    monkeypatch.setattr(series, "_plain", [left])
    words, layout = random_store(
        np.random.default_rng(1), stored_middle=False, stored_rate=False, per_record=1, terms=5
    )
    words[layout.first_word + layout.header_words + 2] = np.nan
    with pytest.raises(ComputationError, match="no finite number"):
        add_piecewise(words, layout, np.array([layout.start]), np.zeros(1), np.zeros((1, 3)))


@pytest.mark.parametrize("left", [1000, -1])
def test_a_record_whose_middle_is_damaged_is_refused(monkeypatch, left):
    monkeypatch.setattr(series, "_plain", [left])
    words, layout = random_store(
        np.random.default_rng(1), stored_middle=True, stored_rate=False, per_record=1, terms=5
    )
    at = np.array([layout.start + 0.5 * layout.length])
    add_piecewise(words, layout, at, np.zeros(1), np.zeros((1, 3)))
    words[layout.first_word] += 3.0 * layout.length
    with pytest.raises(ComputationError, match="outside the interval"):
        add_piecewise(words, layout, at, np.zeros(1), np.zeros((1, 3)))


def test_a_layout_that_leaves_the_store_is_refused():
    words, layout = random_store(
        np.random.default_rng(1), stored_middle=False, stored_rate=False, per_record=1, terms=5
    )
    with pytest.raises(InputError, match="beyond its store"):
        add_piecewise(words[:-4], layout, np.array([layout.start]), np.zeros(1), np.zeros((1, 3)))


@pytest.mark.parametrize(
    "change", [{"length": 0.0}, {"length": float("nan")}, {"terms": 0}, {"first_word": -1}]
)
def test_an_impossible_layout_is_refused(change):
    numbers = {
        "first_word": 0, "words_per_record": 9, "pieces_per_record": 1, "header_words": 0, "terms": 3,
        "pieces": 1, "stored_middle": False, "stored_rate": False, "start": 0.0, "length": 1.0,
    }  # fmt: skip
    with pytest.raises(InputError):
        PiecewiseLayout(**(numbers | change))
