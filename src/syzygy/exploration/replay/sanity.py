"""Is an ephemeris what its label says at all? Positions against velocities, and the centre of the motion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import Body, find_body
from syzygy.astro.states import States
from syzygy.base.errors import FrameError, SyzygyError, UnitError
from syzygy.exploration.replay.flights import Doubles, fly_plain, rows_of
from syzygy.exploration.replay.forces import make_forces
from syzygy.exploration.replay.reading import FEWEST_ROWS, EphemerisBlock
from syzygy.exploration.replay.requests import ForceChoice

_APART = 3.0
_SHORT_STEP = 0.1
_LEADING_ROWS = 60
_BAD_SHARE = 1e-3
_CLEARLY = 100.0
_CENTRES = (
    "Earth", "Moon", "Sun", "Mars barycenter", "Venus", "Mercury", "Jupiter barycenter", "Saturn barycenter",
)  # fmt: skip


def require_sane(block: EphemerisBlock, index: int, choice: ForceChoice, name: str, almanac: Almanac) -> None:
    """Refuse a segment whose motion or centre cannot be what is written; raises as the two below."""
    where = f"{name} segment {index + 1}"
    if block.states.tai_ns.size >= FEWEST_ROWS:
        require_motion(block.states, where)
        require_centre(block.states, choice, almanac, where)


def require_motion(states: States, where: str) -> None:
    """Refuse states whose positions do not move as their velocities say.

    The way between two rows cannot be three times what the velocities at both allow, nor a third of it where
    the rows are close; the median over the rows counts, so that gaps and burns do not matter.

    Raises
    ------
    UnitError
        Positions and velocities are not of one motion: other units, or velocities of other axes.
    """
    seconds = np.diff(states.tai_ns) / 1e9
    speed = np.linalg.norm(states.velocity_m_s, axis=1)
    expected = 0.5 * (speed[1:] + speed[:-1]) * seconds
    moved = np.linalg.norm(np.diff(states.position_m, axis=0), axis=1)
    if expected.size == 0 or not (expected > 0.0).all():
        return
    ratio = float(np.median(moved / expected))
    close = float(np.median(expected / np.linalg.norm(states.position_m[1:], axis=1))) < _SHORT_STEP
    if ratio > _APART or (close and ratio < 1.0 / _APART):
        raise UnitError(
            "positions and velocities do not belong to one motion",
            value=f"positions move {ratio:.4g} times as fast as the velocities say",
            allowed=f"a ratio near 1 (up to {_APART:g}, and {1.0 / _APART:.2g} or more where rows are close)",
            where=where,
            hint="an OEM holds km and km/s, both in the axes of REF_FRAME",
        )


def require_centre(states: States, choice: ForceChoice, almanac: Almanac, where: str) -> None:
    """Refuse states that plainly move about another body than the one on their label.

    Leading rows are flown about the centre on the label. Where they miss by more than a thousandth of the
    way, other bodies are tried with the same numbers; one that fits a hundred times better is the centre.

    Raises
    ------
    FrameError
        Another centre fits a hundred times better.
    """
    rows = rows_of(states, slice(None))[:_LEADING_ROWS]
    instants = states.tai_ns[:_LEADING_ROWS]
    way = float(np.sum(np.linalg.norm(np.diff(rows[:, :3], axis=0), axis=1)))
    labelled = _misses(rows, instants, states.centre, choice, almanac)
    if labelled <= _BAD_SHARE * way:
        return
    others = [body for body in map(find_body, _CENTRES) if body != states.centre]
    found = [(_misses(rows, instants, body, choice, almanac), body) for body in others]
    least, body = min(found, key=lambda item: item[0])
    if least * _CLEARLY < labelled:
        raise FrameError(
            "the states do not move about the centre on their label",
            value=f"{states.centre.name}: {labelled:.4g} m off over {instants.size} rows",
            allowed=f"{body.name}, about which the same numbers are {least:.4g} m off",
            where=where,
            hint="correct CENTER_NAME, or ask the originator which centre was meant",
        )


def _misses(
    rows: Doubles, instants: NDArray[np.int64], centre: Body, choice: ForceChoice, almanac: Almanac
) -> float:
    """Return the RMS distance (m) from a flight about a centre, infinite where that cannot be flown."""
    try:
        flown = fly_plain(rows[0], instants, make_forces(choice, centre), almanac)
    except SyzygyError:
        return float("inf")
    return float(np.sqrt(np.mean(np.sum((rows[:, :3] - flown[:, :3]) ** 2, axis=1))))
