"""The engine of the screening: any paths, cut into chunks, searched by any executor, joined again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.debris.chunks import Bounds, Chunk, ChunkAnswer, ChunkRoom, pack_chunk, screen_chunk
from syzygy.debris.episodes import Findings, collect_findings
from syzygy.debris.health import no_exits
from syzygy.debris.knots import KNOT_STEP_S
from syzygy.debris.paths import PathSource, sort_by_height

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
    rising, order = sort_by_height(paths)
    chunks = cut_window(rising, window_s, threshold_m, every[order], chunk_s)
    progress.start("screening", len(chunks))
    answers = [_number_anew(answer, order) for answer in _run(chunks, executor, progress)]
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


def _number_anew(answer: ChunkAnswer, order: NDArray[np.int64]) -> ChunkAnswer:
    """Give the objects of an answer their own numbers again, the first of a pair below the second."""
    exits = no_exits(order.size)
    exits.seconds[order], exits.code[order] = answer.exits.seconds, answer.exits.code
    return replace(
        answer,
        minimum_pairs=np.sort(order[answer.minimum_pairs], axis=1),
        below_pairs=np.sort(order[answer.below_pairs], axis=1),
        exits=exits,
    )


def _run(chunks: Sequence[Chunk], executor: Executor, progress: Progress) -> list[ChunkAnswer]:
    if executor is not SERIAL:
        return executor.map(screen_chunk, [pack_chunk(chunk) for chunk in chunks], progress=progress)
    if len(chunks) < 2:
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
