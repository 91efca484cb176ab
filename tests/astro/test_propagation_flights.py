"""Burns, mass, events and changes of the centre on one flight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.astro.propagation_truth import J2000_TAI_NS, almanac_with, kepler_state, one_state

from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.constants import GM_EARTH_M3_S2
from syzygy.astro.forces import Drag, ForceModel, Plate, PlateForce, PointMass, SolidTide, SunlightForce
from syzygy.astro.propagation.burns import STANDARD_GRAVITY_M_S2, FiniteBurn, ImpulsiveBurn
from syzygy.astro.propagation.centres import CentreChange, Region
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.propagation.user_events import FlightEvent, apsides, distance, plane_crossing
from syzygy.base.errors import InputError, MissingDataError

A, E = 1.2e7, 0.4
PERIOD_S = 2.0 * np.pi * np.sqrt(A**3 / GM_EARTH_M3_S2)
TWO_BODY = ForceModel(EARTH, time_variable="TT")
SECOND = 1_000_000_000
FLYBY = np.array(
    (1942919.5980941, 5505930.88636041, 3029830.44244464, -10424.78414045, 3009.34850747, 1216.32302113)
)
BURNS = (
    ImpulsiveBurn(J2000_TAI_NS + 3_000 * SECOND, (10.0, 2.0, -3.0), "RTN", 300.0, "one"),
    ImpulsiveBurn(J2000_TAI_NS + 5_000 * SECOND, (0.0, 2.0, -3.0), "VNC"),
    FiniteBurn(
        J2000_TAI_NS + 7_000 * SECOND,
        J2000_TAI_NS + 7_600 * SECOND,
        400.0,
        310.0,
        (1.0, 0.2, 0.1),
        "VNC",
        "main",
    ),
)
END = J2000_TAI_NS + 10_000 * SECOND


def _start() -> np.ndarray:
    state = kepler_state(GM_EARTH_M3_S2, A, E, 0.4)
    state[2], state[5] = 3e5, 800.0
    return state


def _fly(state: np.ndarray, **options):
    almanac = almanac_with("leap_seconds")
    options = {"burns": BURNS, "mass_kg": 1_000.0} | options
    return propagate(one_state(state, J2000_TAI_NS, EARTH), END, TWO_BODY, almanac, **options)[0]


def test_mass_follows_the_rocket_equation_and_nothing_is_interpolated_across_a_burn() -> None:
    flight = _fly(_start())
    spent = 400.0 * 600.0 / (STANDARD_GRAVITY_M_S2 * 310.0)
    after = 1_000.0 * np.exp(-np.sqrt(113.0) / (STANDARD_GRAVITY_M_S2 * 300.0)) - spent
    assert flight.mass_kg(END) == pytest.approx(after, rel=1e-12)
    assert [leg.cause for leg in flight.legs] == ["start", "one", "impulse", "main", "end of main"]
    jump = (
        flight.states(BURNS[0].tai_ns).velocity_m_s - flight.states(BURNS[0].tai_ns, before=True).velocity_m_s
    )
    assert np.allclose(jump, flight.burns[0].delta_v_m_s, atol=1e-9)
    assert np.linalg.norm(jump) == pytest.approx(np.sqrt(113.0))
    near = flight.states(np.array([BURNS[0].tai_ns - 1, BURNS[0].tai_ns]))
    assert np.linalg.norm(near.velocity_m_s[1] - near.velocity_m_s[0]) == pytest.approx(
        np.sqrt(113.0), rel=1e-6
    )


def test_a_flight_with_burns_flown_back_returns_to_its_start(record_accuracy) -> None:
    flight = _fly(_start())
    almanac = almanac_with("leap_seconds")
    (back,) = propagate(
        flight.states(np.array([END])),
        J2000_TAI_NS,
        TWO_BODY,
        almanac,
        burns=BURNS,
        mass_kg=float(flight.mass_kg(END)),
    )
    error = np.linalg.norm(back.states(J2000_TAI_NS).position_m - _start()[:3])
    record_accuracy("propagation", "reversal through three burns", error, 1e-6, "m", "start")
    assert back.mass_kg(J2000_TAI_NS) == pytest.approx(1_000.0, rel=1e-12)


def test_the_transition_matrix_goes_through_burns_in_local_axes() -> None:
    flight = _fly(_start(), transition=True, parameters=("thrust",))
    matrix = flight.transition(END)
    for k, step in enumerate([10.0] * 3 + [0.01] * 3):
        move = np.zeros(6)
        move[k] = step
        high, low = (_fly(_start() + sign * move).states(END) for sign in (1.0, -1.0))
        column = np.concatenate([high.position_m - low.position_m, high.velocity_m_s - low.velocity_m_s]) / (
            2.0 * step
        )
        assert np.abs(matrix[:, k] - column).max() < 1e-7 * np.abs(column).max()
    ends = []
    for sign in (1.0, -1.0):
        scale = 1.0 + sign * 1e-4
        main = replace(BURNS[2], thrust_n=400.0 * scale, isp_s=310.0 * scale)
        ends.append(_fly(_start(), burns=(*BURNS[:2], main)).states(END).position_m)
    assert np.allclose((ends[0] - ends[1]) / 2e-4, flight.partials(END)[:3, 0], rtol=1e-6)


def test_constant_thrust_in_free_space_is_the_closed_form() -> None:
    burn = FiniteBurn(J2000_TAI_NS, J2000_TAI_NS + 1_000 * SECOND, 100.0, 300.0, (0.0, 0.0, 1.0))
    far = np.array([1e13, 0.0, 0.0, 0.0, 0.0, 0.0])
    end = J2000_TAI_NS + 1_000 * SECOND
    almanac = almanac_with("leap_seconds")
    (flight,) = propagate(
        one_state(far, J2000_TAI_NS, EARTH), end, TWO_BODY, almanac, burns=(burn,), mass_kg=500.0
    )
    exhaust = 300.0 * STANDARD_GRAVITY_M_S2
    speed = exhaust * np.log(500.0 / (500.0 - burn.mass_flow_kg_s * 1_000.0))
    assert flight.states(end).velocity_m_s[2] == pytest.approx(speed, rel=1e-12)


def test_apsides_are_found_where_kepler_puts_them(record_accuracy) -> None:
    almanac = almanac_with("leap_seconds")
    end = J2000_TAI_NS + round(3.2 * PERIOD_S * 1e9)
    start = one_state(kepler_state(GM_EARTH_M3_S2, A, E, 0.3), J2000_TAI_NS, EARTH)
    radius = A * (1.0 - E) * (1.0 + 1e-9)
    events = (apsides(EARTH), distance(EARTH, radius))
    (flight,) = propagate(start, end, TWO_BODY, almanac, events=events)
    found = [o for o in flight.occurrences if o.name == "apsis"]
    truth = [(k * np.pi - 0.3) / (2.0 * np.pi) * PERIOD_S for k in range(1, 7)]
    assert [o.direction for o in found] == [-1, 1, -1, 1, -1, 1]
    error = max(abs(o.elapsed_s - t) for o, t in zip(found, truth, strict=True))
    record_accuracy("propagation", "time of apsides", error, 1e-5, "s", "Kepler's equation", 6)
    grazing = [o for o in flight.occurrences if o.name.startswith("distance")]
    assert len(grazing) == 6  # in and out at each pericentre, less than a second apart
    (cut,) = propagate(
        start, end, TWO_BODY, almanac, events=(apsides(EARTH, which="periapsis", terminal=True),)
    )
    assert len(cut.occurrences) == 1
    assert cut.span_tai_ns[1] == cut.occurrences[0].tai_ns
    assert cut.states(cut.span_tai_ns[1]).position_m[0] == pytest.approx(A * (1.0 - E), rel=1e-9)


def test_the_centre_changes_without_a_loss_of_digits(record_accuracy) -> None:
    almanac = almanac_with("ephemeris")
    force = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
    epoch = 828_316_837 * SECOND + 37 * SECOND
    start, end = one_state(FLYBY, epoch, EARTH), epoch + 432_000 * SECOND
    (plain,) = propagate(start, end, force, almanac, transition=True)
    at = epoch + 4 * 86_400 * SECOND
    there = (CentreChange(at, MOON), CentreChange(at + SECOND, EARTH))
    (moved,) = propagate(start, end, force, almanac, centres=there, transition=True)
    error = np.linalg.norm(
        plain.states(at + 2 * SECOND).position_m - moved.states(at + 2 * SECOND).position_m
    )
    record_accuracy(
        "propagation", "Earth to Moon and back in 1 s", error, 1e-5, "m", "flight about the Earth"
    )
    assert np.allclose(plain.transition(end), moved.transition(end), rtol=1e-6, atol=1e-3)
    (region,) = propagate(
        start, end, force, almanac, centres=(Region(MOON),), events=(plane_crossing(EARTH),)
    )
    assert region.centres(np.array([epoch, end]))[0] == EARTH
    assert region.states(end, centre=MOON).centre == MOON
    with pytest.raises(InputError, match="another centre"):
        replace(force, tide=SolidTide(0.3, (MOON,))).about(MOON)


def test_a_plate_that_faces_the_sun_is_a_sphere_of_light() -> None:
    almanac = almanac_with("ephemeris")
    plain = ForceModel(EARTH, third_bodies=(PointMass(SUN),))
    plates = PlateForce((Plate((1.0, 0.0, 0.0), 20.0, 0.3, 0.2),), 1_000.0)
    strength = 1_361.0 / 299_792_458.0 * 20.0 / 1_000.0 * (1.0 + 0.3 + 2.0 / 3.0 * 0.2)
    start = one_state(kepler_state(GM_EARTH_M3_S2, 4.2e7, 0.1, 0.3), J2000_TAI_NS, EARTH)
    end = J2000_TAI_NS + 86_400 * SECOND
    one, other = (
        propagate(start, end, force, almanac)[0].states(end).position_m
        for force in (replace(plain, plates=plates), replace(plain, sunlight=SunlightForce(strength)))
    )
    assert np.linalg.norm(one - other) < 1e-6


def test_what_a_flight_cannot_do_is_refused() -> None:
    with pytest.raises(InputError, match="mass of the craft"):
        _fly(_start(), mass_kg=0.0)
    with pytest.raises(InputError, match="more mass"):
        _fly(_start(), mass_kg=50.0)
    with pytest.raises(InputError, match="unknown axes"):
        ImpulsiveBurn(0, (0.0, 0.0, 1.0), "LVLH")
    with pytest.raises(InputError, match="finite burn needs"):
        FiniteBurn(10, 5, 1.0, 300.0, (1.0, 0.0, 0.0))
    with pytest.raises(InputError, match="overlap"):
        _fly(_start(), burns=(BURNS[2], replace(BURNS[2], start_tai_ns=J2000_TAI_NS + 7_100 * SECOND)))
    with pytest.raises(InputError, match="direction"):
        FlightEvent("x", lambda states: states.position_m[..., 0], direction=2)
    with pytest.raises(InputError, match="air of the Earth"):
        ForceModel(MOON, drag=Drag(0.01))
    with pytest.raises(InputError, match="not one"):
        Plate((1.0, 1.0, 0.0), 1.0, 0.1, 0.1)
    low = one_state(kepler_state(GM_EARTH_M3_S2, 6.9e6, 0.0, 0.0), J2000_TAI_NS, EARTH)
    with pytest.raises(MissingDataError):
        propagate(low, END, ForceModel(EARTH, drag=Drag(0.01)), almanac_with("leap_seconds"))
