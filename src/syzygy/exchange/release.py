"""Release: who may have the products of a study, with the reason for every no. The default is nobody."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.programme.records import Programme, Study


@dataclass(frozen=True)
class ReleaseDecision:
    """Whether one partner may have the products of one study.

    Attributes
    ----------
    study, partner : str
        Who and what.
    allowed : bool
        The decision.
    reason : str
        One sentence, for yes and for no.
    """

    study: str
    partner: str
    allowed: bool
    reason: str


def decide_release(programme: Programme, study: Study) -> tuple[ReleaseDecision, ...]:
    """Decide for every partner of the programme, in the order of the file."""
    return tuple(_decide(programme, study, partner) for partner in programme.partner_ids)


def _decide(programme: Programme, study: Study, partner: str) -> ReleaseDecision:
    project = programme.project_by_id(study.project)

    def answer(allowed: bool, reason: str) -> ReleaseDecision:
        return ReleaseDecision(study.id, partner, allowed, reason)

    if partner == study.owner:
        return answer(True, "the owner")
    if partner not in project.release_to:
        return answer(False, f"project {project.id} is not released to {partner}")
    if partner not in study.release_to:
        return answer(False, f"study {study.id} is not released to {partner}")
    if project.protection == "restricted":
        decision = project.determination
        if decision is None:
            return answer(False, f"project {project.id} is restricted and has no determination")
        return answer(True, f"determination of {decision.officer}, {decision.decided}, {decision.clause}")
    return answer(True, f"released by {study.owner} under project {project.id} ({project.protection})")
