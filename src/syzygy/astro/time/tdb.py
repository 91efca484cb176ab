"""Barycentric Dynamical Time: the argument of planetary ephemerides, within 2 ms of TT.

The model is that of Fairhead and Bretagnon (1990) as ERFA's ``dtdb`` evaluates it at the geocentre; it is
tabulated once per day and interpolated.
"""

from __future__ import annotations

import erfa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.fixed_nodes import FixedNodeTable
from syzygy.astro.time.instants import (
    J2000_DAY_NS,
    NS_PER_DAY,
    NS_PER_S,
    TT_MINUS_TAI_NS,
    Instants,
    as_instants,
    as_two_parts,
    require_seconds_in_range,
)

_J2000_JD = 2_451_545.0


def _tdb_minus_tt_at(tt_days: NDArray[np.float64]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = erfa.dtdb(_J2000_JD, tt_days, 0.0, 0.0, 0.0, 0.0)
    return values[:, None]


_TABLE = FixedNodeTable(_tdb_minus_tt_at, NS_PER_DAY)


def tdb_minus_tt_s(tai_ns: ArrayLike) -> NDArray[np.float64]:
    """Return TDB - TT at the geocentre, seconds.

    **Accuracy**: within 1e-9 s of ERFA ``dtdb``, which is within 3 ns of the time ephemeris of DE405 in
    1950-2050 (``tests/astro/test_time_tdb.py``).  The topocentric part (2.1 us at most) is left out.

    **Source**: Fairhead and Bretagnon, Astron. Astrophys. 229, 240 (1990), as in ERFA.
    """
    return _TABLE(as_instants(tai_ns))[..., 0]


def tdb_seconds(tai_ns: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return TDB seconds since J2000.0 TDB as (whole, fraction in [0, 1)), the argument of DE440.

    **Accuracy**: as `tdb_minus_tt_s`.

    Examples
    --------
    >>> whole, fraction = tdb_seconds(1_593_043_237_000_000_000)
    >>> f"{float(whole):.0f} {float(fraction):.6f}"
    '646315269 0.184277'
    """
    instants = as_instants(tai_ns)
    whole, rest = np.divmod(instants + (TT_MINUS_TAI_NS - J2000_DAY_NS), NS_PER_S)
    fraction = rest / 1e9 + tdb_minus_tt_s(instants)
    carry = np.floor(fraction)
    return whole + carry, fraction - carry


def tai_from_tdb_seconds(whole_s: ArrayLike, fraction_s: ArrayLike) -> Instants:
    """Return the instants of TDB seconds since J2000.0 TDB given in two parts, rounded to the nanosecond.

    Raises
    ------
    CoverageError
        Not finite, or outside the nanosecond count.
    """
    whole, fraction = as_two_parts(whole_s, fraction_s, "whole_s, fraction_s")
    require_seconds_in_range(whole, fraction, "whole_s, fraction_s")
    floor = np.floor(whole)
    rest = whole - floor + fraction
    guess: Instants = (
        floor.astype(np.int64) * NS_PER_S
        + np.rint(rest * 1e9).astype(np.int64)
        - (TT_MINUS_TAI_NS - J2000_DAY_NS)
    )
    # TDB - TT changes by less than 4e-10 s per second: the value 2 ms away is the same to 1e-12 s.
    refined: Instants = guess + (np.rint((rest - tdb_minus_tt_s(guess)) * 1e9) - np.rint(rest * 1e9)).astype(
        np.int64
    )
    return refined
