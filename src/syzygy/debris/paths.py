"""What moves: element sets under SGP4 and sampled ephemerides behind one door, the path source.

Time is seconds since the begin of the window; positions are TEME, metres.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.propagation.sgp4_batch import Sgp4Batch, prepare_sgp4
from syzygy.astro.propagation.sgp4_states import Sgp4States
from syzygy.base.errors import InputError

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

NO_STATE = 7
"""Code of an instant at which a path has no state: outside an ephemeris, or not finite."""

_DAY_NS = 86_400_000_000_000
_DAY_S = 86400.0


@dataclass(frozen=True)
class PathStates:
    """States of objects.

    Attributes
    ----------
    position_m, velocity_m_s : float64 (..., 3)
        TEME; NaN where the code is not 0.
    error_code : uint8 (...)
        0 usable; 1 to 6 SGP4's; `NO_STATE`.
    """

    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]
    error_code: NDArray[np.uint8]


class PathSource(Protocol):
    """n objects that can be asked for their states; picklable, so that it travels to workers."""

    @property
    def span_s(self) -> NDArray[np.float64]:
        """Return from and to when each object has states, (n, 2); infinite for element sets."""
        ...

    def __len__(self) -> int: ...

    def states(self, seconds: NDArray[np.float64]) -> PathStates:
        """Return the states (n, m, 3) of all objects at instants (m,)."""
        ...

    def states_of(self, index: NDArray[np.int64], seconds: NDArray[np.float64]) -> PathStates:
        """Return states (k, q, 3): object ``index[k]`` at its own instants ``seconds[k]`` (q,)."""
        ...


@dataclass(frozen=True, eq=False)
class ElementPaths:
    """Element sets under SGP4; made by `make_element_paths`.

    Attributes
    ----------
    batch : Sgp4Batch
        With epochs counted in days from the begin of the window.
    """

    batch: Sgp4Batch

    def __len__(self) -> int:
        return len(self.batch)

    @property
    def span_s(self) -> NDArray[np.float64]:
        """Return an endless span for every object."""
        return np.tile(np.array([-np.inf, np.inf]), (len(self), 1))

    def states(self, seconds: NDArray[np.float64], *, out: PathStates | None = None) -> PathStates:
        """Return the states of all objects at all instants, in the arrays of `out` if given."""
        room = None if out is None else Sgp4States(out.position_m, out.velocity_m_s, out.error_code)
        found = self.batch.states_on_days(np.zeros(seconds.size), seconds / _DAY_S, out=room)
        return PathStates(found.position_m, found.velocity_m_s, found.error_code)

    def states_of(self, index: NDArray[np.int64], seconds: NDArray[np.float64]) -> PathStates:
        """Return the states of objects at their own instants."""
        shape = seconds.shape
        which = np.repeat(np.asarray(index, dtype=np.int64), shape[1])
        found = self.batch.states_at_days(which, np.zeros(which.size), seconds.ravel() / _DAY_S)
        return PathStates(
            found.position_m.reshape(*shape, 3),
            found.velocity_m_s.reshape(*shape, 3),
            found.error_code.reshape(shape),
        )


def make_element_paths(elements: MeanElements, start_tai_ns: int, leap_seconds: LeapSeconds) -> ElementPaths:
    """Initialise SGP4 (WGS-72, improved mode) for every object, with the begin of the window as time zero.

    The span between epoch and begin is counted in TAI nanoseconds and split in days and a rest, so that
    neither the rounding of a Julian date nor a leap second moves an object.
    """
    span_ns = elements.epoch_tai_ns - start_tai_ns
    whole = np.floor_divide(span_ns, _DAY_NS)
    fraction = (span_ns - whole * _DAY_NS) / _DAY_NS
    epoch = np.stack([whole.astype(np.float64), fraction], axis=1)
    return ElementPaths(replace(prepare_sgp4(elements, leap_seconds), epoch_jd=epoch))


@dataclass(frozen=True, eq=False)
class EphemerisTable:
    """States of one object at its own instants.

    Attributes
    ----------
    seconds : float64 (m,)
        Not falling; two equal instants mark a kink: the states before and after a manoeuvre.
    position_m, velocity_m_s : float64 (m, 3)
        TEME.
    """

    seconds: NDArray[np.float64]
    position_m: NDArray[np.float64]
    velocity_m_s: NDArray[np.float64]

    def __post_init__(self) -> None:
        gaps = np.diff(self.seconds)
        fits = self.position_m.shape == self.velocity_m_s.shape == (self.seconds.size, 3)
        if self.seconds.size < 2 or not fits or not (gaps >= 0.0).all():
            raise InputError(
                "an ephemeris is no table of states in time order",
                value=f"{self.seconds.size} instants, positions {self.position_m.shape}",
                allowed="two states or more, one instant each, not falling",
                where="EphemerisTable",
                hint="sort the states by time and leave out repeated ones",
            )


@dataclass(frozen=True, eq=False)
class EphemerisPaths:
    """Objects given by tables of states, joined by the quintic through position, velocity and pull.

    Attributes
    ----------
    tables : tuple of EphemerisTable
        One per object.

    Notes
    -----
    Between two states the path is the polynomial of degree five that has position, velocity and gravitational
    acceleration (with the flattening) of both. **Accuracy**: states 60 s apart in low orbit are joined to
    0.01 m (``test_debris_paths``).
    """

    tables: tuple[EphemerisTable, ...]

    def __len__(self) -> int:
        return len(self.tables)

    @property
    def span_s(self) -> NDArray[np.float64]:
        """Return first and last instant of every table."""
        spans = [(table.seconds[0], table.seconds[-1]) for table in self.tables]
        return np.array(spans, dtype=np.float64).reshape(-1, 2)

    def states(self, seconds: NDArray[np.float64]) -> PathStates:
        """Return the states of all objects at all instants."""
        grid = np.tile(seconds, (len(self), 1))
        return self.states_of(np.arange(len(self)), grid)

    def states_of(self, index: NDArray[np.int64], seconds: NDArray[np.float64]) -> PathStates:
        """Return the states of objects at their own instants."""
        position = np.full((*seconds.shape, 3), np.nan)
        velocity = np.full((*seconds.shape, 3), np.nan)
        code = np.full(seconds.shape, NO_STATE, dtype=np.uint8)
        for number in np.unique(index).tolist():
            rows = np.flatnonzero(index == number)
            table = self.tables[number]
            times = seconds[rows]
            inside = (times >= table.seconds[0]) & (times <= table.seconds[-1])
            p, v = _interpolate(table, np.where(inside, times, table.seconds[0]))
            position[rows] = np.where(inside[..., None], p, np.nan)
            velocity[rows] = np.where(inside[..., None], v, np.nan)
            code[rows] = np.where(inside, 0, NO_STATE)
        return PathStates(position, velocity, code)


def _interpolate(
    table: EphemerisTable, times: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    k = np.clip(np.searchsorted(table.seconds, times, side="right") - 1, 0, table.seconds.size - 2)
    span = table.seconds[k + 1] - table.seconds[k]
    # The last instant may be a kink of no length: then the state after it counts.
    step = np.where(span > 0.0, span, 1.0)[..., None]
    s = np.where(span > 0.0, times - table.seconds[k], span)[..., None] / step
    p0, p1 = table.position_m[k], table.position_m[k + 1]
    v0, v1 = table.velocity_m_s[k] * step, table.velocity_m_s[k + 1] * step
    a0, a1 = _pull(p0) * step**2, _pull(p1) * step**2
    rise = p1 - p0 - v0 - 0.5 * a0
    slope = v1 - v0 - a0
    bend = a1 - a0
    c3 = 10.0 * rise - 4.0 * slope + 0.5 * bend
    c4 = -15.0 * rise + 7.0 * slope - bend
    c5 = 6.0 * rise - 3.0 * slope + 0.5 * bend
    position = p0 + s * (v0 + s * (0.5 * a0 + s * (c3 + s * (c4 + s * c5))))
    velocity = (v0 + s * (a0 + s * (3.0 * c3 + s * (4.0 * c4 + s * 5.0 * c5)))) / step
    return position, velocity


def _pull(position_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the Earth's pull, its flattening included; the pole is TEME's z."""
    from syzygy.astro.constants import SGP4_EARTH_RADIUS_M, SGP4_GM_M3_S2, SGP4_J2

    r2 = (position_m**2).sum(axis=-1, keepdims=True)
    flat = 1.5 * SGP4_J2 * SGP4_EARTH_RADIUS_M**2 / r2
    up = 5.0 * position_m[..., 2:] ** 2 / r2
    factor = 1.0 + flat * (np.array([1.0, 1.0, 3.0]) - up)
    return np.asarray(-SGP4_GM_M3_S2 * position_m * factor / r2**1.5)


@dataclass(frozen=True, eq=False)
class JoinedPaths:
    """Several sources one after the other; an object's number runs through all of them.

    Attributes
    ----------
    parts : tuple of PathSource
        In this order.
    """

    parts: tuple[PathSource, ...]

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    @property
    def span_s(self) -> NDArray[np.float64]:
        """Return the spans of all parts."""
        return np.concatenate([part.span_s for part in self.parts])

    def states(self, seconds: NDArray[np.float64]) -> PathStates:
        """Return the states of all objects at all instants."""
        found = [part.states(seconds) for part in self.parts if len(part)]
        return PathStates(
            np.concatenate([f.position_m for f in found]),
            np.concatenate([f.velocity_m_s for f in found]),
            np.concatenate([f.error_code for f in found]),
        )

    def states_of(self, index: NDArray[np.int64], seconds: NDArray[np.float64]) -> PathStates:
        """Return the states of objects at their own instants."""
        states = PathStates(
            np.empty((*seconds.shape, 3)),
            np.empty((*seconds.shape, 3)),
            np.empty(seconds.shape, dtype=np.uint8),
        )
        first = 0
        for part in self.parts:
            rows = np.flatnonzero((index >= first) & (index < first + len(part)))
            if rows.size:
                found = part.states_of(index[rows] - first, seconds[rows])
                states.position_m[rows] = found.position_m
                states.velocity_m_s[rows] = found.velocity_m_s
                states.error_code[rows] = found.error_code
            first += len(part)
        return states


def split_paths(paths: PathSource, size: int) -> Iterator[tuple[NDArray[np.int64], PathSource]]:
    """Yield every object of a source once: numbers and paths, of at most `size` element sets."""
    if isinstance(paths, ElementPaths):
        for number, batch in paths.batch.pieces(size):
            yield number, ElementPaths(batch)
    elif isinstance(paths, JoinedPaths):
        first = 0
        for part in paths.parts:
            for number, piece in split_paths(part, size):
                yield number + first, piece
            first += len(part)
    elif len(paths):
        yield np.arange(len(paths)), paths


def states_of_some(paths: PathSource, index: NDArray[np.int64], seconds: NDArray[np.float64]) -> PathStates:
    """Return the states (k, m, 3) of some objects at the same instants (m,); element sets as a catalogue."""
    if isinstance(paths, ElementPaths):
        return ElementPaths(paths.batch.select(index)).states(seconds)
    return paths.states_of(index, np.tile(seconds, (index.size, 1)))


def sort_by_height(paths: PathSource) -> tuple[PathSource, NDArray[np.int64]]:
    """Return the paths with element sets in the order of their mean height, and the number of each before.

    The search goes through objects in the order of radius: neighbours there should be neighbours in memory.
    """
    order = np.arange(len(paths))
    if not isinstance(paths, ElementPaths) or len(paths) < 2:
        return paths, order
    from syzygy.astro.propagation._sgp4_kernels import C_AO

    height = np.empty(len(paths))
    for constants in (paths.batch.near, paths.batch.deep):
        height[constants.place] = constants.table[:, C_AO]
    order = np.argsort(height, kind="stable")
    return ElementPaths(paths.batch.select(order)), order


def join_paths(parts: Sequence[PathSource]) -> PathSource:
    """Return one source for several; a single one is returned as it is."""
    filled = [part for part in parts if len(part)]
    return filled[0] if len(filled) == 1 else JoinedPaths(tuple(filled))
