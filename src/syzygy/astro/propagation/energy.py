"""The energy of a flight held against the work of the forces along it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import accelerations_m_s2
from syzygy.astro.propagation.trajectory import Trajectory

Doubles = NDArray[np.float64]

_NODES = 10


def energy_defect(flight: Trajectory, almanac: Almanac) -> float:
    """Return how far the two-body energy at the end is from that at the start plus the work on the way.

    The work of all forces but the attraction of the centre is summed by Gauss-Legendre quadrature over the
    polynomials of the steps; the defect is given in units of kinetic plus (absolute) potential energy at the
    end.  It measures steps, rounding and dense output alike.  NaN where the flight has burns, drag or several
    centres.
    """
    force = flight.force
    if len(flight.legs) != 1 or flight.burns or force.drag is not None or flight.legs[0].mass_kg > 0.0:
        return float("nan")
    dense = flight.dense
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    t = (dense.start[:, None] + dense.length[:, None] * 0.5 * (1.0 + nodes)).ravel()
    states = flight.states(flight.clock.tai_ns(t))
    gm = force.effective_gm_m3_s2
    place = states.position_m
    central = -gm * place / np.linalg.norm(place, axis=1, keepdims=True) ** 3
    rest = accelerations_m_s2(states, force, almanac) - central
    power = np.sum(rest * states.velocity_m_s, axis=1).reshape(-1, _NODES)
    work = float(np.sum(power * weights * 0.5 * dense.length[:, None]))
    low, high = dense.span
    ends = np.array([low, high] if dense.length[0] > 0.0 else [high, low])
    position, velocity = dense.values(ends, 0, 3)
    kinetic, potential = 0.5 * np.sum(velocity**2, axis=1), gm / np.linalg.norm(position, axis=1)
    change = float((kinetic - potential)[1] - (kinetic - potential)[0])
    return abs(change - work) / float((kinetic + potential)[1])
