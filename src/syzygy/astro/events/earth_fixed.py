"""From the axes of a trajectory to Earth-fixed ones, and the Sun in either."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, SUN
from syzygy.astro.constants import SPEED_OF_LIGHT_M_S
from syzygy.astro.frames import (
    EME2000,
    ICRF,
    ITRF,
    TEME,
    Frame,
    OrientationSource,
    eme2000_from_icrf,
    icrf_from_eme2000,
    itrf_from_gcrf,
    itrf_from_teme,
    itrf_from_teme_gmst,
    require_frame,
    teme_from_gcrf,
)
from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import FrameError

Vectors = NDArray[np.float64]

EarthTurn = OrientationSource | LeapSeconds
"""Earth orientation for the full turn; leap seconds alone for GMST-1982, UT1 = UTC, no polar motion."""


def earth_fixed_m(position_m: Vectors, tai_ns: NDArray[np.int64], frame: Frame, earth: EarthTurn) -> Vectors:
    """Return Earth-fixed positions (..., 3); NaN stays NaN.

    Parameters
    ----------
    position_m : float64 (..., 3)
        In `frame`.
    tai_ns : int64, broadcast to (...)
        Instants.
    frame : Frame
        TEME, ICRF, EME2000 or ITRF.
    earth : Almanac or LeapSeconds
        With LeapSeconds only TEME can be turned.

    Raises
    ------
    FrameError
        Another frame.
    MissingDataError, CoverageError
        No Earth orientation, or none at these instants.
    """
    if frame == ITRF:
        return position_m
    usable = np.isfinite(position_m)
    whole = bool(usable.all())
    place = position_m if whole else np.where(usable, position_m, 0.0)
    if isinstance(earth, LeapSeconds):
        if frame != TEME:
            raise FrameError(
                "leap seconds alone turn only TEME into Earth-fixed axes",
                value=frame.name,
                allowed="TEME",
                hint="pass an almanac with Earth orientation",
            )
        fixed, _ = itrf_from_teme_gmst(place, None, tai_ns, earth)
    elif frame == TEME:
        fixed, _ = itrf_from_teme(place, None, tai_ns, earth)
    else:
        require_frame(frame, (ICRF, EME2000), "earth_fixed_m")
        inertial = icrf_from_eme2000(place) if frame == EME2000 else place
        fixed, _ = itrf_from_gcrf(inertial, None, tai_ns, earth)
    return fixed if whole else np.where(usable.all(axis=-1, keepdims=True), fixed, np.nan)


def apparent_sun_m(tai_ns: NDArray[np.int64], frame: Frame, almanac: Almanac) -> Vectors:
    """Return the Sun's position (..., 3) from the Earth's centre, as its light arrives.

    The place of the Sun relative to the Earth one light time ago (light time and aberration to first
    order): shadows point away from there. It lies
    20 arc seconds from the geometric place, 0.1 s of a low orbit.

    **Accuracy**: 0.1 arc second against ERFA's apparent place (``tests/astro/test_event_eclipses.py``).
    """
    instants = np.asarray(tai_ns, dtype=np.int64)
    ephemeris = almanac.require_ephemeris()
    distance_m = np.linalg.norm(ephemeris.position_m(SUN, EARTH, instants), axis=-1)
    light_ns = np.rint(distance_m / SPEED_OF_LIGHT_M_S * 1e9).astype(np.int64)
    sun = ephemeris.position_m(SUN, EARTH, instants - light_ns)
    if frame == ICRF:
        return sun
    if frame == EME2000:
        return eme2000_from_icrf(sun)
    if frame == TEME:
        return teme_from_gcrf(sun, None, instants, almanac)[0]
    require_frame(frame, ITRF, "apparent_sun_m")
    return itrf_from_gcrf(sun, None, instants, almanac)[0]
