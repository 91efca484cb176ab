"""Compiled question of the search: may two paths meet, and when? One pair alone, or many side by side."""

from __future__ import annotations

import numpy as np
from numba import njit

from syzygy.debris._motion_kernels import _fall, _two_body

NARROW = 0.25
"""A span that is shorter than this part of half a step is asked once more from its own middle."""

WAITING = 128
"""Pairs that pass the first test are asked so many at a time."""

# Rows of a tile of waiting pairs: both states, threshold with both slacks, gradient, and the span.
(ONE, TWO, NEAR, PULL, LOW, HIGH) = (0, 6 * WAITING, *(range(12 * WAITING, 16 * WAITING, WAITING)))
TILE_ROWS = 16


@njit(cache=True, forceinline=True, error_model="numpy")
def _meet(dx, dy, dz, vx, vy, vz, near, half, gradient):  # type: ignore[no-untyped-def]
    """Return from when to when two paths may come closer than `near` within +-half; from after to if never.

    Two-body paths that meet differ from a straight relative motion by at most
    gradient * (D half^2 / 2 + V half^3 / 3): their pulls differ by at most gradient * distance.
    """
    v2 = vx * vx + vy * vy + vz * vz
    dot = dx * vx + dy * vy + dz * vz
    fastest = (np.sqrt(v2) + gradient * half * near) / (1.0 - gradient * half * half)
    limit = near + gradient * half * half * (0.5 * near + fastest * half / 3.0)
    moving = v2 > 0.0
    over = 1.0 / (v2 if moving else 1.0)
    tau = -dot * over if moving else 0.0
    ex = dx + vx * tau
    ey = dy + vy * tau
    ez = dz + vz * tau
    room = limit * limit - (ex * ex + ey * ey + ez * ez)
    width = np.sqrt((room if room > 0.0 else 0.0) * over) if moving else 2.0 * half
    low = tau - width
    high = tau + width
    meets = (room >= 0.0) & (low <= half) & (high >= -half)
    low = low if low > -half else -half
    high = high if high < half else half
    return (low if meets else 1.0), (high if meets else -1.0)


@njit(cache=True, error_model="numpy")
def _may_meet(rows, k, o, threshold, half, gradient, span):  # type: ignore[no-untyped-def]
    """Tell whether two paths may come closer than the threshold within +-half, and when (span)."""
    low, high = _meet(
        rows[o, 0] - rows[k, 0],
        rows[o, 1] - rows[k, 1],
        rows[o, 2] - rows[k, 2],
        rows[o, 3] - rows[k, 3],
        rows[o, 4] - rows[k, 4],
        rows[o, 5] - rows[k, 5],
        threshold + rows[k, 6] + rows[o, 6],
        half,
        gradient,
    )
    if low > high:
        return False
    span[0] = low
    span[1] = high
    return True


@njit(cache=True, error_model="numpy")
def _shift(rows, k, after, out, at):  # type: ignore[no-untyped-def]
    """Write row k moved by `after` seconds along its two-body path."""
    _two_body(rows[k, 0], rows[k, 1], rows[k, 2], rows[k, 3], rows[k, 4], rows[k, 5], after, out, at)
    out[at, 6] = rows[k, 6]


@njit(cache=True, error_model="numpy")
def _ask_again(rows, k, o, threshold, low, high, gradient, moved, span):  # type: ignore[no-untyped-def]
    """Ask a pair again from the middle of a part of the step; `span` receives when they may meet."""
    after = 0.5 * (low + high)
    _shift(rows, k, after, moved, 0)
    _shift(rows, o, after, moved, 1)
    if not _may_meet(moved, 0, 1, threshold, 0.5 * (high - low), gradient, span):
        return False
    span[0] += after
    span[1] += after
    return True


@njit(cache=True, error_model="numpy")
def _keep_span(k, one, two, span, newest, pairs, spans, found):  # type: ignore[no-untyped-def]
    """Write down a pair and when it may meet, as far as there is room; returns the pairs kept."""
    if found < pairs.shape[0]:
        pairs[found, 0] = one
        pairs[found, 1] = two
        pairs[found, 2] = newest[k]
        newest[k] = found
        spans[found, 0] = span[0]
        spans[found, 1] = span[1]
    return found + 1


@njit(cache=True, error_model="numpy")
def _keep_halves(  # type: ignore[no-untyped-def]
    rows, k, o, one, two, threshold, half, gradient, moved, span, newest, pairs, spans, found
):
    """Ask a pair that may meet for long in both halves of the step; returns the pairs kept."""
    for side in range(2):
        if not _ask_again(rows, k, o, threshold, (side - 1) * half, side * half, gradient, moved, span):
            continue
        if span[1] - span[0] < NARROW * half and not _ask_again(
            rows, k, o, threshold, span[0], span[1], gradient, moved, span
        ):
            continue
        found = _keep_span(k, one, two, span, newest, pairs, spans, found)
    return found


@njit(cache=True, error_model="numpy")
def _ask_tile(w, count, half):  # type: ignore[no-untyped-def]
    """Ask the pairs of a tile when they may meet; those of a short span again, from its middle.

    There paths are straighter: nine in ten are out. One lane per pair and plain arithmetic, so that several
    are asked at once.
    """
    for j in range(count):
        low, high = _meet(
            w[TWO + j] - w[ONE + j],
            w[TWO + WAITING + j] - w[ONE + WAITING + j],
            w[TWO + 2 * WAITING + j] - w[ONE + 2 * WAITING + j],
            w[TWO + 3 * WAITING + j] - w[ONE + 3 * WAITING + j],
            w[TWO + 4 * WAITING + j] - w[ONE + 4 * WAITING + j],
            w[TWO + 5 * WAITING + j] - w[ONE + 5 * WAITING + j],
            w[NEAR + j],
            half,
            w[PULL + j],
        )
        w[LOW + j] = low
        w[HIGH + j] = high
    for j in range(count):
        low = w[LOW + j]
        high = w[HIGH + j]
        after = 0.5 * (low + high)
        x, y, z, a, b, c = _fall(
            w[ONE + j],
            w[ONE + WAITING + j],
            w[ONE + 2 * WAITING + j],
            w[ONE + 3 * WAITING + j],
            w[ONE + 4 * WAITING + j],
            w[ONE + 5 * WAITING + j],
            after,
        )
        xx, yy, zz, aa, bb, cc = _fall(
            w[TWO + j],
            w[TWO + WAITING + j],
            w[TWO + 2 * WAITING + j],
            w[TWO + 3 * WAITING + j],
            w[TWO + 4 * WAITING + j],
            w[TWO + 5 * WAITING + j],
            after,
        )
        from_s, to_s = _meet(
            xx - x, yy - y, zz - z, aa - a, bb - b, cc - c, w[NEAR + j], 0.5 * (high - low), w[PULL + j]
        )
        again = (low <= high) & (high - low < NARROW * half)
        w[LOW + j] = after + from_s if again else low
        w[HIGH + j] = after + to_s if again else high


@njit(cache=True, error_model="numpy")
def _ask_waiting(  # type: ignore[no-untyped-def]
    rows, angle, order, threshold, half, wait, waiting, w, moved, span, newest, pairs, spans, found
):
    """Ask the pairs that wait, and keep those that may meet, once; returns the pairs kept."""
    for begin in range(0, waiting, WAITING):
        count = min(WAITING, waiting - begin)
        for j in range(count):
            k = wait[begin + j, 0]
            o = wait[begin + j, 1]
            for c in range(6):
                w[ONE + c * WAITING + j] = rows[k, c]
                w[TWO + c * WAITING + j] = rows[o, c]
            w[NEAR + j] = threshold + rows[k, 6] + rows[o, 6]
            w[PULL + j] = angle[k, 2]
        _ask_tile(w, count, half)
        for j in range(count):
            low = w[LOW + j]
            high = w[HIGH + j]
            k = wait[begin + j, 0]
            o = wait[begin + j, 1]
            if low > high or rows[k, 7] + rows[o, 7] == 0.0:
                continue
            one = min(order[k], order[o])
            two = max(order[k], order[o])
            link = newest[k]
            while link >= 0 and not (pairs[link, 0] == one and pairs[link, 1] == two):
                link = pairs[link, 2]
            if link >= 0:
                continue
            if high - low < NARROW * half:
                span[0] = low
                span[1] = high
                found = _keep_span(k, one, two, span, newest, pairs, spans, found)
            else:
                pull = w[PULL + j]
                found = _keep_halves(
                    rows, k, o, one, two, threshold, half, pull, moved, span, newest, pairs, spans, found
                )
    return found
