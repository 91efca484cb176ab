"""The two-dimensional probability: its slow twin, its symmetries, its tails and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from syzygy.astro.frames import EME2000, ITRF
from syzygy.base.errors import FrameError, InputError, UnitError
from syzygy.debris.probability.covariance_repair import clip_state_covariances
from syzygy.debris.probability.encounter_plane import encounter_planes, planes_from
from syzygy.debris.probability.encounters import make_encounter, uncertain_states
from syzygy.debris.probability.two_dimensional import PlaneProbability, integrate_disk

TWIN_TOLERANCE = 1e-9
SYMMETRY_TOLERANCE = 1e-11
FAR_LN_TOLERANCE = 1e-9


def one(x: float, y: float, xx: float, xy: float, yy: float, radius: float) -> PlaneProbability:
    return integrate_disk(planes_from(np.array([[x, y]]), np.array([[xx, xy, yy]]), np.array([radius])))


def twin_ln(x: float, y: float, sigma_x: float, sigma_y: float, radius: float) -> float:
    """Integrate in plain SciPy: outer direction by adaptive quadrature, inner by log_ndtr, exponents kept."""

    def ln_integrand(u: float) -> float:
        h = np.sqrt(max(radius**2 - u**2, 0.0))
        low, high = (abs(y) - h) / sigma_y, (abs(y) + h) / sigma_y
        near, far = special.log_ndtr(-low), special.log_ndtr(-high)
        inner = near + np.log(-np.expm1(far - near)) if far < near else -np.inf
        return float(inner - 0.5 * ((u - x) / sigma_x) ** 2 - np.log(sigma_x * np.sqrt(2 * np.pi)))

    grid = -radius * np.cos(np.linspace(0, np.pi, 4002)[1:-1])
    heights = np.array([ln_integrand(u) for u in grid])
    top = heights.max()
    middle = float(grid[np.argmax(heights)])
    near = np.flatnonzero(heights > top - 40.0)
    begin, end = grid[max(near[0] - 1, 0)], grid[min(near[-1] + 1, len(grid) - 1)]
    begin, end = (-radius if near[0] == 0 else begin), (radius if near[-1] == len(grid) - 1 else end)
    total = 0.0
    for a, b in ((begin, middle), (middle, end)):
        total += integrate.quad(
            lambda u: np.exp(ln_integrand(u) - top), a, b, epsabs=0, epsrel=1e-10, limit=400
        )[0]
    return top + float(np.log(total))


@pytest.mark.slow
@settings(max_examples=40)
@given(st.floats(0, 12), st.floats(0, 12), st.floats(-0.7, 1.5), st.floats(-0.7, 1.5))
def test_the_kernel_equals_its_slow_twin(x: float, y: float, log_x: float, log_y: float) -> None:
    sigma_x, sigma_y = 10**log_x, 10**log_y
    if log_x < log_y:
        sigma_x, sigma_y = sigma_y, sigma_x
    x, y = x * sigma_x, y * sigma_y
    found = one(x, y, sigma_x**2, 0.0, sigma_y**2, 1.0)
    assert abs(found.ln_probability[0] - twin_ln(x, y, sigma_x, sigma_y, 1.0)) < TWIN_TOLERANCE * 10


@pytest.mark.slow
@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.05, 20), st.floats(0.05, 20), st.floats(0, 2 * np.pi))
def test_turning_the_plane_changes_nothing(x: float, y: float, a: float, b: float, angle: float) -> None:
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c, -s], [s, c]])
    covariance = turn @ np.diag([a * a, b * b]) @ turn.T
    offset = turn @ np.array([x, y])
    straight = one(x, y, a * a, 0.0, b * b, 1.0).ln_probability[0]
    turned = one(offset[0], offset[1], covariance[0, 0], covariance[0, 1], covariance[1, 1], 1.0)
    assert turned.ln_probability[0] == pytest.approx(straight, rel=1e-9, abs=1e-9)


@given(st.floats(0.01, 100), st.floats(0.05, 30), st.floats(0.05, 30), st.floats(0, 8), st.floats(0, 8))
def test_units_do_not_matter(k: float, a: float, b: float, x: float, y: float) -> None:
    straight = one(x, y, a * a, 0.0, b * b, 2.0).ln_probability[0]
    scaled = one(k * x, k * y, (k * a) ** 2, 0.0, (k * b) ** 2, 2.0 * k).ln_probability[0]
    assert scaled == pytest.approx(straight, rel=1e-9, abs=1e-9)


def test_a_centred_circle_has_a_closed_form() -> None:
    for ratio in (1e-6, 1e-3, 0.5, 1.0, 3.0, 30.0, 300.0):
        found = one(0.0, 0.0, 1.0, 0.0, 1.0, ratio).probability[0]
        assert found == pytest.approx(-np.expm1(-0.5 * ratio**2), rel=SYMMETRY_TOLERANCE)


def test_a_circular_density_follows_the_noncentral_chi_square() -> None:
    for offset, radius in ((1.0, 0.5), (3.0, 2.0), (10.0, 1.0), (20.0, 4.0)):
        found = one(offset, 0.0, 1.0, 0.0, 1.0, radius).probability[0]
        assert found == pytest.approx(special.chndtr(radius**2, 2, offset**2), rel=1e-8)


def test_far_tails_keep_their_logarithm() -> None:
    """ln Pc of -45,000 and beyond: the leading term is the squared distance to the nearest point."""
    for offset in (300.0, 1000.0):
        found = one(offset, 0.0, 1.0, 0.0, 1.0, 0.5)
        assert np.isfinite(found.ln_probability[0])
        assert found.probability[0] > 0.0
        assert found.ln_probability[0] == pytest.approx(-0.5 * (offset - 0.5) ** 2, rel=1e-3)
        twin = twin_ln(offset, 0.0, 1.0, 1.0, 0.5)
        assert found.ln_probability[0] == pytest.approx(twin, rel=FAR_LN_TOLERANCE)


def test_threads_and_batches_do_not_change_a_bit() -> None:
    random = np.random.default_rng(5)
    n = 50_000
    planes = planes_from(
        random.normal(size=(n, 2)) * 300,
        np.stack(
            [random.uniform(1e3, 1e5, n), random.uniform(-500, 500, n), random.uniform(1e3, 1e5, n)], -1
        ),
        random.uniform(1, 30, n),
    )
    many, single = integrate_disk(planes, threads=2), integrate_disk(planes, threads=1)
    np.testing.assert_array_equal(many.ln_probability, single.ln_probability)


STATE = ([7e6, 0.0, 0.0], [0.0, 7500.0, 0.0])
OTHER = ([7e6, 100.0, 0.0], [0.0, 0.0, 7500.0])


def test_frames_and_units_are_checked_at_the_door() -> None:
    a = uncertain_states(*STATE, np.eye(6)[None], axes="rtn")
    b = uncertain_states(*OTHER, np.eye(6)[None], axes="rtn")
    assert len(make_encounter(a, b, 10.0, frame=EME2000)) == 1
    with pytest.raises(FrameError):
        make_encounter(a, b, 10.0, frame=ITRF)
    with pytest.raises(UnitError, match="hard-body"):
        make_encounter(a, b, 0.0, frame=EME2000)
    with pytest.raises(UnitError, match="distance"):
        uncertain_states([7000.0, 0.0, 0.0], [0.0, 7500.0, 0.0], None, axes="rtn")
    with pytest.raises(UnitError, match="speed"):
        uncertain_states([7e6, 0.0, 0.0], [0.0, 7.5e6, 0.0], None, axes="rtn")


@pytest.mark.parametrize(
    ("covariance", "axes"),
    [
        (np.full((1, 6, 6), np.nan), "rtn"),
        (np.triu(np.ones((6, 6)))[None], "rtn"),
        (np.eye(4)[None], "rtn"),
        (np.eye(6)[None], "ITRF"),
    ],
)
def test_a_covariance_that_cannot_be_one_is_refused(covariance: np.ndarray, axes: str) -> None:
    with pytest.raises(InputError):
        uncertain_states(*STATE, covariance, axes=axes)


def test_objects_that_do_not_move_against_each_other_are_refused() -> None:
    a = uncertain_states(*STATE, np.eye(6)[None], axes="rtn")
    with pytest.raises(InputError, match="do not move"):
        encounter_planes(make_encounter(a, a, 10.0, frame=EME2000))


def test_repair_leaves_good_covariances_alone_and_says_what_it_changed() -> None:
    good = np.diag([1e4, 1e8, 1e2, 1e-2, 1e-4, 1e-6])
    bad = good.copy()
    bad[0, 1] = bad[1, 0] = 2e6
    done = clip_state_covariances(np.stack([good, bad]))
    np.testing.assert_array_equal(done.covariance[0], good)
    assert done.repaired.tolist() == [False, True]
    assert done.describe(0) == ""
    assert "raised to" in done.describe(1)
    assert np.linalg.eigvalsh(done.covariance[1] / 1e8).min() > -1e-12
