"""Compiled loops over states: accelerations and their gradients."""

from __future__ import annotations

from typing import Any

from numba import njit

from syzygy.astro.forces import _kernels, field_kernels
from syzygy.astro.forces._kernels import accelerate, fill_environment, fill_gradient
from syzygy.numerics._kernels import fingerprint


def _compile(callees: float) -> Any:
    """Compile the loops; `callees` stands for the code they call in other files."""

    @njit(cache=True, error_model="numpy", fastmath=False)
    def accelerations(t, position, velocity, model, env, work, out):  # type: ignore[no-untyped-def]
        """Fill the accelerations (n, 3) of a batch of states."""
        work[0] = callees
        for i in range(t.shape[0]):
            fill_environment(t[i], model, env, work)
            x, y, z = position[i, 0], position[i, 1], position[i, 2]
            u, v, w = velocity[i, 0], velocity[i, 1], velocity[i, 2]
            out[i, 0], out[i, 1], out[i, 2] = accelerate(x, y, z, u, v, w, env, model, work)

    @njit(cache=True, error_model="numpy", fastmath=False)
    def gradients(t, position, model, env, work, out):  # type: ignore[no-untyped-def]
        """Fill the derivatives (n, 3, 3) of the accelerations by position."""
        work[0] = callees
        for i in range(t.shape[0]):
            fill_environment(t[i], model, env, work)
            x, y, z = position[i, 0], position[i, 1], position[i, 2]
            fill_gradient(x, y, z, env, model, work, out[i])

    return accelerations, gradients


accelerations, gradients = _compile(fingerprint(_kernels, field_kernels))
