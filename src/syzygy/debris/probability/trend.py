"""The door of the trend: messages of one event as a history with its expected development."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.astro.time import LeapSeconds, format_utc
from syzygy.base.errors import ProblemList, SyzygyError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Column, Table, column, table
from syzygy.debris.probability.assessing import AssessedCase, Settings, Task, assess_case
from syzygy.debris.probability.cases import ConjunctionCase, RefusedFile, load_messages
from syzygy.debris.probability.decision import Thresholds
from syzygy.debris.probability.repeated_messages import without_repeated
from syzygy.debris.probability.requests import TrendRequest
from syzygy.debris.probability.series import SURPRISING, Message, Rules, Series, group_cases, make_series
from syzygy.debris.probability.sizes import RadiusRules, read_sizes
from syzygy.debris.probability.study_tables import (
    PC_TOLERANCE,
    SAMPLED_TOLERANCE,
    oddities_table,
    refused_table,
)

_MAX_SIGMA_M = 50_000.0
_HOUR_S = 3600.0
ADVICE = ("act now", "wait", "stand down", "too late")
_UNDECIDED = ("act now", "wait")


@dataclass(frozen=True)
class TrendResult:
    """Events through time.

    Attributes
    ----------
    provenance : Provenance
    history : Table
        One row per message.
    decisions : Table
        One row per event: when to decide, and why.
    outlook : Table
        Expected development of each event.
    rejected, diagnostics : Table
        As in the study of probabilities.
    series : tuple of Series
        Those with most messages first; for the picture.
    rules : Rules
    watch_above : float
    """

    provenance: Provenance
    history: Table
    decisions: Table
    outlook: Table
    rejected: Table
    diagnostics: Table
    series: tuple[Series, ...]
    rules: Rules
    watch_above: float

    def tables(self) -> tuple[Table, ...]:
        """Return all tables, the history first."""
        return (self.history, self.decisions, self.outlook, self.rejected, self.diagnostics)

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return counts by advice and the first event's state."""
        advice = [item.advice for item in self.series]
        first = self.series[0]
        return (
            KeyFigure("events", f"{len(self.series):,}"),
            KeyFigure("messages", f"{len(self.history):,}"),
            *(KeyFigure(word, f"{advice.count(word):,}") for word in ADVICE),
            KeyFigure("next decision due by", self._next_due(), "UTC"),
            KeyFigure("newest probability of the longest series", f"{first.last.event.assessment.pc:.3g}"),
            KeyFigure("files rejected", f"{len(self.rejected):,}"),
        )

    def _next_due(self) -> str:
        """Return the earliest last responsible time of what is still to be decided, and of which event."""
        due = self.decisions["last_responsible_utc"].tolist()
        open_ones = sorted(
            (str(time), item.label)
            for time, item in zip(due, self.series, strict=True)
            if item.advice in _UNDECIDED
        )
        return " of ".join(open_ones[0]) if open_ones else "none"

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        odd = int(sum(m.surprise > SURPRISING for item in self.series for m in item.messages))
        assumed = sum(not item.shrinking.fitted for item in self.series)
        return Narrative(
            inputs=f"{len(self.history)} messages of {len(self.series)} events; {len(self.rejected)} files "
            "rejected and listed.",
            models="Each message is assessed as in the study of probabilities. Later covariances shrink with "
            "a power of the time to closest approach, fitted to the series; the miss vector moves by what "
            "that allows (a martingale: the mean of the later values is the value of today).",
            validity=f"The power is assumed, not fitted, for {assumed} events. {odd} messages changed by "
            "more than their covariances allow once in a hundred times: those covariances are too small.",
            limits="The outlook takes covariances as honest and no manoeuvre of either object. The last "
            f"responsible time is {self.rules.lead_s / _HOUR_S:g} h before closest approach, as given.",
        )


def find_trend(
    request: TrendRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> TrendResult:
    """Follow the messages of one or more events through time and say when to decide.

    Parameters
    ----------
    request : TrendRequest
        Messages, thresholds, lead.
    almanac : Almanac
        Leap seconds and Earth orientation.
    executor, progress : optional
        Where messages are assessed and who is told.

    Raises
    ------
    ProblemList
        Not one message could be used.

    **Accuracy** the mean of the outlook is the value of today, its band holds 90 % of simulated series
    (``test_probability_trend``).
    """
    radii = read_sizes(request.sizes) if request.sizes else {}
    known = RadiusRules(
        request.hard_body_radius_m, radii, request.radius_first == "sizes", request.default_radius_m
    )
    loaded = load_messages(request.events, almanac, known, max_sigma_m=_MAX_SIGMA_M)
    cases, repeated = without_repeated(loaded.cases)
    settings = Settings(
        Thresholds(request.act_above, request.watch_above),
        "never", "two-body", 1000, request.seed, None, (0.5, 2.0), False,
    )  # fmt: skip
    progress.start("messages", len(cases))
    answers = executor.map(assess_case, [Task(case, settings) for case in cases], progress=progress)
    by_case = dict(zip(map(id, cases), answers, strict=True))
    refused = [*loaded.refused, *repeated]
    refused.extend(
        RefusedFile(case.name, answer)
        for case, answer in zip(cases, answers, strict=True)
        if isinstance(answer, SyzygyError)
    )
    good = [case for case in cases if isinstance(by_case[id(case)], AssessedCase)]
    if not good:
        raise ProblemList([item.error for item in refused], where="events")
    rules = Rules(request.act_above, request.lead_s, request.flip_below, request.draws, request.seed)
    series = []
    for group in group_cases(good, request.same_event_s):
        events = [answer for case in group if isinstance(answer := by_case[id(case)], AssessedCase)]
        series.append(make_series(events, _label(group, almanac.leap_seconds), rules))
    series.sort(key=lambda item: (-len(item.messages), item.label))
    return TrendResult(
        provenance=_provenance(request, almanac),
        history=_history(series, almanac.leap_seconds),
        decisions=_decisions(series, almanac.leap_seconds),
        outlook=_outlook(series),
        rejected=refused_table(refused),
        diagnostics=oddities_table(loaded.oddities),
        series=tuple(series),
        rules=rules,
        watch_above=request.watch_above,
    )


def _label(group: Sequence[ConjunctionCase], leap_seconds: LeapSeconds) -> str:
    last = group[-1]
    return f"{last.objects[0]} {last.objects[1]} {format_utc(last.tca_tai_ns, leap_seconds)[:19]}"


def _history(series: Sequence[Series], leap_seconds: LeapSeconds) -> Table:
    flat = [(item, message) for item in series for message in item.messages]

    def text(name: str, pick: Callable[[Series, Message], str], words: str) -> Column:
        return column(name, np.array([pick(*pair) for pair in flat], dtype=object), "", words)

    def number(
        name: str, pick: Callable[[Message], float], unit: str, words: str, tolerance: float
    ) -> Column:
        return column(name, np.array([pick(m) for _, m in flat]), unit, words, tolerance=tolerance)

    def largest(message: Message) -> float:
        plane = message.event.plane
        return float(plane.dilution.maximum_probability[0]) if plane else float("nan")

    def sigma(message: Message, k: int) -> float:
        return float(np.sqrt(max(np.linalg.eigvalsh(message.view.summed_m2)[k], 0.0)))

    return table(
        "history",
        [
            text("event", lambda s, m: s.label, "objects and closest approach"),
            text("cdm", lambda s, m: m.event.case.name, "file"),
            text(
                "created_utc", lambda s, m: format_utc(m.event.case.creation_tai_ns or 0, leap_seconds), "UTC"
            ),
            number("hours_to_tca", lambda m: m.to_tca_s / _HOUR_S, "h", "from creation", 1e-6),
            number("pc", lambda m: m.event.assessment.pc, "1", "recommended value", SAMPLED_TOLERANCE),
            number("pc_2d", lambda m: m.event.assessment.pc_2d, "1", "2-D value", PC_TOLERANCE),
            number("maximum_pc", largest, "1", "largest over scalings of the covariance", 1e-6),
            text("method", lambda s, m: m.event.assessment.method, "recommended method"),
            text("verdict", lambda s, m: m.event.assessment.verdict, "as in the study of probabilities"),
            number("across_m", lambda m: float(m.view.miss_m[0]), "m", "miss, across", 1e-3),
            number("up_m", lambda m: float(m.view.miss_m[1]), "m", "miss, up", 1e-3),
            number("miss_m", lambda m: float(np.hypot(*m.view.miss_m)), "m", "miss in the plane", 1e-3),
            number("sigma_large_m", lambda m: sigma(m, 1), "m", "larger sigma in the plane", 1e-3),
            number("sigma_small_m", lambda m: sigma(m, 0), "m", "smaller sigma in the plane", 1e-3),
            number(
                "surprise", lambda m: m.surprise, "1", "squared change in sigmas before; nan: first", 1e-3
            ),
            text("remark", lambda s, m: _remark(m), "where the change does not fit"),
            text("originator", lambda s, m: m.event.case.originator, "who made the message"),
            number(
                "stated_pc", lambda m: m.event.case.printed.probability, "1", "of the message; nan: none", 0.0
            ),
        ],
        "messages by event and creation",
    )


def _remark(message: Message) -> str:
    if message.surprise > SURPRISING:
        return "changed by more than its covariance allows: too small, or a manoeuvre"
    return ""


def _decisions(series: Sequence[Series], leap_seconds: LeapSeconds) -> Table:
    def text(name: str, pick: Callable[[Series], str], words: str) -> Column:
        return column(name, np.array([pick(item) for item in series], dtype=object), "", words)

    def number(name: str, pick: Callable[[Series], float], unit: str, words: str, tolerance: float) -> Column:
        return column(name, np.array([pick(item) for item in series]), unit, words, tolerance=tolerance)

    return table(
        "decisions",
        [
            text("event", lambda s: s.label, "objects and closest approach"),
            column(
                "messages", np.array([len(s.messages) for s in series], dtype=np.int64), "1", "of the event"
            ),
            number("pc", lambda s: s.last.event.assessment.pc, "1", "newest value", SAMPLED_TOLERANCE),
            text("advice", lambda s: s.advice, "act now, wait, stand down or too late"),
            text("last_responsible_utc", lambda s: format_utc(s.last_tai_ns, leap_seconds), "decide by, UTC"),
            number(
                "reverse", lambda s: s.reverse, "1", "probability that messages until then reverse it", 1e-2
            ),
            text("reason", lambda s: s.words, "in words"),
            number("power", lambda s: s.shrinking.power, "1", "sigmas shrink with this power of time", 1e-6),
            column("fitted", np.array([s.shrinking.fitted for s in series], dtype=bool), "", "not assumed"),
            text("would_change", lambda s: "; ".join(s.last.event.would_change), "the decision of today"),
        ],
        "what to do about each event, and by when",
    )


def _outlook(series: Sequence[Series]) -> Table:
    known = [(item, item.outlook) for item in series if item.outlook is not None]

    def joined(name: str) -> np.ndarray:
        parts = [getattr(outlook, name) for _, outlook in known]
        return np.concatenate(parts) if parts else np.zeros(0)

    labels = [item.label for item, outlook in known for _ in outlook.to_tca_s]
    return table(
        "outlook",
        [
            column("event", np.array(labels, dtype=object), "", "objects and closest approach"),
            column("hours_to_tca", joined("to_tca_s") / _HOUR_S, "h", "of a later message", tolerance=1e-6),
            column("pc_mean", joined("mean"), "1", "mean of what it may say", tolerance=1e-3),
            column("pc_05", joined("low"), "1", "5 % of the values are below", tolerance=1e-3),
            column("pc_50", joined("middle"), "1", "half of the values are below", tolerance=1e-3),
            column("pc_95", joined("high"), "1", "95 % of the values are below", tolerance=1e-3),
            column(
                "above", joined("above"), "1", "probability of a value above the threshold", tolerance=1e-2
            ),
        ],
        "expected development until the last responsible time",
    )


def _provenance(request: TrendRequest, almanac: Almanac) -> Provenance:
    return Provenance(
        study="debris.trend",
        request=describe_request(request),
        inputs=input_files(request),
        almanac_sha256=almanac.sha256,
        code_version=syzygy.__version__,
        models={
            "probability": "as debris.probability, without Monte Carlo",
            "development": "sigmas as a power of time, miss vector a martingale, PCG64",
        },
    )
