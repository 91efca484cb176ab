"""Ctrl-C that is not lost: a library that compiles may swallow the exception, or break on it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether the user asked to stop."""

    def __init__(self) -> None:
        self.asked = False

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Note the signal and raise as Python does by itself."""
        self.asked = True
        raise KeyboardInterrupt

    def obey(self) -> None:
        """Raise KeyboardInterrupt if the user asked to stop and the exception was lost on its way."""
        if self.asked:
            raise KeyboardInterrupt


@contextmanager
def watch_interruption() -> Iterator[Interruption]:
    """Note Ctrl-C while the block runs; outside the main thread nothing is changed.

    Inside another watch the block shares what that one notes.
    """
    interruption = Interruption()
    usual = signal.getsignal(signal.SIGINT)
    watching = getattr(usual, "__self__", None)
    if isinstance(watching, Interruption):
        yield watching
        return
    if threading.current_thread() is not threading.main_thread() or usual is not signal.default_int_handler:
        yield interruption
        return
    signal.signal(signal.SIGINT, interruption.stop)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, usual)
