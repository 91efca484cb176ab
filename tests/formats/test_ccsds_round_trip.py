"""The whole corpus through every form, judged from the files' own text and not by this reader."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from syzygy.base.errors import SyzygyError
from syzygy.formats.ccsds import Message, change_value, read_message, write_message

_UNIT = re.compile(r"\s*\[[^\[\]]*\]\s*$")
_LIST_OF_UNITS = re.compile(r"(TRAJ|COV|MAN)_UNITS")


def _corpus(shared_data: Path, form: str) -> Iterator[tuple[str, bytes, Message]]:
    for path in sorted((shared_data / "exchange" / "ccsds").rglob("*")):
        if not path.is_file() or path.suffix in (".csv", ".gz"):
            continue
        content = path.read_bytes()
        try:
            message = read_message(content, name=path.name)
        except SyzygyError:
            continue
        if message.form == form:
            yield path.name, content, message


def _kvn(content: bytes) -> tuple[list[str], list[str]]:
    """Comments, and the words of every other line in order, units left out."""
    comments, words = [], []
    for line in re.split(r"[\r\n]+", content.decode("utf-8-sig")):
        text = line.strip(" \t")
        if re.match(r"COMMENT(?![A-Za-z0-9_])", text):
            comments.append(text[7:].removeprefix(" ").removeprefix("\t"))
            continue
        keyword, equals, value = text.partition("=")
        if equals and not _LIST_OF_UNITS.match(keyword.strip()):
            value = _UNIT.sub("", value)
        words += [keyword.strip().upper(), *value.split()] if equals else text.split()
    return comments, words


def _xml(content: bytes) -> tuple[list[str], list[str]]:
    """Comments and the words of every other leaf in order; a line break in a comment counts as a blank.

    Blanks before the end of a line mean nothing in KVN (502.0-B-3 7.4.7), so only they may go on that way.
    """
    comments, words = [], []
    root = ET.fromstring(content)
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        text = element.text or ""
        if tag == "COMMENT":
            comments.append(re.sub(r"[ \t]*[\r\n]+[ \t\r\n]*", " ", text.strip("\r\n")))
        elif len(element) == 0:
            words += text.split()
    return comments, words


@pytest.mark.slow
def test_every_accepted_file_is_written_as_it_was_read(shared_data: Path) -> None:
    count = 0
    for form in ("kvn", "xml"):
        for _, content, message in _corpus(shared_data, form):
            assert message.to_bytes() == write_message(message) == write_message(message, form) == content
            count += 1
    assert count >= 160


@pytest.mark.slow
def test_kvn_keeps_comments_digits_and_order_through_xml_and_json(shared_data: Path) -> None:
    count = 0
    for name, content, message in _corpus(shared_data, "kvn"):
        comments, words = _kvn(content)
        xml = write_message(message, "xml")
        json = write_message(read_message(xml), "json")
        back = write_message(read_message(json), "kvn")
        assert _xml(xml)[0] == comments, name
        found, ours = _kvn(back)
        assert found == [text.rstrip() for text in comments], name
        assert ours == words, name
        count += 1
    assert count >= 120


@pytest.mark.slow
def test_xml_keeps_comments_digits_and_order_through_json_and_kvn(shared_data: Path) -> None:
    count = 0
    for name, content, message in _corpus(shared_data, "xml"):
        comments, words = _xml(content)
        json = write_message(message, "json")
        again = write_message(read_message(json), "xml")
        assert _xml(again) == (comments, words), name
        for part in message.parts or (message,):
            kvn = write_message(part, "kvn")
            own = write_message(part, "xml") if message.parts else content
            given, values = _xml(own)
            found, ours = _kvn(kvn)
            assert found == [text.rstrip() for text in given], name
            assert [word for word in values if word not in ours] == [], name
            back = _xml(write_message(read_message(kvn), "xml"))
            assert back == ([text.rstrip() for text in given], values), name
        count += 1
    assert count >= 30


_NOTES = b"<!-- <X>1</X> & more --><?viewer colour='red'?>"


def test_notes_of_xml_survive_an_edit_of_any_value(test_data: Path) -> None:
    plain = (test_data / "ccsds" / "OPMExample3.xml").read_bytes()
    content = re.sub(rb"(>)([ \t]*\r?\n)", rb"\1" + _NOTES.replace(b"\\", b"\\\\") + rb"\2", plain)
    assert content.count(_NOTES) > 40
    message = read_message(content)
    for entry in [entry for block in message.root.walk() for entry in block.entries()]:
        if entry.place.start < 0:
            continue
        changed = change_value(message, entry, entry.text)
        assert changed.to_bytes() == content
    entry = message.find("X")[0]
    changed = change_value(message, entry, "6503.514001")
    assert changed.to_bytes() == content[: entry.place.start] + b"6503.514001" + content[entry.place.stop :]
    assert changed.to_bytes().count(_NOTES) == content.count(_NOTES)


@pytest.mark.parametrize(
    ("inner", "after"),
    [
        (b"<!-- a -->6503.514000<!-- b -->", b"<!-- a -->1.5<!-- b -->"),
        (b" <?p q?> 6503.514000 ", b" <?p q?> 1.5 "),
        (b"6503<!-- split -->.514000", None),
    ],
)
def test_a_note_beside_a_value_stays_and_one_inside_forbids_the_edit(
    test_data: Path, inner: bytes, after: bytes | None
) -> None:
    plain = (test_data / "ccsds" / "OPMExample3.xml").read_bytes()
    before, value, rest = plain.partition(b"6503.514000")
    assert value
    message = read_message(before + inner + rest)
    entry = message.find("X")[0]
    assert entry.text == "6503.514000"
    if after is None:
        with pytest.raises(SyzygyError, match="no place in the bytes"):
            change_value(message, entry, "1.5")
    else:
        assert change_value(message, entry, "1.5").to_bytes() == before + after + rest


def test_a_comment_inside_a_data_line_of_xml_is_kept_before_it(shared_data: Path) -> None:
    content = (shared_data / "exchange/ccsds/annex/oem_g14.xml").read_bytes()
    inside = re.sub(
        rb"(<stateVector>\s*<EPOCH>[^<]*</EPOCH>)", rb"\1<COMMENT>here</COMMENT>", content, count=1
    )
    inside = re.sub(rb"(</CX_X>)", rb"\1<COMMENT>there</COMMENT>", inside, count=1)
    assert inside.count(b"here</COMMENT>") == 2
    message = read_message(inside)
    assert {item.code for item in message.diagnostics} >= {"comment_place"}
    kvn = write_message(message, "kvn")
    assert re.search(rb"COMMENT here\n[0-9-]+T", kvn)
    assert b"COMMENT there\n" in kvn
