"""The search core finds every window of a function that keeps its bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.events.search import find_crossings, find_windows, make_nodes, sample_lanes
from syzygy.base.errors import InputError

SECOND = 1_000_000_000
EDGE_S = 2e-6
"""Asked: edges within 1 ms; the core promises 1 us plus the rounding to a nanosecond."""


class TrigonometricSum:
    """Sum of a sin(w t + p) - level per lane, with exact bounds on both derivatives."""

    def __init__(self, seed: int, lanes: int, level: float) -> None:
        draw = np.random.default_rng(seed)
        self.amplitude = draw.uniform(0.1, 1.0, (lanes, 4))
        self.frequency = draw.uniform(1e-3, 0.3, (lanes, 4))
        self.phase = draw.uniform(0.0, 6.3, (lanes, 4))
        self.level = level * self.amplitude.sum(axis=1)
        self.calls = 0

    def __call__(self, lane: np.ndarray, tai_ns: np.ndarray) -> np.ndarray:
        self.calls += lane.size
        angle = self.frequency[lane] * (tai_ns * 1e-9)[:, None] + self.phase[lane]
        return (self.amplitude[lane] * np.sin(angle)).sum(axis=1) - self.level[lane]

    @property
    def rate(self) -> np.ndarray:
        return (self.amplitude * self.frequency).sum(axis=1)

    @property
    def curvature(self) -> np.ndarray:
        return (self.amplitude * self.frequency**2).sum(axis=1)


@pytest.mark.slow
@given(
    seed=st.integers(0, 10**6),
    level=st.floats(-0.99, 0.99),
    step_s=st.floats(5.0, 120.0),
    with_curvature=st.booleans(),
)
def test_windows_agree_with_dense_sampling(seed, level, step_s, with_curvature):
    g = TrigonometricSum(seed, 3, level)
    nodes = make_nodes(-50 * SECOND, 350 * SECOND, step_s)
    bounds = (g.rate, g.curvature) if with_curvature else (g.rate,)
    windows = find_windows(g, nodes, sample_lanes(g, 3, nodes), *bounds)
    dense = make_nodes(-50 * SECOND, 350 * SECOND, 0.01)
    for lane in range(3):
        mine = windows.lane == lane
        inside = np.zeros(dense.size, dtype=bool)
        near = np.zeros(dense.size, dtype=bool)
        for a, b in zip(windows.start_tai_ns[mine], windows.end_tai_ns[mine], strict=True):
            inside |= (dense >= a) & (dense <= b)
            near |= (np.abs(dense - a) < EDGE_S * 1e9) | (np.abs(dense - b) < EDGE_S * 1e9)
        value = g(np.full(dense.size, lane), dense)
        assert np.array_equal(inside | near, (value > 0.0) | near)


def test_a_window_of_three_milliseconds_between_long_steps_is_found():
    top_s = 123.456

    def g(lane: np.ndarray, tai_ns: np.ndarray) -> np.ndarray:
        return 1.0 - ((tai_ns * 1e-9 - top_s) / 0.0015) ** 2 + 0.0 * lane

    nodes = make_nodes(0, 600 * SECOND, 60.0)
    windows = find_windows(g, nodes, sample_lanes(g, 1, nodes), np.inf, 2.0 / 0.0015**2)
    assert len(windows) == 1
    assert abs(windows.start_tai_ns[0] * 1e-9 - (top_s - 0.0015)) < EDGE_S
    assert abs(windows.end_tai_ns[0] * 1e-9 - (top_s + 0.0015)) < EDGE_S
    assert not windows.open_start[0]
    assert not windows.open_end[0]


def test_windows_cut_by_the_span_are_open_and_kept():
    g = TrigonometricSum(1, 1, -2.0)
    nodes = make_nodes(0, 600 * SECOND, 60.0)
    windows = find_windows(g, nodes, sample_lanes(g, 1, nodes), g.rate, g.curvature)
    assert windows.open_start.tolist() == [True]
    assert windows.open_end.tolist() == [True]
    assert (windows.start_tai_ns[0], windows.end_tai_ns[0]) == (0, 600 * SECOND)


def test_a_touch_below_the_resolution_is_listed_not_dropped():
    def g(lane: np.ndarray, tai_ns: np.ndarray) -> np.ndarray:
        return -(((tai_ns - 77_123_456_789) * 1e-9) ** 2) + 0.0 * lane - 1e-15

    nodes = make_nodes(0, 600 * SECOND, 60.0)
    windows = find_windows(g, nodes, sample_lanes(g, 1, nodes), np.inf, 2.0)
    assert len(windows) == 0
    assert windows.certificate.touch_lane.size >= 1
    assert np.abs(windows.certificate.touch_tai_ns * 1e-9 - 77.123456789).max() < 2e-3


def test_an_unusable_span_cuts_windows_and_is_reported():
    def g(lane: np.ndarray, tai_ns: np.ndarray) -> np.ndarray:
        value = np.sin(tai_ns * 1e-9 * 2 * np.pi / 100.0)
        return np.where((tai_ns >= 220 * SECOND) & (tai_ns < 420 * SECOND), np.nan, value + 0.0 * lane)

    nodes = make_nodes(0, 600 * SECOND, 30.0)
    windows = find_windows(g, nodes, sample_lanes(g, 1, nodes), 0.063, 0.004)
    cut = windows.end_tai_ns[windows.open_end]
    assert cut.tolist() == [210 * SECOND]
    certificate = windows.certificate
    assert certificate.unusable_from_tai_ns.tolist() == [210 * SECOND]
    assert certificate.unusable_to_tai_ns.tolist() == [420 * SECOND]


def test_a_value_lost_between_two_usable_nodes_is_reported():
    def g(lane: np.ndarray, tai_ns: np.ndarray) -> np.ndarray:
        value = np.sin(tai_ns * 1e-9 * 2 * np.pi / 100.0)
        return np.where((tai_ns >= 95 * SECOND) & (tai_ns < 105 * SECOND), np.nan, value + 0.0 * lane)

    nodes = make_nodes(0, 300 * SECOND, 40.0)
    windows = find_windows(g, nodes, sample_lanes(g, 1, nodes), 0.063)
    assert windows.certificate.unusable_lane.size == 1
    assert len(windows) == 3


def test_every_interval_is_settled_by_one_of_the_four_proofs():
    g = TrigonometricSum(5, 4, 0.2)
    nodes = make_nodes(0, 3000 * SECOND, 30.0)
    certificate = find_windows(g, nodes, sample_lanes(g, 4, nodes), g.rate, g.curvature).certificate
    settled = certificate.empty_by_rate + certificate.empty_by_curvature
    assert settled + certificate.monotone + certificate.resolved == certificate.intervals
    assert g.calls == certificate.evaluations + 4 * nodes.size


def test_the_answer_does_not_depend_on_the_nodes():
    g = TrigonometricSum(9, 2, 0.1)
    found = []
    for step_s in (7.0, 60.0, 333.0):
        nodes = make_nodes(0, 2000 * SECOND, step_s)
        found.append(find_windows(g, nodes, sample_lanes(g, 2, nodes), g.rate, g.curvature))
    for other in found[1:]:
        assert np.array_equal(found[0].lane, other.lane)
        assert np.abs(found[0].start_tai_ns - other.start_tai_ns).max() < 2000
        assert np.abs(found[0].end_tai_ns - other.end_tai_ns).max() < 2000


def test_crossings_carry_their_direction():
    def g(lane: np.ndarray, tai_ns: np.ndarray) -> np.ndarray:
        return np.sin(tai_ns * 1e-9 + 0.5) + 0.0 * lane

    nodes = make_nodes(0, 10 * SECOND, 1.0)
    crossings, _ = find_crossings(g, nodes, sample_lanes(g, 1, nodes), 1.0, 1.0)
    assert np.allclose(crossings.tai_ns * 1e-9, np.pi * np.arange(1, 4) - 0.5, atol=EDGE_S, rtol=0)
    assert crossings.rising.tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("nodes", "shape", "bounds"),
    [
        ([0, 0], (1, 2), (1.0, 1.0)),
        ([0, 1, 2], (1, 2), (1.0, 1.0)),
        ([0, 1], (1, 2), (np.nan, 1.0)),
        ([0, 1], (1, 2), (-1.0, 1.0)),
        ([0, 1], (1, 2), (np.inf, np.inf)),
    ],
)
def test_unsound_requests_are_refused(nodes, shape, bounds):
    with pytest.raises(InputError):
        find_windows(
            lambda lane, t: np.ones(lane.size), np.array(nodes, dtype=np.int64), np.ones(shape), *bounds
        )


def test_an_empty_or_reversed_span_is_refused():
    with pytest.raises(InputError, match="reversed"):
        make_nodes(5, 5, 1.0)
    with pytest.raises(InputError, match="step"):
        make_nodes(0, 5, 0.0)
