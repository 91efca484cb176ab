"""Lists written by hand: whom to screen, what to leave out, how large each is; nothing is lost in silence."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from syzygy.astro.almanac import Almanac
from syzygy.base.errors import FormatError
from syzygy.data import build_almanac
from syzygy.formats.object_lists import is_list_file, read_exclusions, read_object_list, read_radii


@pytest.fixture(scope="module")
def almanac() -> Almanac:
    return build_almanac(("leap_seconds",))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("25544\n48274\n", ("25544", "48274")),
        ("# ours\n25544, 48274\n\n1998-067A", ("25544", "48274", "1998-067A")),
        ("NAME,NORAD_CAT_ID\nISS,25544\nCSS,48274\n", ("25544", "48274")),
        ("﻿object\r\nT0001\r\n", ("T0001",)),
    ],
)
def test_a_list_is_read_however_it_is_written(text: str, names: tuple[str, ...], almanac: Almanac) -> None:
    assert read_object_list(text.encode(), almanac.leap_seconds) == names


def test_a_catalogue_is_a_list_of_its_objects(almanac: Almanac, repository: Path) -> None:
    place = repository / "tests" / "data" / "debris" / "iridium33_cosmos2251_2009.3le"
    assert read_object_list(place.read_bytes(), almanac.leap_seconds) == ("24946", "22675")
    assert read_object_list(gzip.compress(place.read_bytes()), almanac.leap_seconds) == ("24946", "22675")


@pytest.mark.parametrize("content", [b"", b"\n\n# nothing\n", b"\xff\xfe\x00"])
def test_a_list_without_an_object_is_refused(content: bytes, almanac: Almanac) -> None:
    with pytest.raises(FormatError):
        read_object_list(content, almanac.leap_seconds, name="own.txt")


def test_what_means_a_file_and_what_an_object() -> None:
    assert [is_list_file(text) for text in ("25544", "1, 2,3", "1998-067A", "lists/own", "own.csv")] == [
        False,
        False,
        False,
        True,
        True,
    ]


def test_exclusions_keep_their_lines_and_list_what_cannot_be_used() -> None:
    text = b"object_a,object_b,reason\n25544,48274,iss\n# old\n99,,own debris\n7,7,itself\n,8,nobody\n5,*,all"
    rules, rejected = read_exclusions(text)
    assert [(rule.line, rule.object_a, rule.object_b, rule.reason) for rule in rules] == [
        (2, "25544", "48274", "iss"),
        (4, "99", "", "own debris"),
        (7, "5", "", "all"),
    ]
    assert [record.line for record in rejected] == [5, 6]
    with pytest.raises(FormatError, match="object_a"):
        read_exclusions(b"25544,48274\n", name="pairs.csv")


def test_radii_in_centimetres_are_refused_by_their_size_and_blanks_are_unknown() -> None:
    text = b"ObjectID,HBR,Mass\n1,,3\n5,0.3,1\n25544,5500,420000\n6,-1,\n7,ten,\n,2,\n"
    radii, rejected = read_radii(text)
    assert [(item.object, item.radius_m) for item in radii] == [("5", 0.3)]
    assert [record.line for record in rejected] == [4, 5, 6, 7]
    assert "the unit is m" in rejected[0].reason
