"""The table of leap seconds: TAI - UTC from each UTC day on, with the date to which it is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.instants import NS_PER_DAY, NS_PER_S, Instants, as_instants, require_days_in_range
from syzygy.base.errors import CoverageError, InputError


@dataclass(frozen=True, eq=False)
class LeapSeconds:
    """TAI - UTC since 1972.

    Attributes
    ----------
    start_utc_day : int64 (n,)
        Days since 1970-01-01 UTC at whose midnight an offset begins, increasing.
    tai_minus_utc_s : int64 (n,)
        The offset, seconds.
    expires_tai_ns : int
        To this instant the table is known to be complete.
    allow_predicted : bool
        Whether instants after `expires_tai_ns` are answered with the last offset (ask `is_predicted` for the
        label) or refused.

    Raises
    ------
    InputError
        Empty, unequal lengths, days not increasing, steps other than one second.
    """

    start_utc_day: NDArray[np.int64]
    tai_minus_utc_s: NDArray[np.int64]
    expires_tai_ns: int
    allow_predicted: bool = False

    def __post_init__(self) -> None:
        days = np.array(self.start_utc_day, dtype=np.int64)
        offsets = np.array(self.tai_minus_utc_s, dtype=np.int64)
        sound = days.ndim == 1 and days.shape == offsets.shape and days.size > 0
        if not sound or np.any(np.diff(days) <= 0) or np.any(np.abs(np.diff(offsets)) != 1):
            raise InputError(
                "the leap-second table is not sound",
                value=f"{days.size} days, {offsets.size} offsets",
                allowed="increasing days, each with an offset one second from the last",
                where="LeapSeconds",
            )
        days.flags.writeable = offsets.flags.writeable = False
        object.__setattr__(self, "start_utc_day", days)
        object.__setattr__(self, "tai_minus_utc_s", offsets)

    @property
    def start_tai_ns(self) -> Instants:
        """The instants (n,) at which each offset begins."""
        return self.start_utc_day * NS_PER_DAY + self.tai_minus_utc_s * NS_PER_S

    def with_predictions(self, allowed: bool = True) -> LeapSeconds:
        """Return the same table with another policy for instants after its end."""
        return replace(self, allow_predicted=allowed)

    def is_predicted(self, tai_ns: ArrayLike) -> NDArray[np.bool_]:
        """Say which instants lie after the end of the table, so that their UTC is a prediction."""
        return as_instants(tai_ns) >= self.expires_tai_ns


def offsets_of_utc_days(utc_day: ArrayLike, leap_seconds: LeapSeconds, where: str = "") -> NDArray[np.int64]:
    """Return TAI - UTC (seconds) valid from the midnight at which each UTC day begins.

    Raises
    ------
    CoverageError
        A day before 1972, or after the end of the table when predictions are not allowed.
    """
    day = np.asarray(utc_day, dtype=np.int64)
    require_days_in_range(day, where)
    index = np.searchsorted(leap_seconds.start_utc_day, day, side="right") - 1
    if day.size and int(index.min()) < 0:
        _refuse_before(str(np.datetime64(int(day.min()), "D")), leap_seconds, where)
    offset = leap_seconds.tai_minus_utc_s[index]
    if day.size and not leap_seconds.allow_predicted:
        latest = int(day.max()) * NS_PER_DAY + int(leap_seconds.tai_minus_utc_s[-1]) * NS_PER_S
        if latest >= leap_seconds.expires_tai_ns:
            _refuse_after(str(np.datetime64(int(day.max()), "D")), leap_seconds, where)
    return offset


def offset_index(tai_ns: Instants, leap_seconds: LeapSeconds, where: str = "") -> NDArray[np.intp]:
    """Return the row of the table that is valid at each instant.

    Raises
    ------
    CoverageError
        An instant before 1972 UTC, or after the end of the table when predictions are not allowed.
    """
    starts = leap_seconds.start_tai_ns
    index = np.searchsorted(starts, tai_ns, side="right") - 1
    if tai_ns.size:
        if int(index.min()) < 0:
            _refuse_before(f"{_tai_text(int(tai_ns.min()))} TAI", leap_seconds, where)
        if not leap_seconds.allow_predicted and int(tai_ns.max()) >= leap_seconds.expires_tai_ns:
            _refuse_after(f"{_tai_text(int(tai_ns.max()))} TAI", leap_seconds, where)
    return index


def tai_minus_utc_s(tai_ns: ArrayLike, leap_seconds: LeapSeconds) -> NDArray[np.int64]:
    """Return TAI - UTC in seconds at each instant (during a leap second the offset before it).

    Raises
    ------
    CoverageError
        An instant before 1972 UTC, or after the end of the table when predictions are not allowed.
    """
    return leap_seconds.tai_minus_utc_s[offset_index(as_instants(tai_ns), leap_seconds)]


def _tai_text(tai_ns: int) -> str:
    return str(np.datetime64(tai_ns // NS_PER_S, "s"))


def _refuse_before(value: str, leap_seconds: LeapSeconds, where: str) -> NoReturn:
    first = np.datetime64(int(leap_seconds.start_utc_day[0]), "D")
    raise CoverageError(
        "UTC is not defined before the leap-second table",
        value=value,
        allowed=f"{first} UTC or later",
        where=where,
        hint="before 1972 UTC ran at another rate than TAI; give such times in TAI or TT",
    )


def _refuse_after(value: str, leap_seconds: LeapSeconds, where: str) -> NoReturn:
    raise CoverageError(
        "a UTC time lies beyond the leap-second table",
        value=value,
        allowed=f"before {_tai_text(leap_seconds.expires_tai_ns)} TAI",
        where=where,
        hint="install newer leap seconds, or allow predictions (the last offset goes on)",
    )
