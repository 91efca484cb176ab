"""The keyword tables against a table that was taken from the books by others."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from syzygy.base.errors import UnknownNameError
from syzygy.formats.ccsds import VERSIONS, message_table

_CURRENT = {kind: versions[-1] for kind, versions in VERSIONS.items()}
# Columns of manoeuvre lines and TDM data keywords carry units that the oracle's table leaves to the text.
_UNITS_FROM_THE_TEXT = {
    ("ACM", "TAIMUTC_AT_TZERO"): "504.0-B-2 table 7-6 gives s for the XML; figure G-8 writes [s]",
    ("ACM", "NEXT_LEAP_TAIMUTC"): "as TAIMUTC_AT_TZERO",
    ("TDM", "FREQ_OFFSET"): "503.0-B-2 3.5.2: Hz",
    ("TDM", "INTEGRATION_INTERVAL"): "503.0-B-2 table 3-3: seconds",
    ("TDM", "TRANSMIT_DELAY_n"): "503.0-B-2 table 3-3: seconds",
    ("TDM", "RECEIVE_DELAY_n"): "503.0-B-2 table 3-3: seconds",
}


def _oracle(shared_data: Path) -> list[dict[str, str]]:
    path = shared_data / "exchange" / "oracles" / "keywords.csv"
    return list(csv.DictReader(line for line in path.read_text().splitlines() if not line.startswith("#")))


@pytest.mark.parametrize("kind", list(_CURRENT))
def test_keywords_units_status_and_order_are_those_of_the_book(kind: str, shared_data: Path) -> None:
    oracle = [row for row in _oracle(shared_data) if row["message"] == kind]
    ours = list(message_table(kind, _CURRENT[kind]).rows)
    assert [row.keyword for row in ours] == [row["keyword"] for row in oracle]
    assert [row.status for row in ours] == [row["status"] for row in oracle]
    odd = [
        (row.keyword, row.unit, expected["units"])
        for row, expected in zip(ours, oracle, strict=True)
        if row.unit != expected["units"]
        and not expected["units"].startswith("(")
        and (kind, row.keyword) not in _UNITS_FROM_THE_TEXT
    ]
    assert not odd


@pytest.mark.parametrize("kind", list(VERSIONS))
def test_every_table_is_whole(kind: str) -> None:
    for version in VERSIONS[kind]:
        table = message_table(kind, version)
        assert table.rows[0].keyword == f"CCSDS_{kind}_VERS"
        assert table.rows[0].values == (version,)
        for row in table.rows:
            assert row.block in table.blocks or row.kind == "column", row
            assert row.clause
            for word in row.condition.split():
                if word.isupper() and len(word) > 3 and row.condition.startswith(("with", "one", "at")):
                    assert table.find(row.block, word), (row.keyword, word)
        names = Counter(
            (row.block, row.keyword)
            for row in table.rows
            if row.keyword != "COMMENT" and row.kind != "column"
        )
        assert max(names.values()) == 1


def test_versions_that_were_never_published_are_unknown() -> None:
    with pytest.raises(UnknownNameError, match=r"9\.9"):
        message_table("OEM", "9.9")
