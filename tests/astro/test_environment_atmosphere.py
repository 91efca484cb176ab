"""NRLMSISE-00 against the oracle table, its independence of the network, and what it refuses."""

from __future__ import annotations

import csv
import socket
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import qmc

from syzygy.astro.environment.atmosphere import Atmosphere, nrlmsise00
from syzygy.astro.environment.indices import AtmosphereIndices, constant_indices
from syzygy.astro.environment.sunlight import solar_irradiance_w_m2
from syzygy.base.errors import ComputationError, CoverageError, InputError, UnitError

ORACLE_TOLERANCE = 0.01
"""Stated in the header of the oracle table (sampling error below 0.3 %)."""
POINTS = 4096


def sobol_places(count: int) -> tuple[NDArray[np.float64], ...]:
    """Days and seconds of 2020, latitude and longitude on an orbit of 51.64 deg, as the oracle's header."""
    u, v, w = qmc.Sobol(3, scramble=False).random(count).T
    moment = w * 366.0
    latitude = np.arcsin(np.sin(np.deg2rad(51.64)) * np.sin(2 * np.pi * u))
    first = int(np.datetime64("2020-01-01", "D").astype(np.int64))
    return first + np.floor(moment), (moment % 1.0) * 86400.0, latitude, 2 * np.pi * v - np.pi


def atmosphere(height_m: float, f107: float, ap: float, *, history: bool, count: int = POINTS) -> Atmosphere:
    days, seconds, latitude, longitude = sobol_places(count)
    height = np.full(count, height_m)
    indices = constant_indices(f107, ap, count)
    return nrlmsise00(
        days.astype(np.int64), seconds, latitude, longitude, height, indices, ap_history=history
    )


@pytest.mark.parametrize("activity", ["low", "moderate", "high_long_term", "high_short_term"])
def test_orbit_averaged_oxygen_flux_meets_the_oracle_within_one_percent(
    test_data: Path, activity: str, record_accuracy: Callable[..., None]
) -> None:
    lines = (test_data / "materials" / "ao_ram_flux.csv").read_text().splitlines()
    rows = [r for r in csv.DictReader(x for x in lines if x[0] != "#") if r["activity"] == activity]
    assert len(rows) == 6
    worst = 0.0
    for row in rows:
        air = atmosphere(float(row["height_km"]) * 1e3, float(row["f107"]), float(row["ap"]), history=False)
        flux_per_cm2_s = np.mean(air.o_per_m3) * float(row["v_km_s"]) * 1e3 * 1e-4
        assert flux_per_cm2_s == pytest.approx(float(row["flux_msis00"]), rel=ORACLE_TOLERANCE)
        assert np.mean(air.temperature_k) == pytest.approx(float(row["T_msis00_K"]), rel=ORACLE_TOLERANCE)
        worst = max(worst, abs(flux_per_cm2_s / float(row["flux_msis00"]) - 1.0))
    words = f"atomic oxygen onto the ram face, {activity.replace('_', ' ')} activity"
    source = "pymsis called directly, 32,768 Sobol points (ao_ram_flux.csv)"
    record_accuracy("materials", words, worst, ORACLE_TOLERANCE, "1", source, 6)


def test_no_socket_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert atmosphere(400e3, 120.0, 10.0, history=True, count=4).o_per_m3.min() > 0.0


def test_a_batch_gives_the_same_bytes_as_single_points() -> None:
    days, seconds, latitude, longitude = sobol_places(16)
    height = np.full(16, 410e3)
    whole = nrlmsise00(
        days.astype(np.int64), seconds, latitude, longitude, height, constant_indices(100.0, 9.0, 16)
    )
    for i in range(16):
        one = slice(i, i + 1)
        single = nrlmsise00(
            days[one].astype(np.int64),
            seconds[one],
            latitude[one],
            longitude[one],
            height[one],
            constant_indices(100.0, 9.0, 1),
        )
        assert single.o_per_m3[0] == whole.o_per_m3[i]
        assert single.temperature_k[0] == whole.temperature_k[i]


def test_density_is_the_sum_of_the_species() -> None:
    air = atmosphere(300e3, 140.0, 15.0, history=True, count=64)
    unit_kg = 1.66053906660e-27
    masses = {
        "n2": 28.0134,
        "o2": 31.9988,
        "o": 15.9994,
        "he": 4.0026,
        "h": 1.00784,
        "ar": 39.948,
        "n": 14.0067,
    }
    total = sum(getattr(air, f"{name}_per_m3") * mass * unit_kg for name, mass in masses.items())
    np.testing.assert_allclose(air.density_kg_m3, total, rtol=2e-3)


def test_no_points_give_no_points() -> None:
    empty = np.empty(0)
    air = nrlmsise00(empty.astype(np.int64), empty, empty, empty, empty, constant_indices(100.0, 5.0, 0))
    assert air.o_per_m3.shape == (0,)


@pytest.mark.parametrize("height_m", [99e3, 1001e3, 420.0, -1.0, float("nan")])
def test_a_height_outside_the_model_is_refused(height_m: float) -> None:
    with pytest.raises(CoverageError, match="height"):
        atmosphere(height_m, 100.0, 5.0, history=True, count=2)


@pytest.mark.parametrize(("f107", "ap"), [(938.6, 5.0), (20.0, 5.0), (float("nan"), 5.0), (100.0, 900.0)])
def test_an_index_the_model_cannot_take_is_refused(f107: float, ap: float) -> None:
    with pytest.raises(CoverageError, match="outside what the atmosphere model can take"):
        atmosphere(400e3, f107, ap, history=True, count=2)


def test_degrees_for_radians_are_noticed() -> None:
    with pytest.raises(InputError, match="latitude"):
        nrlmsise00(
            np.array([18000]),
            np.array([0.0]),
            np.array([51.6]),
            np.array([0.1]),
            np.array([4e5]),
            constant_indices(100.0, 5.0, 1),
        )


def test_an_impossible_answer_of_the_library_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import pymsis

    broken = np.zeros((1, 11))
    broken[0, 10] = 1e14
    monkeypatch.setattr(pymsis, "calculate", lambda *_, **__: broken)
    with pytest.raises(ComputationError, match="impossible"):
        atmosphere(400e3, 100.0, 5.0, history=True, count=1)


def test_indices_far_from_their_mean_are_still_answered_or_refused_but_never_absurd() -> None:
    days, seconds, latitude, longitude = (a[:64] for a in sobol_places(64))
    for f107 in (55.0, 200.0, 390.0):
        for mean in (65.0, 150.0, 270.0):
            indices = AtmosphereIndices(
                np.full(64, f107), np.full(64, mean), np.full((64, 7), 5.0), np.zeros(64, dtype=bool)
            )
            air = nrlmsise00(days.astype(np.int64), seconds, latitude, longitude, np.full(64, 400e3), indices)
            assert air.temperature_k.min() > 400.0
            assert air.temperature_k.max() < 2500.0


def test_irradiance_falls_with_the_square_of_the_distance() -> None:
    au = 149597870700.0
    assert solar_irradiance_w_m2(au) == 1361.0
    # 1361 (1/r)^2 at perihelion 0.98329 au and aphelion 1.01671 au: 1407.6 and 1316.6 W/m2
    np.testing.assert_allclose(
        solar_irradiance_w_m2(au * np.array([0.98329, 1.01671])), [1407.6, 1316.6], atol=0.1
    )


def test_kilometres_for_metres_are_noticed() -> None:
    with pytest.raises(UnitError):
        solar_irradiance_w_m2(149597870.7)
