"""Lambert solutions and porkchops per second, against satkit (one call per case) and plain SciPy.

One core, warm (kernels compiled), best of three, positions in all directions at 0.5 to 2.5 au.  The accuracy
is the relative difference of the departure velocity from the peer on the same cases.  The SciPy peer is a
textbook solver: universal variables, one `brentq` per case.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from syzygy.astro.transfers.lambert import list_lambert_solutions, solve_lambert

GM_SUN = 1.32712440041279419e20
AU = 149597870700.0
DAY = 86400.0
CASES = 200_000
PEER_CASES = 20_000
SCIPY_CASES = 400
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


def random_cases(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return positions between 0.5 and 2.5 au in all directions and times of flight of 50 to 900 days."""
    random = np.random.default_rng(2015)
    places = random.normal(size=(2, count, 3))
    places *= (AU * random.uniform(0.5, 2.5, (2, count)) / np.linalg.norm(places, axis=-1))[..., None]
    return places[0], places[1], random.uniform(50, 900, count) * DAY


def row(task: str, ours: float, peer: float | None, name: str, unit: str, accuracy: str) -> dict:
    ratio = None if peer is None else ours / peer
    return {
        "task": task, "ours": ours, "peer": peer, "peer_name": name, "ratio": ratio, "unit": unit,
        "accuracy": accuracy,
    }  # fmt: skip


def against_satkit() -> list[dict]:
    try:
        import satkit
    except ImportError:
        return []
    a, b, tof = random_cases(PEER_CASES)
    ours = solve_lambert(a, b, tof, GM_SUN).departure_velocity_m_s
    theirs = np.array([satkit.lambert(*case, GM_SUN)[0][0] for case in zip(a, b, tof, strict=True)])
    difference = np.linalg.norm(ours - theirs, axis=1) / np.linalg.norm(ours, axis=1)
    many = random_cases(CASES)
    own = CASES / best_seconds(lambda: solve_lambert(*many, GM_SUN))
    peer = PEER_CASES / best_seconds(
        lambda: [satkit.lambert(*case, GM_SUN) for case in zip(a, b, tof, strict=True)]
    )
    words = f"{np.median(difference):.1e} median, {difference.max():.1e} max"
    return [row("zero revolutions", own, peer, "satkit, a call per case", "solutions/s", words)]


def plain_solver(a: np.ndarray, b: np.ndarray, tof: float) -> np.ndarray:
    """Solve one prograde case in universal variables with SciPy's `brentq`."""
    from scipy.optimize import brentq

    r1, r2 = np.linalg.norm(a), np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / r1 / r2, -1, 1))
    if np.cross(a, b)[2] < 0:
        angle = 2 * np.pi - angle
    scale = np.sin(angle) * np.sqrt(r1 * r2 / (1 - np.cos(angle)))

    def parts(z: float) -> tuple[float, float, float]:
        if z > 0:
            root = np.sqrt(z)
            c, s = (1 - np.cos(root)) / z, (root - np.sin(root)) / root**3
        else:
            root = np.sqrt(-z)
            c, s = (1 - np.cosh(root)) / z, (np.sinh(root) - root) / root**3
        return c, s, r1 + r2 + scale * (z * s - 1) / np.sqrt(c)

    def excess(z: float) -> float:
        c, s, y = parts(z)
        return -tof if y < 0 else (y / c) ** 1.5 * s + scale * np.sqrt(y) - np.sqrt(GM_SUN) * tof

    z = brentq(excess, -3000.0, 4 * np.pi**2 * (1 - 1e-6), xtol=1e-12)
    y = parts(z)[2]
    return (b - (1 - y / r1) * a) / (scale * np.sqrt(y / GM_SUN))


def against_scipy() -> list[dict]:
    a, b, tof = random_cases(SCIPY_CASES)
    ours = solve_lambert(a, b, tof, GM_SUN).departure_velocity_m_s
    theirs = np.array([plain_solver(*case) for case in zip(a, b, tof, strict=True)])
    difference = np.linalg.norm(ours - theirs, axis=1) / np.linalg.norm(ours, axis=1)
    many = random_cases(CASES)
    own = CASES / best_seconds(lambda: solve_lambert(*many, GM_SUN))
    peer = SCIPY_CASES / best_seconds(lambda: [plain_solver(*case) for case in zip(a, b, tof, strict=True)])
    words = f"{np.median(difference):.1e} median, {difference.max():.1e} max"
    return [row("zero revolutions", own, peer, "SciPy brentq, a call per case", "solutions/s", words)]


def every_solution() -> list[dict]:
    a, b, tof = (values[: CASES // 4] for values in random_cases(CASES))
    found = list_lambert_solutions(a, b, 5.0 * tof, GM_SUN)
    seconds = best_seconds(lambda: list_lambert_solutions(a, b, 5.0 * tof, GM_SUN))
    solved = (found.solutions.status == 0).mean()
    words = f"{solved:.2%} solved, up to {found.revolutions.max()} revolutions"
    return [
        row("all revolutions, both directions", found.row.size / seconds, None, "-", "solutions/s", words)
    ]


def porkchop() -> list[dict]:
    from syzygy.astro.time import parse_utc
    from syzygy.data import build_almanac
    from syzygy.exploration.legs import list_families, make_axes, read_leg
    from syzygy.exploration.porkchop import fill_grid
    from syzygy.exploration.requests import WindowsRequest

    almanac = build_almanac(("leap_seconds", "ephemeris"))
    names = ("departure_begin", "departure_end", "arrival_begin", "arrival_end")
    days = ("2020-05-01", "2020-10-15", "2020-11-01", "2022-02-01")
    spans = {f"{n}_tai_ns": parse_utc(d, almanac.leap_seconds) for n, d in zip(names, days, strict=True)}
    request = WindowsRequest(
        arrival_body="Mars barycenter",
        directions=("prograde",),
        departure_steps=1000,
        arrival_steps=1000,
        **spans,
    )
    leg, axes, families = read_leg(request), make_axes(request), list_families(request)
    seconds = best_seconds(lambda: fill_grid(leg, families, axes, almanac.ephemeris))
    return [row("porkchop 1,000 x 1,000 with DE440", 1e6 / seconds, None, "-", "cells/s", f"{seconds:.2f} s")]


def run() -> list[dict]:
    """Return the rows of this benchmark."""
    return [*against_satkit(), *against_scipy(), *every_solution(), *porkchop()]


if __name__ == "__main__":
    for line in run():
        print(line)
