"""Rules between times: spans of metadata, data inside them, useable spans that do not overlap."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from itertools import islice, pairwise

from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.grammar import CLOCKS, epoch_fault, number_text, small_count
from syzygy.formats.ccsds.model import Block, Entry
from syzygy.formats.ccsds.tables import MessageTable

_ORDERED = (
    ("START_TIME", "USEABLE_START_TIME", "USEABLE_STOP_TIME", "STOP_TIME"),
    ("START_SCREEN_PERIOD", "STOP_SCREEN_PERIOD"),
    ("SCREEN_ENTRY_TIME", "SCREEN_EXIT_TIME"),
    ("TIME_LASTOB_START", "TIME_LASTOB_END"),
    ("REENTRY_WINDOW_START", "REENTRY_WINDOW_END"),
    ("IMPACT_WINDOW_START", "IMPACT_WINDOW_END"),
    ("DC_WIN_OPEN", "DC_WIN_CLOSE"),
    ("DC_EXEC_START", "DC_EXEC_STOP"),
)
_IN_ORDER = frozenset(keyword for keywords in _ORDERED for keyword in keywords)
_INSIDE = frozenset({"traj", "man", "odParameters", "atmosphericReentryParameters", "groundImpactParameters"})
_HIGHEST = 999
_FEWEST = {"LAGRANGE": 1.0, "HERMITE": 0.5}  # records per degree of the polynomial


def epoch_key(text: str) -> tuple[int, str] | None:
    """Return a key that sorts epochs of one time system, every digit counted; None where it is no epoch.

    The key is (second of a count that gives each day 86401 seconds, fraction digits), so a leap second
    has its own place.
    """
    if epoch_fault(text):
        return None
    at = 10 if text[10:11] == "T" else 8
    second = int(text[at + 1 : at + 3]) * 3600 + int(text[at + 4 : at + 6]) * 60 + int(text[at + 7 : at + 9])
    fraction = text[at + 10 :].rstrip("Z").rstrip("0") if len(text) > at + 10 else ""
    return _day_number(text[:at]) * 86401 + second, fraction


@lru_cache(maxsize=1024)
def _day_number(text: str) -> int:
    if len(text) == 10:
        return date(int(text[:4]), int(text[5:7]), int(text[8:])).toordinal()
    return date(int(text[:4]), 1, 1).toordinal() + int(text[5:]) - 1


def check_spans(root: Block, table: MessageTable, findings: Findings, verified: set[int]) -> None:
    """Check the times of every segment and of neighbours; blocks in `verified` are already known good."""
    for block in root.blocks("relativeMetadataData"):
        _check_order(block, findings)
    previous: Entry | None = None
    systems: dict[str, Entry] = {}
    inside = _INSIDE & table.blocks.keys()
    for segment in root.blocks("segment"):
        metadata = segment.block("metadata")
        if metadata is None:
            continue
        system = metadata.entry("TIME_SYSTEM")
        if system is not None and table.kind == "OEM":
            if systems and system.text.upper() not in systems:
                findings.deviation(
                    "inconsistent_time_systems", "TIME_SYSTEM stays the same within an OEM",
                    system.place.line, system.place.column, keyword="TIME_SYSTEM",
                    clause="502.0-B-3 5.2.4.5", value=system.text,
                )  # fmt: skip
            systems[system.text.upper()] = system
        if system is not None and system.text.upper() in CLOCKS:
            continue
        _check_order(metadata, findings)
        data = segment.block("data")
        for block in data.walk() if inside and data is not None else ():
            if block.name in inside:
                _check_order(block, findings)
        if data is not None and table.kind in ("OEM", "AEM"):
            _check_count(metadata, data, findings)
        if table.kind in ("OEM", "AEM", "TDM") and id(data) not in verified:
            _check_inside(segment, metadata, table, findings)
        if table.kind == "OEM":
            previous = _check_overlap(metadata, previous, findings)
            if data is not None:
                _check_matrix_order(data, findings)


def _check_order(block: Block, findings: Findings) -> None:
    given: dict[str, Entry] = {}
    for item in block.items:
        if isinstance(item, Entry) and item.keyword in _IN_ORDER:
            given.setdefault(item.keyword, item)
    if len(given) < 2:
        return
    for keywords in _ORDERED:
        there = [keyword for keyword in keywords if keyword in given]
        if len(there) < 2:
            continue
        known = [
            (given[keyword], key) for keyword in there if (key := _time_key(given[keyword].text)) is not None
        ]
        for (first, first_key), (second, second_key) in pairwise(known):
            if second_key < first_key and second_key[0] == first_key[0]:
                findings.deviation(
                    "span_order", f"lies before {first.keyword}", second.place.line, second.place.column,
                    keyword=second.keyword, clause=second.row.clause, value=second.text,
                )  # fmt: skip


def _time_key(text: str) -> tuple[bool, float | int, str] | None:
    """Return a key that sorts absolute times among themselves, and relative ones among themselves."""
    key = epoch_key(text)
    if key is not None:
        return True, *key
    number = number_text(text)
    return None if number is None else (False, float(number), "")


def _check_count(metadata: Block, data: Block, findings: Findings) -> None:
    """Warn where a block has too few records for the interpolation that its metadata recommend."""
    method = (metadata.text("INTERPOLATION") or metadata.text("INTERPOLATION_METHOD")).upper()
    entry = metadata.entry("INTERPOLATION_DEGREE")
    degree = None if entry is None else small_count(entry.text)
    if entry is None or method not in _FEWEST or degree is None or degree > _HIGHEST:
        return
    due = math.ceil((degree + 1) * _FEWEST[method])
    given = len(list(islice(data.records(), due)))
    if given < due:
        findings.warning(
            "too_few_records", f"{method} of degree {entry.text} needs {due} records, there are {given}",
            entry.place.line, entry.place.column, keyword=entry.keyword, clause=entry.row.clause,
            value=entry.text,
        )  # fmt: skip


def _check_inside(segment: Block, metadata: Block, table: MessageTable, findings: Findings) -> None:
    """Check epochs against the span and against each other.

    The same epoch twice in a block is forbidden in an AEM (504.0-B-2 4.2.4.8.1) and a TDM (503.0-B-2 3.4.11);
    the book of the OEM only implies it (5.2.4.4), so there it is a warning.

    In a TDM the span is in UTC and the data in TIME_SYSTEM (503.0-B-2 4.3.10), so only UTC is compared, and
    transmitted frequencies may lie before it by a light time, as figures E-10 and E-11 show.
    """
    start, stop = epoch_key(metadata.text("START_TIME")), epoch_key(metadata.text("STOP_TIME"))
    data = segment.block("data")
    if data is None:
        return
    if table.kind == "TDM" and metadata.text("TIME_SYSTEM").upper() != "UTC":
        start = stop = None
    last: dict[str, tuple[int, str]] = {}
    outside = 0
    for record in data.records():
        key = epoch_key(record.epoch)
        if key is None:
            continue
        transmitted = record.keyword.startswith("TRANSMIT_")
        if not transmitted and ((start is not None and key < start) or (stop is not None and key > stop)):
            outside += 1
            if outside == 1:
                findings.deviation(
                    "data_outside_span", "the data lie outside START_TIME to STOP_TIME", record.line, 1,
                    clause=table.rows[-1].clause, value=record.epoch,
                )  # fmt: skip
        if record.keyword in last and key <= last[record.keyword]:
            twice = key == last[record.keyword]
            note = findings.warning if twice and table.kind == "OEM" else findings.deviation
            note(
                "repeated_epoch" if twice else "data_order",
                f"the epochs of a block (of a tracking keyword) {'differ' if twice else 'ascend'}",
                record.line, 1, keyword=record.keyword, clause=table.clause("data_order"), value=record.epoch,
            )  # fmt: skip
        last[record.keyword] = key


def _check_matrix_order(data: Block, findings: Findings) -> None:
    entries = [entry for block in data.blocks("covarianceMatrix") if (entry := block.entry("EPOCH"))]
    for before, entry in pairwise(entries):
        first, second = epoch_key(before.text), epoch_key(entry.text)
        if first is not None and second is not None and second <= first:
            findings.deviation(
                "data_order", "covariance matrices are ordered by increasing time", entry.place.line,
                entry.place.column, keyword="EPOCH", clause="502.0-B-3 5.2.5.7", value=entry.text,
            )  # fmt: skip


def _check_overlap(metadata: Block, previous: Entry | None, findings: Findings) -> Entry | None:
    start = metadata.entry("USEABLE_START_TIME") or metadata.entry("START_TIME")
    stop = metadata.entry("USEABLE_STOP_TIME") or metadata.entry("STOP_TIME")
    if previous is not None and start is not None and start.keyword == "USEABLE_START_TIME":
        before, after = epoch_key(previous.text), epoch_key(start.text)
        if before is not None and after is not None and after < before:
            findings.deviation(
                "useable_overlap", "the useable spans of consecutive blocks overlap", start.place.line,
                start.place.column, keyword=start.keyword, clause="502.0-B-3 5.2.4.4", value=start.text,
            )  # fmt: skip
    return stop if stop is not None and stop.keyword == "USEABLE_STOP_TIME" else None
