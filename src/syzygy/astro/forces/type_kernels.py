"""Types of the compiled entries that an integrator calls by address."""

from __future__ import annotations

from numba import float64, int64, types

VECTOR = types.Array(float64, 1, "C")
TABLE = types.Array(float64, 2, "C")
MODEL = types.Tuple((types.Array(int64, 2, "C"), TABLE, VECTOR))
CODES = types.Array(int64, 1, "C")
FILL = types.void(float64, MODEL, VECTOR, VECTOR)
EVALUATE = types.void(VECTOR, VECTOR, VECTOR, MODEL, VECTOR, CODES, TABLE, VECTOR)
