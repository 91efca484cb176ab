"""Numbers of data lines to text in bulk: shortest exact, at most 16 digits, or fixed decimals.

**Source**: 502.0-B-3 7.5.5 to 7.5.7: digits stand on both sides of the point, a floating-point mantissa has
its point in second position, a number has at most 16 digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import InputError

SHORTEST, BOOK = "shortest", "book"
NumberForm = str | int
MAX_DECIMALS = 15
_MAX_DIGITS = 16
_EXACT = 2.0**52
_SPLIT = 134217729.0
_GROUPS = np.frombuffer(b"".join(b"%04d" % group for group in range(10_000)), dtype=np.uint32)
_POWERS = 10 ** np.arange(1, 16, dtype=np.int64)


def number_texts(values: NDArray[np.float64], form: NumberForm = SHORTEST, where: str = "") -> Any:
    """Return the texts of one column as an Arrow string array.

    Parameters
    ----------
    values : float64 (n,)
        Finite.
    form : str or int
        ``shortest``: the fewest digits that give the same bits back, up to 17, one more than the book allows.
        ``book``: the same where 16 digits are enough, else rounded to 16 (what is read back differs by less
        than 6e-16 of it). A whole number from 1 to 15: that many decimals, correctly rounded, as Python's
        ``%.6f`` is.

    Raises
    ------
    InputError
        A value is not finite, or no such form.
    """
    import pyarrow as pa

    finite = np.isfinite(values)
    if not bool(finite.all()):
        row = int(np.argmin(finite))
        raise InputError(
            "a message carries finite numbers only", value=f"{values[row]}", allowed="a finite number",
            where=f"{where} row {row}".strip(),
        )  # fmt: skip
    column = np.ascontiguousarray(values, dtype=np.float64)
    if isinstance(form, int) and not isinstance(form, bool) and 1 <= form <= MAX_DECIMALS:
        return _fixed(column, form)
    if form not in (SHORTEST, BOOK):
        raise InputError(
            "no such form of numbers",
            value=form,
            allowed=f"{SHORTEST}, {BOOK}, or 1 to {MAX_DECIMALS} decimals",
        )
    return _shortest(pa.array(column), column, form == BOOK)


def _shortest(array: Any, values: NDArray[np.float64], book: bool) -> Any:
    """Cast by the engine, then mend what the grammar has otherwise: ``7``, ``1e-7``, too many digits."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.cast(array, pa.string())
    size = np.abs(values)
    odd = (size < 1e-4) | (size >= 1e9) | (values == np.rint(values))
    if book:
        ends = np.frombuffer(texts.buffers()[1], dtype=np.int32)[: values.size + 1]
        odd |= np.diff(ends) - np.signbit(values) > _MAX_DIGITS + 1
    if not bool(odd.any()):
        return texts
    mask = pa.array(odd)
    mended = pc.filter(texts, mask)
    if book:
        mended = pa.array([_book_text(text) for text in mended.to_pylist()], pa.string())
    else:
        mended = pc.replace_substring_regex(mended, r"^(-?\d)e", r"\1.0e")
        mended = pc.replace_substring_regex(mended, r"^(-?\d+)$", r"\1.0")
    return pc.replace_with_mask(texts, mask, mended)


def _book_text(text: str) -> str:
    """Return a number of at most 16 digits in the grammar of the book."""
    mantissa, _, exponent = text.partition("e")
    if sum(map(str.isdigit, mantissa)) > _MAX_DIGITS:
        rounded = f"{float(text):.{_MAX_DIGITS - 1}e}"
        if np.isinf(float(rounded)):  # above the largest double
            rounded = f"{mantissa[: _MAX_DIGITS + 1 + mantissa.startswith('-')]}e{exponent}"
        mantissa, _, exponent = rounded.partition("e")
        mantissa = mantissa.rstrip("0")
        mantissa += "0" * mantissa.endswith(".")
    elif "." not in mantissa:
        mantissa += ".0"
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _fixed(values: NDArray[np.float64], decimals: int) -> Any:
    """Round to `decimals` by an exact product of two parts, then write the digits four at a time.

    **Accuracy**: equal to Python's ``%.{decimals}f`` for every double (``test_ccsds_bulk_writing.py``).
    """
    import pyarrow as pa

    power = 10.0**decimals
    large = np.abs(values) >= _EXACT / power
    plain = np.where(large, 0.0, values)
    scaled, rest = _product(plain, power)
    whole = np.rint(scaled)
    half = scaled - whole
    # rint has rounded what looks like a tie to even; the rest of the product says on which side it lies
    whole += (half == 0.5) & (rest > 0)
    whole -= (half == -0.5) & (rest < 0)
    digits = _digits(np.abs(whole).astype(np.int64), np.signbit(values), decimals)
    data = digits[digits != 0]
    offsets = np.zeros(values.size + 1, dtype=np.int32)
    np.cumsum((digits != 0).sum(axis=1), out=offsets[1:])
    texts = pa.Array.from_buffers(pa.string(), values.size, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
    if bool(large.any()):
        import pyarrow.compute as pc

        long = [f"{value:.{decimals}f}" for value in values[large].tolist()]
        texts = pc.replace_with_mask(texts, pa.array(large), pa.array(long, pa.string()))
    return texts


def _product(values: NDArray[np.float64], factor: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return product and rounding error, exactly (Dekker 1971)."""
    product = values * factor
    split = values * _SPLIT
    high = split - (split - values)
    low = values - high
    factor_split = factor * _SPLIT
    factor_high = factor_split - (factor_split - factor)
    factor_low = factor - factor_high
    rest = ((high * factor_high - product) + high * factor_low + low * factor_high) + low * factor_low
    return product, rest


def _digits(whole: NDArray[np.int64], negative: NDArray[np.bool_], decimals: int) -> NDArray[np.uint8]:
    """Return one row of characters per number, 0 where there is none."""
    groups = np.empty((whole.size, 4), dtype=np.uint32)
    left = whole
    for index in (3, 2, 1):
        above = left // 10_000
        groups[:, index] = _GROUPS[left - above * 10_000]
        left = above
    groups[:, 0] = _GROUPS[left]
    digits = groups.view(np.uint8)
    count = np.maximum(np.searchsorted(_POWERS, whole, side="right") + 1, decimals + 1)
    before = 16 - decimals
    rows = np.empty((whole.size, 18), dtype=np.uint8)
    rows[:, 0] = np.where(negative, 45, 0)
    rows[:, 1 : before + 1] = digits[:, :before]
    rows[:, 1 : before + 1][np.arange(before)[None, :] < (16 - count)[:, None]] = 0
    rows[:, before + 1] = 46
    rows[:, before + 2 :] = digits[:, before:]
    return rows
