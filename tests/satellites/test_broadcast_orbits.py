"""Broadcast orbits against precise orbits and published vectors; the batch does not matter."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.time import parse_utc
from syzygy.base.errors import CoverageError
from syzygy.formats.navigation_messages import GlonassMessages, KeplerianMessages, NavigationMessages
from syzygy.formats.sp3 import PreciseOrbits
from syzygy.satellites.broadcast_orbits import glonass_states, keplerian_positions_m, nearest_message
from syzygy.satellites.constellation import VALIDITY_S

EARTH_RATE_RAD_S = 7.292115e-5
STATISTICS_TOLERANCE_M = 0.01
BEIDOU_IGSO = (6, 7, 8, 9, 10, 13, 16, 38, 39, 40)
ICD_LUNI_SOLAR_M = 0.51  # the vector's note: 0.50 m without the analytic luni-solar terms


def _group(name: str) -> str:
    if name[0] != "C":
        return {"G": "GPS", "R": "GLONASS", "E": "Galileo", "J": "QZSS"}[name[0]]
    number = int(name[1:])
    if number <= 5 or number >= 59:
        return "BDS GEO"
    if number in BEIDOU_IGSO:
        return "BDS IGSO"
    return "BDS-2 MEO" if number <= 16 else "BDS-3 MEO"


def _messages(files: tuple[NavigationMessages, ...], name: str) -> Any:
    groups = [file.glonass if name[0] == "R" else file.keplerian for file in files]
    chosen = [g.select((g.satellite == name) & (g.healthy | (name[0] != "R"))) for g in groups]
    joined = {f.name: np.concatenate([getattr(g, f.name) for g in chosen]) for f in fields(chosen[0])}
    return type(chosen[0])(**joined)


def _position(messages: Any, tai_ns: np.ndarray) -> np.ndarray:
    if isinstance(messages, GlonassMessages):
        return glonass_states(messages, tai_ns)[0]
    return keplerian_positions_m(messages, tai_ns)


def _difference(precise: PreciseOrbits, files: tuple[NavigationMessages, ...], column: int) -> np.ndarray:
    """Radial, along, cross of broadcast minus precise, by the rule in the header of the oracle."""
    name, times = precise.satellites[column], precise.epoch_tai_ns
    messages = _messages(files, name)
    nearest = nearest_message(messages.reference_tai_ns, times, VALIDITY_S[name[0]])
    known = (nearest >= 0) & precise.position_known[:, column]
    chosen, times, truth = messages.select(nearest[known]), times[known], precise.position_m[known, column]
    second = 1_000_000_000
    velocity = (_position(chosen, times + second) - _position(chosen, times - second)) / 2.0
    velocity = velocity + np.cross([0.0, 0.0, EARTH_RATE_RAD_S], truth)
    radial = truth / np.linalg.norm(truth, axis=1, keepdims=True)
    cross = np.cross(truth, velocity)
    cross /= np.linalg.norm(cross, axis=1, keepdims=True)
    along = np.cross(cross, radial)
    error = _position(chosen, times) - truth
    return np.stack([np.sum(error * axis, axis=1) for axis in (radial, along, cross)], axis=1)


@pytest.fixture(scope="module")
def differences(
    precise: PreciseOrbits, broadcast: tuple[NavigationMessages, ...]
) -> dict[str, list[np.ndarray]]:
    found: dict[str, list[np.ndarray]] = {}
    for column, name in enumerate(precise.satellites):
        error = _difference(precise, broadcast, column)
        if error.size:
            found.setdefault(_group(name), []).append(error)
    return found


def _statistics_rows() -> list[dict[str, str]]:
    place = Path(__file__).resolve().parent.parent / "data" / "satellites"
    lines = (place / "broadcast_minus_precise_2020177.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.mark.slow
@pytest.mark.parametrize("row", _statistics_rows(), ids=lambda row: row["group"])
def test_broadcast_minus_precise_is_that_of_the_reference(
    row: dict[str, str], differences: dict[str, list[np.ndarray]], record_accuracy: Any
) -> None:
    errors = differences[row["group"]]
    together = np.concatenate(errors)
    assert len(errors) == int(row["satellites"])
    assert together.shape[0] == int(row["records"])
    expected = [float(row[f"{kind}_{axis}"]) for kind in ("mean", "std") for axis in "rac"]
    length = np.linalg.norm(together, axis=1)
    measured = [*together.mean(axis=0), *together.std(axis=0), np.median(length)]
    expected.append(float(row["median_3d"]))
    worst = float(np.max(np.abs(np.array(measured) - expected)))
    record_accuracy(
        "satellites",
        f"broadcast minus precise, {row['group']}",
        worst,
        STATISTICS_TOLERANCE_M,
        "m",
        "independent statistics of 2020-06-25, mean and standard deviation",
        together.shape[0],
    )
    assert abs(np.percentile(length, 95) - float(row["p95_3d"])) <= 2 * STATISTICS_TOLERANCE_M


def _vectors() -> dict[str, Any]:
    place = Path(__file__).resolve().parent.parent / "data" / "satellites" / "orekit_vectors.toml"
    return tomllib.loads(place.read_text())


def _keplerian(vector: dict[str, Any], satellite: str, message: str) -> KeplerianMessages:
    def one(key: str) -> np.ndarray:
        return np.array([float(vector[key])])

    zero = np.zeros(1)
    return KeplerianMessages(
        satellite=np.array([satellite], dtype=object),
        message=np.array([message], dtype=object),
        clock_reference_tai_ns=np.zeros(1, dtype=np.int64),
        reference_tai_ns=np.zeros(1, dtype=np.int64),
        semi_major_axis_m=one("sqrt_a") ** 2,
        eccentricity=one("eccentricity"),
        inclination_rad=one("i0"),
        inclination_rate_rad_s=one("idot"),
        node_rad=one("omega0"),
        node_rate_rad_s=one("omega_dot"),
        argument_of_perigee_rad=one("argp"),
        mean_anomaly_rad=one("m0"),
        mean_motion_correction_rad_s=one("delta_n"),
        argument_cosine_rad=one("cuc"),
        argument_sine_rad=one("cus"),
        radius_cosine_m=one("crc"),
        radius_sine_m=one("crs"),
        inclination_cosine_rad=one("cic"),
        inclination_sine_rad=one("cis"),
        week_second_s=one("toe_s"),
        clock_bias_s=zero,
        clock_drift_s_s=zero,
        clock_drift_rate_s_s2=zero,
        issue=np.zeros(1, dtype=np.int64),
        health=np.zeros(1, dtype=np.int64),
        healthy=np.ones(1, dtype=np.bool_),
        source_line=np.ones(1, dtype=np.int64),
    )


@pytest.mark.parametrize(
    ("name", "satellite", "message"),
    [("beidou_igso_vs_sp3", "C07", "D1"), ("galileo_vs_sp3", "E04", "FNAV"), ("qzss_vs_sp3", "J03", "LNAV")],
)
def test_keplerian_vectors_reach_the_published_positions(
    name: str, satellite: str, message: str, record_accuracy: Any
) -> None:
    vector = _vectors()[name]
    at = np.array([round(vector["evaluate_at_tk_s"] * 1e9)], dtype=np.int64)
    position = keplerian_positions_m(_keplerian(vector, satellite, message), at)[0]
    distance = float(np.linalg.norm(position - vector["expected_position"]))
    words = f"broadcast position of {satellite} against SP3"
    record_accuracy("satellites", words, distance, vector["tolerance_m"], "m", vector["origin"])
    # The vectors differ from the precise orbit by the broadcast error, which is known to the centimetre.
    assert distance == pytest.approx(float(vector["checked"].split()[0]), abs=0.01)


def _glonass(vector: dict[str, Any], acceleration: list[float]) -> GlonassMessages:
    return GlonassMessages(
        satellite=np.array(["R01"], dtype=object),
        reference_tai_ns=np.zeros(1, dtype=np.int64),
        position_m=np.array([vector["position"]]),
        velocity_m_s=np.array([vector["velocity"]]),
        acceleration_m_s2=np.array([acceleration]),
        clock_bias_s=np.zeros(1),
        relative_frequency=np.zeros(1),
        channel=np.zeros(1, dtype=np.int64),
        health=np.zeros(1, dtype=np.int64),
        healthy=np.ones(1, dtype=np.bool_),
        source_line=np.ones(1, dtype=np.int64),
    )


def test_glonass_integration_reaches_the_published_positions(record_accuracy: Any) -> None:
    vector = _vectors()["glonass_broadcast_vs_sp3"]
    at = np.array([round(vector["propagate_s"] * 1e9)], dtype=np.int64)
    position, _ = glonass_states(_glonass(vector, vector["luni_solar_acceleration"]), at)
    distance = float(np.linalg.norm(position[0] - vector["expected_position"]))
    record_accuracy(
        "satellites",
        "broadcast position of GLONASS against SP3",
        distance,
        vector["tolerance_m"],
        "m",
        vector["origin"],
    )


def test_glonass_integration_of_the_interface_document_lacks_only_moon_and_sun(record_accuracy: Any) -> None:
    vector = _vectors()["glonass_rk4_icd"]
    position, velocity = glonass_states(_glonass(vector, [0.0, 0.0, 0.0]), np.array([600_000_000_000]))
    distance = float(np.linalg.norm(position[0] - vector["expected_position"]))
    words = "GLONASS example, without Moon and Sun"
    source = "interface document of GLONASS"
    record_accuracy("satellites", words, distance, ICD_LUNI_SOLAR_M, "m", source)
    assert np.linalg.norm(velocity[0] - vector["expected_velocity"]) <= 2.0 * ICD_LUNI_SOLAR_M / 300.0


@pytest.mark.slow
@given(elapsed_s=st.floats(-1800.0, 1800.0))
def test_glonass_integration_returns_to_its_start(elapsed_s: float) -> None:
    vector = _vectors()["glonass_broadcast_vs_sp3"]
    start = _glonass(vector, vector["luni_solar_acceleration"])
    there_ns = np.array([round(elapsed_s * 1e9)], dtype=np.int64)
    position, velocity = glonass_states(start, there_ns)
    back = replace(start, position_m=position, velocity_m_s=velocity, reference_tai_ns=there_ns)
    again, _ = glonass_states(back, np.zeros(1, dtype=np.int64))
    assert np.linalg.norm(again[0] - vector["position"]) < 1e-3


def test_the_answer_does_not_depend_on_the_batch(broadcast: tuple[NavigationMessages, ...]) -> None:
    glonass = broadcast[0].glonass.select(np.arange(40))
    times = glonass.reference_tai_ns + np.arange(40) * 45_000_000_000
    together, _ = glonass_states(glonass, times)
    for k in (0, 1, 17, 39):
        alone, _ = glonass_states(glonass.select(np.array([k])), times[k : k + 1])
        assert np.array_equal(alone[0], together[k])


def test_too_far_from_the_message_is_refused(broadcast: tuple[NavigationMessages, ...]) -> None:
    glonass = broadcast[0].glonass.select(np.arange(1))
    with pytest.raises(CoverageError, match="too far"):
        glonass_states(glonass, glonass.reference_tai_ns + 20_000 * 1_000_000_000)


@pytest.mark.slow
@given(
    references=st.lists(st.integers(-20, 20), max_size=12),
    instants=st.lists(st.integers(-30, 30), min_size=1, max_size=8),
    validity=st.integers(0, 15),
)
def test_the_nearest_message_is_that_of_a_plain_search(
    references: list[int], instants: list[int], validity: int
) -> None:
    second = 1_000_000_000
    found = nearest_message(
        np.array(references, dtype=np.int64) * second, np.array(instants, dtype=np.int64) * second, validity
    )
    for instant, index in zip(instants, found.tolist(), strict=True):
        distances = [abs(instant - reference) for reference in references]
        best = min(distances, default=99)
        assert index == (distances.index(best) if best <= validity else -1)


def test_the_hour_of_the_day_is_that_of_beidou(
    almanac: Any, broadcast: tuple[NavigationMessages, ...]
) -> None:
    # Forgetting the 14 s between BDT and GPST would move the satellites by 40 km.
    keplerian = broadcast[0].keplerian
    first = int(keplerian.reference_tai_ns[keplerian.satellite == "C05"][0])
    assert first == parse_utc("2020-06-24T21:59:56", almanac.leap_seconds)
