"""The constructions of the benchmark of hostile inputs: linear time, and an answer, from every reader."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
bench = importlib.import_module("benchmarks.bench_hostile")
NAMES = sorted(bench.MESSAGES | bench.CATALOGUES)


def _seconds(name: str, size: int) -> float:
    content, times = (bench.MESSAGES | bench.CATALOGUES)[name](size), []
    for _ in range(3):
        start = time.process_time()
        bench.read_construction(name, content)
        times.append(time.process_time() - start)
    return min(times)


@pytest.mark.parametrize("name", NAMES)
def test_a_small_hostile_input_has_an_answer_in_both_modes(name: str) -> None:
    content = (bench.MESSAGES | bench.CATALOGUES)[name](3_000)
    bench.read_construction(name, content)
    bench.read_construction(name, content, strict=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_twice_the_hostile_input_takes_at_most_three_times_as_long(name: str) -> None:
    assert _seconds(name, 200_000) < 3.0 * _seconds(name, 100_000) + 0.05
