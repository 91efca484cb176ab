"""Conjunction messages of the reference data become the same encounters as by the plain test reader."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import FrameError, MissingDataError, SyzygyError
from syzygy.data import build_almanac
from syzygy.debris.probability.conjunction_messages import read_conjunction
from syzygy.debris.probability.encounters import Encounter


@pytest.fixture(scope="module")
def leap_seconds() -> LeapSeconds:
    return build_almanac(("leap_seconds",)).leap_seconds


@pytest.fixture(scope="module")
def first_message(shared_data: Path, cara_rows: list[dict[str, str]]) -> bytes:
    place = shared_data / "debris" / "cdm" / "cara" / f"{cara_rows[0]['Conjunction_ID']}.cdm"
    return place.read_bytes()


@pytest.mark.slow
def test_messages_of_cara_are_read(
    shared_data: Path,
    cara_rows: list[dict[str, str]],
    cara_encounters: list[Encounter],
    leap_seconds: LeapSeconds,
) -> None:
    for row, plain in zip(cara_rows, cara_encounters, strict=True):
        place = shared_data / "debris" / "cdm" / "cara" / f"{row['Conjunction_ID']}.cdm"
        found = read_conjunction(place.read_bytes(), leap_seconds, name=place.name)
        assert found.message_id == row["Conjunction_ID"]
        assert found.encounter.hard_body_radius_m[0] == pytest.approx(float(row["HBR_m"]))
        # The message reader rounds once from the text in km; the rows multiply a double by 1000: 1 nm.
        np.testing.assert_allclose(found.encounter.separation_m, plain.separation_m, rtol=0.0, atol=2e-9)
        np.testing.assert_allclose(
            found.encounter.primary.covariance, plain.primary.covariance, rtol=1e-11, atol=1e-9
        )
        assert found.encounter.secondary.velocity_covariance_known[0]


def test_a_rotating_frame_and_a_missing_radius_are_refused(
    first_message: bytes, leap_seconds: LeapSeconds
) -> None:
    with pytest.raises(FrameError):
        read_conjunction(first_message.replace(b"EME2000", b"ITRF"), leap_seconds)
    bare = b"\n".join(line for line in first_message.split(b"\n") if b"HBR" not in line)
    with pytest.raises(MissingDataError, match="hard-body"):
        read_conjunction(bare, leap_seconds)
    assert read_conjunction(bare, leap_seconds, hard_body_radius_m=7.0).radius_source == "given"


@pytest.mark.parametrize("change", [(b"CR_R ", b"CR_X "), (b"TCA ", b"TCB "), (b"[km]", b"[m]")])
def test_a_damaged_message_is_refused(
    first_message: bytes, leap_seconds: LeapSeconds, change: tuple[bytes, bytes]
) -> None:
    with pytest.raises(SyzygyError):
        read_conjunction(first_message.replace(*change), leap_seconds)


def test_special_messages_are_read_or_refused_with_a_reason(
    shared_data: Path, leap_seconds: LeapSeconds, read_message: Callable[..., Encounter]
) -> None:
    refused = []
    for place in sorted((shared_data / "debris" / "cdm" / "special").glob("*.cdm")):
        try:
            found = read_conjunction(
                place.read_bytes(), leap_seconds, name=place.name, hard_body_radius_m=20.0
            )
        except SyzygyError as error:
            refused.append(error)
            continue
        plain = read_message(f"special/{place.name}", 20.0)
        np.testing.assert_allclose(found.encounter.separation_m, plain.separation_m, rtol=0.0, atol=2e-9)
    assert all(str(error) for error in refused)
