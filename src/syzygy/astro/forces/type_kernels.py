"""Types of the compiled entries that an integrator calls by address, and how it calls them."""

from __future__ import annotations

from typing import Any

from numba import float64, int64, types
from numba.experimental.function_type import _get_wrapper_address

from syzygy.numerics.inner_kernels import inner

VECTOR = types.Array(float64, 1, "C")
TABLE = types.Array(float64, 2, "C")
MODEL = types.Tuple((types.Array(int64, 2, "C"), TABLE, VECTOR))
CODES = types.Array(int64, 1, "C")
FILL = types.void(float64, MODEL, VECTOR, VECTOR)
EVALUATE = types.void(VECTOR, VECTOR, VECTOR, MODEL, VECTOR, CODES, TABLE, VECTOR)
ENTRIES = (types.FunctionType(FILL),) * 3 + (types.FunctionType(EVALUATE),) * 4 + (types.UniTuple(int64, 2),)


class Entry:
    """A compiled entry by its address: looking a dispatcher up costs more than a short flight."""

    def __init__(self, compiled: Any, signature: Any) -> None:
        self._numba_type_ = types.FunctionType(signature)
        self._kept = compiled
        self._address = int(_get_wrapper_address(compiled, signature))

    def __wrapper_address__(self) -> int:
        """Return the address, by numba's protocol for functions as arguments."""
        return self._address


@inner
def fill_row(f0, f1, f2, t, model, env, work, count):  # type: ignore[no-untyped-def]
    """Fill a row of the environment by the first `count` entries."""
    f0(t, model, env, work)
    if count > 1:
        f1(t, model, env, work)
    if count > 2:
        f2(t, model, env, work)


@inner
def add_pulls(p0, p1, p2, p3, x, v, env, model, work, codes, gradient, a, count):  # type: ignore[no-untyped-def]
    """Fill the acceleration (and its gradient where columns want it) by the first `count` entries."""
    a[0] = 0.0
    a[1] = 0.0
    a[2] = 0.0
    if gradient.shape[0] > 0:
        for k in range(6):
            gradient[k, 0] = 0.0
            gradient[k, 1] = 0.0
            gradient[k, 2] = 0.0
    p0(x, v, env, model, work, codes, gradient, a)
    if count > 1:
        p1(x, v, env, model, work, codes, gradient, a)
    if count > 2:
        p2(x, v, env, model, work, codes, gradient, a)
    if count > 3:
        p3(x, v, env, model, work, codes, gradient, a)
