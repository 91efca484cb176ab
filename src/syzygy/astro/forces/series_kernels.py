"""Compiled Chebyshev series in pieces: what the tables of a force model are made of."""

from __future__ import annotations

from numba import int64

from syzygy.numerics.inner_kernels import inner


@inner
def series(words, base, terms, s):  # type: ignore[no-untyped-def]
    """Sum a Chebyshev series at s by Clenshaw's recurrence."""
    x1 = 0.0
    x2 = 0.0
    twice = 2.0 * s
    for k in range(terms - 1, 0, -1):
        x0 = twice * x1 - x2 + words[base + k]
        x2 = x1
        x1 = x0
    return s * x1 - x2 + words[base]


@inner
def slope(words, base, terms, s):  # type: ignore[no-untyped-def]
    """Sum the derivative in s of a Chebyshev series."""
    b1 = 0.0
    b2 = 0.0
    d1 = 0.0
    d2 = 0.0
    twice = 2.0 * s
    for k in range(terms - 1, 0, -1):
        d0 = 2.0 * b1 + twice * d1 - d2
        b0 = twice * b1 - b2 + words[base + k]
        d2 = d1
        d1 = d0
        b2 = b1
        b1 = b0
    return b1 + s * d1 - d2


@inner
def piece_of(t, start, length, pieces):  # type: ignore[no-untyped-def]
    """Return the piece that holds t, and the argument in -1..1."""
    piece = int64((t - start) / length)
    # Written out: each built-in function that a kernel names is compiled as one more function.
    piece = 0 if piece < 0 else piece
    piece = pieces - 1 if piece > pieces - 1 else piece
    return piece, 2.0 * ((t - start) - piece * length) / length - 1.0
