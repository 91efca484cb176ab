"""Directions with respect to the equator of a planet or the Moon."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MARS, MOON, Body
from syzygy.astro.forces.axes import body_axes
from syzygy.astro.time import tdb_seconds
from syzygy.exploration.legs import FloatArray

_CENTURY_S = 36_525.0 * 86_400.0
# NAIF pck00011.tpc, IAU WGCCRE 2015: right ascension and declination of the pole in degrees, and their change
# in degrees a Julian century of TDB; of Jupiter's pole the periodic terms (0.002 deg) are left out.
_POLES = {
    199: ((281.0103, -0.0328), (61.4155, -0.0049)),
    299: ((272.76, 0.0), (67.16, 0.0)),
    399: ((0.0, -0.641), (90.0, -0.557)),
    301: ((269.9949, 0.0031), (66.5392, 0.0130)),
    599: ((268.056595, -0.006499), (64.495303, 0.002413)),
    699: ((40.589, -0.036), (83.537, -0.004)),
    799: ((257.311, 0.0), (-15.175, 0.0)),
    899: ((299.36, 0.0), (43.46, 0.0)),
    999: ((132.993, 0.0), (-6.163, 0.0)),
}
# Periodic terms: angle at J2000 and a century later (deg), amplitude in right ascension (sine) and
# declination (cosine); of the Moon those above 0.007 deg.
_TERMS = {
    301: (
        (125.045, -1935.5364525, -3.8787, 1.5419),
        (250.089, -3871.0729050, -0.1204, 0.0239),
        (260.008, 475263.3328725, 0.0700, -0.0278),
        (176.625, 487269.6299850, -0.0172, 0.0068),
        (311.589, 964468.4993100, 0.0072, -0.0029),
    ),
    899: ((357.85, 52.316, 0.70, -0.51),),
}


def pole_direction(body: Body, tai_ns: int, almanac: Almanac) -> FloatArray:
    """Return the north pole of a planet or the Moon as unit vector (3,) in ICRF axes.

    Parameters
    ----------
    body : Body
        A body with a surface.
    tai_ns : int
    almanac : Almanac

    **Accuracy**: the IAU series are approximations themselves, for the Moon to about 0.02 deg against the
    librations of an ephemeris (``test_exploration_surroundings.py``).

    **Source**: IAU WGCCRE 2015 as in NAIF kernel ``pck00011.tpc``.
    """
    if body == MARS:
        pole: FloatArray = body_axes(MARS, almanac)(np.array([tai_ns], dtype=np.int64))[0, 2]
        return pole
    whole, fraction = tdb_seconds(np.int64(tai_ns))
    centuries = float(whole + fraction) / _CENTURY_S
    (ra, ra_rate), (tilt, tilt_rate) = _POLES[body.naif_id]
    ra, tilt = ra + ra_rate * centuries, tilt + tilt_rate * centuries
    for angle, rate, sine, cosine in _TERMS.get(body.naif_id, ()):
        turn = np.radians(angle + rate * centuries)
        ra, tilt = ra + sine * np.sin(turn), tilt + cosine * np.cos(turn)
    a, d = np.radians(ra), np.radians(tilt)
    return np.array([np.cos(d) * np.cos(a), np.cos(d) * np.sin(a), np.sin(d)])


def equator_axes(pole: FloatArray, body: Body) -> NDArray[np.float64]:
    """Return the rows x, y, z (3, 3) of the equator of a body: z its pole, x its node on the ICRF equator.

    The Earth's node on the ICRF equator is hardly defined: there x is the ICRF x axis, laid into its equator.
    """
    if body == EARTH:
        first = np.array([1.0, 0.0, 0.0])
        first = first - (first @ pole) * pole
    else:
        first = np.cross([0.0, 0.0, 1.0], pole)
    first = first / np.linalg.norm(first)
    return np.stack([first, np.cross(pole, first), pole])


def has_equator(body: Body) -> bool:
    """Tell whether the pole of a body is known here."""
    return body in (MARS, MOON) or body.naif_id in _POLES
