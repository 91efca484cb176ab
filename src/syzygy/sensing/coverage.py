"""Coverage over time: what each partner alone and both together have imaged, when each strip aims at gaps.

Opportunities are taken in order of time, each with the roll that images most of what is still missing.
Sensors of one satellite share its roll during a pass. This is what a planner without any other duty would
reach: clouds, memory and downlink are not part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.sensing.imaging import Opportunities, SensorView
from syzygy.sensing.passes import choose_roll

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

JOINT = "joint"
SAME_PASS_S = 900.0


@dataclass(frozen=True, eq=False)
class CoverageCurve:
    """How the imaged share of one place grows.

    Attributes
    ----------
    place : int
        Row of the place.
    partner : str
        A partner, or ``joint``.
    opportunity : int64 (k,)
        Rows of the opportunities that add something, in order of time.
    time_s : (k,)
        When each strip ends.
    new_share, share : (k,)
        What it adds, and the sum.
    taken_by : int64 (cells,)
        Row of the opportunity that images each cell first, -1 for none.
    considered : int
        Number of opportunities looked at.
    """

    place: int
    partner: str
    opportunity: IntArray
    time_s: FloatArray
    new_share: FloatArray
    share: FloatArray
    taken_by: IntArray
    considered: int

    def time_of_share_s(self, share: float) -> float | None:
        """Return when the share is first reached, None when it is not."""
        reached = np.flatnonzero(self.share >= share)
        return float(self.time_s[reached[0]]) if len(reached) else None


def coverage_curves(
    found: Opportunities,
    partner: NDArray[np.object_],
    views: dict[int, SensorView],
    cell_counts: IntArray,
    partners: tuple[str, ...],
) -> tuple[CoverageCurve, ...]:
    """Return one curve per place and partner, then the joint one, by place."""
    curves = []
    slices = found.seen_slices
    order = np.lexsort((found.strip_end_s, found.place))
    borders = np.searchsorted(found.place[order], np.arange(len(cell_counts) + 1))
    for place in range(len(cell_counts)):
        here = order[borders[place] : borders[place + 1]]
        for name in (*partners, JOINT):
            rows = here if name == JOINT else here[partner[here] == name]
            cells = int(cell_counts[place])
            curves.append(_curve(found, slices, rows, views, cells, place, name))
    return tuple(curves)


def _curve(
    found: Opportunities,
    slices: list[slice],
    rows: IntArray,
    views: dict[int, SensorView],
    cells: int,
    place: int,
    name: str,
) -> CoverageCurve:
    taken_by = np.full(cells, -1, dtype=np.int64)
    rolls: dict[int, tuple[float, float]] = {}
    added: list[tuple[int, float, int]] = []
    for row in rows.tolist():
        seen, satellite = slices[row], int(found.satellite[row])
        points, look = found.seen_point[seen], found.seen_look_rad[seen]
        view = views[int(found.sensor[row])]
        time_s = float(found.strip_end_s[row])
        when, roll = rolls.get(satellite, (-np.inf, 0.0))
        if time_s - when < SAME_PASS_S:
            inside = np.abs(look - roll) <= view.half_field_rad
        else:
            roll, inside = choose_roll(look, taken_by[points] < 0, view.half_field_rad, view.max_roll_rad)
        fresh = points[inside & (taken_by[points] < 0)]
        if len(fresh):
            taken_by[fresh] = row
            rolls[satellite] = (time_s, roll)
            added.append((row, time_s, len(fresh)))
    new_share = np.array([count / cells for _, _, count in added])
    total = np.cumsum([count for _, _, count in added]) / cells
    return CoverageCurve(
        place=place,
        partner=name,
        opportunity=np.array([row for row, _, _ in added], dtype=np.int64),
        time_s=np.array([time for _, time, _ in added]),
        new_share=new_share,
        share=np.asarray(total, dtype=np.float64),
        taken_by=taken_by,
        considered=len(rows),
    )
