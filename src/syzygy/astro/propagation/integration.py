"""Running the compiled integrator: memory for its steps, and errors out of its codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.forces.entries import list_entries
from syzygy.astro.propagation.radau_scheme import radau_scheme
from syzygy.astro.propagation.trajectory import DenseOutput
from syzygy.base.errors import ComputationError, InputError

Doubles = NDArray[np.float64]

TOLERANCES = (1e-12, 1e-3)
DEFAULT_TOLERANCE = 1e-9
_ROWS = 256
_MOST_ROWS = 1 << 22
_CAUTION = 0.25


class Stepper:
    """The integrator at work on one state: steps done, and all that the next one needs.

    Parameters
    ----------
    position, velocity : array (3,)
    model : tuple of arrays
        As `syzygy.astro.forces.tables` makes it.
    sizes : tuple of int
        Lengths of the environment row and of the working memory.
    forward : bool
    tolerance : float
        1e-12 to 1e-3: size of the last coefficient of a step to the whole.
    transition : bool
        Carry the transition matrix (components 3 to 20).
    codes : sequence of int
        Parameters whose partials are carried (they need `transition`).
    first_step, longest_step : float
        Positive.
    most_m_s2 : float
        Size of the last coefficient of a step that is allowed at most, whatever the whole is.
    """

    def __init__(
        self,
        position: Doubles,
        velocity: Doubles,
        model: tuple[Any, ...],
        sizes: tuple[int, int],
        *,
        forward: bool,
        tolerance: float = DEFAULT_TOLERANCE,
        transition: bool = False,
        codes: Sequence[int] = (),
        first_step: float,
        longest_step: float = np.inf,
        most_m_s2: float = np.inf,
    ) -> None:
        _require_tolerance(tolerance)
        count = 3 + (18 if transition else 0) + 3 * len(codes)
        self.model = model
        self.entries = list_entries(model, columns=transition, parameters=len(codes) > 0)
        self.now = np.zeros((3, count))
        self.now[0, :3], self.now[1, :3] = position, velocity
        if transition:
            self.now[0, 3:12] = np.eye(3).ravel()
            self.now[1, 12:21] = np.eye(3).ravel()
        step = min(first_step, longest_step)
        self.clock = np.array(
            [0.0, 0.0, step if forward else -step, 0.0, tolerance, 0.0, longest_step, 0.0, most_m_s2, 0.0]
        )
        self.counts = np.zeros(5, dtype=np.int64)
        self._carry, self._b = np.zeros((2, count)), np.zeros((5, 7, count))
        self._store = (np.zeros((3, count)), np.zeros((6 if transition else 0, 3)), np.zeros(1))
        self._envs, self._work = np.zeros((8, sizes[0])), np.zeros(sizes[1])
        self._codes = np.array(codes, dtype=np.int64)
        self._blocks: list[tuple[Doubles, Doubles]] = []
        self._used: list[int] = []
        self._grow()

    @property
    def time(self) -> float:
        """Where the integration stands."""
        return float(self.clock[0])

    @property
    def rows(self) -> int:
        """Number of steps kept."""
        return sum(self._used)

    def run(self, end: float, most_steps: int = 0) -> bool:
        """Go on to `end`, or for some steps; return whether the end is reached.

        Raises
        ------
        ComputationError
            The step shrank to nothing, a number is not finite, or the path enters a body.
        """
        from syzygy.astro.propagation import radau_kernels

        integrate = radau_kernels.integrator(self._has_shadows())
        padded = self.entries.padded()
        self.clock[3] = end
        left = most_steps or _MOST_ROWS * _MOST_ROWS
        usual = self.clock[2]
        while True:
            ends, powers = self._blocks[-1]
            if self._used[-1] == ends.shape[0]:
                self._grow()
                continue
            before = self._used[-1]
            stop = min(before + left, ends.shape[0])
            self.counts[3] = before
            code = integrate(
                *padded, self.clock, self.counts, self.now, self._carry, self._b, self._codes,
                self.model, radau_scheme(), self._envs, self._work, self._store,
                ends[:stop], powers[:stop],
            )  # fmt: skip
            self._used[-1] = int(self.counts[3])
            left -= self._used[-1] - before
            if code != radau_kernels.FULL:
                break
            if left == 0:
                return False
        if code != radau_kernels.DONE:
            raise _failure(int(code), float(self.clock[0]), int(self.counts[0]))
        if self._used[-1] >= 2:
            usual = self._blocks[-1][0][self._used[-1] - 2, 1]
        if abs(usual) > abs(self.clock[2]):
            self.clock[2] = usual
        return True

    def _has_shadows(self) -> bool:
        ints = self.model[0]
        return bool(ints[0, 7] == 1 and ints[0, 5] > 0)

    def restart(self) -> None:
        """Forget the last step: the forces or the state are other ones from here."""
        self._b[:] = 0.0
        self.clock[5] = self.clock[9] = 0.0
        self.clock[2] *= _CAUTION
        self._carry[:] = 0.0

    def snapshot(self) -> tuple[Any, ...]:
        """Return what `restore` needs to come back to here."""
        arrays = [a.copy() for a in (self.clock, self.counts, self.now, self._carry, self._b)]
        return arrays, list(self._used)

    def restore(self, snapshot: tuple[Any, ...]) -> None:
        """Go back to a snapshot; later steps are forgotten."""
        arrays, used = snapshot
        for mine, kept in zip((self.clock, self.counts, self.now, self._carry, self._b), arrays, strict=True):
            mine[:] = kept
        del self._blocks[len(used) :]
        self._used = list(used)

    def forget(self) -> None:
        """Drop the steps and their counts; the state stays."""
        self._used[:] = [0] * len(self._used)
        self.counts[:] = 0

    def steps(self, first: int = 0) -> tuple[Doubles, Doubles]:
        """Return ends (n, 2) and powers (n, k, 10) from a row on, in the order of integration."""
        ends, powers, base = [], [], 0
        for (one, other), used in zip(self._blocks, self._used, strict=True):
            low = max(first - base, 0)
            if low < used:
                ends.append(one[low:used])
                powers.append(other[low:used])
            base += used
        if not ends:
            return np.zeros((0, 2)), np.zeros((0, self.now.shape[1], 10))
        return np.concatenate(ends), np.concatenate(powers)

    def dense(self, first: int = 0) -> DenseOutput:
        """Return the steps from a row on, in order of time."""
        return in_time_order(*self.steps(first))

    def cut(self, time: float) -> None:
        """Let the path end at a time inside the last steps; what came later is forgotten."""
        while self._used[-1] == 0 or abs(self._blocks[-1][0][self._used[-1] - 1, 0]) >= abs(time):
            if self._used[-1] == 0:
                self._blocks.pop()
                self._used.pop()
            else:
                self._used[-1] -= 1
        ends, powers = (block[self._used[-1] - 1] for block in self._blocks[-1])
        part = (time - ends[0]) / ends[1]
        powers *= part ** np.arange(10.0)
        ends[1] = time - ends[0]
        self.now[0] = powers.sum(axis=1)
        self.now[1] = (powers * np.arange(10.0)).sum(axis=1) / ends[1]
        self.clock[0], self.clock[1] = time, 0.0
        self.restart()

    def _grow(self) -> None:
        count = self.now.shape[1]
        rows = min(_ROWS << min(len(self._blocks), 12), max(_MOST_ROWS // count, _ROWS))
        self._blocks.append((np.empty((rows, 2)), np.empty((rows, count, 10))))
        self._used.append(0)


def in_time_order(ends: Doubles, powers: Doubles) -> DenseOutput:
    """Return steps in the order of integration as dense output in the order of time."""
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
