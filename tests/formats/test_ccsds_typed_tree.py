"""Whole messages as values of the core, for every type with many blocks, and back to the last bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from syzygy.base.errors import SyzygyError
from syzygy.data import build_almanac
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.typed_tree import read_typed, write_typed

ALMANAC = build_almanac(("leap_seconds", "earth_orientation"), predictions=True)
LEAP_SECONDS = ALMANAC.leap_seconds
LEAST = {"OCM": 7, "ACM": 3, "APM": 10, "RDM": 4, "OPM": 10, "CDM": 8}


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(LEAST))
def test_the_corpus_comes_back_to_the_last_bit(kind: str, shared_data: Path) -> None:
    done, refused = 0, []
    for path in sorted((shared_data / "exchange" / "ccsds").rglob("*")):
        if not path.is_file() or f"CCSDS_{kind}_VERS".encode() not in path.read_bytes()[:3000]:
            continue
        try:
            message = read_message(path.read_bytes(), name=path.name)
        except SyzygyError:
            continue
        if message.kind != kind:
            continue
        try:
            first = read_typed(message, LEAP_SECONDS, earth_orientation=ALMANAC.earth_orientation)
            content = write_typed(
                first, LEAP_SECONDS, form="xml", earth_orientation=ALMANAC.earth_orientation
            )
        except SyzygyError as error:
            refused.append(f"{path.name}: {error}")
            continue
        again = read_typed(
            read_message(content, strict=True), LEAP_SECONDS, earth_orientation=ALMANAC.earth_orientation
        )
        assert first.same(again), path.name
        done += 1
    assert done >= LEAST[kind], refused
