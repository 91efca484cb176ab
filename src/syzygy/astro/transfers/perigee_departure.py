"""The conic that leaves a circular parking orbit tangentially and reaches a given radius in a given time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PerigeeDepartures:
    """Conics with their perigee at departure; values are 0 where `solved` is False.

    Attributes
    ----------
    transfer_angle_rad : array (...)
        True anomaly on arrival; above pi when the apogee is passed before.
    departure_speed_m_s : array (...)
        At perigee, purely transverse.
    arrival_radial_m_s, arrival_transverse_m_s : array (...)
        Velocity on arrival.
    solved : bool array (...)
    """

    transfer_angle_rad: FloatArray
    departure_speed_m_s: FloatArray
    arrival_radial_m_s: FloatArray
    arrival_transverse_m_s: FloatArray
    solved: NDArray[np.bool_]


def solve_perigee_departure(
    perigee_radius_m: ArrayLike, arrival_radius_m: ArrayLike, time_of_flight_s: ArrayLike, gm_m3_s2: float
) -> PerigeeDepartures:
    """Find the conic from its perigee to a radius in a given time; there is exactly one.

    Parameters
    ----------
    perigee_radius_m, arrival_radius_m : array (...)
        Departure and arrival distance from the central body, departure the smaller.
    time_of_flight_s : array (...)
        Positive.
    gm_m3_s2 : float
        Gravitational parameter of the central body.

    Raises
    ------
    InputError
        `gm_m3_s2` is not positive.

    Accuracy
    --------
    The general Lambert solver on the same two points and time returns the same departure velocity, with no
    radial part, to 1e-10 (tests/astro/test_perigee_departure.py).

    Source
    ------
    Lambert's time equation (see `solve_lambert`) with the condition of zero radial speed at departure.
    """
    from syzygy.astro.transfers import _kernels

    if not np.isfinite(gm_m3_s2) or gm_m3_s2 <= 0:
        raise InputError(
            "the gravitational parameter is not positive",
            value=f"{gm_m3_s2} m^3/s^2",
            allowed="a positive number",
            where="gm_m3_s2",
        )
    r1, r2, tof = np.broadcast_arrays(
        np.asarray(perigee_radius_m, float),
        np.asarray(arrival_radius_m, float),
        np.asarray(time_of_flight_s, float),
    )
    outputs = [np.zeros(r1.size) for _ in range(4)]
    status = np.zeros(r1.size, np.uint8)
    flat = [np.array(values, order="C").reshape(-1) for values in (r1, r2, tof)]
    _kernels.perigee_rows(*flat, float(gm_m3_s2), *outputs, status)
    angle, speed, radial, transverse = (values.reshape(r1.shape) for values in outputs)
    return PerigeeDepartures(angle, speed, radial, transverse, (status == _kernels.SOLVED).reshape(r1.shape))
