"""The rules one by one: a good message with one fault, and what strict and tolerant reading say about it."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest

from syzygy.base.errors import FormatError, SyzygyError
from syzygy.formats.ccsds import MessageError, read_message

_ERRORS = {
    "misses a keyword": ("OPMExample3.txt", b"OBJECT_ID", b"COMMENT x", "missing_mandatory"),
    "unknown keyword": ("OPMExample3.txt", b"\nX ", b"\nXX ", "unknown_keyword"),
    "keyword of another place": ("OPMExample3.txt", b"\nX ", b"\nORIGINATOR ", "misplaced_keyword"),
    "two values": ("OPMExample3.txt", b"\nY ", b"\nX ", "duplicate_keyword"),
    "wrong unit": ("OPMExample4.txt", b"[km/s]", b"[m/s]", "incompatible_units"),
    "no number": ("OPMExample3.txt", b"6503.514", b"6503,514", "bad_value"),
    "no date": ("OPMExample3.txt", b"EPOCH = 1998-12-18", b"EPOCH = 1998-13-18", "bad_date"),
    "wrong time system": (
        "OPMExample3.txt",
        b"TIME_SYSTEM = UTC",
        b"TIME_SYSTEM = XYZ",
        "unknown_time_system",
    ),
    "text where a line is due": ("OEMExample8.txt", b"META_STOP", b"META_STOP\nhere it begins", "bad_line"),
    "block without end": ("AEMExample07.txt", b"DATA_STOP", b"", "missing_block_end"),
    "seven columns": ("OEMExample8.txt", b"-1746.755 4.73372", b"-1746.755 1.0 4.73372", "bad_data_line"),
}
_DEVIATIONS = {
    "lower-case keyword": ("OPMExample3.txt", b"\nX ", b"\nx ", "lower_case_keyword"),
    "tab": ("OPMExample3.txt", b"\nX ", b"\n\tX ", "tab"),
    "D exponent": ("OPMExample3.txt", b"6503.514000", b"6.503514D+03", "fortran_exponent"),
    "17 digits": ("OPMExample3.txt", b"6503.514", b"6503.5140000000000001", "more_than_16_digits"),
    "no digit before the point": ("OPMExample3.txt", b"6503.514", b".6503514", "number_form"),
    "mixed case": ("OPMExample3.txt", b"= EARTH", b"= Earth", "mixed_case_value"),
    "long line": ("OPMExample3.txt", b"COMMENT ", b"COMMENT " + b"x" * 300, "line_too_long"),
    "late comment": ("OPMExample3.txt", b"\nY ", b"\nCOMMENT late\nY ", "comment_place"),
    "byte order mark": ("OPMExample3.txt", b"CCSDS_OPM", b"\xef\xbb\xbfCCSDS_OPM", "byte_order_mark"),
    "not ASCII": ("OPMExample3.txt", b"COMMENT ", "COMMENT \u2212".encode(), "non_ascii"),
    "[n/a]": ("OPMExample4.txt", b"0.020842611", b"0.020842611 [n/a]", "unit_not_applicable"),
    "unit in another case": ("OPMExample4.txt", b"[km/s]", b"[KM/S]", "unit_spelling"),
    "outside the span": (
        "AEMExample07.txt",
        b"12:02:00.331 -0.845",
        b"12:08:00.331 -0.845",
        "data_outside_span",
    ),
}


def _content(test_data: Path, name: str, old: bytes, new: bytes) -> bytes:
    content = (test_data / "ccsds" / name).read_bytes()
    squeezed = b"\n".join(b" ".join(line.split(b" ")) for line in content.split(b"\n"))
    content = re.sub(rb"(?m)^([A-Z_0-9]+) +=  *", rb"\1 = ", squeezed)
    assert old in content, (name, old)
    return content.replace(old, new, 1)


@pytest.mark.parametrize("name", list(_ERRORS))
def test_what_is_broken_is_refused_in_both_modes(name: str, test_data: Path) -> None:
    file, old, new, code = _ERRORS[name]
    content = _content(test_data, file, old, new)
    for strict in (False, True):
        with pytest.raises(MessageError) as caught:
            read_message(content, name=file, strict=strict)
        found = {item.code for item in caught.value.diagnostics if item.severity == "error"}
        assert code in found
        assert all(item.clause for item in caught.value.diagnostics)


@pytest.mark.parametrize("name", list(_DEVIATIONS))
def test_deviations_are_listed_or_refused(name: str, test_data: Path) -> None:
    file, old, new, code = _DEVIATIONS[name]
    content = _content(test_data, file, old, new)
    message = read_message(content, name=file)
    assert message.to_bytes() == content
    noted = next(item for item in message.diagnostics if item.code == code)
    assert noted.line > 0
    assert noted.clause
    with pytest.raises(MessageError) as caught:
        read_message(content, name=file, strict=True)
    assert code in {item.code for item in caught.value.diagnostics}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r", b"\n\r"])
def test_all_four_line_ends_are_read(end: bytes, test_data: Path) -> None:
    content = (test_data / "ccsds" / "OPMExample3.txt").read_bytes().replace(b"\n", end)
    message = read_message(content, strict=True)
    assert message.find("X")[0].place.line == content.split(b"\nX ")[0].count(b"\n") + 2 or end != b"\n"
    assert (
        message.find("OBJECT_NAME")[0].text
        == read_message(content.replace(end, b"\n")).find("OBJECT_NAME")[0].text
    )


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\n\n", b"\x00" * 100, b"CCSDS_OPM_VERS", b"CCSDS_OPM_VERS = 9.9\n", b"CCSDS_XYZ_VERS = 1.0\n",
        b"<", b"<opm", b"<opm/>", b"<?xml version='1.0' encoding='UTF-16'?><opm/>", b"{", b"[]", b"{}",
        b'{"opm": 3}', b'{"opm": {"opm": NaN}}', b'{"a":1,"a":2}', b"\xff\xfe<\x00", b"[" * 100_000,
        b'{"a":' * 100_000, b"<a>" * 100_000, b"CCSDS_OEM_VERS = 3.0\n" + b"META_START\n" * 50_000,
        b'{"opm": {"\\ud800": "\\ud800"}}',
    ],
)  # fmt: skip
def test_what_is_no_message_is_refused_cleanly(content: bytes) -> None:
    with pytest.raises(FormatError):
        read_message(content)


def test_document_types_and_entities_are_refused() -> None:
    laughs = b"".join(b'<!ENTITY l%d "&l%d;&l%d;">' % (i, i - 1, i - 1) for i in range(1, 40))
    for content in (
        b'<!DOCTYPE opm [<!ENTITY l0 "ha">' + laughs + b"]><opm>&l39;</opm>",
        b'<!DOCTYPE opm SYSTEM "http://localhost/x.dtd"><opm/>',
        b'<!DOCTYPE opm [<!ENTITY x SYSTEM "file:///etc/passwd">]><opm>&x;</opm>',
    ):
        with pytest.raises(FormatError, match="document type"):
            read_message(content)
    with pytest.raises(FormatError, match="well formed"):
        read_message(b"<opm>&x;</opm>")


def test_a_message_error_survives_a_process_border(test_data: Path) -> None:
    with pytest.raises(SyzygyError) as caught:
        read_message((test_data / "ccsds" / "TDM-issue963.txt").read_bytes(), name="a")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.diagnostics == caught.value.diagnostics  # type: ignore[attr-defined]
