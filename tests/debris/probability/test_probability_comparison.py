"""The methods of others against the certified integral and against numbers of Orekit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from syzygy.debris.probability.comparison import (
    find_pc_alfano,
    find_pc_chan,
    find_pc_patera,
    find_pc_serra,
)
from syzygy.debris.probability.encounter_plane import EncounterPlanes, planes_from
from syzygy.debris.probability.two_dimensional import integrate_disk

PLANES = 2000


@pytest.fixture(scope="module")
def planes() -> EncounterPlanes:
    random = np.random.default_rng(2005)
    sigma = 10 ** random.uniform(0.5, 2.5, (PLANES, 2))
    offset = random.normal(size=(PLANES, 2)) * sigma * 1.5
    correlation = random.uniform(-0.9, 0.9, PLANES)
    covariance = np.stack([sigma[:, 0] ** 2, correlation * sigma.prod(axis=1), sigma[:, 1] ** 2], -1)
    return planes_from(offset, covariance, 10 ** random.uniform(-0.5, 1.0, PLANES))


@pytest.mark.slow
def test_exact_methods_agree_with_the_certified_integral(
    planes: EncounterPlanes, record_accuracy: Callable[..., None]
) -> None:
    ours = integrate_disk(planes).probability
    patera = float(np.abs(find_pc_patera(planes) - ours).max())
    record_accuracy("debris", "2-D Pc against Patera contour", patera, 1e-13, "1", "Patera 2005", PLANES)
    serra = find_pc_serra(planes)
    done = np.isfinite(serra)
    assert done.mean() > 0.95
    off = float(np.abs(serra[done] / ours[done] - 1.0).max())
    record_accuracy("debris", "2-D Pc against Serra series", off, 1e-9, "1", "Serra 2016", int(done.sum()))


def test_approximate_methods_come_as_close_as_they_claim(planes: EncounterPlanes) -> None:
    ours = integrate_disk(planes).probability
    assert np.median(np.abs(find_pc_alfano(planes) / ours - 1.0)) < 5e-4
    small = planes.radius_m < 0.1 * planes.sigmas_m[:, 1]
    assert np.abs(find_pc_chan(planes)[small] / ours[small] - 1.0).max() < 0.05


def test_one_plane_of_orekit(oracle_cases: Callable[[str], dict[str, Any]]) -> None:
    case = oracle_cases("pc_unit.toml")["plane"]
    plane = planes_from(
        np.array([[case["xm"], case["ym"]]]),
        np.array([[case["sigma_x"] ** 2, 0.0, case["sigma_y"] ** 2]]),
        np.array([case["radius"]]),
    )
    assert find_pc_chan(plane)[0] == pytest.approx(case["chan1997"], rel=1e-8)
    assert find_pc_patera(plane)[0] == pytest.approx(case["patera2005"], rel=1e-8)
    assert find_pc_serra(plane)[0] == pytest.approx(case["laas2015"], rel=1e-8)
    assert find_pc_alfano(plane)[0] == pytest.approx(case["alfano2005"], rel=2e-4)
