"""Tables come back from every file format exactly as they went in; broken files are refused with words."""

from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.base.errors import FormatError, InputError, StorageError, SyzygyError
from syzygy.base.tables import Column, Table, column, table
from syzygy.formats.tabular import FORMATS, decode_table, encode_table, read_table, write_table

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
VALUES = {
    "float": st.floats(),
    "int": st.integers(-(2**63), 2**63 - 1),
    "bool": st.booleans(),
    "text": WORDS,
}
DTYPES = {"float": np.float64, "int": np.int64, "bool": bool, "text": object}


@st.composite
def tables(draw) -> Table:
    rows = draw(st.integers(0, 5))
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    columns = []
    for name in names:
        kind = draw(st.sampled_from(sorted(VALUES)))
        values = np.empty(rows, dtype=DTYPES[kind])
        values[:] = draw(st.lists(VALUES[kind], min_size=rows, max_size=rows))
        unit = draw(st.sampled_from(["", "m", "deg", "m/s"]))
        tolerance = draw(st.floats(0.0, 1e6))
        columns.append(column(name, values, unit, draw(WORDS), tolerance=tolerance))
    return table(draw(NAMES), columns, draw(WORDS))


def assert_equal(first: Table, second: Table) -> None:
    assert (first.name, first.description, first.names) == (second.name, second.description, second.names)
    for a, b in zip(first.columns, second.columns, strict=True):
        assert (a.unit, a.description, a.tolerance) == (b.unit, b.description, b.tolerance)
        assert a.values.dtype == b.values.dtype
        if a.values.dtype.kind == "f":
            assert np.array_equal(a.values.view(np.int64)[~np.isnan(a.values)],
                                  b.values.view(np.int64)[~np.isnan(b.values)])  # fmt: skip
            assert np.array_equal(np.isnan(a.values), np.isnan(b.values))
        else:
            assert a.values.tolist() == b.values.tolist()


@pytest.mark.parametrize("format_name", FORMATS)
@given(original=tables())
def test_a_table_comes_back_exactly(format_name, original):
    content = encode_table(original, format_name)
    assert_equal(decode_table(content, format_name), original)
    assert encode_table(decode_table(content, format_name), format_name) == content


@pytest.fixture
def sample() -> Table:
    return table(
        "passes",
        [
            column("object_id", [25544, 799_500_002], "1", "catalogue number"),
            column("rise_s", [0.1, math.inf], "s", "start", tolerance=1e-3),
            column("open", [True, False]),
            column("name", ['a, b\n"c"\r', "Ünï"], "", "name"),
        ],
        "two passes",
    )


@pytest.mark.parametrize("format_name", FORMATS)
def test_files_are_written_and_read_by_their_suffix(tmp_path, sample, format_name):
    path = tmp_path / "deep" / f"passes.{format_name.upper()}"
    write_table(sample, path)
    assert_equal(read_table(path), sample)


def test_parquet_carries_units_for_other_tools(sample):
    import pyarrow.parquet as pq

    schema = pq.read_schema(io.BytesIO(encode_table(sample, "parquet")))
    assert schema.field("rise_s").metadata == {
        b"unit": b"s",
        b"description": b"start",
        b"tolerance": b"0.001",
    }
    assert schema.metadata[b"table"] == b"passes"


def test_another_suffix_or_format_is_refused(tmp_path, sample):
    with pytest.raises(InputError, match="table format"):
        write_table(sample, tmp_path / "passes.xlsx")
    with pytest.raises(InputError, match="unknown table format"):
        encode_table(sample, "xlsx")
    with pytest.raises(InputError, match="unknown table format"):
        decode_table(b"", "xlsx")
    with pytest.raises(StorageError):
        read_table(Path(tmp_path / "none.csv"))


@pytest.mark.parametrize("format_name", FORMATS)
def test_text_that_utf8_cannot_hold_is_refused(format_name):
    with pytest.raises(InputError, match="UTF-8"):
        encode_table(table("t", [column("a", ["\ud800"])]), format_name)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_column_of_another_type_is_refused(format_name):
    wrong = Table("t", (Column("a", np.zeros(2, dtype=np.float32)),))
    with pytest.raises(InputError, match="another type"):
        encode_table(wrong, format_name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"# table", b"# tafel"),
        (b'"name": "passes"', b'"name": ""'),
        (b'"type": "int"', b'"type": "complex"'),
        (b'"tolerance": 0.001', b'"tolerance": -1'),
        (b'"tolerance": 0.001', b'"tolerance": NaN'),
        (b'"name": "rise_s"', b'"name": "set_s"'),
        (b"25544,0.1", b"25544,1_0"),
        (b"25544,0.1", b"25544,0.1,7"),
        (b"25544,0.1", b"2.5,0.1"),
        (b"25544,0.1", b"99999999999999999999,0.1"),
        (b"25544,0.1,true", b"25544,0.1,True"),
        ("Ünï".encode(), b"\xff"),
        (b"object_id,rise_s", b"rise_s,object_id"),
    ],
)
def test_a_wrong_csv_is_refused(sample, old, new):
    content = encode_table(sample, "csv")
    assert old in content
    with pytest.raises(FormatError):
        decode_table(content.replace(old, new), "csv", name="x.csv")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"columns"', b'"colunms"'),
        (b'"table": "passes"', b'"table": 5'),
        (b"25544", b"true"),
        (b"25544", b"2.5"),
        (b"25544", b"99999999999999999999"),
        (b'"inf"', b"Infinity"),
        (b'"inf"', b'"infinity"'),
        (b"true", b"1"),
        (b'"unit": "s"', b'"unit": "s", "unit": "m"'),
        (b"[25544, ", b"["),
    ],
)
def test_a_wrong_json_is_refused(sample, old, new):
    content = encode_table(sample, "json")
    assert old in content
    with pytest.raises(FormatError):
        decode_table(content.replace(old, new), "json", name="x.json")


def test_foreign_parquet_is_refused_with_words():
    import pyarrow as pa
    import pyarrow.parquet as pq

    cases = [
        pa.table({"a": pa.array([1, None])}),
        pa.table({"a": pa.array([1.0], type=pa.float32())}),
        pa.table({"a": pa.array([1.0])}),
    ]
    for case in cases:
        stream = io.BytesIO()
        pq.write_table(case, stream)
        with pytest.raises(FormatError):
            decode_table(stream.getvalue(), "parquet")


@pytest.mark.parametrize("format_name", FORMATS)
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 2500), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=4
    )
)
def test_mutated_files_never_fail_otherwise_than_by_our_errors(format_name, cuts):
    original = table("t", [column("a", [1.5, 2.5], "m"), column("b", ["x", "y"]), column("c", [1, 2])])
    content = encode_table(original, format_name)
    for at, length, new in cuts:
        content = content[:at] + new + content[at + length :]
    try:
        decoded = decode_table(content, format_name)
    except SyzygyError:
        return
    assert isinstance(decoded, Table)


def test_a_table_beyond_the_limit_is_refused(monkeypatch, sample):
    monkeypatch.setattr("syzygy.formats.tabular.MAX_TABLE_BYTES", 10)
    with pytest.raises(FormatError, match="too large"):
        decode_table(encode_table(sample, "csv"), "csv")
    monkeypatch.setattr("syzygy.formats.tabular.MAX_TABLE_BYTES", 1 << 20)
    monkeypatch.setattr("syzygy.formats.tabular_parquet.MAX_CELLS", 3)
    with pytest.raises(FormatError, match="unpacked"):
        decode_table(encode_table(sample, "parquet"), "parquet")
