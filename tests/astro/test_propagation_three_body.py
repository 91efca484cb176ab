"""The circular three-body problem against a periodic orbit computed elsewhere."""

from __future__ import annotations

import tomllib

import numpy as np
import pytest
from tests.astro.propagation_truth import DATA

from syzygy.astro.propagation.three_body import ThreeBodyProblem, propagate_three_body
from syzygy.base.errors import InputError


@pytest.fixture(scope="module")
def orbit() -> dict:
    return tomllib.loads((DATA / "nrho_9_2.toml").read_text())


def test_the_9_to_2_halo_closes_over_its_period(orbit, record_accuracy) -> None:
    problem = ThreeBodyProblem(orbit["mu"])
    start = np.array(orbit["state_apolune"])
    path = propagate_three_body(problem, start, orbit["period"])
    end = path.states(np.array([orbit["period"]]))[0]
    record_accuracy(
        "propagation", "closure of the 9:2 NRHO", np.abs(end - start).max(), 1e-12, "units of the problem",
        "independent Taylor and DOP853 integrators",
    )  # fmt: skip
    drift = abs(problem.jacobi(end) - problem.jacobi(start))
    record_accuracy("propagation", "Jacobi drift of the NRHO", drift, 5e-15, "non-dimensional", "start")
    assert float(problem.jacobi(start)) == pytest.approx(orbit["jacobi"], abs=1e-10)
    moon = np.array([1.0 - orbit["mu"], 0.0, 0.0])
    distance = np.linalg.norm(path.states(np.linspace(0, orbit["period"], 4001))[:, :3] - moon, axis=1)
    assert distance.min() * orbit["length_km"] == pytest.approx(orbit["perilune_km"], abs=0.2)
    assert distance.max() * orbit["length_km"] == pytest.approx(orbit["apolune_km"], abs=0.01)


def test_the_stability_pair_of_the_halo_is_that_given(orbit) -> None:
    path = propagate_three_body(
        ThreeBodyProblem(orbit["mu"]), np.array(orbit["state_apolune"]), orbit["period"], transition=True
    )
    matrix = path.transition(np.array([orbit["period"]]))[0]
    assert np.linalg.det(matrix) == pytest.approx(1.0, abs=1e-8)
    alpha = 2.0 - np.trace(matrix)
    beta = (alpha**2 + 2.0 - np.trace(matrix @ matrix)) / 2.0
    root = np.sqrt(alpha**2 - 4.0 * beta + 8.0)
    pair = sorted([(-alpha - root) / 4.0, (-alpha + root) / 4.0])
    assert pair == pytest.approx(orbit["stability_pair"], abs=2e-6)


def test_impossible_problems_are_refused() -> None:
    with pytest.raises(InputError):
        ThreeBodyProblem(0.7)
    with pytest.raises(InputError):
        propagate_three_body(ThreeBodyProblem(0.01), np.zeros(5), 1.0)
