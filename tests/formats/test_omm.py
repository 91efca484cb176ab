"""Mean-element messages in four dialects: equal content, equal elements; what is refused and why."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syzygy.astro.mean_elements import REVOLUTIONS_PER_DAY_RAD_S, join_elements
from syzygy.astro.time import LeapSeconds, format_utc
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.formats.ccsds import read_message
from syzygy.formats.ccsds.composing import MessageHeader
from syzygy.formats.omm import (
    read_omm,
    sniff_dialect,
    write_omm_csv,
    write_omm_json,
    write_omm_kvn,
    write_omm_xml,
)
from syzygy.formats.omm_messages import read_mean_elements, write_mean_elements
from syzygy.formats.omm_values import keywords

LEAP_SECONDS = LeapSeconds(np.array([730, 16436, 17167]), np.array([35, 36, 37]), 2**62)
HEADER = {"originator": "TEST", "creation_date": "2026-11-01T00:00:00"}

GOES_9 = {
    "OBJECT_NAME": "GOES 9",
    "OBJECT_ID": "1995-025A",
    "EPOCH": "2020-03-04T10:34:41.426400",
    "MEAN_MOTION": 1.00273272,
    "ECCENTRICITY": 0.0005013,
    "INCLINATION": 3.0539,
    "RA_OF_ASC_NODE": 81.7939,
    "ARG_OF_PERICENTER": 249.2363,
    "MEAN_ANOMALY": 150.1602,
    "NORAD_CAT_ID": 23581,
    "BSTAR": 0.0001,
}


def record(**changes: object) -> bytes:
    return json.dumps([{**GOES_9, **changes}]).encode()


WRITERS = {
    "json": write_omm_json,
    "csv": write_omm_csv,
    "xml": lambda elements: write_omm_xml(elements, **HEADER),
    "kvn": lambda elements: write_omm_kvn(elements, **HEADER),
}


@pytest.mark.parametrize(
    ("file", "dialect"),
    [
        ("omm_g7.kvn", "kvn"),
        ("omm_g8.kvn", "kvn"),
        ("omm_g9.kvn", "kvn"),
        ("omm_g10.xml", "xml"),
        ("numbers.json", "json"),
        ("strings.json", "json"),
        ("table.csv", "csv"),
    ],
)
def test_the_examples_of_the_standard_read_alike_in_every_dialect(test_data, file, dialect):
    content = (test_data / "omm" / file).read_bytes()
    assert sniff_dialect(content) == dialect
    elements, rejected = read_omm(content, LEAP_SECONDS)
    assert rejected == ()
    assert elements.object_id[0] == 23581
    assert elements.name[0].replace("-", " ") == "GOES 9"
    assert elements.international_designator[0] == "1995-025A"
    assert format_utc(int(elements.epoch_tai_ns[0]), LEAP_SECONDS, 6) == "2020-03-04T10:34:41.426400Z"
    assert elements.mean_motion_rad_s[0] == 1.00273272 * REVOLUTIONS_PER_DAY_RAD_S
    assert elements.eccentricity[0] == 0.0005013
    assert elements.bstar_per_earth_radius[0] == 0.0001
    assert np.degrees(elements.raan_rad[0]) == pytest.approx(81.7939, abs=1e-12)
    assert elements.revolution[0] == 4316
    assert elements.element_set[0] == 925


@pytest.mark.parametrize("file", ["numbers.json", "strings.json", "table.csv"])
def test_six_digit_numbers_are_read(test_data, file):
    elements, _ = read_omm((test_data / "omm" / file).read_bytes(), LEAP_SECONDS)
    assert elements.object_id.tolist() == [23581, 100123]
    assert elements.bstar_per_earth_radius[1] == -1.2345e-5


@pytest.mark.parametrize("dialect", sorted(WRITERS))
@given(
    object_id=st.integers(1, 999_999_999),
    motion=st.floats(0.001, 17.9),
    eccentricity=st.floats(0.0, 0.999),
    angles=st.tuples(st.floats(0.0, 180.0), *[st.floats(0.0, 360.0)] * 3),
    bstar=st.floats(-1.0, 1.0),
    dot=st.floats(-0.1, 0.1),
    micros=st.integers(0, 86_399_999_999),
    name=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), max_size=12),
)
def test_what_is_written_is_read_to_the_last_bit(
    dialect, object_id, motion, eccentricity, angles, bstar, dot, micros, name
):
    changes = dict(
        zip(("INCLINATION", "RA_OF_ASC_NODE", "ARG_OF_PERICENTER", "MEAN_ANOMALY"), angles, strict=True)
    )
    content = record(
        NORAD_CAT_ID=object_id,
        MEAN_MOTION=motion,
        ECCENTRICITY=eccentricity,
        BSTAR=bstar,
        MEAN_MOTION_DOT=dot,
        EPOCH=str(np.datetime64("2022-07-15", "us") + np.timedelta64(micros, "us")),
        **changes,
    )
    elements, rejected = read_omm(content, LEAP_SECONDS)
    assert rejected == ()
    elements = replace(elements, name=np.array(["OBJECT" if dialect == "kvn" else name], dtype=object))
    written = WRITERS[dialect](elements)
    assert sniff_dialect(written) == dialect
    again, rejected = read_omm(written, LEAP_SECONDS)
    assert rejected == ()
    for item in fields(elements):
        if item.name not in ("source_line", "name"):
            first, second = getattr(elements, item.name)[0], getattr(again, item.name)[0]
            assert first == pytest.approx(second, rel=3e-16) if "dot" in item.name else first == second
    assert again.name[0] == elements.name[0].strip()


@pytest.mark.parametrize("dialect", sorted(WRITERS))
def test_several_messages_in_one_file_come_back_in_order(test_data, dialect):
    elements, _ = read_omm((test_data / "omm" / "numbers.json").read_bytes(), LEAP_SECONDS)
    again, rejected = read_omm(WRITERS[dialect](elements), LEAP_SECONDS)
    assert rejected == ()
    assert again.object_id.tolist() == elements.object_id.tolist()
    assert WRITERS[dialect](again) == WRITERS[dialect](elements)


@pytest.mark.parametrize("dialect", sorted(WRITERS))
@pytest.mark.parametrize("name", ["A\nBSTAR = 1", "A\r", "\x00", "\ud800"])
def test_a_name_that_would_break_the_message_is_refused(test_data, dialect, name):
    elements, _ = read_omm((test_data / "omm" / "numbers.json").read_bytes(), LEAP_SECONDS)
    broken = replace(elements, name=np.array(["GOES 9", name], dtype=object))
    with pytest.raises(FormatError, match="printable"):
        WRITERS[dialect](broken)


@pytest.mark.parametrize(
    ("epoch", "utc"),
    [
        ("2020-064T10:34:41.4264", "2020-03-04T10:34:41.426400000Z"),
        ("2020-03-04T10:34:41", "2020-03-04T10:34:41.000000000Z"),
        ("2020-03-04T10:34:41.426400Z", "2020-03-04T10:34:41.426400000Z"),
        ("2016-12-31T23:59:60.5", "2016-12-31T23:59:60.500000000Z"),
        ("2020-03-04T10:34:41.1234567894", "2020-03-04T10:34:41.123456789Z"),
    ],
)
def test_epochs_in_every_spelling(epoch, utc):
    elements, rejected = read_omm(record(EPOCH=epoch), LEAP_SECONDS)
    assert rejected == ()
    assert format_utc(int(elements.epoch_tai_ns[0]), LEAP_SECONDS, 9) == utc
    again, _ = read_omm(write_omm_json(elements), LEAP_SECONDS)
    assert again.epoch_tai_ns[0] == elements.epoch_tai_ns[0]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"REF_FRAME": "EME2000"}, "REF_FRAME is 'EME2000', not TEME"),
        ({"REF_FRAME": "TOD"}, "not TEME"),
        ({"TIME_SYSTEM": "TAI"}, "TIME_SYSTEM is 'TAI', not UTC"),
        ({"MEAN_ELEMENT_THEORY": "DSST"}, "not SGP4"),
        ({"MEAN_ELEMENT_THEORY": "SGP4-XP"}, "not SGP4"),
        ({"CENTER_NAME": "MARS"}, "not EARTH"),
        ({"EPHEMERIS_TYPE": 4}, "EPHEMERIS_TYPE 4"),
        ({"EPHEMERIS_TYPE": "four"}, "not a whole number"),
        ({"NORAD_CAT_ID": 1_000_000_000}, "nine digits"),
        ({"NORAD_CAT_ID": None}, "NORAD_CAT_ID is missing"),
        ({"NORAD_CAT_ID": "1_000"}, "not a whole number"),
        ({"NORAD_CAT_ID": "٥"}, "not a whole number"),  # noqa: RUF001
        ({"NORAD_CAT_ID": 12.5}, "not a whole number"),
        ({"NORAD_CAT_ID": True}, "not a whole number"),
        ({"NORAD_CAT_ID": -5}, "out of range"),
        ({"MEAN_MOTION": "nan"}, "not a number"),
        ({"MEAN_MOTION": "inf"}, "not a number"),
        ({"MEAN_MOTION": "1_5.0"}, "not a number"),
        ({"MEAN_MOTION": "15,0"}, "not a number"),
        ({"MEAN_MOTION": True}, "not a number"),
        ({"MEAN_MOTION": None}, "MEAN_MOTION is missing"),
        ({"MEAN_MOTION": ""}, "MEAN_MOTION is missing"),
        ({"MEAN_MOTION": "1e999"}, "not finite"),
        ({"MEAN_MOTION": 0}, "not positive"),
        ({"MEAN_MOTION": 1440.0}, "faster than any orbit"),
        ({"ECCENTRICITY": 5013}, "eccentricity is out of range"),
        ({"INCLINATION": -3.0}, "inclination is out of range"),
        ({"INCLINATION": 181.0}, "inclination is out of range"),
        ({"MEAN_ANOMALY": 1e4}, "beyond one turn"),
        ({"EPOCH": "04/03/2020"}, "not a UTC date"),
        ({"EPOCH": "2020-02-30T00:00:00"}, "not a UTC date"),
        ({"EPOCH": "2021-366T00:00:00"}, "not a UTC date"),
        ({"EPOCH": "2020-03-04T24:00:00"}, "not a UTC date"),
        ({"EPOCH": "2020-03-04T10:60:00"}, "not a UTC date"),
        ({"EPOCH": "2020-03-04T10:34:60"}, "not a UTC date"),
        ({"EPOCH": "2020-03-04T23:59:60"}, "leap second that never was"),
        ({"EPOCH": "1962-03-04T10:34:41"}, "before the leap-second table"),
        ({"EPOCH": None}, "EPOCH is missing"),
        ({"EPOCH": 20200304}, "not a text"),
        ({"OBJECT_NAME": ["A"]}, "a list or an object"),
    ],
)
def test_a_record_that_cannot_be_used_is_listed_and_the_rest_is_used(changes, words):
    both = json.loads(record(**changes)) + json.loads(record(NORAD_CAT_ID=5))
    elements, rejected = read_omm(json.dumps(both).encode(), LEAP_SECONDS)
    assert elements.object_id.tolist() == [5]
    assert [item.line for item in rejected] == [1]
    assert words in rejected[0].reason


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'[{"EPOCH": "x", "EPOCH": "y"}]', "stands twice"),
        (b'[{"MEAN_MOTION": NaN}]', "number that is none"),
        (b'[{"MEAN_MOTION": -Infinity}]', "number that is none"),
        (b'[{"MEAN_MOTION": 1.0}', "broken"),
        (b"[" * 200_000, "nested too deeply"),
        (b'[{"A": ' + b"9" * 5000 + b"}]", "too long"),
        (b'{"EPOCH": "\xff"}', "not UTF-8"),
        (b"EPOCH,MEAN_MOTION,EPOCH\n1,2,3\n", "twice in the header"),
        (b'EPOCH,MEAN_MOTION\n"1,2\n', "broken"),
        (b"<omm><a></omm>", "not well formed"),
        (b"<ndm/>", "no omm element"),
        (b"<ndm>" + b"<a>" * 100 + b"</a>" * 100 + b"</ndm>", "too deep"),
        (b'<!DOCTYPE omm [<!ENTITY a "b">]><omm>&a;</omm>', "document type"),
        (b'<!DOCTYPE omm SYSTEM "file:///etc/passwd"><omm/>', "document type"),
        (b"hello", "no OMM"),
        (b"", "no OMM"),
    ],
)
def test_a_broken_frame_is_an_error(content, words):
    with pytest.raises(FormatError, match=words):
        read_omm(content, LEAP_SECONDS)


def test_an_expanding_entity_is_never_expanded():
    bomb = b"<!DOCTYPE o [" + b"".join(
        b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"ha" * 10) for n in range(12)
    )
    with pytest.raises(FormatError):
        read_omm(
            b"<?xml version='1.0'?>" + bomb + b"]><omm><OBJECT_NAME>&e11;</OBJECT_NAME></omm>", LEAP_SECONDS
        )


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"MEAN_MOTION = 1.00273272 [rev/day]", b"MEAN_MOTION = 1.00273272 [deg/s]", "not rev/day"),
        (b"INCLINATION = 3.0539 [deg]", b"INCLINATION = 3.0539 [rad]", "not deg"),
        (b"BSTAR = 0.0001", b"MEAN_MOTION = 0.0001", "stands twice"),
        (b"CENTER_NAME = EARTH", b"CENTER_NAME EARTH", "keyword = value"),
        (b"EPOCH = ", b"EPOCHE = ", "EPOCH is missing"),
        (b"MEAN_MOTION = 1.00273272 [rev/day]", b"SEMI_MAJOR_AXIS = 41600.0 [km]", "SEMI_MAJOR_AXIS"),
    ],
)
def test_a_broken_kvn_message_is_listed(test_data, old, new, words):
    content = (test_data / "omm" / "omm_g9.kvn").read_bytes()
    assert old in content
    elements, rejected = read_omm(content.replace(old, new), LEAP_SECONDS)
    assert len(elements) == 0
    assert words in rejected[0].reason


def test_a_keyword_twice_in_xml_is_listed(test_data):
    content = (test_data / "omm" / "omm_g10.xml").read_bytes()
    twice = content.replace(b"<BSTAR>0.0001</BSTAR>", b"<BSTAR>0.0001</BSTAR><BSTAR>0.1</BSTAR>")
    elements, rejected = read_omm(twice, LEAP_SECONDS)
    assert (len(elements), len(rejected)) == (0, 1)
    assert "BSTAR stands twice" in rejected[0].reason


def test_csv_lines_of_another_length_are_listed_with_their_line():
    content = (
        b"OBJECT_NAME,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,MEAN_ANOMALY,"
        b"NORAD_CAT_ID,BSTAR\r\n"
        b"A,2020-03-04T10:34:41,1.0,0.1,3,4,5,6,7,0.0\r\nB,2020-03-04T10:34:41,1.0\r\n\r\n"
        b'"C, D",2020-03-04T10:34:41,1.0,0.1,3,4,5,6,9,0.0\r\n'
    )
    elements, rejected = read_omm(content, LEAP_SECONDS)
    assert elements.name.tolist() == ["A", "C, D"]
    assert elements.source_line.tolist() == [2, 5]
    assert [(item.line, item.reason) for item in rejected] == [(3, "3 cells instead of 10")]


@pytest.mark.parametrize("file", ["omm_g9.kvn", "omm_g10.xml", "strings.json", "table.csv"])
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, 1500), st.integers(0, 12), st.binary(max_size=12)), min_size=1, max_size=6
    )
)
def test_mutated_bytes_never_fail_otherwise_than_by_our_errors(test_data, file, cuts):
    content = (test_data / "omm" / file).read_bytes()
    for at, length, new in cuts:
        content = content[:at] + new + content[at + length :]
    try:
        elements, rejected = read_omm(content, LEAP_SECONDS)
    except SyzygyError:
        return
    assert np.isfinite(elements.mean_motion_rad_s).all()
    assert all(item.reason and item.text.isprintable() for item in rejected)


@pytest.mark.parametrize("dialect", ["kvn", "xml"])
def test_the_bulk_road_and_the_message_road_agree(test_data, dialect):
    elements, _ = read_omm((test_data / "omm" / "numbers.json").read_bytes(), LEAP_SECONDS)
    written = WRITERS[dialect](elements)
    parts = [written] if dialect == "xml" else [b"CCSDS" + part for part in written.split(b"CCSDS")[1:]]
    found = [read_mean_elements(read_message(part, strict=True), LEAP_SECONDS)[0] for part in parts]
    joined = found[0] if dialect == "xml" else join_elements(found)
    for item in fields(elements):
        if item.name != "source_line":
            assert getattr(joined, item.name).tolist() == getattr(elements, item.name).tolist()


def test_one_set_is_written_as_a_message_of_the_book(test_data):
    elements, _ = read_omm((test_data / "omm" / "numbers.json").read_bytes(), LEAP_SECONDS)
    header = MessageHeader("TEST", int(elements.epoch_tai_ns[0]), message_id="1")
    for index in range(len(elements)):
        for form in ("kvn", "xml", "json"):
            content = write_mean_elements(elements, index, header, LEAP_SECONDS, form=form)
            again, rejected = read_mean_elements(read_message(content, strict=True), LEAP_SECONDS)
            assert not rejected
            for item in fields(elements):
                if item.name != "source_line":
                    assert getattr(again, item.name)[0] == getattr(elements, item.name)[index]


def test_the_keywords_are_those_of_the_table():
    assert keywords()[:4] == ("OBJECT_NAME", "OBJECT_ID", "EPOCH", "MEAN_MOTION")
    assert keywords()[-3:] == ("BSTAR", "MEAN_MOTION_DOT", "MEAN_MOTION_DDOT")
    assert len(keywords()) == 17
