"""The trend: an outlook that keeps its mean and its band, series put together, and the time to decide."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.frames import EME2000
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.debris.probability.b_plane import PlaneView, look_along, plane_axes
from syzygy.debris.probability.development import USUAL_POWER, fit_shrinking, foresee, surprise
from syzygy.debris.probability.encounter_plane import planes_from
from syzygy.debris.probability.encounters import make_encounter, uncertain_states
from syzygy.debris.probability.requests import TrendRequest
from syzygy.debris.probability.series import SURPRISING
from syzygy.debris.probability.trend import TrendResult, find_trend
from syzygy.debris.probability.trend_picture import draw_trend
from syzygy.debris.probability.two_dimensional import integrate_disk

pytestmark = pytest.mark.slow
COVARIANCE = np.array([[400.0**2, 30_000.0], [30_000.0, 150.0**2]])
RADIUS_M = 15.0
HOUR_S = 3600.0
MEAN_TOLERANCE = 1e-3


def pc_2d(miss: np.ndarray, covariance: np.ndarray) -> float:
    plane = np.array([[covariance[0, 0], covariance[0, 1], covariance[1, 1]]])
    return float(integrate_disk(planes_from(miss[None], plane, np.array([RADIUS_M]))).probability[0])


@pytest.mark.parametrize("miss", [(100.0, 50.0), (700.0, -100.0), (0.0, 0.0)])
def test_the_mean_of_later_values_is_the_value_of_today(
    miss: tuple[float, float], record_accuracy: Callable[..., None]
) -> None:
    """A martingale; 1e-3 allows for the sampling of a skewed quantity."""
    start = np.array(miss)
    later = np.array([60.0, 36.0, 20.0]) * HOUR_S
    found = foresee(
        start, COVARIANCE, RADIUS_M, 72 * HOUR_S, later, 1.5, threshold=1e-4, draws=200_000, seed=3
    )
    off = float(np.abs(found.mean / pc_2d(start, COVARIANCE) - 1.0).max())
    record_accuracy(
        "debris", f"mean of the outlook {miss}", off, MEAN_TOLERANCE, "1", "martingale identity", len(later)
    )


def test_the_band_and_the_reversal_hold_what_they_promise() -> None:
    """Simulated truths: later messages fall into the 90 % band, and above the threshold, as often as said."""
    random = np.random.default_rng(12)
    start = np.array([300.0, 20.0])
    shrink = 20.0 / 72.0
    found = foresee(
        start, COVARIANCE, RADIUS_M, 72 * HOUR_S, np.array([20 * HOUR_S]), 1.0, threshold=1e-4, draws=50_000
    )
    count = 4000
    truth = start + random.multivariate_normal(np.zeros(2), COVARIANCE, count)
    later_covariance = COVARIANCE * shrink**2
    # The later estimate joins today's and new knowledge, which is the truth plus noise.
    fresh = np.linalg.inv(np.linalg.inv(later_covariance) - np.linalg.inv(COVARIANCE))
    seen = truth + random.multivariate_normal(np.zeros(2), fresh, count)
    gain = COVARIANCE @ np.linalg.inv(COVARIANCE + fresh)
    later = start + (seen - start) @ gain.T
    values = np.array([pc_2d(miss, later_covariance) for miss in later])
    inside = np.mean((values >= found.low[0]) & (values <= found.high[0]))
    assert inside == pytest.approx(0.90, abs=4 * np.sqrt(0.9 * 0.1 / count))
    above = np.mean(values > 1e-4)
    assert above == pytest.approx(found.above[0], abs=4 * np.sqrt(0.25 / count))


@pytest.mark.parametrize(("power", "seed"), [(0.5, 20260704), (1.0, 20260705), (2.0, 20260706)])
def test_bands_hold_along_a_whole_series_of_messages(power: float, seed: int) -> None:
    """A truth is drawn, then message after message measures it and shrinks as said: 90 % in each band.

    95 % where the lower end of a band is below the range of a double: nothing is below it.
    """
    random = np.random.default_rng(seed)
    hours, count = np.array([96.0, 60.0, 30.0]), 3000
    start = np.array([350.0, -60.0])
    found = foresee(
        start, COVARIANCE, RADIUS_M, 120 * HOUR_S, hours * HOUR_S, power, threshold=1e-4, draws=50_000
    )
    truth = start + random.multivariate_normal(np.zeros(2), COVARIANCE, count)
    estimate, known = np.tile(start, (count, 1)), COVARIANCE
    for k, hour in enumerate(hours):
        wanted = COVARIANCE * (hour / 120.0) ** (2.0 * power)
        noise = np.linalg.inv(np.linalg.inv(wanted) - np.linalg.inv(known))
        measured = truth + random.multivariate_normal(np.zeros(2), noise, count)
        estimate = estimate + (measured - estimate) @ (known @ np.linalg.inv(known + noise)).T
        known = wanted
        plane = np.tile([known[0, 0], known[0, 1], known[1, 1]], (count, 1))
        value = integrate_disk(planes_from(estimate, plane, np.full(count, RADIUS_M))).probability
        inside = float(np.mean((value >= found.low[k]) & (value <= found.high[k])))
        above = float(np.mean(value > 1e-4))
        print(f"seed {seed}, power {power:g}, {hour:g} h: {inside:.3f} in the band, {above:.3f} above")
        share = 0.90 if found.low[k] > 1e-300 else 0.95
        assert inside == pytest.approx(share, abs=4 * np.sqrt(0.9 * 0.1 / count))
        assert above == pytest.approx(found.above[k], abs=4 * np.sqrt(0.25 / count))


def test_an_event_that_cannot_happen_stands_down(request_: TrendRequest, tmp_path: Path) -> None:
    """Where the value is below the range of a double, later messages must not be said to bring it up."""
    files = []
    for file in request_.events[:6]:
        text = file.read().decode()
        text = re.sub(r"(?m)^(C[RTN](?:DOT)?_[RTN](?:DOT)?\s*=\s*)([-+.0-9eE]+)", _shrunk, text)
        place = tmp_path / file.name
        place.write_text(text)
        files.append(bind_input(place))
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    series = find_trend(replace(request_, events=tuple(files)), almanac).series[0]
    assert series.last.event.assessment.pc < 1e-200
    assert series.advice == "stand down"
    assert series.outlook is not None
    assert series.outlook.mean.max() < 1e-6


def _shrunk(found: re.Match[str]) -> str:
    return f"{found[1]}{1e-8 * float(found[2]):.9e}"


def test_the_shrinking_is_fitted_or_said_to_be_assumed() -> None:
    hours = np.array([150.0, 100.0, 60.0, 30.0])
    found = fit_shrinking(hours, 5.0 * hours**1.7)
    assert found.fitted
    assert found.power == pytest.approx(1.7)
    short = fit_shrinking(hours[:2], hours[:2])
    assert (short.power, short.fitted) == (USUAL_POWER, False)


def test_honest_changes_seldom_surprise() -> None:
    random = np.random.default_rng(5)
    changes = random.multivariate_normal(np.zeros(2), COVARIANCE, 5000)
    values = np.array([surprise(change, np.zeros(2), COVARIANCE) for change in changes])
    assert np.mean(values > SURPRISING) == pytest.approx(0.01, abs=0.006)
    assert values.mean() == pytest.approx(2.0, rel=0.1)


@pytest.fixture(scope="module")
def request_(repository: Path) -> TrendRequest:
    inputs = repository / "examples/joint-programme/inputs/debris"
    messages = [
        *sorted((inputs / "series").glob("*.cdm")),
        *sorted((inputs / "conjunctions").glob("*.cdm"))[1:],
    ]
    return TrendRequest(tuple(bind_input(path) for path in messages), draws=4000)


@pytest.fixture(scope="module")
def result(request_: TrendRequest) -> TrendResult:
    return find_trend(request_, build_almanac(("leap_seconds", "earth_orientation")))


def test_messages_of_one_event_become_one_history(result: TrendResult) -> None:
    assert [len(item.messages) for item in result.series] == [6, 1, 1]
    hours = np.asarray(result.history["hours_to_tca"], dtype=float)[:6]
    np.testing.assert_allclose(hours, [153.0, 129.0, 105.0, 81.0, 57.0, 33.1], atol=0.01)
    assert result.series[0].shrinking.power == pytest.approx(1.2, abs=0.02), "as the series was made"
    assert not result.series[1].shrinking.fitted


def test_the_series_has_no_surprise_and_an_open_decision(result: TrendResult) -> None:
    first = result.series[0]
    assert all(not m.surprise > SURPRISING for m in first.messages)
    assert first.advice == "wait"
    assert result.decisions["last_responsible_utc"][0] == "2022-04-07T11:11:08.880Z"
    assert first.outlook is not None
    assert first.outlook.mean[0] == pytest.approx(first.last.event.assessment.pc, rel=1e-6)


def test_too_late_and_stand_down_are_said(request_: TrendRequest) -> None:
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    late = find_trend(replace(request_, events=request_.events[:6], lead_s=40 * HOUR_S), almanac)
    assert late.series[0].advice == "too late"
    calm = find_trend(replace(request_, events=request_.events[:6], act_above=0.5), almanac)
    assert calm.series[0].advice == "stand down"


def test_order_and_repetition_of_the_files_change_nothing(request_: TrendRequest, tmp_path: Path) -> None:
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    series = request_.events[:6]
    (tmp_path / "again.cdm").write_bytes(series[1].read().replace(b"COMMENT", b"COMMENT again,", 1))
    mixed = (*series[::-1], bind_input(tmp_path / "again.cdm"))
    plain, found = (find_trend(replace(request_, events=files), almanac) for files in (series, mixed))
    assert found.decisions.rows() == plain.decisions.rows()
    assert [row["created_utc"] for row in found.history.rows()] == [
        row["created_utc"] for row in plain.history.rows()
    ]
    (again,) = found.rejected.rows()
    assert (again["what"], len(plain.rejected)) == ("the same message again", 0)
    assert "nothing is lost" in str(again["hint"])


def test_a_message_without_a_covariance_stays_in_the_history(request_: TrendRequest, tmp_path: Path) -> None:
    """It tells the miss, no probability of its own; a series that ends with it has no outlook and waits."""
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    bare = []
    for file in request_.events[:6]:
        text = re.sub(r"(?m)^(C[RTN](?:DOT)?_[RTN](?:DOT)?\s*=\s*)\S+", r"\g<1>0.0", file.read().decode())
        (tmp_path / file.path.name).write_text(text)
        bare.append(bind_input(tmp_path / file.path.name))
    within = find_trend(
        replace(request_, events=(*request_.events[:2], bare[2], *request_.events[3:6])), almanac
    )
    assert (
        np.isnan(np.asarray(within.history["pc_2d"], dtype=float)).tolist()
        == [False] * 2 + [True] + [False] * 3
    )
    assert within.series[0].outlook is not None
    assert within.series[0].shrinking.fitted
    last = find_trend(replace(request_, events=(*request_.events[:5], bare[5])), almanac)
    assert last.series[0].outlook is None
    assert last.series[0].advice == "wait"


def test_the_next_decision_is_a_key_figure_with_its_event(result: TrendResult) -> None:
    figures = {figure.label: figure.value for figure in result.key_figures()}
    open_ones = [item for item in result.series if item.advice in ("act now", "wait")]
    times = [str(row["last_responsible_utc"]) for row in result.decisions.rows()]
    due = min(times[result.series.index(item)] for item in open_ones)
    assert figures["next decision due by"].startswith(due)
    stated = np.asarray(result.history["stated_pc"], dtype=float)
    assert np.isfinite(stated).any()
    assert set(result.history["originator"].tolist()) != {""}


def test_the_picture_is_the_same_each_time(result: TrendResult) -> None:
    assert draw_trend(result, "light") == draw_trend(result, "light")
    assert draw_trend(result, "dark").startswith(b"<?xml")


def test_updates_of_real_events_stay_within_their_covariances(
    shared_data: Path, record_accuracy: Callable[..., None]
) -> None:
    """Rows of one event among 200 real conjunctions (undated: the larger covariance is the earlier)."""
    with gzip.open(shared_data / "debris/conjunctions/armellin_200.csv.gz", "rt") as stream:
        a = np.array([[float(x) for x in row] for row in list(csv.reader(stream))[1:]])
    sides = []
    for first in (2, 14):
        rtn = a[:, first + 6 : first + 12][:, [0, 3, 4, 3, 1, 5, 4, 5, 2]].reshape(-1, 3, 3) * 1e6
        position, velocity = a[:, first : first + 3] * 1e3, a[:, first + 3 : first + 6] * 1e3
        sides.append(uncertain_states(position, velocity, rtn, axes="rtn"))
    encounter = make_encounter(sides[0], sides[1], a[:, 1] * 1e3, frame=EME2000)
    speed = np.linalg.norm(encounter.relative_velocity_m_s, axis=1)
    own = sides[0].velocity_m_s
    values = []
    for i in range(len(a)):
        for j in range(i):
            same = abs(speed[i] - speed[j]) < 0.5 and np.linalg.norm(own[i] - own[j]) < 100.0
            if same and a[i, 1] == a[j, 1]:
                pair = [encounter.select(np.array([k])) for k in (i, j)]
                views = sorted((look_along(one, plane_axes(pair[0])) for one in pair), key=_size)
                values.append(surprise(views[0].miss_m, views[1].miss_m, views[1].summed_m2))
    assert len(values) > 60
    share = float(np.mean(np.array(values) > SURPRISING))
    record_accuracy(
        "debris", "updates that surprise", share, 0.05, "share", "Armellin 2021, real events", len(values)
    )


def _size(view: PlaneView) -> float:
    return float(np.linalg.det(view.summed_m2))
