"""Compiled entries that an integrator calls by address, one per kind of force.

Each is compiled (or loaded) when a model first needs it.  Their order matters: places before fields, and the
pull of the centre, the largest, last.  `callees` stands for the code that an entry calls in other files.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from syzygy.astro.forces import _kernels, craft_kernels, field_kernels, series_kernels
from syzygy.astro.forces._kernels import (
    add_fields,
    attract,
    centre_forces,
    craft_place,
    fill_axes,
    fill_places,
    mass_ratio,
    small_forces,
    sunlight,
)
from syzygy.astro.forces.craft_kernels import (
    craft_acceleration,
    drag_acceleration,
    fill_attitude,
    fill_mass_and_air,
)
from syzygy.astro.forces.type_kernels import EVALUATE, Entry
from syzygy.numerics._kernels import fingerprint
from syzygy.numerics.inner_kernels import outer

CALLEES = fingerprint(_kernels, craft_kernels, field_kernels, series_kernels)


def fields_entry() -> Any:
    """Return the entry that fills the axes of the fields and adds their pull."""
    return _fields(CALLEES)


def fills_of(model: tuple[Any, ...], fields: Callable[[], Any] = fields_entry) -> tuple[Any, ...]:
    """Return the entries that fill what depends on time only (at most three).

    Without bodies there are no places, and rows of the environment come as zeros.
    """
    ints, _, _ = model
    wanted = [_fill_places(CALLEES)] if ints[0, 3] > 0 or ints[0, 4] == 0 else []
    if ints[0, 4] > 0:
        wanted.append(fields())
    if ints[0, 6] > 0:
        wanted.append(_fill_craft(CALLEES) if ints[ints[0, 6], 5] > 0 else _fill_air(CALLEES))
    return tuple(wanted)


def only_drag(model: tuple[Any, ...]) -> bool:
    """Return whether drag is all there is besides points, fields and light on a sphere."""
    ints, reals, _ = model
    craft = ints[0, 6]
    of_centre = reals[0, 2] > 0.0 or reals[0, 6] != 0.0
    thrust = ints[craft, 4] > 0 or ints[craft + 1, 3] > 0
    return bool(craft > 0 and not of_centre and ints[craft, 5] == 0 and not thrust)


def pulls_of(model: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the entries that add up the acceleration (at most four)."""
    ints, reals, _ = model
    wanted: list[Any] = [_light] if ints[0, 7] == 1 else []
    of_craft, of_centre = ints[0, 6] > 0, reals[0, 2] > 0.0 or reals[0, 6] != 0.0
    if of_craft and not of_centre and ints[ints[0, 6], 5] == 0:
        wanted.append(_drag if only_drag(model) else _craft)
    elif of_craft:
        wanted.append(_small)
    elif of_centre:
        wanted.append(_centre)
    if ints[0, 4] > 0:
        wanted.append(_fields)
    wanted.append(_points if ints[0, 3] > 0 else _centre_point)
    return tuple(compiled(CALLEES) for compiled in wanted)


@lru_cache(maxsize=1)
def _fill_places(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def fill(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        fill_places(x[0], model, env, work)

    return Entry(fill)


@lru_cache(maxsize=1)
def _fill_craft(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def fill(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        fill_mass_and_air(x[0], model, env, craft_place(model))
        fill_attitude(x[0], model, env, craft_place(model))

    return Entry(fill)


@lru_cache(maxsize=1)
def _fill_air(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def fill(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        fill_mass_and_air(x[0], model, env, craft_place(model))

    return Entry(fill)


@lru_cache(maxsize=1)
def _light(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        px, py, pz = sunlight(x[0], x[1], x[2], env, model)
        scale = mass_ratio(env, model) * model[1][0, 1]
        a[0] += scale * px
        a[1] += scale * py
        a[2] += scale * pz

    return Entry(pull)


@lru_cache(maxsize=1)
def _small(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        light = (0.0, 0.0, 0.0)
        if model[0][0, 7] == 1:
            light = sunlight(x[0], x[1], x[2], env, model)
        px, py, pz = small_forces(x[0], x[1], x[2], v[0], v[1], v[2], light, env, model)
        a[0] += px
        a[1] += py
        a[2] += pz

    return Entry(pull)


@lru_cache(maxsize=1)
def _craft(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        place = craft_place(model)
        px, py, pz = craft_acceleration(x[0], x[1], x[2], v[0], v[1], v[2], env, place, model)
        a[0] += px
        a[1] += py
        a[2] += pz

    return Entry(pull)


@lru_cache(maxsize=1)
def _drag(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        place = craft_place(model)
        px, py, pz = drag_acceleration(x[0], x[1], x[2], v[0], v[1], v[2], env, place, model)
        a[0] += px
        a[1] += py
        a[2] += pz

    return Entry(pull)


@lru_cache(maxsize=1)
def _centre(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        px, py, pz = centre_forces(x[0], x[1], x[2], v[0], v[1], v[2], env, model)
        a[0] += px
        a[1] += py
        a[2] += pz

    return Entry(pull)


@lru_cache(maxsize=1)
def _fields(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        if x.shape[0] == 1:
            fill_axes(x[0], model, env)
        add_fields(x, env, model, work, a)

    return Entry(pull)


@lru_cache(maxsize=1)
def _points(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        px, py, pz = attract(x[0], x[1], x[2], env, model)
        r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2]
        scale = model[1][0, 0] / (r2 * math.sqrt(r2))
        a[0] = (a[0] + px) - scale * x[0]
        a[1] = (a[1] + py) - scale * x[1]
        a[2] = (a[2] + pz) - scale * x[2]

    return Entry(pull)


@lru_cache(maxsize=1)
def _centre_point(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        r2 = x[0] * x[0] + x[1] * x[1] + x[2] * x[2]
        scale = model[1][0, 0] / (r2 * math.sqrt(r2))
        a[0] = (a[0] + env[0]) - scale * x[0]
        a[1] = (a[1] + env[1]) - scale * x[1]
        a[2] = (a[2] + env[2]) - scale * x[2]

    return Entry(pull)
