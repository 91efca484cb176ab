"""The circular restricted three-body problem, in its own units, by the same integrator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.forces.entries import Entries
from syzygy.astro.propagation.integration import DEFAULT_TOLERANCE, Stepper
from syzygy.astro.propagation.trajectory import DenseOutput, IntegrationReport
from syzygy.base.errors import InputError

Doubles = NDArray[np.float64]


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
    """

    problem: ThreeBodyProblem
    dense: DenseOutput
    report: IntegrationReport

    def states(self, time: Doubles) -> Doubles:
        """Return the states (m, 6) at times (m,)."""
        position, velocity = self.dense.values(np.atleast_1d(time), 0, 3)
        return np.concatenate([position, velocity], axis=1)

    def transition(self, time: Doubles) -> Doubles:
        """Return the state-transition matrices (m, 6, 6) at times (m,)."""
        if self.dense.powers.shape[1] < 21:
            raise InputError("this path carries no transition matrix", hint="give transition=True")
        value, rate = self.dense.values(np.atleast_1d(time), 3, 21)
        place = value.reshape(-1, 6, 3).swapaxes(1, 2)
        return np.concatenate([place, rate.reshape(-1, 6, 3).swapaxes(1, 2)], axis=1)


def propagate_three_body(
    problem: ThreeBodyProblem,
    state: Doubles,
    end: float,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    transition: bool = False,
) -> ThreeBodyPath:
    """Propagate one state (6,) from time 0 to `end`, in units of the problem.

    Notes
    -----
    **Accuracy**: the given 9:2 near-rectilinear halo closes within 1e-10 over its period
    (tests/astro/test_propagation_three_body.py).
    """
    from syzygy.astro.propagation import three_body_kernels

    start = np.asarray(state, dtype=np.float64)
    if start.shape != (6,) or not np.isfinite(start).all() or not np.isfinite(end) or end == 0.0:
        raise InputError(
            "a state of the three-body problem needs six finite numbers and a duration",
            value=f"shape {start.shape}, end {end}",
            allowed="(6,), end not 0",
        )
    integers, reals = np.zeros((1, 8), dtype=np.int64), np.zeros((1, 14))
    integers[0, 0] = 1
    reals[0, 8] = problem.mass_ratio
    model = (integers, reals, np.zeros(1))
    stepper = Stepper(
        start[:3],
        start[3:],
        model,
        (6, 8),
        forward=end > 0.0,
        tolerance=tolerance,
        transition=transition,
        first_step=1e-3,
        entries=Entries((three_body_kernels.fill,), (three_body_kernels.evaluate,)),
    )
    stepper.run(float(end))
    dense, counts = stepper.dense(), stepper.counts
    report = IntegrationReport(tolerance, int(counts[0]), int(counts[1]), int(counts[2]), 0)
    return ThreeBodyPath(problem, dense, report)
