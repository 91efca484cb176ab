"""Two-body flights: closure, reversal, energy, dense output between steps, partial derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from tests.astro.propagation_truth import J2000_TAI_NS, almanac_with, kepler_state, one_state

from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.constants import GM_EARTH_M3_S2
from syzygy.astro.forces import ForceModel, PointMass
from syzygy.astro.frames import EME2000
from syzygy.astro.propagation.propagator import check_propagation, prepare_propagation, propagate
from syzygy.astro.states import States
from syzygy.base.errors import ComputationError, CoverageError, FrameError, InputError, UnknownNameError

CLOSURE = 1e-14
PER_REVOLUTION = 1e-14
DENSE = 1e-12
A, E = 1.2e7, 0.4
PERIOD_S = 2.0 * np.pi * np.sqrt(A**3 / GM_EARTH_M3_S2)
TWO_BODY = ForceModel(EARTH, time_variable="TT")


def _fly(duration_s, *, start=0.0, **options):
    almanac = almanac_with("leap_seconds")
    state = one_state(kepler_state(GM_EARTH_M3_S2, A, E, start), J2000_TAI_NS, EARTH)
    end = J2000_TAI_NS + round(duration_s * 1e9)
    return propagate(state, end, TWO_BODY, almanac, **options)[0], end


def _truth(seconds):
    anomaly = np.sqrt(GM_EARTH_M3_S2 / A**3) * seconds
    return kepler_state(GM_EARTH_M3_S2, A, E, anomaly)


def test_one_revolution_closes_to_the_rounding_of_doubles(record_accuracy) -> None:
    flight, end = _fly(PERIOD_S)
    got = flight.states(end)
    truth = _truth((end - J2000_TAI_NS) / 1e9)
    error = np.linalg.norm(got.position_m - truth[:3]) / A
    record_accuracy(
        "propagation", "closure of one revolution", error, CLOSURE, "relative", "Kepler's equation", 1
    )


def test_a_hundred_revolutions_keep_energy_and_phase(record_accuracy) -> None:
    flight, end = _fly(100 * PERIOD_S)
    got = flight.states(end)
    energy = np.sum(got.velocity_m_s**2) / 2 - GM_EARTH_M3_S2 / np.linalg.norm(got.position_m)
    drift = abs(energy / (-GM_EARTH_M3_S2 / (2 * A)) - 1.0)
    record_accuracy("propagation", "energy drift in 100 revolutions", drift, 5e-15, "relative", "closed form")
    error = np.linalg.norm(got.position_m - _truth((end - J2000_TAI_NS) / 1e9)[:3]) / A
    record_accuracy("propagation", "phase in 100 revolutions", error, 5e-12, "relative", "Kepler's equation")


def test_states_between_the_steps_follow_the_closed_form(record_accuracy) -> None:
    flight, _ = _fly(PERIOD_S)
    instants = J2000_TAI_NS + np.linspace(0, PERIOD_S * 1e9, 1001).astype(np.int64)
    truth = np.array([_truth((t - J2000_TAI_NS) / 1e9) for t in instants])
    got = flight.states(instants)
    error = np.max(np.linalg.norm(got.position_m - truth[:, :3], axis=1)) / A
    record_accuracy("propagation", "dense output", error, DENSE, "relative", "Kepler's equation", 1001)
    speed = np.max(np.linalg.norm(got.velocity_m_s - truth[:, 3:], axis=1))
    assert speed < 1e-6


def test_flying_back_returns_to_the_start(record_accuracy) -> None:
    flight, end = _fly(3 * PERIOD_S)
    there = flight.states(np.array([end]))
    (back,) = propagate(there, J2000_TAI_NS, TWO_BODY, almanac_with("leap_seconds"))
    start = back.states(J2000_TAI_NS).position_m
    error = np.linalg.norm(start - _truth(0.0)[:3]) / A
    record_accuracy("propagation", "reversal of three revolutions", error, 5e-14, "relative", "start", 1)
    assert back.span_tai_ns == flight.span_tai_ns


def test_the_transition_matrix_is_that_of_finite_differences_and_symplectic() -> None:
    flight, end = _fly(0.7 * PERIOD_S, transition=True, parameters=("gm",))
    matrix = flight.transition(end)
    almanac = almanac_with("leap_seconds")
    state = kepler_state(GM_EARTH_M3_S2, A, E, 0.0)
    steps = np.array([10.0, 10.0, 10.0, 0.01, 0.01, 0.01])
    for k in range(6):
        ends = []
        for sign in (1.0, -1.0):
            moved = state.copy()
            moved[k] += sign * steps[k]
            got = propagate(one_state(moved, J2000_TAI_NS, EARTH), end, TWO_BODY, almanac)[0].states(end)
            ends.append(np.concatenate([got.position_m, got.velocity_m_s]))
        column = (ends[0] - ends[1]) / (2 * steps[k])
        assert np.allclose(matrix[:, k], column, rtol=1e-7, atol=1e-8 * np.abs(matrix[:, k]).max())
    unit = np.block([[np.zeros((3, 3)), np.eye(3)], [-np.eye(3), np.zeros((3, 3))]])
    scale = np.diag([1.0] * 3 + [PERIOD_S] * 3)
    scaled = scale @ matrix @ np.linalg.inv(scale)
    assert np.abs(scaled.T @ unit @ scaled - unit).max() < 1e-9
    more = ForceModel(EARTH, GM_EARTH_M3_S2 * (1 + 1e-7), time_variable="TT")
    moved = propagate(one_state(state, J2000_TAI_NS, EARTH), end, more, almanac)[0].states(end)
    there = flight.states(end)
    slope = (moved.position_m - there.position_m) / (GM_EARTH_M3_S2 * 1e-7)
    assert np.allclose(flight.partials(end)[:3, 0], slope, rtol=1e-5)


def test_a_batch_gives_the_bits_of_single_flights() -> None:
    almanac = almanac_with("leap_seconds")
    rows = np.array([kepler_state(GM_EARTH_M3_S2, A, E, phase) for phase in (0.1, 1.0, 3.0)])
    batch = States(rows[:, :3], rows[:, 3:], np.full(3, J2000_TAI_NS), one_state(rows[0], 0, EARTH).frame)
    end = J2000_TAI_NS + 10**13
    together = propagate(batch, end, TWO_BODY, almanac)
    for row, flight in zip(rows, together, strict=True):
        (alone,) = propagate(one_state(row, J2000_TAI_NS, EARTH), end, TWO_BODY, almanac)
        assert np.array_equal(alone.dense.powers, flight.dense.powers)


def test_a_rerun_states_how_far_the_numbers_can_be_trusted() -> None:
    flight, _ = _fly(5 * PERIOD_S)
    check = check_propagation(flight, almanac_with("leap_seconds"))
    assert check.rerun_tolerance == pytest.approx(5e-11)
    assert check.rerun_position_m < 1e-5


def test_what_cannot_be_flown_is_refused() -> None:
    almanac = almanac_with("leap_seconds")
    state = kepler_state(GM_EARTH_M3_S2, A, E, 0.0)
    good = one_state(state, J2000_TAI_NS, EARTH)
    end = J2000_TAI_NS + 10**12
    with pytest.raises(InputError, match="tolerance"):
        propagate(good, end, TWO_BODY, almanac, tolerance=1e-17)
    with pytest.raises(InputError, match="no duration"):
        propagate(good, J2000_TAI_NS, TWO_BODY, almanac)
    wrong = States(state[:3], state[3:], np.array(J2000_TAI_NS), EME2000)
    with pytest.raises(FrameError, match="frame"):
        propagate(wrong, end, TWO_BODY, almanac)
    with pytest.raises(FrameError, match="centre"):
        propagate(good, end, ForceModel(MOON), almanac)
    with pytest.raises(UnknownNameError):
        propagate(good, end, TWO_BODY, almanac, transition=True, parameters=("drag",))
    falling = np.concatenate([state[:3], 0.1 * state[3:]])
    with pytest.raises(ComputationError, match="enters a body"):
        propagate(one_state(falling, J2000_TAI_NS, EARTH), end, TWO_BODY, almanac)
    flight = propagate(good, end, TWO_BODY, almanac)[0]
    with pytest.raises(CoverageError, match="outside the propagated flight"):
        flight.states(end + 10**9)
    with pytest.raises(InputError, match="partial"):
        flight.transition(end)
    tables = prepare_propagation(J2000_TAI_NS, end, TWO_BODY, almanac)
    with pytest.raises(InputError, match="do not fit"):
        propagate(good, end + 10**12, TWO_BODY, almanac, tables=tables)


def test_an_epoch_outside_the_ephemeris_is_refused() -> None:
    almanac = almanac_with("ephemeris")
    force = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
    state = one_state(kepler_state(GM_EARTH_M3_S2, A, E, 0.0), J2000_TAI_NS, EARTH)
    with pytest.raises(CoverageError):
        propagate(state, J2000_TAI_NS + 260 * 31_557_600 * 10**9, force, almanac)
