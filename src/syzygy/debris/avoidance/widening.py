"""The wide search: from a coarse map of all sizes and times down to safe plans, by linear neighbourhoods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.avoidance.burn_times import BurnSpan, is_allowed
from syzygy.debris.avoidance.candidates import Circumstances, Evaluated, evaluate, sized_plans
from syzygy.debris.avoidance.frontier import Frontier, orbit_period_s
from syzygy.debris.avoidance.neighbourhood import Neighbourhood, around_plan, burn_gains
from syzygy.debris.avoidance.plans import FACTORS, Plans
from syzygy.debris.avoidance.returning import close_returns

FloatArray = NDArray[np.float64]
_Variant = tuple[tuple[int, ...], FloatArray, FloatArray, FloatArray]
_SEEDS = 14
_TAKEN = 8
_ROUNDS = 6
_SETTLED = 0.98
_DRIFT_M = 8000.0
_ACROSS_M_S = 0.02
_SAMPLES = 384
_LINE = 121
_SHIFTS = np.concatenate([np.arange(-6, 7) / 12.0, [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0]])
_SECOND_TIMES = 36
_BOX_SLACK = 1.2


@dataclass(frozen=True)
class _Proposal:
    safe: bool
    price: float
    times: tuple[int, ...]
    impulses: FloatArray


@dataclass(frozen=True)
class Reach:
    """Where burns may be: spans of the first, and the last instant of a second."""

    spans: tuple[BurnSpan, ...]
    second: tuple[BurnSpan, ...]


def wide_ladder(
    around: Circumstances, frontier: Frontier, rows: NDArray[np.int64], count: int
) -> list[Evaluated]:
    """Evaluate about `count` plans: sizes in equal steps up to what box and fuel allow; none if none."""
    largest = largest_first_m_s(around)
    rows = rows[np.isfinite(frontier.size_m_s[rows]).any(axis=1)]
    steps = max(8, count // max(1, 2 * len(rows)))
    row = np.repeat(rows, 2 * steps)
    branch = np.tile(np.repeat([0, 1], steps), len(rows))
    size = np.tile(np.linspace(largest / steps, largest, steps), 2 * len(rows))
    keep = size >= 0.98 * frontier.size_m_s[row, branch]
    row, branch, size = row[keep], branch[keep], size[keep]
    if not keep.any():
        return []
    return [evaluate(around, sized_plans(around, frontier, row, branch, size), branch)]


def largest_first_m_s(around: Circumstances) -> float:
    """Return the largest size of the first burn worth trying: of the options, and of a burn along the track
    that just leaves the station-keeping box."""
    request, event = around.request, around.event
    factors = np.abs(FACTORS[request.manoeuvre])
    largest = request.largest_m_s / float(factors.sum())
    if request.direction != "tangential" or request.manoeuvre not in ("single", "two-burn"):
        return largest
    if request.max_axis_change_m is not None:
        rate = float(event.own.mean_motion_rad_s[0])
        largest = min(largest, _BOX_SLACK * 0.5 * rate * request.max_axis_change_m)
    if request.max_in_track_m is not None:
        least = (around.passes.end_tai_ns - event.tca_tai_ns) / 1e9
        largest = min(largest, _BOX_SLACK * request.max_in_track_m / (3.0 * least))
    return largest


def descend(around: Circumstances, reach: Reach, judged: list[Evaluated]) -> list[Evaluated]:
    """Go down from the best plans so far: to a safe one, and then to smaller ones.

    Each round describes the encounters of some plans by linear motion (`neighbourhood`), looks there among
    thousands of burns a little earlier or later, larger or smaller, and flies and screens the best of them.
    """
    batches = list(judged)
    done: set[tuple[int, int]] = set()
    made: list[Evaluated] = []
    last = np.inf
    for round_ in range(_ROUNDS):
        seeds = _seeds(around, batches, done)
        proposals: list[_Proposal] = []
        for batch, row in seeds:
            done.add((batch, row))
            proposals += _propose(around, reach, around_plan(around, batches[batch], row))
        if not proposals:
            break
        burns = _plans(proposals)
        if around.request.manoeuvre == "two-burn-return":
            burns = close_returns(burns, around.event.own, around.leap_seconds)
        made.append(evaluate(around, burns, np.zeros(len(burns), dtype=np.int64)))
        batches.append(made[-1])
        best = _smallest(batches)
        if np.isfinite(best) and best > _SETTLED * last and round_ > 0:
            break
        last = best
    return made


def with_second_burn(around: Circumstances, judged: list[Evaluated]) -> list[Evaluated]:
    """Evaluate the best plans of one burn again with a second burn of nothing, a revolution later."""
    rows = _seeds(around, judged, set())
    if not rows:
        return []
    first = np.array([judged[k].flown.plans.burn_tai_ns[row, 0] for k, row in rows], dtype=np.int64)
    impulses = np.zeros((len(rows), 2, 3))
    for place, (k, row) in enumerate(rows):
        impulses[place, 0] = judged[k].flown.plans.impulse_m_s[row, 0]
    later = first + round(orbit_period_s(around.event) * 1e9)
    plans = Plans(np.stack([first, later], axis=1), impulses)
    return [evaluate(around, plans, np.zeros(len(rows), dtype=np.int64))]


def _seeds(
    around: Circumstances, batches: list[Evaluated], done: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    found: dict[tuple[int, int, int], tuple[float, float, int, int]] = {}
    period = round(orbit_period_s(around.event) * 1e9) // 12
    for number, batch in enumerate(batches):
        worst = np.maximum(batch.event_risk / (around.request.aim or around.request.threshold),
                           batch.other_risk / around.request.threshold)  # fmt: skip
        total = batch.flown.plans.total_m_s
        for row in np.flatnonzero(batch.reason <= 2).tolist():
            if (number, row) in done:
                continue
            safe = batch.reason[row] == 0
            price = (0.0, float(total[row])) if safe else (1.0, float(np.log(worst[row])))
            place = (
                int(batch.flown.plans.burn_tai_ns[row, 0]) // period,
                round(total[row] / 0.01),
                int(safe),
            )
            item = (*price, number, row)
            if place not in found or item < found[place]:
                found[place] = item
    return [(item[2], item[3]) for item in sorted(found.values())[:_SEEDS]]


def _smallest(batches: list[Evaluated]) -> float:
    safe = [batch.flown.plans.total_m_s[batch.reason == 0] for batch in batches]
    return float(np.concatenate(safe).min(initial=np.inf))


def _plans(proposals: list[_Proposal]) -> Plans:
    times = np.array([item.times for item in proposals], dtype=np.int64)
    return Plans(times, np.stack([item.impulses for item in proposals]))


def _propose(around: Circumstances, reach: Reach, near: Neighbourhood) -> list[_Proposal]:
    found = []
    for times, gains, moved, basis in _variants(around, reach, near):
        found += _best(around, near, times, gains, moved, basis)
    found.sort(key=lambda item: (not item.safe, item.price, item.times))
    return found[:_TAKEN]


def _variants(around: Circumstances, reach: Reach, near: Neighbourhood) -> list[_Variant]:
    """Return instants, gains (c, 2, 3 k), what the plan itself moves, and the basis (p, 3 k) of the burns."""
    request = around.request
    period = orbit_period_s(around.event)
    old = near.burn_tai_ns
    first = _whole(old[0] + np.round(_SHIFTS * period * 1e9).astype(np.int64))
    first = first[is_allowed(first, reach.spans)]
    if request.manoeuvre == "two-burn":
        return _two(around, reach, near, first)
    factors = FACTORS[request.manoeuvre]
    shifts = np.unique(np.concatenate([first, old[:1]])) - old[0]
    parts = [burn_gains(around, near, k, old[k] + shifts) for k in range(len(old))]
    here = int(np.flatnonzero(shifts == 0)[0])
    moved = sum(
        (np.einsum("cpi,i->cp", part[0][here], near.impulse_m_s[k]) for k, part in enumerate(parts)),
        np.zeros_like(near.offset),
    )
    variants: list[_Variant] = []
    for number, shift in enumerate(shifts.tolist()):
        gains = np.concatenate([part[0][number] for part in parts], axis=2)
        directions = _directions(around, parts[0][1][number])
        basis = np.concatenate([factor * directions for factor in factors], axis=1)
        variants.append((tuple(int(at + shift) for at in old), gains, moved, basis))
    return variants


def _two(
    around: Circumstances, reach: Reach, near: Neighbourhood, first: NDArray[np.int64]
) -> list[_Variant]:
    old, period = near.burn_tai_ns, orbit_period_s(around.event)
    begin, end = int(old[0] + round(0.25e9 * period)), reach.second[-1].end_tai_ns
    if np.linalg.norm(near.impulse_m_s[1]) > 0.0:
        second = _whole(old[1] + np.round(_SHIFTS * period * 1e9).astype(np.int64))
        first = first[np.abs(first - old[0]) <= round(0.1e9 * period)]
    else:
        # The golden ratio spreads the instants over the revolutions and over their phases at once.
        parts = np.sort(np.mod(np.arange(_SECOND_TIMES) * 0.6180339887498949, 1.0))
        second, first = _whole(begin + (parts * (end - begin)).astype(np.int64)), old[:1]
    first, second = np.unique(np.concatenate([first, old[:1]])), np.unique(np.concatenate([second, old[1:]]))
    one, one_axis = burn_gains(around, near, 0, first)
    two, two_axis = burn_gains(around, near, 1, second)
    here, there = (
        int(np.flatnonzero(times == at)[0]) for times, at in zip((first, second), old, strict=True)
    )
    moved = np.einsum("cpi,i->cp", one[here], near.impulse_m_s[0])
    moved = moved + np.einsum("cpi,i->cp", two[there], near.impulse_m_s[1])
    allowed = is_allowed(second, reach.second)
    variants: list[_Variant] = []
    for i, at in enumerate(first.tolist()):
        for j, later in enumerate(second.tolist()):
            if not allowed[j] or later < at + round(0.25e9 * period) or later > end:
                continue
            a, b = _directions(around, one_axis[i]), _directions(around, two_axis[j])
            basis = np.zeros((len(a) + len(b), 6))
            basis[: len(a), :3], basis[len(a) :, 3:] = a, b
            variants.append(((at, later), np.concatenate([one[i], two[j]], axis=2), moved, basis))
    return variants


def _best(
    around: Circumstances, near: Neighbourhood, times: tuple[int, ...], gains: FloatArray, moved: FloatArray,
    basis: FloatArray,
) -> list[_Proposal]:  # fmt: skip
    impulses = _samples(around, near, times[0], basis)
    burns = impulses.reshape(len(impulses), -1, 3)
    total = np.linalg.norm(burns, axis=2).sum(axis=1)
    keep = np.flatnonzero(total <= around.request.largest_m_s)
    if not keep.size:
        return []
    impulses, burns, total = impulses[keep], burns[keep], total[keep]
    excess = near.excess(gains, impulses, moved)
    found = []
    safe = np.flatnonzero(excess < 0.0)
    if safe.size:
        row = int(safe[np.argmin(total[safe])])
        found.append(_Proposal(True, float(total[row]), times, burns[row]))
    row = int(np.argmin(excess))
    if not safe.size:
        found.append(_Proposal(False, float(excess[row]), times, burns[row]))
    return found


def _samples(around: Circumstances, near: Neighbourhood, first_tai_ns: int, basis: FloatArray) -> FloatArray:
    """Return impulses (s, 3 k) about those of the plan: narrow along the velocity, where a burn drifts."""
    centre = near.impulse_m_s.ravel() @ np.linalg.pinv(basis)
    narrow = _DRIFT_M / (3.0 * max((around.passes.end_tai_ns - first_tai_ns) / 1e9, 1.0))
    if len(centre) == 1:
        return np.asarray((centre + narrow * np.linspace(-1.0, 1.0, _LINE)[:, None]) @ basis)
    generator = np.random.Generator(np.random.PCG64(20220715))
    noise = generator.standard_normal((_SAMPLES, len(centre)))
    noise *= 10.0 ** generator.uniform(-1.5, 0.0, (_SAMPLES, 1))
    along = np.arange(len(centre)) % (len(basis) // _vectors(around)) == 0
    if around.request.manoeuvre == "two-burn-return":
        along[:] = False
    scale = np.where(along, 0.5 * narrow, _ACROSS_M_S)
    shrunk = centre * np.linspace(0.9, 1.0, 11)[:, None]
    return np.asarray(np.concatenate([shrunk, centre + noise * scale]) @ basis)


def _vectors(around: Circumstances) -> int:
    return 2 if around.request.manoeuvre == "two-burn" else 1


def _directions(around: Circumstances, axis: FloatArray) -> FloatArray:
    """Return directions (d, 3) of a burn in radial, transverse, normal axes, along the velocity first."""
    if around.request.manoeuvre == "two-burn-return":
        return across_directions(axis)
    if around.request.direction == "tangential":
        return axis[None]
    return np.concatenate([axis[None], across_directions(axis)])


def across_directions(axis: FloatArray) -> FloatArray:
    """Return two directions (2, 3) at right angles to the velocity: in the orbit's plane, and its normal."""
    normal = np.array([0.0, 0.0, 1.0])
    side = np.cross(normal, axis)
    return np.stack([side / np.linalg.norm(side), normal])


def _whole(tai_ns: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.asarray(tai_ns - tai_ns % 1_000_000_000)
