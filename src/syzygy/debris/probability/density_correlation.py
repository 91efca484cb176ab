"""What two objects share: the error of the forecast air density, as conjunction messages of CARA tell it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.debris.probability.encounters import UncertainStates
from syzygy.formats.ccsds.model import Block

_NUMBER = r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?"
_SIGMA = re.compile(rf"DCP Density Forecast Uncertainty\s*=\s*({_NUMBER})")
_POSITION = re.compile(rf"DCP Sensitivity Vector RTN Pos\s*=\s*({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})")
_VELOCITY = re.compile(rf"DCP Sensitivity Vector RTN Vel\s*=\s*({_NUMBER})\s+({_NUMBER})\s+({_NUMBER})")


@dataclass(frozen=True)
class DensityError:
    """One object's answer to an error of the air density.

    Attributes
    ----------
    sigma : float
        Relative 1-sigma error of the forecast density.
    sensitivity_rtn : (6,) float64
        Change of position (m) and velocity (m/s) in RTN axes per unit of relative density.
    """

    sigma: float
    sensitivity_rtn: NDArray[np.float64]


def read_density_error(segment: Block) -> DensityError | None:
    """Return the density error of one object from the comments of its segment, None where it has none."""
    comments = " \n".join(text for block in segment.walk() for text in block.comments())
    sigma, position, velocity = (form.search(comments) for form in (_SIGMA, _POSITION, _VELOCITY))
    if not (sigma and position and velocity):
        return None
    numbers = [float(part) for part in (*position.groups(), *velocity.groups())]
    return DensityError(float(sigma[1]), np.array(numbers))


def shared_covariance(
    primary: UncertainStates, secondary: UncertainStates, errors: tuple[DensityError, DensityError]
) -> NDArray[np.float64]:
    """Return the cross-covariance (1, 6, 6) of the two states in inertial axes.

    The forecast of the density errs in the same way for both, so its part of the two errors is fully
    correlated: sigma_1 sigma_2 g_1 g_2'. The covariances of the messages contain that part already.

    **Source** Casali, Hall, Snow, Hejduk, Johnson, Skrehart & Baars, AAS 18-272 (2018).
    """
    columns = []
    for side, error in zip((primary, secondary), errors, strict=True):
        turn = np.swapaxes(rtn_axes(side.position_m, side.velocity_m_s), 1, 2)[0]
        g = error.sensitivity_rtn
        columns.append(error.sigma * np.concatenate([turn @ g[:3], turn @ g[3:]]))
    return np.outer(columns[0], columns[1])[None]


def is_consistent(primary: UncertainStates, secondary: UncertainStates, shared: NDArray[np.float64]) -> bool:
    """Return whether the joint covariance stays positive semidefinite (each part holds what is shared)."""
    joint = np.block([[primary.covariance[0], shared[0]], [shared[0].T, secondary.covariance[0]]])
    scale = np.sqrt(np.maximum(np.diag(joint), 1e-300))
    return bool(np.linalg.eigvalsh(joint / np.outer(scale, scale))[0] > -1e-6)
