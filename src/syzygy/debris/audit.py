"""An audit by brute force: random pairs and stretches of time, sampled densely, against what was reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from syzygy.base.tables import Table, column, table
from syzygy.debris.chunks import common_life
from syzygy.debris.episodes import Findings
from syzygy.debris.paths import PathSource

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

CELL_S = 240.0
"""Length of a stretch of time."""

SAME_S = 0.5
"""A minimum and a reported event are the same when they are no further apart."""

_STEP_S = 0.5
_NEAR_M = 300e3
_CLOSE_M = 60e3
_AT_ONCE = 500


@dataclass(frozen=True)
class _Cells:
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    begin_s: NDArray[np.float64]
    drawn_near: NDArray[np.bool_]


def audit_screening(
    paths: PathSource,
    findings: Findings,
    *,
    window_s: float,
    threshold_m: float,
    chosen: NDArray[np.bool_],
    object_id: NDArray[np.int64],
    cells: int,
    seed: int = 2022,
) -> Table:
    """Sample random pairs and stretches of time every 0.5 s and compare with the findings.

    Half the pairs are drawn at random, half among those near each other at a random instant, where approaches
    are found: within 60 km as far as there are such, else within 300 km. A minimum between samples that lies
    below the threshold must be an event or fall in a slow interval of that pair; nothing of the search is
    used.

    Parameters
    ----------
    paths, findings, window_s, threshold_m, chosen
        As screened, before any selection.
    object_id : int64 (n,)
        Catalogue numbers, for the table.
    cells : int
        How many.
    seed : int
        Of the draw.

    Returns
    -------
    Table
        One row per minimum below the threshold: pair, time, distance, whether it was reported. The title
        counts the cells.
    """
    drawn = _draw(paths, findings, window_s, chosen, cells, np.random.default_rng(seed))
    rows: list[tuple[int, int, float, float, bool]] = []
    object_id = np.asarray(object_id, dtype=np.int64)
    known = _reported(findings)
    for k in range(0, drawn.first.size, _AT_ONCE):
        part = slice(k, k + _AT_ONCE)
        rows.extend(_look(paths, findings, drawn, part, window_s, threshold_m, known))
    missing = sum(not row[4] for row in rows)
    return table(
        "audit",
        [
            column(
                "object_a",
                object_id[np.array([r[0] for r in rows], dtype=np.int64)],
                "1",
                "catalogue number of a",
            ),
            column(
                "object_b",
                object_id[np.array([r[1] for r in rows], dtype=np.int64)],
                "1",
                "catalogue number of b",
            ),
            column("seconds", np.array([r[2] for r in rows]), "s", "of the window", tolerance=1e-2),
            column("distance_m", np.array([r[3] for r in rows]), "m", "there", tolerance=1.0),
            column("reported", np.array([r[4] for r in rows], dtype=bool), "", "by the screening"),
        ],
        f"{drawn.first.size} pairs and stretches of {CELL_S:g} s by brute force, "
        f"{int(drawn.drawn_near.sum())} drawn near each other: {len(rows)} minima, {missing} not reported"
        + ("" if rows else "; none was met, so nothing is shown: ask for more"),
    )


def _draw(
    paths: PathSource,
    findings: Findings,
    window_s: float,
    chosen: NDArray[np.bool_],
    cells: int,
    random: np.random.Generator,
) -> _Cells:
    """Draw pairs with a chosen object, both alive at the begin of the stretch."""
    n, picked = len(paths), np.flatnonzero(chosen)
    far = cells // 2
    first = random.choice(picked, far)
    second = (first + random.integers(1, max(n, 2), far)) % n
    begin = random.uniform(0.0, max(window_s - CELL_S, 0.0), far)
    parts = [(first, second, begin)]
    instants = np.sort(random.uniform(0.0, window_s, max(1, min(24, cells // 20))))
    wanted = (cells - far) // instants.size + 1
    for at in instants.tolist():
        pairs = _near_pairs(paths, at, picked, wanted, random)
        start = np.full(len(pairs), max(min(at - 0.5 * CELL_S, window_s - CELL_S), 0.0))
        parts.append((pairs[:, 0], pairs[:, 1], start))
    one, two, start = (np.concatenate([part[k] for part in parts]) for k in range(3))
    near = np.arange(one.size) >= far
    keep = (one != two) & (findings.exits.seconds[one] > start) & (findings.exits.seconds[two] > start)
    one, two, start, near = one[keep][:cells], two[keep][:cells], start[keep][:cells], near[keep][:cells]
    return _Cells(np.minimum(one, two), np.maximum(one, two), start, near)


def _near_pairs(
    paths: PathSource, at: float, picked: NDArray[np.int64], wanted: int, random: np.random.Generator
) -> NDArray[np.int64]:
    from scipy.spatial import cKDTree

    position = paths.states(np.array([at])).position_m[:, 0]
    usable = np.flatnonzero(np.isfinite(position).all(axis=1) & (np.linalg.norm(position, axis=1) < 1e9))
    tree = cKDTree(position[usable])
    some = random.choice(picked, min(picked.size, 4 * wanted))
    close = random.permutation(_pairs_within(tree, position, usable, picked, _CLOSE_M))[:wanted]
    near = random.permutation(_pairs_within(tree, position, usable, some, _NEAR_M))[: wanted - len(close)]
    return np.concatenate([close, near])


def _pairs_within(
    tree: cKDTree,
    position: NDArray[np.float64],
    usable: NDArray[np.int64],
    centres: NDArray[np.int64],
    distance_m: float,
) -> NDArray[np.int64]:
    some = centres[np.isfinite(position[centres]).all(axis=1)]
    pairs = [
        (i, int(usable[j]))
        for i, found in zip(some.tolist(), tree.query_ball_point(position[some], distance_m), strict=True)
        for j in found
        if usable[j] != i
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _reported(findings: Findings) -> dict[tuple[int, int], list[tuple[float, float]]]:
    known: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for (a, b), t in zip(findings.pairs.tolist(), findings.encounters.seconds.tolist(), strict=True):
        known.setdefault((a, b), []).append((t, t))
    slow = findings.slow
    for (a, b), begin, end in zip(
        slow.pairs.tolist(), slow.begin_s.tolist(), slow.end_s.tolist(), strict=True
    ):
        known.setdefault((a, b), []).append((begin, end))
    return known


def _look(
    paths: PathSource,
    findings: Findings,
    drawn: _Cells,
    part: slice,
    window_s: float,
    threshold_m: float,
    known: dict[tuple[int, int], list[tuple[float, float]]],
) -> list[tuple[int, int, float, float, bool]]:
    """Find the minima of some cells: the lowest of three samples, then a parabola of the square."""
    pairs = np.stack([drawn.first[part], drawn.second[part]], axis=1)
    times = drawn.begin_s[part, None] + np.arange(0.0, CELL_S + 0.5 * _STEP_S, _STEP_S)
    a, b = paths.states_of(pairs[:, 0], times), paths.states_of(pairs[:, 1], times)
    square = ((b.position_m - a.position_m) ** 2).sum(axis=2)
    life = common_life(paths, pairs, findings.exits, window_s)
    with np.errstate(invalid="ignore"):
        low = (square[:, 1:-1] < square[:, :-2]) & (square[:, 1:-1] <= square[:, 2:])
    found = []
    for row, k in np.argwhere(low).tolist():
        left, here, right = square[row, k : k + 3].tolist()
        bend = left - 2.0 * here + right
        shift = 0.5 * (left - right) / bend if bend > 0.0 else 0.0
        at = float(times[row, k + 1]) + shift * _STEP_S
        distance = max(here - 0.25 * (left - right) * shift, 0.0) ** 0.5
        # What grazes the threshold or the end of a life decides nothing.
        if distance > threshold_m - 1.0 or not life[row, 0] + 1e-2 < at < life[row, 1] - 1e-2:
            continue
        pair = (int(pairs[row, 0]), int(pairs[row, 1]))
        reported = any(begin - SAME_S <= at <= end + SAME_S for begin, end in known.get(pair, ()))
        found.append((*pair, at, distance, reported))
    return found
