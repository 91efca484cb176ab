"""Which force is needed? Each taken away in turn, the rest left as fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.base.errors import ComputationError
from syzygy.exploration.replay.fitting import Fit
from syzygy.exploration.replay.flights import Doubles, fly_plain
from syzygy.exploration.replay.forces import list_removals


@dataclass(frozen=True)
class ForceShare:
    """What one force does over an arc.

    Attributes
    ----------
    force : str
    effect_m : float
        Largest distance between the flights with and without it.
    rms_without_m, final_without_m : float
        Distance of the ephemeris from the flight without it.
    """

    force: str
    effect_m: float
    rms_without_m: float
    final_without_m: float


def weigh_forces(
    rows: Doubles, instants: NDArray[np.int64], fit: Fit, almanac: Almanac
) -> tuple[ForceShare, ...]:
    """Return every force of the model with its effect, largest first."""
    base = fly_plain(fit.start, instants, fit.force, almanac)[:, :3]
    found = []
    for name, force in list_removals(fit.force):
        try:
            bare = fly_plain(fit.start, instants, force, almanac)[:, :3]
        except ComputationError:
            found.append(ForceShare(name, np.inf, np.inf, np.inf))
            continue
        effect = bare - base
        rest = np.linalg.norm(fit.residual_m - effect, axis=1)
        size = float(np.linalg.norm(effect, axis=1).max())
        found.append(ForceShare(name, size, float(np.sqrt(np.mean(rest**2))), float(rest[-1])))
    return tuple(sorted(found, key=lambda share: (-share.effect_m, share.force)))
