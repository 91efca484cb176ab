"""Causes that make two ephemerides differ, each with the difference it makes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.astro.frames import eme2000_from_icrf, icrf_from_eme2000
from syzygy.base.errors import ComputationError
from syzygy.exploration.explain.overlap import Overlap
from syzygy.exploration.replay.burns import Burn
from syzygy.exploration.replay.flights import Doubles, Reference, fly, fly_plain, inverse_transition
from syzygy.exploration.replay.forces import (
    CENTRE_GMS,
    list_removals,
    list_truncations,
    with_centre_gm,
    with_sunlight,
)

AXES, TIME, GM, SUNLIGHT, STATE = "axes", "time", "gm of the centre", "sunlight", "initial state"
_NEAR_S = 2e-3
_NEAR_GM = 0.02
_LAG_ROUNDS = 3
_SHORT_LAG_S, _LONG_LAG_S = 1e-3, 100.0


@dataclass(frozen=True, eq=False)
class Cause:
    """One cause and its signature.

    Attributes
    ----------
    name : str
    columns : array (n, 3, p)
        Difference second less first per unit of each coefficient, m.
    units : tuple of str
        Of the coefficients.
    whole : bool
        Whether the coefficient can only be -1, 0 or 1 (a force that one has and the other has not, axes).
    without : ForceModel or None
        The model without the force, for a removal.
    burn_tai_ns : int
        Of a manoeuvre.
    """

    name: str
    columns: Doubles
    units: tuple[str, ...]
    whole: bool = False
    without: ForceModel | None = None
    burn_tai_ns: int = 0


@dataclass(frozen=True, eq=False)
class Difference:
    """What makes the second ephemeris from the first: a switch or a number per cause.

    Attributes
    ----------
    turn : int
        1: the second is turned by the frame bias from ICRF to EME2000, -1: back.
    lag_s : float
        The second is where the first was so much earlier.
    gm_m3_s2, sunlight_m_s2 : float
        Second less first.
    state : array (6,)
        Second less first at the first instant.
    lacking : tuple of (Cause, int)
        Forces: 1 where the second lacks it, -1 where the first does.
    kicks : tuple of (int, array (3,))
        Instants and changes of velocity that only the second has (negative: only the first).
    """

    turn: int = 0
    lag_s: float = 0.0
    gm_m3_s2: float = 0.0
    sunlight_m_s2: float = 0.0
    state: tuple[float, ...] = (0.0,) * 6
    lacking: tuple[tuple[str, int], ...] = ()
    kicks: tuple[tuple[int, tuple[float, ...]], ...] = ()


def list_causes(
    overlap: Overlap, force: ForceModel, almanac: Almanac, burns: tuple[Burn, ...]
) -> tuple[Cause, ...]:
    """Return every cause with its signature, found beside one flight."""
    reference = fly(overlap.start, overlap.instants, force, almanac, ("gm", "sunlight"))
    place = overlap.first_m
    turned = eme2000_from_icrf(place) - place
    causes = [
        Cause(AXES, turned[..., None], ("1",), whole=True),
        Cause(TIME, _lag_column(overlap, reference.state, force, almanac), ("s",)),
        Cause(GM, reference.partials[:, :3, :1], ("m3/s2",)),
        Cause(SUNLIGHT, reference.partials[:, :3, 1:2], ("m/s2",)),
        Cause(STATE, reference.transition[:, :3], ("m", "m", "m", "m/s", "m/s", "m/s")),
    ]
    for name, without in _list_lacking(force):
        if name == SUNLIGHT:
            continue
        try:
            bare = fly_plain(overlap.start, overlap.instants, without, almanac)
        except ComputationError:
            continue
        column = (bare - reference.state)[:, :3, None]
        causes.append(Cause(name, column, ("1",), whole=True, without=without))
    for burn in burns:
        causes.append(_kick(burn, overlap, reference))
    return tuple(causes)


def _lag_column(overlap: Overlap, flown: Doubles, force: ForceModel, almanac: Almanac) -> Doubles:
    """Return the difference (n, 3, 1) per second of lag: its slope, or its chord where the lag is long."""
    column = -overlap.velocity_m_s
    for _ in range(_LAG_ROUNDS):
        lag_s = float(np.sum(column * overlap.difference_m) / np.sum(column * column))
        if not _SHORT_LAG_S < abs(lag_s) < _LONG_LAG_S:
            break
        moved = _moved(flown, overlap.instants, lag_s, force, almanac)
        column = moved / lag_s - (overlap.velocity_m_s - flown[:, 3:])
    return np.asarray(column[..., None])


def _kick(burn: Burn, overlap: Overlap, reference: Reference) -> Cause:
    when = np.append(overlap.instants, burn.tai_ns)
    matrices = reference.flight.transition(when)
    response = matrices[:-1] @ inverse_transition(matrices[-1], reference.flight.force)
    columns = np.where((overlap.instants >= burn.tai_ns)[:, None, None], response[:, :3, 3:], 0.0)
    return Cause(f"manoeuvre {burn.tai_ns}", columns, ("m/s",) * 3, burn_tai_ns=burn.tai_ns)


def predict(
    difference: Difference, overlap: Overlap, force: ForceModel, almanac: Almanac, causes: dict[str, Cause]
) -> Doubles:
    """Return second less first (n, 3) if exactly these causes act, by full flights."""
    ours, theirs = force, force
    for name, sign in difference.lacking:
        ours, theirs = _lack(ours, name, sign < 0), _lack(theirs, name, sign > 0)
    if difference.gm_m3_s2:
        theirs = with_centre_gm(theirs, theirs.effective_gm_m3_s2 + difference.gm_m3_s2)
    if difference.sunlight_m_s2 and theirs.sunlight is not None:
        light = theirs.sunlight.acceleration_m_s2 + difference.sunlight_m_s2
        theirs = with_sunlight(theirs, light)
    start = overlap.start + np.array(difference.state)
    instants = overlap.instants
    base = fly_plain(overlap.start, instants, ours, almanac)
    lagged = base
    if theirs is not ours or any(difference.state):
        lagged = fly_plain(start, instants, theirs, almanac)
    place = lagged[:, :3].copy()
    for when, change in difference.kicks:
        name = f"manoeuvre {when}"
        place += causes[name].columns @ np.array(change)
    if difference.lag_s:
        place += _moved(lagged, instants, difference.lag_s, theirs, almanac)
        # The first ephemeris is not quite our flight; what it is beside it lags too.
        place -= difference.lag_s * (overlap.velocity_m_s - base[:, 3:])
    if difference.turn:
        place = eme2000_from_icrf(place) if difference.turn > 0 else icrf_from_eme2000(place)
    return np.asarray(place - base[:, :3])


def _lack(force: ForceModel, name: str, missing: bool) -> ForceModel:
    return dict(_list_lacking(force)).get(name, force) if missing else force


def _list_lacking(force: ForceModel) -> list[tuple[str, ForceModel]]:
    """Return all that one of two flights may lack: a force, or the upper degrees of a field."""
    return [*list_removals(force), *list_truncations(force)]


def _moved(
    states: Doubles, instants: NDArray[np.int64], lag_s: float, force: ForceModel, almanac: Almanac
) -> Doubles:
    """Return how far the flight was behind its places `lag_s` earlier."""
    shift = round(-lag_s * 1e9)
    wanted = instants + shift
    if shift > 0:
        every = np.unique(np.concatenate([instants[:1], wanted]))
        flown = fly_plain(states[0], every, force, almanac)
        return np.asarray(flown[np.searchsorted(every, wanted), :3] - states[:, :3])
    back = fly_plain(states[0], np.array([instants[0], wanted[0]]), force, almanac)[-1]
    flown = fly_plain(back, wanted, force, almanac)
    return np.asarray(flown[:, :3] - states[:, :3])


def name_lag(lag_s: float, tai_minus_utc_s: float) -> str:
    """Say which two time systems lie so far apart, if any."""
    steps = {
        "UTC and TAI": tai_minus_utc_s,
        "UTC and TT (or TDB)": tai_minus_utc_s + 32.184,
        "UTC and GPS": tai_minus_utc_s - 19.0,
        "TAI and TT (or TDB)": 32.184,
        "TAI and GPS": 19.0,
        "GPS and TT (or TDB)": 51.184,
    }
    for words, step in steps.items():
        if abs(abs(lag_s) - step) < _NEAR_S:
            return f"as between {words}"
    return "no known pair of time systems"


def name_gm(force: ForceModel, difference_m3_s2: float) -> str:
    """Say which two published values differ so much, if any."""
    known = CENTRE_GMS.get(force.centre.naif_id, ())
    for name, gm in known:
        for other, value in known:
            step = gm - value
            if step and abs(difference_m3_s2 - step) < _NEAR_GM * abs(step):
                return f"second {name}, first {other}"
    return "no known pair of values"
