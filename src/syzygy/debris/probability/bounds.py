"""How large a probability could be: over scalings of the covariance, and where one covariance is missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.encounter_plane import EncounterPlanes, encounter_planes, planes_from
from syzygy.debris.probability.encounters import Encounter
from syzygy.debris.probability.two_dimensional import integrate_disk

FloatArray = NDArray[np.float64]
_NODES = 96
_SCALE_ROUNDS = 60
_FAR = 1.0e3
"""Mahalanobis distance from which the small-body maximum stands for the maximum."""


@dataclass(frozen=True)
class Dilution:
    """On which side of the largest probability an encounter lies.

    Attributes
    ----------
    squared_mahalanobis : (n,) float64
        Of the miss vector.
    small_body_probability, small_body_maximum : (n,) float64
        For a radius much smaller than the sigmas: at the given covariance, and at the worst scaling of it.
    worst_scale : (n,) float64
        Factor on all sigmas at which the small-body maximum is reached, d_M / sqrt(2).
    maximum_probability : (n,) float64
        The largest disk integral over all scalings (no small-body assumption).
    maximum_scale : (n,) float64
        Where it is reached.
    diluted : (n,) bool
        True where better knowledge (smaller sigmas) would raise the probability: `maximum_scale` below 1.
        A low probability is then no evidence of safety.
    """

    squared_mahalanobis: FloatArray
    small_body_probability: FloatArray
    small_body_maximum: FloatArray
    worst_scale: FloatArray
    maximum_probability: FloatArray
    maximum_scale: FloatArray
    diluted: NDArray[np.bool_]


def find_dilution(planes: EncounterPlanes) -> Dilution:
    """Return the largest probability over scalings of the covariance, and whether the event is diluted.

    An offset inside the hard body reaches probability 1 as the sigmas vanish; `maximum_scale` is then 0.

    **Source** Alfriend, Akella, Frisbee, Foster, Lee & Wilkins, Space Debris 1 (1999) 21; Balch, Martin &
    Ferson, Proc. R. Soc. A 475 (2019) 20180565.
    """
    squared = planes.squared_mahalanobis
    root = np.sqrt(planes.determinant_m4)
    factor = planes.radius_m**2 / root
    with np.errstate(divide="ignore", over="ignore"):
        worst = np.where(squared > 0.0, factor / (np.e * squared), np.inf)
    small = 0.5 * factor * np.exp(-0.5 * squared)
    miss = np.hypot(planes.offset_m[:, 0], planes.offset_m[:, 1])
    inside = miss <= planes.radius_m
    scale, best = np.sqrt(0.5 * squared), np.minimum(worst, 1.0)
    near = np.flatnonzero((squared < _FAR**2) & ~inside)
    if near.size:
        some = planes_from(planes.offset_m[near], planes.covariance_m2[near], planes.radius_m[near])
        scale[near], best[near] = _largest_over_scales(some, np.sqrt(np.maximum(0.5 * squared[near], 1e-6)))
    scale, best = np.where(inside, 0.0, scale), np.where(inside, 1.0, best)
    return Dilution(
        squared,
        np.minimum(small, 1.0),
        np.minimum(worst, 1.0),
        np.sqrt(0.5 * squared),
        best,
        scale,
        scale < 1.0,
    )


def _largest_over_scales(planes: EncounterPlanes, guess: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the best factor on the sigmas and the probability there, by golden section on its logarithm."""
    ratio = 0.5 * (np.sqrt(5.0) - 1.0)
    low, high = np.log(guess) - 3.0, np.log(guess) + 3.0

    def value(ln_scale: FloatArray) -> FloatArray:
        scaled = planes.covariance_m2 * np.exp(2.0 * ln_scale)[:, None]
        return integrate_disk(planes_from(planes.offset_m, scaled, planes.radius_m)).ln_probability

    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = value(left), value(right)
    for _ in range(_SCALE_ROUNDS):
        better = at_left > at_right
        low, high = np.where(better, low, left), np.where(better, right, high)
        fresh = np.where(better, high - ratio * (high - low), low + ratio * (high - low))
        at_fresh = value(fresh)
        left, right = np.where(better, fresh, right), np.where(better, left, fresh)
        at_left, at_right = np.where(better, at_fresh, at_right), np.where(better, at_left, at_fresh)
        if np.max(high - low) < 1e-6:
            break
    middle = 0.5 * (low + high)
    return np.exp(middle), np.exp(value(middle))


def widen_along_miss(planes: EncounterPlanes) -> EncounterPlanes:
    """Return planes of which the covariance is that of one object, plus the worst one the other could have.

    The worst unknown covariance lies along the miss vector; its variance is zero where the known one alone
    puts the miss within one sigma, else it brings the squared Mahalanobis distance down to one.

    **Source** Frisbee, AAS 15-717 (2015).
    """
    miss = np.hypot(planes.offset_m[:, 0], planes.offset_m[:, 1])
    safe = np.where(miss > 0.0, miss, 1.0)
    x, y = planes.offset_m[:, 0] / safe, planes.offset_m[:, 1] / safe
    squared = planes.squared_mahalanobis
    per_length = np.where(miss > 0.0, squared / safe**2, 1.0)
    variance = np.maximum(squared - 1.0, 0.0) / per_length
    added = np.stack([variance * x * x, variance * x * y, variance * y * y], -1)
    return planes_from(planes.offset_m, planes.covariance_m2 + added, planes.radius_m)


def bound_single_covariance(encounter: Encounter) -> FloatArray:
    """Return the largest probability of encounters in which only one object has a covariance (Frisbee)."""
    return integrate_disk(widen_along_miss(encounter_planes(encounter))).probability


def integrate_square(planes: EncounterPlanes, half_side_m: FloatArray) -> FloatArray:
    """Return the mass of a square about the origin whose sides lie along and across the miss vector, (n,).

    For comparison with tools that integrate a square of side 2R, or one of equal area (half side
    R sqrt(pi) / 2); the body of this package is the disk.
    """
    from scipy.special import ndtr

    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    xx, xy, yy = planes.covariance_m2.T[:, :, None]
    y = half_side_m[:, None] * nodes
    density = np.exp(-0.5 * (y - planes.offset_m[:, 1:]) ** 2 / yy) / np.sqrt(2.0 * np.pi * yy)
    middle = planes.offset_m[:, :1] + xy / yy * (y - planes.offset_m[:, 1:])
    sigma = np.sqrt(xx - xy * xy / yy)
    near, far = np.abs(middle) - half_side_m[:, None], np.abs(middle) + half_side_m[:, None]
    inner = ndtr(-near / sigma) - ndtr(-far / sigma)
    return np.asarray(half_side_m * np.sum(weights * density * inner, axis=1))
