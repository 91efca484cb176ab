"""A population grown from a real one: deterministic, with its shells, planes and odd orbits."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from syzygy.astro.mean_elements import MeanElements


def grow_population(elements: MeanElements, count: int, seed: int = 2022) -> MeanElements:
    """Return `count` objects: the real ones first, then copies of random real ones on other orbits.

    A copy keeps energy, eccentricity and drag of its model to within their spread in a shell (mean motion
    by a part in 1e4, eccentricity by 2 %, inclination by 0.05 degrees), so that altitudes stay as crowded as
    they are, and gets node, perigee and mean anomaly of its own: growth that fills the shells we have.
    """
    random = np.random.default_rng(seed)
    extra = max(count - len(elements), 0)
    model = random.integers(0, len(elements), extra)
    index = np.concatenate([np.arange(min(count, len(elements))), model])
    grown = MeanElements(**{f.name: getattr(elements, f.name)[index] for f in fields(MeanElements)})
    new = np.arange(len(index)) >= len(elements)
    turn = 2.0 * np.pi * random.random((3, len(index)))
    spread = random.normal(size=(3, len(index)))

    def moved(name: str, values: np.ndarray) -> np.ndarray:
        return np.where(new, values, getattr(grown, name))

    return replace(
        grown,
        object_id=np.arange(1, len(index) + 1, dtype=np.int64),
        raan_rad=moved("raan_rad", turn[0]),
        argument_of_perigee_rad=moved("argument_of_perigee_rad", turn[1]),
        mean_anomaly_rad=moved("mean_anomaly_rad", turn[2]),
        mean_motion_rad_s=moved("mean_motion_rad_s", grown.mean_motion_rad_s * (1.0 + 1e-4 * spread[0])),
        eccentricity=moved("eccentricity", grown.eccentricity * np.clip(1.0 + 0.02 * spread[1], 0.9, 1.02)),
        inclination_rad=moved(
            "inclination_rad", np.clip(grown.inclination_rad + 9e-4 * spread[2], 1e-4, np.pi - 1e-4)
        ),
    )
