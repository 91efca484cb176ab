"""Path sources: the same SGP4 as the package, ephemerides between their states, joined sources."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import InputError
from syzygy.debris.paths import (
    NO_STATE,
    ElementPaths,
    EphemerisPaths,
    EphemerisTable,
    JoinedPaths,
    join_paths,
    make_element_paths,
    split_paths,
)
from syzygy.debris.sampling import make_satellites, sample_grid

GM = 3.986008e14
J2, RADIUS_M = 1.082616e-3, 6_378_135.0


@pytest.fixture(scope="module")
def paths(sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac) -> ElementPaths:
    return make_element_paths(
        sample_elements.select(np.arange(0, 1800, 9)), start_tai_ns, almanac.leap_seconds
    )


@pytest.fixture(scope="module")
def mixed(sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac) -> ElementPaths:
    """Every fifth object is lifted to an orbit of half a day, which deep-space SGP4 moves."""
    some = sample_elements.select(np.arange(0, 1800, 9))
    motion = np.where(np.arange(200) % 5 == 2, 2.0 * 2.0 * np.pi / 86_400.0, some.mean_motion_rad_s)
    return make_element_paths(replace(some, mean_motion_rad_s=motion), start_tai_ns, almanac.leap_seconds)


def pull(r: np.ndarray) -> np.ndarray:
    """Gravity with flattening, written out as in the textbooks."""
    d = float(np.linalg.norm(r))
    z2 = (r[2] / d) ** 2
    k = 1.5 * J2 * (RADIUS_M / d) ** 2
    return -GM / d**3 * r * np.array([1 + k * (1 - 5 * z2), 1 + k * (1 - 5 * z2), 1 + k * (3 - 5 * z2)])


def orbit(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An orbit around a flattened Earth, 650 km high: Runge-Kutta in steps of one second."""
    y = np.array([7.03e6, 0.0, 0.0, 0.0, 1.2e3, 7.45e3])

    def rate(y: np.ndarray) -> np.ndarray:
        return np.concatenate([y[3:], pull(y[:3])])

    states = [y]
    for _ in range(int(seconds[-1])):
        a = rate(y)
        b = rate(y + 0.5 * a)
        c = rate(y + 0.5 * b)
        y = y + (a + 2.0 * b + 2.0 * c + rate(y + c)) / 6.0
        states.append(y)
    found = np.array(states)[seconds.astype(int)]
    return found[:, :3], found[:, 3:]


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_pieces_hold_every_object_once_with_its_own_states(mixed: ElementPaths, size: int) -> None:
    """Near-Earth and deep-space sets and an ephemeris, in pieces of any size: the states of the whole."""
    seconds = np.array([0.0, 300.0, 600.0])
    own = EphemerisPaths((EphemerisTable(np.array([0.0, 600.0]), *orbit(np.array([0, 600]))),))
    both = join_paths((mixed, own, mixed))
    whole = both.states(seconds)
    assert mixed.batch.near.place.size == 160
    assert mixed.batch.deep.place.size == 40
    seen = np.zeros(len(both), dtype=np.int64)
    for number, piece in split_paths(both, size):
        assert 0 < len(number) == len(piece) <= size
        seen[number] += 1
        found = piece.states(seconds)
        assert np.array_equal(found.position_m, whole.position_m[number], equal_nan=True)
        assert np.array_equal(found.velocity_m_s, whole.velocity_m_s[number], equal_nan=True)
        assert np.array_equal(found.error_code, whole.error_code[number])
    assert (seen == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("size", [1, 13, 500])
def test_pieces_of_a_batch_share_its_constants(mixed: ElementPaths, size: int) -> None:
    batch = mixed.batch
    numbers = []
    for number, piece in batch.pieces(size):
        numbers.extend(number.tolist())
        assert len(piece) == number.size
        assert bool(piece.near.place.size) != bool(piece.deep.place.size), "of one kind only"
        assert np.shares_memory(piece.near.table, batch.near.table) or not piece.near.place.size
        assert np.shares_memory(piece.deep.table, batch.deep.table) or not piece.deep.place.size
        assert np.array_equal(piece.epoch_jd, batch.epoch_jd[number])
        assert np.array_equal(piece.tai_minus_utc_s, batch.tai_minus_utc_s[number])
    assert sorted(numbers) == list(range(len(batch)))


@pytest.mark.slow
def test_element_paths_are_those_of_the_package_sgp4(
    sample_elements: MeanElements, start_tai_ns: int, paths: ElementPaths
) -> None:
    some = sample_elements.select(np.arange(0, 1800, 9))
    seconds = np.arange(-3600.0, 90000.0, 3333.0)
    position, velocity, code = sample_grid(make_satellites(some, start_tai_ns), seconds)
    found = paths.states(seconds)
    assert (found.error_code == code).all()
    near = (code == 0) & (np.linalg.norm(position, axis=2) < 1e8)
    assert np.abs(found.position_m - position)[near].max() < 1e-3
    assert np.abs(found.velocity_m_s - velocity)[near].max() < 1e-6
    index = np.array([5, 3, 5, 77])
    each = paths.states_of(index, np.tile(seconds, (4, 1)))
    same = (each.position_m == found.position_m[index]) | np.isnan(each.position_m)
    assert same.all()


@pytest.mark.slow
def test_an_ephemeris_is_joined_between_its_states_to_a_centimetre() -> None:
    seconds = np.arange(0.0, 6001.0, 60.0)
    every = np.arange(0.0, 6001.0, 10.0)
    source = EphemerisPaths((EphemerisTable(seconds, *orbit(seconds)),))
    found = source.states(every)
    position, velocity = orbit(every)
    assert np.abs(found.position_m[0] - position).max() < 0.01
    assert np.abs(found.velocity_m_s[0] - velocity).max() < 1e-3


def test_an_ephemeris_has_no_state_outside_its_span() -> None:
    seconds = np.arange(600.0, 1201.0, 60.0)
    position, velocity = orbit(np.arange(0.0, 601.0, 60.0))
    found = EphemerisPaths((EphemerisTable(seconds, position, velocity),)).states(
        np.array([599.0, 600.0, 1200.0, 1201.0])
    )
    assert found.error_code[0].tolist() == [NO_STATE, 0, 0, NO_STATE]
    assert np.isnan(found.position_m[0, [0, 3]]).all()
    assert found.position_m[0, 1] == pytest.approx(position[0])
    assert found.position_m[0, 2] == pytest.approx(position[-1])


def test_two_states_at_one_instant_are_a_burn() -> None:
    seconds = np.array([0.0, 60.0, 60.0, 120.0])
    position = np.array([[7e6, 0.0, 0.0]] * 4)
    velocity = np.array([[0.0, 7500.0, 0.0]] * 2 + [[0.0, 7600.0, 0.0]] * 2)
    found = EphemerisPaths((EphemerisTable(seconds, position, velocity),)).states(np.array([59.999999, 60.0]))
    assert found.velocity_m_s[0, :, 1] == pytest.approx([7500.0, 7600.0], abs=0.01)


def test_joined_sources_answer_as_their_parts(paths: ElementPaths) -> None:
    seconds = np.arange(0.0, 601.0, 60.0)
    own = EphemerisPaths((EphemerisTable(seconds, *orbit(seconds)),))
    both = join_paths((paths, own))
    assert isinstance(both, JoinedPaths)
    assert len(both) == len(paths) + 1
    times = np.array([[30.0, 90.0], [100.0, 200.0]])
    found = both.states_of(np.array([len(paths), 4]), times)
    assert (found.position_m[0] == own.states_of(np.array([0]), times[:1]).position_m[0]).all()
    assert (found.position_m[1] == paths.states_of(np.array([4]), times[1:]).position_m[0]).all()
    assert both.span_s[-1].tolist() == [0.0, 600.0]
    assert join_paths((paths,)) is paths


def test_a_table_that_goes_back_in_time_is_refused() -> None:
    with pytest.raises(InputError, match="time order"):
        EphemerisTable(np.array([0.0, 60.0, 30.0]), np.zeros((3, 3)), np.zeros((3, 3)))
