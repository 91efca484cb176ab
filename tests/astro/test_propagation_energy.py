"""What a field without time keeps, flights there and back, and the check that every propagation can carry."""

from __future__ import annotations

import numpy as np
import pytest
from tests.astro.propagation_truth import J2000_TAI_NS, almanac_with, kepler_state, one_state

from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.forces import FieldForce, ForceModel, GravityField, PointMass, tables
from syzygy.astro.propagation.propagator import propagate

DRIFT = 5e-15
CLOSURE_M = 1e-4
SECOND = 1_000_000_000
DAY_NS = 86_400 * SECOND
J2, J3, RADIUS_M, GM = 1.0826e-3, -2.53e-6, 6_378_136.3, 3.986004415e14
FLYBY = np.array(
    (1942919.5980941, 5505930.88636041, 3029830.44244464, -10424.78414045, 3009.34850747, 1216.32302113)
)
EPOCH = int(np.datetime64("2026-04-02T00:00:37", "ns").astype(np.int64))


def _zonal() -> GravityField:
    cosine = np.zeros((4, 4))
    cosine[0, 0], cosine[2, 0], cosine[3, 0] = 1.0, -J2 / np.sqrt(5.0), -J3 / np.sqrt(7.0)
    return GravityField("J2, J3", GM, RADIUS_M, cosine, np.zeros((4, 4)), "tide_free", "")


@pytest.fixture
def still_axes(monkeypatch) -> None:
    """A field about a fixed pole: energy and the polar angular momentum are kept."""
    still = lambda tai_ns: np.broadcast_to(np.eye(3), (*np.shape(tai_ns), 3, 3))  # noqa: E731
    monkeypatch.setattr(tables, "body_axes", lambda body, almanac: still)
    monkeypatch.setattr(tables, "split_spin", lambda matrix, angle: np.array(matrix))
    monkeypatch.setattr(tables, "SPINS_RAD_S", {EARTH.naif_id: 0.0})


def _energy(position, velocity) -> np.ndarray:
    """Closed form with Legendre's polynomials, as Vallado (2013), eq. 8-19, has it."""
    r = np.linalg.norm(position, axis=-1)
    s, q = position[..., 2] / r, RADIUS_M / r
    p2, p3 = 1.5 * s**2 - 0.5, 2.5 * s**3 - 1.5 * s
    potential = -GM / r * (1.0 - J2 * q**2 * p2 - J3 * q**3 * p3)
    return np.sum(velocity**2, axis=-1) / 2.0 + potential


@pytest.mark.slow
def test_a_zonal_field_keeps_energy_and_polar_momentum(still_axes, record_accuracy) -> None:
    force = ForceModel(EARTH, fields=(FieldForce(EARTH, _zonal()),), time_variable="TT")
    flat = kepler_state(GM, 1.2e7, 0.4, 0.3)
    c, s = np.cos(1.1), np.sin(1.1)
    turn = np.array([[1.0, 0.0, 0.0], [0.0, c, -s], [0.0, s, c]])
    state = np.concatenate([turn @ flat[:3], turn @ flat[3:]])
    end = J2000_TAI_NS + 10 * DAY_NS
    (flight,) = propagate(one_state(state, J2000_TAI_NS, EARTH), end, force, almanac_with("leap_seconds"))
    ends = flight.states(np.array([J2000_TAI_NS, end]))
    energy = _energy(ends.position_m, ends.velocity_m_s)
    drift = abs(energy[1] / energy[0] - 1.0)
    record_accuracy(
        "propagation", "energy in a zonal field, 66 revolutions", drift, DRIFT, "relative", "closed form"
    )
    momentum = np.cross(ends.position_m, ends.velocity_m_s)[:, 2]
    turned = abs(momentum[1] / momentum[0] - 1.0)
    record_accuracy(
        "propagation", "polar momentum in a zonal field", turned, DRIFT, "relative", "kept quantity"
    )


@pytest.mark.slow
def test_five_days_to_the_moon_and_back_close(record_accuracy) -> None:
    force = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
    almanac = almanac_with("ephemeris")
    end = EPOCH + 4 * DAY_NS
    (there,) = propagate(one_state(FLYBY, EPOCH, EARTH), end, force, almanac)
    (back,) = propagate(there.states(np.array([end])), EPOCH, force, almanac)
    error = np.linalg.norm(back.states(EPOCH).position_m - FLYBY[:3])
    record_accuracy("propagation", "four days towards the Moon and back", error, CLOSURE_M, "m", "start")


@pytest.mark.slow
@pytest.mark.parametrize(("days", "allowed_m"), [(30, 1e-3), (100, 1e-2)])
def test_no_tolerance_stops_a_fly_by_on_the_way(days: int, allowed_m: float, record_accuracy) -> None:
    """Late in a flight rounded time moves the Moon; far out the pulls of Earth and Sun all but cancel."""
    force = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
    almanac = almanac_with("ephemeris")
    end = EPOCH + days * DAY_NS
    errors = []
    for tolerance in 10.0 ** -np.arange(6.0, 13.0):
        (there,) = propagate(one_state(FLYBY, EPOCH, EARTH), end, force, almanac, tolerance=tolerance)
        (back,) = propagate(there.states(np.array([end])), EPOCH, force, almanac, tolerance=tolerance)
        errors.append(np.linalg.norm(back.states(EPOCH).position_m - FLYBY[:3]))
    record_accuracy(
        "propagation", f"fly-by of {days} days and back, 1e-6 to 1e-12", max(errors), allowed_m, "m",
        "start", len(errors),
    )  # fmt: skip


@pytest.mark.slow
def test_the_check_states_energy_and_rerun_and_sees_a_coarse_flight(record_accuracy) -> None:
    force = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
    almanac = almanac_with("ephemeris")
    start, end = one_state(FLYBY, EPOCH, EARTH), EPOCH + 3 * DAY_NS
    (fine,) = propagate(start, end, force, almanac, check=True)
    (silent,) = propagate(start, end, force, almanac)
    assert silent.report.check is None
    assert fine.report.check is not None
    record_accuracy(
        "propagation", "energy less work, 3 days towards the Moon", fine.report.check.energy_defect, 1e-13,
        "relative", "work of the forces by quadrature",
    )  # fmt: skip
    assert fine.report.check.rerun_position_m < 1e-2
    eccentric = one_state(kepler_state(EARTH.gm_m3_s2, 4e7, 0.8, 0.3), EPOCH, EARTH)
    one, other = (
        propagate(eccentric, end, ForceModel(EARTH), almanac, tolerance=t, check=True)[0].report.check
        for t in (1e-3, 1e-9)
    )
    assert one is not None
    assert other is not None
    assert one.rerun_position_m > 10.0 * other.rerun_position_m
    assert one.energy_defect > 10.0 * other.energy_defect
