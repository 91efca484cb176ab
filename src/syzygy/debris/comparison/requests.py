"""What one asks of a comparison of two lists of approaches."""

from __future__ import annotations

from dataclasses import dataclass

from syzygy.base.provenance import InputFile
from syzygy.base.requests import option

_THRESHOLD = "threshold of list {}; without it taken from its largest distance"
_START = "begin of the window of list {}; without it taken from its events"
_HOURS = "length of the window of list {}"
_COLUMNS = "columns of list {} under other names: our_name=their_column"
_ELEMENTS = "element sets that list {} was made from; without them those of the other list"
_SLOW = "slow intervals of list {}"


@dataclass(frozen=True)
class ComparisonRequest:
    """Explain every difference between two lists of approaches.

    Attributes
    ----------
    a, b : InputFile
        Parquet, CSV or JSON; ours or another tool's.
    catalogues_a, catalogues_b : tuple of InputFile
        The element sets behind each list. Without any, only what the lists show by themselves is explained.
    start_a_tai_ns, duration_a_s, threshold_a_m, start_b_tai_ns, duration_b_s, threshold_b_m
        Window and threshold of each list, where known.
    intervals_a, intervals_b : InputFile or None
        Slow intervals of each list.
    columns_a, columns_b : tuple of str
        ``our_name=their_column``.
    time_tolerance_s, distance_tolerance_m : float
        Two numbers that differ by less are the same.
    match_s : float
        Two approaches of one pair further apart than this are two approaches.
    slow_speed_m_s : float
        Slower pairs are intervals.
    """

    a: InputFile = option("first list: Parquet, CSV or JSON", positional=True)
    b: InputFile = option("second list: Parquet, CSV or JSON", positional=True)
    catalogues_a: tuple[InputFile, ...] = option(_ELEMENTS.format("A"), name="catalogue_a", default=())
    catalogues_b: tuple[InputFile, ...] = option(_ELEMENTS.format("B"), name="catalogue_b", default=())
    start_a_tai_ns: int | None = option(_START.format("A"), kind="epoch", flags=("start-a",), default=None)
    duration_a_s: float | None = option(
        _HOURS.format("A"), unit="h", minimum=0.0, flags=("hours-a",), default=None
    )
    threshold_a_m: float | None = option(_THRESHOLD.format("A"), unit="km", minimum=0.001, default=None)
    intervals_a: InputFile | None = option(_SLOW.format("A"), default=None)
    columns_a: tuple[str, ...] = option(_COLUMNS.format("A"), default=())
    start_b_tai_ns: int | None = option(_START.format("B"), kind="epoch", flags=("start-b",), default=None)
    duration_b_s: float | None = option(
        _HOURS.format("B"), unit="h", minimum=0.0, flags=("hours-b",), default=None
    )
    threshold_b_m: float | None = option(_THRESHOLD.format("B"), unit="km", minimum=0.001, default=None)
    intervals_b: InputFile | None = option(_SLOW.format("B"), default=None)
    columns_b: tuple[str, ...] = option(_COLUMNS.format("B"), default=())
    time_tolerance_s: float = option(
        "times that differ by less are the same", unit="s", minimum=1e-4, maximum=10.0, default=0.02
    )
    distance_tolerance_m: float = option(
        "distances that differ by less are the same", unit="m", minimum=0.01, maximum=1e4, default=10.0
    )
    match_s: float = option(
        "approaches of one pair further apart are two", unit="s", minimum=1.0, maximum=1800.0, default=120.0
    )
    slow_speed_m_s: float = option(
        "slower pairs are intervals, not events", unit="m/s", minimum=0.0, maximum=100.0, default=10.0
    )
