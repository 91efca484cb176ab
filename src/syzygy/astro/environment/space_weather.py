"""Daily space weather: geomagnetic Kp and ap and the solar radio flux F10.7, each day with its class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import InputError

OBSERVED = 0
"""Class of a measured day."""
DAILY_PREDICTED = 1
"""Class of a forecast day."""
MONTHLY_PREDICTED = 2
"""Class of a forecast month, entered on its first day; it carries no geomagnetic index."""
KIND_NAMES = ("observed", "daily_predicted", "monthly_predicted")
"""Names of the classes, by code."""

SOLAR_FLUX_UNIT_W_M2_HZ = 1e-22
"""One solar flux unit (sfu), the unit of every F10.7 value here."""


@dataclass(frozen=True, eq=False)
class SpaceWeather:
    """Space weather by UTC day, in increasing order of days.

    Missing values are NaN (monthly predictions have no Kp and ap); whoever looks values up refuses them.

    Attributes
    ----------
    utc_day : numpy array (n,) int64
        Days since 1970-01-01 UTC, strictly increasing.
    kp : numpy array (n, 8)
        Kp of the eight three-hour intervals, 0 to 9.
    ap : numpy array (n, 8)
        ap of the eight three-hour intervals, 0 to 400.
    ap_daily : numpy array (n,)
        Daily mean Ap.
    f107_observed_sfu : numpy array (n,)
        Flux at 10.7 cm as received at the Earth's distance: the one atmosphere models want.
    f107_adjusted_sfu : numpy array (n,)
        The same, reduced to 1 au.
    f107_mean81_centred_sfu : numpy array (n,)
        Mean of the observed flux over 81 days, centred, as the file gives it.
    kind : numpy array (n,) uint8
        `OBSERVED`, `DAILY_PREDICTED` or `MONTHLY_PREDICTED`.
    """

    utc_day: NDArray[np.int64]
    kp: NDArray[np.float64]
    ap: NDArray[np.float64]
    ap_daily: NDArray[np.float64]
    f107_observed_sfu: NDArray[np.float64]
    f107_adjusted_sfu: NDArray[np.float64]
    f107_mean81_centred_sfu: NDArray[np.float64]
    kind: NDArray[np.uint8]

    def __post_init__(self) -> None:
        days = self.utc_day
        if days.ndim != 1 or days.size == 0:
            raise InputError(
                "the space weather record has no days",
                value=f"shape {days.shape}",
                allowed="at least one day",
                where="SpaceWeather",
            )
        if np.any(np.diff(days) <= 0):
            raise InputError(
                "the days of the space weather record are not increasing",
                value=str(np.datetime64(int(days[1:][np.diff(days) <= 0][0]), "D")),
                allowed="each day once, in order",
                where="SpaceWeather.utc_day",
            )
        for name, array in (
            ("kp", self.kp),
            ("ap", self.ap),
            ("ap_daily", self.ap_daily),
            ("f107_observed_sfu", self.f107_observed_sfu),
            ("f107_adjusted_sfu", self.f107_adjusted_sfu),
            ("f107_mean81_centred_sfu", self.f107_mean81_centred_sfu),
            ("kind", self.kind),
        ):
            wanted = (days.size, 8) if name in ("kp", "ap") else (days.size,)
            if array.shape != wanted:
                raise InputError(
                    "an array of the space weather record has the wrong shape",
                    value=array.shape,
                    allowed=str(wanted),
                    where=f"SpaceWeather.{name}",
                )

    def __len__(self) -> int:
        return int(self.utc_day.size)

    def select(self, chosen: NDArray[np.bool_]) -> SpaceWeather:
        """Return the days where `chosen` is true."""
        return SpaceWeather(
            self.utc_day[chosen],
            self.kp[chosen],
            self.ap[chosen],
            self.ap_daily[chosen],
            self.f107_observed_sfu[chosen],
            self.f107_adjusted_sfu[chosen],
            self.f107_mean81_centred_sfu[chosen],
            self.kind[chosen],
        )

    @property
    def span(self) -> str:
        """First and last observed day as text, for messages."""
        observed = self.utc_day[self.kind == OBSERVED]
        if observed.size == 0:
            return "no observed day"
        first, last = (np.datetime64(int(day), "D") for day in (observed[0], observed[-1]))
        return f"{first} to {last} observed"
