"""Messages of one event as a series in time: its history, its outlook, and when to decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.probability.assessing import AssessedCase
from syzygy.debris.probability.b_plane import PlaneView, look_along, plane_axes
from syzygy.debris.probability.cases import ConjunctionCase
from syzygy.debris.probability.decision import at_effective_miss
from syzygy.debris.probability.development import Outlook, Shrinking, fit_shrinking, foresee, surprise
from syzygy.debris.probability.encounter_plane import planes_from

FloatArray = NDArray[np.float64]
SURPRISING = 9.21
"""Squared Mahalanobis distance that a honest change exceeds once in a hundred times."""
_STEPS = 9
_NS = 1_000_000_000


@dataclass(frozen=True)
class Rules:
    """What one decides by."""

    act: float
    lead_s: float
    flip_below: float
    draws: int
    seed: int


@dataclass(frozen=True)
class Message:
    """One message of a series in the plane of the last one.

    Attributes
    ----------
    event : AssessedCase
    to_tca_s : float
        From its creation to the closest approach.
    view : PlaneView
    surprise : float
        Squared Mahalanobis distance of the change since the message before; nan for the first.
    """

    event: AssessedCase
    to_tca_s: float
    view: PlaneView
    surprise: float


@dataclass(frozen=True)
class Series:
    """One event through time.

    Attributes
    ----------
    label : str
        Both objects and the closest approach.
    messages : tuple of Message
        By creation.
    shrinking : Shrinking
    outlook : Outlook or None
        From the last message to the last responsible time; absent where that has passed or a covariance is
        missing.
    reverse : float
        Probability that messages until then reverse the decision of today; nan where there is no outlook.
    advice : str
        ``act now``, ``wait``, ``stand down`` or ``too late``.
    last_tai_ns : int
        Last responsible time: closest approach less the lead.
    words : str
        The advice in a sentence.
    """

    label: str
    messages: tuple[Message, ...]
    shrinking: Shrinking
    outlook: Outlook | None
    reverse: float
    advice: str
    last_tai_ns: int
    words: str

    @property
    def last(self) -> Message:
        """The newest message."""
        return self.messages[-1]


def group_cases(cases: Sequence[ConjunctionCase], same_event_s: float) -> list[list[ConjunctionCase]]:
    """Put messages of one pair with neighbouring closest approaches together, each group by creation."""
    ordered = sorted(cases, key=lambda c: (tuple(sorted(c.objects)), c.tca_tai_ns, c.name))
    groups: list[list[ConjunctionCase]] = []
    for case in ordered:
        last = groups[-1][-1] if groups else None
        same_pair = last is not None and sorted(last.objects) == sorted(case.objects)
        if last and same_pair and case.tca_tai_ns - last.tca_tai_ns <= same_event_s * _NS:
            groups[-1].append(case)
        else:
            groups.append([case])
    return [sorted(group, key=lambda c: (c.creation_tai_ns or 0, c.name)) for group in groups]


def make_series(events: Sequence[AssessedCase], label: str, rules: Rules) -> Series:
    """Turn the assessed messages of one event, by creation, into its history and outlook."""
    axes = plane_axes(events[-1].encounter)
    messages: list[Message] = []
    for event in events:
        view = look_along(event.encounter, axes)
        if messages and event.case.objects != messages[0].event.case.objects:
            view = PlaneView(-view.miss_m, view.own_m2, view.other_m2, view.summed_m2, view.radius_m)
        before = messages[-1].view if messages else None
        known = before is not None and messages[-1].event.plane is not None
        change = surprise(view.miss_m, before.miss_m, before.summed_m2) if before and known else float("nan")
        messages.append(Message(event, _to_tca_s(event), view, change))
    sigmas = np.array([_mean_sigma_m(m) for m in messages])
    shrinking = fit_shrinking(np.array([m.to_tca_s for m in messages]), sigmas)
    last = messages[-1]
    outlook = _outlook(last, shrinking, rules)
    reverse = _reverse(last, outlook, rules)
    last_tai_ns = int(last.event.encounter.tca_tai_ns[0]) - round(rules.lead_s * _NS)
    advice = _advice(last, reverse, rules)
    return Series(
        label,
        tuple(messages),
        shrinking,
        outlook,
        reverse,
        advice,
        last_tai_ns,
        _words(advice, reverse, rules),
    )


def _to_tca_s(event: AssessedCase) -> float:
    return (int(event.encounter.tca_tai_ns[0]) - (event.case.creation_tai_ns or 0)) / _NS


def _mean_sigma_m(message: Message) -> float:
    return float(max(np.linalg.det(message.view.summed_m2), 0.0) ** 0.25) if message.event.plane else 0.0


def _outlook(last: Message, shrinking: Shrinking, rules: Rules) -> Outlook | None:
    if last.event.plane is None or last.to_tca_s <= rules.lead_s:
        return None
    least = max(rules.lead_s, 1e-3 * last.to_tca_s)
    later = np.linspace(last.to_tca_s, least, _STEPS)
    view = last.view
    summed = view.summed_m2[[0, 0, 1], [0, 1, 1]][None]
    today = planes_from(view.miss_m[None], summed, np.array([view.radius_m]))
    same, ln_ratio = at_effective_miss(today, last.event.assessment.ln_pc)
    return foresee(
        same.offset_m[0],
        view.summed_m2,
        view.radius_m,
        last.to_tca_s,
        later,
        shrinking.power,
        threshold=rules.act,
        ln_ratio=ln_ratio,
        draws=rules.draws,
        seed=rules.seed,
    )


def _reverse(last: Message, outlook: Outlook | None, rules: Rules) -> float:
    if outlook is None:
        return float("nan")
    above = float(outlook.above[-1])
    return 1.0 - above if last.event.assessment.pc > rules.act else above


def _advice(last: Message, reverse: float, rules: Rules) -> str:
    if last.to_tca_s <= rules.lead_s:
        return "too late"
    if not np.isfinite(reverse) or reverse >= rules.flip_below:
        return "wait"
    return "act now" if last.event.assessment.pc > rules.act else "stand down"


def _words(advice: str, reverse: float, rules: Rules) -> str:
    waiting = "waiting until the last responsible time brings it"
    share = f"{100.0 * reverse:.2g} %" if np.isfinite(reverse) else "an unknown probability"
    return {
        "too late": f"less than {rules.lead_s / 3600.0:g} h are left",
        "act now": f"{waiting} below {rules.act:g} with {share} only",
        "stand down": f"{waiting} above {rules.act:g} with {share} only",
        "wait": f"messages until the last responsible time reverse the decision with {share}",
    }[advice]
