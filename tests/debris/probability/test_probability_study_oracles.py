"""The study as it is used, on the messages of CARA, against their published Monte Carlo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.study import ProbabilityResult, find_collision_probability

pytestmark = pytest.mark.slow
OUTSIDE_ALLOWED = 4
"""Of 27 intervals of 95 %: more than four misses happen once in a hundred times."""


@pytest.fixture(scope="module")
def result(shared_data: Path) -> ProbabilityResult:
    files = tuple(bind_input(path) for path in sorted((shared_data / "debris/cdm/cara").glob("*.cdm")))
    return find_collision_probability(
        ProbabilityRequest(files), build_almanac(("leap_seconds", "earth_orientation"))
    )


def test_the_recommended_values_lie_in_the_published_intervals(
    result: ProbabilityResult, cara_rows: list[dict[str, str]], record_accuracy: Callable[..., None]
) -> None:
    published = {row["Conjunction_ID"] + ".cdm": row for row in cara_rows}
    outside = 0
    for row in result.probabilities.rows():
        low, high = (float(published[str(row["cdm"])][name]) for name in ("PcSDMCLo", "PcSDMCHi"))
        unknown = "no knowledge of the orbit" in str(row["reasons"])
        assert row["verdict"] == ("covariance in doubt" if unknown else "valid")
        assert float(str(row["pc_low"])) <= high
        assert float(str(row["pc_high"])) >= low
        outside += not low <= float(str(row["pc"])) <= high
    record_accuracy(
        "debris", "recommended Pc outside the published interval", outside, OUTSIDE_ALLOWED, "of 27",
        "CARA SDMC, 95 %", len(cara_rows),
    )  # fmt: skip


def test_the_messages_own_values_are_two_dimensional(result: ProbabilityResult) -> None:
    """They print Foster 1992 with four digits."""
    for row in result.probabilities.rows():
        assert row["pc_2d"] == pytest.approx(row["stated_pc"], rel=2e-2)


def test_the_shared_density_error_is_read_from_every_message_and_can_be_taken_out(
    result: ProbabilityResult, shared_data: Path
) -> None:
    path = shared_data / "debris/cdm/cara/000032060_conj_000050346_20220311_070404_20220305_230151.cdm"
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    request = ProbabilityRequest((bind_input(path),), cross_correlation=True, monte_carlo="always")
    found = find_collision_probability(request, almanac).probabilities.rows()[0]
    beside = next(row for row in result.methods.rows() if row["cdm"] == path.name)
    assert found["pc_2d"] == pytest.approx(beside["pc_2d_correlated"], rel=1e-9)
    sampled = str(found["reasons"])
    assert "Monte Carlo agrees" in sampled, "the correlated clouds of the upper steps are the same"
