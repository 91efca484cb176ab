"""Assess one case after the other: the chunk of work of the study, and everything its tables need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import ComputationError, InputError, SyzygyError
from syzygy.debris.probability.b_plane import PlaneView, look_along
from syzygy.debris.probability.bounds import Dilution, find_dilution, widen_along_miss
from syzygy.debris.probability.cases import INVENTED, ConjunctionCase
from syzygy.debris.probability.closest_approach import move_to_closest_approach
from syzygy.debris.probability.comparison import (
    find_pc_alfano,
    find_pc_chan,
    find_pc_patera,
    find_pc_serra,
)
from syzygy.debris.probability.covariance_repair import clip_state_covariances
from syzygy.debris.probability.credibility import (
    SIZE,
    STATES,
    Doubt,
    compare_with_stated,
    doubt_repair,
    verdict_of,
)
from syzygy.debris.probability.decision import (
    Sweep,
    Thresholds,
    at_effective_miss,
    say_what_would_change,
    sweep_scales,
)
from syzygy.debris.probability.encounter_plane import EncounterPlanes, encounter_planes, planes_from
from syzygy.debris.probability.encounters import Encounter, UncertainStates
from syzygy.debris.probability.two_dimensional import integrate_disk
from syzygy.debris.probability.verdict import SLOW_M_S, Assessment, assess_encounter

RANKING = "ranking only"
"""Verdict where a covariance comes from a stated model."""
SAYS_SHARED = 0.05
"""A shared density error that moves the 2-D value by more than this part is worth a sentence."""


@dataclass(frozen=True)
class Settings:
    """How to assess; the same for all cases."""

    thresholds: Thresholds
    monte_carlo: str
    motion: str
    samples: int
    seed: int
    window_s: float | None
    sweep: tuple[float, float]
    cross_correlation: bool


@dataclass(frozen=True)
class Task:
    """One case with how to assess it."""

    case: ConjunctionCase
    settings: Settings


@dataclass(frozen=True)
class PlaneNumbers:
    """What is known in the encounter plane; absent where a covariance is missing.

    Attributes
    ----------
    ln_pc_2d, certificate : float
        Logarithm of the 2-D value and the change of its last doubling.
    peers : dict of str to float
        2-D values of other methods.
    pc_2d_correlated : float
        2-D value without the shared density error; nan where the message gives none.
    dilution : Dilution
    without_primary, without_secondary : float
        Largest 2-D value if the covariance of that object were unknown (Frisbee).
    sweep : Sweep
    """

    ln_pc_2d: float
    certificate: float
    peers: dict[str, float]
    pc_2d_correlated: float
    dilution: Dilution
    without_primary: float
    without_secondary: float
    sweep: Sweep


@dataclass(frozen=True)
class AssessedCase:
    """One case with all its answers.

    Attributes
    ----------
    case : ConjunctionCase
    encounter : Encounter
        At the true closest approach, where one was found.
    shift_s : float
        By how much it was moved.
    assessment : Assessment
    advice : str
    reasons, would_change : tuple of str
    plane : PlaneNumbers or None
    view : PlaneView
    repairs : tuple of str, 2
        What was done to each covariance; empty: nothing.
    """

    case: ConjunctionCase
    encounter: Encounter
    shift_s: float
    assessment: Assessment
    advice: str
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]
    plane: PlaneNumbers | None
    view: PlaneView
    repairs: tuple[str, str]


def assess_case(task: Task) -> AssessedCase | SyzygyError:
    """Assess one case; an error comes back instead of ending the work on the others."""
    try:
        return _assess(task.case, task.settings)
    except SyzygyError as error:
        error.where = f"{task.case.name} {error.where}".strip()
        return error
    except np.linalg.LinAlgError as error:
        return ComputationError(
            "an encounter cannot be computed",
            value=str(error),
            allowed="covariances that can be inverted",
            where=task.case.name,
            hint="check the sizes and the units of both covariances",
        )


def _assess(case: ConjunctionCase, settings: Settings) -> AssessedCase:
    moved, shift, note, doubts = _at_closest_approach(case.encounter)
    notes, doubts = [*case.notes, *note], [*case.doubts, *doubts]
    used = replace(moved, cross_covariance=case.shared) if settings.cross_correlation else moved
    plane, planes = None, None
    if moved.primary.covariance_known[0] and moved.secondary.covariance_known[0]:
        planes = encounter_planes(used)
        plane = _plane_numbers(case, moved, planes, settings)
        alone = encounter_planes(moved)
        odd, said = compare_with_stated(case.printed.probability, alone)
        doubts.extend([*doubt_repair(moved, alone), *odd])
        notes.extend(said)
    largest = float(plane.dilution.maximum_probability[0]) if plane else 1.0
    if _from_table(case) and largest < settings.thresholds.watch:
        assessment, trouble = _only_plane(used, largest)
    else:
        assessment, trouble = _climb(used, settings, _own_seed(case, settings.seed))
    notes.extend(trouble)
    change = list(assessment.would_change)
    if plane is not None and planes is not None:
        change.extend(say_what_would_change(planes, assessment.ln_pc, settings.thresholds.act, plane.sweep))
        notes.extend(_shared_note(plane, settings.cross_correlation))
    if doubts and assessment.verdict == "valid":
        assessment = replace(assessment, verdict=verdict_of(doubts))
    most = 1.0 if planes is None else _largest_over_scales(planes, assessment.ln_pc)
    advice, because = _advise(assessment, settings.thresholds, doubts, plane, most)
    change.extend(because)
    if any(INVENTED in source for source in case.covariance_source):
        assessment = replace(assessment, verdict=RANKING)
        notes.append("a covariance is invented: the value ranks, it does not decide")
        advice = "watch" if advice in ("act", "undecided") else advice
    change.extend(_crossing_rungs(assessment, settings.thresholds.act))
    return AssessedCase(
        case=case,
        encounter=used,
        shift_s=shift,
        assessment=assessment,
        advice=advice,
        reasons=(*assessment.reasons, *(doubt.words for doubt in doubts), *notes),
        would_change=tuple(change),
        plane=plane,
        view=look_along(used),
        repairs=(_repair(moved.primary.covariance), _repair(moved.secondary.covariance)),
    )


def _largest_over_scales(planes: EncounterPlanes, ln_pc: float) -> float:
    """Return the largest value over all scalings, also where the path is curved: at the effective miss."""
    same, ln_ratio = at_effective_miss(planes, ln_pc)
    bent = float(find_dilution(same).maximum_probability[0] * np.exp(min(ln_ratio, 0.0)))
    return max(float(find_dilution(planes).maximum_probability[0]), bent)


def _advise(
    found: Assessment,
    thresholds: Thresholds,
    doubts: Sequence[Doubt],
    plane: PlaneNumbers | None,
    largest: float,
) -> tuple[str, list[str]]:
    """Return the advice, and what would change it where the input or a diluted value stands in the way."""
    if found.method == "none":
        return "undecided", []
    if doubts and all(doubt.part == SIZE for doubt in doubts):
        most = max(found.pc, largest)
        text = f"a covariance that can be believed: no scaling of this one gives more than {most:.3g}"
        return thresholds.advice(0.0, max(found.high, largest)), [text]
    if doubts:
        return thresholds.advice(0.0, 1.0), ["an input that can be believed: until then nothing is excluded"]
    advice = thresholds.advice(found.low, found.high)
    diluted = plane is not None and bool(plane.dilution.diluted[0])
    if advice == "none" and diluted and largest > thresholds.act:
        return "watch", [f"better tracking: the low value is diluted and could rise to {largest:.3g}"]
    return advice, []


def _at_closest_approach(encounter: Encounter) -> tuple[Encounter, float, list[str], list[Doubt]]:
    try:
        found = move_to_closest_approach(encounter)
    except (ComputationError, InputError) as error:
        text = f"states used as given: {error.what} ({error.value})"
        slow = float(np.linalg.norm(encounter.relative_velocity_m_s[0])) < SLOW_M_S
        return encounter, 0.0, *(([text], []) if slow else ([], [Doubt(STATES, text)]))
    shift = float(found.shift_s[0])
    note = [f"states moved by {shift:+.3g} s to the true closest approach"] if abs(shift) > 2e-3 else []
    return found.encounter, shift, note, []


def _from_table(case: ConjunctionCase) -> bool:
    """Return whether states and covariances are not those of a message."""
    return not any(source.startswith(("message", "none")) for source in case.covariance_source)


def _only_plane(encounter: Encounter, largest: float) -> tuple[Assessment, list[str]]:
    """Stay at the 2-D step where no scaling of the covariance reaches what one watches."""
    flat = [replace(s, velocity_covariance_known=np.zeros(1, bool)) for s in _sides(encounter)]
    found = assess_encounter(replace(encounter, primary=flat[0], secondary=flat[1]))
    reasons = tuple(text for text in found.reasons if "no covariance of the velocity" not in text)
    note = f"only 2-D: no scaling of the covariance gives more than {largest:.2g}, less than one watches"
    return replace(found, low=0.0, high=largest, reasons=reasons), [note]


def _climb(encounter: Encounter, settings: Settings, seed: int) -> tuple[Assessment, list[str]]:
    """Assess; where the two-body steps cannot be taken the 2-D step is left, and it is said."""
    words = {"needed": "when needed", "always": "always", "never": "never"}
    try:
        found = assess_encounter(
            encounter,
            window_s=settings.window_s,
            samples=settings.samples,
            monte_carlo=words[settings.monte_carlo],
            seed=seed,
            zonal=settings.motion == "zonal",
        )
    except (ComputationError, InputError, np.linalg.LinAlgError) as error:
        said = f"{error.what} ({error.value})" if isinstance(error, SyzygyError) else str(error).lower()
        if "do not move against" in said:
            raise
        flat = [replace(s, velocity_covariance_known=np.zeros(1, bool)) for s in _sides(encounter)]
        plain = replace(encounter, primary=flat[0], secondary=flat[1])
        return assess_encounter(plain), [f"only 2-D: {said}"]
    return found, []


def _sides(encounter: Encounter) -> tuple[UncertainStates, UncertainStates]:
    return encounter.primary, encounter.secondary


def _own_seed(case: ConjunctionCase, seed: int) -> int:
    """Return a seed that depends on the event and the request alone, so that events are independent."""
    mark = f"{case.message_id}/{case.objects}/{case.tca_tai_ns}/{seed}".encode()
    return int.from_bytes(sha256(mark).digest()[:6], "big")


def _plane_numbers(
    case: ConjunctionCase, moved: Encounter, planes: EncounterPlanes, settings: Settings
) -> PlaneNumbers:
    found = integrate_disk(planes)
    own, other = (_plane_part(moved, side) for side in (moved.primary, moved.secondary))
    correlated = float("nan")
    if case.shared is not None:
        joined = encounter_planes(replace(moved, cross_covariance=case.shared))
        correlated = float(integrate_disk(joined).probability[0])
    alone = [
        float(
            integrate_disk(
                widen_along_miss(planes_from(planes.offset_m, part[None], planes.radius_m))
            ).probability[0]
        )
        for part in (other, own)
    ]
    return PlaneNumbers(
        ln_pc_2d=float(found.ln_probability[0]),
        certificate=float(found.relative_change[0]),
        peers={
            "chan": float(find_pc_chan(planes)[0]),
            "alfano": float(find_pc_alfano(planes)[0]),
            "patera": float(find_pc_patera(planes)[0]),
            "serra": float(find_pc_serra(planes)[0]),
        },
        pc_2d_correlated=correlated,
        dilution=find_dilution(planes),
        without_primary=alone[0],
        without_secondary=alone[1],
        sweep=sweep_scales(planes, own, other, *settings.sweep),
    )


def _plane_part(encounter: Encounter, side: UncertainStates) -> NDArray[np.float64]:
    """Return the plane covariance (3,) of one object in the axes of `encounter_planes`."""
    nothing = replace(encounter.secondary, covariance=np.zeros((1, 6, 6)))
    alone = replace(
        encounter,
        primary=replace(encounter.primary, covariance=side.covariance),
        secondary=nothing,
        cross_covariance=None,
    )
    return np.asarray(encounter_planes(alone).covariance_m2[0])


def _repair(covariance: NDArray[np.float64]) -> str:
    return clip_state_covariances(covariance).describe(0)


def _shared_note(plane: PlaneNumbers, used: bool) -> list[str]:
    value = plane.pc_2d_correlated
    if not np.isfinite(value):
        return []
    if used:
        return ["the density error that both objects share is taken out"]
    ratio = float(np.log(max(value, 5e-324)) - plane.ln_pc_2d)
    if abs(ratio) < SAYS_SHARED:
        return []
    return [f"the density error that both share would make the 2-D value {value:.3g} (--cross-correlation)"]


def _crossing_rungs(found: Assessment, act: float) -> list[str]:
    rungs = {"2-D": found.pc_2d, "Nc2D": found.nc_2d, "Nc3D": found.nc_3d}
    known = {name: value for name, value in rungs.items() if np.isfinite(value)}
    other = [name for name, value in known.items() if (value > act) != (found.pc > act)]
    if not other or not np.isfinite(found.pc):
        return []
    return [f"the method matters: {', '.join(other)} lies on the other side of {act:g}"]
