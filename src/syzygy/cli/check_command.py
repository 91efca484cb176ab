"""``syzygy check``: every mistake of a programme file at once."""

from __future__ import annotations

from pathlib import Path

import click

from syzygy.cli.console import emit_json, talk


@click.command()
@click.argument("programme", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def check(programme: Path, as_json: bool) -> None:
    """Check a programme file: structure, plan, rights, release and the requests of all studies.

    Nothing is computed. Every mistake is listed with file, line, field, what is allowed and a hint.
    Exit code 0 when the file is sound, 3 when it is not.

    Example: syzygy check examples/joint-programme/programme.toml
    """
    from syzygy.studies.planning import plan_programme

    plan = plan_programme(programme)
    if as_json:
        emit_json({"ok": True, "programme": plan.file.programme.programme.id, "studies": len(plan.studies)})
        return
    found = plan.file.programme
    talk(
        f"{programme}: sound; {len(found.partner)} partners, {len(found.project)} projects, "
        f"{len(plan.studies)} studies"
    )
