"""Compiled search of one instant: from all objects to the pairs that may meet within half a step of it."""

from __future__ import annotations

import numpy as np
from numba import njit

GM = 3.986008e14
OK = 0
FULL = 1
BINS = 65536
FINEST = 0.03
"""Smallest edge of a cube of directions: 70 cubes on an edge of the whole."""

MOST_CUBES = 70**3
BIN_M = 700.0
LOWEST_BIN_M = 6.0e6
ROUNDING_M = 20.0
"""Covers the single precision of the first test, out to 100,000 km."""


def make_room(count: int) -> tuple[np.ndarray, ...]:
    """Return the work arrays of `find_candidates` for up to `count` members: allocate once, use often."""
    return (
        np.empty((4, count), np.int32),
        np.empty((count, 8)),
        np.empty((count, 8), np.float32),
        np.empty((count, 2)),
        np.empty((12 * count + 64, 2), np.int32),
        np.empty((12 * count + 64, 2), np.int32),
        np.empty((2, MOST_CUBES + 1), np.int32),
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


@njit(cache=True, error_model="numpy")
def _bound_row(state, i, slack, half, gradient, out):  # type: ignore[no-untyped-def]
    """Bound the motion of object i within +-half, as told in `bound_motion`."""
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
    low = r - width - slack
    out[i, 0] = low
    out[i, 1] = r + width + slack
    out[i, 2] = half * np.sqrt(h2) / (low * low)
    out[i, 3] = half * (np.sqrt(v2) + 0.5 * half * GM / (low * low)) + slack


@njit(cache=True, nogil=True, error_model="numpy")
def bound_motion(state, slack, half, gradient, out):  # type: ignore[no-untyped-def]
    """Bound each object's motion within +-half: out (n, 4) = lowest, highest radius, angle, way.

    The radius of a two-body path obeys r'' = h^2 / r^3 - GM / r^2, whose slope is at most
    (3 h^2 / (GM r) + 1) gradient / 2; the angle it travels is at most half * h / lowest^2.
    """
    for i in range(state.shape[0]):
        _bound_row(state, i, slack[i], half, gradient, out)


@njit(cache=True, nogil=True, error_model="numpy")
def move_and_bound(knot, slack, members, after, half, gradient, state, motion):  # type: ignore[no-untyped-def]
    """Move the members' states (n, 6) from their knots to an instant and bound their motion around it.

    Returns lowest radius, longest way, largest slack, and the longest way without its slack.
    """
    lowest = np.inf
    reach = 0.0
    loosest = 0.0
    way = 0.0
    for k in range(members.shape[0]):
        i = members[k]
        _two_body(knot[i, 0], knot[i, 1], knot[i, 2], knot[i, 3], knot[i, 4], knot[i, 5], after, state, i)
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
    """Lay out what the tests read, in the order of radius; returns largest and mean angle, largest speed.

    angle (m, 2): travelled within the step, and half the width of the band around the path.
    """
    largest = 0.0
    total = 0.0
    fastest = 0.0
    for k in range(order.shape[0]):
        i = order[k]
        for c in range(6):
            rows[k, c] = state[i, c]
        rows[k, 6] = slack[i]
        rows[k, 7] = 1.0 if chosen[i] else 0.0
        for c in range(3):
            close[k, c] = state[i, c]
            close[k, c + 4] = state[i, c + 3]
        close[k, 3] = motion[i, 3] + 0.5 * threshold + ROUNDING_M
        close[k, 7] = slack[i] + 0.5 * (threshold + ROUNDING_M)
        fastest = max(fastest, state[i, 3] ** 2 + state[i, 4] ** 2 + state[i, 5] ** 2)
        angle[k, 0] = motion[i, 2]
        angle[k, 1] = (0.5 * threshold + slack[i]) / floor
        top[k] = _bin(motion[i, 1] + threshold)
        both = angle[k, 0] + angle[k, 1]
        total += both
        if both > largest:
            largest = both
    return largest, total / max(order.shape[0], 1), np.sqrt(fastest)


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
def _fill_cubes(rows, angle, bins, edge, side, size, start, visits, lists):  # type: ignore[no-untyped-def]
    """Put each object into the list of every cube that the band of its directions touches.

    Cubes of the space of directions, -1 to 1. A two-body path lies in a plane: within the step its direction
    stays on an arc of a great circle, and whoever it meets is within both widths of that arc; so both are in
    the list of a cube that holds a direction between them. A cube is left out where it and the box along the
    arc are apart on an axis of either. Lists (two columns: object, bin) keep the order of radius. Returns
    their length, or -1 where `visits` does not suffice.
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
        lists[at, 0] = k
        lists[at, 1] = bins[k]
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
def _shift(row, after, out, at):  # type: ignore[no-untyped-def]
    """Write a row moved by `after` seconds along its two-body path."""
    _two_body(row[0], row[1], row[2], row[3], row[4], row[5], after, out, at)
    out[at, 6] = row[6]
    out[at, 7] = row[7]


@njit(cache=True, error_model="numpy")
def _keep_pair(rows, k, o, order, step, place, found):  # type: ignore[no-untyped-def]
    """Ask a pair again in each half of the step, unless it is there already; returns the pairs kept."""
    threshold, half, gradient = step
    newest, pairs, spans, moved, span = place
    one = min(order[k], order[o])
    two = max(order[k], order[o])
    link = newest[k]
    while link >= 0:
        if pairs[link, 0] == one and pairs[link, 1] == two:
            return found
        link = pairs[link, 2]
    for side in range(2):
        after = (side - 0.5) * half
        _shift(rows[k], after, moved, 0)
        _shift(rows[o], after, moved, 1)
        if not _may_meet(moved, 0, 1, threshold, 0.5 * half, gradient, span):
            continue
        if found < pairs.shape[0]:
            pairs[found, 0] = one
            pairs[found, 1] = two
            pairs[found, 2] = newest[k]
            newest[k] = found
            spans[found, 0] = after + span[0]
            spans[found, 1] = after + span[1]
        found += 1
    return found


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
    speed,
    newest,
    pairs,
    spans,
    counts,
):
    """Test each object against those behind it in the lists it is in; returns the pairs kept.

    Those that may meet are asked again in each half of the step, from its own middle. A pair may share
    several cubes and is kept once for each half: newest (m,) and the third column of `pairs` chain the pairs
    of each object. A first test in single precision takes the largest speed for that of the pair, and squares
    with room for the rounding of the velocities (|d x v| to 4e3 m2/s).
    """
    span = np.empty(2)
    step = (threshold, half, gradient)
    place = (newest, pairs, spans, np.empty((2, 8)), span)
    bend = gradient * half * half
    share = np.float32(1.0 + bend * (0.5 + bend / (3.0 * (1.0 - bend))))
    fixed = np.float32(bend * half / 3.0 * 2.0 * speed / (1.0 - bend))
    wider = np.float32(1.05)
    least = np.float32(4e8)
    found = counts[3]
    newest[:] = -1
    looked = 0
    reached = 0
    for cube in range(cubes):
        end = size[cube + 1]
        for here in range(size[cube], end - 1):
            k = lists[here, 0]
            last = top[k]
            at = here + 1
            if lists[at, 1] > last:
                continue
            x = close[k, 0]
            y = close[k, 1]
            z = close[k, 2]
            w = close[k, 3]
            vx = close[k, 4]
            vy = close[k, 5]
            vz = close[k, 6]
            near = close[k, 7]
            while at < end and lists[at, 1] <= last:
                o = lists[at, 0]
                at += 1
                rx = close[o, 0] - x
                ry = close[o, 1] - y
                rz = close[o, 2] - z
                ux = close[o, 4] - vx
                uy = close[o, 5] - vy
                uz = close[o, 6] - vz
                cx = ry * uz - rz * uy
                cy = rz * ux - rx * uz
                cz = rx * uy - ry * ux
                limit = share * (near + close[o, 7]) + fixed
                u2 = ux * ux + uy * uy + uz * uz
                if cx * cx + cy * cy + cz * cz > wider * limit * limit * u2 + least:
                    continue
                reach = close[o, 3] + w
                if rx * rx + ry * ry + rz * rz < reach * reach:
                    if rows[k, 7] + rows[o, 7] == 0.0:
                        continue
                    reached += 1
                    if _may_meet(rows, k, o, threshold, half, gradient, span):
                        found = _keep_pair(rows, k, o, order, step, place, found)
            looked += at - here - 1
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
    whole, rows, close, angle, visits, lists, start = room
    order, bins, top, own = whole[0, :m], whole[1, :m], whole[2, :m], whole[3, :m]
    rows = rows[:m]
    close = close[:m]
    angle = angle[:m]
    _sort_by_radius(motion, members, order, bins, own, start[0])
    largest, mean, speed = _gather(
        state, motion, slack, chosen, order, threshold, floor, rows, close, angle, top
    )
    least = np.inf
    for k in range(m):
        least = min(least, angle[k, 1])
    edge = max(fineness * mean, FINEST)
    total = -1
    while total < 0:
        side = int(2.0 / edge) + 3
        total = _fill_cubes(rows, angle, bins, edge, side, start[0], start[1], visits, lists)
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
        speed,
        own,
        pairs,
        spans,
        counts,
    )
    return (OK if counts[3] <= pairs.shape[0] else FULL), largest, least
