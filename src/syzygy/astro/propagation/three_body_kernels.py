"""Compiled entries of the circular restricted three-body problem, in rotating axes."""

from __future__ import annotations

from syzygy.astro.forces.type_kernels import EVALUATE, FILL, Entry
from syzygy.numerics.inner_kernels import outer


@outer(FILL, no_cpython_wrapper=True)
def _fill(t, model, env, work):  # type: ignore[no-untyped-def]
    """Nothing depends on time."""


@outer(EVALUATE, no_cpython_wrapper=True)
def _evaluate(x, v, env, model, work, codes, gradient, a):  # type: ignore[no-untyped-def]
    """Fill the second derivatives of the place and of the columns of the transition matrix."""
    mu = model[1][0, 8]
    x1 = x[0] + mu
    x2 = x1 - 1.0
    across = x[1] * x[1] + x[2] * x[2]
    d1 = 1.0 / (x1 * x1 + across)
    d2 = 1.0 / (x2 * x2 + across)
    p = (1.0 - mu) * d1 * d1**0.5
    q = mu * d2 * d2**0.5
    a[0] = 2.0 * v[1] + x[0] - p * x1 - q * x2
    a[1] = x[1] - 2.0 * v[0] - (p + q) * x[1]
    a[2] = -(p + q) * x[2]
    p3, q3 = 3.0 * p * d1, 3.0 * q * d2
    xx = 1.0 - p - q + p3 * x1 * x1 + q3 * x2 * x2
    xs = p3 * x1 + q3 * x2
    both = p3 + q3
    for i in range(3, x.shape[0], 3):
        side = x[1] * x[i + 1] + x[2] * x[i + 2]
        a[i] = 2.0 * v[i + 1] + xx * x[i] + xs * side
        a[i + 1] = -2.0 * v[i] + (1.0 - p - q) * x[i + 1] + x[1] * (xs * x[i] + both * side)
        a[i + 2] = -(p + q) * x[i + 2] + x[2] * (xs * x[i] + both * side)


fill, evaluate = Entry(_fill, FILL), Entry(_evaluate, EVALUATE)
