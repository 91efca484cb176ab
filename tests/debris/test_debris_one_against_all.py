"""One object against a prepared catalogue gives the part of all against all that is its own."""

from __future__ import annotations

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.base.errors import InputError
from syzygy.debris.engine import screen_paths
from syzygy.debris.episodes import Findings
from syzygy.debris.one_against_all import PreparedCatalogue, prepare_catalogue, screen_one
from syzygy.debris.paths import EphemerisPaths, EphemerisTable, PathSource, make_element_paths

WINDOW_S = 4 * 3600.0
THRESHOLD_M = 20e3


@pytest.fixture(scope="module")
def paths(sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac) -> PathSource:
    return make_element_paths(sample_elements, start_tai_ns, almanac.leap_seconds)


@pytest.fixture(scope="module")
def everybody(paths: PathSource) -> Findings:
    return screen_paths(paths, window_s=WINDOW_S, threshold_m=THRESHOLD_M)[0]


@pytest.fixture(scope="module")
def prepared(paths: PathSource) -> PreparedCatalogue:
    return prepare_catalogue(paths, window_s=WINDOW_S)


@pytest.mark.slow
def test_one_against_all_finds_what_all_against_all_finds(
    paths: PathSource,
    everybody: Findings,
    prepared: PreparedCatalogue,
    sample_elements: MeanElements,
    start_tai_ns: int,
    almanac: Almanac,
) -> None:
    busy = np.unique(everybody.pairs)[::12]
    leaving = np.flatnonzero(np.isfinite(everybody.exits.seconds) & (everybody.exits.seconds > 0.0))
    docked = np.unique(everybody.slow.pairs)[:3]
    events = 0
    for index in np.concatenate([busy, leaving, docked]).tolist():
        own = make_element_paths(sample_elements.select([index]), start_tai_ns, almanac.leap_seconds)
        found = screen_one(prepared, own, threshold_m=THRESHOLD_M, exclude=[index])
        mine = (everybody.pairs == index).any(axis=1)
        other = everybody.pairs[mine].sum(axis=1) - index
        assert sorted(found.other.tolist()) == sorted(other.tolist())
        order = np.lexsort((found.other, found.encounters.seconds))
        expected = np.lexsort((other, everybody.encounters.seconds[mine]))
        assert found.encounters.seconds[order] == pytest.approx(
            everybody.encounters.seconds[mine][expected], abs=1e-6
        )
        assert found.encounters.distance_m[order] == pytest.approx(
            everybody.encounters.distance_m[mine][expected], abs=1e-3
        )
        slow = (everybody.slow.pairs == index).any(axis=1)
        assert sorted(found.slow_other.tolist()) == sorted(
            (everybody.slow.pairs[slow].sum(axis=1) - index).tolist()
        )
        events += len(found.other)
    assert events > 50


@pytest.mark.slow
def test_an_ephemeris_of_an_object_meets_what_the_object_meets(
    paths: PathSource, prepared: PreparedCatalogue, everybody: Findings
) -> None:
    index = int(np.bincount(everybody.pairs.ravel()).argmax())
    seconds = np.arange(-60.0, WINDOW_S + 121.0, 60.0)
    states = paths.states_of(np.array([index]), seconds[None, :])
    table = EphemerisTable(seconds, states.position_m[0], states.velocity_m_s[0])
    found = screen_one(prepared, EphemerisPaths((table,)), threshold_m=THRESHOLD_M, exclude=[index])
    mine = (everybody.pairs == index).any(axis=1)
    assert found.other.tolist() == (everybody.pairs[mine].sum(axis=1) - index).tolist()
    assert found.encounters.distance_m == pytest.approx(everybody.encounters.distance_m[mine], abs=1.0)


@pytest.mark.slow
def test_an_ephemeris_that_covers_half_the_window_meets_half_as_much(
    paths: PathSource, prepared: PreparedCatalogue, everybody: Findings
) -> None:
    index = int(np.bincount(everybody.pairs.ravel()).argmax())
    begin_s, end_s = 3007.0, 9001.0
    seconds = np.append(np.arange(begin_s, end_s, 60.0), end_s)
    states = paths.states_of(np.array([index]), seconds[None, :])
    table = EphemerisTable(seconds, states.position_m[0], states.velocity_m_s[0])
    found = screen_one(prepared, EphemerisPaths((table,)), threshold_m=THRESHOLD_M, exclude=[index])
    mine = (everybody.pairs == index).any(axis=1)
    mine &= (everybody.encounters.seconds > begin_s) & (everybody.encounters.seconds < end_s)
    assert found.other.tolist() == (everybody.pairs[mine].sum(axis=1) - index).tolist()
    assert found.exit_s == end_s


@pytest.mark.slow
def test_more_than_one_primary_is_refused(prepared: PreparedCatalogue, paths: PathSource) -> None:
    with pytest.raises(InputError, match="one object"):
        screen_one(prepared, paths, threshold_m=THRESHOLD_M)
