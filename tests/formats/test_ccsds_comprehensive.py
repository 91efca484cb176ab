"""Orbit comprehensive and re-entry messages: what the core draws from their blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.frames import EME2000
from syzygy.astro.time import parse_utc
from syzygy.base.errors import CoverageError, FormatError, FrameError, InputError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.comprehensive import covariances, maneuver_lines, reentry_of, trajectories
from syzygy.formats.ccsds.typed_tree import TypedMessage, read_typed, write_typed

ALMANAC = build_almanac(("leap_seconds", "earth_orientation"), predictions=True)
LEAP_SECONDS = ALMANAC.leap_seconds
START = parse_utc("2026-01-01T00:00:00", LEAP_SECONDS)


def _typed(shared_data: Path, name: str) -> TypedMessage:
    content = (shared_data / "exchange" / "ccsds" / "annex" / name).read_bytes()
    return read_typed(read_message(content), LEAP_SECONDS, earth_orientation=ALMANAC.earth_orientation)


def _message(traj: str, *, man: str = "", cov: str = "") -> TypedMessage:
    content = (
        "CCSDS_OCM_VERS = 3.0\nCREATION_DATE = 2026-01-01T00:00:00\nORIGINATOR = TEST\nMETA_START\n"
        "TIME_SYSTEM = UTC\nEPOCH_TZERO = 2026-01-01T00:00:00\nMETA_STOP\n"
        f"{traj}{cov}{man}"
    )
    return read_typed(read_message(content.encode()), LEAP_SECONDS)


def _straight(speed_after: float) -> str:
    lines = []
    for second in range(0, 660, 60):
        speed = 0.01 if second < 300 else speed_after
        place = 7000.0 + 0.01 * min(second, 300) + speed_after * max(second - 300, 0)
        lines.append(f"{second} {place!r} 0.0 0.0 {speed!r} 0.0 0.0")
    return (
        "TRAJ_START\nINTERPOLATION = LAGRANGE\nINTERPOLATION_DEGREE = 3\nTRAJ_REF_FRAME = EME2000\n"
        "TRAJ_TYPE = CARTPV\n" + "\n".join(lines) + "\nTRAJ_STOP\n"
    )


IMPULSE = (
    "MAN_START\nMAN_ID = M1\nMAN_DEVICE_ID = THR_01\nMAN_REF_FRAME = EME2000\n"
    "MAN_COMPOSITION = TIME_RELATIVE, MAN_DURA, DV_X, DV_Y, DV_Z\n300.0 0.0 0.05 0.0 0.0\nMAN_STOP\n"
)


def test_nothing_is_interpolated_across_a_manoeuvre_of_the_message() -> None:
    message = _message(_straight(0.06), man=IMPULSE)
    table = trajectories(message)[0]
    assert table.states.frame == EME2000
    assert table.border_tai_ns.tolist() == [START + 300 * 10**9]
    times = START + np.array([200, 240, 300, 310]) * 10**9
    np.testing.assert_allclose(table.states_at(times).velocity_m_s[:, 0], [10.0, 10.0, 60.0, 60.0], rtol=1e-9)
    with pytest.raises(CoverageError, match="between a border"):
        table.states_at(START + 290 * 10**9)
    burn = maneuver_lines(message)[0]
    assert burn.vectors("DV") is not None
    np.testing.assert_array_equal(burn.vectors("DV"), [[50.0, 0.0, 0.0]])
    assert burn.vectors("THR") is None


def test_printed_messages_give_trajectories_or_say_why_not(shared_data: Path) -> None:
    """G-16 is in EFG on UT1, G-19 in the true axes of date."""
    reasons = {}
    for name in ("ocm_g16.kvn", "ocm_g19.kvn", "ocm_g20.xml"):
        try:
            reasons[name] = str(len(trajectories(_typed(shared_data, name))))
        except (FrameError, InputError) as error:
            reasons[name] = str(error.value)
    assert reasons["ocm_g16.kvn"] == "EFG"
    assert reasons["ocm_g19.kvn"] == "TOD_EARTH"


def test_covariances_of_every_ordering_are_one_matrix() -> None:
    root = np.random.default_rng(1).normal(size=(6, 6))
    matrix = root @ root.T
    rows = {
        "LTM": matrix[np.tril_indices(6)],
        "UTM": matrix[np.triu_indices(6)],
        "FULL": matrix.ravel(),
        "LTMWCC": (np.tril(matrix) + np.triu(np.ones((6, 6)) * 0.5, 1)).ravel(),
        "UTMWCC": (np.triu(matrix) + np.tril(np.ones((6, 6)) * 0.5, -1)).ravel(),
    }
    for order, values in rows.items():
        text = " ".join(f"{value:.15e}" for value in values)
        head = f"COV_START\nCOV_REF_FRAME = RSW_INERTIAL\nCOV_TYPE = CARTPV\nCOV_ORDERING = {order}\n"
        cov = f"{head}0.0 {text}\nCOV_STOP\n"
        found = covariances(_message(_straight(0.01), cov=cov))[0]
        np.testing.assert_allclose(found.matrix[0], (matrix + matrix.T) / 2 * 1e6, rtol=1e-12, atol=1e-9)
        assert found.frame == ("RSW_INERTIAL",)


def test_keplerian_lines_become_states() -> None:
    traj = (
        "TRAJ_START\nTRAJ_REF_FRAME = EME2000\nTRAJ_TYPE = KEPLERIAN\n"
        "0.0 7000.0 0.0 0.0 0.0 0.0 0.0\n60.0 7000.0 0.0 0.0 0.0 0.0 90.0\nTRAJ_STOP\n"
    )
    states = trajectories(_message(traj))[0].states
    np.testing.assert_allclose(states.position_m, [[7e6, 0, 0], [0, 7e6, 0]], atol=1e-8)
    places = (
        traj.replace("KEPLERIAN", "CARTP").replace(" 0.0 0.0 0.0\n", "\n").replace(" 0.0 0.0 90.0\n", "\n")
    )
    with pytest.raises(InputError, match="CARTP"):
        trajectories(_message(places))


def test_a_printed_reentry_is_read_in_si(shared_data: Path) -> None:
    message = _typed(shared_data, "rdm_c2.kvn")
    found = reentry_of(message)
    assert found.orbit_lifetime_s == 5.5 * 86400.0
    assert found.reentry_altitude_m == 80_000.0
    assert found.states is not None
    assert found.covariance is not None
    assert np.array_equal(found.covariance, found.covariance.T)
    content = write_typed(message, LEAP_SECONDS)
    again = read_typed(read_message(content, strict=True), LEAP_SECONDS)
    assert again.same(message)
    with pytest.raises(FormatError, match="OCM"):
        trajectories(message)
