"""Showing: results on standard output, talk on standard error, no colour needed to understand."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from syzygy.base.errors import ProblemList, SyzygyError
from syzygy.base.hashing import canonical_json

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN_WIDTH = 140


def talk(text: str) -> None:
    """Say something on standard error."""
    print(text, file=sys.stderr, flush=True)


def emit_json(value: object) -> None:
    """Print one JSON document on standard output; NaN, which JSON does not have, becomes null."""
    import json

    text = canonical_json(_finite(value))
    if not (sys.stdout.encoding or "utf-8").lower().startswith("utf"):
        text = json.dumps(json.loads(text), separators=(",", ":"))
    print(text, flush=True)


def result_console() -> Console:
    """Return the console for results: as wide as the terminal, or wide enough for a file."""
    from rich.console import Console

    return Console(highlight=False) if sys.stdout.isatty() else Console(width=_PLAIN_WIDTH, highlight=False)


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; columns whose cells are all numbers are set to the right."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    shown = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for index, name in enumerate(columns):
        numeric = bool(rows) and all(_is_number(row[index]) for row in rows)
        shown.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(escape(cell) for cell in row))
    result_console().print(shown)


def show_error(error: SyzygyError) -> None:
    """Print an error in its five parts on standard error."""
    if isinstance(error, ProblemList):
        for problem in error.problems:
            show_error(problem)
        talk(f"{len(error.problems)} problem{'s' if len(error.problems) != 1 else ''}; nothing was computed")
        return
    parts = error.as_mapping()
    talk(f"error[{parts['code']}]: {parts['what']}")
    parts["value"] = parts["value"] or "nothing"
    for name, label in (("value", "got"), ("allowed", "allowed"), ("where", "where"), ("hint", "hint")):
        if parts[name]:
            talk(f"  {label + ':':<9}{parts[name]}")


def error_json(error: SyzygyError) -> Mapping[str, object]:
    """Return an error as plain values for ``--json``."""
    return {"ok": False, "problems": list_problems(error)}


def list_problems(error: SyzygyError) -> list[Mapping[str, object]]:
    """Return the problems of an error as plain values."""
    problems = error.problems if isinstance(error, ProblemList) else (error,)
    return [problem.as_mapping() for problem in problems]


def _finite(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return text in ("", "-")
    return True
