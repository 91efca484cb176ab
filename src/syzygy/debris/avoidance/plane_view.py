"""What the picture shows: the plane of the event with the miss vector before, and the ways burns move it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.avoidance.candidates import Circumstances
from syzygy.debris.avoidance.chosen import ChosenPlan
from syzygy.debris.avoidance.frontier import design_plane
from syzygy.debris.avoidance.risk import event_spread, separation_after

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlanePicture:
    """The plane of the event: axes across and up, metres.

    Attributes
    ----------
    before_m : (2,) float64
        Miss vector without a burn: where the other object passes, seen from the one that moves.
    after_m : (2,) float64 or None
    covariance_m2 : (2, 2) float64
    covariance_after_m2 : (2, 2) float64 or None
        With the execution error of the plan.
    radius_m : float
    """

    before_m: FloatArray
    after_m: FloatArray | None
    covariance_m2: FloatArray
    covariance_after_m2: FloatArray | None
    radius_m: float


def make_plane_picture(around: Circumstances, chosen: ChosenPlan | None) -> PlanePicture:
    """Project the event before and after the plan."""
    design = design_plane(around.event)
    plane = design.plane
    after, spread = None, None
    if chosen is not None:
        separation = separation_after(around.event, chosen.flown, around.leap_seconds)[0]
        after = design.axes @ separation[0]
        added = event_spread(around.event, chosen.flown, around.model.error)[0]
        spread = plane.covariance_m2 + design.axes @ added @ design.axes.T
    return PlanePicture(plane.offset_m, after, plane.covariance_m2, spread, plane.radius_m)
