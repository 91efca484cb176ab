"""The two-dimensional probability against numbers that others computed."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import EME2000
from syzygy.debris.probability.closest_approach import move_to_closest_approach
from syzygy.debris.probability.encounter_plane import encounter_planes, planes_from, project_to_planes
from syzygy.debris.probability.encounters import Encounter, make_encounter, uncertain_states
from syzygy.debris.probability.two_dimensional import find_pc_2d, integrate_disk

Rows = Callable[[str], list[dict[str, str]]]
Cases = Callable[[str], dict[str, Any]]
LN_TOLERANCE = 1e-9
UNIT_TOLERANCE = 1e-9
ILL_CONDITIONED_TOLERANCE = 1e-6
CARA_TOLERANCE = 1e-8
TCA_TOLERANCE = 1e-6
ARMELLIN_TOLERANCE = 5e-3


def matrices(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 3, 3) from the columns xx, xy, xz, yy, yz, zz."""
    return columns[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)


def test_sixty_encounters_of_25_digits(oracle_rows: Rows, record_accuracy: Callable[..., None]) -> None:
    a = np.array([[float(x) for x in row.values()] for row in oracle_rows("encounter_pc.csv")])
    planes = project_to_planes(a[:, :3], a[:, 3:6], matrices(a[:, 6:12]), a[:, 12])
    found = integrate_disk(planes)
    np.testing.assert_allclose(planes.squared_mahalanobis, a[:, 13], rtol=1e-9)
    np.testing.assert_allclose(planes.determinant_m4, a[:, 14], rtol=1e-9)
    worst = float(np.abs(found.ln_probability - a[:, 16]).max())
    record_accuracy("debris", "2-D Pc ln", worst, LN_TOLERANCE, "1", "25-digit integration", len(a))


def unprojected_miss(case: dict[str, Any], metres: float) -> tuple[NDArray[np.float64], ...]:
    """Return offset, covariance and radius of a case whose in-plane miss is the unprojected distance."""
    r1, v1, r2, v2 = (np.array([case[k]]) * metres for k in ("r1", "v1", "r2", "v2"))
    covariance = (np.array([case["cov1"]]) + np.array([case["cov2"]])) * metres**2
    radius = np.array([case["hbr"] * metres])
    planes = project_to_planes(r1 - r2, v1 - v2, covariance, radius)
    return np.array([[np.linalg.norm(r1 - r2), 0.0]]), planes.covariance_m2, radius


def test_unit_numbers_of_the_cara_tools(oracle_cases: Cases, record_accuracy: Callable[..., None]) -> None:
    cases = oracle_cases("pc_unit.toml")
    for name, metres, allowed in (
        ("omitron1", 1e3, UNIT_TOLERANCE),
        ("ill_conditioned", 1.0, ILL_CONDITIONED_TOLERANCE),
    ):
        found = integrate_disk(planes_from(*unprojected_miss(cases[name], metres))).probability[0]
        off = abs(found / cases[name]["pc_circle"] - 1.0)
        record_accuracy("debris", f"2-D Pc {name}", off, allowed, "1", "CARA unit tests")


def test_a_plane_that_orekit_integrated(oracle_cases: Cases) -> None:
    case = oracle_cases("pc_unit.toml")["plane"]
    planes = planes_from(
        np.array([[case["xm"], case["ym"]]]),
        np.array([[case["sigma_x"] ** 2, 0.0, case["sigma_y"] ** 2]]),
        np.array([case["radius"]]),
    )
    found = integrate_disk(planes).probability[0]
    assert abs(found / case["patera2005"] - 1.0) < 1e-8
    assert abs(found / 0.009741511558 - 1.0) < 1e-10


def test_real_conjunctions_of_cara_as_printed(
    cara_rows: list[dict[str, str]],
    cara_encounters: list[Encounter],
    record_accuracy: Callable[..., None],
) -> None:
    """Their column takes the unprojected distance as the miss in the plane; so does this test."""
    off = []
    for row, encounter in zip(cara_rows, cara_encounters, strict=True):
        planes = encounter_planes(encounter)
        miss = np.array([[np.linalg.norm(encounter.separation_m), 0.0]])
        found = integrate_disk(planes_from(miss, planes.covariance_m2, planes.radius_m))
        off.append(abs(found.probability[0] / float(row["Pc2D_NoAdj"]) - 1.0))
    record_accuracy("debris", "2-D Pc as printed", max(off), CARA_TOLERANCE, "1", "CARA real CDMs", len(off))


def test_real_conjunctions_of_cara_at_true_closest_approach(
    cara_rows: list[dict[str, str]],
    cara_encounters: list[Encounter],
    record_accuracy: Callable[..., None],
) -> None:
    off = []
    for row, encounter in zip(cara_rows, cara_encounters, strict=True):
        moved = move_to_closest_approach(encounter)
        assert abs(moved.shift_s[0]) < 2e-3
        rate = np.sum(moved.encounter.separation_m * moved.encounter.relative_velocity_m_s)
        assert abs(rate) < 1e-2 * np.linalg.norm(moved.encounter.relative_velocity_m_s)
        off.append(abs(find_pc_2d(moved.encounter).probability[0] / float(row["Pc2D"]) - 1.0))
    record_accuracy("debris", "2-D Pc at true TCA", max(off), TCA_TOLERANCE, "1", "CARA real CDMs", len(off))


def test_two_hundred_real_conjunctions(shared_data: Path, record_accuracy: Callable[..., None]) -> None:
    with gzip.open(shared_data / "debris/conjunctions/armellin_200.csv.gz", "rt") as stream:
        rows = list(csv.reader(stream))
    a = np.array([[float(x) for x in row] for row in rows[1:]])
    sides = []
    for first in (2, 14):
        rtn = a[:, first + 6 : first + 12][:, [0, 3, 4, 1, 5, 2]] * 1e6
        sides.append(
            uncertain_states(
                a[:, first : first + 3] * 1e3, a[:, first + 3 : first + 6] * 1e3, matrices(rtn), axes="rtn"
            )
        )
    encounter = make_encounter(sides[0], sides[1], a[:, 1] * 1e3, frame=EME2000)
    planes = encounter_planes(encounter)
    np.testing.assert_allclose(np.abs(planes.offset_m[:, 0]) / 1e3, a[:, 27], rtol=1e-5)
    off = np.abs(find_pc_2d(encounter).probability / a[:, 26] - 1.0)
    record_accuracy(
        "debris", "2-D Pc of 200 events", float(off.max()), ARMELLIN_TOLERANCE, "1", "Armellin 2021", len(a)
    )


def test_a_covariance_that_is_not_positive_definite_is_mended_and_said(
    read_message: Callable[..., Encounter], oracle_cases: Cases
) -> None:
    case = oracle_cases("pc_unit.toml")["non_positive_definite"]
    encounter = read_message("special/OmitronTestCase_Test07_NonPDCovariance.cdm", case["hbr_m"])
    planes = encounter_planes(encounter)
    assert planes.repair.repaired[0]
    assert "not positive definite" in planes.repair.describe(0)
    assert abs(integrate_disk(planes).probability[0] - case["pc"]) < 1e-10
