"""Messages into records of the core: ephemerides, states, covariances, conjunctions, mean elements."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.bodies import EARTH
from syzygy.astro.frames import EME2000
from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.base.errors import CoverageError, FormatError, FrameError, InputError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.conjunctions import read_conjunction
from syzygy.formats.ccsds.ephemerides import EphemerisSegment, read_ephemeris
from syzygy.formats.ccsds.orbits import read_orbit_parameters
from syzygy.formats.omm import read_omm
from syzygy.formats.omm_messages import read_mean_elements

RADIUS_M, GM_M3_S2 = 7.0e6, 3.986004418e14
MILLIMETRE, MILLIMETRE_S = 1e-3, 1e-5


@pytest.fixture(scope="module")
def leap_seconds() -> LeapSeconds:
    return build_almanac(("leap_seconds",)).leap_seconds


def _circle(seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    rate = np.sqrt(GM_M3_S2 / RADIUS_M**3)
    cosine, sine, zero = np.cos(rate * seconds), np.sin(rate * seconds), np.zeros_like(seconds)
    return RADIUS_M * np.stack([cosine, sine, zero], -1), RADIUS_M * rate * np.stack(
        [-sine, cosine, zero], -1
    )


def _oem(interpolation: str) -> bytes:
    head = (
        "CCSDS_OEM_VERS = 3.0\nCREATION_DATE = 2026-01-01T00:00:00\nORIGINATOR = TEST\nMETA_START\n"
        "OBJECT_NAME = CIRCLE\nOBJECT_ID = 2026-001A\nCENTER_NAME = EARTH\nREF_FRAME = EME2000\n"
        "TIME_SYSTEM = UTC\nSTART_TIME = 2026-01-01T00:00:00\nUSEABLE_START_TIME = 2026-01-01T00:05:00\n"
        "USEABLE_STOP_TIME = 2026-01-01T01:30:00\nSTOP_TIME = 2026-01-01T01:40:00\n"
        f"{interpolation}META_STOP\n"
    )
    seconds = np.arange(0.0, 6001.0, 60.0)
    position, velocity = _circle(seconds)
    rows = np.concatenate([position, velocity], axis=1) / 1000.0
    lines = [
        f"2026-01-01T{int(t) // 3600:02d}:{int(t) // 60 % 60:02d}:00 " + " ".join(f"{v:.12f}" for v in row)
        for t, row in zip(seconds, rows, strict=True)
    ]
    return (head + "\n".join(lines) + "\n").encode()


def _segment(interpolation: str, leap_seconds: LeapSeconds) -> EphemerisSegment:
    return read_ephemeris(read_message(_oem(interpolation)), leap_seconds)[0]


@pytest.mark.parametrize(("kind", "degree"), [("HERMITE", 7), ("LAGRANGE", 9)])
def test_interpolation_follows_the_closed_form(kind: str, degree: int, leap_seconds: LeapSeconds) -> None:
    segment = _segment(f"INTERPOLATION = {kind}\nINTERPOLATION_DEGREE = {degree}\n", leap_seconds)
    start = parse_utc("2026-01-01T00:00:00", leap_seconds)
    seconds = np.linspace(300.0, 5400.0, 777).round(6)
    found = segment.states_at(start + np.rint(seconds * 1e9).astype(np.int64))
    position, velocity = _circle(seconds)
    assert np.abs(found.position_m - position).max() < MILLIMETRE
    assert np.abs(found.velocity_m_s - velocity).max() < MILLIMETRE_S
    assert (found.frame, found.centre) == (EME2000, EARTH)


def test_nothing_is_interpolated_outside_the_useable_span_or_without_a_kind(
    leap_seconds: LeapSeconds,
) -> None:
    segment = _segment("", leap_seconds)
    inside = segment.useable_tai_ns[0]
    with pytest.raises(InputError, match="interpolated"):
        segment.states_at(inside)
    segment.states_at(inside, interpolation="HERMITE", degree=5)
    with pytest.raises(CoverageError, match="useable"):
        segment.states_at(inside - 1, interpolation="HERMITE", degree=5)


def test_covariances_are_symmetric_and_in_square_metres(test_data: Path, leap_seconds: LeapSeconds) -> None:
    content = (test_data / "ccsds" / "OEM-Issue839.txt").read_bytes()
    second = content.index(b"1996-12-30T01:28:02.267 2164.375", content.rindex(b"META_STOP"))
    end = content.index(b"\n", second) + 1
    history = read_ephemeris(read_message(content[:second] + content[end:]), leap_seconds)[2].covariances
    assert history is not None
    assert history.frame == ("RTN", "EME2000")
    assert np.array_equal(history.matrix, history.matrix.swapaxes(1, 2))
    assert history.matrix[0, 0, 0] == pytest.approx(3.3313494e-04 * 1e6, rel=1e-15)
    assert history.matrix[0, 5, 4] == pytest.approx(1.0088625e-10 * 1e6, rel=1e-15)


def test_two_states_at_one_instant_are_refused(test_data: Path, leap_seconds: LeapSeconds) -> None:
    message = read_message((test_data / "ccsds" / "OEM-Issue839.txt").read_bytes())
    with pytest.raises(FormatError, match="ascend"):
        read_ephemeris(message, leap_seconds)


def test_an_opm_becomes_a_state_with_manoeuvres(test_data: Path, leap_seconds: LeapSeconds) -> None:
    message = read_message((test_data / "ccsds" / "OPMExample4.txt").read_bytes())
    content = message.content.replace(b"TOD", b"EME2000")
    found = read_orbit_parameters(read_message(content), leap_seconds)
    assert found.states.position_m[0] == float(message.find("X")[0].text) * 1000.0
    assert [maneuver.duration_s for maneuver in found.maneuvers] == [
        entry.number() for entry in message.find("MAN_DURATION")
    ]
    assert found.mass_kg == message.find("MASS")[0].number()
    assert found.states.tai_ns == parse_utc(message.find("EPOCH")[0].text, leap_seconds)


def test_frames_that_the_core_does_not_have_are_named(test_data: Path, leap_seconds: LeapSeconds) -> None:
    message = read_message((test_data / "ccsds" / "OPMExample3.txt").read_bytes())
    assert message.find("REF_FRAME")[0].text == "TOD"
    with pytest.raises(FrameError, match="TOD"):
        read_orbit_parameters(message, leap_seconds)


def test_a_real_conjunction_has_its_published_distance(shared_data: Path, leap_seconds: LeapSeconds) -> None:
    folder = shared_data / "exchange"
    truth = tomllib.loads((folder / "oracles" / "exchange_oracles.toml").read_text())["one_conjunction"]
    path = folder / "conjunction" / "000020580_conj_000022015.cdm"
    found = read_conjunction(read_message(path.read_bytes()), leap_seconds)
    one, two = found.states
    assert np.linalg.norm(two.position_m - one.position_m) == pytest.approx(
        truth["miss_distance_m"], rel=1e-9
    )
    assert np.linalg.norm(two.velocity_m_s - one.velocity_m_s) == pytest.approx(
        truth["relative_speed_m_s"], rel=1e-9
    )
    assert found.covariance_rtn[0, 0, 0] == 1.243818360065978013e01
    assert np.all(np.linalg.eigvalsh(found.covariance_rtn[:, :3, :3]) > 0)


def test_an_omm_gives_the_elements_of_the_catalogue_reader(
    test_data: Path, leap_seconds: LeapSeconds
) -> None:
    for name in ("OMMExample2.txt", "OMMExample2.xml"):
        content = (test_data / "ccsds" / name).read_bytes()
        mine, rejected = read_mean_elements(read_message(content), leap_seconds)
        theirs, _ = read_omm(content, leap_seconds)
        assert not rejected
        assert len(mine) == len(theirs) == 1
        for field in (
            "object_id",
            "epoch_tai_ns",
            "mean_motion_rad_s",
            "eccentricity",
            "bstar_per_earth_radius",
        ):
            assert np.array_equal(getattr(mine, field), getattr(theirs, field))
