"""The type of the compiled entries that an integrator calls by address, and how it calls them.

All have one type; one that is called with a place of a single number is asked to fill a row of the
environment for that time, else to add a pull.  So one entry can do both, and its loops are compiled once.
"""

from __future__ import annotations

from typing import Any

from numba import float64, int64, types
from numba.experimental.function_type import _get_wrapper_address

from syzygy.numerics.inner_kernels import inner

VECTOR = types.Array(float64, 1, "C")
TABLE = types.Array(float64, 2, "C")
MODEL = types.Tuple((types.Array(int64, 2, "C"), TABLE, VECTOR))
CODES = types.Array(int64, 1, "C")
EVALUATE = types.void(VECTOR, VECTOR, VECTOR, MODEL, VECTOR, CODES, TABLE, VECTOR)
ENTRIES = (types.FunctionType(EVALUATE),) * 7 + (types.UniTuple(int64, 2),)


class Entry:
    """A compiled entry by its address: looking a dispatcher up costs more than a short flight."""

    def __init__(self, compiled: Any) -> None:
        self._numba_type_ = types.FunctionType(EVALUATE)
        self._kept = compiled
        self._address = int(_get_wrapper_address(compiled, EVALUATE))

    def __wrapper_address__(self) -> int:
        """Return the address, by numba's protocol for functions as arguments."""
        return self._address


@inner
def fill_row(f0, f1, f2, t, moment, model, env, work, codes, gradient, count):  # type: ignore[no-untyped-def]
    """Fill a row of the environment at t by the first `count` entries; `moment` holds one number."""
    moment[0] = t
    f0(moment, moment, env, model, work, codes, gradient, moment)
    if count > 1:
        f1(moment, moment, env, model, work, codes, gradient, moment)
    if count > 2:
        f2(moment, moment, env, model, work, codes, gradient, moment)


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
