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
    environment.filters.update(grouped=_group, powers=_raise_powers, reading=_for_reading, tens=_raise_tens)
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


_RAISED = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")


def _group(number: int) -> str:
    return f"{number:,}"


def _raise_powers(text: str) -> str:
    """Write the powers of units as people do: ``km2/s2`` becomes km²/s²."""
    return re.sub(r"\b([kcm]?m|s)([23])\b", lambda found: found[1] + found[2].translate(_RAISED), text)


def _for_reading(value: str) -> str:
    """Write a key figure as people do: instants with a blank, powers of ten raised, long counts grouped."""
    text = re.sub(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00(?:\.0+)?|(:[\d.]+))Z$", _instant, value)
    return _group(int(text)) if re.fullmatch(r"\d{5,}", text) else _raise_tens(text)


def _instant(found: re.Match[str]) -> str:
    return f"{found[1]} {found[2]}{found[3] or ''} UTC"


def _raise_tens(text: str) -> str:
    """Write ``8.65e+19`` as 8.65 times ten to the nineteenth."""
    return re.sub(
        r"(?<=\d)e([+-]\d+)\b", lambda found: f"\u00d710{str(int(found[1])).translate(_RAISED)}", text
    )


def _resource(name: str) -> str:
    return resources.files("syzygy.studies.report").joinpath(name).read_text(encoding="utf-8")
