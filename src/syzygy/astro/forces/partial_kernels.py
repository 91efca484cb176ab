"""Compiled entries with the derivatives of the forces, for the transition matrix and for parameters.

As those of `entry_kernels`; each adds to the acceleration and to its gradient, and the last ones make the
columns from the gradient.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from syzygy.astro.forces._kernels import (
    add_drag_gradients,
    add_field_gradients,
    add_fields,
    add_light,
    add_point_gradients,
    add_small_gradients,
    attract,
    drag_alone,
    fill_axes,
    partial,
    small_forces,
    sunlight,
)
from syzygy.astro.forces.entry_kernels import CALLEES, only_drag
from syzygy.astro.forces.type_kernels import EVALUATE, Entry
from syzygy.numerics.inner_kernels import inner, outer


def fields_entry() -> Any:
    """Return the entry that fills the axes of the fields and adds their pull and gradient."""
    return _fields(CALLEES)


def gradient_pulls_of(model: tuple[Any, ...], *, small: bool = True) -> tuple[Any, ...]:
    """Return the entries that add up acceleration and gradient (at most three)."""
    ints, reals, _ = model
    wanted = []
    if small and only_drag(model):
        wanted.append(_light_and_drag if ints[0, 7] == 1 else _drag)
    elif small and (ints[0, 6] > 0 or reals[0, 2] > 0.0 or reals[0, 6] != 0.0):
        wanted.append(_small)
    elif ints[0, 7] == 1:
        wanted.append(_light)
    if ints[0, 4] > 0:
        wanted.append(_fields)
    return tuple(compiled(CALLEES) for compiled in [*wanted, _points])


def column_pull(parameters: bool) -> Any:
    """Return the entry that makes the columns, with or without those of parameters."""
    return _parameters(CALLEES) if parameters else _columns(CALLEES)


@lru_cache(maxsize=1)
def _light(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        light = sunlight(x[0], x[1], x[2], env, model)
        add_light(x[0], x[1], x[2], light, env, model, gradient, a)

    return Entry(pull)


@lru_cache(maxsize=1)
def _drag(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        dark = (0.0, 0.0, 0.0)
        px, py, pz = drag_alone(x[0], x[1], x[2], v[0], v[1], v[2], dark, env, model)
        a[0] += px
        a[1] += py
        a[2] += pz
        add_drag_gradients(x, v, dark, env, model, gradient)

    return Entry(pull)


@lru_cache(maxsize=1)
def _light_and_drag(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        light = sunlight(x[0], x[1], x[2], env, model)
        add_light(x[0], x[1], x[2], light, env, model, gradient, a)
        px, py, pz = drag_alone(x[0], x[1], x[2], v[0], v[1], v[2], light, env, model)
        a[0] += px
        a[1] += py
        a[2] += pz
        add_drag_gradients(x, v, light, env, model, gradient)

    return Entry(pull)


@lru_cache(maxsize=1)
def _small(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        light = (0.0, 0.0, 0.0)
        if model[0][0, 7] == 1:
            light = sunlight(x[0], x[1], x[2], env, model)
            add_light(x[0], x[1], x[2], light, env, model, gradient, a)
        px, py, pz = small_forces(x[0], x[1], x[2], v[0], v[1], v[2], light, env, model)
        a[0] += px
        a[1] += py
        a[2] += pz
        add_small_gradients(x, v, light, env, model, gradient)

    return Entry(pull)


@lru_cache(maxsize=1)
def _fields(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        if x.shape[0] == 1:
            fill_axes(x[0], model, env)
        add_fields(x, env, model, work, a)
        if x.shape[0] > 1:
            add_field_gradients(x[0], x[1], x[2], env, model, work, gradient)

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
        add_point_gradients(x[0], x[1], x[2], env, model, gradient)

    return Entry(pull)


@inner
def _add_columns(x, v, gradient, a):  # type: ignore[no-untyped-def]
    for column in range(x.shape[0] // 3 - 1):
        i = 3 * column + 3
        for k in range(3):
            total = 0.0
            for j in range(3):
                total += gradient[k, j] * x[i + j] + gradient[3 + k, j] * v[i + j]
            a[i + k] = total


@lru_cache(maxsize=1)
def _columns(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        _add_columns(x, v, gradient, a)

    return Entry(pull)


@lru_cache(maxsize=1)
def _parameters(callees: float) -> Any:
    @outer(EVALUATE, no_cpython_wrapper=True)
    def pull(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        work[0] = callees
        _add_columns(x, v, gradient, a)
        for j in range(codes.shape[0]):
            i = 21 + 3 * j
            px, py, pz = partial(codes[j], x, v, env, model)
            a[i] += px
            a[i + 1] += py
            a[i + 2] += pz

    return Entry(pull)
