"""The common part of two ephemerides: instants, both places, and a flight beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.astro.frames import ICRF
from syzygy.astro.states import States
from syzygy.base.errors import CoverageError, InputError
from syzygy.exploration.replay.flights import Doubles, fly_plain, rows_of
from syzygy.exploration.replay.reading import FEWEST_ROWS, EphemerisBlock

_SAME_NS = 1000
_MOST_ROWS = 720
_UNSEEN_M = 1e-4


@dataclass(frozen=True, eq=False)
class Overlap:
    """Two ephemerides at common instants, ICRF about one centre.

    Attributes
    ----------
    instants : int64 array (n,)
    start : array (6,)
        State of the first ephemeris at the first instant.
    first_m, second_m : array (n, 3)
    velocity_m_s, second_velocity_m_s : array (n, 3)
        Of the first and of the second.
    noise_m : float
        Differences below this (a tenth of a millimetre, or rounding) are not explained.
    """

    instants: NDArray[np.int64]
    start: Doubles
    first_m: Doubles
    second_m: Doubles
    velocity_m_s: Doubles
    second_velocity_m_s: Doubles
    noise_m: float

    @property
    def difference_m(self) -> Doubles:
        """Second less first."""
        return self.second_m - self.first_m


def common_centre(block: EphemerisBlock, other: EphemerisBlock, almanac: Almanac) -> States:
    """Return the states of `block` about the centre of `other`."""
    states = block.states
    if block.centre == other.centre:
        return states
    position, velocity = almanac.require_ephemeris().state_m(block.centre, other.centre, states.tai_ns)
    return States(
        states.position_m + position, states.velocity_m_s + velocity, states.tai_ns, ICRF, other.centre
    )


def find_overlap(
    first: States, second: States, span: tuple[int, int], almanac: Almanac, force: ForceModel
) -> Overlap | None:
    """Return the common instants within a span, None where they are fewer than four.

    The instants are the rows of the second ephemeris. Where the first has no row at an instant, it is
    interpolated: a flight through its rows plus what it is beside the flight, cubic in time.
    """
    low, high = max(span[0], int(first.tai_ns[0])), min(span[1], int(first.tai_ns[-1]))
    inside = np.flatnonzero((second.tai_ns >= low) & (second.tai_ns <= high))
    if inside.size < FEWEST_ROWS:
        return None
    inside = inside[:: -(-inside.size // _MOST_ROWS)]
    instants = second.tai_ns[inside]
    states = _first_at(first, instants, almanac, force)
    noise = 4.0 * float(np.finfo(float).eps) * float(np.abs(second.position_m).max())
    return Overlap(
        instants, states[0], states[:, :3], second.position_m[inside], states[:, 3:],
        second.velocity_m_s[inside], max(noise, _UNSEEN_M),
    )  # fmt: skip


def _first_at(first: States, instants: NDArray[np.int64], almanac: Almanac, force: ForceModel) -> Doubles:
    row = np.clip(np.searchsorted(first.tai_ns, instants), 0, first.tai_ns.size - 1)
    before = np.maximum(row - 1, 0)
    nearest = np.where(
        np.abs(first.tai_ns[row] - instants) <= np.abs(first.tai_ns[before] - instants), row, before
    )
    rows = rows_of(first, slice(None))
    if (np.abs(first.tai_ns[nearest] - instants) <= _SAME_NS).all():
        return np.asarray(rows[nearest])
    begin = max(int(np.searchsorted(first.tai_ns, instants[0], side="right")) - 2, 0)
    end = min(int(np.searchsorted(first.tai_ns, instants[-1])) + 2, first.tai_ns.size)
    nodes = first.tai_ns[begin:end]
    every = np.unique(np.concatenate([nodes, instants]))
    flown = fly_plain(rows[begin], every, force, almanac)
    beside = rows[begin:end] - flown[np.searchsorted(every, nodes)]
    return np.asarray(flown[np.searchsorted(every, instants)] + _cubic(nodes, beside, instants))


def _cubic(nodes: NDArray[np.int64], values: Doubles, instants: NDArray[np.int64]) -> Doubles:
    """Interpolate small, smooth columns by a natural cubic spline."""
    from scipy.interpolate import CubicSpline

    seconds = (nodes - nodes[0]) / 1e9
    return np.asarray(CubicSpline(seconds, values)((instants - nodes[0]) / 1e9))


def require_one_flight(first: EphemerisBlock, second: EphemerisBlock) -> None:
    """Refuse two objects with different names where both have one."""
    names = {first.object_id or first.object_name, second.object_id or second.object_name}
    if len(names) > 1 and first.object_name != second.object_name:
        raise InputError(
            "the two ephemerides are of different objects",
            value=" and ".join(sorted(f"{b.object_name} ({b.object_id})" for b in (first, second))),
            allowed="two ephemerides of one flight",
            where="second",
        )


def no_overlap(first: States, second: States) -> CoverageError:
    """Return the error for ephemerides that do not overlap."""
    return CoverageError(
        "the two ephemerides do not overlap by four states",
        value=f"{first.tai_ns[0]} to {first.tai_ns[-1]} and {second.tai_ns[0]} to {second.tai_ns[-1]} ns TAI",
        allowed="a common span of an arc of at least four states of the second",
        where="second",
    )


def rms_m(rows: Doubles) -> float:
    """Return the root mean square length of rows (n, 3)."""
    return float(np.sqrt(np.mean(np.sum(rows * rows, axis=1)))) if rows.size else 0.0
