"""SGP4 positions on the screening's own time axis: seconds since the begin of the window, metres, TEME."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import kozai_rad_min

_DAY_NS = 86_400_000_000_000
_SGP4_EPOCH_JD = 2433281.5
_LARGEST_CLASSIC_ID = 99_999


def make_satellites(elements: MeanElements, start_tai_ns: int) -> list[Any]:
    """Initialise SGP4 (WGS-72, improved mode) for every object, with the window's begin as time zero.

    The library subtracts two-part days; they are set to the exact span between epoch and begin, counted in
    TAI, so that neither the rounding of a Julian date nor a leap second moves an object.
    """
    from sgp4.api import WGS72, Satrec

    span_ns = elements.epoch_tai_ns - start_tai_ns
    whole = np.floor_divide(span_ns, _DAY_NS)
    fraction = (span_ns - whole * _DAY_NS) / _DAY_NS
    epoch = (elements.epoch_jd - _SGP4_EPOCH_JD) + elements.epoch_jd_fraction
    columns = (
        epoch,
        elements.bstar_per_earth_radius,
        elements.eccentricity,
        elements.argument_of_perigee_rad,
        elements.inclination_rad,
        elements.mean_anomaly_rad,
        kozai_rad_min(elements.mean_motion_rad_s),
        elements.raan_rad,
    )
    satellites = []
    for k, (days, drag, e, w, inclination, anomaly, motion, node) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        satellite = Satrec()
        satellite.sgp4init(
            WGS72,
            "i",
            k % _LARGEST_CLASSIC_ID,
            days,
            drag,
            0.0,
            0.0,
            e,
            w,
            inclination,
            anomaly,
            motion,
            node,
        )
        satellite.jdsatepoch = float(whole[k])
        satellite.jdsatepochF = float(fraction[k])
        satellites.append(satellite)
    return satellites


def sample_grid(
    satellites: Sequence[Any], seconds: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.uint8]]:
    """Return positions (n, m, 3) in m, velocities in m/s and SGP4 codes (n, m) of all objects at all times.

    Positions and velocities are NaN where the code is not 0.
    """
    from sgp4.api import SatrecArray

    code, position, velocity = SatrecArray(list(satellites)).sgp4(np.zeros(len(seconds)), seconds / 86400.0)
    position *= 1000.0
    velocity *= 1000.0
    bad = code != 0
    if bad.any():
        position[bad] = np.nan
        velocity[bad] = np.nan
    return position, velocity, code
