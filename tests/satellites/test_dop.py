"""Dilution of precision: closed forms, almanac geometries, the plain twin, ranks, and refusals."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import itrf_from_geodetic, topocentric_axes
from syzygy.astro.time import TimeScale, parse_utc, tai_from_week_and_ns
from syzygy.base.errors import InputError, UnitError
from syzygy.formats.navigation_messages import KeplerianMessages
from syzygy.satellites.broadcast_orbits import keplerian_positions_m
from syzygy.satellites.dop import compute_dilution, survey_geometry

CLOSED_FORM_TOLERANCE = 1e-12
KINDS = ("gdop", "pdop", "hdop", "vdop", "tdop")
DATA = Path(__file__).resolve().parent.parent / "data" / "satellites"


def _directions(case: str) -> np.ndarray:
    if case == "zenith3":
        angles = np.radians([0.0, 120.0, 240.0])
        flat = np.stack([np.sin(angles), np.cos(angles), np.zeros(3)], axis=-1)
        return np.concatenate([[[0.0, 0.0, 1.0]], flat])
    if case == "tetrahedron":
        return np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3.0)
    if case == "octahedron":
        return np.concatenate([np.eye(3), -np.eye(3)])
    return np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / np.sqrt(3.0)


def _closed_forms() -> list[dict[str, str]]:
    lines = (DATA / "dop_closed_form.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@pytest.mark.parametrize("row", _closed_forms(), ids=lambda row: row["case"])
def test_closed_forms_are_met(row: dict[str, str], record_accuracy: Any) -> None:
    directions = _directions(row["case"])
    assert directions.shape[0] == int(row["n"])
    dilution = compute_dilution(directions[None], np.zeros(len(directions), dtype=np.int64))
    errors = [abs(float(getattr(dilution, kind)[0]) - float(row[kind])) for kind in KINDS if row[kind]]
    record_accuracy(
        "satellites",
        f"DOP {row['case']}",
        max(errors),
        CLOSED_FORM_TOLERANCE,
        "1",
        "closed form",
        len(errors),
    )


def _yuma(path: Path) -> KeplerianMessages:
    """Read the YUMA almanac as messages without harmonic corrections; week 866 + 1024."""
    blocks = path.read_text().split("******** Week")[1:]
    rows = [[float(line.split(":")[1]) for line in block.splitlines()[1:14]] for block in blocks]
    table = np.array(rows)
    toa = tai_from_week_and_ns(
        table[:, 12].astype(np.int64) + 1024, (table[:, 3] * 1e9).astype(np.int64), TimeScale.GPS
    )
    zero = np.zeros(len(rows))
    names = [f"G{int(number):02d}" for number in table[:, 0]]
    return KeplerianMessages(
        satellite=np.array(names, dtype=object),
        message=np.array(["LNAV"] * len(rows), dtype=object),
        clock_reference_tai_ns=toa,
        reference_tai_ns=toa,
        semi_major_axis_m=table[:, 6] ** 2,
        eccentricity=table[:, 2],
        inclination_rad=table[:, 4],
        inclination_rate_rad_s=zero,
        node_rad=table[:, 7],
        node_rate_rad_s=table[:, 5],
        argument_of_perigee_rad=table[:, 8],
        mean_anomaly_rad=table[:, 9],
        mean_motion_correction_rad_s=zero,
        argument_cosine_rad=zero,
        argument_sine_rad=zero,
        radius_cosine_m=zero,
        radius_sine_m=zero,
        inclination_cosine_rad=zero,
        inclination_sine_rad=zero,
        week_second_s=table[:, 3],
        clock_bias_s=zero,
        clock_drift_s_s=zero,
        clock_drift_rate_s_s2=zero,
        issue=zero.astype(np.int64),
        health=zero.astype(np.int64),
        healthy=np.ones(len(rows), dtype=np.bool_),
        source_line=zero.astype(np.int64),
    )


@pytest.mark.parametrize("index", [0, 1])
def test_almanac_geometries_are_those_of_the_planning_tool(
    index: int, almanac: Almanac, record_accuracy: Any
) -> None:
    vector = tomllib.loads((DATA / "orekit_vectors.toml").read_text())["dop_gps_almanac"][index]
    messages = _yuma(DATA / "20160331.alm")
    at = np.full(len(messages.satellite), parse_utc(vector["utc"], almanac.leap_seconds))
    latitude, longitude = np.radians([43.6]), np.radians([1.45])
    site = itrf_from_geodetic(latitude, longitude, np.zeros(1))
    sight = keplerian_positions_m(messages, at) - site
    local = sight @ topocentric_axes(latitude, longitude)[0].T
    local /= np.linalg.norm(local, axis=1, keepdims=True)
    used = local[:, 2] >= np.sin(np.radians(vector["mask_deg"]))
    assert int(used.sum()) == vector["satellites"]
    dilution = compute_dilution(local[None], np.zeros(len(local), dtype=np.int64), used[None])
    worst = max(abs(float(getattr(dilution, kind)[0]) - vector[kind]) for kind in KINDS)
    record_accuracy(
        "satellites",
        f"DOP of an almanac {vector['utc']}",
        worst,
        vector["tolerance"],
        "1",
        "Trimble Planning",
    )
    survey = survey_geometry(
        site,
        topocentric_axes(latitude, longitude)[:, 2],
        keplerian_positions_m(messages, at)[None],
        np.ones((1, len(local)), dtype=np.bool_),
        np.zeros(len(local), dtype=np.int64),
        np.ones((1, 1), dtype=np.bool_),
        np.radians(vector["mask_deg"]),
    )
    assert survey.visible[0, 0, 0] == vector["satellites"]
    assert survey.pdop[0, 0, 0] == pytest.approx(float(dilution.pdop[0]), rel=1e-12)
    assert survey.hdop[0, 0, 0] == pytest.approx(float(dilution.hdop[0]), rel=1e-12)


def _plain(directions: np.ndarray, system: np.ndarray, used: np.ndarray) -> tuple[float, ...] | None:
    """The full normal matrix of one geometry, or None without full rank."""
    chosen, owner = directions[used], system[used]
    present = sorted(set(owner.tolist()))
    clocks = (owner[:, None] == np.array(present)[None, :]).astype(float)
    design = np.concatenate([-chosen, clocks], axis=1)
    if np.linalg.matrix_rank(design, tol=1e-4) < design.shape[1] or not present:
        return None
    q = np.diag(np.linalg.inv(design.T @ design))
    return (np.sqrt(q.sum()), np.sqrt(q[:3].sum()), np.sqrt(q[:2].sum()), np.sqrt(q[2]), np.sqrt(q[3]))


@pytest.mark.slow
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 20), systems=st.integers(1, 4))
def test_the_kernel_equals_the_inverse_of_the_full_normal_matrix(seed: int, count: int, systems: int) -> None:
    random = np.random.default_rng(seed)
    directions = random.normal(size=(count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    owner, used = random.integers(0, systems, count), random.random(count) < 0.8
    dilution = compute_dilution(directions[None], owner, used[None])
    expected = _plain(directions, owner, used)
    if expected is None:
        assert not dilution.solved[0] or dilution.pdop[0] > 1e3
    else:
        measured = [float(getattr(dilution, kind)[0]) for kind in KINDS]
        assert measured == pytest.approx(expected, rel=1e-9 * max(1.0, expected[1] ** 2))


@given(seed=st.integers(0, 2**32 - 1))
def test_another_satellite_never_makes_it_worse_and_order_does_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    directions = random.normal(size=(9, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    owner = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    without = np.ones((1, 9), dtype=np.bool_)
    without[0, 8] = False
    every, fewer = (
        compute_dilution(directions[None], owner),
        compute_dilution(directions[None], owner, without),
    )
    assert every.pdop[0] <= fewer.pdop[0] * (1 + 1e-9)
    shuffle = random.permutation(9)
    assert compute_dilution(directions[None, shuffle], owner[shuffle]).pdop[0] == pytest.approx(every.pdop[0])
    assert every.gdop[0] >= np.sqrt(10.0 / 9.0)


def test_too_few_or_flat_geometries_have_no_solution() -> None:
    corners = _directions("cube")
    flat = np.stack([np.sin(np.arange(6.0)), np.cos(np.arange(6.0)), np.zeros(6)], axis=-1)
    assert not compute_dilution(flat[None], np.zeros(6, dtype=np.int64)).solved[0]
    assert not compute_dilution(corners[None, :3], np.zeros(3, dtype=np.int64)).solved[0]
    # Four satellites of two systems carry five unknowns.
    two = compute_dilution(corners[None, [0, 3, 5, 6]], np.array([0, 0, 0, 1]))
    assert not two.solved[0]
    assert np.isinf(two.pdop[0])


def test_a_lone_satellite_of_a_second_system_changes_nothing() -> None:
    corners = _directions("cube")
    owner = np.array([0] * 7 + [1])
    alone = compute_dilution(corners[None, :7], np.zeros(7, dtype=np.int64))
    assert compute_dilution(corners[None], owner).pdop[0] == pytest.approx(alone.pdop[0], rel=1e-12)


def test_mistaken_input_is_refused() -> None:
    corners = _directions("cube")
    with pytest.raises(InputError, match="unit vector"):
        compute_dilution(corners[None] * 2.0, np.zeros(8, dtype=np.int64))
    with pytest.raises(InputError, match="unit vector"):
        compute_dilution(corners[None] * np.nan, np.zeros(8, dtype=np.int64))
    with pytest.raises(InputError, match="do not fit"):
        compute_dilution(corners, np.zeros(8, dtype=np.int64))
    with pytest.raises(InputError, match="negative"):
        compute_dilution(corners[None], np.full(8, -1))
    with pytest.raises(InputError, match="mask of the wrong shape"):
        compute_dilution(corners[None], np.zeros(8, dtype=np.int64), np.ones((2, 8), dtype=np.bool_))
    with pytest.raises(UnitError, match="right angle"):
        survey_geometry(
            np.zeros((1, 3)),
            np.zeros((1, 3)),
            np.zeros((1, 1, 3)),
            np.ones((1, 1), bool),
            [0],
            np.ones((1, 1), bool),
            5.0,
        )
