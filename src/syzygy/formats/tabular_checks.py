"""What every table format checks alike: the kinds of columns, numbers in text, the finished table."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from syzygy.base.errors import FormatError, InputError
from syzygy.base.tables import Column, Table

KINDS = ("float", "int", "bool", "text")

_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|nan|-?inf")
_INT = re.compile(r"-?[0-9]{1,19}")
_BOOLEANS = {"true": True, "false": False}
_KIND_OF_DTYPE = {"f": "float", "i": "int", "b": "bool", "O": "text"}


def kind_of(column: Column, table_name: str) -> str:
    """Return ``float``, ``int``, ``bool`` or ``text``.

    Raises
    ------
    InputError
        The column was not made by `base.tables.column`.
    """
    kind = _KIND_OF_DTYPE.get(column.values.dtype.kind)
    if kind is None or column.values.dtype.itemsize not in (1, 8):
        raise InputError(
            "a table column has another type",
            value=column.values.dtype,
            allowed="float64, int64, bool, object array of str",
            where=f"{table_name}.{column.name}",
        )
    return kind


def text_bytes(text: str) -> bytes:
    """Encode as UTF-8 (UnicodeEncodeError for lone surrogates)."""
    return text.encode("utf-8")


def parse_cell(text: str, kind: str) -> Any:
    """Read one cell of text; ValueError where it is not of the kind."""
    if kind == "text":
        return text
    if kind == "float" and _FLOAT.fullmatch(text):
        return float(text)
    if kind == "int" and _INT.fullmatch(text) and -(2**63) <= int(text) < 2**63:
        return int(text)
    if kind == "bool" and text in _BOOLEANS:
        return _BOOLEANS[text]
    raise ValueError(f"{text[:40]!r} is no {kind}")


def column_from_values(
    column_name: str, values: Any, kind: str, unit: str, description: str, tolerance: str, where: str
) -> Column:
    """Make a column of checked values."""
    if kind == "text":
        array: Any = np.empty(len(values), dtype=object)
        array[:] = values
    else:
        array = np.ascontiguousarray(values, dtype={"float": np.float64, "int": np.int64, "bool": bool}[kind])
    if _FLOAT.fullmatch(tolerance) is None or not 0.0 <= float(tolerance) < math.inf:
        raise FormatError(
            "the tolerance of a column is no number",
            value=tolerance[:40],
            allowed="0 or more",
            where=f"{where} {column_name}".strip(),
        )
    return Column(column_name, array, unit, description, float(tolerance))


def checked_table(table_name: str, columns: Sequence[Column], description: str, where: str) -> Table:
    """Make the table, errors of its making turned into FormatError."""
    if not table_name:
        raise FormatError(
            "the file is no table of this program",
            value="no table name",
            allowed="a file with its table name, units and descriptions",
            where=where,
        )
    try:
        return Table(table_name, tuple(columns), description)
    except InputError as error:
        raise FormatError(error.what, value=error.value, allowed=error.allowed, where=where) from error
