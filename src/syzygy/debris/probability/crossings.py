"""Expected number of entries into the hard-body sphere, by the flux through it, integrated over time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.linked_motion import LinkedPair, RelativeCloud, relative_clouds

FloatArray = NDArray[np.float64]
_LEAST_NODES, _MOST_NODES = 24, 192
"""Nodes from the rim to a pole; twice as many around."""
_NODES_PER_SIGMA = 1.25
_SCAN_STEPS = 240
_STEPS_PER_SIGMA = 2.0
_FAINT = 25.0
"""The rate counts until it has fallen to exp(-25) of its peak."""
_FADED = 16.0
_SMALL_BODY = 2.0
_WORTH_A_LOOK = 2000.0
_MOST_STEPS = 4000
_CENTRING_ROUNDS = 60
_BLOCK = 64
_BLOCK_POINTS = 150_000
_WINDOW_STEPS = 800
_WINDOW_SIGMAS = 60.0
_FAR_VERTEX = 8.0
_LEAST_VARIANCE = 1e-24


@dataclass(frozen=True)
class Crossings:
    """Expected entries into the hard-body sphere of one encounter.

    Attributes
    ----------
    ln_expected_2d : float
        Of the step that integrates over time analytically (Nc2D); nan where it does not apply.
    ln_expected_3d : float
        Of the integral over time (Nc3D).
    peak_s : float
        When the rate is largest, seconds after the reference instant.
    sigma_s : float
        Duration: 1-sigma width of the rate in time; inf where it has no peak inside the window.
    begin_s, end_s : float
        Span that was integrated over.
    settled : bool
        Whether the peak of the overlap was found at every instant used.
    covered : bool
        Whether the rate falls off on both sides inside the window.
    passes : int
        Separate stretches of time that count.
    """

    ln_expected_2d: float
    ln_expected_3d: float
    peak_s: float
    sigma_s: float
    begin_s: float
    end_s: float
    settled: bool
    covered: bool
    passes: int


@dataclass(frozen=True)
class _Peak:
    """A minimum of the squared Mahalanobis distance in time, and its width."""

    centre_s: float
    sigma_s: float
    squared_mahalanobis: float
    inside: bool


def expect_crossings(pair: LinkedPair, begin_s: float, end_s: float) -> Crossings:
    """Return the expected number of entries into the hard-body sphere within the window.

    Parameters
    ----------
    pair : LinkedPair
        The two clouds and the hard-body radius.
    begin_s, end_s : float
        Window about the reference instant.

    Notes
    -----
    The rate at one instant is the flux of the relative cloud through the sphere: density of the position on
    the surface times the mean inward speed given that position, integrated over the sphere (Gauss-Legendre
    about the direction of motion, split at the rim where the flux bends, trapezoid around it). Nc3D
    integrates the rate over time by the trapezoid rule, around every pass in the window; Nc2D fits, at
    every point of the sphere, a parabola to the logarithm of the flux at three instants about the peak and
    integrates it in closed form.

    An expected number is an upper bound of the probability of entering, and equal to it when nobody enters
    twice. Objects that overlap already at the begin of the window are not counted.

    **Accuracy** see ``test_probability_oracles``.

    **Source** Coppola, AAS 12-248 (2012); Hall, J. Astronaut. Sci. 68 (2021).
    """
    main = _find_peak(pair, min(max(0.0, begin_s), end_s), begin_s, end_s)
    parts = _merged(_stretches(pair, main, begin_s, end_s))
    ln_sum, settled, covered = -np.inf, True, True
    for seconds in parts:
        clouds = relative_clouds(pair, seconds)
        ln_rate = ln_rates(clouds, pair.radius_m)
        top = float(ln_rate.max())
        ln_part = top + float(np.log(np.sum(_trapezoid(seconds) * np.exp(ln_rate - top))))
        ln_sum = float(np.logaddexp(ln_sum, ln_part))
        settled &= bool(clouds.settled.all())
        covered &= bool(max(ln_rate[0], ln_rate[-1]) < top - _FADED)
    ln_2d = _closed_form(pair, main.centre_s, main.sigma_s) if main.inside else float("nan")
    begin, end = float(parts[0][0]), float(parts[-1][-1])
    return Crossings(ln_2d, ln_sum, main.centre_s, main.sigma_s, begin, end, settled, covered, len(parts))


def find_most_probable_contact_s(pair: LinkedPair, begin_s: float, end_s: float) -> float:
    """Return when a contact is most probable, seconds after the reference instant, near closest approach."""
    return _find_peak(pair, min(max(0.0, begin_s), end_s), begin_s, end_s).centre_s


def ln_rates(clouds: RelativeCloud, radius_m: float) -> FloatArray:
    """Return the logarithm of the expected entries per second at every instant of the clouds."""
    found = []
    sigma = np.sqrt(np.maximum(np.linalg.eigvalsh(clouds.covariance[:, :3, :3])[:, 0], 1e-300))
    block = max(1, min(_BLOCK, _BLOCK_POINTS // (4 * _node_count(radius_m / float(sigma.min())) ** 2)))
    for first in range(0, len(clouds.seconds), block):
        rows = slice(first, first + block)
        flux, weight = _ln_flux(clouds.mean[rows], clouds.covariance[rows], radius_m)
        top = flux.max(axis=1)
        found.append(top + np.log(np.sum(weight * np.exp(flux - top[:, None]), axis=1)))
    return np.concatenate(found)


def _stretches(pair: LinkedPair, main: _Peak, begin_s: float, end_s: float) -> list[FloatArray]:
    """Return the stretches of time that count: about the main peak, and wherever a coarse scan sees another.

    The scan, linearised at the means, looks at the squared Mahalanobis distance, which is smooth, and where
    the radius is not small beside the sigmas also at the rate, which may be large far from a minimum of the
    former.
    """
    found = [_stretch(pair, main, begin_s, end_s)]
    grid = np.linspace(begin_s, end_s, _SCAN_STEPS + 1)
    clouds = relative_clouds(pair, grid, at_peak=False)
    squared = clouds.squared_mahalanobis
    top = _ln_rate_at(pair, main.centre_s)
    for index in np.flatnonzero(_is_low(squared) & (squared < main.squared_mahalanobis + _WORTH_A_LOOK)):
        peak = _find_peak(pair, float(grid[index]), begin_s, end_s)
        if not _within(found, peak.centre_s) and _ln_rate_at(pair, peak.centre_s) > top - _FAINT:
            found.append(_stretch(pair, peak, begin_s, end_s))
    variances = np.linalg.eigvalsh(clouds.covariance[:, :3, :3])[:, 0]
    if variances.min() > (_SMALL_BODY * pair.radius_m) ** 2:
        return found
    ln_rate = ln_rates(clouds, pair.radius_m)
    top = max(top, float(ln_rate.max()))
    for index in np.flatnonzero(_is_low(-ln_rate) & (ln_rate > top - _FAINT)):
        if not _within(found, float(grid[index])):
            width = min(_passing_time(pair, float(grid[index])), float(grid[1] - grid[0]))
            peak = _Peak(float(grid[index]), width, float(squared[index]), False)
            found.append(_stretch(pair, peak, begin_s, end_s))
    return found


def _is_low(values: FloatArray) -> NDArray[np.bool_]:
    padded = np.concatenate([[np.inf], values, [np.inf]])
    return np.asarray((values <= padded[:-2]) & (values <= padded[2:]))


def _within(stretches: list[FloatArray], instant: float) -> bool:
    return any(part[0] <= instant <= part[-1] for part in stretches)


def _ln_rate_at(pair: LinkedPair, instant: float) -> float:
    return float(ln_rates(relative_clouds(pair, np.array([instant])), pair.radius_m)[0])


def _passing_time(pair: LinkedPair, instant: float) -> float:
    """Return the time in which the relative motion crosses one sigma of the position, s."""
    cloud = relative_clouds(pair, np.array([instant]))
    velocity = cloud.mean[0, 3:]
    return 1.0 / float(np.sqrt(velocity @ np.linalg.solve(cloud.covariance[0, :3, :3], velocity)))


def _find_peak(pair: LinkedPair, start_s: float, begin_s: float, end_s: float) -> _Peak:
    """Follow parabolas of the squared Mahalanobis distance down to a minimum or the border."""
    centre = start_s
    sigma = min(_passing_time(pair, centre), (end_s - begin_s) / 6.0)
    bend, mid = 0.0, np.inf
    for _ in range(_CENTRING_ROUNDS):
        grid = centre + sigma * np.array([-1.0, 0.0, 1.0])
        low, mid, high = relative_clouds(pair, grid).squared_mahalanobis.tolist()
        bend = (low - 2.0 * mid + high) / sigma**2
        slope = (high - low) / (2.0 * sigma)
        if bend <= 0.0:
            step, width = -np.sign(slope) * 2.0 * sigma, sigma * 1.5
        else:
            step, width = -slope / bend, float(np.sqrt(2.0 / bend))
        move = float(np.clip(step, -50.0 * sigma, 50.0 * sigma))
        fresh = min(max(centre + move, begin_s), end_s)
        quiet = abs(fresh - centre) < 1e-3 * sigma and abs(width / sigma - 1.0) < 1e-2
        stuck = fresh == centre and fresh in (begin_s, end_s)
        centre, sigma = fresh, float(np.clip(width, sigma / 3.0, sigma * 3.0))
        sigma = min(sigma, (end_s - begin_s) / 2.0)
        if quiet or stuck:
            break
    inside = bool(bend > 0.0 and begin_s + 2.0 * sigma < centre < end_s - 2.0 * sigma)
    return _Peak(centre, sigma, float(mid), inside)


def _stretch(pair: LinkedPair, peak: _Peak, begin_s: float, end_s: float) -> FloatArray:
    """Return instants around a peak, equally spaced, out to where the rate has faded or the window ends."""
    step = peak.sigma_s / _STEPS_PER_SIGMA
    if not peak.inside or peak.sigma_s > (end_s - begin_s) / _WINDOW_SIGMAS:
        step = min(step, (end_s - begin_s) / _WINDOW_STEPS)
    before = _reach(pair, peak.centre_s, -step, begin_s)
    after = _reach(pair, peak.centre_s, step, end_s)
    inside = peak.centre_s + step * np.arange(-before, after + 1)
    begin = [begin_s] if inside[0] - step < begin_s < inside[0] else []
    end = [end_s] if inside[-1] < end_s < inside[-1] + step else []
    return np.concatenate([begin, inside, end])


def _merged(stretches: list[FloatArray]) -> list[FloatArray]:
    """Return stretches in order of time; what an earlier one covers is cut from the later."""
    ordered = sorted(stretches, key=lambda part: (float(part[0]), -len(part)))
    kept: list[FloatArray] = []
    for part in ordered:
        if kept:
            last = float(kept[-1][-1])
            rest = part[part > last]
            if part[0] > last:
                kept.append(part)
            elif rest.size:
                kept[-1] = np.concatenate([kept[-1], rest])
        else:
            kept.append(part)
    return [part for part in kept if len(part) > 1]


def _reach(pair: LinkedPair, peak: float, step: float, border: float) -> int:
    """Return how many steps matter on one side: until the rate is faint for good, or the border comes."""
    room = min(int(abs(border - peak) / abs(step)), _MOST_STEPS)
    top = _ln_rate_at(pair, peak)
    done = 0
    while done < room:
        count = min(_BLOCK // 4, room - done)
        seconds = peak + step * np.arange(done + 1.0, done + count + 1.0)
        rate = ln_rates(relative_clouds(pair, seconds), pair.radius_m)
        done += count
        if rate.max() < top - _FAINT:
            break
        top = max(top, float(rate.max()))
    return done


def _closed_form(pair: LinkedPair, peak: float, sigma: float) -> float:
    clouds = relative_clouds(pair, peak + sigma * np.array([-1.0, 0.0, 1.0]))
    frame = _sphere_frame(clouds.mean[1:2], clouds.covariance[1:2])
    flux, weight = _ln_flux(clouds.mean, clouds.covariance, pair.radius_m, frame)
    low, mid, high = flux
    bend = (low - 2.0 * mid + high) / sigma**2
    slope = (high - low) / (2.0 * sigma)
    heavy = flux.max(axis=0) > flux.max() - _FAINT
    if np.any(bend[heavy] >= 0.0) or np.any(np.abs(slope[heavy]) > -_FAR_VERTEX * sigma * bend[heavy]):
        return float("nan")
    usable = heavy & (bend < 0.0)
    bend = np.where(usable, bend, -1.0)
    ln_point = mid - 0.5 * slope**2 / bend + 0.5 * np.log(2.0 * np.pi / -bend)
    ln_point = np.where(usable, ln_point, -np.inf)
    top = float(ln_point.max())
    return top + float(np.log(np.sum(weight[0] * np.exp(ln_point - top))))


def _sphere_frame(mean: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return axes (m, 3, 3), the last along the mean relative velocity of pairs that touch."""
    position = covariance[:, :3, :3]
    pull = np.linalg.solve(position, -mean[:, :3, None])
    velocity = mean[:, 3:] + (covariance[:, 3:, :3] @ pull)[..., 0]
    pole = velocity / np.linalg.norm(velocity, axis=1)[:, None]
    helper = np.where(np.abs(pole[:, :1]) < 0.7, np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    side = np.cross(pole, helper)
    side /= np.linalg.norm(side, axis=1)[:, None]
    return np.stack([side, np.cross(pole, side), pole], axis=1)


def _ln_flux(
    mean: FloatArray, covariance: FloatArray, radius_m: float, frame: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Return the logarithm of the inward flux (m, k) per area of the sphere, and the weights (1, k) in m2."""
    from syzygy.debris.probability.flux_kernels import flux_rows

    frame = _sphere_frame(mean, covariance) if frame is None else frame
    sigma = np.sqrt(max(float(np.linalg.eigvalsh(covariance[:, :3, :3])[:, 0].min()), 1e-300))
    directions, weights = _sphere_nodes(_node_count(radius_m / sigma))
    position, mixed = covariance[:, :3, :3], covariance[:, 3:, :3]
    inverse = np.linalg.inv(position)
    remainder = covariance[:, 3:, 3:] - mixed @ inverse @ np.swapaxes(mixed, 1, 2)
    quadratic, inward, spread = np.empty((3, len(mean), len(directions)))
    flux_rows(
        directions, frame, mean, inverse, np.ascontiguousarray(mixed), remainder, radius_m, _LEAST_VARIANCE,
        quadratic, inward, spread,
    )  # fmt: skip
    _, ln_det = np.linalg.slogdet(position)
    ln_density = -0.5 * (quadratic + ln_det[:, None] + 3.0 * np.log(2.0 * np.pi))
    return ln_density + _ln_mean_positive(inward, spread), weights[None, :] * radius_m**2


def _ln_mean_positive(mean: FloatArray, spread: FloatArray) -> FloatArray:
    """Return ln E[max(0, w)] of normal w, without losing the far tail."""
    from scipy.special import erfcx

    z = mean / spread
    # phi(z) + z Phi(z), with Phi by the scaled function where z < 0 and the two terms nearly cancel.
    low = np.minimum(z, 0.0)
    tail = 1.0 / np.sqrt(2.0 * np.pi) + 0.5 * low * erfcx(-low / np.sqrt(2.0))
    far = 1.0 / (np.sqrt(2.0 * np.pi) * np.maximum(low * low, 1.0))
    tail = np.where(low < -1e3, far, tail)
    high = np.maximum(z, 0.0)
    mirrored = 1.0 / np.sqrt(2.0 * np.pi) - 0.5 * high * erfcx(high / np.sqrt(2.0))
    whole = high + np.exp(-0.5 * high * high) * np.maximum(mirrored, 0.0)
    return np.asarray(np.log(spread) + np.where(z < 0.0, -0.5 * low * low + np.log(tail), np.log(whole)))


def _node_count(sharpness: float) -> int:
    """Return nodes from rim to pole, in steps of a quarter, for a radius of so many sigmas."""
    count = _LEAST_NODES
    while count < _MOST_NODES and count < 12 + _NODES_PER_SIGMA * sharpness:
        count = count * 5 // 4
    return min(count, _MOST_NODES)


@lru_cache(maxsize=32)
def _sphere_nodes(count: int) -> tuple[FloatArray, FloatArray]:
    """Return unit vectors (k, 3) and weights (k,) of the whole sphere, both halves apart."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    half, half_weights = 0.5 * (nodes + 1.0), 0.5 * weights
    polar = np.concatenate([-half[::-1], half])
    polar_weights = np.concatenate([half_weights[::-1], half_weights])
    around = 2 * count
    azimuth = 2.0 * np.pi * np.arange(around) / around
    ring = np.sqrt(1.0 - polar**2)
    directions = np.stack(
        [
            np.outer(ring, np.cos(azimuth)),
            np.outer(ring, np.sin(azimuth)),
            np.outer(polar, np.ones_like(azimuth)),
        ],
        -1,
    ).reshape(-1, 3)
    return directions, np.repeat(polar_weights * 2.0 * np.pi / around, around)


def _trapezoid(seconds: FloatArray) -> FloatArray:
    steps = np.diff(seconds)
    weights = np.zeros(len(seconds))
    weights[:-1] += 0.5 * steps
    weights[1:] += 0.5 * steps
    return weights
