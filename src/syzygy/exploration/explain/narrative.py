"""The paragraph of the report: inputs, models, validity and limits of an explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syzygy.base.results import Narrative

if TYPE_CHECKING:
    from syzygy.exploration.explain.study import ExplainResult


def describe_explanation(result: ExplainResult) -> Narrative:
    """Return the words of a result."""
    request = result.request
    rows = sum(part.overlap.instants.size for part in result.parts)
    inputs = (
        f"{request.first.name} (labelled {result.labels[0]}) and {request.second.name} (labelled "
        f"{result.labels[1]}): {rows} common instants in {len(result.parts)} spans."
    )
    force = str(result.force).replace("\n", "; ")
    models = (
        f"Signatures beside a flight under: {force}. Causes tried: axes (frame bias), time, GM of the "
        "centre, sunlight, initial state, every force and the upper degrees of every field that one may "
        "lack, manoeuvres that one of them has."
    )
    validity = (
        f"Every set of up to {request.most_causes} causes is tried and the shortest description wins (n ln "
        "of the mean square plus three times p ln n). A force or a frame can only be there or not. The "
        "numbers are then found by full flights, and the effects are those of switching the causes on one "
        "after the other: with the rest they add up to the difference as vectors."
    )
    limits = (
        "What both ephemerides lack or share is invisible in their difference. Causes whose signatures look "
        "alike over a short span cannot be told apart; the shorter description is then given."
    )
    return Narrative(inputs, models, validity, limits)
