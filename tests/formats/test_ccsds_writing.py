"""Forms of a message: KVN to XML to JSON and back keeps every digit, comment and order; edits stay local."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syzygy.base.errors import FormatError, SyzygyError
from syzygy.formats.ccsds import Block, Comment, Entry, Message, change_value, read_message, write_message

_DIGITS = (
    "6503.514000", "-063.042", "+1.0", "0.", ".03", "1.3E-05", "2.6862511e+002", "000", "-0", "4.94E-324",
    "1.798E+308", "0.1000000000000000055511151231257827",
)  # fmt: skip


def _meaning(block: Block) -> Iterator[tuple[object, ...]]:
    """Yield everything a message says, in order: keywords, values, units, comments, data lines."""
    for item in block.items:
        if isinstance(item, Block):
            yield ("block", item.name)
            yield from _meaning(item)
        elif isinstance(item, Comment):
            yield ("comment", item.text)
        elif isinstance(item, Entry):
            yield ("value", item.keyword, item.text, item.unit)
        else:
            for record in item.items():
                if isinstance(record, Comment):
                    yield ("comment", record.text)
                else:
                    yield ("line", record.epoch, record.values, record.keyword)


def _accepted(folder: Path) -> Iterator[Message]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in (".csv", ".md"):
            try:
                yield read_message(path.read_bytes(), name=path.name)
            except SyzygyError:
                continue


def _go_round(message: Message) -> None:
    start = list(_meaning(message.root))
    for numbers in (False, True):
        xml = read_message(write_message(message, "xml"), name=message.name)
        json = read_message(write_message(xml, "json", numbers=numbers), name=message.name)
        back = read_message(write_message(json, "kvn"), name=message.name)
        for step in (xml, json, back):
            assert list(_meaning(step.root)) == start, (message.name, step.form)


@pytest.mark.slow
def test_carried_kvn_messages_survive_the_way_through_xml_and_json(test_data: Path) -> None:
    kvn = [message for message in _accepted(test_data / "ccsds") if message.form == "kvn"]
    assert len(kvn) >= 14
    for message in kvn:
        _go_round(message)


@pytest.mark.slow
def test_every_kvn_message_of_the_corpus_survives_the_way_through_xml_and_json(shared_data: Path) -> None:
    count = 0
    for message in _accepted(shared_data / "exchange" / "ccsds"):
        if message.form == "kvn":
            _go_round(message)
            count += 1
    assert count >= 120


@pytest.mark.slow
def test_xml_messages_survive_the_way_through_json(shared_data: Path) -> None:
    count = 0
    for message in _accepted(shared_data / "exchange" / "ccsds"):
        if message.form == "xml":
            json = read_message(write_message(message, "json"), name=message.name)
            xml = read_message(write_message(json, "xml"), name=message.name)
            for part, first, second in zip(
                message.parts or (message,), json.parts or (json,), xml.parts or (xml,), strict=True
            ):
                assert list(_meaning(first.root)) == list(_meaning(second.root)) == list(_meaning(part.root))
            count += 1
    assert count >= 30


@pytest.mark.parametrize("digits", _DIGITS)
def test_digits_come_back_and_mean_the_nearest_number(test_data: Path, digits: str) -> None:
    message = read_message((test_data / "ccsds" / "OPMExample3.txt").read_bytes())
    changed = change_value(message, message.find("X")[0], digits)
    assert changed.find("X")[0].text == digits
    assert changed.find("X")[0].number() == float(digits)
    back = read_message(write_message(read_message(write_message(changed, "json")), "kvn"))
    assert back.find("X")[0].text == digits


@pytest.mark.parametrize(
    "name", ["OPMExample4.txt", "OPMExample3.xml", "AlfanoTestCase02.cdm", "TDMExample2.xml"]
)
def test_a_changed_value_changes_only_its_own_bytes(test_data: Path, name: str) -> None:
    message = read_message((test_data / "ccsds" / name).read_bytes())
    entry = message.find("ORIGINATOR")[0]
    changed = change_value(message, entry, "A & B")
    written = b"A &amp; B" if message.form == "xml" else b"A & B"
    assert changed.to_bytes() == (
        message.content[: entry.place.start] + written + message.content[entry.place.stop :]
    )
    assert changed.find("ORIGINATOR")[0].text == "A & B"


def test_a_wrong_change_is_refused(test_data: Path) -> None:
    message = read_message((test_data / "ccsds" / "OPMExample3.txt").read_bytes())
    with pytest.raises(FormatError, match="no number"):
        change_value(message, message.find("X")[0], "1_000")
    with pytest.raises(SyzygyError, match="line end"):
        change_value(message, message.find("X")[0], "1\nY = 2")
