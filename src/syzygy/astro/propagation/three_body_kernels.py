"""Compiled Taylor series of the circular restricted three-body problem, several flights in lock-step.

The coefficients of place and velocity follow from recurrences (products, powers of the two distances); the
step comes from the last two of them, each lane its own. A lane that has reached its end takes the next
flight, so that a batch keeps all lanes busy. What a lane computes does not depend on the others: a flight has
the same bits alone and in any batch.

Rows of the series of a step: 0-2 the place, then three for every column of the transition matrix. Velocities
are the derivatives of these series. Sums over a step are compensated, and the distance to a body takes the
digits that the sums carry.

**Source**: Jorba and Zou, Experimental Mathematics 14, 99 (2005).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import float64, int64, types

from syzygy.numerics import lane_kernels
from syzygy.numerics._kernels import fingerprint
from syzygy.numerics.inner_kernels import inner, outer
from syzygy.numerics.lane_kernels import (
    LANES,
    fma,
    larger,
    load,
    of_pattern,
    pattern,
    root,
    size,
    smaller,
    spread,
    store,
    whole,
)

RUNNING, DONE, FALLEN, STALLED, NOT_FINITE, ENDLESS = 0, 1, 2, 3, 4, 5
MOST_STEPS = 1 << 17
_W = LANES
_LEAST_DISTANCE2 = 1e-18
_LEAST_STEP = 1e-15
_LEAST = 1e-290
_MANTISSA = 2.0**52
_BIAS = 1023.0
WORK_ROWS = 18
_FLOATS = types.Array(float64, 1, "C")
_TABLE = types.Array(float64, 2, "C")
_WHOLE = types.Array(int64, 1, "C")
_SIGNATURE = int64(
    _TABLE, _FLOATS, float64, int64, float64, _FLOATS, types.UniTuple(_FLOATS, 5), _WHOLE, _WHOLE,
    _TABLE, _TABLE, types.UniTuple(_WHOLE, 4), _FLOATS,
)  # fmt: skip


@inner
def _log2(a):  # type: ignore[no-untyped-def]
    """Return the binary logarithm within 0.09: a step takes a twentieth of that."""
    return pattern(a) * spread(1.0 / _MANTISSA) - spread(_BIAS)


@inner
def _exp2(a):  # type: ignore[no-untyped-def]
    """Return the power of two within 0.2 %."""
    low = whole(a)
    part = a - low
    part = part * fma(spread(0.3435), part, spread(0.6565))
    return of_pattern((low + part + spread(_BIAS)) * spread(_MANTISSA))


@inner
def _expand(pool, base, order, state, carry, count, mu, work):  # type: ignore[no-untyped-def]
    """Fill the series of the place, of both distances squared and of what they attract with.

    work: rows 0 both attractions, 1-2 distances squared, 3-4 attractions by the larger and by the smaller.
    """
    n = (order + 2) * _W
    yb, zb = base + n, base + 2 * n
    d, e, p, q = n, 2 * n, 3 * n, 4 * n
    x0, y0, z0 = load(state, 0), load(state, _W), load(state, 2 * _W)
    u0, v0, w0 = load(state, count * _W), load(state, (count + 1) * _W), load(state, (count + 2) * _W)
    xa = (x0 + spread(mu)) - load(carry, 0)
    xb = (x0 - spread(1.0 - mu)) - load(carry, 0)
    two, half = spread(2.0), spread(0.5)
    across = fma(y0, y0, z0 * z0)
    da, db = fma(xa, xa, across), fma(xb, xb, across)
    ia, ib = spread(1.0) / da, spread(1.0) / db
    p0 = spread(1.0 - mu) * ia * root(ia)
    q0 = spread(mu) * ib * root(ib)
    s0 = p0 + q0
    store(work, 0, s0)
    store(work, d, da)
    store(work, e, db)
    store(work, p, p0)
    store(work, q, q0)
    store(pool, base, x0)
    store(pool, yb, y0)
    store(pool, zb, z0)
    store(pool, base + _W, u0)
    store(pool, yb + _W, v0)
    store(pool, zb + _W, w0)
    store(pool, base + 2 * _W, half * (fma(two, v0, x0) - fma(p0, xa, q0 * xb)))
    store(pool, yb + 2 * _W, half * (fma(spread(-2.0), u0, y0) - s0 * y0))
    store(pool, zb + 2 * _W, spread(-0.5) * s0 * z0)
    for k in range(1, order):
        kw = k * _W
        sq, sp, sr = spread(0.0), spread(0.0), spread(0.0)
        ax, ay, az = spread(0.0), spread(0.0), spread(0.0)
        c = spread(-1.5 * k)
        for j in range(1, k):
            low, high = j * _W, (k - j) * _W
            c = c + half
            x, y, z = load(pool, base + high), load(pool, yb + high), load(pool, zb + high)
            s = load(work, low)
            sq = fma(
                load(pool, base + low), x, fma(load(pool, yb + low), y, fma(load(pool, zb + low), z, sq))
            )
            sp = fma(c * load(work, p + low), load(work, d + high), sp)
            sr = fma(c * load(work, q + low), load(work, e + high), sr)
            ax, ay, az = fma(s, x, ax), fma(s, y, ay), fma(s, z, az)
        x, y, z = load(pool, base + kw), load(pool, yb + kw), load(pool, zb + kw)
        sq = fma(two * y0, y, fma(two * z0, z, sq))
        dk, ek = fma(two * xa, x, sq), fma(two * xb, x, sq)
        c, part = spread(-1.5 * k), spread(1.0 / k)
        pk = fma(c * p0, dk, sp) * ia * part
        qk = fma(c * q0, ek, sr) * ib * part
        sk = pk + qk
        store(work, kw, sk)
        store(work, d + kw, dk)
        store(work, e + kw, ek)
        store(work, p + kw, pk)
        store(work, q + kw, qk)
        ax = fma(s0, x, ax) + fma(pk, xa, qk * xb)
        ay = fma(s0, y, fma(sk, y0, ay))
        az = fma(s0, z, fma(sk, z0, az))
        turn = spread(2.0 * (k + 1.0))
        part = spread(1.0 / ((k + 1.0) * (k + 2.0)))
        store(pool, base + kw + 2 * _W, part * (fma(turn, load(pool, yb + kw + _W), x) - ax))
        store(pool, yb + kw + 2 * _W, part * ((y - turn * load(pool, base + kw + _W)) - ay))
        store(pool, zb + kw + 2 * _W, spread(0.0) - part * az)


@inner
def _expand_gradient(pool, base, order, state, carry, mu, work):  # type: ignore[no-untyped-def]
    """Fill the series of the derivatives of the attraction by place (xx, xy, xz, yy, yz, zz: rows 12-17).

    work: rows 5-6 three times attraction over distance squared, 7-8 these times x, 9 the sum of 7 and 8,
    10-11 the sum of 5 and 6 times y and z.
    """
    n = (order + 2) * _W
    yb, zb = base + n, base + 2 * n
    x0, y0, z0 = load(state, 0), load(state, _W), load(state, 2 * _W)
    xa = (x0 + spread(mu)) - load(carry, 0)
    xb = (x0 - spread(1.0 - mu)) - load(carry, 0)
    ia, ib = spread(1.0) / load(work, n), spread(1.0) / load(work, 2 * n)
    three = spread(3.0)
    for k in range(order):
        kw = k * _W
        ta, tb = three * load(work, 3 * n + kw), three * load(work, 4 * n + kw)
        ga, gb, ey, ez = spread(0.0), spread(0.0), spread(0.0), spread(0.0)
        cxx, cxy, cxz = spread(0.0), spread(0.0), spread(0.0)
        cyy, cyz, czz = spread(0.0), spread(0.0), spread(0.0)
        for j in range(k):
            low, high = j * _W, (k - j) * _W
            x, y, z = load(pool, base + high), load(pool, yb + high), load(pool, zb + high)
            pa, pb = load(work, 5 * n + low), load(work, 6 * n + low)
            ta = ta - pa * load(work, n + high)
            tb = tb - pb * load(work, 2 * n + high)
            ga, gb = fma(pa, x, ga), fma(pb, x, gb)
            both = pa + pb
            ey, ez = fma(both, y, ey), fma(both, z, ez)
            gx, fy, fz = load(work, 9 * n + low), load(work, 10 * n + low), load(work, 11 * n + low)
            cxx, cxy, cxz = fma(gx, x, cxx), fma(gx, y, cxy), fma(gx, z, cxz)
            cyy, cyz, czz = fma(fy, y, cyy), fma(fy, z, cyz), fma(fz, z, czz)
        ta, tb = ta * ia, tb * ib
        ga, gb = fma(ta, xa, ga), fma(tb, xb, gb)
        both = ta + tb
        ey, ez = fma(both, y0, ey), fma(both, z0, ez)
        gx = ga + gb
        s = load(work, kw)
        store(work, 5 * n + kw, ta)
        store(work, 6 * n + kw, tb)
        store(work, 9 * n + kw, gx)
        store(work, 10 * n + kw, ey)
        store(work, 11 * n + kw, ez)
        store(work, 12 * n + kw, (cxx + fma(ga, xa, gb * xb)) - s)
        store(work, 13 * n + kw, fma(gx, y0, cxy))
        store(work, 14 * n + kw, fma(gx, z0, cxz))
        store(work, 15 * n + kw, fma(ey, y0, cyy) - s)
        store(work, 16 * n + kw, fma(ey, z0, cyz))
        store(work, 17 * n + kw, fma(ez, z0, czz) - s)


@inner
def _expand_column(pool, base, order, state, count, column, work):  # type: ignore[no-untyped-def]
    """Fill the series of one column of the transition matrix."""
    n = (order + 2) * _W
    xb = base + 3 * column * n
    yb, zb = xb + n, xb + 2 * n
    for c in range(3):
        here = (3 * column + c) * _W
        store(pool, xb + c * n, load(state, here))
        store(pool, xb + c * n + _W, load(state, here + count * _W))
    for k in range(order):
        kw = k * _W
        xx, xy, xz = spread(0.0), spread(0.0), spread(0.0)
        yx, yy, yz = spread(0.0), spread(0.0), spread(0.0)
        zx, zy, zz = spread(0.0), spread(0.0), spread(0.0)
        for j in range(k + 1):
            low, high = j * _W, (k - j) * _W
            x, y, z = load(pool, xb + high), load(pool, yb + high), load(pool, zb + high)
            g = load(work, 12 * n + low)
            h = load(work, 13 * n + low)
            i = load(work, 14 * n + low)
            xx, xy, xz, yx, zx = fma(g, x, xx), fma(h, y, xy), fma(i, z, xz), fma(h, x, yx), fma(i, x, zx)
            g = load(work, 15 * n + low)
            h = load(work, 16 * n + low)
            i = load(work, 17 * n + low)
            yy, yz, zy, zz = fma(g, y, yy), fma(h, z, yz), fma(h, y, zy), fma(i, z, zz)
        turn = spread(2.0 * (k + 1.0))
        part = spread(1.0 / ((k + 1.0) * (k + 2.0)))
        x, y = load(pool, xb + kw), load(pool, yb + kw)
        store(pool, xb + kw + 2 * _W, part * (fma(turn, load(pool, yb + kw + _W), x) + (xx + xy + xz)))
        store(pool, yb + kw + 2 * _W, part * ((y - turn * load(pool, xb + kw + _W)) + (yx + yy + yz)))
        store(pool, zb + kw + 2 * _W, part * (zx + zy + zz))


@inner
def _largest(pool, base, n, k):  # type: ignore[no-untyped-def]
    """Return the largest coefficient k of place and velocity."""
    most = spread(0.0)
    for c in range(3):
        here = base + c * n + k * _W
        most = larger(most, size(load(pool, here)))
        most = larger(most, spread(k + 1.0) * size(load(pool, here + _W)))
    return most


@inner
def _wanted(pool, base, order, factor):  # type: ignore[no-untyped-def]
    """Return the steps at which the last two coefficients weigh what the tolerance allows.

    `factor` is the binary logarithm of the step over the radius of convergence that these two suggest.
    """
    n = (order + 2) * _W
    least = spread(_LEAST)
    here = _log2(larger(_largest(pool, base, n, 0), spread(1.0)))
    one = here - _log2(larger(_largest(pool, base, n, order - 1), least))
    other = here - _log2(larger(_largest(pool, base, n, order), least))
    step = smaller(one * spread(1.0 / (order - 1.0)), other * spread(1.0 / order))
    return _exp2(step + spread(factor))


@inner
def _move(pool, base, order, h, state, carry, count):  # type: ignore[no-untyped-def]
    """Add the step to the state with what rounding leaves (Kahan); put the series in parts of the step."""
    for c in range(count):
        here = base + c * (order + 2) * _W
        place = load(pool, here + (order + 1) * _W)
        weight = spread(order + 1.0)
        speed = weight * place
        for k in range(order, 1, -1):
            a = load(pool, here + k * _W)
            weight = weight - spread(1.0)
            place = fma(place, h, a)
            speed = fma(speed, h, weight * a)
        place = fma(place, h, load(pool, here + _W))
        _add(place * h, state, carry, c * _W)
        _add(speed * h, state, carry, (count + c) * _W)
        power = h
        for k in range(1, order + 2):
            store(pool, here + k * _W, power * load(pool, here + k * _W))
            power = power * h


@inner
def _add(step, state, carry, at):  # type: ignore[no-untyped-def]
    rest = step - load(carry, at)
    old = load(state, at)
    new = old + rest
    store(carry, at, (new - old) - rest)
    store(state, at, new)


@inner
def _seat(lane, row, starts, state, carry):  # type: ignore[no-untyped-def]
    """Put a flight into a lane."""
    count = state.shape[0] // (2 * _W)
    for i in range(2 * count):
        state[i * _W + lane] = 0.0
        carry[i * _W + lane] = 0.0
    for c in range(3):
        state[c * _W + lane] = starts[row, c]
        state[(count + c) * _W + lane] = starts[row, 3 + c]
    if count > 3:
        for c in range(3):
            state[(3 + 4 * c) * _W + lane] = 1.0
            state[(count + 12 + 4 * c) * _W + lane] = 1.0


@inner
def _judge(lane, n, step, now, left, done, pool, base, work):  # type: ignore[no-untyped-def]
    """Return whether a lane can go on."""
    nearest = min(work[n + lane], work[2 * n + lane])
    if nearest < _LEAST_DISTANCE2:
        return FALLEN
    last = 0.0
    for c in range(3):
        last += abs(pool[base + (c + 1) * n - _W + lane])
    if not (last < 1e300 and nearest < 1e300):
        return NOT_FINITE
    if done >= MOST_STEPS:
        return ENDLESS
    return STALLED if step < min(_LEAST_STEP * abs(now), abs(left)) else RUNNING


@inner
def _leave(lane, flight, code, state, times, codes, stops):  # type: ignore[no-untyped-def]
    """Note why, when and where a flight ended."""
    count = state.shape[0] // (2 * _W)
    codes[flight] = code
    stops[flight, 0] = times[lane]
    for c in range(3):
        stops[flight, 1 + c] = state[c * _W + lane]
        stops[flight, 4 + c] = state[(count + c) * _W + lane]


@lru_cache(maxsize=1)
def integrator() -> Any:
    """Return the compiled integrator."""
    return _compile(fingerprint(lane_kernels))


def _compile(callees: float) -> Any:
    """Compile `integrate`; `callees` stands for the code that it calls in other files."""

    @outer(_SIGNATURE, nogil=True, no_cfunc_wrapper=True)
    def integrate(  # type: ignore[no-untyped-def]
        starts, ends, mu, order, factor, work, lane_arrays, flights, tally, span, stops, records, pool
    ):  # fmt: skip
        """Fly until all flights are over or the pool is full; return the number of its rows that are used.

        lane_arrays: state, carry (of rows and velocities), time, its carry, step. flights (LANES,): which one
        a lane flies, -1 for none. tally: next flight, rows used before this pool. span (rows, 2 LANES):
        beginning and length of the steps. stops (flights, 7): time and state where a flight ended. records:
        code, lane, first row and rows of every flight.
        """
        state, carry, times, lags, wanted = lane_arrays
        codes, seats, firsts, steps = records
        n = (order + 2) * _W
        count = state.shape[0] // (2 * _W)
        wanted[0] = callees
        row = 0
        while True:
            alive = 0
            for lane in range(_W):
                if flights[lane] < 0 and tally[0] < starts.shape[0]:
                    flight = tally[0]
                    _seat(lane, flight, starts, state, carry)
                    flights[lane] = flight
                    times[lane] = 0.0
                    lags[lane] = 0.0
                    seats[flight] = lane
                    firsts[flight] = tally[1] + row
                    tally[0] += 1
                alive += flights[lane] >= 0
            if alive == 0 or row == span.shape[0]:
                break
            base = row * count * n
            _expand(pool, base, order, state, carry, count, mu, work)
            if count > 3:
                _expand_gradient(pool, base, order, state, carry, mu, work)
                for column in range(1, 7):
                    _expand_column(pool, base, order, state, count, column, work)
            store(wanted, 0, _wanted(pool, base, order, factor))
            for lane in range(_W):
                flight = flights[lane]
                h = wanted[lane]
                wanted[lane] = 0.0
                if flight < 0:
                    continue
                left = ends[flight] - times[lane]
                code = _judge(lane, n, h, times[lane], left, steps[flight], pool, base, work)
                if code != RUNNING:
                    _leave(lane, flight, code, state, times, codes, stops)
                    flights[lane] = -1
                    continue
                span[row, lane] = times[lane]
                if h >= abs(left):
                    wanted[lane] = left
                    times[lane] = ends[flight]
                else:
                    wanted[lane] = h if left > 0.0 else -h
                    rest = wanted[lane] - lags[lane]
                    total = times[lane] + rest
                    lags[lane] = (total - times[lane]) - rest
                    times[lane] = total
                span[row, _W + lane] = wanted[lane]
                steps[flight] += 1
            _move(pool, base, order, load(wanted, 0), state, carry, count)
            for lane in range(_W):
                flight = flights[lane]
                if flight >= 0 and times[lane] == ends[flight]:
                    _leave(lane, flight, DONE, state, times, codes, stops)
                    flights[lane] = -1
            row += 1
        tally[1] += row
        return row

    return integrate


def new_lanes(count: int) -> tuple[Any, ...]:
    """Return state, carry, time, its carry and step of empty lanes; idle ones rest where little pulls."""
    state = np.zeros(2 * count * _W)
    state[:_W], state[_W : 2 * _W] = 0.5, 0.8
    return state, np.zeros(2 * count * _W), np.zeros(_W), np.zeros(_W), np.zeros(_W)
