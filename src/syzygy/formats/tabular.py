"""Tables as files: Parquet, CSV and JSON, with unit, description and tolerance of every column kept."""

from __future__ import annotations

from pathlib import Path

from syzygy.base.errors import FormatError, InputError
from syzygy.base.storage import read_bytes, write_bytes
from syzygy.base.tables import Table
from syzygy.formats.tabular_parquet import decode_parquet, encode_parquet
from syzygy.formats.tabular_text import decode_csv, decode_json, encode_csv, encode_json

FORMATS = ("parquet", "csv", "json")
MAX_TABLE_BYTES = 1 << 30

_ENCODERS = {"parquet": encode_parquet, "csv": encode_csv, "json": encode_json}
_DECODERS = {"parquet": decode_parquet, "csv": decode_csv, "json": decode_json}


def encode_table(table: Table, format_name: str) -> bytes:
    """Return the file content of a table; equal tables give equal bytes.

    Parameters
    ----------
    table : Table
        Columns of float64, int64, bool or text.
    format_name : str
        ``parquet``, ``csv`` or ``json``.

    Raises
    ------
    InputError
        Another format, or text that UTF-8 cannot hold.

    Examples
    --------
    >>> from syzygy.base.tables import column, table
    >>> content = encode_table(table("passes", [column("rise_s", [1.5], "s", "start")]), "csv")
    >>> print(content.decode())
    # table {"name": "passes", "description": ""}
    # column {"name": "rise_s", "type": "float", "unit": "s", "tolerance": 0.0, "description": "start"}
    rise_s
    1.5
    <BLANKLINE>
    """
    if format_name not in _ENCODERS:
        raise InputError("unknown table format", value=format_name, allowed=", ".join(FORMATS))
    try:
        return _ENCODERS[format_name](table)
    except UnicodeEncodeError as error:
        raise InputError(
            "a table holds text that UTF-8 cannot hold",
            value=repr(error.object[error.start]),
            where=table.name,
        ) from error


def decode_table(content: bytes, format_name: str, *, name: str = "") -> Table:
    """Return the table of a file that `encode_table` made.

    Parameters
    ----------
    content : bytes
        The file.
    format_name : str
        ``parquet``, ``csv`` or ``json``.
    name : str
        The file, for messages.

    Raises
    ------
    FormatError
        Malformed, larger than 1 GiB (Parquet: also unpacked), or not a table of ours.
    InputError
        Another format.
    """
    if format_name not in _DECODERS:
        raise InputError("unknown table format", value=format_name, allowed=", ".join(FORMATS), where=name)
    if len(content) > MAX_TABLE_BYTES:
        raise FormatError(
            "the table is too large",
            value=f"{len(content)} bytes",
            allowed=f"{MAX_TABLE_BYTES} bytes",
            where=name,
        )
    return _DECODERS[format_name](content, name)


def table_format(path: Path) -> str:
    """Return the format that a file name asks for.

    Raises
    ------
    InputError
        The suffix is none of ``.parquet``, ``.csv``, ``.json``.
    """
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise InputError(
            "the file name does not say which table format is wanted",
            value=path.name,
            allowed="a name that ends in .parquet, .csv or .json",
            where="--out",
        )
    return suffix


def write_table(table: Table, path: Path) -> None:
    """Write a table in the format of the file name, whole or not at all.

    Raises
    ------
    InputError
        Another suffix.
    StorageError
        The place cannot be written.
    """
    write_bytes(path, encode_table(table, table_format(path)))


def read_table(path: Path) -> Table:
    """Read a table in the format of the file name.

    Raises
    ------
    InputError
        Another suffix.
    FormatError
        Malformed.
    StorageError
        The file cannot be read.
    """
    format_name = table_format(path)
    return decode_table(read_bytes(path, limit=MAX_TABLE_BYTES), format_name, name=str(path))
