"""Vector functions stored as piecewise Chebyshev series on intervals of one length."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.errors import ComputationError, InputError
from syzygy.numerics import plain_series

Doubles = NDArray[np.float64]

_CALL = 100
_plain = [100_000]
"""What may still be summed by NumPy, in arguments (a call counts as `_CALL`): some 0.1 s of work, less than
the compiled loop costs to compile or load.  Both give the same bits."""


@dataclass(frozen=True)
class PiecewiseLayout:
    """Where the series of a three-vector lie in a flat array of doubles.

    A record holds `header_words`, then `pieces_per_record` pieces; a piece holds the coefficients of the
    three components one after the other, lowest degree first, then with `stored_rate` those of the rates.

    Attributes
    ----------
    first_word : int
        Index of the first record.
    words_per_record, pieces_per_record, header_words, terms, pieces : int
        Sizes; `terms` is the number of coefficients of a component, `pieces` the number of intervals in all.
    stored_middle : bool
        The header begins with the middle and the radius (half length) of the interval.
    stored_rate : bool
        The rates have their own series; otherwise they are the derivatives.
    start, length : float
        Beginning of the first interval and length of each, in the unit of the argument (integral values
        keep the difference to an argument exact).
    """

    first_word: int
    words_per_record: int
    pieces_per_record: int
    header_words: int
    terms: int
    pieces: int
    stored_middle: bool
    stored_rate: bool
    start: float
    length: float

    def __post_init__(self) -> None:
        counts = (self.words_per_record, self.pieces_per_record, self.terms, self.pieces)
        if min(counts) < 1 or min(self.first_word, self.header_words) < 0:
            raise InputError(
                "the layout of a piecewise series is empty", value=counts, allowed="counts of 1 or more"
            )
        if not (np.isfinite(self.start) and np.isfinite(self.length) and self.length > 0.0):
            raise InputError(
                "the intervals of a piecewise series have no length",
                value=f"start {self.start}, length {self.length}",
                allowed="a finite start and a positive length",
            )

    @property
    def last_word(self) -> int:
        """Index behind the last record."""
        records = -(-self.pieces // self.pieces_per_record)
        return self.first_word + records * self.words_per_record


def add_piecewise(
    words: Doubles,
    layout: PiecewiseLayout,
    whole: Doubles,
    fraction: Doubles,
    value: Doubles,
    rate: Doubles | None = None,
    *,
    scale: float = 1.0,
) -> None:
    """Add `scale` times the vector function to `value`, and its derivative to `rate`, in place.

    The answer for one argument does not depend on the others of the batch.

    Parameters
    ----------
    words : array (w,), float64, contiguous
        The store of coefficients.
    layout : PiecewiseLayout
        Where in `words` the series lie.
    whole, fraction : array (n,), float64
        The argument as an unevaluated sum, so that no digit is lost; the caller keeps it inside.
    value, rate : array (n, 3)
        Sums that are added to.
    scale : float
        Factor, e.g. a change of unit or a sign.

    Raises
    ------
    InputError
        The layout reaches beyond `words`.
    ComputationError
        A coefficient is not a finite number, or an argument lies outside the interval that its record states:
        the store is damaged.

    Notes
    -----
    **Accuracy**: against numpy's ``chebval`` and ``chebder`` 1e-13 of the largest coefficient
    (tests/numerics/test_numerics_chebyshev.py).

    **Source**: Clenshaw (1955), the recurrence; differentiated term by term for the rate.
    """
    if layout.last_word > words.shape[0]:
        raise InputError(
            "a piecewise series reaches beyond its store",
            value=f"{layout.last_word} words",
            allowed=f"{words.shape[0]} words",
        )
    numbers = (
        layout.first_word,
        layout.words_per_record,
        layout.pieces_per_record,
        layout.header_words,
        layout.terms,
        layout.pieces,
        int(layout.stored_middle),
        int(layout.stored_rate),
    )
    rates = np.empty((0, 3)) if rate is None else rate
    run = _choose_road(whole.shape[0])
    code = run(words, numbers, layout.start, layout.length, whole, fraction, scale, value, rates)
    if code == plain_series.OUTSIDE:
        raise ComputationError(
            "an argument lies outside the interval that its record states",
            allowed="records in order, each with its own middle and radius",
            hint="the records are damaged or the argument lies outside all of them: check the file's hash",
        )
    if code != plain_series.OK:
        raise ComputationError(
            "a Chebyshev series gave no finite number",
            allowed="finite coefficients and a positive interval radius",
            hint="the coefficients are damaged: check the file against its hash",
        )


def _choose_road(count: int) -> Callable[..., int]:
    """Return the sum by NumPy as long as there is little to do, then the compiled one."""
    if _plain[0] >= count:
        _plain[0] -= count + _CALL
        return plain_series.sum_piecewise
    from syzygy.numerics import _kernels

    compiled: Callable[..., int] = _kernels.add_piecewise
    return compiled
