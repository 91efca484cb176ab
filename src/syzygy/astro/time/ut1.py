"""UT1: the angle of the Earth's rotation as a clock; needs Earth orientation data."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.earth_orientation import EarthOrientation, earth_orientation_at
from syzygy.astro.time.instants import JD_1970, NS_PER_DAY, Instants, as_instants
from syzygy.astro.time.julian import JulianDate, tai_from_tai_julian_date
from syzygy.astro.time.leap_seconds import LeapSeconds, tai_minus_utc_s


def ut1_minus_tai_s(
    tai_ns: ArrayLike, leap_seconds: LeapSeconds, earth_orientation: EarthOrientation
) -> NDArray[np.float64]:
    """Return UT1 - TAI, seconds (continuous over leap seconds).

    Raises
    ------
    CoverageError
        Outside the table, or in its predicted part when predictions are not allowed.
    """
    return earth_orientation_at(tai_ns, leap_seconds, earth_orientation).ut1_minus_tai_s


def ut1_minus_utc_s(
    tai_ns: ArrayLike, leap_seconds: LeapSeconds, earth_orientation: EarthOrientation
) -> NDArray[np.float64]:
    """Return UT1 - UTC, seconds; raises as `ut1_minus_tai_s`."""
    difference = ut1_minus_tai_s(tai_ns, leap_seconds, earth_orientation)
    return difference + tai_minus_utc_s(tai_ns, leap_seconds)


def ut1_julian_date(
    tai_ns: ArrayLike, leap_seconds: LeapSeconds, earth_orientation: EarthOrientation
) -> JulianDate:
    """Return UT1 as a two-part Julian date (whole part at a midnight, fraction in [0, 1)).

    Raises
    ------
    CoverageError
        As `ut1_minus_tai_s`.

    **Accuracy**: within 1 us of the table's own interpolation (``tests/astro/test_time_ut1.py``).
    """
    instants = as_instants(tai_ns)
    day, ns = np.divmod(instants, NS_PER_DAY)
    seconds = ns / 1e9 + ut1_minus_tai_s(instants, leap_seconds, earth_orientation)
    fraction = seconds / 86_400.0
    carry = np.floor(fraction)
    return day + JD_1970 + carry, fraction - carry


def tai_from_ut1_julian_date(
    jd: ArrayLike, fraction: ArrayLike, leap_seconds: LeapSeconds, earth_orientation: EarthOrientation
) -> Instants:
    """Return the instants of two-part UT1 Julian dates, to the nanosecond; raises as `ut1_minus_tai_s`."""
    label = tai_from_tai_julian_date(jd, fraction)
    instants = label
    # UT1 runs within 5e-8 of TAI: each pass gains seven digits.
    for _ in range(3):
        offset = ut1_minus_tai_s(instants, leap_seconds, earth_orientation)
        instants = label - np.rint(offset * 1e9).astype(np.int64)
    return instants
