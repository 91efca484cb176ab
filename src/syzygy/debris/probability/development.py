"""How an event may develop: later messages know more, and their miss vector moves as far as that allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.encounter_plane import planes_from
from syzygy.debris.probability.two_dimensional import integrate_disk

FloatArray = NDArray[np.float64]
USUAL_POWER = 1.0
"""Power of the time to closest approach with which sigmas shrink, where a series cannot tell."""
_POWER_RANGE = (0.0, 3.0)
_LEAST_SPREAD = 1.25
_LEAST_MESSAGES = 3


@dataclass(frozen=True)
class Shrinking:
    """Sigmas proportional to a power of the time to closest approach.

    Attributes
    ----------
    power : float
    fitted : bool
        False where the series is too short and `USUAL_POWER` is assumed.
    """

    power: float
    fitted: bool


@dataclass(frozen=True)
class Outlook:
    """The distribution of the 2-D probability that messages at later times will give.

    Attributes
    ----------
    to_tca_s : (m,) float64
        Time before closest approach of each later message.
    mean, low, middle, high : (m,) float64
        Mean and quantiles of 5, 50 and 95 %.
    above : (m,) float64
        Probability that the value is above the threshold.
    """

    to_tca_s: FloatArray
    mean: FloatArray
    low: FloatArray
    middle: FloatArray
    high: FloatArray
    above: FloatArray


def fit_shrinking(to_tca_s: FloatArray, sigma_m: FloatArray) -> Shrinking:
    """Fit the power to the sigmas (geometric mean in the plane) of a series, in logarithms."""
    good = (to_tca_s > 0.0) & (sigma_m > 0.0)
    if good.sum() < _LEAST_MESSAGES or to_tca_s[good].max() < _LEAST_SPREAD * to_tca_s[good].min():
        return Shrinking(USUAL_POWER, False)
    x, y = np.log(to_tca_s[good]), np.log(sigma_m[good])
    slope = float(np.sum((x - x.mean()) * (y - y.mean())) / np.sum((x - x.mean()) ** 2))
    return Shrinking(float(np.clip(slope, *_POWER_RANGE)), True)


def foresee(
    miss_m: FloatArray,
    covariance_m2: FloatArray,
    radius_m: float,
    now_s: float,
    later_s: FloatArray,
    power: float,
    *,
    threshold: float,
    ln_ratio: float = 0.0,
    draws: int = 20_000,
    seed: int = 0,
) -> Outlook:
    """Return how the probability may develop until `later_s` before closest approach.

    Parameters
    ----------
    miss_m, covariance_m2, radius_m : (2,), (2, 2), float
        The plane now.
    now_s : float
        Time before closest approach now.
    later_s : (m,) float64
        Times before closest approach, at most `now_s`.
    power : float
        Of the shrinking.
    threshold : float
        Probability above which one acts.
    ln_ratio : float
        Logarithm of the recommended value over the 2-D one, taken to stay.
    draws, seed : int
        Points of the quasi-random sampling (the next power of two); the same points serve all times.

    Notes
    -----
    An honest estimate with covariance P now and P' later differs by a normal vector of covariance P - P'.
    So the mean of the later 2-D probabilities is the value of today (it is a martingale), while most later
    values fall: few rise much.
    """
    random = _even_normals(draws, seed)
    draws = len(random)
    values, vectors = np.linalg.eigh(covariance_m2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    found = []
    for later in later_s:
        shrink = min((later / now_s) ** power, 1.0) if now_s > 0.0 else 1.0
        miss = miss_m + np.sqrt(1.0 - shrink**2) * random @ root.T
        plane = np.array([covariance_m2[0, 0], covariance_m2[0, 1], covariance_m2[1, 1]]) * shrink**2
        planes = planes_from(miss, np.repeat(plane[None], draws, axis=0), np.full(draws, radius_m))
        ln_value = np.minimum(integrate_disk(planes).ln_probability + ln_ratio, 0.0)
        value = np.maximum(np.exp(ln_value), 5e-324)
        low, middle, high = np.quantile(value, (0.05, 0.5, 0.95))
        found.append((value.mean(), low, middle, high, np.mean(value > threshold)))
    columns = np.array(found).reshape(-1, 5).T
    return Outlook(np.asarray(later_s, dtype=np.float64), *columns)


def _even_normals(draws: int, seed: int) -> FloatArray:
    """Return normal points (n, 2) that fill the plane evenly (scrambled Sobol points), n a power of two."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    points = qmc.Sobol(2, scramble=True, rng=np.random.default_rng(seed)).random_base2(
        max(int(np.ceil(np.log2(draws))), 4)
    )
    return np.asarray(ndtri(np.clip(points, 1e-12, 1.0 - 1e-12)))


def surprise(miss_m: FloatArray, before_m: FloatArray, before_m2: FloatArray) -> float:
    """Return the squared Mahalanobis distance of a change of the miss vector by the covariance before it.

    For honest covariances its mean is at most 2, and it exceeds 9.2 once in a hundred messages at most.
    """
    change = miss_m - before_m
    return float(change @ np.linalg.solve(before_m2 + 1e-12 * np.trace(before_m2) * np.eye(2), change))
