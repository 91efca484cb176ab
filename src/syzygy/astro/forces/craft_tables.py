"""The rows of a model that describe the craft: what `craft_kernels` reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.attitude import AttitudeHistory, frame_matrices
from syzygy.astro.constants import EARTH_ROTATION_RATE_NOMINAL_RAD_S
from syzygy.astro.forces.axes import chebyshev_nodes
from syzygy.astro.forces.clock import Clock
from syzygy.astro.forces.craft import PRESSURE_AT_1_AU_N_M2, PlateForce
from syzygy.astro.forces.model import ForceModel
from syzygy.astro.frames import earth_rotation_matrices
from syzygy.base.errors import ComputationError

Doubles = NDArray[np.float64]
Rows = tuple[NDArray[np.int64], Doubles]

CRAFT_SIZE = 19
_LAWS = {"sun": 1, "RTN": 2, "history": 3}
_TERMS = 18
_MOST_PIECES = 20_000
_ATTITUDE_ERROR = 1e-4


def fill_craft_rows(
    force: ForceModel,
    almanac: Almanac,
    clock: Clock,
    span: tuple[float, float],
    add: Callable[[Doubles], int],
    rows: Rows,
    row: int,
) -> None:
    """Fill what the force model says of the craft; thrust, mass and density come with the flight."""
    ints, reals = rows
    if force.drag is not None:
        ints[0, 6] = row
        reals[row, 0] = force.drag.area_to_mass_m2_kg
        middle = clock.tai_ns(np.array([sum(span) / 2.0]))
        reals[row + 1, :3] = (
            EARTH_ROTATION_RATE_NOMINAL_RAD_S * earth_rotation_matrices(middle, almanac)[0][0, 2]
        )
    if force.plates is not None:
        ints[0, 6] = row
        _fill_plates(force.plates, clock, span, add, rows, row)


def _fill_plates(
    plates: PlateForce,
    clock: Clock,
    span: tuple[float, float],
    add: Callable[[Doubles], int],
    rows: Rows,
    row: int,
) -> None:
    ints, reals = rows
    strength = PRESSURE_AT_1_AU_N_M2 / plates.mass_kg
    words = [[*p.normal, strength * p.area_m2, p.specular, p.diffuse] for p in plates.plates]
    ints[row, 5:8] = (len(words), add(np.array(words)), _LAWS[plates.attitude])
    reals[row + 1, 5:8] = plates.reference
    if plates.history is not None:
        start, length, series = tabulate_attitude(plates.history, clock, *span)
        ints[row + 1, :3] = (add(series), series.shape[-1], series.shape[0])
        reals[row + 1, 3:5] = (start, length)


def tabulate_attitude(
    history: AttitudeHistory, clock: Clock, first_s: float, last_s: float
) -> tuple[float, float, Doubles]:
    """Return start, length and series (pieces, 9, terms) of the body axes, to 1e-4 rad between the nodes.

    Raises
    ------
    ComputationError
        The attitude turns too fast for that.
    """
    low, high = (float(v) for v in clock.seconds(np.array(history.span_tai_ns, dtype=np.int64)))
    first_s, last_s = max(first_s, low), min(last_s, high)
    nodes, matrix = chebyshev_nodes(_TERMS)
    pieces = max(1, math.ceil((last_s - first_s) / 3600.0))
    how = history.interpolation or "SLERP"
    check = np.array([-0.97, -0.41, 0.13, 0.77])
    basis = np.cos(np.arange(_TERMS)[:, None] * np.arccos(check))
    while pieces <= _MOST_PIECES:
        length = (last_s - first_s) / pieces
        begin = first_s + length * np.arange(pieces)[:, None]

        def turns(at: Doubles, begin: Any = begin, length: float = length) -> Doubles:
            instants = clock.tai_ns(np.clip(begin + 0.5 * length * (1.0 + at), low, high))
            inside = np.clip(instants, *history.span_tai_ns)
            return frame_matrices(history.at(inside, interpolation=how)).reshape(*instants.shape, 9)

        series = np.swapaxes(matrix @ turns(nodes), 1, 2)
        worst = np.abs(np.swapaxes(series @ basis, 1, 2) - turns(check)).max()
        if worst < _ATTITUDE_ERROR:
            return first_s, length, series
        pieces *= 2
    raise ComputationError(
        "the attitude history turns too fast to be tabulated",
        value=f"{worst:.2g} rad between nodes {length:.1f} s apart",
        allowed=f"{_ATTITUDE_ERROR} rad",
        where="PlateForce.history",
    )
