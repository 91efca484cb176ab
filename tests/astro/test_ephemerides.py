"""What an ephemeris promises whatever its file: batches, chains, coverage, copies for workers."""

from __future__ import annotations

import pickle

import erfa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.bodies import BODIES, EARTH, MARS, MOON, SUN
from syzygy.base.errors import CoverageError, MissingDataError, TimeScaleError
from syzygy.data import find_data_set, locate_data_set
from syzygy.formats.spk import open_spk
from syzygy.numerics import chebyshev

FIRST_NS, LAST_NS = -(8 * 10**18), 8 * 10**18
DAY_NS = 86_400 * 10**9


@pytest.fixture(scope="module")
def de440():
    found = locate_data_set(find_data_set("de440"))
    return open_spk(found.path, name="DE440", sha256=found.sha256)


@pytest.mark.slow
@given(st.lists(st.integers(FIRST_NS, LAST_NS), min_size=1, max_size=12), st.data())
def test_one_epoch_and_a_batch_give_the_same_bits(de440, epochs, data):
    target, centre = (data.draw(st.sampled_from(de440.bodies)) for _ in range(2))
    tai_ns = np.array(epochs, dtype=np.int64)
    position, velocity = de440.state_m(target, centre, tai_ns)
    assert np.array_equal(de440.position_m(target, centre, tai_ns), position)
    for i, epoch in enumerate(epochs):
        one, one_velocity = de440.state_m(target, centre, epoch)
        assert np.array_equal(one, position[i])
        assert np.array_equal(one_velocity, velocity[i])


@pytest.mark.slow
@given(st.integers(FIRST_NS, LAST_NS), st.data())
def test_the_way_back_is_the_way_there_reversed(de440, epoch, data):
    target, centre = (data.draw(st.sampled_from(de440.bodies)) for _ in range(2))
    there, back = de440.position_m(target, centre, epoch), de440.position_m(centre, target, epoch)
    assert np.allclose(there, -back, rtol=4e-16, atol=1e-3)


@pytest.mark.slow
def test_both_roads_of_summing_give_the_same_bits_whatever_the_parts_share(de440, monkeypatch):
    """The first calls are summed by NumPy, later ones compiled; a part may stand for all epochs."""
    parts = [(np.array([5.1e8]), 0.25), (5.1e8, np.array([0.25])), (5.1e8, 0.25)]
    parts += [(np.linspace(5e8, 6e8, 7), 0.5), (5e8, np.linspace(0.0, 1e8, 7))]
    roads = []
    for allowed in (10**6, 0):
        monkeypatch.setattr(chebyshev, "_plain", [allowed])
        roads.append([np.stack(de440.state_at_tdb(MOON, EARTH, *part)) for part in parts])
    for by_numpy, compiled in zip(*roads, strict=True):
        assert np.array_equal(by_numpy, compiled)


@given(st.integers(-(10**18), 2 * 10**18))
def test_velocity_is_the_slope_of_position(de440, epoch):
    whole = float(epoch // 10**9)
    step_s = 64.0
    after = de440.position_at_tdb(MOON, EARTH, whole + step_s)
    before = de440.position_at_tdb(MOON, EARTH, whole - step_s)
    _, velocity = de440.state_at_tdb(MOON, EARTH, whole)
    # The central difference errs by jerk * step^2 / 6, jerk of the Moon below 8e-9 m/s3 (a * n).
    assert np.allclose((after - before) / (2.0 * step_s), velocity, rtol=0.0, atol=1e-5)


@given(st.integers(-(10**18), 2 * 10**18))
def test_the_argument_is_the_tdb_of_erfa(de440, tai_ns):
    days, rest_ns = divmod(tai_ns, DAY_NS)
    tt = erfa.taitt(2_440_587.5 + days, rest_ns / DAY_NS)
    tdb_minus_tt_s = erfa.dtdb(*tt, 0.0, 0.0, 0.0, 0.0)
    seconds, rest = divmod(tai_ns - 946_728_000 * 10**9 + 32_184_000_000, 10**9)
    expected = de440.position_at_tdb(EARTH, SUN, float(seconds), rest * 1e-9 + tdb_minus_tt_s)
    # 30 km/s times 1e-8 s, ten times the promise of tdb_seconds.
    assert np.abs(de440.position_m(EARTH, SUN, tai_ns) - expected).max() < 3e-4


def test_shapes_follow_the_epochs(de440):
    epochs = np.arange(6, dtype=np.int64).reshape(2, 3) * DAY_NS
    assert de440.position_m(SUN, EARTH, epochs).shape == (2, 3, 3)
    assert de440.position_m(SUN, EARTH, 0).shape == (3,)
    assert de440.position_m(SUN, EARTH, np.empty(0, dtype=np.int64)).shape == (0, 3)


def test_the_moon_from_the_earth_does_not_pass_the_solar_system_barycentre(de440):
    """Over the barycentre the sum would have steps of 2e-5 m; two neighbouring instants show it."""
    epochs = np.arange(1000) * 1e-4
    position = de440.position_at_tdb(MOON, EARTH, 7.0e8, epochs)
    step = np.diff(position, axis=0)
    assert np.abs(step - step.mean(axis=0)).max() < 1e-6


def test_a_body_relative_to_itself_is_at_rest_at_zero(de440):
    position, velocity = de440.state_m(EARTH, EARTH, 0)
    assert not np.any(position)
    assert not np.any(velocity)
    assert not np.any(de440.position_m(EARTH, EARTH, np.zeros(3, dtype=np.int64)))


def test_the_file_knows_its_bodies(de440):
    assert len(de440.bodies) == 15
    assert set(de440.bodies) <= set(BODIES)


def test_an_epoch_outside_is_refused_with_body_epoch_and_span(de440):
    with pytest.raises(CoverageError) as caught:
        de440.position_at_tdb(MOON, EARTH, np.array([0.0, 3e10, 4e10]))
    text = str(caught.value)
    assert "Moon relative to Earth" in text
    assert "2950-" in text
    assert "first of 2 among 3" in text
    assert "1549-12-31T00:00:00.000 TDB to 2650-01-25T00:00:00.000 TDB" in text


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_an_epoch_that_is_not_finite_is_refused(de440, bad):
    with pytest.raises(CoverageError):
        de440.position_at_tdb(MOON, EARTH, bad)


def test_both_ends_of_the_span_are_inside(de440):
    for end in de440.span_tdb_s:
        assert np.all(np.isfinite(de440.position_at_tdb(SUN, EARTH, end)))
    with pytest.raises(CoverageError):
        de440.position_at_tdb(SUN, EARTH, de440.span_tdb_s[1], 1e-6)


def test_float_epochs_are_refused(de440):
    with pytest.raises(TimeScaleError):
        de440.position_m(MOON, EARTH, 1.5e18)


def test_a_planet_that_only_has_its_system_is_refused_with_a_hint(de440):
    with pytest.raises(MissingDataError) as caught:
        de440.position_m(MARS, SUN, 0)
    assert "Mars barycenter" in str(caught.value)
    assert "use Mars barycenter" in caught.value.hint


def test_a_copy_for_a_worker_is_small_and_gives_the_same_bits(de440):
    content = pickle.dumps(de440)
    assert len(content) < 10_000
    copy = pickle.loads(content)
    assert copy == de440
    assert np.array_equal(copy.position_m(MOON, SUN, 12345), de440.position_m(MOON, SUN, 12345))
