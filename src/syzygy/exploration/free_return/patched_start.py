"""Where the search begins: a patched conic, symmetric about the line from Earth to Moon, at its perilune.

Out and back, the flight has the angular momentum of its perigee; at the Moon it keeps its speed and turns
its radial part round. Height of the perilune and turn fix that radial part.

**Source**: Schwaniger, NASA TN D-1833 (1963), for the symmetry.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.bodies import EARTH, MOON

Doubles = NDArray[np.float64]

_ROUNDS = 60
_ENERGY_M2_S2 = -1.9e6


@dataclass(frozen=True, eq=False)
class MoonAxes:
    """Axes that turn with the Moon at one instant: x from the Earth to it, z along the pole of its orbit.

    Attributes
    ----------
    place_m, speed_m_s : array (3,)
        Of the Moon about the Earth, ICRF.
    rows : array (3, 3)
    """

    place_m: Doubles
    speed_m_s: Doubles
    rows: Doubles


def moon_axes(place: Doubles, speed: Doubles) -> MoonAxes:
    """Return the axes for a state of the Moon about the Earth."""
    pole = np.cross(place, speed)
    x, z = place / np.linalg.norm(place), pole / np.linalg.norm(pole)
    return MoonAxes(place, speed, np.stack([x, np.cross(z, x), z]))


def plane_pole(axes: MoonAxes, equator: Doubles, inclination_rad: float, ascending: bool) -> Doubles | None:
    """Return the pole (3,), ICRF, of the plane through Earth and Moon with an inclination.

    None when the inclination does not reach the Moon.
    """
    up = equator @ axes.rows[0]
    flat = math.hypot(up[0], up[1])
    cosine = math.cos(inclination_rad) / flat
    if abs(cosine) > 1.0:
        return None
    sine = math.sqrt(1.0 - cosine * cosine) * (1.0 if ascending else -1.0)
    east = np.array([-up[1], up[0], 0.0]) / flat
    along = cosine * east + sine * np.cross(up, east)
    return np.asarray(equator.T @ np.cross(up, along))


def start_perilune(
    axes: MoonAxes, poles: tuple[Doubles, Doubles], perigee_m: float, perilune_m: float
) -> Doubles:
    """Return the state (6,) at perilune relative to the Moon, ICRF, between two geocentric planes."""
    speed = math.sqrt(2.0 * (EARTH.gm_m3_s2 / perigee_m + _ENERGY_M2_S2 / 2.0))
    across = perigee_m * speed / float(np.linalg.norm(axes.place_m))
    x = axes.rows[0]
    out, back = (across * np.cross(pole, x) - axes.speed_m_s for pole in poles)
    out, back = out - (out @ x) * x, back - (back @ x) * x
    flat = 0.5 * (float(np.linalg.norm(out)) + float(np.linalg.norm(back)))
    radial = 0.8 * flat
    for _ in range(_ROUNDS):
        excess = math.hypot(radial, flat)
        radial = excess / (1.0 + perilune_m * excess**2 / MOON.gm_m3_s2)
    incoming, outgoing = out + radial * x, back - radial * x
    toward, ahead = incoming - outgoing, incoming + outgoing
    toward /= np.linalg.norm(toward)
    ahead -= (ahead @ toward) * toward
    ahead /= np.linalg.norm(ahead)
    fast = math.sqrt(radial**2 + flat**2 + 2.0 * MOON.gm_m3_s2 / perilune_m)
    return np.concatenate([perilune_m * toward, fast * ahead])
