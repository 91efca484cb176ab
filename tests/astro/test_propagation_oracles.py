"""Flights that other people computed or flew."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import numpy as np
import pytest
from tests.astro.propagation_truth import DATA, almanac_with, one_state

from syzygy.astro.bodies import EARTH, JUPITER_BARYCENTER, MOON, SUN
from syzygy.astro.constants import EARTH_J2
from syzygy.astro.forces import FieldForce, ForceModel, GravityField, PointMass, SolidTide, SunlightForce
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.time import parse_utc_many, tai_from_tdb_seconds
from syzygy.formats.gravity_field import read_gravity_field
from syzygy.formats.pck import open_binary_pck

GMAT_POSITION_M = 0.005
GMAT_VELOCITY_M_S = 1e-7
LRO_RMS_M = 0.02
ARTEMIS_M = 0.02
LRO_FIRST_TDB_S = (2_459_580.5 - 2_451_545.0) * 86_400.0


def _earth_j2() -> GravityField:
    cosine = np.zeros((3, 3))
    cosine[0, 0], cosine[2, 0] = 1.0, -EARTH_J2 / np.sqrt(5.0)
    return GravityField("J2", 3.986004415e14, 6_378_136.6, cosine, np.zeros((3, 3)), "zero_tide", "")


def test_gmat_and_we_agree_after_a_day_about_the_moon_and_earth(record_accuracy) -> None:
    case = tomllib.loads((DATA / "gmat_halo_2002.toml").read_text())
    epoch = int(np.datetime64(case["epoch"], "ns").astype(np.int64))
    force = ForceModel(
        EARTH,
        case["gm_earth"] * 1e9,
        (PointMass(MOON, case["gm_moon"] * 1e9),),
        time_variable="TT",
    )
    start = np.array(case["initial_km_km_s"]) * 1e3
    end = epoch + round(case["duration_s"] * 1e9)
    (flight,) = propagate(one_state(start, epoch, EARTH), end, force, almanac_with("ephemeris"))
    got, truth = flight.states(end), np.array(case["final_km_km_s"]) * 1e3
    position = np.linalg.norm(got.position_m - truth[:3])
    record_accuracy(
        "propagation", "halo after a day", position, GMAT_POSITION_M, "m", "GMAT R2018a on DE438s"
    )
    velocity = np.linalg.norm(got.velocity_m_s - truth[3:])
    record_accuracy(
        "propagation", "halo velocity after a day", velocity, GMAT_VELOCITY_M_S, "m/s", "GMAT R2018a"
    )


@pytest.mark.slow
def test_an_hour_of_a_real_low_lunar_orbit_is_reproduced_to_centimetres(shared_data, record_accuracy) -> None:
    rows = np.loadtxt(DATA / "lro_20220101_first_hour.csv", delimiter=",", skiprows=4)[:, 1:] * 1e3
    instants = tai_from_tdb_seconds(LRO_FIRST_TDB_S + 60.0 * np.arange(61.0), np.zeros(61))
    place = shared_data / "exploration"
    name = "GRGM660PRIM_to150.gfc.gz"
    field = read_gravity_field((place / "gravity" / name).read_bytes(), name=name)
    axes = open_binary_pck(place / "frames" / "moon_pa_de421_1900-2050.bpc")
    almanac = replace(almanac_with("ephemeris"), moon_orientation=axes)
    force = ForceModel(
        MOON,
        third_bodies=(PointMass(EARTH), PointMass(SUN), PointMass(JUPITER_BARYCENTER)),
        fields=(FieldForce(MOON, field),),
        sunlight=SunlightForce(1e-7, (MOON, EARTH)),
        tide=SolidTide(0.02416, (EARTH, SUN)),
    )
    start = rows[0]
    for _ in range(2):
        state = one_state(start, int(instants[0]), MOON)
        end = int(instants[-1])
        (flight,) = propagate(state, end, force, almanac, transition=True, parameters=("sunlight",))
        rest = rows[:, :3] - flight.states(instants).position_m
        design = np.concatenate(
            [flight.transition(instants)[:, :3], flight.partials(instants)[:, :3]], axis=2
        )
        change = np.linalg.lstsq(design.reshape(-1, 7), rest.ravel(), rcond=None)[0]
        rms = np.sqrt(np.mean(np.sum(rest**2, axis=1)))
        start = start + change[:6]
        assert force.sunlight is not None
        pressure = force.sunlight.acceleration_m_s2 + change[6]
        force = replace(force, sunlight=replace(force.sunlight, acceleration_m_s2=pressure))
    record_accuracy(
        "propagation",
        "LRO over one hour (RMS)",
        rms,
        LRO_RMS_M,
        "m",
        "JPL Horizons, state and one SRP number",
    )
    assert 3e-8 < pressure < 2e-7


def test_orion_coasts_where_nasa_says_it_did(record_accuracy) -> None:
    almanac = almanac_with("earth_orientation", "ephemeris")
    lines = [
        line.split()
        for line in (DATA / "artemis2_coast_arc_20260405.oem").read_text().splitlines()
        if line.startswith("2026-")
    ]
    instants = parse_utc_many([line[0] for line in lines], almanac.leap_seconds)
    rows = np.array([[float(word) for word in line[1:]] for line in lines]) * 1e3
    force = ForceModel(
        EARTH,
        third_bodies=(PointMass(MOON), PointMass(SUN), PointMass(JUPITER_BARYCENTER)),
        fields=(FieldForce(EARTH, _earth_j2()),),
        sunlight=SunlightForce(1e-8),
    )
    fitted = slice(0, 40)
    for _ in range(2):
        state = one_state(rows[0], int(instants[0]), EARTH)
        (flight,) = propagate(
            state, int(instants[-1]), force, almanac, transition=True, parameters=("sunlight",)
        )
        rest = rows[:, :3] - flight.states(instants).position_m
        column = flight.partials(instants)[fitted, :3, 0].ravel()
        assert force.sunlight is not None
        pressure = force.sunlight.acceleration_m_s2 + column @ rest[fitted].ravel() / (column @ column)
        force = replace(force, sunlight=SunlightForce(float(pressure)))
    worst = np.linalg.norm(rest, axis=1).max()
    record_accuracy(
        "propagation", "Orion over 7.3 h of coast", worst, ARTEMIS_M, "m",
        "NASA OEM, one SRP number fitted on the first 2.6 h", len(rows),
    )  # fmt: skip
