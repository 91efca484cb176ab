"""A flight sampled where it bends: about the Earth, about the Moon, and in axes that turn with the Moon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, MOON
from syzygy.astro.propagation.trajectory import Trajectory

Doubles = NDArray[np.float64]

_SHARE = 0.12
_LONGEST_S = 3600.0


@dataclass(frozen=True, eq=False)
class Path:
    """A sampled flight.

    Attributes
    ----------
    tai_ns : int64 array (n,)
    position_m, velocity_m_s : array (n, 3)
        About the Earth, ICRF.
    relative_m, relative_m_s : array (n, 3)
        About the Moon, ICRF.
    rotating_m : array (n, 3)
        About the Earth; x to the Moon, z along the pole of its orbit.
    moon_m : array (n, 3)
        The Moon, ICRF.
    """

    tai_ns: NDArray[np.int64]
    position_m: Doubles
    velocity_m_s: Doubles
    relative_m: Doubles
    relative_m_s: Doubles
    rotating_m: Doubles
    moon_m: Doubles


def fly_path(flight: Trajectory, almanac: Almanac, share: float = _SHARE) -> Path:
    """Sample a flight; `share` of the shorter of the two local periods over 2 pi is a step."""
    return sample_path(flight, almanac, path_instants(flight, almanac, share))


def path_instants(flight: Trajectory, almanac: Almanac, share: float = _SHARE) -> NDArray[np.int64]:
    """Return instants of whole seconds between the ends of a flight, and both ends."""
    first, last = flight.span_tai_ns
    found, now = [first], first
    ephemeris = almanac.require_ephemeris()
    while True:
        at = np.array([now])
        place = flight.states(at).position_m[0]
        near = place - ephemeris.position_m(MOON, EARTH, at)[0]
        step = share * min(
            float(np.linalg.norm(place)) ** 1.5 / EARTH.gm_m3_s2**0.5,
            float(np.linalg.norm(near)) ** 1.5 / MOON.gm_m3_s2**0.5,
            _LONGEST_S / share,
        )
        now += max(1, round(step)) * 1_000_000_000
        if now >= last:
            break
        found.append(now)
    return np.array([*found, last], dtype=np.int64)


def sample_path(flight: Trajectory, almanac: Almanac, tai_ns: NDArray[np.int64]) -> Path:
    """Sample a flight at instants."""
    seen = flight.states(tai_ns)
    moon, speed = almanac.require_ephemeris().state_m(MOON, EARTH, tai_ns)
    pole = np.cross(moon, speed)
    x = moon / np.linalg.norm(moon, axis=-1, keepdims=True)
    z = pole / np.linalg.norm(pole, axis=-1, keepdims=True)
    turn = np.stack([x, np.cross(z, x), z], axis=1)
    rotating = np.einsum("nij,nj->ni", turn, seen.position_m)
    return Path(
        tai_ns, seen.position_m, seen.velocity_m_s, seen.position_m - moon, seen.velocity_m_s - speed,
        rotating, moon,
    )  # fmt: skip
