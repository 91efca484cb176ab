"""What a hostile caller hands in: an answer, or our error; never NaN, garbage or a foreign exception."""

from __future__ import annotations

import dataclasses
import warnings

import numpy as np
import pytest

from syzygy.astro import time
from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.environment.atmosphere import nrlmsise00
from syzygy.astro.environment.indices import constant_indices
from syzygy.astro.environment.shadow import lit_fraction
from syzygy.astro.events.search import find_windows, make_nodes, sample_lanes
from syzygy.astro.frames import (
    ICRF,
    azimuth_elevation_range,
    gcrf_from_itrf,
    geodetic_from_itrf,
    itrf_from_gcrf,
    itrf_from_geodetic,
    itrf_from_teme,
    rtn_axes,
    topocentric_axes,
)
from syzygy.astro.frames.realizations import change_realization
from syzygy.astro.propagation.sgp4_states import find_unphysical, propagate_sgp4
from syzygy.astro.states import States
from syzygy.astro.transfers.lambert import list_lambert_solutions, solve_lambert
from syzygy.base.errors import (
    ComputationError,
    CoverageError,
    FrameError,
    InputError,
    ProblemList,
    SyzygyError,
    TimeScaleError,
    UnitError,
)
from syzygy.data import build_almanac
from syzygy.formats.tle import read_tle

NAN, INF = float("nan"), float("inf")
POSITION, VELOCITY = np.array([7e6, 0.0, 0.0]), np.array([0.0, 7500.0, 0.0])
SUN = np.array([1.5e11, 0.0, 0.0])
TLE = (
    b"1 25544U 98067A   22196.50000000  .00007000  00000-0  13000-3 0  9999\n"
    b"2 25544  51.6400 150.0000 0004000  50.0000 310.0000 15.50000000350006\n"
)


@pytest.fixture(scope="module")
def almanac():
    return build_almanac(("leap_seconds", "earth_orientation", "ephemeris"))


@pytest.fixture(scope="module")
def instant(almanac):
    return time.parse_utc("2022-07-15T00:00:00", almanac.leap_seconds)


@pytest.fixture(scope="module")
def station(almanac):
    elements, rejected = read_tle(TLE, almanac.leap_seconds)
    assert not rejected
    return elements


@pytest.mark.parametrize("turn", [itrf_from_gcrf, gcrf_from_itrf, itrf_from_teme])
@pytest.mark.parametrize(
    "position",
    [
        [NAN, 0, 0],
        [INF, 0, 0],
        [1e308] * 3,
        [1e200, 0, 0],
        np.array([7e6 + 1j, 0, 0]),
        "abc",
        [[1, 2, 3], [1]],
    ],
    ids=["nan", "infinite", "overflows when summed", "overflows when squared", "complex", "text", "ragged"],
)
def test_what_is_no_position_is_refused_by_every_turn(turn, position, almanac, instant):
    with pytest.raises(InputError):
        turn(position, None, instant, almanac)


@pytest.mark.parametrize("turn", [itrf_from_gcrf, gcrf_from_itrf, itrf_from_teme])
def test_no_states_give_no_states(turn, almanac):
    position, velocity = turn(np.empty((0, 3)), np.empty((0, 3)), np.empty(0, np.int64), almanac)
    assert position.shape == velocity.shape == (0, 3)


@pytest.mark.slow
@pytest.mark.parametrize("count", [50, 40_000])
def test_strange_memory_gives_the_same_states(count, almanac, instant):
    """Backward, strided, read-only and broadcast arrays, through the plain and the compiled loop."""
    random = np.random.default_rng(7)
    position = random.normal(size=(count, 3)) * 1e7
    velocity = random.normal(size=(count, 3)) * 5e3
    instants = instant + random.integers(0, 10**14, count)
    plain = itrf_from_gcrf(position, velocity, instants, almanac)
    wide = np.zeros((count, 7))
    wide[:, 1::2] = position[::-1]
    strided = wide[::-1, 1::2]
    fortran = np.asfortranarray(velocity)
    locked = instants.copy()
    locked.flags.writeable = False
    strange = itrf_from_gcrf(strided, fortran, locked, almanac)
    assert np.array_equal(plain[0], strange[0])
    assert np.array_equal(plain[1], strange[1])
    one = itrf_from_gcrf(position[0], velocity[0], np.broadcast_to(instants[0], (count,)), almanac)
    assert np.array_equal(one[0], np.broadcast_to(plain[0][0], (count, 3)))
    single = itrf_from_gcrf(position.astype(np.float32), None, instants, almanac)[0]
    assert single.dtype == np.float64
    assert np.array_equal(
        single, itrf_from_gcrf(position.astype(np.float32).astype(float), None, instants, almanac)[0]
    )


@pytest.mark.slow
def test_strange_memory_gives_the_same_moon(almanac, instant):
    instants = instant + np.arange(1000) * 10**12
    straight = almanac.ephemeris.position_m(MOON, EARTH, instants)
    doubled = np.repeat(instants, 2)
    doubled.flags.writeable = False
    assert np.array_equal(almanac.ephemeris.position_m(MOON, EARTH, doubled[::2]), straight)
    assert np.array_equal(almanac.ephemeris.position_m(MOON, EARTH, instants[::-1])[::-1], straight)
    folded = instants.reshape(10, 100).T
    assert np.array_equal(
        almanac.ephemeris.position_m(MOON, EARTH, folded), straight.reshape(10, 100, 3).swapaxes(0, 1)
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda: rtn_axes(np.full((4, 3), 7e6), np.ones((5, 3))),
        lambda: topocentric_axes([0.0, 0.1], [0.0, 0.1, 0.2]),
        lambda: itrf_from_geodetic([0.0, 0.1], [0.0, 0.1, 0.2], 0.0),
        lambda: azimuth_elevation_range(np.full((4, 3), 7e6), [0.0, 0.1], 0.0, 0.0),
        lambda: change_realization(np.full((4, 3), 7e6), "ITRF2014", "ITRF2008", [2010.0, 2011.0]),
        lambda: lit_fraction(np.full((4, 3), 7e6), np.full((5, 3), 1e11)),
        lambda: time.tai_from_tt_seconds([0.0, 1.0], [0.0, 0.1, 0.2]),
        lambda: time.tai_from_tdb_seconds([0.0, 1.0], [0.0, 0.1, 0.2]),
        lambda: time.tai_from_tt_julian_date([2459000.5] * 2, [0.0, 0.1, 0.2]),
        lambda: time.tai_from_week_and_ns([1, 2], [0, 1, 2], time.TimeScale.GPS),
    ],
)
def test_shapes_that_do_not_fit_are_named(call):
    with pytest.raises(InputError, match=r"fit together") as caught:
        call()
    assert "(" in str(caught.value.value)


@pytest.mark.parametrize("position", [[1e200, 1e200, 0], [7000.0, 0, 0], [0, 0, 0], [NAN, 0, 0]])
def test_geodetic_coordinates_of_no_place_are_refused(position):
    with pytest.raises(InputError):
        geodetic_from_itrf(position)


@pytest.mark.parametrize("height_m", [NAN, INF, 1e300, -7e6])
def test_heights_of_no_place_are_refused(height_m):
    with pytest.raises(InputError, match="height"):
        itrf_from_geodetic(0.0, 0.0, height_m)


@pytest.mark.parametrize(
    "seconds", [(NAN, 0.0), (INF, 0.0), (1e30, -1e30), (0.0, NAN), (1e11, 0.0), (0.0, 1e20)]
)
@pytest.mark.parametrize("scale", [time.tai_from_tt_seconds, time.tai_from_tdb_seconds])
def test_seconds_that_are_no_instant_are_refused(scale, seconds):
    """As arrays numpy casts them without a word to some instant of the year 1677."""
    for shape in ((), (3,)):
        with pytest.raises(CoverageError, match="J2000"):
            scale(np.full(shape, seconds[0]), np.full(shape, seconds[1]))


@pytest.mark.parametrize("date", [(NAN, 0.0), (2459000.5, 1e9), (1e30, -1e30), (2459000.5, INF)])
def test_julian_dates_that_are_no_instant_are_refused(date):
    with pytest.raises(CoverageError):
        time.tai_from_tt_julian_date(*date)


@pytest.mark.parametrize("unit", ["as", "fs", "ps"])
def test_datetime64_finer_than_a_nanosecond_is_refused(unit, almanac):
    with pytest.raises(SyzygyError, match="unit"):
        time.tai_from_datetime64(np.datetime64(10**17, unit), almanac.leap_seconds)


@pytest.mark.parametrize("interval", [10**17, -(10**17), 9 * 10**18])
def test_a_glonass_interval_that_would_wrap_around_is_refused(interval, almanac):
    glonass = time.GlonassTime(np.array(interval), np.array(1), np.array(0), np.array(False))
    with pytest.raises(InputError, match="GLONASS"):
        time.tai_from_glonass(glonass, almanac.leap_seconds)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (field, value)
        for field in (
            "epoch_jd_fraction", "mean_motion_rad_s", "eccentricity", "inclination_rad", "raan_rad",
            "argument_of_perigee_rad", "mean_anomaly_rad", "bstar_per_earth_radius",
        )
        for value in (NAN, INF, -INF)
    ],
)  # fmt: skip
def test_elements_for_which_sgp4_would_answer_nan_with_code_0_are_refused(
    name, value, station, almanac, instant
):
    broken = dataclasses.replace(station, **{name: np.array([value])})
    with pytest.raises(ProblemList, match="not a finite number"):
        propagate_sgp4(broken, [instant], almanac.leap_seconds)


@pytest.mark.parametrize("bstar", [1e3, 1e10, -1e10, 1e200])
def test_a_state_that_is_not_finite_never_has_code_0(bstar, station, almanac, instant):
    wild = dataclasses.replace(station, bstar_per_earth_radius=np.array([bstar]))
    states = propagate_sgp4(wild, instant + np.arange(40) * 10**14, almanac.leap_seconds)
    usable = states.error_code == 0
    assert np.isfinite(states.position_m[usable]).all()
    assert np.isnan(states.position_m[~usable]).all()


@pytest.mark.parametrize(
    "instants",
    [[1.65e18], [NAN], np.array(["2022-07-15"], "M8[ns]"), ["2022"], [2**62 * 4], [-(2**63)]],
    ids=["float", "nan", "datetime64", "text", "beyond 64 bits", "the end of 64 bits"],
)
def test_sgp4_takes_only_whole_tai_nanoseconds(instants, station, almanac):
    for call in (propagate_sgp4, find_unphysical):
        with pytest.raises((TimeScaleError, CoverageError)):
            call(station, instants, almanac.leap_seconds)


def test_sgp4_takes_a_row_of_instants(station, almanac, instant):
    with pytest.raises(InputError, match="row"):
        propagate_sgp4(station, np.full((2, 2), instant), almanac.leap_seconds)
    with pytest.raises(InputError, match="step"):
        find_unphysical(station, [instant], almanac.leap_seconds, step_s=0.0)


def test_states_know_their_frame_and_centre(instant):
    with pytest.raises(FrameError, match="frame"):
        States(POSITION, VELOCITY, instant, "ITRF")
    with pytest.raises(FrameError, match="centre"):
        States(POSITION, VELOCITY, instant, ICRF, "Moon")


def test_kilometres_about_the_moon_are_found(instant):
    with pytest.raises(UnitError, match="deep inside"):
        States(np.array([1838.0, 0.0, 0.0]), VELOCITY / 1e3, instant, ICRF, MOON)


@pytest.mark.parametrize(
    ("position", "sun"),
    [
        (POSITION * NAN, SUN),
        (POSITION * 0.0, SUN),
        (POSITION / 1e3, SUN),
        (POSITION, SUN / 1e3),
        (POSITION, POSITION),
    ],
    ids=["nan", "zero", "kilometres", "Sun in kilometres", "at the Sun"],
)
def test_light_at_no_place_is_refused(position, sun):
    """NaN used to stand in full sunlight."""
    with pytest.raises(InputError):
        lit_fraction(position, sun)


@pytest.mark.parametrize("second", [NAN, -1.0, 1e9])
def test_a_second_outside_its_day_is_refused_by_the_atmosphere(second):
    with pytest.raises(InputError, match="second of the UTC day"):
        nrlmsise00(
            np.array([19000]), np.array([second]), np.zeros(1), np.zeros(1), np.array([4e5]),
            constant_indices(120.0, 10.0, 1),
        )  # fmt: skip


def test_directions_of_lambert_must_be_directions():
    for axis in ([NAN, 0.0, 1.0], [0.0, 0.0, 0.0]):
        with pytest.raises(InputError, match="direction"):
            solve_lambert(POSITION, [0.0, 7e6, 0.0], 1e3, 4e14, reference_axis=axis)
    with pytest.raises(InputError, match="revolutions"):
        list_lambert_solutions(POSITION, [0.0, 7e6, 0.0], 1e3, 4e14, most_revolutions=-1)


@pytest.mark.parametrize("step_s", [NAN, INF, 0.0, -1.0, 1e-9])
def test_steps_that_are_no_step_are_refused(step_s):
    with pytest.raises(InputError, match="step"):
        make_nodes(0, 10**12, step_s)


def test_a_search_that_fills_the_memory_is_refused():
    with pytest.raises(InputError, match="too many nodes"):
        make_nodes(0, 9 * 10**18, 1e-3)


def test_a_rate_bound_that_is_wrong_is_found_out():
    """With such a bound events would be missed without a word."""

    def wave(lane, tai_ns):
        return np.sin(tai_ns * 1e-9)

    nodes = make_nodes(0, 10**11, 1.0)
    values = sample_lanes(wave, 1, nodes)
    assert len(find_windows(wave, nodes, values, 1.0)) == 16
    with pytest.raises(ComputationError, match="steeper"):
        find_windows(wave, nodes, values, 0.5)


def test_nothing_here_warns_where_it_should_answer(almanac, instant):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        far = itrf_from_gcrf([1e99, -1e99, 1e99], None, instant, almanac)[0]
    assert np.isfinite(far).all()
