"""Lists of approaches as other tools write them: columns recognised by name, or named by the user."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from syzygy.base.errors import FormatError, InputError
from syzygy.formats.compression import expand

MAX_LIST_BYTES = 1 << 29

QUANTITIES: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "object_a": ("object_a", 1.0),
        "object_b": ("object_b", 1.0),
        "name_a": ("name_a", 1.0),
        "name_b": ("name_b", 1.0),
        "tca_utc": ("tca_utc", 1.0),
        "tca_jd_utc": ("tca_jd_utc", 1.0),
        "tca_unix_s": ("tca_unix_s", 1.0),
        "tca_s": ("tca_s", 1.0),
        "miss_distance_m": ("miss_m", 1.0),
        "miss_distance_km": ("miss_m", 1000.0),
        "relative_speed_m_s": ("speed_m_s", 1.0),
        "relative_speed_km_s": ("speed_m_s", 1000.0),
        "age_a_days": ("age_a_days", 1.0),
        "age_b_days": ("age_b_days", 1.0),
        "start_utc": ("start_utc", 1.0),
        "end_utc": ("end_utc", 1.0),
        "start_s": ("start_s", 1.0),
        "end_s": ("end_s", 1.0),
    }
)
"""What a column may hold: our name to quantity and factor to SI."""

_OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "id1": "object_a",
        "id2": "object_b",
        "norad_cat_id_1": "object_a",
        "norad_cat_id_2": "object_b",
        "object_1": "object_a",
        "object_2": "object_b",
        "object_name_1": "name_a",
        "object_name_2": "name_b",
        "tca": "tca_utc",
        "miss_km": "miss_distance_km",
        "miss_m": "miss_distance_m",
        "tca_range": "miss_distance_km",
        "vrel_km_s": "relative_speed_km_s",
        "tca_relative_speed": "relative_speed_km_s",
        "dse_1": "age_a_days",
        "dse_2": "age_b_days",
    }
)
"""Names that other lists use (the public SOCRATES list among them)."""


def read_rows(content: bytes, *, name: str = "") -> list[tuple[int, dict[str, Any]]]:
    """Return (line or record, cells by column) of a list as Parquet, CSV (lines with # skipped) or JSON.

    Raises
    ------
    FormatError
        None of the three, or without a row of column names.
    """
    plain = expand(content, name=name, limit=MAX_LIST_BYTES)
    if plain[:4] == b"PAR1":
        return list(enumerate(_parquet_rows(plain, name), 1))
    try:
        text = plain.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(
            "the list is neither Parquet nor text",
            value=f"byte {error.start}",
            allowed="Parquet, CSV or JSON",
            where=name,
        ) from error
    if text.lstrip()[:1] in ("[", "{"):
        return list(enumerate(_json_rows(text, name), 1))
    return _csv_rows(text, name)


def find_columns(
    present: Sequence[str], chosen: Sequence[str], needed: Sequence[str], *, name: str = ""
) -> dict[str, tuple[str, float]]:
    """Return quantity -> (column, factor) of a list.

    Parameters
    ----------
    present : sequence of str
        The columns of the file.
    chosen : sequence of str
        What the user says, each ``our_name=their_column``.
    needed : sequence of str
        Quantities without which the list is of no use; alternatives with ``|``.

    Raises
    ------
    InputError
        The user names a quantity or a column that is not there.
    FormatError
        A needed quantity is missing.
    """
    found: dict[str, tuple[str, float]] = {}
    for text in chosen:
        ours, equals, theirs = (part.strip() for part in text.partition("="))
        if not equals or ours not in QUANTITIES or theirs not in present:
            raise InputError(
                "a column cannot be matched so",
                value=text,
                allowed=f"one of {', '.join(QUANTITIES)} = one of {', '.join(present)}",
                where=name,
                hint="write our_name=their_column",
            )
        quantity, factor = QUANTITIES[ours]
        found[quantity] = (theirs, factor)
    for column in present:
        key = column.casefold()
        known = QUANTITIES.get(_OTHER_NAMES.get(key, key))
        if known:
            found.setdefault(known[0], (column, known[1]))
    missing = [need for need in needed if not any(part in found for part in need.split("|"))]
    if missing:
        raise FormatError(
            "the list lacks a column",
            value=", ".join(missing),
            allowed=f"columns named {', '.join(QUANTITIES)}",
            where=name,
            hint=f"it has {', '.join(present)[:200]}: say which is which (our_name=their_column)",
        )
    return found


def _parquet_rows(plain: bytes, name: str) -> list[dict[str, Any]]:
    from syzygy.formats.tabular import decode_table

    try:
        return decode_table(plain, "parquet", name=name).rows()
    except FormatError:
        pass
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(plain)).to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FormatError(
            "the Parquet file cannot be read", value=str(error)[:80], allowed="Parquet", where=name
        ) from error
    return rows


def _json_rows(text: str, name: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(
            "the JSON cannot be read", value=str(error)[:80], allowed="a list of objects", where=name
        ) from error
    if isinstance(found, dict) and isinstance(found.get("columns"), list):
        from syzygy.formats.tabular import decode_table

        return decode_table(text.encode(), "json", name=name).rows()
    rows = found if isinstance(found, list) else []
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise FormatError("the JSON is no list of approaches", allowed="a list of objects", where=name)
    return rows


def _csv_rows(text: str, name: str) -> list[tuple[int, dict[str, Any]]]:
    heading: list[str] = []
    rows: list[tuple[int, dict[str, Any]]] = []
    for line, cells in enumerate(csv.reader(io.StringIO(text)), 1):
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
            continue
        if not heading:
            heading = [cell.strip() for cell in cells]
        else:
            rows.append((line, dict(zip(heading, (cell.strip() for cell in cells), strict=False))))
    if not heading:
        raise FormatError("the list is empty", value=f"{len(text)} characters", allowed="CSV", where=name)
    return rows
