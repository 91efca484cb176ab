"""Eclipses of a spacecraft, with edges, and the share of orbits that has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import WGS84_SEMI_MAJOR_AXIS_M
from syzygy.astro.environment import shadow_angles_rad
from syzygy.materials.track import locate

if TYPE_CHECKING:
    from syzygy.astro.almanac import Almanac
    from syzygy.astro.mean_elements import MeanElements

NODE_STEP_S = 60.0
_RATE_MARGIN = 1.2
_SUN_RATE_RAD_S = 3e-7
_PENUMBRA, _UMBRA = 0, 1


@dataclass(frozen=True, eq=False)
class Eclipses:
    """Eclipses in the order of time, one per passage through the shadow.

    Attributes
    ----------
    penumbra_start_tai_ns, penumbra_end_tai_ns : numpy array (n,) int64
        First and last contact.
    umbra_start_tai_ns, umbra_end_tai_ns : numpy array (n,) int64
        Second and third contact; both 0 where the umbra is missed.
    total : numpy array (n,) bool
        Whether the umbra is reached.
    cut : numpy array (n,) bool
        The exposure begins or ends during the eclipse.
    """

    penumbra_start_tai_ns: NDArray[np.int64]
    umbra_start_tai_ns: NDArray[np.int64]
    umbra_end_tai_ns: NDArray[np.int64]
    penumbra_end_tai_ns: NDArray[np.int64]
    total: NDArray[np.bool_]
    cut: NDArray[np.bool_]

    def __len__(self) -> int:
        return int(self.total.size)

    @property
    def umbra_s(self) -> NDArray[np.float64]:
        """Seconds in the umbra."""
        return np.asarray(self.umbra_end_tai_ns - self.umbra_start_tai_ns, dtype=np.float64) * 1e-9

    @property
    def shadow_s(self) -> NDArray[np.float64]:
        """Seconds from first to last contact."""
        return np.asarray(self.penumbra_end_tai_ns - self.penumbra_start_tai_ns, dtype=np.float64) * 1e-9


def find_eclipses(elements: MeanElements, almanac: Almanac, start_tai_ns: int, end_tai_ns: int) -> Eclipses:
    """Find every eclipse of one spacecraft.

    Parameters
    ----------
    elements : MeanElements
        One element set.
    almanac : Almanac
        With Earth orientation and ephemeris.
    start_tai_ns, end_tai_ns : int
        The interval.

    Returns
    -------
    Eclipses

    Notes
    -----
    The search is bounded by the rate of the angle between Earth and Sun as seen from the spacecraft, so that
    a short eclipse at the edge of a season is not missed.

    **Accuracy**: edges 1 ms of the geometry stated; a spherical Earth of the equatorial radius makes an umbra
    up to some ten seconds longer than the flattened one. Count and edges against an independent sampler with
    ERFA's Sun: ``test_materials_eclipses.py``.
    """
    from syzygy.astro.events.search import find_windows, make_nodes

    nodes = make_nodes(start_tai_ns, end_tai_ns, NODE_STEP_S)
    here = locate(elements, almanac, nodes)
    distance = np.linalg.norm(here.position_m, axis=-1)
    speed = np.linalg.norm(here.velocity_m_s, axis=-1)
    climb = np.abs(np.sum(here.position_m * here.velocity_m_s, axis=-1)) / distance
    tangent = np.sqrt(distance**2 - WGS84_SEMI_MAJOR_AXIS_M**2)
    widening = np.max(climb) * np.max(WGS84_SEMI_MAJOR_AXIS_M / (distance * tangent))
    rate = _RATE_MARGIN * float(np.max(speed / distance) + widening) + _SUN_RATE_RAD_S

    def depth(lane: NDArray[np.int64], tai_ns: NDArray[np.int64]) -> NDArray[np.float64]:
        at = locate(elements, almanac, tai_ns)
        return _depth(at.position_m, at.sun_m)[lane, np.arange(lane.size)]

    values = _depth(here.position_m, here.sun_m)
    windows = find_windows(depth, nodes, values, rate)
    cut = windows.open_start | windows.open_end
    outer, inner = (np.flatnonzero(windows.lane == kind) for kind in (_PENUMBRA, _UMBRA))
    # An umbra lies inside exactly one penumbra: the last that begins before it.
    owner = np.searchsorted(windows.start_tai_ns[outer], windows.start_tai_ns[inner], side="right") - 1
    umbra_start, umbra_end = (np.zeros(outer.size, dtype=np.int64) for _ in range(2))
    total = np.zeros(outer.size, dtype=bool)
    umbra_start[owner] = windows.start_tai_ns[inner]
    umbra_end[owner] = windows.end_tai_ns[inner]
    total[owner] = True
    return Eclipses(
        windows.start_tai_ns[outer], umbra_start, umbra_end, windows.end_tai_ns[outer], total, cut[outer]
    )


def _depth(position_m: NDArray[np.float64], sun_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how deep inside penumbra and umbra each place is, (2, m), as an angle."""
    separation, earth, sun = shadow_angles_rad(position_m, sun_m)
    return np.stack([earth + sun - separation, earth - sun - separation])
