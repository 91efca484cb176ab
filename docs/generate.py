"""Pages made from the program itself: every command with its help, the accuracy that tests measured."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

import click
from message_pages import write_message_pages
from tolerance_study import write_tolerance_page

SECTIONS = {
    "astro.time": "Time",
    "astro.frames": "Frames and states",
    "ephemerides": "Ephemerides and the orientation of the Moon",
    "astro.propagation": "SGP4",
    "astro.events": "Events: passes, eclipses, crossings",
    "astro": "Transfers: Lambert's problem",
    "formats.ccsds": "Navigation messages",
    "exploration": "Moon and deep space",
    "satellites": "Navigation systems",
    "sensing": "Remote sensing",
    "materials": "Materials and the space environment",
    "debris": "Debris screening",
    "exchange": "Exchange between partners",
}
"""Headings of the validation page, in their order; the key is the room that a test records."""


def write_generated_pages(docs: Path) -> None:
    """Write the generated pages below ``docs/_generated``."""
    place = docs / "_generated"
    place.mkdir(exist_ok=True)
    (place / "commands.md").write_text(command_reference(), encoding="utf-8")
    write_message_pages(place)
    write_tolerance_page(place)
    (place / "validation.md").write_text(
        validation_page(docs.parent / "out" / "validation"), encoding="utf-8"
    )


def command_reference() -> str:
    """Return one section per command with the very text of ``--help``."""
    from syzygy.cli.app import app

    parts = ["# Commands\n\nThe text below is that of `--help`.\n"]
    for path, command in walk_commands(app, ("syzygy",)):
        context = click.Context(command, info_name=" ".join(path), max_content_width=100)
        parts.append(f"## {' '.join(path)}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def walk_commands(
    command: click.Command, path: tuple[str, ...]
) -> list[tuple[tuple[str, ...], click.Command]]:
    """Return every command with its full name."""
    found = [(path, command)]
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            found.extend(walk_commands(child, (*path, name)))
    return found


def validation_page(records: Path) -> str:
    """Return one accuracy table per room from what the oracle tests recorded in their last run."""
    read = [json.loads(path.read_text()) for path in records.glob("*.json")]
    rows = [row for row in read if _test_exists(str(row["test"]), records.parent.parent)]
    order = [*SECTIONS, *sorted({str(row["room"]) for row in rows} - SECTIONS.keys())]
    rows.sort(key=lambda row: (order.index(row["room"]), row["quantity"].casefold()))
    head = (
        "# Validation\n\nEach row is a test that compares with an oracle nobody here wrote. *Measured* is "
        "the largest difference that the last run of the tests found, *allowed* the bound of the test, "
        "*cases* how many values were compared. Origin and licence of each oracle stand in the `SOURCES.md` "
        "beside its file below `tests/data`.\n"
    )
    if not rows:
        return head + "\nNo records yet: run `make test`, then `make docs`.\n"
    cases = sum(row["cases"] for row in rows)
    parts = [head, f"{len(rows)} quantities, {cases:,} compared values.\n"]
    for room, members in groupby(rows, key=lambda row: str(row["room"])):
        parts.append(f"## {SECTIONS.get(room, room)}\n\n" + validation_table(list(members)))
    return "\n".join(parts)


def validation_table(rows: list[dict[str, object]]) -> str:
    """Return the rows of one room; the test is named below the table, where it does not widen it."""
    lines = ["| quantity | measured | allowed | unit | cases | oracle |", "|---|--:|--:|---|--:|---|"]
    for row in rows:
        figures = f"{_figure(row['measured'])} | {_figure(row['allowed'])} | {row['unit']} | {row['cases']:,}"
        lines.append(f"| {row['quantity']} | {figures} | {row['oracle']} |")
    tests = sorted({str(row["test"]).partition("::")[0] for row in rows})
    return "\n".join(lines) + "\n\nTests: " + ", ".join(f"`{test}`" for test in tests) + ".\n"


def _test_exists(test: str, repository: Path) -> bool:
    """Return whether the test of a record is still there: records of renamed tests lie around."""
    file, _, name = test.partition("::")
    path = repository / file
    return path.is_file() and f"def {name.partition('[')[0]}(" in path.read_text(encoding="utf-8")


def _figure(value: object) -> str:
    number = float(value)  # type: ignore[arg-type]
    return f"{number:.0f}" if number == round(number) and abs(number) < 1e6 else f"{number:.2g}"
