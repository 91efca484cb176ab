"""Compiled search of one instant: from all objects to the pairs that may meet within half a step of it."""

from __future__ import annotations

import numpy as np
from numba import njit

from syzygy.debris._motion_kernels import _two_body

OK = 0
FULL = 1
BINS = 65536
FINEST = 0.03
"""Smallest edge of a cube of directions: 70 cubes on an edge of the whole."""

MOST_CUBES = 70**3
LANES = 8
"""Pairs that the first test looks at together: the numbers of single precision in one register."""

NOBODY = np.int32(2**31 - 1)
NARROW = 0.25
"""A span that is shorter than this part of half a step is asked once more from its own middle."""

BIN_M = 700.0
LOWEST_BIN_M = 6.0e6
ROUNDING_M = 20.0
"""Covers the single precision of the first test, out to 100,000 km."""


def make_room(count: int) -> tuple[np.ndarray, ...]:
    """Return the work arrays of `find_candidates` for up to `count` members: allocate once, use often."""
    return (
        np.empty((3, count), np.int32),
        np.empty((count, 8)),
        np.empty((count, 7), np.float32),
        np.empty((count, 2)),
        np.empty((12 * count + 64, 2), np.int32),
        np.empty(12 * count + 64, np.int32),
        np.empty((2, MOST_CUBES + 1), np.int32),
        np.zeros((7, count + LANES), np.float32),
        np.empty(count + LANES, np.int32),
    )


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
def _gather(state, motion, slack, chosen, order, end, threshold, floor, rows, close, angle, top):  # type: ignore[no-untyped-def]
    """Lay out what the tests read, in the order of radius; returns largest and mean angle.

    end: where each bin of radius ends in that order; angle (m, 2): travelled within the step, and half the
    width of the band around the path; top (m,): the first object that is too high to be met.
    """
    largest = 0.0
    total = 0.0
    for k in range(order.shape[0]):
        i = order[k]
        for c in range(6):
            rows[k, c] = state[i, c]
        rows[k, 6] = slack[i]
        rows[k, 7] = 1.0 if chosen[i] else 0.0
        for c in range(6):
            close[k, c] = state[i, c]
        close[k, 6] = slack[i] + 0.5 * (threshold + ROUNDING_M)
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


@njit(cache=True, forceinline=True, error_model="numpy")
def _may_meet(rows, k, o, threshold, half, gradient, span):  # type: ignore[no-untyped-def]
    """Tell whether two paths may come closer than the threshold within +-half, and when (span).

    Two-body paths that meet differ from a straight relative motion by at most
    gradient * (D half^2 / 2 + V half^3 / 3): their pulls differ by at most gradient * distance.
    """
    dx = rows[o, 0] - rows[k, 0]
    dy = rows[o, 1] - rows[k, 1]
    dz = rows[o, 2] - rows[k, 2]
    vx = rows[o, 3] - rows[k, 3]
    vy = rows[o, 4] - rows[k, 4]
    vz = rows[o, 5] - rows[k, 5]
    v2 = vx * vx + vy * vy + vz * vz
    dot = dx * vx + dy * vy + dz * vz
    near = threshold + rows[k, 6] + rows[o, 6]
    speed = np.sqrt(v2)
    fastest = (speed + gradient * half * near) / (1.0 - gradient * half * half)
    limit = near + gradient * half * half * (0.5 * near + fastest * half / 3.0)
    tau = -dot / v2 if v2 > 0.0 else 0.0
    least = (dx + vx * tau) ** 2 + (dy + vy * tau) ** 2 + (dz + vz * tau) ** 2
    room = limit * limit - least
    if room < 0.0:
        return False
    width = np.sqrt(room / v2) if v2 > 0.0 else 2.0 * half
    low = tau - width
    high = tau + width
    if low > half or high < -half:
        return False
    span[0] = max(low, -half)
    span[1] = min(high, half)
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
def _keep_pair(  # type: ignore[no-untyped-def]
    rows, k, o, one, two, threshold, half, gradient, moved, span, newest, pairs, spans, found
):
    """Ask a pair that may meet in `span` again, nearer to that span, where its paths are straighter.

    A short span is asked once from its middle, a long one in both halves of the step. A pair that is there
    already is not asked. Returns the pairs kept.
    """
    link = newest[k]
    while link >= 0:
        if pairs[link, 0] == one and pairs[link, 1] == two:
            return found
        link = pairs[link, 2]
    if span[1] - span[0] < NARROW * half:
        if _ask_again(rows, k, o, threshold, span[0], span[1], gradient, moved, span):
            found = _keep_span(k, one, two, span, newest, pairs, spans, found)
        return found
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
def _fetch(lists, begin, count, close, lane, who):  # type: ignore[no-untyped-def]
    """Lay out one list for the first test: a row per quantity in `lane`, objects in `who`, nobody behind."""
    for j in range(count):
        k = lists[begin + j]
        who[j] = k
        for c in range(7):
            lane[c, j] = close[k, c]
    for j in range(count, count + LANES):
        who[j] = NOBODY


@njit(cache=True, error_model="numpy")
def _look(lane, who, here, first, last, half, share, pull):  # type: ignore[no-untyped-def]
    """First test, in single precision: which of the next objects of a list may meet one, none too high?

    The test of `_may_meet` with the widest span it can have: the straight line comes within the limit, at a
    time within the step. Rounding has room: 5 % and |d x v| of 2e4 m2/s in the one, 2 % and 1e5 m2/s in the
    other (a velocity of single precision is off by 1e-3 m/s, and distances are up to 4e6 m). Returns how many
    are not too high, and a bit for each that may be met. Nothing is written and all numbers have 32 bits, so
    that the loop becomes a few instructions on all of them.
    """
    seen = np.int32(0)
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
        limit = share * (lane[6, here] + lane[6, at]) + pull * speed
        close = cx * cx + cy * cy + cz * cz <= np.float32(1.05) * limit * limit * u2 + np.float32(4e8)
        longest = np.float32(1.02) * (half * u2 + limit * speed) + np.float32(1e5)
        soon = np.abs(rx * ux + ry * uy + rz * uz) <= longest
        low = who[at] < last
        seen = np.int32(seen + np.int32(low))
        bits = np.int32(bits + (np.int32(close & soon & low) << q))
    return seen, bits


@njit(cache=True, error_model="numpy")
def _test_lists(  # type: ignore[no-untyped-def]
    rows,
    close,
    top,
    lists,
    size,
    cubes,
    order,
    threshold,
    half,
    gradient,
    newest,
    pairs,
    spans,
    counts,
    lane,
    who,
):
    """Test each object against those behind it in the lists it is in; returns the pairs kept.

    Those that may meet are asked again in each half of the step, from its own middle. A pair may share
    several cubes and is kept once for each half: newest (m,) and the third column of `pairs` chain the pairs
    of each object. The first test looks at as many objects at a time as a register has numbers.
    """
    moved = np.empty((2, 8))
    span = np.empty(2)
    bend = gradient * half * half
    share = np.float32(1.0 + bend * (0.5 + bend / (3.0 * (1.0 - bend))))
    pull = np.float32(bend * half / 3.0 / (1.0 - bend))
    found = counts[3]
    newest[:] = -1
    looked = 0
    reached = 0
    for cube in range(cubes):
        count = size[cube + 1] - size[cube]
        if count < 2:
            continue
        _fetch(lists, size[cube], count, close, lane, who)
        for here in range(count - 1):
            k = who[here]
            last = top[k]
            j = np.uint64(here)
            first = np.uint64(here + 1)
            while who[first] < last:
                seen, bits = _look(lane, who, j, first, last, np.float32(half), share, pull)
                looked += seen
                at = first
                while bits:
                    if bits & 1 and rows[k, 7] + rows[who[at], 7] != 0.0:
                        o = who[at]
                        reached += 1
                        if _may_meet(rows, k, o, threshold, half, gradient, span):
                            found = _keep_pair(
                                rows,
                                k,
                                o,
                                min(order[k], order[o]),
                                max(order[k], order[o]),
                                threshold,
                                half,
                                gradient,
                                moved,
                                span,
                                newest,
                                pairs,
                                spans,
                                found,
                            )
                    bits >>= 1
                    at += np.uint64(1)
                first += np.uint64(LANES)
    counts[1] += looked
    counts[2] += reached
    return found


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
    whole, rows, close, angle, visits, lists, start, lane, who = room
    order, top, own = whole[0, :m], whole[1, :m], whole[2, :m]
    rows = rows[:m]
    close = close[:m]
    angle = angle[:m]
    _sort_by_radius(motion, members, order, own, start[0])
    largest, mean = _gather(
        state, motion, slack, chosen, order, start[0], threshold, floor, rows, close, angle, top
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
        top,
        lists,
        start[0],
        side * side * side,
        order,
        threshold,
        half,
        gradient,
        own,
        pairs,
        spans,
        counts,
        lane,
        who,
    )
    return (OK if counts[3] <= pairs.shape[0] else FULL), largest, least
