"""A propagated flight with dense output: polynomials of degree 9 over the steps of the integration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.forces import ForceModel
from syzygy.astro.forces.tables import Clock
from syzygy.astro.frames import ICRF
from syzygy.astro.states import States
from syzygy.astro.time import as_instants
from syzygy.base.errors import CoverageError, InputError

Doubles = NDArray[np.float64]

_SLACK_S = 1e-6


@dataclass(frozen=True, eq=False)
class DenseOutput:
    """Second-order functions of time as polynomials over steps.

    Attributes
    ----------
    start, length : array (n,)
        Beginning and length of the steps, in time order; the length is negative after a propagation
        backwards, and the beginning is then the later end.
    powers : array (n, k, 10)
        Coefficients of tau = (t - start) / length, lowest first.
    """

    start: Doubles
    length: Doubles
    powers: Doubles

    @property
    def span(self) -> tuple[float, float]:
        """First and last argument."""
        low = np.minimum(self.start, self.start + self.length)
        high = np.maximum(self.start, self.start + self.length)
        return float(low[0]), float(high[-1])

    def values(self, t: Doubles, first: int, last: int) -> tuple[Doubles, Doubles]:
        """Return values and rates (m, last - first) of some components at arguments (m,)."""
        low = np.minimum(self.start, self.start + self.length)
        row = np.clip(np.searchsorted(low, t, side="right") - 1, 0, self.start.size - 1)
        tau = ((t - self.start[row]) / self.length[row])[:, None]
        powers = self.powers[row, first:last]
        value = powers[..., 9]
        slope = np.zeros_like(value)
        for order in range(8, -1, -1):
            slope = slope * tau + value
            value = value * tau + powers[..., order]
        return value, slope / self.length[row][:, None]


@dataclass(frozen=True)
class IntegrationReport:
    """What the integration did.

    Attributes
    ----------
    tolerance : float
        Allowed size of the last coefficient of a step to the whole acceleration.
    steps, rejected, evaluations, shadow_edges : int
    """

    tolerance: float
    steps: int
    rejected: int
    evaluations: int
    shadow_edges: int


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One flight under a force model.

    Attributes
    ----------
    force : ForceModel
    clock : Clock
        Epoch and time variable of the dense output.
    dense : DenseOutput
        Metres; components 0-2 position, then columns of the transition matrix and of the parameters.
    parameters : tuple of str
        Names of the parameters with partials.
    report : IntegrationReport
    almanac_sha256 : str

    Notes
    -----
    **Accuracy**: the dense output of a two-body orbit agrees with the closed form to 1e-12 of the radius
    between the steps (tests/astro/test_propagation_two_body.py).
    """

    force: ForceModel
    clock: Clock
    dense: DenseOutput
    parameters: tuple[str, ...]
    report: IntegrationReport
    almanac_sha256: str

    @property
    def span_tai_ns(self) -> tuple[int, int]:
        """First and last instant."""
        first, last = self.clock.tai_ns(np.array(self.dense.span))
        return int(first), int(last)

    def states(self, tai_ns: ArrayLike) -> States:
        """Return the states at instants, ICRF axes about the centre of the force model.

        Raises
        ------
        CoverageError
            An instant lies outside the flight.
        """
        instants = as_instants(tai_ns)
        position, velocity = self.dense.values(self._arguments(instants), 0, 3)
        shape = (*instants.shape, 3)
        return States(position.reshape(shape), velocity.reshape(shape), instants, ICRF, self.force.centre)

    def transition(self, tai_ns: ArrayLike) -> Doubles:
        """Return the state-transition matrices (..., 6, 6) from the epoch to instants, SI units.

        Raises
        ------
        InputError
            The flight was propagated without them.
        """
        return self._columns(tai_ns, 3, 21, "transition=True")

    def partials(self, tai_ns: ArrayLike) -> Doubles:
        """Return the derivatives (..., 6, p) of the states by the parameters at instants.

        Raises
        ------
        InputError
            The flight was propagated without parameters.
        """
        return self._columns(tai_ns, 21, 21 + 3 * len(self.parameters), "parameters=(...)")

    def _columns(self, tai_ns: ArrayLike, first: int, last: int, hint: str) -> Doubles:
        if self.dense.powers.shape[1] < last or last == first:
            raise InputError("this flight carries no such partial derivatives", hint=f"propagate with {hint}")
        instants = as_instants(tai_ns)
        value, rate = self.dense.values(self._arguments(instants), first, last)
        columns = (last - first) // 3
        place = value.reshape(-1, columns, 3).swapaxes(1, 2)
        speed = rate.reshape(-1, columns, 3).swapaxes(1, 2)
        return np.concatenate([place, speed], axis=1).reshape(*instants.shape, 6, columns)

    def _arguments(self, instants: NDArray[np.int64]) -> Doubles:
        t = np.asarray(self.clock.seconds(instants)).ravel()
        low, high = self.dense.span
        if t.size and not (t.min() >= low - _SLACK_S and t.max() <= high + _SLACK_S):
            raise CoverageError(
                "an instant lies outside the propagated flight",
                value=f"{t.min():.6f} to {t.max():.6f} s after the epoch",
                allowed=f"{low:.6f} to {high:.6f} s",
                where="Trajectory",
                hint="propagate further",
            )
        return np.asarray(np.clip(t, low, high))
