"""Tables that the tests of this room share: the installed IERS files."""

from __future__ import annotations

from pathlib import Path

import astropy_iers_data
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.time import EarthOrientation, LeapSeconds
from syzygy.formats.iers import read_eop_c04, read_finals2000a, read_leap_seconds

_PLACE = Path(astropy_iers_data.__file__).parent / "data"


@pytest.fixture(scope="session")
def leap_seconds() -> LeapSeconds:
    """The leap seconds of the installed IERS file."""
    return read_leap_seconds((_PLACE / "Leap_Second.dat").read_bytes())


@pytest.fixture(scope="session")
def observed_orientation() -> EarthOrientation:
    """EOP C04, observed values only."""
    return read_eop_c04((_PLACE / "eopc04.1962-now").read_bytes())


@pytest.fixture(scope="session")
def finals_orientation() -> EarthOrientation:
    """finals2000A.all with its predicted end."""
    return read_finals2000a((_PLACE / "finals2000A.all").read_bytes())


@pytest.fixture(scope="session")
def earth_almanac(leap_seconds: LeapSeconds, observed_orientation: EarthOrientation) -> Almanac:
    """An Almanac with what the Earth's frames need."""
    return Almanac(leap_seconds=leap_seconds, earth_orientation=observed_orientation)
