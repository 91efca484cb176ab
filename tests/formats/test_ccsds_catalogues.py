"""OMM in the JSON and CSV of public catalogues, through the table of the OMM."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.formats.ccsds import Message, MessageError, read_message, write_message
from syzygy.formats.omm import read_omm

_NUMBERS = "numbers.json"
_STRINGS = "strings.json"
_TABLE = "table.csv"


def _leap_seconds() -> LeapSeconds:
    day = int(np.datetime64("2017-01-01").astype(int))
    return LeapSeconds(np.array([day]), np.array([37]), 2**62)


def _content(shared_data: Path, name: str) -> bytes:
    return (shared_data / "exchange" / "omm_json" / name).read_bytes()


def _fields(message: Message) -> list[dict[str, str]]:
    return [
        {entry.keyword: entry.text for block in part.root.walk() for entry in block.entries()}
        for part in message.parts
    ]


@pytest.mark.parametrize("name", [_NUMBERS, _STRINGS, _TABLE])
def test_a_catalogue_is_read_with_every_digit_and_given_back_unchanged(shared_data: Path, name: str) -> None:
    content = _content(shared_data, name)
    message = read_message(content, name=name)
    assert (message.kind, {part.kind for part in message.parts}) == ("NDM", {"OMM"})
    assert message.to_bytes() == write_message(message) == content
    raw = content.decode()
    for fields in _fields(message):
        for keyword in ("MEAN_MOTION", "ECCENTRICITY", "BSTAR", "NORAD_CAT_ID"):
            assert fields[keyword] in raw
    assert _fields(message)[-1]["NORAD_CAT_ID"] == "100123"


def test_both_dialects_and_the_table_say_the_same(shared_data: Path) -> None:
    read = [_fields(read_message(_content(shared_data, name))) for name in (_NUMBERS, _STRINGS, _TABLE)]
    for one, two, three in zip(*read, strict=True):
        assert one == three
        assert one.items() <= two.items()
        assert set(one) < set(two)


@pytest.mark.parametrize("name", [_NUMBERS, _STRINGS, _TABLE])
def test_the_elements_are_those_of_the_catalogue_reader(shared_data: Path, name: str) -> None:
    content = _content(shared_data, name)
    elements, rejected = read_omm(content, _leap_seconds(), name=name)
    assert not rejected
    for index, part in enumerate(read_message(content, name=name).parts):
        assert part.find("NORAD_CAT_ID")[0].number() == elements.object_id[index]
        assert part.find("ECCENTRICITY")[0].number() == elements.eccentricity[index]
        assert part.find("BSTAR")[0].number() == elements.bstar_per_earth_radius[index]


def test_what_a_catalogue_leaves_out_is_noted_once_and_not_invented(shared_data: Path) -> None:
    message = read_message(_content(shared_data, _NUMBERS))
    missing = [item.keyword for item in message.diagnostics if item.code == "missing_mandatory"]
    assert sorted(missing) == [
        "CCSDS_OMM_VERS", "CENTER_NAME", "CREATION_DATE", "MEAN_ELEMENT_THEORY", "ORIGINATOR", "REF_FRAME",
        "TIME_SYSTEM",
    ]  # fmt: skip
    assert all(keyword not in fields for keyword in missing for fields in _fields(message))
    with pytest.raises(MessageError):
        read_message(_content(shared_data, _NUMBERS), strict=True)


def test_keys_of_the_catalogue_alone_become_user_defined_and_go_round(shared_data: Path) -> None:
    message = read_message(_content(shared_data, _STRINGS))
    extra = [item.keyword for item in message.diagnostics if item.code == "unknown_keyword"]
    assert {"SEMIMAJOR_AXIS", "PERIOD", "APOAPSIS", "PERIAPSIS"} <= set(extra)
    assert len(extra) == len(set(extra))
    assert _fields(message)[0]["USER_DEFINED_PERIOD"] == "1436.076"
    again = read_message(write_message(message, "xml"))
    assert _fields(again) == _fields(message)
    for part in message.parts:
        back = read_message(write_message(part, "kvn"))
        assert _fields(Message("NDM", "", "kvn", "", b"", back.root, None, (), (back,))) == [
            {entry.keyword: entry.text for block in part.root.walk() for entry in block.entries()}
        ]
        assert [c for b in back.root.walk() for c in b.comments()] == [
            c for b in part.root.walk() for c in b.comments()
        ]


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("MEAN_MOTION", "1_0"), ("ECCENTRICITY", "x"), ("EPOCH", "2020-02-30T00:00:00"), ("NORAD_CAT_ID", "a")],
)
def test_a_bad_value_of_a_catalogue_is_refused(shared_data: Path, keyword: str, value: str) -> None:
    records = json.loads(_content(shared_data, _STRINGS))
    records[-1][keyword] = value
    with pytest.raises(MessageError) as caught:
        read_message(json.dumps(records).encode())
    bad = [item for item in caught.value.diagnostics if item.severity == "error"]
    assert [(item.keyword, item.line) for item in bad] == [(keyword, len(records))]


@pytest.mark.parametrize(
    "content",
    [
        b"[]", b"[1]", b"[[]]", b'[{"EPOCH": NaN}]', b'[{"EPOCH": true}]', b'[{"EPOCH": {}}]',
        b'[{"A": "1", "A": "2"}]', b'[{"a": "1"}]', b'[{"A": "1\\n2"}]', b'{"EPOCH": "1"',
        b"EPOCH,MEAN_MOTION\n1\n", b"EPOCH,MEAN_MOTION,EPOCH\n", b'EPOCH,MEAN_MOTION\n"1,2\n',
        b"EPOCH,MEAN_MOTION\n\xff,2\n", b"EPOCH,MEAN_MOTION\n", b"[" * 50_000,
    ],
)  # fmt: skip
def test_what_is_no_catalogue_is_refused_cleanly(content: bytes) -> None:
    with pytest.raises((FormatError, SyzygyError)):
        read_message(content)
