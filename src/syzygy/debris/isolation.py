"""From a pair that may meet to its minima and its time below the threshold, on the path's own states."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.debris.bernstein import (
    NODES,
    binomials,
    chebyshev_matrix,
    chebyshev_nodes,
    last_coefficients,
)
from syzygy.debris.health import Exits, first_failure, path_code, record_exit
from syzygy.debris.paths import PathSource

PAD_S = 0.05
"""Every search goes this far beyond its span, so that nothing falls between two of them."""

LAST_S = 1e-3
"""Nothing is sampled nearer than this to the end of a path."""

SHORT_S = 4.0
"""Spans up to this length are sampled at fewer nodes: the paths bend less there than the margins."""

_FEW = 5
_FINEST_S = 1e-4
_BLOCK = 50_000
_ERROR_MARGIN_M = 0.01


@dataclass(frozen=True)
class Approaches:
    """Minima and parts below the threshold of some candidates.

    Attributes
    ----------
    minimum_pairs : int64 (k, 2)
        Pairs with a minimum near or below the threshold.
    minimum_s : float64 (k,)
        When, on the polynomials.
    below_pairs : int64 (b, 2)
        Pairs closer than the threshold.
    below_s : float64 (b, 2)
        From and to.
    error_m : float
        Largest estimate of the error of a polynomial.
    """

    minimum_pairs: NDArray[np.int64]
    minimum_s: NDArray[np.float64]
    below_pairs: NDArray[np.int64]
    below_s: NDArray[np.float64]
    error_m: float


def isolate_approaches(
    paths: PathSource,
    pairs: NDArray[np.int64],
    span_s: NDArray[np.float64],
    exits: Exits,
    threshold_m: float,
) -> Approaches:
    """Find all minima of candidates (k, 2) within their spans (k, 2), and when they are below the threshold.

    The separation is sampled at Chebyshev nodes of each span and isolated on the polynomial through them. A
    path found to fail there leaves from then on (recorded in `exits`).
    """
    short = span_s[:, 1] - span_s[:, 0] <= SHORT_S
    parts = []
    for rows, nodes in ((np.flatnonzero(short), _FEW), (np.flatnonzero(~short), NODES)):
        for k in range(0, max(rows.size, 1), _BLOCK):
            block = rows[k : k + _BLOCK]
            parts.append(_isolate(paths, pairs[block], span_s[block], exits, threshold_m, nodes))
    return Approaches(
        np.concatenate([part.minimum_pairs for part in parts]),
        np.concatenate([part.minimum_s for part in parts]),
        np.concatenate([part.below_pairs for part in parts]),
        np.concatenate([part.below_s for part in parts]),
        max(part.error_m for part in parts),
    )


def _isolate(
    paths: PathSource,
    pairs: NDArray[np.int64],
    span_s: NDArray[np.float64],
    exits: Exits,
    threshold_m: float,
    nodes: int,
) -> Approaches:
    from syzygy.debris._kernels import estimate_errors, find_approaches, fit_separations

    pairs, begin, length, first, second = _sample(paths, pairs, span_s, exits, nodes)
    error = np.empty(len(pairs))
    estimate_errors(first, second, last_coefficients(nodes), error)
    error = 2.0 * error + _ERROR_MARGIN_M
    separation = np.empty((len(pairs), 3, NODES))
    fit_separations(first, second, np.ascontiguousarray(chebyshev_matrix(nodes).T), separation)
    finest = _FINEST_S / np.maximum(length, _FINEST_S)
    room = 2 * len(pairs) + 16
    while True:
        at, row = np.empty(room), np.empty(room, dtype=np.int64)
        part, part_row = np.empty((2, room)), np.empty(room, dtype=np.int64)
        found, count = find_approaches(
            separation, threshold_m, threshold_m + error, binomials(), finest, at, row, part, part_row
        )
        if max(found, count) <= room:
            break
        room = max(found, count)
    at, row = at[:found], row[:found]
    part, part_row = part[:, :count], part_row[:count]
    below = begin[part_row] + length[part_row] * part
    end = begin[part_row] + length[part_row]
    common_end = exits.seconds[pairs[part_row]].min(axis=1, initial=np.inf)
    to_the_end = (below[1] >= end - 1e-9) & (end >= common_end - 2.0 * LAST_S)
    below[1] = np.where(to_the_end, common_end, below[1])
    return Approaches(
        pairs[row],
        begin[row] + length[row] * at,
        pairs[part_row],
        np.ascontiguousarray(below.T),
        float(error.max(initial=0.0)),
    )


def _sample(
    paths: PathSource,
    pairs: NDArray[np.int64],
    span_s: NDArray[np.float64],
    exits: Exits,
    nodes: int,
) -> tuple[
    NDArray[np.int64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
    NDArray[np.float64],
]:
    """Return pairs, begins, lengths and both positions (k, nodes, 3) of spans cut to the common life."""
    while True:
        life = paths.span_s[pairs]
        begin = np.maximum(span_s[:, 0] - PAD_S, life[..., 0].max(axis=1, initial=-np.inf))
        until = np.minimum(exits.seconds[pairs], life[..., 1]).min(axis=1, initial=np.inf)
        end = np.minimum(span_s[:, 1] + PAD_S, until - LAST_S)
        keep = end > begin
        pairs, span_s = pairs[keep], span_s[keep]
        begin, length = begin[keep], (end - begin)[keep]
        times = begin[:, None] + length[:, None] * chebyshev_nodes(nodes)
        first, second = paths.states_of(pairs[:, 0], times), paths.states_of(pairs[:, 1], times)
        failed = (first.error_code != 0).any(axis=1), (second.error_code != 0).any(axis=1)
        if not failed[0].any() and not failed[1].any():
            return pairs, begin, length, first.position_m, second.position_m
        for side, states in ((0, first), (1, second)):
            for k in np.flatnonzero(failed[side]).tolist():
                node = int(np.argmax(states.error_code[k] != 0))
                good = float(begin[k]) if node == 0 else float(times[k, node - 1])
                index = int(pairs[k, side])
                record_exit(
                    exits, index, *first_failure(path_code(paths, index), good, float(times[k, node]))
                )
