"""Repair of covariances that are not positive definite, with an account of what was changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CLIP_FRACTION = 1.0e-4
"""A plane sigma below this part of the hard-body radius is raised to it."""

REPRESENTABLE = 1.0e-13
"""An eigenvalue below this part of the other is rounding of the matrix elements."""


@dataclass(frozen=True)
class RepairedCovariances:
    """Covariances of which every eigenvalue is at least the floor.

    Attributes
    ----------
    covariance : (n, k, k) or (n, 3) float64
        Unchanged rows are passed through bit for bit.
    repaired : (n,) bool
        Which rows were changed.
    smallest_before : (n,) float64
        Smallest eigenvalue of the given matrix, in its own unit squared.
    floor : (n,) float64
        Smallest eigenvalue allowed.
    """

    covariance: NDArray[np.float64]
    repaired: NDArray[np.bool_]
    smallest_before: NDArray[np.float64]
    floor: NDArray[np.float64]

    def describe(self, row: int) -> str:
        """Say what was done with one row; empty when nothing was."""
        if not self.repaired[row]:
            return ""
        before = self.smallest_before[row]
        word = "not positive definite" if before <= 0.0 else "flatter than the numbers can hold"
        return f"covariance {word}: eigenvalue {before:.3g} raised to {self.floor[row]:.3g}"


def clip_eigenvalues(covariance: NDArray[np.float64], floor: NDArray[np.float64]) -> RepairedCovariances:
    """Raise every eigenvalue below `floor` (n,) to it; covariances (n, k, k) of one unit throughout.

    **Source** Hall, Hejduk & Johnson, AAS 17-567 (2017): eigenvalue clipping as the nearest remedy.
    """
    floor = np.broadcast_to(np.asarray(floor, dtype=np.float64), covariance.shape[:1])
    values, vectors = np.linalg.eigh(covariance)
    bad = values[:, 0] < floor
    clipped = np.maximum(values, floor[:, None])
    rebuilt = np.einsum("nik,nk,njk->nij", vectors, clipped, vectors)
    return RepairedCovariances(
        np.where(bad[:, None, None], rebuilt, covariance), bad, values[:, 0], np.array(floor)
    )


def clip_plane_covariances(
    plane_m2: NDArray[np.float64], radius_m: NDArray[np.float64]
) -> RepairedCovariances:
    """Clip plane covariances (n, 3: xx, xy, yy) at (1e-4 of the hard-body radius) squared, m2.

    And at 1e-13 of the larger eigenvalue, below which a double cannot hold the matrix.
    """
    xx, xy, yy = plane_m2.T
    large = 0.5 * (xx + yy) + np.hypot(0.5 * (xx - yy), xy)
    smallest = (xx * yy - xy * xy) / np.where(large > 0.0, large, 1.0)
    floor = np.maximum((CLIP_FRACTION * radius_m) ** 2, REPRESENTABLE * large)
    rows = np.flatnonzero(smallest < floor)
    mended = plane_m2.copy()
    if rows.size:
        full = plane_m2[rows][:, [0, 1, 1, 2]].reshape(-1, 2, 2)
        mended[rows] = clip_eigenvalues(full, floor[rows]).covariance.reshape(-1, 4)[:, [0, 1, 3]]
    return RepairedCovariances(mended, smallest < floor, smallest, floor)


def clip_state_covariances(covariance: NDArray[np.float64]) -> RepairedCovariances:
    """Clip covariances (n, 6, 6) of states at zero, in correlations so that metres and metres per second mix.

    The correlation matrix is clipped at 1e-15 and scaled back; `smallest_before` and `floor` are therefore
    eigenvalues of the correlation matrix, without unit.  Rounding of a printed rank-deficient covariance
    (eigenvalues above -1e-8) is no defect and stays as it is.
    """
    diagonal = np.sqrt(np.maximum(np.einsum("nii->ni", covariance), 0.0))
    scale = np.where(diagonal > 0.0, diagonal, 1.0)
    correlation = covariance / (scale[:, :, None] * scale[:, None, :])
    found = clip_eigenvalues(correlation, np.full(len(covariance), -1e-8))
    mended = clip_eigenvalues(correlation, np.full(len(covariance), 1e-15))
    back = mended.covariance * (scale[:, :, None] * scale[:, None, :])
    kept = np.where(found.repaired[:, None, None], back, covariance)
    return RepairedCovariances(kept, found.repaired, found.smallest_before, mended.floor)
