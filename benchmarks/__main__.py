"""Run the benchmarks and print one row per task with the ratio to the peer."""

from __future__ import annotations

import importlib
import os
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from syzygy import __version__


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    place = Path(__file__).parent
    known = sorted(path.stem.removeprefix("bench_") for path in place.glob("bench_*.py"))
    chosen = names or known
    for name in chosen:
        if name not in known:
            sys.exit(f"unknown benchmark {name}; there are: {', '.join(known)}")
    console = Console(width=None if sys.stdout.isatty() else 170, highlight=False)
    machine = f"{os.cpu_count()} cores, {platform.processor() or platform.machine()}"
    console.print(f"Syzygy {__version__}, Python {platform.python_version()}, {machine}")
    table = Table(title="Ratio above 1: faster than the peer", title_justify="left")
    right = ("ours", "peer", "ratio")
    for heading in ("benchmark", "task", "ours", "peer", "unit", "ratio", "beside", "accuracy"):
        table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    for name in chosen:
        print(f"running {name} ...", file=sys.stderr, flush=True)
        for row in importlib.import_module(f"benchmarks.bench_{name}").run():
            cells = (
                row.get(key) for key in ("task", "ours", "peer", "unit", "ratio", "peer_name", "accuracy")
            )
            table.add_row(name, *map(_text, cells))
    console.print(table)


def _text(value: object) -> str:
    return "-" if value is None else f"{value:,.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main(sys.argv[1:])
