"""A flight integrated about two centres is the flight integrated about one."""

from __future__ import annotations

import numpy as np
import pytest
from tests.astro.propagation_truth import almanac_with, one_state

from syzygy.astro.bodies import EARTH, JUPITER_BARYCENTER, MOON, SUN
from syzygy.astro.constants import EARTH_J2
from syzygy.astro.forces import FieldForce, ForceModel, GravityField, PointMass, SunlightForce
from syzygy.astro.propagation.centres import CentreChange, Region
from syzygy.astro.propagation.propagator import propagate

FLYBY = np.array(
    (1942919.5980941, 5505930.88636041, 3029830.44244464, -10424.78414045, 3009.34850747, 1216.32302113)
)
DAY_NS = 86_400 * 10**9
EPOCH = int(np.datetime64("2026-04-02T00:00:37", "ns").astype(np.int64))
ALLOWED_M = 0.01


def _bulge() -> GravityField:
    cosine = np.zeros((3, 3))
    cosine[0, 0], cosine[2, 0] = 1.0, -EARTH_J2 / np.sqrt(5.0)
    return GravityField("J2", 3.986004415e14, 6_378_136.6, cosine, np.zeros((3, 3)), "zero_tide", "")


POINTS = ForceModel(EARTH, third_bodies=(PointMass(MOON), PointMass(SUN)))
MORE = ForceModel(
    EARTH,
    third_bodies=(PointMass(MOON), PointMass(SUN), PointMass(JUPITER_BARYCENTER)),
    fields=(FieldForce(EARTH, _bulge()),),
    sunlight=SunlightForce(1.8e-8),
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("force", "label"), [(POINTS, "Earth, Moon, Sun"), (MORE, "with J2, Jupiter, sunlight")]
)
def test_a_fly_by_about_two_centres_is_that_about_the_earth(force, label, record_accuracy) -> None:
    """Five days past perilune, where the sensitivity to departure is largest so far."""
    almanac = almanac_with("earth_orientation", "ephemeris")
    start, end = one_state(FLYBY, EPOCH, EARTH), EPOCH + 5 * DAY_NS
    (plain,) = propagate(start, end, force, almanac)
    for centres in ((Region(MOON),), (CentreChange(EPOCH + DAY_NS, MOON),)):
        (moved,) = propagate(start, end, force, almanac, centres=centres)
        assert [leg.force.centre for leg in moved.legs] == [EARTH, MOON]
        apart = np.linalg.norm(moved.states(end).position_m - plain.states(end).position_m)
        how = "region of the Moon" if isinstance(centres[0], Region) else "about the Moon from day 1"
        record_accuracy(
            "propagation", f"5 days with a change of centre, {label}, {how}", apart, ALLOWED_M, "m",
            "the flight about the Earth",
        )  # fmt: skip
