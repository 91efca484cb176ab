"""The command tree and the one place where errors become messages and exit codes."""

from __future__ import annotations

import io
import sys
import traceback
from pathlib import Path
from typing import Any

import click

from syzygy import __version__
from syzygy.base.errors import DefectError, SyzygyError
from syzygy.base.storage import explain_failure
from syzygy.cli import exit_codes
from syzygy.cli.certificate_command import check_certificate_command
from syzygy.cli.check_command import check
from syzygy.cli.console import emit_json, error_json, show_error, talk
from syzygy.cli.data_commands import data
from syzygy.cli.message_commands import message
from syzygy.cli.node_commands import node
from syzygy.cli.run_command import run_programme_command
from syzygy.cli.study_commands import study_groups
from syzygy.cli.verify_command import verify
from syzygy.studies.interruption import watch_interruption

_HELP = f"""Syzygy: the working system of a joint space programme.

Write a programme file, check it, run it, hand each partner its folder, and let the partner compute
everything again:

\b
  syzygy check  programme.toml
  syzygy run    programme.toml --out out/my-programme
  syzygy verify out/my-programme

Every study of a programme is also a command of its own, in the group of its field, for example
`syzygy debris screen --help`.

\b
Exit codes:
{exit_codes.table_text()}
"""


@click.group(help=_HELP, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="syzygy")
def app() -> None:
    """Hold the command tree."""


for _command in (check, run_programme_command, verify, node, data, message, *study_groups()):
    app.add_command(_command)
    if isinstance(_command, click.Group) and _command.name == "debris":
        _command.add_command(check_certificate_command)


def run() -> None:
    """Run the command line; every error is shown in its parts and becomes an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run_arguments(sys.argv[1:]))


def run_arguments(arguments: list[str]) -> int:
    """Run one command line and return its exit code; with ``--json`` an error is one document, too."""
    show = _show_json if "--json" in arguments else show_error
    try:
        answer = _answer(arguments)
        return answer if isinstance(answer, int) else exit_codes.DONE
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        if show is _show_json:
            _show_json(_usage(error))
        else:
            error.show()
        return exit_codes.USAGE
    except (KeyboardInterrupt, click.Abort):
        talk("interrupted: finished products are kept, the next run goes on")
        if show is _show_json:
            _show_json(_Interruption("interrupted", hint="run it again: it goes on where it stopped"))
        return exit_codes.INTERRUPTED
    except SystemExit:
        return exit_codes.READER_GONE
    except SyzygyError as error:
        show(error)
        return error.exit_code
    except OSError as error:
        problem = explain_failure(error, Path(str(error.filename or ".")))
        show(problem)
        return problem.exit_code
    except Exception as error:
        traceback.print_exc()
        show(DefectError(f"{type(error).__name__}: {error}"))
        return exit_codes.INTERNAL


def _answer(arguments: list[str]) -> Any:
    with watch_interruption() as interruption:
        try:
            return app.main(args=arguments, prog_name="syzygy", standalone_mode=False)
        except Exception:
            interruption.obey()  # what failed may be what a library made of Ctrl-C
            raise


class _Interruption(SyzygyError):
    """The user stopped the command."""

    code = "interrupted"


class _UsageMistake(SyzygyError):
    """The command line itself is wrong."""

    code = "usage"


def _usage(error: click.UsageError) -> SyzygyError:
    place = error.ctx.command_path if error.ctx else "syzygy"
    return _UsageMistake(error.format_message(), where=place, hint=f"see `{place} --help`")


def _show_json(error: SyzygyError) -> None:
    emit_json(error_json(error))
