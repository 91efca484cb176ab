"""Other ways to the two-dimensional probability, for columns beside ours; none is used for advice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.encounter_plane import EncounterPlanes

FloatArray = NDArray[np.float64]
_CONTOUR_NODES = 4096
_STRIPS = 200
_TERMS = 150
_LAST_TERM = 1e-15


def find_pc_chan(planes: EncounterPlanes) -> FloatArray:
    """Return Chan's approximation, (n,): an ellipse replaced by a circle of equal area.

    Its error grows with the ratio of the sigmas and with the radius (0.1 % in the plane of the tests).

    **Source** Chan, AAS 97-173 (1997); the series is a noncentral chi-square distribution.
    """
    from scipy.special import chndtr

    return np.asarray(
        chndtr(planes.radius_m**2 / np.sqrt(planes.determinant_m4), 2.0, planes.squared_mahalanobis)
    )


def find_pc_alfano(planes: EncounterPlanes) -> FloatArray:
    """Return Alfano's sum, (n,): strips by Simpson's rule, each with two error functions.

    **Source** Alfano, J. Astronaut. Sci. 53 (2005) 103.
    """
    from scipy.special import erf

    x, y, sigma_x, sigma_y = _principal(planes)
    radius = planes.radius_m[:, None]
    step = np.arange(_STRIPS + 1)
    along = radius * (2.0 * step / _STRIPS - 1.0)
    half = np.sqrt(np.maximum(radius**2 - along**2, 0.0))
    root = np.sqrt(2.0) * sigma_y[:, None]
    inner = erf((y[:, None] + half) / root) + erf((half - y[:, None]) / root)
    density = np.exp(-0.5 * ((along - x[:, None]) / sigma_x[:, None]) ** 2)
    weights = np.where(step % 2 == 1, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    total = np.sum(weights * inner * density, axis=1) * 2.0 * planes.radius_m / (3.0 * _STRIPS)
    return np.asarray(total / (np.sqrt(8.0 * np.pi) * sigma_x))


def find_pc_patera(planes: EncounterPlanes) -> FloatArray:
    """Return Patera's contour integral, (n,), in the form without a singularity at the centre.

    The absolute error is that of rounding (1e-16), so tails below are lost.

    **Source** Patera, J. Guid. Control Dyn. 24 (2001) 716 and 28 (2005) 1148.
    """
    x, y, sigma_x, sigma_y = (part[:, None] for part in _principal(planes))
    angle = 2.0 * np.pi * np.arange(_CONTOUR_NODES) / _CONTOUR_NODES
    radius = planes.radius_m[:, None]
    u, v = (x + radius * np.cos(angle)) / sigma_x, (y + radius * np.sin(angle)) / sigma_y
    turn = u * radius * np.cos(angle) / sigma_y + v * radius * np.sin(angle) / sigma_x
    square = u * u + v * v
    safe = np.where(square > 0.0, square, 1.0)
    kernel = np.where(square > 0.0, -np.expm1(-0.5 * safe) / safe, 0.5)
    return np.asarray(np.mean(kernel * turn, axis=1))


def find_pc_serra(planes: EncounterPlanes) -> FloatArray:
    """Return the series of positive terms of Serra and others (Laas), (n,); nan where 150 terms do not do.

    The coefficients follow from the logarithmic derivative of the Laplace transform of the distribution of
    the squared distance; as all are positive nothing cancels. Radii beyond some eight sigmas need more terms.

    **Source** Serra, Arzelier, Joldes, Lasserre, Rondepierre & Salvy, J. Guid. Control Dyn. 39 (2016) 1009.
    """
    x, y, sigma_x, sigma_y = _principal(planes)
    square = planes.radius_m**2
    p, phi = square / (2.0 * sigma_y**2), 1.0 - (sigma_y / sigma_x) ** 2
    a_x, a_y = 0.5 * (x / sigma_x) ** 2, 0.5 * (y / sigma_y) ** 2
    order = np.arange(_TERMS)[:, None]
    terms = np.zeros((_TERMS, len(planes)))
    terms[0] = 1.0
    with np.errstate(over="ignore", invalid="ignore"):
        rates = p ** (order + 1) + 0.5 * (p * phi) ** (order + 1)
        rates += a_x * p * (1.0 - phi) * (order + 1) * (p * phi) ** order
        rates[0] += a_y * p
        for k in range(_TERMS - 1):
            terms[k + 1] = np.sum(rates[: k + 1] * terms[k::-1], axis=0) / (k + 1)
        weighted = terms / np.cumprod(order + 1.0, axis=0)
        total = weighted.sum(axis=0)
        found = square / (2.0 * sigma_x * sigma_y) * np.exp(-a_x - a_y - p) * total
        done = weighted[-1] < _LAST_TERM * total
    return np.where(done & np.isfinite(found), found, np.nan)


def _principal(planes: EncounterPlanes) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return offsets along, and sigmas of, the major and the minor axis."""
    xx, xy, yy = planes.covariance_m2.T
    angle = 0.5 * np.arctan2(xy, 0.5 * (xx - yy))
    c, s = np.cos(angle), np.sin(angle)
    x, y = planes.offset_m.T
    sigma = planes.sigmas_m
    return np.abs(c * x + s * y), np.abs(c * y - s * x), sigma[:, 0], sigma[:, 1]
