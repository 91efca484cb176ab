"""The grid of a launch-window study: every departure with every arrival, family by family."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syzygy.astro.ephemerides import Ephemeris
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.exploration.legs import Axes, Family, Leg
from syzygy.exploration.transfers import Transfers, evaluate_transfers, join_transfers

_CELLS_PER_CHUNK = 40_000


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some rows of the grid of one family, with all that is needed to evaluate them in another process."""

    leg: Leg
    family: Family
    ephemeris: Ephemeris
    axes: Axes
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Layer:
    """The whole grid of one family, arrays (n departures, m arrivals)."""

    family: Family
    transfers: Transfers


def fill_grid(
    leg: Leg,
    families: tuple[Family, ...],
    axes: Axes,
    ephemeris: Ephemeris,
    *,
    executor: Executor = SERIAL,
    progress: Progress = SILENT,
) -> tuple[Layer, ...]:
    """Evaluate every cell of the grid, in chunks of rows that any number of workers may share.

    Raises
    ------
    CoverageError
        A departure or arrival is outside the ephemeris.
    """
    rows = max(1, _CELLS_PER_CHUNK // axes.second_ns.size)
    count = axes.departure_tai_ns.size
    chunks = [
        Chunk(leg, family, ephemeris, axes, first, min(first + rows, count))
        for family in families
        for first in range(0, count, rows)
    ]
    progress.start("transfers", len(chunks))
    parts = executor.map(evaluate_chunk, chunks, progress=progress)
    layers = []
    for family in families:
        own = [part for part, chunk in zip(parts, chunks, strict=True) if chunk.family == family]
        layers.append(Layer(family, join_transfers(own)))
    return tuple(layers)


def evaluate_chunk(chunk: Chunk) -> Transfers:
    """Evaluate some rows; transfers outside the limits of the request count as not solved."""
    rows = slice(chunk.first, chunk.last)
    departures = chunk.axes.departure_tai_ns[rows, None]
    full_arrivals = chunk.axes.arrival_tai_ns(rows)
    arrivals = full_arrivals if chunk.axes.by_flight_time else chunk.axes.second_ns[None, :]
    found = evaluate_transfers(chunk.leg, chunk.family, chunk.ephemeris, departures, arrivals)
    allowed = chunk.axes.contains(np.broadcast_to(departures, full_arrivals.shape), full_arrivals)
    return found.keep(allowed)
