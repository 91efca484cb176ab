"""What the template shows of each part: plain values, already formatted."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from syzygy.base.tables import Column
from syzygy.base.units import suffix
from syzygy.exchange.strict_json import read_object
from syzygy.programme.ledger import balance_ledger
from syzygy.programme.records import Programme
from syzygy.studies.products import PICTURES_FOLDER, PROVENANCE_NAME
from syzygy.studies.runner import StudyOutcome
from syzygy.studies.workspace import Workspace

PREVIEW_ROWS = 8
PREVIEW_COLUMNS = 9


@dataclass(frozen=True)
class PreviewColumn:
    """The head of a column: its title, its unit, and whether it holds numbers."""

    title: str
    unit: str
    is_number: bool


@dataclass(frozen=True)
class Preview:
    """The first rows of a table."""

    name: str
    total: int
    columns: tuple[PreviewColumn, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class StudyView:
    """One study in the report."""

    outcome: StudyOutcome
    project: str
    figures: tuple[dict[str, str], ...]
    narrative: dict[str, str]
    pictures: dict[str, str]
    further: tuple[dict[str, str], ...]
    preview: Preview | None
    provenance: dict[str, object]


@dataclass(frozen=True)
class LedgerRow:
    """One partner in the ledger: given, received and the balance of each year."""

    partner: str
    given: int
    received: int
    balance: int
    by_year: tuple[int, ...]


def view_study(programme: Programme, outcome: StudyOutcome, workspace: Workspace) -> StudyView:
    """Collect what the report shows of one study."""
    study = next(s for s in programme.study if s.id == outcome.study)
    project = programme.project_by_id(study.project).title
    place = workspace.product(study.id)
    if outcome.error:
        return StudyView(outcome, project, (), {}, {}, (), None, {})
    figures = cast(list[dict[str, str]], outcome.result["key_figures"])
    tables = cast(list[dict[str, object]], outcome.result["tables"])
    provenance = read_object((place / PROVENANCE_NAME).read_bytes(), where=PROVENANCE_NAME)
    return StudyView(
        outcome,
        project,
        tuple(figures),
        cast(dict[str, str], outcome.result["narrative"]),
        {theme: _data_uri(place / f"picture-{theme}.svg") for theme in ("light", "dark")},
        _further(place),
        _preview(place, str(tables[0]["name"])),
        provenance,
    )


def view_ledger(programme: Programme) -> tuple[tuple[int, ...], tuple[LedgerRow, ...]]:
    """Return the years and one row per partner."""
    ledger = balance_ledger(programme)
    years = tuple(range(programme.programme.start.year, programme.programme.end.year + 1))
    rows = []
    for partner in programme.partner_ids:
        amounts = [entry.amount for entry in ledger.entries if entry.partner == partner]
        rows.append(
            LedgerRow(
                partner,
                sum(amount for amount in amounts if amount > 0),
                -sum(amount for amount in amounts if amount < 0),
                ledger.balances[partner],
                tuple(ledger.by_year.get((partner, year), 0) for year in years),
            )
        )
    return years, tuple(rows)


def _further(place: Path) -> tuple[dict[str, str], ...]:
    """Return the smaller pictures in their order: what each shows, light and dark."""
    light = sorted((place / PICTURES_FOLDER).glob("*-light.svg"))
    return tuple(
        {
            "title": path.name.removesuffix("-light.svg")[3:].replace("-", " "),
            "light": _data_uri(path),
            "dark": _data_uri(path.with_name(path.name.removesuffix("-light.svg") + "-dark.svg")),
        }
        for path in light
    )


def _data_uri(path: Path) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()


def _preview(place: Path, name: str) -> Preview:
    from syzygy.formats.tabular import decode_table

    table = decode_table((place / f"{name}.parquet").read_bytes(), "parquet")
    shown = [col for col in table.columns if not col.name.endswith("tai_ns")][:PREVIEW_COLUMNS]
    cells = [[_cell(value) for value in col.values[:PREVIEW_ROWS].tolist()] for col in shown]
    rows: Sequence[tuple[str, ...]] = list(zip(*cells, strict=True))
    return Preview(name.replace("_", " "), len(table), tuple(_head(col) for col in shown), tuple(rows))


def _head(col: Column) -> PreviewColumn:
    unit = "" if col.unit == "1" else col.unit
    ending = f"_per_{suffix(unit[2:])}" if unit.startswith("1/") else f"_{suffix(unit)}"
    title = col.name.removesuffix(ending) if unit else col.name
    title = title.removesuffix("_utc") + " (UTC)" if title.endswith("_utc") else title
    return PreviewColumn(title.replace("_", " "), unit, col.values.dtype.kind in "fi")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _number(value)
    return re.sub(r"^(\d{4}-\d\d-\d\d)T([\d:.]+)Z$", r"\1 \2", str(value))


def _number(value: float) -> str:
    """Return a number for reading; NaN, where there is no value, as a dash."""
    if math.isnan(value):
        return "\u2013"
    return f"{value:,.6g}" if value == 0.0 or 1e-4 <= abs(value) < 1e6 else f"{value:.4g}"
