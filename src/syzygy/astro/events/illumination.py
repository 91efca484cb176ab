"""When the Sun stands above an elevation at sites (day, twilight, light for imaging)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.constants import EARTH_ROTATION_RATE_RAD_S
from syzygy.astro.events.earth_fixed import apparent_sun_m
from syzygy.astro.events.search import find_windows, make_nodes
from syzygy.astro.events.sites import Sites
from syzygy.astro.events.windows import Windows
from syzygy.astro.frames import ITRF

DEFAULT_STEP_S = 1800.0
_TURN_RAD_S = EARTH_ROTATION_RATE_RAD_S * 1.01


def find_sunlit_windows(
    sites: Sites, start_tai_ns: int, end_tai_ns: int, almanac: Almanac, *, step_s: float = DEFAULT_STEP_S
) -> Windows:
    """Find every span in which the Sun's centre stands above the mask of each site.

    Parameters
    ----------
    sites : Sites
        Places; the mask is the least elevation of the Sun (negative for twilight).
    start_tai_ns, end_tai_ns : int
        The span.
    almanac : Almanac
        With ephemeris and Earth orientation.
    step_s : float
        Spacing of the first grid; the answer does not depend on it.

    Returns
    -------
    Windows
        Lane is the site's index. Geometric elevation of the apparent Sun (light time and aberration) from the
        Earth's centre: parallax (up to 9 arc seconds, 0.6 s) and refraction are left out.

    Notes
    -----
    g = s.u - sin(mask) with |g'| <= w and |g''| <= w^2, w the turn of the Earth against the Sun with 1 % to
    spare. **Accuracy**: 1 ms against the same geometry computed from ERFA alone
    (``tests/astro/test_event_eclipses.py``).
    """
    nodes = make_nodes(start_tai_ns, end_tai_ns, step_s)

    def light(lane: NDArray[np.int64], tai_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        toward = _directions(tai_ns, almanac)
        return np.asarray(np.sum(toward * sites.up[lane], axis=-1) - sites.sin_mask[lane])

    values = sites.up @ _directions(nodes, almanac).T - sites.sin_mask[:, None]
    return find_windows(light, nodes, values, _TURN_RAD_S, _TURN_RAD_S**2)


def _directions(tai_ns: NDArray[np.int64], almanac: Almanac) -> NDArray[np.float64]:
    sun = apparent_sun_m(tai_ns, ITRF, almanac)
    return np.asarray(sun / np.linalg.norm(sun, axis=-1, keepdims=True))
