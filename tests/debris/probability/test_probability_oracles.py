"""Beyond the plane: expected crossings, Monte Carlo and verdicts against published numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from syzygy.astro.frames import EME2000
from syzygy.debris.probability.crossings import expect_crossings, find_most_probable_contact_s
from syzygy.debris.probability.encounters import Encounter, make_encounter, uncertain_states
from syzygy.debris.probability.linked_motion import link_pair
from syzygy.debris.probability.monte_carlo import sample_plainly, sample_where_it_matters
from syzygy.debris.probability.two_dimensional import find_pc_2d
from syzygy.debris.probability.verdict import assess_encounter

Record = Callable[..., None]
CROSSINGS_TOLERANCE = 1e-3
ALFANO_2D_TOLERANCE = 1e-5
ALFANO_3D_TOLERANCE = 1e-3
ALFANO_TRUTH_TOLERANCE = 1e-2
HALF_WINDOW_S = 1200.0
SAMPLES = 100_000
PLAIN_SAMPLES = 20_000
SIGMAS = 3.5


def alfano(case: dict[str, Any]) -> Encounter:
    sides = [
        uncertain_states(
            case[f"tca_r{i}_m"], case[f"tca_v{i}_m_s"], np.array([case[f"tca_cov{i}"]]), axes="inertial"
        )
        for i in (1, 2)
    ]
    return make_encounter(sides[0], sides[1], case["hbr_m"], frame=EME2000)


@pytest.mark.slow
def test_expected_crossings_of_27_real_conjunctions(
    cara_rows: list[dict[str, str]], cara_encounters: list[Encounter], record_accuracy: Record
) -> None:
    """Both columns, and the values lie inside the published Monte-Carlo intervals of 4e9 samples."""
    off_2d, off_3d, outside = [], [], []
    for row, encounter in zip(cara_rows, cara_encounters, strict=True):
        found = expect_crossings(link_pair(encounter, 0), -HALF_WINDOW_S, HALF_WINDOW_S)
        off_2d.append(abs(np.exp(found.ln_expected_2d) / float(row["Nc2D"]) - 1.0))
        off_3d.append(abs(np.exp(found.ln_expected_3d) / float(row["Nc3D"]) - 1.0))
        for value in (np.exp(found.ln_expected_2d), np.exp(found.ln_expected_3d)):
            if not float(row["PcSDMCLo"]) <= value <= float(row["PcSDMCHi"]):
                outside.append(row["Conjunction_ID"])
    assert not outside
    record_accuracy("debris", "Nc2D", max(off_2d), CROSSINGS_TOLERANCE, "1", "CARA real CDMs", len(off_2d))
    record_accuracy("debris", "Nc3D", max(off_3d), CROSSINGS_TOLERANCE, "1", "CARA real CDMs", len(off_3d))


@pytest.mark.slow
def test_weighted_monte_carlo_of_27_real_conjunctions(
    cara_rows: list[dict[str, str]], cara_encounters: list[Encounter], record_accuracy: Record
) -> None:
    """Ours and theirs differ by no more than both errors allow, for probabilities down to 1e-7."""
    off = []
    for number, (row, encounter) in enumerate(zip(cara_rows, cara_encounters, strict=True)):
        pair = link_pair(encounter, 0)
        peak = find_most_probable_contact_s(pair, -HALF_WINDOW_S, HALF_WINDOW_S)
        ours = sample_where_it_matters(
            pair, peak, -HALF_WINDOW_S, HALF_WINDOW_S, samples=SAMPLES, seed=1000 + number
        )
        hits, trials = int(row["NhitSDMC"]), int(row["NtotSDMC"])
        theirs = hits / trials
        sigma = np.hypot((ours.high - ours.low) / 2 / 1.96, np.sqrt(hits) / trials)
        off.append(abs(ours.probability - theirs) / sigma)
    record_accuracy("debris", "Monte Carlo against CARA", max(off), SIGMAS, "sigma", "CARA SDMC", len(off))
    assert np.sqrt(np.mean(np.square(off))) < 1.5


@pytest.mark.parametrize("name", ["case01", "case03", "case05", "case09", "case11"])
def test_plane_probability_of_alfano_2009(
    name: str, oracle_cases: Callable[[str], dict[str, Any]], record_accuracy: Record
) -> None:
    case = oracle_cases("alfano_2009.toml")[name]
    off = abs(find_pc_2d(alfano(case)).probability[0] / case["pc_2d_cara"] - 1.0)
    record_accuracy("debris", f"2-D Pc Alfano {name}", off, ALFANO_2D_TOLERANCE, "1", "Alfano 2009")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["case01", "case03", "case05", "case09", "case11"])
def test_expected_crossings_of_alfano_2009(
    name: str, oracle_cases: Callable[[str], dict[str, Any]], record_accuracy: Record
) -> None:
    """The counted interval is that of +- span about closest approach; formations need no exception."""
    case = oracle_cases("alfano_2009.toml")[name]
    found = expect_crossings(link_pair(alfano(case), 0), -case["span_s"], case["span_s"])
    value = np.exp(found.ln_expected_3d)
    off, truth = abs(value / case["pc_3d"] - 1.0), abs(value / case["pc_mc"] - 1.0)
    record_accuracy("debris", f"Nc3D Alfano {name}", off, ALFANO_3D_TOLERANCE, "1", "CARA Pc3D_Hall")
    record_accuracy("debris", f"Nc3D truth {name}", truth, ALFANO_TRUTH_TOLERANCE, "1", "Alfano 2009, 1e8")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["case01", "case03", "case05", "case09", "case11"])
def test_plain_monte_carlo_of_alfano_2009(
    name: str, oracle_cases: Callable[[str], dict[str, Any]], record_accuracy: Record
) -> None:
    """Their hits are entries: pairs that overlap at the begin (8 % of case 9) are not among them."""
    case = oracle_cases("alfano_2009.toml")[name]
    pair = link_pair(alfano(case), 0)
    ours = sample_plainly(pair, -case["span_s"], case["span_s"], samples=PLAIN_SAMPLES)
    entered = (ours.hits - ours.hits_at_begin) / PLAIN_SAMPLES
    sigma = np.sqrt(case["pc_mc"] * (1.0 - case["pc_mc"]) / PLAIN_SAMPLES)
    off = float(abs(entered - case["pc_mc"]) / sigma)
    record_accuracy("debris", f"Monte Carlo Alfano {name}", off, SIGMAS, "sigma", "Alfano 2009, 1e8 samples")


@pytest.mark.slow
def test_verdicts_of_27_real_conjunctions(
    cara_rows: list[dict[str, str]], cara_encounters: list[Encounter]
) -> None:
    """The 2-D value is trusted exactly where the published flags say so; the advice is in their interval."""
    for row, encounter in zip(cara_rows, cara_encounters, strict=True):
        found = assess_encounter(encounter, monte_carlo="never")
        assert (found.method == "2-D") == (row["ViolationsPc2D"] == "0"), row["Conjunction_ID"]
        assert found.verdict == "valid"
        assert found.low <= float(row["PcSDMCHi"])
        assert found.high >= float(row["PcSDMCLo"])
        assert found.reasons
        assert found.would_change


def test_a_missing_covariance_gives_a_bound_and_two_give_none(cara_encounters: list[Encounter]) -> None:
    whole = cara_encounters[0]
    bare = uncertain_states(whole.secondary.position_m, whole.secondary.velocity_m_s, None, axes="rtn")
    one = assess_encounter(make_encounter(whole.primary, bare, 10.0, frame=EME2000))
    assert (one.method, one.verdict, one.low) == ("bound", "bound only", 0.0)
    assert 0.0 < one.pc == one.high
    bare_1 = uncertain_states(whole.primary.position_m, whole.primary.velocity_m_s, None, axes="rtn")
    none = assess_encounter(make_encounter(bare_1, bare, 10.0, frame=EME2000))
    assert (none.method, none.verdict, none.low, none.high) == ("none", "no probability", 0.0, 1.0)


@pytest.mark.slow
def test_hard_messages_get_a_verdict(read_message: Callable[..., Encounter]) -> None:
    """Not positive definite, and a slow encounter of which the 2-D value is 15 powers of ten too low."""
    broken = assess_encounter(read_message("special/OmitronTestCase_Test07_NonPDCovariance.cdm", 20.0))
    assert any("not positive definite" in reason for reason in broken.reasons)
    assert broken.pc < 1e-10
    slow = assess_encounter(read_message("special/OmitronTestCase_Test08_3DNc.cdm", 20.0))
    assert slow.method != "2-D"
    assert slow.pc > 1e10 * slow.pc_2d
