"""Eclipses by the Earth: penumbra and umbra of a cone, of a round or a flattened Earth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.constants import SUN_RADIUS_M, WGS84_FLATTENING, WGS84_SEMI_MAJOR_AXIS_M
from syzygy.astro.events.earth_fixed import apparent_sun_m
from syzygy.astro.events.motion_bounds import bound_motion
from syzygy.astro.events.search import find_windows, make_nodes
from syzygy.astro.events.trajectories import Trajectories
from syzygy.astro.events.windows import Windows, join_windows
from syzygy.base.errors import FrameError

DEFAULT_STEP_S = 120.0
_BLOCK_STATES = 1 << 18
_SUN_TURN_RAD_S = 2.1e-7
_DRIFT_MARGIN = 1.01

Vectors = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Eclipses:
    """Windows in which the Earth takes sunlight away.

    Attributes
    ----------
    penumbra : Windows
        Any part of the Sun's disc is hidden (the umbra included); lane is the object's index.
    umbra : Windows
        The whole disc is hidden.
    """

    penumbra: Windows
    umbra: Windows


def find_eclipses(
    trajectories: Trajectories,
    start_tai_ns: int,
    end_tai_ns: int,
    almanac: Almanac,
    *,
    flattened: bool = True,
    step_s: float = DEFAULT_STEP_S,
) -> Eclipses:
    """Find every passage through the Earth's penumbra and umbra.

    Parameters
    ----------
    trajectories : Trajectories
        n objects in TEME, ICRF or EME2000, at least 32 km above the ground.
    start_tai_ns, end_tai_ns : int
        The span.
    almanac : Almanac
        With ephemeris (and, for TEME, Earth orientation).
    flattened : bool
        True: the Earth is the WGS84 ellipsoid (axis along z of the frame), by scaling z. False: a sphere of
        the equatorial radius, whose eclipses last up to some ten seconds longer for polar orbits.
    step_s : float
        Spacing of the first grid; the answer does not depend on it.

    Raises
    ------
    FrameError
        Axes that turn with the Earth.
    InputError
        Empty or reversed span.
    MissingDataError, CoverageError
        The almanac has no ephemeris or Earth orientation for the span.

    Notes
    -----
    With s the direction of the apparent Sun and x = -r.s the distance behind the Earth, g = rho(x)^2 - r^2 +
    max(x, 0)^2, where rho is the radius of the shadow cone at x: positive inside the cone, smooth, bounded
    in its first two derivatives by distance, speed and acceleration. No atmosphere: refraction and
    dimming make the visible penumbra some seconds different.

    **Accuracy**: edges 1 ms against root finding on the angles of the discs with ERFA's Sun
    (``tests/astro/test_event_eclipses.py``).

    **Source**: Montenbruck & Gill, Satellite Orbits (2000), section 3.4.
    """
    if trajectories.frame.rotating:
        raise FrameError(
            "eclipses need axes at rest", value=trajectories.frame.name, allowed="TEME, ICRF, EME2000"
        )
    nodes = make_nodes(start_tai_ns, end_tai_ns, step_s)
    block = max(1, _BLOCK_STATES // nodes.size)
    firsts = list(range(0, len(trajectories), block))
    found: tuple[list[Windows], list[Windows]] = ([], [])
    for first in firsts:
        part = slice(first, min(first + block, len(trajectories)))
        position, velocity = trajectories.grid(part, nodes)
        for kind, windows in zip((1.0, -1.0), found, strict=True):
            shadow = _Shadow(trajectories, almanac, kind, flattened)
            windows.append(shadow.search(part, nodes, position, velocity))
    return Eclipses(join_windows(found[0], firsts), join_windows(found[1], firsts))


@dataclass(frozen=True)
class _Shadow:
    """One of the two cones: kind 1 penumbra (widening), -1 umbra (narrowing)."""

    trajectories: Trajectories
    almanac: Almanac
    kind: float
    flattened: bool

    def search(self, part: slice, nodes: NDArray[np.int64], position: Vectors, velocity: Vectors) -> Windows:
        motion = bound_motion(position, velocity, float(np.diff(nodes).max()) * 1e-9)
        stretch = 1.0 / (1.0 - WGS84_FLATTENING) if self.flattened else 1.0
        far, speed = motion.most_distance_m * stretch, motion.speed_m_s * stretch
        pull = motion.acceleration_m_s2 * stretch
        # x = -r.s and its derivatives, with the slow turn of the Sun.
        along = speed + far * _SUN_TURN_RAD_S
        along_2 = pull + 2.0 * speed * _SUN_TURN_RAD_S + far * _SUN_TURN_RAD_S**2
        slope = (SUN_RADIUS_M + WGS84_SEMI_MAJOR_AXIS_M) / 1.4e11
        radius = WGS84_SEMI_MAJOR_AXIS_M * 1.001 + slope * far
        rate = 2.0 * (slope * radius * along + far * speed + far * along)
        curvature = 2.0 * (
            slope**2 * along**2 + slope * radius * along_2 + speed**2 + far * pull + along**2 + far * along_2
        )
        values = self.depth(position, apparent_sun_m(nodes, self.trajectories.frame, self.almanac))

        def depth(lane: NDArray[np.int64], tai_ns: NDArray[np.int64]) -> NDArray[np.float64]:
            place = self.trajectories.points(part.start + lane, tai_ns)
            return self.depth(place, apparent_sun_m(tai_ns, self.trajectories.frame, self.almanac))

        return find_windows(depth, nodes, values, _DRIFT_MARGIN * rate, _DRIFT_MARGIN * curvature)

    def depth(self, position_m: Vectors, sun_m: Vectors) -> NDArray[np.float64]:
        """Return g, m^2, positive inside the cone."""
        place, sun = position_m, sun_m
        if self.flattened:
            scale = np.array([1.0, 1.0, 1.0 / (1.0 - WGS84_FLATTENING)])
            place, sun = position_m * scale, sun_m * scale
        distance = np.linalg.norm(sun, axis=-1)
        behind = -np.sum(place * sun, axis=-1) / distance
        sine = (SUN_RADIUS_M + self.kind * WGS84_SEMI_MAJOR_AXIS_M) / distance
        cosine = np.sqrt(1.0 - sine**2)
        # The cone touches the sphere: its radius over the Earth's centre is R / cos, its slope tan.
        radius = (WGS84_SEMI_MAJOR_AXIS_M + self.kind * behind * sine) / cosine
        tip = radius > 0.0
        square = np.where(tip, radius**2, -(radius**2))
        return np.asarray(square - np.sum(place**2, axis=-1) + np.maximum(behind, 0.0) ** 2)
