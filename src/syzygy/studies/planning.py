"""From a programme file to planned studies: every mistake found before anything is computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from syzygy.base.errors import ProblemList, SyzygyError
from syzygy.base.requests import read_request
from syzygy.base.study import StudyKind
from syzygy.programme.checks import check_plan
from syzygy.programme.positions import Positions
from syzygy.programme.reading import ProgrammeFile, read_programme
from syzygy.programme.records import Study
from syzygy.studies.almanacs import AlmanacShelf, make_border
from syzygy.studies.kinds import find_kind


@dataclass(frozen=True)
class PlannedStudy:
    """A study of the programme with its kind and its request, ready to run."""

    study: Study
    kind: StudyKind
    request: object


@dataclass(frozen=True)
class Plan:
    """A checked programme with its studies and the shelf its Almanacs come from."""

    file: ProgrammeFile
    studies: tuple[PlannedStudy, ...]
    shelf: AlmanacShelf


def plan_programme(path: Path) -> Plan:
    """Read and check a programme file with all its studies.

    Raises
    ------
    ProblemList
        Every mistake of structure, or every mistake of plan and studies, each with file and line.
    StorageError
        The file cannot be read.
    """
    file = read_programme(path)
    problems = list(check_plan(file))
    shelf = _shelf(file, problems)
    planned = []
    for index, study in enumerate(file.programme.study):
        try:
            kind = find_kind(study.kind)
            request: object = read_request(
                kind.request_class(), study.request, make_border(shelf, path.parent)
            )
            planned.append(PlannedStudy(study, kind, request))
        except ProblemList as several:
            problems.extend(_place(problem, file.positions, index, "request") for problem in several.problems)
        except SyzygyError as problem:
            problems.append(_place(problem, file.positions, index, "kind"))
    if problems:
        raise ProblemList(problems, where=path.name)
    return Plan(file, tuple(planned), shelf)


def _shelf(file: ProgrammeFile, problems: list[SyzygyError]) -> AlmanacShelf:
    from syzygy.base.storage import read_bytes

    choice = file.programme.almanac
    place = file.path.parent / choice.space_weather if choice.space_weather else None
    if place is not None:
        try:
            read_bytes(place)
        except SyzygyError as problem:
            problem.where = file.positions.where(("almanac", "space_weather"))
            problems.append(problem)
    return AlmanacShelf(place, choice.predictions)


def _place(problem: SyzygyError, positions: Positions, index: int, part: str) -> SyzygyError:
    """Put file, line and field in front of where the problem says it is."""
    name = problem.where.split(":", 1)[0].strip() if part == "request" else ""
    path = ("study", index, part, name) if name else ("study", index, part)
    rest = problem.where.split(":", 1)[1].strip() if ":" in problem.where else ""
    problem.where = positions.where(path) + (f" ({rest})" if rest else "")
    return problem
