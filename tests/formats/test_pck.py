"""Binary PCK: the lunar angles of DE421 against jplephem; foreign and damaged files refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syzygy.base.errors import CoverageError, FormatError, SyzygyError
from syzygy.formats.pck import open_binary_pck

ANGLE_TOLERANCE_RAD = 1e-13
TURNS_TOLERANCE_RAD = 1e-11
"""Psi grows by 84 rad a year: four units in the last place of 4,000 rad and more."""
RATE_TOLERANCE_RAD_S = 1e-15
"""The derivative of psi sums terms of some 1e3 rad over half an interval of 4 days."""


@pytest.fixture(scope="module")
def de421_axes(shared_data):
    return open_binary_pck(shared_data / "exploration" / "frames" / "moon_pa_de421_1900-2050.bpc")


@pytest.mark.peer
def test_lunar_angles_agree_with_jplephem(de421_axes, shared_data):
    peer_pck = pytest.importorskip("jplephem.pck")
    # Quarter days, so that seconds and days say exactly the same instant.
    quarters = np.random.default_rng(421).integers(-140_000, 70_000, 2000)
    angles, rates = de421_axes.angles_at_tdb(quarters * 21_600.0)
    peer = peer_pck.PCK.open(str(shared_data / "exploration" / "frames" / "moon_pa_de421_1900-2050.bpc"))
    expected, expected_rates = peer.segments[0].compute(2451545.0, quarters / 4.0)
    peer.close()
    assert np.abs(angles[:, :2] - expected[:2].T).max() < ANGLE_TOLERANCE_RAD
    assert np.abs(angles[:, 2] - expected[2]).max() < TURNS_TOLERANCE_RAD
    assert np.abs(rates - expected_rates.T).max() < RATE_TOLERANCE_RAD_S


def test_an_epoch_outside_is_refused(de421_axes):
    with pytest.raises(CoverageError, match="outside the ephemeris"):
        de421_axes.angles_at_tdb(3e9)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": 3}, "cannot be evaluated"),
        ({"base": 17}, "cannot be evaluated"),
        ({"frames": (31006, 31008)}, "does not hold one frame"),
        ({"frames": ()}, "does not hold one frame"),
    ],
)
def test_foreign_kinds_are_refused(tmp_path, make_pck, options, words):
    with pytest.raises(FormatError, match=words):
        open_binary_pck(make_pck(tmp_path / "foreign.bpc", **options))


def test_an_spk_file_is_not_taken_for_a_pck(tmp_path, make_spk):
    with pytest.raises(FormatError, match="not a PCK kernel"):
        open_binary_pck(make_spk(tmp_path / "ephemeris.bsp"))


@pytest.mark.slow
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 4095), st.integers(0, 255)), max_size=8), st.integers(0, 4096))
def test_a_mutated_file_never_crashes(make_pck, tmp_path_factory, changes, cut):
    path = make_pck(tmp_path_factory.getbasetemp() / "mutated.bpc")
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place] = value
    path.write_bytes(bytes(content[: max(0, len(content) - (cut if cut % 3 == 0 else 0))]))
    try:
        angles, rates = open_binary_pck(path).angles_at_tdb(np.array([1.0, 399.0]))
    except SyzygyError:
        return
    assert np.all(np.isfinite(angles))
    assert np.all(np.isfinite(rates))
