"""Rules of the TDM's metadata that hold between keywords, or between them and the data."""

from __future__ import annotations

import re

from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Comment, Entry, Record
from syzygy.formats.ccsds.tables import MessageTable

_PATH = re.compile(r"[0-9]+(?:,[0-9]+)+")
_INDEX = re.compile(r"(?:PARTICIPANT|EPHEMERIS_NAME|TRANSMIT_DELAY|RECEIVE_DELAY)_([0-9]+)")
_KEYWORD = re.compile(rb"(?m)^[ \t]*([A-Z0-9_]{1,60})[ \t]*=")
_HIGHEST_INDEX = 5


def check_tracking(root: Block, table: MessageTable, findings: Findings) -> None:
    """Check paths, indices, corrections and the list of data types of every segment."""
    for segment in root.blocks("segment"):
        metadata = segment.block("metadata")
        if metadata is None:
            continue
        entries = list(metadata.entries())
        given: dict[str, Entry] = {}
        for entry in entries:
            given.setdefault(entry.keyword, entry)
        _check_paths(given, findings)
        for entry in entries:
            keyword = entry.keyword
            match = _INDEX.fullmatch(keyword) if keyword[-1:].isdigit() else None
            if match and int(match.group(1)) > _HIGHEST_INDEX:
                _note(findings, "index_range", f"the highest index is {_HIGHEST_INDEX}", entry, "3.3.1.11")
        corrections = [entry for entry in entries if entry.keyword.startswith("CORRECTION_")]
        if corrections and "CORRECTIONS_APPLIED" not in given:
            _note(
                findings, "missing_conditional", "CORRECTIONS_APPLIED is due with this keyword",
                corrections[0], "table 3-3, 3.4.15.3",
            )  # fmt: skip
        listed, data = given.get("DATA_TYPES"), segment.block("data")
        if listed is not None and data is not None and table.version != "1.0":
            _check_types(listed, data, table, findings)


def _check_paths(given: dict[str, Entry], findings: Findings) -> None:
    for keyword in ("PATH", "PATH_1", "PATH_2"):
        entry = given.get(keyword)
        if entry is None:
            continue
        participants = {name[12:] for name in given if name.startswith("PARTICIPANT_")}
        what = ""
        if not _PATH.fullmatch(entry.text):
            what = "a path is a list of participant numbers"
        elif not set(entry.text.split(",")) <= participants:
            what = "the path names a participant that is not there"
        if what:
            findings.error(
                "bad_value", what, entry.place.line, entry.place.column, keyword=keyword,
                clause="503.0-B-2 table 3-3", value=entry.text,
            )  # fmt: skip


def _check_types(listed: Entry, data: Block, table: MessageTable, findings: Findings) -> None:
    there = {
        name for name in _keywords(data) if (row := table.find("data", name)) and row.kind == "observation"
    }
    named = {item.strip() for item in listed.text.split(",")}
    any_index = {name for name in there if re.sub("_[0-9]+$", "_n", name) in named}
    named = {name for name in named if not name.endswith("_n")} | any_index
    missing = sorted(there - named)
    absent = sorted(named - there)
    if missing or absent:
        parts = [f"does not list {', '.join(missing)}"] * bool(missing)
        parts += [f"lists {', '.join(absent)}, of which there are none"] * bool(absent)
        _note(findings, "data_types", " and ".join(parts), listed, "table 3-3")


def _keywords(data: Block) -> set[str]:
    """Return the keywords of the observations; a slice of a file is searched as a whole."""
    found: set[str] = set()
    for item in data.items:
        if isinstance(item, KvnRecords):
            part = memoryview(item.content)[item.start : item.stop]
            found.update(word.decode() for word in {bytes(match[1]) for match in _KEYWORD.finditer(part)})
        elif not isinstance(item, Entry | Comment | Block):
            found.update(record.keyword for record in item.items() if isinstance(record, Record))
    return found


def _note(findings: Findings, code: str, what: str, entry: Entry, clause: str) -> None:
    findings.deviation(
        code, what, entry.place.line, entry.place.column, keyword=entry.keyword,
        clause=f"503.0-B-2 {clause}", value=entry.text,
    )  # fmt: skip
