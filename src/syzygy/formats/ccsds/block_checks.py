"""Rules of the OCM, ACM and RDM that hold between the lines and blocks of one message."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from itertools import chain, pairwise
from typing import Any

from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.grammar import is_epoch_shaped, number_text, small_count
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.model import Block, Entry, Record
from syzygy.formats.ccsds.span_checks import epoch_key
from syzygy.formats.ccsds.tables import MessageTable, message_table

_ELEMENTS = {
    "traj": "ORB", "att": "ATT", "phys": "PHYS", "cov": "COV", "man": "MAN", "pert": "PERT", "od": "OD",
    "ad": "AD", "user": "USER",
}  # fmt: skip
_FEW = 19
_REMEMBERED = 4096
_UNIT_LISTS = frozenset({"TRAJ_UNITS", "COV_UNITS", "MAN_UNITS"})
_Key = Any  # second and digits of its fraction where absolute, else a number; one kind is compared
_Tag = tuple[bool, _Key, str, int]
_INTERVAL = ("CONFIDENCE", "START_LON", "START_LAT", "STOP_LON", "STOP_LAT", "CROSS_TRACK")


def check_blocks(root: Block, table: MessageTable, findings: Findings, verified: set[int]) -> None:
    """Check what the tables cannot say about one keyword alone; the lines of blocks in `verified` ascend."""
    for segment in root.blocks("segment") if table.kind in ("OCM", "ACM", "RDM") else ():
        metadata = segment.block("metadata") or Block("metadata")
        data = segment.block("data") or Block("data")
        if table.kind in ("OCM", "ACM"):
            _check_elements(metadata, data, table, findings)
            for block in data.blocks():
                row = table.blocks.get(block.name)
                if row is not None and row.lines and not (id(block) in verified and _inside(block, metadata)):
                    _check_tags(block, metadata, table, findings)
        if table.kind == "OCM":
            _check_orbit_blocks(data, table, findings)
        if table.kind == "ACM":
            _check_attitude_blocks(data, findings)
        if table.kind == "RDM":
            _check_impact(data, findings)


def _check_elements(metadata: Block, data: Block, table: MessageTable, findings: Findings) -> None:
    """Hold OCM_DATA_ELEMENTS or ACM_DATA_ELEMENTS against the blocks."""
    entry = metadata.entry(f"{table.kind}_DATA_ELEMENTS")
    if entry is None:
        return
    listed = [item.strip() for item in entry.text.split(",")]
    there = [_ELEMENTS[block.name] for block in data.blocks() if block.name in _ELEMENTS]
    if listed != there:
        _note(
            findings, "data_elements", f"the blocks of the message are {', '.join(there) or 'none'}", entry,
            entry.row.clause,
        )  # fmt: skip


def _check_tags(block: Block, metadata: Block, table: MessageTable, findings: Findings) -> None:
    """Time tags of one block: of one kind, none twice, ascending, inside the span of the message."""
    tags = _tags(block)
    if not tags:
        return
    if len(tags) > 1 and not _check_tag_order(tags, block, table, findings):
        return
    _check_span(tags, metadata, findings)


def _tags(block: Block) -> list[_Tag]:
    """Return the time tags of a block; a text that stood there before is not read again."""
    tags: list[_Tag] = []
    known: dict[str, _Tag | None] = {}
    for record in block.records():
        text = record.epoch
        if text not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[text] = _tag(text, 0)
        tag = known[text]
        if tag is not None:
            tags.append((tag[0], tag[1], text, record.line))
    return tags


def _check_tag_order(tags: list[_Tag], block: Block, table: MessageTable, findings: Findings) -> bool:
    """Hold the tags of one block against each other; False where they are of two kinds."""
    orbit = table.kind == "OCM"
    first = tags[0][0]
    other = next((tag for tag in tags if tag[0] != first), None)
    if other is not None:
        findings.deviation(
            "mixed_time_tags", "relative and absolute times are not mixed in one block", other[3], 1,
            clause="502.0-B-3 6.2.2.5" if orbit else "504.0-B-2 5.3.4.5", value=other[2],
        )  # fmt: skip
        return False
    seen: set[_Key] = set()
    for _, key, text, line in tags:
        if key in seen:
            findings.deviation(
                "repeated_epoch", "a time tag stands once in a block", line, 1,
                clause="502.0-B-3 6.2.2.4" if orbit else "504.0-B-2 5.3.4.4", value=text,
            )  # fmt: skip
            break
        seen.add(key)
    clauses = {"traj": "502.0-B-3 6.2.5.6", "cov": "502.0-B-3 6.2.7.6" if orbit else "504.0-B-2 5.3.7.5"}
    late = next((tag for before, tag in pairwise(tags) if tag[1] < before[1]), None)
    if late is not None and block.name in clauses:
        findings.deviation(
            "data_order", "the time tags of a block ascend", late[3], 1, clause=clauses[block.name],
            value=late[2],
        )  # fmt: skip
    return True


def _inside(block: Block, metadata: Block) -> bool:
    """Whether lines that ascend lie inside the span, by the first and the last."""
    slices = [item for item in block.items if isinstance(item, KvnRecords)]
    first, last = next(slices[0].items()), slices[-1].last()
    if not isinstance(first, Record) or last is None:
        return False
    tags = [tag for text in (first.epoch, last.epoch) if (tag := _tag(text, 0)) is not None]
    found = Findings()
    _check_span(tags, metadata, found)
    return len(tags) == 2 and not found.count


def _check_span(tags: list[_Tag], metadata: Block, findings: Findings) -> None:
    """Compare tags with START_TIME and STOP_TIME where both are written in the same way."""
    for keyword, sign in (("START_TIME", 1), ("STOP_TIME", -1)):
        entry = metadata.entry(keyword)
        bound = _tag(entry.text, entry.place.line) if entry is not None else None
        if entry is None or bound is None or bound[0] != tags[0][0]:
            continue
        limit = bound[1]
        outside = next((tag for tag in tags if (tag[1] < limit if sign > 0 else tag[1] > limit)), None)
        if outside is not None:
            findings.deviation(
                "data_outside_span", f"lies outside {keyword} of the metadata", outside[3], 1,
                clause=entry.row.clause, value=outside[2],
            )  # fmt: skip


def _tag(text: str, line: int) -> _Tag | None:
    """Return whether a time tag is absolute, its place in its own count, its text and its line."""
    if text.isdigit() and len(text) < _FEW and text.isascii():
        return False, int(text), text, line
    if is_epoch_shaped(text):
        key = epoch_key(text)
        return None if key is None else (True, key, text, line)
    number = number_text(text)
    return None if number is None else (False, Decimal(number), text, line)


def _check_orbit_blocks(data: Block, table: MessageTable, findings: Findings) -> None:
    if data.block("od") is not None and data.block("pert") is None:
        findings.deviation(
            "missing_block", "a block pert is due where there is a block od", data.line, 1,
            keyword="PERT_START", clause="502.0-B-3 table 6-1, 6.2.10.5",
        )  # fmt: skip
    for block in data.blocks():
        _check_units(block, findings)
    for block in data.blocks("man"):
        _check_composition(block, table, findings)
        period, pulse = block.entry("DC_TIME_PULSE_PERIOD"), block.entry("DC_TIME_PULSE_DURATION")
        if period is None or pulse is None or not (number_text(period.text) and number_text(pulse.text)):
            continue
        if period.decimal() < pulse.decimal():
            _note(
                findings, "out_of_range", "lies below DC_TIME_PULSE_DURATION", period, "502.0-B-3 table 6-7"
            )


def _check_units(block: Block, findings: Findings) -> None:
    """A list of units has one entry per element of a line; the lines govern, not the list."""
    for entry in [entry for entry in block.entries() if entry.keyword in _UNIT_LISTS]:
        keyword, diagonal = entry.keyword, entry.keyword == "COV_UNITS"
        first = next(block.records(), None)
        if first is None or entry is not block.entry(keyword):
            continue
        due = _diagonal_count(block, len(first.values)) if diagonal else len(first.values)
        given = len(entry.text.strip("[]").split(","))
        allowed = {due, due + 1} if keyword == "MAN_UNITS" else {due}
        if given not in allowed:
            _note(findings, "unit_count", f"{due} units are due, not {given}", entry, entry.row.clause)


def _diagonal_count(block: Block, values: int) -> int:
    full = block.text("COV_ORDERING").upper() in ("FULL", "LTMWCC", "UTMWCC")
    return math.isqrt(values) if full else (math.isqrt(8 * values + 1) - 1) // 2


@cache
def _column_orders(kind: str, version: str) -> list[list[str]]:
    rows = message_table(kind, version).rows
    return [[row.keyword for row in rows if row.clause.endswith(end)] for end in ("6-8", "6-9")]


def _check_composition(block: Block, table: MessageTable, findings: Findings) -> None:
    """The columns of manoeuvre lines come from one of two tables, in its order, with one time tag."""
    entry = block.entry("MAN_COMPOSITION")
    if entry is None:
        return
    columns = [item.strip() for item in entry.text.split(",")]
    listed = set(columns)
    orders = _column_orders(table.kind, table.version)
    if not listed.issubset(chain.from_iterable(orders)):
        return  # a column that no table has is refused elsewhere
    fitting = [[name for name in order if name in listed] for order in orders]
    if "TIME_ABSOLUTE" in columns and "TIME_RELATIVE" in columns:
        _note(findings, "man_composition", "only one time tag is listed", entry, "502.0-B-3 6.2.8.18")
    elif max(map(len, fitting)) < len(columns):
        _note(
            findings, "man_composition", "the columns come from one table and stand once", entry,
            "502.0-B-3 6.2.8.15",
        )  # fmt: skip
    elif columns not in fitting:
        _note(
            findings, "man_composition", "the columns stand in the order of the table", entry,
            "502.0-B-3 6.2.8.16",
        )  # fmt: skip


def _check_attitude_blocks(data: Block, findings: Findings) -> None:
    for block in data.blocks("att"):
        entry = block.entry("NUMBER_STATES")
        first = next(block.records(), None)
        count = None if entry is None else small_count(entry.text)
        if entry is None or first is None or count is None:
            continue
        if count != len(first.values):
            _note(
                findings, "state_count", f"the lines have {len(first.values)} states", entry,
                "504.0-B-2 table 5-4",
            )  # fmt: skip
    for block in data.blocks("ad"):
        numbers = [entry for sensor in block.blocks("sensor") for entry in _sensor_number(sensor)]
        for before, entry in pairwise(numbers):
            if int(entry.text) <= int(before.text):
                _note(
                    findings, "sensor_number", f"does not ascend after {before.text}", entry,
                    "504.0-B-2 table 5-8",
                )  # fmt: skip


def _sensor_number(sensor: Block) -> Iterator[Entry]:
    entry = sensor.entry("SENSOR_NUMBER")
    if entry is not None and small_count(entry.text) is not None:
        yield entry


def _check_impact(data: Block, findings: Findings) -> None:
    """The confidence intervals of the impact point: each whole, in order, growing."""
    block = data.block("groundImpactParameters")
    if block is None:
        return
    last: Entry | None = None
    gap = 0
    for index in range(1, 4):
        given = {name: block.entry(f"IMPACT_{index}_{name}") for name in _INTERVAL}
        present = [entry for entry in given.values() if entry is not None]
        if not present:
            gap = gap or index
            continue
        if len(present) < len(_INTERVAL):
            missing = ", ".join(name for name, entry in given.items() if entry is None)
            _note(
                findings, "interval_not_whole", f"the interval {index} lacks {missing}", present[0],
                "508.1-B-1 3.5.13",
            )  # fmt: skip
        if gap:
            _note(
                findings, "interval_order", f"interval {gap} is used first", present[0],
                "508.1-B-1 3.5.14, 3.5.15",
            )  # fmt: skip
        confidence = given["CONFIDENCE"]
        if confidence is None or number_text(confidence.text) is None:
            continue
        if last is not None and confidence.decimal() <= last.decimal():
            _note(findings, "interval_order", f"is not above {last.keyword}", confidence, "508.1-B-1 3.5.16")
        last = confidence


def _note(findings: Findings, code: str, what: str, entry: Entry, clause: str) -> None:
    findings.deviation(
        code, what, entry.place.line, entry.place.column, keyword=entry.keyword, clause=clause,
        value=entry.text,
    )  # fmt: skip
