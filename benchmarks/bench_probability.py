"""Two-dimensional collision probabilities per second, against plain NumPy and SciPy.

Two threads, warm (kernels compiled), best of three.  Encounters are drawn over the range of real ones: sigmas
of 10 m to 10 km, radii of 1 to 30 m, misses up to four sigmas, correlated axes.  The peers do the same
integral over the disk: NumPy with 64 Gauss-Legendre nodes and `scipy.special.ndtr`, all encounters at once,
and `scipy.integrate.dblquad`, one encounter a call.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from syzygy.debris.probability.encounter_plane import EncounterPlanes, planes_from, project_to_planes
from syzygy.debris.probability.two_dimensional import integrate_disk

CASES = 1_000_000
NUMPY_CASES = 100_000
QUAD_CASES = 30
REPEATS = 3
NODES = 64


def best_seconds(work: Callable[[], object]) -> float:
    """Return the shortest of a few runs, after one that warms up."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def random_planes(count: int) -> EncounterPlanes:
    """Return planes as real encounters have them."""
    random = np.random.default_rng(1992)
    sigma = 10 ** random.uniform(1.0, 4.0, (count, 2))
    correlation = random.uniform(-0.9, 0.9, count)
    covariance = np.stack([sigma[:, 0] ** 2, correlation * sigma.prod(axis=1), sigma[:, 1] ** 2], -1)
    offset = random.normal(size=(count, 2)) * sigma
    return planes_from(offset, covariance, random.uniform(1.0, 30.0, count))


def plain_numpy(planes: EncounterPlanes) -> np.ndarray:
    """Integrate by 64 nodes along the first axis and the conditional normal distribution along the second."""
    from scipy.special import ndtr

    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    xx, xy, yy = planes.covariance_m2.T[:, :, None]
    u = planes.radius_m[:, None] * nodes
    h = np.sqrt(planes.radius_m[:, None] ** 2 - u * u)
    density = np.exp(-0.5 * (u - planes.offset_m[:, :1]) ** 2 / xx) / np.sqrt(2.0 * np.pi * xx)
    middle = planes.offset_m[:, 1:] + xy / xx * (u - planes.offset_m[:, :1])
    sigma = np.sqrt(yy - xy * xy / xx)
    inner = ndtr((h - middle) / sigma) - ndtr((-h - middle) / sigma)
    return planes.radius_m * np.sum(weights * density * inner, axis=1)


def plain_quad(planes: EncounterPlanes) -> np.ndarray:
    """Integrate each density over its disk with `dblquad`."""
    from scipy.integrate import dblquad

    found = []
    for offset, (xx, xy, yy), radius in zip(
        planes.offset_m, planes.covariance_m2, planes.radius_m, strict=True
    ):
        inverse = np.linalg.inv([[xx, xy], [xy, yy]])
        factor = 1.0 / (2.0 * np.pi * np.sqrt(xx * yy - xy * xy))

        def density(
            y: float, x: float, m: np.ndarray = inverse, o: np.ndarray = offset, f: float = factor
        ) -> float:
            a, b = x - o[0], y - o[1]
            return f * np.exp(-0.5 * (m[0, 0] * a * a + 2 * m[0, 1] * a * b + m[1, 1] * b * b))

        def half(x: float, r: float = radius) -> float:
            return float(np.sqrt(max(r * r - x * x, 0.0)))

        found.append(
            dblquad(density, -radius, radius, lambda x, h=half: -h(x), half, epsabs=0.0, epsrel=1e-9)[0]
        )
    return np.array(found)


def row(task: str, ours: float, peer: float | None, name: str, unit: str, accuracy: str) -> dict:
    ratio = None if peer is None else ours / peer
    return {
        "task": task, "ours": ours, "peer": peer, "peer_name": name, "ratio": ratio, "unit": unit,
        "accuracy": accuracy,
    }  # fmt: skip


def run() -> list[dict]:
    """Return the rows of the table."""
    planes = random_planes(CASES)
    ours = CASES / best_seconds(lambda: integrate_disk(planes))
    some = random_planes(NUMPY_CASES)
    exact = integrate_disk(some).probability
    peer = NUMPY_CASES / best_seconds(lambda: plain_numpy(some))
    sure = exact > 1e-12
    off = np.abs(plain_numpy(some)[sure] / exact[sure] - 1.0)
    words = f"peer differs by {np.median(off):.1e} median, {off.max():.1e} max where Pc > 1e-12"
    few = random_planes(QUAD_CASES)
    quad = QUAD_CASES / best_seconds(lambda: plain_quad(few))
    quad_off = np.abs(plain_quad(few) / integrate_disk(few).probability - 1.0).max()
    random = np.random.default_rng(3)
    separation, velocity = random.normal(size=(CASES, 3)) * 500.0, random.normal(size=(CASES, 3)) * 7000.0
    root = random.normal(size=(CASES, 3, 3)) * 300.0
    covariance = root @ np.swapaxes(root, 1, 2)
    radius = random.uniform(1.0, 30.0, CASES)
    whole = CASES / best_seconds(
        lambda: integrate_disk(project_to_planes(separation, velocity, covariance, radius))
    )
    return [
        row("2-D probability, plane given", ours, peer, "NumPy, 64 nodes", "values/s", words),
        row("2-D probability, plane given", ours, quad, "SciPy dblquad", "values/s", f"{quad_off:.1e} max"),
        row("2-D probability from states", whole, None, "", "values/s", "as above"),
    ]
