"""What people touch: parse, call, show; nothing else."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with a documented exit code."""
    from syzygy.cli.app import run

    run()
