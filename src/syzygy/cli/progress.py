"""Drawing progress: a bar on a terminal, plain lines elsewhere, always on standard error."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from syzygy.base.progress import Progress
from syzygy.cli.console import talk

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from syzygy.studies.planning import PlannedStudy
    from syzygy.studies.runner import StudyOutcome


class _Bar:
    """The progress of one study, drawn as one bar with the label of the current stage."""

    def __init__(self, bars: RichProgress, task: TaskID, title: str) -> None:
        self._bars = bars
        self._task = task
        self._title = title

    def start(self, label: str, total: int) -> None:
        """Begin a stage."""
        self._bars.reset(self._task, total=max(total, 1), description=f"{self._title}: {label}")

    def advance(self, steps: int = 1) -> None:
        """Advance the bar."""
        self._bars.advance(self._task, steps)


class _Lines:
    """Plain progress: one line per stage."""

    def __init__(self, title: str) -> None:
        self._title = title

    def start(self, label: str, total: int) -> None:
        """Say which stage begins."""
        talk(f"{self._title}: {label}")

    def advance(self, steps: int = 1) -> None:
        """Say nothing."""


class StudyProgress:
    """Shows the studies of a run; also serves a single study command."""

    def __init__(self) -> None:
        self._bars: RichProgress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> StudyProgress:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars:
            self._bars.stop()

    def follow(self, title: str) -> Progress:
        """Return the progress of one study."""
        if self._bars is None:
            return _Lines(title)
        self._task = self._bars.add_task(title, total=None)
        return _Bar(self._bars, self._task, title)

    def begin(self, study: PlannedStudy, number: int, total: int) -> Progress:
        """Announce a study of a run."""
        return self.follow(f"[{number}/{total}] {study.study.id}" if not self._bars else study.study.id)

    def end(self, outcome: StudyOutcome) -> None:
        """Say how a study ended."""
        if self._bars and self._task is not None:
            self._bars.remove_task(self._task)
            self._bars.console.print(
                f"{outcome.study}: {outcome.status} in {outcome.seconds:.1f} s", highlight=False
            )
        else:
            talk(f"{outcome.study}: {outcome.status} in {outcome.seconds:.1f} s")
