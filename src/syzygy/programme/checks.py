"""The plan check: dates, names, shares, cycles, rights, protection and release, all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter

from syzygy.base.errors import InputError, SyzygyError, UnknownNameError
from syzygy.programme.ledger import balance_ledger
from syzygy.programme.positions import Path, Positions
from syzygy.programme.reading import ProgrammeFile
from syzygy.programme.records import IntellectualProperty, Programme, Project

SHARE_TOLERANCE = 1e-9


def check_plan(file: ProgrammeFile) -> tuple[SyzygyError, ...]:
    """Return every mistake of the plan, in the order of the file's parts; empty when it is sound."""
    programme, positions = file.programme, file.positions
    problems = [
        *_check_identifiers(programme, positions),
        *_check_period(programme, positions),
        *_check_names(programme, positions),
        *_check_dates(programme, positions),
        *_check_order(programme, positions),
        *_check_shares(programme, positions),
        *_check_rights(programme, positions),
        *_check_release(programme, positions),
        *_check_cycles(programme, positions),
    ]
    if not problems:
        problems.extend(_check_balance(programme, positions))
    return tuple(problems)


def _check_identifiers(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    groups: dict[str, list[tuple[Path, str]]] = {
        name: [((name, i, "id"), item.id) for i, item in enumerate(getattr(programme, name))]
        for name in ("partner", "section", "project", "investment", "study")
    }
    for name in ("contribution", "ip"):
        groups[name] = [
            (("project", i, name, j, "id"), item.id)
            for i, project in enumerate(programme.project)
            for j, item in enumerate(getattr(project, name))
        ]
    for name, entries in groups.items():
        seen: set[str] = set()
        for path, identifier in entries:
            if identifier in seen:
                yield InputError(
                    f"two entries of one name among the {name} entries",
                    value=identifier,
                    allowed="a unique id",
                    where=positions.where(path),
                    hint="rename one of them",
                )
            seen.add(identifier)


def _check_period(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    yield from _ordered(programme.programme.start, programme.programme.end, ("programme",), positions)


def _check_names(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    partners, sections = programme.partner_ids, [s.id for s in programme.section]
    projects = [p.id for p in programme.project]
    rights = [item.id for project in programme.project for item in project.ip]

    def unknown(kind: str, names: Iterable[str], known: Iterable[str], path: Path) -> Iterator[SyzygyError]:
        known = list(known)
        for name in names:
            if name not in known:
                close = get_close_matches(name, known, n=1)
                yield UnknownNameError(
                    f"unknown {kind}",
                    value=name,
                    allowed=", ".join(known) or f"no {kind} is declared",
                    where=positions.where(path),
                    hint=f"did you mean {close[0]}?" if close else f"declare it as a {kind}",
                )

    for i, project in enumerate(programme.project):
        at: Path = ("project", i)
        yield from unknown("section", [project.section], sections, (*at, "section"))
        yield from unknown("partner", [project.lead], partners, (*at, "lead"))
        yield from unknown("partner", project.partners, partners, (*at, "partners"))
        yield from unknown("partner", project.release_to, partners, (*at, "release_to"))
        yield from unknown("project", project.depends_on, projects, (*at, "depends_on"))
        yield from unknown("intellectual property", project.needs_ip, rights, (*at, "needs_ip"))
        for j, given in enumerate(project.contribution):
            yield from unknown("partner", [given.partner], partners, (*at, "contribution", j, "partner"))
            yield from unknown("partner", given.to, partners, (*at, "contribution", j, "to"))
        for j, right in enumerate(project.ip):
            yield from unknown("partner", right.owners, partners, (*at, "ip", j, "owners"))
            yield from unknown(
                "partner", [a.partner for a in right.access], partners, (*at, "ip", j, "access")
            )
    for i, investment in enumerate(programme.investment):
        yield from unknown("partner", [investment.partner], partners, ("investment", i, "partner"))
        yield from unknown("section", [investment.section], sections, ("investment", i, "section"))
    for i, study in enumerate(programme.study):
        yield from unknown("project", [study.project], projects, ("study", i, "project"))
        yield from unknown("partner", [study.owner], partners, ("study", i, "owner"))
        yield from unknown("partner", study.release_to, partners, ("study", i, "release_to"))


def _check_dates(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    start, end = programme.programme.start, programme.programme.end

    def inside(when: date, path: Path) -> Iterator[SyzygyError]:
        if not start <= when <= end:
            yield InputError(
                "a date outside the programme",
                value=when,
                allowed=f"{start} to {end}",
                where=positions.where(path),
                hint="move it, or extend the programme",
            )

    for i, project in enumerate(programme.project):
        at: Path = ("project", i)
        yield from inside(project.start, (*at, "start"))
        yield from inside(project.end, (*at, "end"))
        yield from _ordered(project.start, project.end, at, positions)
        yield from _check_dues(programme, project, at, positions)
    for i, investment in enumerate(programme.investment):
        yield from _ordered(investment.start, investment.end, ("investment", i), positions)


def _check_dues(
    programme: Programme, project: Project, at: Path, positions: Positions
) -> Iterator[SyzygyError]:
    """Contributions and milestones fall into the period of their project, and access ends after it begins."""
    dues = [((*at, "contribution", j, "due"), item.due) for j, item in enumerate(project.contribution)]
    dues += [((*at, "milestones", j, "due"), item.due) for j, item in enumerate(project.milestones)]
    for path, due in dues:
        if not project.start <= due <= project.end:
            inside = programme.programme.start <= due <= programme.programme.end
            yield InputError(
                f"a date outside the project {project.id}" if inside else "a date outside the programme",
                value=due,
                allowed=f"{project.start} to {project.end}",
                where=positions.where(path),
                hint="move it, or change the period of the project",
            )
    for j, right in enumerate(project.ip):
        for k, access in enumerate(right.access):
            if access.until is not None and access.until < access.granted:
                yield InputError(
                    f"access to {right.id} ends before it is granted",
                    value=f"{access.granted} to {access.until}",
                    allowed="granted <= until",
                    where=positions.where((*at, "ip", j, "access", k, "until")),
                    hint="exchange the two dates",
                )


def _check_order(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    """A project may run beside what it needs, but not end before that has begun."""
    projects = {project.id: project for project in programme.project}
    for i, project in enumerate(programme.project):
        for name in project.depends_on:
            needed = projects.get(name)
            if needed and needed.start > project.end:
                yield InputError(
                    f"{project.id} needs {name}, which begins after {project.id} has ended",
                    value=f"{name} from {needed.start}",
                    allowed=f"a project that begins by {project.end}",
                    where=positions.where(("project", i, "depends_on")),
                    hint="move one of the two projects, or drop the dependency",
                )


def _ordered(start: date, end: date, path: Path, positions: Positions) -> Iterator[SyzygyError]:
    if end < start:
        yield InputError(
            "the end lies before the start",
            value=f"{start} to {end}",
            allowed="start <= end",
            where=positions.where((*path, "end")),
            hint="exchange the two dates",
        )


def _check_shares(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    for i, project in enumerate(programme.project):
        for j, right in enumerate(project.ip):
            total = sum(right.owners.values())
            if abs(total - 1.0) > SHARE_TOLERANCE:
                yield InputError(
                    f"the owner shares of {right.id} do not add up",
                    value=f"{total:g}",
                    allowed="1",
                    where=positions.where(("project", i, "ip", j, "owners")),
                    hint="correct the shares",
                )
    for i, project in enumerate(programme.project):
        members = set(project.partners)
        if project.lead not in members:
            yield InputError(
                "the lead is not a partner of the project",
                value=project.lead,
                allowed=", ".join(project.partners),
                where=positions.where(("project", i, "lead")),
                hint="add the lead to partners",
            )
        for j, given in enumerate(project.contribution):
            if members == {given.partner} and not given.to:
                yield InputError(
                    "a contribution that benefits nobody: it would be missing from the ledger",
                    value=f"{given.partner} alone in {project.id}",
                    allowed="a project with another partner",
                    where=positions.where(("project", i, "contribution", j)),
                    hint="add the partner who benefits to the project, or leave the contribution out",
                )
            if given.partner not in members or set(given.to) - members or given.partner in given.to:
                yield InputError(
                    "a contribution from or to somebody outside the project, or to oneself",
                    value=f"{given.partner} to {', '.join(given.to) or 'the others'}",
                    allowed=", ".join(project.partners),
                    where=positions.where(("project", i, "contribution", j)),
                    hint="correct the partners of the project or of the contribution",
                )


def _check_rights(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    register = {right.id: right for project in programme.project for right in project.ip}
    for i, project in enumerate(programme.project):
        for name in project.needs_ip:
            right = register.get(name)
            for partner in project.partners if right else ():
                if right and not _may_use(right, partner, project):
                    yield InputError(
                        f"{partner} needs {name} in {project.id} but has no right to it for the whole period",
                        value=f"owners {', '.join(right.owners)}",
                        allowed=f"an owner, or access for implementation, {project.start} to {project.end}",
                        where=positions.where(("project", i, "needs_ip")),
                        hint=f"grant {partner} access to {name}, or plan without it",
                    )


def _may_use(right: IntellectualProperty, partner: str, project: Project) -> bool:
    """Return whether a partner owns it, or has access for implementation without a gap in the project."""
    if partner in right.owners:
        return True
    covered = project.start
    for access in sorted(right.access, key=lambda a: a.granted):
        if access.partner == partner and access.purpose == "implementation" and access.granted <= covered:
            if access.until is None or access.until >= project.end:
                return True
            covered = max(covered, access.until + timedelta(days=1))
    return False


def _check_release(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    projects = {project.id: project for project in programme.project}
    for i, project in enumerate(programme.project):
        if project.protection == "restricted" and project.release_to and project.determination is None:
            yield InputError(
                "a restricted project is to be released without a determination",
                value=", ".join(project.release_to),
                allowed="release_to empty, or a determination",
                where=positions.where(("project", i, "release_to")),
                hint="record the responsible officer's determination (officer, decided, clause)",
            )
    for i, study in enumerate(programme.study):
        known = projects.get(study.project)
        if known is None:
            continue
        if study.owner not in known.partners:
            yield InputError(
                "the owner of a study is not a partner of its project",
                value=study.owner,
                allowed=", ".join(known.partners),
                where=positions.where(("study", i, "owner")),
            )
        above = [name for name in study.release_to if name not in known.release_to and name != study.owner]
        if above:
            yield InputError(
                "a study releases more than its project allows",
                value=", ".join(above),
                allowed=", ".join(known.release_to) or "nobody but the owner",
                where=positions.where(("study", i, "release_to")),
                hint=f"widen release_to of project {known.id}, or narrow the study's",
            )


def _check_cycles(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    order = {project.id: list(project.depends_on) for project in programme.project}
    while True:
        try:
            TopologicalSorter(order).prepare()
            return
        except CycleError as error:
            cycle = list(reversed(error.args[1]))
        index = next(i for i, project in enumerate(programme.project) if project.id in cycle)
        yield InputError(
            "projects wait for each other in a circle",
            value=" needs ".join(cycle),
            allowed="no circle",
            where=positions.where(("project", index, "depends_on")),
            hint="cut one of these dependencies",
        )
        order[cycle[0]].remove(cycle[1])


def _check_balance(programme: Programme, positions: Positions) -> Iterator[SyzygyError]:
    ledger = balance_ledger(programme)
    limit = programme.programme.max_imbalance * ledger.turnover
    for partner, balance in ledger.balances.items():
        if abs(balance) > limit:
            yield InputError(
                f"the barter ledger does not balance: {partner} ends with {balance:+d}",
                value=f"{balance:+d} {programme.programme.barter_unit}",
                allowed=f"within {limit:.0f} ({programme.programme.max_imbalance:.0%} of {ledger.turnover})",
                where=positions.where(("programme", "max_imbalance")),
                hint="add or revalue contributions, or agree on a wider max_imbalance",
            )
