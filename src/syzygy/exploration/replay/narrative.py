"""The paragraph of the report: inputs, models, validity and limits of a replay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syzygy.base.results import Narrative

if TYPE_CHECKING:
    from syzygy.exploration.replay.study import ReplayResult


def describe_replay(result: ReplayResult) -> Narrative:
    """Return the words of a result."""
    return Narrative(_inputs(result), _models(result), _validity(result), _limits(result))


def _inputs(result: ReplayResult) -> str:
    blocks = result.blocks
    rows = sum(block.states.tai_ns.size for block in blocks)
    words = (
        f"{result.request.ephemeris.name}: {rows} states of {blocks[0].object_name} in "
        f"{len(blocks)} segments, labelled {blocks[0].frame}, {blocks[0].time_system}, about "
        f"{blocks[0].centre.name}. "
    )
    if result.short:
        left = sum(len(arc) for arc in result.short)
        words += f"{left} states in {len(result.short)} runs are too few to be fitted and are left out. "
    if result.anchors:
        words += (
            f"{len(result.anchors)} states have rounder numbers than the others: propagations start there. "
        )
    return words.strip()


def _models(result: ReplayResult) -> str:
    if not result.arcs:
        return "No arc was long enough to be fitted."
    force = str(result.arcs[0].fit.force).replace("\n", "; ")
    return (
        f"Forces: {force}. Each arc is one flight from its first state; fitted to the leading "
        f"{result.request.fit_share:.0%} of its rows: {', '.join(result.request.fit) or 'nothing'}; the rest "
        "of the arc tests the fit."
    )


def _validity(result: ReplayResult) -> str:
    scatter = "; ".join(f"{s.position_m:.2g} m, {s.velocity_m_s:.2g} m/s" for s in result.scatters)
    return (
        f"Rows follow from each other within {scatter} (one sigma per segment); a step "
        f"{result.request.detection_sigma:g} times that is an event. An event is an impulse when one change "
        "of velocity at one instant between two rows explains all six numbers, a burn when it lasts over "
        "several rows, and a jump of the solution when a displacement is left that no impulse gives. Up to "
        "three rows behind which the flight goes on are outlying: they are listed and left out. Gaps and "
        "borders of segments are bridged by a flight and judged alike. What the forces miss from row to row "
        "(the median of the neighbours) is no event and is taken out of sizes and sigmas. Another "
        "reading of the numbers is believed only when it is 1000 times likelier than the label."
    )


def _limits(result: ReplayResult) -> str:
    words = (
        "Residuals are taken as white when readings are compared; sigmas of fitted numbers follow from the "
        "scatter that remains and hold no error of the forces that are not fitted. "
    )
    if result.request.drags:
        return words + (
            "The air is NRLMSISE-00 without winds: its error (15 % and more) is in the fitted area to mass."
        )
    return words + (
        "Drag is not among the forces asked for: in low orbits it shows as an acceleration along the track "
        "(fit drag, or acceleration)."
    )
