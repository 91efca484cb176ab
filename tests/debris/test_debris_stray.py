"""The bounds that the slack rests on hold: for the catalogue, for wild element sets, for two-body motion."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.debris import stray
from syzygy.debris._motion_kernels import move_two_body
from syzygy.debris._stray_kernels import NODES_WEIGHT
from syzygy.debris.chunks import pack_chunk, screen_chunk
from syzygy.debris.engine import cut_window
from syzygy.debris.knots import KNOT_STEP_S, build_tile
from syzygy.debris.paths import (
    ElementPaths,
    EphemerisPaths,
    EphemerisTable,
    JoinedPaths,
    PathSource,
    make_element_paths,
)
from syzygy.debris.sampling import make_satellites, sample_grid
from syzygy.debris.stray import STEPS_S, kepler_fifth, remainder_m

GM_M3_S2 = 3.986008e14
DAY_S = 86400.0
NOISE_M = 0.02
"""Positions and times of double precision, far from the Earth."""


def weights(share: np.ndarray) -> np.ndarray:
    """Return the weights (5, s) of states at -2 to 2 steps for the polynomial through them."""
    found = np.ones((5, share.size))
    for i in range(5):
        for k in range(5):
            if k != i:
                found[i] *= (share - (k - 2)) / (i - k)
    return found


def ratios(paths: PathSource, begin_s: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return bound over actual miss of the polynomial through five states around an instant per object."""
    bound = remainder_m(paths, float(begin_s.min()), float(begin_s.max()))
    found = []
    for column, step in enumerate(STEPS_S):
        own = np.flatnonzero(np.isfinite(bound[:, column]))
        share = random.uniform(-1.0, 1.0, 9)
        times = begin_s[own, None] + step * np.concatenate([np.arange(-2.0, 3.0), share])
        states = paths.states_of(own, times)
        assert np.isin(states.error_code, (0, 6)).all(), "only code 6 is left open"
        x = states.position_m
        miss = np.einsum("is,nic->nsc", weights(share), x[:, :5]) - x[:, 5:]
        actual = np.linalg.norm(miss, axis=2).max(axis=1)
        seen = actual > NOISE_M
        found.append(bound[own, column][seen] / actual[seen])
    return np.concatenate(found)


def wild_elements(model: MeanElements, kind: str, seed: int, count: int) -> MeanElements:
    """Return element sets nobody would like to meet: eccentric, dragged, low, flat, resonant."""
    random = np.random.default_rng(seed)
    draw = random.uniform
    base = model.select(random.integers(0, len(model), count))
    e, tilt = draw(0.0, 0.9, count), draw(0.0, np.pi, count)
    drag = 10.0 ** draw(-6.0, -1.5, count) * random.choice([-1.0, 1.0], count)
    a = (6.5e6 + 10.0 ** draw(2.0, 7.6, count)) / (1.0 - e)
    if kind == "low":
        e, drag = 10.0 ** draw(-6.0, -1.0, count), np.abs(drag)
        a = (6.378e6 + draw(1.3e5, 4e5, count)) / (1.0 - e)
    elif kind == "half a day":
        e, a, drag = draw(0.5, 0.76, count), 2.6562e7 * draw(0.995, 1.005, count), 0.1 * drag
    elif kind == "a day":
        e, a, tilt = (
            10.0 ** draw(-5.0, -0.7, count),
            4.2164e7 * draw(0.98, 1.02, count),
            draw(0.0, 0.3, count),
        )
    elif kind == "flat":
        e, tilt = 10.0 ** draw(-4.0, -0.7, count), 10.0 ** draw(-5.0, -0.8, count)
        a, drag = 4.2164e7 * draw(0.6, 1.3, count), 0.1 * drag
    elif kind == "transfer":
        e, tilt = draw(0.6, 0.9, count), draw(0.0, 1.2, count)
        a = (6.378e6 + draw(1.2e5, 9e5, count)) / (1.0 - e)
    return replace(
        base,
        eccentricity=e,
        inclination_rad=tilt,
        bstar_per_earth_radius=drag,
        mean_motion_rad_s=np.minimum(np.sqrt(GM_M3_S2 / a**3), 1.2e-3),
        raan_rad=draw(0.0, 2.0 * np.pi, count),
        argument_of_perigee_rad=draw(0.0, 2.0 * np.pi, count),
        mean_anomaly_rad=draw(0.0, 2.0 * np.pi, count),
    )


@pytest.fixture(scope="module")
def sample_paths(sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac) -> ElementPaths:
    return make_element_paths(sample_elements, start_tai_ns, almanac.leap_seconds)


def test_the_nodal_polynomial_stays_below_its_weight() -> None:
    s = np.linspace(-1.0, 1.0, 200_001)
    assert np.abs(s * (s**2 - 1.0) * (s**2 - 4.0)).max() <= NODES_WEIGHT


@pytest.mark.slow
def test_the_fifth_derivative_of_two_body_motion_is_below_its_bound() -> None:
    """Differences of the series that the engine moves by, on orbits of all eccentricities."""
    random = np.random.default_rng(4)
    e = random.uniform(0.0, 0.97, 3000)
    anomaly = random.uniform(-np.pi, np.pi, 3000)
    p = 7.0e6
    c = 1.0 + e * np.cos(anomaly)
    r, speed = p / c, np.sqrt(GM_M3_S2 / p)
    state = np.zeros((3000, 6))
    state[:, 0], state[:, 3], state[:, 4] = r, speed * e * np.sin(anomaly), speed * c
    step = 2.0
    moved = np.empty((2, 3000, 6))
    move_two_body(state, step, moved[0])
    move_two_body(state, -step, moved[1])
    # Velocity is a polynomial of degree four in time: its even part gives the fifth derivative / 24.
    mean = 0.5 * (moved[0, :, 3:] + moved[1, :, 3:]) - state[:, 3:]
    move_two_body(state, 2.0 * step, moved[0])
    move_two_body(state, -2.0 * step, moved[1])
    wide = 0.5 * (moved[0, :, 3:] + moved[1, :, 3:]) - state[:, 3:]
    fifth = np.linalg.norm((wide - 4.0 * mean) / 12.0, axis=1) * 24.0 / step**4
    unit = (GM_M3_S2 / p**3) ** 2.5 * p
    bound = kepler_fifth()[np.minimum((e * 400.0).astype(np.int64), 399)]
    ratio = bound * unit / fifth
    assert ratio.min() >= 1.0 - 1e-3
    assert ratio[np.abs(anomaly) < 0.05].min() < 1.2, "tight at perigee"


@pytest.mark.slow
def test_what_five_states_leave_open_is_bounded_for_a_catalogue(sample_paths: ElementPaths) -> None:
    random = np.random.default_rng(7)
    found = np.concatenate(
        [ratios(sample_paths, random.uniform(0.0, DAY_S, len(sample_paths)), random) for _ in range(4)]
    )
    assert found.min() >= 1.0
    assert np.median(found) < 4.0
    assert np.isfinite(remainder_m(sample_paths, 0.0, DAY_S)[:, 0]).mean() > 0.97


@pytest.mark.slow
@settings(max_examples=14, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    kind=st.sampled_from(["any", "low", "half a day", "a day", "flat", "transfer"]),
    day=st.integers(0, 6),
)
def test_what_five_states_leave_open_is_bounded_for_wild_element_sets(
    sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac, seed: int, kind: str, day: int
) -> None:
    elements = wild_elements(sample_elements, kind, seed, 500)
    paths = make_element_paths(elements, start_tai_ns, almanac.leap_seconds)
    random = np.random.default_rng(seed)
    for _ in range(4):
        found = ratios(paths, DAY_S * (day + random.uniform(0.0, 1.0, 500)), random)
        assert found.min(initial=np.inf) >= 1.0


@pytest.mark.slow
def test_the_bound_holds_across_the_steps_of_the_resonance_integrator(
    sample_elements: MeanElements, start_tai_ns: int, almanac: Almanac
) -> None:
    random = np.random.default_rng(3)
    for kind in ("half a day", "a day"):
        elements = wild_elements(sample_elements, kind, 11, 500)
        paths = make_element_paths(elements, start_tai_ns, almanac.leap_seconds)
        epoch_s = (paths.batch.epoch_jd.sum(axis=1)) * DAY_S
        border = epoch_s + 43200.0 * np.ceil(-epoch_s / 43200.0)
        for _ in range(4):
            begin = np.clip(border + random.uniform(-400.0, 400.0, 500), 0.0, DAY_S)
            assert ratios(paths, begin, random).min(initial=np.inf) >= 1.0


@pytest.mark.slow
def test_the_slack_of_a_tile_holds_between_its_knots(
    sample_elements: MeanElements, sample_paths: ElementPaths, start_tai_ns: int, record_accuracy
) -> None:
    """Against the package sgp4, every 2 s of every tenth interval."""
    satellites = make_satellites(sample_elements, start_tai_ns)
    worst, count = np.inf, 0
    for begin_s in (0.0, 3 * DAY_S, 6 * DAY_S):
        tile = build_tile(sample_paths, begin_s, 15, 7 * DAY_S)
        assert tile.proven.mean() > 0.97
        for k in (0, 7, 14):
            middle = begin_s + (k + 0.5) * KNOT_STEP_S
            offsets = np.arange(-120.0, 120.1, 2.0)
            true, _, _ = sample_grid(satellites, middle + offsets)
            own = np.flatnonzero(tile.proven & tile.alive[k])
            strayed = np.zeros(own.size)
            moved = np.empty((own.size, 6))
            for j, offset in enumerate(offsets.tolist()):
                move_two_body(np.ascontiguousarray(tile.state[k, own]), offset, moved)
                strayed = np.maximum(strayed, np.linalg.norm(moved[:, :3] - true[own, j], axis=1))
            worst = min(worst, float((tile.slack_m[own] / strayed).min()))
            count += own.size
    record_accuracy(
        "debris",
        "Stray of SGP4 from two-body paths over its proven bound",
        1.0 / worst,
        1.0,
        "1",
        "package sgp4, every 2 s",
        count,
    )


@pytest.mark.slow
def test_nothing_is_proven_for_ephemerides(sample_paths: ElementPaths) -> None:
    seconds = np.array([0.0, 60.0])
    states = sample_paths.states_of(np.array([0]), seconds[None])
    table = EphemerisTable(seconds, states.position_m[0], states.velocity_m_s[0])
    joined = JoinedPaths((sample_paths, EphemerisPaths((table,))))
    bound = remainder_m(joined, 0.0, 60.0)
    assert bound.shape == (len(sample_paths) + 1, 2)
    assert np.isinf(bound[-1]).all()
    assert (bound[:-1] == remainder_m(sample_paths, 3600.0, DAY_S)).all()
    assert (remainder_m(joined, 0.0, 2.5 * DAY_S) >= remainder_m(joined, 1.5 * DAY_S, 2 * DAY_S)).all()


@pytest.mark.slow
def test_a_chunk_that_travels_takes_its_bounds_along(
    sample_elements: MeanElements,
    start_tai_ns: int,
    almanac: Almanac,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = make_element_paths(
        sample_elements.select(np.arange(0, 1800, 9)), start_tai_ns, almanac.leap_seconds
    )
    times = np.arange(0.0, 1201.0, 60.0)
    flown = own.states(times)
    table = EphemerisTable(times, flown.position_m[3] + 2e3, flown.velocity_m_s[3])
    for paths in (own, JoinedPaths((own, EphemerisPaths((table,)), own))):
        every = np.ones(len(paths), dtype=bool)
        (chunk,) = cut_window(paths, 1200.0, 5000.0, every, 1200.0)
        here = screen_chunk(chunk)
        travelled = pickle.loads(pickle.dumps(pack_chunk(chunk)))
        with monkeypatch.context() as patch:
            patch.setattr(stray, "_of_elements", None)
            there = screen_chunk(travelled)
        assert here.minimum_s.tobytes() == there.minimum_s.tobytes()
        assert here.bounds == there.bounds
