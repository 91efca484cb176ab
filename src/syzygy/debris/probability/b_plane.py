"""Axes of the encounter plane that people know: up is away from the Earth, the other axis is across."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.encounters import Encounter

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PlaneView:
    """One encounter seen along its relative velocity.

    Attributes
    ----------
    miss_m : (2,) float64
        Secondary minus primary: across, up.
    own_m2, other_m2, summed_m2 : (2, 2) float64
        Covariance of the primary, of the secondary and of their difference.
    radius_m : float
    """

    miss_m: FloatArray
    own_m2: FloatArray
    other_m2: FloatArray
    summed_m2: FloatArray
    radius_m: float


def plane_axes(encounter: Encounter) -> FloatArray:
    """Return two axes (2, 3) perpendicular to the relative velocity of a batch of one: across, up.

    Up is the radial direction of the primary as far as it lies in the plane; where the objects meet radially
    it is the cross-track direction.
    """
    along = encounter.relative_velocity_m_s[0]
    along = along / np.linalg.norm(along)
    radial = encounter.primary.position_m[0]
    radial = radial / np.linalg.norm(radial)
    up = radial - along * (radial @ along)
    if np.linalg.norm(up) < 1e-3:
        normal = np.cross(radial, encounter.primary.velocity_m_s[0])
        up = normal - along * (normal @ along)
    up = up / np.linalg.norm(up)
    return np.stack([np.cross(up, along), up])


def look_along(encounter: Encounter, axes: FloatArray | None = None) -> PlaneView:
    """Project a batch of one onto its plane, or onto given axes."""
    axes = plane_axes(encounter) if axes is None else axes
    own = axes @ encounter.primary.covariance[0, :3, :3] @ axes.T
    other = axes @ encounter.secondary.covariance[0, :3, :3] @ axes.T
    summed = axes @ encounter.position_covariance_m2[0] @ axes.T
    return PlaneView(
        axes @ encounter.separation_m[0], own, other, summed, float(encounter.hard_body_radius_m[0])
    )
