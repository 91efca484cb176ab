"""The study as a whole, on a sample of the catalogue: a plan, its tables, its messages, its picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.base.provenance import bind_input
from syzygy.debris.avoidance.design import design_avoidance
from syzygy.debris.avoidance.messages import write_messages
from syzygy.debris.avoidance.picture import draw_avoidance
from syzygy.debris.avoidance.requests import AvoidanceRequest
from syzygy.debris.avoidance.result import AvoidanceResult
from syzygy.debris.probability.cases import INVENTED
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.study import find_collision_probability
from syzygy.formats.ccsds import read_message

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(asked: AvoidanceRequest, oriented: Almanac) -> AvoidanceResult:
    return design_avoidance(asked, oriented)


def test_the_plan_solves_the_event_and_makes_no_other(found: AvoidanceResult) -> None:
    assert found.probability_before > 1e-5 >= found.probability_after
    assert len(found.plan) == 1
    assert np.asarray(found.encounters["pc"]).max(initial=0.0) <= 1e-5
    assert len(found.encounters) > 5


def test_no_smaller_candidate_is_safe(found: AvoidanceResult) -> None:
    safe = np.asarray(found.candidates["verdict"]) == "safe"
    total = np.asarray(found.candidates["total_m_s"], dtype=np.float64)
    assert np.asarray(found.plan["size_m_s"]).sum() == pytest.approx(total[safe].min())


def test_all_messages_pass_the_strict_check(found: AvoidanceResult) -> None:
    made = write_messages(found)
    assert {"plan.opm", "new_orbit.oem", "event_before.cdm"} <= set(made)
    for name, content in made.items():
        assert read_message(content, name=name, strict=True).diagnostics == ()


def test_what_is_invented_is_still_said_to_be_so_by_every_message(
    found: AvoidanceResult, oriented: Almanac, tmp_path: Path
) -> None:
    """Read again, a message of the plan ranks; it does not pass for a covariance that somebody determined."""
    for name, content in write_messages(found).items():
        if name.endswith(".cdm"):
            (tmp_path / name).write_bytes(content)
            assert content.count(b"= DEFAULT") == 2
            assert b"*** INVENTED COVARIANCE ***" in content
    files = tuple(bind_input(path) for path in sorted(tmp_path.glob("*.cdm")))
    read = find_collision_probability(ProbabilityRequest(files, monte_carlo="never"), oriented)
    assert set(read.probabilities["verdict"].tolist()) == {"ranking only"}
    assert {figure.label: figure.value for figure in found.key_figures()}["the event rests on"] == INVENTED


def test_a_determined_covariance_is_handed_over_as_one(found: AvoidanceResult) -> None:
    over = found.handover
    determined = replace(over, before=replace(over.before, covariance_source="message x.cdm"))
    content = write_messages(replace(found, handover=determined))["event_before.cdm"]
    assert content.count(b"= CALCULATED") == 2
    assert b"INVENTED" not in content


def test_the_picture_is_the_same_twice_in_both_themes(found: AvoidanceResult) -> None:
    for theme in ("light", "dark"):
        assert draw_avoidance(found, theme) == draw_avoidance(found, theme)


def test_a_wide_covariance_needs_no_burn_and_says_that_it_is_invented(
    asked: AvoidanceRequest, oriented: Almanac
) -> None:
    wide = replace(asked, model_sigma_m=(5e3, 2e4, 5e3))
    result = design_avoidance(wide, oriented)
    assert not result.needed
    assert len(result.plan) == 0
    assert "INVENTED" in result.narrative().models


def test_a_box_that_nothing_fits_leaves_no_plan(asked: AvoidanceRequest, oriented: Almanac) -> None:
    result = design_avoidance(replace(asked, max_axis_change_m=0.1), oriented)
    assert len(result.plan) == 0
    assert "no safe plan" in result.narrative().validity
    assert "box" in set(np.asarray(result.candidates["verdict"]).tolist())


def test_the_message_of_the_event_leads_to_the_same_burn(
    found: AvoidanceResult, asked: AvoidanceRequest, oriented: Almanac, tmp_path: Any
) -> None:
    place = tmp_path / "event.cdm"
    place.write_bytes(write_messages(found)["event_before.cdm"])
    again = design_avoidance(replace(asked, event=bind_input(place), objects=(), tca_tai_ns=None), oriented)
    assert again.handover.before.covariance_source.startswith(INVENTED)
    assert again.probability_before == pytest.approx(found.probability_before, rel=1e-3)
    assert np.asarray(again.plan["size_m_s"])[0] == pytest.approx(
        np.asarray(found.plan["size_m_s"])[0], rel=0.02
    )
