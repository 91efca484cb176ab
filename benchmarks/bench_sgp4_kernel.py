"""The SGP4 kernel on the sample catalogue, against sgp4 and, where installed, astroz and heyoka.

One thread, warm, the best of three in CPU time (the machine may be busy). *Streamed* reduces every state to
the radius range of its object in the cache; *written* fills one array of positions again and again. Accuracy
is the largest difference in position from sgp4 over the hours of a week, nearer than 1e8 m.
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import Sgp4Batch, prepare_sgp4
from syzygy.astro.propagation.sgp4_states import kozai_rad_min, satrec_array, satrec_list
from syzygy.astro.time import LeapSeconds, parse_utc, utc_julian_date
from syzygy.data import build_almanac
from syzygy.formats.catalogue import read_catalogue

_SAMPLE = (
    Path(__file__).parents[1] / "examples/joint-programme/inputs/debris/catalogue_2022-07-15_sample.3le.gz"
)
_INSTANTS = 480
_PAIRS = 100_000
_HOUR_NS = 3_600_000_000_000
_NEAR_1E8_M = 1e8


def run() -> list[dict]:
    """Return the rows: initialisation, streamed, written, one instant, pairs, and the peers."""
    leap_seconds = build_almanac(("leap_seconds",)).leap_seconds
    elements = _catalogue(leap_seconds)
    batch = prepare_sgp4(elements, leap_seconds)
    start = parse_utc("2022-07-15", leap_seconds)
    instants = start + np.arange(_INSTANTS) * 60_000_000_000
    words = f"{len(elements):,} objects x {_INSTANTS} min"
    accuracy = _accuracy(elements, batch, start, leap_seconds)
    jd, fraction = utc_julian_date(instants, leap_seconds)
    library = satrec_array(elements)
    sgp4 = _rate(lambda: library.sgp4(jd, fraction), len(elements) * _INSTANTS)
    count = len(elements) * _INSTANTS
    out = np.empty((len(elements), _INSTANTS, 3))
    streamed = _rate(lambda: batch.radius_range(instants), count)
    written = _rate(lambda: batch.positions(instants, out=out), count)
    full = _rate(lambda: batch.states(instants), count)
    peer = f"sgp4 {version('sgp4')}"
    rows = [
        _row(f"SGP4 streamed, {words}", streamed, sgp4, f"{peer} (writes all)", "states/s", accuracy),
        _row(f"SGP4 positions written, {words}", written, sgp4, f"{peer} (writes all)", "states/s", accuracy),
        _row(f"SGP4 positions and velocities, {words}", full, sgp4, peer, "states/s", accuracy),
        _pairs(batch, elements, start, leap_seconds, accuracy),
        _row(
            "elements made ready for SGP4",
            _rate(lambda: prepare_sgp4(elements, leap_seconds), len(elements)),
            _rate(lambda: satrec_array(elements), len(elements)),
            peer,
            "sets/s",
            accuracy,
        ),
    ]
    return rows + _astroz(elements, batch, instants, words) + _heyoka(elements, batch, instants)


def _catalogue(leap_seconds: LeapSeconds) -> MeanElements:
    return read_catalogue(gzip.decompress(_SAMPLE.read_bytes()), leap_seconds).elements


def _accuracy(elements: MeanElements, batch: Sgp4Batch, start: int, leap_seconds: LeapSeconds) -> str:
    instants = start + np.arange(168) * _HOUR_NS
    jd, fraction = utc_julian_date(instants, leap_seconds)
    code, position_km, _ = satrec_array(elements).sgp4(jd, fraction)
    position_m, ours = batch.positions(instants)
    near = (code == 0) & (np.linalg.norm(position_km, axis=-1) < _NEAR_1E8_M / 1e3)
    worst_m = float(np.abs(position_m[near] - 1e3 * position_km[near]).max())
    return f"max {worst_m:.1g} m, codes {'equal' if np.array_equal(code, ours) else 'differ'}"


def _pairs(
    batch: Sgp4Batch, elements: MeanElements, start: int, leap_seconds: LeapSeconds, accuracy: str
) -> dict:
    random = np.random.default_rng(4)
    index = random.integers(0, len(elements), _PAIRS)
    instants = start + random.integers(0, 168 * _HOUR_NS, _PAIRS)
    satrecs = satrec_list(elements)
    some = 5000
    jd, fraction = utc_julian_date(instants[:some], leap_seconds)
    calls = list(zip(index[:some].tolist(), jd.tolist(), fraction.tolist(), strict=True))

    def one_by_one() -> None:
        for number, day, part in calls:
            satrecs[number].sgp4(day, part)

    return _row(
        f"SGP4, {_PAIRS:,} random pairs of object and instant",
        _rate(lambda: batch.states_at(index, instants), _PAIRS),
        _rate(one_by_one, some),
        f"sgp4 {version('sgp4')} (one call each)",
        "states/s",
        accuracy,
    )


def _tle_pairs() -> list[tuple[str, str]]:
    lines = gzip.decompress(_SAMPLE.read_bytes()).decode().splitlines()
    return [(a.rstrip(), b.rstrip()) for a, b in pairwise(lines) if a[:2] == "1 "]


def _astroz(elements: MeanElements, batch: Sgp4Batch, instants: np.ndarray, words: str) -> list[dict]:
    if not find_spec("astroz"):
        return []
    os.environ.setdefault("ASTROZ_THREADS", "1")
    from astroz.api import WGS72, Satrec, SatrecArray

    peers = [Satrec.twoline2rv(*pair, WGS72) for pair in _tle_pairs()]
    constellation = SatrecArray(peers)
    days = 2440587.5 + (instants - 37_000_000_000) / 86_400e9
    jd = np.floor(days)
    fraction = ((instants - 37_000_000_000) - np.round((jd - 2440587.5) * 86_400e9)) / 86_400e9
    out = np.empty((len(elements), _INSTANTS, 3))
    count = len(elements) * _INSTANTS
    code, position_km, _ = constellation.sgp4(jd, fraction)
    position_m, ours = batch.positions(instants, out=out)
    both = (np.asarray(code) == 0) & (ours == 0)
    worst_m = float(np.abs(position_m - 1e3 * np.asarray(position_km))[both].max())
    return [
        _row(
            f"SGP4 positions written, {words}",
            _rate(lambda: batch.positions(instants, out=out), count),
            _rate(lambda: constellation.sgp4(jd, fraction, velocities=False), count),
            f"astroz {version('astroz')}",
            "states/s",
            f"astroz differs by up to {worst_m:.1g} m",
        )
    ]


def _heyoka(elements: MeanElements, batch: Sgp4Batch, instants: np.ndarray) -> list[dict]:
    if not find_spec("heyoka"):
        return []
    import heyoka
    from heyoka.model import sgp4_propagator

    near = batch.near.place
    some = elements.select(near)
    share = batch.select(near)
    columns = (
        kozai_rad_min(some.mean_motion_rad_s),
        some.eccentricity,
        some.inclination_rad,
        some.raan_rad,
        some.argument_of_perigee_rad,
        some.mean_anomaly_rad,
        some.bstar_per_earth_radius,
        some.epoch_jd,
        some.epoch_jd_fraction,
    )
    propagator = sgp4_propagator(np.ascontiguousarray(np.stack(columns)))
    age_min = (instants[:, None] - some.epoch_tai_ns[None, :]) / 60e9
    count = len(some) * instants.size
    return [
        _row(
            f"SGP4, {len(some):,} near-earth objects x {instants.size} min, positions and velocities",
            _rate(lambda: share.states(instants), count),
            _rate(lambda: propagator(age_min), count),
            f"heyoka {heyoka.__version__} (near-earth only)",
            "states/s",
            "",
        )
    ]


def _rate(work: Callable[[], object], count: int) -> float:
    """Return `count` over the least user CPU time of three runs after one that warms up."""
    work()
    best = np.inf
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return count / best


def _row(task: str, ours: float, peer: float, peer_name: str, unit: str, accuracy: str) -> dict:
    return {
        "task": task,
        "ours": ours,
        "peer": peer,
        "peer_name": peer_name,
        "ratio": ours / peer,
        "unit": unit,
        "accuracy": accuracy,
    }
