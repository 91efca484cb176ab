"""The rules of data lines: numbers, how many of them, epochs, spans, sizes of covariances."""

from __future__ import annotations

import re

from syzygy.formats.ccsds.bulk_checks import keeps_all_rules, keeps_line_rules
from syzygy.formats.ccsds.checks import FAULTS, limits_fault, rule_clause
from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.grammar import (
    CLOCKS,
    epoch_fault,
    is_epoch_shaped,
    number_fault,
    number_text,
    small_count,
)
from syzygy.formats.ccsds.model import Block, Record
from syzygy.formats.ccsds.tables import MessageTable
from syzygy.formats.ccsds.tracking_rules import check_tracking
from syzygy.formats.ccsds.triangles import plain_triangle, readable_triangle

_TRAJECTORY_SIZES = {
    "CARTP": 3, "CARTPV": 6, "CARTPVA": 9, "KEPLERIAN": 6, "KEPLERIANMEAN": 6, "ADBARV": 6, "LDBARV": 6,
    "EQUIN": 6, "EQUINMOD": 6, "DELAUNAY": 6, "DELAUNAYMOD": 6, "GEODETIC": 6, "POINCARE": 6, "ONSTATION": 6,
}  # fmt: skip
_ATTITUDE_SIZES = {"QUATERNION": 4, "EULER_ANGLES": 3, "DCM": 9}
_RATE_SIZES = {"": 0, "NONE": 0, "ANGVEL": 3, "GYRO_BIAS": 3, "Q_DOT": 4}
_ACM_COVARIANCE_SIZES = {
    "ANGLE": 3, "ANGLE_GYROBIAS": 6, "ANGLE_ANGVEL": 6, "QUATERNION": 4, "QUATERNION_GYROBIAS": 7,
    "QUATERNION_ANGVEL": 7,
}  # fmt: skip
_TEXT_COLUMNS = frozenset({"THR_INTERP", "ACC_INTERP", "DEPLOY_ID"})
_IN_BULK = frozenset({"stateVector", "attitudeState", "observation"})
_RELATIVE_IN_BULK = frozenset({"trajLine", "covLine", "attLine", "manLine"})
_USUAL = re.compile(r"[+-]?[0-9]{1,16}|[+-]?[0-9]{1,8}\.[0-9]{1,8}|[+-]?[0-9]{1,4}\.[0-9]{1,12}")


def check_data(root: Block, table: MessageTable, form: str, findings: Findings) -> set[int]:
    """Check the data lines of every block; return the ids of those found in order, spans included."""
    verified: set[int] = set()
    for segment in root.blocks("segment"):
        metadata = segment.block("metadata") or Block("metadata")
        checker = _LineChecker(table, form, findings, metadata, verified)
        for block in segment.walk():
            if (row := table.blocks.get(block.name)) is not None and row.lines:
                checker.check(block, row.lines)
        if table.kind == "ACM":
            _check_sensors(segment, findings)
    if table.kind == "TDM":
        check_tracking(root, table, findings)
    return verified


class _LineChecker:
    """Checks the lines of one segment."""

    def __init__(
        self, table: MessageTable, form: str, findings: Findings, metadata: Block, verified: set[int]
    ) -> None:
        self.table = table
        self.form = form
        self.findings = findings
        self.metadata = metadata
        self.verified = verified
        self.clock = metadata.text("TIME_SYSTEM").upper() in CLOCKS
        self.relative = table.kind in ("OCM", "ACM")

    def check(self, block: Block, lines: str) -> None:
        count = 0
        if lines == "matrix":
            self._matrix(block)
            return
        sizes = self._sizes(block, lines)
        text_columns = self._text_columns(block) if lines == "manLine" else frozenset()
        if not text_columns and self._in_bulk(block, lines, sizes):
            return
        counted = self.relative or self.clock
        for record in block.records():
            count += 1
            if lines == "observation":
                self._observation(record)
                continue
            if not (counted and _USUAL.fullmatch(record.epoch)):
                self._epoch(record)
            if sizes and len(record.values) not in sizes:
                self.findings.error(
                    "wrong_element_count" if self.relative else "bad_data_line",
                    f"{' or '.join(map(str, sorted(sizes)))} values are due, not {len(record.values)}",
                    record.line, 1, clause=self._clause(block), value=" ".join(record.values)[:60],
                )  # fmt: skip
                if self.relative:
                    return
                continue
            if None not in map(_USUAL.fullmatch, record.values):
                continue
            for index, value in enumerate(record.values):
                if index not in text_columns and not _USUAL.fullmatch(value):
                    self._number(value, record, block)
        if count == 0 and self.table.kind != "ACM":
            self.findings.error(
                "missing_data", "the block has no data line", block.line, clause=self._clause(block)
            )

    def _in_bulk(self, block: Block, lines: str, sizes: set[int]) -> bool:
        """Whether one sweep has found all lines right; where the times are in order too, it is verified."""

        def note(text: str, line: int, keyword: str) -> None:
            self._number(text, Record("", (), line, keyword), block)

        if lines in _RELATIVE_IN_BULK:
            right, in_order = keeps_line_rules(block, sizes, note, self.findings)
        elif lines not in _IN_BULK or self.clock:
            return False
        else:
            right = in_order = keeps_all_rules(block, self.metadata, self.table, sizes, note, self.findings)
        if in_order:
            self.verified.add(id(block))
        return right

    def _clause(self, block: Block) -> str:
        return self.table.blocks[block.name].clause

    def _number(self, text: str, record: Record, block: Block) -> None:
        if _USUAL.fullmatch(text):
            return
        if number_text(text) is None:
            self.findings.error(
                "bad_data_line", "a value of the data line is no number", record.line, 1,
                keyword=record.keyword, clause=self._clause(block), value=text,
            )  # fmt: skip
        elif self.form == "kvn" and (fault := number_fault(text)):
            if self.findings.is_full:
                self.findings.leave_out(1)
                return
            self.findings.deviation(
                fault, FAULTS[fault][0], record.line, 1, keyword=record.keyword,
                clause=self.table.clause(FAULTS[fault][1]), value=text,
            )  # fmt: skip

    def _epoch(self, record: Record) -> None:
        if (self.relative or self.clock) and not is_epoch_shaped(record.epoch) and number_text(record.epoch):
            return
        fault = epoch_fault(record.epoch)
        if fault:
            self.findings.error(
                fault if fault == "bad_date" else "bad_data_line", "the line begins with no date and time",
                record.line, 1, keyword=record.keyword, clause=self.table.clause("time"),
                value=record.epoch,
            )  # fmt: skip

    def _sizes(self, block: Block, lines: str) -> set[int]:
        if lines == "stateVector":
            return {6, 9}
        if lines == "attitudeState":
            columns = self.table.columns.get(self.metadata.text("ATTITUDE_TYPE").upper())
            return {len(columns[1])} if columns else set()
        if lines == "trajLine":
            size = _TRAJECTORY_SIZES.get(block.text("TRAJ_TYPE").upper() or "CARTPV")
            return {size} if size else set()
        if lines == "covLine":
            return self._covariance_sizes(block)
        if lines == "attLine":
            size = _ATTITUDE_SIZES.get(block.text("ATT_TYPE").upper(), 0)
            return {size + _RATE_SIZES.get(block.text("RATE_TYPE").upper(), 0)} if size else set()
        return self._maneuver_sizes(block)

    def _covariance_sizes(self, block: Block) -> set[int]:
        kind = block.text("COV_TYPE").upper()
        if self.table.kind == "ACM":
            size = _ACM_COVARIANCE_SIZES.get(kind)
            return {size} if size else set()
        size = _TRAJECTORY_SIZES.get(kind or "CARTPV")
        if not size:
            return set()
        full = block.text("COV_ORDERING").upper() in ("FULL", "LTMWCC", "UTMWCC")
        return {size * size if full else size * (size + 1) // 2}

    def _maneuver_sizes(self, block: Block) -> set[int]:
        entry = block.entry("MAN_COMPOSITION")
        columns = [item.strip() for item in entry.text.split(",")] if entry else []
        if entry is None:
            return set()
        known = self.table.by_block["manLine"]
        for column in columns:
            if column not in known:
                wrapped = column in ("", "<cont.>") or " " in column
                self.findings.error(
                    "wrapped_line" if wrapped else "bad_value", "the table has no such column",
                    entry.place.line, entry.place.column, keyword=entry.keyword,
                    clause="502.0-B-3 tables 6-8, 6-9", value=column,
                )  # fmt: skip
        if columns[0] not in ("TIME_ABSOLUTE", "TIME_RELATIVE"):
            self.findings.error(
                "missing_mandatory", "the first column is TIME_ABSOLUTE or TIME_RELATIVE", entry.place.line,
                entry.place.column, keyword=entry.keyword, clause="502.0-B-3 6.2.8.14", value=columns[0],
            )  # fmt: skip
        return {len(columns) - 1}

    def _text_columns(self, block: Block) -> frozenset[int]:
        columns = [item.strip() for item in block.text("MAN_COMPOSITION").split(",")]
        return frozenset(index - 1 for index, item in enumerate(columns) if item in _TEXT_COLUMNS)

    def _observation(self, record: Record) -> None:
        row = self.table.find("data", record.keyword)
        if row is None or row.kind != "observation":
            what = "no such observation keyword" if record.keyword else "the line is no keyword = epoch value"
            self.findings.error(
                "unknown_keyword" if record.keyword else "bad_data_line", what, record.line, 1,
                keyword=record.keyword, clause=f"{self.table.book} table 3-5",
            )  # fmt: skip
            return
        self._epoch(record)
        if len(record.values) != 1:
            self.findings.error(
                "bad_value", "an observation is an epoch and one value", record.line, 1,
                keyword=record.keyword, clause=row.clause, value=" ".join(record.values),
            )  # fmt: skip
        elif _USUAL.fullmatch(record.values[0]) and not row.limits:
            return
        elif number_text(record.values[0]) is None:
            self.findings.error(
                "bad_value", "the value is no number", record.line, 1, keyword=record.keyword,
                clause=row.clause, value=record.values[0],
            )  # fmt: skip
        else:
            if self.form == "kvn" and (fault := number_fault(record.values[0])):
                self.findings.deviation(
                    fault, FAULTS[fault][0], record.line, 1, keyword=record.keyword,
                    clause=self.table.clause(FAULTS[fault][1]), value=record.values[0],
                )  # fmt: skip
            if row.limits and (what := limits_fault(row, record.values[0])):
                self.findings.deviation(
                    "out_of_range", what, record.line, 1, keyword=record.keyword, clause=rule_clause(row),
                    value=record.values[0],
                )  # fmt: skip

    def _matrix(self, block: Block) -> None:
        if plain_triangle(block) is not None:
            return
        if self.findings.is_full and (texts := readable_triangle(block)) is not None:
            self.findings.leave_out(sum(bool(number_fault(text)) for text in texts))
            return
        size = 0
        for size, record in enumerate(block.records(), 1):
            if size > 6 or len(record.values) != size:
                self.findings.error(
                    "bad_data_line",
                    "there are six rows" if size > 6 else f"row {size} of the triangle has {size} numbers",
                    record.line, 1, clause="502.0-B-3 5.2.5", value=" ".join(record.values)[:60],
                )  # fmt: skip
                return
            if None in map(_USUAL.fullmatch, record.values):
                for value in record.values:
                    self._number(value, record, block)
        if size != 6:
            self.findings.error(
                "bad_data_line", f"six rows are due, not {size}", block.line, 1, keyword="COVARIANCE_START",
                clause="502.0-B-3 5.2.5",
            )  # fmt: skip


def _check_sensors(segment: Block, findings: Findings) -> None:
    for block in segment.walk():
        if block.name != "sensor":
            continue
        count, entry = block.text("NUMBER_SENSOR_NOISE_COVARIANCE"), block.entry("SENSOR_NOISE_STDDEV")
        due = small_count(count)
        if entry is not None and due is not None and len(entry.text.split()) != due:
            findings.error(
                "wrong_element_count", f"NUMBER_SENSOR_NOISE_COVARIANCE announces {count} numbers",
                entry.place.line, entry.place.column, keyword=entry.keyword, clause="504.0-B-2 table 5-8",
                value=entry.text,
            )  # fmt: skip
