"""Segments of DAF kernels whose data are Chebyshev series on equal intervals (SPK 2 and 3, binary PCK 2)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from syzygy.astro.ephemerides.store import CoefficientStore
from syzygy.base.errors import FormatError
from syzygy.numerics.chebyshev import PiecewiseLayout

_TRAILER_WORDS = 4
_HEADER_WORDS = 2


@dataclass(frozen=True)
class SegmentPlace:
    """Where a segment lies in its file and what it claims to cover.

    Attributes
    ----------
    first_word, last_word : int
        Counted from 1, both included, as the summary states them.
    start_tdb_s, end_tdb_s : float
        Seconds of TDB since J2000.
    components : int
        3, or 6 with rates.
    where : str
        File and segment, for messages.
    """

    first_word: int
    last_word: int
    start_tdb_s: float
    end_tdb_s: float
    components: int
    where: str


def read_layout(store: CoefficientStore, place: SegmentPlace) -> PiecewiseLayout:
    """Check a segment and return the layout of its series.

    Raises
    ------
    FormatError
        The segment leaves the file, its directory does not fit its length, or its records do not cover the
        span it claims.
    """
    words = store.words.shape[0]
    if not 1 <= place.first_word < place.last_word <= words:
        raise _damaged(
            place,
            "a segment lies outside its file",
            f"words {place.first_word} to {place.last_word}",
            f"words 1 to {words}",
        )
    if place.last_word - place.first_word < _TRAILER_WORDS:
        raise _damaged(place, "a segment is too short", f"{place.last_word - place.first_word + 1} words")
    start, length, size, count = (
        float(word) for word in store.words[place.last_word - _TRAILER_WORDS : place.last_word]
    )
    if not all(math.isfinite(value) for value in (start, length, size, count)) or not length > 0.0:
        raise _damaged(place, "the directory of a segment is damaged", f"{start}, {length}, {size}, {count}")
    terms, rest = divmod(size - _HEADER_WORDS, place.components)
    expected = size * count + _TRAILER_WORDS
    if rest != 0.0 or terms < 1 or count < 1 or expected != place.last_word - place.first_word + 1:
        raise _damaged(
            place,
            "the directory of a segment does not fit its length",
            f"{count:g} records of {size:g} words",
            f"{place.last_word - place.first_word + 1 - _TRAILER_WORDS} words in whole records",
        )
    _check_span(place, start, length, int(count))
    return PiecewiseLayout(
        first_word=place.first_word - 1,
        words_per_record=int(size),
        pieces_per_record=1,
        header_words=_HEADER_WORDS,
        terms=int(terms),
        pieces=int(count),
        stored_middle=True,
        stored_rate=place.components == 6,
        start=start,
        length=length,
    )


def _check_span(place: SegmentPlace, start: float, length: float, count: int) -> None:
    slack = 1e-6 * length
    end = start + length * count
    claimed = (place.start_tdb_s, place.end_tdb_s)
    if not (start - slack <= claimed[0] <= claimed[1] <= end + slack):
        raise _damaged(
            place,
            "a segment claims a span that its records do not cover",
            f"{claimed[0]} to {claimed[1]} s",
            f"inside {start} to {end} s",
        )


def _damaged(place: SegmentPlace, what: str, value: str, allowed: str = "") -> FormatError:
    return FormatError(
        what,
        value=value,
        allowed=allowed or "a segment as its format describes it",
        where=place.where,
        hint="the file is cut short or damaged: fetch it again and compare its hash",
    )
