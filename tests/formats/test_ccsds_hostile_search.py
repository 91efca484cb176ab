"""The constructions of the benchmark of hostile inputs: linear time, and an answer, from every reader."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
bench = importlib.import_module("benchmarks.bench_hostile")
NAMES = sorted(bench.MESSAGES | bench.CATALOGUES)


@pytest.mark.parametrize("name", NAMES)
def test_a_small_hostile_input_has_an_answer_in_both_modes(name: str) -> None:
    content = (bench.MESSAGES | bench.CATALOGUES)[name](3_000)
    bench.read_construction(name, content)
    bench.read_construction(name, content, strict=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_four_times_the_hostile_input_takes_at_most_eight_times_as_long(
    name: str, assert_linear: Callable[..., None]
) -> None:
    make = (bench.MESSAGES | bench.CATALOGUES)[name]
    assert_linear(lambda content: bench.read_construction(name, content), make, 200_000)
