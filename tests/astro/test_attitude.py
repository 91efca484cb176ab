"""Attitudes: the printed examples of the book, closed forms, and ways that must agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.attitude import (
    AttitudeHistory,
    frame_matrices,
    multiply,
    propagate_spin,
    quaternion_rates,
    quaternions_from_euler,
    quaternions_from_matrices,
    quaternions_from_spin,
    slerp,
    unit_quaternions,
)
from syzygy.astro.attitude.rotations import angular_velocity
from syzygy.astro.attitude.spinning import momentum_from_nutation
from syzygy.base.errors import CoverageError, InputError

DEGREE = np.pi / 180.0
PRINTED = 5.1e-5
STEP_NS = 10_000_000_000
RATE = np.array([0.01, -0.02, 0.03])


def test_the_printed_quaternion_turns_as_printed() -> None:
    """504.0-B-2 F2.2: 90 degrees about Z."""
    matrix = frame_matrices([0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)])
    np.testing.assert_allclose(matrix, [[0, 1, 0], [-1, 0, 0], [0, 0, 1]], atol=1e-15)
    np.testing.assert_allclose(matrix @ [1.0, 0.0, 0.0], [0.0, -1.0, 0.0], atol=1e-15)


def test_three_angles_are_the_printed_product_of_matrices() -> None:
    """504.0-B-2 F3.2."""
    one, two, three = 0.3, -1.1, 2.2
    x = np.array([[1, 0, 0], [0, np.cos(one), np.sin(one)], [0, -np.sin(one), np.cos(one)]])
    y = np.array([[np.cos(two), 0, -np.sin(two)], [0, 1, 0], [np.sin(two), 0, np.cos(two)]])
    z = np.array([[np.cos(three), np.sin(three), 0], [-np.sin(three), np.cos(three), 0], [0, 0, 1]])
    np.testing.assert_allclose(
        frame_matrices(quaternions_from_euler([one, two, three], "XYZ")), z @ y @ x, atol=1e-15
    )


def _spin(elapsed: float) -> np.ndarray:
    return propagate_spin(
        0.0, 80 * DEGREE, 45 * DEGREE, 1.0 * DEGREE, elapsed,
        momentum_alpha_rad=0.0, momentum_delta_rad=70 * DEGREE, nutation_rad_s=0.01 * DEGREE,
    )  # fmt: skip


def test_spin_data_give_the_printed_quaternions() -> None:
    """504.0-B-2 F5.4."""
    start = quaternions_from_spin(0.0, 80 * DEGREE, 45 * DEGREE)
    np.testing.assert_allclose(start, [0.0805, 0.0334, 0.9204, 0.3812], atol=PRINTED)
    np.testing.assert_allclose(_spin(0.0), start, atol=1e-15)
    later = _spin(300.0)
    np.testing.assert_allclose(later * np.sign(later[3]), [0.0584, 0.0650, 0.6263, 0.7747], atol=PRINTED)
    np.testing.assert_allclose(frame_matrices(start).T[:, 2], [0.1736, 0.0, 0.9848], atol=PRINTED)
    np.testing.assert_allclose(frame_matrices(_spin(300.0)).T[:, 2], [0.1739, -0.0091, 0.9847], atol=PRINTED)


def test_nutation_and_momentum_say_the_same() -> None:
    body = frame_matrices(quaternions_from_spin(0.0, 80 * DEGREE, 45 * DEGREE)) @ [
        np.cos(70 * DEGREE), 0.0, np.sin(70 * DEGREE),
    ]  # fmt: skip
    nutation, phase = np.arccos(body[2]), -np.arctan2(body[1], body[0])
    found = momentum_from_nutation(0.0, 80 * DEGREE, 45 * DEGREE, nutation, phase)
    np.testing.assert_allclose(found, [0.0, 70 * DEGREE], atol=1e-13)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1))
def test_matrices_and_products_agree(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = unit_quaternions((q := random.normal(size=(2, 5, 4))) / np.linalg.norm(q, axis=-1, keepdims=True))
    np.testing.assert_allclose(
        frame_matrices(multiply(a, b)), frame_matrices(b) @ frame_matrices(a), atol=1e-14
    )
    back = quaternions_from_matrices(frame_matrices(a))
    np.testing.assert_allclose(np.abs(np.sum(back * a, axis=-1)), 1.0, atol=1e-14)
    omega = random.normal(size=(5, 3))
    np.testing.assert_allclose(angular_velocity(a, quaternion_rates(a, omega)), omega, atol=1e-13)


def _constant_rate(seconds: np.ndarray) -> np.ndarray:
    size = np.linalg.norm(RATE)
    half = size * seconds[..., None] / 2.0
    turn = np.concatenate([np.sin(half) * RATE / size, np.cos(half)], axis=-1)
    return multiply(np.array([0.5, -0.5, 0.5, 0.5]), turn)


def _distance(one: np.ndarray, two: np.ndarray) -> float:
    apart = multiply(one * np.array([-1.0, -1.0, -1.0, 1.0]), two)
    return float(2.0 * np.linalg.norm(apart[..., :3], axis=-1).max())


def _history(kind: str, **more: object) -> AttitudeHistory:
    tai_ns = STEP_NS * np.arange(40)
    quaternions = _constant_rate(tai_ns / 1e9)
    quaternions[::3] *= -1.0
    columns = [quaternions]
    if kind == "QUATERNION/DERIVATIVE":
        columns.append(quaternion_rates(quaternions, RATE))
    elif kind == "QUATERNION/ANGVEL":
        columns.append(np.tile(RATE, (40, 1)))
    return AttitudeHistory(tai_ns, kind, np.concatenate(columns, axis=1), "EME2000", "SC_BODY_1", **more)  # type: ignore[arg-type]


TIMES = np.linspace(0, 39 * STEP_NS, 1234).astype(np.int64)


def test_slerp_follows_a_constant_rate_exactly() -> None:
    found = _history("QUATERNION", interpolation="SLERP").at(TIMES)
    assert _distance(found, _constant_rate(TIMES / 1e9)) < 1e-14


@pytest.mark.parametrize(
    ("kind", "how", "degree", "allowed_rad"),
    [
        ("QUATERNION", "LINEAR", 1, 1e-3),
        (
            "QUATERNION",
            "LAGRANGE",
            7,
            1e-7,
        ),  # remainder at the ends: (0.187)^8 max|x(x-1)...(x-7)| / 8! = 5e-8
        ("QUATERNION/DERIVATIVE", "HERMITE", 7, 1e-9),
        ("QUATERNION/ANGVEL", "HERMITE", 7, 1e-9),
    ],
)
def test_polynomials_follow_a_constant_rate(kind: str, how: str, degree: int, allowed_rad: float) -> None:
    history = _history(kind, interpolation=how, degree=degree)
    assert _distance(history.at(TIMES), _constant_rate(TIMES / 1e9)) < allowed_rad
    np.testing.assert_allclose(np.linalg.norm(history.at(TIMES), axis=1), 1.0, atol=1e-14)


@pytest.mark.parametrize("kind", ["QUATERNION/DERIVATIVE", "QUATERNION/ANGVEL"])
def test_the_angular_velocity_comes_back(kind: str) -> None:
    np.testing.assert_allclose(_history(kind).angular_velocity_rad_s(), np.tile(RATE, (40, 1)), atol=1e-14)


def test_euler_angles_and_spin_are_interpolated_without_jumps() -> None:
    tai_ns = STEP_NS * np.arange(20)
    seconds = tai_ns / 1e9
    angles = np.stack([0.2 * seconds, 0.3 + 0 * seconds, -0.1 * seconds], axis=1)
    wrapped = np.remainder(angles + np.pi, 2 * np.pi) - np.pi
    euler = AttitudeHistory(
        tai_ns, "EULER_ANGLE", wrapped, "EME2000", "B", sequence="ZXZ", interpolation="LINEAR"
    )
    times = np.linspace(0, int(tai_ns[-1]), 777).astype(np.int64)
    s = times / 1e9
    truth = quaternions_from_euler(np.stack([0.2 * s, 0.3 + 0 * s, -0.1 * s], axis=1), "ZXZ")
    assert _distance(euler.at(times), truth) < 1e-13
    spinning = np.stack(
        [0 * seconds + 1.0, 0 * seconds + 0.5, np.remainder(2.0 * seconds, 2 * np.pi), 0 * seconds + 2.0], 1
    )
    spin = AttitudeHistory(tai_ns, "SPIN", spinning, "EME2000", "B", interpolation="LINEAR")
    assert _distance(spin.at(times), propagate_spin(1.0, 0.5, 0.0, 2.0, s)) < 1e-12


def test_the_other_direction_is_the_way_back() -> None:
    there, back = _history("QUATERNION"), _history("QUATERNION", reversed_direction=True)
    product = multiply(there.quaternions(), back.quaternions())
    np.testing.assert_allclose(np.abs(product[:, 3]), 1.0, atol=1e-14)


def test_nothing_is_guessed() -> None:
    history = _history("QUATERNION")
    with pytest.raises(InputError, match="no kind"):
        history.at(0)
    with pytest.raises(CoverageError, match="useable"):
        history.at(-1, interpolation="SLERP")
    with pytest.raises(InputError, match="needs rates"):
        history.at(0, interpolation="HERMITE", degree=3)
    with pytest.raises(InputError, match="carry no rates"):
        history.angular_velocity_rad_s()
    with pytest.raises(InputError, match="length one"):
        unit_quaternions([1.0, 1.0, 0.0, 0.0])
    with pytest.raises(InputError, match="sequence"):
        quaternions_from_euler([0.0, 0.0, 0.0], "XXZ")
    with pytest.raises(InputError, match="do not fit"):
        AttitudeHistory(np.arange(2), "SPIN", np.zeros((2, 3)), "A", "B")


def test_slerp_takes_the_shorter_way_and_small_angles() -> None:
    one = np.array([0.0, 0.0, 0.0, 1.0])
    tiny = np.array([1e-9, 0.0, 0.0, 1.0])
    np.testing.assert_allclose(slerp(one, tiny, 0.5)[0], 5e-10, rtol=1e-12)
    np.testing.assert_allclose(slerp(one, -one, 0.3), one, atol=1e-15)
