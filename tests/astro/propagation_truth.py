"""Almanacs, oracle files and closed forms that the tests of forces and propagation share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import Body
from syzygy.astro.frames import ICRF
from syzygy.astro.states import States
from syzygy.base.errors import MissingDataError
from syzygy.data import build_almanac

DATA = Path(__file__).resolve().parent.parent / "data" / "propagation"
J2000_TAI_NS = 946_727_967_816_000_000


def almanac_with(*needs: str) -> Almanac:
    try:
        return build_almanac(needs)
    except MissingDataError as error:
        pytest.skip(str(error))


def one_state(state: np.ndarray, tai_ns: int, centre: Body) -> States:
    return States(np.array(state[:3]), np.array(state[3:]), np.array(tai_ns), ICRF, centre)


def kepler_state(gm: float, a: float, e: float, mean_anomaly: float) -> np.ndarray:
    """Closed-form planar two-body state, perigee on x; Newton to the last digit."""
    big_e = mean_anomaly + e * np.sin(mean_anomaly)
    for _ in range(60):
        big_e -= (big_e - e * np.sin(big_e) - mean_anomaly) / (1.0 - e * np.cos(big_e))
    b = a * np.sqrt(1.0 - e * e)
    rate = np.sqrt(gm / a**3) / (1.0 - e * np.cos(big_e))
    return np.array(
        [
            a * (np.cos(big_e) - e),
            b * np.sin(big_e),
            0.0,
            -a * np.sin(big_e) * rate,
            b * np.cos(big_e) * rate,
            0.0,
        ]
    )
