"""Oracles of the probability of collision, and a reader of test messages that knows no more than it needs."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from syzygy.astro.frames import EME2000
from syzygy.debris.probability.encounters import Encounter, make_encounter, uncertain_states

ReadMessage = Callable[..., Encounter]
_ORDER = ("R", "T", "N", "RDOT", "TDOT", "NDOT")


@pytest.fixture(scope="session")
def oracle_rows(test_data: Path) -> Callable[[str], list[dict[str, str]]]:
    """Read an oracle table by name."""

    def read(name: str) -> list[dict[str, str]]:
        text = (test_data / "debris_probability" / name).read_text().splitlines()
        return list(csv.DictReader(line for line in text if not line.startswith("#")))

    return read


@pytest.fixture(scope="session")
def oracle_cases(test_data: Path) -> Callable[[str], dict[str, Any]]:
    """Read an oracle file of named cases."""
    return lambda name: tomllib.loads((test_data / "debris_probability" / name).read_text())


@pytest.fixture(scope="session")
def cara_rows(oracle_rows: Callable[[str], list[dict[str, str]]]) -> list[dict[str, str]]:
    """The 27 real conjunctions."""
    return oracle_rows("cara_pc.csv")


@pytest.fixture(scope="session")
def read_message(shared_data: Path) -> ReadMessage:
    """Read one message of the reference data as an encounter; `without` leaves a covariance out."""

    def read(name: str, hard_body_radius_m: float, *, without: str = "") -> Encounter:
        text = (shared_data / "debris" / "cdm" / name).read_text()
        parts = re.split(r"(?m)^OBJECT\s*=\s*OBJECT[12]\s*$", text)[1:]
        states = []
        for part, label in zip(parts, ("primary", "secondary"), strict=True):
            found = dict(re.findall(r"(?m)^([A-Z_]+)\s*=\s*([-+0-9.eE]+)", part))
            position = [float(found[k]) * 1e3 for k in ("X", "Y", "Z")]
            velocity = [float(found[k]) * 1e3 for k in ("X_DOT", "Y_DOT", "Z_DOT")]
            matrix = np.zeros((6, 6))
            for i, row in enumerate(_ORDER):
                for j, col in enumerate(_ORDER[: i + 1]):
                    matrix[i, j] = matrix[j, i] = float(found[f"C{row}_{col}"])
            given = None if label == without else matrix[None]
            states.append(uncertain_states(position, velocity, given, axes="rtn"))
        return make_encounter(states[0], states[1], hard_body_radius_m, frame=EME2000)

    return read


@pytest.fixture(scope="session")
def cara_encounters(cara_rows: list[dict[str, str]], read_message: ReadMessage) -> list[Encounter]:
    """One encounter per row of `cara_rows`."""
    return [read_message(f"cara/{r['Conjunction_ID']}.cdm", float(r["HBR_m"])) for r in cara_rows]
