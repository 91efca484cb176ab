"""The encounter plane: perpendicular to the relative velocity, with the miss vector along its first axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import InputError
from syzygy.debris.probability.covariance_repair import RepairedCovariances, clip_plane_covariances
from syzygy.debris.probability.encounters import Encounter


@dataclass(frozen=True)
class EncounterPlanes:
    """Encounters reduced to the plane in which a short one is decided.

    Attributes
    ----------
    offset_m : (n, 2) float64
        Miss vector; by construction along the first axis when made from an encounter.
    covariance_m2 : (n, 3) float64
        Summed position covariance in the plane: xx, xy, yy; positive definite.
    radius_m : (n,) float64
        Hard-body radius.
    repair : RepairedCovariances
        What was done with plane covariances that were not positive definite.
    """

    offset_m: NDArray[np.float64]
    covariance_m2: NDArray[np.float64]
    radius_m: NDArray[np.float64]
    repair: RepairedCovariances

    def __len__(self) -> int:
        return len(self.offset_m)

    @property
    def squared_mahalanobis(self) -> NDArray[np.float64]:
        """Squared Mahalanobis distance of the miss vector."""
        x, y = self.offset_m[:, 0], self.offset_m[:, 1]
        xx, xy, yy = self.covariance_m2.T
        return np.asarray((yy * x * x - 2.0 * xy * x * y + xx * y * y) / self.determinant_m4)

    @property
    def determinant_m4(self) -> NDArray[np.float64]:
        """Determinant of the plane covariance, m4."""
        xx, xy, yy = self.covariance_m2.T
        return np.asarray(xx * yy - xy * xy)

    @property
    def sigmas_m(self) -> NDArray[np.float64]:
        """Larger and smaller principal sigma, (n, 2)."""
        xx, xy, yy = self.covariance_m2.T
        large = 0.5 * (xx + yy) + np.hypot(0.5 * (xx - yy), xy)
        return np.asarray(np.sqrt(np.stack([large, self.determinant_m4 / large], -1)))


def encounter_planes(encounter: Encounter) -> EncounterPlanes:
    """Project encounters to their planes and mend plane covariances that are not positive definite.

    Raises
    ------
    InputError
        Two objects without relative motion: they have no encounter plane.
    """
    return project_to_planes(
        encounter.separation_m,
        encounter.relative_velocity_m_s,
        encounter.position_covariance_m2,
        encounter.hard_body_radius_m,
    )


def project_to_planes(
    separation_m: NDArray[np.float64],
    relative_velocity_m_s: NDArray[np.float64],
    covariance_m2: NDArray[np.float64],
    radius_m: NDArray[np.float64],
) -> EncounterPlanes:
    """Project separations (n, 3) and summed covariances (n, 3, 3); see `encounter_planes`."""
    from syzygy.debris.probability import _kernels

    count = len(separation_m)
    offset, projected = np.zeros((count, 2)), np.zeros((count, 3))
    code = np.empty(count, dtype=np.int64)
    _kernels.project_rows(
        np.ascontiguousarray(separation_m),
        np.ascontiguousarray(relative_velocity_m_s),
        np.ascontiguousarray(covariance_m2),
        offset,
        projected,
        code,
    )
    if (code == _kernels.NO_RELATIVE_MOTION).any():
        row = int(np.flatnonzero(code == _kernels.NO_RELATIVE_MOTION)[0])
        raise InputError(
            "two objects do not move against each other",
            value="0 m/s",
            allowed="a relative speed above 0",
            where=f"relative_velocity_m_s, row {row}",
            hint="docked objects have no encounter; leave the pair out",
        )
    return planes_from(offset, projected, radius_m)


def planes_from(
    offset_m: NDArray[np.float64], covariance_m2: NDArray[np.float64], radius_m: NDArray[np.float64]
) -> EncounterPlanes:
    """Make planes from offsets (n, 2) and covariances (n, 3: xx, xy, yy) that are known already."""
    radius = np.asarray(radius_m, dtype=np.float64)
    repair = clip_plane_covariances(covariance_m2, radius)
    return EncounterPlanes(offset_m, repair.covariance, radius, repair)
