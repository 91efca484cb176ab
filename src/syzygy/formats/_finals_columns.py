"""The quick way through a well-formed ``finals2000A`` file: whole columns at once.

A file in which anything is unusual is left to the line-by-line reader of `syzygy.formats.iers`, which finds
the line and says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

_NUMBER_BYTES = b"0123456789+-. "


def read_columns(
    content: bytes, fields: Mapping[str, tuple[int, int]], flags: Mapping[str, int]
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.bool_]] | None:
    """Return all columns up to the first row without pole and UT1, and which rows are predicted.

    Parameters
    ----------
    content : bytes
        The file: lines of one length.
    fields : mapping
        Name to columns (half open); ``PM-x`` and ``UT1-UTC`` end the table where both are blank.
    flags : mapping
        Name to column; ``I`` is measured, ``P`` predicted.

    Returns
    -------
    (columns, predicted) or None
        Blank fields are NaN. None: not of that plain form, or a required field is blank.
    """
    width = content.find(b"\n") + 1
    if width < 2 or len(content) % width:
        return None
    rows = np.frombuffer(content, dtype=np.uint8).reshape(-1, width)
    text = rows[:, :-1]
    if not bool(np.all(rows[:, -1] == ord("\n")) and np.all((text >= ord(" ")) & (text <= ord("~")))):
        return None
    columns: dict[str, NDArray[np.float64]] = {}
    for name, span in fields.items():
        values = _numbers(rows[:, span[0] : span[1]])
        if values is None:
            return None
        columns[name] = values
    blank = np.isnan(columns["PM-x"]) & np.isnan(columns["UT1-UTC"])
    count = int(np.argmax(blank)) if blank.any() else rows.shape[0]
    columns = {name: values[:count] for name, values in columns.items()}
    marks = np.stack([rows[:count, column] for column in flags.values()])
    if not bool(np.all((marks == ord("I")) | (marks == ord("P")))):
        return None
    return columns, np.any(marks == ord("P"), axis=0)


def _numbers(cells: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    plain = np.zeros(256, dtype=np.bool_)
    plain[list(_NUMBER_BYTES)] = True
    if cells.shape[1] == 0 or not bool(plain[cells].all()):
        return None
    texts = np.ascontiguousarray(cells).view(f"S{cells.shape[1]}")[:, 0]
    known = (cells != ord(" ")).any(axis=1)
    values = np.full(texts.shape, np.nan)
    try:
        values[known] = np.char.strip(texts[known]).astype(np.float64)
    except ValueError:
        return None
    return values
