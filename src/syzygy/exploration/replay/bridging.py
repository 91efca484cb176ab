"""Across rows that are missing or astray: does the same flight go on behind them?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.astro.almanac import Almanac
from syzygy.astro.forces import ForceModel
from syzygy.astro.frames import rtn_axes
from syzygy.exploration.replay.burns import GAP, IMPULSE, JUMP, OUTLIER, Burn, find_burn
from syzygy.exploration.replay.flights import Doubles, Reference, fly, inverse_transition, rows_of
from syzygy.exploration.replay.reading import EphemerisBlock
from syzygy.exploration.replay.scatter import Steps

_LEVEL_SHARE = 0.05
_LONG_LEVEL_SHARE = 1.0
_LONG_RAD = 0.5
_MOST_OUTLYING = 3
_NODES = 33


@dataclass(frozen=True, eq=False)
class Shore:
    """A row at the edge of rows that are missing, and the steps on its side."""

    block: EphemerisBlock
    row: int
    steps: Steps | None

    @property
    def tai_ns(self) -> int:
        """Its instant."""
        return int(self.block.states.tai_ns[self.row])

    @property
    def state(self) -> Doubles:
        """Its state (6,), ICRF."""
        return np.asarray(rows_of(self.block.states, slice(self.row, self.row + 1))[0])


def find_outlying(
    index: int,
    numbers: NDArray[np.int64],
    run: tuple[int, int],
    reference: Reference,
    states: Doubles,
    instants: NDArray[np.int64],
    steps: Steps,
    detection_sigma: float,
) -> Burn | None:
    """Return the event of one to three outlying rows, None where the flight does not go on behind them.

    The row after a run of strange steps is compared with the row before it, carried on; they must agree as
    rows agree where nothing happens. A burn never does that, nor a jump of the solution.
    """
    low, high = run
    count = high - low
    if not 1 <= count <= _MOST_OUTLYING:
        return None
    back = inverse_transition(reference.transition[low], reference.flight.force)
    beside = states - reference.state
    missing = steps.acceleration(low)
    off = []
    for k in range(low + 1, high + 2):
        elapsed_s = float(instants[k] - instants[low]) / 1e9
        drift = np.concatenate([0.5 * elapsed_s**2 * missing, elapsed_s * missing])
        off.append(beside[k] - reference.transition[k] @ back @ beside[low] - drift)
    sigma = (steps.scatter.position_m, steps.scatter.velocity_m_s)
    allowed = detection_sigma * (count + 1) * np.repeat(sigma, 3) + _LEVEL_SHARE * np.abs(drift)
    if (np.abs(off[-1]) > allowed).any():
        return None
    sizes = [np.linalg.norm(o[:3]) / sigma[0] + np.linalg.norm(o[3:]) / sigma[1] for o in off[:-1]]
    worst = int(np.argmax(sizes))
    row = low + 1 + worst
    axes = rtn_axes(reference.state[row, :3], reference.state[row, 3:])
    return Burn(
        OUTLIER, index, (int(numbers[low]), int(numbers[high + 1])),
        (int(instants[low]), int(instants[high + 1])), int(instants[row]), 0.0,
        off[worst][3:], axes @ off[worst][3:], sigma[1], off[worst][:3], sigma[0],
    )  # fmt: skip


def bridge_gap(
    index: int,
    before: Shore,
    after: Shore,
    force: ForceModel,
    almanac: Almanac,
    detection_sigma: float,
) -> Burn | None:
    """Return what happened between two rows that are far apart; None where that cannot be said.

    The row before is carried to the instant of the row after. What it misses is judged against the scatter
    on both sides, and against what the forces that are missing there make of the time between (a twentieth
    of that, and all of it where the gap is a good part of a revolution). Within that the same flight goes on
    (kind ``gap``); beyond it is an impulse at an instant of the gap or a jump of the solution.
    """
    known = [shore.steps for shore in (before, after) if shore.steps is not None]
    duration_s = (after.tai_ns - before.tai_ns) / 1e9
    if duration_s < 0.0 or not known:
        return None
    sigma_m = max(steps.scatter.position_m for steps in known)
    sigma_m_s = max(steps.scatter.velocity_m_s for steps in known)
    if duration_s == 0.0:
        return _at_one_instant(index, before, after, (sigma_m, sigma_m_s), detection_sigma)
    instants = np.array([before.tai_ns, after.tai_ns], dtype=np.int64)
    reference = fly(before.state, instants, force, almanac)
    drift = _drift(reference, instants, [_missing(before, -1), _missing(after, 0)])
    rest = after.state - reference.state[1] - drift
    swept = duration_s * float(np.linalg.norm(before.state[3:]) / np.linalg.norm(before.state[:3]))
    share = _LEVEL_SHARE if swept < _LONG_RAD else _LONG_LEVEL_SHARE
    carried = np.hypot(sigma_m, sigma_m_s * duration_s), np.hypot(sigma_m_s, sigma_m / duration_s)
    sigma = tuple(
        float(np.hypot(own, share * np.linalg.norm(part)))
        for own, part in zip(carried, (drift[:3], drift[3:]), strict=True)
    )
    size = np.hypot(np.linalg.norm(rest[:3]) / sigma[0], np.linalg.norm(rest[3:]) / sigma[1])
    rows, span = (before.row, after.row), (before.tai_ns, after.tai_ns)
    if size > detection_sigma:
        return find_burn(index, rows, span, reference, rest[None, :], instants, (sigma[0], sigma[1]))
    middle = before.tai_ns + (after.tai_ns - before.tai_ns) // 2
    nothing = np.zeros(3)
    return Burn(GAP, index, rows, span, middle, 0.0, nothing, nothing, sigma[1], rest[:3], sigma[0])


def _at_one_instant(
    index: int, before: Shore, after: Shore, sigma: tuple[float, float], detection_sigma: float
) -> Burn | None:
    """Return the impulse or the jump between two rows of one instant, None where they are the same."""
    rest = after.state - before.state
    far = float(np.linalg.norm(rest[:3])) > detection_sigma * sigma[0]
    fast = float(np.linalg.norm(rest[3:])) > detection_sigma * sigma[1]
    if not (far or fast):
        return None
    axes = rtn_axes(before.state[:3], before.state[3:])
    instant = before.tai_ns
    return Burn(
        JUMP if far else IMPULSE, index, (before.row, after.row), (instant, instant), instant, 0.0,
        rest[3:], axes @ rest[3:], sigma[1], rest[:3], sigma[0],
    )  # fmt: skip


def _missing(shore: Shore, end: int) -> Doubles:
    """Return the acceleration (3,) that the forces miss beside a gap."""
    if shore.steps is None:
        return np.zeros(3)
    return shore.steps.acceleration(end % shore.steps.seconds.size)


def _drift(reference: Reference, instants: NDArray[np.int64], ends: list[Doubles]) -> Doubles:
    """Return the answer (6,) of a flight to an acceleration that goes from one value to another (Simpson)."""
    share = np.linspace(0.0, 1.0, _NODES)
    nodes = instants[0] + np.rint(share * float(instants[1] - instants[0])).astype(np.int64)
    matrices = reference.flight.transition(nodes)
    ahead = (matrices[-1] @ inverse_transition(matrices, reference.flight.force))[:, :, 3:]
    acceleration = ends[0] + share[:, None] * (ends[1] - ends[0])
    weight = np.ones(_NODES)
    weight[1:-1:2], weight[2:-1:2] = 4.0, 2.0
    step_s = float(instants[1] - instants[0]) / 1e9 / (_NODES - 1)
    return np.asarray(np.einsum("t,tij,tj->i", weight * step_s / 3.0, ahead, acceleration))
