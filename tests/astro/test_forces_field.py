"""Spherical harmonics and third bodies against closed forms, quadruple-length arithmetic and a plain twin."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import lpmv

from syzygy.astro.forces.field_kernels import field_at, field_gradient
from syzygy.astro.forces.gravity_field import GravityField, harmonic_words
from syzygy.formats.gravity_field import read_gravity_field

GM, RADIUS = 4.9e12, 1.738e6
FIELD_RELATIVE = 2e-9
LAPLACE = 1e-13


def _compiled():
    """Wrap the inner kernels, which have no Python entry of their own."""
    from numba import njit

    @njit
    def acceleration(x, y, z, env, model, work):
        return field_at(x, y, z, 1, env, 6, model, work)

    @njit
    def gradient(x, y, z, env, model, work, out):
        field_gradient(x, y, z, 1, env, 6, model, work, out)

    return acceleration, gradient


@pytest.fixture(scope="module")
def kernels():
    return _compiled()


def _model(field: GravityField):
    ints, reals = np.zeros((2, 8), dtype=np.int64), np.zeros((2, 14))
    ints[1, :4] = (-1, field.degree, 0, -1)
    reals[1, :2] = (field.gm_m3_s2, field.radius_m)
    env = np.zeros(15)
    env[6:] = np.eye(3).ravel()
    return env, (ints, reals, harmonic_words(field)), np.zeros(15 * (field.degree + 3) + 9)


def _random_field(degree: int, seed: int) -> GravityField:
    random = np.random.default_rng(seed)
    scale = 1e-4 / np.maximum(np.arange(degree + 1), 1.0)[:, None] ** 2
    cosine = np.tril(random.normal(size=(degree + 1, degree + 1)) * scale)
    sine = np.tril(random.normal(size=(degree + 1, degree + 1)) * scale)
    sine[:, 0] = 0.0
    cosine[0, 0] = 1.0
    return GravityField("random", GM, RADIUS, cosine, sine, "unknown", "")


def _potential(field: GravityField, place: np.ndarray) -> float:
    """The disturbing potential by scipy's Legendre functions: nothing in common with the kernels."""
    r = np.linalg.norm(place)
    longitude = math.atan2(place[1], place[0])
    total = 0.0
    for n in range(1, field.degree + 1):
        for m in range(n + 1):
            norm = math.sqrt(
                (1 if m == 0 else 2) * (2 * n + 1) * math.factorial(n - m) / math.factorial(n + m)
            )
            legendre = (-1.0) ** m * lpmv(m, n, place[2] / r) * norm
            turn = field.cosine[n, m] * math.cos(m * longitude) + field.sine[n, m] * math.sin(m * longitude)
            total += (field.radius_m / r) ** n * legendre * turn
    return GM / r * total


@pytest.mark.slow
@settings(max_examples=15)
@given(
    st.integers(1, 12),
    st.integers(0, 99),
    st.tuples(*[st.floats(-1.0, 1.0) for _ in range(3)]).filter(lambda v: sum(x * x for x in v) > 0.1),
)
def test_the_field_is_the_slope_of_the_potential(degree, seed, direction) -> None:
    acceleration, _ = _KERNELS
    field = _random_field(degree, seed)
    place = np.array(direction) / np.linalg.norm(direction) * 1.2 * RADIUS
    got = np.array(acceleration(*place, *_model(field)))
    step = 2_000.0
    slope = np.zeros(3)
    for k in range(3):
        for weight, far in ((8.0, 1.0), (-1.0, 2.0)):
            moved = np.zeros(3)
            moved[k] = far * step
            difference = _potential(field, place + moved) - _potential(field, place - moved)
            slope[k] += weight * difference / (12.0 * step)
    assert np.linalg.norm(got - slope) < 1e-6 * np.linalg.norm(slope) + 1e-12


_KERNELS = _compiled()


@pytest.mark.slow
def test_oblateness_is_the_closed_form_even_at_the_pole(kernels) -> None:
    j2 = 1.08e-3
    cosine = np.zeros((3, 3))
    cosine[2, 0] = -j2 / math.sqrt(5.0)
    field = GravityField("J2", GM, RADIUS, cosine, np.zeros((3, 3)), "unknown", "")
    for place in ([2e6, 1e6, -3e5], [0.0, 0.0, 2e6], [1e-9, 0.0, -2e6]):
        x, y, z = place
        r = math.hypot(x, y, z)
        factor = -1.5 * j2 * GM * RADIUS**2 / r**5
        u2 = 5.0 * z * z / (r * r)
        truth = factor * np.array([x * (1 - u2), y * (1 - u2), z * (3 - u2)])
        got = np.array(kernels[0](x, y, z, *_model(field)))
        assert np.allclose(got, truth, rtol=1e-14, atol=1e-22)


@pytest.mark.slow
def test_the_gradient_obeys_laplace_and_follows_differences(kernels, shared_data) -> None:
    name = "GRGM660PRIM_to150.gfc.gz"
    field = read_gravity_field((shared_data / "exploration" / "gravity" / name).read_bytes(), name=name)
    model = _model(field)
    place = np.array([1.1e6, -0.9e6, 1.14e6])
    gradient = np.zeros((3, 3))
    kernels[1](*place, *model, gradient)
    scale = np.abs(gradient).max()
    assert abs(np.trace(gradient)) < LAPLACE * scale * 100
    assert np.array_equal(gradient, gradient.T) or np.allclose(gradient, gradient.T, atol=1e-14 * scale)
    for k in range(3):
        step = np.zeros(3)
        step[k] = 20.0
        high, low = (np.array(kernels[0](*(place + s), *model)) for s in (step, -step))
        assert np.allclose((high - low) / 40.0, gradient[:, k], atol=1e-6 * scale)


@pytest.mark.slow
def test_a_field_to_degree_150_keeps_its_digits_at_every_latitude(kernels, shared_data) -> None:
    """Turning the body about its axis turns the acceleration: all sums stay consistent."""
    name = "GRGM660PRIM_to150.gfc.gz"
    field = read_gravity_field((shared_data / "exploration" / "gravity" / name).read_bytes(), name=name)
    turn = 0.7
    n = field.degree + 1
    m = np.arange(n)
    cosine = field.cosine * np.cos(m * turn) - field.sine * np.sin(m * turn)
    sine = field.cosine * np.sin(m * turn) + field.sine * np.cos(m * turn)
    turned = GravityField("turned", field.gm_m3_s2, field.radius_m, cosine, sine, "unknown", "")
    one, other = _model(field), _model(turned)
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1.0]])
    for latitude in np.radians([-90.0, -89.999, -60.0, 0.0, 45.0, 89.9999]):
        place = 1.76e6 * np.array([np.cos(latitude), 0.0, np.sin(latitude)])
        here = spin @ np.array(kernels[0](*place, *one))
        there = np.array(kernels[0](*(spin @ place), *other))
        assert np.allclose(here, there, atol=1e-12 * np.linalg.norm(here))


@pytest.mark.slow
def test_the_pull_of_a_third_body_keeps_its_digits_near_the_centre() -> None:
    """Against exact fractions, at 7 000 km from the Earth and the Sun at 1 au."""
    from numba import njit

    from syzygy.astro.forces._kernels import _third_body

    pull = njit(lambda x, y, z, env: _third_body(x, y, z, 6, env))
    sun = [1.2e11, -8.0e10, 3.0e10]
    env = np.zeros(9)
    env[6:] = sun
    place = [7.0e6, -1.0e5, 2.0e5]
    got = np.array(pull(*place, env))
    s = [Fraction(v) for v in sun]
    r = [Fraction(v) for v in place]
    d = [a - b for a, b in zip(r, s, strict=True)]

    def inverse_cube(v):
        square = sum(c * c for c in v)
        root = Fraction(math.isqrt(int(square * 10**80)), 10**40)
        return 1 / (square * root)

    truth = [a * inverse_cube(d) + b * inverse_cube(s) for a, b in zip(d, s, strict=True)]
    error = max(
        abs(float((Fraction(float(g)) - t) / max(map(abs, truth)))) for g, t in zip(got, truth, strict=True)
    )
    assert error < 1e-15
