"""What makes an input doubtful although it can be read: covariances, states, radii nobody can have meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.debris.probability.covariance_repair import clip_state_covariances
from syzygy.debris.probability.element_motion import GM_M3_S2
from syzygy.debris.probability.encounter_plane import EncounterPlanes, encounter_planes, planes_from
from syzygy.debris.probability.encounters import Encounter, UncertainStates
from syzygy.debris.probability.two_dimensional import integrate_disk
from syzygy.debris.probability.verdict import say_probability

FloatArray = NDArray[np.float64]

SIZE, SHAPE, STATES, RADIUS = "size", "shape", "states", "radius"
"""Parts of the input: scale of a covariance, its shape or axes, the states, the hard-body radius."""
COVARIANCE_IN_DOUBT, INPUT_IN_DOUBT = "covariance in doubt", "input in doubt"
"""Verdicts: only covariances are doubtful; states or radius are."""

LEAST_SIGMA_M = 0.1
"""A largest position sigma below this is better than any tracking."""
LEAST_ELEMENT_SIGMA_M = 10.0
"""The same for element sets: one unit of the last digit of their angles is 12 m in low orbit."""
_SELDOM_SIGMA_M = 1.0
_ACROSS = 3.0
_LOOSE = 0.3
_RADII_M = (0.05, 500.0)
_REPAIR_MOVES = 0.1
_MOST_GOOD = 2.0
_UNIT_AGREES = 0.2
_NEVER = -690.0


@dataclass(frozen=True)
class Doubt:
    """One reason not to believe a part of the input.

    Attributes
    ----------
    part : str
        One of `SIZE`, `SHAPE`, `STATES`, `RADIUS`.
    words : str
        For the analyst.
    """

    part: str
    words: str


def verdict_of(doubts: Sequence[Doubt]) -> str:
    """Return the verdict that takes the place of ``valid``."""
    only = all(doubt.part in (SIZE, SHAPE) for doubt in doubts)
    return COVARIANCE_IN_DOUBT if only else INPUT_IN_DOUBT


def doubt_covariance(
    word: str, side: UncertainStates, max_sigma_m: float, *, least_sigma_m: float = LEAST_SIGMA_M
) -> list[Doubt]:
    """Return what is doubtful in the covariance of one object (a batch of one, in inertial axes).

    Too large or too small to be that of a tracked object; larger across the track than along it; or with a
    semi-major axis so loose that it would outgrow itself within a revolution, as it does when the axes or the
    units are not what they are said to be. On the 34 given messages whose covariances are positive
    definite and have a velocity part the ratio of the last test is 0.07 at most.
    """
    if not side.covariance_known[0]:
        return []
    covariance = side.covariance[0]
    largest = float(np.sqrt(max(np.linalg.eigvalsh(covariance[:3, :3])[-1], 0.0)))
    if largest > max_sigma_m:
        text = f"{word}: sigma {largest / 1e3:.4g} km, no knowledge of the orbit to speak of"
        found = [Doubt(SIZE, f"{text}: the covariance is not realistic")]
    elif largest < least_sigma_m:
        better = "any tracking" if least_sigma_m == LEAST_SIGMA_M else "the last digit of an element set"
        found = [Doubt(SIZE, f"{word}: sigma {largest:.3g} m, better than {better}; km^2 for m^2?")]
    else:
        found = []
    axes = rtn_axes(side.position_m, side.velocity_m_s)[0]
    variance = np.einsum("ij,jk,ik->i", axes, covariance[:3, :3], axes)
    radial, along, across = np.sqrt(np.maximum(variance, 0.0)).tolist()
    if max(radial, across) > _ACROSS * along:
        sizes = f"{radial:.3g} m radial, {along:.3g} m in-track, {across:.3g} m cross-track"
        found.append(Doubt(SHAPE, f"{word}: sigmas {sizes}: are the axes those of the orbit (RTN)?"))
    if side.velocity_covariance_known[0]:
        loose = _axis_sigma_m(side)
        if loose > _LOOSE * along and not found:
            text = f"sigma of the semi-major axis {loose:.3g} m beside {along:.3g} m along the track"
            found.append(Doubt(SHAPE, f"{word}: {text}: other axes or units than said?"))
    return found


def mention_precision(word: str, side: UncertainStates) -> list[str]:
    """Say where a covariance is as small as only satellite-borne receivers make it."""
    largest = float(np.sqrt(max(np.linalg.eigvalsh(side.covariance[0, :3, :3])[-1], 0.0)))
    if LEAST_SIGMA_M <= largest < _SELDOM_SIGMA_M:
        return [f"{word}: sigma {largest:.3g} m, as of a receiver on board and a short forecast"]
    return []


def doubt_radius(metres: float) -> list[Doubt]:
    """Return a doubt where no pair of objects has this sum of radii."""
    if _RADII_M[0] <= metres <= _RADII_M[1]:
        return []
    text = (
        f"hard-body radius {metres:.3g} m, no pair of objects has that ({_RADII_M[0]:g} to {_RADII_M[1]:g} m)"
    )
    return [Doubt(RADIUS, f"{text}; metres?")]


def doubt_repair(encounter: Encounter, planes: EncounterPlanes) -> list[Doubt]:
    """Return a doubt where the way in which a covariance was made positive definite decides the 2-D value.

    Compared are negative eigenvalues raised to zero, for the objects or in the plane only, and turned to
    their positive value.
    """
    sides = (encounter.primary, encounter.secondary)
    clipped = [clip_state_covariances(side.covariance) for side in sides]
    if not (planes.repair.repaired[0] or any(item.repaired[0] for item in clipped)):
        return []
    variants = [planes, _plane_turned(planes)]
    for matrices in ([c.covariance for c in clipped], [_turned(s.covariance) for s in sides]):
        one, two = (replace(s, covariance=m) for s, m in zip(sides, matrices, strict=True))
        variants.append(_plane_turned(encounter_planes(replace(encounter, primary=one, secondary=two))))
    values = np.array([float(integrate_disk(plane).ln_probability[0]) for plane in variants])
    if np.ptp(values) < _REPAIR_MOVES or values.max() < _NEVER:
        return []
    low, high = (say_probability(float(np.exp(end))) for end in (values.min(), values.max()))
    text = f"the repair of the covariance decides: the 2-D value is {low} to {high}, by how it is done"
    return [Doubt(SHAPE, text)]


def compare_with_stated(stated: float, planes: EncounterPlanes) -> tuple[list[Doubt], list[str]]:
    """Hold the probability that a message states against the 2-D value of its states and covariances."""
    ln_pc_2d = float(integrate_disk(planes).ln_probability[0])
    if not 0.0 < stated <= 1.0 or abs(np.log(stated) - ln_pc_2d) < np.log(_MOST_GOOD):
        return [], []
    own = say_probability(float(np.exp(ln_pc_2d)))
    text = f"the message states a probability of {stated:.3g}, its states and covariances give {own} (2-D)"
    for factor, unit in ((1e6, "km^2 given as m^2"), (1e-6, "m^2 given as km^2")):
        scaled = planes_from(planes.offset_m, planes.covariance_m2 * factor, planes.radius_m)
        off = float(integrate_disk(scaled).ln_probability[0]) - float(np.log(stated))
        if abs(off) < _UNIT_AGREES:
            return [Doubt(SHAPE, f"{text}: {unit}?")], []
    return [], [f"{text}: another radius, other covariances or another method"]


def _axis_sigma_m(side: UncertainStates) -> float:
    """Return the sigma of the semi-major axis that a covariance of position and velocity implies."""
    position, velocity = side.position_m[0], side.velocity_m_s[0]
    radius = float(np.linalg.norm(position))
    axis = 1.0 / (2.0 / radius - float(velocity @ velocity) / GM_M3_S2)
    slope = np.concatenate([2.0 * axis**2 / radius**3 * position, 2.0 * axis**2 / GM_M3_S2 * velocity])
    return float(np.sqrt(max(slope @ side.covariance[0] @ slope, 0.0)))


def _turned(covariance: FloatArray) -> FloatArray:
    """Return covariances (n, 6, 6) with the negative eigenvalues of their correlations made positive."""
    diagonal = np.sqrt(np.abs(np.einsum("nii->ni", covariance)))
    scale = np.where(diagonal > 0.0, diagonal, 1.0)
    product = scale[:, :, None] * scale[:, None, :]
    values, vectors = np.linalg.eigh(covariance / product)
    return np.asarray(np.einsum("nik,nk,njk->nij", vectors, np.abs(values), vectors) * product)


def _plane_turned(planes: EncounterPlanes) -> EncounterPlanes:
    """Return planes with a negative eigenvalue turned to its positive value instead of raised to zero."""
    before = float(planes.repair.smallest_before[0])
    if not planes.repair.repaired[0] or before >= 0.0:
        return planes
    full = planes.covariance_m2[0][[0, 1, 1, 2]].reshape(2, 2)
    _, vectors = np.linalg.eigh(full)
    mended = full + max(-before - float(planes.repair.floor[0]), 0.0) * np.outer(vectors[:, 0], vectors[:, 0])
    return planes_from(planes.offset_m, mended.reshape(1, 4)[:, [0, 1, 3]], planes.radius_m)
