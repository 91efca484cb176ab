"""From a probability to a decision: what to do at the thresholds, and what would change it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.encounter_plane import EncounterPlanes, planes_from
from syzygy.debris.probability.two_dimensional import integrate_disk
from syzygy.debris.probability.verdict import say_probability

FloatArray = NDArray[np.float64]
SWEEP_STEPS = 7
_LOW, _HIGH, _STEPS = -2.0, 2.0, 161
_FLATTEST = 1e-3
_SAME = 1e-3
_MOST_STRETCH = 1e3
_HALVINGS = 50
ADVICE = ("act", "watch", "none", "undecided")


@dataclass(frozen=True)
class Thresholds:
    """Probabilities above which one acts or watches."""

    act: float
    watch: float

    def advice(self, low: float, high: float) -> str:
        """Return what an interval of the probability asks for; ``undecided`` where it lies on both sides."""
        if low > self.act:
            return "act"
        if high > self.act:
            return "undecided"
        return "watch" if high > self.watch else "none"


@dataclass(frozen=True)
class Sweep:
    """2-D probabilities over factors on the sigmas of both objects.

    Attributes
    ----------
    primary, secondary : (k,) float64
        Factors.
    probability : (k,) float64
    """

    primary: FloatArray
    secondary: FloatArray
    probability: FloatArray


def sweep_scales(
    planes: EncounterPlanes, own: FloatArray, other: FloatArray, low: float, high: float
) -> Sweep:
    """Scale the sigmas of both objects separately over a grid; `own`, `other` are plane covariances (3,).

    **Source** the factors kp and ks of Laporte, Space Operations (2014), JAC software.
    """
    factors = np.exp(np.linspace(np.log(low), np.log(high), SWEEP_STEPS))
    kp, ks = (part.ravel() for part in np.meshgrid(factors, factors, indexing="ij"))
    rest = planes.covariance_m2[0] - own - other
    covariance = kp[:, None] ** 2 * own + ks[:, None] ** 2 * other + (kp * ks)[:, None] * rest
    count = len(kp)
    scaled = planes_from(
        np.repeat(planes.offset_m[:1], count, axis=0), covariance, np.repeat(planes.radius_m[:1], count)
    )
    return Sweep(kp, ks, integrate_disk(scaled).probability)


def say_what_would_change(planes: EncounterPlanes, ln_value: float, act: float, sweep: Sweep) -> list[str]:
    """Say by how much knowledge, size or distance would have to differ for the other decision.

    `ln_value` is the logarithm of the recommended value. Where it is not the 2-D one the shape of the answer
    is that of the 2-D integral at the miss distance that gives this value.
    """
    above = ln_value > np.log(act)
    side = "below" if above else "above"
    found = []
    same, ln_ratio = at_effective_miss(planes, ln_value)
    for word, unit, change in (
        ("all sigmas", "times as large", _with_sigmas),
        ("a hard-body radius", "times as large", _with_radius),
        ("a miss distance", "times as large", _with_miss),
    ):
        factors = _crossings(same, ln_ratio, act, change)
        if factors:
            text = " or ".join(f"{factor:.2g}" for factor in factors)
            found.append(f"{word} {text} {unit} would bring it {side} {act:g}")
    low, high = float(sweep.probability.min()), float(sweep.probability.max())
    values = f"{say_probability(low)} to {say_probability(high)}"
    spread = f"sigmas of both scaled {sweep.primary[0]:g} to {sweep.primary[-1]:g}: {values}"
    reach = "crosses" if low <= act < high else "stays on one side of"
    return [*found, f"{spread} (2-D), {reach} {act:g}"]


def at_effective_miss(planes: EncounterPlanes, ln_value: float) -> tuple[EncounterPlanes, float]:
    """Return planes (one row) whose miss vector is stretched until the 2-D integral has a given logarithm.

    And what is left of it, where no stretching is enough, as a logarithm. A curved path brings the clouds
    nearer to each other, or farther apart, than the plane of closest approach shows; a constant factor on
    the 2-D value instead would outgrow every bound as the covariance changes.
    """
    ln_2d = float(integrate_disk(planes).ln_probability[0])
    if not np.isfinite(ln_value) or abs(ln_value - ln_2d) < _SAME:
        return planes, 0.0
    low, high = 0.0, 1.0
    while high < _MOST_STRETCH and _ln_at(planes, high) > ln_value:
        low, high = high, 2.0 * high
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _ln_at(planes, middle) > ln_value else (low, middle)
    stretched = _with_miss(planes, np.array([0.5 * (low + high)]))
    return stretched, ln_value - float(integrate_disk(stretched).ln_probability[0])


def _ln_at(planes: EncounterPlanes, stretch: float) -> float:
    return float(integrate_disk(_with_miss(planes, np.array([stretch]))).ln_probability[0])


def _crossings(
    planes: EncounterPlanes,
    ln_ratio: float,
    act: float,
    change: Callable[[EncounterPlanes, FloatArray], EncounterPlanes],
) -> list[float]:
    """Return the nearest factors below and above 1 at which the value crosses the threshold."""
    grid = np.linspace(_LOW, _HIGH, _STEPS) * np.log(10.0)
    changed = change(planes, np.exp(grid))
    grid = grid[changed.sigmas_m[:, 1] > _FLATTEST * changed.radius_m]
    if len(grid) < 2:
        return []
    ln_value = integrate_disk(change(planes, np.exp(grid))).ln_probability + ln_ratio - np.log(act)
    turns = np.flatnonzero(np.signbit(ln_value[:-1]) != np.signbit(ln_value[1:]))
    share = ln_value[turns] / (ln_value[turns] - ln_value[turns + 1])
    roots = grid[turns] + share * (grid[turns + 1] - grid[turns])
    below, above = roots[roots < 0.0], roots[roots >= 0.0]
    return [float(np.exp(root)) for root in (*below[-1:], *above[:1])]


def _many(planes: EncounterPlanes, count: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    return (
        np.repeat(planes.offset_m[:1], count, axis=0),
        np.repeat(planes.covariance_m2[:1], count, axis=0),
        np.repeat(planes.radius_m[:1], count),
    )


def _with_sigmas(planes: EncounterPlanes, factor: FloatArray) -> EncounterPlanes:
    offset, covariance, radius = _many(planes, len(factor))
    return planes_from(offset, covariance * factor[:, None] ** 2, radius)


def _with_radius(planes: EncounterPlanes, factor: FloatArray) -> EncounterPlanes:
    offset, covariance, radius = _many(planes, len(factor))
    return planes_from(offset, covariance, radius * factor)


def _with_miss(planes: EncounterPlanes, factor: FloatArray) -> EncounterPlanes:
    offset, covariance, radius = _many(planes, len(factor))
    return planes_from(offset * factor[:, None], covariance, radius)
