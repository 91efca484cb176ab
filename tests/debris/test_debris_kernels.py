"""The compiled loops against plain NumPy twins, and the polynomial tools against polynomials."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from syzygy.debris import _kernels, _meeting_kernels, _motion_kernels, _search_kernels
from syzygy.debris.bernstein import (
    NODES,
    bernstein_matrix,
    binomials,
    chebyshev_matrix,
    chebyshev_nodes,
    last_coefficients,
)

seeds = st.integers(0, 2**32 - 1)
GM = 3.986008e14
FLOOR_M = 6.1e6
GRADIENT = 2.0 * GM / FLOOR_M**3


def basis(at: tuple[float, ...]) -> NDArray[np.float64]:
    """Return the values (len(at), NODES) of the Bernstein polynomials at abscissae of [0, 1]."""
    u, k = np.array(at)[:, None], np.arange(NODES)[None, :]
    choose = np.array([comb(NODES - 1, i) for i in range(NODES)])[None, :]
    return np.asarray(choose * u**k * (1.0 - u) ** (NODES - 1 - k))


def random_orbits(seed: int, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return states of bound orbits above the Earth, many of them near each other."""
    random = np.random.default_rng(seed)
    position = random.normal(size=(count, 3))
    position *= (random.uniform(6.5e6, 7.5e6, count) / np.linalg.norm(position, axis=1))[:, None]
    position[1::2] = position[::2] + random.normal(0.0, 2e5, (count // 2, 3))
    radius = np.linalg.norm(position, axis=1)
    position *= (np.maximum(radius, 6.4e6) / radius)[:, None]
    velocity = np.cross(position, random.normal(size=(count, 3)))
    velocity /= np.linalg.norm(velocity, axis=1)[:, None]
    velocity += random.normal(0.0, 0.05, (count, 3))
    circular = np.sqrt(GM / np.linalg.norm(position, axis=1))
    return position, velocity * (circular * random.uniform(0.97, 1.2, count))[:, None]


def two_body(
    position: NDArray[np.float64], velocity: NDArray[np.float64], seconds: float, steps: int = 60
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Move states along two-body paths: classical Runge-Kutta."""

    def rate(y: NDArray[np.float64]) -> NDArray[np.float64]:
        r = y[:, :3]
        return np.hstack([y[:, 3:], -GM * r / np.linalg.norm(r, axis=1)[:, None] ** 3])

    y, h = np.hstack([position, velocity]), seconds / steps
    for _ in range(steps):
        a = rate(y)
        b = rate(y + 0.5 * h * a)
        c = rate(y + 0.5 * h * b)
        d = rate(y + h * c)
        y = y + h / 6.0 * (a + 2.0 * b + 2.0 * c + d)
    return y[:, :3], y[:, 3:]


def candidates(
    position: NDArray[np.float64],
    velocity: NDArray[np.float64],
    slack: NDArray[np.float64],
    chosen: NDArray[np.bool_],
    threshold: float,
    half: float,
    room: int = 10_000,
) -> tuple[int, list[tuple[int, int]], NDArray[np.float64], NDArray[np.float64]]:
    state = np.hstack([position, velocity])
    motion = np.empty((len(state), 4))
    _motion_kernels.bound_motion(state, slack, half, GRADIENT, motion)
    pairs, spans = np.empty((room, 3), dtype=np.int32), np.empty((room, 2))
    counts = np.zeros(4, dtype=np.int64)
    members = np.arange(len(state), dtype=np.int32)
    work = _search_kernels.make_room(len(state))
    code, _, _ = _search_kernels.find_candidates(
        state,
        motion,
        slack,
        members,
        chosen,
        threshold,
        half,
        FLOOR_M,
        GRADIENT,
        2.0,
        pairs,
        spans,
        counts,
        work,
    )
    kept = min(int(counts[3]), room)
    return code, [tuple(pair) for pair in pairs[:kept, :2].tolist()], spans[:kept], motion


@pytest.mark.slow
@given(seed=seeds, half=st.sampled_from([15.0, 60.0]), threshold=st.sampled_from([5e3, 5e4, 2e5]))
def test_two_body_paths_that_meet_are_candidates_at_the_time_they_meet(
    seed: int, half: float, threshold: float
) -> None:
    random = np.random.default_rng(seed)
    n = 60
    position, velocity = random_orbits(seed, n)
    slack = random.uniform(0.0, 2000.0, n)
    chosen = random.random(n) < 0.7
    _, found, spans, motion = candidates(position, velocity, slack, chosen, threshold, half)
    halves = [(*pair, middle > 0.0) for pair, middle in zip(found, spans.mean(axis=1), strict=True)]
    assert len(halves) == len(set(halves))
    span: dict[tuple[int, int], list[list[float]]] = {}
    for pair, part in zip(found, spans.tolist(), strict=True):
        span.setdefault(pair, []).append(part)
    met = set()
    for tau in np.linspace(-half, half, 25).tolist():
        r, _ = two_body(position, velocity, tau)
        radius = np.linalg.norm(r, axis=1)
        assert (radius >= motion[:, 0] + slack - 0.01).all()
        assert (radius <= motion[:, 1] - slack + 0.01).all()
        distance = np.linalg.norm(r[:, None] - r[None, :], axis=2)
        near = distance < threshold + slack[:, None] + slack[None, :]
        for i, j in np.argwhere(np.triu(near, 1)).tolist():
            if chosen[i] or chosen[j]:
                met.add((i, j))
                assert any(low - 1e-6 <= tau <= high + 1e-6 for low, high in span[i, j])
    assert met <= set(found)
    for i, j in set(found):
        assert chosen[i] or chosen[j]


@pytest.mark.slow
@given(seed=seeds, half=st.sampled_from([30.0, 120.0]), distance=st.sampled_from([1e3, 2e4, 2e5]))
def test_paths_that_meet_are_within_the_limit_of_the_first_test(
    seed: int, half: float, distance: float
) -> None:
    random = np.random.default_rng(seed)
    n = 40
    position, velocity = random_orbits(seed, n)
    apart, stretch, longest = _search_kernels._bend(half, GRADIENT)
    meet_s = random.uniform(-half, half)
    position[1::2] = position[::2] + distance * random.uniform(-1.0, 1.0, (n // 2, 3)) / np.sqrt(3.0)
    steps = np.linspace(-half, half, 13) - meet_s
    radius = np.array([np.linalg.norm(two_body(position, velocity, t)[0], axis=1) for t in steps.tolist()])
    if radius.min() < FLOOR_M:
        return
    swept = radius.max(axis=0) - radius.min(axis=0)
    r, v = (part[1::2] - part[::2] for part in two_body(position, velocity, -meet_s))
    limit = stretch * (distance + apart * (swept[::2] + swept[1::2] + distance))
    speed = np.linalg.norm(v, axis=1)
    assert (np.linalg.norm(np.cross(r, v), axis=1) <= limit * speed + 1.0).all()
    assert (np.abs((r * v).sum(axis=1)) <= longest * speed**2 + limit * speed + 1.0).all()


@pytest.mark.slow
@given(seed=seeds)
def test_a_glance_misses_nobody_that_the_first_test_sees(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = 40
    position, velocity = random_orbits(seed, n)
    lane = np.zeros((_search_kernels.ROWS, n + _search_kernels.LANES), dtype=np.float32)
    lane[:6, :n] = np.hstack([position, velocity]).T
    lane[6, :n] = random.uniform(2.5e3, 3e4, n)
    who = np.full(n + _search_kernels.LANES, _search_kernels.NOBODY, dtype=np.int32)
    who[:n] = np.arange(n)
    wait = np.empty((n, 2), dtype=np.int32)
    longest = np.float32(120.6)
    for here in range(n - 1):
        waiting, looked = _search_kernels._scan(lane, who, here, np.int32(n), longest, wait, 0)
        assert looked == n - 1 - here
        seen = []
        for first in range(here + 1, n, _search_kernels.LANES):
            bits = _search_kernels._look(lane, who, np.uint64(here), np.uint64(first), np.int32(n), longest)
            seen += [first + q for q in range(_search_kernels.LANES) if bits >> q & 1]
        assert wait[:waiting, 1].tolist() == seen


@pytest.mark.slow
@given(seed=seeds)
def test_pairs_asked_together_are_asked_as_one_by_one(seed: int) -> None:
    position, velocity = random_orbits(seed, 40)
    state = np.hstack([position, velocity])
    wide, near = _meeting_kernels.WAITING, 2e4
    tile = np.zeros(_meeting_kernels.TILE_ROWS * wide)
    rows = tile.reshape(_meeting_kernels.TILE_ROWS, wide)
    rows[:6, :20], rows[6:12, :20] = state[::2].T, state[1::2].T
    rows[12], rows[13] = near, GRADIENT
    _meeting_kernels._ask_tile(tile, 20, 60.0)
    span, moved = np.empty(2), np.zeros((2, 8))
    pair = np.zeros((2, 8))
    for j in range(20):
        pair[0, :6], pair[1, :6] = state[2 * j], state[2 * j + 1]
        meets = _meeting_kernels._may_meet(pair, 0, 1, near, 60.0, GRADIENT, span)
        if meets and span[1] - span[0] < _meeting_kernels.NARROW * 60.0:
            low, high = span.tolist()
            meets = _meeting_kernels._ask_again(pair, 0, 1, near, low, high, GRADIENT, moved, span)
        assert meets == (rows[14, j] <= rows[15, j])
        if meets:
            assert rows[14:, j] == pytest.approx(span, abs=1e-6)


@pytest.mark.slow
@given(seed=seeds)
def test_the_taylor_series_follows_two_body_motion_for_two_minutes(seed: int) -> None:
    position, velocity = random_orbits(seed, 20)
    for seconds, allowed_m in ((-60.0, 0.5), (60.0, 0.5), (120.0, 30.0)):
        moved = np.empty((20, 6))
        _motion_kernels.move_two_body(np.hstack([position, velocity]), seconds, moved)
        r, v = two_body(position, velocity, seconds)
        assert np.abs(moved[:, :3] - r).max() < allowed_m
        assert np.abs(moved[:, 3:] - v).max() < allowed_m / 10.0


def test_the_deviation_is_the_larger_miss_of_the_neighbouring_knots() -> None:
    position, velocity = random_orbits(5, 6)
    step = 100.0
    knots = [two_body(position, velocity, k * step) for k in range(-1, 4)]
    r, v = (np.stack([knot[part] for knot in knots], axis=1) for part in (0, 1))
    r[:, 3, 0] += np.arange(6) * 100.0
    r[3, 1] = np.nan
    deviation, state, curve = np.empty((6, 1)), np.empty((1, 6, 6)), np.empty(6)
    layout = (np.arange(6), np.arange(5), step, state, deviation, curve)
    _motion_kernels.gather_knots(r, v, *layout)
    assert deviation[:, 0] == pytest.approx(np.arange(6) * 100.0, abs=20.0)
    assert (state[0] == np.hstack([r[:, 2], v[:, 2]])).all()
    assert (np.isinf(curve) == (np.arange(6) == 3)).all()
    r[3, [1, 3]] = np.nan
    _motion_kernels.gather_knots(r, v, *layout)
    assert deviation[3, 0] == 0.0


@pytest.mark.slow
@given(seed=seeds)
def test_the_curve_bounds_a_polynomial_of_misses(seed: int) -> None:
    """A path of degree four: five knots see all of it, and the bound holds between them."""
    random = np.random.default_rng(seed)
    position, velocity = random_orbits(seed, 20)
    step = 100.0
    disturbance = random.normal(size=(4, 20, 3)) * 10.0 ** random.uniform(-1.0, 2.0, (4, 1, 1))

    def path(seconds: float) -> np.ndarray:
        s = seconds / step
        bent = sum(c * s ** (k + 1) for k, c in enumerate(disturbance))
        return np.asarray(position + velocity * seconds + bent)

    r = np.stack([path(k * step) for k in (-2, -1, 0, 1, 2)], axis=1)
    v = np.repeat(velocity[:, None], 5, axis=1)
    deviation, state, curve = np.empty((20, 1)), np.empty((1, 20, 6)), np.empty(20)
    _motion_kernels.gather_knots(r, v, np.arange(20), np.arange(5), step, state, deviation, curve)
    whole = np.empty(20)
    _motion_kernels.bound_curves(r, v, step, whole)
    for share, bound in ((0.5, curve), (1.0, whole)):
        for s in np.linspace(-share, share, 21):
            moved = np.empty((20, 6))
            _motion_kernels.move_two_body(np.hstack([position, velocity]), s * step, moved)
            strayed = np.linalg.norm(path(s * step) - moved[:, :3], axis=1)
            assert (strayed <= bound + 1e-6).all()


def test_kernels_and_polynomials_agree_on_the_number_of_nodes() -> None:
    assert _kernels.NODES == NODES


def test_a_full_output_is_reported_with_the_room_it_needs() -> None:
    position, velocity = random_orbits(1, 10)
    position[:], velocity[:] = position[0], velocity[0]
    code, found, _, _ = candidates(
        position, velocity, np.ones(10), np.ones(10, dtype=bool), 1000.0, 15.0, room=5
    )
    assert code == _search_kernels.FULL
    assert len(found) == 5
    code, found, _, _ = candidates(position, velocity, np.ones(10), np.ones(10, dtype=bool), 1000.0, 15.0)
    assert code == _search_kernels.OK
    assert len(set(found)) == 45
    assert len(found) == 90, "each pair once in each half of the step"


@given(seed=seeds)
def test_bernstein_coefficients_reproduce_polynomials(seed: int) -> None:
    random = np.random.default_rng(seed)
    polynomial = np.polynomial.Polynomial(random.normal(size=NODES))
    u = (0.0, 0.21, 0.5, 0.93, 1.0)
    values = polynomial(chebyshev_nodes())
    coefficients = chebyshev_matrix() @ values
    scale = np.abs(values).max()
    assert np.abs(basis(u) @ coefficients - polynomial(np.array(u))).max() < 1e-12 * scale


@pytest.mark.slow
@given(seed=seeds)
def test_the_last_coefficients_are_those_of_the_chebyshev_series(seed: int) -> None:
    series = np.polynomial.Chebyshev(np.random.default_rng(seed).normal(size=NODES), domain=[0.0, 1.0])
    found = last_coefficients() @ series(chebyshev_nodes())
    assert np.abs(found) == pytest.approx(np.abs(series.coef[-2:]), abs=1e-12)


def test_the_matrix_of_bernstein_abscissae_is_exact_for_a_line() -> None:
    matrix = bernstein_matrix([Fraction(0), Fraction(1)])
    assert matrix.tolist() == [[1.0, 0.0], [0.0, 1.0]]


@given(seed=seeds, count=st.sampled_from([5, NODES]))
def test_fits_and_their_errors_agree_with_numpy(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    first, second = random.normal(size=(2, 5, count, 3))
    out, error = np.empty((5, 3, NODES)), np.empty(5)
    _kernels.fit_separations(first, second, np.ascontiguousarray(chebyshev_matrix(count).T), out)
    expected = np.einsum("ab,nbc->nca", chebyshev_matrix(count), second - first)
    assert np.abs(out - expected).max() < 1e-12
    _kernels.estimate_errors(first, second, last_coefficients(count), error)
    tail = np.einsum("ak,nkc->nac", last_coefficients(count), second - first)
    assert np.abs(error - np.linalg.norm(tail, axis=2).sum(axis=1)).max() < 1e-12


@given(seed=seeds)
def test_fewer_samples_give_the_polynomial_of_their_own_degree(seed: int) -> None:
    polynomial = np.polynomial.Polynomial(np.random.default_rng(seed).normal(size=5))
    u = (0.0, 0.33, 0.72, 1.0)
    coefficients = chebyshev_matrix(5) @ polynomial(chebyshev_nodes(5))
    assert np.abs(basis(u) @ coefficients - polynomial(np.array(u))).max() < 1e-12


@given(seed=seeds)
def test_the_closest_point_of_a_polynomial_is_where_its_distance_is_least(seed: int) -> None:
    random = np.random.default_rng(seed)
    power = np.zeros((1, 3, NODES))
    power[0, :, 0] = random.normal(size=3)
    power[0, :, 1] = 10.0 * random.normal(size=3)
    power[0, :, 2:] = 0.1 * random.normal(size=(3, NODES - 2))
    x, square = np.zeros(1), np.empty(1)
    _kernels.find_closest(power, x, square)
    u = np.linspace(-1.0, 1.0, 4001)
    d2 = ((power[0] @ (u[None, :] ** np.arange(NODES)[:, None])) ** 2).sum(axis=0)
    if abs(x[0]) < 1.0:
        assert square[0] <= d2[np.abs(u - x[0]) < 0.01].min() + 1e-9
    else:
        assert np.argmin(d2) in (0, u.size - 1)


def isolated(roots: list[float]) -> tuple[list[float], list[bool]]:
    """Return the sign changes inside [0, 1] found in the polynomial with the roots given."""
    polynomial = np.polynomial.Polynomial.fromroots(roots) if roots else np.polynomial.Polynomial([1.0])
    power = np.zeros(18)
    power[: len(polynomial.coef)] = polynomial.coef
    coefficients = np.array(
        [sum(comb(j, i) / comb(17, i) * power[i] for i in range(j + 1)) for j in range(18)]
    )
    found, rising = np.empty(64), np.empty(64, dtype=bool)
    count = _kernels.isolate(coefficients, 1e-6, found, rising)
    return found[:count].tolist(), rising[:count].tolist()


def check_isolation(roots: list[float]) -> None:
    found, rising = isolated(roots)
    inside = [root for root in roots if 0.0 < root < 1.0]
    assert found == pytest.approx(inside, abs=1e-6)
    above = len([root for root in roots if root >= 1.0])
    assert rising == [(len(inside) - 1 - k + above) % 2 == 0 for k in range(len(inside))]


@pytest.mark.slow
@given(
    roots=st.lists(
        st.one_of(st.floats(0.001, 0.999), st.integers(1, 63).map(lambda k: k / 64)), max_size=6, unique=True
    )
)
def test_every_sign_change_of_a_polynomial_is_isolated(roots: list[float]) -> None:
    roots = sorted(roots)
    if all(b - a >= 1e-3 for a, b in pairwise(roots)):
        check_isolation(roots)


@pytest.mark.slow
def test_roots_on_the_points_of_splitting_are_isolated() -> None:
    """Zeros at the ends of halves and quarters, and of the whole, beside roots elsewhere."""
    points = [0.0, 0.25, 0.375, 0.5, 0.75, 0.943359375, 1.0]
    for count in range(1, len(points) + 1):
        for roots in combinations(points, count):
            check_isolation(list(roots))


@pytest.mark.slow
@given(seed=seeds)
def test_minima_and_threshold_parts_agree_with_dense_sampling(seed: int) -> None:
    separation = np.random.default_rng(seed).normal(size=(1, 3, NODES)) * 3e3
    u = np.linspace(0.0, 1.0, 20001)
    d = np.linalg.norm(separation[0] @ basis(tuple(u)).T, axis=0)
    inner = np.flatnonzero((d[1:-1] < d[:-2]) & (d[1:-1] <= d[2:])) + 1
    at, row = np.empty(64), np.empty(64, dtype=np.int64)
    part, part_row = np.empty((2, 64)), np.empty(64, dtype=np.int64)
    threshold = float(np.median(d))
    found, parts = _kernels.find_approaches(
        separation, threshold, np.array([1e9]), binomials(), np.array([1e-7]), at, row, part, part_row
    )
    at, sampled = np.sort(at[:found]), u[inner]
    for some, others in ((at, sampled), (sampled, at)):
        # a minimum a step from an end may have its sample on the other side of any border: it needs a partner
        for one in some[(some > u[2]) & (some < u[-3])]:
            assert np.abs(others - one).min(initial=1.0) < 2e-4
            assert (np.abs(some - one) < 2e-4).sum() == 1
    share = (part[1, :parts] - part[0, :parts]).sum()
    assert abs(share - (d < threshold).mean()) < 1e-3
    inside = (part[0, :parts, None] <= u) & (u <= part[1, :parts, None])
    assert (inside.any(axis=0) == (d < threshold))[np.abs(d - threshold) > 1e-3 * threshold].all()
