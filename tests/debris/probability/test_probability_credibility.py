"""Doubtful input: nothing unreliable is called valid, no interval is upside down, nothing is left unsaid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syzygy.astro.frames import EME2000
from syzygy.base.errors import SyzygyError
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.debris.probability import verdict
from syzygy.debris.probability.assessing import AssessedCase, Settings, Task, assess_case
from syzygy.debris.probability.cases import ConjunctionCase, Printed
from syzygy.debris.probability.credibility import doubt_covariance, doubt_radius
from syzygy.debris.probability.crossings import Crossings
from syzygy.debris.probability.decision import Thresholds, at_effective_miss
from syzygy.debris.probability.encounter_plane import planes_from
from syzygy.debris.probability.encounters import (
    Encounter,
    UncertainStates,
    make_encounter,
    uncertain_states,
)
from syzygy.debris.probability.monte_carlo import MonteCarlo, clopper_pearson
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.study import ProbabilityResult, find_collision_probability
from syzygy.debris.probability.two_dimensional import integrate_disk

pytestmark = pytest.mark.slow
GM = 3.986004418e14
MAX_SIGMA_M = 50_000.0
ACT = 1e-4


def unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.linalg.norm(vector))


def draw_side(random: np.random.Generator, position: np.ndarray, velocity: np.ndarray) -> UncertainStates:
    """Draw a covariance that may be usual, absurd, singular, not positive definite, partial or missing."""
    if random.random() < 0.08:
        return uncertain_states(position, velocity, None, axes="rtn")
    wild = random.random() < 0.4
    sigma = 10 ** (
        random.uniform([-4, -4, -4], [3, 6.5, 3]) if wild else random.uniform([0.5, 1, 0.3], [2.5, 4.5, 2])
    )
    scales = np.concatenate([sigma, sigma[[1, 0, 2]] * 1e-3 * 10 ** random.uniform(-2, 1)])
    factor = random.normal(size=(6, 6 if random.random() < 0.75 else 2))
    product = factor @ factor.T
    root = np.sqrt(np.diag(product))
    correlation = np.eye(6) if random.random() < 0.25 else product / root[:, None] / root
    covariance = correlation * scales[:, None] * scales
    if random.random() < 0.15:
        i, j = random.integers(0, 6, 2)
        covariance[i, j] *= random.choice([-10.0, 10.0, 0.1])
        covariance[j, i] = covariance[i, j]
    size = 3 if random.random() < 0.1 else 6
    return uncertain_states(position, velocity, covariance[None, :size, :size], axes="rtn")


def draw_encounter(seed: int) -> Encounter:
    random = np.random.default_rng(seed)
    axis, eccentricity = random.uniform(6.6e6, 4.5e7), random.choice([0.0, 1e-4, 0.02, 0.5]) * random.random()
    normal = unit(random.normal(size=3))
    first = unit(np.cross(normal, random.normal(size=3)))
    second, anomaly = np.cross(normal, first), random.uniform(0.0, 6.28)
    c, s = np.cos(anomaly), np.sin(anomaly)
    width = axis * (1 - eccentricity**2)
    position = width / (1 + eccentricity * c) * (c * first + s * second)
    velocity = np.sqrt(GM / width) * (-s * first + (eccentricity + c) * second)
    speed = float(random.choice([1e-3, 0.5, 20.0, 300.0, 5000.0])) * 10 ** random.uniform(-0.5, 0.3)
    relative = speed * unit(random.normal(size=3))
    away = unit(np.cross(relative, random.normal(size=3))) * 10 ** random.uniform(-3, 5)
    if random.random() < 0.2:
        away = away + relative * 10 ** random.uniform(-4, 2)
    radius = 10 ** random.uniform(-1.5, 3.0) if random.random() < 0.3 else random.uniform(1.0, 30.0)
    sides = [
        draw_side(random, position + k * away, velocity + k * relative)
        for k in (0.0, 1.0)
    ]  # fmt: skip
    return make_encounter(*sides, radius, frame=EME2000, tca_tai_ns=10**18)


def case_of(encounter: Encounter, stated: float = float("nan")) -> ConjunctionCase:
    doubts = [
        *doubt_covariance("primary", encounter.primary, MAX_SIGMA_M),
        *doubt_covariance("secondary", encounter.secondary, MAX_SIGMA_M),
        *doubt_radius(float(encounter.hard_body_radius_m[0])),
    ]
    source = "message (calculated)"
    return ConjunctionCase(
        "m", "m", "", encounter, ("1", "2"), ("a", "b"), 0, "message", (source, source),
        Printed(probability=stated), (), None, tuple(doubts),
    )  # fmt: skip


def assess(encounter: Encounter, monte_carlo: str = "never", stated: float = float("nan")) -> AssessedCase:
    asked = Settings(
        Thresholds(ACT, 1e-7), monte_carlo, "two-body", 2000, 1, None, (0.25, 4.0), False
    )  # fmt: skip
    found = assess_case(Task(case_of(encounter, stated), asked))
    if isinstance(found, SyzygyError):
        raise found
    return found


@contextmanager
def any_ladder(seed: int, ln_2d: float) -> Iterator[None]:
    """Let the upper steps say anything, nan and infinity among it, and Monte Carlo any number of hits."""
    random = np.random.default_rng(seed)

    def value() -> float:
        usual = [ln_2d + random.normal() * spread for spread in (1e-3, 0.3, 30.0)]
        odd = [np.nan, -np.inf, np.inf, 3.0, -1e5]
        return float(random.choice([*usual, *odd], p=[0.5, 0.15, 0.15, 0.05, 0.05, 0.03, 0.04, 0.03]))

    def crossings(pair: object, begin_s: float, end_s: float) -> Crossings:
        settled, covered = (bool(random.random() < 0.85) for _ in range(2))
        width = float(random.choice([0.1, 50.0, np.inf]))
        passes = int(random.integers(1, 3))
        return Crossings(value(), value(), 0.1, width, begin_s, end_s, settled, covered, passes)

    def sample(*_: object) -> MonteCarlo:
        hits = int(random.choice([0, 1, 500, 2000]))
        factor = 1.0 if random.random() < 0.8 else 1e-3
        return MonteCarlo(factor * hits / 2000, *clopper_pearson(hits, 2000), hits, 2000, 1, False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdict, "expect_crossings", crossings)
        patch.setattr(verdict, "_sample", sample)
        yield


def is_reliable(found: AssessedCase) -> bool:
    for side in (found.encounter.primary, found.encounter.secondary):
        largest = np.sqrt(max(np.linalg.eigvalsh(side.covariance[0, :3, :3])[-1], 0.0))
        if not (side.covariance_known[0] and 0.1 <= largest <= MAX_SIGMA_M):
            return False
    return bool(0.05 <= found.encounter.hard_body_radius_m[0] <= 500.0)


@given(seed=st.integers(0, 2**32 - 1), monte_carlo=st.sampled_from(["needed", "always", "never"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_verdict_is_upside_down_or_trusts_what_is_not_reliable(seed: int, monte_carlo: str) -> None:
    encounter = draw_encounter(seed)
    planes = planes_from(np.array([[100.0, 0.0]]), np.array([[1e4, 0.0, 1e4]]), np.array([10.0]))
    with any_ladder(seed, float(integrate_disk(planes).ln_probability[0])):
        try:
            found = assess(encounter, monte_carlo)
        except SyzygyError:
            return
    answer = found.assessment
    if answer.verdict == "no probability":
        assert (answer.method, found.advice) == ("none", "undecided")
    else:
        assert 0.0 <= answer.low <= answer.pc <= answer.high <= 1.0
        assert answer.pc > 0.0
        assert np.isfinite(answer.ln_pc)
    if answer.verdict == "valid":
        assert is_reliable(found)
        assert answer.method == "Monte Carlo" or np.isfinite(answer.nc_3d)
    if not is_reliable(found):
        assert found.advice != "act"
    said = "; ".join((*found.reasons, *found.would_change))
    assert not re.search(r"\b(nan|inf)\b", said), said


@pytest.mark.parametrize("seed", [4, 12, 31, 58])
def test_the_real_ladder_keeps_the_same_promises(seed: int) -> None:
    found = assess(draw_encounter(seed)).assessment
    assert found.verdict == "no probability" or found.low <= found.pc <= found.high


@pytest.fixture(scope="module")
def special(shared_data: Path) -> Callable[..., dict[str, object]]:
    def row(name: str, *changes: tuple[str, str], tmp: Path | None = None) -> dict[str, object]:
        path = shared_data / "debris/cdm" / name
        if tmp is not None:
            text = path.read_text()
            for old, new in changes:
                assert re.search(old, text, re.MULTILINE), old
                text = re.sub(old, new, text, flags=re.MULTILINE)
            path = tmp / path.name
            path.write_text(text)
        result = run(path)
        return result.probabilities.rows()[0]

    return row


def run(path: Path) -> ProbabilityResult:
    almanac = build_almanac(("leap_seconds", "earth_orientation"))
    return find_collision_probability(ProbabilityRequest((bind_input(path),), monte_carlo="never"), almanac)


def test_a_covariance_of_thousands_of_kilometres_is_no_valid_one(
    special: Callable[..., dict[str, object]],
) -> None:
    """Not positive definite, 2,297 km: neither the value nor its smallness may stand."""
    row = special("special/OmitronTestCase_Test07_NonPDCovariance.cdm")
    assert row["verdict"] != "valid"
    assert row["advice"] == "undecided"
    assert "not positive definite" in str(row["reasons"])
    assert "the covariance is not realistic" in str(row["reasons"])
    assert "can be believed" in str(row["would_change"])
    assert "all sigmas" not in str(row["would_change"]), "no scaling of the sigmas reaches 1e-12"


CARA = "cara/000043477_conj_000046952_20220130_183651_20220129_070200.cdm"


@pytest.mark.parametrize(
    ("changes", "verdict_", "says"),
    [
        ([(r"^(COMMENT HBR\s*=).*$", r"\1 600 [m]")], "input in doubt", "no pair of objects"),
        ([(r"^(COMMENT HBR\s*=).*$", r"\1 0.0031 [m]")], "input in doubt", "no pair of objects"),
        ([(r"^COMMENT HBR.*\n", "")], "valid", "DEFAULT 20 m"),
        ([(r"^(MISS_DISTANCE\s*=).*$", r"\1 1.575 [m]")], "input in doubt", "kilometres for metres?"),
        ([(r"^(COVARIANCE_METHOD\s*=).*$", r"\1 DEFAULT")], "covariance in doubt", "default covariance"),
        (
            [
                (r"^(C[RTN]_[RTN]\s*=\s*)[-+.0-9eE]+", r"\g<1>1.0e-6"),
                (r"^(C([RTN])_\2\s*=\s*)[-+.0-9eE]+", r"\g<1>1.0e-4"),
            ],
            "bound only",
            "better than any tracking",
        ),
    ],
    ids=["radius large", "radius small", "radius missing", "miss in km", "default", "tiny"],
)
def test_each_doubt_has_its_verdict_and_its_words(
    changes: list[tuple[str, str]],
    verdict_: str,
    says: str,
    special: Callable[..., dict[str, object]],
    tmp_path: Path,
) -> None:
    row = special(CARA, *changes, tmp=tmp_path)
    assert (row["verdict"], says in str(row["reasons"])) == (verdict_, True), row["reasons"]
    if verdict_ != "valid":
        assert row["advice"] != "act"


def rotated(side: UncertainStates) -> UncertainStates:
    """Return the covariance as if inertial axes had been taken for those of the orbit."""
    from syzygy.astro.frames import rtn_axes

    turn = np.kron(np.eye(2), rtn_axes(side.position_m, side.velocity_m_s)[0])
    return replace(side, covariance=(turn @ side.covariance[0] @ turn.T)[None])


def test_covariances_in_other_axes_are_noticed_and_true_ones_are_not(shared_data: Path) -> None:
    noticed, falsely, count = 0, 0, 0
    for path in sorted((shared_data / "debris/cdm/cara").glob("*.cdm")):
        almanac = build_almanac(("leap_seconds", "earth_orientation"))
        from syzygy.debris.probability.cases import load_messages
        from syzygy.debris.probability.sizes import RadiusRules

        rules = RadiusRules(None, {}, False, 20.0)
        case = load_messages([bind_input(path)], almanac, rules, max_sigma_m=1e9).cases[0]
        for side in (case.encounter.primary, case.encounter.secondary):
            count += 1
            falsely += bool(doubt_covariance("one", side, 1e9))
            noticed += bool(doubt_covariance("one", rotated(side), 1e9))
    assert (count, falsely) == (54, 0)
    assert noticed >= 50, noticed


def test_a_stated_probability_of_another_unit_is_noticed() -> None:
    encounter = draw_encounter(0)
    position, velocity = encounter.primary.position_m[0], encounter.primary.velocity_m_s[0]
    across = unit(np.cross(position, velocity))
    sigma = np.diag(np.array([50.0, 400.0, 30.0, 0.4, 0.05, 0.03]) ** 2)[None]
    away, faster = 200.0 * unit(position), 3000.0 * across
    sides = [
        uncertain_states(position + k * away, velocity + k * faster, sigma, axes="rtn") for k in (0.0, 1.0)
    ]
    real = make_encounter(*sides, 10.0, frame=EME2000, tca_tai_ns=10**18)
    pc = assess(real).assessment.pc_2d
    small = [replace(side, covariance=side.covariance * 1e-6) for side in sides]
    wrong = assess(make_encounter(*small, 10.0, frame=EME2000, tca_tai_ns=10**18), stated=pc)
    assert "km^2 given as m^2?" in "; ".join(wrong.reasons)
    assert wrong.assessment.verdict != "valid"


@pytest.mark.parametrize("ln_value", [-5.0, -30.0, -900.0, -2e5])
def test_the_effective_miss_gives_the_value_it_is_made_for(ln_value: float) -> None:
    planes = planes_from(np.array([[300.0, 0.0]]), np.array([[9e4, 1e3, 4e3]]), np.array([10.0]))
    same, rest = at_effective_miss(planes, ln_value)
    found = float(integrate_disk(same).ln_probability[0]) + rest
    assert found == pytest.approx(ln_value, rel=1e-9)
    assert abs(rest) < 1e-6 or same.offset_m[0, 0] < 1e-6, "a factor is left only where no miss is enough"
