"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile("syzygy", deadline=None, print_blob=True, derandomize=False)
settings.load_profile("syzygy")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The larger data (SYZYGY_SHARED_DATA, by default ../shared/data); skips where they are not."""
    place = Path(os.environ.get("SYZYGY_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not place.is_dir():
        pytest.skip(f"needs the larger reference data, which are not at {place} (set SYZYGY_SHARED_DATA)")
    return place


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The small oracle files carried by the project."""
    return REPOSITORY / "tests" / "data"
