"""Compiled loops of the dilution of precision: arrays in, arrays out.

With one receiver clock per system, eliminating the clocks leaves for the position the information matrix
S = sum over systems of sum (e - mean e)(e - mean e)' of the unit vectors e; its inverse is the position block
of (G'G)^-1 with any number of clocks. A system with one satellite adds nothing: its clock takes it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# det S / (trace S / 3)^3: zero when all directions lie in a plane, one when they are spread evenly.
RANK_LIMIT = 1e-12


@njit(cache=True)
def _invert(s, q):  # type: ignore[no-untyped-def]
    """Invert the symmetric matrix s (xx, xy, xz, yy, yz, zz) into q; return whether it has full rank."""
    a = s[3] * s[5] - s[4] * s[4]
    b = s[2] * s[4] - s[1] * s[5]
    c = s[1] * s[4] - s[2] * s[3]
    determinant = s[0] * a + s[1] * b + s[2] * c
    third = (s[0] + s[3] + s[5]) / 3.0
    if not determinant > RANK_LIMIT * third * third * third:
        return False
    q[0] = a / determinant
    q[1] = b / determinant
    q[2] = c / determinant
    q[3] = (s[0] * s[5] - s[2] * s[2]) / determinant
    q[4] = (s[1] * s[2] - s[0] * s[4]) / determinant
    q[5] = (s[0] * s[3] - s[1] * s[1]) / determinant
    return q[0] > 0.0 and q[3] > 0.0 and q[5] > 0.0


@njit(cache=True)
def _gather(count, total, outer, taken, s):  # type: ignore[no-untyped-def]
    """Sum the centred scatter of the taken systems into s; return satellites minus unknowns."""
    for i in range(6):
        s[i] = 0.0
    spare = -3
    for k in range(count.shape[0]):
        n = count[k]
        if not taken[k] or n == 0:
            continue
        spare += n - 1
        x, y, z = total[k, 0], total[k, 1], total[k, 2]
        s[0] += outer[k, 0] - x * x / n
        s[1] += outer[k, 1] - x * y / n
        s[2] += outer[k, 2] - x * z / n
        s[3] += outer[k, 3] - y * y / n
        s[4] += outer[k, 4] - y * z / n
        s[5] += outer[k, 5] - z * z / n
    return spare


@njit(cache=True)
def _add(count, total, outer, k, x, y, z):  # type: ignore[no-untyped-def]
    """Add one unit vector to system k."""
    count[k] += 1
    total[k, 0] += x
    total[k, 1] += y
    total[k, 2] += z
    outer[k, 0] += x * x
    outer[k, 1] += x * y
    outer[k, 2] += x * z
    outer[k, 3] += y * y
    outer[k, 4] += y * z
    outer[k, 5] += z * z


@njit(cache=True)
def _clock_variance(n, total, k, q):  # type: ignore[no-untyped-def]
    """Return the variance of the clock of system k, given the position block q."""
    x, y, z = total[k, 0] / n, total[k, 1] / n, total[k, 2] / n
    return (
        1.0 / n
        + q[0] * x * x
        + q[3] * y * y
        + q[5] * z * z
        + 2.0 * (q[1] * x * y + q[2] * x * z + q[4] * y * z)
    )


@njit(cache=True)
def dilution_kernel(directions, system, used, systems, tolerance, out):  # type: ignore[no-untyped-def]
    """Fill out (n, 5) with GDOP, PDOP, HDOP, VDOP, TDOP of directions (n, m, 3) east, north, up.

    Infinite where there is no solution. TDOP is that of the first system present. Returns the number of used
    directions that are not unit vectors within `tolerance`.
    """
    wrong = 0
    count = np.zeros(systems, dtype=np.int64)
    total = np.zeros((systems, 3))
    outer = np.zeros((systems, 6))
    taken = np.ones(systems, dtype=np.bool_)
    s = np.zeros(6)
    q = np.zeros(6)
    for i in range(directions.shape[0]):
        count[:] = 0
        total[:] = 0.0
        outer[:] = 0.0
        for j in range(directions.shape[1]):
            if used[i, j]:
                x, y, z = directions[i, j, 0], directions[i, j, 1], directions[i, j, 2]
                if not abs(x * x + y * y + z * z - 1.0) < 2.0 * tolerance:
                    wrong += 1
                _add(count, total, outer, system[j], x, y, z)
        spare = _gather(count, total, outer, taken, s)
        if spare < 0 or not _invert(s, q):
            out[i, :] = np.inf
            continue
        clocks = 0.0
        reference = -1.0
        for k in range(systems):
            if count[k] > 0:
                variance = _clock_variance(count[k], total, k, q)
                clocks += variance
                if reference < 0.0:
                    reference = variance
        out[i, 0] = np.sqrt(q[0] + q[3] + q[5] + clocks)
        out[i, 1] = np.sqrt(q[0] + q[3] + q[5])
        out[i, 2] = np.sqrt(q[0] + q[3])
        out[i, 3] = np.sqrt(q[5])
        out[i, 4] = np.sqrt(reference)
    return wrong


@njit(cache=True)
def survey_kernel(site, up, satellite, usable, system, sets, sin_mask, pdop, vdop, visible):  # type: ignore[no-untyped-def]
    """Fill pdop and vdop (p, e, c) and visible (p, e, k) for sites (p, 3) and satellites (e, s, 3).

    `sets` (c, k) says which systems each combination takes; infinite where there is no solution.
    """
    systems = sets.shape[1]
    count = np.zeros(systems, dtype=np.int64)
    total = np.zeros((systems, 3))
    outer = np.zeros((systems, 6))
    s = np.zeros(6)
    q = np.zeros(6)
    for p in range(site.shape[0]):
        u0, u1, u2 = up[p, 0], up[p, 1], up[p, 2]
        for e in range(satellite.shape[0]):
            count[:] = 0
            total[:] = 0.0
            outer[:] = 0.0
            for j in range(satellite.shape[1]):
                if not usable[e, j]:
                    continue
                x = satellite[e, j, 0] - site[p, 0]
                y = satellite[e, j, 1] - site[p, 1]
                z = satellite[e, j, 2] - site[p, 2]
                distance = np.sqrt(x * x + y * y + z * z)
                if x * u0 + y * u1 + z * u2 >= sin_mask * distance:
                    _add(count, total, outer, system[j], x / distance, y / distance, z / distance)
            visible[p, e, :] = count
            for c in range(sets.shape[0]):
                spare = _gather(count, total, outer, sets[c], s)
                if spare < 0 or not _invert(s, q):
                    pdop[p, e, c] = np.inf
                    vdop[p, e, c] = np.inf
                    continue
                pdop[p, e, c] = np.sqrt(q[0] + q[3] + q[5])
                vdop[p, e, c] = np.sqrt(
                    q[0] * u0 * u0
                    + q[3] * u1 * u1
                    + q[5] * u2 * u2
                    + 2.0 * (q[1] * u0 * u1 + q[2] * u0 * u2 + q[4] * u1 * u2)
                )
