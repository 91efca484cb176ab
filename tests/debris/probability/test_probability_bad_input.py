"""Messages with mistakes: mixed frames, missing or impossible covariances, kilometres for metres."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from syzygy.astro.almanac import Almanac
from syzygy.base.errors import ProblemList
from syzygy.base.provenance import InputFile, bind_input
from syzygy.data import build_almanac
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.study import ProbabilityResult, find_collision_probability

GOOD = (
    Path(__file__).parents[3]
    / "examples/joint-programme/inputs/debris/conjunctions"
    / "000028485_conj_000044777_20220407_231108_20220406_140506.cdm"
)
_SECOND = re.compile(r"(?m)^OBJECT\s*=\s*OBJECT2")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def earth() -> Almanac:
    return build_almanac(("leap_seconds", "earth_orientation"))


def _second(change: Callable[[str], str]) -> str:
    text = GOOD.read_text()
    cut = _SECOND.search(text)
    assert cut is not None
    return text[: cut.start()] + change(text[cut.start() :])


def _scaled(text: str, name: str, factor: float, unit: str) -> str:
    return re.sub(
        rf"(?m)^({name}\s*=\s*)(\S+).*$", lambda k: f"{k[1]}{float(k[2]) * factor!r} [{unit}]", text
    )


def _run(text: str, place: Path, earth: Almanac) -> ProbabilityResult:
    place.write_text(text)
    files: tuple[InputFile, ...] = (bind_input(GOOD), bind_input(place))
    return find_collision_probability(ProbabilityRequest(files, monte_carlo="never"), earth)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("frames", _second(lambda s: s.replace("EME2000", "ITRF")), ("two frames", "EME2000 and ITRF")),
        (
            "covariance",
            _second(lambda s: re.sub(r"(?m)^C[RTN]\w*_[RTN](DOT)?\s*=.*\n", "", s)),
            ("covarianceMatrix", "missing"),
        ),
        ("speed", _scaled(GOOD.read_text(), "[XYZ]_DOT", 1e3, "km/s"), ("speed", "km/s given as m/s")),
        (
            "radius",
            re.sub(r"HBR\s*=\s*[\d.]+", "HBR = 15000", GOOD.read_text()),
            ("hard-body radius", "not kilometres"),
        ),
    ],
)
def test_a_message_that_cannot_be_used_is_listed_and_the_other_is_assessed(
    name: str, text: str, words: tuple[str, ...], earth: Almanac, tmp_path: Path
) -> None:
    found = _run(text, tmp_path / f"{name}.cdm", earth)
    assert len(found.probabilities) == 1
    (row,) = found.rejected.rows()
    assert row["cdm"] == f"{name}.cdm"
    said = " ".join(str(value) for value in row.values())
    assert all(word in said for word in words), said
    assert all(row[part] for part in ("what", "allowed", "where"))


def test_positions_in_metres_are_noticed(earth: Almanac, tmp_path: Path) -> None:
    found = _run(_scaled(GOOD.read_text(), "[XYZ]", 1e3, "km"), tmp_path / "metres.cdm", earth)
    row = next(row for row in found.probabilities.rows() if row["cdm"] == "metres.cdm")
    assert "kilometres for metres?" in row["reasons"]
    assert row["verdict"] != "valid"
    assert row["advice"] == "undecided"


def test_an_impossible_covariance_is_mended_and_said(earth: Almanac, tmp_path: Path) -> None:
    found = _run(_second(lambda s: _scaled(s, "CR_R", -1.0, "m**2")), tmp_path / "impossible.cdm", earth)
    row = next(row for row in found.probabilities.rows() if row["cdm"] == "impossible.cdm")
    assert "covariance not positive definite" in row["reasons"]


def test_alone_each_is_an_error_in_five_parts(earth: Almanac, tmp_path: Path) -> None:
    place = tmp_path / "alone.cdm"
    place.write_text(_second(lambda s: s.replace("EME2000", "ITRF")))
    with pytest.raises(ProblemList, match="two frames"):
        find_collision_probability(ProbabilityRequest((bind_input(place),), monte_carlo="never"), earth)
