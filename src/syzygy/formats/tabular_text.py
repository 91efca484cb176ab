"""Tables as text: CSV with comment lines for the meaning of the columns, and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

from syzygy.base.errors import FormatError
from syzygy.base.tables import Column, Table
from syzygy.formats.tabular_checks import (
    KINDS,
    checked_table,
    column_from_values,
    kind_of,
    parse_cell,
    text_bytes,
)

_TABLE_MARK, _COLUMN_MARK = "# table ", "# column "
_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def encode_csv(table: Table) -> bytes:
    """Return UTF-8 text: one ``# table`` line, a ``# column`` line per column, the header, the rows.

    Numbers are the shortest text that gives the same double back.
    """
    stream = io.StringIO(newline="")
    head = {"name": table.name, "description": table.description}
    stream.write(f"{_TABLE_MARK}{json.dumps(head, ensure_ascii=False)}\n")
    for col in table.columns:
        stream.write(f"{_COLUMN_MARK}{json.dumps(_meaning(col, table), ensure_ascii=False)}\n")
    rows = zip(*(_cells(col) for col in table.columns), strict=True)
    stream.write(",".join(_quoted(name) for name in table.names) + "\n")
    stream.writelines(",".join(row) + "\n" for row in rows)
    return text_bytes(stream.getvalue())


def encode_json(table: Table) -> bytes:
    """Return one JSON object; values stand column by column, numbers that are none as text."""
    columns = [
        {**_meaning(col, table), "values": [_json_value(value) for value in col.values.tolist()]}
        for col in table.columns
    ]
    record = {"table": table.name, "description": table.description, "columns": columns}
    return text_bytes(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")


def decode_csv(content: bytes, name: str) -> Table:
    """Read a file of `encode_csv`; see `tabular.decode_table` for errors."""
    lines = _decode_text(content, name).split("\n")
    heads: list[dict[str, Any]] = []
    for line in lines:
        mark = _COLUMN_MARK if heads else _TABLE_MARK
        if not line.startswith(mark):
            break
        heads.append(_load_object(line.removeprefix(mark), name))
    if not heads:
        raise FormatError(
            "the CSV is no table of this program",
            value=lines[0][:60],
            allowed="# table and # column lines before the header",
            where=f"{name} line 1".strip(),
        )
    meanings = [_checked_meaning(head, name) for head in heads[1:]]
    rows = _read_rows("\n".join(lines[len(heads) :]), len(heads), meanings, name)
    columns = []
    for meaning, cells in zip(
        meanings, zip(*rows, strict=True) if rows else [()] * len(meanings), strict=True
    ):
        columns.append(_column(meaning, list(cells), name))
    return checked_table(_text(heads[0], "name", name), columns, _text(heads[0], "description", name), name)


def decode_json(content: bytes, name: str) -> Table:
    """Read a file of `encode_json`; see `tabular.decode_table` for errors."""
    record = _load_object(_decode_text(content, name), name)
    listed = record.get("columns")
    if not isinstance(listed, list):
        raise FormatError("the JSON is no table of this program", allowed="table, columns", where=name)
    columns = []
    for item in listed:
        if not isinstance(item, dict) or not isinstance(item.get("values"), list):
            raise FormatError("a column has no list of values", allowed="name, type, values", where=name)
        meaning = _checked_meaning(item, name)
        values = [_from_json(value, meaning, name) for value in item["values"]]
        columns.append(_column(meaning, values, name))
    return checked_table(_text(record, "table", name), columns, _text(record, "description", name), name)


def _meaning(col: Column, table: Table) -> dict[str, object]:
    return {
        "name": col.name,
        "type": kind_of(col, table.name),
        "unit": col.unit,
        "tolerance": float(col.tolerance),
        "description": col.description,
    }


def _cells(col: Column) -> list[str]:
    values = col.values.tolist()
    kind = col.values.dtype.kind
    if kind == "f":
        return [repr(value) for value in values]
    if kind == "b":
        return ["true" if value else "false" for value in values]
    if kind == "O":
        return [_quoted(value) for value in values]
    return [str(value) for value in values]


def _quoted(text: str) -> str:
    """Quote where needed; the csv module leaves a lone carriage return bare, which its reader then drops."""
    if text and not any(mark in text for mark in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


def _json_value(value: Any) -> Any:
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value


def _from_json(value: Any, meaning: dict[str, str], name: str) -> Any:
    kind = meaning["type"]
    if kind == "float":
        if isinstance(value, str) and value in _NOT_FINITE:
            return _NOT_FINITE[value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    elif kind == "int":
        if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
            return value
    elif (kind == "bool" and isinstance(value, bool)) or (kind == "text" and isinstance(value, str)):
        return value
    raise FormatError(
        "a value is not of the type of its column",
        value=repr(value)[:60],
        allowed=kind,
        where=f"{name} {meaning['name']}".strip(),
    )


def _read_rows(text: str, first_line: int, meanings: list[dict[str, str]], name: str) -> list[list[Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[Any]] = []
    kinds = [meaning["type"] for meaning in meanings]
    header: list[str] | None = None
    try:
        for cells in reader:
            if header is None:
                header = cells
                if header != [meaning["name"] for meaning in meanings]:
                    raise ValueError("the header does not repeat the # column lines")
            elif len(cells) != len(kinds):
                raise ValueError(f"{len(cells)} cells instead of {len(kinds)}")
            else:
                rows.append([parse_cell(cell, kind) for cell, kind in zip(cells, kinds, strict=True)])
    except (csv.Error, ValueError) as error:
        raise FormatError(
            "the CSV is broken",
            value=error,
            allowed="rows as the header says",
            where=f"{name} line {first_line + reader.line_num}".strip(),
        ) from error
    if header is None and meanings:
        raise FormatError("the CSV has no header", allowed="a line with the column names", where=name)
    return rows


def _checked_meaning(record: dict[str, Any], name: str) -> dict[str, str]:
    kind = record.get("type")
    if kind not in KINDS:
        raise FormatError(
            "a column has no known type", value=str(kind)[:40], allowed=", ".join(KINDS), where=name
        )
    tolerance = record.get("tolerance", 0.0)
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float):
        raise FormatError("the tolerance of a column is no number", value=str(tolerance)[:40], where=name)
    words = {key: _text(record, key, name) for key in ("name", "unit", "description")}
    return {**words, "type": str(kind), "tolerance": repr(float(tolerance))}


def _column(meaning: dict[str, str], values: list[Any], name: str) -> Column:
    return column_from_values(
        meaning["name"],
        values,
        meaning["type"],
        meaning["unit"],
        meaning["description"],
        meaning["tolerance"],
        name,
    )


def _text(record: dict[str, Any], key: str, name: str) -> str:
    value = record.get(key, "")
    if not isinstance(value, str):
        raise FormatError(f"{key} is no text", value=repr(value)[:40], allowed="text", where=name)
    return value


def _decode_text(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FormatError("the table is not UTF-8 text", value=f"byte {error.start}", where=name) from error


def _load_object(text: str, name: str) -> dict[str, Any]:
    try:
        record = json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError, OverflowError) as error:
        raise FormatError(
            "the JSON is broken", value=str(error)[:80], allowed="one object", where=name
        ) from error
    if not isinstance(record, dict):
        raise FormatError(
            "the JSON is no object", value=type(record).__name__, allowed="one object", where=name
        )
    return record


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return record


def _refuse(text: str) -> object:
    raise ValueError(f"{text} is no JSON number")
