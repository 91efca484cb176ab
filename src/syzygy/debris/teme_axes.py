"""Between TEME and the celestial axes without the Earth's orientation, which cancels between the two."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.frames import eme2000_from_icrf, gcrf_from_teme
from syzygy.astro.time import EarthOrientation, LeapSeconds

Doubles = NDArray[np.float64]

_MJD_OF_1970, _DAY_NS = 40587, 86_400_000_000_000


class Unoriented:
    """An Earth orientation of zeros around some instants.

    Turning from TEME to the Earth and from the Earth to GCRF, UT1 and the pole go in and out again; what
    remains are the offsets of the celestial pole (0.3 milliarcseconds: 1 cm in low orbit).

    **Accuracy**: 2 cm against the full orientation (``test_debris_ephemerides``).
    """

    def __init__(self, almanac: Almanac, tai_ns: NDArray[np.int64]) -> None:
        self.leap_seconds: LeapSeconds = almanac.leap_seconds
        first, last = int(tai_ns.min()) // _DAY_NS - 3, int(tai_ns.max()) // _DAY_NS + 4
        self._days = np.arange(first, last + 1, dtype=np.int64) + _MJD_OF_1970

    def require_earth_orientation(self) -> EarthOrientation:
        """Return zeros for every day."""
        zero = np.zeros(self._days.size)
        return EarthOrientation(self._days, zero, zero, zero, zero, zero, zero, zero.astype(bool))


def eme2000_from_teme(
    position_m: Doubles, velocity_m_s: Doubles, tai_ns: NDArray[np.int64], almanac: Almanac
) -> tuple[Doubles, Doubles]:
    """Return states (n, 3) in EME2000 of states in TEME."""
    if not tai_ns.size:
        return position_m, velocity_m_s
    position, velocity = gcrf_from_teme(position_m, velocity_m_s, tai_ns, Unoriented(almanac, tai_ns))
    turned = velocity_m_s if velocity is None else velocity
    return eme2000_from_icrf(position), eme2000_from_icrf(turned)
