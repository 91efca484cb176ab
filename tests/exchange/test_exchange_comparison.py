"""Comparison and release: identical, within, different; the default is nobody."""

from __future__ import annotations

import numpy as np
import pytest

from syzygy.base.tables import Table, column, table
from syzygy.exchange.comparison import DIFFERENT, IDENTICAL, WITHIN, compare_tables


def _table(values: list[float], names: list[str] | None = None, tolerance: float = 0.01) -> Table:
    return table(
        "t",
        [
            column("miss_m", values, "m", tolerance=tolerance),
            column("name", names or ["a"] * len(values)),
        ],
    )


def test_equal_tables_are_identical_even_with_nan() -> None:
    assert compare_tables(_table([1.0, np.nan]), _table([1.0, np.nan])).verdict == IDENTICAL


def test_a_difference_within_the_tolerance_is_told_with_its_size() -> None:
    comparison = compare_tables(_table([1.0, 2.005]), _table([1.0, 2.0]))
    assert comparison.verdict == WITHIN
    assert "row 2" in comparison.detail
    assert "0.005 m" in comparison.detail


def test_a_difference_beyond_the_tolerance_names_column_row_and_values() -> None:
    comparison = compare_tables(_table([1.0, 2.5]), _table([1.0, 2.0]))
    assert comparison.verdict == DIFFERENT
    assert "miss_m, row 2" in comparison.detail
    assert "2.5" in comparison.detail


def test_the_received_table_cannot_widen_its_own_tolerance() -> None:
    received = _table([5.0], tolerance=1e9)
    assert compare_tables(received, _table([1.0])).verdict == DIFFERENT


@pytest.mark.parametrize(
    "received",
    [
        _table([1.0]),
        _table([1.0, 2.0], ["a", "b"]),
        _table([1.0, np.nan]),
        table("t", [column("miss_m", [1.0, 2.0], "m")]),
        table("t", [column("miss_m", [1, 2], "m"), column("name", ["a", "a"])]),
    ],
)
def test_rows_text_missing_numbers_columns_and_types_differ(received: Table) -> None:
    assert compare_tables(received, _table([1.0, 2.0])).verdict == DIFFERENT


def test_integers_beyond_double_precision_are_compared_exactly() -> None:
    one, other = 1_657_843_200_000_000_001, 1_657_843_200_000_000_002
    first, second = (table("t", [column("tai_ns", [n], "ns")]) for n in (one, other))
    assert compare_tables(first, second).verdict == DIFFERENT
