"""What every application hands back: tables, key figures, a narrative and its provenance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from syzygy.base.provenance import Provenance
from syzygy.base.tables import Table


@dataclass(frozen=True)
class KeyFigure:
    """One number for the summary and the report.

    Attributes
    ----------
    label : str
        What it is, e.g. ``approaches under 5 km``.
    value : str
        Formatted for reading, without unit.
    unit : str
        Empty for counts.
    """

    label: str
    value: str
    unit: str = ""


@dataclass(frozen=True)
class Narrative:
    """The paragraph of the report, one or two sentences each."""

    inputs: str
    models: str
    validity: str
    limits: str


class StudyResult(Protocol):
    """The door every result keeps, so that command line, runner, report and exchange treat all alike."""

    @property
    def provenance(self) -> Provenance:
        """The recipe of the result."""
        ...

    def tables(self) -> tuple[Table, ...]:
        """Return the tables, the main one first."""
        ...

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return three to eight figures for the summary."""
        ...

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        ...
