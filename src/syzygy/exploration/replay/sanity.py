"""Is an ephemeris what its label says at all? Positions against velocities, axes, centre, gravity."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import EARTH, Body, find_body
from syzygy.astro.frames import EME2000, ICRF, ITRF, TEME
from syzygy.astro.states import States
from syzygy.base.errors import FrameError, InputError, SyzygyError, UnitError
from syzygy.exploration.replay.flights import fly_plain, rows_of
from syzygy.exploration.replay.forces import make_forces
from syzygy.exploration.replay.reading import FEWEST_ROWS, EphemerisBlock, in_icrf
from syzygy.exploration.replay.requests import ForceChoice

_APART = 3.0
_SHORT_STEP = 0.1
_HALF_TURN = 3.0
_CHORD_SHARE = 3e-3
_FAIR_SHARE = 1e-6
_DOUBTFUL_SHARE = 1e-3
_WRONG_SHARE = 1e-2
_HOPS = 8
_HOP_SHARE = 0.05
_CELESTIAL = (EME2000, ICRF)
_TERRESTRIAL = (TEME, ITRF)
_LEADING_ROWS = 60
_BAD_SHARE = 1e-3
_CLEARLY = 100.0
_CENTRES = (
    "Earth", "Moon", "Sun", "Mars barycenter", "Venus", "Mercury", "Jupiter barycenter", "Saturn barycenter",
)  # fmt: skip


def make_sane(
    block: EphemerisBlock, index: int, choice: ForceChoice, name: str, almanac: Almanac
) -> EphemerisBlock:
    """Return a segment as it can be flown: as labelled, or under the axes that it plainly is in.

    Raises
    ------
    UnitError
        Positions and velocities of two motions, or metres for kilometres.
    FrameError
        Another centre than on the label.
    InputError
        Numbers that do not move as gravity moves anything.
    """
    where = f"{name} segment {index + 1}"
    if block.states.tai_ns.size < FEWEST_ROWS:
        return block
    require_motion(block.states, where)
    settled = settle_axes(block, choice, almanac)
    require_centre(settled.states, choice, almanac, where)
    require_gravity(settled.states, choice, almanac, where)
    return settled


def settle_axes(block: EphemerisBlock, choice: ForceChoice, almanac: Almanac) -> EphemerisBlock:
    """Return the block under other axes than those on its label if it fits a hundred times better so."""
    labelled = _misses(block.states, choice, block.centre, almanac)
    if labelled <= _FAIR_SHARE * _way(block.states):
        return block
    found = []
    for axes in (*_CELESTIAL, *(_TERRESTRIAL if block.centre == EARTH else ())):
        if axes != block.frame:
            try:
                states = in_icrf(block.labelled, axes, almanac)
            except SyzygyError:
                continue
            found.append((_misses(states, choice, block.centre, almanac), axes, states))
    least, axes, states = min(found, key=lambda item: item[0])
    return replace(block, states=states, read_as=axes) if least * _CLEARLY < labelled else block


def require_motion(states: States, where: str) -> None:
    """Refuse states whose positions do not move as their velocities say.

    The way between two rows cannot be three times what the velocities at both allow. Where rows are close
    (the chord is the mean velocity times the time, but for the square of the angle between them) length and
    direction must fit; the median over the rows counts, so that gaps and burns do not matter.

    Raises
    ------
    UnitError
        Positions and velocities are not of one motion: other units, or velocities of other axes.
    """
    seconds = np.diff(states.tai_ns) / 1e9
    speed = np.linalg.norm(states.velocity_m_s, axis=1)
    expected = 0.5 * (speed[1:] + speed[:-1]) * seconds
    way = np.diff(states.position_m, axis=0)
    moved, far = np.linalg.norm(way, axis=1), np.linalg.norm(states.position_m[1:], axis=1)
    if expected.size == 0 or not (expected > 0.0).all():
        return
    ratio, angle = float(np.median(moved / expected)), float(np.median(moved / far))
    chord = 0.5 * (states.velocity_m_s[1:] + states.velocity_m_s[:-1]) * seconds[:, None]
    along = float(np.median(np.sum(way * chord, axis=1) / np.sum(chord * chord, axis=1)))
    close = angle < _SHORT_STEP and float(np.median(expected / far)) < _HALF_TURN
    allowed = _CHORD_SHARE + angle**2
    if ratio <= _APART and (not close or abs(along - 1.0) <= allowed):
        return
    turned = np.sum(way * chord, axis=1) / np.maximum(moved * np.linalg.norm(chord, axis=1), 1e-300)
    degrees = float(np.degrees(np.arccos(np.clip(np.median(turned), -1.0, 1.0))))
    raise UnitError(
        "positions and velocities do not belong to one motion",
        value=f"positions move {ratio:.4g} times as fast as the velocities say, {degrees:.3g} degrees aside",
        allowed=f"{1.0 - allowed:.3f} to {1.0 + allowed:.3f} times along them"
        if close
        else f"up to {_APART:g}",
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
    labelled = _misses(states, choice, states.centre, almanac)
    if labelled <= _BAD_SHARE * _way(states):
        return
    others = [body for body in map(find_body, _CENTRES) if body != states.centre]
    found = [(_misses(states, choice, body, almanac), body) for body in others]
    least, body = min(found, key=lambda item: item[0])
    if least * _CLEARLY < labelled:
        off = (
            f"{labelled:.4g} m off over {_leading(states)} rows"
            if np.isfinite(labelled)
            else "no flight at all"
        )
        raise FrameError(
            "the states do not move about the centre on their label",
            value=f"{states.centre.name}: {off}",
            allowed=f"{body.name}, about which the same numbers are {least:.4g} m off",
            where=where,
            hint="correct CENTER_NAME, or ask the originator which centre was meant",
        )


def require_gravity(states: States, choice: ForceChoice, almanac: Almanac, where: str) -> None:
    """Refuse states that no flight explains: the median of eight hops through the segment misses by 1 %.

    Raises
    ------
    UnitError
        A thousandth of the numbers, or a thousandfold, fits a hundred times better.
    InputError
        Nothing fits.
    """
    missed = _hops(states, choice, almanac)
    if missed <= _DOUBTFUL_SHARE:
        return
    for factor, words in ((1e-3, "metres and m/s"), (1e3, "thousands of kilometres and km/s")):
        least = _hops(states, choice, almanac, factor)
        if least * _CLEARLY < missed:
            raise UnitError(
                f"the numbers look like {words}",
                value=f"as they stand, flights between rows miss by {missed:.3g} of their way",
                allowed=f"km and km/s; times {factor:g} they miss by {least:.3g} of it",
                where=where,
                hint="an OEM holds km and km/s",
            )
    if missed <= _WRONG_SHARE:
        return
    raise InputError(
        "the states do not move as gravity moves anything",
        value=f"flights between rows miss by {missed:.3g} of their way"
        if np.isfinite(missed)
        else "no flight at all",
        allowed=f"{_WRONG_SHARE:g} or less (median of the segment), under the forces asked for",
        where=where,
        hint="look at units, axes, centre, velocities and bodies; the axes and centres known here were tried",
    )


def _hops(states: States, choice: ForceChoice, almanac: Almanac, factor: float = 1.0) -> float:
    """Return the median miss of eight flights between rows (times a factor), by their way; or infinity."""
    try:
        force = make_forces(choice, states.centre)
        rows, instants = factor * rows_of(states, slice(None)), states.tai_ns
        shares = []
        edges = np.unique(np.linspace(0, rows.shape[0] - 1, _HOPS + 1).astype(int))
        for first, end in pairwise(edges):
            far = np.linalg.norm(rows[first + 1 : end + 1, :3] - rows[first, :3], axis=1)
            reached = np.flatnonzero(far > _HOP_SHARE * np.linalg.norm(rows[first, :3]))
            last = first + 1 + (int(reached[0]) if reached.size else far.size - 1)
            flown = fly_plain(rows[first], instants[[first, last]], force, almanac)[-1]
            missed = float(np.linalg.norm(rows[last, :3] - flown[:3]))
            shares.append(missed / max(float(far[last - first - 1]), 1.0))
    except SyzygyError:
        return float("inf")
    return float(np.median(shares))


def _leading(states: States) -> int:
    return min(_LEADING_ROWS, states.tai_ns.size)


def _way(states: States) -> float:
    """Return the length (m) of the leading rows."""
    return float(np.sum(np.linalg.norm(np.diff(states.position_m[:_LEADING_ROWS], axis=0), axis=1)))


def _misses(states: States, choice: ForceChoice, centre: Body, almanac: Almanac) -> float:
    """Return the RMS distance (m) from a flight about a centre, infinite where that cannot be flown."""
    rows, instants = rows_of(states, slice(None))[:_LEADING_ROWS], states.tai_ns[:_LEADING_ROWS]
    try:
        flown = fly_plain(rows[0], instants, make_forces(choice, centre), almanac)
    except SyzygyError:
        return float("inf")
    return float(np.sqrt(np.mean(np.sum((rows[:, :3] - flown[:, :3]) ** 2, axis=1))))
