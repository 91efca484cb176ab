"""Which few causes explain the difference? Every small set is tried; the shortest description wins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.exploration.explain.causes import AXES, GM, STATE, SUNLIGHT, TIME, Cause, Difference, predict
from syzygy.exploration.explain.overlap import Overlap
from syzygy.exploration.replay.flights import Doubles

_WHOLE_SLACK = 0.2
_ROUNDS = 4
_CANDIDATES = 12
_PRICE = 3.0
_TELLING = 3.0
_FLOOR_SHARE = 1e-7


@dataclass(frozen=True, eq=False)
class Explanation:
    """A set of causes with their coefficients.

    Attributes
    ----------
    causes : tuple of Cause
        Largest effect first.
    coefficients : tuple of array
        Per cause.
    difference : Difference
        The same as switches and numbers.
    unexplained_m : array (n, 3)
        What full flights with these causes leave.
    """

    causes: tuple[Cause, ...]
    coefficients: tuple[Doubles, ...]
    difference: Difference
    unexplained_m: Doubles


def explain_overlap(
    overlap: Overlap, force: ForceModel, almanac: Almanac, causes: tuple[Cause, ...], most: int
) -> Explanation:
    """Find the causes: sets by linear signatures, then full flights until the numbers stand.

    The score of a set is n ln(mean square) + 3 p ln n (n rows, p numbers): a Bayesian information criterion
    with a triple price, because rows are not independent. Switches must come out near -1, 0 or 1.
    """
    target = overlap.difference_m
    useful = _telling(causes, overlap)
    best: tuple[float, tuple[Cause, ...]] = (_score(target, overlap, 0), ())
    for count in range(1, most + 1):
        for group in combinations(useful, count):
            found = solve_linearly(group, target)
            if found is None:
                continue
            score = _score(found[1], overlap, sum(len(cause.units) for cause in group))
            if score < best[0] - _PRICE:
                best = (score, group)
    return _sharpen(best[1], overlap, force, almanac, {cause.name: cause for cause in causes})


def _telling(causes: tuple[Cause, ...], overlap: Overlap) -> list[Cause]:
    """Return causes that could matter: those whose effect may be seen, the likeliest first."""
    target = overlap.difference_m
    size = float(np.sqrt(np.mean(target**2)))
    found = []
    for cause in causes:
        effect = float(np.sqrt(np.mean(np.sum(cause.columns[..., 0] ** 2, axis=1))))
        if cause.whole and effect < max(overlap.noise_m, _FLOOR_SHARE * size) * _TELLING:
            continue
        found.append(cause)

    def left(cause: Cause) -> float:
        solved = solve_linearly((cause,), target, strict=False)
        return float(np.mean(solved[1] ** 2)) if solved else np.inf

    ordered = sorted(found, key=left)
    plain = [cause for cause in ordered if cause.name in (AXES, TIME, GM, SUNLIGHT, STATE)]
    rest = [cause for cause in ordered if cause not in plain]
    return plain + rest[: max(0, _CANDIDATES - len(plain))]


def solve_linearly(
    group: tuple[Cause, ...], target: Doubles, *, strict: bool = True
) -> tuple[list[Doubles], Doubles] | None:
    """Return coefficients per cause and what is left; None where a switch is not one."""
    design = np.concatenate([cause.columns for cause in group], axis=2).reshape(target.size, -1)
    scale = np.linalg.norm(design, axis=0)
    if not (scale > 0.0).all():
        return None
    goal = target.ravel()
    whole = np.concatenate([[cause.whole] * len(cause.units) for cause in group])
    numbers = np.linalg.lstsq(design / scale, goal, rcond=1e-13)[0] / scale
    if strict and whole.any():
        switch = np.rint(numbers[whole])
        if (np.abs(numbers[whole] - switch) > _WHOLE_SLACK).any() or (np.abs(switch) != 1.0).any():
            return None
        goal = goal - design[:, whole] @ switch
        numbers[whole] = switch
        if (~whole).any():
            free = design[:, ~whole] / scale[~whole]
            numbers[~whole] = np.linalg.lstsq(free, goal, rcond=1e-13)[0] / scale[~whole]
            goal = goal - design[:, ~whole] @ numbers[~whole]
        left = goal
    else:
        left = goal - design @ numbers
    edges = np.cumsum([len(cause.units) for cause in group])[:-1]
    return np.split(numbers, edges), left.reshape(target.shape)


def _score(left: Doubles, overlap: Overlap, numbers: int) -> float:
    count = left.shape[0]
    # Signatures are linear: what is left below a ten-millionth of the difference tells nothing.
    floor = max(overlap.noise_m**2, _FLOOR_SHARE**2 * float(np.mean(overlap.difference_m**2)))
    mean_square = float(np.mean(left**2)) + floor
    return float(count * np.log(mean_square) + _PRICE * numbers * np.log(count))


def explanation_score(explanation: Explanation, overlap: Overlap) -> float:
    """Return the length of a description (less is better): what it leaves and how many numbers it takes."""
    numbers = sum(len(cause.units) for cause in explanation.causes)
    return _score(explanation.unexplained_m, overlap, numbers)


def _sharpen(
    group: tuple[Cause, ...],
    overlap: Overlap,
    force: ForceModel,
    almanac: Almanac,
    named: dict[str, Cause],
) -> Explanation:
    target = overlap.difference_m
    if not group:
        return Explanation((), (), Difference(), target)
    solved = solve_linearly(group, target)
    assert solved is not None
    numbers = [np.array(values) for values in solved[0]]
    for _ in range(_ROUNDS):
        difference = as_difference(group, numbers)
        left = target - predict(difference, overlap, force, almanac, named)
        free = tuple(cause for cause in group if not cause.whole)
        if not free:
            break
        change = solve_linearly(free, left, strict=False)
        if change is None or np.mean(change[1] ** 2) > 0.999 * np.mean(left**2):
            break
        steps = dict(zip((cause.name for cause in free), change[0], strict=True))
        numbers = [n + steps.get(c.name, np.zeros_like(n)) for c, n in zip(group, numbers, strict=True)]
    difference = as_difference(group, numbers)
    left = target - predict(difference, overlap, force, almanac, named)
    sizes = [float(np.linalg.norm(c.columns @ n)) for c, n in zip(group, numbers, strict=True)]
    order = np.argsort(sizes)[::-1]
    return Explanation(tuple(group[k] for k in order), tuple(numbers[k] for k in order), difference, left)


def as_difference(group: tuple[Cause, ...], numbers: list[Doubles]) -> Difference:
    """Return causes and coefficients as switches and numbers."""
    found = Difference()
    for cause, values in zip(group, numbers, strict=True):
        first = float(values[0])
        if cause.name == AXES:
            found = replace(found, turn=round(first))
        elif cause.name == TIME:
            found = replace(found, lag_s=first)
        elif cause.name == GM:
            found = replace(found, gm_m3_s2=first)
        elif cause.name == SUNLIGHT:
            found = replace(found, sunlight_m_s2=first)
        elif cause.name == STATE:
            found = replace(found, state=tuple(float(v) for v in values))
        elif cause.burn_tai_ns:
            kick = (cause.burn_tai_ns, tuple(float(v) for v in values))
            found = replace(found, kicks=(*found.kicks, kick))
        else:
            found = replace(found, lacking=(*found.lacking, (cause.name, round(first))))
    return found
