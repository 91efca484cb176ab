"""Broken messages: mutants of good ones are read or refused, and nothing else ever happens.

``fuzz_messages.py`` beside this file runs millions of them; what it found is in ``test_ccsds_hostile.py``.
"""

from __future__ import annotations

import random
from types import ModuleType

import pytest

_READERS = ("kvn", "xml", "json", "omm", "roads")


@pytest.mark.parametrize("reader", _READERS)
def test_mutants_are_read_or_refused_and_nothing_else(reader: str, mutants: ModuleType) -> None:
    chance = random.Random(0)
    pool, examine, spice = mutants.seeds(reader), mutants.examiner(reader), mutants.spices(reader)
    accepted = sum(examine(mutants.mutate(chance.choice(pool), pool, chance, spice)) for _ in range(150))
    assert 3 < accepted < 147


@pytest.mark.parametrize("reader", _READERS)
def test_seeds_of_the_mutants_are_themselves_taken(reader: str, mutants: ModuleType) -> None:
    examine = mutants.examiner(reader)
    taken = [examine(seed) for seed in mutants.seeds(reader)]
    assert len(taken) >= 5
    assert sum(taken) >= len(taken) * (0.6 if reader == "kvn" else 1)
