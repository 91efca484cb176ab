"""One Almanac and one station for all tests of the materials room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import parse_utc
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.materials.exposure import compute_exposure
from syzygy.materials.requests import ExposureRequest
from syzygy.materials.results import ExposureResult

DAY_S = 86400.0


@pytest.fixture(scope="session")
def almanac(inputs: Path) -> Almanac:
    return build_almanac(
        ("leap_seconds", "earth_orientation", "ephemeris", "space_weather"),
        space_weather_file=inputs / "space_weather_2008-2022.txt.gz",
    )


@pytest.fixture(scope="session")
def inputs(repository: Path) -> Path:
    return repository / "examples" / "joint-programme" / "inputs" / "materials"


@pytest.fixture(scope="session")
def make_request(inputs: Path, almanac: Almanac) -> Callable[..., ExposureRequest]:
    """A request for two days of station 25544 in July 2022; keywords override."""

    def make(**changes: Any) -> ExposureRequest:
        values: dict[str, Any] = {
            "orbit": bind_input(inputs / "station_2022-07.3le"),
            "object_id": 25544,
            "start_tai_ns": parse_utc("2022-07-20T00:00:00", almanac.leap_seconds),
            "duration_s": 2.0 * DAY_S,
            "step_s": 60.0,
            "campaign_s": 365.0 * DAY_S,
        }
        return ExposureRequest(**(values | changes))

    return make


@pytest.fixture(scope="session")
def two_days(make_request: Callable[..., ExposureRequest], almanac: Almanac) -> ExposureResult:
    return compute_exposure(make_request(), almanac)
