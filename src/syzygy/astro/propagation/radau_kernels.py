"""Compiled Gauss-Radau integration of order 15: arrays in, arrays and return codes out.

The acceleration over a step is a polynomial of degree 7 through eight nodes (Everhart 1985), found by
iteration; sums are compensated and the step follows the last coefficient (Rein and Spiegel 2015), so that
errors grow like those of unbiased rounding.  What rounding alone does to that coefficient is allowed for, so
that no tolerance asks for more; a jump too small to matter (pieces of an ephemeris meet to a millimetre) is
passed in steps of a thousandth of those before, not refined for ever.  Components 0-2 are the position;
columns of three follow, six for the initial state and one per parameter.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numba import float64, int64, types

from syzygy.astro.forces import _kernels, type_kernels
from syzygy.astro.forces._kernels import ENV_HEAD, shadow_state
from syzygy.astro.forces.type_kernels import CODES, ENTRIES, MODEL, TABLE, VECTOR, add_pulls, fill_row
from syzygy.numerics._kernels import fingerprint
from syzygy.numerics.inner_kernels import inner, outer

DONE = 0
FULL = 1
STALLED = 2
INSIDE = 3
NOT_FINITE = 4
_MOST_PASSES = 14
_SAFETY = 0.25
_LEAST_PART = 1e-3
_FORGETTING = 0.75
_ENOUGH = 1e-5
_NOISE = 2.2e-16 * 4096.0
_SEVENTH = 1.0 / 7.0
_ONCE = np.array([1.0 / (k + 2.0) for k in range(7)])
_TWICE = np.array([1.0 / ((k + 2.0) * (k + 3.0)) for k in range(7)])
_FARTHEST_GUESS = 8.0
_CUBE = types.Array(float64, 3, "C")
_SCHEME = types.Tuple((VECTOR, TABLE, TABLE, TABLE, TABLE))
_SIGNATURE = int64(
    *ENTRIES, VECTOR, CODES, TABLE, TABLE, _CUBE, CODES, MODEL,
    _SCHEME, TABLE, VECTOR, types.Tuple((TABLE, TABLE, VECTOR)), TABLE, _CUBE,
)  # fmt: skip


@inner
def _larger(one, other):  # type: ignore[no-untyped-def]
    """Return the larger number; the built-in function would be compiled again for every count of numbers."""
    return other if other > one else one


@inner
def _smaller(one, other):  # type: ignore[no-untyped-def]
    """Return the smaller number."""
    return other if other < one else one


@inner
def _predict(b, q, scheme):  # type: ignore[no-untyped-def]
    """Continue the polynomial of the last step into one of q times its length, with the last correction."""
    _, _, _, d, binomial = scheme
    for i in range(b.shape[2]):
        power = 1.0
        for j in range(7):
            power *= q
            total = 0.0
            for k in range(j, 7):
                total += binomial[j, k] * b[0, k, i]
            b[3, j, i] = power * total
            b[2, j, i] = power * total + (b[0, j, i] - b[1, j, i])
        for j in range(7):
            total = b[2, j, i]
            for k in range(j + 1, 7):
                total += d[j, k] * b[2, k, i]
            b[4, j, i] = total


@inner
def _keep(b):  # type: ignore[no-untyped-def]
    """Make the step under work the last one."""
    for k in range(7):
        for i in range(b.shape[2]):
            b[0, k, i] = b[2, k, i]
            b[1, k, i] = b[3, k, i]


@inner
def _place(tau, h, x0, v0, a0, b, x, v):  # type: ignore[no-untyped-def]
    """Fill positions and velocities at tau of the step."""
    ht = h * tau
    for i in range(x0.shape[0]):
        p = 0.0
        w = 0.0
        for k in range(6, -1, -1):
            p = (p + b[k, i] * _TWICE[k]) * tau
            w = (w + b[k, i] * _ONCE[k]) * tau
        x[i] = x0[i] + ht * (v0[i] + ht * (0.5 * a0[i] + p))
        v[i] = v0[i] + ht * (a0[i] + w)


@inner
def _iterate(p0, p1, p2, p3, most, h, enough, now, b, g, envs, model, work, codes, scheme, scratch, gradient):  # type: ignore[no-untyped-def]
    """Find the polynomial of a step; return its passes, its last coefficient and the size of the whole."""
    nodes, inverse, c, _, _ = scheme
    x0, v0, a0 = now[0], now[1], now[2]
    x, v, a = scratch[0], scratch[1], scratch[2]
    before = 1e300
    passes = 0
    size = 0.0
    for _ in range(_MOST_PASSES):
        change = 0.0
        size = 0.0
        for n in range(0 if passes == 0 else 1, 8):
            _place(nodes[n], h, x0, v0, a0, b, x, v)
            add_pulls(p0, p1, p2, p3, x, v, envs[n], model, work, codes, gradient, a0 if n == 0 else a, most)
            if n == 0:
                continue
            for i in range(x.shape[0]):
                new = (a[i] - a0[i]) * inverse[n - 1, 0]
                for j in range(1, n):
                    new = (new - g[j - 1, i]) * inverse[n - 1, j]
                step = new - g[n - 1, i]
                g[n - 1, i] = new
                for k in range(n):
                    b[k, i] += c[n - 1, k] * step
                if n == 7 and i < 3:
                    change = _larger(change, abs(step))
                    size = _larger(size, abs(a[i]))
        passes += 1
        ratio = change / size if size > 0.0 else 0.0
        if ratio < enough or (passes > 2 and ratio >= before) or not ratio < 1e300:
            break
        before = ratio
    last = _larger(_larger(abs(b[6, 0]), abs(b[6, 1])), abs(b[6, 2]))
    return passes, last, size


@inner
def _crossing(f0, f1, f2, most, t, h, now, b, env, model, work, codes, store, start):  # type: ignore[no-untyped-def]
    """Return the part of the step up to the first edge of a shadow (1 where there is none)."""
    scratch, gradient, moment = store
    x, v = scratch[0], scratch[1]
    low = 0.0
    high = 2.0
    for _ in range(60):
        if high > 1.0:
            at = low + 0.125
        else:
            at = 0.5 * (low + high)
            if abs(h) * (high - low) < 1e-7:
                break
        _place(at, h, now[0], now[1], now[2], b, x, v)
        fill_row(f0, f1, f2, t + at * h, moment, model, env, work, codes, gradient, most)
        if shadow_state(x[0], x[1], x[2], env, model) != start:
            high = at
        else:
            low = at
            if low == 1.0:
                return 1.0
    return high


@inner
def _advance(h, now, b, carry):  # type: ignore[no-untyped-def]
    """Add a step to positions and velocities; what rounding leaves is carried on (Kahan)."""
    for i in range(now.shape[1]):
        p = 0.5 * now[2, i]
        w = now[2, i]
        for k in range(7):
            p += b[k, i] * _TWICE[k]
            w += b[k, i] * _ONCE[k]
        for row, add in ((0, h * (now[1, i] + h * p)), (1, h * w)):
            y = add - carry[row, i]
            total = now[row, i] + y
            carry[row, i] = (total - now[row, i]) - y
            now[row, i] = total


@inner
def _record(row, t, h, now, b, ends, powers):  # type: ignore[no-untyped-def]
    """Keep the step as polynomials of degree 9 in tau."""
    ends[row, 0] = t
    ends[row, 1] = h
    for i in range(now.shape[1]):
        powers[row, i, 0] = now[0, i]
        powers[row, i, 1] = h * now[1, i]
        powers[row, i, 2] = 0.5 * h * h * now[2, i]
        for k in range(7):
            powers[row, i, k + 3] = h * h * b[k, i] * _TWICE[k]


@inner
def _surroundings(x, envs, model, t, span):  # type: ignore[no-untyped-def]
    """Return whether a place lies inside a body (-1), else how much rounding does to the last coefficient.

    Every pull is rounded by itself, also where together they all but cancel. The distance to a near body is a
    difference of large numbers, and the body moves within the rounding of the time; the last coefficient
    multiplies all of that. `span` is the time between the first node and the last.
    """
    ints, reals, _ = model
    env = envs[0]
    r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2]
    if r2 < reals[0, 13] * reals[0, 13]:
        return -1.0
    r = math.sqrt(r2)
    noise = abs(reals[0, 0]) / r2
    late = abs(t / span)
    for j in range(ints[0, 3]):
        place = ENV_HEAD + 3 * j
        d2, m2, way = 0.0, 0.0, 0.0
        for k in range(3):
            body = env[place + k]
            off, moved = x[k] - body, envs[7, place + k] - body
            d2 += off * off
            m2 += body * body
            way += moved * moved
        if d2 < reals[1 + j, 3] * reals[1 + j, 3]:
            return -1.0
        if not reals[1 + j, 0] > 0.0 or m2 == 0.0:
            continue
        d, nearest = math.sqrt(d2), math.sqrt(_smaller(d2, m2))
        tide = _smaller(1.0 / d2 + 1.0 / m2, 3.0 * r / (nearest * nearest * nearest))
        noise += reals[1 + j, 0] * (tide + (r + late * math.sqrt(way)) / (d2 * d))
    return _NOISE * noise


@inner
def _tick(clock, h, left):  # type: ignore[no-untyped-def]
    """Move the clock by a step, or to the very end."""
    clock[5] = h
    clock[9] = _larger(abs(h), _FORGETTING * clock[9])
    y = h - clock[1]
    total = clock[0] + y
    clock[1] = (total - clock[0]) - y
    clock[0] = clock[3] if h == left else total


@lru_cache(maxsize=2)
def integrator(shadows: bool) -> Any:
    """Return the compiled integrator, one that ends steps at the edges of shadows or one that does not."""
    return _compile(fingerprint(_kernels, type_kernels), shadows)


def _compile(callees: float, shadows: bool) -> Any:
    """Compile `integrate`; `callees` stands for the code that it calls in other files."""

    @outer(_SIGNATURE, nogil=True, no_cfunc_wrapper=True)
    def integrate(  # type: ignore[no-untyped-def]
        f0, f1, f2, p0, p1, p2, p3, most, clock, counts, now, carry, b, codes, model, scheme, envs, work,
        store, ends, powers,
    ):  # fmt: skip
        """Integrate until the end or until `ends` is full.

        clock: 0 t, 1 carry of t, 2 next step, 3 end, 4 tolerance, 5 last step (0: none), 6 longest step, 7
        callees, 8 last coefficient allowed at most, 9 longest of the last steps. counts: 0 steps, 1 rejected,
        2 evaluations, 3 rows used, 4 shadow edges. b: coefficients of the last step, its prediction, the step
        under work, its prediction, and its divided differences (5, 7, components). store: scratch
        (3, components), gradient (6 or 0, 3) and the time that a row is filled for (1).
        """
        clock[7] = callees
        while clock[0] != clock[3]:
            if counts[3] == ends.shape[0]:
                return FULL
            left = clock[3] - clock[0]
            h = clock[2]
            edge = False
            part, start = 1.0, 0
            while True:
                if abs(h) >= abs(left):
                    h = left
                if abs(h) < 1e-15 * abs(clock[0]) or not abs(h) > 1e-300:
                    return STALLED
                for n in range(8):
                    at = clock[0] + scheme[0][n] * h
                    fill_row(f0, f1, f2, at, store[2], model, envs[n], work, codes, store[1], most[0])
                noise = _surroundings(now[0], envs, model, clock[0], scheme[0][7] * h)
                if noise < 0.0:
                    return INSIDE
                stretch = h / clock[5] if clock[5] != 0.0 else 0.0
                if not abs(stretch) < _FARTHEST_GUESS:
                    stretch = 0.0
                    b[:2] = 0.0
                _predict(b, stretch, scheme)
                enough = _larger(1e-16, _ENOUGH * clock[4])
                passes, last, size = _iterate(
                    p0, p1, p2, p3, most[1], h, enough, now, b[2], b[4], envs, model, work, codes, scheme,
                    store[0], store[1],
                )  # fmt: skip
                counts[2] += 7 * passes + 1
                if not last < 1e300:
                    return NOT_FINITE
                wanted = _larger(_smaller(clock[4] * size, clock[8]), noise)
                growth = (wanted / last) ** _SEVENTH if last > 0.0 else 1.0 / _SAFETY
                patient = abs(h) < _LEAST_PART * clock[9]
                if (growth < _SAFETY or passes >= _MOST_PASSES) and not patient:
                    counts[1] += 1
                    h *= _smaller(_larger(growth, 0.1), 0.5)
                    continue
                growth = _larger(growth, 1.0 if patient else _SAFETY)
                if shadows and not edge:
                    start = shadow_state(now[0, 0], now[0, 1], now[0, 2], envs[0], model)
                    part = _crossing(
                        f0, f1, f2, most[0], clock[0], h, now, b[2], envs[1], model, work, codes, store, start
                    )
                if not edge:
                    clock[2] = h * _smaller(growth, 1.0 / _SAFETY)
                    if part < 1.0 and part * abs(h) > 1e-3:
                        counts[4] += 1
                        edge = True
                        h *= part
                        continue
                break
            if abs(clock[2]) > clock[6]:
                clock[2] = clock[6] if h > 0.0 else -clock[6]
            _record(counts[3], clock[0], h, now, b[2], ends, powers)
            _advance(h, now, b[2], carry)
            _keep(b)
            counts[0] += 1
            counts[3] += 1
            _tick(clock, h, left)
        return DONE

    return integrate
