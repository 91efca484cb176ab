"""States: checks at the door, and every way between frames."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from syzygy.astro.bodies import EARTH, MARS, MOON
from syzygy.astro.frames import EME2000, ICRF, ITRF, MOON_ME, MOON_PA, TEME
from syzygy.astro.states import States, transform_states
from syzygy.astro.time import parse_utc
from syzygy.base.errors import FrameError, InputError, UnitError

ALL = (ICRF, EME2000, TEME, ITRF)
POSITION, VELOCITY = np.array([[7e6, 1e5, -2e6]]), np.array([[100.0, 7.4e3, 500.0]])


@pytest.fixture
def tai(leap_seconds):
    return np.array([parse_utc("2022-07-01T03:04:05", leap_seconds)])


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(ALL, 2)))
def test_there_and_back_is_the_same_state(earth_almanac, tai, first, second):
    states = States(POSITION, VELOCITY, tai, first, EARTH)
    moved = transform_states(states, second, earth_almanac)
    assert moved.frame == second
    again = transform_states(moved, first, earth_almanac)
    assert np.abs(again.position_m - POSITION).max() < 2e-8
    assert np.abs(again.velocity_m_s - VELOCITY).max() < 2e-11


@pytest.mark.parametrize(("first", "way", "last"), list(itertools.permutations(ALL, 3)))
def test_a_detour_leads_to_the_same_state(earth_almanac, tai, first, way, last):
    states = States(POSITION, VELOCITY, tai, first, EARTH)
    straight = transform_states(states, last, earth_almanac)
    around = transform_states(transform_states(states, way, earth_almanac), last, earth_almanac)
    assert np.abs(straight.position_m - around.position_m).max() < 5e-8
    assert np.abs(straight.velocity_m_s - around.velocity_m_s).max() < 5e-11


def test_the_same_frame_is_the_same_record(earth_almanac, tai):
    states = States(POSITION, VELOCITY, tai, TEME)
    assert transform_states(states, TEME, earth_almanac) is states


def test_moon_axes_turn_about_the_moon(earth_almanac, tai):
    states = States(POSITION, VELOCITY, tai, MOON_PA, MOON)
    moved = transform_states(states, MOON_ME, earth_almanac)
    angle = np.linalg.norm(moved.position_m - POSITION) / np.linalg.norm(POSITION)
    assert 3e-4 < angle < 6e-4
    with pytest.raises(FrameError, match="libration"):
        transform_states(states, ICRF, earth_almanac)


def test_inertial_axes_serve_every_centre(earth_almanac, tai):
    states = States(POSITION, VELOCITY, tai, ICRF, MARS)
    assert transform_states(states, EME2000, earth_almanac).centre == MARS
    with pytest.raises(FrameError, match="ITRF about Mars"):
        transform_states(states, ITRF, earth_almanac)


@pytest.mark.parametrize("frame", [ITRF, TEME, MOON_PA])
def test_axes_of_another_body_are_refused(tai, frame):
    with pytest.raises(FrameError, match="do not belong"):
        States(POSITION, VELOCITY, tai, frame, MARS)


def test_kilometres_are_refused(tai):
    with pytest.raises(UnitError, match="kilometres"):
        States(POSITION / 1e3, VELOCITY / 1e3, tai, TEME)


def test_speeds_above_that_of_light_are_refused(tai):
    with pytest.raises(UnitError, match="speed of light"):
        States(POSITION, VELOCITY * 1e6, tai, TEME)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_states_that_are_not_finite_are_refused(tai, bad):
    with pytest.raises(InputError, match="not finite"):
        States(POSITION, VELOCITY * [[1.0, bad, 1.0]], tai, TEME)


def test_shapes_must_fit(tai):
    with pytest.raises(InputError, match="do not fit"):
        States(POSITION, np.zeros((2, 3)), tai, TEME)
    with pytest.raises(InputError, match="do not fit"):
        States(POSITION, VELOCITY, np.repeat(tai, 5), TEME)
    assert States(np.tile(POSITION, (4, 1)), np.tile(VELOCITY, (4, 1)), tai, TEME).tai_ns.shape == (1,)
