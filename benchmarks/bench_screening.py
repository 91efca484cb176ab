"""Screening of the sample beside two peers: astroz (if installed) and a plain KD-tree on SGP4 states.

Work: 1,800 objects of July 2022, 5 km, from the file to the table of events, one process, kernels compiled
before. The KD-tree approach is the one usually found: states every 60 s, pairs within the distance that two
objects can close in a step, a minimum refined on the line of sight speed. It knows no slow pairs.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np

from syzygy.astro.time import parse_utc
from syzygy.base.provenance import bind_input
from syzygy.data import build_almanac
from syzygy.debris.requests import ScreeningRequest
from syzygy.debris.screening import ScreeningResult, screen_catalogue

SAMPLE = (
    Path(__file__).parent.parent / "examples/joint-programme/inputs/debris/catalogue_2022-07-15_sample.3le.gz"
)
HOURS = 6.0
THRESHOLD_KM = 5.0
STEP_S = 60.0
CLOSING_SPEED_KM_S = 16.0
Answer = TypeVar("Answer")


def run() -> list[dict[str, object]]:
    """Time ours and the peers, and compare the events found."""
    _screen()
    ours_s, result = _timed(_screen)
    events = _events(result)
    rows = []
    for name, screen in (("astroz", _screen_astroz), ("KD-tree + sgp4", _screen_plainly)):
        try:
            peer_s, found = _timed(screen)
        except ImportError:
            continue
        rows.append(
            {
                "task": f"{result.objects:,} objects, {HOURS:g} h, {THRESHOLD_KM:g} km, file to events",
                "ours": ours_s,
                "peer": peer_s,
                "peer_name": name,
                "ratio": peer_s / ours_s,
                "unit": "s",
                "accuracy": _compare(events, found, result),
            }
        )
    return rows


def _timed(work: Callable[[], Answer]) -> tuple[float, Answer]:
    begin = time.perf_counter()
    answer = work()
    return time.perf_counter() - begin, answer


def _screen() -> ScreeningResult:
    almanac = build_almanac(("leap_seconds",))
    start = parse_utc("2022-07-15T00:00:00Z", almanac.leap_seconds)
    request = ScreeningRequest((bind_input(SAMPLE),), start, HOURS * 3600.0, threshold_m=THRESHOLD_KM * 1e3)
    return screen_catalogue(request, almanac)


Event = tuple[int, int, float]


def _events(result: ScreeningResult) -> list[Event]:
    start = int(str(result.provenance.request["start_tai_ns"]))
    return [
        (int(str(r["object_a"])), int(str(r["object_b"])), (int(str(r["tca_tai_ns"])) - start) / 1e9)
        for r in result.events.rows()
    ]


def _screen_astroz() -> list[Event]:
    import astroz

    catalogue = astroz.Constellation(gzip.decompress(SAMPLE.read_bytes()).decode())
    found = astroz.screen(
        catalogue, HOURS * 60.0, threshold=THRESHOLD_KM, start_time=datetime(2022, 7, 15, tzinfo=UTC)
    )
    numbers = catalogue.satnums
    return [
        (*sorted((int(numbers[i]), int(numbers[j]))), float(t) * 60.0)  # type: ignore[misc]
        for i, j, t in zip(found.i, found.j, found.time, strict=True)
    ]


def _screen_plainly() -> list[Event]:
    from scipy.spatial import cKDTree
    from sgp4.api import Satrec, SatrecArray

    lines = gzip.decompress(SAMPLE.read_bytes()).decode().splitlines()
    satellites = [Satrec.twoline2rv(a, b) for a, b in zip(lines[1::3], lines[2::3], strict=True)]
    seconds = np.arange(0.0, HOURS * 3600.0 + STEP_S, STEP_S)
    code, position, velocity = SatrecArray(satellites).sgp4(
        np.full(seconds.size, 2459775.5), seconds / 86400.0
    )
    usable = (code == 0).all(axis=1)
    found: dict[tuple[int, int, int], Event] = {}
    for k, t in enumerate(seconds.tolist()):
        tree = cKDTree(position[usable, k])
        pairs = tree.query_pairs(THRESHOLD_KM + 0.5 * STEP_S * CLOSING_SPEED_KM_S, output_type="ndarray")
        index = np.flatnonzero(usable)[pairs]
        r = position[index[:, 1], k] - position[index[:, 0], k]
        v = velocity[index[:, 1], k] - velocity[index[:, 0], k]
        tau = -(r * v).sum(axis=1) / np.maximum((v * v).sum(axis=1), 1e-12)
        near = (np.abs(tau) <= 0.5 * STEP_S) & (np.linalg.norm(r + v * tau[:, None], axis=1) < 60.0)
        for (i, j), guess in zip(index[near].tolist(), (t + tau[near]).tolist(), strict=True):
            tca, miss = _refined(satellites[i], satellites[j], guess)
            if miss < THRESHOLD_KM and 0.0 < tca < HOURS * 3600.0:
                a, b = sorted((satellites[i].satnum, satellites[j].satnum))
                found[(a, b, round(tca))] = (a, b, tca)
    return sorted(found.values(), key=lambda event: event[2])


def _refined(first: object, second: object, guess: float) -> tuple[float, float]:
    tca = guess
    miss = np.inf
    for _ in range(4):
        states = [s.sgp4(2459775.5, tca / 86400.0) for s in (first, second)]  # type: ignore[attr-defined]
        r = np.subtract(states[1][1], states[0][1])
        v = np.subtract(states[1][2], states[0][2])
        miss = float(np.linalg.norm(r))
        tca -= float(r @ v) / max(float(v @ v), 1e-12)
    return tca, miss


def _compare(ours: list[Event], peer: list[Event], result: ScreeningResult) -> str:
    slow = {(int(str(r["object_a"])), int(str(r["object_b"]))) for r in result.intervals.rows()}

    def missing(some: list[Event], other: list[Event]) -> int:
        times: dict[tuple[int, int], list[float]] = {}
        for a, b, t in other:
            times.setdefault((a, b), []).append(t)
        return sum(
            all(abs(t - u) > 1.0 for u in times.get((a, b), [])) for a, b, t in some if (a, b) not in slow
        )

    return (
        f"{len(ours)} events and {len(slow)} slow pairs; the peer lacks {missing(ours, peer)}, "
        f"has {missing(peer, ours)} others"
    )


if __name__ == "__main__":
    for row in run():
        print(row)
