"""The Almanac: its identity, and what happens when a part is not there."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from syzygy.astro.almanac import Almanac, SourceRecord
from syzygy.base.errors import MissingDataError

LEAP = SourceRecord("leap_seconds", "leap-seconds", "1", "a" * 64, "free")
ORIENTATION = SourceRecord("earth_orientation", "finals2000a", "1", "b" * 64, "free")
POLICY = (("predictions", "refused"),)


def almanac(*sources, policies=POLICY):
    return Almanac(leap_seconds=None, sources=sources, policies=policies)


def test_the_hash_follows_bytes_and_policies_only():
    first = almanac(LEAP, ORIENTATION)
    words = dataclasses.replace(
        LEAP, version="2", licence="other", note="found elsewhere", valid_to="2030-01-01"
    )
    assert almanac(ORIENTATION, words).sha256 == first.sha256
    assert almanac(LEAP).sha256 != first.sha256
    assert almanac(LEAP, dataclasses.replace(ORIENTATION, sha256="c" * 64)).sha256 != first.sha256
    assert almanac(LEAP, ORIENTATION, policies=(("predictions", "allowed"),)).sha256 != first.sha256


def test_the_hash_survives_a_copy_for_a_worker():
    first = almanac(LEAP, ORIENTATION)
    assert pickle.loads(pickle.dumps(first)).sha256 == first.sha256


@pytest.mark.parametrize("part", ["earth_orientation", "ephemeris", "space_weather", "moon_orientation"])
def test_a_missing_part_is_named(part):
    with pytest.raises(MissingDataError) as caught:
        getattr(almanac(LEAP), f"require_{part}")()
    assert part in str(caught.value)
    assert "build_almanac" in caught.value.hint
