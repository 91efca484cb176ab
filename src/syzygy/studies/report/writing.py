"""Writing the report from a plan and the outcomes of its run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from syzygy import __version__
from syzygy.base.storage import write_bytes
from syzygy.exchange.release import decide_release
from syzygy.programme.overlaps import find_overlaps, total_saved
from syzygy.programme.records import FIELDS
from syzygy.studies.planning import Plan
from syzygy.studies.products import code_sha256
from syzygy.studies.report.gantt import draw_gantt
from syzygy.studies.report.views import view_ledger, view_study
from syzygy.studies.runner import StudyOutcome
from syzygy.studies.workspace import REPORT_NAME, Workspace

FIELD_TITLES = {
    "exploration": "Moon and deep space",
    "materials": "Special materials in the space environment",
    "satellites": "Satellite systems",
    "sensing": "Earth remote sensing",
    "debris": "Space debris",
}
SHORT_TITLES = {
    "exploration": "Exploration",
    "materials": "Materials",
    "satellites": "Satellites",
    "sensing": "Sensing",
    "debris": "Debris",
}


def write_report(plan: Plan, outcomes: Sequence[StudyOutcome], out: Path) -> Path:
    """Write ``report.html`` into the directory of a run and return its path."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["grouped"] = lambda number: f"{number:,}"
    environment.filters["powers"] = lambda unit: re.sub(r"(?<=[a-z])([23])\b", _raise_digit, unit)
    environment.filters["instant"] = lambda text: re.sub(
        r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$", r"\1 \2 UTC", text
    )
    template = environment.from_string(_resource("template.html"))
    path = out / REPORT_NAME
    write_bytes(path, template.render(**_content(plan, outcomes, out)).encode())
    return path


def _content(plan: Plan, outcomes: Sequence[StudyOutcome], out: Path) -> dict[str, object]:
    programme = plan.file.programme
    workspace = Workspace(out)
    views = [view_study(programme, outcome, workspace) for outcome in outcomes]
    years, ledger = view_ledger(programme)
    overlaps = find_overlaps(programme)
    kinds = {study.id: study.kind for study in programme.study}
    return {
        "style": _resource("style.css"),
        "programme": programme,
        "names": {partner.id: partner.name for partner in programme.partner},
        "gantt": draw_gantt(programme),
        "years": years,
        "ledger": ledger,
        "turnover": sum(row.given for row in ledger),
        "overlaps": overlaps,
        "saved": total_saved(overlaps),
        "fields": [
            (field, FIELD_TITLES[field], [v for v in views if kinds[v.outcome.study].split(".")[0] == field])
            for field in FIELDS
        ],
        "short_titles": SHORT_TITLES,
        "views": views,
        "decisions": {study.id: decide_release(programme, study) for study in programme.study},
        "version": __version__,
        "code": code_sha256(),
        "programme_sha256": plan.file.sha256,
        "programme_file": plan.file.path.name,
        "out": out.name,
    }


def _raise_digit(found: re.Match[str]) -> str:
    return {"2": "²", "3": "³"}[found[1]]


def _resource(name: str) -> str:
    return resources.files("syzygy.studies.report").joinpath(name).read_text(encoding="utf-8")
