"""Comparing a product with its recomputation: identical, within the stated tolerance, or different."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from syzygy.base.tables import Column, Table

IDENTICAL = "identical"
WITHIN = "within tolerance"
DIFFERENT = "different"


@dataclass(frozen=True)
class Comparison:
    """The verdict on one table.

    Attributes
    ----------
    table : str
        Its name.
    verdict : str
        `IDENTICAL`, `WITHIN` or `DIFFERENT`.
    detail : str
        Where and by how much; the largest difference seen when within tolerance.
    """

    table: str
    verdict: str
    detail: str = ""


@dataclass(frozen=True)
class _ColumnVerdict:
    """A fault in words, or the share of the tolerance that was used and where."""

    fault: str = ""
    used: float = 0.0
    text: str = ""


def compare_tables(recorded: Table, computed: Table) -> Comparison:
    """Compare column by column, with the tolerances of the computed table, never of the received one."""
    if (recorded.name, recorded.description) != (computed.name, computed.description):
        return Comparison(computed.name, DIFFERENT, "the name or the description of the table differs")
    if recorded.names != computed.names:
        odd = sorted(set(recorded.names) ^ set(computed.names))
        return Comparison(computed.name, DIFFERENT, f"columns differ: {', '.join(odd) or 'their order'}")
    if len(recorded) != len(computed):
        return Comparison(
            computed.name, DIFFERENT, f"{len(recorded)} rows recorded, {len(computed)} computed"
        )
    worst = _ColumnVerdict()
    for old, new in zip(recorded.columns, computed.columns, strict=True):
        verdict = _compare_column(old, new)
        if verdict.fault:
            return Comparison(computed.name, DIFFERENT, verdict.fault)
        worst = max(worst, verdict, key=lambda v: v.used)
    return Comparison(computed.name, WITHIN if worst.used else IDENTICAL, worst.text)


def _compare_column(old: Column, new: Column) -> _ColumnVerdict:
    if old.values.dtype.kind != new.values.dtype.kind:
        return _ColumnVerdict(f"column {new.name}: another type of value")
    for name in ("unit", "description", "tolerance"):
        if getattr(old, name) != getattr(new, name):
            shown = f"recorded {getattr(old, name)!r}, computed {getattr(new, name)!r}"
            return _ColumnVerdict(f"column {new.name}: the {name} differs: {shown}")
    unequal = np.flatnonzero(~_equal(old.values, new.values))
    if not unequal.size:
        return _ColumnVerdict()
    row = int(unequal[0])
    if new.tolerance and new.values.dtype.kind in "fi":
        difference = np.abs(old.values[unequal] - new.values[unequal]).astype(np.float64)  # type: ignore[operator]
        difference[np.isnan(difference) | (difference < 0)] = np.inf
        row = int(unequal[np.argmax(difference)])
        largest = float(difference.max())
        text = f"column {new.name}, row {row + 1}: {largest:.3g} {new.unit}, allowed {new.tolerance:.3g}"
        if largest <= new.tolerance:
            return _ColumnVerdict("", largest / new.tolerance, text)
    return _ColumnVerdict(
        f"column {new.name}, row {row + 1}: recorded {old.values[row]}, computed {new.values[row]} {new.unit}"
        f" ({unequal.size} of {len(new.values)} rows differ)"
    )


def _equal(first: NDArray[np.generic], second: NDArray[np.generic]) -> NDArray[np.bool_]:
    same = np.asarray(first == second, dtype=bool)
    if first.dtype.kind == "f":
        same |= np.isnan(first.astype(np.float64)) & np.isnan(second.astype(np.float64))
    return same
