"""Compiled accelerations: arrays in, numbers out, no exceptions, no I/O.

A model is a tuple of arrays made by `syzygy.astro.forces.tables` (see there for every column).  What depends
on time only (places of bodies, axes of fields, what accelerates the centre besides point masses) is computed
once per node into a row `env`; what depends on the state is computed from it.

Rows of `env`: 0-2 acceleration common to all states, 3-5 velocity of the Sun, then three numbers per body,
then nine per set of axes, then those of `craft_kernels` where the craft itself matters.
"""

from __future__ import annotations

import math
from typing import Any

from syzygy.astro.forces.craft_kernels import craft_acceleration, drag_acceleration, plate_acceleration
from syzygy.astro.forces.field_kernels import field_at, field_gradient
from syzygy.astro.forces.series_kernels import piece_of, series, slope
from syzygy.numerics.inner_kernels import inner

ENV_HEAD = 6
COMMON = 2
_DIFFERENCE = 1e-6


@inner
def fill_places(t, model, env, work):  # type: ignore[no-untyped-def]
    """Fill the places of the bodies and the velocity of the Sun at t seconds after the epoch."""
    ints, reals, words = model
    for j in range(ints[0, 3]):
        offset, terms, pieces = ints[1 + j, 0], ints[1 + j, 1], ints[1 + j, 2]
        piece, s = piece_of(t, reals[1 + j, 1], reals[1 + j, 2], pieces)
        base = offset + piece * 3 * terms
        for k in range(3):
            env[ENV_HEAD + 3 * j + k] = series(words, base + k * terms, terms, s)
        if ints[0, 2] == 1 and j == ints[0, 1]:
            for k in range(3):
                env[3 + k] = slope(words, base + k * terms, terms, s) * 2.0 / reals[1 + j, 2]
    for k in range(3):
        env[k] = 0.0
    for j in range(ints[0, 3]):
        if ints[1 + j, 3] == COMMON:
            for k in range(3):
                env[k] += env[ENV_HEAD + 3 * j + k]


@inner
def fill_axes(t, model, env):  # type: ignore[no-untyped-def]
    """Fill the axes of the fields."""
    ints, reals, words = model
    head = ENV_HEAD + 3 * ints[0, 3]
    for j in range(ints[0, 4]):
        row = 1 + ints[0, 3] + j
        offset, terms, pieces = ints[row, 4], ints[row, 5], ints[row, 6]
        piece, s = piece_of(t, reals[row, 4], reals[row, 5], pieces)
        base = offset + piece * 9 * terms
        angle = reals[row, 6] + reals[row, 7] * t
        cosine = math.cos(angle)
        sine = math.sin(angle)
        for k in range(3):
            q0 = series(words, base + k * terms, terms, s)
            q1 = series(words, base + (3 + k) * terms, terms, s)
            env[head + 9 * j + k] = cosine * q0 + sine * q1
            env[head + 9 * j + 3 + k] = cosine * q1 - sine * q0
            env[head + 9 * j + 6 + k] = series(words, base + (6 + k) * terms, terms, s)


@inner
def shadow_angles(x, y, z, body, radius, sun, sun_radius, env):  # type: ignore[no-untyped-def]
    """Return separation, apparent radius of the body and of the Sun, seen from a place."""
    sx, sy, sz = env[sun] - x, env[sun + 1] - y, env[sun + 2] - z
    bx, by, bz = -x, -y, -z
    if body >= 0:
        bx += env[body]
        by += env[body + 1]
        bz += env[body + 2]
    cx, cy, cz = sy * bz - sz * by, sz * bx - sx * bz, sx * by - sy * bx
    separation = math.atan2(math.sqrt(cx * cx + cy * cy + cz * cz), sx * bx + sy * by + sz * bz)
    disc = math.asin(min(radius / math.sqrt(bx * bx + by * by + bz * bz), 1.0))
    return separation, disc, math.asin(min(sun_radius / math.sqrt(sx * sx + sy * sy + sz * sz), 1.0))


@inner
def lit_share(separation, disc, sun):  # type: ignore[no-untyped-def]
    """Return the uncovered share of the Sun's disc (area of two circles)."""
    if separation >= disc + sun:
        return 1.0
    if separation <= disc - sun:
        return 0.0
    if separation <= sun - disc:
        return 1.0 - (disc / sun) * (disc / sun)
    x = (separation * separation + sun * sun - disc * disc) / (2.0 * separation)
    y = math.sqrt(max(sun * sun - x * x, 0.0))
    covered = (
        sun * sun * math.acos(max(-1.0, min(1.0, x / sun)))
        + disc * disc * math.acos(max(-1.0, min(1.0, (separation - x) / disc)))
        - separation * y
    )
    return 1.0 - covered / (math.pi * sun * sun)


@inner
def shadow_state(x, y, z, env, model):  # type: ignore[no-untyped-def]
    """Return a number that changes whenever an edge of a shadow is crossed (0 outside all shadows)."""
    ints, reals, _ = model
    first = 1 + ints[0, 3] + ints[0, 4]
    sun = ENV_HEAD + 3 * ints[0, 1]
    state = 0
    for j in range(ints[0, 5]):
        body = ints[first + j, 0]
        place = ENV_HEAD + 3 * body if body >= 0 else -1
        separation, disc, light = shadow_angles(x, y, z, place, reals[first + j, 0], sun, reals[0, 12], env)
        state *= 4
        if separation < disc + light:
            state += 1
            if separation < disc - light:
                state += 1
            elif separation < light - disc:
                state += 2
    return state


@inner
def sunlight(x, y, z, env, model):  # type: ignore[no-untyped-def]
    """Return the acceleration by sunlight for a factor of 1 m/s2 at the reference distance."""
    ints, reals, _ = model
    first = 1 + ints[0, 3] + ints[0, 4]
    sun = ENV_HEAD + 3 * ints[0, 1]
    share = 1.0
    for j in range(ints[0, 5]):
        body = ints[first + j, 0]
        place = ENV_HEAD + 3 * body if body >= 0 else -1
        separation, disc, light = shadow_angles(x, y, z, place, reals[first + j, 0], sun, reals[0, 12], env)
        share *= lit_share(separation, disc, light)
    dx, dy, dz = x - env[sun], y - env[sun + 1], z - env[sun + 2]
    d2 = dx * dx + dy * dy + dz * dz
    scale = share * reals[0, 9] * reals[0, 9] / (d2 * math.sqrt(d2))
    return scale * dx, scale * dy, scale * dz


@inner
def _tide(x, y, z, env, model):  # type: ignore[no-untyped-def]
    """Return the acceleration by the solid tide of the centre for a Love number of 1."""
    ints, reals, _ = model
    r = math.sqrt(x * x + y * y + z * z)
    ax = ay = az = 0.0
    for j in range(ints[0, 3]):
        if ints[1 + j, 3] == 1:
            place = ENV_HEAD + 3 * j
            sx, sy, sz = env[place], env[place + 1], env[place + 2]
            s = math.sqrt(sx * sx + sy * sy + sz * sz)
            c = (x * sx + y * sy + z * sz) / (r * s)
            # Powers are written out: that of whole numbers is one more function to compile.
            a, rr = reals[0, 7], r * r
            aa = a * a
            scale = 1.5 * reals[1 + j, 0] * (a * (aa * aa)) / (s * (s * s) * (rr * rr))
            along = scale * (1.0 - 5.0 * c * c) / r
            across = scale * 2.0 * c / s
            ax += along * x + across * sx
            ay += along * y + across * sy
            az += along * z + across * sz
    return ax, ay, az


@inner
def _relativity(x, y, z, vx, vy, vz, env, model):  # type: ignore[no-untyped-def]
    """Return Schwarzschild, Lense-Thirring and de Sitter terms (IERS Conventions 2010, eq. 10.12)."""
    ints, reals, _ = model
    gm, cc = reals[0, 0], reals[0, 2] * reals[0, 2]
    r2 = x * x + y * y + z * z
    r = math.sqrt(r2)
    rv = x * vx + y * vy + z * vz
    scale = gm / (cc * r2 * r)
    along = scale * (4.0 * gm / r - (vx * vx + vy * vy + vz * vz))
    ax = along * x + 4.0 * scale * rv * vx
    ay = along * y + 4.0 * scale * rv * vy
    az = along * z + 4.0 * scale * rv * vz
    jx, jy, jz = reals[0, 3], reals[0, 4], reals[0, 5]
    hx, hy, hz = y * vz - z * vy, z * vx - x * vz, x * vy - y * vx
    rj = 3.0 * (x * jx + y * jy + z * jz) / r2
    ax += 2.0 * scale * (rj * hx + vy * jz - vz * jy)
    ay += 2.0 * scale * (rj * hy + vz * jx - vx * jz)
    az += 2.0 * scale * (rj * hz + vx * jy - vy * jx)
    if ints[0, 2] == 1:
        sun = ENV_HEAD + 3 * ints[0, 1]
        sx, sy, sz = env[sun], env[sun + 1], env[sun + 2]
        s2 = sx * sx + sy * sy + sz * sz
        factor = -1.5 * reals[0, 11] / (cc * s2 * math.sqrt(s2))
        ox = factor * (env[4] * sz - env[5] * sy)
        oy = factor * (env[5] * sx - env[3] * sz)
        oz = factor * (env[3] * sy - env[4] * sx)
        ax += 2.0 * (oy * vz - oz * vy)
        ay += 2.0 * (oz * vx - ox * vz)
        az += 2.0 * (ox * vy - oy * vx)
    return ax, ay, az


@inner
def craft_place(model):  # type: ignore[no-untyped-def]
    """Return where the numbers of the craft begin in a row of the environment."""
    return ENV_HEAD + 3 * model[0][0, 3] + 9 * model[0][0, 4]


@inner
def mass_ratio(env, model):  # type: ignore[no-untyped-def]
    """Return the mass for which forces per mass are given, to the mass now."""
    if model[0][0, 6] == 0:
        return 1.0
    return env[craft_place(model)]


@inner
def centre_forces(x, y, z, vx, vy, vz, env, model):  # type: ignore[no-untyped-def]
    """Return relativity and the solid tide."""
    _, reals, _ = model
    ax = ay = az = 0.0
    if reals[0, 2] > 0.0:
        ax, ay, az = _relativity(x, y, z, vx, vy, vz, env, model)
    if reals[0, 6] != 0.0:
        px, py, pz = _tide(x, y, z, env, model)
        ax += reals[0, 6] * px
        ay += reals[0, 6] * py
        az += reals[0, 6] * pz
    return ax, ay, az


@inner
def small_forces(x, y, z, vx, vy, vz, light, env, model):  # type: ignore[no-untyped-def]
    """Return relativity, the tide, drag, thrust and light on plates; `light` as `sunlight` gives it."""
    ints, _, _ = model
    ax, ay, az = centre_forces(x, y, z, vx, vy, vz, env, model)
    if ints[0, 6] > 0:
        place = craft_place(model)
        px, py, pz = craft_acceleration(x, y, z, vx, vy, vz, env, place, model)
        qx, qy, qz = plate_acceleration(x, y, z, vx, vy, vz, light, env, place, model)
        ax += px + qx
        ay += py + qy
        az += pz + qz
    return ax, ay, az


@inner
def drag_alone(x, y, z, vx, vy, vz, light, env, model):  # type: ignore[no-untyped-def]
    """Return drag, as `small_forces` where nothing else is small."""
    return drag_acceleration(x, y, z, vx, vy, vz, env, craft_place(model), model)


def _by_differences(forces: Any) -> Any:
    """Return what adds the derivatives of some forces by position (rows 0-2) and velocity (3-5)."""

    @inner
    def add_gradients(x, v, light, env, model, gradient):  # type: ignore[no-untyped-def]
        r = math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2])
        w = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
        for column in range(6):
            step = _DIFFERENCE * (r if column < 3 else w)
            for sign in (1.0, -1.0):
                d = sign * step
                k = column % 3
                here = (d if k == 0 else 0.0, d if k == 1 else 0.0, d if k == 2 else 0.0)
                place = here if column < 3 else (0.0, 0.0, 0.0)
                speed = (0.0, 0.0, 0.0) if column < 3 else here
                ax, ay, az = forces(
                    x[0] + place[0], x[1] + place[1], x[2] + place[2],
                    v[0] + speed[0], v[1] + speed[1], v[2] + speed[2], light, env, model,
                )  # fmt: skip
                base = 0 if column < 3 else 3
                gradient[base, k] += ax / (2.0 * d)
                gradient[base + 1, k] += ay / (2.0 * d)
                gradient[base + 2, k] += az / (2.0 * d)

    return add_gradients


add_small_gradients = _by_differences(small_forces)
add_drag_gradients = _by_differences(drag_alone)


@inner
def attract(x, y, z, env, model):  # type: ignore[no-untyped-def]
    """Return the pull of the third bodies; by Battin's f(q), so that no digits cancel."""
    ints, reals, _ = model
    ax, ay, az = env[0], env[1], env[2]
    for j in range(ints[0, 3]):
        if reals[1 + j, 0] == 0.0:
            continue
        px, py, pz = _third_body(x, y, z, ENV_HEAD + 3 * j, env)
        ax -= reals[1 + j, 0] * px
        ay -= reals[1 + j, 0] * py
        az -= reals[1 + j, 0] * pz
    return ax, ay, az


@inner
def add_fields(x, env, model, work, a):  # type: ignore[no-untyped-def]
    """Add the acceleration by all fields, without monopoles.

    For a place of one number (see `type_kernels`) add what figures do to the centre instead; places and axes
    must be there.  Both stand in one loop, so that the field is compiled once.
    """
    ints, reals, _ = model
    count = ints[0, 3]
    filling = x.shape[0] == 1
    ax = ay = az = 0.0
    for j in range(ints[0, 4]):
        row = 1 + count + j
        if filling:
            if ints[row, 3] < 0:
                continue
            place = ENV_HEAD + 3 * ints[row, 3]
            side = reals[row, 3]
            fx, fy, fz = side * env[place], side * env[place + 1], side * env[place + 2]
        else:
            fx, fy, fz = x[0], x[1], x[2]
            if ints[row, 0] >= 0:
                place = ENV_HEAD + 3 * ints[row, 0]
                fx -= env[place]
                fy -= env[place + 1]
                fz -= env[place + 2]
        px, py, pz = field_at(fx, fy, fz, row, env, ENV_HEAD + 3 * count + 9 * j, model, work)
        if filling:
            factor = reals[row, 2]
            env[0] += factor * px
            env[1] += factor * py
            env[2] += factor * pz
        else:
            ax += px
            ay += py
            az += pz
    if not filling:
        a[0] += ax
        a[1] += ay
        a[2] += az


@inner
def _third_body(x, y, z, place, env):  # type: ignore[no-untyped-def]
    """Return minus the differential attraction for GM = 1: (r + f(q) s) / d^3 (Battin 1999, eq. 8.61)."""
    sx, sy, sz = env[place], env[place + 1], env[place + 2]
    dx, dy, dz = x - sx, y - sy, z - sz
    d2 = dx * dx + dy * dy + dz * dz
    s2 = sx * sx + sy * sy + sz * sz
    q = (x * (dx - sx) + y * (dy - sy) + z * (dz - sz)) / s2
    f = q * (3.0 + q * (3.0 + q)) / (1.0 + (1.0 + q) * math.sqrt(1.0 + q))
    scale = 1.0 / (d2 * math.sqrt(d2))
    return scale * (x + f * sx), scale * (y + f * sy), scale * (z + f * sz)


@inner
def _add_point(gradient, gm, x, y, z):  # type: ignore[no-untyped-def]
    """Add the gradient of an attraction gm r / r^3 towards the origin."""
    r2 = x * x + y * y + z * z
    a = gm / (r2 * math.sqrt(r2))
    b = 3.0 * a / r2
    gradient[0, 0] += b * x * x - a
    gradient[1, 1] += b * y * y - a
    gradient[2, 2] += b * z * z - a
    gradient[0, 1] += b * x * y
    gradient[0, 2] += b * x * z
    gradient[1, 2] += b * y * z
    gradient[1, 0] += b * x * y
    gradient[2, 0] += b * x * z
    gradient[2, 1] += b * y * z


@inner
def add_point_gradients(x, y, z, env, model, gradient):  # type: ignore[no-untyped-def]
    """Add the derivatives by position of the pull of the centre and of the third bodies."""
    ints, reals, _ = model
    for j in range(ints[0, 3]):
        place = ENV_HEAD + 3 * j
        if reals[1 + j, 0] == 0.0:
            continue
        _add_point(gradient, reals[1 + j, 0], x - env[place], y - env[place + 1], z - env[place + 2])
    _add_point(gradient, reals[0, 0], x, y, z)


@inner
def add_light(x, y, z, light, env, model, gradient, a):  # type: ignore[no-untyped-def]
    """Add the push of sunlight and its derivatives by position."""
    ints, reals, _ = model
    scale = mass_ratio(env, model) * reals[0, 1]
    px, py, pz = light
    a[0] += scale * px
    a[1] += scale * py
    a[2] += scale * pz
    place = ENV_HEAD + 3 * ints[0, 1]
    dx, dy, dz = x - env[place], y - env[place + 1], z - env[place + 2]
    strength = (px * dx + py * dy + pz * dz) * math.sqrt(dx * dx + dy * dy + dz * dz)
    _add_point(gradient, -scale * strength, dx, dy, dz)


@inner
def add_field_gradients(x, y, z, env, model, work, gradient):  # type: ignore[no-untyped-def]
    """Add the derivatives by position of the fields."""
    ints, _, _ = model
    count = ints[0, 3]
    for j in range(ints[0, 4]):
        row = 1 + count + j
        fx, fy, fz = x, y, z
        if ints[row, 0] >= 0:
            place = ENV_HEAD + 3 * ints[row, 0]
            fx -= env[place]
            fy -= env[place + 1]
            fz -= env[place + 2]
        field_gradient(fx, fy, fz, row, env, ENV_HEAD + 3 * count + 9 * j, model, work, gradient)


@inner
def partial(code, x, v, env, model):  # type: ignore[no-untyped-def]
    """Return the derivative by a parameter: 0 sunlight, 1 GM, 2 Love number, 3 drag, 4 thrust, 5 plates,
    10 + j GM of body j; for thrust and plates that by the logarithm.
    """
    ints, reals, _ = model
    if code == 0 or code == 5:
        light = sunlight(x[0], x[1], x[2], env, model)
        ratio = mass_ratio(env, model)
        if code == 0:
            return ratio * light[0], ratio * light[1], ratio * light[2]
        place = craft_place(model)
        return plate_acceleration(x[0], x[1], x[2], v[0], v[1], v[2], light, env, place, model)
    if code == 1:
        r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2]
        scale = -1.0 / (r2 * math.sqrt(r2))
        return scale * x[0], scale * x[1], scale * x[2]
    if code == 2:
        return _tide(x[0], x[1], x[2], env, model)
    if code == 3 or code == 4:
        place = craft_place(model)
        thrust = env[place + 1]
        density = env[place + 5]
        if code == 3:
            env[place + 1] = 0.0
        else:
            env[place + 5] = -700.0
        ax, ay, az = craft_acceleration(x[0], x[1], x[2], v[0], v[1], v[2], env, place, model)
        env[place + 1] = thrust
        env[place + 5] = density
        scale = 1.0 if code == 4 else 1.0 / reals[ints[0, 6], 0]
        return scale * ax, scale * ay, scale * az
    px, py, pz = _third_body(x[0], x[1], x[2], ENV_HEAD + 3 * (code - 10), env)
    return -px, -py, -pz
