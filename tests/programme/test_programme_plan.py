"""The programme file: every mistake found at once with its line; overlaps found; the ledger balanced."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import ProblemList, SyzygyError
from syzygy.exchange.release import decide_release
from syzygy.programme.checks import check_plan
from syzygy.programme.ledger import balance_ledger
from syzygy.programme.overlaps import find_overlaps
from syzygy.programme.positions import locate_keys
from syzygy.programme.reading import ProgrammeFile, read_programme

EXAMPLE = Path(__file__).parents[2] / "examples" / "joint-programme" / "programme.toml"


@pytest.fixture(scope="module")
def example() -> ProgrammeFile:
    return read_programme(EXAMPLE)


def _edited(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    text = EXAMPLE.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = tmp_path / "programme.toml"
    path.write_text(text)
    return path


def _problems(path: Path) -> list[SyzygyError]:
    try:
        return list(check_plan(read_programme(path)))
    except ProblemList as problems:
        return list(problems.problems)


def _line_of(path: Path, needle: str) -> int:
    return next(i for i, line in enumerate(path.read_text().split("\n"), 1) if needle in line)


def test_the_example_programme_is_sound(example: ProgrammeFile) -> None:
    assert check_plan(example) == ()


MISTAKES = [
    ('lead = "roscosmos"', 'lead = "roscosmo"', "unknown partner", "did you mean roscosmos?"),
    ('section = "debris"\nlead', 'section = "debriss"\nlead', "unknown section", "did you mean debris?"),
    ("end = 2022-12-31\nbarter", "end = 2017-12-31\nbarter", "the end lies before the start", ""),
    ("due = 2022-03-31", "due = 2023-03-31", "a date outside the programme", ""),
    ("cnsa = 0.5, roscosmos = 0.5", "cnsa = 0.5, roscosmos = 0.4", "do not add up", ""),
    ("until = 2024-12-31", "until = 2020-12-31", "has no right to it", ""),
    ('depends_on = ["lunar-data-centre"]', 'depends_on = ["moon-orbiter-lander"]', "in a circle", ""),
    ('id = "joint-navigation"', 'id = "sensing-exchange"', "two entries of one name", ""),
    ("value = 420", "value = 42000", "does not balance", ""),
    ("value = 420", "value = -1", "greater than 0", ""),
    ("value = 420", 'value = "420"', "not a whole number", ""),
    ("start = 2019-09-17", 'start = "2019-09-17"', "not a date", ""),
    ('kind = "data"', 'kind = "money"', "not one of the allowed words", ""),
    ('protection = "controlled"', 'protektion = "controlled"', "unknown field", ""),
    ('country = "CN"', 'country = "China"', "wrong form", ""),
    ("[programme]\n", "[programme\n", "not valid TOML", ""),
    ('format = "syzygy-programme/1"', 'format = "syzygy-programme/9"', "not one of the allowed words", ""),
    (
        'release_to = ["cnsa"]\n\n[project.determination]',
        'release_to = ["cnsa"]\n\n[project.determinatio]',
        "unknown field",
        "",
    ),
]


@pytest.mark.parametrize(("old", "new", "what", "hint"), MISTAKES)
def test_a_mistake_is_found_with_its_line(tmp_path: Path, old: str, new: str, what: str, hint: str) -> None:
    path = _edited(tmp_path, (old, new))
    problems = _problems(path)
    found = [p for p in problems if what in p.what]
    assert found, [str(p) for p in problems]
    assert re.match(r"programme\.toml:\d+", found[0].where), found[0].where
    assert hint in found[0].hint


def test_the_line_of_a_problem_is_the_line_of_its_key(tmp_path: Path) -> None:
    path = _edited(tmp_path, ("due = 2022-03-31", "due = 2023-03-31"))
    (problem,) = [p for p in _problems(path) if "outside" in p.what]
    assert problem.where.startswith(f"programme.toml:{_line_of(path, 'due = 2023-03-31')} ")


def test_several_mistakes_are_found_at_once(tmp_path: Path) -> None:
    path = _edited(
        tmp_path,
        ('lead = "roscosmos"', 'lead = "nobody"'),
        ("due = 2022-03-31", "due = 2023-03-31"),
        ("cnsa = 0.5, roscosmos = 0.5", "cnsa = 0.5, roscosmos = 0.4"),
    )
    assert len(_problems(path)) >= 3


def test_planted_overlaps_are_found_and_unlike_lines_are_not(example: ProgrammeFile) -> None:
    pairs = {(o.first.id, o.second.id) for o in find_overlaps(example.programme)}
    assert pairs == {
        ("cn-lunar-south-pole-mapping", "ru-lunar-polar-survey"),
        ("cn-debris-telescopes", "ru-debris-telescopes"),
        ("cn-radar-sensing", "ru-radar-sensing"),
    }


def test_an_overlap_score_is_symmetric_and_saves_no_more_than_the_smaller_line(
    example: ProgrammeFile,
) -> None:
    turned = example.programme.model_copy(update={"investment": list(reversed(example.programme.investment))})
    scores = {frozenset((o.first.id, o.second.id)): o.score for o in find_overlaps(example.programme)}
    for overlap in find_overlaps(turned):
        assert scores[frozenset((overlap.first.id, overlap.second.id))] == pytest.approx(
            overlap.score, rel=1e-12
        )
        assert 0 < overlap.saved <= min(overlap.first.value, overlap.second.value)


def test_lines_of_one_partner_or_of_disjoint_periods_never_overlap(tmp_path: Path) -> None:
    path = _edited(
        tmp_path,
        (
            "start = 2019-06-01\nend = 2022-12-31\nvalue = 280",
            "start = 2023-06-01\nend = 2024-12-31\nvalue = 280",
        ),
    )
    pairs = [o.first.id for o in find_overlaps(read_programme(path).programme)]
    assert "cn-radar-sensing" not in pairs


@pytest.mark.slow
@given(st.lists(st.integers(1, 10**9), min_size=12, max_size=12))
def test_the_ledger_sums_to_zero_whatever_the_values(values: list[int]) -> None:
    programme = read_programme(EXAMPLE).programme
    given_values = iter(values * 10)
    projects = [
        project.model_copy(
            update={
                "contribution": [
                    c.model_copy(update={"value": next(given_values)}) for c in project.contribution
                ]
            }
        )
        for project in programme.project
    ]
    ledger = balance_ledger(programme.model_copy(update={"project": projects}))
    assert sum(ledger.balances.values()) == 0
    assert sum(ledger.by_year.values()) == 0


def test_release_is_to_nobody_but_the_owner_by_default(example: ProgrammeFile) -> None:
    for study in example.programme.study:
        private = study.model_copy(update={"release_to": []})
        allowed = [d.partner for d in decide_release(example.programme, private) if d.allowed]
        assert allowed == [study.owner]


def test_positions_survive_strings_comments_and_nested_arrays() -> None:
    text = 'a = """\n[fake]\n"""\n# [no]\n[t]\nb = [\n 1, # ]\n 2,\n]\n'
    text += 'c = "x#["\n[[t.u]]\nd = 1\n[[t.u]]\nd = 2\n'
    positions = locate_keys(text, "f")
    assert positions.lines[("t", "b")] == 6
    assert positions.lines[("t", "c")] == 10
    assert positions.lines[("t", "u", 1, "d")] == 14
    assert ("fake",) not in positions.lines
