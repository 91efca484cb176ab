"""States: position and velocity of a batch, with the instants, the axes and the centre they belong to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from syzygy.astro.bodies import EARTH, Body
from syzygy.astro.frames import (
    EME2000,
    EME2000_FROM_ICRF,
    ICRF,
    ITRF,
    MOON_ME,
    MOON_ME_FROM_PA,
    MOON_PA,
    TEME,
    Frame,
    OrientationSource,
    gcrf_from_itrf,
    gcrf_from_teme,
    itrf_from_gcrf,
    itrf_from_teme,
    rotate,
    teme_from_gcrf,
    teme_from_itrf,
)
from syzygy.astro.frames.vectors import Matrices, Vectors, as_vectors
from syzygy.astro.time import Instants, as_instants
from syzygy.base.errors import FrameError, InputError, UnitError

_LEAST_EARTH_RADIUS_M = 6_000_000.0
_LEAST_SHARE_OF_RADIUS = 0.9
_MOST_SPEED_M_S = 3.0e8

_Turn = Callable[[Vectors, Vectors | None, Instants, OrientationSource], tuple[Vectors, Vectors | None]]


@dataclass(frozen=True, eq=False)
class States:
    """A batch of states.

    Attributes
    ----------
    position_m : float64 (..., 3)
    velocity_m_s : float64 (..., 3)
        In turning axes: as seen from them.
    tai_ns : int64 (...)
        Broadcast against the states.
    frame : Frame
        The axes.
    centre : Body
        The origin.

    Raises
    ------
    InputError
        Shapes that do not fit, values that are not finite.
    UnitError
        A position deep inside the central body (below 6 000 km of the Earth, nine tenths of the radius of
        any other), or a speed above that of light: kilometres for metres.
    FrameError
        Axes that do not belong to the centre (ITRF about another body than the Earth ...).
    """

    position_m: Vectors
    velocity_m_s: Vectors
    tai_ns: Instants
    frame: Frame
    centre: Body = EARTH

    def __post_init__(self) -> None:
        for name, value, kind in (("frame", self.frame, Frame), ("centre", self.centre, Body)):
            if not isinstance(value, kind):
                raise FrameError(
                    f"the {name} of states is none",
                    value=repr(value),
                    allowed=f"a {kind.__name__}",
                    where=f"States.{name}",
                    hint="import it from syzygy.astro.frames or syzygy.astro.bodies",
                )
        position = as_vectors(self.position_m, "States.position_m")
        velocity = as_vectors(self.velocity_m_s, "States.velocity_m_s")
        instants = as_instants(self.tai_ns, "States.tai_ns")
        object.__setattr__(self, "position_m", position)
        object.__setattr__(self, "velocity_m_s", velocity)
        object.__setattr__(self, "tai_ns", instants)
        if position.shape != velocity.shape or not _broadcasts_to(instants.shape, position.shape[:-1]):
            raise InputError(
                "positions, velocities and instants of states do not fit together",
                value=f"{position.shape}, {velocity.shape}, {instants.shape}",
                allowed="(..., 3), (..., 3) and instants that broadcast to (...)",
                where="States",
            )
        _require_own_centre(self.frame, self.centre)
        _require_plausible(position, velocity, self.centre)


def transform_states(states: States, frame: Frame, almanac: OrientationSource) -> States:
    """Return the states in other axes about the same centre.

    ICRF, EME2000, TEME and ITRF go into each other about the Earth; ICRF and EME2000 about any centre;
    MOON_PA and MOON_ME about the Moon.

    Raises
    ------
    FrameError
        No way between the two axes about this centre.
    MissingDataError, CoverageError
        As `syzygy.astro.frames.itrf_from_gcrf`.
    """
    if states.frame == frame:
        return states
    _require_own_centre(frame, states.centre)
    constant = _CONSTANT_TURNS.get((states.frame, frame))
    if constant is not None:
        return replace(
            states,
            position_m=rotate(constant, states.position_m),
            velocity_m_s=rotate(constant, states.velocity_m_s),
            frame=frame,
        )
    turn = _EARTH_TURNS.get((states.frame, frame))
    if turn is not None:
        position, velocity = turn(states.position_m, states.velocity_m_s, states.tai_ns, almanac)
        if velocity is None:
            raise FrameError("a turn of states lost the velocity", value=frame.name)
        return replace(states, position_m=position, velocity_m_s=velocity, frame=frame)
    if EME2000 in (states.frame, frame) and ICRF not in (states.frame, frame):
        return transform_states(transform_states(states, ICRF, almanac), frame, almanac)
    raise FrameError(
        "there is no way between these axes",
        value=f"{states.frame} to {frame} about {states.centre}",
        allowed="ICRF, EME2000, TEME, ITRF about the Earth; MOON_PA, MOON_ME about the Moon",
        where="transform_states",
        hint="for the Moon's axes take the libration angles of the ephemeris (moon_pa_from_icrf)",
    )


_EARTH_TURNS: dict[tuple[Frame, Frame], _Turn] = {
    (ICRF, ITRF): itrf_from_gcrf,
    (ITRF, ICRF): gcrf_from_itrf,
    (TEME, ITRF): itrf_from_teme,
    (ITRF, TEME): teme_from_itrf,
    (TEME, ICRF): gcrf_from_teme,
    (ICRF, TEME): teme_from_gcrf,
}
_CONSTANT_TURNS: dict[tuple[Frame, Frame], Matrices] = {
    (ICRF, EME2000): EME2000_FROM_ICRF,
    (EME2000, ICRF): EME2000_FROM_ICRF.T,
    (MOON_PA, MOON_ME): MOON_ME_FROM_PA,
    (MOON_ME, MOON_PA): MOON_ME_FROM_PA.T,
}
_OWN_CENTRE = {ITRF.name: 399, TEME.name: 399, MOON_PA.name: 301, MOON_ME.name: 301}


def _require_own_centre(frame: Frame, centre: Body) -> None:
    own = _OWN_CENTRE.get(frame.name)
    if own is not None and centre.naif_id != own:
        raise FrameError(
            "the axes do not belong to the centre",
            value=f"{frame} about {centre}",
            allowed=f"{frame} about body {own}",
            where="States",
        )


def _require_plausible(position: Vectors, velocity: Vectors, centre: Body) -> None:
    if not position.size:
        return
    radius = float(np.sqrt(np.sum(position * position, axis=-1).min()))
    is_earth = centre.naif_id == EARTH.naif_id
    least_m = _LEAST_EARTH_RADIUS_M if is_earth else _LEAST_SHARE_OF_RADIUS * centre.radius_m
    if radius < least_m:
        raise UnitError(
            f"a position lies deep inside its centre, {centre}",
            value=f"{radius:.1f} m from the centre",
            allowed=f"{least_m:.0f} m or more",
            where="States.position_m",
            hint="positions are in metres: are these kilometres?",
        )
    speed = float(np.sqrt(np.sum(velocity * velocity, axis=-1).max()))
    if speed > _MOST_SPEED_M_S:
        raise UnitError(
            "a velocity exceeds the speed of light",
            value=f"{speed:.6g} m/s",
            allowed="metres per second",
            where="States.velocity_m_s",
            hint="check the unit",
        )


def _broadcasts_to(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, target) == target
    except ValueError:
        return False
