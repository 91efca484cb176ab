"""Indices from the recorded space weather: right day, right history, no bursts, no silent forecast."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.environment.indices import constant_indices, look_up_indices, prepare_indices
from syzygy.astro.environment.space_weather import MONTHLY_PREDICTED, OBSERVED, SpaceWeather
from syzygy.base.errors import CoverageError, InputError
from syzygy.formats.space_weather import read_space_weather

FILE_ROUNDING_SFU = 0.06
"""The file gives means rounded to 0.1 sfu, from daily values rounded to 0.1 sfu."""


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


@pytest.fixture(scope="module")
def recent(test_data: Path) -> SpaceWeather:
    return read_space_weather((test_data / "materials" / "space_weather_excerpt.txt").read_bytes())


@pytest.fixture(scope="module")
def burst_year(test_data: Path) -> SpaceWeather:
    return read_space_weather((test_data / "materials" / "space_weather_2005.txt.gz").read_bytes())


@pytest.fixture(scope="module")
def whole_record(shared_data: Path) -> SpaceWeather:
    return read_space_weather((shared_data / "materials" / "spaceweather" / "SW-All.txt.gz").read_bytes())


def test_the_flux_is_the_observed_one_of_the_day_before(recent: SpaceWeather) -> None:
    table = prepare_indices(recent)
    found = look_up_indices(table, np.array([day("2025-05-06")]), np.array([100.0]))
    assert found.f107_sfu[0] == 158.6  # line of 2025 05 05, observed (adjusted would be 161.4)


def test_the_ap_history_counts_back_in_three_hour_steps(recent: SpaceWeather) -> None:
    table = prepare_indices(recent)
    today = day("2025-05-06")
    row = today - table.first_utc_day
    flat = recent.ap.reshape(-1)
    now = row * 8 + 4  # 12:00 to 15:00
    found = look_up_indices(table, np.array([today]), np.array([13.5 * 3600.0])).ap[0]
    assert found[0] == recent.ap_daily[row]
    np.testing.assert_array_equal(found[1:5], [flat[now], flat[now - 1], flat[now - 2], flat[now - 3]])
    # means of the eight values from 12 to 33 h and from 36 to 57 h before
    assert found[5] == np.mean(flat[now - 11 : now - 3])
    assert found[6] == np.mean(flat[now - 19 : now - 11])


def test_the_known_bursts_are_found_and_nothing_else_of_2005(burst_year: SpaceWeather) -> None:
    table = prepare_indices(burst_year)
    # X-class flare days of August and September 2005 (SOURCES.md of the record: bursts, not background)
    assert [entry.date for entry in table.replaced] == ["2005-08-22", "2005-09-09", "2005-09-13"]
    used = {entry.date: entry.used_sfu for entry in table.replaced}
    assert used["2005-09-09"] == pytest.approx((94.1 + 109.7) / 2, abs=12.0)
    assert table.f107_sfu.max() < 150.0


def test_the_mean_is_recomputed_without_the_bursts(burst_year: SpaceWeather) -> None:
    table = prepare_indices(burst_year)
    row = day("2005-09-09") - table.first_utc_day
    removed = sum(entry.recorded_sfu - entry.used_sfu for entry in table.replaced)
    change = burst_year.f107_mean81_centred_sfu[row] - table.f107_mean81_sfu[row]
    assert change == pytest.approx(removed / 81, abs=FILE_ROUNDING_SFU)


def test_the_recomputed_mean_equals_the_file_where_nothing_was_replaced(whole_record: SpaceWeather) -> None:
    table = prepare_indices(whole_record)
    observed = whole_record.kind == OBSERVED
    given = whole_record.f107_mean81_centred_sfu[observed]
    touched = np.zeros(given.size + 80, dtype=bool)
    for entry in table.replaced:
        row = entry.utc_day - table.first_utc_day
        touched[row : row + 81] = True
    clean = ~touched[40 : 40 + given.size] & np.isfinite(table.f107_mean81_sfu)
    assert clean.sum() > 20000
    assert np.abs(table.f107_mean81_sfu - given)[clean].max() < FILE_ROUNDING_SFU


def test_no_burst_survives_in_the_whole_record_and_the_background_stays(whole_record: SpaceWeather) -> None:
    table = prepare_indices(whole_record)
    dates = {entry.date for entry in table.replaced}
    flare_days = {"2001-04-05", "2001-04-06", "2001-12-28", "2003-11-04", "2005-09-09", "2006-12-06"}
    assert flare_days | {"2011-03-07", "2024-07-30"} <= dates
    assert {"1997-03-01", "1998-03-02"} <= dates  # the dips
    genuine = {"1979-11-10", "1989-06-15", "1991-01-30", "2003-10-26", "2024-08-08"}
    assert not genuine & dates
    assert not any(date < "1997" for date in dates)
    assert table.f107_sfu.max() < 400.0
    assert len(dates) < 35


def test_a_forecast_is_refused_unless_allowed_and_then_labelled(recent: SpaceWeather) -> None:
    forecast_day = np.array([day("2025-07-22")])
    with pytest.raises(CoverageError, match="does not cover"):
        look_up_indices(prepare_indices(recent), forecast_day, np.array([0.0]))
    found = look_up_indices(prepare_indices(recent, allow_predicted=True), forecast_day, np.array([0.0]))
    assert bool(found.predicted[0])


def test_the_last_forty_days_rest_on_a_forecast_mean(recent: SpaceWeather) -> None:
    second = np.array([0.0])
    strict, open_ = prepare_indices(recent), prepare_indices(recent, allow_predicted=True)
    assert not look_up_indices(strict, np.array([day("2025-06-10")]), second).predicted[0]
    with pytest.raises(CoverageError, match="allow forecasts"):
        look_up_indices(strict, np.array([day("2025-06-11")]), second)
    assert look_up_indices(open_, np.array([day("2025-06-11")]), second).predicted[0]


@pytest.mark.parametrize("date", ["2025-02-10", "2025-03-03", "2025-09-01", "2030-01-01"])
def test_a_day_outside_the_record_is_an_error(recent: SpaceWeather, date: str) -> None:
    table = prepare_indices(recent, allow_predicted=True)
    with pytest.raises(CoverageError) as caught:
        look_up_indices(table, np.array([day(date)]), np.array([0.0]))
    assert caught.value.value == date
    assert "2025-03-01 to 2025-07-20" in caught.value.allowed


def test_a_gap_in_the_record_is_an_error_not_an_interpolation(recent: SpaceWeather) -> None:
    gap = recent.select(recent.utc_day != day("2025-05-10"))
    table = prepare_indices(gap, allow_predicted=True)
    with pytest.raises(CoverageError):
        look_up_indices(table, np.array([day("2025-05-11")]), np.array([0.0]))


def test_a_record_of_monthly_forecasts_alone_is_refused(recent: SpaceWeather) -> None:
    with pytest.raises(CoverageError, match="no usable day"):
        prepare_indices(recent.select(recent.kind == MONTHLY_PREDICTED), allow_predicted=True)


def test_days_out_of_order_are_refused(recent: SpaceWeather) -> None:
    days = recent.utc_day.copy()
    days[5] = days[4]
    with pytest.raises(InputError, match="not increasing"):
        SpaceWeather(
            days,
            recent.kp,
            recent.ap,
            recent.ap_daily,
            recent.f107_observed_sfu,
            recent.f107_adjusted_sfu,
            recent.f107_mean81_centred_sfu,
            recent.kind,
        )


def test_a_part_of_the_table_answers_like_the_whole(recent: SpaceWeather) -> None:
    table = prepare_indices(recent)
    days = np.repeat(np.arange(day("2025-05-01"), day("2025-05-06")), 8)
    seconds = np.tile(np.arange(8) * 10800.0 + 1.0, 5)
    whole = look_up_indices(table, days, seconds)
    part = look_up_indices(table.between(day("2025-05-01"), day("2025-05-05")), days, seconds)
    np.testing.assert_array_equal(part.ap, whole.ap)
    np.testing.assert_array_equal(part.f107_sfu, whole.f107_sfu)
    np.testing.assert_array_equal(part.f107_mean81_sfu, whole.f107_mean81_sfu)
    assert table.between(day("2025-05-01"), day("2025-05-05")).f107_sfu.size == 8


def test_constant_indices_repeat_one_activity() -> None:
    indices = constant_indices(140.0, 15.0, 3)
    assert indices.ap.shape == (3, 7)
    assert not indices.predicted.any()
