"""What an avoidance hands back: the plan, the frontier, every candidate, every encounter of the new orbit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import syzygy
from syzygy.astro.almanac import Almanac
from syzygy.base.provenance import Provenance
from syzygy.base.requests import describe_request, input_files
from syzygy.base.results import KeyFigure, Narrative
from syzygy.base.tables import Table
from syzygy.debris.avoidance.candidates import Circumstances, Evaluated
from syzygy.debris.avoidance.chosen import ChosenPlan
from syzygy.debris.avoidance.frontier import Frontier
from syzygy.debris.avoidance.handover import Handover, make_handover
from syzygy.debris.avoidance.plane_view import PlanePicture, make_plane_picture
from syzygy.debris.avoidance.remaining import least_risk, no_plan_text
from syzygy.debris.avoidance.rescreening import PlanEncounters
from syzygy.debris.avoidance.tables import (
    burns_table,
    candidates_table,
    company_table,
    encounters_table,
    frontier_table,
    plain_encounters_table,
)
from syzygy.debris.element_sets import LeftOut, left_out_table
from syzygy.debris.probability.cases import INVENTED


@dataclass(frozen=True, eq=False)
class AvoidanceResult:
    """The answer of `design_avoidance`.

    Attributes
    ----------
    provenance : Provenance
    plan, encounters, frontier, candidates, unchanged, company, left_out : Table
        Burns; encounters of the new orbit; sizes against time; all candidates; encounters of the old orbit;
        objects that stay close; element sets not used.
    probability_before, probability_after : float
        Of the event; the second is nan without a plan.
    needed : bool
        Whether the event was above the aim at all.
    refused : int
        Plans that the complete search turned down.
    without : str
        What is said where no plan is safe.
    view : PlanePicture
        For the picture.
    handover : Handover
        For the messages.
    """

    provenance: Provenance
    plan: Table
    encounters: Table
    frontier: Table
    candidates: Table
    unchanged: Table
    company: Table
    left_out: Table
    probability_before: float
    probability_after: float
    needed: bool
    refused: int
    without: str
    view: PlanePicture
    handover: Handover
    notes: tuple[str, ...]

    def tables(self) -> tuple[Table, ...]:
        """Return all tables, the burns first."""
        return (
            self.plan, self.encounters, self.frontier, self.candidates, self.unchanged, self.company,
            self.left_out,
        )  # fmt: skip

    def key_figures(self) -> tuple[KeyFigure, ...]:
        """Return the burn and what it does."""
        total = float(np.sum(np.asarray(self.plan["size_m_s"], dtype=np.float64)))
        worst = np.asarray(self.encounters["pc"], dtype=np.float64)
        safe = int((np.asarray(self.candidates["verdict"]) == "safe").sum())
        no_plan = self.needed and not len(self.plan)
        burn = str(self.plan["burn_utc"][0])[:19] if len(self.plan) else self._short()
        return (
            KeyFigure("first burn, UTC", burn),
            KeyFigure("sum of burns", f"{100.0 * total:.2f}" if len(self.plan) else "0", "cm/s"),
            KeyFigure("probability of the event before", f"{self.probability_before:.2e}"),
            KeyFigure("after", "no plan" if no_plan else f"{self.probability_after:.2e}"),
            KeyFigure("encounters of the new orbit looked at", f"{len(self.encounters):,}"),
            KeyFigure("largest probability among them", f"{worst.max():.2e}" if worst.size else "none"),
            KeyFigure("candidates, safe of all", f"{safe:,} of {len(self.candidates):,}"),
            *((KeyFigure("the event rests on", INVENTED),) * self._invented()),
            *((KeyFigure("why", self.without),) * no_plan),
        )

    def _invented(self) -> bool:
        return self.handover.before.covariance_source.startswith(INVENTED)

    def narrative(self) -> Narrative:
        """Return inputs, models, validity and limits in words."""
        models = self.provenance.models
        names = ", ".join(item.name for item in self.provenance.inputs)
        return Narrative(
            inputs=f"{names}. {' '.join(self.notes)}",
            models=f"{models['design']}. {models['orbit']}. Covariance: {models['covariance']}. "
            f"Execution error: {models['execution']}.",
            validity=self._confirmed() if len(self.plan) else self._no_plan(),
            limits="Probabilities are two-dimensional: encounters slower than 10 m/s are listed as company "
            "and have none. The new orbit is one of SGP4 and loses 1 to 3 km a day like every element set; "
            "objects may manoeuvre themselves.",
        )

    def _short(self) -> str:
        return "no safe plan" if self.needed else "none needed"

    def _confirmed(self) -> str:
        return (
            "The chosen plan was screened against the whole catalogue by the complete search, not only by "
            f"the passes prepared for the candidates; {self.refused} plans were turned down by it. Each "
            "probability is the larger of those with and without execution error: a badly made burn does not "
            "look safe."
        )

    def _no_plan(self) -> str:
        if not self.needed:
            return "none needed: the event is below the aim"
        return self.without


def make_result(
    almanac: Almanac,
    around: Circumstances,
    frontier: Frontier,
    judged: list[Evaluated],
    chosen: ChosenPlan | None,
    before: float,
    left_out: tuple[LeftOut, ...],
    unchanged: tuple[PlanEncounters, NDArray[np.float64]],
) -> AvoidanceResult:
    """Put the answer together."""
    request, event = around.request, around.event
    after = before if chosen is None else chosen.event_risk
    needed = before > (request.aim or request.threshold)
    return AvoidanceResult(
        provenance=Provenance(
            study="debris.avoidance",
            request=describe_request(request),
            inputs=input_files(request),
            almanac_sha256=almanac.sha256,
            code_version=syzygy.__version__,
            models=_models(around),
        ),
        plan=burns_table(chosen, event, almanac.leap_seconds),
        encounters=encounters_table(chosen, around),
        frontier=frontier_table(frontier, judged, around),
        candidates=candidates_table(judged, around),
        unchanged=plain_encounters_table(*unchanged, around),
        company=company_table(chosen, around),
        left_out=left_out_table(left_out),
        probability_before=before,
        probability_after=after if chosen is not None or not needed else float("nan"),
        needed=needed,
        refused=chosen.refused if chosen else 0,
        without=no_plan_text(frontier.tai_ns, least_risk(frontier.tai_ns, judged, around), around)
        if needed and chosen is None
        else "",
        view=make_plane_picture(around, chosen),
        handover=make_handover(around, chosen, before, almanac),
        notes=_notes(around),
    )


def _models(around: Circumstances) -> dict[str, str]:
    event, error = around.event, around.model.error
    return {
        "design": "impulses in closed form (Bombardelli & Hernando-Ayuso 2015), refined on SGP4",
        "orbit": event.orbit_source,
        "covariance": f"event: {event.covariance_source}; others: {around.model.uncertainty.label()}",
        "execution": f"{100 * error.magnitude:g} % of the size, {np.degrees(error.pointing_rad):.3g} deg",
        "probability": "two-dimensional (Foster), certified quadrature",
        "search": "prepared passes for candidates, complete search for the chosen plan",
    }


def _notes(around: Circumstances) -> tuple[str, ...]:
    event = around.event
    notes = [
        f"{event.own_name} ({event.own_id}) can move, {event.other_name} ({event.other_id}) cannot.",
        f"Hard-body radius {around.model.radius_m:g} m ({event.radius_source}).",
    ]
    if event.from_message:
        notes.append(
            f"The message's state is {event.seam_m:.0f} m from that of the catalogue's element set."
            if event.seam_m
            else "The catalogue does not hold the manoeuvrable object: no drag in its orbit."
        )
    return tuple(notes)
