"""What the element sets behind a list say: the minimum of the distance near an instant, with hypotheses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.time import LeapSeconds
from syzygy.debris.paths import make_element_paths

Doubles = NDArray[np.float64]
Integers = NDArray[np.int64]

_REACH_S = 300.0
_STEPS = ((_REACH_S, 301), (2.0, 41), (0.1, 21), (0.01, 21))
_ROWS_AT_ONCE = 400


@dataclass(frozen=True)
class Minima:
    """Minima of the distance near the guesses; NaN where there is none.

    Attributes
    ----------
    tca_tai_ns : int64 (n,)
        0 where there is none.
    distance_m, speed_m_s : float64 (n,)
    found : bool (n,)
    """

    tca_tai_ns: Integers
    distance_m: Doubles
    speed_m_s: Doubles
    found: NDArray[np.bool_]


class Motion:
    """The objects behind one list."""

    def __init__(self, elements: MeanElements, reference_tai_ns: int, leap_seconds: LeapSeconds) -> None:
        self.elements = elements
        self._reference_tai_ns = reference_tai_ns
        self._paths = make_element_paths(elements, reference_tai_ns, leap_seconds)
        self._rows = {number: row for row, number in enumerate(elements.object_id.tolist())}

    def rows(self, pairs: Integers) -> Integers:
        """Return the rows (n, 2) of pairs of numbers, -1 where an object is not there."""
        return np.array([[self._rows.get(n, -1) for n in pair] for pair in pairs.tolist()]).reshape(-1, 2)

    def epochs_tai_ns(self, rows: Integers) -> Integers:
        """Return the epochs (n, 2) of pairs of rows."""
        return np.asarray(self.elements.epoch_tai_ns[rows])

    def distances(self, rows: Integers, tai_ns: Integers, turn: Doubles | None = None) -> Doubles:
        """Return the distance of pairs (n, 2) at instants (n,)."""
        seconds = (tai_ns - self._reference_tai_ns)[:, None] / 1e9
        return np.asarray(np.linalg.norm(self._separation(rows, seconds, turn)[0], axis=2)[:, 0])

    def speeds(self, rows: Integers, tai_ns: Integers) -> Doubles:
        """Return the relative speed of pairs (n, 2) at instants (n,)."""
        seconds = (tai_ns - self._reference_tai_ns)[:, None] / 1e9
        return np.asarray(np.linalg.norm(self._separation(rows, seconds, None)[1], axis=2)[:, 0])

    def minima(self, rows: Integers, tai_ns: Integers, turn: Doubles | None = None) -> Minima:
        """Return the minimum nearest to each instant, within 300 s.

        Parameters
        ----------
        rows : (n, 2)
            Rows of the objects; pairs with -1 have no minimum.
        tai_ns : (n,)
            Where to look.
        turn : (n, 3, 3), optional
            A rotation of the first object: the hypothesis that its frame was taken for another.
        """
        count = len(rows)
        seconds = (tai_ns - self._reference_tai_ns) / 1e9
        best, distance, speed = np.array(seconds), np.full(count, np.nan), np.full(count, np.nan)
        known = np.asarray((rows >= 0).all(axis=1))
        for first in range(0, count, _ROWS_AT_ONCE):
            part = np.flatnonzero(known[first : first + _ROWS_AT_ONCE]) + first
            if part.size:
                turned = turn[part] if turn is not None else None
                best[part], distance[part], speed[part] = self._refined(rows[part], seconds[part], turned)
        found = np.isfinite(distance)
        instants = self._reference_tai_ns + np.round(np.where(found, best, 0.0) * 1e9).astype(np.int64)
        return Minima(np.where(found, instants, 0), distance, speed, found)

    def _refined(
        self, rows: Integers, seconds: Doubles, turn: Doubles | None
    ) -> tuple[Doubles, Doubles, Doubles]:
        centre, lost = seconds, np.zeros(len(rows), dtype=bool)
        for half, steps in _STEPS:
            grid = centre[:, None] + np.linspace(-half, half, steps)
            squared = (self._separation(rows, grid, turn)[0] ** 2).sum(axis=2)
            place = _nearest_minimum(squared, steps // 2)
            lost |= place < 0
            place = np.clip(place, 1, steps - 2)
            centre = grid[np.arange(len(rows)), place] + _vertex(squared, place) * 2.0 * half / (steps - 1)
        separation, velocity = self._separation(rows, centre[:, None], turn)
        distance, speed = (np.linalg.norm(vector[:, 0], axis=1) for vector in (separation, velocity))
        distance[lost] = np.nan
        return centre, distance, speed

    def _separation(self, rows: Integers, seconds: Doubles, turn: Doubles | None) -> tuple[Doubles, Doubles]:
        first, second = (self._paths.states_of(rows[:, side], seconds) for side in (0, 1))
        one, one_rate = first.position_m, first.velocity_m_s
        two, two_rate = second.position_m, second.velocity_m_s
        if turn is not None:
            one, one_rate = (np.einsum("nab,nqb->nqa", turn, vector) for vector in (one, one_rate))
        return two - one, two_rate - one_rate


def _nearest_minimum(squared: Doubles, middle: int) -> Integers:
    """Return for each row the interior local minimum nearest to the middle, -1 where there is none."""
    lower = (squared[:, 1:-1] <= squared[:, :-2]) & (squared[:, 1:-1] < squared[:, 2:])
    away = np.where(lower, np.abs(np.arange(1, squared.shape[1] - 1) - middle), squared.shape[1])
    nearest = np.argmin(away, axis=1)
    there = lower[np.arange(len(squared)), nearest]
    return np.where(there, nearest + 1, -1)


def _vertex(squared: Doubles, place: Integers) -> Doubles:
    """Return where the parabola through three samples has its vertex, in steps from the middle one."""
    rows = np.arange(len(squared))
    left, middle, right = (squared[rows, place + k] for k in (-1, 0, 1))
    bend = left - 2.0 * middle + right
    shift = np.where(bend > 0.0, 0.5 * (left - right) / np.where(bend > 0.0, bend, 1.0), 0.0)
    return np.clip(shift, -1.0, 1.0)


def teme_to_inertial(tai_ns: Integers) -> Doubles:
    """Return the matrices (n, 3, 3) from TEME to EME2000.

    UT1 cancels between the two sides, the celestial pole offsets (0.3 milliarcseconds, 1 cm in low orbit)
    are left out.
    """
    import erfa

    tt1 = np.full(tai_ns.shape, 2440587.5)
    tt2 = tai_ns / 86400e9 + 32.184 / 86400.0
    to_date = erfa.pnm06a(tt1, tt2)
    equinoxes = erfa.eqeq94(tt1, tt2)
    cosine, sine = np.cos(equinoxes), np.sin(equinoxes)
    to_mean = np.zeros((*tai_ns.shape, 3, 3))
    to_mean[..., 0, 0] = to_mean[..., 1, 1] = cosine
    to_mean[..., 0, 1], to_mean[..., 1, 0] = sine, -sine
    to_mean[..., 2, 2] = 1.0
    return np.asarray(np.swapaxes(to_mean @ to_date, -1, -2))
