"""What moves: batches of trajectories that can be asked for states on a grid and at single instants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.constants import SGP4_GM_M3_S2
from syzygy.astro.frames import TEME, Frame, require_frame
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_states import (
    propagate_satrecs,
    satrec_array,
    satrec_list,
    uniform_julian_date,
)
from syzygy.astro.states import States
from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import InputError

Vectors = NDArray[np.float64]

_ESCAPE_MARGIN = 1.01


class Trajectory(Protocol):
    """One object about the Earth."""

    def states(self, tai_ns: NDArray[np.int64]) -> States:
        """Return the states (m,) at the instants; always in the same frame."""
        ...


class Trajectories(Protocol):
    """A batch of n objects about the Earth; positions are NaN where an object has no usable state."""

    @property
    def frame(self) -> Frame:
        """The axes of all states."""
        ...

    def __len__(self) -> int: ...

    def grid(self, part: slice, tai_ns: NDArray[np.int64]) -> tuple[Vectors, Vectors]:
        """Return positions (m) and velocities (m/s), (objects of the part, m, 3), at m instants."""
        ...

    def points(self, index: NDArray[np.int64], tai_ns: NDArray[np.int64]) -> Vectors:
        """Return the positions (k, 3) of these objects at these instants."""
        ...


@dataclass(frozen=True, eq=False)
class Sgp4Trajectories:
    """Element sets flown by SGP4 (TEME).

    Attributes
    ----------
    elements : MeanElements
        n objects.
    leap_seconds : LeapSeconds
        For the library's UTC day count.

    Notes
    -----
    An object that SGP4 gives up (any code but 0), or that moves faster than escape speed (stale sets run off
    with code 0), is unusable from there on, away from its epoch: decayed objects do not come back.
    """

    elements: MeanElements
    leap_seconds: LeapSeconds

    @property
    def frame(self) -> Frame:
        """TEME."""
        return TEME

    def __len__(self) -> int:
        return len(self.elements)

    def __getstate__(self) -> dict[str, Any]:
        """Leave the library's objects behind: they do not cross process borders."""
        return {"elements": self.elements, "leap_seconds": self.leap_seconds}

    def grid(self, part: slice, tai_ns: NDArray[np.int64]) -> tuple[Vectors, Vectors]:
        """Return TEME positions and velocities of some objects at m instants."""
        some = self.elements.select(part)
        states = propagate_satrecs(satrec_array(some), some, tai_ns, self.leap_seconds)
        lost = _lost_for_good(states.position_m, states.velocity_m_s, some.epoch_tai_ns, tai_ns)
        if lost.any():
            states.position_m[lost] = np.nan
            states.velocity_m_s[lost] = np.nan
        return states.position_m, states.velocity_m_s

    def points(self, index: NDArray[np.int64], tai_ns: NDArray[np.int64]) -> Vectors:
        """Return TEME positions of objects at single instants."""
        position = np.empty((index.size, 3))
        order = np.argsort(index, kind="stable")
        jd, fraction = uniform_julian_date(self.elements, index[order], tai_ns[order], self.leap_seconds)
        borders = np.flatnonzero(np.diff(index[order])) + 1
        starts, ends = [0, *borders.tolist()], [*borders.tolist(), index.size]
        for first, last in zip(starts, ends, strict=True):
            if last > first:
                satrec = self._satrecs[index[order[first]]]
                code, place, _ = satrec.sgp4_array(jd[first:last], fraction[first:last])
                place[code != 0] = np.nan
                position[order[first:last]] = place
        return position * 1000.0

    @cached_property
    def _satrecs(self) -> list[Any]:
        return satrec_list(self.elements)


def _lost_for_good(
    position_m: Vectors, velocity_m_s: Vectors, epoch_tai_ns: NDArray[np.int64], tai_ns: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return (n, m): a node is lost when it, or one between it and the epoch, has no usable state."""
    distance = np.linalg.norm(position_m, axis=-1)
    speed_2 = np.sum(velocity_m_s**2, axis=-1)
    lost: NDArray[np.bool_] = ~(speed_2 * distance < 2.0 * _ESCAPE_MARGIN * SGP4_GM_M3_S2)
    if not lost.any():
        return lost
    later = tai_ns[None, :] >= epoch_tai_ns[:, None]
    forward = np.logical_or.accumulate(lost & later, axis=1)
    backward = np.logical_or.accumulate((lost & ~later)[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(np.where(later, forward, backward))


@dataclass(frozen=True, eq=False)
class StateTrajectories:
    """Any objects that answer with States, all in one frame.

    Attributes
    ----------
    members : sequence of Trajectory
        n objects.
    frame : Frame
        The axes of their states; checked at every answer.
    """

    members: Sequence[Trajectory]
    frame: Frame

    def __len__(self) -> int:
        return len(self.members)

    def grid(self, part: slice, tai_ns: NDArray[np.int64]) -> tuple[Vectors, Vectors]:
        """Return positions and velocities of some objects at m instants."""
        answers = [self._states(member, tai_ns) for member in self.members[part]]
        if not answers:
            raise InputError("no trajectory to search", value=0, allowed="at least one")
        return (
            np.stack([answer.position_m for answer in answers]),
            np.stack([answer.velocity_m_s for answer in answers]),
        )

    def points(self, index: NDArray[np.int64], tai_ns: NDArray[np.int64]) -> Vectors:
        """Return positions of objects at single instants."""
        position = np.empty((index.size, 3))
        for number in np.unique(index).tolist():
            which = index == number
            position[which] = self._states(self.members[number], tai_ns[which]).position_m
        return position

    def _states(self, member: Trajectory, tai_ns: NDArray[np.int64]) -> States:
        states = member.states(tai_ns)
        require_frame(states.frame, self.frame, "StateTrajectories")
        return states
