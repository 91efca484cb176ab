"""A table: named columns of one length, each with a unit, a description and a tolerance for verification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from syzygy.base.errors import InputError, UnknownNameError


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        With the unit as suffix, e.g. ``miss_distance_m``.
    values : numpy array (n,)
        float64, int64, bool or str (object array of str).
    unit : str
        ``"m"``, ``"deg"``, ``"1"`` for counts and ratios, ``""`` for text.
    description : str
        One sentence.
    tolerance : float
        Largest absolute difference that two machines may show, in `unit`; 0 means exact.
    """

    name: str
    values: NDArray[np.generic]
    unit: str = ""
    description: str = ""
    tolerance: float = 0.0


def column(
    name: str, values: ArrayLike, unit: str = "", description: str = "", *, tolerance: float = 0.0
) -> Column:
    """Make a column; text becomes an object array of str, everything else a contiguous numpy array.

    Raises
    ------
    InputError
        The values are not one-dimensional or of a type that a table cannot hold.
    """
    array = np.asarray(values)
    if array.dtype.kind in "UO":
        array = np.array([str(value) for value in array], dtype=object)
    elif array.dtype.kind == "f":
        array = np.ascontiguousarray(array, dtype=np.float64)
    elif array.dtype.kind in "iu":
        array = np.ascontiguousarray(array, dtype=np.int64)
    elif array.dtype.kind != "b":
        raise InputError(
            "a table column has an unknown type",
            value=array.dtype,
            allowed="float, int, bool, str",
            where=name,
        )
    if array.ndim != 1:
        raise InputError(
            "a table column is not one-dimensional", value=array.shape, allowed="(n,)", where=name
        )
    return Column(name, array, unit, description, tolerance)


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length, with a name that becomes the file name."""

    name: str
    columns: tuple[Column, ...]
    description: str = ""

    def __post_init__(self) -> None:
        lengths = {col.values.shape[0] for col in self.columns}
        if len(lengths) > 1:
            raise InputError(
                "table columns differ in length", value=sorted(lengths), allowed="one length", where=self.name
            )
        names = [col.name for col in self.columns]
        if len(set(names)) != len(names):
            raise InputError(
                "a table has two columns of one name", value=names, allowed="unique names", where=self.name
            )

    def __len__(self) -> int:
        return self.columns[0].values.shape[0] if self.columns else 0

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        for col in self.columns:
            if col.name == name:
                return col.values
        raise UnknownNameError(
            "no such column", value=name, allowed=", ".join(c.name for c in self.columns), where=self.name
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(col.name for col in self.columns)

    def rows(self, most: int | None = None) -> list[dict[str, object]]:
        """Return plain Python rows, for JSON and for showing: all, or the first `most`."""
        lists = [col.values[:most].tolist() for col in self.columns]
        return [dict(zip(self.names, row, strict=True)) for row in zip(*lists, strict=True)]


def table(name: str, columns: Sequence[Column], description: str = "") -> Table:
    """Make a table of columns of one length."""
    return Table(name, tuple(columns), description)
