"""Second 60 held against the list of leap seconds, where one is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.epochs import parse_epochs
from syzygy.formats.ccsds.grammar import epoch_fault
from syzygy.formats.ccsds.model import Block, Comment, Entry, Record
from syzygy.formats.ccsds.tables import MessageTable

if TYPE_CHECKING:
    from syzygy.astro.time import LeapSeconds

_LABEL = re.compile(r"T23:59:60")
_ALWAYS_UTC = frozenset({"CREATION_DATE", "NEXT_LEAP_EPOCH", "PREVIOUS_MESSAGE_EPOCH", "NEXT_MESSAGE_EPOCH"})
_WITHOUT = frozenset({"TAI", "TT", "TDB", "GPS", "TCB", "TCG"})


def check_leap_seconds(
    root: Block, table: MessageTable, findings: Findings, leap_seconds: LeapSeconds | None
) -> None:
    """Refuse second 60 in a scale that has none, and in UTC on a day that the list does not end so."""
    days = None if leap_seconds is None else _leap_days(leap_seconds)
    for system, text, line, column, keyword in _labels(root, table):
        clause = table.clause("time")
        if system in _WITHOUT:
            what = f"second 60 is none of {system}"
        elif days is not None and system == "UTC" and int(parse_epochs([text], "").day[0]) not in days:
            what = "no leap second ends this day"
        else:
            continue
        findings.error("no_leap_second", what, line, column, keyword=keyword, clause=clause, value=text)


def _leap_days(leap_seconds: LeapSeconds) -> frozenset[int]:
    """Return the days (since 1970-01-01) whose last minute has 61 seconds."""
    starts, offsets = leap_seconds.start_utc_day, leap_seconds.tai_minus_utc_s
    return frozenset((starts[1:][np.diff(offsets) > 0] - 1).tolist())


def _labels(root: Block, table: MessageTable) -> Iterator[tuple[str, str, int, int, str]]:
    """Yield time system, text, line, column and keyword of each epoch with second 60."""
    for top in root.blocks():
        metadata = top.block("metadata") if top.name == "segment" else None
        own = metadata.text("TIME_SYSTEM").upper() if metadata is not None else ""
        system = own or "UTC"
        for block in top.walk():
            for item in block.items:
                if isinstance(item, Entry):
                    if item.row.kind in ("epoch", "time") and _is_label(item.text):
                        name = "UTC" if item.keyword in _ALWAYS_UTC else system
                        yield name, item.text, item.place.line, item.place.column, item.keyword
                elif not isinstance(item, Comment | Block):
                    for record in item.items():
                        if isinstance(record, Record) and _is_label(record.epoch):
                            yield system, record.epoch, record.line, 1, record.keyword


def _is_label(text: str) -> bool:
    return _LABEL.search(text) is not None and not epoch_fault(text)
