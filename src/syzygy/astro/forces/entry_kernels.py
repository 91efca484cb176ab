"""Compiled entries that an integrator calls by address, so that it and the forces are compiled apart.

Explicit signatures: importing this module compiles (or loads) them.  Variants with partial derivatives are in
`partial_kernels` and are compiled only when somebody asks for them.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from syzygy.astro.forces import _kernels, craft_kernels, field_kernels, series_kernels
from syzygy.astro.forces._kernels import accelerate, fill_environment
from syzygy.astro.forces.type_kernels import EVALUATE, FILL
from syzygy.numerics._kernels import fingerprint

CALLEES = fingerprint(_kernels, craft_kernels, field_kernels, series_kernels)


def _compile(callees: float) -> Any:
    """Compile the entries; `callees` stands for the code they call in other files."""

    @njit(FILL, cache=True, error_model="numpy", fastmath=False, nogil=True)
    def fill(t, model, env, work):  # type: ignore[no-untyped-def]
        """Fill what depends on time only."""
        work[0] = callees
        fill_environment(t, model, env, work)

    @njit(EVALUATE, cache=True, error_model="numpy", fastmath=False, nogil=True)
    def evaluate(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        """Fill the acceleration."""
        work[0] = callees
        a[0], a[1], a[2] = accelerate(x[0], x[1], x[2], v[0], v[1], v[2], env, model, work)

    return fill, evaluate


fill, evaluate = _compile(CALLEES)
