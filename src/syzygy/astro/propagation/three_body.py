"""The circular restricted three-body problem, in its own units: Taylor series, many flights at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.propagation.integration import in_time_order
from syzygy.astro.propagation.trajectory import DenseOutput, IntegrationReport
from syzygy.base.errors import ComputationError, CoverageError, InputError

Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

TOLERANCES = (1e-16, 1e-3)
DEFAULT_TOLERANCE = 1e-16
_ROWS = 96
_MOST_ROWS = 4096
_SLACK = 1e-12


@dataclass(frozen=True)
class ThreeBodyProblem:
    """Two bodies on a circle and a massless third, in rotating axes.

    Attributes
    ----------
    mass_ratio : float
        Of the smaller body to both; the larger stands at -mass_ratio, the smaller at 1 - mass_ratio.
    """

    mass_ratio: float

    def __post_init__(self) -> None:
        if not 0.0 < self.mass_ratio <= 0.5:
            raise InputError(
                "the mass ratio of a three-body problem is out of range",
                value=self.mass_ratio,
                allowed="above 0, at most 0.5",
            )

    def jacobi(self, state: Doubles) -> Doubles:
        """Return the Jacobi constant of states (..., 6)."""
        x, y, z = state[..., 0], state[..., 1], state[..., 2]
        mu = self.mass_ratio
        one = np.sqrt((x + mu) ** 2 + y**2 + z**2)
        two = np.sqrt((x - 1.0 + mu) ** 2 + y**2 + z**2)
        potential = x**2 + y**2 + 2.0 * ((1.0 - mu) / one + mu / two)
        return np.asarray(potential - np.sum(state[..., 3:6] ** 2, axis=-1))


@dataclass(frozen=True, eq=False)
class ThreeBodyPath:
    """A path in rotating axes.

    Attributes
    ----------
    problem : ThreeBodyProblem
    dense : DenseOutput
    report : IntegrationReport
        An evaluation is one order of the series of a step.
    """

    problem: ThreeBodyProblem
    dense: DenseOutput
    report: IntegrationReport

    def states(self, time: ArrayLike) -> Doubles:
        """Return the states (m, 6) at times (m,).

        Raises
        ------
        CoverageError
            A time lies outside the path.
        """
        return np.concatenate(self._values(time, 0, 3), axis=1)

    def transition(self, time: ArrayLike) -> Doubles:
        """Return the state-transition matrices (m, 6, 6) at times (m,).

        Raises
        ------
        InputError
            The path was propagated without them.
        CoverageError
            A time lies outside the path.
        """
        if self.dense.powers.shape[1] < 21:
            raise InputError("this path carries no transition matrix", hint="give transition=True")
        value, rate = self._values(time, 3, 21)
        place = value.reshape(-1, 6, 3).swapaxes(1, 2)
        return np.concatenate([place, rate.reshape(-1, 6, 3).swapaxes(1, 2)], axis=1)

    def _values(self, time: ArrayLike, first: int, last: int) -> tuple[Doubles, Doubles]:
        t = np.atleast_1d(np.asarray(time, dtype=np.float64))
        low, high = self.dense.span
        slack = _SLACK * (high - low)
        if t.size and not (t.min() >= low - slack and t.max() <= high + slack):
            raise CoverageError(
                "a time lies outside the path",
                value=f"{t.min():.15g} to {t.max():.15g}",
                allowed=f"{low:.15g} to {high:.15g}, units of the problem",
                where="ThreeBodyPath",
                hint="propagate further",
            )
        return self.dense.values(t, first, last)


@dataclass(frozen=True, eq=False)
class ThreeBodyPaths:
    """The paths of a batch: `paths[row]` is one of them.

    Attributes
    ----------
    problem : ThreeBodyProblem
    stop_time, stop_state : array (n,), (n, 6)
        Where every flight ended: at the end asked for, unless it is among the failures.
    failures : mapping of int to ComputationError
        Rows that did not reach their end, and why; the other rows are not touched by them.
    """

    problem: ThreeBodyProblem
    stop_time: Doubles
    stop_state: Doubles
    failures: Mapping[int, ComputationError]
    _tolerance: float = field(repr=False)
    _order: int = field(repr=False)
    _steps: tuple[Integers, Integers, Integers] = field(repr=False)
    _pools: tuple[tuple[Doubles, Doubles], ...] = field(repr=False)

    def __len__(self) -> int:
        return self.stop_time.size

    def __getitem__(self, row: int) -> ThreeBodyPath:
        """Return one path.

        Raises
        ------
        ComputationError
            It did not reach its end.
        """
        number = range(len(self))[row]
        if number in self.failures:
            raise self.failures[number]
        return self.part(number)

    def part(self, row: int) -> ThreeBodyPath:
        """Return one path as far as it got (at least a step)."""
        lane, first, steps = (int(part[row]) for part in self._steps)
        if steps == 0:
            raise self.failures[row]
        spans, powers, base = [], [], 0
        for span, block in self._pools:
            low, high = max(first - base, 0), min(first + steps - base, span.shape[0])
            if low < high:
                width = span.shape[1] // 2
                spans.append(span[low:high, lane::width])
                powers.append(block[low:high, :, :, lane])
            base += span.shape[0]
        ends, series = (parts[0] if len(parts) == 1 else np.concatenate(parts) for parts in (spans, powers))
        report = IntegrationReport(self._tolerance, steps, 0, steps * self._order, 0)
        return ThreeBodyPath(self.problem, in_time_order(ends, series), report)


def propagate_three_body(
    problem: ThreeBodyProblem,
    state: ArrayLike,
    end: float,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    transition: bool = False,
) -> ThreeBodyPath:
    """Propagate one state (6,) from time 0 to `end`, in units of the problem.

    Parameters
    ----------
    problem : ThreeBodyProblem
    state : array (6,)
        Place and velocity in rotating axes.
    end : float
        Before or after 0.
    tolerance : float
        Of a step, relative to the state; the order of the series is 1 - ln(tolerance) / 2 (20 by default).
    transition : bool
        Carry the state-transition matrix; the path itself is the same to the bit.

    Raises
    ------
    InputError
        A state that is no state, no duration, a tolerance out of range.
    ComputationError
        The path falls into a body, or takes more than 131,072 steps.

    Notes
    -----
    **Accuracy**: the given 9:2 near-rectilinear halo closes within 1e-12 over its period
    (tests/astro/test_propagation_three_body.py).

    **Source**: Jorba and Zou, Experimental Mathematics 14, 99 (2005).
    """
    start = np.asarray(state, dtype=np.float64)
    if start.shape != (6,) or np.ndim(end) != 0:
        raise _refusal(start, end, "(6,) and one end, finite")
    return propagate_three_body_batch(problem, start[None], end, tolerance=tolerance, transition=transition)[
        0
    ]


def propagate_three_body_batch(
    problem: ThreeBodyProblem,
    states: ArrayLike,
    ends: ArrayLike,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    transition: bool = False,
) -> ThreeBodyPaths:
    """Propagate states (n, 6) from time 0 to one end or to one each (n,), several in step with each other.

    A flight has the same bits as alone. Parameters and accuracy are those of `propagate_three_body`.

    Raises
    ------
    InputError
        As there. A path that falls into a body is among the `failures` of the answer.
    """
    start = np.array(states, dtype=np.float64, order="C")
    _require_states(start, np.asarray(ends, dtype=np.float64))
    end = np.full(start.shape[:1], ends, dtype=np.float64)
    low, high = TOLERANCES
    if not low <= tolerance <= high:
        raise InputError(
            "the tolerance of the integration is out of range",
            value=f"{tolerance:g}",
            allowed=f"{low:g} to {high:g}",
            where="tolerance",
            hint="smaller ones are below the rounding of double precision",
        )
    return _fly(problem, start, end, tolerance, 21 if transition else 3)


def _fly(
    problem: ThreeBodyProblem, start: Doubles, end: Doubles, tolerance: float, rows: int
) -> ThreeBodyPaths:
    from syzygy.astro.propagation import three_body_kernels as kernels
    from syzygy.numerics.lane_kernels import LANES

    integrate = kernels.integrator()
    order = math.ceil(1.0 - math.log(tolerance) / 2.0)
    factor = -(2.0 + 0.7 / (order - 1)) / math.log(2.0)
    lanes, work = kernels.new_lanes(rows), np.zeros(kernels.WORK_ROWS * (order + 2) * LANES)
    flights, tally = np.full(LANES, -1), np.zeros(2, dtype=np.int64)
    codes, seats, firsts, steps = (np.zeros(end.size, dtype=np.int64) for _ in range(4))
    stops = np.zeros((end.size, 7))
    pools: list[tuple[Doubles, Doubles]] = []
    most = _ROWS * math.ceil(end.size / LANES)
    while not codes.all():
        most = min(most, _MOST_ROWS)
        span, powers = np.zeros((most, 2 * LANES)), np.empty((most, rows, order + 2, LANES))
        used = integrate(
            start, end, problem.mass_ratio, order, factor, work, lanes, flights, tally, span, stops,
            (codes, seats, firsts, steps), powers.reshape(-1),
        )  # fmt: skip
        pools.append((span[:used], powers[:used]))
        most = 2 * most
    late = np.flatnonzero(codes != kernels.DONE) if (codes != kernels.DONE).any() else ()
    failures = {int(row): _failure(int(codes[row]), stops[row]) for row in late}
    kept = (seats, firsts, steps)
    return ThreeBodyPaths(problem, stops[:, 0], stops[:, 1:], failures, tolerance, order, kept, tuple(pools))


def _require_states(states: Doubles, ends: Doubles) -> None:
    fits = states.ndim == 2 and states.shape[1] == 6 and ends.shape in ((), states.shape[:1])
    if not (fits and np.isfinite(states).all() and np.isfinite(ends).all()):
        raise _refusal(states, ends, "(n, 6) and one end or (n,), finite")
    if not ends.all():
        raise InputError(
            "a propagation of the three-body problem has no duration",
            value="0",
            allowed="an end before or after 0",
            where="end",
        )


def _refusal(states: Doubles, ends: ArrayLike, allowed: str) -> InputError:
    return InputError(
        "a state of the three-body problem needs six finite numbers and a duration",
        value=f"states of shape {states.shape}, ends of shape {np.shape(ends)}",
        allowed=allowed,
        where="propagate_three_body",
    )


def _failure(code: int, stop: Doubles) -> ComputationError:
    from syzygy.astro.propagation import three_body_kernels as kernels

    what, hint = {
        kernels.FALLEN: ("the path falls into a body", "stop before it, or correct the state"),
        kernels.STALLED: ("the step of the integration shrank to nothing", "does it fall into a body?"),
        kernels.ENDLESS: (
            f"the path needs more than {kernels.MOST_STEPS:,} steps",
            "does it circle close to a body? fly it in parts",
        ),
        kernels.NOT_FINITE: ("an acceleration is not a finite number", "check state and units"),
    }[code]
    place = ", ".join(f"{value:.9g}" for value in stop[1:4])
    return ComputationError(
        what,
        value=f"at time {stop[0]:.9g}, place ({place}) in units of the problem",
        allowed="a path that stays 1e-9 away from both bodies",
        where="propagate_three_body",
        hint=hint,
    )
