"""Compiled forces on the craft itself: drag, thrust, sunlight on plates, and its mass.

The row `ints[0, 6]` of a model and the one after it describe the craft (0: a test mass).  First row: drag,
density table (offset, terms, pieces), kind of thrust, number and offset of plates, law of attitude | drag
coefficient times area to mass, start and length of the table, -, -, -, thrust, its direction (3), mass at
the start of the leg, that start, mass flow, mass of reference.  Second row: attitude table (offset, terms,
pieces), whether the flight has thrust anywhere | spin of the Earth (3), start and length of the table,
reference direction of the attitude (3).

Numbers in the environment: 0 mass of reference to mass, 1 thrust to mass, 2-4 place where the density is
tabulated, 5 its logarithm, 6-8 slope of that, 9 its curvature along the vertical, 10-18 body axes.
"""

from __future__ import annotations

import math

from syzygy.astro.forces.series_kernels import piece_of, series
from syzygy.numerics.inner_kernels import inner

CRAFT_SIZE = 19
DENSITY_ROWS = 8
RTN = 2
VNC = 3
LOCAL = 2
TABLE = 3


@inner
def fill_mass_and_air(t, model, env, place):  # type: ignore[no-untyped-def]
    """Fill the numbers of the craft at t, without its attitude."""
    ints, reals, words = model
    row = ints[0, 6]
    env[place] = 1.0
    if reals[row, 13] > 0.0:
        mass = reals[row, 10] - reals[row, 12] * (t - reals[row, 11])
        env[place] = reals[row, 13] / mass
        env[place + 1] = reals[row, 6] / mass
    if ints[row, 0] == 1:
        piece, s = piece_of(t, reals[row, 1], reals[row, 2], ints[row, 3])
        terms = ints[row, 2]
        base = ints[row, 1] + piece * DENSITY_ROWS * terms
        for k in range(DENSITY_ROWS):
            env[place + 2 + k] = series(words, base + k * terms, terms, s)


@inner
def fill_attitude(t, model, env, place):  # type: ignore[no-untyped-def]
    """Fill the body axes at t where plates follow a table of them."""
    ints, reals, words = model
    row = ints[0, 6]
    if ints[row, 5] > 0 and ints[row, 7] == TABLE:
        piece, s = piece_of(t, reals[row + 1, 3], reals[row + 1, 4], ints[row + 1, 2])
        terms = ints[row + 1, 1]
        base = ints[row + 1, 0] + piece * 9 * terms
        for k in range(9):
            env[place + 10 + k] = series(words, base + k * terms, terms, s)


@inner
def local_axes(kind, x, y, z, vx, vy, vz):  # type: ignore[no-untyped-def]
    """Return the rows R, T, N or V, N, C of local axes."""
    hx, hy, hz = y * vz - z * vy, z * vx - x * vz, x * vy - y * vx
    h = math.sqrt(hx * hx + hy * hy + hz * hz)
    hx, hy, hz = hx / h, hy / h, hz / h
    if kind == RTN:
        r = math.sqrt(x * x + y * y + z * z)
        x, y, z = x / r, y / r, z / r
        return x, y, z, hy * z - hz * y, hz * x - hx * z, hx * y - hy * x, hx, hy, hz
    v = math.sqrt(vx * vx + vy * vy + vz * vz)
    vx, vy, vz = vx / v, vy / v, vz / v
    return vx, vy, vz, hx, hy, hz, vy * hz - vz * hy, vz * hx - vx * hz, vx * hy - vy * hx


@inner
def drag_acceleration(x, y, z, vx, vy, vz, env, place, model):  # type: ignore[no-untyped-def]
    """Return drag against air that turns with the Earth."""
    ints, reals, _ = model
    row = ints[0, 6]
    ax = ay = az = 0.0
    if ints[row, 0] == 1:
        dx, dy, dz = x - env[place + 2], y - env[place + 3], z - env[place + 4]
        up = (dx * x + dy * y + dz * z) / math.sqrt(x * x + y * y + z * z)
        slope = env[place + 6] * dx + env[place + 7] * dy + env[place + 8] * dz
        density = math.exp(env[place + 5] + slope + 0.5 * env[place + 9] * up * up)
        wx, wy, wz = reals[row + 1, 0], reals[row + 1, 1], reals[row + 1, 2]
        ux = vx - (wy * z - wz * y)
        uy = vy - (wz * x - wx * z)
        uz = vz - (wx * y - wy * x)
        speed = math.sqrt(ux * ux + uy * uy + uz * uz)
        scale = -0.5 * env[place] * reals[row, 0] * density * speed
        ax, ay, az = scale * ux, scale * uy, scale * uz
    return ax, ay, az


@inner
def craft_acceleration(x, y, z, vx, vy, vz, env, place, model):  # type: ignore[no-untyped-def]
    """Return drag and thrust."""
    ints, reals, _ = model
    row = ints[0, 6]
    ax, ay, az = drag_acceleration(x, y, z, vx, vy, vz, env, place, model)
    if ints[row, 4] > 0:
        f = env[place + 1]
        a, b, c = f * reals[row, 7], f * reals[row, 8], f * reals[row, 9]
        if ints[row, 4] >= RTN:
            m = local_axes(ints[row, 4], x, y, z, vx, vy, vz)
            ax += a * m[0] + b * m[3] + c * m[6]
            ay += a * m[1] + b * m[4] + c * m[7]
            az += a * m[2] + b * m[5] + c * m[8]
        else:
            ax += a
            ay += b
            az += c
    return ax, ay, az


@inner
def _body_axes(x, y, z, vx, vy, vz, ux, uy, uz, env, place, model):  # type: ignore[no-untyped-def]
    """Return the rows of the body axes; u is the direction away from the Sun."""
    ints, reals, _ = model
    row = ints[0, 6]
    if ints[row, 7] == LOCAL:
        return local_axes(RTN, x, y, z, vx, vy, vz)
    if ints[row, 7] == TABLE:
        e = env[place + 10 : place + 19]
        return e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7], e[8]
    ax, ay, az = -ux, -uy, -uz
    gx, gy, gz = reals[row + 1, 5], reals[row + 1, 6], reals[row + 1, 7]
    bx, by, bz = gy * az - gz * ay, gz * ax - gx * az, gx * ay - gy * ax
    b = math.sqrt(bx * bx + by * by + bz * bz)
    bx, by, bz = bx / b, by / b, bz / b
    return ax, ay, az, bx, by, bz, ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx


@inner
def plate_acceleration(x, y, z, vx, vy, vz, light, env, place, model):  # type: ignore[no-untyped-def]
    """Return sunlight on flat plates: `light` points away from the Sun, its length is 1 at 1 au."""
    ints, _, words = model
    row = ints[0, 6]
    strength = math.sqrt(light[0] * light[0] + light[1] * light[1] + light[2] * light[2])
    if ints[row, 5] == 0 or strength == 0.0:
        return 0.0, 0.0, 0.0
    ux, uy, uz = light[0] / strength, light[1] / strength, light[2] / strength
    m = _body_axes(x, y, z, vx, vy, vz, ux, uy, uz, env, place, model)
    along = 0.0
    nx = ny = nz = 0.0
    for k in range(ints[row, 5]):
        p = ints[row, 6] + 6 * k
        a, b, c = words[p], words[p + 1], words[p + 2]
        gx = a * m[0] + b * m[3] + c * m[6]
        gy = a * m[1] + b * m[4] + c * m[7]
        gz = a * m[2] + b * m[5] + c * m[8]
        cosine = -(gx * ux + gy * uy + gz * uz)
        if cosine > 0.0:
            push = words[p + 3] * cosine
            along += push * (1.0 - words[p + 4])
            back = 2.0 * push * (words[p + 4] * cosine + words[p + 5] / 3.0)
            nx -= back * gx
            ny -= back * gy
            nz -= back * gz
    scale = env[place] * strength
    return scale * (along * ux + nx), scale * (along * uy + ny), scale * (along * uz + nz)
