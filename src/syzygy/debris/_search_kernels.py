"""Compiled search of one instant: from all objects to the pairs that may meet within half a step of it."""

from __future__ import annotations

import numpy as np
from numba import njit

from syzygy.debris._meeting_kernels import TILE_ROWS, WAITING, _ask_waiting
from syzygy.debris._motion_kernels import GM, _bound_row

OK = 0
FULL = 1
BINS = 65536
FINEST = 0.03
"""Smallest edge of a cube of directions: 70 cubes on an edge of the whole."""

MOST_CUBES = 70**3
LANES = 8
"""Pairs that the first test looks at together: the numbers of single precision in one register."""

ROWS = 7
"""Quantities of an object in the first test: its state and its share of the limit."""

NOBODY = np.int32(2**31 - 1)
BIN_M = 700.0
LOWEST_BIN_M = 6.0e6
ROUNDING_M = 20.0
"""Covers the single precision of the first test, out to 100,000 km."""


def make_room(count: int) -> tuple[np.ndarray, ...]:
    """Return the work arrays of `find_candidates` for up to `count` members: allocate once, use often."""
    return (
        np.empty((3, count), np.int32),
        np.empty((count, 8)),
        np.empty((count, ROWS), np.float32),
        np.empty((count, 3)),
        np.empty((12 * count + 64, 2), np.int32),
        np.empty(12 * count + 64, np.int32),
        np.empty((2, MOST_CUBES + 1), np.int32),
        np.zeros((ROWS, count + LANES), np.float32),
        np.empty(count + LANES, np.int32),
        np.empty((2 * count + 4096, 2), np.int32),
        np.zeros(TILE_ROWS * WAITING),
    )


@njit(cache=True, nogil=True, error_model="numpy")
def bound_members(state, slack, members, half, gradient, motion):  # type: ignore[no-untyped-def]
    """Bound the motion of the members within +-half of their states (n, 6), see `bound_motion`.

    Returns lowest radius, longest way, largest slack, and the longest way without its slack.
    """
    lowest = np.inf
    reach = 0.0
    loosest = 0.0
    way = 0.0
    for k in range(members.shape[0]):
        i = members[k]
        _bound_row(state, i, slack[i], half, gradient, motion)
        lowest = min(lowest, motion[i, 0])
        reach = max(reach, motion[i, 3])
        loosest = max(loosest, slack[i])
        way = max(way, motion[i, 3] - slack[i])
    return lowest, reach, loosest, way


@njit(cache=True, error_model="numpy")
def _bin(radius):  # type: ignore[no-untyped-def]
    b = int((radius - LOWEST_BIN_M) / BIN_M)
    return min(max(b, 0), BINS - 1)


@njit(cache=True, error_model="numpy")
def _sort_by_radius(motion, members, order, own, start):  # type: ignore[no-untyped-def]
    """Sort the members by the bin of their lowest radius into `order` (m,); `start` tells where bins end."""
    for b in range(BINS + 1):
        start[b] = 0
    for k in range(members.shape[0]):
        own[k] = _bin(motion[members[k], 0])
        start[own[k] + 1] += 1
    for b in range(BINS):
        start[b + 1] += start[b]
    for k in range(members.shape[0]):
        at = start[own[k]]
        start[own[k]] = at + 1
        order[at] = members[k]


@njit(cache=True, error_model="numpy")
def _gradient(b, chord, floor, gradient):  # type: ignore[no-untyped-def]
    """Bound the gradient of the pull between two that are not below bin b and no further apart than chord."""
    edge = LOWEST_BIN_M + b * BIN_M
    deepest = edge * edge - 0.25 * chord * chord
    if b == 0 or not deepest > floor * floor:
        return np.float32(gradient)
    # Single precision may round down: a part in a million more than covers that.
    return np.float32(min(gradient, (2.0 + 2e-6) * GM / (deepest * np.sqrt(deepest))))


@njit(cache=True, error_model="numpy")
def _bend(half, gradient):  # type: ignore[no-untyped-def]
    """Return what the first test needs to know of the bend of paths within +-half.

    Let w^2 = GM / R^3 with R a radius that one of two has as they meet. Their separation is
    cos(w t) (r + tan(w t) / w v), but for what each is pulled otherwise than by -w^2 times its position: at
    most 1.5 gradient |radius - R|. Returned: metres apart for each metre of radius, the largest 1 / cos(w t)
    and the largest tan(w t) / w; of the last two a great number where the turn has no bound of use.
    """
    turn = half * np.sqrt(0.5 * gradient)
    if not turn < 1.0:
        return 0.0, 1e9, 1e9
    return 0.75 * gradient * half * half, 1.0 / np.cos(turn), half * np.tan(turn) / turn


@njit(cache=True, error_model="numpy")
def _gather(  # type: ignore[no-untyped-def]
    state, motion, slack, chosen, order, end, threshold, half, floor, gradient, reach, rows, close, angle, top
):
    """Lay out what the tests read, in the order of radius; returns largest and mean angle.

    end: where each bin of radius ends in that order; angle (m, 3): travelled within the step, and half the
    width of the band around the path; top (m,): the first object that is too high to be met. Whoever comes
    later in the order is not lower than the bin of radius; a chord to it sags by no more than that of both
    ways, and the gradient there serves for both: angle[k, 2]. close[k, 6] is the share of the limit of the
    first test, with 2.5 % of room for rounding.
    """
    largest = 0.0
    total = 0.0
    apart, stretch, _ = _bend(half, gradient)
    for k in range(order.shape[0]):
        i = order[k]
        for c in range(6):
            rows[k, c] = state[i, c]
        rows[k, 6] = slack[i]
        rows[k, 7] = 1.0 if chosen[i] else 0.0
        for c in range(6):
            close[k, c] = state[i, c]
        strays = apart * (motion[i, 1] - motion[i, 0] + 0.5 * threshold)
        close[k, 6] = 1.025 * stretch * (slack[i] + 0.5 * (threshold + ROUNDING_M) + strays)
        angle[k, 2] = _gradient(_bin(motion[i, 0]), threshold + motion[i, 3] + reach, floor, gradient)
        angle[k, 0] = motion[i, 2]
        angle[k, 1] = (0.5 * threshold + slack[i]) / floor
        top[k] = end[_bin(motion[i, 1] + threshold)]
        both = angle[k, 0] + angle[k, 1]
        total += both
        if both > largest:
            largest = both
    return largest, total / max(order.shape[0], 1)


@njit(cache=True, error_model="numpy")
def _band(row, travelled, width, box, axes):  # type: ignore[no-untyped-def]
    """Describe the band of directions that an object sweeps: its axes, and half the box around it.

    axes (3, 3): out, along, across; box (3,) around the first axis; returns the half length (a sine) and the
    depth (1 - cosine) of the arc. More than 1.2 rad is the whole sphere.
    """
    r = np.sqrt(row[0] * row[0] + row[1] * row[1] + row[2] * row[2])
    out = (row[0] * row[3] + row[1] * row[4] + row[2] * row[5]) / (r * r)
    for c in range(3):
        axes[0, c] = row[c] / r
        axes[1, c] = row[c + 3] - out * row[c]
    speed = np.sqrt(axes[1, 0] ** 2 + axes[1, 1] ** 2 + axes[1, 2] ** 2)
    scale = 1.0 / speed if speed > 1e-6 else 0.0
    for c in range(3):
        axes[1, c] *= scale
    axes[2, 0] = axes[0, 1] * axes[1, 2] - axes[0, 2] * axes[1, 1]
    axes[2, 1] = axes[0, 2] * axes[1, 0] - axes[0, 0] * axes[1, 2]
    axes[2, 2] = axes[0, 0] * axes[1, 1] - axes[0, 1] * axes[1, 0]
    if not travelled < 1.2:
        for c in range(3):
            box[c] = 2.0
        return 4.0, 4.0
    length = travelled
    depth = 0.5 * travelled * travelled
    for c in range(3):
        box[c] = length * abs(axes[1, c]) + depth * abs(axes[0, c]) + width
    return length, depth


@njit(cache=True, error_model="numpy")
def _fill_cubes(rows, angle, edge, side, size, start, visits, lists):  # type: ignore[no-untyped-def]
    """Put each object into the list of every cube that the band of its directions touches.

    Cubes of the space of directions, -1 to 1. A two-body path lies in a plane: within the step its direction
    stays on an arc of a great circle, and whoever it meets is within both widths of that arc; so both are in
    the list of a cube that holds a direction between them. A cube is left out where it and the box along the
    arc are apart on an axis of either. Lists keep the order of radius. Returns their length, or -1 where
    `visits` does not suffice.
    """
    axes = np.empty((3, 3))
    box = np.empty(3)
    low = np.empty(3, np.int64)
    high = np.empty(3, np.int64)
    cubes = side * side * side
    for cube in range(cubes + 1):
        size[cube] = 0
    centre = 0.5 * side
    scale = 1.0 / edge
    room = visits.shape[0]
    total = 0
    for k in range(angle.shape[0]):
        width = angle[k, 1] + 1e-9
        length, depth = _band(rows[k], angle[k, 0], width, box, axes)
        for c in range(3):
            low[c] = max(int((axes[0, c] - box[c]) * scale + centre), 0)
            high[c] = min(int((axes[0, c] + box[c]) * scale + centre), side - 1)
        if total + (high[0] - low[0] + 1) * (high[1] - low[1] + 1) * (high[2] - low[2] + 1) > room:
            return -1
        ox, oy, oz = axes[0, 0], axes[0, 1], axes[0, 2]
        ax, ay, az = axes[1, 0], axes[1, 1], axes[1, 2]
        nx, ny, nz = axes[2, 0], axes[2, 1], axes[2, 2]
        half = 0.5 * edge
        thick = half * (abs(ox) + abs(oy) + abs(oz)) + width
        along = half * (abs(ax) + abs(ay) + abs(az)) + width + length
        across = half * (abs(nx) + abs(ny) + abs(nz)) + width
        deepest = 1.0 - depth - thick
        highest = 1.0 + thick
        for cx in range(low[0], high[0] + 1):
            x = (cx + 0.5 - centre) * edge
            for cy in range(low[1], high[1] + 1):
                y = (cy + 0.5 - centre) * edge
                row = (cx * side + cy) * side
                o = x * ox + y * oy
                a = x * ax + y * ay
                n = x * nx + y * ny
                for cz in range(low[2], high[2] + 1):
                    z = (cz + 0.5 - centre) * edge
                    r = o + z * oz
                    visits[total, 0] = row + cz
                    visits[total, 1] = k
                    total += (
                        (abs(n + z * nz) <= across)
                        & (abs(a + z * az) <= along)
                        & (r >= deepest)
                        & (r <= highest)
                    )
    for v in range(total):
        size[visits[v, 0] + 1] += 1
    for cube in range(cubes):
        size[cube + 1] += size[cube]
        start[cube] = size[cube]
    for v in range(total):
        k = visits[v, 1]
        at = start[visits[v, 0]]
        start[visits[v, 0]] = at + 1
        lists[at] = k
    return total


@njit(cache=True, error_model="numpy")
def _fetch(lists, begin, count, close, lane, who):  # type: ignore[no-untyped-def]
    """Lay out one list for the first test: a row per quantity in `lane`, objects in `who`, nobody behind."""
    for j in range(count):
        k = lists[begin + j]
        who[j] = k
        for c in range(ROWS):
            lane[c, j] = close[k, c]
    for j in range(count, count + LANES):
        who[j] = NOBODY


@njit(cache=True, forceinline=True, error_model="numpy")
def _glance(lane, here, first, groups):  # type: ignore[no-untyped-def]
    """Count the next objects of a list that may be met: `_look` without its times and its root.

    One loop over groups of `LANES`: what belongs to the one object is loaded once.
    """
    hits = np.int32(0)
    for q in range(np.uint32(groups) * np.uint32(LANES)):
        at = first + np.uint64(q)
        rx = lane[0, at] - lane[0, here]
        ry = lane[1, at] - lane[1, here]
        rz = lane[2, at] - lane[2, here]
        ux = lane[3, at] - lane[3, here]
        uy = lane[4, at] - lane[4, here]
        uz = lane[5, at] - lane[5, here]
        cx = ry * uz - rz * uy
        cy = rz * ux - rx * uz
        cz = rx * uy - ry * ux
        u2 = ux * ux + uy * uy + uz * uz
        limit = lane[6, here] + lane[6, at]
        close = cx * cx + cy * cy + cz * cz <= limit * limit * u2 + np.float32(4e8)
        hits = np.int32(hits + np.int32(close))
    return hits


@njit(cache=True, error_model="numpy")
def _look(lane, who, here, first, last, half):  # type: ignore[no-untyped-def]
    """First test, in single precision: which of the next objects of a list may meet one, none too high?

    The straight line comes within the limit, at a time within the step as `_bend` stretches it. Rounding has
    room: 2.5 % of the limit (in it) and |d x v| of 2e4 m2/s in the one, 2 % and 1e5 m2/s in the other (a
    velocity of single precision is off by 1e-3 m/s, and distances are up to 4e6 m). Returns a bit for each
    that may be met. Nothing is written and all numbers have 32 bits, so that the loop becomes a few
    instructions on all of them.
    """
    bits = np.int32(0)
    for q in range(LANES):
        at = first + np.uint64(q)
        rx = lane[0, at] - lane[0, here]
        ry = lane[1, at] - lane[1, here]
        rz = lane[2, at] - lane[2, here]
        ux = lane[3, at] - lane[3, here]
        uy = lane[4, at] - lane[4, here]
        uz = lane[5, at] - lane[5, here]
        cx = ry * uz - rz * uy
        cy = rz * ux - rx * uz
        cz = rx * uy - ry * ux
        u2 = ux * ux + uy * uy + uz * uz
        speed = np.sqrt(u2)
        limit = lane[6, here] + lane[6, at]
        close = cx * cx + cy * cy + cz * cz <= limit * limit * u2 + np.float32(4e8)
        longest = np.float32(1.02) * (half * u2 + limit * speed) + np.float32(1e5)
        soon = np.abs(rx * ux + ry * uy + rz * uz) <= longest
        low = who[at] < last
        bits = np.int32(bits + (np.int32(close & soon & low) << q))
    return bits


@njit(cache=True, forceinline=True, error_model="numpy")
def _scan(lane, who, here, last, longest, wait, waiting):  # type: ignore[no-untyped-def]
    """Test one object against those behind it in a list that are not too high.

    Pairs that may meet wait in `wait`; `longest` is the step as `_bend` stretches it. Returns how many wait,
    and how many were looked at.
    """
    j = np.uint64(here)
    first = np.uint64(here + 1)
    groups = 0
    end = first
    while who[end] < last:
        end += np.uint64(LANES)
        groups += 1
    if _glance(lane, j, first, groups):
        while first < end:
            bits = _look(lane, who, j, first, last, longest)
            at = first
            while bits:
                if bits & 1:
                    wait[waiting, 0] = who[j]
                    wait[waiting, 1] = who[at]
                    waiting += 1
                bits >>= 1
                at += np.uint64(1)
            first += np.uint64(LANES)
    behind = np.int32(0)
    for q in range(LANES):
        behind += np.int32(who[end - np.uint64(LANES) + np.uint64(q)] >= last)
    return waiting, groups * LANES - behind


@njit(cache=True, error_model="numpy")
def _test_lists(  # type: ignore[no-untyped-def]
    rows,
    close,
    angle,
    top,
    lists,
    size,
    side,
    order,
    threshold,
    half,
    gradient,
    newest,
    pairs,
    spans,
    counts,
    work,
):
    """Test each object against those behind it in the lists it is in; returns the pairs kept.

    A pair may share several cubes and is kept once for each half: newest (m,) and the third column of
    `pairs` chain the pairs of each object.
    """
    lane, who, wait, w = work
    moved = np.empty((2, 8))
    span = np.empty(2)
    found = counts[3]
    newest[:] = -1
    waiting = 0
    longest = np.float32(_bend(half, gradient)[2])
    for cube in range(side * side * side):
        count = size[cube + 1] - size[cube]
        if count < 2:
            continue
        _fetch(lists, size[cube], count, close, lane, who)
        for here in range(count - 1):
            last = top[who[here]]
            if who[here + 1] < last:
                waiting, looked = _scan(lane, who, here, last, longest, wait, waiting)
                counts[1] += looked
            if waiting > wait.shape[0] - count:
                counts[2] += waiting
                found = _ask_waiting(
                    rows,
                    angle,
                    order,
                    threshold,
                    half,
                    wait,
                    waiting,
                    w,
                    moved,
                    span,
                    newest,
                    pairs,
                    spans,
                    found,
                )
                waiting = 0
    counts[2] += waiting
    return _ask_waiting(
        rows, angle, order, threshold, half, wait, waiting, w, moved, span, newest, pairs, spans, found
    )


@njit(cache=True, nogil=True, error_model="numpy")
def find_candidates(  # type: ignore[no-untyped-def]
    state,
    motion,
    slack,
    members,
    chosen,
    threshold,
    half,
    floor,
    gradient,
    fineness,
    pairs,
    spans,
    counts,
    room,
):
    """Find all pairs of members that may meet within +-half of this instant, and when in each half.

    state (n, 6), motion (n, 4) from `bound_motion`, slack (n,); fineness: edge of the cubes over the mean
    angle travelled; it changes the work, not the answer. room: work arrays from `make_room`. pairs (c, 3), of
    which two columns are the answer, and spans (c, 2) are filled from row counts[3] on; counts += (entries
    in lists, pairs looked at, pairs in reach, pairs kept). Returns OK, or FULL when c does not suffice
    (counts[3] says what may), the largest angle and the least width of a band.
    """
    m = members.shape[0]
    whole, rows, close, angle, visits, lists, start = room[:7]
    order, top, own = whole[0, :m], whole[1, :m], whole[2, :m]
    reach = 0.0
    for i in members:
        reach = max(reach, motion[i, 3])
    rows = rows[:m]
    close = close[:m]
    angle = angle[:m]
    _sort_by_radius(motion, members, order, own, start[0])
    largest, mean = _gather(
        state,
        motion,
        slack,
        chosen,
        order,
        start[0],
        threshold,
        half,
        floor,
        gradient,
        reach,
        rows,
        close,
        angle,
        top,
    )
    least = np.inf
    for k in range(m):
        least = min(least, angle[k, 1])
    edge = max(fineness * mean, FINEST)
    total = -1
    while total < 0:
        side = int(2.0 / edge) + 3
        total = _fill_cubes(rows, angle, edge, side, start[0], start[1], visits, lists)
        edge *= 1.5
    counts[0] += total
    counts[3] = _test_lists(
        rows,
        close,
        angle,
        top,
        lists,
        start[0],
        side,
        order,
        threshold,
        half,
        gradient,
        own,
        pairs,
        spans,
        counts,
        room[7:],
    )
    return (OK if counts[3] <= pairs.shape[0] else FULL), largest, least
