"""Burns of an engine: impulses at instants and constant thrust between instants."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.base.errors import InputError

Doubles = NDArray[np.float64]

AXES = ("ICRF", "RTN", "VNC")
"""VNC: along the velocity, along the angular momentum, and their cross product."""
STANDARD_GRAVITY_M_S2 = 9.80665
"""Turns a specific impulse in seconds into an exhaust speed (ISO 80000-3)."""
_DIFFERENCE = 1e-6
_PASSES = 30


@dataclass(frozen=True)
class ImpulsiveBurn:
    """A change of velocity in no time.

    Attributes
    ----------
    tai_ns : int
    delta_v_m_s : tuple of float (3,)
    axes : str
        ``ICRF``, ``RTN`` or ``VNC`` (about the centre of that leg, of the state before the burn).
    isp_s : float
        0: the mass stays.
    name : str
    """

    tai_ns: int
    delta_v_m_s: tuple[float, float, float]
    axes: str = "ICRF"
    isp_s: float = 0.0
    name: str = "impulse"

    def __post_init__(self) -> None:
        _require_axes(self.axes, self.name)
        if len(self.delta_v_m_s) != 3 or not np.isfinite(self.delta_v_m_s).all() or self.isp_s < 0.0:
            raise InputError(
                "an impulsive burn needs three finite components and no negative specific impulse",
                value=f"{self.delta_v_m_s} m/s, {self.isp_s} s",
                where=self.name,
            )

    def mass_factor(self) -> float:
        """Return mass after to mass before."""
        if self.isp_s == 0.0:
            return 1.0
        return float(np.exp(-np.linalg.norm(self.delta_v_m_s) / (STANDARD_GRAVITY_M_S2 * self.isp_s)))


@dataclass(frozen=True)
class FiniteBurn:
    """Constant thrust between two instants; mass flows out at thrust over exhaust speed.

    Attributes
    ----------
    start_tai_ns, end_tai_ns : int
    thrust_n, isp_s : float
    direction : tuple of float (3,)
        Of the acceleration; any length.
    axes : str
        As of `ImpulsiveBurn`; local axes turn with the state during the burn.
    name : str
    """

    start_tai_ns: int
    end_tai_ns: int
    thrust_n: float
    isp_s: float
    direction: tuple[float, float, float]
    axes: str = "ICRF"
    name: str = "burn"

    def __post_init__(self) -> None:
        _require_axes(self.axes, self.name)
        numbers = np.array([self.thrust_n, self.isp_s, float(np.linalg.norm(self.direction))])
        if not (np.isfinite(numbers).all() and (numbers > 0.0).all() and self.end_tai_ns > self.start_tai_ns):
            raise InputError(
                "a finite burn needs a thrust, a specific impulse, a direction and a duration",
                value=f"{self.thrust_n} N, {self.isp_s} s, {self.direction}, "
                f"{(self.end_tai_ns - self.start_tai_ns) / 1e9} s",
                allowed="positive numbers, a direction other than zero",
                where=self.name,
            )

    @property
    def mass_flow_kg_s(self) -> float:
        """Mass that leaves per second."""
        return self.thrust_n / (STANDARD_GRAVITY_M_S2 * self.isp_s)


Burn = ImpulsiveBurn | FiniteBurn


@dataclass(frozen=True, eq=False)
class BurnRecord:
    """What an impulse did.

    Attributes
    ----------
    name : str
    tai_ns : int
    delta_v_m_s : array (3,)
        ICRF axes.
    mass_before_kg, mass_after_kg : float
        0 where the flight carries no mass.
    """

    name: str
    tai_ns: int
    delta_v_m_s: Doubles
    mass_before_kg: float
    mass_after_kg: float


def axes_of(axes: str, position: Doubles, velocity: Doubles) -> Doubles:
    """Return the rows (3, 3) of burn axes."""
    if axes == "ICRF":
        return np.eye(3)
    if axes == "RTN":
        return np.asarray(rtn_axes(position, velocity))
    along = velocity / np.linalg.norm(velocity)
    normal = np.cross(position, velocity)
    normal = normal / np.linalg.norm(normal)
    return np.array([along, normal, np.cross(along, normal)])


def impulse(burn: ImpulsiveBurn, position: Doubles, velocity: Doubles, forward: bool) -> Doubles:
    """Return the change (3,) of the velocity on crossing a burn forwards or backwards in time."""
    wanted = np.array(burn.delta_v_m_s)
    if forward or burn.axes == "ICRF":
        return (wanted @ axes_of(burn.axes, position, velocity)) * (1.0 if forward else -1.0)
    before = velocity
    for _ in range(_PASSES):
        before = velocity - wanted @ axes_of(burn.axes, position, before)
    return before - velocity


def impulse_partials(burn: ImpulsiveBurn, position: Doubles, velocity: Doubles, forward: bool) -> Doubles:
    """Return the derivatives (6, 6) of the state across a burn."""
    matrix = np.eye(6)
    if burn.axes == "ICRF":
        return matrix
    for k in range(6):
        size = np.linalg.norm(position if k < 3 else velocity)
        step = np.zeros(6)
        step[k] = _DIFFERENCE * size
        high = impulse(burn, position + step[:3], velocity + step[3:], forward)
        low = impulse(burn, position - step[:3], velocity - step[3:], forward)
        matrix[3:, k] += (high - low) / (2.0 * step[k])
    return matrix


def _require_axes(axes: str, name: str) -> None:
    if axes not in AXES:
        raise InputError("a burn has unknown axes", value=axes, allowed=", ".join(AXES), where=name)
