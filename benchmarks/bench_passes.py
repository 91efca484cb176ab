"""Elevation passes: satellite-site-days per second, one thread, warm, best of two, mask 5 deg, 24 h.

Ours: steps of 120 s proven by bounds, edges to 1 us, culminations, GMST-1982 with UT1 = UTC. brahe: steps of
60 s (its default), edges to 1 ms, no culminations asked for; SGP4 with WGS-84 constants, which moves edges by
some milliseconds to tens of them. skyfield: find_events, edges to its own tolerance.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from syzygy.astro.events.passes import Passes, find_passes
from syzygy.astro.events.sites import make_sites
from syzygy.astro.events.trajectories import Sgp4Trajectories
from syzygy.astro.time import LeapSeconds, parse_utc
from syzygy.data import build_almanac
from syzygy.formats.catalogue import read_catalogue

_SAMPLE = (
    Path(__file__).parents[1] / "examples/joint-programme/inputs/debris/catalogue_2022-07-15_sample.3le.gz"
)
_SATELLITES = 60
_MASK_DEG = 5.0
_PLACES_DEG = (
    (48.8566, 2.3522),
    (-1.2921, 36.8219),
    (-77.85, 166.67),
    (39.9, 116.4),
    (55.75, 37.62),
    (-33.9, 18.4),
)

Edges = dict[tuple[int, int], list[tuple[float, float]]]


def run() -> list[dict[str, object]]:
    """Return one row per peer, and one with many sites."""
    leap_seconds = build_almanac(("leap_seconds",)).leap_seconds
    lines = [line.rstrip() for line in gzip.decompress(_SAMPLE.read_bytes()).decode().splitlines()]
    elements = read_catalogue("\n".join(lines).encode(), leap_seconds).elements
    # brahe refuses catalogue numbers with blanks in front.
    wide = elements.object_id >= 10_000
    low = np.flatnonzero(wide & (elements.mean_motion_rad_s > 8e-4) & (elements.eccentricity < 0.05))
    low = low[:: max(1, low.size // _SATELLITES)][:_SATELLITES]
    fleet = Sgp4Trajectories(elements.select(low), leap_seconds)
    pairs = [(lines[at - 1], lines[at]) for at in fleet.elements.source_line]
    ours, passes = _timed(lambda: _find(fleet, _PLACES_DEG, leap_seconds))
    work = len(fleet) * len(_PLACES_DEG)
    base: dict[str, object] = {
        "task": f"passes, {len(fleet)} satellites x {len(_PLACES_DEG)} sites, 24 h",
        "ours": work / ours,
        "unit": "satellite-site-days/s",
    }
    rows = []
    if find_spec("brahe"):
        theirs, found = _timed(lambda: _brahe(pairs))
        rows.append(
            _row(base, work / theirs, f"brahe {version('brahe')}", _compare(passes, found, leap_seconds))
        )
    if find_spec("skyfield"):
        theirs, found = _timed(lambda: _skyfield(pairs[:10]))
        peer_work = 10 * len(_PLACES_DEG)
        name = f"skyfield {version('skyfield')} (10 satellites)"
        rows.append(_row(base, peer_work / theirs, name, _compare(passes, found, leap_seconds)))
    grid = [(lat, lon) for lat in range(-75, 90, 15) for lon in range(-180, 180, 45)]
    many, _ = _timed(lambda: _find(fleet, tuple(grid), leap_seconds))
    wide = f"passes, {len(fleet)} satellites x {len(grid)} sites, 24 h"
    rows.append({**base, "task": wide, "ours": len(fleet) * len(grid) / many, "peer": None, "peer_name": "",
                 "ratio": None, "accuracy": ""})  # fmt: skip
    return rows


def _find(
    fleet: Sgp4Trajectories, places_deg: tuple[tuple[float, float], ...], leap_seconds: LeapSeconds
) -> Passes:
    latitude, longitude = np.radians(np.array(places_deg, dtype=float)).T
    start = parse_utc("2022-07-15", leap_seconds)
    sites = make_sites(latitude, longitude, 0.0, np.radians(_MASK_DEG))
    return find_passes(fleet, sites, start, start + 86_400_000_000_000, leap_seconds)


def _brahe(pairs: list[tuple[str, str]]) -> Edges:
    import brahe

    brahe.set_global_eop_provider(brahe.StaticEOPProvider.from_zero())
    start = brahe.Epoch.from_datetime(2022, 7, 15, 0, 0, 0.0, 0.0, brahe.TimeSystem.UTC)
    places = [
        brahe.PointLocation(lon, lat, 0.0).with_name(str(i)) for i, (lat, lon) in enumerate(_PLACES_DEG)
    ]
    limit = brahe.ElevationConstraint(min_elevation_deg=_MASK_DEG)
    search = brahe.AccessSearchConfig(parallel=False)
    found: Edges = {}
    for number, pair in enumerate(pairs):
        satellite = brahe.SGPPropagator.from_tle(*pair)
        for window in brahe.location_accesses(
            places, satellite, start, start + 86400.0, limit, config=search
        ):
            edges = (window.window_open - start, window.window_close - start)
            found.setdefault((number, int(window.location_name)), []).append(edges)
    return found


def _skyfield(pairs: list[tuple[str, str]]) -> Edges:
    from skyfield.api import EarthSatellite, load, wgs84

    scale = load.timescale(builtin=True)
    first, last = scale.utc(2022, 7, 15), scale.utc(2022, 7, 16)
    found: Edges = {}
    for number, pair in enumerate(pairs):
        satellite = EarthSatellite(*pair, ts=scale)
        for site, (lat, lon) in enumerate(_PLACES_DEG):
            times, kinds = satellite.find_events(
                wgs84.latlon(lat, lon), first, last, altitude_degrees=_MASK_DEG
            )
            seconds = ((times - first) * 86400.0).tolist()
            rise = [s for s, kind in zip(seconds, kinds, strict=True) if kind == 0]
            fall = [s for s, kind in zip(seconds, kinds, strict=True) if kind == 2]
            if rise and fall:
                fall = fall[1:] if fall[0] < rise[0] else fall
                found[(number, site)] = list(zip(rise, fall, strict=False))
    return found


def _compare(passes: Passes, theirs: Edges, leap_seconds: LeapSeconds) -> str:
    """Say how many passes each finds and how far apart the edges of common ones are."""
    start = parse_utc("2022-07-15", leap_seconds)
    gaps: list[float] = []
    counted, objects = 0, {key[0] for key in theirs}
    for number, site, a, b in zip(
        passes.object_index, passes.site_index, passes.start_tai_ns, passes.end_tai_ns, strict=True
    ):
        if number in objects:
            counted += 1
            rise, fall = (a - start) * 1e-9, (b - start) * 1e-9
            near = [w for w in theirs.get((int(number), int(site)), []) if abs(w[0] - rise) < 5.0]
            gaps += [max(abs(w[0] - rise), abs(w[1] - fall)) for w in near]
    found = sum(map(len, theirs.values()))
    return f"{counted} passes, peer {found}; edges apart: median {1e3 * np.median(gaps):.1f} ms"


def _row(base: dict[str, object], peer: float, name: str, accuracy: str) -> dict[str, object]:
    ours = base["ours"]
    assert isinstance(ours, float)
    return {**base, "peer": peer, "peer_name": name, "ratio": ours / peer, "accuracy": accuracy}


def _timed(work: Callable[[], object]) -> tuple[float, object]:
    answer = work()
    times = []
    for _ in range(2):
        begin = time.perf_counter()
        answer = work()
        times.append(time.perf_counter() - begin)
    return min(times), answer


if __name__ == "__main__":
    for line in run():
        print(line)
