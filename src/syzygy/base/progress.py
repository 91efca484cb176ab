"""Progress of long work: a small protocol that computations call and the command line draws."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a computation may tell: how many steps there are and how many are done."""

    def start(self, label: str, total: int) -> None:
        """Begin a stage of `total` steps."""

    def advance(self, steps: int = 1) -> None:
        """Report finished steps of the current stage."""


class Silent:
    """Progress that shows nothing."""

    def start(self, label: str, total: int) -> None:
        """Begin a stage and show nothing."""

    def advance(self, steps: int = 1) -> None:
        """Advance and show nothing."""


SILENT: Progress = Silent()
