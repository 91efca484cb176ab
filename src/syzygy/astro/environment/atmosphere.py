"""The neutral atmosphere NRLMSISE-00, with every index given and every answer checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.environment.indices import AtmosphereIndices
from syzygy.base.errors import ComputationError, CoverageError, InputError

MODEL_NAME = "NRLMSISE-00"
HEIGHT_RANGE_M = (100e3, 1000e3)
"""Geodetic heights for which the model is asked: below, the drag of re-entry; above, the exosphere."""
F107_RANGE_SFU = (50.0, 400.0)
"""Daily flux accepted by the model; the undisturbed record since 1957 lies between 64 and 384."""
F107_MEAN_RANGE_SFU = (50.0, 300.0)
AP_RANGE = (0.0, 400.0)
TEMPERATURE_RANGE_K = (100.0, 4000.0)
"""Anything outside is a failure of the model, not weather."""

_SPECIES = ("n2", "o2", "o", "he", "h", "ar", "n")


@dataclass(frozen=True, eq=False)
class Atmosphere:
    """The neutral atmosphere at m places and instants.

    Attributes
    ----------
    density_kg_m3 : numpy array (m,)
        Total mass density, anomalous oxygen included.
    n2_per_m3, o2_per_m3, o_per_m3, he_per_m3, h_per_m3, ar_per_m3, n_per_m3 : numpy array (m,)
        Number densities.
    temperature_k : numpy array (m,)
        Kinetic temperature at the place.
    """

    density_kg_m3: NDArray[np.float64]
    n2_per_m3: NDArray[np.float64]
    o2_per_m3: NDArray[np.float64]
    o_per_m3: NDArray[np.float64]
    he_per_m3: NDArray[np.float64]
    h_per_m3: NDArray[np.float64]
    ar_per_m3: NDArray[np.float64]
    n_per_m3: NDArray[np.float64]
    temperature_k: NDArray[np.float64]


def nrlmsise00(
    utc_day: NDArray[np.int64],
    utc_second: NDArray[np.float64],
    latitude_rad: NDArray[np.float64],
    longitude_rad: NDArray[np.float64],
    height_m: NDArray[np.float64],
    indices: AtmosphereIndices,
    *,
    ap_history: bool = True,
) -> Atmosphere:
    """Evaluate NRLMSISE-00 along a track.

    Parameters
    ----------
    utc_day : numpy array (m,) int64
        Days since 1970-01-01 UTC.
    utc_second : numpy array (m,)
        Second of the UTC day.
    latitude_rad, longitude_rad, height_m : numpy array (m,)
        Geodetic (WGS84).
    indices : AtmosphereIndices
        Indices of the m instants; nothing is ever looked up elsewhere.
    ap_history : bool
        Use all seven ap values (storm form); otherwise the daily Ap alone.

    Returns
    -------
    Atmosphere
        In SI.

    Raises
    ------
    CoverageError
        A height outside `HEIGHT_RANGE_M`, or an index outside the ranges of this module.
    InputError
        A latitude, longitude or second of the day that is not finite or out of range.
    ComputationError
        The model answered zero, NaN or an impossible temperature.

    Notes
    -----
    **Accuracy**: orbit-averaged oxygen fluxes of the oracle table within 0.7 %
    (``test_environment_atmosphere.py``; asked: 1 %). The library computes in single precision. The model
    itself: about 15 % (1 sigma) in orbit averages.

    **Source**: Picone, Hedin, Drob, Aikin (2002), J. Geophys. Res. 107(A12), 1468; implementation: pymsis,
    version 0.
    """
    latitude_deg, longitude_deg, height_km = _checked_places(latitude_rad, longitude_rad, height_m)
    _check_range("F10.7 of the day before", indices.f107_sfu, F107_RANGE_SFU, "sfu")
    _check_range("the 81-day mean of F10.7", indices.f107_mean81_sfu, F107_MEAN_RANGE_SFU, "sfu")
    _check_range("ap", indices.ap, AP_RANGE, "")
    if latitude_deg.size == 0:
        return _atmosphere(np.empty((0, 9)))
    from pymsis import calculate

    dates = np.asarray(utc_day, dtype="datetime64[D]") + _checked_seconds(utc_second)
    answer = np.asarray(
        calculate(
            dates,
            longitude_deg,
            latitude_deg,
            height_km,
            indices.f107_sfu,
            indices.f107_mean81_sfu,
            indices.ap,
            version=0,
            geomagnetic_activity=-1 if ap_history else 1,
        ),
        dtype=np.float64,
    ).reshape(latitude_deg.size, 11)
    return _checked_answer(answer, height_km)


def _checked_seconds(utc_second: NDArray[np.float64]) -> NDArray[np.timedelta64]:
    """Return whole seconds of the day; a leap second is taken as the second before it."""
    second = np.asarray(utc_second, dtype=np.float64)
    wrong = ~((second >= 0.0) & (second <= 86_401.0))
    if np.any(wrong):
        raise InputError(
            "a second of the UTC day is out of range",
            value=f"{second[wrong].ravel()[0]} s",
            allowed="0 to 86401 s",
            where=MODEL_NAME,
        )
    return np.minimum(np.floor(second), 86_399.0).astype(np.int64).astype("timedelta64[s]")


def _checked_places(
    latitude_rad: NDArray[np.float64], longitude_rad: NDArray[np.float64], height_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    latitude, longitude, height = (
        np.asarray(a, dtype=np.float64) for a in (latitude_rad, longitude_rad, height_m)
    )
    for name, angle, limit in (("latitude", latitude, np.pi / 2), ("longitude", longitude, 2 * np.pi)):
        wrong = ~(np.abs(angle) <= limit * (1.0 + 1e-12))
        if np.any(wrong):
            raise InputError(
                f"a {name} is out of range",
                value=f"{angle[wrong][0]:g} rad",
                allowed=f"-{limit:.4f} to {limit:.4f} rad",
                where=MODEL_NAME,
                hint="degrees given for radians?",
            )
    low, high = HEIGHT_RANGE_M
    wrong = ~((height >= low) & (height <= high))
    if np.any(wrong):
        raise CoverageError(
            "a height is outside the range of the atmosphere model",
            value=f"{height[wrong][0] / 1e3:.1f} km",
            allowed=f"{low / 1e3:g} to {high / 1e3:g} km above the ellipsoid",
            where=MODEL_NAME,
            hint="below, the orbit has decayed; above, atomic oxygen is no longer what this model describes",
        )
    return np.rad2deg(latitude), np.rad2deg(longitude), height / 1e3


def _check_range(name: str, values: NDArray[np.float64], allowed: tuple[float, float], unit: str) -> None:
    wrong = ~((values >= allowed[0]) & (values <= allowed[1]))
    if np.any(wrong):
        raise CoverageError(
            f"{name} is outside what the atmosphere model can take",
            value=f"{values[wrong].ravel()[0]:g} {unit}".strip(),
            allowed=f"{allowed[0]:g} to {allowed[1]:g} {unit}".strip(),
            where=MODEL_NAME,
            hint="radio bursts must be replaced first (prepare_indices)",
        )


def _checked_answer(answer: NDArray[np.float64], height_km: NDArray[np.float64]) -> Atmosphere:
    density, species, temperature = answer[:, 0], answer[:, 1:8], answer[:, 10]
    good = (
        np.isfinite(density)
        & (density > 0.0)
        & np.all(np.isfinite(species), axis=1)
        & np.all(species >= 0.0, axis=1)
        & (species[:, _SPECIES.index("o")] > 0.0)
        & (temperature > TEMPERATURE_RANGE_K[0])
        & (temperature < TEMPERATURE_RANGE_K[1])
    )
    if not np.all(good):
        row = int(np.flatnonzero(~good)[0])
        raise ComputationError(
            "the atmosphere model gave an impossible answer",
            value=f"{density[row]:g} kg/m3 and {temperature[row]:g} K at {height_km[row]:.1f} km",
            allowed=f"a positive density, {TEMPERATURE_RANGE_K[0]:g} to {TEMPERATURE_RANGE_K[1]:g} K",
            where=MODEL_NAME,
            hint="check the indices: unusual F10.7 against its mean makes the model fail",
        )
    return _atmosphere(np.column_stack((density, species, temperature)))


def _atmosphere(columns: NDArray[np.float64]) -> Atmosphere:
    density, n2, o2, o, he, h, ar, n, temperature = (np.ascontiguousarray(c) for c in columns.T)
    return Atmosphere(density, n2, o2, o, he, h, ar, n, temperature)
