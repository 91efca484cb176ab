"""A force that one ephemeris lacks moves it far: the other causes are then sought beside the moved flight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.exploration.explain.causes import Cause, list_causes, predict
from syzygy.exploration.explain.overlap import Overlap
from syzygy.exploration.explain.search import (
    Explanation,
    as_difference,
    explain_overlap,
    explanation_score,
    solve_linearly,
)
from syzygy.exploration.replay.burns import Burn
from syzygy.exploration.replay.flights import Doubles, fly_plain

_SHARE = 0.5
_CLEARLY = 3.0


def explain_in_stages(
    overlap: Overlap, force: ForceModel, almanac: Almanac, burns: tuple[Burn, ...], most: int
) -> Explanation:
    """Find the causes at once, and with a lacking force taken first; return the shorter description.

    Signatures are linear beside one flight. Where a force that is missing moves the second ephemeris by
    kilometres, a turn of the axes or a lag acts on other places: they are then sought beside the second
    flight, and the numbers of all causes are those of full flights.
    """
    causes = list_causes(overlap, force, almanac, burns)
    plain = explain_overlap(overlap, force, almanac, causes, most)
    first = _lacking(overlap, causes)
    if first is None or most < 2 or len(plain.causes) < 2:
        return plain
    cause, number = first
    moved, theirs = _moved_overlap(overlap, force, almanac, cause, number)
    beside = list_causes(moved, theirs, almanac, burns)
    others = tuple(other for other in beside if other.name != cause.name)
    rest = explain_overlap(moved, theirs, almanac, others, most - 1)
    group, numbers = (cause, *rest.causes), (np.array([float(number)]), *rest.coefficients)
    difference = as_difference(group, list(numbers))
    named = {c.name: c for c in group}
    left = overlap.difference_m - predict(difference, overlap, force, almanac, named)
    staged = Explanation(group, numbers, difference, left)
    better = explanation_score(staged, overlap) < explanation_score(plain, overlap) - _CLEARLY
    return staged if better else plain


def _lacking(overlap: Overlap, causes: tuple[Cause, ...]) -> tuple[Cause, int] | None:
    """Return the lacking force that alone explains most, and 1 or -1; None where none explains half."""
    target = overlap.difference_m
    best: tuple[float, Cause, int] | None = None
    for cause in causes:
        solved = solve_linearly((cause,), target, strict=False) if cause.without is not None else None
        if solved is None:
            continue
        number = round(float(solved[0][0][0]))
        if abs(number) != 1:
            continue
        left = float(np.mean((target - number * cause.columns[..., 0]) ** 2))
        if left < _SHARE**2 * float(np.mean(target**2)) and (best is None or left < best[0]):
            best = (left, cause, number)
    return best[1:] if best else None


def _moved_overlap(
    overlap: Overlap, force: ForceModel, almanac: Almanac, cause: Cause, number: int
) -> tuple[Overlap, ForceModel]:
    """Return the first ephemeris moved by the cause, and the forces that the second is then flown with."""
    assert cause.without is not None
    ours, theirs = (force, cause.without) if number > 0 else (cause.without, force)
    flights: list[Doubles] = [fly_plain(overlap.start, overlap.instants, f, almanac) for f in (ours, theirs)]
    step = flights[1] - flights[0]
    moved = replace(
        overlap, first_m=overlap.first_m + step[:, :3], velocity_m_s=overlap.velocity_m_s + step[:, 3:]
    )
    return moved, theirs
