"""The compiled loops give the bits of the plain arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.frames import (
    earth,
    earth_rotation,
    gcrf_from_itrf,
    gcrf_from_teme,
    itrf_from_gcrf,
    itrf_from_teme,
    itrf_from_teme_gmst,
    teme_from_itrf,
)
from syzygy.astro.time import parse_utc

TURNS = (itrf_from_gcrf, gcrf_from_itrf, itrf_from_teme, teme_from_itrf, gcrf_from_teme)


@pytest.fixture
def compiled_from(monkeypatch):
    def choose(size):
        monkeypatch.setattr(earth_rotation, "COMPILED_FROM", size)
        monkeypatch.setattr(earth, "COMPILED_FROM", size)

    return choose


@pytest.mark.parametrize("shape", [(3_000,), (4, 700), (2, 3, 50)])
@pytest.mark.parametrize("turn", TURNS)
def test_compiled_and_plain_turns_agree_in_every_bit(earth_almanac, leap_seconds, compiled_from, turn, shape):
    rng = np.random.default_rng(5)
    first, last = parse_utc("1973-01-05", leap_seconds), parse_utc("1973-12-31", leap_seconds)
    position, velocity = rng.normal(size=(2, *shape, 3)) * 7e6
    for instants in (rng.integers(first, last, shape), rng.integers(first, last, shape[-1])):
        compiled_from(10**9)
        plain = turn(position, velocity, instants, earth_almanac)
        compiled_from(64)
        compiled = turn(position, velocity, instants, earth_almanac)
        assert np.array_equal(plain[0], compiled[0])
        assert np.array_equal(plain[1], compiled[1])
        assert np.array_equal(turn(position, None, instants, earth_almanac)[0], plain[0])


def test_the_sidereal_turn_agrees_in_every_bit(leap_seconds, compiled_from):
    rng = np.random.default_rng(6)
    tai = rng.integers(parse_utc("1973-01-05", leap_seconds), parse_utc("2026-01-01", leap_seconds), 500)
    position, velocity = rng.normal(size=(2, 500, 3)) * 7e6
    compiled_from(10**9)
    plain = itrf_from_teme_gmst(position, velocity, tai, leap_seconds)
    compiled_from(64)
    compiled = itrf_from_teme_gmst(position, velocity, tai, leap_seconds)
    assert np.array_equal(plain[0], compiled[0])
    assert np.array_equal(plain[1], compiled[1])


@pytest.mark.slow
@settings(max_examples=300)
@given(st.floats(-3.0, 3.0))
def test_cosine_and_sine_of_turns_are_right_to_the_last_digits(turns):
    cosine, sine = earth_rotation.cos_sin_of_turns(np.array([turns]))
    part = turns - round(turns)
    assert cosine[0] == pytest.approx(math.cos(2 * math.pi * part), abs=5e-16)
    assert sine[0] == pytest.approx(math.sin(2 * math.pi * part), abs=5e-16)


@pytest.mark.parametrize(("turns", "cosine", "sine"), [(0, 1, 0), (0.25, 0, 1), (0.5, -1, 0), (0.75, 0, -1)])
def test_quarter_turns_are_exact(turns, cosine, sine):
    ours = earth_rotation.cos_sin_of_turns(np.array([turns, turns + 1.0, turns - 1.0]))
    assert ours[0].tolist() == [cosine] * 3
    assert ours[1].tolist() == [sine] * 3
