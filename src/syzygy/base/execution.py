"""The executor seam: independent, picklable chunks run serially, in processes or on a Dask cluster.

Results come back in the order of the chunks, so an answer never depends on the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from syzygy.base.errors import ComputationError, InputError, MissingDataError
from syzygy.base.progress import SILENT, Progress

Chunk = TypeVar("Chunk")
Answer = TypeVar("Answer")


class Executor(Protocol):
    """Run one function over many chunks and return the answers in the order of the chunks."""

    def map(
        self, function: Callable[[Chunk], Answer], chunks: Sequence[Chunk], *, progress: Progress = SILENT
    ) -> list[Answer]:
        """Apply a module-level function to every chunk."""
        ...


class SerialExecutor:
    """Run every chunk in this process, one after the other."""

    def map(
        self, function: Callable[[Chunk], Answer], chunks: Sequence[Chunk], *, progress: Progress = SILENT
    ) -> list[Answer]:
        """Apply the function to every chunk."""
        answers = []
        for chunk in chunks:
            answers.append(function(chunk))
            progress.advance()
        return answers


class ProcessExecutor:
    """Run chunks in `workers` fresh processes of this machine (spawned, so that no lock is inherited)."""

    def __init__(self, workers: int) -> None:
        if workers < 1:
            raise InputError("too few workers", value=workers, allowed="1 or more", where="--workers")
        self.workers = workers

    def map(
        self, function: Callable[[Chunk], Answer], chunks: Sequence[Chunk], *, progress: Progress = SILENT
    ) -> list[Answer]:
        """Apply the function to every chunk."""
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool
        from multiprocessing import get_context

        answers = []
        pool = ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"))
        try:
            futures = [pool.submit(function, chunk) for chunk in chunks]
            for future in futures:
                answers.append(future.result())
                progress.advance()
        except BrokenProcessPool as error:
            raise ComputationError(
                "a worker process died",
                value=f"{self.workers} workers",
                allowed="workers that live to the end",
                where="--workers",
                hint="it may have run out of memory: use fewer workers, or a machine with more memory",
            ) from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()
        return answers


class DaskExecutor:
    """Run chunks on a Dask cluster at `address` (``tcp://host:port``); needs the extra ``cluster``."""

    def __init__(self, address: str) -> None:
        self.address = address

    def map(
        self, function: Callable[[Chunk], Answer], chunks: Sequence[Chunk], *, progress: Progress = SILENT
    ) -> list[Answer]:
        """Apply the function to every chunk."""
        try:
            from distributed import Client
        except ImportError as error:
            raise MissingDataError(
                "the cluster extra is not installed",
                value="distributed",
                allowed="pip install 'syzygy[cluster]'",
                where="--cluster",
                hint="install the extra or use --workers N",
            ) from error
        try:
            client = Client(self.address, timeout=10, set_as_default=False)
        except OSError as error:
            raise InputError(
                "the cluster does not answer",
                value=self.address,
                allowed="the address of a Dask scheduler",
                where="--cluster",
                hint="start one with `dask scheduler`, or use --workers N",
            ) from error
        with client:
            answers = []
            for future in client.map(function, list(chunks), pure=False):
                answers.append(future.result())
                progress.advance()
            return answers


SERIAL: Executor = SerialExecutor()


def choose_executor(workers: int = 1, cluster: str = "") -> Executor:
    """Return the executor for ``--workers N`` or ``--cluster ADDRESS``."""
    if cluster:
        return DaskExecutor(cluster)
    if workers == 1:
        return SERIAL
    return ProcessExecutor(workers)
