"""Monte Carlo of one encounter on two-body motion: plain, and with samples drawn where collisions happen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import InputError
from syzygy.debris.probability.element_motion import GM_M3_S2
from syzygy.debris.probability.linked_motion import LinkedPair, linear_states, pull_gains, relative_clouds

FloatArray = NDArray[np.float64]
SEED = 20220715
"""Of every run, unless another is given; it is part of the result."""
_CHUNK = 100_000
_WIDENINGS = (1.0, 2.5, 8.0, 30.0)
"""Scales of the proposals, in plane units of the radius and the curvature."""
_PLAIN_SHARE = 0.1
ZONAL = (6378136.3, 1.08262668e-3, -2.53265649e-6, -1.61962159e-6)
"""Reference radius (m) and J2, J3, J4 of the Earth (EGM96, zero-tide differences are below 1e-8)."""


@dataclass(frozen=True)
class MonteCarlo:
    """A probability by sampling.

    Attributes
    ----------
    probability, low, high : float
        Estimate and 95 % interval: Clopper-Pearson for plain sampling, normal with the sample variance for
        weighted samples (Clopper-Pearson of the plain share where fewer than 30 samples hit).
    hits, samples : int
        Samples that collided, and all.
    hits_at_begin : int
        Of the hits, those within the radius already at the begin of the window (plain sampling only).
    seed : int
        Of the generator (PCG64).
    weighted : bool
        Whether samples carry weights.
    """

    probability: float
    low: float
    high: float
    hits: int
    samples: int
    seed: int
    weighted: bool
    hits_at_begin: int = 0


def clopper_pearson(hits: int, samples: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the exact binomial interval of a probability.

    **Source** Clopper & Pearson, Biometrika 26 (1934) 404.

    Raises
    ------
    InputError
        More hits than samples, or none of either.
    """
    if not 0 <= hits <= samples or samples < 1:
        raise InputError(
            "hits and samples do not fit",
            value=f"{hits} of {samples}",
            allowed="0 <= hits <= samples, samples >= 1",
            where="clopper_pearson",
        )
    from scipy.special import betaincinv

    tail = 0.5 * (1.0 - confidence)
    low = 0.0 if hits == 0 else float(betaincinv(hits, samples - hits + 1, tail))
    high = 1.0 if hits == samples else float(betaincinv(hits + 1, samples - hits, 1.0 - tail))
    return low, high


def sample_plainly(
    pair: LinkedPair, begin_s: float, end_s: float, *, samples: int, seed: int = SEED, zonal: bool = False
) -> MonteCarlo:
    """Draw both objects from their clouds and count who comes within the radius during the window.

    Follows every pair through the whole window, so any number of passes and any slowness are right. With
    `zonal` the motion has J2 to J4 about the third axis of the inertial frame, else it is two-body motion.
    """
    from syzygy.debris.probability import motion_kernels, zonal_kernels

    random = np.random.default_rng(seed)
    root = _joint_root(pair)
    hits, at_begin = 0, 0
    for count in _chunks(samples):
        delta = random.standard_normal((count, 12)) @ root.T
        one, two = pair.primary.mean + delta[:, :6], pair.secondary.mean + delta[:, 6:]
        hit = np.zeros(count, dtype=np.int64)
        window = (begin_s, end_s, pair.radius_m, hit)
        if zonal:
            zonal_kernels.zonal_entry_rows(one, two, *_flips(pair), GM_M3_S2, *ZONAL, *window)
        else:
            motion_kernels.entry_rows(one, two, *_flips(pair), GM_M3_S2, *window)
        hits += int(np.count_nonzero(hit))
        at_begin += int(np.count_nonzero(hit == motion_kernels.AT_BEGIN))
    low, high = clopper_pearson(hits, samples)
    return MonteCarlo(hits / samples, low, high, hits, samples, seed, False, at_begin)


@dataclass(frozen=True)
class _Proposal:
    """Samples that are normal in the linearised encounter plane, wider or narrower than the truth there."""

    mapping: FloatArray
    mean: FloatArray
    covariance: FloatArray
    gain: FloatArray
    scales: tuple[float, ...]


def sample_where_it_matters(
    pair: LinkedPair,
    peak_s: float,
    begin_s: float,
    end_s: float,
    *,
    samples: int,
    seed: int = SEED,
    zonal: bool = False,
) -> MonteCarlo:
    """Sample with weights, for encounters with one minimum of the distance near `peak_s`.

    The motion linearised at the peak of the overlap gives the point in the encounter plane of any sample.
    That point is drawn from a mixture of normals about zero of several widths (and, for a share of a tenth,
    from its true distribution); the other ten directions follow their true conditional distribution. Weights
    (balance heuristic) are at most ten, and the estimate is unbiased whatever the curvature.

    **Source** Veach & Guibas, SIGGRAPH 1995, for the mixture weights.
    """
    random = np.random.default_rng(seed)
    root, offset, mapping = _plane_map(pair, peak_s)
    proposal = _proposal(offset, mapping, pair)
    total, squares, hits = 0.0, 0.0, 0
    plain_hits, plain_samples = 0, 0
    for count in _chunks(samples):
        draws, weights, plain = _draw(random, proposal, count)
        delta = draws @ root.T
        one = pair.primary.mean + delta[:, :6]
        two = pair.secondary.mean + delta[:, 6:]
        hit = _closest_m(pair, one, two, (peak_s, begin_s, end_s), zonal) <= pair.radius_m
        total += float(weights[hit].sum())
        squares += float((weights[hit] ** 2).sum())
        hits += int(hit.sum())
        plain_hits += int((hit & plain).sum())
        plain_samples += int(plain.sum())
    mean = total / samples
    spread = np.sqrt(max(squares / samples - mean * mean, 0.0) / samples)
    low, high = max(mean - 1.959964 * float(spread), 0.0), mean + 1.959964 * float(spread)
    if hits < 30:
        low, high = clopper_pearson(plain_hits, max(plain_samples, 1))
    return MonteCarlo(mean, low, min(high, 1.0), hits, samples, seed, True)


def _closest_m(
    pair: LinkedPair, one: FloatArray, two: FloatArray, window: tuple[float, float, float], zonal: bool
) -> FloatArray:
    """Return the smallest distance of sampled pairs near the first instant of the window."""
    from syzygy.debris.probability import motion_kernels, zonal_kernels

    miss = np.empty(len(one))
    rest = (*window, pair.radius_m, miss)
    if zonal:
        zonal_kernels.zonal_closest_rows(one, two, *_flips(pair), GM_M3_S2, *ZONAL, *rest)
    else:
        motion_kernels.closest_rows(one, two, *_flips(pair), GM_M3_S2, *rest)
    return miss


def _plane_map(pair: LinkedPair, peak_s: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the root of both covariances (12, 12), the offset (2,) and the map (2, 12) into the plane."""
    root = _joint_root(pair)
    centres = _peak_elements(pair, peak_s)
    seconds = np.array([peak_s])
    mean_1, partial_1 = linear_states(pair.primary, centres[0], seconds)
    mean_2, partial_2 = linear_states(pair.secondary, centres[1], seconds)
    cloud = relative_clouds(pair, seconds)
    pull = np.linalg.solve(cloud.covariance[0, :3, :3], cloud.mean[0, :3])
    velocity = cloud.mean[0, 3:] - cloud.covariance[0, 3:, :3] @ pull
    axes = np.linalg.svd(velocity[None, :])[2][1:]
    partials = np.concatenate([-partial_1[0, :3], partial_2[0, :3]], axis=1)
    offset = axes @ (mean_2 - mean_1)[0, :3]
    return root, offset, axes @ partials @ root


def _peak_elements(pair: LinkedPair, peak_s: float) -> tuple[FloatArray, FloatArray]:
    """Return the most probable elements that touch at `peak_s`, (1, 6) each."""
    seconds = np.array([peak_s])
    centre_1, centre_2 = pair.primary.mean[None], pair.secondary.mean[None]
    for _ in range(20):
        mean_1, partial_1 = linear_states(pair.primary, centre_1, seconds)
        mean_2, partial_2 = linear_states(pair.secondary, centre_2, seconds)
        gains = pull_gains(pair, partial_1[:, :3], partial_2[:, :3])
        gain_1, gain_2 = gains[0][0], gains[1][0]
        position = partial_1[0, :3] @ gain_1 + partial_2[0, :3] @ gain_2
        pull = np.linalg.solve(position, (mean_2 - mean_1)[0, :3])
        centre_1 = (pair.primary.mean + gain_1 @ pull)[None]
        centre_2 = (pair.secondary.mean - gain_2 @ pull)[None]
    return centre_1, centre_2


def _proposal(offset: FloatArray, mapping: FloatArray, pair: LinkedPair) -> _Proposal:
    covariance = mapping @ mapping.T
    gain = mapping.T @ np.linalg.inv(covariance)
    sigma = float(np.sqrt(np.linalg.eigvalsh(covariance)[-1]))
    scales = tuple(scale * pair.radius_m for scale in _WIDENINGS if scale * pair.radius_m < sigma)
    return _Proposal(mapping, offset, covariance, gain, scales or (sigma,))


def _draw(
    random: np.random.Generator, proposal: _Proposal, count: int
) -> tuple[FloatArray, FloatArray, NDArray[np.bool_]]:
    """Return standard normal draws (count, 12) with the plane part replaced, weights, and who is plain."""
    base = random.standard_normal((count, 12))
    natural = base @ proposal.mapping.T
    kind = random.random(count)
    plain = kind < _PLAIN_SHARE
    share = (1.0 - _PLAIN_SHARE) / len(proposal.scales)
    which = np.minimum(((kind - _PLAIN_SHARE) / share).astype(int), len(proposal.scales) - 1)
    scale = np.array(proposal.scales)[which]
    aimed = random.standard_normal((count, 2)) * scale[:, None]
    point = np.where(plain[:, None], natural + proposal.mean, aimed)
    draws = base + (point - proposal.mean - natural) @ proposal.gain.T
    inverse = np.linalg.inv(proposal.covariance)
    away = point - proposal.mean
    ln_true = -0.5 * np.einsum("mi,ij,mj->m", away, inverse, away) - 0.5 * np.log(
        np.linalg.det(proposal.covariance)
    )
    ratio = np.full(count, _PLAIN_SHARE)
    square = np.sum(point * point, axis=1)
    for size in proposal.scales:
        ratio += share * np.exp(np.minimum(-0.5 * square / size**2 - 2.0 * np.log(size) - ln_true, 700.0))
    return draws, 1.0 / ratio, plain


def _joint_root(pair: LinkedPair) -> FloatArray:
    """Return a square root (12, 12) of the covariance of both sets of elements."""
    if pair.cross is not None:
        return _root(pair.joint_covariance)
    root = np.zeros((12, 12))
    root[:6, :6], root[6:, 6:] = _root(pair.primary.covariance), _root(pair.secondary.covariance)
    return root


def _root(covariance: FloatArray) -> FloatArray:
    """Return a square root of a covariance that may be singular."""
    scale = np.sqrt(np.maximum(np.diag(covariance), 1e-300))
    values, vectors = np.linalg.eigh(covariance / np.outer(scale, scale))
    return np.asarray(scale[:, None] * vectors * np.sqrt(np.maximum(values, 0.0)))


def _flips(pair: LinkedPair) -> tuple[float, float]:
    return float(pair.primary.axes[1, 1]), float(pair.secondary.axes[1, 1])


def _chunks(samples: int) -> list[int]:
    full, rest = divmod(samples, _CHUNK)
    return [_CHUNK] * full + ([rest] if rest else [])
