"""About which body a flight is integrated, and where that changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import Body
from syzygy.astro.forces import ForceModel
from syzygy.base.errors import InputError

_LAPLACE = 0.4


@dataclass(frozen=True, eq=False)
class Region:
    """A sphere about a body inside which the flight is integrated about that body.

    Attributes
    ----------
    body : Body
    radius_m : float
        0 takes Laplace's sphere: distance times (mass ratio) to the power 0.4, at the epoch.
    force : ForceModel or None
        The forces there; None takes ``force.about(body)`` of the model of the flight.
    """

    body: Body
    radius_m: float = 0.0
    force: ForceModel | None = None


@dataclass(frozen=True, eq=False)
class CentreChange:
    """A change of the centre at an instant.

    Attributes
    ----------
    tai_ns : int
    body : Body
    force : ForceModel or None
        As of `Region`.
    """

    tai_ns: int
    body: Body
    force: ForceModel | None = None


def require_centres(centres: tuple[Region | CentreChange, ...], force: ForceModel) -> None:
    """Refuse centres that the forces do not fit.

    Raises
    ------
    InputError
    """
    for item in centres:
        if item.force is not None and item.force.centre != item.body:
            raise InputError(
                "the forces of a centre are about another body",
                value=f"{item.force.centre.name} for {item.body.name}",
                where="centres",
            )
        if item.force is not None and item.force.time_variable != force.time_variable:
            raise InputError(
                "the time variable cannot change in flight",
                value=item.force.time_variable,
                allowed=force.time_variable,
                where="centres",
            )


def region_radius_m(region: Region, force: ForceModel, almanac: Almanac, epoch_tai_ns: int) -> float:
    """Return the radius of a region."""
    if region.radius_m > 0.0:
        return region.radius_m
    place = almanac.require_ephemeris().position_m(region.body, force.centre, np.int64(epoch_tai_ns))
    ratio = force.about(region.body).effective_gm_m3_s2 / force.effective_gm_m3_s2
    return float(np.linalg.norm(place) * ratio**_LAPLACE)
