"""One propagated reference through a run of states, and the linear steps from row to row beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.astro.frames import ICRF
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.propagation.trajectory import Trajectory
from syzygy.astro.states import States

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reference:
    """A flight from one state, seen at n instants.

    Attributes
    ----------
    flight : Trajectory
    state : array (n, 6)
        Position (m) and velocity (m/s).
    transition : array (n, 6, 6)
        From the first instant.
    partials : array (n, 6, p)
        By the parameters of the flight.
    """

    flight: Trajectory
    state: Doubles
    transition: Doubles
    partials: Doubles


def fly(
    start: Doubles,
    instants: NDArray[np.int64],
    force: ForceModel,
    almanac: Almanac,
    parameters: tuple[str, ...] = (),
) -> Reference:
    """Propagate a state (6,) at the first instant through all of them."""
    first = _first_state(start, instants, force)
    (flight,) = propagate(first, int(instants[-1]), force, almanac, transition=True, parameters=parameters)
    partials = flight.partials(instants) if parameters else np.zeros((instants.size, 6, 0))
    state = rows_of(flight.states(instants), slice(None))
    return Reference(flight, state, flight.transition(instants), partials)


def fly_plain(start: Doubles, instants: NDArray[np.int64], force: ForceModel, almanac: Almanac) -> Doubles:
    """Propagate a state (6,) at the first instant and return the states (n, 6) at all of them."""
    (flight,) = propagate(_first_state(start, instants, force), int(instants[-1]), force, almanac)
    return rows_of(flight.states(instants), slice(None))


def _first_state(start: Doubles, instants: NDArray[np.int64], force: ForceModel) -> States:
    return States(start[:3], start[3:], np.asarray(instants[0]), ICRF, force.centre)


def rows_of(states: States, rows: slice) -> Doubles:
    """Return states (n, 6) of a run of rows."""
    return np.concatenate([states.position_m[rows], states.velocity_m_s[rows]], axis=1)


def step_transitions(transition: Doubles, force: ForceModel) -> Doubles:
    """Return the transition matrices (n - 1, 6, 6) from each instant to the next."""
    return transition[1:] @ inverse_transition(transition[:-1], force)


def inverse_transition(matrix: Doubles, force: ForceModel) -> Doubles:
    """Return the inverses of transition matrices (..., 6, 6): in closed form unless there is drag."""
    if force.drag is None:
        return symplectic_inverse(matrix)
    time_s = np.sqrt((np.abs(matrix[..., :3, 3:]).max() + 1.0) / (np.abs(matrix[..., 3:, :3]).max() + 1e-9))
    scale = np.array([1.0] * 3 + [time_s] * 3)
    balanced = matrix * scale[:, None] / scale
    return np.asarray(np.linalg.inv(balanced) * scale / scale[:, None]).reshape(matrix.shape)


def symplectic_inverse(matrix: Doubles) -> Doubles:
    """Return the inverses of transition matrices (..., 6, 6) of motion under a potential.

    [[A, B], [C, D]] has the inverse [[D', -B'], [-C', A']]; forces by velocity (relativity) break this at
    1e-9, far below what is asked of it here.
    """
    a, b = matrix[..., :3, :3], matrix[..., :3, 3:]
    c, d = matrix[..., 3:, :3], matrix[..., 3:, 3:]
    found = np.empty_like(matrix)
    found[..., :3, :3] = d.swapaxes(-1, -2)
    found[..., :3, 3:] = -b.swapaxes(-1, -2)
    found[..., 3:, :3] = -c.swapaxes(-1, -2)
    found[..., 3:, 3:] = a.swapaxes(-1, -2)
    return found


def row_defects(states: Doubles, reference: Reference) -> Doubles:
    """Return (n - 1, 6): each row less the row before it, propagated.

    The step is the reference's; what a row is beside the reference is carried linearly.
    """
    beside = states - reference.state
    steps = step_transitions(reference.transition, reference.flight.force)
    return np.asarray(beside[1:] - np.einsum("nij,nj->ni", steps, beside[:-1]))
