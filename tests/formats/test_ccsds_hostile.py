"""Hostile messages: refused early, in linear time, in five parts; finds of the fuzzer stay here."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import numpy as np
import pytest

from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import FormatError, SyzygyError
from syzygy.formats.catalogue import read_catalogue
from syzygy.formats.ccsds import bulk, read_message, write_message
from syzygy.formats.ccsds.bulk_numbers import number_texts
from syzygy.formats.omm import read_omm

_LEAP_SECONDS = LeapSeconds(np.array([730]), np.array([37]), 2**62)
_OEM = b"""CCSDS_OEM_VERS = 3.0
CREATION_DATE = 2026-01-01T00:00:00
ORIGINATOR = T
META_START
OBJECT_NAME = A
OBJECT_ID = 2026-001A
CENTER_NAME = EARTH
REF_FRAME = EME2000
TIME_SYSTEM = UTC
START_TIME = 2026-01-01T00:00:00
STOP_TIME = 2027-01-01T00:00:00
META_STOP
2026-01-01T00:00:00 7000.0 0.0 0.0 0.0 7.5 0.0
"""
_DOCTYPES = {
    "doctype": b"<!DOCTYPE oem><oem/>",
    "entity": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><oem>&b;</oem>',
    "external": b'<!DOCTYPE oem SYSTEM "http://127.0.0.1:9/x.dtd"><oem/>',
    "file": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><oem>&b;</oem>',
    "laughs": b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;&b;">]><oem>&d;</oem>',
}
_REFUSED_XML = {
    "undefined entity": b"<oem>&b;</oem>",
    "deep": b"<a>" * 100_000,
    "utf-16 mark": "<oem/>".encode("utf-16"),
    "utf-16": "<oem/>".encode("utf-16-le"),
    "ucs-4": "<oem/>".encode("utf-32"),
    "declared utf-16": b'<?xml version="1.0" encoding="UTF-16"?><oem/>',
    "declared latin": b'<?xml version="1.0" encoding="ISO-8859-1"?><oem/>',
    "declared ucs-4": b'<?xml version="1.0" encoding="ISO-10646-UCS-4"?><oem/>',
    "long text": b"<oem><body>" + b"x" * (1 << 20) + b"x</body></oem>",
    "nested ndm": b"<ndm><ndm><oem/></ndm></ndm>",
    "attributes twice": b'<oem version="3.0" version="3.0"/>',
    "no utf-8": b"<oem>\xff</oem>",
    "null": b"<oem>\x00</oem>",
}
_REFUSED_JSON = {
    "key twice": b'{"oem": {"@version": "3.0", "@version": "2.0"}}',
    "nan": b'{"oem": {"a": NaN}}',
    "infinity": b'{"oem": {"a": -Infinity}}',
    "deep lists": b'{"oem":' + b"[" * 100_000,
    "deep objects": b'{"oem":' * 100_000,
    "deep and closed": b'{"oem":' * 60 + b'"1"' + b"}" * 60,
    "half a character": b'{"oem": {"a": "\\ud800"}}',
    "huge integer": b'{"oem": {"@version": "3.0", "a": ' + b"9" * 100_000 + b"}}",
    "no utf-8": b'{"oem": "\xff"}',
    "true": b'{"oem": true}',
    "empty key": b'{"": "1"}',
}


@pytest.mark.parametrize("name", _DOCTYPES)
def test_a_document_type_is_refused_before_anything_in_it_is_read(name: str) -> None:
    with pytest.raises(FormatError, match="document type"):
        read_message(_DOCTYPES[name])
    catalogue = _DOCTYPES[name].replace(b"oem", b"omm")
    with pytest.raises(FormatError, match="document type"):
        read_omm(catalogue, _LEAP_SECONDS)


@pytest.mark.parametrize("content", [*_REFUSED_XML.values(), *_REFUSED_JSON.values()])
def test_what_no_honest_sender_writes_is_refused_in_five_parts(content: bytes) -> None:
    with pytest.raises(SyzygyError) as caught:
        read_message(content, name="x")
    assert caught.value.what
    assert caught.value.hint


def test_a_line_longer_than_a_mebibyte_is_refused() -> None:
    with pytest.raises(FormatError, match="too long"):
        read_message(_OEM + b"COMMENT " + b"x" * (1 << 20))


def test_a_covariance_of_a_million_rows_is_refused_at_little_cost() -> None:
    rows = b"COVARIANCE_START\nEPOCH = 2026-01-01T00:00:00\n" + b"1\n" * 100_000
    with pytest.raises(SyzygyError):
        read_message(_OEM + rows + b"COVARIANCE_STOP\n")


def test_a_covariance_near_the_largest_double_gives_no_warning_of_the_machine() -> None:
    rows = "\n".join(" ".join(["1E300"] * size) for size in range(1, 7)).encode()
    block = b"COVARIANCE_START\nEPOCH = 2026-01-01T00:00:00\n" + rows + b"\nCOVARIANCE_STOP\n"
    assert read_message(_OEM + block).kind == "OEM"


def test_both_roads_refuse_the_year_zero() -> None:
    line = b"0000-01-01T00:00:00 1.0 2.0 3.0\n"
    assert bulk.parse_slice(memoryview(line * 200), "UTC") is None


@pytest.mark.parametrize("keyword", [b"COMMENT", b"RANG=E", b"", b"\tRANGE", b"RANGE\xc2\xa0"])
def test_the_fast_road_takes_no_keyword_that_the_slow_one_reads_otherwise(keyword: bytes) -> None:
    line = b"RANGE = 2026-01-01T00:00:00 1.0\n"
    assert bulk.parse_slice(memoryview(line * 200), "UTC", tracking=True) is not None
    odd = line * 200 + line.replace(b"RANGE", keyword)
    assert bulk.parse_slice(memoryview(odd), "UTC", tracking=True, plain=True) is None


@pytest.mark.parametrize("blanks", [b"", b" ", b"\n"])
def test_the_fast_road_does_not_drop_a_byte_order_mark_before_a_keyword(blanks: bytes) -> None:
    lines = b"RANGE = 2026-01-01T00:00:00 1.0\n" * 200
    assert bulk.parse_slice(memoryview(blanks + lines), "UTC", tracking=True) is not None
    odd = blanks + b"\xef\xbb\xbf" + lines
    assert bulk.parse_slice(memoryview(odd), "UTC", tracking=True) is None


@pytest.mark.parametrize("number", [b"-0.E23456789", b"1.0e-00005", b"1.0E+00003", b"1E12345", b"1E-12345"])
def test_the_fast_road_takes_no_exponent_that_the_slow_one_refuses(number: bytes) -> None:
    line = b"2026-01-01T00:00:00 1.0 2.0 3.0\n"
    good, odd = line.replace(b"2.0", b"1.0E-0005"), line.replace(b"2.0", number)
    assert bulk.parse_slice(memoryview(line * 200 + good), "UTC") is not None
    assert bulk.parse_slice(memoryview(line * 200 + odd), "UTC") is None
    relative = (line * 200 + odd).replace(b"2026-01-01T00:00:00", b"0.5")
    assert bulk.parse_numbers(memoryview(relative)) is None


def test_rounding_to_sixteen_digits_stays_below_the_largest_double() -> None:
    text = number_texts(np.array([np.finfo(float).max]), "book").to_pylist()[0]
    assert np.isfinite(float(text))


@pytest.mark.parametrize(
    "content",
    [
        b"OBJECT_NAME,EPOCH,MEAN_MOTION\n" + b"x\n" * 20_000,
        b"[" + b"{}," * 20_000 + b"{}]",
        b"<ndm>" + b"<omm/>" * 20_000 + b"</ndm>",
        b"CCSDS_OMM_VERS = 3.0\n" * 20_000,
        b"x\n" * 20_000,
    ],
)
def test_a_catalogue_of_rubbish_is_refused_before_it_is_listed(content: bytes) -> None:
    with pytest.raises(FormatError):
        read_catalogue(content, _LEAP_SECONDS)


_GROWING: dict[str, Callable[[int], bytes]] = {
    "segments": lambda n: _OEM[:66] + _OEM[66:] * (n // 300),
    "comments": lambda n: _OEM + b"COMMENT\n" * (n // 8),
    "blank lines": lambda n: _OEM + b"\x0b\n" * (n // 2),
    "blanks": lambda n: _OEM + b" " * min(n, 1_000_000),
    "keywords": lambda n: _OEM + b"A=\n" * (n // 3),
    "short lines": lambda n: _OEM + b"1\n" * (n // 2),
    "line breaks in XML": lambda n: b"<oem><header><COMMENT>" + b" " * n + b"x\n</COMMENT></header></oem>",
    "elements": lambda n: b"<oem version='3.0'>" + b"<a/>" * (n // 4) + b"</oem>",
    "attributes": lambda n: b"<oem " + b" ".join(b"a%d='1'" % i for i in range(n // 10)) + b"/>",
    "covariances": lambda n: (
        _OEM
        + b"COVARIANCE_START\n"
        + (b"EPOCH = 2026-01-01T00:00:00\n" + b"\n".join(b"1 " * k for k in range(1, 7)) + b"\n") * (n // 80)
        + b"COVARIANCE_STOP\n"
    ),
    "elements twice": lambda n: (
        b"<oem version='3.0'><header>" + b"<ORIGINATOR/>" * (n // 13) + b"</header></oem>"
    ),
    "members": lambda n: b'{"oem":{' + b",".join(b'"a%d":"1"' % i for i in range(n // 12)) + b"}}",
}


_GROWING_CATALOGUES: dict[str, Callable[[int], bytes]] = {
    "blanks before a bracket": lambda n: b"CCSDS_OMM_VERS = 3.0\nMEAN_MOTION = 1" + b" " * n + b"[\n",
    "words without a bracket": lambda n: b"CCSDS_OMM_VERS = 3.0\nMEAN_MOTION = " + b" x" * (n // 2) + b"\n",
    "columns of a header": lambda n: (
        b"EPOCH,MEAN_MOTION," + b",".join(b"A%d" % i for i in range(n // 8)) + b"\n"
    ),
    "keys of an object": lambda n: (
        b"[{" + b",".join(b'"a%d":1' % i for i in range(n // 10)) + b',"a":1,"a":1}]'
    ),
    "short lines": lambda n: b"OBJECT_NAME,EPOCH,MEAN_MOTION\n" + b"1\n" * (n // 2),
}


def test_a_key_twice_among_many_is_refused_in_every_json_reader() -> None:
    content = _GROWING_CATALOGUES["keys of an object"](20_000)
    with pytest.raises(FormatError, match=r"twice|duplicate"):
        read_omm(content, _LEAP_SECONDS)
    with pytest.raises(FormatError, match="twice"):
        read_message(content)


def test_a_bracket_that_never_closes_is_no_unit() -> None:
    content = _GROWING_CATALOGUES["blanks before a bracket"](20_000)
    elements, rejected = read_omm(content, _LEAP_SECONDS)
    assert elements.object_id.size == 0
    assert len(rejected) == 1


def test_a_header_of_very_many_columns_is_read_or_refused() -> None:
    with contextlib.suppress(FormatError):
        elements, _ = read_omm(_GROWING_CATALOGUES["columns of a header"](20_000), _LEAP_SECONDS)
        assert elements.object_id.size == 0


def test_a_covariance_whose_last_word_is_no_number_fails_at_once() -> None:
    rows = "\n".join(" ".join(["1.25"] * size) for size in range(1, 7)).encode()
    block = b"COVARIANCE_START\nEPOCH = 2026-01-01T00:00:00\n" + rows + b"x\nCOVARIANCE_STOP\n"
    read_message(_OEM)  # what is loaded at the first message is not what is timed
    start = time.process_time()
    with pytest.raises(FormatError, match="no number"):
        read_message(_OEM + block)
    assert time.process_time() - start < 1.0


AssertLinear = Callable[[Callable[[bytes], object], Callable[[int], bytes], int], None]


@pytest.mark.slow
@pytest.mark.parametrize("name", _GROWING_CATALOGUES)
def test_four_times_the_catalogue_takes_at_most_eight_times_as_long(
    name: str, assert_linear: AssertLinear
) -> None:
    assert_linear(lambda content: read_omm(content, _LEAP_SECONDS), _GROWING_CATALOGUES[name], 400_000)


@pytest.mark.slow
@pytest.mark.parametrize("name", _GROWING)
def test_four_times_the_input_takes_at_most_eight_times_as_long(
    name: str, assert_linear: AssertLinear
) -> None:
    assert_linear(read_message, _GROWING[name], 400_000)


def test_an_error_about_a_lone_surrogate_can_be_written() -> None:
    error = FormatError("odd \ud800", value="\udfff", where="a\ud800", allowed="text")
    str(error).encode()
    assert "\\udfff" in str(error)
    assert all(part.encode() is not None for part in error.as_mapping().values())


_TDM = b"""CCSDS_TDM_VERS = 2.0
CREATION_DATE = 2026-01-01T00:00:00
ORIGINATOR = T
META_START
TIME_SYSTEM = UTC
PARTICIPANT_1 = A
META_STOP
DATA_START
"""


@pytest.mark.parametrize("keyword", [b"\x0bRANGE", b"\x0cRANGE", b"RAN GE", b"<RANGE>", b"1RANGE"])
@pytest.mark.parametrize("count", [1, 100])
def test_a_keyword_that_was_not_checked_makes_no_broken_xml(keyword: bytes, count: int) -> None:
    lines = b"".join(b"%s = 2026-01-01T00:%02d:%02d 1.0\n" % (keyword, *divmod(i, 60)) for i in range(count))
    message = read_message(_TDM + lines + b"DATA_STOP\n", check_lines=False)
    with pytest.raises(FormatError, match="name of an element"):
        write_message(message, "xml")
