"""What people touch: parse, call, show; nothing else."""

from __future__ import annotations

from syzygy.studies.interruption import watch_interruption


def main() -> None:
    """Run the command line and leave with a documented exit code."""
    try:
        with watch_interruption() as interruption:
            try:
                from syzygy.cli.app import run

                run()
            except Exception:
                interruption.obey()  # what failed may be what a library made of Ctrl-C
                raise
    except KeyboardInterrupt:  # before or after the command itself: while importing, or while leaving
        raise SystemExit(130) from None
