"""Write the oracle of 2-D probabilities: five methods of Orekit on 10,000 random encounter planes.

Run it in the environment of the peers (``make peers``):

    .venv-peers/bin/python benchmarks/peers/orekit_probability.py

It writes ``tests/data/debris_probability/orekit_planes.csv.gz``: inputs with few digits, results with all.
Orekit takes the plane in its principal axes; turned planes are ours alone (`test_probability_2d`).
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
PLACE = ROOT / "tests" / "data" / "debris_probability" / "orekit_planes.csv.gz"
COUNT, SEED = 10_000, 20_261_122
METHODS = ("Patera2005", "Laas2015", "Alfano2005", "Chan1997", "Alfriend1999")


def random_planes() -> np.ndarray:
    """Return x, y, sigma x, sigma y, radius (n, 5), in metres, rounded to four digits.

    Larger sigmas 10 m to 10 km, ratios of the sigmas 1 to 100, radii 0.5 to 50 m, miss up to five sigmas in
    each axis.
    """
    random = np.random.default_rng(SEED)
    large = 10.0 ** random.uniform(1.0, 4.0, COUNT)
    small = large / 10.0 ** random.uniform(0.0, 2.0, COUNT)
    swapped = random.random(COUNT) < 0.5
    sigma_x, sigma_y = np.where(swapped, small, large), np.where(swapped, large, small)
    offset = random.uniform(-5.0, 5.0, (COUNT, 2))
    radius = 10.0 ** random.uniform(np.log10(0.5), np.log10(50.0), COUNT)
    planes = np.stack([offset[:, 0] * sigma_x, offset[:, 1] * sigma_y, sigma_x, sigma_y, radius], -1)
    return np.array([[float(f"{value:.4g}") for value in row] for row in planes])


def value_of(method: Any, row: list[float]) -> str:
    """Return the value with all digits, ``refused`` where Orekit throws."""
    try:
        return repr(float(method.compute(*row).getValue()))
    except Exception as error:
        if "org.hipparchus" not in str(type(error)) and "org.orekit" not in str(type(error)):
            raise
        return "refused"


def main() -> None:
    """Compute and write."""
    from benchmarks.peers.orekit_peer import start_orekit

    start_orekit()
    from org.orekit.ssa.collision.shorttermencounter.probability import twod  # type: ignore[import-not-found]

    methods = [getattr(twod, name)() for name in METHODS]
    lines = [
        "# Probabilities of Orekit 13.1.9 (package orekit-jpype 13.1.9) by five methods, encounter planes in",
        "# principal axes: x, y, sigma_x, sigma_y, radius in metres. Made by orekit_probability.py.",
        "x,y,sigma_x,sigma_y,radius," + ",".join(name.lower() for name in METHODS),
    ]
    for row in random_planes().tolist():
        values = [value_of(method, row) for method in methods]
        lines.append(",".join([*(f"{value:g}" for value in row), *values]))
    content = ("\n".join(lines) + "\n").encode()
    PLACE.write_bytes(gzip.compress(content, 9, mtime=0))
    print(f"{len(lines) - 3} planes, {PLACE.stat().st_size} bytes to {PLACE}")


if __name__ == "__main__":
    main()
