"""Body positions per second from DE440, against jplephem, skyfield and astropy where they are installed.

One core, warm (file mapped, kernels compiled), best of three; accuracy is the largest difference in position
from jplephem over the same epochs.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from syzygy.astro.bodies import (
    EARTH,
    EARTH_MOON_BARYCENTER,
    JUPITER_BARYCENTER,
    MOON,
    SOLAR_SYSTEM_BARYCENTER,
    SUN,
)
from syzygy.data import build_almanac, find_data_set, locate_data_set

EPOCHS = 100_000
REPEATS = 3
CHAINS = {
    "Moon from Earth": ((MOON, EARTH), [((3, 301), 1), ((3, 399), -1)]),
    "Sun from Earth": ((SUN, EARTH), [((0, 10), 1), ((0, 3), -1), ((3, 399), -1)]),
    "Earth-Moon barycenter": ((EARTH_MOON_BARYCENTER, SOLAR_SYSTEM_BARYCENTER), [((0, 3), 1)]),
    "Jupiter barycenter": ((JUPITER_BARYCENTER, SOLAR_SYSTEM_BARYCENTER), [((0, 5), 1)]),
}


def best_seconds(work: Callable[[], object]) -> float:
    """Return the shortest of a few runs, after one that warms up."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def row(task: str, ours: float, peer: float | None, peer_name: str, accuracy: str) -> dict:
    return {
        "task": task,
        "ours": ours,
        "peer": peer,
        "peer_name": peer_name,
        "ratio": None if peer is None else ours / peer,
        "unit": "positions/s",
        "accuracy": accuracy,
    }


def random_epochs() -> tuple[np.ndarray, np.ndarray]:
    """Return whole and fractional TDB seconds since J2000 over the years 1950 to 2050."""
    random = np.random.default_rng(440)
    return np.floor(random.uniform(-1.577e9, 1.577e9, EPOCHS)), random.uniform(0.0, 1.0, EPOCHS)


def against_jplephem(ephemeris, path: str) -> list[dict]:
    from jplephem.spk import SPK

    whole, fraction = random_epochs()
    with SPK.open(path) as kernel:
        return [
            one_chain(ephemeris, kernel, name, f"{EPOCHS:,} {order} epochs", seconds, fraction)
            for order, seconds in (("random", whole), ("sorted", np.sort(whole)))
            for name in CHAINS
        ]


def one_chain(ephemeris, kernel, name: str, words: str, whole: np.ndarray, fraction: np.ndarray) -> dict:
    pair, segments = CHAINS[name]
    days = whole // 86400.0
    rest = ((whole - days * 86400.0) + fraction) / 86400.0

    def ours():
        return ephemeris.position_at_tdb(*pair, whole, fraction)

    def peer():
        return sum(sign * kernel[key].compute(2451545.0 + days, rest).T for key, sign in segments)

    worst_mm = np.abs(ours() - peer() * 1e3).max() * 1e3
    rates = EPOCHS / best_seconds(ours), EPOCHS / best_seconds(peer)
    return row(f"{name}, {words}", *rates, "jplephem", f"{worst_mm:.4f} mm")


def whole_way(almanac) -> list[dict]:
    """From TAI nanoseconds, as applications ask: with the change of time scale."""
    ephemeris = almanac.require_ephemeris()
    tai_ns = np.sort(np.random.default_rng(1).integers(0, 1_900_000_000, EPOCHS)) * 10**9
    ours = EPOCHS / best_seconds(lambda: ephemeris.position_m(MOON, EARTH, tai_ns))
    rows = []
    for name, measure in (("skyfield", skyfield_rate), ("astropy", astropy_rate)):
        try:
            rate = measure(tai_ns)
        except ImportError:
            continue
        rows.append(row("Moon from Earth, from TAI nanoseconds, sorted", ours, rate, name, "not compared"))
    if not rows:
        rows.append(row("Moon from Earth, from TAI nanoseconds, sorted", ours, None, "none installed", "-"))
    return rows


def skyfield_rate(tai_ns: np.ndarray) -> float:
    from skyfield.api import load, load_file

    kernel = load_file(str(locate_data_set(find_data_set("de440")).path))
    moon, earth = kernel["moon"], kernel["earth"]
    some = tai_ns[::10]
    scale = load.timescale(builtin=True)
    base = scale.tai(1970, 1, 1).tai
    return some.size / best_seconds(lambda: (moon - earth).at(scale.tai_jd(base + some / 86400e9)).position.m)


def astropy_rate(tai_ns: np.ndarray) -> float:
    from astropy.coordinates import get_body_barycentric, solar_system_ephemeris
    from astropy.time import Time

    path = str(locate_data_set(find_data_set("de440")).path)
    some = tai_ns[::10]
    with solar_system_ephemeris.set(path):
        return some.size / best_seconds(
            lambda: (
                get_body_barycentric("moon", Time(some / 1e9, format="unix_tai"))
                - get_body_barycentric("earth", Time(some / 1e9, format="unix_tai"))
            )
        )


def run() -> list[dict]:
    """Return one row per task and peer."""
    almanac = build_almanac(("leap_seconds", "ephemeris"))
    path = str(locate_data_set(find_data_set("de440")).path)
    return [*against_jplephem(almanac.require_ephemeris(), path), *whole_way(almanac)]


if __name__ == "__main__":
    for entry in run():
        peer_rate = "-" if entry["peer"] is None else f"{entry['peer']:,.0f}"
        ratio = "-" if entry["ratio"] is None else f"{entry['ratio']:.1f}"
        print(
            f"{entry['task']:<46} {entry['ours']:>12,.0f} {entry['unit']}  {entry['peer_name']:<14}"
            f" {peer_rate:>12}  ratio {ratio:>6}  {entry['accuracy']}"
        )
