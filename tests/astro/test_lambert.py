"""Lambert's problem: published examples, accuracy against the conditioning, all branches, bad rows."""

from __future__ import annotations

import csv
import importlib.util
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from syzygy.astro.transfers.lambert import (
    BAD_INPUT,
    NO_SUCH_REVOLUTION,
    PLANE_UNDETERMINED,
    SOLVED,
    count_lambert_revolutions,
    list_lambert_solutions,
    solve_lambert,
)
from syzygy.base.errors import InputError

_spec = importlib.util.spec_from_file_location("lambert_truth", Path(__file__).with_name("lambert_truth.py"))
assert _spec
assert _spec.loader
truth = importlib.util.module_from_spec(_spec)
sys.modules["lambert_truth"] = truth
_spec.loader.exec_module(truth)

LONG, PI = truth.LONG, truth.PI
EPS = 2.0**-52
BASE_ERROR = 1e-13
KM = 1e3
needs_80_bits = pytest.mark.skipif(
    np.finfo(np.longdouble).eps > 1e-18,
    reason="the truth needs 80-bit long doubles, which this machine lacks",
)


def _published(test_data: Path) -> list[dict[str, str]]:
    lines = (test_data / "exploration" / "lambert_published.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _vector(row: dict[str, str], *names: str) -> np.ndarray:
    return np.array([float(row[name]) for name in names]) * KM


def test_published_examples_are_met_within_their_digits(test_data: Path, record_accuracy) -> None:  # type: ignore[no-untyped-def]
    shares = []
    for row in _published(test_data):
        found = list_lambert_solutions(
            _vector(row, "r1x", "r1y", "r1z"), _vector(row, "r2x", "r2y", "r2z"),
            float(row["tof"]), float(row["mu"]) * KM**3,
        )  # fmt: skip
        same_way = found.retrograde == (row["direction"] == "retrograde")
        v1 = found.solutions.departure_velocity_m_s[same_way] - _vector(row, "v1x", "v1y", "v1z")
        v2 = found.solutions.arrival_velocity_m_s[same_way] - _vector(row, "v2x", "v2y", "v2z")
        worst = np.maximum(np.abs(v1).max(axis=1), np.abs(v2).max(axis=1)) / KM
        shares.append(worst.min() / float(row["tol"]))
    words = "Lambert examples of Der, Vallado and Curtis"
    record_accuracy(
        "astro", words, max(shares), 1.0, "of the printed digits", "lambert_published.csv", len(shares)
    )


def test_der_example_has_exactly_six_solutions(test_data: Path) -> None:
    row = _published(test_data)[0]
    found = list_lambert_solutions(
        _vector(row, "r1x", "r1y", "r1z"),
        _vector(row, "r2x", "r2y", "r2z"),
        36000.0,
        float(row["mu"]) * KM**3,
    )
    assert found.row.size == 6
    assert found.revolutions.tolist() == [0, 1, 1, 0, 1, 1]
    assert found.retrograde.tolist() == [False] * 3 + [True] * 3
    assert (found.solutions.status == SOLVED).all()


def _sweep(centre: int, rng: np.random.Generator, n: int) -> np.ndarray:
    offset = (10 ** rng.uniform(-12, -2, n)).astype(LONG)
    sign = {0: 1, 1: rng.choice([-1, 1], n), 2: -1}[centre]
    return centre * PI + sign * offset


def _cases(kind: str, n: int):  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(sum(map(ord, kind)))
    turns = rng.integers(1, 9, n) if "revolutions" in kind else np.zeros(n, int)
    p, nu1, rotation = (
        10 ** rng.uniform(-1, 1, n),
        rng.uniform(-np.pi, np.pi, n),
        truth.random_rotations(rng, n),
    )
    if kind == "parabolas":
        r = rng.normal(size=(n, 3))
        v = rng.normal(size=(n, 3))
        r /= np.linalg.norm(r, axis=1)[:, None]
        alpha = 10 ** rng.uniform(-16, -1, n) * rng.choice([-1, 0, 1], n)
        v *= (np.sqrt(2 - alpha) / np.linalg.norm(v, axis=1))[:, None]
        return truth.by_universal_anomaly(r, v, 10 ** rng.uniform(-2, 0.7, n))
    if kind == "hyperbolas":
        ecc = 1 + 10 ** rng.uniform(-3, 1.5, n)
        limit = np.arccos(-1 / ecc) * 0.98
        ends = np.sort(rng.uniform(-limit, limit, (2, n)), axis=0)
        return truth.by_anomalies(p, ecc, ends[0], ends[1] + 1e-3 - ends[0], turns, rotation)
    ecc = 1 - 10 ** rng.uniform(-4, -1, n) if "thin" in kind else rng.uniform(0, 0.97, n)
    sweep = rng.uniform(0.01, 6.27, n)
    for centre, word in enumerate(("near 0", "near 180", "near 360")):
        if kind.startswith(word):
            sweep, ecc = _sweep(centre, rng, n), rng.uniform(0, 0.9, n)
    return truth.by_anomalies(p, ecc, nu1, sweep, turns, rotation)


KINDS = (
    "ellipses", "thin ellipses", "ellipses with revolutions", "hyperbolas", "parabolas", "near 0", "near 180",
    "near 360", "near 0 with revolutions", "near 180 with revolutions", "near 360 with revolutions",
)  # fmt: skip


def _share_of_allowed_error(cases) -> np.ndarray:  # type: ignore[no-untyped-def]
    normal = cases.normal.astype(float)
    smallest = np.full(len(cases.tof), np.inf)
    for right in (False, True):
        found = solve_lambert(
            cases.r1, cases.r2, cases.tof, 1.0, revolutions=cases.revolutions, right_branch=right,
            reference_axis=normal, plane_normal=normal,
        )  # fmt: skip
        difference = found.departure_velocity_m_s - cases.v1
        error = np.sqrt(np.sum(difference**2, axis=1) / np.sum(cases.v1**2, axis=1)).astype(float)
        smallest = np.fmin(smallest, np.where(found.status == SOLVED, error, np.inf))
    return smallest / (BASE_ERROR + 4 * EPS * cases.kappa)


@needs_80_bits
@pytest.mark.parametrize("kind", KINDS)
def test_departure_velocity_is_as_good_as_the_conditioning_allows(kind: str, record_accuracy) -> None:  # type: ignore[no-untyped-def]
    share = _share_of_allowed_error(_cases(kind, 2_000))
    record_accuracy(
        "astro", f"Lambert departure velocity, {kind}", share.max(), 1.0, "of 1e-13 + 4 eps kappa",
        "orbits with closed-form flight time in 80 bits", share.size,
    )  # fmt: skip


@needs_80_bits
@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_accuracy_holds_on_a_million_cases(kind: str) -> None:
    assert _share_of_allowed_error(_cases(kind, 91_000)).max() <= 1.0


def _twin(
    r1: np.ndarray, r2: np.ndarray, tof: float, retrograde: bool, turns: int, right: bool
) -> np.ndarray | None:
    """Solve one row the plain way: textbook lambda, closed-form time, bisection, in long doubles, gm = 1."""
    a, b = r1.astype(LONG), r2.astype(LONG)
    size1, size2, chord = (np.sqrt(np.sum(v * v)) for v in (a, b, b - a))
    s = (size1 + size2 + chord) / 2
    normal = np.cross(a, b)
    long_way = (normal[2] >= 0) == retrograde
    lam = np.sqrt(1 - chord / s) * (-1 if long_way else 1)

    def time(x: LONG) -> LONG:
        y = np.sqrt(1 - lam * lam * (1 - x * x))
        w = np.sqrt(np.abs(1 - x * x))
        if x < 1:
            psi = np.arctan2((y - lam * x) * w, x * y + lam * (1 - x * x))
        else:
            psi = np.arcsinh((y - lam * x) * w)
        return ((psi + turns * PI) / w - (x - lam * y)) / (1 - x * x)

    goal = np.sqrt(2 / s**3) * LONG(tof)
    low, high = LONG(-1) + LONG(1e-12), LONG(1) - LONG(1e-12) if turns else LONG(1e9)
    if turns:
        left, far = low, high
        for _ in range(200):
            third, two = left + (far - left) / 3, far - (far - left) / 3
            left, far = (third, far) if time(third) > time(two) else (left, two)
        if time(left) > goal:
            return None
        low, high = (left, high) if right else (low, left)
    for _ in range(160):
        middle = (low + high) / 2
        low, high = (middle, high) if (time(middle) > goal) != right else (low, middle)
    x = (low + high) / 2
    y = np.sqrt(1 - lam * lam * (1 - x * x))
    gamma, rho = np.sqrt(s / 2), (size1 - size2) / chord
    radial = gamma * ((lam * y - x) - rho * (lam * y + x)) / size1
    across = gamma * np.sqrt(1 - rho * rho) * (y + lam * x) / size1
    way = normal / np.sqrt(np.sum(normal * normal)) * (-1 if long_way else 1)
    return (radial * a + across * np.cross(way, a)) / size1


def _rounding_decides_the_way_round(r1: np.ndarray, r2: np.ndarray) -> bool:
    """Say whether the plane holds the z axis but for roundings, so that prograde is as good as retrograde.

    Both products of the north part of r1 x r2 are rounded by at most eps / 2 of themselves: below eps of
    their sum its sign is that of the roundings. An exact zero is none in any precision and is kept.
    """
    ahead, behind = Fraction(r1[0]) * Fraction(r2[1]), Fraction(r1[1]) * Fraction(r2[0])
    return 0 < abs(ahead - behind) <= Fraction(np.finfo(float).eps) * (abs(ahead) + abs(behind))


components = st.floats(-3, 3).filter(lambda value: abs(value) > 1e-3)


@pytest.mark.slow
@needs_80_bits
@given(
    st.tuples(*[components] * 3), st.tuples(*[components] * 3), st.floats(0.3, 60), st.booleans(),
    st.integers(0, 3), st.booleans(),
)  # fmt: skip
@example((1.6, 2.4, 1.0), (1.12, 1.68, -1.0), 5.0, False, 0, False)  # north part 0.0, exactly -1.1e-16
@example((1.0, 2.0, 1.0), (0.5, 1.0, -1.0), 5.0, True, 0, False)  # north part zero in any precision
def test_kernel_equals_its_plain_twin(r1, r2, tof, retrograde, turns, right) -> None:  # type: ignore[no-untyped-def]
    right = right and turns > 0
    a, b = np.array(r1), np.array(r2)
    sine = np.linalg.norm(np.cross(a, b)) / np.linalg.norm(a) / np.linalg.norm(b)
    found = solve_lambert(a, b, tof, 1.0, retrograde=retrograde, revolutions=turns, right_branch=right)
    if sine < 1e-3 or _rounding_decides_the_way_round(a, b):
        return
    expected = _twin(a, b, tof, retrograde, turns, right)
    if expected is None:
        assert found.status == NO_SUCH_REVOLUTION
        return
    assert found.status == SOLVED
    error = np.abs(found.departure_velocity_m_s - expected.astype(float)).max()
    assert error <= 1e-7 * float(np.sqrt(np.sum(expected * expected)))


@given(st.floats(0.3, 40), st.floats(0.05, 3.0), st.floats(0.3, 3.0))
def test_reversed_flight_reverses_the_velocities(tof: float, angle: float, radius: float) -> None:
    a, b = np.array([1.0, 0.0, 0.1]), radius * np.array([np.cos(angle), np.sin(angle), 0.2])
    there = solve_lambert(a, b, tof, 1.0)
    back = solve_lambert(b, a, tof, 1.0, retrograde=True)
    np.testing.assert_allclose(
        back.departure_velocity_m_s, -there.arrival_velocity_m_s, rtol=1e-10, atol=1e-12
    )


def test_answers_do_not_depend_on_the_batch() -> None:
    rng = np.random.default_rng(5)
    a, b, tof = rng.normal(size=(300, 3)), rng.normal(size=(300, 3)), rng.uniform(0.5, 20, 300)
    whole = solve_lambert(a, b, tof, 1.0).departure_velocity_m_s
    parts = [solve_lambert(a[k : k + 7], b[k : k + 7], tof[k : k + 7], 1.0) for k in range(0, 300, 7)]
    assert whole.tobytes() == np.concatenate([p.departure_velocity_m_s for p in parts]).tobytes()


def test_opposite_radii_need_a_plane_and_use_it() -> None:
    a, b, half = np.array([1.0, 0, 0]), np.array([-1.0, 0, 0]), np.pi
    assert solve_lambert(a, b, half, 1.0).status == PLANE_UNDETERMINED
    found = solve_lambert(a, b, half, 1.0, plane_normal=(0.0, 0.6, 0.8))
    np.testing.assert_allclose(found.departure_velocity_m_s, [0.0, 0.8, -0.6], atol=1e-15)
    assert found.transfer_angle_rad == np.pi


def test_parallel_radii_are_reported_or_radial_in_the_given_plane() -> None:
    a, b = np.array([1.0, 0, 0]), np.array([2.0, 0, 0])
    assert solve_lambert(a, b, 1.0, 1.0).status == PLANE_UNDETERMINED
    radial = solve_lambert(a, b, 1.0, 1.0, plane_normal=(0.0, 0.0, 1.0)).departure_velocity_m_s
    assert radial[0] > 0
    np.testing.assert_allclose(radial[1:], 0.0)
    assert solve_lambert(a, a, 1.0, 1.0, plane_normal=(0.0, 0.0, 1.0)).status == PLANE_UNDETERMINED


@pytest.mark.parametrize("tof", [0.0, -1.0, np.nan, np.inf])
def test_bad_rows_are_reported_and_the_others_solved(tof: float) -> None:
    found = solve_lambert([1.0, 0, 0], [0, 1.0, 0], np.array([tof, 2.0]), 1.0)
    assert found.status.tolist() == [BAD_INPUT, SOLVED]
    assert np.isnan(found.departure_velocity_m_s[0]).all()


def test_too_many_revolutions_have_no_solution_and_the_count_agrees() -> None:
    a, b = np.array([1.0, 0, 0]), np.array([0.1, 1.2, 0])
    most = int(count_lambert_revolutions(a, b, 60.0, 1.0))
    turns = np.arange(most + 2)
    status = solve_lambert(a, b, 60.0, 1.0, revolutions=turns).status
    assert status.tolist() == [SOLVED] * (most + 1) + [NO_SUCH_REVOLUTION]


@pytest.mark.parametrize(
    "changes",
    [
        {"gm_m3_s2": 0.0},
        {"gm_m3_s2": -1.0},
        {"gm_m3_s2": float("nan")},
        {"departure_m": [1.0, 2.0]},
        {"departure_m": np.ones((4, 3)), "arrival_m": np.ones((3, 3))},
        {"revolutions": -1},
        {"revolutions": 1.5},
    ],
)
def test_bad_arguments_are_refused(changes: dict[str, object]) -> None:
    arguments = {
        "departure_m": [1.0, 0, 0],
        "arrival_m": [0, 1.0, 0],
        "time_of_flight_s": 1.0,
        "gm_m3_s2": 1.0,
    }
    with pytest.raises(InputError):
        solve_lambert(**(arguments | changes))  # type: ignore[arg-type]


def test_the_smooth_product_of_the_tiles_is_the_hypergeometric_function() -> None:
    from scipy.special import hyp2f1

    from syzygy.astro.transfers.zero_revolution_kernels import battin_product, quarter_arc

    w = np.linspace(-0.3, 0.8, 23)
    c = (1 - w) / (1 + w)
    truth = 2 / 3 * hyp2f1(3, 1, 2.5, 4 * w / (1 + w) ** 2) * c**3 * (1 + w)
    np.testing.assert_allclose([battin_product(value) for value in w], truth, rtol=1e-12)
    tangent = np.linspace(0.0, np.sqrt(2) - 1, 23)
    np.testing.assert_allclose([quarter_arc(t) for t in tangent], np.arctan(tangent), rtol=4e-16, atol=0)
