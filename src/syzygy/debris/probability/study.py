"""The door of the probability: every event with its ladder, its verdict and what would change it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.base.errors import ProblemList, SyzygyError
from syzygy.base.execution import SERIAL, Executor
from syzygy.base.progress import SILENT, Progress
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.debris.probability import study_tables
from syzygy.debris.probability.assessing import AssessedCase, Settings, Task, assess_case
from syzygy.debris.probability.cases import INVENTED, RefusedFile, with_scales
from syzygy.debris.probability.decision import Thresholds
from syzygy.debris.probability.event_files import load_events
from syzygy.debris.probability.requests import ProbabilityRequest
from syzygy.debris.probability.sizes import RadiusRules, read_sizes


@dataclass(frozen=True)
class ProbabilityResult:
    """Probabilities of collision.

    Attributes
    ----------
    provenance : Provenance
        The recipe.
    probabilities : Table
        One row per event, the most probable collision first.
    dilution, covariances, methods, scaling, rejected, diagnostics : Table
        Maximum probabilities; origin and repair of covariances; other 2-D methods; covariance sweep; what
        could not be assessed; deviations from the standard.
    events : tuple of AssessedCase
        In the order of the table; for the picture.
    thresholds : Thresholds
    """

    provenance: Provenance
    probabilities: Table
    dilution: Table
    covariances: Table
    methods: Table
    scaling: Table
    rejected: Table
    diagnostics: Table
    events: tuple[AssessedCase, ...]
    thresholds: Thresholds

    def tables(self) -> tuple[Table, ...]:
        """Return all tables, the probabilities first."""
        return (
            self.probabilities,
            self.dilution,
            self.covariances,
            self.methods,
            self.scaling,
            self.rejected,
            self.diagnostics,
        )

    @property
    def invented(self) -> int:
        """Events in which at least one covariance comes from a model of ours."""
        return sum(any(INVENTED in s for s in event.case.covariance_source) for event in self.events)

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return counts by advice and the largest probability."""
        advice = [event.advice for event in self.events]
        values = [event.assessment.pc for event in self.events if np.isfinite(event.assessment.pc)]
        figures = [
            KeyFigure("events assessed", f"{len(self.events):,}"),
            KeyFigure(f"to act on (above {self.thresholds.act:g})", f"{advice.count('act'):,}"),
            KeyFigure("undecided", f"{advice.count('undecided'):,}"),
            KeyFigure(f"to watch (above {self.thresholds.watch:g})", f"{advice.count('watch'):,}"),
            KeyFigure("largest probability", f"{max(values):.3g}" if values else "none"),
            KeyFigure("files or events rejected", f"{len(self.rejected):,}"),
        ]
        if self.invented:
            figures.append(KeyFigure(f"with {INVENTED}", f"{self.invented:,}"))
        return tuple(figures)

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        methods = [event.assessment.method for event in self.events]
        counts = ", ".join(f"{name} {methods.count(name)}" for name in sorted(set(methods)))
        invented = (
            f" {INVENTED}: {self.invented} events rest on a model of the error of element sets, not on an "
            "orbit determination; their probability ranks, it does not decide."
            if self.invented
            else ""
        )
        return Narrative(
            inputs=f"{len(self.provenance.inputs)} files; {len(self.events)} events, {len(self.rejected)} "
            f"rejected and listed with the reason.{invented}",
            models="2-D integral by certified quadrature; expected entries into the hard-body sphere over "
            "time on two-body motion in equinoctial elements (Coppola, Hall); Monte Carlo where neither "
            "holds. States are moved to the true closest approach first.",
            validity=f"Recommended method per event: {counts or 'none'}. Each row says why, and what would "
            "change the decision; the intervals span the valid steps, not the doubt in the covariance.",
            limits="A probability is as good as its covariance: a low value from a large covariance is no "
            "safety (table dilution), scaled covariances are in table scaling. Two-body motion over the "
            "window; manoeuvres within it are not known.",
        )


def find_collision_probability(
    request: ProbabilityRequest, almanac: Almanac, *, executor: Executor = SERIAL, progress: Progress = SILENT
) -> ProbabilityResult:
    """Assess the probability of collision of every event.

    Parameters
    ----------
    request : ProbabilityRequest
        Messages or event tables, radii, thresholds.
    almanac : Almanac
        Leap seconds and Earth orientation (for states in ITRF, and element sets beside ephemerides).
    executor, progress : optional
        Where events are assessed and who is told.

    Raises
    ------
    ProblemList
        Not one event could be used; every reason is in it.
    FormatError
        A table of sizes that is none.

    **Accuracy** see ``test_probability_oracles``, ``test_probability_2d_oracles``,
    ``test_probability_study_oracles``.

    **Source** multi-step choice after Hall, Hejduk & Johnson, AAS 23-118 (2023).
    """
    rules = RadiusRules(
        request.hard_body_radius_m,
        read_sizes(request.sizes) if request.sizes else {},
        request.radius_first == "sizes",
        request.default_radius_m,
    )
    loaded = load_events(request, almanac, rules)
    settings = settings_of(request)
    scales = (request.scale_primary, request.scale_secondary)
    tasks = [Task(with_scales(case, *scales), settings) for case in loaded.cases]
    progress.start("events", len(tasks))
    answers = executor.map(assess_case, tasks, progress=progress)
    done = [answer for answer in answers if isinstance(answer, AssessedCase)]
    failed = [
        RefusedFile(task.case.name, answer)
        for task, answer in zip(tasks, answers, strict=True)
        if isinstance(answer, SyzygyError)
    ]
    refused = [*loaded.refused, *failed]
    if not done:
        raise ProblemList([item.error for item in refused], where="events")
    done.sort(key=_most_probable_first)
    return ProbabilityResult(
        provenance=_provenance(request, almanac),
        probabilities=study_tables.probability_table(done, almanac.leap_seconds),
        dilution=study_tables.dilution_table(done),
        covariances=study_tables.covariances_table(done),
        methods=study_tables.methods_table(done),
        scaling=study_tables.scaling_table(done),
        rejected=study_tables.refused_table(refused),
        diagnostics=study_tables.oddities_table(loaded.oddities),
        events=tuple(done),
        thresholds=settings.thresholds,
    )


def settings_of(request: ProbabilityRequest) -> Settings:
    """Return how a request wants its events assessed."""
    return Settings(
        thresholds=Thresholds(request.act_above, request.watch_above),
        monte_carlo=request.monte_carlo,
        motion=request.motion,
        samples=request.samples,
        seed=request.seed,
        window_s=request.window_s,
        sweep=(request.sweep_low, request.sweep_high),
        cross_correlation=request.cross_correlation,
    )


def _most_probable_first(event: AssessedCase) -> tuple[bool, float, str]:
    value = event.assessment.pc
    return (not np.isfinite(value), -value if np.isfinite(value) else 0.0, event.case.name)


def _provenance(request: ProbabilityRequest, almanac: Almanac) -> Provenance:
    return Provenance(
        study="debris.probability",
        request=describe_request(request),
        inputs=input_files(request),
        almanac_sha256=almanac.sha256,
        code_version=syzygy.__version__,
        models={
            "plane": "2-D integral over the disk, certified quadrature in logarithms (Foster & Estes 1992)",
            "crossings": "expected entries on two-body motion, equinoctial clouds (Coppola 2012, Hall 2021)",
            "sampling": "PCG64, mixture proposals in the encounter plane; Clopper-Pearson",
        },
    )
