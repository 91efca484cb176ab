"""A low orbit in brahe, with the gravity file and the Earth orientation that we use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np


def prepare_low_orbit(
    epoch_utc: str, state: np.ndarray, seconds: float, field_file: Path, degree: int
) -> Callable[[], np.ndarray]:
    """Return a function that flies a state under a gravity field alone and returns the last position.

    RKN12(10) at tolerances of 1e-12 and 1e-6 m, full rotation of the Earth; every call makes a new
    propagator.  The field file is read beforehand and stays in the memory of the peer.

    Parameters
    ----------
    epoch_utc : str
        Such as 2026-04-02T00:00:00Z.
    state : array (6,)
        m and m/s, GCRF.
    seconds : float
    field_file : Path
        ICGEM file.
    degree : int
    """
    import brahe
    from astropy_iers_data import IERS_A_FILE

    orientation = brahe.FileEOPProvider.from_standard_file(IERS_A_FILE, True, "Error")
    brahe.set_global_eop_provider(orientation)
    model = brahe.GravityModelType.from_file(str(field_file))
    gravity = brahe.GravityConfiguration(degree=degree, order=degree, model_type=model)
    forces = brahe.ForceModelConfig(gravity=gravity)
    settings = brahe.NumericalPropagationConfig.high_precision().with_rel_tol(1e-12).with_abs_tol(1e-6)
    start = brahe.Epoch.from_string(epoch_utc)

    def fly() -> np.ndarray:
        flight = brahe.NumericalOrbitPropagator(start, np.array(state), settings, forces, None)
        flight.propagate_to(start + seconds)
        return np.asarray(flight.current_state())[:3]

    return fly
