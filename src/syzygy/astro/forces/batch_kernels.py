"""Compiled loops over states: accelerations and their gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import float64, types

from syzygy.astro.forces import entry_kernels, type_kernels
from syzygy.astro.forces.type_kernels import CODES, ENTRIES, MODEL, TABLE, VECTOR, add_pulls, fill_row
from syzygy.numerics._kernels import fingerprint
from syzygy.numerics.inner_kernels import outer

_SIGNATURE = types.void(
    *ENTRIES, VECTOR, VECTOR, TABLE, TABLE, MODEL, VECTOR, VECTOR, CODES, TABLE,
    types.Array(float64, 3, "C"),
)  # fmt: skip


def _compile(callees: float) -> Any:
    """Compile the loop; `callees` stands for the code that it calls in other files."""

    @outer(_SIGNATURE, no_cfunc_wrapper=True)
    def add_up(  # type: ignore[no-untyped-def]
        f0, f1, f2, p0, p1, p2, p3, most, moment, t, position, velocity, model, env, work, codes, out,
        gradients,
    ):  # fmt: skip
        """Fill the accelerations (n, 3) of a batch of states, and their gradients (n, 6 or 0, 3)."""
        work[0] = callees
        for i in range(t.shape[0]):
            fill_row(f0, f1, f2, t[i], moment, model, env, work, codes, gradients[i], most[0])
            add_pulls(
                p0,
                p1,
                p2,
                p3,
                position[i],
                velocity[i],
                env,
                model,
                work,
                codes,
                gradients[i],
                out[i],
                most[1],
            )

    return add_up


add_up = _compile(fingerprint(type_kernels))


def accelerations(t: Any, position: Any, velocity: Any, model: Any, env: Any, work: Any, out: Any) -> None:
    """Fill the accelerations (n, 3) of a batch of states by the entries that the model needs."""
    fills, pulls = entry_kernels.fills_of(model), entry_kernels.pulls_of(model)
    add_up(
        *fills, *fills[-1:] * (3 - len(fills)), *pulls, *pulls[-1:] * (4 - len(pulls)),
        (len(fills), len(pulls)), np.zeros(1), t, position, velocity, model, env, work,
        np.zeros(0, dtype=np.int64), out, np.empty((t.shape[0], 0, 3)),
    )  # fmt: skip
