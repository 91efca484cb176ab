"""Runs of data lines in XML: what the fast road takes, the slow one reads alike, value by value and place."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds import (
    Message,
    MessageError,
    read_lines,
    read_message,
    reading,
    write_message,
    xml_tree,
)
from syzygy.formats.ccsds.xml_runs import XmlRecords, find_runs

STATES = 400
KINDS = ("RANGE", "RECEIVE_FREQ", "ANGLE_1")


def _oem(lines: int = STATES, data: str = "", tail: str = "") -> bytes:
    states = "\n".join(
        f"    <stateVector>\n      <EPOCH>2026-01-01T00:{i // 60:02d}:{i % 60:02d}.000</EPOCH>\n"
        f'      <X units="km">{7000.5 + i}</X><Y>-1.25</Y>\n      <Z>3.0e+02</Z>'
        f"<X_DOT units='km/s'>0.1</X_DOT><Y_DOT>7.5</Y_DOT><Z_DOT>-0.123456789012345678</Z_DOT>"
        "\n    </stateVector>"
        for i in range(lines)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<oem id="CCSDS_OEM_VERS" version="3.0"><header>'
        "<CREATION_DATE>2026-01-01T00:00:00</CREATION_DATE><ORIGINATOR>A</ORIGINATOR></header>\n<body><segment>"
        "<metadata><OBJECT_NAME>A</OBJECT_NAME><OBJECT_ID>2026-001A</OBJECT_ID><CENTER_NAME>EARTH</CENTER_NAME>"
        "<REF_FRAME>EME2000</REF_FRAME><TIME_SYSTEM>UTC</TIME_SYSTEM><START_TIME>2026-01-01T00:00:00</START_TIME>"
        "<STOP_TIME>2026-01-01T01:00:00</STOP_TIME></metadata>\n<data>\n"
        f"{data}{states}\n{tail}</data>\n</segment></body></oem>\n"
    ).encode()


def _slowly(content: bytes, monkeypatch: pytest.MonkeyPatch, *, strict: bool = False) -> Message:
    with monkeypatch.context() as patch:
        patch.setattr(xml_tree, "find_runs", lambda _: ())
        return read_message(content, strict=strict)


def _is_run(message: Message) -> bool:
    data = message.segments[0].block("data")
    assert data is not None
    return any(isinstance(item, XmlRecords) for item in data.items)


def test_a_run_has_the_records_lines_and_units_of_the_slow_road(monkeypatch: pytest.MonkeyPatch) -> None:
    content = _oem()
    fast, slow = read_message(content), _slowly(content, monkeypatch)
    assert _is_run(fast)
    assert not _is_run(slow)
    assert list(fast.segments[0].blocks("data")[0].records()) == list(
        slow.segments[0].blocks("data")[0].records()
    )
    assert np.array_equal(read_lines(fast).values, read_lines(slow).values)
    assert fast.diagnostics == slow.diagnostics
    assert fast.to_bytes() == content
    for form in ("kvn", "xml", "json"):
        again = write_message(slow, form)
        assert form == "xml" or write_message(fast, form) == again


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"<Y>-1.25</Y>", b"<Y> -1.25</Y>"),
        (b"<Y>-1.25</Y>", b"<Y>-1.25</Y><!-- -->"),
        (b"<Y>-1.25</Y>", b"<Y><![CDATA[-1.25]]></Y>"),
        (b"<Y>-1.25</Y>", b"<Y>&#45;1.25</Y>"),
        (b"<Y>-1.25</Y>", b"<Y units='km'>-1.25</Y>"),
        (b"<Y>-1.25</Y>", b"<Y></Y>"),
        (b"<Y>-1.25</Y>", b"<Y/>"),
        (b"<Y>-1.25</Y>", b""),
        (b"<Y>-1.25</Y>", b"x<Y>-1.25</Y>"),
        (b"<Y>-1.25</Y>", b"<COMMENT>c</COMMENT><Y>-1.25</Y>"),
        (b"<Y>-1.25</Y>", "<Y>\u2212".encode() + b"1.25</Y>"),
        (b"<Y>-1.25</Y>", b"<Y>-1.25\x80</Y>"),
        (b"</stateVector>\n    <state", b"</stateVector>\n   <state"),
        (b"</Z_DOT>\n    </state", b"</Z_DOT>\n  </state"),
        (b"</Z_DOT>\n    </state", b"</Z_DOT>\n      </state"),
        (b"<stateVector>\n      <EPOCH>", b"<stateVector>\n    <EPOCH>"),
        (b"</stateVector>\n    <state", b"</stateVector>\n<COMMENT>c</COMMENT>    <state"),
    ],
)
@pytest.mark.parametrize("at", [1, 2, STATES // 2, -1])
def test_one_record_written_otherwise_is_read_as_the_slow_road_reads_it(
    old: bytes, new: bytes, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _oem().split(old)
    content = old.join(parts[:at]) + new + old.join(parts[at:])
    outcomes = []
    for read in (read_message, lambda text: _slowly(text, monkeypatch)):
        try:
            message = read(content)
            outcomes.append(
                (list(message.segments[0].blocks("data")[0].items[-1].items()), message.diagnostics)
            )
        except MessageError as error:
            outcomes.append(error.diagnostics)
        except FormatError as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "value", ["nan", "1D5", "+1.25", "x", "1e999", "-1,25", "COMMENT", "2026-01-01T00:00:00"]
)
def test_a_value_of_a_run_that_is_unusual_is_read_or_named_as_the_slow_road_does(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = _oem().split(b"<Y>-1.25</Y>")
    content = b"<Y>-1.25</Y>".join(parts[:7]) + f"<Y>{value}</Y>".encode() + b"<Y>-1.25</Y>".join(parts[7:])
    outcomes = []
    for read in (read_message, lambda text: _slowly(text, monkeypatch)):
        try:
            message = read(content)
            outcomes.append((list(message.segments[0].blocks("data")[0].records()), message.diagnostics))
        except MessageError as error:
            outcomes.append(error.diagnostics)
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "spread",
    [
        lambda text: text,
        lambda text: re.sub(rb">\s+<", b"><", text),
        lambda text: re.sub(rb">\s+<stateVector", b"><stateVector", text),
        lambda text: text.replace(b"\n", b"\r\n"),
    ],
    ids=["lines", "one line", "lines inside", "CRLF"],
)
def test_places_behind_a_run_are_those_of_the_file(
    spread: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    tail = "<covarianceMatrix><EPOCH>2026-01-01T00:00:00</EPOCH><CX_X>x</CX_X></covarianceMatrix><WRONG/>\n"
    content = spread(_oem(tail=tail))
    found = []
    for read in (read_message, lambda text: _slowly(text, monkeypatch)):
        with pytest.raises(MessageError) as refused:
            read(content)
        found.append(refused.value.diagnostics)
    assert found[0] == found[1]
    assert any(item.column > 1 for item in found[0])
    broken = content.replace(b"</data>", b"</dat>")
    for read in (read_message, lambda text: _slowly(text, monkeypatch)):
        with pytest.raises(
            FormatError, match=f"line {broken[: broken.index(b'</dat>')].count(10) + 1} "
        ) as why:
            read(broken)
        found.append(str(why.value))
    assert found[2] == found[3]


def test_a_value_behind_a_run_is_changed_where_it_stands() -> None:
    from syzygy.formats.ccsds import change_value

    second = _oem().split(b"<segment>")[1].split(b"</segment>")[0]
    content = _oem().replace(b"</segment>", b"</segment><segment>" + second + b"</segment>")
    message = read_message(content)
    changed = change_value(message, message.find("OBJECT_NAME")[1], "B & C")
    at = content.rindex(b"<OBJECT_NAME>A<") + 13
    assert changed.to_bytes() == content[:at] + b"B &amp; C" + content[at + 1 :]


def test_comments_around_a_run_stay_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    content = _oem(data="<COMMENT>a</COMMENT>\n", tail="<COMMENT>b</COMMENT>\n")
    fast, slow = read_message(content), _slowly(content, monkeypatch)
    assert _is_run(fast)
    assert write_message(fast, "kvn") == write_message(slow, "kvn")


def test_a_run_counts_against_the_limit_of_elements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml_tree, "MAX_XML_ELEMENTS", STATES * 8)
    with pytest.raises(FormatError, match="too many elements"):
        read_message(_oem())


def test_short_runs_and_runs_outside_of_data_go_the_slow_road() -> None:
    assert not list(find_runs(_oem(10)))
    content = _oem().replace(b"<data>", b"<metadata>").replace(b"</data>", b"</metadata>")
    with pytest.raises(MessageError):
        read_message(content)
    assert reading.sniff_form(content) == "xml"


@pytest.mark.parametrize("kind", ["OEM", "AEM", "TDM"])
def test_rows_are_written_as_one_element_after_the_other(kind: str, mutants: ModuleType) -> None:
    contents = [text for text in mutants.seeds("roads") if f"CCSDS_{kind}".encode() in text]
    for content in contents:
        for line_end in (b"\n", b"\r\n"):
            message = read_message(content.replace(b"\n", line_end).replace(b" 0.5", b"  0.5\t"))
            mutants._compare_writers(message)
            again = read_message(write_message(message, "xml"))
            assert np.array_equal(read_lines(again).values, read_lines(message).values)


def test_observations_of_several_kinds_are_one_run(
    mutants: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, _, rest = mutants.seeds("roads")[-1].partition(b"RANGE =")
    lines = "".join(
        f"{KINDS[i * i % 7 % 3]} = 2026-01-01T00:{i // 60:02d}:{i % 60:02d} {i}.5\n" for i in range(400)
    )
    content = write_message(read_message(head + lines.encode() + b"DATA_STOP\n"), "xml")
    fast, slow = read_message(content), _slowly(content, monkeypatch)
    assert rest
    assert _is_run(fast)
    assert list(fast.segments[0].blocks("data")[0].records()) == list(
        slow.segments[0].blocks("data")[0].records()
    )
    assert write_message(fast, "kvn") == write_message(slow, "kvn")
    assert fast.diagnostics == slow.diagnostics


def test_large_states_come_back_through_xml_and_kvn_with_every_digit() -> None:
    content = _oem(2000)
    kvn = write_message(read_message(content), "kvn")
    xml = write_message(read_message(kvn), "xml")
    assert _is_run(read_message(xml))
    assert write_message(read_message(xml), "kvn") == kvn
    assert write_message(read_message(xml), "xml") == xml


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_mutated_runs_are_read_as_the_slow_road_reads_them(mutants: ModuleType, seed: int) -> None:
    pool, chance = mutants.seeds("xmlroads"), random.Random(seed)
    taken = sum(
        mutants.examine_xml_roads(
            mutants.mutate(chance.choice(pool), pool, chance, mutants.spices("xmlroads"))
        )
        for _ in range(1500)
    )
    assert taken > 100


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00", "1500-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_a_span_far_from_today_is_compared_without_overflow(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = _oem().replace(b"<START_TIME>2026-01-01T00:00:00", b"<START_TIME>" + start.encode())
    outcomes = []
    for read in (read_message, lambda text: _slowly(text, monkeypatch)):
        try:
            outcomes.append(read(content).diagnostics)
        except MessageError as error:
            outcomes.append(error.diagnostics)
    assert outcomes[0] == outcomes[1]
    assert any(item.keyword for item in outcomes[0]) or start < "2026"
