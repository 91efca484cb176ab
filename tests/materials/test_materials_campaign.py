"""From a month to a campaign: quantiles, activity windows, seasons of sunlight."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.materials.campaign import CLIMATOLOGY_SIGMA, VERSION_SIGMA, fluence_quantiles
from syzygy.materials.exposure import compute_exposure
from syzygy.materials.requests import ExposureRequest
from syzygy.materials.results import ExposureResult

DAY_S = 86400.0
Z95 = 1.6448536269514722
"""95 % point of the normal distribution (Abramowitz & Stegun, table 26.5)."""


def test_the_model_error_alone_is_log_normal() -> None:
    sigma = np.sqrt(CLIMATOLOGY_SIGMA**2 + VERSION_SIGMA**2)
    low, middle, high = fluence_quantiles(np.array([2.0]), None)[0]
    assert middle == 2.0
    assert high == pytest.approx(2.0 * np.exp(Z95 * sigma), rel=1e-12)
    assert low == pytest.approx(2.0 * np.exp(-Z95 * sigma), rel=1e-12)


def test_equal_windows_add_nothing_to_the_model_error() -> None:
    with_windows = fluence_quantiles(np.array([1.0, 3.0]), np.full((40, 2), 1.3))
    np.testing.assert_allclose(with_windows, fluence_quantiles(np.array([1.3, 3.9]), None), rtol=1e-9)


def test_the_mixture_has_the_quantiles_of_a_large_sample() -> None:
    ratios = np.geomspace(0.2, 3.0, 61)[:, None]
    found = fluence_quantiles(np.array([1.0]), ratios)[0]
    rng = np.random.default_rng(7)
    sigma = np.hypot(CLIMATOLOGY_SIGMA, VERSION_SIGMA)
    drawn = ratios[rng.integers(0, 61, 400_000), 0] * np.exp(sigma * rng.standard_normal(400_000))
    np.testing.assert_allclose(found, np.quantile(drawn, [0.05, 0.5, 0.95]), rtol=0.01)


@pytest.mark.slow
def test_windows_near_the_exposure_have_a_ratio_near_one(
    make_request: Callable[..., ExposureRequest], almanac: Almanac
) -> None:
    result = compute_exposure(make_request(duration_s=6.0 * DAY_S, campaign_s=6.0 * DAY_S), almanac)
    activity = result.scaling.activity
    first = int(result.days.utc_day[0])
    # Six days anywhere in the record: near the exposure the ratio is near one, elsewhere F10.7 rules.
    near = np.abs(activity.first_utc_day - first) <= 14
    ram = activity.ratio[:, result.face_names.index("ram")]
    assert 0.5 < ram[near].mean() < 1.5
    assert np.corrcoef(activity.f107_mean_sfu, ram)[0, 1] > 0.9


def test_more_solar_activity_means_more_oxygen_in_every_window(two_days: ExposureResult) -> None:
    activity = two_days.scaling.activity
    ram = activity.ratio[:, two_days.face_names.index("ram")]
    assert np.corrcoef(activity.f107_mean_sfu, ram)[0, 1] > 0.9
    assert ram.min() < 0.5 * ram.max()


def test_quantiles_are_in_order_and_bracket_the_median(two_days: ExposureResult) -> None:
    for quantiles in (two_days.scaling.exposure_quantiles, two_days.scaling.campaign_quantiles):
        assert np.all(np.diff(quantiles, axis=1) > 0.0)


@pytest.mark.slow
def test_sun_hours_of_the_seasons_equal_the_stepped_ones_over_the_same_month(
    make_request: Callable[..., ExposureRequest], almanac: Almanac
) -> None:
    month = 30.0 * DAY_S
    result = compute_exposure(make_request(duration_s=month, campaign_s=month), almanac)
    found, stepped = result.scaling.seasons.sun_hours, result.faces.sun_hours
    np.testing.assert_allclose(found, stepped, rtol=0.02, atol=2.0)
    beta = np.rad2deg(result.scaling.seasons.beta_rad)
    np.testing.assert_allclose(beta[:30], np.rad2deg(result.days.beta_rad[:30]), atol=0.5)
    assert result.scaling.seasons.eclipse_orbits == pytest.approx(len(result.eclipses), abs=1.1 * 15.5)


def test_over_a_year_ram_and_wake_get_the_same_sun(two_days: ExposureResult) -> None:
    hours = dict(zip(two_days.face_names, two_days.scaling.seasons.sun_hours, strict=True))
    assert hours["ram"] == pytest.approx(hours["wake"], rel=1e-6)
    assert hours["sun"] < 8766.0
    assert two_days.scaling.seasons.eclipse_orbits < two_days.scaling.seasons.orbits
