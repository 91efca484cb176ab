"""Running the compiled integrator: memory for its steps, and errors out of its codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.propagation.radau_scheme import radau_scheme
from syzygy.astro.propagation.trajectory import DenseOutput, IntegrationReport
from syzygy.base.errors import ComputationError, InputError

Doubles = NDArray[np.float64]

TOLERANCES = (1e-12, 1e-3)
DEFAULT_TOLERANCE = 1e-9
_ROWS = 256
_MOST_ROWS = 1 << 22


def integrate_dense(
    position: Doubles,
    velocity: Doubles,
    end: float,
    model: tuple[Any, ...],
    sizes: tuple[int, int],
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    transition: bool = False,
    codes: Sequence[int] = (),
    first_step: float,
    longest_step: float = np.inf,
) -> tuple[DenseOutput, IntegrationReport]:
    """Integrate one state from 0 to `end` (either sign) and return the steps.

    Parameters
    ----------
    position, velocity : array (3,)
    end : float
    model : tuple of arrays
        As `syzygy.astro.forces.tables` makes it.
    sizes : tuple of int
        Lengths of the environment row and of the working memory.
    tolerance : float
        1e-12 to 1e-3: size of the last coefficient of a step to the whole.
    transition : bool
        Carry the transition matrix (components 3 to 20).
    codes : sequence of int
        Parameters whose partials are carried (they need `transition`).
    first_step, longest_step : float
        Positive.

    Raises
    ------
    InputError
        A tolerance that double precision cannot honour.
    ComputationError
        The step shrank to nothing, a number is not finite, or the path enters a body.
    """
    from syzygy.astro.propagation import radau_kernels

    _require_tolerance(tolerance)
    count = 3 + (18 if transition else 0) + 3 * len(codes)
    now = np.zeros((3, count))
    now[0, :3] = position
    now[1, :3] = velocity
    if transition:
        for k in range(3):
            now[0, 3 + 3 * k + k] = 1.0
            now[1, 12 + 3 * k + k] = 1.0
    step = min(first_step, longest_step)
    clock = np.array([0.0, 0.0, step if end > 0.0 else -step, end, tolerance, 0.0, longest_step, 0.0])
    counts = np.zeros(5, dtype=np.int64)
    carry, b = np.zeros((2, count)), np.zeros((5, 7, count))
    store = (np.zeros((3, count)), np.zeros((3, 3)))
    envs, work = np.zeros((8, sizes[0])), np.zeros(sizes[1])
    numbers = np.array(codes, dtype=np.int64)
    all_ends: list[Doubles] = []
    all_powers: list[Doubles] = []
    rows = _ROWS
    while True:
        ends, powers = np.empty((rows, 2)), np.empty((rows, count, 10))
        counts[3] = 0
        code = radau_kernels.integrate(
            clock, counts, now, carry, b, numbers, model, radau_scheme(), envs, work, store, ends, powers
        )
        all_ends.append(ends[: counts[3]])
        all_powers.append(powers[: counts[3]])
        if code != radau_kernels.FULL:
            break
        rows = min(2 * rows, _MOST_ROWS // count)
    if code != radau_kernels.DONE:
        raise _failure(int(code), float(clock[0]), int(counts[0]))
    report = IntegrationReport(tolerance, int(counts[0]), int(counts[1]), int(counts[2]), int(counts[4]))
    return _in_time_order(np.concatenate(all_ends), np.concatenate(all_powers)), report


def _in_time_order(ends: Doubles, powers: Doubles) -> DenseOutput:
    if ends.shape[0] and ends[0, 1] < 0.0:
        ends, powers = ends[::-1], powers[::-1]
    return DenseOutput(np.ascontiguousarray(ends[:, 0]), np.ascontiguousarray(ends[:, 1]), powers)


def _require_tolerance(tolerance: float) -> None:
    low, high = TOLERANCES
    if not low <= tolerance <= high:
        raise InputError(
            "the tolerance of the integration is out of range",
            value=f"{tolerance:g}",
            allowed=f"{low:g} to {high:g}; {DEFAULT_TOLERANCE:g} reaches the rounding of double precision",
            where="tolerance",
            hint="a smaller tolerance only adds rounding",
        )


def _failure(code: int, elapsed: float, steps: int) -> ComputationError:
    from syzygy.astro.propagation import radau_kernels

    what, hint = {
        radau_kernels.STALLED: ("the step of the integration shrank to nothing", "does it hit a centre?"),
        radau_kernels.INSIDE: ("the path enters a body", "stop before it, or correct the state"),
        radau_kernels.NOT_FINITE: ("an acceleration is not a finite number", "check state and units"),
    }[code]
    return ComputationError(
        what,
        value=f"{elapsed:.6f} s after the epoch, step {steps}",
        allowed="a path in free space",
        hint=hint,
    )
