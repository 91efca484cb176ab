"""The pair as one normal cloud, linearised where a collision is most likely: the peak of the overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.covariance_repair import clip_state_covariances
from syzygy.debris.probability.element_motion import ElementCloud, element_cloud, states_and_partials
from syzygy.debris.probability.encounters import Encounter

FloatArray = NDArray[np.float64]
_ROUNDS = 30
_SETTLED = 1e-6


@dataclass(frozen=True)
class RelativeCloud:
    """Relative position and velocity (secondary minus primary) at m instants, as normal clouds.

    Attributes
    ----------
    seconds : (m,) float64
        After the reference instant.
    mean : (m, 6) float64
        Of the cloud linearised at the peak of the overlap, inertial, m and m/s.
    covariance : (m, 6, 6) float64
        Likewise.
    settled : (m,) bool
        Whether the search for the peak converged.
    """

    seconds: FloatArray
    mean: FloatArray
    covariance: FloatArray
    settled: NDArray[np.bool_]

    @property
    def squared_mahalanobis(self) -> FloatArray:
        """Squared Mahalanobis distance of the relative position from zero, (m,)."""
        inner = self.mean[:, :3]
        return np.asarray(np.einsum("mi,mi->m", inner, _solve(self.covariance[:, :3, :3], inner)))


@dataclass(frozen=True)
class LinkedPair:
    """The two clouds of one encounter.

    Attributes
    ----------
    primary, secondary : ElementCloud
    radius_m : float
        Hard-body radius.
    cross : (6, 6) float64 or None
        Covariance of the primary's elements with the secondary's; None: independent.
    """

    primary: ElementCloud
    secondary: ElementCloud
    radius_m: float
    cross: FloatArray | None = None

    @property
    def joint_covariance(self) -> FloatArray:
        """Covariance (12, 12) of both sets of elements."""
        joint = np.zeros((12, 12))
        joint[:6, :6], joint[6:, 6:] = self.primary.covariance, self.secondary.covariance
        if self.cross is not None:
            joint[:6, 6:], joint[6:, :6] = self.cross, self.cross.T
        return joint


def link_pair(encounter: Encounter, row: int) -> LinkedPair:
    """Turn one row of an encounter into two clouds of elements; covariances are clipped where needed."""
    clouds = []
    for side in (encounter.primary, encounter.secondary):
        covariance = clip_state_covariances(side.covariance[row : row + 1]).covariance[0]
        clouds.append(element_cloud(side.position_m[row], side.velocity_m_s[row], covariance))
    one, two = clouds
    cross = None
    if encounter.cross_covariance is not None:
        cross = one.gain @ encounter.cross_covariance[row] @ two.gain.T
    return LinkedPair(one, two, float(encounter.hard_body_radius_m[row]), cross)


def relative_clouds(pair: LinkedPair, seconds: FloatArray, *, at_peak: bool = True) -> RelativeCloud:
    """Return the relative cloud at the given instants.

    At each instant the elements are sought that are most probable among all that bring the objects together
    (Gauss-Newton on the constrained least squares), and the motion is linearised there; with ``at_peak``
    False it is linearised at the means.

    **Source** Coppola, AAS 12-248 (2012); peak of the overlap after Hall, J. Astronaut. Sci. 68 (2021).
    """
    one, two = pair.primary, pair.secondary
    count = len(seconds)
    centre_1, centre_2 = np.tile(one.mean, (count, 1)), np.tile(two.mean, (count, 1))
    settled = np.zeros(count, dtype=bool)
    for turn in range(_ROUNDS if at_peak else 1):
        mean_1, partial_1 = linear_states(one, centre_1, seconds)
        mean_2, partial_2 = linear_states(two, centre_2, seconds)
        mean = mean_2 - mean_1
        gain_1, gain_2 = pull_gains(pair, partial_1[:, :3], partial_2[:, :3])
        position = partial_1[:, :3] @ gain_1 + partial_2[:, :3] @ gain_2
        pull = _solve(position, mean[:, :3])
        if not at_peak:
            settled[:] = True
            break
        new_1 = one.mean + np.einsum("mij,mj->mi", gain_1, pull)
        new_2 = two.mean - np.einsum("mij,mj->mi", gain_2, pull)
        moved = np.einsum("mij,mj->mi", partial_1[:, :3], new_1 - centre_1)
        moved_2 = np.einsum("mij,mj->mi", partial_2[:, :3], new_2 - centre_2)
        size = np.sqrt(np.einsum("mii->m", position))
        change = np.maximum(np.linalg.norm(moved, axis=1), np.linalg.norm(moved_2, axis=1))
        settled = change < _SETTLED * size
        if settled.all() and turn:
            break
        centre_1, centre_2 = _damped(centre_1, new_1), _damped(centre_2, new_2)
    covariance = partial_1 @ one.covariance @ np.swapaxes(partial_1, 1, 2)
    covariance += partial_2 @ two.covariance @ np.swapaxes(partial_2, 1, 2)
    if pair.cross is not None:
        shared = partial_1 @ pair.cross @ np.swapaxes(partial_2, 1, 2)
        covariance -= shared + np.swapaxes(shared, 1, 2)
    return RelativeCloud(seconds, mean, covariance, settled)


def pull_gains(
    pair: LinkedPair, partial_1: FloatArray, partial_2: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return by how much the elements move (m, 6, 3) per pull on the relative position, to each other."""
    turned_1, turned_2 = np.swapaxes(partial_1, 1, 2), np.swapaxes(partial_2, 1, 2)
    gain_1, gain_2 = pair.primary.covariance @ turned_1, pair.secondary.covariance @ turned_2
    if pair.cross is not None:
        gain_1, gain_2 = gain_1 - pair.cross @ turned_2, gain_2 - pair.cross.T @ turned_1
    return gain_1, gain_2


def linear_states(
    cloud: ElementCloud, centre: FloatArray, seconds: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return mean state (m, 6) and partials in inertial axes, linearised about `centre`."""
    states, partials = states_and_partials(centre, seconds)
    turn = np.kron(np.eye(2), cloud.axes.T)
    partials = turn @ partials
    shift = np.einsum("mij,mj->mi", partials, cloud.mean - centre)
    return np.asarray(states @ turn.T + shift), np.asarray(partials)


_LARGEST_MOVE = np.array([1e-4, 0.2, 0.2, 0.5, 0.5, 0.5])


def _damped(old: FloatArray, new: FloatArray) -> FloatArray:
    """Limit one step, so that the elements stay those of an ellipse."""
    worst = np.max(np.abs(new - old) / _LARGEST_MOVE, axis=1)
    return np.asarray(old + (new - old) * np.minimum(1.0, 1.0 / np.maximum(worst, 1e-300))[:, None])


def _solve(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    """Solve with a ridge of one rounding, so that no pivot is exactly zero."""
    ridge = 1e-16 * np.einsum("mii->m", matrix)[:, None, None] * np.eye(3)
    return np.asarray(np.linalg.solve(matrix + ridge, vector[..., None])[..., 0])
