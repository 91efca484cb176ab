"""What lies around a flown plan: every encounter by linear motion, so that thousands of plans cost one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.astro.mean_elements import MeanElements, join_elements
from syzygy.astro.propagation.sgp4_batch import prepare_sgp4
from syzygy.debris.avoidance.candidates import Circumstances, Evaluated
from syzygy.debris.avoidance.impulse_response import position_response
from syzygy.debris.avoidance.risk import burn_spread, event_spread, separation_after

FloatArray = NDArray[np.float64]
_SAFE_PART = 0.97


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The encounters of one plan, the event among them, each with and without execution error.

    Attributes
    ----------
    offset : (c, 2) float64
        Miss vectors in the planes of the encounters, in sigmas.
    needed2 : (c,) float64
        Squared distance in sigmas at which the limit is met (small body).
    white : (c, 2, 3) float64
        From metres in TEME to sigmas of the plane.
    own : (c, 6) float64
        State of the mover at each encounter.
    tai_ns : (c,) int64
    burn_tai_ns : (k,) int64
    impulse_m_s : (k, 3) float64
        The plan, in radial, transverse, normal axes.
    before : MeanElements
        (k,) sets: the orbit before each burn.
    """

    offset: FloatArray
    needed2: FloatArray
    white: FloatArray
    own: FloatArray
    tai_ns: NDArray[np.int64]
    burn_tai_ns: NDArray[np.int64]
    impulse_m_s: FloatArray
    before: MeanElements

    def excess(self, gains: FloatArray, impulses: FloatArray, moved: FloatArray) -> FloatArray:
        """Return ln(worst probability over limit) for impulses (s, 3 k), by linear motion.

        ``gains`` (c, 2, 3 k) belong to the instants of the impulses, ``moved`` (c, 2) is what the plan
        itself moves, which the impulses replace.
        """
        shifted = np.einsum("cpj,sj->scp", gains, impulses, optimize=True)
        left = (self.offset - moved)[None] + shifted
        return np.asarray(0.5 * (self.needed2 - np.sum(left**2, axis=2)).max(axis=1))


def around_plan(around: Circumstances, judged: Evaluated, row: int) -> Neighbourhood:
    """Describe the neighbourhood of one of the plans that were judged."""
    found = judged.found.select(judged.found.plan == row)
    flown, event = judged.flown, around.event
    age = (found.tai_ns - event.own.epoch_tai_ns[0]) / 1e9
    model = around.model.uncertainty
    summed = model.covariances(found.own_position_m, found.own_velocity_m_s, age)
    age = (found.tai_ns - around.others.epoch_tai_ns[found.row]) / 1e9
    summed = summed + model.covariances(found.position_m, found.velocity_m_s, age)
    spread = burn_spread(found, flown, around.model.error)
    own_separation, own_velocity = separation_after(event, flown, around.leap_seconds)
    own_summed = event.encounter.position_covariance_m2[0]
    own_spread = event_spread(event, flown, around.model.error)[row]
    primary = event.encounter.primary
    separation = np.concatenate([found.separation_m, own_separation[[row]]])
    velocity = np.concatenate([found.relative_velocity_m_s, own_velocity[[row]]])
    covariance = np.concatenate([summed, own_summed[None]])
    wide = covariance + np.concatenate([spread, own_spread[None]])
    threshold = around.request.threshold
    limit = np.concatenate([np.full(len(found), threshold), [around.request.aim or threshold]])
    radius = around.model.radius_m
    parts = [_whitened(separation, velocity, matrix, limit, radius) for matrix in (covariance, wide)]
    places = np.concatenate([found.own_position_m, primary.position_m])
    own = np.concatenate([places, np.concatenate([found.own_velocity_m_s, primary.velocity_m_s])], axis=1)
    tai_ns = np.concatenate([found.tai_ns, [event.tca_tai_ns]])
    offset, needed2, white = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    keep = needed2 > 0.0
    legs = np.flatnonzero(flown.legs.plan == row)
    return Neighbourhood(
        offset[keep], needed2[keep], white[keep], np.tile(own, (2, 1))[keep], np.tile(tai_ns, 2)[keep],
        flown.plans.burn_tai_ns[row], flown.plans.impulse_m_s[row],
        _before(event.own, flown.legs.elements, legs),
    )  # fmt: skip


def burn_gains(
    around: Circumstances, near: Neighbourhood, burn: int, times: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Return what impulses at instants (m,) do: sigmas per m/s (m, c, 2, 3), and the velocity axes (m, 3).

    The orbit is that before burn `burn` of the plan. The miss vector is the other object minus the own one:
    an impulse moves it backwards.
    """
    found = prepare_sgp4(near.before.select([burn]), around.leap_seconds).states(times)
    states = np.concatenate([found.position_m[0], found.velocity_m_s[0]], axis=1)
    axes = rtn_axes(states[:, :3], states[:, 3:])
    count, many = len(times), len(near.tai_ns)
    seconds = (near.tai_ns[None] - times[:, None]) / 1e9
    response = position_response(
        np.repeat(states, many, axis=0), np.tile(near.own, (count, 1)), seconds.ravel()
    ).reshape(count, many, 3, 3)
    response = np.where((seconds > 0.0)[..., None, None], response, 0.0)
    local = response @ np.swapaxes(axes, 1, 2)[:, None]
    speed = np.linalg.norm(states[:, 3:], axis=1)[:, None]
    return -near.white[None] @ local, np.einsum("nij,nj->ni", axes, states[:, 3:] / speed)


def _whitened(
    separation: FloatArray, velocity: FloatArray, covariance: FloatArray, limit: FloatArray, radius_m: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    along = velocity / np.linalg.norm(velocity, axis=1)[:, None]
    helper = np.eye(3)[np.argmin(np.abs(along), axis=1)]
    first = np.cross(along, helper)
    first /= np.linalg.norm(first, axis=1)[:, None]
    plane = np.stack([first, np.cross(along, first)], axis=1)
    inside = plane @ covariance @ np.swapaxes(plane, 1, 2)
    white = np.linalg.inv(np.linalg.cholesky(inside)) @ plane
    peak = radius_m**2 / (2.0 * np.sqrt(np.linalg.det(inside)))
    needed2 = 2.0 * np.log(peak / (_SAFE_PART * limit))
    return np.einsum("nij,nj->ni", white, separation), needed2, white


def _before(own: MeanElements, legs: MeanElements, rows: NDArray[np.int64]) -> MeanElements:
    return join_elements([own, legs.select(rows[:-1])]) if len(rows) > 1 else own
