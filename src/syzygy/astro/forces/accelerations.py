"""Accelerations of states under a force model, outside of any integration."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces.entries import list_entries
from syzygy.astro.forces.model import ForceModel
from syzygy.astro.forces.tables import ForceTables, tabulate_forces
from syzygy.astro.frames import ICRF, require_frame
from syzygy.astro.states import States
from syzygy.base.errors import FrameError

Doubles = NDArray[np.float64]


def accelerations_m_s2(states: States, force: ForceModel, almanac: Almanac) -> Doubles:
    """Return the accelerations (..., 3), ICRF axes, relative to the centre of the model.

    Raises
    ------
    FrameError
        The states are not in ICRF about the centre of the model.
    """
    tables, t = _tables(states, force, almanac)
    return accelerations_at(t, states.position_m, states.velocity_m_s, tables)[0]


def acceleration_gradients(states: States, force: ForceModel, almanac: Almanac) -> Doubles:
    """Return the derivatives (..., 3, 3) of accelerations by position, 1/s2, without tides and relativity."""
    tables, t = _tables(states, force, almanac)
    return accelerations_at(t, states.position_m, states.velocity_m_s, tables, gradients=True)[1]


def accelerations_at(
    t: Doubles, position_m: Doubles, velocity_m_s: Doubles, tables: ForceTables, *, gradients: bool = False
) -> tuple[Doubles, Doubles]:
    """Return accelerations (..., 3) and, where asked for, gradients (..., 3, 3) at arguments (n,)."""
    from syzygy.astro.forces import batch_kernels

    entries = list_entries(tables.model, gradients=gradients)
    out, slopes = np.empty((t.size, 3)), np.empty((t.size, 6 if gradients else 0, 3))
    batch_kernels.add_up(
        *entries.padded(),
        np.zeros(1),
        t,
        np.ascontiguousarray(position_m, dtype=np.float64).reshape(-1, 3),
        np.ascontiguousarray(velocity_m_s, dtype=np.float64).reshape(-1, 3),
        tables.model,
        np.zeros(tables.environment_size),
        np.zeros(tables.work_size),
        np.zeros(0, dtype=np.int64),
        out,
        slopes,
    )
    return out.reshape(position_m.shape), slopes[:, :3].reshape((*position_m.shape[:-1], -1, 3))


def require_states(states: States, force: ForceModel, where: str) -> None:
    """Refuse states in other axes or about another centre than the force model.

    Raises
    ------
    FrameError
    """
    require_frame(states.frame, ICRF, where)
    if states.centre != force.centre:
        raise FrameError(
            "the states are about another centre than the force model",
            value=str(states.centre),
            allowed=str(force.centre),
            where=where,
        )


def _tables(states: States, force: ForceModel, almanac: Almanac) -> tuple[ForceTables, Doubles]:
    require_states(states, force, "accelerations_m_s2")
    instants = np.broadcast_to(states.tai_ns, states.position_m.shape[:-1]).ravel()
    epoch = int(instants.min())
    span = (int(instants.max()) - epoch) / 1e9
    tables = tabulate_forces(force, almanac, epoch, 0.0, span + 1e-3)
    return tables, np.ascontiguousarray(tables.clock.seconds(instants))
