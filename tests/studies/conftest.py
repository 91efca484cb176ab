"""A small programme with real studies that take a moment, for the tests of the run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ELEMENTS = ROOT / "tests" / "data" / "debris" / "iridium33_cosmos2251_2009.3le"

_HEAD = """
format = "syzygy-programme/1"
[programme]
id = "small"
title = "A small programme"
start = 2009-01-01
end = 2009-12-31
barter_unit = "unit"
[[partner]]
id = "alpha"
name = "Alpha"
country = "AA"
[[partner]]
id = "beta"
name = "Beta"
country = "BB"
[[section]]
id = "debris"
title = "Debris"
field = "debris"
[[project]]
id = "watch"
title = "Watch"
section = "debris"
lead = "alpha"
partners = ["alpha", "beta"]
start = 2009-01-01
end = 2009-12-31
purpose = "Watch close approaches"
deliverables = ["screening"]
protection = "open"
release_to = ["alpha", "beta"]
"""

_STUDY = """
[[study]]
id = "{id}"
kind = "debris.screening"
title = "Close approaches of two satellites"
project = "watch"
owner = "{owner}"
release_to = [{release}]
[study.request]
catalogues = ["elements.3le"]
start_utc = "2009-02-10T15:00:00"
duration_h = 3
threshold_km = {threshold}
"""


Studies = list[tuple[str, str, str, float]]


@pytest.fixture(scope="session")
def write_programme_in() -> Callable[[Path, Studies], Path]:
    """Write a small programme: ``write_programme_in(place, [(id, owner, release, threshold_km), ...])``."""

    def write(place: Path, studies: Studies) -> Path:
        text = _HEAD
        for identifier, owner, release, threshold in studies:
            shown = f'"{release}"' if release else ""
            text += _STUDY.format(id=identifier, owner=owner, release=shown, threshold=threshold)
        (place / "elements.3le").write_bytes(ELEMENTS.read_bytes())
        path = place / "programme.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def write_programme(
    tmp_path: Path, write_programme_in: Callable[[Path, Studies], Path]
) -> Callable[[Studies], Path]:
    """Write a small programme into the test's own place: ``write_programme([...])``."""
    return partial(write_programme_in, tmp_path)
