"""The rules of the tables: mandatory keywords and blocks, conditions, values, units."""

from __future__ import annotations

from functools import cache

from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.grammar import (
    CLOCKS,
    epoch_fault,
    integer_fault,
    is_epoch_shaped,
    mixed_case,
    number_fault,
    number_text,
)
from syzygy.formats.ccsds.model import Block, Comment, Entry
from syzygy.formats.ccsds.tables import KeywordRow, MessageTable, message_table

_SILENT_KINDS = frozenset({"comment", "marker", "lines", "column", "observation"})
_REMEMBERED = 4096
FAULTS = {
    "fortran_exponent": ("a D exponent is no number of the book; read as E", "floating"),
    "more_than_16_digits": ("a number has at most 16 digits", "fixed"),
    "number_form": ("a digit stands before and after the point, the point of a mantissa is second", "fixed"),
    "integer_range": ("an integer lies within 32 bits", "integer"),
}


def limits_fault(row: KeywordRow, text: str) -> str:
    """Return how a number leaves the interval that the book states, or an empty text."""
    low, high = row.limits[1:-1].split(",")
    value = float(number_text(text) or "nan")
    below = low and (value <= float(low) if row.limits[0] == "(" else value < float(low))
    above = high and (value >= float(high) if row.limits[-1] == ")" else value > float(high))
    return f"the book gives the interval {row.limits}" if below or above else ""


def rule_clause(row: KeywordRow) -> str:
    """Return the table and the requirements of a keyword."""
    return f"{row.clause}; {row.rule.replace(' ', ', ')}" if row.rule else row.clause


def check_tables(root: Block, table: MessageTable, form: str, findings: Findings) -> None:
    """Check every block of a message against its table."""
    TableChecker(table, form, findings).check_message(root)


@cache
def _due_rows(kind: str, version: str, block: str) -> tuple[tuple[KeywordRow, ...], tuple[str, ...]]:
    """Return the rows of a block whose absence or company can be wrong, and keywords whose value decides."""
    rows = message_table(kind, version).by_block.get(block, {}).values()
    due = tuple(row for row in rows if row.kind not in _SILENT_KINDS and (row.status == "M" or row.condition))
    return due, tuple({row.condition.split()[1] for row in due if row.condition.startswith("when ")})


class TableChecker:
    """Checks one block after another; `time_system` is that of the segment.

    It remembers what was in order; one that checks many alike messages is quick from the second on. What
    keywords were given where something was noted about them stands in `noted`, for the caller to judge.
    """

    def __init__(self, table: MessageTable, form: str, findings: Findings) -> None:
        self.table = table
        self.form = form
        self.findings = findings
        self.time_system = ""
        self.in_order: set[tuple[object, ...]] = set()
        self.noted: list[tuple[object, ...]] = []
        self.bare: set[str] = set()

    def check_message(self, root: Block) -> None:
        """Check every block of a message."""
        for segment in root.blocks("segment") or [root]:
            metadata = segment.block("metadata")
            self.time_system = metadata.text("TIME_SYSTEM").upper() if metadata else ""
            for block in segment.walk():
                self.check(block)
        for block in root.blocks():
            if block.name != "segment":
                self.check(block)
        self.check_children(root)
        _check_special_blocks(root, self.table, self.findings)

    def accept_noted(self) -> None:
        """Take what was noted about the keywords that were given as in order from now on."""
        if len(self.in_order) < _REMEMBERED:
            self.in_order.update(self.noted)

    def keeps_order(self, entries: list[Entry], time_system: str) -> bool:
        """Whether all values are in order; stops at the first that is not, what is noted then is void."""
        self.time_system, in_order = time_system, self.in_order
        for entry in entries:
            row = entry.row
            if not entry.text or (row.kind == "text" and not row.unit and entry.unit is None):
                continue
            key = (id(row), entry.keyword, entry.text, entry.unit, time_system)
            if key in in_order:
                continue
            if self.value(entry) or self.findings.count:
                return False
            if len(in_order) < _REMEMBERED:
                in_order.add(key)
        return True

    def check(self, block: Block) -> None:
        """Check the keywords, values, comments and inner blocks of one block."""
        if not block.items:
            self._check_empty(block)
            return
        present: dict[str, Entry] = {}
        valued: list[tuple[int, Entry]] = []
        late: Comment | None = None
        begun = False
        for index, item in enumerate(block.items):
            if isinstance(item, Entry):
                present[item.keyword] = item
                row = item.row
                if item.text and (row.kind != "text" or row.unit or item.unit is not None):
                    valued.append((index, item))
                begun = begun or row.kind != "version"
            elif not isinstance(item, Comment):
                begun = True
            elif begun and late is None:
                late = item
        self._presences(block, present)
        system, in_order = self.time_system, self.in_order
        for index, entry in valued:
            if (id(entry.row), entry.keyword, entry.text, entry.unit, system) not in in_order:
                self._once(block, index, entry)
        if late is not None:
            self._comment_place(late)
        if block.name in self.table.children:
            self.check_children(block)

    def _check_empty(self, block: Block) -> None:
        """Check a block without items; where that is in order once it is so again."""
        if block.name in self.bare:
            return
        before = self.findings.count
        self._presences(block, {})
        if block.name in self.table.children:
            self.check_children(block)
        if self.findings.count == before:
            self.bare.add(block.name)

    def _presences(self, block: Block, present: dict[str, Entry]) -> None:
        """Check which keywords are there; a set of keywords that was in order once is so again."""
        rows, deciding = _due_rows(self.table.kind, self.table.version, block.name)
        key = (
            block.name,
            tuple([(name, bool(entry.text)) for name, entry in present.items()]),
            tuple([present[name].text for name in deciding if name in present]),
        )
        if key in self.in_order:
            return
        before = self.findings.count
        for row in rows:
            self._presence(block, row, present)
        if self.findings.count > before:
            self.noted.append(key)
        elif len(self.in_order) < _REMEMBERED:
            self.in_order.add(key)

    def _once(self, block: Block, index: int, entry: Entry) -> None:
        """Check one value; what was in order once, with this row and unit, is so again."""
        key = (id(entry.row), entry.keyword, entry.text, entry.unit, self.time_system)
        before = self.findings.count
        reason = self.value(entry)
        if reason:
            block.items[index] = entry._replace(unusable=reason)
        elif self.findings.count == before and len(self.in_order) < _REMEMBERED:
            self.in_order.add(key)

    def check_children(self, block: Block) -> None:
        """Check that the blocks that are due inside a block are there."""
        names = {inner.name for inner in block.blocks()}
        for row in self.table.children.get(block.name, ()):
            if row.mandatory and row.name not in names:
                self.findings.error(
                    "missing_block", f"the block {row.name} is missing", block.line, keyword=row.name,
                    clause=row.clause,
                )  # fmt: skip
            elif row.limit > 1 and len(block.blocks(row.name)) < row.limit:
                self.findings.error(
                    "missing_block",
                    f"{row.limit} blocks {row.name} are due",
                    keyword=row.name,
                    clause=row.clause,
                )

    def _comment_place(self, item: Comment) -> None:
        """Note the first comment that does not stand at the beginning of the block (after the version)."""
        self.findings.deviation(
            "comment_place", "comments stand at the beginning of a block", item.place.line, item.place.column,
            keyword="COMMENT", clause=self.table.clause("comments"), value=item.text,
        )  # fmt: skip

    def _presence(self, block: Block, row: KeywordRow, present: dict[str, Entry]) -> None:
        entry = present.get(row.keyword)
        if row.keyword.endswith(("_n", "_x")):
            if row.status == "M" and not any(key.startswith(row.keyword[:-1]) for key in present):
                self._missing(block, row)
            return
        if entry is None:
            if self._required(row, present):
                self._missing(block, row)
            elif row.condition.startswith("noted with") and row.condition[11:] in present:
                self._lacking(row, present[row.condition[11:]])
        elif not entry.text and (row.status == "M" or self._required(row, present)):
            self.findings.error(
                "missing_mandatory", "a mandatory keyword has no value", entry.place.line, entry.place.column,
                keyword=row.keyword, clause=f"{row.clause}; {self.table.clause('empty')}",
            )  # fmt: skip
        if entry is not None and row.condition.startswith(("one of", "at most one of")):
            given = [key for key in row.condition.split(" of ")[1].split() if key in present]
            if len(given) > 1 and given[0] == row.keyword:
                self.findings.error(
                    "exclusive_keywords", f"only one of {', '.join(given)} may be given", entry.place.line,
                    entry.place.column, keyword=row.keyword, clause=row.clause,
                )  # fmt: skip

    def _missing(self, block: Block, row: KeywordRow) -> None:
        self.findings.error(
            "missing_mandatory", f"the keyword is missing in the block {block.name} (line {block.line})",
            keyword=row.keyword, clause=row.clause,
        )  # fmt: skip

    def _lacking(self, row: KeywordRow, beside: Entry) -> None:
        self.findings.deviation(
            "missing_conditional", f"{row.keyword} is due with this keyword", beside.place.line,
            beside.place.column, keyword=beside.keyword, clause=row.clause,
        )  # fmt: skip

    def _required(self, row: KeywordRow, present: dict[str, Entry]) -> bool:
        if row.default:
            return row.condition.startswith("with") and row.condition[5:] in present
        kind, _, rest = row.condition.partition(" ")
        if kind == "block":
            return bool(present)
        if kind == "with":
            return rest in present
        if kind == "when":
            key, *values = rest.split()
            return key in present and present[key].text.upper() in values
        if row.condition.startswith("one of"):
            keys = row.condition.split()[2:]
            return row.keyword == keys[0] and not any(key in present for key in keys)
        return row.status == "M" and not row.condition

    # values

    def value(self, entry: Entry) -> str:
        """Check one value; return why it is set aside, or an empty text."""
        kind = entry.row.kind
        if kind in ("number", "integer") and self.table.kind == "CDM" and entry.row.status == "O":
            reason = _unusable(entry)
            if reason:
                rule = "fixed" if reason.startswith("NaN") else "units"
                self._deviation(entry, "value_set_aside", f"{reason}; the value is not used", rule)
                return reason
        if kind == "number":
            self._number(entry, entry.text)
        elif kind == "integer":
            self._integer(entry)
        elif kind.startswith("vector"):
            self._vector(entry, kind[6:])
        elif kind in ("epoch", "time"):
            self._epoch(entry)
        elif kind in ("enum", "choice"):
            self._listed(entry)
        elif kind == "name" and mixed_case(entry.text) and self.table.clauses["text_case"]:
            self._deviation(
                entry, "mixed_case_value", "normative text is all upper or all lower case", "text_case"
            )
        if entry.unit is not None:
            self._unit(entry)
        elif entry.row.unit and self.table.kind in ("CDM", "RDM"):
            self._deviation(entry, "missing_unit", f"the unit [{entry.row.unit}] is displayed", "units")
        return ""

    def _error(self, entry: Entry, code: str, what: str) -> None:
        place = entry.place
        self.findings.error(
            code,
            what,
            place.line,
            place.column,
            keyword=entry.keyword,
            clause=entry.row.clause,
            value=entry.text,
        )

    def _deviation(self, entry: Entry, code: str, what: str, rule: str) -> None:
        place = entry.place
        self.findings.deviation(
            code, what, place.line, place.column, keyword=entry.keyword, clause=self.table.clause(rule),
            value=entry.text,
        )  # fmt: skip

    def _number(self, entry: Entry, text: str) -> None:
        if number_text(text) is None:
            self._error(entry, "bad_value", "the value is no number")
            return
        if self.form == "kvn" and (fault := number_fault(text)):
            self._deviation(entry, fault, *FAULTS[fault])
        if entry.row.limits:
            self._limits(entry, text)

    def _limits(self, entry: Entry, text: str) -> None:
        if what := limits_fault(entry.row, text):
            place = entry.place
            self.findings.deviation(
                "out_of_range", what, place.line, place.column, keyword=entry.keyword,
                clause=rule_clause(entry.row), value=text,
            )  # fmt: skip

    def _integer(self, entry: Entry) -> None:
        fault = integer_fault(entry.text)
        if fault == "bad_value":
            self._error(entry, "bad_value", "the value is no integer")
            return
        if fault:
            self._deviation(entry, fault, *FAULTS[fault])
        if entry.row.limits:
            self._limits(entry, entry.text)

    def _vector(self, entry: Entry, size: str) -> None:
        words = entry.text.split()
        if size and len(words) != int(size):
            self._error(entry, "wrong_element_count", f"{size} numbers are due, not {len(words)}")
            return
        for word in words:
            self._number(entry, word)

    def _epoch(self, entry: Entry) -> None:
        number = number_text(entry.text)
        clock = self.time_system in CLOCKS and entry.keyword != "CREATION_DATE"
        counted = number is not None and not is_epoch_shaped(entry.text)
        if counted and (clock or entry.row.kind == "time"):
            return
        fault = epoch_fault(entry.text)
        if fault:
            self._error(
                entry, fault, "no such date" if fault == "bad_date" else "the value is no date and time"
            )

    def _listed(self, entry: Entry) -> None:
        given = entry.text.replace("_", " ")
        allowed = {value.replace("_", " ") for value in entry.row.values}
        if given in allowed:
            return
        folded = {value.upper() for value in allowed}
        if given.upper() in folded:
            if mixed_case(entry.text) and self.table.clauses["text_case"]:
                self._deviation(
                    entry, "mixed_case_value", "normative text is all upper or all lower case", "text_case"
                )
            return
        shown = ", ".join(entry.row.values[:20])
        if entry.row.kind == "choice":
            place = entry.place
            self.findings.deviation(
                "unlisted_value", f"the table lists {shown}", place.line, place.column, keyword=entry.keyword,
                clause=entry.row.clause, value=entry.text,
            )  # fmt: skip
        elif entry.keyword == "TIME_SYSTEM":
            self._error(entry, "unknown_time_system", f"the time systems are {shown}")
        else:
            self._error(entry, "bad_value", f"the table allows {shown}")

    def _unit(self, entry: Entry) -> None:
        unit, allowed = entry.unit or "", entry.row.unit.split("|")
        if unit in allowed and unit:
            return
        if not entry.row.unit and unit.lower() in ("n/a", ""):
            self._deviation(entry, "unit_not_applicable", "[n/a] is not written", "no_unit")
        elif unit.lower() in [item.lower() for item in allowed]:
            self._deviation(entry, "unit_spelling", f"the unit is written {entry.row.unit}", "units")
        else:
            due = f"not {entry.row.unit}" if entry.row.unit else "where none is due"
            self._error(entry, "incompatible_units", f"the unit is {unit}, {due}")


def _unusable(entry: Entry) -> str:
    """Return why an optional number of a CDM is set aside: another unit, NaN, half a bracket.

    What follows from an encounter is in the mandatory states and covariances; an optional number that cannot
    be read is a loss of that number only. A number that is written wrong is no such case and refused.
    """
    head, bracket, _ = entry.text.rpartition(" [")
    if entry.text.lower() == "nan":
        return "NaN is no number"
    if bracket and entry.text.endswith(" [") and number_text(head.strip(" \t")) is not None:
        return "the unit is missing in its bracket"
    unit, due = entry.unit, entry.row.unit
    if unit and due and number_text(entry.text) is not None:
        return f"the unit is {unit}, not {due}" if unit.lower() != due.lower() else ""
    return ""


def _check_special_blocks(root: Block, table: MessageTable, findings: Findings) -> None:
    """Rules about blocks that no single row can state."""
    if (table.kind, table.version) == ("APM", "2.0"):
        for segment in root.blocks("segment"):
            data = segment.block("data")
            if data is not None and not data.blocks():
                findings.error(
                    "missing_block", "at least one logical block is due", data.line, clause="504.0-B-2 3.2.4"
                )
    if table.kind == "CDM":
        objects = [
            block.text("OBJECT") for segment in root.blocks("segment") for block in segment.blocks("metadata")
        ]
        if len(objects) == 2 and sorted(objects) != ["OBJECT1", "OBJECT2"]:
            findings.error(
                "bad_value", "OBJECT1 and OBJECT2 are due", keyword="OBJECT", clause="508.0-B-1 table 3-3"
            )
