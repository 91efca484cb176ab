"""Pages made from the program itself: every command with its help, the accuracy that tests measured."""

from __future__ import annotations

import json
from pathlib import Path

import click


def write_generated_pages(docs: Path) -> None:
    """Write the generated pages below ``docs/_generated``."""
    place = docs / "_generated"
    place.mkdir(exist_ok=True)
    (place / "commands.md").write_text(command_reference(), encoding="utf-8")
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
    """Return the accuracy table from what the oracle tests recorded in their last run."""
    head = (
        "# Validation\n\nEach row is a test that compares with an oracle nobody here wrote. *Measured* is "
        "the largest difference that the last run of the tests found, *allowed* the bound of the test.\n\n"
    )
    rows = sorted(
        (json.loads(path.read_text()) for path in sorted(records.glob("*.json"))),
        key=lambda row: (row["room"], row["quantity"]),
    )
    if not rows:
        return head + "No records: run `make test` first, then build again.\n"
    lines = [
        "| room | quantity | measured | allowed | unit | cases | oracle |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        bounds = f"{row['measured']:.3g} | {row['allowed']:.3g} | {row['unit']}"
        lines.append(f"| {row['room']} | {row['quantity']} | {bounds} | {row['cases']} | {row['oracle']} |")
    return head + "\n".join(lines) + "\n"
