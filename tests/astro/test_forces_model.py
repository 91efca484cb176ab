"""The description of forces, and the small forces against textbook numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.astro.propagation_truth import J2000_TAI_NS, almanac_with, kepler_state, one_state

from syzygy.astro.bodies import (
    EARTH,
    EARTH_MOON_BARYCENTER,
    MARS,
    MARS_BARYCENTER,
    MOON,
    SUN,
)
from syzygy.astro.constants import ASTRONOMICAL_UNIT_M, SPEED_OF_LIGHT_M_S
from syzygy.astro.forces import (
    FieldForce,
    ForceModel,
    GravityField,
    PointMass,
    Relativity,
    SolidTide,
    SunlightForce,
    accelerations_m_s2,
)
from syzygy.astro.forces.axes import body_axes
from syzygy.astro.propagation.propagator import propagate
from syzygy.base.errors import FrameError, InputError, MissingDataError

YEAR_S = 365.25 * 86_400.0
MERCURY_ARCSEC_PER_CENTURY = 42.98
GEODETIC_MAS_PER_YEAR = 19.19


def _field() -> GravityField:
    cosine = np.zeros((3, 3))
    cosine[0, 0], cosine[2, 0] = 1.0, -4.84e-4
    return GravityField("J2", 3.986004415e14, 6_378_136.3, cosine, np.zeros((3, 3)), "tide_free", "ab")


def test_the_description_prints_and_hashes_every_constant() -> None:
    force = ForceModel(
        EARTH,
        third_bodies=(PointMass(MOON), PointMass(SUN)),
        fields=(FieldForce(EARTH, _field()),),
        sunlight=SunlightForce(1e-8),
        tide=SolidTide(0.3, (MOON, SUN)),
        relativity=Relativity(de_sitter=True),
    )
    assert force.effective_gm_m3_s2 == 3.986004415e14
    text = str(force)
    for word in ("Earth", "TDB", "Moon", "Sun", "J2", "tide_free", "1.0000e-08", "0.3", "Relativity"):
        assert word in text
    changes = (
        {"time_variable": "TT"},
        {"gm_m3_s2": 3.986004418e14},
        {"sunlight": SunlightForce(2e-8)},
        {"tide": None},
        {"relativity": None},
        {"fields": ()},
        {"third_bodies": (PointMass(MOON), PointMass(SUN, 1.3e20))},
    )
    hashes = {replace(force, **change).sha256 for change in changes} | {force.sha256}
    assert len(hashes) == len(changes) + 1


def test_what_would_count_a_mass_twice_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        ForceModel(EARTH, third_bodies=(PointMass(EARTH),))
    with pytest.raises(FrameError, match="barycentre"):
        ForceModel(EARTH, third_bodies=(PointMass(EARTH_MOON_BARYCENTER),))
    with pytest.raises(FrameError, match="barycentre"):
        ForceModel(SUN, third_bodies=(PointMass(MARS), PointMass(MARS_BARYCENTER)))
    with pytest.raises(InputError, match="time variable"):
        ForceModel(EARTH, time_variable="UTC")
    with pytest.raises(InputError, match="gravity field"):
        ForceModel(EARTH, fields=(FieldForce(MOON, _field()),))
    with pytest.raises(InputError, match="Lense-Thirring"):
        ForceModel(SUN, relativity=Relativity(lense_thirring=True))
    state = one_state(kepler_state(EARTH.gm_m3_s2, 7e6, 0.0, 0.0), J2000_TAI_NS, EARTH)
    silent = ForceModel(EARTH, third_bodies=(PointMass(MOON),), tide=SolidTide(0.3, (SUN,)))
    with pytest.raises(MissingDataError, match="raises a tide"):
        accelerations_m_s2(state, silent, almanac_with("ephemeris"))


def test_the_perihelion_of_mercury_advances_by_43_seconds_of_arc(record_accuracy) -> None:
    a, e = 5.790905e10, 0.2056
    period = 2.0 * math.pi * math.sqrt(a**3 / SUN.gm_m3_s2)
    force = ForceModel(SUN, relativity=Relativity())
    start = one_state(kepler_state(SUN.gm_m3_s2, a, e, 0.0), J2000_TAI_NS, SUN)
    end = J2000_TAI_NS + round(10 * period * 1e9)
    (flight,) = propagate(start, end, force, almanac_with("leap_seconds"))

    def direction(state) -> float:
        r, v = state.position_m, state.velocity_m_s
        vector = np.cross(v, np.cross(r, v)) / SUN.gm_m3_s2 - r / np.linalg.norm(r)
        return math.atan2(vector[1], vector[0])

    # The osculating perihelion is compared at perihelion passages, where its periodic part is the same.
    advance = direction(flight.states(end)) - direction(flight.states(J2000_TAI_NS))
    per_century = math.degrees(advance) * 3600.0 / 10.0 * (100.0 * YEAR_S / period)
    error = abs(per_century - MERCURY_ARCSEC_PER_CENTURY)
    record_accuracy("forces", "perihelion of Mercury", error, 0.02, "arcsec per century", "textbook value")
    closed = 6.0 * math.pi * SUN.gm_m3_s2 / (SPEED_OF_LIGHT_M_S**2 * a * (1 - e * e))
    assert advance / 10.0 == pytest.approx(closed, rel=2e-3)


def test_geodetic_precession_turns_at_19_milliseconds_of_arc_a_year() -> None:
    almanac = almanac_with("ephemeris")
    state = one_state(kepler_state(EARTH.gm_m3_s2, 1.2e7, 0.0, 0.3), J2000_TAI_NS, EARTH)
    plain = ForceModel(EARTH, third_bodies=(PointMass(SUN),), relativity=Relativity())
    more = replace(plain, relativity=Relativity(de_sitter=True))
    extra = accelerations_m_s2(state, more, almanac) - accelerations_m_s2(state, plain, almanac)
    pole = np.array([0.0, -math.sin(math.radians(23.4393)), math.cos(math.radians(23.4393))])
    turn = np.cross(pole, state.velocity_m_s)
    rate = extra @ turn / (2.0 * turn @ turn) * YEAR_S * 180.0 / math.pi * 3.6e6
    # The textbook value is the mean over a year; at another distance from the Sun it goes with its cube.
    distance = np.linalg.norm(almanac.require_ephemeris().position_m(SUN, EARTH, J2000_TAI_NS))
    mean = rate * (distance / ASTRONOMICAL_UNIT_M) ** 3
    assert mean == pytest.approx(GEODETIC_MAS_PER_YEAR, rel=0.005)


def test_steps_end_at_the_edges_of_the_shadow() -> None:
    almanac = almanac_with("ephemeris")
    force = ForceModel(EARTH, sunlight=SunlightForce(1e-7, (EARTH,)))
    start = one_state(kepler_state(EARTH.gm_m3_s2, 7e6, 0.0, 0.3), J2000_TAI_NS, EARTH)
    end = J2000_TAI_NS + 5 * 5828 * 10**9
    coarse, fine = (propagate(start, end, force, almanac, tolerance=t)[0] for t in (1e-7, 1e-10))
    assert 18 <= fine.report.shadow_edges <= 20
    assert coarse.report.shadow_edges == fine.report.shadow_edges
    apart = np.linalg.norm(coarse.states(end).position_m - fine.states(end).position_m)
    assert apart < 1e-4


def test_the_axes_of_mars_are_those_of_the_iau() -> None:
    turn = body_axes(MARS, almanac_with("leap_seconds"))(np.array([J2000_TAI_NS]))[0]
    assert np.allclose(turn @ turn.T, np.eye(3), atol=1e-14)
    ra, dec = math.radians(317.68143), math.radians(52.88650)
    older = np.array([math.cos(ra) * math.cos(dec), math.sin(ra) * math.cos(dec), math.sin(dec)])
    assert math.acos(min(1.0, turn[2] @ older)) < math.radians(0.01)
