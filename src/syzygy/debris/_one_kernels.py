"""Compiled search of one object against a prepared catalogue: a scan of coarse directions, then bounds."""

from __future__ import annotations

import numpy as np
from numba import njit

from syzygy.debris._meeting_kernels import _may_meet

SCALE = 127.0
HALF_ROUNDING = 0.8660254037844387
"""Half the diagonal of a cell of rounding, in units of 1 / SCALE."""


@njit(cache=True, nogil=True, error_model="numpy")
def round_directions(state, knot, directions, radii):  # type: ignore[no-untyped-def]
    """Round directions of states (n, 6) to 1 / SCALE and radii down to km, for one knot.

    directions (n, 3, m) int8, radii (n, m) uint16 (65,535 for that and more); zeros where there is no state.
    """
    for i in range(state.shape[0]):
        x = state[i, 0]
        y = state[i, 1]
        z = state[i, 2]
        r = np.sqrt(x * x + y * y + z * z)
        if r > 0.0:
            scale = SCALE / r
            directions[i, 0, knot] = np.int8(np.rint(x * scale))
            directions[i, 1, knot] = np.int8(np.rint(y * scale))
            directions[i, 2, knot] = np.int8(np.rint(z * scale))
            radii[i, knot] = np.uint16(min(r / 1000.0, 65535.0))


@njit(cache=True, nogil=True, error_model="numpy")
def scan_directions(directions, radii, which, reach, window, own, own_radius, out):  # type: ignore[no-untyped-def]
    """Find knots at which an object's direction and radius are near the one object's.

    directions (n, 3, m) int8, radii (n, m) uint16, own (3, m) and own_radius (m,) alike; which (w,) objects
    to look at; reach (w,) chords, to which both roundings are added here; window (w,) km. out (room, 2)
    receives object and knot. Returns the number found, which may exceed the room.
    """
    knots = directions.shape[2]
    found = 0
    room = out.shape[0]
    near = np.empty(knots, np.bool_)
    for w in range(which.shape[0]):
        i = which[w]
        limit = SCALE * reach[w] + 2.0 * HALF_ROUNDING
        most = np.int32(min(limit * limit, 2.0e9))
        tall = np.int32(window[w])
        x = directions[i, 0]
        y = directions[i, 1]
        z = directions[i, 2]
        r = radii[i]
        for k in range(knots):
            dx = np.int32(x[k]) - np.int32(own[0, k])
            dy = np.int32(y[k]) - np.int32(own[1, k])
            dz = np.int32(z[k]) - np.int32(own[2, k])
            dr = abs(np.int32(r[k]) - np.int32(own_radius[k]))
            near[k] = (dx * dx + dy * dy + dz * dz <= most) & (dr <= tall)
        for k in range(knots):
            if near[k]:
                if found < room:
                    out[found, 0] = i
                    out[found, 1] = k
                found += 1
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def test_meetings(state, own, slack, own_slack, threshold, half, gradient, keep, spans):  # type: ignore[no-untyped-def]
    """Tell for states (m, 6) and those of the one object (m, 6) whether they may meet within +-half."""
    rows = np.empty((2, 8))
    span = np.empty(2)
    kept = 0
    for k in range(state.shape[0]):
        for c in range(6):
            rows[0, c] = state[k, c]
            rows[1, c] = own[k, c]
        rows[0, 6] = slack[k]
        rows[1, 6] = own_slack
        keep[k] = _may_meet(rows, 0, 1, threshold, half, gradient, span)
        if keep[k]:
            spans[k, 0] = span[0]
            spans[k, 1] = span[1]
            kept += 1
    return kept
