"""Tables as Parquet: the column's unit, description and tolerance in the metadata of its field."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from syzygy.base.errors import FormatError, SyzygyError
from syzygy.base.tables import Column, Table
from syzygy.formats.tabular_checks import checked_table, column_from_values, kind_of, text_bytes

MAX_CELLS = 400_000_000
MAX_UNPACKED_BYTES = 4 << 30
_ROWS_PER_GROUP = 1 << 20


def encode_parquet(table: Table) -> bytes:
    """Return one Parquet file (zstd); the same pyarrow gives the same bytes for equal tables."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"float": pa.float64(), "int": pa.int64(), "bool": pa.bool_(), "text": pa.string()}
    arrays, fields = [], []
    for col in table.columns:
        kind = types[kind_of(col, table.name)]
        if kind == pa.string():
            text_bytes("".join(col.values.tolist()))
        arrays.append(pa.array(col.values, type=kind, from_pandas=False))
        metadata = {"unit": col.unit, "description": col.description, "tolerance": repr(float(col.tolerance))}
        fields.append(pa.field(col.name, kind, nullable=False, metadata=metadata))
    schema = pa.schema(fields, metadata={"table": table.name, "description": table.description})
    stream = io.BytesIO()
    pq.write_table(
        pa.Table.from_arrays(arrays, schema=schema),
        stream,
        compression="zstd",
        compression_level=3,
        version="2.6",
        row_group_size=_ROWS_PER_GROUP,
        write_statistics=True,
        store_schema=True,
    )
    return stream.getvalue()


def decode_parquet(content: bytes, name: str) -> Table:
    """Read a file of `encode_parquet`; see `tabular.decode_table` for errors."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(io.BytesIO(content), thrift_string_size_limit=1 << 24)
        _require_size(file.metadata, name)
        read = file.read(use_threads=False)
        read.validate(full=True)
        columns = [_column(pa, field, read.column(i), name) for i, field in enumerate(read.schema)]
        metadata = read.schema.metadata or {}
        return checked_table(_word(metadata, b"table"), columns, _word(metadata, b"description"), name)
    except SyzygyError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError, TypeError) as error:
        raise FormatError(
            "the Parquet file is broken",
            value=str(error).splitlines()[0][:120] if str(error) else type(error).__name__,
            allowed="a whole Parquet file",
            where=name,
        ) from error


def _require_size(metadata: Any, name: str) -> None:
    cells = metadata.num_rows * max(1, metadata.num_columns)
    unpacked = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if not 0 <= cells <= MAX_CELLS or not 0 <= unpacked <= MAX_UNPACKED_BYTES:
        raise FormatError(
            "the Parquet file is too large when unpacked",
            value=f"{cells} cells, {unpacked} bytes",
            allowed=f"{MAX_CELLS} cells, {MAX_UNPACKED_BYTES} bytes",
            where=name,
        )


def _column(pa: Any, field: Any, chunked: Any, name: str) -> Column:
    kinds = {pa.float64(): "float", pa.int64(): "int", pa.bool_(): "bool", pa.string(): "text"}
    kind = kinds.get(field.type)
    if kind is None:
        raise FormatError(
            "a Parquet column has another type",
            value=str(field.type)[:60],
            allowed="double, int64, bool, string",
            where=f"{name} {field.name}".strip(),
        )
    if chunked.null_count:
        raise FormatError(
            "a Parquet column holds nulls",
            value=chunked.null_count,
            allowed="none",
            where=f"{name} {field.name}",
        )
    metadata = field.metadata or {}
    values: Any = chunked.to_pylist() if kind == "text" else np.asarray(chunked.to_numpy())
    return column_from_values(
        field.name,
        values,
        kind,
        _word(metadata, b"unit"),
        _word(metadata, b"description"),
        _word(metadata, b"tolerance") or "0.0",
        name,
    )


def _word(metadata: dict[bytes, bytes], key: bytes) -> str:
    return metadata.get(key, b"").decode("utf-8")
