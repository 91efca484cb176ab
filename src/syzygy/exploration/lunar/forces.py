"""The forces of a flight to the Moon: Earth with J2, Moon and Sun on the ephemeris."""

from __future__ import annotations

import numpy as np

from syzygy.astro.bodies import EARTH, MOON, SUN
from syzygy.astro.constants import EARTH_J2
from syzygy.astro.forces import FieldForce, ForceModel, GravityField, PointMass
from syzygy.exploration.lunar.launching import J2_RADIUS_M


def cislunar_forces(*, moon_gm_m3_s2: float = 0.0) -> ForceModel:
    """Return Earth (J2 about the true pole), Moon and Sun, in TDB; 0 takes the Moon's GM of DE440."""
    cosine = np.zeros((3, 3))
    cosine[0, 0], cosine[2, 0] = 1.0, -EARTH_J2 / np.sqrt(5.0)
    field = GravityField(
        "J2 (IERS 2010)", EARTH.gm_m3_s2, J2_RADIUS_M, cosine, np.zeros((3, 3)), "zero_tide", ""
    )
    return ForceModel(
        EARTH,
        third_bodies=(PointMass(MOON, moon_gm_m3_s2), PointMass(SUN)),
        fields=(FieldForce(EARTH, field),),
    )
