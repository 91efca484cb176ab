"""A craft of plates under every attitude law, events while flying, and forces given for a region."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from tests.astro.propagation_truth import DATA, J2000_TAI_NS, almanac_with, kepler_state, one_state

from syzygy.astro.attitude import AttitudeHistory
from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.constants import GM_EARTH_M3_S2
from syzygy.astro.environment import shadow_angles_rad
from syzygy.astro.events.eclipses import find_eclipses
from syzygy.astro.events.trajectories import StateTrajectories
from syzygy.astro.forces import (
    ForceModel,
    Plate,
    PlateForce,
    PointMass,
    Relativity,
    SolidTide,
    SunlightForce,
)
from syzygy.astro.frames import ICRF, geodetic_from_itrf, itrf_from_gcrf, rtn_axes
from syzygy.astro.propagation import flights
from syzygy.astro.propagation.centres import Region
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.propagation.user_events import altitude, distance, shadow
from syzygy.astro.time import parse_utc
from syzygy.base.errors import InputError

SECOND = 1_000_000_000
PLATES_M = 1e-3
EVENT_S = 1e-3
BODY_RADIUS_M = {EARTH: 6_378_137.0, MOON: 1_737_400.0}
pytestmark = pytest.mark.slow


def _spin(epoch: int, duration_s: float, rate_rad_s: float) -> AttitudeHistory:
    """Quaternions (vector first) from ICRF to body axes that turn about z."""
    seconds = np.linspace(-600.0, duration_s + 600.0, 2_001)
    half = 0.5 * rate_rad_s * seconds
    values = np.stack([0.0 * half, 0.0 * half, np.sin(half), np.cos(half)], axis=1)
    instants = epoch + np.rint(seconds * 1e9).astype(np.int64)
    return AttitudeHistory(instants, "QUATERNION", values, "ICRF", "SC_BODY_1", interpolation="SLERP")


@pytest.mark.parametrize("law", ["RTN", "history"])
def test_plates_end_where_orekit_ends(law: str, record_accuracy) -> None:
    """Two days at 42 164 km without shadow, default tolerance; light moves the end by 600 to 800 m."""
    almanac = almanac_with("earth_orientation", "ephemeris")
    case = json.loads((DATA / f"orekit_plates_{'rtn' if law == 'RTN' else 'spin'}.json").read_text())
    epoch = parse_utc(case["epoch_utc"], almanac.leap_seconds)
    plates = tuple(Plate(tuple(n), area, mirror, matt) for n, area, mirror, matt in case["plates"])
    history = _spin(epoch, case["duration_s"], case["spin_rad_s"]) if law == "history" else None
    force = ForceModel(
        EARTH, case["gm_m3_s2"], time_variable="TT",
        plates=PlateForce(plates, case["mass_kg"], law, history=history, occulters=()),
    )  # fmt: skip
    end = epoch + round(case["duration_s"] * 1e9)
    start = one_state(np.array(case["start_m_m_s"]), epoch, EARTH)
    found = propagate(start, end, force, almanac)[0].states(end).position_m
    dark = propagate(start, end, replace(force, plates=None), almanac)[0].states(end).position_m
    truth = np.array(case["end_m_m_s"][:3])
    assert np.linalg.norm(dark - truth) > 100.0
    record_accuracy(
        "propagation", f"2 days of six plates, attitude {law}", np.linalg.norm(found - truth), PLATES_M, "m",
        "Orekit 13.1, BoxAndSolarArraySpacecraft",
    )  # fmt: skip


@pytest.mark.parametrize("rate_rad_s", [1e-3, 1e-2])
def test_plates_that_spin_faster_agree_with_much_shorter_steps(
    rate_rad_s: float, monkeypatch, record_accuracy
) -> None:
    almanac = almanac_with("earth_orientation", "ephemeris")
    case = json.loads((DATA / "orekit_plates_spin.json").read_text())
    epoch, duration_s = parse_utc(case["epoch_utc"], almanac.leap_seconds), 40_000
    plates = tuple(Plate(tuple(n), area, mirror, matt) for n, area, mirror, matt in case["plates"])
    history = _spin(epoch, duration_s, rate_rad_s)
    force = ForceModel(
        EARTH, plates=PlateForce(plates, case["mass_kg"], "history", history=history, occulters=())
    )
    end = epoch + duration_s * SECOND
    start = one_state(np.array(case["start_m_m_s"]), epoch, EARTH)
    (flight,) = propagate(start, end, force, almanac)
    monkeypatch.setattr(flights, "_PLATES_PART", 1e-9)
    (dense,) = propagate(start, end, force, almanac, tolerance=1e-12)
    assert dense.report.steps > 2 * flight.report.steps
    record_accuracy(
        "propagation", f"plates that spin at {rate_rad_s:g} rad/s, 11 h",
        np.linalg.norm(flight.states(end).position_m - dense.states(end).position_m), PLATES_M, "m",
        "steps limited by rounding",
    )  # fmt: skip


def test_a_plate_that_a_history_turns_to_the_sun_is_a_sphere_of_light() -> None:
    """The history holds the attitude that the law ``sun`` would take."""
    almanac = almanac_with("ephemeris")
    start = one_state(kepler_state(GM_EARTH_M3_S2, 4.2e7, 0.1, 0.3), J2000_TAI_NS, EARTH)
    end = J2000_TAI_NS + 86_400 * SECOND
    plain = ForceModel(EARTH, third_bodies=(PointMass(SUN),))
    (flight,) = propagate(start, end, plain, almanac)
    instants = np.linspace(J2000_TAI_NS, end, 721).astype(np.int64)
    sun = almanac.require_ephemeris().position_m(SUN, EARTH, instants) - flight.states(instants).position_m
    x = sun / np.linalg.norm(sun, axis=1)[:, None]
    y = np.cross([0.0, 0.0, 1.0], x)
    y /= np.linalg.norm(y, axis=1)[:, None]
    z = np.cross(x, y)
    w = 0.5 * np.sqrt(1.0 + x[:, 0] + y[:, 1] + z[:, 2])
    vector = np.stack([y[:, 2] - z[:, 1], z[:, 0] - x[:, 2], x[:, 1] - y[:, 0]], axis=1) / (4.0 * w[:, None])
    history = AttitudeHistory(
        instants, "QUATERNION", np.column_stack([vector, w]), "ICRF", "BODY", interpolation="SLERP"
    )
    plates = PlateForce((Plate((1.0, 0.0, 0.0), 20.0, 0.3, 0.2),), 1_000.0, "history", history=history)
    strength = 1_361.0 / 299_792_458.0 * 20.0 / 1_000.0 * (1.0 + 0.3 + 2.0 / 3.0 * 0.2)
    one, other = (
        propagate(start, end, force, almanac)[0].states(end).position_m
        for force in (replace(plain, plates=plates), replace(plain, sunlight=SunlightForce(strength)))
    )
    assert np.linalg.norm(one - other) < 1e-3


def _roots(values: np.ndarray, instants: np.ndarray) -> np.ndarray:
    at = np.flatnonzero(np.sign(values[1:]) != np.sign(values[:-1]))
    share = values[at] / (values[at] - values[at + 1])
    return (instants[at] - instants[0] + share * (instants[at + 1] - instants[at])) / 1e9


def test_altitudes_are_where_dense_sampling_of_the_flight_has_them(record_accuracy) -> None:
    """Ellipsoidal height through ITRF, sampled ten times a second about each event and sown every 20 s."""
    almanac = almanac_with("earth_orientation", "ephemeris")
    epoch = parse_utc("2024-04-15T00:00:00", almanac.leap_seconds)
    state = kepler_state(GM_EARTH_M3_S2, 7.4e6, 0.07, 0.4)
    state[[1, 2]] = 0.6 * state[1], 0.8 * state[1]
    state[[4, 5]] = 0.6 * state[4], 0.8 * state[4]
    end = epoch + 20_000 * SECOND
    event = altitude(EARTH, 700e3, almanac=almanac)
    (flight,) = propagate(one_state(state, epoch, EARTH), end, ForceModel(EARTH), almanac, events=(event,))

    def heights(instants: np.ndarray) -> np.ndarray:
        fixed, _ = itrf_from_gcrf(flight.states(instants).position_m, None, instants, almanac)
        return np.asarray(geodetic_from_itrf(fixed)[2]) - 700e3

    sown = epoch + np.arange(0, 20_000, 20, dtype=np.int64) * SECOND
    coarse = _roots(heights(sown), sown)
    assert len(flight.occurrences) == len(coarse) >= 5
    worst = 0.0
    for found, near in zip(flight.occurrences, coarse, strict=True):
        fine = epoch + round(near * 10) * SECOND // 10 + np.arange(-30, 31, dtype=np.int64) * (SECOND // 10)
        (root,) = _roots(heights(fine), fine)
        worst = max(worst, abs((found.tai_ns - fine[0]) / 1e9 - root))
    record_accuracy(
        "propagation", "time of an altitude", worst, EVENT_S, "s", "dense sampling of the flight", len(coarse)
    )
    ball = altitude(MOON, 1e5)
    assert ball.name == "altitude 100 km of Moon"
    (cut,) = propagate(
        one_state(state, epoch, EARTH), end, ForceModel(EARTH), almanac,
        events=(replace(event, direction=-1, terminal=True),),
    )  # fmt: skip
    falling = next(o for o in flight.occurrences if o.direction == -1)
    assert abs(cut.span_tai_ns[1] - falling.tai_ns) < 1_000_000


@pytest.mark.parametrize("umbra", [False, True])
def test_shadows_are_where_the_cones_of_the_textbook_have_them(umbra: bool, record_accuracy) -> None:
    """Edges of the Earth's cones by dense sampling of the apex geometry, and the light at them."""
    almanac = almanac_with("ephemeris")
    start = one_state(kepler_state(GM_EARTH_M3_S2, 1.2e7, 0.2, 1.0), J2000_TAI_NS, EARTH)
    end = J2000_TAI_NS + 60_000 * SECOND
    (flight,) = propagate(
        start, end, ForceModel(EARTH), almanac, events=(shadow(EARTH, almanac, umbra=umbra),)
    )
    ephemeris = almanac.require_ephemeris()

    def depth(instants: np.ndarray) -> np.ndarray:
        """Distance outside the cone of umbra or penumbra, by its half angle and apex (Vallado, 5.3)."""
        place = flight.states(instants).position_m
        sun = ephemeris.position_m(SUN, EARTH, instants)
        away = np.linalg.norm(sun, axis=1)
        axis = -sun / away[:, None]
        along = np.sum(place * axis, axis=1)
        across = np.linalg.norm(place - along[:, None] * axis, axis=1)
        big, small = 695_700_000.0, BODY_RADIUS_M[EARTH]
        sine = (big - small if umbra else big + small) / away
        apex = small / sine
        tangent = sine / np.sqrt(1.0 - sine**2)
        width = tangent * (apex - along if umbra else apex + along)
        return np.where(along > 0.0, across - width, 1.0 + across)

    sown = J2000_TAI_NS + np.arange(0, 60_000, 10, dtype=np.int64) * SECOND
    coarse = _roots(depth(sown), sown)
    assert len(flight.occurrences) == len(coarse) >= 6
    worst = 0.0
    for found, near in zip(flight.occurrences, coarse, strict=True):
        fine = J2000_TAI_NS + round(near * 10) * SECOND // 10
        fine = fine + np.arange(-20, 21, dtype=np.int64) * (SECOND // 10)
        (root,) = _roots(depth(fine), fine)
        worst = max(worst, abs((found.tai_ns - fine[0]) / 1e9 - root))
    name = "umbra" if umbra else "penumbra"
    record_accuracy(
        "propagation", f"edge of the {name} while flying", worst, 0.01, "s", "cones by half angle and apex",
        len(coarse),
    )  # fmt: skip
    for found in flight.occurrences:
        sun = ephemeris.position_m(SUN, EARTH, np.array([found.tai_ns]))
        apart, body, disc = shadow_angles_rad(
            found.states.position_m[None], sun, body_radius_m=BODY_RADIUS_M[EARTH]
        )
        edge = body - disc if umbra else body + disc
        assert apart[0] == pytest.approx(edge[0], abs=1e-9)


def test_shadows_while_flying_are_those_of_the_eclipse_finder(record_accuracy) -> None:
    """The finder takes the Sun where its light comes from, 20 arc seconds away: 0.2 s here."""
    almanac = almanac_with("ephemeris")
    start = one_state(kepler_state(GM_EARTH_M3_S2, 1.2e7, 0.2, 1.0), J2000_TAI_NS, EARTH)
    end = J2000_TAI_NS + 60_000 * SECOND
    events = (shadow(EARTH, almanac), shadow(EARTH, almanac, umbra=True))
    (flight,) = propagate(start, end, ForceModel(EARTH), almanac, events=events)
    found = find_eclipses(StateTrajectories((flight,), ICRF), J2000_TAI_NS, end, almanac, flattened=False)
    worst, count = 0.0, 0
    for event, windows in zip(events, (found.penumbra, found.umbra), strict=True):
        own = [o for o in flight.occurrences if o.name == event.name]
        edges = {-1: windows.start_tai_ns[~windows.open_start], 1: windows.end_tai_ns[~windows.open_end]}
        for direction, instants in edges.items():
            ours = np.array([o.tai_ns for o in own if o.direction == direction])
            assert ours.size == instants.size
            worst, count = max(worst, float(np.abs(ours - instants).max()) / 1e9), count + ours.size
    assert count >= 12
    record_accuracy(
        "propagation", "shadows beside the eclipse finder", worst, 0.5, "s", "eclipse finder", count
    )


def test_a_region_flies_the_forces_that_it_is_given(record_accuracy) -> None:
    """Relativity and a tide of the Moon inside its region: the flight about the Moon from where it enters."""
    almanac = almanac_with("ephemeris")
    force = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
    inside = replace(
        force.about(MOON), tide=SolidTide(0.02416, (EARTH, SUN)), relativity=Relativity(),
        sunlight=SunlightForce(1e-7),
    )  # fmt: skip
    epoch = J2000_TAI_NS
    place, speed = almanac.require_ephemeris().state_m(MOON, EARTH, np.array([epoch]))
    axes = rtn_axes(place[0], speed[0])
    state = np.concatenate([place[0] + axes.T @ [-1.2e8, -2e7, 1e7], speed[0] + axes.T @ [900.0, 200.0, 0.0]])
    start, end = one_state(state, epoch, EARTH), epoch + 110_000 * SECOND
    region = Region(MOON, radius_m=6e7, force=inside)
    edge = (distance(MOON, 6e7, direction=-1),)
    (flight,) = propagate(start, end, force, almanac, centres=(region,), events=edge)
    (bare,) = propagate(start, end, force, almanac, centres=(replace(region, force=None),))
    assert [leg.cause for leg in flight.legs][:2] == ["start", "centre"]
    entry = flight.occurrences[0].tai_ns
    assert flight.centres(np.array([end]))[0] == MOON
    (alone,) = propagate(flight.states(np.array([entry]), centre=MOON), end, inside, almanac)
    apart = np.linalg.norm(alone.states(end).position_m - flight.states(end, centre=MOON).position_m)
    record_accuracy(
        "propagation", "forces of a region against a flight about the Moon", apart, 1e-3, "m",
        "flight from the edge of the region",
    )  # fmt: skip
    assert np.linalg.norm(flight.states(end).position_m - bare.states(end).position_m) > 10.0
    with pytest.raises(InputError, match="about another body"):
        propagate(start, end, force, almanac, centres=(Region(MOON, force=force),))
