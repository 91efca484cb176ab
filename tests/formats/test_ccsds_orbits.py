"""OPM out of the core into messages and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.conics import elements_from_state
from syzygy.astro.frames import EME2000, ICRF, ITRF, TEME
from syzygy.astro.states import States
from syzygy.astro.time import parse_utc
from syzygy.base.errors import InputError, SyzygyError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import MessageError, read_message
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.ccsds.orbits import (
    Maneuver,
    OrbitParameters,
    read_orbit_parameters,
    write_orbit_parameters,
)
from syzygy.formats.ccsds.typed import Section, same_bits

LEAP_SECONDS = build_almanac(("leap_seconds",)).leap_seconds
START = parse_utc("2026-01-01T00:00:00", LEAP_SECONDS)
HEADER = MessageHeader("SYZYGY", START, message_id="OPM 1")
GM = 3.986004418e14


def _orbit(seed: int, frame: object = EME2000, system: str = "UTC") -> OrbitParameters:
    random = np.random.default_rng(seed)
    position = np.array([7.0e6, 1.0e6, 1.0e6]) + 1e5 * random.normal(size=3)
    velocity = np.array([10.0, 6000.0, 4000.0]) + 100.0 * random.normal(size=3)
    tai_ns = START + int(random.integers(0, 10**16))
    root = random.normal(size=(6, 6))
    covariance = root @ root.T
    names = (
        "SEMI_MAJOR_AXIS",
        "ECCENTRICITY",
        "INCLINATION",
        "RA_OF_ASC_NODE",
        "ARG_OF_PERICENTER",
        "TRUE_ANOMALY",
    )
    elements = [float(value) for value in elements_from_state(position, velocity, gm_m3_s2=GM)]
    keplerian = Section({**dict(zip(names, elements, strict=True)), "GM": GM}, ("osculating",))
    maneuvers = tuple(
        Maneuver(tai_ns + index, float(random.uniform(0, 100)), -float(random.uniform(0, 9)),
                 random.normal(size=3), "RTN", (f"burn {index}",))
        for index in range(int(random.integers(0, 3)))
    )  # fmt: skip
    return OrbitParameters(
        "SAT", "2020-001A", States(position, velocity, np.asarray(tai_ns), frame),  # type: ignore[arg-type]
        (covariance + covariance.T) / 2.0, "RTN" if seed % 2 else "", keplerian if seed % 3 else Section(),
        Section({"MASS": 1234.5, "SOLAR_RAD_AREA": 3.25, "DRAG_COEFF": 2.2}), maneuvers,
        Section({"USER_DEFINED_EARTH_MODEL": "WGS-84"}), time_system=system,
        comments={"stateVector": ("state",), "covarianceMatrix": ("RTN",)},
    )  # fmt: skip


def same_orbit(one: OrbitParameters, two: OrbitParameters) -> bool:
    def bits(a: object, b: object) -> bool:
        return (a is None) == (b is None) and (a is None or same_bits(a, b))

    return (
        (one.object_name, one.object_id, one.time_system) == (two.object_name, two.object_id, two.time_system)
        and same_bits(one.states.position_m, two.states.position_m)
        and same_bits(one.states.velocity_m_s, two.states.velocity_m_s)
        and int(one.states.tai_ns) == int(two.states.tai_ns)
        and (one.states.frame, one.states.centre) == (two.states.frame, two.states.centre)
        and bits(one.covariance, two.covariance)
        and one.keplerian.same(two.keplerian)
        and one.spacecraft.same(two.spacecraft)
        and one.user.same(two.user)
        and one.comments == two.comments
        and len(one.maneuvers) == len(two.maneuvers)
        and all(
            (a.ignition_tai_ns, a.duration_s, a.delta_mass_kg, a.frame, a.comments)
            == (b.ignition_tai_ns, b.duration_s, b.delta_mass_kg, b.frame, b.comments)
            and same_bits(a.delta_v_m_s, b.delta_v_m_s)
            for a, b in zip(one.maneuvers, two.maneuvers, strict=True)
        )
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([EME2000, ICRF, TEME, ITRF]),
    st.sampled_from(["UTC", "TAI", "TT", "GPS", "TDB", "TCG", "TCB"]),
)
def test_every_bit_survives(seed: int, frame: object, system: str) -> None:
    orbit = _orbit(seed, frame, system)
    for form, every_digit in (("xml", False), ("json", False), ("kvn", True)):
        content = write_orbit_parameters(orbit, HEADER, LEAP_SECONDS, form=form, every_digit=every_digit)
        back = read_orbit_parameters(read_message(content, strict=form != "kvn"), LEAP_SECONDS)
        assert same_orbit(orbit, back)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_kvn_passes_the_strict_check_and_is_a_fixed_point(seed: int) -> None:
    first = write_orbit_parameters(_orbit(seed), HEADER, LEAP_SECONDS)
    once = read_orbit_parameters(read_message(first, strict=True), LEAP_SECONDS)
    second = write_orbit_parameters(once, HEADER, LEAP_SECONDS)
    assert first == second
    assert same_orbit(once, read_orbit_parameters(read_message(second, strict=True), LEAP_SECONDS))


def test_the_corpus_comes_back_to_the_last_bit(shared_data: Path) -> None:
    done = 0
    for path in sorted((shared_data / "exchange" / "ccsds").rglob("*")):
        if not path.is_file() or b"CCSDS_OPM_VERS" not in path.read_bytes()[:3000]:
            continue
        try:
            first = read_orbit_parameters(read_message(path.read_bytes()), LEAP_SECONDS)
            content = write_orbit_parameters(first, HEADER, LEAP_SECONDS, form="xml")
        except SyzygyError:
            continue
        assert same_orbit(first, read_orbit_parameters(read_message(content, strict=True), LEAP_SECONDS)), (
            path.name
        )
        done += 1
    assert done >= 8


def test_the_printed_anomaly_is_a_mean_one(shared_data: Path, record_accuracy: Callable[..., None]) -> None:
    """Figure G-2 prints the mean anomaly under the keyword TRUE_ANOMALY: 1157 km; taken as mean it fits."""
    content = (shared_data / "exchange" / "ccsds" / "annex" / "opm_g2.kvn").read_bytes()
    orbit = read_orbit_parameters(read_message(content.replace(b"TOD", b"EME2000")), LEAP_SECONDS)
    as_printed = orbit.keplerian_difference()
    values = dict(orbit.keplerian.values)
    values["MEAN_ANOMALY"] = values.pop("TRUE_ANOMALY")
    as_mean = replace(orbit, keplerian=Section(values)).keplerian_difference()
    assert as_printed is not None
    assert as_mean is not None
    assert as_printed[0] == pytest.approx(1.157e6, rel=1e-3)
    record_accuracy(
        "formats.ccsds",
        "state from Keplerian elements",
        as_mean[0],
        1.0,
        "m",
        "502.0-B-3 figure G-2 (six digits)",
    )


def test_elements_of_another_orbit_are_noticed() -> None:
    orbit = _orbit(1)
    found = orbit.keplerian_difference()
    assert found is not None
    assert found[0] < 1e-6
    assert found[1] < 1e-9
    wrong = Section({**orbit.keplerian.values, "TRUE_ANOMALY": orbit.keplerian.number("TRUE_ANOMALY") + 1e-3})
    moved = replace(orbit, keplerian=wrong).keplerian_difference()
    assert moved is not None
    assert moved[0] > 5e3
    assert replace(orbit, keplerian=Section()).keplerian_difference() is None


def test_what_an_opm_cannot_say_is_refused() -> None:
    orbit = _orbit(1)
    several = States(np.tile(orbit.states.position_m, (2, 1)), np.tile(orbit.states.velocity_m_s, (2, 1)),
                     np.asarray(START), EME2000)  # fmt: skip
    with pytest.raises(InputError, match="one state"):
        write_orbit_parameters(replace(orbit, states=several), HEADER, LEAP_SECONDS)
    partial = Section({"SEMI_MAJOR_AXIS": 7e6})
    with pytest.raises(MessageError, match="ECCENTRICITY"):
        write_orbit_parameters(replace(orbit, keplerian=partial), HEADER, LEAP_SECONDS)
