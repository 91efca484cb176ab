"""The approach to the Moon: osculating hyperbola, B-plane, and what a wanted perilune means in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import MOON
from syzygy.astro.frames import moon_pa_from_icrf
from syzygy.astro.time import tdb_seconds

Doubles = NDArray[np.float64]

_DEGREE = math.pi / 180.0
_DAY_S = 86_400.0
_CENTURY_DAYS = 36_525.0
# NAIF pck00011.tpc, IAU WGCCRE 2015: nutation-precession angles E1 ... E13 (deg, deg per day) and the pole.
_ANGLES = (
    (125.045, -0.0529921), (250.089, -0.1059842), (260.008, 13.0120009), (176.625, 13.3407154),
    (357.529, 0.9856003), (311.589, 26.4057084), (134.963, 13.0649930), (276.617, 0.3287146),
    (34.226, 1.7484877), (15.134, -0.1589763), (119.743, 0.0036096), (239.961, 0.1643573),
    (25.053, 12.9590088),
)  # fmt: skip
_POLE_RA = (-3.8787, -0.1204, 0.0700, -0.0172, 0.0, 0.0072, 0.0, 0.0, 0.0, -0.0052, 0.0, 0.0, 0.0043)
_POLE_DEC = (1.5419, 0.0239, -0.0278, 0.0068, 0.0, -0.0029, 0.0009, 0.0, 0.0, 0.0008, 0.0, 0.0, -0.0009)

AXES = ("iau", "principal", "icrf")


def reference_pole(axes: str, tai_ns: int, almanac: Almanac) -> Doubles:
    """Return the pole (3,) in ICRF to which inclinations at the Moon are meant.

    Parameters
    ----------
    axes : str
        ``iau`` (IAU WGCCRE 2015), ``principal`` (principal axes of the Almanac) or ``icrf``.

    Raises
    ------
    MissingDataError
        Principal axes are asked for and the Almanac has none.

    **Accuracy**: the pole of the IAU within 0.02 degrees of the principal axes of DE440
    (tests/exploration/test_exploration_lunar.py).
    """
    if axes == "icrf":
        return np.array([0.0, 0.0, 1.0])
    if axes == "principal":
        angles = almanac.require_moon_orientation().angles_rad(np.array([tai_ns], dtype=np.int64))
        return np.asarray(moon_pa_from_icrf(angles)[0, 2])
    whole, fraction = tdb_seconds(tai_ns)
    days = float(whole + fraction) / _DAY_S
    centuries = days / _CENTURY_DAYS
    angles = np.array([(start + rate * days) * _DEGREE for start, rate in _ANGLES])
    ra = (269.9949 + 0.0031 * centuries + float(np.dot(_POLE_RA, np.sin(angles)))) * _DEGREE
    dec = (66.5392 + 0.0130 * centuries + float(np.dot(_POLE_DEC, np.cos(angles)))) * _DEGREE
    return np.array([math.cos(dec) * math.cos(ra), math.cos(dec) * math.sin(ra), math.sin(dec)])


@dataclass(frozen=True, eq=False)
class Hyperbola:
    """Osculating hyperbolas about the Moon, arrays (...).

    Attributes
    ----------
    excess_speed_m_s, periapsis_m, impact_parameter_m : array
    time_to_periapsis_s : array
        Negative afterwards.
    asymptote : array (..., 3)
        Direction of the incoming excess velocity, S.
    impact : array (..., 3)
        The vector B, m.
    pole : array (..., 3)
        Of the orbit.
    """

    excess_speed_m_s: Doubles
    periapsis_m: Doubles
    impact_parameter_m: Doubles
    time_to_periapsis_s: Doubles
    asymptote: Doubles
    impact: Doubles
    pole: Doubles

    def plane_axes(self, reference: Doubles) -> tuple[Doubles, Doubles]:
        """Return the axes T = S x k / \\|S x k\\| and R = S x T of the B-plane."""
        across = np.cross(self.asymptote, reference)
        across /= np.linalg.norm(across, axis=-1, keepdims=True)
        return across, np.cross(self.asymptote, across)

    def declination_rad(self, reference: Doubles) -> Doubles:
        """Return the declination of the asymptote over the equator of a pole."""
        return np.asarray(np.arcsin(np.clip(self.asymptote @ reference, -1.0, 1.0)))

    def inclination_rad(self, reference: Doubles) -> Doubles:
        """Return the inclination of the orbit to the equator of a pole."""
        return np.asarray(np.arccos(np.clip(self.pole @ reference, -1.0, 1.0)))


def osculating_hyperbola(relative: Doubles, gm_m3_s2: float = MOON.gm_m3_s2) -> Hyperbola | None:
    """Return the hyperbolas of states (..., 6) relative to the Moon; None when any is bound.

    **Source**: Kizner, Planet. Space Sci. 7, 125 (1961); Vallado, section 2.3.
    """
    r, v = relative[..., :3], relative[..., 3:]
    distance = np.sqrt(np.sum(r * r, axis=-1))
    energy = np.sum(v * v, axis=-1) / 2.0 - gm_m3_s2 / distance
    if not bool(np.all(energy > 0.0)):
        return None
    axis = gm_m3_s2 / (2.0 * energy)
    momentum = np.cross(r, v)
    size = np.sqrt(np.sum(momentum * momentum, axis=-1))
    vector = np.cross(v, momentum) / gm_m3_s2 - r / distance[..., None]
    e = np.sqrt(1.0 + (size / gm_m3_s2) ** 2 * 2.0 * energy)
    toward = vector / np.sqrt(np.sum(vector * vector, axis=-1))[..., None]
    pole = momentum / size[..., None]
    ahead = np.cross(pole, toward)
    root = np.sqrt(e * e - 1.0)
    asymptote = (toward + root[..., None] * ahead) / e[..., None]
    b = axis * root
    impact = b[..., None] * np.cross(asymptote, pole)
    swing = np.arcsinh(np.sum(r * v, axis=-1) / (e * np.sqrt(gm_m3_s2 * axis)))
    since = (e * np.sinh(swing) - swing) * np.sqrt(axis**3 / gm_m3_s2)
    return Hyperbola(np.sqrt(2.0 * energy), axis * (e - 1.0), b, -since, asymptote, impact, pole)


@dataclass(frozen=True, eq=False)
class PeriluneGoal:
    """What is wanted at the Moon.

    Attributes
    ----------
    radius_m : float
        Of the perilune, from the centre.
    inclination_rad : float
    south : bool
        B.R positive: the Moon is passed on the side away from the reference pole.
    reference : array (3,)
        The pole to which the inclination is meant.
    """

    radius_m: float
    inclination_rad: float
    south: bool
    reference: Doubles

    def misses(
        self, relative: Doubles, time_to_go_s: float, gm_m3_s2: float = MOON.gm_m3_s2
    ) -> Doubles | None:
        """Return (..., 3): B.T and B.R less what they should be (m), perilune later than it should be (s).

        None when a state is not hyperbolic.
        """
        found = osculating_hyperbola(relative, gm_m3_s2)
        if found is None:
            return None
        t_axis, r_axis = found.plane_axes(self.reference)
        speed = found.excess_speed_m_s
        wanted = self.radius_m * np.sqrt(1.0 + 2.0 * gm_m3_s2 / (self.radius_m * speed**2))
        reach = np.cos(found.declination_rad(self.reference))
        cosine = np.clip(math.cos(self.inclination_rad) / reach, -1.0, 1.0)
        sine = np.sqrt(1.0 - cosine * cosine) * (1.0 if self.south else -1.0)
        return np.stack(
            [
                np.sum(found.impact * t_axis, axis=-1) - wanted * cosine,
                np.sum(found.impact * r_axis, axis=-1) - wanted * sine,
                found.time_to_periapsis_s - time_to_go_s,
            ],
            axis=-1,
        )


def slopes_of_misses(
    goal: PeriluneGoal, relative: Doubles, time_to_go_s: float, gm_m3_s2: float = MOON.gm_m3_s2
) -> Doubles | None:
    """Return the derivatives (3, 6) of the misses by the state, by central differences."""
    distance, speed = float(np.linalg.norm(relative[:3])), float(np.linalg.norm(relative[3:]))
    steps = np.array([1e-6 * distance] * 3 + [1e-6 * speed] * 3)
    points = relative + np.concatenate([np.diag(steps), -np.diag(steps)])
    misses = goal.misses(points, time_to_go_s, gm_m3_s2)
    if misses is None:
        return None
    return np.asarray(((misses[:6] - misses[6:]) / (2.0 * steps[:, None])).T)
