"""Largest probabilities: published cases, dilution, and the closed forms of the small body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.debris.probability.bounds import (
    bound_single_covariance,
    find_dilution,
    integrate_square,
    widen_along_miss,
)
from syzygy.debris.probability.encounter_plane import encounter_planes, planes_from
from syzygy.debris.probability.encounters import Encounter
from syzygy.debris.probability.two_dimensional import integrate_disk

SINGLE_TOLERANCE = 1e-2
SQUARE_TOLERANCE = 1e-3


@pytest.mark.slow
def test_largest_probability_with_one_covariance(
    oracle_rows: Callable[[str], list[dict[str, str]]],
    read_message: Callable[..., Encounter],
    record_accuracy: Callable[..., None],
) -> None:
    off = []
    for row in oracle_rows("single_covariance_max_pc.csv"):
        radius = float(row["hbr_m"])
        for missing, column in (("primary", "max_pc_secondary_cov"), ("secondary", "max_pc_primary_cov")):
            encounter = read_message(f"special/SingleCovTestCase{row['case']}.cdm", radius, without=missing)
            wide = widen_along_miss(encounter_planes(encounter))
            found = integrate_square(wide, np.array([radius * np.sqrt(np.pi) / 2.0]))[0]
            off.append(abs(found / float(row[column]) - 1.0))
    record_accuracy(
        "debris", "single-covariance maximum", max(off), SINGLE_TOLERANCE, "1", "CARA Maximum2DPc", len(off)
    )


def test_frisbee_maximum_of_a_circle(
    oracle_cases: Callable[[str], dict[str, Any]], read_message: Callable[..., Encounter]
) -> None:
    case = oracle_cases("pc_unit.toml")["frisbee"]
    for radius, name in ((5.0, "hbr_5_m"), (10.0, "hbr_10_m")):
        encounter = read_message("special/FrisbeeMaxPcTestCase_Test01.cdm", radius, without="secondary")
        assert abs(bound_single_covariance(encounter)[0] - case[name]) < 5e-7


def test_squares_of_the_cara_tools(oracle_cases: Callable[[str], dict[str, Any]]) -> None:
    case = oracle_cases("pc_unit.toml")["omitron1"]
    from syzygy.debris.probability.encounter_plane import project_to_planes

    r1, v1, r2, v2 = (np.array([case[k]]) * 1e3 for k in ("r1", "v1", "r2", "v2"))
    covariance = (np.array([case["cov1"]]) + np.array([case["cov2"]])) * 1e6
    radius = np.array([case["hbr"] * 1e3])
    planes = project_to_planes(r1 - r2, v1 - v2, covariance, radius)
    planes = planes_from(np.array([[np.linalg.norm(r1 - r2), 0.0]]), planes.covariance_m2, radius)
    for half, name in ((radius, "pc_square"), (radius * np.sqrt(np.pi) / 2, "pc_square_equal_area")):
        assert integrate_square(planes, half)[0] == pytest.approx(case[name], rel=SQUARE_TOLERANCE)


@pytest.mark.slow
@given(st.floats(0.3, 6.0), st.floats(0, 2 * np.pi), st.floats(50.0, 500.0), st.floats(50.0, 500.0))
def test_the_small_body_follows_the_closed_forms(distance: float, angle: float, a: float, b: float) -> None:
    offset = np.array([[distance * a * np.cos(angle), distance * b * np.sin(angle)]])
    planes = planes_from(offset, np.array([[a * a, 0.0, b * b]]), np.array([0.5]))
    found = find_dilution(planes)
    exact = integrate_disk(planes).probability
    np.testing.assert_allclose(found.small_body_probability, exact, rtol=2e-3)
    np.testing.assert_allclose(found.maximum_probability, found.small_body_maximum, rtol=2e-2)
    np.testing.assert_allclose(found.worst_scale, distance / np.sqrt(2.0), rtol=1e-6)
    assert (found.maximum_probability >= exact * (1.0 - 1e-9)).all()
    if abs(found.worst_scale[0] - 1.0) > 0.05:
        assert found.diluted[0] == (distance**2 < 2.0)


@given(st.floats(0.1, 8.0), st.floats(0, 2 * np.pi), st.floats(0.0, 40.0))
def test_no_covariance_along_the_miss_is_worse_than_frisbees(
    distance: float, angle: float, sigma: float
) -> None:
    offset = np.array([[distance * 100.0 * np.cos(angle), distance * 30.0 * np.sin(angle)]])
    known = np.array([[100.0**2, 0.0, 30.0**2]])
    radius = np.array([0.1])
    unit = offset[0] / np.linalg.norm(offset[0])
    extra = (sigma * 30.0) ** 2 * np.array([unit[0] ** 2, unit[0] * unit[1], unit[1] ** 2])
    tried = integrate_disk(planes_from(offset, known + extra, radius)).probability[0]
    worst = integrate_disk(widen_along_miss(planes_from(offset, known, radius))).probability[0]
    assert tried <= worst * (1.0 + 1e-4)


def test_an_offset_inside_the_body_has_maximum_one() -> None:
    planes = planes_from(np.array([[1.0, 0.0]]), np.array([[1e4, 0.0, 1e4]]), np.array([5.0]))
    found = find_dilution(planes)
    assert found.maximum_probability[0] == 1.0
    assert found.diluted[0]
