"""The explanation study: two ephemerides in, a closed budget of causes out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.astro.bodies import Body
from syzygy.astro.ephemerides import Ephemeris
from syzygy.astro.forces import ForceModel
from syzygy.astro.time import LeapSeconds, format_utc, tai_minus_utc_s
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.exploration.explain.causes import (
    AXES,
    GM,
    STATE,
    TIME,
    Cause,
    name_gm,
    name_lag,
    predict,
)
from syzygy.exploration.explain.overlap import (
    Overlap,
    common_centre,
    find_overlap,
    no_overlap,
    require_one_flight,
    rms_m,
)
from syzygy.exploration.explain.requests import ExplainRequest
from syzygy.exploration.explain.search import as_difference
from syzygy.exploration.explain.staging import explain_in_stages
from syzygy.exploration.replay.arcs import cut_block
from syzygy.exploration.replay.burns import CHANGES, Burn
from syzygy.exploration.replay.fitting import fit_arc
from syzygy.exploration.replay.flights import Doubles, fly_plain
from syzygy.exploration.replay.forces import make_forces, with_axes
from syzygy.exploration.replay.reading import EphemerisBlock, read_blocks
from syzygy.exploration.replay.sanity import make_sane

_BREAK_FACTOR = 3.0
_NS = 1_000_000_000
_MOST_SUNLIGHT_M_S2 = 1e-6
_FAR_BETTER = 0.3


@dataclass(frozen=True, eq=False)
class BudgetLine:
    """One step from the first ephemeris towards the second.

    Attributes
    ----------
    cause, finding : str
    effect_m : array (n, 3)
        What switching it on changes, after the lines before it.
    """

    cause: str
    finding: str
    effect_m: Doubles


@dataclass(frozen=True, eq=False)
class ExplainedPart:
    """A common span explained: the lines and `unexplained_m` add up to the difference.

    `flown` (n, 6) is the first state of the first ephemeris flown on under our forces.
    """

    overlap: Overlap
    lines: tuple[BudgetLine, ...]
    unexplained_m: Doubles
    flown: Doubles


@dataclass(frozen=True, eq=False)
class ExplainResult:
    """Two ephemerides compared.

    Attributes
    ----------
    provenance : Provenance
    request : ExplainRequest
    force : ForceModel
        Beside which the signatures were computed.
    names : tuple of str
        Object: name and number.
    centre : Body
        Of the common ground.
    labels : tuple of str
        Axes and time system of both.
    parts : tuple of ExplainedPart
        Per common span.
    leap_seconds : LeapSeconds
    ephemeris : Ephemeris
    """

    provenance: Provenance
    request: ExplainRequest
    force: ForceModel
    names: tuple[str, str]
    centre: Body
    labels: tuple[str, str]
    parts: tuple[ExplainedPart, ...]
    leap_seconds: LeapSeconds
    ephemeris: Ephemeris

    def tables(self) -> tuple[Table, ...]:
        """Return the budget and the difference over time."""
        from syzygy.exploration.explain.tables import list_tables

        return list_tables(self)

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the difference and what of it remains."""
        total = rms_m(np.concatenate([part.overlap.difference_m for part in self.parts]))
        left = rms_m(np.concatenate([part.unexplained_m for part in self.parts]))
        causes = [line.cause for part in self.parts for line in part.lines]
        return (
            KeyFigure("difference (RMS)", f"{total:.4g}", "m"),
            KeyFigure("unexplained (RMS)", f"{left:.4g}", "m"),
            KeyFigure("causes", ", ".join(dict.fromkeys(causes)) or "none"),
        )

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        from syzygy.exploration.explain.narrative import describe_explanation

        return describe_explanation(self)

    def utc(self, tai_ns: int, digits: int = 3) -> str:
        """Write an instant as UTC."""
        return format_utc(tai_ns, self.leap_seconds, digits)


def explain_difference(
    request: ExplainRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> ExplainResult:
    """Attribute the difference of two ephemerides of one flight to its causes.

    Parameters
    ----------
    request : ExplainRequest
    almanac : Almanac
        With leap seconds, Earth orientation and ephemeris.
    executor : Executor
        Not used.
    progress : Progress

    Raises
    ------
    InputError
        Two different objects.
    CoverageError
        No common span.
    FormatError, FrameError, TimeScaleError
        As `syzygy.exploration.replay.reading.read_blocks`.

    Accuracy
    --------
    Planted causes, alone and together, are found with their numbers and leave less than a millimetre:
    tests/exploration/test_exploration_explain.py.
    """
    almanac = with_axes(almanac, request)
    first, second = read_blocks(request.first, almanac), read_blocks(request.second, almanac)
    require_one_flight(first[0], second[0])
    for blocks, file in ((first, request.first), (second, request.second)):
        for index, block in enumerate(blocks):
            make_sane(block, index, request, file.name, almanac)
    force = make_forces(request, first[0].centre)
    parts = []
    progress.start("compare common spans", len(first) * len(second))
    for one in first:
        for other in second:
            parts += _compare(one, other, force, almanac, request)
            progress.advance()
    if not parts:
        raise no_overlap(first[0].states, second[0].states)
    provenance = Provenance(
        "exploration.explanation",
        describe_request(request),
        input_files(request),
        almanac.sha256,
        syzygy.__version__,
        {"forces": force.sha256, "ephemeris": almanac.require_ephemeris().name},
    )
    labels = tuple(f"{block.frame}, {block.time_system}" for block in (first[0], second[0]))
    names = (first[0].object_name or "UNKNOWN", first[0].object_id or "UNASSIGNED")
    return ExplainResult(
        provenance, request, force, names, first[0].centre, (labels[0], labels[1]), tuple(parts),
        almanac.leap_seconds, almanac.require_ephemeris(),
    )  # fmt: skip


def _compare(
    one: EphemerisBlock,
    other: EphemerisBlock,
    force: ForceModel,
    almanac: Almanac,
    request: ExplainRequest,
) -> list[ExplainedPart]:
    """Explain each span between manoeuvres that both have; the others are causes."""
    moved = common_centre(other, one, almanac)
    low = max(int(one.states.tai_ns[0]), int(moved.tai_ns[0]))
    high = min(int(one.states.tai_ns[-1]), int(moved.tai_ns[-1]))
    if low >= high:
        return []
    cuts = [
        cut_block(
            0, block, force, almanac, detection_sigma=request.detection_sigma, break_factor=_BREAK_FACTOR
        )
        for block in (one, replace(other, states=moved))
    ]
    burns = [tuple(burn for burn in cut.burns if burn.kind in CHANGES) for cut in cuts]
    shared, alone = _sort_burns(burns[0], burns[1])
    edges = [low, *(edge for burn in shared for edge in burn.span_tai_ns), high]
    parts = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        overlap = find_overlap(one.states, moved, (begin, end), almanac, force)
        if overlap is None:
            continue
        first, last = int(overlap.instants[0]), int(overlap.instants[-1])
        own = tuple(burn for burn in alone if first < burn.tai_ns < last)
        parts.append(_explain(overlap, force, almanac, own, request))
    return parts


def _sort_burns(first: tuple[Burn, ...], second: tuple[Burn, ...]) -> tuple[list[Burn], list[Burn]]:
    """Return the burns that both have (gaps that touch) and those that one has."""
    shared: list[Burn] = []
    alone: list[Burn] = []
    rest = list(second)
    for burn in first:
        low, high = burn.span_tai_ns
        twin = next((b for b in rest if b.span_tai_ns[0] <= high and b.span_tai_ns[1] >= low), None)
        if twin is None:
            alone.append(burn)
        else:
            rest.remove(twin)
            shared.append(burn)
    return sorted(shared, key=lambda b: b.tai_ns), sorted([*alone, *rest], key=lambda b: b.tai_ns)


def _explain(
    overlap: Overlap, force: ForceModel, almanac: Almanac, burns: tuple[Burn, ...], request: ExplainRequest
) -> ExplainedPart:
    force = _nearer(overlap, force, almanac)
    found = explain_in_stages(overlap, force, almanac, burns, request.most_causes)
    named = {cause.name: cause for cause in found.causes}
    lines, before = [], np.zeros_like(overlap.first_m)
    for count in range(1, len(found.causes) + 1):
        group, numbers = found.causes[:count], list(found.coefficients[:count])
        now = predict(as_difference(group, numbers), overlap, force, almanac, named)
        words = _finding(group[-1], numbers[-1], force, almanac, overlap)
        lines.append(BudgetLine(_name(group[-1], almanac), words, now - before))
        before = now
    flown = fly_plain(overlap.start, overlap.instants, force, almanac)
    return ExplainedPart(overlap, tuple(lines), overlap.difference_m - before, flown)


def _nearer(overlap: Overlap, force: ForceModel, almanac: Almanac) -> ForceModel:
    """Return the forces with the sunlight that fits the first ephemeris, if it is then flown far better.

    The signatures of causes are taken along our flight: the nearer that is, the less is left of them.
    """
    rows = np.hstack([overlap.first_m, overlap.velocity_m_s])
    given, fitted = (
        fit_arc(rows, overlap.instants, force, almanac, names, 1.0) for names in ((), ("sunlight",))
    )
    light = fitted.force.sunlight.acceleration_m_s2 if fitted.force.sunlight else 0.0
    known = 0.0 < light < _MOST_SUNLIGHT_M_S2
    return fitted.force if known and fitted.rms_m < _FAR_BETTER * given.rms_m else force


def _name(cause: Cause, almanac: Almanac) -> str:
    if cause.burn_tai_ns:
        return f"manoeuvre at {format_utc(cause.burn_tai_ns, almanac.leap_seconds, 0)}"
    return cause.name


def _finding(cause: Cause, numbers: Doubles, force: ForceModel, almanac: Almanac, overlap: Overlap) -> str:
    """Say in words what the coefficients mean."""
    value = float(numbers[0])
    if cause.name == AXES:
        pair = ("ICRF", "EME2000") if value > 0 else ("EME2000", "ICRF")
        return f"one label is wrong: as if the first were {pair[0]} and the second {pair[1]}"
    if cause.name == TIME:
        offset = float(tai_minus_utc_s(np.int64(overlap.instants[0]), almanac.leap_seconds))
        return f"second late by {value:.6g} s: {name_lag(value, offset)}"
    if cause.name == GM:
        return f"second less first {value:.6g} m3/s2: {name_gm(force, value)}"
    if cause.name == STATE:
        sizes = np.linalg.norm(numbers[:3]), np.linalg.norm(numbers[3:])
        return f"other orbit solution: {sizes[0]:.4g} m and {sizes[1]:.4g} m/s at the first instant"
    if cause.burn_tai_ns:
        return f"second less first {np.linalg.norm(numbers):.6g} m/s"
    if cause.whole:
        return "the second does not have it" if value > 0 else "the first does not have it"
    return f"second less first {value:.6g} {cause.units[0]}"
