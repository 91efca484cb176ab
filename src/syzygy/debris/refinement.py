"""The last step: closest approach and threshold crossing on true positions, from a good first guess."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import ComputationError
from syzygy.debris.bernstein import NODES
from syzygy.debris.paths import PathSource

_OFFSETS = np.linspace(-1.0, 1.0, 7)
_HALF_WIDTHS_S = (3.0, 0.3, 0.03)
_ROUNDS = 8
_GRAIN_S = 1e-3


@dataclass(frozen=True)
class Encounters:
    """States of pairs at given instants.

    Attributes
    ----------
    seconds : float64 (n,)
        Since the begin of the window.
    position_a_m, velocity_a_m_s : float64 (n, 3)
        First object, TEME.
    separation_m, relative_velocity_m_s : float64 (n, 3)
        Second minus first, TEME.
    """

    seconds: NDArray[np.float64]
    position_a_m: NDArray[np.float64]
    velocity_a_m_s: NDArray[np.float64]
    separation_m: NDArray[np.float64]
    relative_velocity_m_s: NDArray[np.float64]

    @property
    def distance_m(self) -> NDArray[np.float64]:
        """Distance of the pairs, m."""
        return np.asarray(np.linalg.norm(self.separation_m, axis=1))

    @property
    def speed_m_s(self) -> NDArray[np.float64]:
        """Relative speed of the pairs, m/s."""
        return np.asarray(np.linalg.norm(self.relative_velocity_m_s, axis=1))

    def take(self, rows: NDArray[np.int64]) -> Encounters:
        """Return some of them, in this order."""
        return Encounters(
            self.seconds[rows],
            self.position_a_m[rows],
            self.velocity_a_m_s[rows],
            self.separation_m[rows],
            self.relative_velocity_m_s[rows],
        )


def states_at(paths: PathSource, pairs: NDArray[np.int64], seconds: NDArray[np.float64]) -> Encounters:
    """Return the states of pairs (n, 2) at their instants (n,)."""
    times = seconds[:, None]
    a, b = paths.states_of(pairs[:, 0], times), paths.states_of(pairs[:, 1], times)
    return Encounters(
        seconds,
        a.position_m[:, 0],
        a.velocity_m_s[:, 0],
        (b.position_m - a.position_m)[:, 0],
        (b.velocity_m_s - a.velocity_m_s)[:, 0],
    )


@cache
def _power_columns() -> NDArray[np.float64]:
    """Return the transposed matrix from samples to powers; those beyond the samples' degree are 0."""
    columns = np.zeros((_OFFSETS.size, NODES))
    columns[:, : _OFFSETS.size] = np.linalg.inv(np.vander(_OFFSETS, increasing=True)).T
    return columns


def _local_polynomials(
    paths: PathSource,
    pairs: NDArray[np.int64],
    centre: NDArray[np.float64],
    half: float,
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Fit separations (n, 3, power coefficients) around the centres, inside the common life."""
    from syzygy.debris._kernels import fit_separations

    width = np.minimum(half, 0.5 * (end - begin))
    centre = np.clip(np.round(centre / _GRAIN_S) * _GRAIN_S, begin + width, end - width)
    times = centre[:, None] + width[:, None] * _OFFSETS
    a, b = paths.states_of(pairs[:, 0], times), paths.states_of(pairs[:, 1], times)
    coefficients = np.empty((len(pairs), 3, NODES))
    fit_separations(a.position_m, b.position_m, _power_columns(), coefficients)
    return centre, width, coefficients


def refine_minima(
    paths: PathSource,
    pairs: NDArray[np.int64],
    guess_s: NDArray[np.float64],
    life_s: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the instants of closest approach of the paths' own positions near the guesses.

    Parameters
    ----------
    paths : PathSource
        All objects.
    pairs : int64 (n, 2)
        Indices.
    guess_s : float64 (n,)
        Within some seconds of a minimum.
    life_s : float64 (n, 2)
        Begin and end of the common life of each pair; no state outside is used.

    Returns
    -------
    seconds : float64 (n,)
        When.
    distance_m : float64 (n,)
        How near, on the polynomial; NaN where the search ran into the end of the common life.

    Raises
    ------
    ComputationError
        A pair has no states around its guess.

    Notes
    -----
    The guess is rounded to 1 ms before any state is computed, so the answer does not carry the rounding
    of the search and is the same bytes for any division of the work.

    **Accuracy** 1 ms and 1 m against 422 events of an independent list (``test_debris_screening_oracles``).
    """
    from syzygy.debris._kernels import find_closest

    found = np.array(guess_s, dtype=np.float64)
    distance = np.full(found.size, np.nan)
    open_rows = np.arange(found.size)
    for _ in range(_ROUNDS):
        if open_rows.size == 0:
            break
        rows = open_rows
        centre, width, power = _fit_somewhere(paths, pairs[rows], found[rows], life_s[rows])
        x = (found[rows] - centre) / width
        square = np.empty(rows.size)
        find_closest(power, x, square)
        distance[rows] = np.where(np.abs(x) <= 1.0, np.sqrt(square), np.nan)
        found[rows] = centre + width * np.clip(x, -1.0, 1.0)
        open_rows = rows[
            (np.abs(x) > 1.0) & (found[rows] > life_s[rows, 0]) & (found[rows] < life_s[rows, 1])
        ]
    return found, distance


def _fit_somewhere(
    paths: PathSource,
    pairs: NDArray[np.int64],
    guess: NDArray[np.float64],
    life: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    centre, width, power = _local_polynomials(paths, pairs, guess, _HALF_WIDTHS_S[0], *life.T)
    for half in _HALF_WIDTHS_S[1:]:
        bad = np.flatnonzero(np.isnan(power[..., 0]).any(axis=1))
        if bad.size == 0:
            return centre, width, power
        again = _local_polynomials(paths, pairs[bad], guess[bad], half, *life[bad].T)
        centre[bad], width[bad], power[bad] = again
    bad = np.flatnonzero(np.isnan(power[..., 0]).any(axis=1))
    if bad.size:
        raise ComputationError(
            "a pair has no states around its closest approach",
            value=f"{bad.size} pairs, first at {guess[bad[0]]:.3f} s",
            where="refinement of minima",
            hint="report this with the catalogue: an object failed where the screening saw no failure",
        )
    return centre, width, power


def refine_crossings(
    paths: PathSource,
    pairs: NDArray[np.int64],
    guess_s: NDArray[np.float64],
    life_s: NDArray[np.float64],
    threshold_m: float,
) -> NDArray[np.float64]:
    """Return the instants near the guesses at which the distance equals the threshold."""
    found = np.array(guess_s, dtype=np.float64)
    if found.size == 0:
        return found
    centre, width, power = _fit_somewhere(paths, pairs, found, life_s)
    x = np.clip((found - centre) / width, -1.0, 1.0)
    k = np.arange(power.shape[2])
    for _ in range(20):
        p = np.einsum("na,nca->nc", x[:, None] ** k, power)
        v = np.einsum("na,nca->nc", k[1:] * x[:, None] ** (k[1:] - 1), power[..., 1:])
        rate = 2.0 * np.einsum("nc,nc->n", p, v)
        excess = np.einsum("nc,nc->n", p, p) - threshold_m**2
        step = np.where(rate != 0.0, excess / np.where(rate != 0.0, rate, 1.0), 0.0)
        x = np.clip(x - np.clip(step, -0.5, 0.5), -1.0, 1.0)
    return np.asarray(centre + width * x)
