"""A propagated flight with dense output: polynomials over the steps of the integration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.bodies import Body
from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.forces import ForceModel
from syzygy.astro.forces.clock import Clock
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.burns import BurnRecord
from syzygy.astro.propagation.user_events import Occurrence
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
    powers : array (n, k, terms)
        Coefficients of tau = (t - start) / length, lowest first (10 of them for a flight under forces).
    """

    start: Doubles
    length: Doubles
    powers: Doubles

    @property
    def edges(self) -> Doubles:
        """Where the steps begin in time (n,)."""
        if self.length[0] > 0.0:
            return self.start
        return np.concatenate([self.start[:1] + self.length[:1], self.start[:-1]])

    @property
    def span(self) -> tuple[float, float]:
        """First and last argument."""
        last = self.start[-1] + (self.length[-1] if self.length[0] > 0.0 else 0.0)
        return float(self.edges[0]), float(last)

    def rows(self, t: Doubles, *, before: bool = False) -> NDArray[np.int64]:
        """Return the steps that hold arguments; of two that meet there the later one, or the one before."""
        row = np.searchsorted(self.edges, t, side="left" if before else "right") - 1
        return np.asarray(np.clip(row, 0, self.start.size - 1))

    def places(self, t: Doubles) -> Doubles:
        """Return the first three components at arguments (m,)."""
        return self.values(t, 0, 3)[0]

    def values(self, t: Doubles, first: int, last: int, *, before: bool = False) -> tuple[Doubles, Doubles]:
        """Return values and rates (m, last - first) of some components at arguments (m,)."""
        row = self.rows(t, before=before)
        tau = ((t - self.start[row]) / self.length[row])[:, None]
        powers = self.powers[row, first:last]
        last = powers.shape[-1] - 1
        value = powers[..., last]
        slope = np.zeros_like(value)
        for order in range(last - 1, -1, -1):
            slope = slope * tau + value
            value = value * tau + powers[..., order]
        return value, slope / self.length[row][:, None]


@dataclass(frozen=True)
class PropagationCheck:
    """How far a propagation can be trusted numerically.

    Attributes
    ----------
    rerun_tolerance : float
    rerun_position_m, rerun_velocity_m_s : float
        Difference at the end from a run at that tolerance.
    energy_defect : float
        Change of the two-body energy less the work of all other forces along the path, to the sum of kinetic
        and potential energy at the end; NaN where the forces are not those of one model.
    """

    rerun_tolerance: float
    rerun_position_m: float
    rerun_velocity_m_s: float
    energy_defect: float = float("nan")


@dataclass(frozen=True)
class IntegrationReport:
    """What the integration did.

    Attributes
    ----------
    tolerance : float
        Allowed size of the last coefficient of a step to the whole acceleration.
    steps, rejected, evaluations, shadow_edges : int
    air_remainder : float
        Largest relative error of the density by its continuation beside the tabulated path (0 without drag).
    check : PropagationCheck or None
        Energy defect and re-run, where they were asked for.
    """

    tolerance: float
    steps: int
    rejected: int
    evaluations: int
    shadow_edges: int
    air_remainder: float = 0.0
    check: PropagationCheck | None = None


@dataclass(frozen=True, eq=False)
class Leg:
    """A part of a flight under one description of forces.

    Attributes
    ----------
    first_step, last_step : int
        Rows of the dense output, in order of time, the last one included.
    force : ForceModel
        The positions of these steps are about its centre.
    mass_kg, mass_flow_kg_s : float
        At the beginning of the leg in time, and what leaves per second; 0 where the flight carries no mass.
    cause : str
        Why the leg begins: ``start``, the name of a burn, ``centre``.
    """

    first_step: int
    last_step: int
    force: ForceModel
    mass_kg: float
    mass_flow_kg_s: float
    cause: str


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
    legs : tuple of Leg
        In order of time; a flight under one description has one.
    burns : tuple of BurnRecord
    occurrences : tuple of Occurrence
        Of the events asked for, in order of time.
    ephemeris : Ephemeris or None
        For states about other centres.

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
    legs: tuple[Leg, ...] = ()
    burns: tuple[BurnRecord, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    ephemeris: Ephemeris | None = None

    @property
    def span_tai_ns(self) -> tuple[int, int]:
        """First and last instant."""
        first, last = self.clock.tai_ns(np.array(self.dense.span))
        return int(first), int(last)

    def states(self, tai_ns: ArrayLike, *, centre: Body | None = None, before: bool = False) -> States:
        """Return the states at instants, ICRF axes about the centre of the force model.

        Parameters
        ----------
        tai_ns : int64 (...)
        centre : Body, optional
            Another centre. Nothing is lost where the leg was flown about it.
        before : bool
            At the instant of a burn, the state before it (else the one after).

        Raises
        ------
        CoverageError
            An instant lies outside the flight.
        """
        instants = as_instants(tai_ns)
        wanted = centre or self.force.centre
        arguments = self._arguments(instants)
        position, velocity = self.dense.values(arguments, 0, 3, before=before)
        rows = self.dense.rows(arguments, before=before)
        times = np.broadcast_to(instants, instants.shape).ravel()
        for leg in self.legs:
            if leg.force.centre != wanted:
                here = (rows >= leg.first_step) & (rows <= leg.last_step)
                if here.any():
                    place, speed = self._ephemeris().state_m(leg.force.centre, wanted, times[here])
                    position[here] += place
                    velocity[here] += speed
        shape = (*instants.shape, 3)
        return States(position.reshape(shape), velocity.reshape(shape), instants, ICRF, wanted)

    def centres(self, tai_ns: ArrayLike) -> tuple[Body, ...]:
        """Return about which bodies the flight was integrated at instants (n,)."""
        rows = self.dense.rows(self._arguments(as_instants(tai_ns)))
        ends = np.array([leg.last_step for leg in self.legs])
        return tuple(self.legs[int(k)].force.centre for k in np.searchsorted(ends, rows))

    def mass_kg(self, tai_ns: ArrayLike, *, before: bool = False) -> Doubles:
        """Return the mass at instants (0 where the flight carries none)."""
        instants = as_instants(tai_ns)
        arguments = self._arguments(instants)
        rows = self.dense.rows(arguments, before=before)
        mass, edges = np.zeros(arguments.shape), self.dense.edges
        for leg in self.legs:
            here = (rows >= leg.first_step) & (rows <= leg.last_step)
            mass[here] = leg.mass_kg - leg.mass_flow_kg_s * (arguments[here] - edges[leg.first_step])
        return mass.reshape(instants.shape)

    def _ephemeris(self) -> Ephemeris:
        if self.ephemeris is None:
            raise InputError("this flight carries no ephemeris for another centre", hint="propagate with one")
        return self.ephemeris

    def transition(self, tai_ns: ArrayLike, *, before: bool = False) -> Doubles:
        """Return the state-transition matrices (..., 6, 6) from the epoch to instants, SI units.

        They hold across burns and changes of the centre.

        Raises
        ------
        InputError
            The flight was propagated without them.
        """
        return self._columns(tai_ns, 3, 21, "transition=True", before)

    def partials(self, tai_ns: ArrayLike) -> Doubles:
        """Return the derivatives (..., 6, p) of the states by the parameters at instants.

        Raises
        ------
        InputError
            The flight was propagated without parameters.
        """
        return self._columns(tai_ns, 21, 21 + 3 * len(self.parameters), "parameters=(...)", False)

    def _columns(self, tai_ns: ArrayLike, first: int, last: int, hint: str, before: bool) -> Doubles:
        if self.dense.powers.shape[1] < last or last == first:
            raise InputError("this flight carries no such partial derivatives", hint=f"propagate with {hint}")
        instants = as_instants(tai_ns)
        value, rate = self.dense.values(self._arguments(instants), first, last, before=before)
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
