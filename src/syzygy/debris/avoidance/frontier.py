"""The analytic frontier: how large a burn has to be, against the time at which it is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.astro.time import LeapSeconds
from syzygy.debris.avoidance.event import AvoidanceEvent
from syzygy.debris.avoidance.impulse_response import position_response
from syzygy.debris.avoidance.optimum import (
    EncounterPlane,
    ExecutionError,
    probability_after,
    safest_impulse,
    smallest_impulse,
)
from syzygy.debris.avoidance.plans import FACTORS
from syzygy.debris.probability.b_plane import plane_axes

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DesignPlane:
    """The event projected to its plane, axes across and up.

    Attributes
    ----------
    axes : (2, 3) float64
        In TEME.
    plane : EncounterPlane
    """

    axes: FloatArray
    plane: EncounterPlane


@dataclass(frozen=True, eq=False)
class Frontier:
    """Sizes of the first burn that the closed form asks for, m burn times and two branches.

    Attributes
    ----------
    tai_ns : (m,) int64
    response_s : (m, 2, 3) float64
        Displacement of the miss vector in the plane per first burn in radial, transverse, normal axes; all
        burns of the manoeuvre before the event are in it.
    velocity_axis : (m, 3) float64
        Direction of the velocity in the same axes.
    size_m_s : (m, 2) float64
        Smallest size of the first burn on each branch; infinity where `largest` does not suffice.
    """

    tai_ns: NDArray[np.int64]
    response_s: FloatArray
    velocity_axis: FloatArray
    size_m_s: FloatArray


def design_plane(event: AvoidanceEvent) -> DesignPlane:
    """Project the event."""
    encounter = event.encounter
    axes = plane_axes(encounter)
    summed = axes @ encounter.position_covariance_m2[0] @ axes.T
    plane = EncounterPlane(
        axes @ encounter.separation_m[0], 0.5 * (summed + summed.T), float(encounter.hard_body_radius_m[0])
    )
    return DesignPlane(axes, plane)


def find_frontier(
    event: AvoidanceEvent,
    times: NDArray[np.int64],
    *,
    manoeuvre: str,
    direction: str,
    aim: float,
    largest_m_s: float,
    error: ExecutionError,
    leap_seconds: LeapSeconds,
) -> Frontier:
    """Find the smallest first burn at each instant, by linear relative motion in the plane of the event.

    The two branches are the two ways to go: forwards and backwards, or (free direction) the safest impulse
    and its opposite.
    """
    design = design_plane(event)
    response, axis = _responses(event, design, times, manoeuvre, leap_seconds)
    largest = largest_m_s / float(np.abs(FACTORS[manoeuvre]).sum())
    sizes = []
    for branch in (0, 1):
        wide_axis = axis

        def choose(
            wide: FloatArray, size: FloatArray, branch: int = branch, axis: FloatArray = wide_axis
        ) -> FloatArray:
            repeats = len(wide) // max(len(axis), 1)
            return branch_impulse(
                design.plane, wide, np.repeat(axis, repeats, axis=0), size, direction, branch
            )

        sizes.append(smallest_impulse(design.plane, response, choose, error, aim=aim, largest_m_s=largest))
    return Frontier(times, response, axis, np.stack(sizes, axis=1))


def branch_impulse(
    plane: EncounterPlane,
    response: FloatArray,
    velocity_axis: FloatArray,
    size_m_s: FloatArray,
    direction: str,
    branch: int,
) -> FloatArray:
    """Return the first burns (n, 3) of given sizes on one branch."""
    sign = 1.0 if branch == 0 else -1.0
    if direction == "tangential":
        return np.asarray(sign * velocity_axis * size_m_s[:, None])
    return sign * safest_impulse(plane, response, size_m_s)


def probability_now(event: AvoidanceEvent) -> float:
    """Return the 2-D probability of the event without a burn."""
    none = np.zeros((1, 3))
    return float(
        probability_after(design_plane(event).plane, np.zeros((1, 2, 3)), none, ExecutionError(0.0, 0.0))[0]
    )


def _responses(
    event: AvoidanceEvent,
    design: DesignPlane,
    times: NDArray[np.int64],
    manoeuvre: str,
    leap_seconds: LeapSeconds,
) -> tuple[FloatArray, FloatArray]:
    batch = prepare_sgp4(event.own, leap_seconds)
    later = np.concatenate([event.encounter.primary.position_m, event.encounter.primary.velocity_m_s], axis=1)
    states = batch.states(times)
    state = np.concatenate([states.position_m[0], states.velocity_m_s[0]], axis=1)
    axes = rtn_axes(state[:, :3], state[:, 3:])
    seconds = (event.tca_tai_ns - times) / 1e9
    found = position_response(state, np.repeat(later, len(times), axis=0), seconds)
    local = -design.axes @ found @ np.swapaxes(axes, 1, 2)
    speed = np.linalg.norm(state[:, 3:], axis=1)[:, None]
    axis = np.einsum("nij,nj->ni", axes, state[:, 3:] / speed)
    if manoeuvre == "two-burn-return":
        # Only what is at right angles to the velocity leaves the period alone.
        local = local @ (np.eye(3) - axis[:, :, None] * axis[:, None, :])
    return np.where((seconds > 0.0)[:, None, None], local, 0.0), axis


def orbit_period_s(event: AvoidanceEvent) -> float:
    """Return the time between two passes of the same argument of latitude, by the mean motion."""
    return float(2.0 * np.pi / event.own.mean_motion_rad_s[0])
