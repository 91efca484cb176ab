"""Which probability of an encounter one may use, why, within which interval, and what would change it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from syzygy.base.errors import InputError
from syzygy.debris.probability.bounds import bound_single_covariance, find_dilution
from syzygy.debris.probability.covariance_repair import clip_state_covariances
from syzygy.debris.probability.crossings import Crossings, expect_crossings
from syzygy.debris.probability.encounter_plane import EncounterPlanes, encounter_planes
from syzygy.debris.probability.encounters import Encounter
from syzygy.debris.probability.linked_motion import LinkedPair, link_pair
from syzygy.debris.probability.monte_carlo import SEED, MonteCarlo, sample_plainly, sample_where_it_matters
from syzygy.debris.probability.two_dimensional import integrate_disk

PLANE_AGREEMENT = 0.10
"""The 2-D value counts while it is within this part of the expected crossings."""
CLOSED_FORM_AGREEMENT = 0.03
"""Nc2D counts while it is within this part of Nc3D."""
SLOW_M_S = 10.0
LONG_ENCOUNTER = 0.02
"""An encounter is long when its 6-sigma duration exceeds this part of the shorter period."""
MODEL_SPREAD = 2.0e-3
"""What the choice of elements moves an expected number by (see `element_motion`)."""
SECOND_ENTRY = 0.05
"""Above this, with several passes, an expected number of entries is only a bound of the probability."""
FLATTEST = 5.0e-3
"""With a smaller sigma than this part of the radius the flux through the sphere is not resolved."""
_NEVER = -690.0
_MOST_LN = 700.0
_NAN = float("nan")
METHODS = ("2-D", "Nc2D", "Nc3D", "Monte Carlo", "bound", "none")


@dataclass(frozen=True)
class Assessment:
    """All rungs of the ladder for one encounter and the one to use.

    Attributes
    ----------
    pc_2d, nc_2d, nc_3d : float
        Each rung; nan where it could not be computed (the reasons say why).
    monte_carlo : MonteCarlo or None
        When it was run.
    pc, low, high : float
        Recommended value and its interval.
    ln_pc : float
        Logarithm of the recommended value, also where that is below the range of a double.
    method : str
        One of `METHODS`.
    verdict : str
        ``valid``, ``bound only`` or ``no probability``; whether the input can be believed is not judged here
        (see `credibility`).
    reasons : tuple of str
        Why this method, and what is wrong with the others and with the input.
    would_change : tuple of str
        What would change the decision.
    """

    pc_2d: float
    nc_2d: float
    nc_3d: float
    monte_carlo: MonteCarlo | None
    pc: float
    low: float
    high: float
    method: str
    verdict: str
    reasons: tuple[str, ...]
    would_change: tuple[str, ...]
    ln_pc: float


def assess_encounter(
    encounter: Encounter,
    *,
    window_s: float | None = None,
    samples: int = 200_000,
    monte_carlo: str = "when needed",
    seed: int = SEED,
    zonal: bool = False,
) -> Assessment:
    """Climb the ladder for one encounter (a batch of one) and say which rung holds.

    Parameters
    ----------
    encounter : Encounter
        One row.
    window_s : float, optional
        Half the span of time about the states in which a collision counts; by default half the shorter
        period.
    samples : int
        Of the Monte Carlo.
    monte_carlo : {"when needed", "always", "never"}
        Needed is it where no analytic rung holds.
    seed : int
        Of the Monte Carlo.
    zonal : bool
        Whether its samples move with J2 to J4 instead of two-body motion.

    Raises
    ------
    InputError
        Not exactly one encounter, or an unknown word for `monte_carlo`.
    """
    if len(encounter) != 1 or monte_carlo not in ("when needed", "always", "never"):
        raise InputError(
            "an assessment takes one encounter at a time, with or without Monte Carlo",
            value=f"{len(encounter)} encounters, monte_carlo {monte_carlo!r}",
            allowed="1 encounter; when needed, always, never",
            where="assess_encounter",
        )
    known = [bool(s.covariance_known[0]) for s in (encounter.primary, encounter.secondary)]
    if not all(known):
        return _without_covariance(encounter, any(known))
    planes = encounter_planes(encounter)
    plane = integrate_disk(planes)
    pc_2d, ln_2d = float(plane.probability[0]), float(plane.ln_probability[0])
    reasons = [*_repairs(encounter, planes)]
    why_flat = _only_plane(encounter)
    if why_flat:
        reasons.append(f"{why_flat}: only the 2-D rung exists and nothing checks it")
        chosen = ("2-D", pc_2d, 0.0, 1.0, ln_2d)
        return _conclude(encounter, planes, pc_2d, (np.nan, np.nan), None, chosen, reasons, "bound only")
    pair = link_pair(encounter, 0)
    half = window_s if window_s is not None else 0.5 * _shorter_period_s(pair)
    crossings = expect_crossings(pair, -half, half)
    method, valid, why = _choose(encounter, pair, ln_2d, crossings, half)
    reasons.extend(why)
    sampled = None
    if monte_carlo == "always" or (monte_carlo == "when needed" and not valid):
        sampled = _sample(pair, crossings, half, samples, seed, zonal)
    ln_nc = np.array([crossings.ln_expected_2d, crossings.ln_expected_3d])
    nc = tuple(np.maximum(np.exp(np.minimum(ln_nc, _MOST_LN)), 5e-324).tolist())
    rung = _Rung(method, {"2-D": ln_2d, "Nc2D": ln_nc[0], "Nc3D": ln_nc[1]}[method])
    if not np.isfinite(rung.ln_value):
        rung = _Rung("2-D", ln_2d)
    chosen = rung.with_interval(pc_2d, nc) if valid else rung.as_bound(crossings)
    if not valid and sampled is not None:
        chosen, valid = _sampled(sampled, rung), True
        reasons.append(f"Monte Carlo decides: {sampled.hits} hits in {sampled.samples} samples")
    elif sampled is not None:
        reasons.append(_agreement(chosen[1], sampled))
    return _conclude(
        encounter, planes, pc_2d, nc, sampled, chosen, reasons, "valid" if valid else "bound only"
    )


Chosen = tuple[str, float, float, float, float]
"""Method, value, lower and upper end, logarithm of the value."""


@dataclass(frozen=True)
class _Rung:
    """A step of the ladder with the logarithm of its value."""

    method: str
    ln_value: float

    @property
    def value(self) -> float:
        """The value as a probability: an expected number above 1 is one, and nothing is 0."""
        return float(min(max(np.exp(self.ln_value), 5e-324), 1.0))

    def with_interval(self, pc_2d: float, nc: tuple[float, ...]) -> Chosen:
        """Add the span of the rungs from the chosen one up, widened by the spread of the model."""
        rungs = {"2-D": (pc_2d, *nc), "Nc2D": nc, "Nc3D": nc[1:]}[self.method]
        seen = [self.value, *(rung for rung in rungs if np.isfinite(rung))]
        low, high = min(seen) * (1.0 - MODEL_SPREAD), min(max(seen) * (1.0 + MODEL_SPREAD), 1.0)
        return self.method, self.value, low, high, self.ln_value

    def as_bound(self, found: Crossings) -> Chosen:
        """Add what is left where no rung holds: an upper end only where the whole flux is in the value."""
        whole = self.method != "2-D" and found.settled and found.covered
        high = min(self.value * (1.0 + MODEL_SPREAD), 1.0) if whole else 1.0
        return self.method, self.value, 0.0, high, self.ln_value


def _only_plane(encounter: Encounter) -> str:
    """Return why the steps beyond the plane cannot be taken; empty where they can."""
    if not all(bool(s.velocity_covariance_known[0]) for s in (encounter.primary, encounter.secondary)):
        return "no covariance of the velocity"
    one, two = (
        replace(side, covariance=clip_state_covariances(side.covariance).covariance)
        for side in (encounter.primary, encounter.secondary)
    )
    mended = replace(encounter, primary=one, secondary=two).position_covariance_m2[0]
    smallest = np.sqrt(max(np.linalg.eigvalsh(mended)[0], 0.0))
    if smallest < FLATTEST * encounter.hard_body_radius_m[0]:
        return f"a sigma of {smallest:.2g} m, far below the hard-body radius"
    return ""


def _sampled(found: MonteCarlo, rung: _Rung) -> Chosen:
    """Return the value of the samples; where none hit, that of the ladder within their interval."""
    value = found.probability if found.hits else min(rung.value, found.high)
    value = min(max(value, 5e-324), 1.0)
    return "Monte Carlo", value, min(found.low, value), max(found.high, value), float(np.log(value))


def _choose(
    encounter: Encounter, pair: LinkedPair, ln_2d: float, found: Crossings, half_s: float
) -> tuple[str, bool, list[str]]:
    """Return the lowest rung that holds, whether it does, and the reasons."""
    speed = float(np.linalg.norm(encounter.relative_velocity_m_s[0]))
    ln_nc_2d, ln_nc_3d = found.ln_expected_2d, found.ln_expected_3d
    share = 6.0 * found.sigma_s / _shorter_period_s(pair)
    lasts = f"lasts {6.0 * found.sigma_s:.3g} s ({100.0 * share:.2g} % of the period)"
    notes = [
        f"{speed:.4g} m/s, {lasts if np.isfinite(share) else 'the rate has no peak in the window'}",
        f"most probable contact {found.peak_s:+.3g} s from closest approach",
    ]
    broken = []
    if not np.isfinite(ln_nc_3d):
        broken.append("its value is no number")
    if not found.settled:
        broken.append("the most probable contact was not found at every instant")
    if not found.covered:
        broken.append(f"the encounter is cut by the window of +-{half_s:.4g} s")
    if speed < SLOW_M_S:
        broken.append(f"slower than {SLOW_M_S:g} m/s")
    if found.passes > 1 and ln_nc_3d > np.log(SECOND_ENTRY):
        broken.append(f"{found.passes} passes: an expected number counts second entries")
    if broken:
        return "Nc3D", False, [*notes, "Nc3D does not hold: " + "; ".join(broken)]
    if not np.isfinite(ln_nc_2d) or abs(ln_nc_2d - ln_nc_3d) > CLOSED_FORM_AGREEMENT:
        return (
            "Nc3D",
            True,
            [*notes, "Nc2D does not hold: the rate is no simple peak in time", _off(ln_2d, ln_nc_3d)],
        )
    off = abs(float(np.expm1(np.clip(ln_2d - ln_nc_2d, -50.0, 50.0))))
    if off > PLANE_AGREEMENT:
        return "Nc2D", True, [*notes, _off(ln_2d, ln_nc_2d)]
    if share > LONG_ENCOUNTER:
        return "Nc2D", True, [*notes, f"long for 2-D, although it is within {100.0 * off:.2g} % of Nc2D"]
    return "2-D", True, [*notes, f"2-D holds: within {100.0 * off:.2g} % of Nc2D"]


def _off(ln_2d: float, ln_better: float) -> str:
    if max(ln_2d, ln_better) < _NEVER:
        return "both are below 1e-300: the difference does not matter"
    if abs(ln_better - ln_2d) < CLOSED_FORM_AGREEMENT:
        return f"2-D is within {100.0 * abs(np.expm1(ln_2d - ln_better)):.2g} % of it"
    tens = (ln_better - ln_2d) / np.log(10.0)
    times = f"{10.0 ** abs(tens):.3g}" if abs(tens) < 15.0 else f"1e{abs(tens):.0f}"
    word = f"{times} times too {'low' if tens > 0.0 else 'high'}"
    return f"2-D is {word}: the path is curved or the covariance turns during the encounter"


def _sample(
    pair: LinkedPair, found: Crossings, half_s: float, samples: int, seed: int, zonal: bool
) -> MonteCarlo:
    if found.settled and found.covered and found.passes == 1:
        return sample_where_it_matters(
            pair, found.peak_s, -half_s, half_s, samples=samples, seed=seed, zonal=zonal
        )
    return sample_plainly(pair, -half_s, half_s, samples=samples, seed=seed, zonal=zonal)


def say_probability(value: float) -> str:
    """Return a probability in words of three digits; what no double holds is said to be below 1e-300."""
    return f"{value:.3g}" if value > 1e-300 else "less than 1e-300"


def _agreement(value: float, sampled: MonteCarlo) -> str:
    inside = sampled.low <= value <= sampled.high
    word = "agrees with" if inside else "does not agree with"
    return f"Monte Carlo {word} it: {sampled.low:.3g} to {sampled.high:.3g} ({sampled.hits} hits)"


def _conclude(
    encounter: Encounter,
    planes: EncounterPlanes,
    pc_2d: float,
    nc: tuple[float, ...],
    sampled: MonteCarlo | None,
    chosen: Chosen,
    reasons: list[str],
    verdict: str,
) -> Assessment:
    dilution = find_dilution(planes)
    worst, scale = float(dilution.maximum_probability[0]), float(dilution.maximum_scale[0])
    if scale > 0.0:
        change = f"sigmas {scale:.2g} times as large would give up to {say_probability(worst)} (2-D)"
    else:
        change = "vanishing sigmas would give 1 (2-D): the miss distance is within the hard-body radius"
    if dilution.diluted[0]:
        reasons.append("diluted: a better covariance would raise the probability, a low value is no safety")
    else:
        change += "; better ones lower it"
    changes = [change]
    if verdict == "bound only" and np.isfinite(nc[1]):
        changes.append("Monte Carlo (--monte-carlo needed) would decide which value holds")
    method, value, low, high, ln_value = chosen
    return Assessment(
        pc_2d,
        nc[0],
        nc[1],
        sampled,
        value,
        low,
        high,
        method,
        verdict,
        tuple(reasons),
        tuple(changes),
        ln_value,
    )


def _without_covariance(encounter: Encounter, one: bool) -> Assessment:
    nothing = (_NAN, _NAN, _NAN, None)
    if not one:
        reason = "neither object has a covariance"
        return Assessment(
            *nothing, _NAN, 0.0, 1.0, "none", "no probability", (reason,), ("any covariance",), _NAN
        )
    bound = float(bound_single_covariance(encounter)[0])
    reason = "one object has no covariance: the largest probability over all it could have (Frisbee 2015)"
    change = ("the missing covariance",)
    ln_bound = float(np.log(max(bound, 5e-324)))
    return Assessment(*nothing, bound, 0.0, bound, "bound", "bound only", (reason,), change, ln_bound)


def _repairs(encounter: Encounter, planes: EncounterPlanes) -> list[str]:
    notes = []
    for name, side in (("primary", encounter.primary), ("secondary", encounter.secondary)):
        text = clip_state_covariances(side.covariance).describe(0)
        if text:
            notes.append(f"{name}: {text}")
    text = planes.repair.describe(0)
    return [*notes, f"encounter plane: {text}"] if text else notes


def _shorter_period_s(pair: LinkedPair) -> float:
    return float(2.0 * np.pi / max(pair.primary.mean[0], pair.secondary.mean[0]))
