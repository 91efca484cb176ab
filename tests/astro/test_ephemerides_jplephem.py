"""DE440 against jplephem on the same file, over a century and all pairs of bodies."""

from __future__ import annotations

import numpy as np
import pytest

from syzygy.astro import bodies as b
from syzygy.data import find_data_set, locate_data_set
from syzygy.formats.spk import open_spk

jplephem_spk = pytest.importorskip("jplephem.spk")

POSITION_TOLERANCE_M = 1e-3
LAST_PLACES = 4
"""Beyond Saturn one unit in the last place is 1 mm: two sums of the same series differ by a few of them."""
VELOCITY_TOLERANCE_M_S = 1e-8
EPOCHS = 20_000

PATHS = {
    (b.MOON, b.EARTH): [((3, 301), 1), ((3, 399), -1)],
    (b.SUN, b.EARTH): [((0, 10), 1), ((0, 3), -1), ((3, 399), -1)],
    (b.MERCURY, b.SOLAR_SYSTEM_BARYCENTER): [((1, 199), 1), ((0, 1), 1)],
    (b.VENUS_BARYCENTER, b.SUN): [((0, 2), 1), ((0, 10), -1)],
    (b.EARTH_MOON_BARYCENTER, b.SOLAR_SYSTEM_BARYCENTER): [((0, 3), 1)],
    (b.MARS_BARYCENTER, b.EARTH): [((0, 4), 1), ((0, 3), -1), ((3, 399), -1)],
    (b.JUPITER_BARYCENTER, b.SUN): [((0, 5), 1), ((0, 10), -1)],
    (b.SATURN_BARYCENTER, b.SOLAR_SYSTEM_BARYCENTER): [((0, 6), 1)],
    (b.URANUS_BARYCENTER, b.SOLAR_SYSTEM_BARYCENTER): [((0, 7), 1)],
    (b.NEPTUNE_BARYCENTER, b.MOON): [((0, 8), 1), ((0, 3), -1), ((3, 301), -1)],
    (b.PLUTO_BARYCENTER, b.SOLAR_SYSTEM_BARYCENTER): [((0, 9), 1)],
}


@pytest.fixture(scope="module")
def de440():
    found = locate_data_set(find_data_set("de440"))
    return open_spk(found.path, name="DE440", sha256=found.sha256)


@pytest.fixture(scope="module")
def peer():
    with jplephem_spk.SPK.open(str(locate_data_set(find_data_set("de440")).path)) as kernel:
        yield kernel


@pytest.fixture(scope="module")
def epochs_s():
    random = np.random.default_rng(20210310)
    whole = np.floor(random.uniform(-1_577_880_000.0, 1_577_880_000.0, EPOCHS))
    return whole, random.uniform(0.0, 1.0, EPOCHS)


@pytest.mark.peer
@pytest.mark.parametrize("pair", PATHS, ids=lambda pair: f"{pair[0].name} from {pair[1].name}")
def test_states_agree_with_jplephem(de440, peer, epochs_s, record_accuracy, pair):
    whole, fraction = epochs_s
    days = whole // 86400.0
    rest = ((whole - days * 86400.0) + fraction) / 86400.0
    expected, expected_velocity = 0.0, 0.0
    for segment, sign in PATHS[pair]:
        position_km, velocity_km_day = peer[segment].compute_and_differentiate(2451545.0 + days, rest)
        expected = expected + sign * position_km.T * 1e3
        expected_velocity = expected_velocity + sign * velocity_km_day.T * 1e3 / 86400.0
    position, velocity = de440.state_at_tdb(*pair, whole, fraction)
    allowed = np.maximum(POSITION_TOLERANCE_M, LAST_PLACES * np.spacing(np.abs(expected)))
    difference = np.abs(position - expected)
    assert np.all(difference <= allowed)
    worst_m_s = np.abs(velocity - expected_velocity).max()
    words = f"{pair[0].name} from {pair[1].name}"
    oracle = "jplephem on de440.bsp"
    record_accuracy("ephemerides", f"{words}, position", difference.max(), allowed.max(), "m", oracle, EPOCHS)
    record_accuracy(
        "ephemerides", f"{words}, velocity", worst_m_s, VELOCITY_TOLERANCE_M_S, "m/s", oracle, EPOCHS
    )
