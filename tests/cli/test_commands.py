"""Every command: help, an example in the documents, JSON on results, documented exit codes."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
import pytest

from syzygy.base.study import StudyKind
from syzygy.cli import exit_codes
from syzygy.cli.app import app, run_arguments
from syzygy.studies.kinds import study_kinds

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "examples" / "joint-programme" / "inputs" / "debris" / "iridium33_cosmos2251_2009.3le"


def _walk(command: click.Command, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], click.Command]]:
    found = [(path, command)] if path else []
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            found.extend(_walk(child, (*path, name)))
    return found


COMMANDS = _walk(app)
LEAVES = [(path, command) for path, command in COMMANDS if not isinstance(command, click.Group)]


@pytest.mark.parametrize(
    ("path", "command"), COMMANDS, ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_help_is_there_for_every_command(
    path: tuple[str, ...], command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_arguments([*path, "--help"]) == exit_codes.DONE
    shown = capsys.readouterr().out
    assert shown.startswith("Usage: syzygy")
    assert command.help


@pytest.mark.parametrize(
    ("path", "command"), LEAVES, ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_every_option_says_what_it_does_and_results_come_as_json(
    path: tuple[str, ...], command: click.Command
) -> None:
    parameters = command.get_params(click.Context(command))
    names = {name for parameter in parameters for name in parameter.opts}
    assert "--json" in names
    silent = [p.name for p in parameters if isinstance(p, click.Option) and not p.help]
    assert not silent


@pytest.mark.parametrize(
    ("path", "command"), LEAVES, ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_every_command_is_documented_with_an_example(path: tuple[str, ...], command: click.Command) -> None:
    pages = "\n".join(page.read_text() for page in (ROOT / "docs").rglob("*.md"))
    call = f"syzygy {' '.join(path)}"
    assert call in pages or call in (command.help or ""), f"no example of `{call}`"


def test_exit_codes_stand_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    run_arguments(["--help"])
    shown = capsys.readouterr().out
    for code, meaning in exit_codes.MEANINGS:
        assert f"{code:>3}  {meaning}" in shown


def test_an_interrupt_has_its_own_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("syzygy.debris.screening.screen_catalogue", interrupt)
    command = f"debris screen {CATALOGUE} --start-utc 2009-02-10T16:00:00"
    assert run_arguments(shlex.split(command)) == exit_codes.INTERRUPTED
    assert "the next run goes on" in capsys.readouterr().err


def test_a_defect_of_the_program_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("syzygy.debris.screening.screen_catalogue", fail)
    command = f"debris screen {CATALOGUE} --start-utc 2009-02-10T16:00:00"
    assert run_arguments(shlex.split(command)) == exit_codes.INTERNAL
    assert "please report" in capsys.readouterr().err


@pytest.mark.parametrize("kind", study_kinds().values(), ids=lambda kind: kind.name)
def test_no_option_of_a_study_has_two_meanings(kind: StudyKind) -> None:
    """Generated options: those of the request, of its tables and of the house."""
    command = app.commands[kind.command[0]]
    assert isinstance(command, click.Group)
    study = command.commands[kind.command[1]]
    with click.Context(study) as context:
        flags = [flag for p in study.get_params(context) for flag in (*p.opts, *p.secondary_opts)]
    assert len(flags) == len(set(flags))
