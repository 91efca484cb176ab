"""Flights by Orekit with the same constants, field files, Earth orientation and DE440.

The oracle files are written by benchmarks/peers/orekit_flights.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.astro.propagation_truth import DATA, almanac_with, one_state

from syzygy.astro.bodies import EARTH, JUPITER_BARYCENTER, MARS_BARYCENTER, MOON, SUN, VENUS
from syzygy.astro.forces import Drag, FieldForce, ForceModel, PointMass, tables
from syzygy.astro.propagation.propagator import propagate
from syzygy.astro.time import parse_utc
from syzygy.formats.gravity_field import read_gravity_field

BODIES = {
    "Sun": SUN,
    "Earth": EARTH,
    "Moon": MOON,
    "Jupiter": JUPITER_BARYCENTER,
    "Mars": MARS_BARYCENTER,
    "Venus": VENUS,
}
LOW_ORBIT_M, LUNAR_ORBIT_M, CISLUNAR_M, TO_MARS_M = 1e-3, 1e-2, 0.1, 1.0
AIR_M = 0.05


def _case(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"orekit_{name}.json").read_text())


def _distance(case: dict[str, Any], centre, fields=()) -> float:
    """Fly a case in TT, as Orekit does, and return how far apart the ends are."""
    almanac = almanac_with("earth_orientation", "ephemeris")
    epoch = parse_utc(case["epoch_utc"], almanac.leap_seconds)
    third = tuple(PointMass(BODIES[n], gm) for n, gm in case.get("third_bodies_gm_m3_s2", {}).items())
    drag = None
    if "drag" in case:
        air = case["drag"]
        drag = Drag(air["area_to_mass_m2_kg"], air["f107_sfu"], air["ap"])
    force = ForceModel(centre, case.get("gm_m3_s2", 0.0), third, fields, time_variable="TT", drag=drag)
    end = epoch + round(case["duration_s"] * 1e9)
    (flight,) = propagate(one_state(np.array(case["start_m_m_s"]), epoch, centre), end, force, almanac)
    return float(np.linalg.norm(flight.states(end).position_m - np.array(case["end_m_m_s"][:3])))


def _earth_field(case: dict[str, Any]):
    satkit_data = pytest.importorskip("satkit_data")
    wanted = case["field"]
    content = (Path(satkit_data.__file__).parent / "data" / wanted["name"]).read_bytes()
    field = read_gravity_field(content, name=wanted["name"], max_degree=wanted["degree"])
    assert (field.gm_m3_s2, field.radius_m) == (wanted["gm_m3_s2"], wanted["radius_m"])
    return (FieldForce(EARTH, field),)


@pytest.fixture
def no_reaction(monkeypatch) -> None:
    """Orekit leaves out that the figure of the centre is pulled by the Moon: 2 mm a day in low orbit."""
    monkeypatch.setattr(tables, "_reaction", lambda force, item, bodies: (-1, -1, 0.0, 0.0))


def test_five_days_to_the_moon_end_where_orekit_ends(record_accuracy) -> None:
    distance = _distance(_case("cislunar"), EARTH)
    record_accuracy("propagation", "5 days cislunar", distance, CISLUNAR_M, "m", "Orekit 13.1")


def test_a_hundred_days_towards_mars_end_where_orekit_ends(record_accuracy) -> None:
    distance = _distance(_case("to_mars"), SUN)
    record_accuracy("propagation", "100 days towards Mars", distance, TO_MARS_M, "m", "Orekit 13.1")


@pytest.mark.slow
def test_a_day_in_low_orbit_ends_where_orekit_ends(no_reaction, record_accuracy) -> None:
    case = _case("low_orbit")
    distance = _distance(case, EARTH, _earth_field(case))
    record_accuracy("propagation", "1 day at 500 km, 70x70", distance, LOW_ORBIT_M, "m", "Orekit 13.1")


@pytest.mark.slow
@pytest.mark.parametrize("height", [500, 350])
def test_a_day_in_the_air_ends_where_orekit_ends(height, record_accuracy) -> None:
    """The same indices; the Sun made the mean Sun, as NRLMSISE-00 means local time."""
    pytest.importorskip("pymsis")
    case = _case(f"air_{height}")
    distance = _distance(case, EARTH, _earth_field(case))
    quantity = f"1 day at {height} km with drag"
    record_accuracy("propagation", quantity, distance, AIR_M, "m", "Orekit 13.1, NRLMSISE-00")


@pytest.mark.slow
def test_a_day_low_above_the_moon_ends_where_orekit_ends(
    no_reaction, shared_data, monkeypatch, record_accuracy
) -> None:
    """Axes that turn uniformly about z, on both sides."""
    case = _case("lunar_orbit")
    epoch = parse_utc(case["epoch_utc"], almanac_with("leap_seconds").leap_seconds)

    def turns(tai_ns):
        angle = case["axes"]["phase_rad"] + case["axes"]["spin_rad_s"] * (np.asarray(tai_ns) - epoch) / 1e9
        matrix = np.zeros((*angle.shape, 3, 3))
        matrix[..., 0, 0] = matrix[..., 1, 1] = np.cos(angle)
        matrix[..., 0, 1], matrix[..., 1, 0] = np.sin(angle), -np.sin(angle)
        matrix[..., 2, 2] = 1.0
        return matrix

    monkeypatch.setattr(tables, "body_axes", lambda body, almanac: turns)
    name = case["field"]["name"]
    content = (shared_data / "exploration" / "gravity" / name).read_bytes()
    field = read_gravity_field(content, name=name, max_degree=case["field"]["degree"])
    distance = _distance(case, MOON, (FieldForce(MOON, field),))
    record_accuracy(
        "propagation", "1 day at 100 km of the Moon, 100x100", distance, LUNAR_ORBIT_M, "m", "Orekit 13.1"
    )
