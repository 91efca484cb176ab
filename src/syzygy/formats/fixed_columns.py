"""Numbers in fixed columns, many lines at once: strict about what a number is, exact about where it fails."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import FormatError

_BLANK = 32
_ALLOWED = np.zeros(256, dtype=np.bool_)
_ALLOWED[np.frombuffer(b" 0123456789+-.Ee", dtype=np.uint8)] = True


def fixed_numbers(
    rows: Sequence[bytes],
    widths: Sequence[int],
    line_index: NDArray[np.integer],
    name: str,
    *,
    blank: float | None = None,
) -> NDArray[np.float64]:
    """Return the numbers of equal rows of fixed-width fields.

    Parameters
    ----------
    rows : sequence of bytes (n,)
        Each as long as the widths together (shorter ones count as damaged).
    widths : sequence of int (k,)
        Columns of each field.
    line_index : int (n,)
        Zero-based line numbers, for messages.
    name : str
        File name for messages.
    blank : float, optional
        Value of a blank field; without it a blank field is an error.

    Returns
    -------
    float64 (n, k)

    Raises
    ------
    FormatError
        The first field that is not a finite decimal number, with its line and text. The words ``nan`` and
        ``inf`` and digit separators are no numbers here.
    """
    length = sum(widths)
    if not rows:
        return np.empty((0, len(widths)))
    text = np.array(rows, dtype=f"S{length}")
    letters = text.view(np.uint8).reshape(len(rows), length)
    good = bool(_ALLOWED[letters].all())
    edges = [0, *np.cumsum(widths).tolist()]
    numbers = np.empty((len(rows), len(widths)))
    for field, (start, end) in enumerate(pairwise(edges)):
        cut = np.ascontiguousarray(letters[:, start:end]).view(f"S{end - start}").ravel()
        try:
            numbers[:, field] = _floats(cut, np.all(letters[:, start:end] == _BLANK, axis=1), blank)
        except ValueError:
            good = False
    if not (good and (blank is not None or np.isfinite(numbers).all())):
        _refuse_first(rows, edges, line_index, name, blank)
    return numbers


def _floats(cut: NDArray[np.bytes_], empty: NDArray[np.bool_], blank: float | None) -> NDArray[np.float64]:
    if blank is None or not empty.any():
        return cut.astype(np.float64)
    return np.where(empty, blank, np.where(empty, b"0", cut).astype(np.float64))


def _refuse_first(
    rows: Sequence[bytes],
    edges: Sequence[int],
    line_index: NDArray[np.integer],
    name: str,
    blank: float | None,
) -> None:
    for row, number in zip(rows, line_index.tolist(), strict=True):
        for start, end in pairwise(edges):
            field = row[start:end]
            if blank is not None and not field.strip():
                continue
            if not is_number(field):
                raise FormatError(
                    "not a number",
                    value=repr(field.decode("ascii", "replace")),
                    allowed="a finite decimal number",
                    where=f"{name} line {number + 1}",
                )


def is_number(field: bytes) -> bool:
    """Return whether a field is one finite decimal number with nothing but blanks around it."""
    if not _ALLOWED[np.frombuffer(field, dtype=np.uint8)].all():
        return False
    try:
        return bool(np.isfinite(float(field)))
    except ValueError:
        return False
