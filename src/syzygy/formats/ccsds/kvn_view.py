"""KVN tokens to blocks: which block of the tables each keyword belongs to."""

from __future__ import annotations

import re

from syzygy.base.errors import FormatError
from syzygy.formats.ccsds.diagnostics import Findings
from syzygy.formats.ccsds.kvn_records import KvnRecords
from syzygy.formats.ccsds.kvn_tokens import BAD, COMMENT, DATA, MARKER, VALUE, KvnDocument, KvnToken
from syzygy.formats.ccsds.limits import MAX_SEGMENTS
from syzygy.formats.ccsds.model import Block, Comment, Entry, Place
from syzygy.formats.ccsds.tables import BlockRow, KeywordRow, MessageTable

_UNIT = re.compile(r"(.*?)([ \t]*)\[([^\[\]]*)\]", re.DOTALL)
_REMEMBERED, _LONGEST = 4096, 100
_WITH_UNITS = ("number", "integer", "vector", "epoch", "time")


def build_blocks(document: KvnDocument, table: MessageTable, findings: Findings) -> Block:
    """Return the root block of a KVN message; what does not fit is noted."""
    builder = _Builder(document, table, findings)
    builder.add_all()
    builder.finish()
    return builder.root


class _Level:
    """An open block: the marker that began it, keywords seen, blocks inside by name, and the last of them."""

    __slots__ = ("block", "counts", "last", "last_entry", "seen", "start")

    def __init__(self, block: Block, start: str = "") -> None:
        self.block = block
        self.start = start
        self.seen: dict[str, Entry] = {}
        self.counts: dict[str, int] = {}
        self.last = -1
        self.last_entry: Entry | None = None


class _Builder:
    """Walks the tokens with a stack of open blocks."""

    def __init__(self, document: KvnDocument, table: MessageTable, findings: Findings) -> None:
        self.document = document
        self.content = document.content
        self.table = table
        self.findings = findings
        self.root = Block("", 1)
        self.stack = [_Level(self.root)]
        self.pending: list[Comment] = []
        self.known: dict[str, bool] = {}
        self.paths: dict[tuple[str, str, str, bool, bool], list[BlockRow] | None] = {}

    def add_all(self) -> None:
        """Put every token of the document where it belongs."""
        content, new, pending = self.content, tuple.__new__, self.pending
        add_value, add_marker = self._value, self._marker
        for token in self.document.tokens:
            kind, line, begin, _, _, start, stop = token
            if kind == VALUE:
                add_value(token)
            elif kind == COMMENT:
                place = new(Place, (line, start - begin + 1, start, stop))
                pending.append(new(Comment, (content[start:stop].decode(), place)))
            elif kind == MARKER:
                add_marker(token)
            elif kind == DATA:
                self._data(token)
            elif kind == BAD:
                self.findings.error(
                    "bad_line", "the line is no keyword = value, comment, marker or data line", line, 1,
                    clause=self.table.clause("lines"), value=self.document.value(token),
                )  # fmt: skip

    def finish(self) -> None:
        self._flush()
        for level in self.stack:
            if level.start:
                self.findings.error(
                    "missing_block_end", f"the block begun here has no {level.start}_STOP",
                    level.block.line, 1, keyword=f"{level.start}_STOP",
                    clause=self.table.blocks[level.block.name].clause,
                )  # fmt: skip

    # keywords

    def _value(self, token: KvnToken) -> None:
        keyword = token.keyword
        if not keyword.isupper() and keyword != keyword.upper() and not keyword.startswith("USER_DEFINED_"):
            if self._knows(keyword.upper()):
                self.findings.deviation(
                    "lower_case_keyword", "keywords are upper case", token.line, 1, keyword=keyword,
                    clause=self.table.clause("keyword_case"),
                )  # fmt: skip
            keyword = keyword.upper()
        level = self.stack[-1]
        name = level.block.name
        row = self.table.find(name, keyword)
        if row is not None and keyword in level.seen:
            definition = self.table.blocks.get(name)
            if definition is not None and definition.limit != 1 and keyword == definition.first:
                self._reopen(token)
            elif not self._twice(keyword, token):
                return
        elif row is None:
            row = self._enter(keyword, token)
            if row is None:
                return
        self._append(keyword, row, token)

    def _knows(self, keyword: str) -> bool:
        """Whether the table has the keyword, remembered."""
        known = self.known.get(keyword)
        if known is None:
            known = self.table.knows(keyword)
            if len(self.known) < _REMEMBERED and len(keyword) < _LONGEST:
                self.known[keyword] = known
        return known

    def _twice(self, keyword: str, token: KvnToken) -> bool:
        """Refuse two values; the same value twice can be read, is noted and kept."""
        value = self.document.value(token)
        first = self.stack[-1].seen[keyword]
        same = value == first.text or (value.endswith("]") and _UNIT.sub(r"\1", value) == first.text)
        note = self.findings.deviation if same else self.findings.error
        note(
            "duplicate_keyword", f"the keyword stands twice in one block (first in line {first.place.line})",
            token.line, 1, keyword=keyword, clause=self.table.clause("order"), value=value,
        )  # fmt: skip
        return same

    def _append(self, keyword: str, row: KeywordRow, token: KvnToken) -> None:
        if self.pending:
            self._flush()
        level = self.stack[-1]
        last = level.last_entry
        if last is not None and last.row.order > row.order:
            self.findings.deviation(
                "keyword_order", f"stands after {last.keyword}, the table has it before", token.line, 1,
                keyword=keyword, clause=row.clause,
            )  # fmt: skip
        _, line, begin, _, _, start, stop = token
        text, unit = self.content[start:stop].decode(), None
        if text.endswith("]") and row.kind.startswith(_WITH_UNITS):
            match = _UNIT.fullmatch(text)
            if match:
                text, unit = match.group(1), match.group(3).strip()
                stop = start + len(text.encode())
                if not match.group(2):
                    self.findings.deviation(
                        "unit_without_blank", "a blank is due between the value and its unit", line,
                        stop - begin + 1, keyword=keyword, clause=self.table.clause("units"),
                    )  # fmt: skip
        new = tuple.__new__
        place = new(Place, (line, start - begin + 1, start, stop))
        entry = level.last_entry = new(Entry, (keyword, text, unit, row, place, ""))
        level.seen.setdefault(keyword, entry)
        level.block.items.append(entry)

    def _enter(self, keyword: str, token: KvnToken) -> KeywordRow | None:
        """Open the block a keyword belongs to: ahead in the tables, else behind (out of order)."""
        for ahead in (True, False):
            for depth in range(len(self.stack) - 1, -1, -1):
                path = self._path(depth, ahead, keyword=keyword)
                if path is not None:
                    if not ahead:
                        self.findings.deviation(
                            "block_order", "stands after blocks that the table puts behind it", token.line, 1,
                            keyword=keyword, clause=self.table.clause("order"),
                        )  # fmt: skip
                    self._open(depth, path, token.line)
                    return self.table.find(self.stack[-1].block.name, keyword)
                if self.stack[depth].start:
                    break
        known = self._knows(keyword)
        self.findings.error(
            "misplaced_keyword" if known else "unknown_keyword",
            "the keyword cannot stand here" if known else "no such keyword in this message version",
            token.line, 1, keyword=keyword, clause=self.table.clause("order"),
            value=self.document.value(token),
        )  # fmt: skip
        return None

    def _path(
        self, depth: int, ahead: bool, *, keyword: str = "", start: str = "", lines: bool = False
    ) -> list[BlockRow] | None:
        """Return the blocks to open below stack[depth] to reach a keyword, a start marker or data lines."""
        parent = self.stack[depth]
        for child in self.table.children.get(parent.block.name, ()):
            present = parent.counts.get(child.name, 0)
            if present and child.limit and present >= child.limit:
                continue
            if (child.order >= parent.last) != ahead:
                continue
            path = self._descend(child, keyword, start, lines, present > 0)
            if path is not None:
                return path
        return None

    def _descend(
        self, child: BlockRow, keyword: str, start: str, lines: bool, again: bool
    ) -> list[BlockRow] | None:
        """Return the blocks from a child on, remembered: they depend on the table alone."""
        key = (child.name, keyword, start, lines, again)
        if key in self.paths:
            return self.paths[key]
        path = self._search(child, keyword, start, lines, again)
        if len(self.paths) < _REMEMBERED and len(keyword) + len(start) < _LONGEST:
            self.paths[key] = path
        return path

    def _search(
        self, child: BlockRow, keyword: str, start: str, lines: bool, again: bool
    ) -> list[BlockRow] | None:
        if start and child.start == start:
            return [child]
        if child.start:
            return None
        if lines and child.lines:
            return [child]
        if keyword and self.table.find(child.name, keyword):
            return [child] if not again or keyword == child.first else None
        for inner in self.table.children.get(child.name, ()):
            path = self._descend(inner, keyword, start, lines, again)
            if path is not None:
                return [child, *path]
            if again and inner.order == self.table.children[child.name][0].order:
                return None
        return None

    # blocks

    def _open(self, depth: int, path: list[BlockRow], line: int) -> None:
        if path[-1].start and self.stack[-1].block.name == "header":
            self._flush()
        del self.stack[depth + 1 :]
        for row in path:
            self._push(row.name, line, "")
        if path[0].name == "segment" and self.stack[0].counts["segment"] > MAX_SEGMENTS:
            raise FormatError(
                "the message has too many segments", allowed=f"{MAX_SEGMENTS}", where=f"line {line}"
            )

    def _push(self, name: str, line: int, start: str) -> None:
        parent = self.stack[-1]
        block = Block(name, line, [])
        parent.block.items.append(block)
        parent.counts[name] = parent.counts.get(name, 0) + 1
        parent.last = self.table.blocks[name].order
        self.stack.append(_Level(block, start))

    def _reopen(self, token: KvnToken) -> None:
        """Begin the next block of the kind that is open (the next manoeuvre, the next covariance)."""
        level = self.stack.pop()
        self._push(level.block.name, token.line, level.start)

    def _marker(self, token: KvnToken) -> None:
        word = token.keyword.upper()
        if word != token.keyword:
            self.findings.deviation(
                "lower_case_keyword", "keywords are upper case", token.line, 1, keyword=token.keyword,
                clause=self.table.clause("keyword_case"),
            )  # fmt: skip
        if word.endswith("_STOP"):
            self._stop(word[:-5], token)
            return
        start = word[:-6]
        for depth in range(len(self.stack) - 1, -1, -1):
            path = self._path(depth, True, start=start)
            if path is not None:
                self._open(depth, path, token.line)
                self.stack[-1].start = start
                return
            if self.stack[depth].start:
                break
        self._backward_start(start, token)

    def _backward_start(self, start: str, token: KvnToken) -> None:
        for depth in range(len(self.stack) - 1, -1, -1):
            if not any(level.start for level in self.stack[depth:]):
                path = self._path(depth, False, start=start)
                if path is not None:
                    self.findings.deviation(
                        "block_order", "the table has this block before the ones above", token.line, 1,
                        keyword=f"{start}_START", clause=self.table.clause("order"),
                    )  # fmt: skip
                    self._open(depth, path, token.line)
                    self.stack[-1].start = start
                    return
        self.findings.error(
            "misplaced_keyword", "no such block can begin here", token.line, 1, keyword=f"{start}_START",
            clause=self.table.clause("order"),
        )  # fmt: skip

    def _stop(self, start: str, token: KvnToken) -> None:
        for depth in range(len(self.stack) - 1, 0, -1):
            if self.stack[depth].start:
                if self.stack[depth].start == start:
                    self._flush()
                    del self.stack[depth:]
                    return
                break
        self.findings.error(
            "misplaced_keyword", "no such block is open here", token.line, 1, keyword=f"{start}_STOP",
            clause=self.table.clause("order"),
        )  # fmt: skip

    def _data(self, token: KvnToken) -> None:
        definition = self.table.blocks.get(self.stack[-1].block.name)
        if definition is None or not definition.lines:
            path = None
            for depth in range(len(self.stack) - 1, -1, -1):
                if self.stack[depth].start or (path := self._path(depth, True, lines=True)) is not None:
                    break
            if path is None:
                self.findings.error(
                    "misplaced_data", "data lines cannot stand here", token.line, 1,
                    clause=self.table.clause("order"), value=self.document.value(token)[:60],
                )  # fmt: skip
                return
            self._open(depth, path, token.line)
            definition = path[-1]
        self._flush()
        records = KvnRecords(self.content, token.start, token.stop, token.line, definition.lines)
        self.stack[-1].block.items.append(records)

    def _flush(self) -> None:
        if self.pending:
            self.stack[-1].block.items.extend(self.pending)
            self.pending.clear()
