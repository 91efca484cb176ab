"""Options that every computing command shares: workers, cluster, predictions, space weather."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Command = Callable[..., Any]


def execution_options(command: Command) -> Command:
    """Add ``--workers`` and ``--cluster``."""
    command = click.option(
        "--cluster",
        default="",
        metavar="tcp://HOST:PORT",
        help="Compute on this Dask cluster (extra `cluster`).",
    )(command)
    return click.option(
        "--workers",
        default=1,
        show_default=True,
        type=click.IntRange(1),
        help="Processes on this machine (a screening uses all processors with 1 already).",
    )(command)
