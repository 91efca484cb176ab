"""View factor, heat balance and cycle counting against independent numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.materials.thermal import (
    ALBEDO,
    EARTH_INFRARED_W_M2,
    Coupon,
    absorbed_w_m2,
    coupon_temperatures_k,
    earth_view_factor,
    rainflow,
)

STEFAN_BOLTZMANN = 5.670374419e-8
VIEW_TOLERANCE = 1e-4


def integrated_view_factor(tilt: float, h: float) -> float:
    """Return (1/pi) times the integral of max(0, cos) over the cap that the sphere fills, by quadrature."""
    rim = np.arcsin(1.0 / h)
    theta = (np.arange(2000) + 0.5) * rim / 2000
    phi = (np.arange(2000) + 0.5) * 2.0 * np.pi / 2000
    cosine = np.cos(tilt) * np.cos(theta)[:, None] + np.sin(tilt) * np.sin(theta)[:, None] * np.cos(phi)[None]
    weight = np.sin(theta)[:, None] * (rim / 2000) * (2.0 * np.pi / 2000)
    return float(np.sum(np.maximum(cosine, 0.0) * weight) / np.pi)


@pytest.mark.parametrize("h", [1.02, 1.0661, 1.3, 6.6])
@pytest.mark.parametrize("tilt_deg", [0.0, 25.0, 60.0, 80.0, 90.0, 97.0, 120.0, 150.0, 180.0])
def test_the_view_factor_equals_its_integral(h: float, tilt_deg: float) -> None:
    tilt = np.deg2rad(tilt_deg)
    found = float(earth_view_factor(np.array(np.cos(tilt)), np.array(h)))
    assert found == pytest.approx(integrated_view_factor(tilt, h), abs=VIEW_TOLERANCE)


def test_a_plate_in_steady_sunlight_reaches_its_equilibrium() -> None:
    coupon = Coupon(0.5, 0.8)
    heat = np.full((2000, 1), 0.5 * 1361.0)
    final = coupon_temperatures_k(coupon, heat, 30.0)[-1, 0]
    assert final == pytest.approx((0.5 * 1361.0 / (0.8 * STEFAN_BOLTZMANN)) ** 0.25, abs=1e-3)


def test_cooling_in_the_dark_follows_the_closed_solution() -> None:
    coupon = Coupon(0.5, 0.8)
    step = 5.0
    warm = np.full((4000, 1), 400.0)
    dark = np.zeros((400, 1))
    found = coupon_temperatures_k(coupon, np.concatenate([warm, dark]), step)[4000:, 0]
    start = (400.0 / (0.8 * STEFAN_BOLTZMANN)) ** 0.25
    time = step * (np.arange(400) + 1)
    exact = (start**-3 + 3.0 * 0.8 * STEFAN_BOLTZMANN * time / coupon.heat_capacity_j_m2_k) ** (-1.0 / 3.0)
    np.testing.assert_allclose(found, exact, atol=0.05)


def test_a_nadir_plate_over_the_night_side_sees_only_the_infrared() -> None:
    heat = absorbed_w_m2(
        Coupon(0.5, 0.8),
        sunlight_w_m2=np.array([1361.0]),
        lit=np.array([0.0]),
        sun_cosine=np.array([[0.0]]),
        nadir_cosine=np.array([[1.0]]),
        subpoint_sun_cosine=np.array([-1.0]),
        distance_radii=np.array([1.0661]),
    )
    assert float(heat[0, 0]) == pytest.approx(0.8 * EARTH_INFRARED_W_M2 / 1.0661**2, rel=1e-12)
    # The two constants balance: what is not reflected is emitted (238 W/m2).
    assert pytest.approx((1.0 - ALBEDO) * 1361.0 / 4.0) == EARTH_INFRARED_W_M2


def test_the_worked_example_of_the_standard_is_counted_alike() -> None:
    # ASTM E1049-85 (2017), figure 6: peaks and valleys A to I, and the table of cycle counts under it
    cycles = rainflow([-2.0, 1.0, -3.0, 5.0, -1.0, 3.0, -4.0, 4.0, -2.0])
    table: dict[float, float] = {}
    for size, count in zip(cycles.range_k.tolist(), cycles.count.tolist(), strict=True):
        table[size] = table.get(size, 0.0) + count
    assert table == {3.0: 0.5, 4.0: 1.5, 6.0: 0.5, 8.0: 1.0, 9.0: 0.5}


@given(st.lists(st.floats(-100.0, 100.0), max_size=60))
def test_the_largest_range_is_the_whole_span_and_every_reversal_is_counted_once(values: list[float]) -> None:
    cycles = rainflow(values)
    span = max(values) - min(values) if values else 0.0
    assert float(np.max(cycles.range_k, initial=0.0)) == pytest.approx(span, abs=1e-12)
    travelled = float(np.sum(np.abs(np.diff(np.array(values))))) if len(values) > 1 else 0.0
    assert float(np.sum(2.0 * cycles.range_k * cycles.count)) == pytest.approx(travelled, abs=1e-8)


def test_a_steady_temperature_has_no_cycle() -> None:
    assert rainflow([280.0] * 5).count.size == 0
    assert rainflow([]).count.size == 0
