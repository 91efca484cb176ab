"""Fixtures of the screening tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.time import parse_utc
from syzygy.base.provenance import InputFile, bind_input
from syzygy.data import build_almanac
from syzygy.debris.element_sets import load_element_sets
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue


@pytest.fixture(scope="session")
def almanac() -> Almanac:
    return build_almanac(("leap_seconds",))


@pytest.fixture(scope="session")
def sample_file(repository: Path) -> InputFile:
    place = repository / "examples" / "joint-programme" / "inputs" / "debris"
    return bind_input(place / "catalogue_2022-07-15_sample.3le.gz")


@pytest.fixture(scope="session")
def start_tai_ns(almanac: Almanac) -> int:
    return parse_utc("2022-07-15T00:00:00Z", almanac.leap_seconds)


@pytest.fixture(scope="session")
def sample_elements(sample_file: InputFile, almanac: Almanac) -> MeanElements:
    return load_element_sets((sample_file,), almanac.leap_seconds).elements


@pytest.fixture(scope="session")
def sample_result(sample_file: InputFile, start_tai_ns: int, almanac: Almanac) -> ScreeningResult:
    """The sample, 4 hours, 5 km, in chunks of one hour."""
    request = ScreeningRequest((sample_file,), start_tai_ns, 4 * 3600.0, chunk_s=3600.0)
    return screen_catalogue(request, almanac)
