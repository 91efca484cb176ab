"""Interpolation of precise orbits: nodes kept, left-out epochs found again, gaps refused, days joined."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.base.errors import InputError
from syzygy.formats.sp3 import PreciseOrbits, read_sp3
from syzygy.satellites.precise_orbits import NODES, interpolate_positions, join_orbits

CIRCULAR_P95_M, CIRCULAR_MAX_M, ECCENTRIC_MAX_M = 0.0015, 0.006, 0.012


def _thinned(orbits: PreciseOrbits, step: int) -> PreciseOrbits:
    return replace(
        orbits,
        epoch_tai_ns=orbits.epoch_tai_ns[::step],
        position_m=orbits.position_m[::step],
        position_known=orbits.position_known[::step],
        interval_s=orbits.interval_s * step,
    )


def _errors(orbits: PreciseOrbits, step: int, systems: str) -> tuple[np.ndarray, np.ndarray]:
    """Distances at left-out epochs: in the middle of eleven nodes, and off centre."""
    found = interpolate_positions(_thinned(orbits, step), orbits.epoch_tai_ns)
    distance = np.linalg.norm(found.position_m - orbits.position_m, axis=-1)
    asked = np.zeros_like(found.known)
    asked[:, [name[0] in systems for name in orbits.satellites]] = True
    asked[::step] = False
    asked &= found.known & orbits.position_known
    return distance[asked & ~found.off_centre], distance[asked & found.off_centre]


@pytest.fixture(scope="module")
def five_minutes(shared_data: Path, almanac: Almanac) -> PreciseOrbits:
    packed = (shared_data / "satellites" / "corpus" / "sp3" / "gbm18432.sp3.Z").read_bytes()
    content = subprocess.run(["gzip", "-dc"], input=packed, capture_output=True, check=True).stdout
    return read_sp3(content, almanac.leap_seconds)


def test_fifteen_minute_nodes_find_a_five_minute_file_again(
    five_minutes: PreciseOrbits, record_accuracy: Any
) -> None:
    middle, aside = _errors(five_minutes, 3, "GRC")
    oracle = "GFZ 5-minute orbits of 2015-05-05, two of three epochs left out"
    record_accuracy(
        "satellites",
        "SP3 interpolation p95",
        float(np.percentile(middle, 95)),
        CIRCULAR_P95_M,
        "m",
        oracle,
        middle.size,
    )
    record_accuracy(
        "satellites", "SP3 interpolation max", float(middle.max()), CIRCULAR_MAX_M, "m", oracle, middle.size
    )
    eccentric, _ = _errors(five_minutes, 3, "E")
    record_accuracy(
        "satellites",
        "SP3 interpolation, eccentric Galileo",
        float(eccentric.max()),
        ECCENTRIC_MAX_M,
        "m",
        oracle,
    )
    assert aside.max() < 0.1


def test_half_hour_nodes_of_beidou_stay_within_centimetres(precise: PreciseOrbits) -> None:
    middle, _ = _errors(precise, 2, "C")
    assert middle.size > 1500
    assert np.percentile(middle, 95) < 0.003
    assert middle.max() < 0.02


def test_tabulated_epochs_are_kept_to_the_bit(precise: PreciseOrbits) -> None:
    found = interpolate_positions(precise, precise.epoch_tai_ns[::-1])
    assert np.array_equal(found.position_m[::-1], precise.position_m, equal_nan=True)
    assert np.array_equal(found.known[::-1], precise.position_known)
    assert not found.off_centre.any()


def test_nothing_is_answered_across_a_gap_or_outside(precise: PreciseOrbits) -> None:
    position, known = precise.position_m.copy(), precise.position_known.copy()
    position[40, 0], known[40, 0] = np.nan, False
    torn = replace(precise, position_m=position, position_known=known)
    half_ns = 450_000_000_000
    epochs = precise.epoch_tai_ns
    asked = np.array(
        [epochs[0] - 1, epochs[39] - half_ns, epochs[40] - half_ns, epochs[40], epochs[40] + half_ns]
    )
    found = interpolate_positions(torn, asked, ["C01", "C02"])
    assert found.known[:, 0].tolist() == [False, True, False, False, False]
    assert found.off_centre[:, 0].tolist() == [False, True, False, False, False]
    assert found.known[:, 1].tolist() == [False, True, True, True, True]
    assert np.isnan(found.position_m[~found.known]).all()


def test_a_skipped_epoch_is_a_gap_too(precise: PreciseOrbits) -> None:
    rows = np.delete(np.arange(97), 50)
    torn = replace(
        precise,
        epoch_tai_ns=precise.epoch_tai_ns[rows],
        position_m=precise.position_m[rows],
        position_known=precise.position_known[rows],
    )
    found = interpolate_positions(torn, precise.epoch_tai_ns[50:51], ["C06"])
    assert not found.known.any()


def test_fewer_epochs_than_nodes_give_no_position(precise: PreciseOrbits) -> None:
    short = replace(
        precise,
        epoch_tai_ns=precise.epoch_tai_ns[: NODES - 1],
        position_m=precise.position_m[: NODES - 1],
        position_known=precise.position_known[: NODES - 1],
    )
    found = interpolate_positions(short, short.epoch_tai_ns[:-1] + 1, ["C06"])
    assert not found.known.any()


def test_a_satellite_that_is_not_there_is_refused(precise: PreciseOrbits) -> None:
    with pytest.raises(InputError, match="does not have the satellite"):
        interpolate_positions(precise, precise.epoch_tai_ns, ["C99"])


def test_joined_days_have_no_edge_between_them(
    shared_data: Path, almanac: Almanac, record_accuracy: Any
) -> None:
    day = shared_data / "satellites" / "day_2020_177"
    names = [f"GRG0MGXFIN_2020{number}0000_01D_15M_ORB.SP3.gz" for number in (176, 177)]
    files = [read_sp3((day / name).read_bytes(), almanac.leap_seconds, name=name) for name in names]
    (joined,) = join_orbits(files)
    assert joined.position_m.shape == (192, 75, 3)
    found = interpolate_positions(_thinned(joined, 2), joined.epoch_tai_ns[91:101], ["R01", "R07", "R24"])
    assert found.known.all()
    assert not found.off_centre.any()
    columns = [joined.satellites.index(name) for name in ("R01", "R07", "R24")]
    error = np.linalg.norm(found.position_m - joined.position_m[91:101][:, columns], axis=-1)
    # The two days are separate solutions: at midnight they leap by a few centimetres.
    record_accuracy(
        "satellites", "SP3 across midnight", float(error.max()), 0.15, "m", "GRG, 30-minute nodes", 30
    )


def test_different_products_are_not_mixed(precise: PreciseOrbits) -> None:
    other = replace(precise, agency="XYZ")
    assert [orbits.agency for orbits in join_orbits([precise, other, precise])] == ["IAC", "XYZ"]
    joined = join_orbits([precise, other, precise])[0]
    assert np.array_equal(joined.position_m, precise.position_m, equal_nan=True)
