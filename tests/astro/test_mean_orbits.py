"""Mean orbits against our numerical flights, Orekit's DSST, and the closed forms of the elements."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.astro.propagation_truth import DATA, almanac_with, one_state

from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.constants import EARTH_J2, GM_EARTH_M3_S2
from syzygy.astro.forces import Drag, FieldForce, ForceModel, GravityField, PointMass, SunlightForce
from syzygy.astro.frames import rtn_axes
from syzygy.astro.propagation.equinoctial import (
    equinoctial_from_state,
    gauss_rates,
    state_from_equinoctial,
)
from syzygy.astro.propagation.mean_orbits import propagate_mean
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.propagation.user_events import distance
from syzygy.astro.time import parse_utc
from syzygy.base.errors import CoverageError, InputError
from syzygy.formats.gravity_field import read_gravity_field

DAY_NS = 86_400 * 10**9
SHAPES = {"sso": (7_078_137.0, 1e-3, 98.19), "gto": (24_371e3, 0.7301, 27.0), "geo": (42_164e3, 2e-4, 0.5)}
LOW = (6_798_137.0, 1e-3, 51.6)
BIG = st.floats(-0.6, 0.6)


def _almanac():
    return almanac_with("leap_seconds", "earth_orientation", "ephemeris")


def _force(**more) -> ForceModel:
    satkit_data = pytest.importorskip("satkit_data")
    content = (Path(satkit_data.__file__).parent / "data" / "EGM96.gfc").read_bytes()
    field = read_gravity_field(content, name="EGM96.gfc", max_degree=4).truncate(4, 0)
    third = (PointMass(MOON), PointMass(SUN))
    return ForceModel(EARTH, third_bodies=third, fields=(FieldForce(EARTH, field),), **more)


def _start(shape: tuple[float, float, float], gm: float, epoch: int):
    a, e, tilt = shape
    half = np.tan(np.radians(tilt) / 2.0)
    z = np.array([a, e * np.sin(3.0), e * np.cos(3.0), half * np.sin(1.0), half * np.cos(1.0), 3.5])
    return one_state(np.concatenate(state_from_equinoctial(z, gm)), epoch, EARTH)


@given(st.floats(6.6e6, 5e7), BIG, BIG, BIG, BIG, st.floats(-3.1, 3.1))
def test_elements_and_states_return_to_each_other(a, h, k, p, q, longitude) -> None:
    z = np.array([a, h, k, p, q, longitude])
    back = equinoctial_from_state(*state_from_equinoctial(z, GM_EARTH_M3_S2), GM_EARTH_M3_S2)
    turned = (back[5] - z[5] + np.pi) % (2.0 * np.pi) - np.pi
    assert np.allclose(back[:5], z[:5], rtol=1e-12, atol=1e-13)
    assert abs(turned) < 1e-12


def test_gauss_has_the_rates_of_small_impulses() -> None:
    z = np.array([[7e6, 0.01, 0.02, 0.3, -0.5, 2.0], [2.4e7, 0.5, -0.5, -0.1, 0.2, -1.0]])
    r, v = state_from_equinoctial(z, GM_EARTH_M3_S2)
    push = np.random.default_rng(1).normal(size=(2, 3))
    high, low = (equinoctial_from_state(r, v + sign * 1e-3 * push, GM_EARTH_M3_S2) for sign in (1, -1))
    rates = gauss_rates(z, r, v, push, GM_EARTH_M3_S2)
    assert np.allclose((high - low) / 2e-3, rates, rtol=1e-6, atol=1e-12)


def test_what_a_mean_orbit_cannot_be_is_refused() -> None:
    almanac = almanac_with("leap_seconds")
    start = _start(SHAPES["sso"], GM_EARTH_M3_S2, 0)
    cosine, sine = np.zeros((3, 3)), np.zeros((3, 3))
    cosine[0, 0], cosine[2, 2] = 1.0, 1e-6
    field = GravityField("tesseral", GM_EARTH_M3_S2, 6.378e6, cosine, sine, "zero_tide", "")
    bulged = ForceModel(EARTH, fields=(FieldForce(EARTH, field),))
    with pytest.raises(InputError, match="zonal"):
        propagate_mean(start, DAY_NS, bulged, almanac)
    with pytest.raises(InputError, match="forwards"):
        propagate_mean(start, -DAY_NS, ForceModel(EARTH), almanac)
    fast = one_state(np.array([7e6, 0, 0, 0, 1.2e4, 0.0]), 0, EARTH)
    with pytest.raises(InputError, match="bound"):
        propagate_mean(fast, DAY_NS, ForceModel(EARTH), almanac)


@pytest.mark.slow
def test_the_nodes_turn_as_the_textbook_has_it(record_accuracy) -> None:
    """First order of J2 (Kozai 1959) over ten days; what remains is the second order and precession."""
    almanac = almanac_with("leap_seconds", "earth_orientation")
    cosine = np.zeros((3, 3))
    cosine[0, 0], cosine[2, 0] = 1.0, -EARTH_J2 / np.sqrt(5.0)
    radius = 6_378_136.6
    field = GravityField("J2", GM_EARTH_M3_S2, radius, cosine, np.zeros((3, 3)), "zero_tide", "")
    epoch = parse_utc("2001-01-01T00:00:00", almanac.leap_seconds)
    start = _start(SHAPES["sso"], GM_EARTH_M3_S2, epoch)
    end = epoch + 10 * DAY_NS
    force = ForceModel(EARTH, fields=(FieldForce(EARTH, field),))
    (flight,) = propagate_mean(start, end, force, almanac)
    first, last = flight.mean_elements(np.array([epoch, end]))
    turned = np.arctan2(last[3], last[4]) - np.arctan2(first[3], first[4])
    a, e = first[0], np.hypot(first[1], first[2])
    tilt = 2.0 * np.arctan(np.hypot(first[3], first[4]))
    motion = np.sqrt(GM_EARTH_M3_S2 / a**3)
    rate = -1.5 * motion * EARTH_J2 * (radius / (a * (1.0 - e * e))) ** 2 * np.cos(tilt)
    record_accuracy(
        "propagation", "mean orbit: rate of the node", abs(turned / (rate * 864_000.0) - 1.0), 3e-3, "1",
        "Kozai (1959), first order",
    )  # fmt: skip
    assert abs(last[0] - first[0]) < 0.1
    with pytest.raises(CoverageError):
        flight.states(end + 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "shape", "days", "more", "allowed_m"),
    [
        ("700 km, 60 d", SHAPES["sso"], 60, {}, 1e3),
        ("GTO, 60 d", SHAPES["gto"], 60, {}, 100e3),
        ("GEO, 365 d", SHAPES["geo"], 365, {}, 10e3),
        ("GEO in sunlight, 60 d", SHAPES["geo"], 60, {"sunlight": SunlightForce(1e-7)}, 2e3),
        ("420 km in air, 20 d", LOW, 20, {"drag": Drag(0.01, 150.0, 12.0)}, 2e3),
    ],
)
def test_a_mean_orbit_is_where_the_numerical_flight_is(
    name, shape, days, more, allowed_m, record_accuracy
) -> None:
    """Thirteen instants; 2 km is 0.3 s along the track."""
    almanac, force = _almanac(), _force(**more)
    epoch = parse_utc("2024-04-15T00:00:00", almanac.leap_seconds)
    start = _start(shape, force.effective_gm_m3_s2, epoch)
    at = epoch + np.arange(13, dtype=np.int64) * (days * DAY_NS // 12)
    (truth,) = propagate(start, int(at[-1]), force, almanac)
    (mean,) = propagate_mean(start, int(at[-1]), force, almanac)
    seen, found = truth.states(at), mean.states(at)
    apart = np.einsum(
        "nij,nj->ni", rtn_axes(seen.position_m, seen.velocity_m_s), found.position_m - seen.position_m
    )
    record_accuracy(
        "propagation", f"mean orbit, {name}", float(np.linalg.norm(apart, axis=1).max()), allowed_m, "m",
        "our numerical flight", 13,
    )  # fmt: skip
    assert not mean.decayed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "plane", "shape_allowed"), [("sso", 1e-4, 1e-5), ("gto", 1e-4, 5e-4), ("geo", 1e-5, 1e-5)]
)
def test_orekits_mean_orbits_drift_as_ours(name, plane, shape_allowed, record_accuracy) -> None:
    """From the osculating state that DSST makes; its mean longitude is of another order and not compared."""
    almanac, force = _almanac(), _force(time_variable="TT")
    epoch = parse_utc("2024-04-15T00:00:00", almanac.leap_seconds)
    with (DATA / "orekit_mean_orbits.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["case"] == name]
    state = [float(rows[0][key]) for key in ("x_m", "y_m", "z_m", "vx_m_s", "vy_m_s", "vz_m_s")]
    at = np.array([epoch + round(float(row["day"]) * DAY_NS) for row in rows])
    (flight,) = propagate_mean(one_state(np.array(state), epoch, EARTH), int(at[-1]), force, almanac)
    theirs = np.array([[float(row[key]) for key in ("a_m", "ey", "ex", "hy", "hx")] for row in rows])
    apart = np.abs(flight.mean_elements(at)[:, :5] - theirs)
    days = f"{float(rows[-1]['day']):g} d"
    oracle = "Orekit 13.1, DSST"
    record_accuracy(
        "propagation", f"mean {name}, {days}: tan(i/2), node", apart[:, 3:].max(), plane, "1", oracle, 13
    )
    record_accuracy(
        "propagation", f"mean {name}, {days}: e, apsides", apart[:, 1:3].max(), shape_allowed, "1", oracle, 13
    )
    assert apart[:, 0].max() < 50.0


@pytest.mark.slow
def test_a_decay_ends_when_the_numerical_flight_comes_down(record_accuracy) -> None:
    """From 240 km to a periapsis of 170 km; the two heights are of the ellipse and of the craft."""
    almanac, force = _almanac(), _force(drag=Drag(0.02, 150.0, 12.0))
    epoch = parse_utc("2024-04-15T00:00:00", almanac.leap_seconds)
    start = _start((6_618_137.0, 1e-3, 51.6), force.effective_gm_m3_s2, epoch)
    end = epoch + 15 * DAY_NS
    (mean,) = propagate_mean(start, end, force, almanac, lowest_altitude_m=170e3)
    low = distance(EARTH, EARTH.radius_m + 160e3, direction=-1, terminal=True)
    (flight,) = propagate(start, end, force, almanac, events=(low,))
    assert mean.decayed
    lived = (mean.span_tai_ns[1] - epoch) / DAY_NS
    truth = (flight.span_tai_ns[1] - epoch) / DAY_NS
    assert mean.span_tai_ns[1] < flight.span_tai_ns[1] + DAY_NS // 4
    record_accuracy(
        "propagation", "mean orbit: days to decay", abs(lived / truth - 1.0), 0.1, "1", "our numerical flight"
    )
