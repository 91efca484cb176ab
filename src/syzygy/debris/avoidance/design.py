"""The door of the avoidance: from an event to the smallest burn that is safe against everything."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.mean_elements import MeanElements
from syzygy.astro.time import format_utc
from syzygy.base.errors import CoverageError, InputError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.debris.avoidance.burn_times import BurnSpan, is_allowed, read_spans, spread_times
from syzygy.debris.avoidance.candidates import (
    Circumstances,
    Evaluated,
    best_safe,
    evaluate,
    is_the_event,
    ladder_plans,
    sized_plans,
)
from syzygy.debris.avoidance.chosen import ChosenPlan, choose_plan
from syzygy.debris.avoidance.event import AvoidanceEvent, load_event
from syzygy.debris.avoidance.frontier import Frontier, find_frontier, orbit_period_s, probability_now
from syzygy.debris.avoidance.optimum import ExecutionError
from syzygy.debris.avoidance.plans import FACTORS
from syzygy.debris.avoidance.requests import AvoidanceRequest
from syzygy.debris.avoidance.rescreening import Legs, PlanEncounters, rescreen
from syzygy.debris.avoidance.result import AvoidanceResult, make_result
from syzygy.debris.avoidance.risk import RiskModel, encounter_risks
from syzygy.debris.avoidance.tube import prepare_passes, size_of_tube
from syzygy.debris.avoidance.uncertainty import ElementUncertainty
from syzygy.debris.avoidance.verification import CompleteSearch
from syzygy.debris.avoidance.widening import Reach, descend, wide_ladder, with_second_burn
from syzygy.debris.element_sets import load_element_sets
from syzygy.debris.probability.element_motion import GM_M3_S2
from syzygy.debris.probability.element_set_errors import stated_model

_DAY_NS = 86_400_000_000_000
_FRONTIER_TIMES = 241
_SHARE_OF_TIMES = 25
_REFINED_TIMES = 9
_REFINED_SIZES = 16
_ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Design:
    """What the design found: probability before, closed-form frontier, all candidates, the plan or None."""

    before: float
    frontier: Frontier
    judged: list[Evaluated]
    chosen: ChosenPlan | None


def design_avoidance(
    request: AvoidanceRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> AvoidanceResult:
    """Find the smallest burn after which every encounter of the new orbit is below the threshold.

    Parameters
    ----------
    request : AvoidanceRequest
    almanac : Almanac
        Leap seconds; Earth orientation where the event is a message and for messages out.
    executor, progress : optional
        Who is told; the work is one piece.

    Raises
    ------
    FormatError, MissingDataError, FrameError
        An event or a catalogue that cannot be used.
    UnknownNameError
        An object in no catalogue.
    CoverageError
        A catalogue of another time, or an object without states.
    InputError
        No event, no time for a burn, contradictory options.

    Notes
    -----
    1. The closed form of the plane of the event gives the smallest size at 241 instants (`frontier`).
    2. Candidates from that size up, at some of them, are flown as SGP4 orbits and screened against passes
       of the whole catalogue that were prepared once (`tube`, `rescreening`).
    3. Where none is safe, all sizes up to the box are; from the best of them thousands of neighbours are
       judged by linear motion and the best flown and screened, in rounds (`widening`, `neighbourhood`). So
       are the neighbours of safe plans with free directions or two burns.
    4. The smallest safe one is refined in time and size, and screened by the complete search
       (`verification`); if that finds more, the next one is.

    **Accuracy** ``test_avoidance_*``: optimum against direct two-body propagation, encounters against the
    complete search, 50 real events without a new one (``benchmarks/bench_avoidance.py``).
    """
    del executor
    sets = load_element_sets(request.catalogues, almanac.leap_seconds)
    uncertainty = ElementUncertainty(stated_model(request.model_sigma_m, request.model_growth_m))
    event = load_event(request, sets.elements, uncertainty, almanac)
    _require_fresh(request, sets.elements, event)
    spans = allowed_spans(request, event, almanac)
    progress.start("avoidance", 2)
    around = prepare(request, event, sets.elements, spans, uncertainty, almanac)
    progress.advance()
    design = design_plan(around, spans)
    progress.advance()
    return make_result(
        almanac, around, design.frontier, design.judged, design.chosen, design.before, sets.left_out,
        unchanged_encounters(around),
    )  # fmt: skip


def design_plan(
    around: Circumstances, spans: tuple[BurnSpan, ...], search: CompleteSearch | None = None
) -> Design:
    """Design and confirm a plan; a complete search that was prepared for a longer span may be given."""
    request = around.request
    before = probability_now(around.event)
    frontier = _frontier(around, spread_times(spans, _FRONTIER_TIMES))
    if before <= (request.aim or request.threshold):
        return Design(before, frontier, [], None)
    judged = judge_plans(around, spans, frontier)
    return Design(before, frontier, judged, choose_plan(around, judged, search))


def judge_plans(around: Circumstances, spans: tuple[BurnSpan, ...], frontier: Frontier) -> list[Evaluated]:
    """Evaluate candidates: along the closed form, finer about the best, and further where that is not enough.

    Two free burns begin where one ends: all plans of one burn are among their candidates, so that the best of
    two is never larger than the best of one.
    """
    request = around.request
    if not np.isfinite(frontier.size_m_s).any():
        return []
    if request.manoeuvre == "two-burn":
        single = replace(around, request=replace(request, manoeuvre="single"))
        judged = judge_plans(single, spans, frontier)
        started = with_second_burn(around, judged)
        return [*judged, *started, *descend(around, _reach(around, spans), started)]
    first = first_candidates(around, frontier)
    judged = [first, *_refine(around, spans, first)]
    return [*judged, *_go_further(around, spans, frontier, judged)]


def _go_further(
    around: Circumstances, spans: tuple[BurnSpan, ...], frontier: Frontier, judged: list[Evaluated]
) -> list[Evaluated]:
    """Search wider where nothing is safe yet, and deeper where a burn has more freedom than a line."""
    solved = any((batch.reason == 0).any() for batch in judged)
    if solved and around.request.direction == "tangential":
        return []
    made = [] if solved else wide_ladder(around, frontier, _spread_rows(frontier), around.request.plans)
    return [*made, *descend(around, _reach(around, spans), [*judged, *made])]


def _reach(around: Circumstances, spans: tuple[BurnSpan, ...]) -> Reach:
    return Reach(spans, _second_spans(around, spans))


def _second_spans(around: Circumstances, spans: tuple[BurnSpan, ...]) -> tuple[BurnSpan, ...]:
    request, tca = around.request, around.event.tca_tai_ns
    last = request.last_tai_ns if request.last_tai_ns is not None else tca + _DAY_NS
    last = min(max(last, spans[-1].end_tai_ns), around.passes.end_tai_ns)
    return read_spans(request.allowed, spans[0].begin_tai_ns, last, around.leap_seconds)


def prepare(
    request: AvoidanceRequest,
    event: AvoidanceEvent,
    elements: MeanElements,
    spans: tuple[BurnSpan, ...],
    uncertainty: ElementUncertainty,
    almanac: Almanac,
) -> Circumstances:
    """Prepare all passes of the catalogue that any plan could meet."""
    leap_seconds = almanac.leap_seconds
    others = elements.select(np.flatnonzero(elements.object_id != event.own_id))
    axis = float(np.cbrt(GM_M3_S2 / event.own.mean_motion_rad_s[0] ** 2))
    size = size_of_tube(request.largest_m_s, axis, request.reach_m)
    begin = spans[0].begin_tai_ns
    end = event.tca_tai_ns + round(request.horizon_s * 1e9)
    passes = prepare_passes(others, event.own, begin, end, size, leap_seconds)
    model = RiskModel(
        uncertainty,
        ExecutionError(request.magnitude_sigma, request.pointing_sigma_rad),
        float(event.encounter.hard_body_radius_m[0]),
    )
    return Circumstances(request, event, others, passes, model, leap_seconds)


def first_candidates(around: Circumstances, frontier: Frontier) -> Evaluated:
    """Evaluate the candidates of the request: the best times of the frontier and some all over the spans."""
    possible = np.flatnonzero(np.isfinite(frontier.size_m_s).any(axis=1))
    smallest = frontier.size_m_s.min(axis=1)
    best = possible[np.argsort(smallest[possible], kind="stable")][: _SHARE_OF_TIMES // 2]
    rows = np.unique(np.concatenate([best, _spread_rows(frontier)]))
    plans, branch = ladder_plans(around, frontier, rows, around.request.plans)
    return evaluate(around, plans, branch)


def _spread_rows(frontier: Frontier) -> NDArray[np.int64]:
    possible = np.flatnonzero(np.isfinite(frontier.size_m_s).any(axis=1))
    if not possible.size:
        return possible
    return np.asarray(possible[np.linspace(0, len(possible) - 1, _SHARE_OF_TIMES).astype(int)])


def unchanged_encounters(around: Circumstances) -> tuple[PlanEncounters, NDArray[np.float64]]:
    """Return the encounters of the unchanged orbit over the same span, with their probabilities."""
    passes, event = around.passes, around.event
    legs = Legs(event.own, np.zeros(1, dtype=np.int64), np.array([passes.begin_tai_ns]),
                np.array([passes.end_tai_ns]))  # fmt: skip
    found = rescreen(legs, passes, around.leap_seconds)
    found = found.select(~is_the_event(event, around.others, found))
    return found, encounter_risks(found, None, event.own, around.others, around.model)


def _refine(around: Circumstances, spans: tuple[BurnSpan, ...], first: Evaluated) -> list[Evaluated]:
    """Look for smaller safe plans about the best one: finer in time and in size."""
    found: list[Evaluated] = []
    width = max(1.0, sum(s.end_tai_ns - s.begin_tai_ns for s in spans) / 1e9 / _SHARE_OF_TIMES)
    share = float(np.abs(FACTORS[around.request.manoeuvre]).sum())
    best = first
    for _ in range(_ROUNDS):
        row = best_safe(best, set())
        if row is None:
            break
        plans = best.flown.plans
        middle, size = int(plans.burn_tai_ns[row, 0]), float(plans.total_m_s[row]) / share
        shifts = np.unique(np.round(np.linspace(-0.5, 0.5, _REFINED_TIMES) * width)).astype(np.int64)
        times = middle + shifts * 1_000_000_000
        times = times[is_allowed(times, spans)]
        if not times.size:
            break
        frontier = _frontier(around, times)
        branch = int(best.branch[row])
        sizes, rows = [], []
        for k in range(len(times)):
            low = 0.98 * min(frontier.size_m_s[k, branch], size)
            sizes.append(np.linspace(low, size, _REFINED_SIZES))
            rows.append(np.full(_REFINED_SIZES, k))
        which = np.concatenate(rows)
        side = np.full(len(which), branch)
        found.append(
            evaluate(around, sized_plans(around, frontier, which, side, np.concatenate(sizes)), side)
        )
        if best_safe(found[-1], set()) is None:
            break
        best, width = found[-1], width / 4.0
    return found


def _frontier(around: Circumstances, times: NDArray[np.int64]) -> Frontier:
    request = around.request
    return find_frontier(
        around.event, times, manoeuvre=request.manoeuvre, direction=request.design_direction,
        aim=request.aim or request.threshold, largest_m_s=request.largest_m_s,
        error=around.model.error, leap_seconds=around.leap_seconds,
    )  # fmt: skip


def allowed_spans(request: AvoidanceRequest, event: AvoidanceEvent, almanac: Almanac) -> tuple[BurnSpan, ...]:
    """Return when the first burn may be made."""
    tca = event.tca_tai_ns
    earliest = request.earliest_tai_ns if request.earliest_tai_ns is not None else _whole(tca - _DAY_NS)
    half = round(0.5e9 * orbit_period_s(event))
    latest = request.latest_tai_ns if request.latest_tai_ns is not None else max(tca - half, earliest)
    if latest >= tca:
        raise InputError(
            "a burn at or after the closest approach does not avoid it",
            value=format_utc(latest, almanac.leap_seconds),
            allowed=f"before {format_utc(tca, almanac.leap_seconds)}",
            where="latest_utc",
        )
    return read_spans(request.allowed, earliest, latest, almanac.leap_seconds)


def _require_fresh(request: AvoidanceRequest, elements: MeanElements, event: AvoidanceEvent) -> None:
    middle = int(np.median(elements.epoch_tai_ns))
    away = abs(middle - event.tca_tai_ns) / 1e9
    if away > request.max_age_s:
        raise CoverageError(
            "the catalogue is of another time than the event",
            value=f"its middle epoch is {away / 86400.0:.1f} d away",
            allowed=f"{request.max_age_s / 86400.0:g} d (--max-age-d)",
            where="catalogues",
            hint="a burn can only be screened against where things are now: give element sets of these days",
        )


def _whole(tai_ns: int) -> int:
    """Return the whole second before: nobody commands nanoseconds."""
    return tai_ns - tai_ns % 1_000_000_000
