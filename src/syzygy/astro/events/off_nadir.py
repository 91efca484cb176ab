"""When a target lies within an angle of the nadir as seen from satellites."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.events.earth_fixed import EarthTurn, earth_fixed_m
from syzygy.astro.events.motion_bounds import MotionBounds, bound_motion
from syzygy.astro.events.search import find_windows, make_nodes
from syzygy.astro.events.sites import Sites
from syzygy.astro.events.trajectories import Trajectories
from syzygy.astro.events.windows import Windows, join_windows
from syzygy.base.errors import UnitError

DEFAULT_STEP_S = 60.0
_BLOCK_STATES = 1 << 18


def find_off_nadir_windows(
    trajectories: Trajectories,
    sites: Sites,
    start_tai_ns: int,
    end_tai_ns: int,
    earth: EarthTurn,
    *,
    max_off_nadir_rad: float,
    step_s: float = DEFAULT_STEP_S,
) -> Windows:
    """Find every span in which a site is within the angle of the geocentric nadir *and* above its mask side.

    Parameters
    ----------
    trajectories, sites, start_tai_ns, end_tai_ns, earth, step_s
        As `find_passes`.
    max_off_nadir_rad : float
        Angle at the satellite between the Earth's centre and the site, 0 to pi/2.

    Returns
    -------
    Windows
        Lane is ``object_index * len(sites) + site_index``.

    Raises
    ------
    UnitError
        The angle is not between 0 and pi/2.

    Notes
    -----
    With w from the satellite r to the site, g = min(-r.w - |r||w| cos(limit), 4 r_low u.d) where d = -w: the
    second part is positive where the satellite stands above the site's horizon, so that the far side of the
    Earth does not count. Only the bound on the rate is used, because a minimum of two has no curvature.

    **Accuracy**: edges 1 ms, every window of dense sampling
    (``tests/astro/test_event_orbit_crossings.py``).
    """
    if not 0.0 < max_off_nadir_rad < math.pi / 2.0:
        raise UnitError(
            "the off-nadir limit is out of range",
            value=f"{max_off_nadir_rad} rad",
            allowed="above 0, below pi/2 rad",
            where="max_off_nadir_rad",
            hint="degrees given as radians?",
        )
    nodes = make_nodes(start_tai_ns, end_tai_ns, step_s)
    cosine, count = math.cos(max_off_nadir_rad), len(sites)
    block = max(1, _BLOCK_STATES // (nodes.size * count))
    firsts = list(range(0, len(trajectories), block))
    parts = []
    for first in firsts:
        part = slice(first, min(first + block, len(trajectories)))
        position, velocity = trajectories.grid(part, nodes)
        motion = bound_motion(position, velocity, float(np.diff(nodes).max()) * 1e-9)
        fixed = earth_fixed_m(position, nodes, trajectories.frame, earth)
        scale = 4.0 * motion.least_distance_m
        values = _depth(
            fixed[:, None], sites.position_m[:, None], sites.up[:, None], scale[:, None, None], cosine
        )

        def depth(
            lane: NDArray[np.int64],
            tai_ns: NDArray[np.int64],
            first: int = first,
            scale: NDArray[np.float64] = scale,
        ) -> NDArray[np.float64]:
            place = trajectories.points(first + lane // count, tai_ns)
            place = earth_fixed_m(place, tai_ns, trajectories.frame, earth)
            site = lane % count
            return _depth(place, sites.position_m[site], sites.up[site], scale[lane // count], cosine)

        rate = np.repeat(_rate(motion, cosine), count)
        parts.append(find_windows(depth, nodes, values.reshape(-1, nodes.size), rate))
    return join_windows(parts, [first * count for first in firsts])


def _depth(
    place: NDArray[np.float64],
    site: NDArray[np.float64],
    up: NDArray[np.float64],
    scale: NDArray[np.float64],
    cosine: float,
) -> NDArray[np.float64]:
    toward = site - place
    product = np.linalg.norm(place, axis=-1) * np.linalg.norm(toward, axis=-1)
    within = -np.sum(place * toward, axis=-1) - product * cosine
    above = -np.sum(toward * up, axis=-1) * scale
    return np.asarray(np.minimum(within, above))


def _rate(motion: MotionBounds, cosine: float) -> NDArray[np.float64]:
    speed, far = motion.fixed_speed_m_s, motion.most_distance_m
    reach = far + 6.4e6
    within = (1.0 + cosine) * speed * (far + reach)
    return np.asarray(np.maximum(within, 4.0 * motion.least_distance_m * speed))
