"""Small SPK files opened as ephemerides: copies for workers, precedence of segments, gaps, foreign kinds."""

from __future__ import annotations

import pickle
import shutil

import numpy as np
import pytest

from syzygy.astro.bodies import EARTH, EARTH_MOON_BARYCENTER, MARS_BARYCENTER, MOON, SOLAR_SYSTEM_BARYCENTER
from syzygy.astro.ephemerides.ephemeris import join_ephemerides
from syzygy.base.errors import CoverageError, FormatError, IntegrityError, MissingDataError, StorageError
from syzygy.formats.spk import open_spk


@pytest.fixture
def small_spk(tmp_path, make_spk):
    return make_spk(tmp_path / "small.bsp")


def test_a_copy_refuses_a_file_that_changed_since(small_spk):
    content = pickle.dumps(open_spk(small_spk))
    changed = bytearray(small_spk.read_bytes())
    changed[-1100] ^= 1
    small_spk.write_bytes(bytes(changed))
    with pytest.raises(IntegrityError, match="has changed"):
        pickle.loads(content)


def test_a_copy_accepts_the_same_bytes_at_another_time(small_spk, tmp_path):
    content = pickle.dumps(open_spk(small_spk))
    shutil.copy(small_spk, tmp_path / "other")
    small_spk.unlink()
    with pytest.raises(StorageError):
        pickle.loads(content)
    (tmp_path / "other").rename(small_spk)
    assert pickle.loads(content) == open_spk(small_spk)


def test_later_segments_win_and_gaps_are_refused(tmp_path, make_spk):
    first = open_spk(make_spk(tmp_path / "a.bsp", start=0.0, records=4, offset=100.0))
    second = open_spk(make_spk(tmp_path / "b.bsp", start=200.0, records=4, offset=500.0))
    third = open_spk(make_spk(tmp_path / "c.bsp", start=1000.0, records=1, offset=0.0))
    both = join_ephemerides("both", [first, second, third])
    seconds = np.array([50.0, 250.0, 450.0, 1050.0])
    x = both.position_at_tdb(EARTH, EARTH_MOON_BARYCENTER, seconds)[:, 0]
    expected = [
        part.position_at_tdb(EARTH, EARTH_MOON_BARYCENTER, at)[0]
        for part, at in zip([first, second, second, third], seconds, strict=True)
    ]
    assert x.tolist() == expected
    with pytest.raises(CoverageError, match="Earth relative to Earth-Moon barycenter"):
        both.position_at_tdb(EARTH, EARTH_MOON_BARYCENTER, np.array([50.0, 800.0]))
    with pytest.raises(MissingDataError):
        both.position_at_tdb(EARTH, SOLAR_SYSTEM_BARYCENTER, 50.0)


def test_both_byte_orders_give_the_same_bits(tmp_path, make_spk):
    little = open_spk(make_spk(tmp_path / "little.bsp", order="<"))
    big = open_spk(make_spk(tmp_path / "big.bsp", order=">"))
    seconds = np.linspace(0.0, 400.0, 17)
    assert np.array_equal(
        little.position_at_tdb(EARTH, EARTH_MOON_BARYCENTER, seconds),
        big.position_at_tdb(EARTH, EARTH_MOON_BARYCENTER, seconds),
    )
    copy = pickle.loads(pickle.dumps(big))
    assert np.array_equal(
        copy.position_at_tdb(EARTH, EARTH_MOON_BARYCENTER, seconds),
        big.position_at_tdb(EARTH, EARTH_MOON_BARYCENTER, seconds),
    )


def test_type_3_takes_velocities_from_their_own_series(tmp_path, make_spk):
    ephemeris = open_spk(make_spk(tmp_path / "three.bsp", kind=3))
    position, velocity = ephemeris.state_at_tdb(EARTH, EARTH_MOON_BARYCENTER, np.array([25.0, 130.0]))
    jplephem_spk = pytest.importorskip("jplephem.spk")
    with jplephem_spk.SPK.open(str(tmp_path / "three.bsp")) as peer:
        expected = peer[3, 399].compute(2451545.0, np.array([25.0, 130.0]) / 86400.0).T * 1e3
    assert np.allclose(position, expected[:, :3], rtol=1e-9, atol=0.0)
    assert np.allclose(velocity, expected[:, 3:], rtol=1e-9, atol=0.0)


def test_segments_that_cannot_be_evaluated_are_listed_and_named(tmp_path, make_spk):
    path = make_spk(tmp_path / "mixed.bsp", more=[{"target": 301, "kind": 13}, {"target": 4, "frame": 17}])
    ephemeris = open_spk(path)
    assert ephemeris.refused == ("segment 2 (301 about 3 of type 13)", "segment 3 (4 about 3 in frame 17)")
    with pytest.raises(MissingDataError, match="type 13"):
        ephemeris.position_at_tdb(MOON, EARTH, 0.0)
    with pytest.raises(MissingDataError):
        ephemeris.position_at_tdb(MARS_BARYCENTER, EARTH, 0.0)


def test_a_file_of_foreign_segments_only_is_refused(tmp_path, make_spk):
    with pytest.raises(FormatError, match="no segment of the SPK file can be evaluated"):
        open_spk(make_spk(tmp_path / "foreign.bsp", kind=9))
