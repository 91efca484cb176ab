"""What happened between two rows: an impulse, a longer burn, or a change of orbit solution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.frames import rtn_axes
from syzygy.exploration.replay.flights import Doubles, Reference, inverse_transition, step_transitions

IMPULSE = "impulse"
BURN = "burn"
JUMP = "jump of the solution"
OUTLIER = "outlying rows"
GAP = "gap"
MANOEUVRES = (IMPULSE, BURN)
CHANGES = (IMPULSE, BURN, JUMP)
_TRIALS = 101
_ZOOMS = 7
_FINE_NS = 1000
_LEVEL_ERROR = 0.38
_LINEAR_SHARE = 1e-8
_ALLOWED_CHI = 25.0
_WHOLE_SHARE = 1e-3


@dataclass(frozen=True, eq=False)
class Burn:
    """One event between two rows.

    Attributes
    ----------
    kind : str
        ``impulse`` (explained by one change of velocity at one instant between two rows), ``burn`` (over
        several rows), ``jump of the solution`` (a displacement that no impulse between the rows can give),
        ``outlying rows`` (the flight goes on behind them), ``gap`` (rows are missing, the flight goes on).
    block : int
    rows : tuple of int
        Last row before and first row after.
    span_tai_ns : tuple of int
        Their instants.
    tai_ns : int
        Of the impulse; the middle of the burn, weighted by its change of velocity; the worst outlying row.
    time_sigma_s : float
    delta_v_m_s : array (3,)
        ICRF axes; of outlying rows how far their velocity is off.
    delta_v_rtn_m_s : array (3,)
        Along radius, track, normal.
    delta_v_sigma_m_s : float
        Per axis.
    jump_m : array (3,)
        Displacement that remains when the change of velocity is taken out, ICRF axes; of outlying rows how
        far they are off, of a gap how far the flight misses the row behind it.
    jump_sigma_m : float
        Per axis.
    """

    kind: str
    block: int
    rows: tuple[int, int]
    span_tai_ns: tuple[int, int]
    tai_ns: int
    time_sigma_s: float
    delta_v_m_s: Doubles
    delta_v_rtn_m_s: Doubles
    delta_v_sigma_m_s: float
    jump_m: Doubles
    jump_sigma_m: float

    @property
    def size_m_s(self) -> float:
        """Size of the change of velocity."""
        return float(np.linalg.norm(self.delta_v_m_s))


def find_burn(
    block: int,
    rows: tuple[int, int],
    span_tai_ns: tuple[int, int],
    reference: Reference,
    defects: Doubles,
    instants: NDArray[np.int64],
    sigma: tuple[float, float],
) -> Burn:
    """Describe the event behind one defect or a run of them.

    A defect is the sum of the responses to the impulses since the row before. For one gap, the instant and
    the change of velocity are those that explain all six numbers best; for several, each gap counts with its
    own change and the instant is their weighted middle. What the forces miss anyway (the level of the
    steps) is to be taken out of the defects before.
    """
    pieces = [
        _impulse(reference, defects[k], int(instants[k]), int(instants[k + 1]), sigma)
        for k in range(defects.shape[0])
    ]
    delta_v = np.sum([piece[1] for piece in pieces], axis=0)
    sizes = np.array([np.linalg.norm(piece[1]) for piece in pieces])
    weights = sizes / sizes.sum() if sizes.sum() > 0.0 else np.full(sizes.size, 1.0 / sizes.size)
    middle = int(span_tai_ns[0]) + round(
        float(np.sum(weights * [float(piece[0] - span_tai_ns[0]) for piece in pieces]))
    )
    spread = float(np.sqrt(np.sum((weights * np.array([piece[2] for piece in pieces])) ** 2)))
    left = np.sum([piece[3] for piece in pieces], axis=0)
    chi = max(piece[4] for piece in pieces)
    kind = IMPULSE if len(pieces) == 1 else BURN
    whole = float(np.sum(np.linalg.norm(defects[:, :3], axis=1)))
    if chi > _ALLOWED_CHI and float(np.linalg.norm(left)) > _WHOLE_SHARE * whole:
        kind = JUMP
    seen = reference.flight.states(np.array([middle]))
    axes = rtn_axes(seen.position_m, seen.velocity_m_s)[0]
    count = len(pieces)
    widened = float(np.sqrt(count + (_LEVEL_ERROR * count) ** 2))
    share = _LINEAR_SHARE if kind == IMPULSE else _LINEAR_SHARE + _unknown_profile(reference, instants)
    return Burn(
        kind,
        block,
        rows,
        span_tai_ns,
        middle,
        spread,
        delta_v,
        axes @ delta_v,
        float(np.hypot(max(piece[5] for piece in pieces) * widened, share * sizes.sum())),
        left,
        sigma[0] * widened,
    )


def _unknown_profile(reference: Reference, instants: NDArray[np.int64]) -> float:
    """Return how much of a change of velocity depends on how it is spread over a step: gradient h^2 / 24."""
    steps = step_transitions(reference.flight.transition(instants), reference.flight.force)
    seconds = np.diff(instants) / 1e9
    return float(np.max(np.linalg.norm(steps[:, 3:, :3], axis=(1, 2)) * seconds) / 24.0)


def _impulse(
    reference: Reference, defect: Doubles, begin: int, end: int, sigma: tuple[float, float]
) -> tuple[int, Doubles, float, Doubles, float, float]:
    """Return instant, change of velocity, sigma of the instant, displacement left, chi squared, sigma."""
    low, high = begin, end
    for _ in range(_ZOOMS):
        instants = low + np.rint(np.linspace(0.0, 1.0, _TRIALS) * (high - low)).astype(np.int64)
        found, chi, left = _try_instants(reference, defect, instants, end, sigma)
        best = int(np.argmin(chi))
        low, high = int(instants[max(best - 1, 0)]), int(instants[min(best + 1, _TRIALS - 1)])
        if high - low < _FINE_NS:
            break
    instant, change = int(instants[best]), found[best]
    spread = _spreads(change, (end - instant) / 1e9, (end - begin) / 1e9, sigma)
    return instant, change, spread[0], left[best], float(chi[best]), spread[1]


def _spreads(
    change: Doubles, until_s: float, gap_s: float, sigma: tuple[float, float]
) -> tuple[float, float]:
    """Return the sigmas of instant (s) and change of velocity (m/s, the largest axis) of an impulse.

    Behind an impulse dv at t the row is displaced by dv (T - t) and faster by dv: the least squares of these
    six numbers by dv and t, with t somewhere within the gap beforehand.
    """
    design = np.zeros((7, 4))
    design[:3, :3] = until_s * np.eye(3) / sigma[0]
    design[:3, 3] = -change / sigma[0]
    design[3:6, :3] = np.eye(3) / sigma[1]
    design[6, 3] = np.sqrt(12.0) / gap_s
    scale = np.linalg.norm(design, axis=0)
    covariance = np.linalg.inv((design / scale).T @ (design / scale)) / np.outer(scale, scale)
    own = np.sqrt(np.diagonal(covariance))
    return float(own[3]), float(own[:3].max())


def _try_instants(
    reference: Reference,
    defect: Doubles,
    instants: NDArray[np.int64],
    end: int,
    sigma: tuple[float, float],
) -> tuple[Doubles, Doubles, Doubles]:
    """Return, per instant, the best change of velocity, its chi squared and the displacement left."""
    matrices = reference.flight.transition(np.append(instants, end))
    response = (matrices[-1] @ inverse_transition(matrices[:-1], reference.flight.force))[:, :, 3:]
    weight = np.array([1.0 / sigma[0]] * 3 + [1.0 / sigma[1]] * 3)
    design = response * weight[:, None]
    goal = defect * weight
    normal = np.einsum("tij,tik->tjk", design, design)
    right = np.einsum("tij,i->tj", design, goal)
    found = np.linalg.solve(normal, right[..., None])[..., 0]
    chi = np.sum((goal - np.einsum("tij,tj->ti", design, found)) ** 2, axis=1)
    return found, chi, defect[:3] - np.einsum("tij,tj->ti", response[:, :3], found)
