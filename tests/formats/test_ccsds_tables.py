"""The keyword tables against a table that was taken from the books by others, and against the books."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from pathlib import Path

import pytest

from syzygy.base.errors import UnknownNameError
from syzygy.formats.ccsds import VERSIONS, message_table
from syzygy.formats.ccsds.meanings import keyword_meaning

_CURRENT = {kind: versions[-1] for kind, versions in VERSIONS.items()}
_BOOKS = {
    "OPM": "ODM_502.0-B-3", "OMM": "ODM_502.0-B-3", "OEM": "ODM_502.0-B-3", "OCM": "ODM_502.0-B-3",
    "APM": "ADM_504.0-B-2", "AEM": "ADM_504.0-B-2", "ACM": "ADM_504.0-B-2", "TDM": "TDM_503.0-B-2",
    "CDM": "CDM_508.0-B-1", "RDM": "RDM_508.1-B-1",
}  # fmt: skip


def _rows(path: Path) -> list[dict[str, str]]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


@pytest.mark.parametrize("kind", list(_CURRENT))
def test_a_table_is_the_one_of_the_oracle_but_for_listed_rows(
    kind: str, shared_data: Path, test_data: Path
) -> None:
    oracle = [row for row in _rows(shared_data / "exchange/oracles/keywords.csv") if row["message"] == kind]
    ours = list(message_table(kind, _CURRENT[kind]).rows)
    assert [row.keyword for row in ours] == [row["keyword"] for row in oracle]
    odd = set()
    for row, given in zip(ours, oracle, strict=True):
        pairs = {
            "unit": (row.unit, given["units"]),
            "status": (row.status, given["status"]),
            "default": (row.default, given["default"]),
            "table": (row.clause, f"{given['book']} table {given['table']}"),
        }
        odd |= {(row.keyword, what, mine, theirs) for what, (mine, theirs) in pairs.items() if mine != theirs}
        if given["choice"]:
            assert row.condition.startswith(("one of", "at most one of")), row
    listed = [r for r in _rows(test_data / "ccsds/keyword_disagreements.csv") if r["message"] == kind]
    assert odd == {(r["keyword"], r["what"], r["ours"], r["oracle"]) for r in listed}
    assert all(r["reason"] for r in listed)


def _requirements(shared_data: Path, kind: str) -> dict[str, str]:
    path = shared_data / "exchange/ccsds/books" / f"{_BOOKS[kind]}.txt.gz"
    found: dict[str, str] = {}
    for part in re.split(
        r"\n(?=\s{0,3}[0-9]\.[0-9]+(?:\.[0-9]+)*\s)", gzip.decompress(path.read_bytes()).decode()
    ):
        number, _, text = part.strip().partition(" ")
        found[number] = found.get(number, "") + " " + text
    return found


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(_CURRENT))
def test_the_requirements_of_a_keyword_are_in_the_book_and_name_it(kind: str, shared_data: Path) -> None:
    requirements = _requirements(shared_data, kind)
    general = {"6.8.1", "3.5.11", "3.5.12"}  # all angles; all longitudes, latitudes
    odd = []
    for row in message_table(kind, _CURRENT[kind]).rows:
        name = re.sub("_[nx]$", "", row.keyword)
        for number in row.rule.split():
            if number not in requirements or (number not in general and name not in requirements[number]):
                odd.append((row.keyword, number))
    assert not odd


@pytest.mark.slow
def test_numbers_of_a_cdm_have_the_type_that_the_book_prints(shared_data: Path) -> None:
    text = gzip.decompress((shared_data / "exchange/ccsds/books/CDM_508.0-B-1.txt.gz").read_bytes()).decode()
    tables = text[
        text.rindex("MISS_DISTANCE    ", 0, text.index("RELATIVE_SPEED    ")) : text.index("3.6.1 OVERVIEW")
    ]
    table = message_table("CDM", "1.0")
    rows = {row.keyword: row for row in table.rows}
    compared = 0
    for part in re.split(r"\n(?= *[A-Z][A-Z0-9_]{2,} {2,})", tables):
        name = part.split()[0] if part.split() else ""
        printed = re.search(r"[Dd]ata\s+type\s*=\s*(double|integer)", re.sub(r"\s+", " ", part))
        if name in rows and printed and rows[name].kind not in ("marker",):
            assert rows[name].kind == {"double": "number", "integer": "integer"}[printed[1]], name
            compared += 1
    assert compared >= 12


@pytest.mark.parametrize("kind", list(VERSIONS))
def test_every_table_is_whole(kind: str) -> None:
    for version in VERSIONS[kind]:
        table = message_table(kind, version)
        assert table.rows[0].keyword == f"CCSDS_{kind}_VERS"
        assert table.rows[0].values == (version,)
        for row in table.rows:
            assert row.block in table.blocks or row.kind == "column", row
            assert row.clause
            for word in row.condition.removeprefix("noted ").split():
                if (
                    word.isupper()
                    and len(word) > 3
                    and row.condition.startswith(("with", "one", "at", "noted"))
                ):
                    assert table.find(row.block, word), (row.keyword, word)
        names = Counter(
            (row.block, row.keyword)
            for row in table.rows
            if row.keyword != "COMMENT" and row.kind != "column"
        )
        assert max(names.values()) == 1


def test_a_table_says_whether_it_was_derived_from_another_issue() -> None:
    derived = {
        (kind, version)
        for kind, versions in VERSIONS.items()
        for version in versions
        if message_table(kind, version).derived
    }
    assert derived == {
        ("OPM", "1.0"), ("OPM", "2.0"), ("OMM", "2.0"), ("OEM", "1.0"), ("OEM", "2.0"), ("APM", "1.0"),
        ("AEM", "1.0"), ("TDM", "1.0"),
    }  # fmt: skip
    assert message_table("OPM", "1.0").book == "502.0-B-1"
    for kind, version in derived:
        for row in message_table(kind, version).rows:
            assert ", derived from " in row.clause


def test_versions_that_were_never_published_are_unknown() -> None:
    with pytest.raises(UnknownNameError, match=r"9\.9"):
        message_table("OEM", "9.9")


@pytest.mark.parametrize("kind", list(VERSIONS))
def test_every_keyword_of_every_version_has_a_meaning(kind: str) -> None:
    for version in VERSIONS[kind]:
        for row in message_table(kind, version).rows:
            assert keyword_meaning(kind, row.keyword), row.keyword
