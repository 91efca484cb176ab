"""Compiled search of one instant: from all objects to the pairs that may meet within half a step of it."""

from __future__ import annotations

import numpy as np
from numba import njit

GM = 3.986008e14
OK = 0
FULL = 1
BINS = 65536
BIN_M = 700.0
LOWEST_BIN_M = 6.0e6
ROUNDING_M = 20.0
"""Covers the single precision of the first test, out to 100,000 km."""


def make_room(count: int) -> tuple[np.ndarray, ...]:
    """Return the work arrays of `find_candidates` for up to `count` members: allocate once, use often."""
    return (
        np.empty((6, count), np.int32),
        np.empty((count, 8)),
        np.empty((count, 4), np.float32),
        np.empty(count),
        np.empty((8 * count, 2), np.int32),
        np.empty((8 * count, 2), np.int32),
        np.empty((2, BINS + 1), np.int32),
    )


@njit(cache=True, error_model="numpy")
def _two_body(x, y, z, a, b, c, t, out, i):  # type: ignore[no-untyped-def]
    """Write the two-body state after t seconds to row i: Taylor series in f and g, through t**5."""
    r2 = x * x + y * y + z * z
    u = GM / (r2 * np.sqrt(r2))
    p = (x * a + y * b + z * c) / r2
    q = (a * a + b * b + c * c) / r2 - u
    up = u * p
    s = u * (3.0 * q - 15.0 * p * p + u)
    e = up * (7.0 * p * p - 3.0 * q - u)
    h = u * (9.0 * q - 45.0 * p * p + u)
    f = 1.0 + t * t * (-0.5 * u + t * (0.5 * up + t * (s / 24.0 + t * e / 8.0)))
    g = t + t * t * t * (-u / 6.0 + t * (0.25 * up + t * h / 120.0))
    fd = t * (-u + t * (1.5 * up + t * (s / 6.0 + t * e * 0.625)))
    gd = 1.0 + t * t * (-0.5 * u + t * (up + t * h / 24.0))
    out[i, 0] = f * x + g * a
    out[i, 1] = f * y + g * b
    out[i, 2] = f * z + g * c
    out[i, 3] = fd * x + gd * a
    out[i, 4] = fd * y + gd * b
    out[i, 5] = fd * z + gd * c


@njit(cache=True, nogil=True, error_model="numpy")
def move_two_body(state, after, out):  # type: ignore[no-untyped-def]
    """Move states (n, 6) by `after` seconds along two-body paths."""
    for i in range(state.shape[0]):
        _two_body(state[i, 0], state[i, 1], state[i, 2], state[i, 3], state[i, 4], state[i, 5], after, out, i)


@njit(cache=True, error_model="numpy")
def _misses(position, velocity, i, here, before, after, step):  # type: ignore[no-untyped-def]
    """Return the larger squared miss of the two-body path from column `here` at the columns around it."""
    x = position[i, here, 0]
    y = position[i, here, 1]
    z = position[i, here, 2]
    a = velocity[i, here, 0]
    b = velocity[i, here, 1]
    c = velocity[i, here, 2]
    r2 = x * x + y * y + z * z
    u = GM / (r2 * np.sqrt(r2))
    p = (x * a + y * b + z * c) / r2
    q = (a * a + b * b + c * c) / r2 - u
    t2 = step * step
    up = u * p
    even = 1.0 + t2 * (-0.5 * u + t2 * u * (3.0 * q - 15.0 * p * p + u) / 24.0)
    odd = t2 * step * (0.5 * up + t2 * up * (7.0 * p * p - 3.0 * q - u) / 8.0)
    g_even = t2 * t2 * 0.25 * up
    g_odd = step * (1.0 + t2 * (-u / 6.0 + t2 * u * (9.0 * q - 45.0 * p * p + u) / 120.0))
    forward = 0.0
    backward = 0.0
    for k in range(3):
        r = position[i, here, k]
        v = velocity[i, here, k]
        mean = even * r + g_even * v
        half = odd * r + g_odd * v
        forward += (mean + half - position[i, after, k]) ** 2
        backward += (mean - half - position[i, before, k]) ** 2
    worst = 0.0
    worst = forward if forward > worst else worst
    return backward if backward > worst else worst


@njit(cache=True, nogil=True, error_model="numpy")
def gather_knots(position, velocity, columns, step, state, deviation):  # type: ignore[no-untyped-def]
    """Lay out the inner knots as state (m, n, 6), and measure how far two-body paths miss the knots around.

    position, velocity (n, instants, 3); columns (m + 2,) which instants are the knots, `step` apart;
    deviation (n, m) the larger miss of both sides, 0 where there is no neighbour with a state.
    """
    for i in range(position.shape[0]):
        for k in range(columns.shape[0] - 2):
            here = columns[k + 1]
            for c in range(3):
                state[k, i, c] = position[i, here, c]
                state[k, i, c + 3] = velocity[i, here, c]
            deviation[i, k] = np.sqrt(_misses(position, velocity, i, here, columns[k], columns[k + 2], step))


@njit(cache=True, nogil=True, error_model="numpy")
def measure_stray(state, knot, times, true):  # type: ignore[no-untyped-def]
    """Return the largest miss of two-body paths from states (m, 6) at knot (m,) at times (m, q)."""
    moved = np.empty((1, 6))
    worst = 0.0
    for k in range(state.shape[0]):
        for s in range(times.shape[1]):
            move_two_body(state[k : k + 1], times[k, s] - knot[k], moved)
            gap = 0.0
            for c in range(3):
                gap += (moved[0, c] - true[k, s, c]) ** 2
            if not gap <= worst:
                worst = gap if gap > worst else np.inf
    return np.sqrt(worst)


@njit(cache=True, nogil=True, error_model="numpy")
def bound_motion(state, slack, half, gradient, out):  # type: ignore[no-untyped-def]
    """Bound each object's motion within +-half: out (n, 4) = lowest, highest radius, angle, way.

    The radius of a two-body path obeys r'' = h^2 / r^3 - GM / r^2, whose slope is at most
    (3 h^2 / (GM r) + 1) gradient / 2; the angle it travels is at most half * h / lowest^2.
    """
    for i in range(state.shape[0]):
        x = state[i, 0]
        y = state[i, 1]
        z = state[i, 2]
        a = state[i, 3]
        b = state[i, 4]
        c = state[i, 5]
        r2 = x * x + y * y + z * z
        r = np.sqrt(r2)
        v2 = a * a + b * b + c * c
        rate = (x * a + y * b + z * c) / r
        h2 = r2 * (v2 - rate * rate)
        h2 = h2 if h2 > 0.0 else 0.0
        pull = GM / r2
        bend = abs(h2 / (r2 * r) - pull)
        slope = 0.55 * (3.0 * h2 / (GM * r) + 1.0) * gradient
        width = (abs(rate) * half + 0.5 * half * half * bend) / (1.0 - 0.5 * half * half * slope)
        low = r - width - slack[i]
        out[i, 0] = low
        out[i, 1] = r + width + slack[i]
        out[i, 2] = half * np.sqrt(h2) / (low * low)
        out[i, 3] = half * (np.sqrt(v2) + 0.5 * half * GM / (low * low)) + slack[i]


@njit(cache=True, error_model="numpy")
def _bin(radius):  # type: ignore[no-untyped-def]
    b = int((radius - LOWEST_BIN_M) / BIN_M)
    return min(max(b, 0), BINS - 1)


@njit(cache=True, error_model="numpy")
def _sort_by_radius(motion, members, order, bins, own, start):  # type: ignore[no-untyped-def]
    """Sort the members by the bin of their lowest radius; `order` and `bins` (m,) receive the answer."""
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
        bins[at] = own[k]


@njit(cache=True, error_model="numpy")
def _gather(state, motion, slack, chosen, order, threshold, floor, rows, close, angle, top):  # type: ignore[no-untyped-def]
    """Lay out what the tests read, in the order of radius; returns the largest angle."""
    largest = 0.0
    for k in range(order.shape[0]):
        i = order[k]
        for c in range(6):
            rows[k, c] = state[i, c]
        rows[k, 6] = slack[i]
        rows[k, 7] = 1.0 if chosen[i] else 0.0
        for c in range(3):
            close[k, c] = state[i, c]
        close[k, 3] = motion[i, 3] + 0.5 * threshold + ROUNDING_M
        angle[k] = motion[i, 2] + (0.5 * threshold + slack[i]) / floor
        top[k] = _bin(motion[i, 1] + threshold)
        if angle[k] > largest:
            largest = angle[k]
    return largest


@njit(cache=True, error_model="numpy")
def _fill_cubes(rows, angle, bins, largest, edge, side, work, size, home, mine, visits, lists):  # type: ignore[no-untyped-def]
    """Put each object into the list of every inhabited cube whose inhabitants it may meet.

    Cubes of the unit sphere of directions; an object lives in one and visits those that its angle and the
    largest angle reach. Lists (two columns: object, bin) keep the order of radius. Returns their length.
    """
    m = angle.shape[0]
    cubes = side * side * side
    inside = work
    for cube in range(cubes + 1):
        inside[cube] = 0
        size[cube] = 0
    centre = 0.5 * side
    scale = 1.0 / edge
    for k in range(m):
        r = scale / np.sqrt(rows[k, 0] ** 2 + rows[k, 1] ** 2 + rows[k, 2] ** 2)
        x = int(rows[k, 0] * r + centre)
        y = int(rows[k, 1] * r + centre)
        z = int(rows[k, 2] * r + centre)
        home[k] = (x * side + y) * side + z
        inside[home[k]] += 1
    total = 0
    for k in range(m):
        r = scale / np.sqrt(rows[k, 0] ** 2 + rows[k, 1] ** 2 + rows[k, 2] ** 2)
        h = (angle[k] + largest) * scale
        x = rows[k, 0] * r + centre
        y = rows[k, 1] * r + centre
        z = rows[k, 2] * r + centre
        z0 = int(z - h)
        z1 = int(z + h)
        for cx in range(int(x - h), int(x + h) + 1):
            for cy in range(int(y - h), int(y + h) + 1):
                for cz in range(z0, z1 + 1):
                    cube = (cx * side + cy) * side + cz
                    if inside[cube] > 0:
                        visits[total, 0] = cube
                        visits[total, 1] = k
                        size[cube + 1] += 1
                        total += 1
    for cube in range(cubes):
        size[cube + 1] += size[cube]
        inside[cube] = size[cube]
    for v in range(total):
        cube = visits[v, 0]
        k = visits[v, 1]
        at = inside[cube]
        inside[cube] = at + 1
        lists[at, 0] = k
        lists[at, 1] = bins[k]
        if cube == home[k]:
            mine[k] = at
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
def _test_lists(  # type: ignore[no-untyped-def]
    rows, close, top, lists, size, home, mine, order, threshold, half, gradient, pairs, spans, counts
):
    """Test each object against those behind it in the list of its cube; returns the pairs kept."""
    span = np.empty(2)
    found = counts[3]
    looked = 0
    reached = 0
    for k in range(order.shape[0]):
        end = size[home[k] + 1]
        last = top[k]
        x = close[k, 0]
        y = close[k, 1]
        z = close[k, 2]
        w = close[k, 3]
        first = mine[k] + 1
        at = first
        while at < end and lists[at, 1] <= last:
            o = lists[at, 0]
            at += 1
            rx = close[o, 0] - x
            ry = close[o, 1] - y
            rz = close[o, 2] - z
            reach = close[o, 3] + w
            if rx * rx + ry * ry + rz * rz < reach * reach:
                if rows[k, 7] + rows[o, 7] == 0.0:
                    continue
                reached += 1
                if _may_meet(rows, k, o, threshold, half, gradient, span):
                    if found < pairs.shape[0]:
                        pairs[found, 0] = min(order[k], order[o])
                        pairs[found, 1] = max(order[k], order[o])
                        spans[found, 0] = span[0]
                        spans[found, 1] = span[1]
                    found += 1
        looked += at - first
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
    widening,
    pairs,
    spans,
    counts,
    room,
):
    """Find all pairs of members that may meet within +-half of this instant, and when.

    state (n, 6), motion (n, 4) from `bound_motion`, slack (n,); widening (2 or more): edge of the cubes
    over twice the largest angle; room: work arrays from `make_room`. pairs (c, 2) and spans (c, 2) are filled
    from row counts[3] on; counts += (entries in lists, pairs looked at, pairs in reach, pairs kept). Returns
    OK, or FULL when c does not suffice (counts[3] says what does), and the largest angle and the edge.
    """
    m = members.shape[0]
    whole, rows, close, angle, visits, lists, start = room
    order, bins, top, home, mine, own = (
        whole[0, :m],
        whole[1, :m],
        whole[2, :m],
        whole[3, :m],
        whole[4, :m],
        whole[5, :m],
    )
    rows = rows[:m]
    close = close[:m]
    angle = angle[:m]
    _sort_by_radius(motion, members, order, bins, own, start[0])
    largest = _gather(state, motion, slack, chosen, order, threshold, floor, rows, close, angle, top)
    edge = 2.0 * widening * largest
    side = int(2.0 / edge) + 5
    while side * side * side >= BINS:
        edge *= 1.5
        side = int(2.0 / edge) + 5
    counts[0] += _fill_cubes(
        rows, angle, bins, largest, edge, side, start[0], start[1], home, mine, visits, lists
    )
    counts[3] = _test_lists(
        rows, close, top, lists, start[1], home, mine, order, threshold, half, gradient, pairs, spans, counts
    )
    return (OK if counts[3] <= pairs.shape[0] else FULL), largest, edge
