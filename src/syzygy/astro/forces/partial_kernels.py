"""Compiled accelerations with the columns of the transition matrix and of parameters."""

from __future__ import annotations

from typing import Any

from numba import njit

from syzygy.astro.forces._kernels import accelerate, add_small_gradients, fill_gradient, partial
from syzygy.astro.forces.entry_kernels import CALLEES
from syzygy.astro.forces.type_kernels import EVALUATE


def _compile(callees: float) -> Any:
    """Compile the entry; `callees` stands for the code it calls in other files."""

    @njit(EVALUATE, cache=True, error_model="numpy", fastmath=False, nogil=True)
    def evaluate(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
        """Fill the second derivatives of the position and of its columns."""
        work[0] = callees
        a[0], a[1], a[2] = accelerate(x[0], x[1], x[2], v[0], v[1], v[2], env, model, work)
        gradient[:, :] = 0.0
        fill_gradient(x[0], x[1], x[2], env, model, work, gradient)
        add_small_gradients(x, v, env, model, gradient)
        for column in range(x.shape[0] // 3 - 1):
            i = 3 * column + 3
            for k in range(3):
                total = 0.0
                for j in range(3):
                    total += gradient[k, j] * x[i + j] + gradient[3 + k, j] * v[i + j]
                a[i + k] = total
            if column >= 6:
                px, py, pz = partial(codes[column - 6], x, v, env, model)
                a[i] += px
                a[i + 1] += py
                a[i + 2] += pz

    return evaluate


evaluate = _compile(CALLEES)
