"""The scales and their offsets from TAI; a label counts nanoseconds since 1970-01-01T00:00:00 of its scale.

TAI, TT, GPST, BDT and GST run parallel; TDB differs from TT by up to 2 ms (`syzygy.astro.time.tdb`), UT1 and
UTC need tables (`ut1`, `utc`).  GLONASS time is UTC + 3 h with the same leap seconds, at 02:59:60.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.astro.time.instants import (
    J2000_DAY_NS,
    NS_PER_S,
    TT_MINUS_TAI_NS,
    Instants,
    as_instants,
    as_two_parts,
    require_seconds_in_range,
)
from syzygy.base.errors import TimeScaleError


class TimeScale(Enum):
    """The scales in which people write times."""

    TAI = "TAI"
    UTC = "UTC"
    TT = "TT"
    TDB = "TDB"
    UT1 = "UT1"
    GPS = "GPS"
    BDT = "BDT"
    GST = "GST"
    GLONASS = "GLONASS"


LABEL_MINUS_TAI_NS = MappingProxyType(
    {
        TimeScale.TAI: 0,
        TimeScale.TT: TT_MINUS_TAI_NS,
        TimeScale.GPS: -19 * NS_PER_S,
        TimeScale.GST: -19 * NS_PER_S,
        TimeScale.BDT: -33 * NS_PER_S,
    }
)
"""Label minus TAI of the scales that run parallel to TAI, ns.

TT: IAU 1991. GPST, GST: IS-GPS-200, Galileo OS-SIS-ICD. BDT: BDS-SIS-ICD (1 January 2006 = UTC then).
"""


def labels_from_tai(tai_ns: ArrayLike, scale: TimeScale) -> NDArray[np.int64]:
    """Return what a clock of a parallel scale shows, ns since its label 1970-01-01T00:00:00.

    Raises
    ------
    TimeScaleError
        The scale does not run parallel to TAI.
    """
    return as_instants(tai_ns) + _offset_ns(scale)


def tai_from_labels(label_ns: ArrayLike, scale: TimeScale) -> Instants:
    """Return the instants at which a clock of a parallel scale shows the labels.

    Raises
    ------
    TimeScaleError
        The scale does not run parallel to TAI.
    """
    return as_instants(label_ns, "label_ns") - _offset_ns(scale)


def tt_seconds(tai_ns: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return TT seconds since J2000.0 (2000-01-01T12:00:00 TT) as (whole, fraction in [0, 1)).

    Examples
    --------
    >>> whole, fraction = tt_seconds(946_727_967_816_000_000)
    >>> float(whole), float(fraction)
    (0.0, 0.0)
    """
    whole, rest = np.divmod(as_instants(tai_ns) + TT_MINUS_TAI_NS, NS_PER_S)
    return (whole - J2000_DAY_NS // NS_PER_S).astype(np.float64), rest / 1e9


def tai_from_tt_seconds(whole_s: ArrayLike, fraction_s: ArrayLike) -> Instants:
    """Return the instants of TT seconds since J2000.0 given in two parts, rounded to the nanosecond.

    Raises
    ------
    CoverageError
        Not finite, or outside the nanosecond count.
    """
    seconds, fraction = as_two_parts(whole_s, fraction_s, "whole_s, fraction_s")
    require_seconds_in_range(seconds, fraction, "whole_s, fraction_s")
    whole = np.floor(seconds)
    rest = seconds - whole + fraction
    instants: Instants = (
        whole.astype(np.int64) * NS_PER_S
        + np.rint(rest * 1e9).astype(np.int64)
        - (TT_MINUS_TAI_NS - J2000_DAY_NS)
    )
    return instants


def _offset_ns(scale: TimeScale) -> int:
    try:
        return LABEL_MINUS_TAI_NS[scale]
    except KeyError as error:
        raise TimeScaleError(
            "the scale does not run parallel to TAI",
            value=scale.value,
            allowed=", ".join(parallel.value for parallel in LABEL_MINUS_TAI_NS),
            hint="UTC and GLONASS need leap seconds, UT1 Earth orientation, TDB its own functions",
        ) from error
