"""The XML catalogue reader beside a plain walk over the whole tree: the same records and rejections."""

from __future__ import annotations

import random
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from typing import Any

import pytest

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.xml_tree import Element, read_xml
from syzygy.formats.omm_values import omm_table
from syzygy.formats.omm_xml import read_xml_records

MESSAGE = """<omm id="CCSDS_OMM_VERS" version="3.0"><header><COMMENT>c</COMMENT>
<ORIGINATOR>A</ORIGINATOR></header>
<body><segment><metadata><COMMENT>m</COMMENT><OBJECT_NAME>A &amp; B</OBJECT_NAME>
<TIME_SYSTEM>UTC</TIME_SYSTEM>
</metadata><data><meanElements><EPOCH>2026-01-01T00:00:00</EPOCH>
<MEAN_MOTION units="rev/day">15.5</MEAN_MOTION>
</meanElements><tleParameters><NORAD_CAT_ID>25544</NORAD_CAT_ID><BSTAR/></tleParameters>
<userDefinedParameters><USER_DEFINED parameter="X">1</USER_DEFINED></userDefinedParameters>
</data></segment></body></omm>
"""
SECTIONS = frozenset(omm_table().blocks)


def _fuzz() -> Any:
    spec = util.spec_from_file_location("fuzz_messages", Path(__file__).with_name("fuzz_messages.py"))
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _named(element: Element, tag: str) -> Iterator[Element]:
    if element.tag == tag:
        yield element
        return
    for child in element.children:
        yield from _named(child, tag)


def _collect(element: Element, fields: dict[str, str]) -> str:
    for child in element.children:
        if child.tag in SECTIONS:
            if twice := _collect(child, fields):
                return twice
        elif not child.children and child.tag != "COMMENT":
            if child.tag in fields:
                return child.tag
            fields[child.tag] = child.text
    return ""


def _walked(text: str) -> list[tuple[int, object]] | str:
    """Return what a walk over the tree finds, or what it is refused for."""
    try:
        root = read_xml(text.encode())
    except FormatError as error:
        return error.what
    found: list[tuple[int, object]] = []
    messages = list(_named(root, "omm"))
    for message in messages:
        for segment in list(_named(message, "segment")) or [message]:
            fields: dict[str, str] = {}
            found.append((segment.line, _collect(segment, fields) or fields))
    return found if messages else "the XML holds no omm element"


def _streamed(text: str) -> list[tuple[int, object]] | str:
    try:
        records, rejected = read_xml_records(text, "")
    except FormatError as error:
        return error.what
    both = [(record.line, dict(record.fields)) for record in records]
    return [*both, *((item.line, item.text) for item in rejected)]


def _same(text: str) -> bool:
    expected, found = _walked(text), _streamed(text)
    if isinstance(expected, str) or isinstance(found, str):
        return expected == found
    return sorted(expected, key=repr) == sorted(found, key=repr)


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE,
        f"<ndm>{MESSAGE}{MESSAGE}</ndm>",
        "<omm><EPOCH>1</EPOCH><data>x</data><omm/><a><EPOCH>2</EPOCH></a></omm>",
        "<omm><EPOCH>1</EPOCH><x><segment><EPOCH>2</EPOCH><segment><b>1</b></segment></segment></x><c/></omm>",
        "<omm><segment/><segment><data><data><a>1</a></data><a>2</a></data></segment></omm>",
        "<a:ndm xmlns:a='b'><a:omm><a:segment><a:EPOCH>1</a:EPOCH></a:segment></a:omm></a:ndm>",
        "<omm>x<a/></omm>",
        "<omm><a><b/>x</a></omm>",
        "<ndm/>",
        "<!DOCTYPE a><omm/>",
        "<omm><a><![CDATA[1 < 2]]>3&#52;</a></omm>",
        "<omm>" + "<data>" * 23 + "</data>" * 23 + "</omm>",
        "<omm>" + "<data>" * 24 + "</data>" * 24 + "</omm>",
        "<omm><a>" + "x" * (1 << 20) + "</a></omm>",
        "<omm><a>" + "x" * ((1 << 20) + 1) + "</a></omm>",
    ],
)
def test_a_record_is_what_a_walk_over_the_tree_finds(text: str) -> None:
    assert _same(text)


@pytest.mark.slow
def test_mutated_catalogues_are_read_as_a_walk_over_the_tree_reads_them() -> None:
    fuzz, chance = _fuzz(), random.Random(3)
    pool = [MESSAGE.encode(), f"<ndm>{MESSAGE}{MESSAGE}</ndm>".encode()]
    spice = (*fuzz.spices("xml"), b"<segment>", b"</data>", b"<data>", b"<omm>", b"</omm>")
    for _ in range(20_000):
        text = fuzz.mutate(chance.choice(pool), pool, chance, spice).decode("utf-8", "replace")
        assert _same(text), text
