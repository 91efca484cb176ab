"""What people touch: parse, call, show; nothing else."""

from __future__ import annotations


def main() -> None:
    """Run the command line and leave with a documented exit code."""
    try:
        from syzygy.cli.app import run

        run()
    except KeyboardInterrupt:  # before or after the command itself: while importing, or while leaving
        raise SystemExit(130) from None
