"""One Almanac, one real day, and requests for tests of the satellites room."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syzygy.astro.almanac import Almanac
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.formats.navigation_messages import NavigationMessages
from syzygy.formats.rinex_nav import read_rinex_nav
from syzygy.formats.sp3 import PreciseOrbits, read_sp3
from syzygy.satellites.requests import AvailabilityRequest

SP3 = "Sta21114.sp3.gz"
NAV = "ESBC00DNK_R_20201770000_01D_MN.rnx.gz"
SITES = "joint_monitoring_sites.csv"


@pytest.fixture(scope="session")
def almanac() -> Almanac:
    return build_almanac(("leap_seconds",))


@pytest.fixture(scope="session")
def inputs(repository: Path) -> Path:
    return repository / "examples" / "joint-programme" / "inputs" / "satellites"


@pytest.fixture(scope="session")
def precise(inputs: Path, almanac: Almanac) -> PreciseOrbits:
    return read_sp3((inputs / SP3).read_bytes(), almanac.leap_seconds, name=SP3)


@pytest.fixture(scope="session")
def broadcast(inputs: Path, test_data: Path, almanac: Almanac) -> tuple[NavigationMessages, ...]:
    second = test_data / "satellites" / "MOJN00DNK_R_20201770000_01D_MN.rnx.gz"
    return tuple(
        read_rinex_nav(path.read_bytes(), almanac.leap_seconds, name=path.name)
        for path in (inputs / NAV, second)
    )


@pytest.fixture(scope="session")
def make_request(inputs: Path) -> Callable[..., AvailabilityRequest]:
    """A small study of the real day: a coarse grid and half-hour steps; keywords override."""

    def make(**changes: Any) -> AvailabilityRequest:
        values: dict[str, Any] = {
            "orbits": (bind_input(inputs / SP3), bind_input(inputs / NAV)),
            "sites": bind_input(inputs / SITES),
            "grid_points": 60,
            "step_s": 1800.0,
        }
        return AvailabilityRequest(**(values | changes))

    return make
