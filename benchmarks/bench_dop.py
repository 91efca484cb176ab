"""Dilution of precision per second, against the inverse of the full normal matrix by numpy.linalg.

One core, warm (kernels compiled), best of three. A unit is the dilution of one geometry: 24 directions of two
systems, five unknowns. ``survey`` also finds which of 64 satellites are above the mask, three combinations.
The accuracy is the largest relative difference of PDOP from the plain way.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from syzygy.satellites.dop import compute_dilution, survey_geometry

GEOMETRIES, SATELLITES = 200_000, 24
PLACES, INSTANTS, CONSTELLATION = 500, 96, 64
REPEATS = 3


def best_seconds(work: Callable[[], object]) -> float:
    """Return the shortest of a few runs, after one that warms up."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _directions(count: int, satellites: int) -> NDArray[np.float64]:
    random = np.random.default_rng(1)
    directions = random.normal(size=(count, satellites, 3))
    directions[..., 2] = np.abs(directions[..., 2]) + 0.1
    return np.asarray(directions / np.linalg.norm(directions, axis=-1, keepdims=True))


def _plain_pdop(directions: NDArray[np.float64], system: NDArray[np.int64]) -> NDArray[np.float64]:
    clocks = np.broadcast_to((system[:, None] == np.arange(2)).astype(float), (*directions.shape[:2], 2))
    design = np.concatenate([-directions, clocks], axis=-1)
    inverse = np.linalg.inv(np.swapaxes(design, 1, 2) @ design)
    return np.sqrt(np.trace(inverse[:, :3, :3], axis1=1, axis2=2))


def _loop_pdop(directions: NDArray[np.float64], system: NDArray[np.int64]) -> list[float]:
    return [float(_plain_pdop(one[None], system)[0]) for one in directions]


def run() -> list[dict[str, object]]:
    """Measure and return one row per task."""
    directions = _directions(GEOMETRIES, SATELLITES)
    system = np.arange(SATELLITES) % 2
    ours = GEOMETRIES / best_seconds(lambda: compute_dilution(directions, system))
    batch = GEOMETRIES / best_seconds(lambda: _plain_pdop(directions, system))
    sample = directions[:2_000]
    loop = len(sample) / best_seconds(lambda: _loop_pdop(sample, system))
    error = np.max(np.abs(compute_dilution(directions, system).pdop / _plain_pdop(directions, system) - 1.0))
    accuracy = f"{error:.1e} relative"
    row = {"task": f"{SATELLITES} satellites, two clocks", "ours": ours, "unit": "geometries/s"}
    return [
        {
            **row,
            "peer": batch,
            "peer_name": "numpy.linalg in one batch",
            "ratio": ours / batch,
            "accuracy": accuracy,
        },
        {
            **row,
            "peer": loop,
            "peer_name": "numpy.linalg in a loop",
            "ratio": ours / loop,
            "accuracy": accuracy,
        },
        _survey(),
    ]


def _survey() -> dict[str, object]:
    site = _directions(1, PLACES)[0]
    satellite = (
        2.6e7
        * _directions(INSTANTS, CONSTELLATION)
        * np.where(np.arange(CONSTELLATION) % 2, 1.0, -1.0)[:, None]
    )
    system = np.arange(CONSTELLATION) // (CONSTELLATION // 2)
    combinations = np.array([[True, False], [False, True], [True, True]])
    usable = np.ones((INSTANTS, CONSTELLATION), dtype=np.bool_)
    position = 6.371e6 * site
    mask_rad = float(np.radians(5.0))
    count = PLACES * INSTANTS * len(combinations)
    ours = count / best_seconds(
        lambda: survey_geometry(position, site, satellite, usable, system, combinations, mask_rad)
    )
    return {
        "task": f"survey: visibility of {CONSTELLATION} satellites and three combinations",
        "ours": ours,
        "peer": None,
        "peer_name": None,
        "ratio": None,
        "unit": "dilutions/s",
        "accuracy": "as above",
    }


if __name__ == "__main__":
    for line in run():
        print(line)
