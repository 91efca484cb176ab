"""Edges of the plan: dates of projects, rights by purpose, gifts to nobody, scripts, and hostile files."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import pytest

from syzygy.base.errors import ProblemList, SyzygyError
from syzygy.programme.checks import check_plan
from syzygy.programme.overlaps import find_overlaps, total_saved
from syzygy.programme.reading import read_programme
from syzygy.programme.records import Investment, Programme

HEAD = """
format = "syzygy-programme/1"
partner = [{ id = "a", name = "A", country = "AA" }, { id = "b", name = "B", country = "BB" }]
section = [{ id = "s", title = "S", field = "debris" }]
programme.id = "p"
programme.title = "P"
programme.start = 2018-01-01
programme.end = 2022-12-31
programme.barter_unit = "unit"
programme.max_imbalance = 1.0
"""
PROJECT = """
[[project]]
id = "{id}"
title = "T"
section = "s"
lead = "a"
partners = ["a", "b"]
start = {start}
end = {end}
purpose = "P"
deliverables = ["d"]
protection = "open"
{more}
"""


def _project(
    identifier: str = "x", start: str = "2019-01-01", end: str = "2020-12-31", more: str = ""
) -> str:
    return PROJECT.format(id=identifier, start=start, end=end, more=more)


def _problems(tmp_path: Path, text: str, head: str = HEAD) -> list[SyzygyError]:
    path = tmp_path / "p.toml"
    path.write_text(head + text, encoding="utf-8")
    try:
        return list(check_plan(read_programme(path)))
    except ProblemList as several:
        return list(several.problems)


def _gift(due: str, to: str = "") -> str:
    head = '[[project.contribution]]\nid = "g"\npartner = "a"\nkind = "data"\nwhat = "W"'
    return f"{head}\nvalue = 1\ndue = {due}\n{to}\n"


def _right(access: str) -> str:
    head = '[[project.ip]]\nid = "ip"\ntitle = "T"\nkind = "background"\nowners = { a = 1.0 }'
    return f"{head}\naccess = [{access}]\n"


def _access(granted: str, until: str = "", purpose: str = "implementation") -> str:
    end = f", until = {until}" if until else ""
    return f'{{ partner = "b", purpose = "{purpose}", granted = {granted}{end} }}'


NEEDS = 'needs_ip = ["ip"]\n'
GAPLESS = ", ".join([_access("2019-07-01", "2021-01-01"), _access("2018-01-01", "2019-06-30")])
GAP = ", ".join([_access("2018-01-01", "2019-06-30"), _access("2019-07-02")])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (_project(), ""),
        (_project(more=_gift("2021-06-01")), "a date outside the project x"),
        (_project(more=_gift("2019-01-01") + _gift("2020-12-31").replace('"g"', '"h"')), ""),
        (_project(more='milestones = [{ title = "M", due = 2018-06-01 }]'), "a date outside the project x"),
        (_project(more='depends_on = ["x"]'), "in a circle"),
        (_project(more='depends_on = ["y"]') + _project("y", "2021-01-01", "2021-02-01"), "begins after x"),
        (_project(more='depends_on = ["y"]') + _project("y", "2020-06-01", "2021-02-01"), ""),
        (_project(more=NEEDS + _right(_access("2018-01-01"))), ""),
        (_project(more=NEEDS + _right(_access("2019-01-02"))), "has no right to it"),
        (_project(more=NEEDS + _right(_access("2018-01-01", "2020-12-30"))), "has no right to it"),
        (_project(more=NEEDS + _right(_access("2018-01-01", "2020-12-31"))), ""),
        (_project(more=NEEDS + _right(_access("2018-01-01", purpose="exploitation"))), "has no right to it"),
        (_project(more=NEEDS + _right(GAPLESS)), ""),
        (_project(more=NEEDS + _right(GAP)), "has no right to it"),
        (_project(more=_right(_access("2019-01-01", "2018-01-01"))), "ends before it is granted"),
        (_project(more=_gift("2019-06-01", 'to = ["b", "b"]')), "a name stands twice"),
        (_project().replace('["a", "b"]', '["a"]')+ _gift("2019-06-01"), "benefits nobody"),
        (_project().replace('["a", "b"]', '["a", "b", "a"]'), "a name stands twice"),
        (_project().replace('purpose = "P"', 'purpose = "  "'), "an empty text"),
        (_project().replace('title = "T"', f'title = "{"x" * 300}"'), "too long"),
        (_project(start="2019-01-01T00:00:00"), "not a date"),
        (_project(start="2019-01-01T12:00:00"), "not a date"),
        (_project(start="12:00:00"), "not a date"),
        ('fact = [{ what = "W", when = "1", source = "javascript:a" }]\n' + _project(), "wrong form"),
    ],
)  # fmt: skip
def test_an_edge_is_judged(tmp_path: Path, text: str, says: str) -> None:
    problems = _problems(tmp_path, text)
    if says:
        assert says in " ".join(problem.what for problem in problems), problems
        assert all(problem.where.startswith("p.toml:") for problem in problems)
    else:
        assert not problems, [str(problem) for problem in problems]


def test_every_circle_is_found(tmp_path: Path) -> None:
    pairs = [("x", "y"), ("y", "x"), ("u", "v"), ("v", "u")]
    text = "".join(_project(one, more=f'depends_on = ["{other}"]') for one, other in pairs)
    assert len([p for p in _problems(tmp_path, text) if "circle" in p.what]) == 2


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000,
        "x = " + "{a = " * 5_000,
        "x = " + "9" * 10_000,
        ".".join(["a"] * 3_000) + " = 1",
        "a = 1\na = 2",
        "x = 2018-02-30",
    ],
)
def test_a_hostile_file_is_explained(tmp_path: Path, text: str) -> None:
    begun = time.process_time()
    problems = _problems(tmp_path, text, head="")
    assert problems
    assert time.process_time() - begun < 20.0


def _line(partner: str, identifier: str, purpose: str, deliverable: str, value: int = 100) -> Investment:
    return Investment(
        id=identifier, partner=partner, section="s", title="T", purpose=purpose, deliverables=[deliverable],
        start=date(2018, 1, 1), end=date(2020, 12, 31), value=value,
    )  # fmt: skip


def _programme(tmp_path: Path, lines: list[Investment]) -> Programme:
    path = tmp_path / "p.toml"
    path.write_text(HEAD + _project())
    return read_programme(path).programme.model_copy(update={"investment": lines})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Наблюдение космического мусора телескопами", "Наблюдения мусора оптическим телескопом"),
        ("空间碎片光学观测望远镜网", "建设空间碎片观测望远镜"),
    ],
)
def test_likeness_is_seen_in_the_scripts_of_the_partners(tmp_path: Path, first: str, second: str) -> None:
    lines = [_line("a", "one", first, first), _line("b", "two", second, second)]
    assert find_overlaps(_programme(tmp_path, lines))


def test_three_lines_that_are_alike_save_two_not_three(tmp_path: Path) -> None:
    lines = [_line(partner, partner, "watch debris", "catalogue") for partner in ("a", "b", "c")]
    overlaps = find_overlaps(_programme(tmp_path, lines))
    assert [round(overlap.score, 9) for overlap in overlaps] == [1.0] * 3
    assert total_saved(overlaps) == 200


def test_words_without_meaning_are_no_likeness(tmp_path: Path) -> None:
    lines = [_line("a", "one", "of the", "..."), _line("b", "two", "of the", "...")]
    assert not find_overlaps(_programme(tmp_path, lines))


@pytest.mark.slow
def test_hundreds_of_lines_are_compared_in_a_moment(tmp_path: Path) -> None:
    words = "watch debris orbit radar sensor ice flood map moon relay".split()
    lines = [
        _line("ab"[i % 2], f"l{i}", " ".join(words[(i * k) % 10] for k in range(1, 9)), words[i % 10])
        for i in range(400)
    ]
    begun = time.process_time()
    find_overlaps(_programme(tmp_path, lines))
    assert time.process_time() - begun < 20.0
