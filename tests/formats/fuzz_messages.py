"""Mutants of small messages, thrown at one reader after the other.

``python tests/formats/fuzz_messages.py READER COUNT SEED`` with READER one of kvn, xml, json, omm, roads,
xmlroads or all prints the counts; a find (anything but a message or an error in five parts, a warning, more than a second
of computing, two roads that disagree) is written to ``out/fuzz`` and the run goes on.
"""

# ruff: noqa: E501 - fragments of messages in columns

from __future__ import annotations

import random
import re
import sys
import time
import traceback
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from syzygy.astro.time import LeapSeconds
from syzygy.base.errors import SyzygyError
from syzygy.formats.catalogue import read_catalogue
from syzygy.formats.ccsds import (
    bulk,
    bulk_checks,
    compare_messages,
    read_lines,
    read_message,
    write_message,
    xml_rows,
    xml_runs,
    xml_tree,
)
from syzygy.formats.ccsds.diagnostics import MessageError
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Message
from syzygy.formats.ccsds.tables import VERSIONS, message_table
from syzygy.formats.ccsds.xml_runs import XmlRecords
from syzygy.formats.ccsds.xml_tree import write_xml
from syzygy.formats.ccsds.xml_writing import message_tree

FOLDER = Path(__file__).resolve().parents[1] / "data" / "ccsds"
FINDS = Path("out") / "fuzz"
LARGEST_SEED = {"kvn": 1700, "xml": 3000, "json": 3400}
SECONDS = 1.0
_ROUND_TRIP_EVERY = 6
READERS = ("kvn", "xml", "json", "omm", "roads", "xmlroads")

_ANY = (
    b"\r", b"\n", b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\x85", b"\x0b", b"\x1c", b" ", b"  ", b"-",
    b".", b"+",
    "\u2212".encode(), "\u00a0".encode(), "\u2028".encode(), "\uff11".encode(), "\ufeff".encode(), b"\xed\xa0\x80",
)  # fmt: skip
_NUMBERS = (
    b"nan", b"inf", b"-inf", b"1e999", b"-1e-999", b"1D5", b"1_0", b"0x1", b".5", b"5.", b"+1", b"--1",
    b"1e", b"e1",
    b"1.0f", b"12345678901234567890", b"0.00000000000000000000001", b"1" * 400, b"9" * 5000,
    b"4294967296", b"-0",
    b"1,5", b"true", b"null", b"NULL", b"00", b"1e400", b"2.2250738585072011e-308", b"9007199254740993", b"",
)  # fmt: skip
_DATES = (
    b"2016-12-31T23:59:60", b"2017-12-31T23:59:60.5Z", b"2026-366T00:00:00", b"2024-366T00:00:00.123456789",
    b"0000-01-01T00:00:00", b"9999-12-31T23:59:59.999999999", b"2026-02-30T00:00:00", b"2026-01-01T24:00:00",
    b"2026-01-01T00:00", b"2026-01-01", b"2026-001T00:00:00Z", b"0001-001T00:00:00", b"1500-01-01T00:00:00",
    b"2026-01-01T00:00:00.", b"2026-01-01T00:00:00.0000000000000000000000000000001",
    b"-2026-01-01T00:00:00", b"T",
    b"--", b"2600-01-01T00:00:00",
)  # fmt: skip
_KVN = (
    b"META_START\n", b"META_STOP\n", b"DATA_START\n", b"DATA_STOP\n", b"COMMENT\n", b"COMMENT=",
    b"COMMENT a = b\n",
    b"=", b" = ", b"[", b"]", b"[km]", b" [n/a]", b"COVARIANCE_START\n", b"COVARIANCE_STOP\n",
    b"TRAJ_START\n",
    b"TRAJ_STOP\n", b"USER_DEFINED_\n", b"USER_DEFINED_X = 1\n", b"1 2 3 4 5 6 7 8 9 10 11\n", b"_START\n",
    b"EPOCH = 2000-001T00:00:00\n", b"TIME_SYSTEM = MET\n", b"TIME_SYSTEM = GPS\n", b"TIME_SYSTEM = TDB\n",
    b"CCSDS_OEM_VERS = 3.0\n", b"MAN_COMPOSITION = TIME_ABSOLUTE,\n", b"PARTICIPANT_9 = Z\n", b"PATH = 1,9\n",
)  # fmt: skip
_XML = (
    b"<", b">", b"&", b"&lt;", b"&#0;", b"&#x41;", b"&x;", b"<!DOCTYPE a>", b"<!-- -->", b"<![CDATA[x]]>",
    b"<?x?>",
    b"</segment>", b"<segment>", b"<segment/>", b"<COMMENT/>", b"<COMMENT>a</COMMENT>", b'"', b"'",
    b' units="km"',
    b' xmlns:a="b"', b"<a:X/>", b"<body>", b"</body>", b"<header/>", b"<metadata/>", b"<ndm>", b"<EPOCH/>", b"/>",
    b"<covarianceMatrix/>", b"<stateVector>", b"<observation/>", b' angle="X_ANGLE"', b"xml:space='a'",
    b"]]>",
    b'<?xml version="1.0" encoding="UTF-16"?>', b'<?xml version="1.1"?>', b"<USER_DEFINED parameter=''>1</USER_DEFINED>",
)  # fmt: skip
_NEAR = (
    b"</stateVector>",
    b"<EPOCH>",
    b"</EPOCH>",
    b"</X>",
    b" ",
    b"<stateVector>\n",
    b"=",
    b"<X>",
    b"\x80",
    b"/",
)
_JSON = (
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\ud800", b"\\u0000", b"\\u0001", b"null", b"true",
    b"1", b"NaN",
    b"-Infinity", b"1e999", b'"#items": []', b'"#items": [{"X": "1"}],', b'"#text": "1",',
    b'"@units": "km",', b"[]",
    b'"@": "",', b'"": 1,', b"{}", b"[[[[]]]]", b'"COMMENT": ["a", "b"],', b'"#text": 1,', b'"@version": 3,', b"1" * 5000,
)  # fmt: skip
_NUMBER = re.compile(rb"[+-]?\d+\.?\d*(?:[eE][+-]?\d+)?")
_DATE = re.compile(rb"\d{4}-[\d-]+T[\d:.]+Z?")
_WORD = re.compile(rb"[A-Z][A-Z_0-9]{2,}")
_ELEMENT = re.compile(rb"<([A-Za-z_]+)[^<>]*>[^<>]*</\1>\s*")
_MEMBER = re.compile(rb'"[#@A-Za-z_0-9]+":\s*("[^"]*"|[\d.eE+-]+|\[[^][]*\]|\{[^{}]*\}),?\s*')
_LINE = re.compile(rb"[^\n]*\n")
_KEYWORDS = sorted({row.keyword.encode() for kind in VERSIONS for version in VERSIONS[kind]
                    for row in message_table(kind, version).rows})  # fmt: skip


def seeds(reader: str) -> list[bytes]:
    """Return small messages in the form that a reader takes."""
    if reader == "omm":
        return _catalogue_seeds()
    if reader == "roads":
        return _with_data_lines()
    if reader == "xmlroads":
        return _with_runs()
    largest = LARGEST_SEED[reader]
    found: list[bytes] = []
    for path in sorted(FOLDER.iterdir()):
        content = path.read_bytes()
        if path.suffix in (".csv", ".md"):
            continue
        try:
            message = read_message(content)
        except SyzygyError:
            found += [content] * (reader == "kvn" and content[:1] != b"<" and len(content) < largest)
            continue
        try:
            text = content if message.form == reader else write_message(message, reader)
        except SyzygyError:
            continue
        found += [text] * (len(text) <= largest)
    return sorted(set(found))


def _with_data_lines() -> list[bytes]:
    head = b"CREATION_DATE = 2026-01-01T00:00:00\nORIGINATOR = T\nMETA_START\nOBJECT_NAME = A\nOBJECT_ID = 2026-001A\n"
    span = b"TIME_SYSTEM = UTC\nSTART_TIME = 2026-01-01T00:00:00\nSTOP_TIME = 2026-01-01T01:00:00\n"
    found = []
    for digits in (0, 3, 6):
        stamp = [f"2026-01-01T00:00:{second:02d}{'.' * (digits > 0)}{'5' * digits}" for second in range(6)]
        states = "".join(f"{date} 7000.5 -1.25 3.0e+02 0.1 7.5 -0.123456789\n" for date in stamp)
        turns = "".join(f"{date} 0.5 -0.5 0.5 0.5\n" for date in stamp)
        ranges = "".join(f"RANGE = {date} 12.5\nRECEIVE_FREQ = {date} 1.5e9\n" for date in stamp[:3])
        oem = (
            b"CCSDS_OEM_VERS = 3.0\n"
            + head
            + b"CENTER_NAME = EARTH\nREF_FRAME = EME2000\n"
            + span
            + b"META_STOP\n"
        )
        aem = b"CCSDS_AEM_VERS = 2.0\n" + head + b"REF_FRAME_A = EME2000\nREF_FRAME_B = SC_BODY_1\n" + span
        tdm = (
            b"CCSDS_TDM_VERS = 2.0\n"
            + head.split(b"META")[0]
            + b"META_START\nTIME_SYSTEM = UTC\nPARTICIPANT_1 = A\nMODE = SEQUENTIAL\n"
        )
        found.append(oem + states.encode())
        found.append(
            aem + b"ATTITUDE_TYPE = QUATERNION\nMETA_STOP\nDATA_START\n" + turns.encode() + b"DATA_STOP\n"
        )
        found.append(tdm + b"PATH = 1,1\nMETA_STOP\nDATA_START\n" + ranges.encode() + b"DATA_STOP\n")
    return found


def _with_runs() -> list[bytes]:
    """Return messages in XML with data lines: as we write them, with units, one record a line, two segments."""
    found = []
    for content in _with_data_lines():
        plain = write_message(read_message(content), "xml")
        alike = plain.replace(b"RECEIVE_FREQ", b"RANGE").replace(b"<RANGE>", b"<RANGE units='km'>")
        units = re.sub(rb"<(X|Z_DOT|Q1|RANGE)>", rb"<\1 units='km/s'>", plain)
        dense = re.sub(rb">\s+<(?!/?stateV|/?attitudeS|/?obs)", rb"><", plain)
        segment = plain[plain.index(b"<segment>") : plain.index(b"</body>")]
        found += [
            plain,
            alike,
            units.replace(b"\n", b"\r\n"),
            dense,
            re.sub(rb">\s+<", b"><", plain),
            re.sub(rb">\s+<(?=stateV|attitudeS|obs)", b"><", plain),
            plain.replace(b"</body>", segment + b"</body>"),
        ]
    return found


def _catalogue_seeds() -> list[bytes]:
    keys = (
        "OBJECT_NAME OBJECT_ID EPOCH MEAN_MOTION ECCENTRICITY INCLINATION RA_OF_ASC_NODE ARG_OF_PERICENTER MEAN_ANOMALY "
        "EPHEMERIS_TYPE CLASSIFICATION_TYPE NORAD_CAT_ID ELEMENT_SET_NO REV_AT_EPOCH BSTAR MEAN_MOTION_DOT MEAN_MOTION_DDOT"
    ).split()
    values = "A B,1998-067A,2026-01-01T00:00:00.123456,15.5,0.0005,51.6,10.5,20.5,30.5,0,U,25544,999,123,0.0001,1e-5,0"
    pairs = list(zip(keys, values.split(","), strict=True))
    table = (",".join(keys) + "\n" + (values + "\n") * 2).encode()
    numbers = ",".join(
        f'"{k}":{v}' if v.replace(".", "").replace("e-", "").isdigit() else f'"{k}":"{v}"' for k, v in pairs
    )
    texts = ",".join(f'"{key}":"{value}"' for key, value in pairs)
    extra = '"MEAN_ELEMENT_THEORY":"SGP4","REF_FRAME":"TEME","TIME_SYSTEM":"UTC","COMMENT":null'
    json = [f"[{{{numbers}}}]", f"[{{{texts}}},\n{{{numbers},{extra}}}]", f"{{{texts}}}"]
    tags = {key: f"<{key}>{value}</{key}>" for key, value in pairs}
    parts = [list(tags.values())[start:stop] for start, stop in ((0, 2), (2, 9), (9, None))]
    metadata, elements, parameters = ("".join(part) for part in parts)
    data = f"<meanElements>{elements}</meanElements><tleParameters>{parameters}</tleParameters>"
    body = f"<header/><body><segment><metadata>{metadata}</metadata>\n<data>{data}</data></segment></body>"
    xml = [f"<omm>{body}</omm>", f"<ndm><omm>{body}</omm>\n<omm>{body}</omm></ndm>"]
    return [table, table.replace(b"\n", b"\r\n"), *(text.encode() for text in (*json, *xml))]


def mutate(content: bytes, others: list[bytes], chance: random.Random, spice: tuple[bytes, ...]) -> bytes:
    """Return the content with one to six random changes: bytes, tokens, lines, elements, members."""
    text = content
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        text = _change(text, others, chance, spice)
    return text


def _change(text: bytes, others: list[bytes], chance: random.Random, spice: tuple[bytes, ...]) -> bytes:
    at, kind = chance.randrange(len(text) + 1), chance.randrange(14)
    if kind == 0:
        return text[:at] + bytes((chance.randrange(256),)) + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + chance.randint(1, 40) :]
    if kind == 2:
        return text[:at] + chance.choice(spice) + text[at:]
    if kind == 3:
        return text[:at] + text[at : at + chance.randint(1, 200)] * chance.randint(1, 3) + text[at:]
    if kind == 4:
        other = chance.choice(others)
        start = chance.randrange(len(other) + 1)
        return text[:at] + other[start : start + chance.randint(1, 300)] + text[at:]
    if kind == 5:
        return text[:at]
    if kind in (6, 7):
        return _swap(text, _NUMBER, chance.choice(_NUMBERS), chance)
    if kind == 8:
        return _swap(text, _DATE, chance.choice(_DATES), chance)
    if kind == 9:
        return _swap(text, _WORD, chance.choice(_KEYWORDS), chance)
    pattern = chance.choice((_LINE, _ELEMENT, _MEMBER))
    places = [match.span() for match in pattern.finditer(text)] or [(at, at)]
    (a, b), (c, d) = sorted((chance.choice(places), chance.choice(places)))
    if kind == 10:
        return text[:a] + text[b:]
    if kind == 11:
        return text[:c] + text[a:b] + text[c:]
    if kind == 12 and b <= c:
        return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
    return text[:a] + chance.choice(spice) + text[b:]


def _swap(text: bytes, pattern: re.Pattern[bytes], new: bytes, chance: random.Random) -> bytes:
    places = [match.span() for match in pattern.finditer(text)]
    if not places:
        return text
    start, stop = chance.choice(places)
    return text[:start] + new + text[stop:]


def examine_message(content: bytes) -> bool:
    """Read a mutant and use it; return whether it was accepted. One in six goes through all forms and back."""
    try:
        message = read_message(content, name="mutant")
    except SyzygyError as error:
        _five_parts(error)
        return False
    assert message.to_bytes() == content
    for form in ("kvn", "xml", "json") if zlib.crc32(content) % _ROUND_TRIP_EVERY == 0 else ():
        try:
            again = read_message(write_message(message, form, numbers=True))
            compare_messages(message, again)
        except SyzygyError as error:
            _five_parts(error)
    for index in range(len(message.segments)):
        try:
            read_lines(message, index)
        except SyzygyError as error:
            _five_parts(error)
    return True


def examine_roads(content: bytes) -> bool:
    """Read the data lines of a mutant by both roads: what the fast one takes, the slow one reads alike."""
    try:
        message = read_message(content, name="mutant", check_lines=False)
    except SyzygyError as error:
        _five_parts(error)
        return False
    _compare_writers(message)
    taken = False
    for segment in message.segments:
        data = segment.block("data") or Block("data")
        for item in data.items:
            if isinstance(item, KvnRecords):
                taken |= _compare_roads(item)
    return taken


def _compare_writers(message: Message) -> None:
    """Write a message as XML with rows and without: the same bytes or the same refusal."""
    kept, written = xml_rows._FEWEST, []
    for fewest in (0, sys.maxsize):
        try:
            xml_rows._FEWEST = fewest
            written.append(write_xml(message_tree(message, rows=True)))
        except SyzygyError as error:
            written.append(str(error))
        finally:
            xml_rows._FEWEST = kept
    assert written[0] == written[1], "writers"


def _compare_roads(item: KvnRecords) -> bool:
    view = memoryview(item.content)[item.start : item.stop]
    fast = bulk.parse_slice(view, "UTC", tracking=item.element == "observation")
    if fast is None:
        return False
    slow = bulk.read_slowly(item, "UTC", "mutant")
    assert np.array_equal(fast.values.view(np.int64), slow.values.view(np.int64)), "values"
    assert np.array_equal(fast.epochs.day, slow.epochs.day), "days"
    assert np.array_equal(fast.epochs.day_ns, slow.epochs.day_ns), "nanoseconds"
    names = [None if lines.keywords is None else lines.keywords.tolist() for lines in (fast, slow)]
    assert names[0] == names[1], "keywords"
    return True


def examine_xml_roads(content: bytes) -> bool:
    """Read a mutant in XML with and without runs: the same records, findings, places and numbers."""
    kept = xml_runs.WORTHWHILE, bulk_checks._WORTHWHILE, xml_tree.find_runs
    fast = _outcome(content)
    try:
        xml_runs.WORTHWHILE = bulk_checks._WORTHWHILE = 0
        found = _outcome(content)
        xml_tree.find_runs = lambda _: ()
        slow = _outcome(content)
    finally:
        xml_runs.WORTHWHILE, bulk_checks._WORTHWHILE, xml_tree.find_runs = kept
    assert fast[1:] == slow[1:], "small"
    assert found[1:] == slow[1:], "roads"
    taken = False
    for block in found[0]:
        for item in block.items:
            if isinstance(item, XmlRecords):
                taken = True
                _compare_roads(item)
    return taken


def _outcome(content: bytes) -> tuple[list[Block], object, object, object]:
    """Return the blocks of data, the records, the other places, and the findings or the refusal."""
    try:
        message = read_message(content, name="mutant")
    except MessageError as error:
        return [], (), (), error.diagnostics
    except SyzygyError as error:
        _five_parts(error)
        return [], (), (), str(error)
    _compare_writers(message)
    blocks = [block for segment in message.segments for block in segment.walk()]
    records = [list(block.records()) for block in blocks]
    entries = [list(block.entries()) + block.comments() for block in blocks]
    return blocks, records, entries, message.diagnostics


def catalogue_examiner() -> Callable[[bytes], bool]:
    """Return the examiner of catalogues of mean elements."""
    leap_seconds = LeapSeconds(np.array([730]), np.array([37]), 2**62)

    def examine(content: bytes) -> bool:
        try:
            catalogue = read_catalogue(content, leap_seconds, name="mutant")
        except SyzygyError as error:
            _five_parts(error)
            return False
        return not catalogue.rejected

    return examine


def _five_parts(error: SyzygyError) -> None:
    assert error.what
    assert error.hint
    str(error).encode()


def spices(reader: str) -> tuple[bytes, ...]:
    """Return the fragments that are put into mutants of a form."""
    return _ANY + {
        "xml": _XML,
        "xmlroads": (*_XML, *_NEAR),
        "json": _JSON,
        "omm": (*_JSON, *_XML, b",", b'""', b"\n#\n"),
    }.get(reader, _KVN)


def examiner(reader: str) -> Callable[[bytes], bool]:
    """Return the function that throws mutants at a reader."""
    if reader == "omm":
        return catalogue_examiner()
    return {"roads": examine_roads, "xmlroads": examine_xml_roads}.get(reader, examine_message)


def run(reader: str, count: int, seed: int) -> None:
    """Examine `count` mutants and print how many were accepted, the finds and the slowest."""
    chance, pool, examine, spice = (
        random.Random(f"{reader} {seed}"),
        seeds(reader),
        examiner(reader),
        spices(reader),
    )
    accepted = finds = total = 0
    slowest, began = 0.0, time.perf_counter()
    kinds: set[str] = set()
    for number in range(1, count + 1):
        content = mutate(chance.choice(pool), pool, chance, spice)
        start = time.process_time()
        fault = ""
        try:
            accepted += examine(content)
        except Exception as error:
            fault = type(error).__name__ + " " + traceback.format_exc().strip().splitlines()[-3].strip()
        spent = time.process_time() - start
        total, slowest = total + len(content), max(slowest, spent)
        if spent > SECONDS:
            fault = f"slow {spent:.1f} s"
        if fault:
            finds += 1
            if fault not in kinds and len(kinds) < 200:
                kinds.add(fault)
                FINDS.mkdir(parents=True, exist_ok=True)
                (FINDS / f"{reader}-{seed}-{number}").write_bytes(content)
                print(f"find {reader} seed {seed} mutant {number}: {fault}", flush=True)
        if number % 50_000 == 0 or number == count:
            rate = number / (time.perf_counter() - began)
            print(
                f"{reader} seed {seed}: {number} mutants ({total / 1e6:.0f} MB), {accepted} accepted, {finds} finds of "
                f"{len(kinds)} kinds, {rate:.0f}/s, slowest {slowest:.2f} s", flush=True,
            )  # fmt: skip


def main(reader: str, count: int, seed: int) -> None:
    """Run one reader, or all of them one after the other."""
    warnings.simplefilter("error")
    for name in READERS if reader == "all" else (reader,):
        run(name, count, seed)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
