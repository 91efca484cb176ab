"""The cause of each difference: hypotheses in a fixed order, the first that the evidence bears counts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.comparison.event_lists import EventList, Limits
from syzygy.debris.comparison.matching import Matches, name_offset
from syzygy.debris.comparison.motion import Minima, Motion, teme_to_inertial

SAME, WINDOW, THRESHOLD, OBJECTS, ELEMENTS, OFFSET, FRAME, UNIT, SLOW, METHOD, DOUBLED, UNEXPLAINED = (
    CLASSES
) = (
    "same",
    "window",
    "threshold",
    "objects",
    "elements",
    "time offset",
    "frame",
    "unit",
    "slow pair",
    "method",
    "doubled",
    "unexplained",
)

GRID_STEPS_S = (600.0, 300.0, 180.0, 120.0, 60.0, 30.0, 20.0, 10.0)
_GRID_SHARE = 0.95
_GRID_LEAST = 5
_GRID_REACH = 5.0
_GAP_CHANCE = 1e-3
_DAY_NS = 86400e9


@dataclass
class Side:
    """One list with what is known about it.

    Attributes
    ----------
    letter : str
        ``A`` or ``B``.
    events, limits : EventList, Limits
    motion : Motion or None
        Its element sets, or those of the other list when it has none of its own.
    own_elements : bool
        Whether `motion` is its own.
    slow : dict
        Slow intervals by pair: from and to, TAI ns.
    """

    letter: str
    events: EventList
    limits: Limits
    motion: Motion | None
    own_elements: bool
    slow: dict[tuple[int, int], list[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Cause:
    """Why one approach is (not) in both lists."""

    name: str
    evidence: str


@dataclass(frozen=True)
class Tolerances:
    """What counts as the same."""

    time_s: float
    distance_m: float
    slow_speed_m_s: float


@dataclass(frozen=True)
class Recomputed:
    """Minima near some rows of a list, with the element sets of each side."""

    rows_own: NDArray[np.int64]
    rows_other: NDArray[np.int64]
    own: Minima | None
    other: Minima | None


def recompute(mine: Side, other: Side, rows: NDArray[np.int64]) -> Recomputed:
    """Return what the element sets of both sides say near the approaches `rows` of one list."""
    pairs, times = mine.events.pairs[rows], mine.events.tca_tai_ns[rows]
    none = np.full((len(rows), 2), -1, dtype=np.int64)
    rows_own = mine.motion.rows(pairs) if mine.motion else none
    own = mine.motion.minima(rows_own, times) if mine.motion else None
    if other.motion is mine.motion:
        return Recomputed(rows_own, rows_own, own, own)
    rows_other = other.motion.rows(pairs) if other.motion else none
    return Recomputed(
        rows_own, rows_other, own, other.motion.minima(rows_other, times) if other.motion else None
    )


def explain_both(a: Side, b: Side, matches: Matches, tolerances: Tolerances) -> list[Cause]:
    """Return the cause of every approach that stands in both lists."""
    i, j = matches.both[:, 0], matches.both[:, 1]
    apart_s = (b.events.tca_tai_ns[j] - a.events.tca_tai_ns[i]) / 1e9
    miss_a, miss_b = a.events.miss_m[i], b.events.miss_m[j]
    near = np.abs(miss_b - miss_a) <= tolerances.distance_m
    causes: list[Cause | None] = [None] * len(i)
    for k in range(len(i)):
        if near[k] and abs(apart_s[k]) <= tolerances.time_s:
            causes[k] = Cause(SAME, "")
        elif near[k] and matches.offset_s and abs(apart_s[k] - matches.offset_s) <= tolerances.time_s:
            words = name_offset(matches.offset_s, tolerances.time_s)
            causes[k] = Cause(OFFSET, f"times of B {matches.offset_s:+.3f} s throughout: {words}")
        elif abs(apart_s[k]) <= tolerances.time_s and _unit_factor(miss_a[k], miss_b[k]):
            causes[k] = Cause(
                UNIT, f"{miss_a[k]:.3f} m and {miss_b[k]:.3f} m: {_unit_factor(miss_a[k], miss_b[k])}"
            )
    rest = np.array([k for k, cause in enumerate(causes) if cause is None], dtype=np.int64)
    for k, cause in zip(rest.tolist(), _explain_numbers(a, b, matches.both[rest], tolerances), strict=True):
        causes[k] = cause
    return [cause for cause in causes if cause is not None]


def _explain_numbers(a: Side, b: Side, both: NDArray[np.int64], tolerances: Tolerances) -> list[Cause]:
    """Explain approaches of both lists whose numbers differ."""
    i, j = both[:, 0], both[:, 1]
    one, two = recompute(a, b, i), recompute(b, a, j)
    epochs = _epoch_texts(a, b, one, i)
    causes = []
    for k in range(len(both)):
        stands_a, stands_b = _stands(one.own, a, i, k, tolerances), _stands(two.own, b, j, k, tolerances)
        listed = (
            f"A: {a.events.miss_m[i[k]]:.1f} m, B: {b.events.miss_m[j[k]]:.1f} m, "
            f"{(int(b.events.tca_tai_ns[j[k]]) - int(a.events.tca_tai_ns[i[k]])) / 1e9:+.3f} s"
        )
        if epochs[k] and (stands_a or one.own is None) and (stands_b or two.own is None):
            causes.append(Cause(ELEMENTS, f"{listed}; {epochs[k]}"))
            continue
        speed = _speed(a, i, k, one.own)
        if speed < tolerances.slow_speed_m_s:
            causes.append(Cause(SLOW, f"{listed}; {speed:.2f} m/s: the minimum is flat"))
            continue
        odd = [s for s, stands in ((a, stands_a), (b, stands_b)) if not stands]
        row = {"A": int(i[k]), "B": int(j[k])}
        found = None
        for side in odd:
            found = found or _own_instant(side, row[side.letter], tolerances, listed)
            found = found or _turned(side, row[side.letter], tolerances, listed)
        causes.append(found or Cause(UNEXPLAINED, f"{listed}; {_why_open(one.own is not None)}"))
    return causes


def explain_only(
    mine: Side, other: Side, rows: NDArray[np.int64], tolerances: Tolerances, turned: frozenset[int]
) -> list[Cause]:
    """Return the cause of every approach that stands in one list alone.

    Parameters
    ----------
    turned : frozenset of int
        Objects that the other list has in another frame, as its own approaches show.
    """
    found = recompute(mine, other, rows)
    epochs = _epoch_texts(mine, other, found, rows)
    causes = []
    for k, row in enumerate(rows.tolist()):
        cause = _outside_window(mine, other, row)
        cause = cause or _absent(mine, other, row, found.rows_other[k])
        cause = cause or _slow(mine, other, row, found.own, k, tolerances)
        cause = cause or _not_reproduced(mine, row, found.own, k, tolerances)
        cause = cause or _by_distance(mine, other, row, found, k, epochs[k])
        cause = cause or _missed(mine, other, row, found, k, turned)
        causes.append(cause or Cause(UNEXPLAINED, _why_open(found.other is not None)))
    return causes


def with_grid(
    causes: list[Cause], missed: NDArray[np.int64], mine: Side, other: Side, kept: NDArray[np.int64]
) -> list[Cause]:
    """Say of missed minima that the other list looks only at whole steps, where that explains it.

    Parameters
    ----------
    missed : int64
        Rows of `mine` to which `causes` belong.
    kept : int64
        Rows of `mine` that the other list has, too.
    """
    flags = [cause.name == METHOD for cause in causes]
    if sum(flags) < _GRID_LEAST:
        return causes
    step, reach = _grid_step_s(mine.events, kept, missed[np.array(flags)], other.limits)
    if not step:
        return causes
    words = f"; {other.letter} holds only what is within {reach / 1e3:.3g} km at whole {step:g} s"
    return [
        Cause(cause.name, cause.evidence + words) if flag else cause
        for cause, flag in zip(causes, flags, strict=True)
    ]


def find_turned_objects(mine: Side, causes: list[Cause], rows: NDArray[np.int64]) -> frozenset[int]:
    """Return the objects that explain the approaches found with a turned frame: the most frequent of each."""
    pairs = [
        tuple(mine.events.pairs[row].tolist())
        for row, c in zip(rows.tolist(), causes, strict=True)
        if c.name == FRAME
    ]
    seen: dict[int, int] = {}
    for pair in pairs:
        for number in pair:
            seen[number] = seen.get(number, 0) + 1
    return frozenset(max(pair, key=lambda number: (seen[number], -number)) for pair in pairs)


def _stands(own: Minima | None, side: Side, rows: NDArray[np.int64], k: int, tolerances: Tolerances) -> bool:
    """Return whether a listed approach is what its element sets say."""
    if own is None or not own.found[k]:
        return False
    apart_s = abs(int(own.tca_tai_ns[k]) - int(side.events.tca_tai_ns[rows[k]])) / 1e9
    close = abs(own.distance_m[k] - side.events.miss_m[rows[k]]) <= tolerances.distance_m
    return bool(
        close and apart_s <= max(tolerances.time_s, 0.05 * tolerances.distance_m / max(own.speed_m_s[k], 0.1))
    )


def _epoch_texts(mine: Side, other: Side, found: Recomputed, rows: NDArray[np.int64]) -> list[str]:
    """Return in words how the element sets behind an approach differ; empty where they do not."""
    count = len(rows)
    if mine.motion is None or other.motion is None or mine.motion is other.motion:
        return [_ages_text(mine, other, row) for row in rows.tolist()]
    texts = []
    for k in range(count):
        text = []
        for side in (0, 1):
            one, two = int(found.rows_own[k, side]), int(found.rows_other[k, side])
            if one < 0 or two < 0:
                continue
            number = int(mine.events.pairs[rows[k], side])
            apart_d = (
                int(other.motion.elements.epoch_tai_ns[two]) - int(mine.motion.elements.epoch_tai_ns[one])
            ) / _DAY_NS
            if apart_d:
                text.append(f"epoch of {number} in {other.letter} {apart_d:+.3f} d")
            elif not _same_set(mine.motion, one, other.motion, two):
                text.append(f"other elements of {number} at the same epoch")
        texts.append(", ".join(text))
    return texts


def _ages_text(mine: Side, other: Side, row: int) -> str:
    """Compare the epochs that two lists tell by themselves (ages at closest approach)."""
    pair = mine.events.pairs[row]
    same = np.flatnonzero((other.events.pairs == pair).all(axis=1))
    if same.size == 0:
        return ""
    near = int(same[np.argmin(np.abs(other.events.tca_tai_ns[same] - mine.events.tca_tai_ns[row]))])
    apart_ns = int(other.events.tca_tai_ns[near]) - int(mine.events.tca_tai_ns[row])
    text = []
    for side in (0, 1):
        older = other.events.age_days[near, side] - mine.events.age_days[row, side] - apart_ns / _DAY_NS
        if np.isfinite(older) and abs(older) > 1e-4:
            text.append(f"epoch of {int(pair[side])} in {other.letter} {-older:+.3f} d, by the listed ages")
    return ", ".join(text)


def _same_set(one: Motion, row_one: int, two: Motion, row_two: int) -> bool:
    names = (
        "mean_motion_rad_s",
        "eccentricity",
        "inclination_rad",
        "raan_rad",
        "argument_of_perigee_rad",
        "mean_anomaly_rad",
        "bstar_per_earth_radius",
    )
    return all(getattr(one.elements, n)[row_one] == getattr(two.elements, n)[row_two] for n in names)


def _outside_window(mine: Side, other: Side, row: int) -> Cause | None:
    """Explain by the window; one that is not given ends with its events, if chance cannot end them so."""
    tca, limits = int(mine.events.tca_tai_ns[row]), other.limits
    gap_ns = max(limits.begin_tai_ns - tca, tca - limits.end_tai_ns)
    if gap_ns <= 0 and not (limits.window_given and gap_ns == 0):
        return None
    side = "before it begins" if tca <= limits.begin_tai_ns else "after its end"
    if limits.window_given:
        return Cause(WINDOW, f"{gap_ns / 1e9:.1f} s outside the window of {other.letter}, {side}")
    times, span_ns = mine.events.tca_tai_ns, max(limits.end_tai_ns - limits.begin_tai_ns, 1)
    early = tca <= limits.begin_tai_ns
    widest_ns = int(limits.begin_tai_ns - times.min()) if early else int(times.max() - limits.end_tai_ns)
    chance = float(np.exp(-len(other.events) * widest_ns / span_ns))
    if chance > _GAP_CHANCE:
        return None
    return Cause(
        WINDOW, f"{gap_ns / 1e9:.1f} s beyond the events of {other.letter}, {side} (window not given)"
    )


def _absent(mine: Side, other: Side, row: int, there: NDArray[np.int64]) -> Cause | None:
    if other.motion is None or not other.own_elements:
        return None
    lost = [str(int(n)) for n, at in zip(mine.events.pairs[row], there.tolist(), strict=True) if at < 0]
    if not lost:
        return None
    return Cause(OBJECTS, f"{' and '.join(lost)} not among the element sets of {other.letter}")


def _slow(
    mine: Side, other: Side, row: int, own: Minima | None, k: int, tolerances: Tolerances
) -> Cause | None:
    one, two = mine.events.pairs[row].tolist()
    tca = int(mine.events.tca_tai_ns[row])
    for begin, end in other.slow.get((one, two), ()):
        if begin <= tca <= end:
            return Cause(SLOW, f"{other.letter} has the pair as an interval at that time")
    speed = _speed(mine, np.array([row]), 0, None)
    if not np.isfinite(speed) and own is not None:
        speed = float(own.speed_m_s[k]) if own.found[k] else _speed_there(mine, row)
    if speed < tolerances.slow_speed_m_s:
        return Cause(SLOW, f"relative speed {speed:.2f} m/s: an interval, not an event")
    return None


def _speed(side: Side, rows: NDArray[np.int64], k: int, own: Minima | None) -> float:
    speed = float(side.events.speed_m_s[rows[k]])
    if not np.isfinite(speed) and own is not None and own.found[k]:
        speed = float(own.speed_m_s[k])
    return speed if np.isfinite(speed) else float("inf")


def _speed_there(side: Side, row: int) -> float:
    """Return the relative speed at the listed instant: objects under one element set have no minimum."""
    if side.motion is None:
        return float("inf")
    pair = side.motion.rows(side.events.pairs[row : row + 1])
    if (pair < 0).any():
        return float("inf")
    return float(side.motion.speeds(pair, side.events.tca_tai_ns[row : row + 1])[0])


def _not_reproduced(mine: Side, row: int, own: Minima | None, k: int, tolerances: Tolerances) -> Cause | None:
    """Explain an approach that its own element sets do not show."""
    if own is None or _stands(own, mine, np.array([row] * (k + 1)), k, tolerances):
        return None
    listed = f"listed {mine.events.miss_m[row]:.1f} m"
    said = (
        f"its element sets say {own.distance_m[k]:.1f} m"
        if own.found[k]
        else "its element sets show no minimum"
    )
    text = f"{listed}, {said}"
    found = _turned(mine, row, tolerances, text) or _own_instant(mine, row, tolerances, text)
    if found or not own.found[k]:
        return found or Cause(UNEXPLAINED, text)
    return None if mine.own_elements is False else Cause(UNEXPLAINED, text)


def _turned(side: Side, row: int, tolerances: Tolerances, text: str) -> Cause | None:
    """Try whether one of the two objects stands in another frame in this list."""
    if side.motion is None:
        return None
    pair = side.motion.rows(side.events.pairs[row : row + 1])
    if (pair < 0).any():
        return None
    tca = side.events.tca_tai_ns[row : row + 1]
    matrix = teme_to_inertial(tca)
    for turn in (matrix, np.swapaxes(matrix, 1, 2)):
        found = side.motion.minima(pair, tca, turn)
        if _stands(found, side, np.array([row]), 0, tolerances):
            words = f"{text}; with one of the two in EME2000 taken for TEME: {found.distance_m[0]:.1f} m"
            return Cause(FRAME, words)
    return None


def _own_instant(side: Side, row: int, tolerances: Tolerances, text: str) -> Cause | None:
    """Try whether the listed distance is that of the listed instant, which is no minimum."""
    if side.motion is None:
        return None
    pair = side.motion.rows(side.events.pairs[row : row + 1])
    if (pair < 0).any():
        return None
    tca = side.events.tca_tai_ns[row : row + 1]
    distance = float(side.motion.distances(pair, tca)[0])
    if abs(distance - side.events.miss_m[row]) > tolerances.distance_m:
        return None
    return Cause(METHOD, f"{text}; {side.letter} gives the distance of an instant that is no minimum")


def _by_distance(mine: Side, other: Side, row: int, found: Recomputed, k: int, epochs: str) -> Cause | None:
    """Explain by what the other side's element sets and threshold say."""
    miss, limit = float(mine.events.miss_m[row]), other.limits.threshold_m
    said = found.other
    if said is None:
        if miss >= limit:
            return Cause(
                THRESHOLD, f"{miss:.1f} m, threshold of {other.letter} {other.limits.threshold_text}"
            )
        return Cause(ELEMENTS, epochs) if epochs else None
    if miss >= limit and (not epochs or not said.found[k] or said.distance_m[k] >= limit):
        return Cause(THRESHOLD, f"{miss:.1f} m, threshold of {other.letter} {other.limits.threshold_text}")
    if epochs and (not said.found[k] or said.distance_m[k] >= limit):
        shown = f"{said.distance_m[k]:.1f} m" if said.found[k] else "no minimum within 5 min"
        return Cause(ELEMENTS, f"{miss:.1f} m here, {shown} with the elements of {other.letter}; {epochs}")
    return None


def _missed(
    mine: Side, other: Side, row: int, found: Recomputed, k: int, turned: frozenset[int]
) -> Cause | None:
    """Explain an approach that the other list should have had."""
    said = found.other
    if said is None or not said.found[k] or said.distance_m[k] >= other.limits.threshold_m:
        return None
    tca, limits = int(said.tca_tai_ns[k]), other.limits
    if limits.window_given and not limits.begin_tai_ns < tca < limits.end_tai_ns:
        return Cause(WINDOW, f"with the elements of {other.letter} outside its window")
    odd = [number for number in mine.events.pairs[row].tolist() if number in turned]
    if odd:
        matrix = teme_to_inertial(np.array([tca]))
        pair = other.motion.rows(mine.events.pairs[row : row + 1]) if other.motion else None
        away = []
        for turn in (matrix, np.swapaxes(matrix, 1, 2)):
            minimum = (
                other.motion.minima(pair, np.array([tca]), turn)
                if other.motion and pair is not None
                else None
            )
            away.append(
                minimum is None or not minimum.found[0] or minimum.distance_m[0] >= limits.threshold_m
            )
        if any(away):
            return Cause(FRAME, f"{odd[0]} stands in another frame in {other.letter}: there it is not close")
    return Cause(
        METHOD,
        f"minimum missed by {other.letter}: {said.distance_m[k]:.1f} m at {said.speed_m_s[k]:.0f} m/s "
        f"by its elements, below {limits.threshold_text}",
    )


def _grid_step_s(
    events: EventList, kept: NDArray[np.int64], missed: NDArray[np.int64], limits: Limits
) -> tuple[float, float]:
    """Return the largest step (s) at whose instants the kept approaches are close, and the missed ones not.

    The second number is how close (m): the threshold, or what the farthest of the kept ones needs where a
    tool looks with a larger one and refines then. (0, 0) where no step tells the two apart.
    """

    def at_grid(rows: NDArray[np.int64], step: float) -> NDArray[np.float64]:
        phase = ((events.tca_tai_ns[rows] - limits.minute_tai_ns) / 1e9) % step
        late = np.minimum(phase, step - phase)
        return np.hypot(events.miss_m[rows], events.speed_m_s[rows] * late)

    if kept.size < _GRID_LEAST:
        return 0.0, 0.0
    for step in GRID_STEPS_S:
        reach = max(float(at_grid(kept, step).max()), limits.threshold_m)
        if reach <= _GRID_REACH * limits.threshold_m:
            far = at_grid(missed, step) >= reach
            if far.mean() >= _GRID_SHARE:
                return step, reach
    return 0.0, 0.0


def _unit_factor(one: float, two: float) -> str:
    if min(one, two) <= 0.0:
        return ""
    ratio = max(one, two) / min(one, two)
    return "kilometres taken for metres" if abs(ratio / 1000.0 - 1.0) < 1e-3 else ""


def _why_open(with_elements: bool) -> str:
    return "no tried cause explains it" if with_elements else "no element sets given to look closer"
