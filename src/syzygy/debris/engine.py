"""The engine of the screening: any paths, cut into chunks, searched by any executor, joined again."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

import numpy as np
from numpy.typing import NDArray

from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.debris.chunks import Bounds, Chunk, ChunkAnswer, ChunkRoom, screen_chunk
from syzygy.debris.episodes import Findings, collect_findings
from syzygy.debris.knots import KNOT_STEP_S
from syzygy.debris.paths import PathSource

_MOST_THREADS = 8


def screen_paths(
    paths: PathSource,
    *,
    window_s: float,
    threshold_m: float,
    chosen: NDArray[np.bool_] | None = None,
    slow_speed_m_s: float = 10.0,
    chunk_s: float = 10800.0,
    executor: Executor = SERIAL,
    progress: Progress = SILENT,
) -> tuple[Findings, list[Bounds]]:
    """Find every approach of two paths below a distance.

    Parameters
    ----------
    paths : PathSource
        n objects.
    window_s, threshold_m : float
        Length of the window and distance.
    chosen : bool (n,), optional
        One of each reported pair is chosen; all if not given.
    slow_speed_m_s : float
        Episodes slower than this at their minimum are intervals.
    chunk_s : float
        Length of one piece of work; does not change the answer.
    executor, progress : optional
        Where the chunks run and who is told. The serial executor works on threads, one for each processor.

    Returns
    -------
    Findings
        Events, slow intervals, exits.
    list of Bounds
        One per chunk, for the certificate.
    """
    every = np.ones(len(paths), dtype=bool) if chosen is None else chosen
    chunks = cut_window(paths, window_s, threshold_m, every, chunk_s)
    progress.start("screening", len(chunks))
    answers = _run(chunks, executor, progress)
    findings = collect_findings(
        answers, paths, window_s=window_s, threshold_m=threshold_m, slow_speed_m_s=slow_speed_m_s
    )
    return findings, [answer.bounds for answer in answers]


def cut_window(
    paths: PathSource, window_s: float, threshold_m: float, chosen: NDArray[np.bool_], chunk_s: float
) -> list[Chunk]:
    """Cut the window into chunks of whole intervals; their length never depends on the workers."""
    total = ceil(window_s / KNOT_STEP_S)
    size = max(1, round(chunk_s / KNOT_STEP_S))
    return [
        Chunk(number, paths, window_s, first * KNOT_STEP_S, min(size, total - first), threshold_m, chosen)
        for number, first in enumerate(range(0, total, size))
    ]


def _run(chunks: Sequence[Chunk], executor: Executor, progress: Progress) -> list[ChunkAnswer]:
    if executor is not SERIAL or len(chunks) < 2:
        return executor.map(screen_chunk, chunks, progress=progress)
    from concurrent.futures import ThreadPoolExecutor
    from os import cpu_count
    from threading import local

    own = local()

    def work(chunk: Chunk) -> ChunkAnswer:
        if not hasattr(own, "room"):
            own.room = ChunkRoom(len(chunk.paths))
        return screen_chunk(chunk, own.room)

    # The kernels release the interpreter; answers come back in the order of the chunks.
    answers = []
    with ThreadPoolExecutor(min(cpu_count() or 1, _MOST_THREADS, len(chunks))) as pool:
        for answer in pool.map(work, chunks):
            answers.append(answer)
            progress.advance()
    return answers
