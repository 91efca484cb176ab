"""Reading our own small CSV inputs strictly: named columns, numbers in range, every mistake at once."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syzygy.base.errors import FormatError, InputError, ProblemList, SyzygyError, UnitError

MAX_ROWS = 100_000


@dataclass(frozen=True)
class CsvRow:
    """One row by column name, with its line number."""

    line: int
    values: Mapping[str, str]
    where: str

    def text(self, name: str, allowed: Sequence[str] = ()) -> str:
        """Return a text that must not be empty and, where given, must be one of `allowed`."""
        value = self.values.get(name, "").strip()
        if not value or (allowed and value not in allowed):
            raise InputError(
                "a value is missing" if not value else "not one of the allowed words",
                value=value or "empty",
                allowed=", ".join(allowed) or "a text",
                where=f"{self.where}, column {name}",
            )
        return value

    def number(
        self, name: str, low: float, high: float, unit: str, *, default: float | None = None, hint: str = ""
    ) -> float:
        """Return a number in `unit`, between `low` and `high`; an empty cell gives the default."""
        text = self.values.get(name, "").strip()
        where = f"{self.where}, column {name}"
        allowed = f"{low:g} to {high:g} {unit}".strip()
        if not text and default is not None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise InputError("not a number", value=text or "empty", allowed=allowed, where=where)
        if not low <= value <= high:
            kind = UnitError if unit else InputError
            raise kind(
                "value out of range",
                value=f"{value:g} {unit}".strip(),
                allowed=allowed,
                where=where,
                hint=hint,
            )
        return value


def read_csv_rows(content: bytes, required: Sequence[str], *, name: str = "") -> list[CsvRow]:
    """Read a CSV file with a header line; lines that begin with ``#`` are comments.

    Raises
    ------
    FormatError
        Not UTF-8 text, no header, a required column missing, a row with another number of cells, or empty.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "not a text file", value=f"byte {error.start}", allowed="CSV in UTF-8", where=name
        ) from error
    numbered = [
        (i, line) for i, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")
    ]
    if len(numbered) > MAX_ROWS:
        raise FormatError("too many rows", value=len(numbered), allowed=str(MAX_ROWS), where=name)
    cells = list(csv.reader(io.StringIO("\n".join(line for _, line in numbered))))
    if len(cells) != len(numbered) or len(cells) < 2:
        raise FormatError(
            "no rows" if len(cells) < 2 else "a cell that runs over the end of its line",
            value=f"{len(cells)} rows",
            allowed="a header line and one row or more",
            where=name,
        )
    header = [cell.strip() for cell in cells[0]]
    missing = [column for column in required if column not in header]
    if missing:
        raise FormatError(
            "columns are missing", value=", ".join(missing), allowed=", ".join(required), where=name
        )
    rows = []
    for (line, _), values in zip(numbered[1:], cells[1:], strict=True):
        where = f"{name} line {line}"
        if len(values) != len(header):
            raise FormatError(
                "a row of another length", value=f"{len(values)} cells", allowed=str(len(header)), where=where
            )
        rows.append(CsvRow(line, dict(zip(header, values, strict=True)), where))
    return rows


def raise_problems(problems: Sequence[SyzygyError], name: str) -> None:
    """Raise all problems of one file at once, if there are any."""
    if problems:
        raise ProblemList(problems, where=name)
