"""Fixtures that every room's tests share."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
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


RecordAccuracy = Callable[..., None]


@pytest.fixture
def record_accuracy(request: pytest.FixtureRequest) -> RecordAccuracy:
    """Record a measured difference for the validation page and demand that it is within its bound.

    Call it as ``record_accuracy(room, quantity, measured, allowed, unit, oracle, cases)``.  The rows land in
    ``out/validation``, one file per test, from which the validation page is made.
    """

    def record(
        room: str, quantity: str, measured: float, allowed: float, unit: str, oracle: str, cases: int = 1
    ) -> None:
        row = {
            "room": room,
            "quantity": quantity,
            "measured": float(measured),
            "allowed": float(allowed),
            "unit": unit,
            "oracle": oracle,
            "cases": int(cases),
            "test": request.node.nodeid,
        }
        place = REPOSITORY / "out" / "validation"
        place.mkdir(parents=True, exist_ok=True)
        words = f"{room}-{quantity}".lower().replace(" ", "-").replace("/", "-")[:80]
        mark = hashlib.sha256(f"{room}/{quantity}".encode()).hexdigest()[:8]
        path = place / f"{words}-{mark}.json"
        # Whole or not at all: the page is built from these files while other tests still write theirs.
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(row) + "\n")
        partial.replace(path)
        assert measured <= allowed, f"{quantity}: {measured:g} {unit}, allowed {allowed:g} (oracle: {oracle})"

    return record
