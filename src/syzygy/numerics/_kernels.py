"""Compiled loops of `numerics`: arrays in, arrays and return codes out, no exceptions, no I/O.

Loaded only by the functions that use them, so that importing a room never imports numba.
"""

from __future__ import annotations

from types import ModuleType

from numba import int64

from syzygy.numerics.inner_kernels import inner, outer

OK = 0
NOT_FINITE = 1
OUTSIDE = 2
_REACH = 1.00001


@inner
def _series3(words, base, terms, s):  # type: ignore[no-untyped-def]
    """Sum three Chebyshev series at s by Clenshaw's recurrence, the three in step for the pipeline."""
    x1 = y1 = z1 = 0.0
    x2 = y2 = z2 = 0.0
    twice = 2.0 * s
    base_y = base + terms
    base_z = base_y + terms
    for k in range(terms - 1, 0, -1):
        x0 = twice * x1 - x2 + words[base + k]
        y0 = twice * y1 - y2 + words[base_y + k]
        z0 = twice * z1 - z2 + words[base_z + k]
        x2 = x1
        y2 = y1
        z2 = z1
        x1 = x0
        y1 = y0
        z1 = z0
    return s * x1 - x2 + words[base], s * y1 - y2 + words[base_y], s * z1 - z2 + words[base_z]


@inner
def _series1_derivative(words, base, terms, s):  # type: ignore[no-untyped-def]
    """Sum the derivative (in s) of one Chebyshev series: Clenshaw's recurrence differentiated."""
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


@outer()
def add_piecewise(words, layout, start, length, whole, fraction, scale, value, rate):  # type: ignore[no-untyped-def]
    """Add `scale` times a piecewise vector series to value (n, 3), and its time derivative to rate (n, 3).

    `layout` = (first word, words per record, pieces per record, words of record header, terms, pieces,
    header holds middle and radius, rates stored as series).  An empty `rate` asks for no rates.
    """
    first, stride, per_record, header, terms, pieces, stored_middle, stored_rate = layout
    size = 3 * terms
    if stored_rate:
        size = 6 * terms
    with_rate = rate.shape[0] > 0
    code = OK
    for i in range(whole.shape[0]):
        elapsed = (whole[i] - start) + fraction[i]
        piece = int64(elapsed / length)
        if piece < 0:
            piece = 0
        if piece >= pieces:
            piece = pieces - 1
        record = piece // per_record
        place = first + record * stride
        if stored_middle:
            middle = words[place]
            radius = words[place + 1]
        else:
            middle = start + (piece + 0.5) * length
            radius = 0.5 * length
        base = place + header + (piece - record * per_record) * size
        s = ((whole[i] - middle) + fraction[i]) / radius
        x, y, z = _series3(words, base, terms, s)
        if not (abs(x) + abs(y) + abs(z) < 1e300):
            code = NOT_FINITE
        elif not (abs(s) <= _REACH):
            code = OUTSIDE
        value[i, 0] += scale * x
        value[i, 1] += scale * y
        value[i, 2] += scale * z
        if with_rate:
            if stored_rate:
                vx, vy, vz = _series3(words, base + 3 * terms, terms, s)
            else:
                vx = _series1_derivative(words, base, terms, s) / radius
                vy = _series1_derivative(words, base + terms, terms, s) / radius
                vz = _series1_derivative(words, base + 2 * terms, terms, s) / radius
            rate[i, 0] += scale * vx
            rate[i, 1] += scale * vy
            rate[i, 2] += scale * vz
    return code


def fingerprint(*modules: ModuleType) -> float:
    """Return a number that changes with the code of compiled functions in other files.

    The cache of numba follows the file of the compiled function, not those of its callees; as a closure
    variable this number makes it follow them too.
    """
    total = 0
    for module in modules:
        for name in sorted(vars(module)):
            plain = getattr(vars(module)[name], "py_func", None)
            if plain is not None:
                text = plain.__code__.co_code + repr(plain.__code__.co_consts).encode()
                for byte in text:
                    total = (total * 257 + byte) % 4_503_599_627_370_449
    return float(total)
