"""The best direction of an impulse of given size, and the smallest size that brings a probability down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.encounter_plane import planes_from
from syzygy.debris.probability.two_dimensional import integrate_disk

FloatArray = NDArray[np.float64]
_BISECTIONS = 100
_SIZES = 64
_REFINEMENTS = 5
_SMALLEST_M_S = 1e-5


@dataclass(frozen=True)
class EncounterPlane:
    """The event as the design sees it.

    Attributes
    ----------
    offset_m : (2,) float64
        Other object minus own, without a burn.
    covariance_m2 : (2, 2) float64
        Summed, without execution error.
    radius_m : float
    """

    offset_m: FloatArray
    covariance_m2: FloatArray
    radius_m: float


@dataclass(frozen=True)
class ExecutionError:
    """One-sigma errors of a burn: part of its size, and pointing in rad about each axis."""

    magnitude: float
    pointing_rad: float

    def covariance(self, impulse_m_s: FloatArray) -> FloatArray:
        """Return the covariance (..., 3, 3) of impulses (..., 3), m2/s2, in their axes.

        **Source** Gates, JPL TR 32-504 (1963), without its fixed terms.
        """
        outer = impulse_m_s[..., :, None] * impulse_m_s[..., None, :]
        size2 = np.sum(impulse_m_s**2, axis=-1)[..., None, None]
        return np.asarray(self.magnitude**2 * outer + self.pointing_rad**2 * (size2 * np.eye(3) - outer))


def farthest_impulse(response: FloatArray, offset_m: FloatArray, size_m_s: FloatArray) -> FloatArray:
    """Return the impulses (n, 3) of given size that make ``|offset + response impulse|`` largest.

    Parameters
    ----------
    response : (n, 2, 3) float64
        Displacement in the plane per impulse, s (or in sigmas, for the Mahalanobis distance).
    offset_m : (n, 2) float64
    size_m_s : (n,) float64

    Notes
    -----
    A quadratic form on a sphere: with the singular values s of the response the impulse has the components
    s b / (mu - s^2), and the one mu above the largest s^2 that gives its size is the global maximum. Without
    an offset it is the eigenvector of the largest eigenvalue.

    **Source** Bombardelli & Hernando-Ayuso (2015), largest miss distance and smallest probability; the
    secular equation after Gander, Golub & von Matt, Linear Algebra Appl. 114 (1989) 815.
    """
    u, s, vt = np.linalg.svd(response, full_matrices=False)
    b = np.einsum("nij,ni->nj", u, offset_m)
    # A grain of offset keeps the solution on one side where there is none.
    grain = 1e-12 * np.maximum(np.linalg.norm(offset_m, axis=1), s[:, 0] * size_m_s)
    b[:, 0] = np.where(np.abs(b[:, 0]) < grain, np.where(b[:, 0] < 0.0, -grain, grain), b[:, 0])
    low = np.abs(b[:, 0]) * s[:, 0] / size_m_s
    high = np.linalg.norm(b * s, axis=1) / size_m_s * 1.0000001
    gap = s[:, 0] ** 2 - s[:, 1] ** 2
    for _ in range(_BISECTIONS):
        middle = np.sqrt(low * high)
        size = np.hypot(s[:, 0] * b[:, 0] / middle, s[:, 1] * b[:, 1] / (middle + gap))
        longer = size > size_m_s
        low, high = np.where(longer, middle, low), np.where(longer, high, middle)
    part = np.stack([s[:, 0] * b[:, 0] / high, s[:, 1] * b[:, 1] / (high + gap)], axis=1)
    found = np.einsum("ni,nij->nj", part, vt)
    return np.asarray(found * (size_m_s / np.linalg.norm(found, axis=1))[:, None])


def whiten(plane: EncounterPlane) -> FloatArray:
    """Return the matrix (2, 2) that turns metres of the plane into sigmas."""
    return np.asarray(np.linalg.inv(np.linalg.cholesky(plane.covariance_m2)))


def safest_impulse(plane: EncounterPlane, response: FloatArray, size_m_s: FloatArray) -> FloatArray:
    """Return the impulses (n, 3) of given size with the largest Mahalanobis distance.

    For a body small against the sigmas that is the smallest probability.
    """
    white = whiten(plane)
    offset = np.broadcast_to(white @ plane.offset_m, (len(response), 2))
    return farthest_impulse(white @ response, offset, size_m_s)


def probability_after(
    plane: EncounterPlane, response: FloatArray, impulse_m_s: FloatArray, error: ExecutionError
) -> FloatArray:
    """Return the larger of the probabilities without and with execution error, (n,).

    A wide error could dilute the probability; a burn is not made safe by being badly executed.
    """
    offset = plane.offset_m + np.einsum("nij,nj->ni", response, impulse_m_s)
    spread = response @ error.covariance(impulse_m_s) @ np.swapaxes(response, 1, 2)
    both = np.concatenate([np.broadcast_to(plane.covariance_m2, spread.shape), plane.covariance_m2 + spread])
    flat = np.stack([both[:, 0, 0], both[:, 0, 1], both[:, 1, 1]], axis=1)
    radius = np.full(len(both), plane.radius_m)
    found = integrate_disk(planes_from(np.concatenate([offset, offset]), flat, radius)).probability
    return np.maximum(found[: len(offset)], found[len(offset) :])


Direction = Callable[[FloatArray, FloatArray], FloatArray]
"""(responses (n, 2, 3), sizes (n,)) to impulses (n, 3)."""


def smallest_impulse(
    plane: EncounterPlane,
    response: FloatArray,
    direction: Direction,
    error: ExecutionError,
    *,
    aim: float,
    largest_m_s: float,
) -> FloatArray:
    """Return the smallest size (n,) at which the probability is at most `aim`; infinity where none is.

    The sizes are searched from below on a logarithmic grid and then halved into, so a first safe size is
    found even where the probability rises at first (a burn that crosses the other object).
    """
    count = len(response)
    low, high = np.full(count, _SMALLEST_M_S), np.full(count, largest_m_s)
    found = np.full(count, np.inf)
    for round_ in range(_REFINEMENTS):
        parts = np.linspace(0.0, 1.0, _SIZES)
        grid = low[:, None] * (high / low)[:, None] ** parts
        wide = np.repeat(response, _SIZES, axis=0)
        impulses = direction(wide, grid.ravel())
        safe = (probability_after(plane, wide, impulses, error) <= aim).reshape(count, _SIZES)
        first = np.argmax(safe, axis=1)
        some = safe[np.arange(count), first]
        found = np.where(some, grid[np.arange(count), first], found if round_ else np.inf)
        high = np.where(some, grid[np.arange(count), first], high)
        low = np.where(some & (first > 0), grid[np.arange(count), np.maximum(first - 1, 0)], low)
    return found
